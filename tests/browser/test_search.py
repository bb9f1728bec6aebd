"""Searching in a real browser: the box and its key, the filter panel, and the way from a result to its paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, Route, expect

OpenPage = Callable[..., Page]

MARKED = "[...(CSS.highlights.get('found') ?? [])].map((range) => range.toString().toLowerCase())"


@pytest.fixture
def arrived(open_page: OpenPage) -> Page:
    """A reader who has followed the first passage of a search for "toxicology"."""
    page = open_page("/search?q=toxicology")
    page.locator(".app-passage__link").first.click()
    page.wait_for_url("**/sections/**")
    return page


# The box


def test_answers_that_arrive_out_of_order_are_never_shown_out_of_order(open_page: OpenPage) -> None:
    page = open_page("/")
    held: list[Route] = []

    def answer(route: Route) -> None:
        if route.request.url.endswith("q=to"):
            held.append(route)
        else:
            route.fulfill(json=["the newer answer"])

    page.route("**/suggest?*", answer)
    box = page.get_by_role("combobox", name="Search the procedures")
    with page.expect_request("**/suggest?q=to"):
        box.fill("to")
    box.fill("toxi")
    expect(page.get_by_role("option")).to_have_text(["the newer answer"])
    held[0].fulfill(json=["the older answer"])
    page.wait_for_timeout(300)
    expect(page.get_by_role("option")).to_have_text(["the newer answer"])


def test_an_acronym_is_offered_before_a_longer_title_and_choosing_it_goes_there(open_page: OpenPage) -> None:
    page = open_page("/about")
    page.get_by_role("combobox", name="Search the procedures").press_sequentially("bru", delay=30)
    first, second = page.get_by_role("option").nth(0), page.get_by_role("option").nth(1)
    expect(first).to_contain_text("BRUE")
    expect(second).to_contain_text("Bruising")
    first.click()
    page.wait_for_url("**/search?q=BRUE")


@pytest.mark.parametrize("keys", ["Control+k", "Meta+k"])
@pytest.mark.parametrize("address", ["/", "/sections/brue", "/search?q=baby"])
def test_a_key_leads_to_the_box_from_everywhere(open_page: OpenPage, address: str, keys: str) -> None:
    page = open_page(address)
    page.keyboard.press(keys)
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("neglect")
    expect(page.locator("#q")).to_have_value("neglect")


def test_other_keys_stay_as_they_are(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")
    for keys in ("k", "/", "Control+Shift+k", "Control+Alt+k"):
        page.keyboard.press(keys)
        expect(page.locator("#q")).not_to_be_focused()


def test_a_page_without_a_box_leaves_the_key_to_the_browser(open_page: OpenPage) -> None:
    page = open_page("/about")
    script = page.locator("script[src*='/site.js']").get_attribute("src")
    page.route("**/bare", lambda route: route.fulfill(body="<!doctype html><title>No box</title><p>Nothing</p>"))
    page.goto("/bare")
    page.add_script_tag(url=script, type="module")
    page.wait_for_load_state("networkidle")
    page.evaluate("addEventListener('keydown', (event) => { window.taken = event.defaultPrevented })")
    page.keyboard.press("Control+k")
    assert page.evaluate("window.taken") is False


def test_the_key_is_announced_only_where_script_runs(open_page: OpenPage) -> None:
    expect(open_page("/about").locator("#q-hint")).to_contain_text("Ctrl K leads here")
    expect(open_page("/about", javascript=False).locator("#q-hint")).not_to_contain_text("Ctrl K")


# The panel


@pytest.mark.parametrize(("width", "script"), [(1280, False), (320, False), (320, True)])
def test_filters_are_ticked_applied_and_taken_off_again(open_page: OpenPage, width: int, script: bool) -> None:
    page = open_page("/search?q=child", width=width, javascript=script)
    reviews = page.get_by_role("checkbox", name=re.compile(r"^Reviews \("))
    if width < 769:
        expect(reviews).to_be_hidden()
        page.get_by_text("Filter and sort", exact=True).click()
    reviews.check()
    page.get_by_label("Sort by").select_option("Newest in force first")
    page.get_by_role("button", name="Apply filters").click()
    page.wait_for_url("**/search?q=child&order=newest&kind=review")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\d+ results? for “child”$"))
    page.get_by_role("link", name="Remove Reviews").click()
    page.wait_for_url("**/search?q=child&order=newest")


def test_the_panel_stands_open_beside_the_results_at_a_desk(open_page: OpenPage) -> None:
    page = open_page("/search?q=baby", javascript=False)
    panel, results = page.locator(".app-filter__form").bounding_box(), page.locator(".app-results").bounding_box()
    assert panel is not None
    assert results is not None
    assert panel["x"] > results["x"] + results["width"] - 1
    assert panel["y"] < 300
    expect(page.get_by_text("Filter and sort", exact=True)).to_be_hidden()


def test_on_a_phone_the_first_answer_is_on_the_first_screen(open_page: OpenPage) -> None:
    page = open_page("/search?q=baby", width=320)
    panel, first = page.locator(".app-filter").bounding_box(), page.locator(".app-result").first.bounding_box()
    assert panel is not None
    assert first is not None
    assert panel["y"] < first["y"] < 500


def test_every_folded_group_of_the_panel_is_accessible(open_page: OpenPage, axe: Callable[[Page], list[str]]) -> None:
    page = open_page("/search?q=baby&theme=Toxicology", width=320)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


# The way to the paragraph


def test_the_paragraph_arrived_at_is_focused_in_view_and_has_the_words_marked(arrived: Page) -> None:
    paragraph = arrived.locator(":target")
    expect(paragraph).to_be_focused()
    expect(paragraph).to_be_in_viewport()
    assert set(arrived.evaluate(MARKED)) == {"toxicology"}
    box = paragraph.bounding_box()
    assert box is not None
    covering = "([x, y]) => document.elementFromPoint(x, y).closest('.app-paragraph')?.id"
    assert arrived.evaluate(covering, [box["x"] + 200, box["y"] + 5]) == paragraph.get_attribute("id")


def test_the_words_are_marked_one_time_only(arrived: Page) -> None:
    assert arrived.evaluate("sessionStorage.length") == 0
    arrived.reload()
    expect(arrived.locator(":target")).to_be_visible()
    assert arrived.evaluate(MARKED) == []


def test_what_was_searched_for_is_in_no_address_of_the_section(open_page: OpenPage) -> None:
    page = open_page("/search?q=toxicology")
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.locator(".app-passage__link").first.click()
    page.wait_for_url("**/sections/**")
    assert asked
    assert not [address for address in asked if "toxicology" in address]


def test_every_form_of_the_word_is_marked_and_no_part_of_another(open_page: OpenPage) -> None:
    page = open_page("/search?q=bruise")
    link = page.locator(".app-passage__link[href*='bruising-non-mobile']").first
    link.click()
    page.wait_for_url("**/sections/**")
    marked = set(page.evaluate(MARKED))
    assert marked
    assert marked <= {"bruise", "bruises", "bruised", "bruising"}


def test_a_paragraph_reached_otherwise_is_focused_and_has_nothing_marked(arrived: Page) -> None:
    address = arrived.url
    arrived.goto("/about")
    arrived.goto(address)
    expect(arrived.locator(":target")).to_be_focused()
    assert arrived.evaluate(MARKED) == []


def test_the_focus_leaves_nothing_behind_that_can_be_tabbed_to(arrived: Page) -> None:
    paragraph = arrived.locator(":target")
    expect(paragraph).to_have_attribute("tabindex", "-1")
    arrived.keyboard.press("Tab")
    expect(paragraph).not_to_have_attribute("tabindex", "-1")
    inside = "document.activeElement.closest('.app-paragraph')?.id === location.hash.slice(1)"
    assert arrived.evaluate(inside)


def test_without_script_the_paragraph_stands_out_all_the_same(open_page: OpenPage) -> None:
    page = open_page("/search?q=toxicology", javascript=False)
    page.locator(".app-passage__link").first.click()
    expect(page.locator(":target")).to_be_in_viewport()
    expect(page.locator(":target")).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
