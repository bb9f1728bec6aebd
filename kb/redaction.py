"""Taking out for good what should never have been published: two people, a reason, every revision that has it.

`KnowledgeBase.redactions` is a `Redactions`. One person asks, naming a paragraph, a revision, words or a file; another
sees every place it would be taken from and agrees. A paragraph or heading gives way to a tombstone and the rest of its
text stays in force; a whole revision's text goes altogether. History, numbers, ids and the chain of the log stay whole.
Nothing here touches titles, change notes, reviews, terms or the log itself: the chain vouches for every word of them.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Text, delete, insert, select

from kb.access import Actor, Deed, require
from kb.clock import london_day
from kb.plain import haystack, holds, plain
from kb.reading import moment
from kb.references import resolve
from procedures.errors import Conflict, Invalid, NotFound, Refused
from procedures.markup import TOMBSTONE, strike
from procedures.model import Revision
from procedures.record import Record
from procedures.schema import tables
from procedures.schema.tables import redaction_requests as requests
from procedures.store import Store
from procedures.transaction import Redaction

KEPT = timedelta(days=90)
"""How long a request waits for a second person; it may hold the very words, so then it is deleted."""

SHORTEST_WORDS = 3

STILL_HELD = (
    "Backups made before, and copies that a restore has set aside in the data folder, still hold what was removed. "
    "Delete them, or restore none of them without redacting again."
)
"""What no redaction can reach."""

_TELL_NOTHING = frozenset({"redaction_requests", "accounts", "sessions", "sign_in_attempts", "bodies", "files"})
"""Tables without a word of guidance, or looked through already."""


class Kind(StrEnum):
    """What a request names."""

    PARAGRAPH = "paragraph"
    REVISION = "revision"
    WORDS = "words"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that waits for a second person. `target` is a paragraph's id, KEY@N, the words, or a file's hash."""

    id: str
    kind: Kind
    target: str
    reason: str
    requested_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A place text is taken from: a revision (KEY@N), and the paragraph there; `pid` is None for a heading.

    `text` is what stands there now.
    """

    revision: str
    pid: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another place that has the same words and is left as it is.

    `table` and `key` say which row (of a draft's earlier versions: which draft); `section` whose it is, where it is
    one's. `for_good` means that it cannot be changed (the log, an attached file's description); a draft is for its
    editors to clean, and its earlier versions go when their time is over.
    """

    table: str
    key: str
    section: str | None
    for_good: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request would take out, for the second person to look at.

    `whole` are the revisions whose text goes altogether, `files` the names of files whose bytes go, `also_in` the
    revisions that keep paragraphs of such a text. `fingerprint` says that a person has seen just this.
    """

    request: Request
    places: tuple[Place, ...]
    whole: tuple[str, ...]
    files: tuple[str, ...]
    also_in: tuple[str, ...]
    elsewhere: tuple[Elsewhere, ...]
    redaction: Redaction
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Done:
    """A redaction two people have agreed on, told from the log: `seq` is its event.

    `parts` are the revisions (KEY@N) that lost paragraphs or headings, `whole` those that lost their text, `files` the
    names of the files whose bytes went.
    """

    seq: int
    at: datetime
    reason: str
    requested_by: str
    approved_by: str
    parts: tuple[str, ...]
    whole: tuple[str, ...]
    files: tuple[str, ...]


class Redactions:
    """Requests to redact, and what becomes of them."""

    def __init__(self, store: Store, now: Callable[[], datetime], caught_up: Callable[[], object]) -> None:
        """Take the record, the clock, and what to call after a write."""
        self._store = store
        self._now = now
        self._caught_up = caught_up

    def request(self, actor: Actor, kind: Kind, target: str, reason: str) -> Request:
        """Ask for a redaction. `target` is any reference to a paragraph or KEY@N, words, or a file's name or hash.

        Raises `Forbidden`, `Invalid`, `NotFound` where nothing has it, and `Refused` for a reason that repeats it.
        """
        require(actor, Deed.REQUEST_REDACTION)
        record = self._store.record()
        named = self._named(record, kind, target)
        request = Request(secrets.token_hex(4), kind, named, reason.strip(), actor.name, self._now().astimezone(UTC))
        found = self._planned(record, request)
        _check(found)
        with self._store.write(actor.name, self._now) as transaction:
            _forget(transaction.connection, transaction.at)
            row = {**asdict(request), "at": request.at.isoformat()}
            transaction.connection.execute(insert(requests).values(row))
            told = {"request": request.id, "kind": kind, "reason": request.reason}
            transaction.append("request redaction", found.redaction.subject, told)
        self._caught_up()
        return request

    def waiting(self, actor: Actor) -> tuple[Request, ...]:
        """List the requests that wait, the oldest first. Raises `Forbidden`."""
        require(actor, Deed.READ_REDACTIONS)
        with self._store.write(actor.name, self._now) as transaction:
            _forget(transaction.connection, transaction.at)
            rows = transaction.connection.execute(select(requests).order_by(requests.c.at, requests.c.id))
            return tuple(_request(row) for row in rows)

    def done(self, actor: Actor) -> tuple[Done, ...]:
        """List the redactions that were agreed on, the newest first. Raises `Forbidden`."""
        require(actor, Deed.READ_REDACTIONS)
        events, record = tables.events, self._store.record()
        with self._store.read() as connection:
            query = select(events).where(events.c.action == "redact").order_by(events.c.seq.desc())
            return tuple(_done(row, record) for row in connection.execute(query))

    def plan(self, actor: Actor, request: str) -> Plan:
        """Show what a request would take out, as the manual stands now. Raises `Forbidden` or `NotFound`."""
        require(actor, Deed.READ_REDACTIONS)
        with self._store.read() as connection:
            asked = _waiting(connection, request)
        return self._planned(self._store.record(), asked)

    def agree(self, actor: Actor, request: str, fingerprint: str) -> bool:
        """Take out what a plan of this fingerprint shows, in one transaction, and from the index.

        Returns whether the database's files are rid of it already; if not, they are with the next quiet moment. Raises
        `Forbidden`, `NotFound`, `Refused` for whoever asked for it, and `Conflict` where the plan is another by now.
        """
        require(actor, Deed.AGREE_REDACTION)
        # Worked out before the transaction, which keeps all other writers waiting; any event since then is too much.
        record = self._store.record()
        found = self.plan(actor, request)
        with self._store.write(actor.name, self._now) as transaction:
            _waiting(transaction.connection, request)
            if found.fingerprint != fingerprint or self._store.head() != (record.head, record.head_hash):
                raise Conflict("The manual has changed since you looked. Look at what would be removed once more.")
            transaction.redact(found.redaction)
            _delete(transaction.connection, request)
        self._caught_up()
        return self._store.forget()

    def refuse(self, actor: Actor, request: str, reason: str) -> None:
        """Turn a request down, or take one's own back. Raises `Forbidden`, `NotFound`, or `Refused` without reason."""
        require(actor, Deed.REQUEST_REDACTION)
        with self._store.write(actor.name, self._now) as transaction:
            asked = _waiting(transaction.connection, request)
            if not reason.strip():
                raise Refused("Say in a sentence why this is not to be removed.")
            _check_reason(reason, _patterns(transaction.connection, self._store.record(), asked))
            _delete(transaction.connection, request)
            told = {"request": request, "kind": asked.kind, "reason": reason.strip()}
            transaction.append("refuse redaction", "manual", told)
        self._caught_up()
        self._store.forget()

    def _planned(self, record: Record, request: Request) -> Plan:
        with self._store.read() as connection:
            return _plan(connection, record, request)

    def _named(self, record: Record, kind: Kind, target: str) -> str:
        """Say precisely what is named. Raises `Invalid` or `NotFound`."""
        if kind is Kind.WORDS:
            if len(plain(target)) < SHORTEST_WORDS:
                raise Invalid(f"Give at least {SHORTEST_WORDS} letters of the words to remove.")
            return target.strip()
        if kind is Kind.FILE:
            return _file_named(record, target)
        now = self._now()
        found = resolve(self._store, record, target, moment(now, london_day(now), None, None))
        if kind is Kind.PARAGRAPH and found.pid:
            return found.pid
        if kind is Kind.REVISION and found.revision is not None:
            return f"{found.key}@{found.revision}"
        raise Invalid(f"'{target}' is not a {kind}. Name a paragraph like p-7f3k2m, or a revision like brue@3.")


def _plan(connection: Connection, record: Record, request: Request) -> Plan:
    standing = _standing(connection, record)
    patterns = _patterns(connection, record, request)
    places: list[Place] = []
    bodies: dict[str, str | None] = {}
    whole: list[str] = []
    also_in: list[str] = []
    for digest, (html, revisions) in standing.items():
        refs = [revision.ref for revision in revisions]
        if request.kind is Kind.REVISION and request.target in refs:
            bodies[digest] = None
            whole += refs
            continue
        struck: list[tuple[str | None, str]] = []
        left = html
        if request.kind is not Kind.FILE and _may_hold(html, request, patterns):
            left = strike(html, _chooser(request, patterns, struck))
        if struck and request.kind is Kind.REVISION:
            also_in += refs
        elif struck:
            bodies[digest] = left
            places += [Place(ref, pid, text) for ref in refs for pid, text in struck]
    files = [request.target] if request.kind is Kind.FILE and _has_bytes(connection, request.target) else []
    keys = {ref.partition("@")[0] for ref in (*whole, *(place.revision for place in places))}
    redaction = Redaction(
        request.id,
        keys.pop() if len(keys) == 1 else "manual",
        request.reason,
        request.requested_by,
        bodies,
        files,
    )
    return Plan(
        request,
        tuple(places),
        tuple(whole),
        tuple(_file_names(record, request.target)) if files else (),
        tuple(also_in),
        tuple(dict.fromkeys(_elsewhere(connection, request, patterns))),
        redaction,
        _fingerprint(redaction),
    )


def _standing(connection: Connection, record: Record) -> dict[str, tuple[str, list[Revision]]]:
    """Read every text that still stands, with the revisions that have it."""
    rows = connection.execute(select(tables.bodies).where(tables.bodies.c.html.is_not(None)))
    texts = {row.hash: row.html for row in rows if row.html}
    found: dict[str, tuple[str, list[Revision]]] = {}
    for revision in (each for revisions in record.revisions.values() for each in revisions):
        if revision.body_hash in texts:
            found.setdefault(revision.body_hash, (texts[revision.body_hash], []))[1].append(revision)
    return found


def _patterns(connection: Connection, record: Record, request: Request) -> frozenset[str]:
    """Write in plain letters what is looked for: the words, or the texts of the paragraphs named."""
    if request.kind is Kind.WORDS:
        return frozenset({plain(request.target)})
    found: set[str] = set()

    def gather(pid: str | None, text: str, _: str) -> bool:
        if pid is not None and (request.kind is Kind.REVISION or pid == request.target):
            found.add(plain(text))
        return False

    for html, revisions in _standing(connection, record).values():
        refs = {revision.ref for revision in revisions}
        if request.target in refs or (request.kind is Kind.PARAGRAPH and request.target in html):
            strike(html, gather)
    return frozenset(found - {"", plain(TOMBSTONE)})


def _chooser(
    request: Request, patterns: frozenset[str], struck: list[tuple[str | None, str]]
) -> Callable[[str | None, str, str], bool]:
    """Make what chooses paragraphs and headings, and notes down in `struck` those it has chosen."""

    def chosen(pid: str | None, text: str, beside: str) -> bool:
        if request.kind is Kind.WORDS:
            wanted = holds(plain(text), patterns) or holds(plain(beside), patterns)
        else:
            wanted = pid is not None and (plain(text) in patterns or (pid == request.target and text != TOMBSTONE))
        if wanted:
            struck.append((pid, text))
        return wanted

    return chosen


def _may_hold(html: str, request: Request, patterns: Collection[str]) -> bool:
    """Pass over texts that cannot have it: to read each as HTML would take a large manual half a minute."""
    letters = haystack(html).replace(" ", "")
    return request.target in html or any(pattern.replace(" ", "") in letters for pattern in patterns)


def _elsewhere(connection: Connection, request: Request, patterns: Collection[str]) -> Iterator[Elsewhere]:
    """Look through what the log tells and everything it does not tell of: drafts, proposals, readers' words."""
    for table in tables.metadata.sorted_tables:
        if table.name in _TELL_NOTHING or ("seq" in table.c and table is not tables.events):
            continue
        for_good = table in {tables.events, tables.attachments}
        texts = [column for column in table.c if isinstance(column.type, Text)]
        for row in connection.execute(select(table)).mappings() if texts else ():
            values = [str(row[column.name] or "") for column in texts]
            if any(_tells(value, request, patterns, for_good) for value in values):
                key = row.get("draft") or " ".join(str(row[column.name]) for column in table.primary_key)
                yield Elsewhere(table.name, key, row.get("section"), for_good)


def _tells(value: str, request: Request, patterns: Collection[str], for_good: bool) -> bool:
    by_id = request.kind is Kind.PARAGRAPH and not for_good and value != request.target and request.target in value
    return by_id or holds(haystack(value), patterns)


def _check(plan: Plan) -> None:
    request = plan.request
    if not request.reason:
        raise Refused("A redaction needs its reason. Say in a sentence why, without repeating what is to be removed.")
    if not (plan.redaction.bodies or plan.redaction.files):
        raise NotFound(
            "No text of the manual has this, so there is nothing to remove. Check the words or the reference."
        )
    _check_reason(request.reason, {plain(request.target), *(plain(place.text) for place in plan.places)})


def _check_reason(reason: str, patterns: Collection[str]) -> None:
    if holds(plain(reason), patterns):
        raise Refused("The reason repeats what is to be removed, and the log keeps it for ever. Write it without.")


def _waiting(connection: Connection, request: str) -> Request:
    row = connection.execute(select(requests).where(requests.c.id == request)).first()
    if row is None:
        raise NotFound(
            f"No request '{request}' waits for anybody: it has been decided, or was deleted after {KEPT.days} days. "
            "Look in the list of requests (on the command line: kb redact list)."
        )
    return _request(row)


def _request(row: Row[Any]) -> Request:
    return Request(row.id, Kind(row.kind), row.target, row.reason, row.requested_by, datetime.fromisoformat(row.at))


def _done(row: Row[Any], record: Record) -> Done:
    told = json.loads(row.payload)
    named: dict[str, list[str]] = {digest: [] for digest in told["bodies"]}
    for revision in (each for revisions in record.revisions.values() for each in revisions):
        if revision.body_hash in named:
            named[revision.body_hash].append(revision.ref)
    return Done(
        seq=row.seq,
        at=datetime.fromisoformat(row.at),
        reason=told["reason"],
        requested_by=told["requested_by"],
        approved_by=row.actor,
        parts=tuple(sorted(ref for digest, left in told["bodies"].items() if left for ref in named[digest])),
        whole=tuple(sorted(ref for digest, left in told["bodies"].items() if not left for ref in named[digest])),
        files=tuple(name for digest in told["files"] for name in _file_names(record, digest)),
    )


def _delete(connection: Connection, request: str) -> None:
    connection.execute(delete(requests).where(requests.c.id == request))


def _forget(connection: Connection, at: datetime) -> None:
    connection.execute(delete(requests).where(requests.c.at < (at - KEPT).isoformat()))


def _file_named(record: Record, target: str) -> str:
    attached = [each for held in record.attachments.values() for each in held]
    found = {each.hash for each in attached if target in (each.hash, each.filename)}
    if not found:
        raise NotFound(f"No revision has a file '{target}'. Give its name, or the hash in its address.")
    if len(found) > 1:
        raise Invalid(f"{len(found)} files are called '{target}'. Name one by the hash in its address.")
    return found.pop()


def _file_names(record: Record, digest: str) -> Iterator[str]:
    revisions = {each.id: each.ref for held in record.revisions.values() for each in held}
    for revision_id, held in record.attachments.items():
        yield from (f"{each.filename} ({revisions[revision_id]})" for each in held if each.hash == digest)


def _has_bytes(connection: Connection, digest: str) -> bool:
    files = tables.files.c
    return bool(connection.scalar(select(files.content != b"").where(files.hash == digest)))


def _fingerprint(redaction: Redaction) -> str:
    told: Mapping[str, Any] = {"bodies": dict(redaction.bodies), "files": list(redaction.files)}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
