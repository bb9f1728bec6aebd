"""When a contact answers: London time, bank holidays, and midnight between two teams."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.contacts import answering, check_hours
from procedures.errors import Invalid

LONDON = ZoneInfo("Europe/London")
OFFICE = "Mo-Fr 09:00-17:00; PH off"
NIGHT = "Mo-Fr 00:00-09:00,17:00-24:00; Sa,Su 00:00-24:00; PH 00:00-24:00"


def london(*when: int) -> datetime:
    return datetime(*when, tzinfo=LONDON)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (london(2026, 11, 23, 8, 59), False),
        (london(2026, 11, 23, 9, 0), True),
        (london(2026, 11, 23, 16, 59), True),
        (london(2026, 11, 23, 17, 0), False),
        (london(2026, 11, 22, 12, 0), False),
        (london(2026, 12, 25, 12, 0), False),
        (london(2026, 12, 28, 12, 0), False),  # Boxing Day falls on a Saturday: the Monday is its bank holiday
        (london(2027, 3, 26, 12, 0), False),  # Good Friday
        (london(2026, 8, 31, 12, 0), False),  # the summer bank holiday
        (datetime(2026, 7, 1, 8, 30, tzinfo=UTC), True),  # 9.30 by London clocks in summer
        (datetime(2026, 7, 1, 16, 30, tzinfo=UTC), False),
    ],
)
def test_an_office_answers_in_its_hours_by_london_clocks_and_never_on_a_bank_holiday(
    at: datetime, is_open: bool
) -> None:
    assert answering(OFFICE, at).is_open is is_open
    assert answering(NIGHT, at).is_open is not is_open


# As the government publishes them for England and Wales.
BANK_HOLIDAYS = """
2025-01-01 2025-04-18 2025-04-21 2025-05-05 2025-05-26 2025-08-25 2025-12-25 2025-12-26
2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28
2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28
2028-01-03 2028-04-14 2028-04-17 2028-05-01 2028-05-29 2028-08-28 2028-12-25 2028-12-26
"""


@pytest.mark.parametrize("year", [2025, 2026, 2027, 2028])
def test_the_office_is_closed_on_every_bank_holiday_of_england_and_on_no_other_weekday(year: int) -> None:
    noon = (london(year, 1, 1, 12, 0) + timedelta(days=n) for n in range(365))
    weekdays = [at for at in noon if at.weekday() < 5]
    closed = [at.date().isoformat() for at in weekdays if not answering(OFFICE, at).is_open]
    assert closed == [day for day in BANK_HOLIDAYS.split() if day.startswith(str(year))]
    assert [at.date().isoformat() for at in weekdays if answering(NIGHT, at).is_open] == closed
    assert [at.date().isoformat() for at in weekdays if answering("Su,PH 10:00-14:00", at).is_open] == closed


def test_it_is_known_when_the_office_next_opens_or_closes() -> None:
    assert answering(OFFICE, london(2026, 11, 23, 12, 0)).changes_at == london(2026, 11, 23, 17, 0)
    assert answering(OFFICE, london(2026, 11, 27, 18, 0)).changes_at == london(2026, 11, 30, 9, 0)
    assert answering(OFFICE, london(2026, 12, 24, 18, 0)).changes_at == london(2026, 12, 29, 9, 0)
    assert answering(OFFICE, london(2026, 12, 31, 18, 0)).changes_at == london(2027, 1, 4, 9, 0)


def test_a_team_that_never_closes_never_changes() -> None:
    state = answering("24/7", london(2026, 12, 25, 0, 0))
    assert (state.is_open, state.changes_at) == (True, None)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_at_every_instant_either_the_office_or_the_night_team_answers(at: datetime) -> None:
    assert answering(OFFICE, at).is_open is not answering(NIGHT, at).is_open


def test_the_hours_the_clocks_change_leave_no_gap() -> None:
    for day in ((2026, 3, 29), (2026, 10, 25)):
        changes = [answering("Su 00:30-02:30", datetime(*day, hour, tzinfo=UTC)) for hour in range(4)]
        assert all(a.changes_at is not None and b.changes_at is not None for a, b in pairwise(changes))


@pytest.mark.parametrize("hours", ["", "always", "9 to 5", "Mo-Fr 9am-5pm!!", "Mo-Fr 09:00-17:00; XX off"])
def test_hours_that_cannot_be_read_are_refused_with_an_example(hours: str) -> None:
    with pytest.raises(Invalid, match="Write them like"):
        check_hours(hours)
    with pytest.raises(Invalid, match="Write them like"):
        answering(hours, london(2026, 11, 23, 12, 0))
