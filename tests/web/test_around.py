"""Around a section's text: where to go on, how to cite a paragraph, and the reader's own area first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kb.service import KnowledgeBase
    from tests.web.conftest import Page, Reader

AREAS = {"east-sussex": "East Sussex", "west-sussex": "West Sussex", "brighton-hove": "Brighton & Hove"}


def test_the_sections_before_and_after_are_named_at_the_foot(read: Reader, kb: KnowledgeBase) -> None:
    ordered = [section for part in kb.contents() for section in part.sections]
    place = [section.key for section in ordered].index("brue")
    before = ordered[place - 1]
    page = read("/sections/brue")
    link = page.all("//nav[@aria-label='Sections before and after this one']//a[@rel='prev']")[0]
    assert link.get("href") == f"/sections/{before.key}"
    assert f"{before.number} {before.title}" in link.text_content()
    first = read(f"/sections/{ordered[0].key}")
    assert not first.all("//a[@rel='prev']")
    assert first.all("//a[@rel='next']")


def test_on_a_past_day_the_next_section_is_that_days_and_stays_on_it(read: Reader) -> None:
    page = read("/sections/brue?on=2019-01-01")
    link = page.all("//a[@rel='next']")[0]
    assert link.get("href") == "/sections/bruising-non-mobile?on=2019-01-01"


def test_cross_references_are_listed_in_both_directions(read: Reader) -> None:
    page = read("/sections/brue")
    lists = {
        group.xpath("./h3")[0].text_content(): [a.get("href") for a in group.xpath(".//a")]
        for group in page.all("//section[@aria-labelledby='related']//div[h3]")
    }
    assert "/sections/making-a-referral" in lists["This section refers to"]
    assert "/sections/making-a-referral" in lists["Sections that refer here"]
    linked = {*lists["This section refers to"], *lists["Sections that refer here"]}
    assert not linked & set(lists.get("Similar sections", []))


def test_every_paragraph_can_be_linked_to_and_cited_without_script(read: Reader, kb: KnowledgeBase) -> None:
    paragraph = kb.section("brue").paragraphs[3]
    tools = read("/sections/brue").all(f"//*[@id='{paragraph.pid}']/p[@class='app-tools']/a")
    assert [tool.get("href") for tool in tools] == [
        f"/p/{paragraph.pid}?cite=",
        f"/feedback?section=brue&paragraph={paragraph.pid}",
    ]
    page = read(f"/p/{paragraph.pid}?cite=")
    copied = [text.text_content() for text in page.all("//*[@data-copy]")]
    assert copied == [
        f"http://127.0.0.1/p/{paragraph.pid}",
        "Pan-Sussex safeguarding procedures, 8.38.4 Brief Resolved Unexpected Event (BRUE), revision 4, "
        f"in force from 2 September 2024, 127.0.0.1/p/{paragraph.pid}, read 23 November 2026",
    ]
    assert page.headers["x-robots-tag"].startswith("noindex")


def test_a_paragraph_of_an_old_text_is_cited_as_old(read: Reader, kb: KnowledgeBase) -> None:
    paragraph = kb.revision("brue", 2).paragraphs[0]
    page = read(f"/p/{paragraph.pid}?cite=2")
    link, citation = (text.text_content() for text in page.all("//*[@data-copy]"))
    assert link == f"http://127.0.0.1/sections/brue/revisions/2#{paragraph.pid}"
    assert "revision 2, in force from 1 March 2018 to 31 May 2021, 127.0.0.1/sections/brue/revisions/2#" in citation
    assert "This is not the text in force today." in page.main


@pytest.mark.parametrize("cite", ["99", "x", "-1", "٣"])
def test_an_odd_revision_to_cite_is_answered_with_a_page(read: Reader, kb: KnowledgeBase, cite: str) -> None:
    pid = kb.section("brue").paragraphs[0].pid
    assert read(f"/p/{pid}?cite={cite}").status in {200, 404}


def test_a_page_hands_script_the_same_citation(read: Reader) -> None:
    article = read("/sections/brue").all("//article")[0]
    assert article.get("data-link") == "/p/{pid}"
    assert "{number} Brief Resolved" in article.get("data-citation", "")
    assert "{address}, read 23 November 2026" in article.get("data-citation", "")
    assert (article.get("data-section"), article.get("data-revision")) == ("brue", "4")
    old = read("/sections/brue/revisions/2").all("//article")[0]
    assert old.get("data-link") == "/sections/brue/revisions/2#{pid}"
    assert old.get("data-section") is None


def _rung(page: Page) -> list[str]:
    return [area.text_content() for area in page.all("//*[@class='app-ring__area']")]


@pytest.mark.parametrize("slug", AREAS)
def test_ones_own_area_comes_first_and_no_other_is_hidden(read: Reader, slug: str) -> None:
    for address in (f"/sections/brue?area={slug}", f"/contacts?area={slug}"):
        page = read(address)
        assert _rung(page)[:2] == ["Child in danger now", AREAS[slug]]
        assert sorted(_rung(page)[1:]) == sorted(AREAS.values())
        assert page.all(f"//a[@data-area-choice='{slug}'][@aria-current='true']")
        assert page.headers["x-robots-tag"].startswith("noindex")


def test_local_arrangements_of_ones_own_area_come_first_under_their_own_numbers(read: Reader) -> None:
    plain, own = read("/sections/brue"), read("/sections/brue?area=west-sussex")

    def local(page: Page) -> list[tuple[str, str]]:
        rows = page.all("//div[contains(@class, 'app-paragraph')][@data-area]")
        return [(str(row.get("id")), row.xpath("./a")[0].text_content()) for row in rows]

    assert sorted(local(plain)) == sorted(local(own))
    assert [number for _, number in local(own)] == [local(plain)[place][1] for place in (1, 0, 2)]
    others = "//div[contains(@class, 'app-paragraph')][not(@data-area)]/@id"
    assert plain.tree.xpath(others) == own.tree.xpath(others)


def test_an_area_that_is_none_changes_nothing(read: Reader) -> None:
    assert _rung(read("/sections/brue?area=kent")) == _rung(read("/sections/brue"))


def test_the_choice_of_an_area_stays_on_the_page_and_its_day(read: Reader) -> None:
    page = read("/sections/brue?on=2019-01-01")
    assert page.links()["West Sussex first"] == "/sections/brue?on=2019-01-01&area=west-sussex"
