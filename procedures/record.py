"""The whole record except its texts, read at one position of the log.

Headers, reviews, terms and numbers are few (a manual has thousands at most), so they are read together, once per
event, and every question is answered from this one snapshot: `in_force` then runs on records, not in SQL.
`store` makes it; `kb` asks it.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, func, select

from procedures.errors import NotFound
from procedures.model import (
    Action,
    Attachment,
    Change,
    ContactDetails,
    Importance,
    LearningPoint,
    LearningStatus,
    Notice,
    NumberAlias,
    Review,
    Revision,
    RevisionKind,
    SectionKind,
    Sense,
    Term,
    in_force,
)
from procedures.schema import tables

MOST_ANSWERS = 256
"""What is worked out from one snapshot is kept up to this many answers: the days that readers ask about are few."""

_OF_A_SECTION = {"publish", "withdraw", "cancel"}
_OF_LEARNING = {"link", "unlink", "decide learning"}
"""What events of these actions change is known: the sections they are about, and reviews. After any other, all is read
again."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Record:
    """Everything known at `head`, the `seq` of the newest event.

    `revisions` are by section key, oldest first; `references` are by revision id: pairs of kind and key; `pids` leads a
    paragraph id to its section; `redactions` a body's hash to the reason it is gone, `left` to the hash of what a
    redaction has left of it;
    `unreviewed` names the revisions published by import that nobody has looked at.
    """

    head: int
    head_hash: str
    is_sample: bool
    kinds: Mapping[str, SectionKind]
    revisions: Mapping[str, tuple[Revision, ...]]
    reviews: Mapping[str, Review]
    terms: Mapping[str, Term]
    notices: tuple[Notice, ...]
    aliases: tuple[NumberAlias, ...]
    redirects: Mapping[str, str]
    references: Mapping[int, tuple[tuple[str, str], ...]]
    pids: Mapping[str, str]
    attachments: Mapping[int, tuple[Attachment, ...]]
    redactions: Mapping[str, str]
    left: Mapping[str, str]
    unreviewed: frozenset[tuple[str, int]]
    _answers: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def section(self, key: str) -> tuple[Revision, ...]:
        """Return a section's revisions, oldest first, following a redirect. Raises `NotFound`."""
        revisions = self.revisions.get(self.redirects.get(key, key))
        if not revisions:
            raise NotFound(f"There is no section '{key}' in this manual. Search for it, or look in the contents.")
        return revisions

    def revision(self, key: str, number: int) -> Revision:
        """Return one revision of a section. Raises `NotFound`."""
        revisions = self.section(key)
        for revision in revisions:
            if revision.revision == number:
                return revision
        raise NotFound(f"'{key}' has no revision {number}. It has revisions 1 to {len(revisions)}.")

    def redacted_since(self, before: "Record") -> bool:
        """Say whether anything was redacted between an earlier record and this one."""
        return (self.redactions, self.left) != (before.redactions, before.left)

    def in_force(self, on: date, known_at: datetime) -> Mapping[str, Revision]:
        """Say which text of each section applies on a day, as known at an instant; withdrawn sections are left out."""
        settled = self.settled(known_at)
        return self.once(("in force", on, settled), lambda: self._in_force(on, settled))

    def settled(self, known_at: datetime) -> datetime:
        """Return the last instant up to `known_at` that changed what is known."""
        instants = self.once("instants", lambda: sorted(_instants(self.revisions)))
        place = bisect_right(instants, known_at)
        return instants[place - 1] if place else known_at

    def once(self, question: Hashable, answer: Callable[[], T]) -> T:
        """Work something out from this snapshot once. It must depend on nothing but the snapshot and `question`."""
        if question not in self._answers:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            self._answers[question] = answer()
        found: T = self._answers[question]
        return found

    def _in_force(self, on: date, known_at: datetime) -> Mapping[str, Revision]:
        winners = {key: in_force(revisions, on, known_at) for key, revisions in self.revisions.items()}
        return {k: r for k, r in winners.items() if r is not None and r.kind is not RevisionKind.WITHDRAWAL}


def _instants(revisions: Mapping[str, tuple[Revision, ...]]) -> Iterator[datetime]:
    for revision in (each for found in revisions.values() for each in found):
        yield revision.published_at
        if revision.cancelled_at is not None:
            yield revision.cancelled_at


def read_record(connection: Connection, head: int, head_hash: str, before: Record | None = None) -> Record:
    """Read the whole record in one transaction; with the record of an earlier position, only what changed since."""
    read_on = _read_on(connection, head, head_hash, before) if before else None
    return read_on or _read_whole(connection, head, head_hash)


def _read_on(connection: Connection, head: int, head_hash: str, before: Record) -> Record | None:
    """Read the sections that the events since have touched; None where more may have changed, or the log is another."""
    log = tables.events.c
    events = connection.execute(select(log.action, log.subject).where(log.seq > before.head)).all()
    actions = {event.action for event in events}
    known = connection.scalar(select(log.hash).where(log.seq == before.head))
    if known != before.head_hash or not actions <= _OF_A_SECTION | _OF_LEARNING:
        return None
    touched = {event.subject for event in events if event.action in _OF_A_SECTION}
    revisions = {**before.revisions, **{key: read_revisions(connection, key)[key] for key in touched}}
    revisions = {key: revisions[key] for key in sorted(revisions)}
    by_id = {r.id: r for found in revisions.values() for r in found}
    ids = [revision.id for key in touched for revision in revisions[key]]
    kinds = connection.execute(select(tables.sections).where(tables.sections.c.key.in_(touched)))
    pids = connection.execute(select(tables.paragraphs).where(tables.paragraphs.c.section.in_(touched)))
    return replace(
        before,
        head=head,
        head_hash=head_hash,
        kinds={**before.kinds, **{row.key: SectionKind(row.kind) for row in kinds}},
        revisions=revisions,
        reviews=_read_reviews(connection, by_id) if actions & _OF_LEARNING else before.reviews,
        references={**before.references, **_read_references(connection, ids)},
        pids={**before.pids, **{row.pid: row.section for row in pids}},
        attachments={**before.attachments, **_read_attachments(connection, ids)},
        _answers={},
    )


def _read_whole(connection: Connection, head: int, head_hash: str) -> Record:
    """Read every row."""
    revisions = read_revisions(connection)
    by_id = {r.id: r for found in revisions.values() for r in found}
    sample = select(tables.events.c.seq).where(tables.events.c.action == "sample")
    redactions = _read_redactions(connection)
    return Record(
        head=head,
        head_hash=head_hash,
        is_sample=connection.execute(sample).first() is not None,
        kinds={row.key: SectionKind(row.kind) for row in connection.execute(select(tables.sections))},
        revisions=revisions,
        reviews=_read_reviews(connection, by_id),
        terms={row.key: _term(row) for row in connection.execute(select(tables.terms).order_by(tables.terms.c.key))},
        notices=tuple(
            Notice(row.text, date.fromisoformat(row.start), _day(row.until), row.section)
            for row in connection.execute(select(tables.notices).order_by(tables.notices.c.id))
        ),
        aliases=tuple(
            NumberAlias(row.number, row.section, row.pid, _day(row.used_from), _day(row.used_until), row.note)
            for row in connection.execute(select(tables.number_aliases).order_by(tables.number_aliases.c.id))
        ),
        redirects={row.old_key: row.section for row in connection.execute(select(tables.redirects))},
        references=_read_references(connection),
        pids={row.pid: row.section for row in connection.execute(select(tables.paragraphs))},
        attachments=_read_attachments(connection),
        redactions={row.body_hash: row.reason for row in redactions if row.left_hash is None},
        left={row.body_hash: row.left_hash for row in redactions if row.left_hash is not None},
        unreviewed=unreviewed_imports(connection),
    )


def unreviewed_imports(connection: Connection) -> frozenset[tuple[str, int]]:
    """Name the revisions (section and number) published by import that nobody has looked at yet."""
    events = tables.events.c
    found: dict[str, set[tuple[str, int]]] = {"import": set(), "look": set()}
    query = select(events.action, events.subject, events.payload).where(events.action.in_(found))
    for row in connection.execute(query):
        found[row.action].add((row.subject, json.loads(row.payload)["revision"]))
    return frozenset(found["import"] - found["look"])


def read_revisions(connection: Connection, key: str | None = None) -> dict[str, tuple[Revision, ...]]:
    """Read the revisions of every section, or of one, oldest first, by section key."""
    query = (
        select(tables.revisions, tables.cancellations.c.at.label("cancelled_at"))
        .outerjoin(tables.cancellations, tables.cancellations.c.revision_id == tables.revisions.c.id)
        .order_by(tables.revisions.c.section, tables.revisions.c.revision)
    )
    if key is not None:
        query = query.where(tables.revisions.c.section == key)
    found: dict[str, list[Revision]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.section].append(_revision(row))
    return {section: tuple(revisions) for section, revisions in found.items()}


def _revision(row: Row[Any]) -> Revision:
    return Revision(
        id=row.id,
        section=row.section,
        revision=row.revision,
        kind=RevisionKind(row.kind),
        number=row.number,
        title=row.title,
        body_hash=row.body_hash,
        content_hash=row.content_hash,
        change_note=row.change_note,
        importance=Importance(row.importance),
        author=row.author,
        approver=row.approver,
        based_on=row.based_on,
        in_force_from=date.fromisoformat(row.in_force_from),
        published_at=datetime.fromisoformat(row.published_at),
        as_recorded_by_source=bool(row.as_recorded_by_source),
        reviewed_on=_day(row.reviewed_on),
        review_due=_day(row.review_due),
        agencies=tuple(json.loads(row.agencies)),
        themes=tuple(json.loads(row.themes)),
        withdrawal_reason=row.withdrawal_reason,
        successor=row.successor,
        contact=ContactDetails(**json.loads(row.contact)) if row.contact else None,
        cancelled_at=datetime.fromisoformat(row.cancelled_at) if row.cancelled_at else None,
    )


def _read_reviews(connection: Connection, revisions: Mapping[int, Revision]) -> dict[str, Review]:
    changes = _read_changes(connection, revisions)
    points: dict[str, list[LearningPoint]] = defaultdict(list)
    query = select(tables.learning_points).order_by(tables.learning_points.c.review, tables.learning_points.c.ordinal)
    for row in connection.execute(query):
        point = LearningPoint(
            text=row.text,
            themes=tuple(json.loads(row.themes)),
            action=Action(row.action),
            status=LearningStatus(row.status),
            evidence=row.evidence,
            changes=changes.get((row.review, row.ordinal), ()),
        )
        points[row.review].append(point)
    rows = connection.execute(select(tables.reviews).order_by(tables.reviews.c.key)).all()
    return {row.key: _review(row, tuple(points[row.key])) for row in rows}


def _review(row: Row[Any], learning: tuple[LearningPoint, ...]) -> Review:
    content = json.loads(row.content)
    for name in ("themes", "good_practice"):
        content[name] = tuple(content[name])
    return Review(key=row.key, learning=learning, **content)


def _read_changes(
    connection: Connection, revisions: Mapping[int, Revision]
) -> dict[tuple[str, int], tuple[Change, ...]]:
    """Gather the links of each point: those to a revision as a whole are a change of their own."""
    pids: dict[tuple[str, int, int, bool, bool], list[str]] = defaultdict(list)
    for row in connection.execute(select(tables.learning_links).order_by(tables.learning_links.c.id)):
        link = (row.review, row.ordinal, row.revision_id, bool(row.illustrative), row.pid is None)
        pids[link].extend([row.pid] if row.pid else [])
    found: dict[tuple[str, int], list[Change]] = defaultdict(list)
    for (review, ordinal, revision_id, illustrative, _), linked in pids.items():
        revision = revisions[revision_id]
        change = Change(revision.section, revision.revision, tuple(linked), illustrative)
        found[review, ordinal].append(change)
    return {point: tuple(changes) for point, changes in found.items()}


def _term(row: Row[Any]) -> Term:
    content = json.loads(row.content)
    senses = tuple(Sense(s["meaning"], tuple(s["expands_to"]), s["section"]) for s in content.pop("senses"))
    return Term(key=row.key, senses=senses, also=tuple(content.pop("also")), **content)


def _read_references(
    connection: Connection, revisions: Collection[int] | None = None
) -> dict[int, tuple[tuple[str, str], ...]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    query = select(tables.references).order_by(tables.references.c.revision_id, tables.references.c.place)
    if revisions is not None:
        query = query.where(tables.references.c.revision_id.in_(revisions))
    for row in connection.execute(query):
        found[row.revision_id].append((row.kind, row.key))
    return {revision_id: tuple(pairs) for revision_id, pairs in found.items()}


def _read_attachments(
    connection: Connection, revisions: Collection[int] | None = None
) -> dict[int, tuple[Attachment, ...]]:
    query = (
        select(tables.attachments, func.length(tables.files.c.content).label("size"))
        .join(tables.files, tables.files.c.hash == tables.attachments.c.file)
        .order_by(tables.attachments.c.revision_id, tables.attachments.c.place)
    )
    if revisions is not None:
        query = query.where(tables.attachments.c.revision_id.in_(revisions))
    found: dict[int, list[Attachment]] = defaultdict(list)
    for row in connection.execute(query):
        attachment = Attachment(row.file, row.filename, row.media_type, row.size, row.text_equivalent)
        found[row.revision_id].append(attachment)
    return {revision_id: tuple(attached) for revision_id, attached in found.items()}


def _read_redactions(connection: Connection) -> Collection[Row[Any]]:
    """Read the newest redaction of each text that has any."""
    table = tables.redactions
    query = select(table).where(table.c.body_hash.is_not(None)).order_by(table.c.id)
    return {row.body_hash: row for row in connection.execute(query)}.values()


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
