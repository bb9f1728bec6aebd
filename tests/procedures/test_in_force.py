"""Which text applies: the one rule everything stands on, held to a plain model on random histories."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.model import Importance, Period, Revision, RevisionKind, Status, in_force, periods, status_of, waiting

FIRST_DAY = date(2020, 1, 1)
FIRST_INSTANT = datetime(2020, 1, 1, tzinfo=UTC)
DAYS = 40


def revision(
    number: int, in_force_from: int, published: int, cancelled: int | None = None, **other: object
) -> Revision:
    facts = {
        "id": number,
        "section": "brue",
        "revision": number,
        "kind": RevisionKind.TEXT,
        "number": "8.38",
        "title": "BRUE",
        "body_hash": str(number),
        "content_hash": str(number),
        "change_note": "Changed.",
        "importance": Importance.MAJOR,
        "author": "Editor",
        "approver": None,
        "based_on": number - 1 or None,
        "in_force_from": FIRST_DAY + timedelta(days=in_force_from),
        "published_at": FIRST_INSTANT + timedelta(days=published),
        "cancelled_at": None if cancelled is None else FIRST_INSTANT + timedelta(days=cancelled),
        **other,
    }
    return Revision(**facts)  # type: ignore[arg-type]


@st.composite
def histories(draw: st.DrawFn) -> list[Revision]:
    """Publish, correct, withdraw, back-date and cancel, in any order."""
    found: list[Revision] = []
    published = 0
    for number in range(1, draw(st.integers(1, 8)) + 1):
        published += draw(st.integers(0, 6))
        kind = draw(st.sampled_from(RevisionKind)) if found else RevisionKind.TEXT
        day = (
            (found[-1].in_force_from - FIRST_DAY).days
            if kind is RevisionKind.CORRECTION
            else draw(st.integers(0, DAYS))
        )
        cancelled = draw(st.none() | st.integers(published, published + DAYS))
        found.append(revision(number, day, published, cancelled, kind=kind))
    return draw(st.permutations(found))


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def instant(number: int) -> datetime:
    return FIRST_INSTANT + timedelta(days=number, hours=12)


def by_replaying(history: list[Revision], on: date, known_at: datetime) -> int | None:
    """The same rule told another way: lay the texts over the calendar one by one, later days and numbers on top."""
    shown: int | None = None
    for r in sorted(history, key=lambda r: (r.in_force_from, r.revision)):
        known = r.published_at <= known_at and not (r.cancelled_at and r.cancelled_at <= known_at)
        if known and r.in_force_from <= on:
            shown = r.revision
    return shown


@settings(max_examples=3000, deadline=None)
@given(histories(), st.integers(0, DAYS), st.integers(0, DAYS))
def test_each_section_has_one_text_or_none_on_every_day_as_known_at_every_instant(
    history: list[Revision], on: int, known: int
) -> None:
    found = in_force(history, day(on), instant(known))
    assert (found.revision if found else None) == by_replaying(history, day(on), instant(known))


@settings(max_examples=500, deadline=None)
@given(histories(), st.integers(0, DAYS))
def test_the_periods_of_a_history_cover_each_day_once_and_agree_with_the_rule(
    history: list[Revision], known: int
) -> None:
    laid_out = periods(history, instant(known))
    for number in range(DAYS + 1):
        covering = [
            p.revision for p in laid_out if p.start <= day(number) and (p.until is None or day(number) <= p.until)
        ]
        winner = in_force(history, day(number), instant(known))
        assert covering == ([winner] if winner else [])


@settings(max_examples=500, deadline=None)
@given(histories(), st.integers(0, DAYS), st.integers(0, DAYS))
def test_what_is_learnt_later_never_changes_what_the_site_showed_before(
    history: list[Revision], on: int, known: int
) -> None:
    known_then = [r for r in history if r.published_at <= instant(known)]
    assert in_force(known_then, day(on), instant(known)) == in_force(history, day(on), instant(known))


@settings(max_examples=500, deadline=None)
@given(histories(), st.integers(0, DAYS))
def test_at_most_one_revision_of_a_section_is_called_in_force_or_withdrawn(history: list[Revision], on: int) -> None:
    statuses = [status_of(r, history, day(on), instant(DAYS)) for r in history]
    assert sum(s in {Status.IN_FORCE, Status.WITHDRAWN} for s in statuses) <= 1
    winner = in_force(history, day(on), instant(DAYS))
    assert (winner is not None) == any(s in {Status.IN_FORCE, Status.WITHDRAWN} for s in statuses)


def test_a_correction_wins_over_what_it_corrects_from_the_same_day() -> None:
    wrong, right = revision(1, 5, 1), revision(2, 5, 9, kind=RevisionKind.CORRECTION)
    assert in_force([wrong, right], day(6), instant(10)) is right
    assert in_force([wrong, right], day(6), instant(8)) is wrong
    assert status_of(wrong, [wrong, right], day(6), instant(10)) is Status.SUPERSEDED


def test_a_text_published_for_a_later_day_waits_for_it() -> None:
    now, later = revision(1, 0, 0), revision(2, 20, 1)
    assert in_force([now, later], day(19), instant(19)) is now
    assert in_force([now, later], day(20), instant(20)) is later
    assert waiting([now, later], day(10), instant(10)) == [later]
    assert status_of(later, [now, later], day(10), instant(10)) is Status.COMING
    assert periods([now, later], instant(10)) == [Period(now, day(0), day(19)), Period(later, day(20), None)]


def test_a_cancelled_text_never_applies_once_cancelled() -> None:
    now, later = revision(1, 0, 0), revision(2, 20, 1, cancelled=10)
    assert in_force([now, later], day(30), instant(9)) is later
    assert in_force([now, later], day(30), instant(30)) is now
    assert status_of(later, [now, later], day(30), instant(30)) is Status.CANCELLED


def test_before_the_first_text_there_is_none() -> None:
    assert in_force([revision(1, 5, 0)], day(4), instant(4)) is None
    assert in_force([], day(4), instant(4)) is None
