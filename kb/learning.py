"""The learning trace: from a review to every paragraph it changed, and from a section back to the reviews.

`KnowledgeBase` delegates here. Links are read as recorded; nothing is guessed and nothing is written.
"""

from kb.reading import Moment, name_of
from kb.views import ChangedParagraphs, ReviewView, TracedLearning
from procedures.errors import NotFound
from procedures.model import Change, LearningPoint, RevisionKind, in_force, status_of
from procedures.record import Record
from procedures.store import Store


def review_view(store: Store, record: Record, key: str, at: Moment) -> ReviewView:
    """Follow a review to every paragraph its learning changed. Raises `NotFound`."""
    review = record.reviews.get(key)
    if review is None:
        raise NotFound(f"There is no review '{key}' in this manual. Look in the list of reviews.")
    return ReviewView(review, tuple(_traced(store, record, point, None, at) for point in review.learning))


def section_trace(store: Store, record: Record, key: str, at: Moment) -> list[tuple[str, TracedLearning]]:
    """List the learning that changed a section, each with the key of its review. Raises `NotFound`."""
    section = record.section(key)[0].section
    return [
        (review.key, _traced(store, record, point, section, at))
        for review in record.reviews.values()
        for point in review.learning
        if any(change.section == section for change in point.changes)
    ]


def _traced(store: Store, record: Record, point: LearningPoint, section: str | None, at: Moment) -> TracedLearning:
    changes = (change for change in point.changes if section in (None, change.section))
    return TracedLearning(point, tuple(_changed(store, record, change, at) for change in changes))


def _changed(store: Store, record: Record, change: Change, at: Moment) -> ChangedParagraphs:
    revision = record.revision(change.section, change.revision)
    current = in_force(record.section(change.section), at.today, at.now)
    stands = current is not None and current.kind is not RevisionKind.WITHDRAWAL
    standing = {p.pid for p in store.paragraphs(current)} if current and stands else set()
    return ChangedParagraphs(
        section=name_of(current if current and stands else revision),
        revision=revision.revision,
        in_force_from=revision.in_force_from,
        status=status_of(revision, record.section(change.section), at.today, at.now),
        paragraphs=tuple(p for p in store.paragraphs(revision) if p.pid in change.pids),
        standing=tuple(pid for pid in change.pids if pid in standing),
        illustrative=change.illustrative,
    )
