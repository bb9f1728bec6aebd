"""Reading a section in a real browser: what the keyboard meets, what is copied, remembered, sent and printed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

OpenPage = Callable[..., Page]

COVERED = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const box = [...focused.getClientRects()].find((each) => each.width && each.height);
  if (!box) return null;
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  if (y < 0 || y > innerHeight) return `${focused.textContent.trim()} is off the screen`;
  const top = document.elementFromPoint(x, y);
  const seen = top && (focused.contains(top) || top.contains(focused));
  return seen ? null : `${focused.textContent.trim()} is under ${top?.outerHTML.slice(0, 80)}`;
}"""


def paragraph(page: Page, number: str) -> str:
    """Find the id of a paragraph by its number."""
    link = page.get_by_role("link", name=number, exact=True).first.get_attribute("href")
    assert link
    return link.removeprefix("#")


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (1280, 620), (320, 900), (320, 256)])
def test_whatever_the_keyboard_reaches_is_never_covered(open_page: OpenPage, width: int, height: int) -> None:
    page = open_page("/sections/brue", width=width)
    page.set_viewport_size({"width": width, "height": height})  # 320 by 256 is 1280 by 1024 at 400 %
    covered = []
    for _ in range(400):
        page.keyboard.press("Tab")
        covered.append(page.evaluate(COVERED))
        if page.evaluate("document.activeElement.closest('footer.govuk-footer') !== null"):
            break
    assert page.evaluate("document.activeElement.closest('footer.govuk-footer') !== null")
    assert [each for each in covered if each] == []


def test_the_contents_stay_beside_the_text_only_where_there_is_room(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")

    def shown() -> bool:
        page.evaluate("scrollTo(0, 4000)")
        box = page.get_by_role("navigation", name="On this page").bounding_box()
        return box is not None and 0 <= box["y"] < 900

    assert shown()
    for width, height in ((1280, 500), (640, 900), (320, 256)):
        page.set_viewport_size({"width": width, "height": height})
        assert not shown()


def test_a_paragraph_that_is_arrived_at_is_whole_and_uncovered(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")
    pid = paragraph(page, "8.38.20")
    page.goto(f"/sections/brue#{pid}")
    place = page.evaluate(
        "(id) => { const box = document.getElementById(id).getBoundingClientRect();"
        " const top = document.elementFromPoint(box.left + 100, box.top + 10);"
        " return [box.top, document.getElementById(id).contains(top)] }",
        pid,
    )
    assert place[0] >= 0
    assert place[1]


def test_the_tools_of_a_paragraph_add_no_stops_until_it_is_gone_to(open_page: OpenPage) -> None:
    for script in (True, False):
        page = open_page("/sections/brue", javascript=script)
        assert page.locator(".app-tools :visible").count() == 0
        page.get_by_role("link", name="8.38.12", exact=True).first.press("Enter")
        assert page.locator(".app-tools:visible").count() == 1


def test_link_and_citation_are_copied_by_keyboard_and_said_aloud(chromium: Browser, site: str) -> None:
    context = chromium.new_context(base_url=site, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/sections/brue")
    pid = paragraph(page, "8.38.4")
    page.get_by_role("link", name="8.38.4", exact=True).press("Enter")
    page.wait_for_function("document.activeElement.textContent === '8.38.4'")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#{pid}").get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}/p/{pid}"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('Pan-Sussex'))")
    copied = page.evaluate("navigator.clipboard.readText()")
    page.goto(f"/p/{pid}?cite=")
    assert page.locator("[data-copy]").nth(1).text_content() == copied
    context.close()


def test_yes_is_said_without_leaving_the_page(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")
    page.get_by_role("button", name="Yes this page is useful").click()
    expect(page.get_by_text("Thank you. The editors will see that this page is useful.")).to_be_focused()
    assert page.url.endswith("/sections/brue")


def test_without_script_yes_and_no_lead_to_thanks(open_page: OpenPage) -> None:
    page = open_page("/sections/brue", javascript=False)
    page.get_by_role("button", name="Yes this page is useful").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    page.goto("/sections/brue")
    page.get_by_role("link", name="No, or something is wrong").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("link", name="Choose why the page was not useful.")).to_be_visible()
    page.get_by_label("Hard to understand").check()
    page.get_by_label("What should be put right?").fill("Too long.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")


def test_what_was_read_is_remembered_only_when_asked_and_forgotten_at_once(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")
    assert page.evaluate("localStorage.length") == 0
    page.get_by_role("button", name="Remember in this browser what I have read").click()
    expect(page.get_by_role("button", name="Forget what I have read")).to_be_focused()
    assert "2026-11-23" in page.evaluate("localStorage.getItem('kb-read')")
    page.get_by_role("button", name="Forget what I have read").click()
    assert page.evaluate("localStorage.length") == 0


def test_a_reader_who_asked_is_told_what_changed_since(open_page: OpenPage) -> None:
    page = open_page("/about")
    page.evaluate('localStorage.setItem(\'kb-read\', \'{"brue": {"day": "2024-05-03", "revision": "3"}}\')')
    page.goto("/sections/brue")
    told = page.get_by_text(re.compile(r"^\d+ paragraphs changed since you read this on 3 May 2024\."))
    expect(told).to_be_visible()
    assert page.get_by_role("link", name="See what changed").get_attribute("href") == (
        "/sections/brue/since?day=2024-05-03"
    )
    page.get_by_role("button", name="I have read the changes").click()
    expect(told).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Forget what I have read")).to_be_visible()
    expect(told).to_have_count(0)


def test_a_spoilt_memory_spoils_no_page(open_page: OpenPage) -> None:
    page = open_page("/about")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    for spoilt in ("{", "7", '"x"', "[]", '{"brue": 7}', '{"brue": {"day": "<b>", "revision": "1"}}'):
        page.evaluate(
            "(value) => { for (const key of ['kb-read', 'kb-area']) localStorage.setItem(key, value) }", spoilt
        )
        page.goto("/sections/brue")
        expect(page.get_by_text("Do this now").first).to_be_visible()
    assert faults == []


def test_an_area_is_put_first_and_remembered_only_when_asked(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")
    page.get_by_role("link", name="West Sussex first", exact=True).click()
    assert "area=west-sussex" in page.url
    assert page.evaluate("localStorage.length") == 0
    page.get_by_role("button", name="Remember West Sussex in this browser").click()
    expect(page.get_by_role("button", name="Forget my area")).to_be_focused()
    for address in ("/sections/brue", "/contacts", "/"):
        page.goto(address)
        areas = page.locator(".app-ring__area").all_text_contents()
        assert areas == ["Child in danger now", "West Sussex", "East Sussex", "Brighton & Hove"]
    page.goto("/sections/brue")
    local = page.locator(".app-split__main .app-paragraph[data-area] .app-area").all_text_contents()
    assert local == ["West Sussex", "East Sussex", "Brighton & Hove"]
    page.get_by_role("button", name="Forget my area").click()
    assert page.evaluate("localStorage.length") == 0


def _pages(page: Page) -> list[str]:
    return [sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf(format="A4"))).pages]


def test_every_printed_page_says_what_since_when_printed_when_and_where_from(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    sheets = _pages(page)
    assert len(sheets) > 2
    for place, sheet in enumerate(sheets, 1):
        assert "8.38 – In force since 2 September 2024" in sheet
        assert re.search(r"Printed \d+ \w+ \d{4} at \d+:\d\d", sheet)
        assert "/sections/brue/revisions/4" in sheet
        assert f"Page {place} of {len(sheets)}" in sheet


def test_without_script_every_printed_page_says_when_it_was_made(open_page: OpenPage) -> None:
    for sheet in _pages(open_page("/sections/brue", javascript=False)):
        assert "Page made 23 November 2026 at 3am" in sheet


def test_paper_has_the_notes_and_no_address_of_an_internal_link(open_page: OpenPage) -> None:
    page = open_page("/sections/brue")
    text = "\n".join(_pages(page))
    assert "American Academy of Pediatrics guideline" in text
    assert re.findall(r"\(/\w+[^)]*\)", text) == []
    for button in ("Is this page useful?", "Next section", "Copy link", "Put first"):
        assert button not in text


def test_each_section_of_a_printed_part_stands_on_pages_that_name_it(open_page: OpenPage) -> None:
    sheets = _pages(open_page("/print/parts/8"))
    assert "Contents of this part" in sheets[0]
    for number, title in (("8.37", "Bruising in Children"), ("8.38", "Brief Resolved Unexpected")):
        own = [sheet for sheet in sheets if f"{number} – In force since" in sheet]
        assert title in own[0].replace("\n", " ")
        assert len(own) > 1
    assert all("/print/parts/8" in sheet and re.search(r"Printed \d+ \w+ \d{4}", sheet) for sheet in sheets)
    assert "End of part 8." in sheets[-1]


def test_what_is_marked_is_marked_in_the_systems_own_colours_too(chromium: Browser, site: str) -> None:
    context = chromium.new_context(base_url=site, forced_colors="active")
    page = context.new_page()
    page.goto("/sections/brue")
    page.get_by_role("link", name="8.38.12", exact=True).first.click()
    assert page.locator(":target").evaluate("(each) => getComputedStyle(each).outlineStyle") == "solid"
    context.close()
