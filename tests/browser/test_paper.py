"""What comes out of the printer: guidance that says what it is, since when it applies and where it is from."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

OpenPage = Callable[..., Page]

ONLY_ON_SCREEN = (
    *("Skip to main content", "Filter and sort", "Apply filters", "Is this page useful?", "A to Z"),
    *("Accessibility statement", "Next section", "On this page", "Put first"),
)


def printed(page: Page) -> list[str]:
    """Print a page as a browser does, and read every sheet."""
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    return [sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf(format="A4"))).pages]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/sections/brue", ["8.38", "In force since 2 September 2024", "/sections/brue/revisions/4"]),
        (
            "/sections/brue?on=2016-05-01",
            ["8.36", "This is not the text in force today", "It is what applied on 1 May 2016"],
        ),
        ("/print/parts/5", ["Part 5", "In force since", "/print/parts/5"]),
        ("/search?q=toxicology", ["results for “toxicology”", "In force since"]),
        ("/contacts", ["999"]),
    ],
)
def test_paper_says_what_it_is_and_has_nothing_that_can_only_be_pressed(
    open_page: OpenPage, address: str, says: list[str]
) -> None:
    sheets = printed(open_page(address))
    text = "\n".join(sheets)
    assert [words for words in says if words not in text] == []
    assert [words for words in ONLY_ON_SCREEN if words in text] == []
    assert all(re.search(r"(Printed|Page made) \d+ \w+ \d{4}", sheet) for sheet in sheets)
    assert all(f"Page {place} of {len(sheets)}" in sheet for place, sheet in enumerate(sheets, 1))
