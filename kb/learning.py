"""The learning trace: from a review to every paragraph it changed, and from a section back to the reviews.

`KnowledgeBase` delegates its reads here; `KnowledgeBase.learning` is the `LearningDesk` at which editors make and
withdraw links and decide what has become of a point. Links are as people made them; nothing is guessed.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kb import overview
from kb.access import Actor, Deed, require
from kb.clock import london_day
from kb.overview import LearningLine
from kb.reading import Moment, moment, name_of
from kb.views import ChangedParagraphs, ReviewView, TracedLearning
from procedures.errors import Conflict, NotFound
from procedures.model import Action, Change, LearningPoint, LearningStatus, RevisionKind, in_force, status_of
from procedures.record import Record
from procedures.store import Store


@dataclass(frozen=True, slots=True)
class PointView:
    """A learning point, counted from 1 within its review, with every paragraph that answers it.

    `mark` stands for the point as it is: a decision that brings another mark was made from an older one.
    """

    review: str
    review_title: str
    ordinal: int
    traced: TracedLearning
    mark: str


class LearningDesk:
    """Learning points as editors look after them. `KnowledgeBase.learning` is one."""

    def __init__(self, store: Store, now: Callable[[], datetime], caught_up: Callable[[], object]) -> None:
        """Take the record, the clock, and what to call after a write."""
        self._store = store
        self._now = now
        self._caught_up = caught_up

    def points(self, actor: Actor) -> tuple[LearningLine, ...]:
        """List all learning points, those that are open and not answered first. Raises `Forbidden`."""
        require(actor, Deed.READ_DESK)
        return overview.learning(self._store.record())

    def point(self, actor: Actor, review: str, ordinal: int) -> PointView:
        """Show one learning point. Raises `Forbidden` or `NotFound`."""
        require(actor, Deed.READ_DESK)
        record, now = self._store.record(), self._now()
        point = _point(record, review, ordinal)
        traced = _traced(self._store, record, point, None, moment(now, london_day(now), None, None))
        return PointView(review, record.reviews[review].title, ordinal, traced, _mark(point))

    def link(
        self, actor: Actor, review: str, ordinal: int, section: str, revision: int, pids: Sequence[str] = ()
    ) -> None:
        """Say that these paragraphs of a revision, or all of it, answer a learning point.

        In a sample manual the link is marked illustrative. Raises `Forbidden`, `NotFound`, or `Refused` where it is
        there already.
        """
        require(actor, Deed.LINK_LEARNING)
        with self._store.write(actor.name, self._now) as transaction:
            _point(self._store.record(), review, ordinal)
            change = Change(section, revision, tuple(dict.fromkeys(pids)), self._store.record().is_sample)
            transaction.link_learning(review, ordinal, change)
        self._caught_up()

    def unlink(self, actor: Actor, review: str, ordinal: int, change: Change, reason: str) -> None:
        """Withdraw the links to a revision's paragraphs, or to all of it where none is named; the log keeps them.

        Raises `Forbidden`, `NotFound` where there is no such link, and `Refused` without a reason.
        """
        require(actor, Deed.UNLINK_LEARNING)
        with self._store.write(actor.name, self._now) as transaction:
            _point(self._store.record(), review, ordinal)
            transaction.unlink_learning(review, ordinal, change, reason)
        self._caught_up()

    def decide(
        self,
        actor: Actor,
        review: str,
        ordinal: int,
        mark: str,
        *,
        action: Action,
        status: LearningStatus,
        evidence: str,
        reason: str,
    ) -> None:
        """Say what has become of a learning point: `evidence` is public, `reason` is for the log.

        Raises `Forbidden`, `NotFound`, `Refused` for what says nothing, and `Conflict` where somebody was first.
        """
        require(actor, Deed.DECIDE_LEARNING)
        with self._store.write(actor.name, self._now) as transaction:
            point = _point(self._store.record(), review, ordinal)
            if mark != _mark(point):
                raise Conflict("Somebody else has changed this learning point meanwhile. Look at it again.")
            decided = replace(point, action=action, status=status, evidence=evidence.strip())
            transaction.decide_learning(review, ordinal, decided, reason)
        self._caught_up()


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
        pids=change.pids,
        paragraphs=tuple(p for p in store.paragraphs(revision) if p.pid in change.pids),
        standing=tuple(pid for pid in change.pids if pid in standing),
        illustrative=change.illustrative,
    )


def _point(record: Record, review: str, ordinal: int) -> LearningPoint:
    points = record.reviews[review].learning if review in record.reviews else ()
    if not 1 <= ordinal <= len(points):
        raise NotFound(f"Review '{review}' has no learning point {ordinal}. Look in the list of learning.")
    return points[ordinal - 1]


def _mark(point: LearningPoint) -> str:
    told = "\0".join((point.text, point.action, point.status, point.evidence))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
