"""Ages in what people type."""

import pytest

from index.analysis import AGE


@pytest.mark.parametrize(
    "text",
    ["14 year old", "14-year-old", "14yo", "10 week old", "6 mth old", "four month old", "aged 3", "Year 8", "9y/o"],
)
def test_an_age_is_known_as_people_write_it(text: str) -> None:
    match = AGE.search(f"bruise on {text} boy")
    assert match
    assert match.group() == text


@pytest.mark.parametrize(
    "text", ["section 47", "36 weeks pregnant", "review in 3 months", "8.14", "aged care", "section 17 do I", "1 do"]
)
def test_other_numbers_and_durations_are_no_age(text: str) -> None:
    assert AGE.search(text) is None


@pytest.mark.parametrize(
    ("text", "is_baby"), [("3 month old", True), ("18 month old", False), ("2wk old", True), ("3 year old", False)]
)
def test_an_age_under_a_year_is_told_from_others(text: str, is_baby: bool) -> None:
    match = AGE.search(f"mark on {text}'s cheek")
    assert match
    assert (match["baby"] == text) is is_baby
