"""Days as people write them: read kindly, never guessed, and written back in plain words."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.clock import end_of_day, london_day
from kb.days import in_words, month_name, read_day
from procedures.errors import Invalid

LOOKED_UP = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    "typed",
    ["2021-03-03", "2021-3-3", "3/3/2021", "03.03.2021", "3-3-2021", "3 March 2021", " 3rd  MARCH 2021 ", "3 Mar 2021"],
)
def test_a_day_is_read_in_the_ways_people_write_it(typed: str) -> None:
    assert read_day(typed) == date(2021, 3, 3)


def test_the_day_comes_before_the_month() -> None:
    assert read_day("4/5/2021") == date(2021, 5, 4)


@given(LOOKED_UP)
def test_what_is_written_in_words_or_as_iso_reads_back_the_same(day: date) -> None:
    assert read_day(in_words(day)) == day
    assert read_day(day.isoformat()) == day
    assert month_name(day.month) in in_words(day)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "yesterday",
        "2021",
        "03/2021",
        "2021-02-30",
        "31/11/2021",
        "3/3/21",
        "3 Brumaire 2021",
        "0000-01-01",
        "٣/٣/٢٠٢١",
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(Invalid, match="2021-03-03"):
        read_day(typed)


@pytest.mark.parametrize("typed", ["1899-12-31", "2101-01-01", "9999-01-01"])
def test_years_out_of_reach_are_refused_with_the_years_that_are_not(typed: str) -> None:
    with pytest.raises(Invalid, match="1900 to 2100"):
        read_day(typed)


@given(st.text())
def test_any_text_is_a_day_or_is_refused_in_one_short_line(typed: str) -> None:
    try:
        assert 1900 <= read_day(typed).year <= 2100
    except Invalid as error:
        words = str(error)
        assert words.isprintable()
        assert len(words) < 200


@given(LOOKED_UP)
def test_the_last_instant_of_a_day_belongs_to_it_and_the_next_does_not(day: date) -> None:
    last = end_of_day(day)
    assert london_day(last) == day
    assert london_day(last.replace(microsecond=0)) == day
    assert last.tzinfo is UTC


def test_a_summer_day_ends_an_hour_before_utc_midnight() -> None:
    assert end_of_day(date(2026, 7, 1)) == datetime(2026, 7, 1, 22, 59, 59, 999999, tzinfo=UTC)
    assert london_day(datetime(2026, 7, 1, 23, 0, tzinfo=UTC)) == date(2026, 7, 2)
