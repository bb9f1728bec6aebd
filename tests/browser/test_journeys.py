"""What people come for, from the first key to the answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

OpenPage = Callable[..., Page]


@pytest.mark.parametrize(("width", "script"), [(375, True), (1280, True), (375, False)])
def test_from_an_acronym_to_the_paragraph_its_history_and_the_review_behind_it(
    open_page: OpenPage, width: int, script: bool
) -> None:
    page = open_page("/", width=width, javascript=script)
    page.get_by_label("Search the procedures").fill("BRUE")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("BRUE")

    page.locator(".app-passage__link[href^='/sections/brue']").first.click()
    expect(page.locator(":target")).to_be_in_viewport()
    expect(page.get_by_text("In force since 2 September 2024").first).to_be_visible()

    page.get_by_role("link", name="Revision 4 of 4").click()
    expect(page.get_by_role("heading", level=2, name="Revision 1")).to_be_visible()

    page.get_by_label("From").select_option("2")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Words taken out are")).to_be_visible()
    expect(page.locator("ins").first).to_be_visible()

    page.get_by_role("link", name="Revision 4", exact=True).click()
    page.get_by_text("Why this says so").first.click()
    page.get_by_role("link", name="Child S, West Sussex (2016)").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Child S, West Sussex (2016)")
    expect(page.get_by_text("Illustrative link").first).to_be_visible()


def test_an_old_name_is_explained_and_leads_to_the_new(open_page: OpenPage) -> None:
    page = open_page("/")
    page.get_by_label("Search the procedures").fill("ALTE")
    page.get_by_role("button", name="Search").click()
    place = page.locator(".app-destination").first
    expect(place).to_contain_text("ALTE")
    expect(page.get_by_text("“ALTE” was also searched for as").first).to_be_visible()
    place.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("8.38 Brief Resolved Unexpected Event (BRUE)")


def test_what_applied_on_a_day_is_one_form_away_from_the_section(open_page: OpenPage) -> None:
    page = open_page("/sections/brue", javascript=False)
    page.get_by_text("Read this section as it stood on another day").click()
    page.get_by_label("What was in force on").fill("3 March 2021")
    page.get_by_role("button", name="Show that day").click()
    expect(page.get_by_text("This is not the text in force today")).to_be_visible()
    expect(page.get_by_text("It is what applied on 3 March 2021.")).to_be_visible()
    page.get_by_role("link", name="Read the text in force today").click()
    expect(page.get_by_text("In force since 2 September 2024").first).to_be_visible()


def test_suggestions_complete_what_is_typed_and_take_the_reader_there(open_page: OpenPage) -> None:
    page = open_page("/", width=375)
    box = page.get_by_role("combobox", name="Search the procedures")
    box.press_sequentially("brui", delay=30)
    expect(page.get_by_role("option").first).to_be_visible()
    chosen = page.get_by_role("option").first.inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    expect(page.get_by_role("heading", level=1)).to_contain_text(chosen.split("\n")[0])


def test_enter_searches_for_what_was_typed_and_not_for_a_suggestion(open_page: OpenPage) -> None:
    page = open_page("/")
    box = page.get_by_role("combobox", name="Search the procedures")
    box.press_sequentially("bruis", delay=30)
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("Enter")
    page.wait_for_url("**/search?q=bruis")


def test_an_answer_that_comes_late_does_not_replace_a_newer_one(open_page: OpenPage) -> None:
    page = open_page("/")
    held: list[Route] = []

    def answer(route: Route) -> None:
        if route.request.url.endswith("q=br"):
            held.append(route)  # the answer to the first question is kept back
        else:
            route.fulfill(json=["newer"])

    page.route("**/suggest?*", answer)
    box = page.get_by_role("combobox", name="Search the procedures")
    box.fill("br")
    page.wait_for_timeout(300)
    box.fill("brue")
    expect(page.get_by_role("option", name="newer")).to_be_visible()
    assert held
    held[0].fulfill(json=["older"])
    page.wait_for_timeout(300)
    expect(page.get_by_role("option", name="newer")).to_be_visible()
    expect(page.get_by_role("option", name="older")).to_have_count(0)


def test_a_suggestion_is_shown_as_words_and_never_as_markup(open_page: OpenPage) -> None:
    page = open_page("/")
    page.route("**/suggest?*", lambda route: route.fulfill(json=["<img src=x onerror=alert(1)>"]))
    page.get_by_role("combobox", name="Search the procedures").fill("br")
    expect(page.get_by_role("option")).to_contain_text("<img src=x")
    expect(page.locator("main img")).to_have_count(0)


def test_the_box_still_searches_when_suggestions_fail(open_page: OpenPage) -> None:
    page = open_page("/")
    page.route("**/suggest?*", lambda route: route.abort())
    page.get_by_role("combobox", name="Search the procedures").fill("toxicology")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("toxicology")
