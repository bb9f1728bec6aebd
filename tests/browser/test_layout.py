"""Nothing moves under a reader's eyes or thumb, and a page enlarged four times is still a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

OpenPage = Callable[..., Page]

WATCH = """
window.moved = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) {
    if (shift.hadRecentInput) continue;
    const parts = shift.sources.map(({ node }) => (node?.outerHTML ?? node?.textContent ?? "?").slice(0, 90));
    window.moved.push([shift.value, ...parts]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}  # a poor signal
LEAST_SEEN = 0.01
"""Of the screen, by the measure of a layout shift; 0.1 is what search engines call good."""

SCROLLS = """new Promise((done) => {
  scrollTo(0, document.body.scrollHeight);
  requestAnimationFrame(() => setTimeout(done, 200));
})"""
WIDE = """() => [...document.querySelectorAll("main *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth)
  .map((each) => `${each.tagName} ${each.textContent.trim().slice(0, 60)}`)"""
KEPT = {
    "area": """localStorage.setItem("kb-area", '"brighton-hove"')""",
    "read": """localStorage.setItem("kb-read", '{"brue": {"day": "2024-05-03", "revision": "3"}}')""",
}


@pytest.fixture
def moving(chromium: Browser, site: str) -> Callable[..., list[list[object]]]:
    """Open a page on a poor signal and tell what moved, after all script has done its work."""

    def measured(address: str, width: int, kept: str = "") -> list[list[object]]:
        context = chromium.new_context(base_url=site, viewport={"width": width, "height": 700}, locale="en-GB")
        page = context.new_page()
        if kept:
            page.goto("/about")
            page.evaluate(kept)
        page.add_init_script(WATCH)
        context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
        page.goto(address, wait_until="networkidle")
        page.evaluate(SCROLLS)
        moved: list[list[object]] = page.evaluate("window.moved")
        context.close()
        return moved

    return measured


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("address", ["/", "/search?q=baby", "/sections/brue", "/contacts"])
def test_nothing_moves_while_a_page_arrives(
    moving: Callable[..., list[list[object]]], address: str, width: int
) -> None:
    moved = moving(address, width)
    assert sum(float(str(each[0])) for each in moved) < LEAST_SEEN, moved


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("kept", KEPT)
def test_nothing_moves_for_a_reader_whose_browser_remembers(
    moving: Callable[..., list[list[object]]], kept: str, width: int
) -> None:
    for address in ("/sections/brue", "/contacts", "/"):
        moved = moving(address, width, KEPT[kept])
        assert sum(float(str(each[0])) for each in moved) < LEAST_SEEN, (address, moved)


def test_no_section_is_wider_than_a_phone(open_page: OpenPage) -> None:
    page = open_page("/api/v1/sections", width=320, javascript=False)
    parts = page.request.get("/api/v1/sections").json()["data"]
    wide: dict[str, list[str]] = {}
    for section in (section for part in parts for section in part["sections"]):
        page.goto(section["url"])
        wide[section["url"]] = page.evaluate(WIDE)
    assert len(wide) > 70
    assert {address: what for address, what in wide.items() if what} == {}


def test_on_a_phone_each_row_of_a_wide_table_is_a_list_that_names_its_columns(open_page: OpenPage) -> None:
    page = open_page("/sections/statutory-framework", width=320, javascript=False)
    row = page.locator("table:has(caption:text('Short powers')) tbody tr").first
    cells = row.locator("td")
    boxes = [cells.nth(place).bounding_box() for place in range(cells.count())]
    assert all(box and box["width"] > 200 for box in boxes)
    shown = "el => getComputedStyle(el, '::before').content"
    assert "Longest" in cells.nth(2).evaluate(shown)
    assert page.get_by_role("columnheader", name="Longest").count()
    assert page.get_by_role("rowheader", name="Police protection").count()
