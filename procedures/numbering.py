"""Which section carries which number from a day on, and which waiting revisions stand or fall together for it.

No two sections ever carry one number on a day, so of two that change numbers neither can be stopped alone.
`transaction` asks before it writes, `kb` before it offers to cancel. Nothing here touches a database or a clock.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

from procedures.errors import Refused
from procedures.model import Revision, RevisionKind, in_force, periods

Sections = Mapping[str, Sequence[Revision]]
"""The revisions of every section, by key."""


def carried(sections: Sections, but: Collection[str], start: date, known_at: datetime) -> dict[str, str]:
    """Say which numbers sections, all but these, carry on a day or later: number to key."""
    return {r.number: r.section for r in _numbered(sections, but, start, known_at) if r.number}


def without(sections: Sections, cancelled: Collection[Revision]) -> dict[str, list[Revision]]:
    """Leave revisions out, as if they had been cancelled."""
    gone = {r.id for r in cancelled}
    return {key: [r for r in revisions if r.id not in gone] for key, revisions in sections.items()}


def tied(sections: Sections, cancelled: Sequence[Revision], today: date, now: datetime) -> tuple[Revision, ...]:
    """List the waiting revisions that must be cancelled with these, lest two sections carry one number."""
    gone = {r.id: r for r in cancelled}
    while True:
        clashing = [holder for _, _, holder in _clashes(sections, tuple(gone.values()), now)]
        more = {r.id: r for r in clashing if r.in_force_from > today}
        if not more:
            return tuple(gone.values())[len(cancelled) :]
        gone |= more


def check_cancelled(sections: Sections, cancelled: Sequence[Revision], today: date, now: datetime) -> None:
    """Raise `Refused` where without these a section would keep a number that another takes over by then."""
    for revision, kept, holder in _clashes(sections, cancelled, now):
        together = " and ".join(r.ref for r in (*cancelled, *tied(sections, cancelled, today, now)))
        raise Refused(
            f"Without {revision.ref} the section would keep its number {kept.number}, which '{holder.section}' carries "
            f"by then. Cancel {together} together. Or renumber one of them first."
        )


def _clashes(
    sections: Sections, cancelled: Collection[Revision], now: datetime
) -> Iterator[tuple[Revision, Revision, Revision]]:
    """Yield each cancelled revision whose section would keep a number, with the text kept and that of the other."""
    left = without(sections, cancelled)
    for revision in cancelled:
        kept = in_force(left[revision.section], revision.in_force_from, now)
        if kept is None or kept.number is None or kept.kind is RevisionKind.WITHDRAWAL:
            continue
        for holder in _numbered(left, {revision.section}, revision.in_force_from, now):
            if holder.number == kept.number:
                yield revision, kept, holder


def _numbered(sections: Sections, but: Collection[str], start: date, known_at: datetime) -> Iterator[Revision]:
    """Yield what carries a number on a day or later, as known at an instant."""
    for key, revisions in sections.items():
        for period in periods(revisions, known_at) if key not in but else ():
            lasts = period.until is None or period.until >= start
            if lasts and period.revision.number and period.revision.kind is not RevisionKind.WITHDRAWAL:
                yield period.revision
