"""What stands around a section: the ones before and after it in the contents, those it refers to, those like it.

`KnowledgeBase` delegates here. All of it is as of the day of the text being read; likeness is offered beside today's
text only, since nobody looks for similar sections in the past.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kb.likeness import Likeness
from kb.reading import Moment, contents, name_of
from kb.views import SectionName, SectionView
from procedures.model import Revision, SectionKind
from procedures.record import Record
from procedures.store import Store

MOST_SIMILAR = 5


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Sections to go on to; `before` and `after` are None at the ends, and for what is not in the contents."""

    before: SectionName | None
    after: SectionName | None
    refers_to: tuple[SectionName, ...]
    similar: tuple[SectionName, ...]


def neighbours_of(store: Store, record: Record, view: SectionView, at: Moment, likeness: Likeness) -> Neighbours:
    """Find what stands around a section as it is being shown."""
    before, after = _beside(record, view.key, at)
    in_force = {
        key: revision
        for key, revision in record.in_force(at.on, at.known_at).items()
        if record.kinds[key] is SectionKind.PROCEDURE and revision.body_hash not in record.redactions
    }
    named = [key for key in led_to(record, view.revision) if key in in_force and key != view.key]
    linked = {*named, *(section.key for section in view.referred_from)}
    alike = likeness.most_alike(store, in_force, view.key) if view.is_today and view.key in in_force else []
    return Neighbours(
        before,
        after,
        tuple(name_of(in_force[key]) for key in named),
        tuple(name_of(in_force[key]) for key in alike if key not in linked)[:MOST_SIMILAR],
    )


def _beside(record: Record, key: str, at: Moment) -> tuple[SectionName | None, SectionName | None]:
    ordered = [section for part in contents(record, at) for section in part.sections]
    place = next((i for i, section in enumerate(ordered) if section.key == key), None)
    if place is None:
        return None, None
    before = ordered[place - 1] if place else None
    return before, next(iter(ordered[place + 1 : place + 2]), None)


def led_to(record: Record, revision: Revision) -> Iterator[str]:
    """Name the sections a text refers to, each once, in the order of the text."""
    found = (
        record.pids.get(key) if kind == "paragraph" else record.redirects.get(key, key)
        for kind, key in record.references.get(revision.id, ())
    )
    yield from dict.fromkeys(key for key in found if key)
