"""A whole part on one page, to be printed: every section in force with its day, sent while it is made."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from kb.service import KnowledgeBase
    from tests.web.conftest import Reader

    Publish = Callable[..., object]


def test_a_part_has_every_section_in_force_with_its_day_and_every_paragraph(read: Reader, kb: KnowledgeBase) -> None:
    page = read("/print/parts/8")
    part = next(part for part in kb.contents() if part.number == 8)
    for name in part.sections:
        sheet = page.all(f"//article[@id='s-{name.key}']")[0].text_content()
        view = kb.section(name.key)
        assert f"{name.number} {name.title}" in sheet
        assert "In force " in sheet
        assert all(paragraph.number in sheet for paragraph in view.paragraphs)
        assert page.all(f"//a[@href='#s-{name.key}']")
    assert page.main.endswith("End of part 8.")


def test_it_is_kept_out_of_search_engines_and_no_id_is_used_twice(read: Reader) -> None:
    page = read("/print/parts/8")
    assert page.headers["x-robots-tag"].startswith("noindex")
    ids = [element.get("id") for element in page.all("//*[@id]")]
    assert len(ids) == len(set(ids))
    assert len(page.all("//h1")) == 1


def test_every_note_is_numbered_through_and_led_to(read: Reader) -> None:
    page = read("/print/parts/8")
    markers = [marker.get("href", "") for marker in page.all("//sup/a")]
    assert len(markers) > 7
    assert markers == [f"#note-{place}" for place in range(1, len(markers) + 1)]
    assert all(page.all(f"//li[@id='{marker[1:]}']") for marker in markers)


def test_nothing_coming_is_printed(read: Reader, publish: Publish) -> None:
    publish(date(2027, 1, 1))
    assert "A new text." not in read("/print/parts/8").text


def test_the_pages_of_each_section_name_it_and_its_day(client: TestClient) -> None:
    answer = client.get("/print/parts/8/pages.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert '@page s-brue{@top-left{content:"8.38 – In force since 2 September 2024"}}' in answer.text
    rule = r"#(s-[a-z0-9-]+)\{page:\1\}@page \1\{@top-left\{content:\"[^\"\\]*\"\}\}"
    assert all(re.fullmatch(rule, line) for line in answer.text.splitlines())


def test_a_part_that_is_not_there_says_so(read: Reader) -> None:
    for address in ("/print/parts/99", "/print/parts/99/pages.css", "/print/parts/0"):
        page = read(address)
        assert page.status == 404
        assert "Choose another part in the contents." in page.main


def test_the_contents_lead_to_the_parts_that_can_be_printed(read: Reader, kb: KnowledgeBase) -> None:
    links = read("/sections").links()
    for part in kb.contents():
        words = f"Part {part.number} on one page, to print"
        assert (words in links) == bool(part.sections)
    assert not [words for words in read("/sections?on=2020-01-01").links() if "to print" in words]
