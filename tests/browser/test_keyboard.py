"""The journeys by keyboard alone, and by the names that a screen reader says: with script and without.

By keyboard means Tab, Enter, Space, arrows and typing; nothing is clicked, and nothing found that was not tabbed to. At
every stop the focus is to be seen, on the screen and under nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

MOST_STOPS = 400
WITH_AND_WITHOUT = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])

STOP = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const named = focused.getAttribute("aria-label") ?? focused.labels?.[0]?.textContent ?? focused.textContent;
  const boxes = [...focused.getClientRects()].filter((each) => each.width && each.height);
  const seen = boxes.some((box) => {
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const top = document.elementFromPoint(x, y);
    return top && (focused.contains(top) || top.contains(focused) || focused.labels?.[0]?.contains(top));
  });
  const marks = (style) =>
    (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 && !/, 0\\)$/.test(style.outlineColor))
    || style.boxShadow !== "none" || style.backgroundColor === "rgb(255, 221, 0)";  // the yellow of GOV.UK
  const around = [getComputedStyle(focused)];
  for (const each of focused.labels ?? []) around.push(getComputedStyle(each, "::before"));
  return { name: named.replace(/\\s+/g, " ").trim(), seen, marked: around.some(marks) };
}"""


@dataclass
class Keyboard:
    """A reader at the keyboard; remembers every stop that could not be seen."""

    page: Page
    unseen: list[str] = field(default_factory=list)

    def tab(self, *, back: bool = False) -> str | None:
        """Go to the next stop and say its name."""
        self.page.keyboard.press("Shift+Tab" if back else "Tab")
        stop = self.page.evaluate(STOP)
        if stop is None:
            return None
        if not (stop["seen"] and stop["marked"]):
            self.unseen.append(f"{stop['name'][:50]}: seen {stop['seen']}, marked {stop['marked']} on {self.page.url}")
        return str(stop["name"])

    def to(self, name: str) -> None:
        """Tab until something is reached whose name begins so."""
        passed: list[str | None] = []
        for _ in range(MOST_STOPS):
            passed.append(self.tab())
            if (passed[-1] or "").startswith(name):
                return
        raise AssertionError(f"{name!r} is not reached by Tab. Passed: {passed[:60]}")

    def press(self, name: str, key: str = "Enter") -> None:
        """Tab to something and press it."""
        self.to(name)
        self.page.keyboard.press(key)


@pytest.fixture
def at_the_keyboard(open_page: OpenPage) -> Callable[..., Keyboard]:
    return lambda address, **options: Keyboard(open_page(address, **options))


@WITH_AND_WITHOUT
def test_brue_is_found_read_cited_and_left_by_keyboard_alone(
    at_the_keyboard: Callable[..., Keyboard], script: bool
) -> None:
    keys = at_the_keyboard("/", javascript=script)
    page = keys.page
    assert keys.tab() == "Skip to main content"
    keys.page.keyboard.press("Enter")
    keys.to("Search the procedures")
    page.keyboard.type("BRUE")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=BRUE")

    assert keys.tab() == "Skip to main content"
    page.keyboard.press("Enter")
    keys.press("8.38.")
    page.wait_for_url("**/sections/brue#*")
    expect(page.locator(":target")).to_be_in_viewport()
    pid = page.url.split("#")[1]

    if script:
        keys.to("8.38.")
        page.keyboard.press("Enter")
    keys.to("Copy link" if script and page.evaluate("isSecureContext") else "Link and citation")
    if not script:
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/p/{pid}?cite=")
        keys.press("Back to 8.38")
        page.wait_for_url(f"**/sections/brue#{pid}")
    while not page.url.endswith("/search?q=BRUE"):
        page.go_back()
    assert keys.unseen == []


@WITH_AND_WITHOUT
def test_filters_are_set_and_taken_off_by_keyboard_alone(
    at_the_keyboard: Callable[..., Keyboard], script: bool
) -> None:
    keys = at_the_keyboard("/search?q=child", width=320, javascript=script)
    page = keys.page
    keys.press("Filter and sort")
    keys.press("Reviews (", "Space")
    keys.press("Apply filters")
    page.wait_for_url("**kind=review*")
    keys.press("Remove Reviews")
    page.wait_for_url(re.compile(r"/search\?q=child$"))
    assert keys.unseen == []


def test_a_suggestion_is_chosen_by_keyboard_and_the_list_is_left_by_escape(
    at_the_keyboard: Callable[..., Keyboard],
) -> None:
    keys = at_the_keyboard("/")
    page = keys.page
    box = page.get_by_role("combobox", name="Search the procedures")
    keys.to("Search the procedures")
    page.keyboard.type("bru", delay=30)
    expect(page.get_by_role("option").first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(box).to_have_value("bru")
    page.keyboard.type("i", delay=30)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_count(1)
    page.keyboard.press("Tab")
    assert (keys.page.evaluate(STOP) or {}).get("name") != "Search the procedures"
    page.keyboard.press("Shift+Tab")
    keys.page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("brue", delay=30)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=BRUE")


@WITH_AND_WITHOUT
def test_whether_the_page_was_useful_is_said_by_keyboard_alone(
    at_the_keyboard: Callable[..., Keyboard], script: bool
) -> None:
    keys = at_the_keyboard("/sections/brue", javascript=script)
    page = keys.page
    keys.press("No, or something is wrong")
    page.wait_for_url("**/feedback?section=brue")
    keys.tab()
    page.keyboard.press("Enter")  # the skip link
    keys.tab()
    page.keyboard.press("Space")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    keys.to("What should be put right?")
    page.keyboard.type("The number in the second line.")
    keys.press("Send")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert keys.unseen == []


@pytest.mark.parametrize(
    "address", ["/", "/search?q=baby", "/sections/brue", "/contacts", "/updates/since?day=2026-01-01"]
)
@pytest.mark.parametrize("scheme", ["light", "forced"])
def test_no_page_holds_the_keyboard_and_every_stop_can_be_seen(
    at_the_keyboard: Callable[..., Keyboard], address: str, scheme: str
) -> None:
    keys = at_the_keyboard(address)
    if scheme == "forced":
        keys.page.emulate_media(forced_colors="active")
    stops = list(takewhile(lambda stop: stop is not None, (keys.tab() for _ in range(MOST_STOPS))))
    assert stops[0] == "Skip to main content"
    assert "Accessibility statement" in stops
    assert keys.unseen == []
    assert keys.tab(back=True)


@WITH_AND_WITHOUT
def test_the_same_way_is_found_by_the_names_a_screen_reader_says(open_page: OpenPage, script: bool) -> None:
    page = open_page("/", javascript=script)
    box = page.get_by_role("combobox" if script else "searchbox", name="Search the procedures", exact=True)
    expect(page.get_by_role("search")).to_have_count(1)
    box.fill("BRUE")
    page.get_by_role("search").get_by_role("button", name="Search", exact=True).press("Enter")

    results = page.get_by_role("main")
    expect(results.get_by_role("heading", level=1)).to_contain_text("“BRUE”")
    expect(results.get_by_role("heading", level=2, name=re.compile("^8.38 Brief Resolved"))).to_have_count(1)
    results.get_by_role("link", name=re.compile(r"^8\.38\.\d+ ")).first.press("Enter")

    page.wait_for_url("**/sections/brue#*")
    expect(page.get_by_role("heading", level=1, name="8.38 Brief Resolved Unexpected Event (BRUE)")).to_have_count(1)
    expect(page.get_by_role("region", name="Do this now")).to_have_count(1)
    expect(page.get_by_role("region", name="Numbers to ring now")).to_have_count(1)
    expect(page.get_by_role("navigation", name="On this page")).to_have_count(1)
    expect(page.get_by_role("region", name="Is this page useful?")).to_have_count(1)
    page.get_by_role("link", name="No, or something is wrong with this page").press("Enter")

    expect(page.get_by_role("group", name="Choose one")).to_have_count(1)
    page.get_by_role("radio", name="Hard to understand").check()
    page.get_by_role("textbox", name="What should be put right?").fill("The second line.")
    page.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1, name="Thank you")).to_have_count(1)


@WITH_AND_WITHOUT
@pytest.mark.parametrize("address", ["/", "/search?q=baby", "/sections/brue", "/contacts", "/reviews", "/updates"])
def test_names_tell_landmarks_buttons_and_links_apart(open_page: OpenPage, address: str, script: bool) -> None:
    page = open_page(address, javascript=script)
    for role in ("banner", "main", "contentinfo", "search"):
        expect(page.get_by_role(role)).to_have_count(1)
    snapshot = page.locator("body").aria_snapshot()
    for role in ("navigation", "region", "button", "combobox", "searchbox", "textbox"):
        names = re.findall(rf'- {role}(?: "([^"]*)")?', snapshot)
        assert "" not in names, (role, names)
        assert len(names) == len(set(names)), (role, names)
    assert duplicates(snapshot) == {}


def duplicates(snapshot: str) -> dict[str, set[str]]:
    """Links of the same name that lead to different places."""
    places: dict[str, set[str]] = {}
    for name, place in re.findall(r'- link "([^"]+)"[^\n]*:\n\s+- /url: (\S+)', snapshot):
        places.setdefault(name, set()).add(place)
    return {name: found for name, found in places.items() if len(found) > 1}


@pytest.mark.parametrize("address", ["/", "/search?q=baby", "/sections/brue", "/contacts"])
def test_without_script_nothing_waits_for_it(open_page: OpenPage, address: str) -> None:
    page = open_page(address, javascript=False)
    text = page.get_by_role("main").inner_text()
    with_script = open_page(address).get_by_role("main").inner_text()
    lost = set(with_script.splitlines()) - set(text.splitlines())
    assert {line for line in lost if "browser" not in line and "Ctrl K" not in line} == set()
    controls = page.locator("main button:visible:not([type=submit]):not([popovertarget])")
    assert controls.all_inner_texts() == []
