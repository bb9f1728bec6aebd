"""Home and search: from what somebody types to the paragraph that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import html
from markupsafe import Markup
from starlette.testclient import TestClient

from index.engine import Hit
from index.passage import Passage
from kb.addresses import TODAY
from web.app import create_app
from web.prose import excerpt

if TYPE_CHECKING:
    from kb.service import KnowledgeBase
    from tests.web.conftest import Reader


def test_home_opens_with_the_search_box_and_asks_for_no_names(read: Reader) -> None:
    page = read("/")
    assert page.all("//h1")[0].text_content().strip() == "Search the procedures"
    assert "Do not type the name or details of a child." in page.main
    assert "8. Children in specific circumstances" in page.main
    assert "Recently changed" in page.main


@pytest.mark.parametrize("words", ["BRUE", "brue", "ALTE", "8.38", "Brief Resolved Unexpected Event"])
def test_a_name_a_number_or_an_acronym_leads_straight_there_and_says_why(read: Reader, words: str) -> None:
    page = read(f"/search?q={words}")
    first = page.all("//*[@class='app-destination']")[0]
    assert first.xpath(".//a")[0].get("href").startswith("/sections/brue")
    assert first.xpath(".//p")[0].text_content().strip()


def test_urgent_words_bring_first_what_to_do_now_with_a_link_to_each_paragraph(read: Reader) -> None:
    page = read("/search?q=baby+went+blue")
    box = page.all("//section[contains(@class, 'app-urgent')]")[0]
    assert "Get the baby seen in hospital now." in box.text_content()
    assert "app-results" in {each.get("class") for each in page.all("//section/following::ol")}
    for link in box.xpath(".//a/@href"):
        path, _, pid = str(link).partition("#")
        assert path == "/sections/brue"
        assert read(path).all(f"//*[@id='{pid}']")


def test_what_to_do_now_stands_on_the_page_that_says_nothing_was_found_too(read: Reader) -> None:
    page = read("/search?q=wants+to+die+-child+-the+-a+-to")
    assert "Nothing found" in page.main
    assert "Stay with the child." in page.all("//section[contains(@class, 'app-urgent')]")[0].text_content()


def test_every_passage_leads_to_its_paragraph_with_the_words_marked(read: Reader) -> None:
    page = read("/search?q=toxicology")
    passages = page.all("//li[@class='app-passage'][a]")
    assert passages
    assert all("#p-" in passage.xpath("./a")[0].get("href") for passage in passages)
    assert page.all("//mark")


def test_what_was_expanded_is_said_and_can_be_taken_back(read: Reader) -> None:
    page = read("/search?q=ALTE")
    assert "“ALTE” was also searched for as" in page.main
    taken_back = read(page.links()["Search for “ALTE” only"])
    assert "was also searched for" not in taken_back.main


def test_a_slip_of_the_pen_is_offered_in_its_right_spelling(read: Reader) -> None:
    page = read("/search?q=toxicolgy")
    assert "Did you mean toxicology?" in page.main


def test_a_search_on_a_past_day_says_so_and_its_links_keep_the_day(read: Reader) -> None:
    page = read("/search?q=baby&on=1+May+2016")
    assert "You are searching what was in force on 1 May 2016" in page.main
    found = page.all("//a[contains(@class, 'app-passage__link')]")
    assert found
    assert all("?on=2016-05-01#p-" in a.get("href", "") for a in found)
    assert page.links()["Search the text in force today"] == "/search?q=baby"
    assert page.all("//input[@type='hidden'][@name='on']")[0].get("value") == "2016-05-01"


def test_nothing_found_helps_on(read: Reader) -> None:
    page = read("/search?q=zzqqxx")
    assert "Nothing found for “zzqqxx”" in page.main
    assert "check the spelling" in page.main
    assert "Numbers to ring now" in page.main
    assert page.links()["contents"] == "/sections"


def test_a_contact_that_is_found_shows_the_number_to_ring(read: Reader) -> None:
    page = read("/search?q=West+Sussex+front+door")
    assert "01632 960201 example number" in page.main


def test_long_lists_of_results_come_in_pages(read: Reader) -> None:
    first = read("/search?q=child")
    assert first.all("//nav[@aria-label='Pages of results']")
    second = read("/search?q=child&page=2")
    assert "(page 2)" in second.all("//title")[0].text_content()
    assert second.all("//*[@aria-current='page']")[0].text_content().strip() == "2"


def test_results_are_not_kept_by_any_browser_or_proxy(client: TestClient) -> None:
    for address in ("/search?q=BRUE", "/search?q=zzqqxx", "/search", "/suggest?q=bru", "/search?q=x&on=never"):
        assert client.get(address).headers["cache-control"] == "no-store"


def test_suggestions_are_a_plain_list(client: TestClient) -> None:
    found = client.get("/suggest?q=brui").json()
    assert found
    assert all(isinstance(words, str) for words in found)
    assert client.get("/suggest?q=").json() == []


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("Ring the front door.", [(9, 14)]) == Markup("Ring the <mark>front</mark> door.")


def test_a_long_text_is_cut_at_word_ends_around_its_marks() -> None:
    text = "Nothing here at all. " * 40 + "Decide about toxicology early. " + "More follows. " * 40
    start = text.index("toxicology")
    shown = excerpt(text, [(start, start + 10)])
    assert "… Decide about <mark>toxicology</mark> early." in shown
    assert shown.endswith(" …")
    assert len(shown) < 340


def test_an_excerpt_never_lets_markup_through() -> None:
    assert "<b>" not in excerpt("<b>bold</b> words", [(0, 3)])
    odd = "a\x02<b>\x03 \x03 \x02"  # the signs that stand for marks while a text is escaped
    assert excerpt(odd, [(0, 1)]) == Markup("<mark>a</mark> &lt;b&gt;     ")


def test_an_excerpt_stands_in_its_place_whatever_the_words_around_it(kb: KnowledgeBase) -> None:
    odd = '<b>"\ue000\ue001{{ 7 }}'  # among it the sign that keeps the excerpt's place while the rest is drawn
    found = Passage("k", "r", "section", "odd", odd, odd, f"Ring <i>{odd}", number=odd, area=odd)
    template = create_app(kb).state.site._environment.from_string("{{ hits|passages('section', 'odd', when) }}")
    for _ in range(2):  # drawn, and drawn before
        page = html.fragment_fromstring(template.render(hits=(Hit(found, 1.0, ((0, 4),)),), when=TODAY))
        (text,) = page.xpath("self::li/p[@class='app-passage__text']")
        assert (text.text_content(), text.findtext("mark")) == (f"Ring <i>{odd}", "Ring")
        assert page.xpath("self::li/a")[0].text_content() == f"{odd} {odd}"
        assert page.xpath("self::li/span")[0].text_content() == odd
        assert not page.xpath(".//b | .//i")


def test_a_single_endless_word_is_cut_too() -> None:
    assert len(excerpt("x" * 5000, [(2000, 2100)])) < 340
