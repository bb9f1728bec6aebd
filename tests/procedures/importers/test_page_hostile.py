"""Pages made to be slow are read in time that grows with their length, and keep their words."""

import time

import pytest

from procedures.importers.page.read import read_page
from procedures.importers.reading import SourceFile

SECONDS = 10.0
"""Far more than any of these takes, far less than one that grows with the square of its size."""

HOSTILE = {
    "nested divs": "<div>" * 20_000 + "deep",
    "an open div for every line": "<div>line " * 5_000,
    "nested lists": "<ul><li>x" * 5_000,
    "nested tables": "<table><tr><th>x" * 3_000,
    "nested headings": "<table><tr><td><h2>x</h2>" * 3_000,
    "nested anchors": "<a href=#fn1>1" * 5_000,
    "nested superscripts": "<sup>" * 20_000 + "1",
    "250,000 attributes": "<p " + " ".join(f"a{place}=x" for place in range(250_000)) + ">deep",
    "250,000 classes": "<div class='" + " ".join(f"a{place}" for place in range(250_000)) + "'>deep",
    "markers": "<p>" + "[1] " * 20_000 + "</p>" + "<p>[1] note</p>" * 3_000,
    "spaces": "<p>a" + " " * 2_000_000 + "b",
    "line breaks": "<p>a" + "<br> " * 30_000 + "b",
    "brackets": "<p>" + "[" * 200_000 + "<a href=x>" + "(" * 200_000,
    "numbers": "<p>" + "8.14." * 50_000 + "<h2>" + "8.14." * 50_000,
    "first headings": "<h1>8.14 x</h1>" * 5_000,
    "amendments": "<p>AMENDMENTS</p>" * 3_000 + "<div class=amendment><p>May 2020 x</p>" * 3_000,
    "areas": "<ul>" + "<li>West Sussex<li>East Sussex" * 5_000,
    "empty elements": "<i></i>" * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_in_bounded_time_and_keeps_its_words(name: str) -> None:
    content = f"<main><h1>8.1 A</h1><p>Plain text.</p>{HOSTILE[name]}"
    began = time.perf_counter()
    reading = read_page(SourceFile("page.html", content.encode()))
    assert time.perf_counter() - began < SECONDS
    told = reading.sections[0].body + "".join(text.text for text in reading.unplaced)
    assert "Plain text." in told
    assert "deep" in told or "deep" not in content
