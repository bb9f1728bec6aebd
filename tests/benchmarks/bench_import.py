"""How fast saved pages are read, as a ratio to BeautifulSoup on lxml parsing the same pages in the same run.

`make bench` runs it. Pages are made of recombined sentences of the sample manual, laid out as today's products lay
theirs out: two columns, amendments, contents, footnotes, lists, tables, areas. Both sides take turns page by page, so
that the machine's own speed, and its other work, cancel out of the ratio.
"""

import gc
import random
import re
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from html import escape

from bs4 import BeautifulSoup

from procedures import sample
from procedures.importers.page.read import read_page
from procedures.importers.reading import SourceFile
from procedures.markup import clean, paragraphs

PAGES = 300
MEMORY_PAGES = 30
"""Memory is traced over fewer pages: a page is let go before the next, so the peak is that of the largest."""

FURNITURE = "".join(f'<li><a href="/page/{place}">Part {place} of the manual</a></li>' for place in range(60))


def main() -> None:
    """Make the pages, read and parse them in turn, and print the table."""
    chance = random.Random(8)
    bodies = [proposal.body for proposal in sample.proposals()]
    texts = [paragraph.text for body in bodies for paragraph in paragraphs(clean(body), None)]
    sentences = sorted({escape(s.strip()) for text in texts for s in re.split(r"(?<=[.:])\s", text) if len(s) > 20})
    pages = [SourceFile(f"page-{n}.html", _page(chance, sentences, n).encode("windows-1252")) for n in range(PAGES)]
    weight = sum(len(page.content) for page in pages) / len(pages) / 1024
    ours, theirs = _race(pages)
    found = sum(len(read_page(page).sections[0].printed_numbers) for page in pages[:MEMORY_PAGES]) / MEMORY_PAGES
    print(f"{PAGES} pages of {weight:.0f} kB, about {found:.0f} numbered paragraphs each\n")
    print(f"{'':<24}{'pages/s':>10}{'ms each':>10}{'peak MB':>10}")
    peaks = [_peak(partial(work, pages[:MEMORY_PAGES])) for work in (_read, _parse)]
    for name, spent, peak in (("read as sections", ours, peaks[0]), ("BeautifulSoup, lxml", theirs, peaks[1])):
        print(f"{name:<24}{PAGES / spent:>10.1f}{1000 * spent / PAGES:>10.1f}{peak:>10.1f}")
    print(f"{'ratio':<24}{'':>10}{ours / theirs:>10.2f}{peaks[0] / peaks[1]:>10.2f}")


def _page(chance: random.Random, sentences: list[str], number: int) -> str:
    blocks = "".join(_block(chance, sentences, f"8.{number}", place) for place in range(12))
    return (
        '<!doctype html><html><head><meta charset="windows-1252"><title>Manual</title></head><body>'
        f'<div id="header"><h2>Manual</h2></div><ul class="nav">{FURNITURE}</ul><div id="content">'
        f"<h1>8.{number} {chance.choice(sentences)[:40]}</h1><p><a href='#'>Show amendments</a></p>"
        '<div class="amendments"><p>In February 2022 a note was added to section 1.</p></div>'
        "<p>Last reveiwed in Arpil 2024<br>Date of next review: April 2026</p>"
        '<h2>Contents</h2><ul><li>What to do <a href="#a">(Jump to)</a></li></ul>'
        f"<table>{blocks}</table><h2>Local arrangements</h2>"
        + "".join(f"<h3>{area}</h3><p>{chance.choice(sentences)}</p>" for area in ("East Sussex", "West Sussex"))
        + "".join(f"<p>[{place}] {chance.choice(sentences)}</p>" for place in range(12))
        + '</div><div id="footer">Printed from the site</div></body></html>'
    )


def _block(chance: random.Random, sentences: list[str], section: str, place: int) -> str:
    def words(count: int) -> str:
        return " ".join(chance.choices(sentences, k=count))

    items = "".join(f"<li>{words(1)}</li>" for _ in range(4))
    risks = "".join(f"<tr><td>{words(1)}</td><td>{words(1)}</td></tr>" for _ in range(3))
    rows = [
        f"<p class='MsoNormal' style='margin:0'>{words(3)}[{place}]</p>",
        f"<p>{words(1)}</p><ul>{items}</ul>",
        f"<p><span style='font-size:10pt'>{words(2)}</span> <a href='../8.2/x.html'>{words(1)}</a><o:p></o:p></p>",
        f"<p>{words(1)}</p><table border='1'><tr><th>Risk</th><th>Action</th></tr>{risks}</table>",
    ]
    head = f"<tr><td colspan='2'><h2>{words(1)[:50]}</h2></td></tr>"
    return head + "".join(
        f"<tr><td>{section}.{4 * place + at + 1}</td><td>{row}</td></tr>" for at, row in enumerate(rows)
    )


def _race(pages: list[SourceFile]) -> tuple[float, float]:
    """Read and parse every page, taking turns; the first few warm up."""
    spent = [0.0, 0.0]
    for number, page in enumerate([*pages[:5], *pages], -5):
        for place, work in enumerate((_read, _parse)):
            taken = _timed(partial(work, [page]))
            spent[place] += taken if number >= 0 else 0.0
    return spent[0], spent[1]


def _read(pages: list[SourceFile]) -> None:
    for page in pages:
        read_page(page)


def _parse(pages: list[SourceFile]) -> None:
    for page in pages:
        BeautifulSoup(page.content.decode("windows-1252"), "lxml")


def _peak(work: Callable[[], object]) -> float:
    gc.collect()
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1024 / 1024


def _timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


if __name__ == "__main__":
    main()
