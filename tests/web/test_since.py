"""“What changed since I last read it?”, asked with a day, of the whole manual or of one section."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from procedures.model import RevisionKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import SetClock
    from tests.web.conftest import Reader

    Publish = Callable[..., object]


@pytest.mark.parametrize("address", ["/updates/since", "/sections/brue/since"])
def test_without_a_day_the_page_asks_for_one(read: Reader, address: str) -> None:
    page = read(address)
    assert page.status == 200
    form = page.all("//main//form")[0]
    assert (form.get("action"), form.get("method")) == (address, "get")
    assert page.all("//label[@for='day']")
    assert page.headers["x-robots-tag"].startswith("noindex")


def test_a_section_shows_only_what_changed_gravest_first_with_note_day_and_link(read: Reader) -> None:
    page = read("/sections/brue/since?day=1+January+2024")
    headings = [heading.text_content() for heading in page.all("//main//h3")]
    assert headings == [
        "What to do at once",
        "Duties, numbers and time limits",
        "New",
        "No longer in the text",
        "Reworded",
    ]
    assert "In force from 2 September 2024 (revision 4, major): New table of lower-risk features" in page.main
    first = page.all("//*[contains(@class, 'app-change ')]")[0]
    assert first.xpath(".//a/@href")[0].startswith("/sections/brue#p-")
    assert first.xpath(".//a/@href")[1].startswith("/sections/brue/revisions/4#p-")
    assert "unchanged" not in page.main


def test_a_paragraph_that_is_gone_leads_to_what_became_of_it(read: Reader) -> None:
    page = read("/sections/brue/since?day=2024-01-01")
    gone = page.all("//*[contains(@class, 'app-change--removed')]//strong/a")
    assert gone
    assert all(link.get("href", "").startswith("/p/p-") for link in gone)


def test_the_whole_manual_lists_its_changed_sections_first(read: Reader) -> None:
    page = read("/updates/since?day=2024-08-01")
    assert "sections changed." in page.main or "section changed." in page.main
    for link in page.all("//nav[@aria-label='Changed sections']//a"):
        assert page.all(f"//h2[@id='{link.get('href', '')[1:]}']")


def test_a_new_and_a_withdrawn_section_are_named(read: Reader, publish: Publish, clock: SetClock) -> None:
    clock.forward(days=3)
    publish(date(2026, 11, 26), kind=RevisionKind.WITHDRAWAL, body="", withdrawal_reason="Joined with another.")
    page = read("/updates/since?day=2026-11-24")
    assert "8.38 Brief Resolved Unexpected Event (BRUE) (withdrawn)" in page.main
    assert "Joined with another." in page.main
    assert "This section has been withdrawn." in read("/sections/brue/since?day=2026-11-24").main
    assert "(new)" in read("/updates/since?day=2000-01-01").main


def test_where_nothing_changed_the_page_says_so(read: Reader) -> None:
    assert "Nothing has changed in this section." in read("/sections/brue/since?day=2026-11-01").main
    assert "Nothing has changed in the manual." in read("/updates/since?day=2026-11-20").main


@pytest.mark.parametrize("day", ["never", "2030-01-01", "31/2/2024"])
@pytest.mark.parametrize("address", ["/updates/since", "/sections/brue/since"])
def test_a_day_that_cannot_be_used_is_asked_for_again(read: Reader, address: str, day: str) -> None:
    page = read(f"{address}?day={day}")
    assert page.status == 400
    assert page.all("//title")[0].text_content().startswith("Error: ")
    assert page.all("//*[@class='govuk-error-summary']//a[@href='#day']")
    assert page.all("//input[@id='day']")[0].get("value") == day


def test_a_section_that_is_not_there_is_not_found(read: Reader) -> None:
    assert read("/sections/nope/since?day=2024-01-01").status == 404


def test_coming_text_is_never_told_of(read: Reader, publish: Publish) -> None:
    publish(date(2027, 1, 1))
    assert "A new text." not in read("/sections/brue/since?day=2026-01-01").text
    assert "A new text." not in read("/updates/since?day=2026-01-01").text
