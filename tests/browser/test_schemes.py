"""Every kind of page in a dark scheme, in the system's own colours and enlarged four times.

Light pages at both widths, with and without script, are in test_pages; here each kind is loaded once and looked at in
every other way.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.test_pages import KINDS

OpenPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]

PHONE, DESK = ViewportSize(width=320, height=900), ViewportSize(width=1280, height=900)
FOUR_TIMES = ViewportSize(width=320, height=256)  # what 400 % leaves of 1280 by 1024
STAYS = """() => [...document.querySelectorAll("body *")]
  .filter((each) => ["fixed", "sticky"].includes(getComputedStyle(each).position))
  .map((each) => each.getBoundingClientRect().height)"""


def wear(page: Page, scheme: str) -> None:
    """Show a page in a scheme: a dark one, or the system's own colours."""
    if scheme == "dark":
        page.emulate_media(color_scheme="dark", forced_colors="none")
    else:
        page.emulate_media(color_scheme="light", forced_colors="active")


@pytest.mark.parametrize(
    "ways",
    [
        pytest.param((("dark", PHONE), ("forced", DESK)), id="daily"),
        pytest.param((("dark", DESK), ("forced", PHONE)), id="soak", marks=pytest.mark.soak),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_accessible_in_every_scheme_and_whole_when_enlarged(
    open_page: OpenPage, axe: Axe, kind: str, ways: tuple[tuple[str, ViewportSize], ...]
) -> None:
    page = open_page(KINDS[kind])
    found: dict[str, list[str]] = {}
    for scheme, size in ways:
        wear(page, scheme)
        page.set_viewport_size(size)
        found[f"{scheme} at {size['width']}"] = axe(page)
    assert {where: what for where, what in found.items() if what} == {}
    page.set_viewport_size(FOUR_TIMES)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= FOUR_TIMES["width"]
    page.evaluate("scrollTo(0, 400)")
    assert sum(page.evaluate(STAYS)) <= FOUR_TIMES["height"] / 3


@pytest.mark.parametrize("scheme", ["dark", "forced"])
def test_what_opens_is_accessible_in_every_scheme_too(open_page: OpenPage, axe: Axe, scheme: str) -> None:
    for address in ("/sections/brue", "/search?q=baby"):
        page = open_page(address)
        wear(page, scheme)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        page.get_by_role("combobox", name="Search the procedures").fill("bru")
        expect(page.get_by_role("option").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        assert axe(page) == []


def test_a_dark_scheme_is_dark(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")
    light = (
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((sum, part) => sum + Number(part), 0)"
    )
    assert page.evaluate(light) > 600
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(light) < 200
