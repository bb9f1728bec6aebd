"""What can be written to the record, each with the event that tells of it.

`Store.write` makes a `Transaction` and commits it. Every method checks its rule and appends its event in the same
database transaction; whoever wants to know what can happen to the record reads the public names here.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from procedures import numbering
from procedures.errors import NotFound, Refused
from procedures.markup import paragraphs, references
from procedures.model import (
    Change,
    LearningPoint,
    Notice,
    NumberAlias,
    Review,
    Revision,
    RevisionKind,
    SectionKind,
    Term,
    in_force,
)
from procedures.publication import (
    AttachedFile,
    Prepared,
    Proposal,
    check,
    check_decision,
    check_free,
    prepare,
)
from procedures.record import read_revisions, unreviewed_imports
from procedures.schema import tables


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is taken out for good: what is left of each body (None: nothing), by its hash, and files by theirs.

    `id` names the request, `subject` the section or `manual`; `reason` is public and stays in the log.
    """

    id: str
    subject: str
    reason: str
    requested_by: str
    bodies: Mapping[str, str | None]
    files: Collection[str] = ()


class Transaction:
    """One write to the record."""

    def __init__(self, connection: Connection, actor: str, at: datetime) -> None:
        """Take an open connection on which a write transaction has begun; `at` is in UTC."""
        self._connection = connection
        self._actor = actor
        self._at = at

    @property
    def connection(self) -> Connection:
        """The connection, for working matter that must become visible together with the record."""
        return self._connection

    @property
    def at(self) -> datetime:
        """The instant of this write, in UTC."""
        return self._at

    @property
    def actor(self) -> str:
        """Who writes, under the name the log carries."""
        return self._actor

    def newest(self, section: str) -> int | None:
        """Return the number of a section's newest revision, None where it has none."""
        return max((revision.revision for revision in self._section(section)), default=None)

    def prepared(self, proposal: Proposal) -> Prepared:
        """Work out what a proposal would become, with its paragraphs' ids. Raises what `prepare` raises."""
        revisions = self._section(proposal.section)
        return prepare(proposal, len(revisions) + 1, self._texts(revisions), self._pids())

    def checked(self, proposal: Proposal, today: date, renumbered: frozenset[str] = frozenset()) -> Prepared:
        """Apply the rules as `publish` would, and say what the proposal would become.

        Left out of account, because it is decided at publication: texts that wait to come into force, those of other
        sections that stand or fall with them, and the numbers of the sections that are to be `renumbered`.
        """
        revisions = self._section(proposal.section)
        self._check_kind(proposal)
        until = max(today, proposal.in_force_from)
        aside = [r if r.in_force_from <= until else replace(r, cancelled_at=self._at) for r in revisions]
        held = [r for r in revisions if r.in_force_from > until and r.cancelled_at is None]
        sections = read_revisions(self._connection)
        left = numbering.without(sections, numbering.tied(sections, held, today, self._at))
        numbers = numbering.carried(left, {proposal.section} | renumbered, proposal.in_force_from, self._at)
        check(proposal, aside, numbers, today, self._at)
        return self.prepared(proposal)

    def same_text(self, proposal: Proposal, prepared: Prepared) -> int | None:
        """Return the revision that says on the proposal's day what the proposal says: number, title, text and files."""
        applying = in_force(self._section(proposal.section), proposal.in_force_from, self._at)
        if applying is None or applying.kind is RevisionKind.WITHDRAWAL:
            return None
        places = tables.attachments.c
        query = select(places.file).where(places.revision_id == applying.id).order_by(places.place)
        held = list(self._connection.scalars(query))
        given = [hashlib.sha256(file.content).hexdigest() for file in proposal.attachments]
        same = (applying.number, applying.title, applying.body_hash, held) == (
            proposal.number,
            proposal.title,
            prepared.body_hash,
            given,
        )
        return applying.revision if same else None

    def publish(
        self,
        proposal: Proposal,
        today: date,
        imported: Mapping[str, Any] | None = None,
        together: frozenset[str] = frozenset(),
    ) -> Revision:
        """Make a proposal the next revision of its section. Raises what `publication.check` and `prepare` raise.

        `imported` is what the source said about a text published by import; the log then says `import`, and the
        revision counts as not reviewed until somebody has looked (`look`). `together` names the sections published with
        it; when all are there, `check_numbers` looks at their numbers.
        """
        revisions = self._section(proposal.section)
        self._check_kind(proposal)
        numbers = self._numbers({proposal.section} | together, proposal.in_force_from)
        check(proposal, revisions, numbers, today, self._at)
        number = len(revisions) + 1
        prepared = prepare(proposal, number, self._texts(revisions), self._pids())
        self._check_not_redacted(prepared)
        header = self._header(proposal, prepared, number)
        action = "publish" if imported is None else "import"
        seq = self.append(
            "withdraw" if proposal.kind is RevisionKind.WITHDRAWAL else action,
            proposal.section,
            {**header, **({} if imported is None else {"source": imported})},
        )
        revision_id = self._insert_revision(proposal, prepared, header, seq)
        self._insert_paragraphs(proposal, prepared, number, revision_id)
        self._insert_files(proposal.attachments, revision_id)
        return self._section(proposal.section)[-1]

    def check_numbers(self, published: Sequence[Revision]) -> None:
        """Raise `Refused` where of texts published together one has the number another section carries on its day."""
        for revision in published:
            if revision.kind is not RevisionKind.WITHDRAWAL:
                check_free(revision.number, self._numbers({revision.section}, revision.in_force_from))

    def cancel(
        self, section: str, revision: int, reason: str, today: date, also: Sequence[tuple[str, int]] = ()
    ) -> None:
        """Cancel a revision that is not yet in force, and others (key, revision) with it: all, or none where refused.

        Numbers are looked at as they are without all of them (`numbering.tied`). Raises `NotFound` or `Refused`.
        """
        found = [self._revision(*each) for each in dict.fromkeys([(section, revision), *also])]
        for each in found:
            _check_waits(each, today)
        if not reason.strip():
            raise Refused("A cancellation needs its reason. Say in a sentence why.")
        numbering.check_cancelled(read_revisions(self._connection), found, today, self._at)
        for each in found:
            seq = self.append("cancel", each.section, {"revision": each.revision, "reason": reason})
            self._insert(tables.cancellations, revision_id=each.id, at=self._at.isoformat(), reason=reason, seq=seq)

    def redact(self, request: Redaction) -> int:
        """Take texts and files out for good, as two people have agreed; return the `seq` of the event that says so.

        The actor is the second of the two. Raises `Refused` where the two are one, or there is nothing to take out.
        """
        if request.requested_by.casefold() == self._actor.casefold():
            raise Refused("Whoever asked for a redaction does not agree to it. Let somebody else look.")
        if not (request.bodies or request.files):
            raise Refused("There is nothing left to take out. Look at the request again.")
        left = {digest: html and hashlib.sha256(html.encode()).hexdigest() for digest, html in request.bodies.items()}
        told = {"request": request.id, "reason": request.reason, "requested_by": request.requested_by}
        seq = self.append("redact", request.subject, {**told, "bodies": left, "files": list(request.files)})
        people = {"reason": request.reason, "requested_by": request.requested_by, "approved_by": self._actor}
        for digest, html in request.bodies.items():
            self._insert(tables.redactions, body_hash=digest, left_hash=left[digest], **people, seq=seq)
            bodies = tables.bodies
            self._connection.execute(update(bodies).where(bodies.c.hash == digest).values(html=html))
        for digest in request.files:
            self._insert(tables.redactions, file_hash=digest, **people, seq=seq)
            self._connection.execute(update(tables.files).where(tables.files.c.hash == digest).values(content=b""))
        return seq

    def look(self, section: str, revision: int) -> None:
        """Record that somebody has looked at a text published by import. Raises `NotFound` or `Refused`."""
        found = self._revision(section, revision)
        if (section, revision) not in unreviewed_imports(self._connection):
            raise Refused(f"{section}@{revision} is not waiting to be looked at. Nothing needs doing.")
        if found.author.casefold() == self._actor.casefold():
            raise Refused("Whoever brought a text in does not review it. Let somebody else look.")
        self.append("look", section, {"revision": revision})

    def record_review(self, review: Review) -> None:
        """Write a review and its learning, in place of an earlier record of the same key; links are kept apart.

        Raises `Refused` where a learning point that is linked to paragraphs would change its words or its place.
        """
        self._check_linked_points(review)
        content = {k: v for k, v in asdict(review).items() if k not in {"key", "learning"}}
        points = [{k: v for k, v in asdict(p).items() if k != "changes"} for p in review.learning]
        seq = self.append("review", review.key, {**content, "learning": points})
        row = {"key": review.key, "content": _json(content), "seq": seq}
        statement = insert_or(tables.reviews).values(row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=row))
        self._connection.execute(delete(tables.learning_points).where(tables.learning_points.c.review == review.key))
        for ordinal, point in enumerate(points, start=1):
            row = {**point, "themes": _json(point["themes"])}
            self._insert(tables.learning_points, review=review.key, ordinal=ordinal, **row)

    def link_learning(self, review: str, ordinal: int, change: Change) -> None:
        """Tie a review's learning point (counted from 1) to the revision and paragraphs that answer it.

        Raises `NotFound` where the point, the revision or a paragraph of it does not exist.
        """
        points = tables.learning_points.c
        point = select(points.ordinal).where(points.review == review, points.ordinal == ordinal)
        if self._connection.execute(point).first() is None:
            raise NotFound(f"Review '{review}' has no learning point {ordinal}. Look at the review first.")
        strangers = set(change.pids) - set(self.placed(change.section, change.revision))
        if strangers:
            raise NotFound(
                f"{min(strangers)} is not a paragraph of {change.section}@{change.revision}. Choose one that is."
            )
        revision = self._revision(change.section, change.revision)
        held = self._linked(review, ordinal, revision.id)
        new = [pid for pid in change.pids or (None,) if pid not in held]
        if not new:
            raise Refused("This link is there already. Nothing needs doing.")
        linked = replace(change, pids=tuple(pid for pid in new if pid))
        seq = self.append("link", review, {"learning": ordinal, **asdict(linked)})
        for pid in new:
            self._insert(
                tables.learning_links,
                review=review,
                ordinal=ordinal,
                revision_id=revision.id,
                pid=pid,
                illustrative=int(change.illustrative),
                seq=seq,
            )

    def unlink_learning(self, review: str, ordinal: int, change: Change, reason: str) -> None:
        """Withdraw links from a learning point; that they were there, and why they went, stays in the log.

        Raises `NotFound` where one is not there, and `Refused` without a reason.
        """
        if not reason.strip():
            raise Refused("Withdrawing a link needs its reason. Say in a sentence why.")
        revision = self._revision(change.section, change.revision)
        gone = set(change.pids or (None,))
        if gone - self._linked(review, ordinal, revision.id):
            raise NotFound("That link is not there any more. Look at the learning point again.")
        told = {"section": change.section, "revision": change.revision, "pids": change.pids, "reason": reason.strip()}
        self.append("unlink", review, {"learning": ordinal, **told})
        links = tables.learning_links
        mine = (links.c.review == review, links.c.ordinal == ordinal, links.c.revision_id == revision.id)
        which = links.c.pid.in_(change.pids) if change.pids else links.c.pid.is_(None)
        self._connection.execute(delete(links).where(*mine, which))

    def decide_learning(self, review: str, ordinal: int, point: LearningPoint, reason: str) -> None:
        """Give a learning point another action, status and evidence. Raises `Refused` for what would say nothing."""
        check_decision(point, reason)
        decided = {"action": point.action, "status": point.status, "evidence": point.evidence.strip()}
        self.append("decide learning", review, {"learning": ordinal, **decided, "reason": reason.strip()})
        points = tables.learning_points
        which = (points.c.review == review, points.c.ordinal == ordinal)
        self._connection.execute(update(points).where(*which).values(decided))

    def record_term(self, term: Term) -> None:
        """Write a term, in place of an earlier record of the same key."""
        content = {k: v for k, v in asdict(term).items() if k != "key"}
        seq = self.append("term", term.key, content)
        row = {"key": term.key, "content": _json(content), "seq": seq}
        statement = insert_or(tables.terms).values(row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=row))

    def record_notice(self, notice: Notice) -> None:
        """Write a dated notice above one section or all."""
        row = {
            "section": notice.section,
            "text": notice.text,
            "start": notice.start.isoformat(),
            "until": _iso(notice.until),
        }
        self._insert(tables.notices, seq=self.append("notice", notice.section or "manual", row), **row)

    def record_alias(self, alias: NumberAlias) -> None:
        """Write a number that a section or paragraph carried elsewhere or earlier."""
        row = {**asdict(alias), "used_from": _iso(alias.used_from), "used_until": _iso(alias.used_until)}
        self._insert(tables.number_aliases, seq=self.append("alias", alias.section, row), **row)

    def record_redirect(self, old_key: str, section: str) -> None:
        """Lead an old key to the section that took its place."""
        row = {"old_key": old_key, "section": section}
        self._insert(tables.redirects, seq=self.append("redirect", section, row), **row)

    def placed(self, section: str, revision: int) -> list[str]:
        """Return the paragraph ids of a revision in order. Raises `NotFound`."""
        found = self._revision(section, revision)
        placed = tables.placements.c
        query = select(placed.pid).where(placed.revision_id == found.id).order_by(placed.ordinal)
        return list(self._connection.scalars(query))

    def keep_file(self, file: AttachedFile) -> str:
        """Keep a file's bytes and return their hash."""
        digest = hashlib.sha256(file.content).hexdigest()
        content = {"hash": digest, "content": file.content}
        self._connection.execute(insert_or(tables.files).values(content).on_conflict_do_nothing())
        return digest

    def append(self, action: str, subject: str, payload: Mapping[str, Any]) -> int:
        """Append one event to the log and return its `seq`."""
        events = tables.events.c
        newest = self._connection.execute(select(events.seq, events.hash).order_by(events.seq.desc()).limit(1)).first()
        seq, before = (newest.seq + 1, newest.hash) if newest else (1, "0" * 64)
        at, words = self._at.isoformat(), _json(payload)
        self._insert(
            tables.events,
            seq=seq,
            at=at,
            actor=self._actor,
            action=action,
            subject=subject,
            payload=words,
            hash_before=before,
            hash=event_hash(seq, at, self._actor, action, subject, words, before),
        )
        return int(seq)

    def _check_linked_points(self, review: Review) -> None:
        links, points = tables.learning_links.c, tables.learning_points.c
        query = (
            select(points.ordinal, points.text)
            .where(points.review == review.key)
            .where(points.ordinal.in_(select(links.ordinal).where(links.review == review.key)))
        )
        texts = dict(enumerate((point.text for point in review.learning), start=1))
        for row in self._connection.execute(query):
            if texts.get(row.ordinal) != row.text:
                raise Refused(
                    f"Learning point {row.ordinal} of this review is linked to paragraphs: its words and place stay. "
                    "Add new points after it."
                )

    def _linked(self, review: str, ordinal: int, revision_id: int) -> set[str | None]:
        """Read which paragraphs of a revision a learning point is linked to; None stands for the whole of it."""
        links = tables.learning_links.c
        mine = (links.review == review, links.ordinal == ordinal, links.revision_id == revision_id)
        return set(self._connection.scalars(select(links.pid).where(*mine)))

    def _insert(self, table: Any, **row: Any) -> None:
        self._connection.execute(insert(table).values(**row))

    def _insert_all(self, table: Any, rows: Iterable[dict[str, Any]]) -> None:
        if given := list(rows):
            self._connection.execute(insert(table), given)

    def _revision(self, section: str, revision: int) -> Revision:
        found = next((r for r in self._section(section) if r.revision == revision), None)
        if found is None:
            raise NotFound(f"There is no {section}@{revision}. Look at the section's history.")
        return found

    def _check_kind(self, proposal: Proposal) -> None:
        kind = self._connection.scalar(select(tables.sections.c.kind).where(tables.sections.c.key == proposal.section))
        if kind is not None and kind != proposal.section_kind:
            raise Refused(f"'{proposal.section}' is a {kind}, and this is a {proposal.section_kind}. Use another key.")

    def _check_not_redacted(self, prepared: Prepared) -> None:
        redactions = tables.redactions.c
        query = select(redactions.id).where(redactions.body_hash == prepared.body_hash).limit(1)
        if self._connection.scalar(query) is not None:
            raise Refused("This is a text that two people have had removed. Publish it without what was removed.")

    def _section(self, key: str) -> tuple[Revision, ...]:
        return read_revisions(self._connection, key).get(key, ())

    def _numbers(self, but: Collection[str], start: date) -> dict[str, str]:
        """Read which numbers sections, all but these, carry on a day or later, as known now."""
        return numbering.carried(read_revisions(self._connection), but, start, self._at)

    def _texts(self, revisions: Sequence[Revision]) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        for revision in reversed(revisions):
            html = self._connection.scalar(
                select(tables.bodies.c.html).where(tables.bodies.c.hash == revision.body_hash)
            )
            found.append({p.pid: p.text for p in paragraphs(html or "", revision.number)})
        return found

    def _pids(self) -> set[str]:
        return set(self._connection.scalars(select(tables.paragraphs.c.pid)))

    def _header(self, proposal: Proposal, prepared: Prepared, number: int) -> dict[str, Any]:
        """Write out a revision's row. The log carries the whole of it, so that its chain vouches for every word."""
        return {
            "revision": number,
            "kind": proposal.kind,
            "number": proposal.number if proposal.section_kind is SectionKind.PROCEDURE else None,
            "title": proposal.title.strip(),
            "body_hash": prepared.body_hash,
            "content_hash": prepared.content_hash,
            "change_note": proposal.change_note.strip(),
            "importance": proposal.importance,
            "author": proposal.author,
            "approver": proposal.approver,
            "based_on": proposal.based_on,
            "in_force_from": proposal.in_force_from.isoformat(),
            "published_at": (proposal.published_at or self._at).astimezone(UTC).isoformat(),
            "as_recorded_by_source": int(proposal.published_at is not None),
            "reviewed_on": _iso(proposal.reviewed_on),
            "review_due": _iso(proposal.review_due),
            "agencies": _json(proposal.agencies),
            "themes": _json(proposal.themes),
            "withdrawal_reason": proposal.withdrawal_reason,
            "successor": proposal.successor,
            "contact": _json(asdict(proposal.contact)) if proposal.contact else None,
        }

    def _insert_revision(self, proposal: Proposal, prepared: Prepared, header: Mapping[str, Any], seq: int) -> int:
        kind = {"key": proposal.section, "kind": proposal.section_kind}
        self._connection.execute(insert_or(tables.sections).values(kind).on_conflict_do_nothing())
        body = {"hash": prepared.body_hash, "html": prepared.body}
        self._connection.execute(insert_or(tables.bodies).values(body).on_conflict_do_nothing())
        row = {"section": proposal.section, **header, "seq": seq}
        return int(self._connection.execute(insert(tables.revisions).values(row)).lastrowid)

    def _insert_paragraphs(self, proposal: Proposal, prepared: Prepared, number: int, revision_id: int) -> None:
        placed = list(zip(prepared.paragraphs, prepared.matches, strict=True))
        new = [paragraph.pid for paragraph, match in placed if match.pid is None]
        of = {"revision_id": revision_id}
        self._insert_all(
            tables.paragraphs, ({"pid": pid, "section": proposal.section, "first_revision": number} for pid in new)
        )
        self._insert_all(
            tables.placements,
            (
                {**of, "ordinal": p.ordinal, "pid": p.pid, "how": match.how, "likeness": str(match.likeness)}
                for p, match in placed
            ),
        )
        self._insert_all(
            tables.references,
            ({**of, "place": n, **asdict(each)} for n, each in enumerate(references(prepared.body), start=1)),
        )

    def _insert_files(self, attached: Sequence[AttachedFile], revision_id: int) -> None:
        for place, file in enumerate(attached, start=1):
            self._insert(
                tables.attachments,
                revision_id=revision_id,
                place=place,
                file=self.keep_file(file),
                filename=file.filename,
                media_type=file.media_type,
                text_equivalent=file.text_equivalent,
            )


def event_hash(seq: int, at: str, actor: str, action: str, subject: str, payload: str, before: str) -> str:
    """Chain an event: SHA-256 over its fields and the hash of the event before it."""
    return hashlib.sha256(json.dumps([seq, at, actor, action, subject, payload, before]).encode()).hexdigest()


def _check_waits(revision: Revision, today: date) -> None:
    if revision.cancelled_at is not None:
        raise Refused(f"{revision.ref} is cancelled already. Nothing needs doing.")
    if revision.in_force_from <= today:
        raise Refused(f"{revision.ref} is in force already. Publish a correction or withdraw the section instead.")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
