"""What people type is cleaned, before it is kept, of whatever has the form of a person's detail."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.confidential import cleaned, is_nhs_number

GAPS = st.sampled_from(["", " ", "-", ".", "  ", "\u00a0"])
AROUND = st.sampled_from(["", " ", "(", ", no. ", ": ", "\n", "x ", "“"])


@st.composite
def nhs_numbers(draw: st.DrawFn) -> str:
    nine = draw(st.lists(st.integers(0, 9), min_size=9, max_size=9))
    check = (11 - sum(digit * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11) % 11
    digits = "".join(map(str, [*nine, check if check < 10 else 0]))
    if check == 10:  # no number has these nine digits
        digits = "9434765919"
    gap, other = draw(GAPS), draw(GAPS)
    return f"{digits[:3]}{gap}{digits[3:6]}{other}{digits[6:]}"


@st.composite
def dates(draw: st.DrawFn) -> str:
    day = draw(st.dates())
    month = day.strftime("%B")
    form = draw(
        st.sampled_from(
            [
                "{d}/{m}/{y}",
                "{d:02}.{m:02}.{y}",
                "{d}-{m}-{s:02}",
                "{y}-{m:02}-{d:02}",
                "{d} {n} {y}",
                "{d}th of {n} {y}",
                "{n} {d}, {y}",
                "{d} {a} {y}",
            ]
        )
    )
    return form.format(d=day.day, m=day.month, y=f"{day.year:04}", s=day.year % 100, n=month, a=month[:3].lower())


@st.composite
def telephones(draw: st.DrawFn) -> str:
    rest = "".join(draw(st.lists(st.sampled_from("0123456789"), min_size=9, max_size=9)))
    start = draw(st.sampled_from(["01", "07", "+44 7", "+44(0)1", "00 44 1", "(01"]))
    gap = draw(GAPS)
    end = ") " if start.startswith("(") else gap
    return f"{start}{rest[:3]}{end}{rest[3:6]}{gap}{rest[6:]}"


@given(nhs_numbers(), AROUND, AROUND)
def test_no_nhs_number_is_kept_however_it_is_spaced(number: str, before: str, after: str) -> None:
    kept = cleaned(f"{before}{number}{after}")
    assert re.sub(r"\D", "", number) not in re.sub(r"\D", "", kept)
    assert "removed]" in kept


@given(dates(), AROUND)
def test_no_full_date_is_kept(day: str, around: str) -> None:
    assert day not in cleaned(f"born {around}{day}")


@given(telephones(), AROUND)
def test_no_telephone_number_is_kept(telephone: str, around: str) -> None:
    digits = re.sub(r"\D", "", telephone)
    assert digits[-6:] not in re.sub(r"\D", "", cleaned(f"ring {around}{telephone} now"))


@given(st.from_regex(r"[a-z][a-z.]{0,8}@[a-z]{2,8}\.(?:nhs\.uk|net|co\.uk)", fullmatch=True), AROUND)
def test_no_email_address_is_kept(address: str, around: str) -> None:
    assert address not in cleaned(f"write to {around}{address}, please")


@given(st.from_regex(r"[A-Za-z]{1,2}[0-9][0-9A-Za-z]? ?[0-9][A-Za-z]{2}", fullmatch=True))
def test_no_postcode_is_kept(postcode: str) -> None:
    assert postcode not in cleaned(f"lives at {postcode}.")


@given(
    st.sampled_from(["called", "named", "Called", "name is", "whose name is", "name’s"]),
    st.from_regex(r"[A-Z][a-zé]{2,9}(?: [A-Z][a-z'’-]{2,9}){0,2}", fullmatch=True),
)
def test_no_name_that_is_announced_is_kept(announced: str, name: str) -> None:
    kept = cleaned(f"a boy {announced} {name} was seen").replace("[name removed]", "")
    assert not any(word in kept.split() for word in name.split())


WORDS = st.sampled_from(["called", "name is", "Bo", "a@b.c", "BN1 1AA", "[", "@"])
PIECES = st.one_of(nhs_numbers(), dates(), telephones(), WORDS)


@given(st.one_of(st.text(max_size=200), st.lists(st.one_of(PIECES, AROUND), max_size=12).map("".join)))
def test_cleaning_twice_changes_nothing_more_and_never_fails(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once


@given(st.text(alphabet="abcdefghijklm nopqrstuvwxyz,.?!", max_size=200))
def test_words_without_details_are_kept_as_they_are(text: str) -> None:
    if not re.search(r"called|named|name", text):
        assert cleaned(text) == text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("8.38.4 says section 47, and 8.14 says 24 hours", "8.38.4 says section 47, and 8.14 says 24 hours"),
        ("I called the police on 101, then 999", "I called the police on 101, then 999"),
        ("NHS 943 476 5919 dob 3/4/2019", "NHS [NHS number removed] dob [date removed]"),
        ("a boy called jayden smith fell", "a boy called [name removed] fell"),
        ("a boy called Jayden fell", "a boy called [name removed] fell"),
        ("the link to p-2n27d3 is broken", "the link to p-2n27d3 is broken"),
        ("revision 4 of 2024 is wrong", "revision 4 of 2024 is wrong"),
    ],
)
def test_what_the_editors_need_stays(typed: str, kept: str) -> None:
    assert cleaned(typed) == kept


def test_an_nhs_number_is_known_by_its_last_digit() -> None:
    assert is_nhs_number("9434765919")
    assert not is_nhs_number("9434765918")
    assert not is_nhs_number("943476591")
