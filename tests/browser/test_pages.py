"""Every kind of page in a real browser: a phone and a desk, with script and without, for eyes, ears and paper."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

OpenPage = Callable[..., Page]

KINDS = {
    "home": "/",
    "search": "/search?q=blue+and+floppy",
    "search-start": "/search",
    "search-nothing": "/search?q=zzqqxx",
    "search-filtered": "/search?q=baby&kind=section&area=East+Sussex&must=yes&order=newest",
    "search-filtered-away": "/search?q=baby&kind=contact&must=yes&area=Kent",
    "search-past": "/search?q=baby&on=2016-05-01",
    "contents": "/sections",
    "section": "/sections/brue",
    "section-past": "/sections/brue?on=2016-05-01",
    "section-as-shown": "/sections/brue?seen=2019-01-01",
    "revision": "/sections/brue/revisions/2",
    "history": "/sections/brue/history",
    "comparison": "/sections/brue/compare?from=3&to=4",
    "section-area": "/sections/brue?area=brighton-hove",
    "section-since": "/sections/brue/since?day=2020-01-01",
    "since": "/updates/since?day=2025-06-01",
    "since-start": "/updates/since",
    "since-bad-day": "/updates/since?day=never",
    "feedback": "/feedback?section=brue",
    "feedback-thanks": "/feedback?section=brue&thanks=1",
    "print-part": "/print/parts/9",
    "contact": "/sections/west-sussex-front-door",
    "contacts": "/contacts",
    "number": "/n/8.36?on=2016-05-01",
    "reviews": "/reviews",
    "review": "/reviews/west-sussex-2016-child-s",
    "updates": "/updates",
    "glossary": "/glossary",
    "about": "/about",
    "themes": "/themes",
    "theme": "/themes/toxicology",
    "a-z": "/a-z",
    "accessibility": "/accessibility",
    "citing": "/p/p-qxdxdg?cite=",
    "paragraph-gone": "/p/p-b3mnsx",
    "problem": "/nowhere",
    "bad-day": "/sections/brue?on=never",
    "sign-in": "/workspace/sign-in",
}
PHONE, DESK = 320, 1280


@pytest.mark.parametrize(
    ("width", "script"),
    [(PHONE, True), (PHONE, False), (DESK, True)],
    ids=["320-script", "320-no-script", "1280-script"],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_accessible_and_never_scrolls_sideways(
    open_page: OpenPage, axe: Callable[[Page], list[str]], kind: str, width: int, script: bool
) -> None:
    page = open_page("/about", width=width)
    if not script:  # axe is itself a script, so ours are kept from arriving instead
        page.route("**/*.js", lambda route: route.abort())
    page.goto(KINDS[kind])
    _keep_picture(page, f"{kind}-{width}{'' if script else '-no-script'}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if script:  # without, the page has the same elements and fewer that move
        assert axe(page) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_breaks_none_of_its_own_rules(open_page: OpenPage, kind: str) -> None:
    page = open_page("/about")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(KINDS[kind])
    assert [line for line in complaints if "status of 40" not in line] == []


def test_what_to_do_now_is_on_the_first_screen_of_a_phone(open_page: OpenPage) -> None:
    page = open_page("/sections/brue", width=375)
    box = page.get_by_text("Do this now").first.bounding_box()
    assert box is not None
    assert box["y"] < 520


def test_folded_text_is_accessible_too(open_page: OpenPage, axe: Callable[[Page], list[str]]) -> None:
    for address in ("/sections/brue", "/sections/brue/compare?from=1&to=2", "/search?q=baby"):
        page = open_page(address, width=PHONE)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_every_target_can_be_hit_with_a_thumb(open_page: OpenPage) -> None:
    page = open_page("/sections/brue", width=PHONE)
    sizes = page.evaluate(
        "[...document.querySelectorAll('.app-paragraph__number, .app-bar__links a, button, summary')]"
        ".map((each) => { const box = each.getBoundingClientRect(); return [box.width, box.height] })"
    )
    assert sizes
    assert min(min(size) for size in sizes) >= 24


def test_the_keyboard_reaches_the_text_first_by_the_skip_link(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"


def test_a_paragraph_that_was_linked_to_stands_out(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")
    page.get_by_role("link", name="8.38.12", exact=True).click()
    marked = page.locator(":target")
    assert re.fullmatch(r"p-\w{6}", marked.get_attribute("id") or "")
    plain = page.evaluate("getComputedStyle(document.querySelector('.app-paragraph:not(:target)')).backgroundColor")
    assert marked.evaluate("(each) => getComputedStyle(each).backgroundColor") != plain


def test_on_paper_stand_the_date_the_address_and_the_time_of_printing(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.get_by_text("In force since 2 September 2024").first.is_visible()
    assert page.get_by_text(re.compile(r"^Printed .* Check that it is still in force")).is_visible()
    assert page.get_by_text(re.compile(r"/sections/brue/revisions/4$")).is_visible()
    assert not page.get_by_role("search").first.is_visible()
    assert page.pdf().startswith(b"%PDF")


def test_without_script_the_paper_says_when_the_page_was_made(open_page: OpenPage) -> None:
    page = open_page("/sections/brue", javascript=False)
    page.emulate_media(media="print")
    assert page.get_by_text("From the page made 23 November 2026 at 3am. Check that it is still in force.").is_visible()


def _keep_picture(page: Page, name: str) -> None:
    """Keep a picture where the run asks for pictures."""
    folder = os.environ.get("KB_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
