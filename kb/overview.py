"""The desk of an editor: what waits for whom, what is on its way, and what in the manual wants attention.

`kb.workspace` asks it. Everything is read from the record, the log and the drafts as they stand; nothing is written.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kb import updates
from kb.access import WHO_MAY, Actor, Deed
from kb.advice import broken_section
from kb.drafting import Draft, Origin, State
from kb.reading import Moment, name_of, number_order
from kb.views import SectionName, Update
from kb.workflow import Override
from procedures.model import Change, LearningPoint, LearningStatus, RevisionKind, SectionKind, Status, waiting
from procedures.record import Record
from procedures.store import Store

SOON = timedelta(days=92)
"""How far ahead a review date is worth a line: the sub-group meets every two months."""

PILE = 3
"""Review dates in one month from which on they pile up."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list, without its words. `stale` is set where something was published since it was started."""

    id: str
    section: SectionName
    state: State
    kind: RevisionKind
    origin: Origin
    in_force_from: date | None
    version: int
    saved_at: datetime
    contributors: tuple[str, ...]
    approved_by: str | None
    stale: bool


class Errand(StrEnum):
    """What somebody is asked to do."""

    WRITE = "write on"
    REVIEW = "review"
    PUBLISH = "publish"
    REVIEW_OVERRIDE = "review what was published urgently"
    LOOK = "look at what an import has published"


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for one person: a draft, or a revision (`section` and `revision`)."""

    errand: Errand
    section: SectionName
    draft: DraftLine | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """A section in force whose text is to be reviewed by a day."""

    section: SectionName
    due: date
    overdue: bool


@dataclass(frozen=True, slots=True)
class Pile:
    """A month, named by its first day, in which many texts are due to be reviewed."""

    month: date
    count: int


@dataclass(frozen=True, slots=True)
class ReviewDates:
    """When texts in force are to be reviewed: those with a date, the earliest first, and those without, by number."""

    due: tuple[ReviewDue, ...]
    undated: tuple[SectionName, ...]


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A link in the text in force that leads to nothing in force; `what` is a sentence, `cure` the next step."""

    section: SectionName
    kind: str
    key: str
    what: str
    cure: str


@dataclass(frozen=True, slots=True)
class LearningLine:
    """A learning point, counted from 1 within its review; `answered` where links lead from it to published text."""

    review: str
    review_title: str
    ordinal: int
    point: LearningPoint
    answered: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything an editor's first page shows."""

    tasks: tuple[Task, ...]
    drafts: tuple[DraftLine, ...]
    coming: tuple[Update, ...]
    due: tuple[ReviewDue, ...]
    piles: tuple[Pile, ...]
    broken: tuple[BrokenLink, ...]
    overrides: tuple[Override, ...]
    unreviewed: tuple[Update, ...]
    learning: tuple[LearningLine, ...]


def desk(
    store: Store, record: Record, at: Moment, actor: Actor, drafts: Sequence[Draft], overrides: Sequence[Override]
) -> Desk:
    """Lay out the desk for one person."""
    open_overrides = tuple(override for override in overrides if override.reviewed_by is None)
    due = review_dates(record, at)
    return Desk(
        tasks=tuple(_tasks(record, at, actor, drafts, open_overrides)),
        drafts=tuple(line_of(record, draft) for draft in drafts),
        coming=_coming(record, at),
        due=tuple(each for each in due if each.due <= at.today + SOON),
        piles=_piles(due),
        broken=broken_links(store, record, at),
        overrides=open_overrides,
        unreviewed=updates.unreviewed(record, at),
        learning=learning(record),
    )


def line_of(record: Record, draft: Draft) -> DraftLine:
    """Show a draft in a list."""
    revisions = record.revisions.get(draft.section, ())
    newest = revisions[-1].revision if revisions else None
    return DraftLine(
        id=draft.id,
        section=SectionName(draft.section, draft.content.number, draft.content.title),
        state=draft.state,
        kind=draft.facts.kind,
        origin=draft.facts.origin,
        in_force_from=draft.content.in_force_from,
        version=draft.version,
        saved_at=draft.saved_at,
        contributors=draft.contributors,
        approved_by=draft.approval.approver if draft.approval else None,
        stale=draft.state.is_open and newest != draft.facts.based_on,
    )


def review_dates(record: Record, at: Moment) -> tuple[ReviewDue, ...]:
    """List the review dates of the text in force, the earliest first."""
    found = [
        ReviewDue(name_of(revision), revision.review_due, revision.review_due < at.today)
        for revision in record.in_force(at.on, at.known_at).values()
        if revision.review_due is not None
    ]
    return tuple(sorted(found, key=lambda each: (each.due, number_order(each.section.number))))


def all_review_dates(record: Record, at: Moment) -> ReviewDates:
    """Lay out every review date of the text in force, and name the procedures that have none."""
    undated = [
        name_of(revision)
        for key, revision in record.in_force(at.on, at.known_at).items()
        if revision.review_due is None and record.kinds[key] is SectionKind.PROCEDURE
    ]
    by_number = sorted(undated, key=lambda each: number_order(each.number))
    return ReviewDates(review_dates(record, at), tuple(by_number))


def broken_links(store: Store, record: Record, at: Moment) -> tuple[BrokenLink, ...]:
    """List the links of the text in force that lead to nothing in force, by section."""
    current = record.in_force(at.on, at.known_at)
    standing = {p.pid for revision in current.values() for p in store.paragraphs(revision)}
    found: list[BrokenLink] = []
    for key, revision in current.items():
        for kind, target in dict.fromkeys(record.references.get(revision.id, ())):
            broken = None
            if kind in {"section", "contact"}:
                broken = broken_section(record, target, key, at.on, at.known_at)
            elif kind == "paragraph" and target not in standing:
                broken = f"Paragraph {target} is no longer in force.", "Link to what took its place, or to its section."
            if broken:
                found.append(BrokenLink(name_of(revision), kind, target, *broken))
    return tuple(sorted(found, key=lambda each: (number_order(each.section.number), each.key)))


def learning(record: Record) -> tuple[LearningLine, ...]:
    """List all learning points, those that are open and not answered first."""
    lines = [
        LearningLine(review.key, review.title, ordinal, point, any(_stands(record, change) for change in point.changes))
        for review in record.reviews.values()
        for ordinal, point in enumerate(review.learning, start=1)
    ]
    return tuple(sorted(lines, key=lambda each: (each.answered, each.point.status is not LearningStatus.OPEN)))


def _tasks(
    record: Record, at: Moment, actor: Actor, drafts: Sequence[Draft], overrides: Sequence[Override]
) -> list[Task]:
    def may(deed: Deed) -> bool:
        return bool(actor.roles & WHO_MAY[deed])

    found: list[Task] = []
    for draft in drafts:
        line = line_of(record, draft)
        own = draft.is_helped_by(actor.name)
        if draft.state is State.IN_REVIEW and may(Deed.APPROVE) and not own:
            found.append(Task(Errand.REVIEW, line.section, line))
        elif draft.state is State.APPROVED and may(Deed.PUBLISH):
            found.append(Task(Errand.PUBLISH, line.section, line))
        elif draft.state is State.DRAFT and may(Deed.SAVE_DRAFT) and own:
            found.append(Task(Errand.WRITE, line.section, line))
    for override in overrides:
        helped = {name.casefold() for name in (override.by, *override.contributors)}
        if may(Deed.REVIEW_OVERRIDE) and actor.name.casefold() not in helped:
            name = name_of(record.revision(override.section, override.revision))
            found.append(Task(Errand.REVIEW_OVERRIDE, name, revision=override.revision))
    for update in updates.unreviewed(record, at) if may(Deed.LOOK) else ():
        if update.revision.author.casefold() != actor.name.casefold():
            found.append(Task(Errand.LOOK, update.section, revision=update.revision.revision))
    return found


def _coming(record: Record, at: Moment) -> tuple[Update, ...]:
    found = [
        Update(name_of(revision), revision, Status.COMING)
        for revisions in record.revisions.values()
        for revision in waiting(revisions, at.today, at.now)
    ]
    return tuple(sorted(found, key=lambda each: (each.revision.in_force_from, number_order(each.section.number))))


def _piles(due: Sequence[ReviewDue]) -> tuple[Pile, ...]:
    months = Counter(each.due.replace(day=1) for each in due)
    return tuple(Pile(month, number) for month, number in sorted(months.items()) if number >= PILE)


def _stands(record: Record, change: Change) -> bool:
    return record.revision(change.section, change.revision).cancelled_at is None
