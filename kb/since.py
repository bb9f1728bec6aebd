"""What changed since a day, for somebody who read the manual then: the paragraphs whose words changed, gravest first.

`KnowledgeBase` delegates here. The text as a reader found it on that day is compared with today's by the comparison
there is (`procedures.align`); what is only moved or renumbered is left out. Nothing here is guessed from change notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum

from kb.clock import end_of_day
from kb.days import in_words
from kb.reading import Moment, name_of, name_today, number_order
from kb.telling import duties
from kb.views import SectionName
from procedures.align import Difference, ParagraphChange, compare
from procedures.errors import Invalid
from procedures.model import URGENT_HEADING, Importance, Paragraph, Revision, RevisionKind, SectionKind, in_force
from procedures.record import Record
from procedures.store import Store

MOST_COMPARED = 40
"""Sections compared paragraph by paragraph in one answer; after a great import the others are named only."""


class Became(StrEnum):
    """What became of a section since the day."""

    SAME = "same"
    CHANGED = "changed"
    NEW = "new"
    WITHDRAWN = "withdrawn"


class Gravity(IntEnum):
    """How much a changed paragraph matters to whoever follows it: the least number first."""

    ACT_NOW = 1
    DUTY = 2
    NEW = 3
    REMOVED = 4
    REWORDED = 5


@dataclass(frozen=True, slots=True)
class ChangedParagraph:
    """A paragraph whose words changed, and the revisions that changed it, oldest first.

    `duties` names what changed besides words: "must or should", "a number", "a time limit".
    """

    change: ParagraphChange
    gravity: Gravity
    duties: tuple[str, ...]
    revisions: tuple[Revision, ...]

    @property
    def major(self) -> bool:
        """Whether a major change is among those that changed it."""
        return any(revision.importance is Importance.MAJOR for revision in self.revisions)


@dataclass(frozen=True, slots=True)
class SectionSince:
    """What became of a section since a day: its changed paragraphs, gravest first, and every revision between.

    `then` is the text a reader found on that day, None where there was none; `now` is today's, or the withdrawal.
    `compared` is unset where only the section is named.
    """

    section: SectionName
    became: Became
    then: Revision | None
    now: Revision | None
    revisions: tuple[Revision, ...]
    paragraphs: tuple[ChangedParagraph, ...]
    compared: bool = True

    @property
    def major(self) -> bool:
        """Whether a major change is among those between."""
        return any(revision.importance is Importance.MAJOR for revision in self.revisions)


def changed_in_section(store: Store, record: Record, key: str, day: date, at: Moment) -> SectionSince:
    """Say what changed in a section since a day. Raises `NotFound`, and `Invalid` for a day to come."""
    _check(day, at)
    return _compared(store, _standing(record, record.section(key)[0].section, day, at))


def changed_since(store: Store, record: Record, day: date, at: Moment) -> tuple[SectionSince, ...]:
    """List the sections that changed since a day: major changes first, then the gravest. Raises `Invalid`."""
    _check(day, at)
    keys = (key for key, kind in record.kinds.items() if kind is SectionKind.PROCEDURE and key in record.revisions)
    changed = [found for found in (_standing(record, key, day, at) for key in keys) if found.became is not Became.SAME]
    changed.sort(key=lambda found: (found.became is Became.CHANGED, not found.major, -_newest(found).toordinal()))
    few = sum(found.became is not Became.CHANGED for found in changed) + MOST_COMPARED
    compared = [*(_compared(store, found) for found in changed[:few]), *changed[few:]]
    return tuple(
        sorted(compared, key=lambda found: (not found.major, _gravest(found), number_order(found.section.number)))
    )


def _check(day: date, at: Moment) -> None:
    if day > at.today:
        raise Invalid(f"{in_words(day)} has not come yet. Give the day you last read, up to today.")


def _standing(record: Record, key: str, day: date, at: Moment) -> SectionSince:
    """Say what became of a section, from headers alone.

    What was published on the day itself counts as unread: nobody knows at which hour it was read.
    """
    revisions = record.section(key)
    then = _text(in_force(revisions, day, end_of_day(day - timedelta(days=1))))
    now = in_force(revisions, at.today, at.now)
    if now is None or now is then or (then is None and _text(now) is None):
        return SectionSince(name_today(record, key, at), Became.SAME, then, now, (), ())
    became = Became.WITHDRAWN if _text(now) is None else Became.CHANGED if then else Became.NEW
    return SectionSince(name_of(now), became, then, now, _between(revisions, then, now, at), (), compared=False)


def _text(revision: Revision | None) -> Revision | None:
    return None if revision is None or revision.kind is RevisionKind.WITHDRAWAL else revision


def _between(revisions: Sequence[Revision], then: Revision | None, now: Revision, at: Moment) -> tuple[Revision, ...]:
    """List the revisions after one up to another, in the order in which they applied."""

    def applied(revision: Revision) -> tuple[date, int]:
        return revision.in_force_from, revision.revision

    after = applied(then) if then else (date.min, 0)
    found = [r for r in revisions if after < applied(r) <= applied(now)]
    return tuple(sorted((r for r in found if r.cancelled_at is None or r.cancelled_at > at.now), key=applied))


def _compared(store: Store, found: SectionSince) -> SectionSince:
    """Add the changed paragraphs to a section that changed; a new one and a withdrawn one are read as a whole."""
    paragraphs: tuple[ChangedParagraph, ...] = ()
    if found.became is Became.CHANGED and found.then and found.now:
        paragraphs = _changed(store, found.then, found.now, found.revisions)
    return SectionSince(found.section, found.became, found.then, found.now, found.revisions, paragraphs)


def _changed(
    store: Store, then: Revision, now: Revision, between: tuple[Revision, ...]
) -> tuple[ChangedParagraph, ...]:
    changes = compare(store.paragraphs(then), store.paragraphs(now))
    steps = [{p.pid: p.text for p in store.paragraphs(revision)} for revision in (then, *between)]
    found = (
        ChangedParagraph(change, _gravity(change), duties(change), _changed_by(change.pid, steps, between))
        for change in changes
        if change.change in {Difference.ADDED, Difference.REMOVED, Difference.REWORDED}
    )
    return tuple(sorted(found, key=lambda each: (each.gravity, not each.major)))


def _changed_by(pid: str, steps: Sequence[dict[str, str]], between: tuple[Revision, ...]) -> tuple[Revision, ...]:
    pairs = zip(steps, steps[1:], between, strict=False)
    return tuple(revision for before, after, revision in pairs if before.get(pid) != after.get(pid))


def _gravity(change: ParagraphChange) -> Gravity:
    if any(paragraph and _is_urgent(paragraph) for paragraph in (change.older, change.newer)):
        return Gravity.ACT_NOW
    if change.change is Difference.ADDED:
        return Gravity.NEW
    if change.change is Difference.REMOVED:
        return Gravity.REMOVED
    return Gravity.DUTY if duties(change) else Gravity.REWORDED


def _is_urgent(paragraph: Paragraph) -> bool:
    return paragraph.heading[:1] == (URGENT_HEADING,)


def _newest(found: SectionSince) -> date:
    return found.now.in_force_from if found.now else date.min


def _gravest(found: SectionSince) -> int:
    """Rank a section by the gravest of its changes; one withdrawn or new must be known of before all others."""
    if found.became in {Became.WITHDRAWN, Became.NEW}:
        return 0
    return min((each.gravity for each in found.paragraphs), default=len(Gravity) + 1)
