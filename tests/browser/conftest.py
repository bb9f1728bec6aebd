"""A real Chromium for the browser tests: pages at a width, with or without script, and axe.

Used by every test under tests/browser; `site`, the address of a running site, comes from
tests/conftest.py. Nothing here downloads a browser: `make chromium` does.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
MISSING = (
    "The browser tests need Chromium: run `make chromium` as root, install it yourself,"
    " or set KB_CHROMIUM to the program."
)
QUIET = (  # it asks nobody but the site under test
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WCAG_2_2_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
TIMEOUT = 15_000  # milliseconds


class OpenPage(Protocol):
    """Opens an address, or a path of the site under test, in a page of its own."""

    def __call__(self, address: str, *, width: int = 1280, javascript: bool = True) -> Page: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a run."""
    options = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else list(QUIET)
    program = _program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Open pages that share nothing with another test: no cookie, no storage, no cache."""
    contexts: list[BrowserContext] = []

    def opened(address: str, *, width: int = 1280, javascript: bool = True) -> Page:
        base = request.getfixturevalue("site") if address.startswith("/") else None
        context = chromium.new_context(
            base_url=base,
            java_script_enabled=javascript,
            locale="en-GB",
            timezone_id="Europe/London",
            viewport={"width": width, "height": 900},
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """Check a page against WCAG 2.2 AA: `assert axe(page) == []` tells what is wrong, and where."""
    checker = Axe()

    def violations(page: Page) -> list[str]:
        if page.evaluate("matchMedia('(scripting: none)').matches"):
            raise ValueError("axe is itself a script: check the page in a context with JavaScript.")
        only = {"runOnly": {"type": "tag", "values": list(WCAG_2_2_AA)}}
        found = checker.run(page, options={**only, "resultTypes": ["violations"]}).response
        return [_sentence(violation) for violation in found["violations"]]

    return violations


def _program() -> str:
    places = [os.environ["KB_CHROMIUM"]] if os.environ.get("KB_CHROMIUM") else PLACES
    for place in places:
        if os.access(place, os.X_OK):
            return place
    pytest.fail(MISSING, pytrace=False)


def _sentence(violation: dict[str, Any]) -> str:
    places = [f"{' '.join(map(str, node['target']))}: {node['html']}" for node in violation["nodes"]]
    return f"{violation['id']} ({violation['impact']}): {violation['help']} - " + " | ".join(places)
