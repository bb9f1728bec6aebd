"""The browser itself: it starts, draws, obeys the width, and axe sees what is wrong with a page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

GOOD = (
    "data:text/html,<!doctype html><html lang=en><title>Bruising</title>"
    "<meta name=viewport content='width=device-width'>"
    "<main><h1>Bruising</h1><p id=p>A baby who does not rove cannot bruise.</p></main>"
    "<script>document.getElementById('p').textContent = 'script ran'</script>"
)
BAD = "data:text/html,<!doctype html><title>No language</title><img src=x><input>"


@pytest.mark.parametrize("width", [320, 1280])
def test_it_draws_a_page_at_the_width_asked_for(open_page: Callable[..., Page], width: int) -> None:
    page = open_page(GOOD, width=width)
    assert page.evaluate("window.innerWidth") == width
    assert page.screenshot().startswith(b"\x89PNG")


def test_script_can_be_switched_off(open_page: Callable[..., Page]) -> None:
    assert open_page(GOOD).inner_text("#p") == "script ran"
    assert "does not rove" in open_page(GOOD, javascript=False).inner_text("#p")


def test_axe_passes_a_good_page(open_page: Callable[..., Page], axe: Callable[[Page], list[str]]) -> None:
    assert axe(open_page(GOOD)) == []


def test_axe_refuses_a_page_without_script_rather_than_wait_for_ever(
    open_page: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    with pytest.raises(ValueError, match="itself a script"):
        axe(open_page(GOOD, javascript=False))


def test_axe_names_what_is_wrong_and_where(open_page: Callable[..., Page], axe: Callable[[Page], list[str]]) -> None:
    found = axe(open_page(BAD))
    assert {line.split(" ")[0] for line in found} == {"html-has-lang", "image-alt", "label"}
    assert any("<img src" in line for line in found)
