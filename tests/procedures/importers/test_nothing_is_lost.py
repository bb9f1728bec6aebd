"""Whatever a page looks like, every word of its main content comes out: in the section, its metadata, or unplaced.

Pages are composed at random of all that manuals' pages hold, then mangled as saved pages are: closing tags dropped,
blocks doubled and shuffled, Word's clutter strewn in, another encoding. The oracle reads the mangled page with
html5lib, a parser the importer does not use, and knows each planted run of words.
"""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from random import Random
from typing import Any

import html5lib
from bs4 import BeautifulSoup
from hypothesis import given, note, settings
from hypothesis import strategies as st

from procedures.errors import Invalid
from procedures.importers.page.read import read_page
from procedures.importers.reading import Reading, SourceFile
from procedures.markup import clean, paragraphs

FURNITURE = frozenset(
    {"nav", "header", "footer", "script", "style", "template", "head", "noscript", "button", "select"}
)
BLOCKS = re.findall(r"\w+", "p div li td th tr h1 h2 h3 ul ol table caption tbody thead small br")
SECONDS_A_PAGE = 5.0
"""Far more than any page takes (some tens of milliseconds), far less than one that grows out of hand."""


class Words:
    """Runs of words that occur nowhere else, so that each can be traced."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.runs: list[str] = []
        self.paragraph = 0

    def run(self) -> str:
        self.runs.append(" ".join(f"run{len(self.runs)}{letter}x" for letter in "abc"[: self.chance.randint(1, 3)]))
        return self.runs[-1]

    def number(self) -> str:
        self.paragraph += self.chance.choice([1, 1, 2])
        return f"8.14.{self.paragraph}" + self.chance.choice(["", "", "", ".1"])

    def marker(self) -> str:
        return self.chance.choice(["[1]", "[2]", "[i]", "[ii]", '<sup><a href="#_ftn3" name="_ftnref3">[3]</a></sup>'])


def _table_of_numbers(w: Words) -> str:
    rows = "".join(
        f"<tr><td>{w.number()}</td><td><p>{w.run()}{w.marker()} &nbsp;{w.run()}</p><ul><li>{w.run()}</ul></td></tr>"
        for _ in range(w.chance.randint(1, 3))
    )
    return f"<table class=paras>{rows}<tr><td>{w.number()}</td><td></td></tr></table>"


def _leading_numbers(w: Words) -> str:
    return f"<p>{w.number()} {w.run()}</p><ol><li>{w.number()} {w.run()}</li><li>{w.number()}&nbsp;{w.run()}</li></ol>"


def _pairs(w: Words) -> str:
    return (
        f"<div class=row><div>{w.number()}</div><div><p>{w.run()}</p><p>{w.run()}</p></div></div>"
        f"<div><span>{w.number()}</span> <span>{w.run()}</span></div><dl><dt>{w.number()}<dd>{w.run()}</dl>"
    )


def _headings(w: Words) -> str:
    level = w.chance.randint(2, 6)
    return (
        f"<h{level}>{w.run()}</h{level}><p><b>{w.run()}</b></p><p>{w.run()}</p><p><strong>{w.run()}</strong> {w.run()}"
    )


def _lists(w: Words) -> str:
    return (
        f"<p>{w.run()}:</p><ul><li>{w.run()}<p>{w.run()}</p>{w.run()}<ul><li>{w.run()}<ol><li>{w.run()}</ol></ul>"
        f"<li>{w.run()} <br> {w.run()}</li>{w.run()}</ul>"
    )


def _data_table(w: Words) -> str:
    return (
        f"<table border=1><caption>{w.run()}</caption><thead><tr><th scope=col>{w.run()}<th colspan=2>{w.run()}</thead>"
        f"<tr><td rowspan=2>{w.run()}<td>{w.run()}{w.marker()}<td><ul><li>{w.run()}</ul><tr><td>{w.run()}<td>"
        f"<table><tr><td>{w.run()}<td>{w.run()}</table></table>"
    )


def _layout_table(w: Words) -> str:
    return (
        f"<table width=100%><tr><td><h3>{w.run()}</h3><p>{w.run()}</td><td>{w.run()}"
        f"<table><tr><td>{w.run()}</td></tr></table></td></tr></table>"
    )


def _areas(w: Words) -> str:
    return (
        f"<p>LOCAL GUIDANCE</p><ul><li>Brighton and Hove<ul><li>{w.run()}</ul><li>West Sussex: {w.run()}"
        f"<li>East Sussex {w.run()}</ul><h3>West Sussex</h3><p>{w.run()}</p><p><b>East Sussex</b></p>"
        f"<ul><li>{w.run()}</ul>"
    )


def _amendments(w: Words) -> str:
    return w.chance.choice(
        [
            f"<div class=amendments><a>Show amendments</a><table><tr><th>Chapter<th>Details<th>Date<tr><td>8.14"
            f"<td>Updating {w.run()}<td>12/03/2022</table><p>In February 2022 {w.run()}</p></div>",
            f"<table><tr><td><p><b>AMENDMENT</b></p><p>In May 2021 {w.run()}</td></tr></table>",
            f"<p>AMENDMENTS</p><p>March 2020: {w.run()}</p><p>{w.run()}</p>",
            f"<details><summary>Show amendments</summary><ul><li>June 2019 {w.run()}<li>{w.run()}</ul></details>",
        ]
    )


def _reviews(w: Words) -> str:
    return w.chance.choice(
        [
            f"<p>Last reveiwed in Arpil 2024<br>Date of next review: Febuary 2026<br>{w.run()}</p>",
            f"<table><tr><td>Reviewed<td>Setpember 2022<tr><td>Next review<td>July 2025</table><p>{w.run()}",
            f"<p>This policy is under review</p><p>Reviewed by {w.run()} in April 2020 and {w.run()} {w.run()}</p>",
            "<p>Date of review April 2022 (post Working Together)</p><p>For review in April 2025</p>",
        ]
    )


def _contents(w: Words) -> str:
    items = "".join(f"<li>{w.run()} <a href=#a>(Jump to)</a></li>" for _ in range(3))
    return f"<h2>Contents</h2><ul>{items}</ul><ul><li><a href=#x>{w.run()}</a><li><a href=#y>{w.run()}</a></ul>"


def _notes(w: Words) -> str:
    return w.chance.choice(
        [
            f"<p>[1] {w.run()}</p><p>[i] {w.run()}</p>",
            f"<h3>Footnotes</h3><div id=ftn3><p><a href=#_ftnref3 name=_ftn3>[3]</a> {w.run()}</p><p>{w.run()}</div>",
            f"<p>{w.run()}<sup><a href=#fn:7>7</a></sup></p><div class=footnotes><ol><li id=fn:7><p>{w.run()} "
            f"<a href=#fnref:7>↩</a></p></ol></div>",
            f"<p>[ii] {w.run()}</p><p>[ix] {w.run()}</p><p>{w.run()} [2]</p><p>{w.run()} [2] {w.run()}</p>"
            f"<h2>{w.run()}[2]</h2>",
        ]
    )


def _links(w: Words) -> str:
    return (
        f'<p><a href="https://a.example.org/x.pdf">{w.run()} (a.example.org)</a> <a href="../8.15/y.html">{w.run()}</a>'
        f'<a href="javascript:go()">{w.run()}</a> <a href="tel:999">{w.run()}[1]</a> <a name=q>{w.run()} <i>{w.run()}'
        f'</i></a><img src="f.png" alt="{w.run()}"><abbr title="q">{w.run()}</abbr></p>'
    )


def _clutter(w: Words) -> str:
    return (
        f"<p class=MsoNormal style='mso-x:1'><o:p>&nbsp;</o:p><st1:place w:st=on>{w.run()}</st1:place><![if !x]>"
        f"{w.run()}<![endif]><!--[if gte mso 9]><xml>hidden</xml><![endif]-->"
        f"<font>{w.run()}<u><s>{w.run()}</s></u></font>"
        f"<script>var hidden</script><style>hidden</style> “{w.run()}” £5 &lt;{w.run()}&gt; &amp; {w.run()}</p>"
    )


def _odd(w: Words) -> str:
    return (
        f"{w.run()}<center>{w.run()}</center><blockquote>{w.run()}</blockquote><pre>{w.run()}\n{w.run()}</pre><small>"
        f"{w.run()}</small><dl><dt>{w.run()}<dd>{w.run()}</dl><p>{w.run()}<sup>2</sup> m{w.run()}<sub>i</sub></p>"
        f"<aside>{w.run()}</aside><form><label>{w.run()}</label></form><article><section>{w.run()}</section></article>"
    )


FEATURES: list[Callable[[Words], str]] = [
    _table_of_numbers,
    _leading_numbers,
    _pairs,
    _headings,
    _lists,
    _data_table,
    _layout_table,
    _areas,
    _amendments,
    _reviews,
    _contents,
    _notes,
    _links,
    _clutter,
    _odd,
]
FRAMES = [
    '<header>Site</header><nav>Menu</nav><main id="content">{head}{body}</main><footer>Foot</footer>',
    '<div id="header">Site</div><div id="content">{head}{body}</div><div id="footer">Foot</div>',
    "{head}{body}",
    "<table><tr><td>Menu</td><td>{head}{body}</td></tr></table>",
    "<div class=page>{head}<div>{body}</div></div>",
    "<main>{body}</main>",
]
STRAYS = re.findall(
    "<[^>]*>",
    "</div><b><div><span><li><td><tr></p><p></table><ul><a name=z><i><o:p></o:p><!-- hidden --></td></main><table><sup>"
    "<h4></h2>",
)


@dataclass
class Page:
    html: str
    runs: list[str]


@st.composite
def pages(draw: st.DrawFn) -> Page:
    chance = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - draws words, not secrets
    words = Words(chance)
    picked = draw(st.lists(st.sampled_from(FEATURES), min_size=1, max_size=7))
    blocks = [feature(words) for feature in picked]
    blocks = [_mangled(block, chance) if draw(st.booleans()) else block for block in blocks]
    if draw(st.booleans()):
        blocks.append(chance.choice(blocks))
    if draw(st.booleans()):
        chance.shuffle(blocks)
    head = chance.choice(
        ["<h1>8.14 {}</h1>", "<h1>Chapter 8.14: {}</h1>", "<h1>{} (8.14)</h1>", "<h1>{}", "<h2>{}</h2>"]
    )
    frame = draw(st.sampled_from(FRAMES))
    body = frame.format(head=head.format(words.run()), body="".join(blocks))
    return Page(f"<html><head><title>8.14 Page</title></head><body>{body}</body></html>", words.runs)


def _mangled(block: str, chance: Random) -> str:
    pieces = re.split(r"(<[^>]*>)", block)
    kept = [p for p in pieces if not (re.match(r"</(?!script|style)", p) and chance.random() < 0.2)]
    for _ in range(chance.randint(0, 3)):
        places = [n for n, piece in enumerate(kept) if not piece.startswith("<") and "hidden" not in piece] or [0]
        place = chance.choice(places)
        kept[place] = kept[place] + chance.choice(STRAYS)
    return "".join(kept)


@settings(max_examples=250, deadline=None)
@given(pages(), st.sampled_from(["utf-8", "windows-1252", "utf-16"]))
def test_every_word_of_a_mangled_page_comes_out_once(page: Page, encoding: str) -> None:
    note(page.html)
    began = time.perf_counter()
    try:
        reading = read_page(SourceFile("folder/page.html", page.html.encode(encoding, "xmlcharrefreplace")))
    except Invalid:
        return  # the whole file is named as refused, which is not silence
    assert time.perf_counter() - began < SECONDS_A_PAGE
    told = told_by(reading)
    expected = Counter(word for text in visible_texts(page.html) for word in re.findall(r"run\w+?x", text))
    found = Counter(re.findall(r"run\d+[abc]x", told))
    assert not expected - found, "lost"
    assert [word for word, count in found.items() if count > page.html.count(word)] == [], "told twice"
    for run in page.runs:
        if set(run.split()) <= set(expected):
            assert run in told, "torn apart"


@settings(max_examples=150, deadline=None)
@given(pages())
def test_the_body_of_a_mangled_page_is_clean_and_its_numbers_keep_step(page: Page) -> None:
    note(page.html)
    try:
        section = read_page(SourceFile("page.html", page.html.encode())).sections[0]
    except Invalid:
        return
    assert clean(section.body) == section.body
    assert len(paragraphs(section.body, "8.14")) == len(section.printed_numbers)
    assert all(paragraph.text for paragraph in paragraphs(section.body, None))


@settings(max_examples=100, deadline=None)
@given(pages())
def test_the_ordinary_words_of_an_unmangled_page_come_out_too(page: Page) -> None:
    note(page.html)
    try:
        reading = read_page(SourceFile("page.html", page.html.encode()))
    except Invalid:
        return
    found = Counter(re.findall(r"\w+", told_by(reading)))
    markers = re.compile(r"\[\w+\]|(?<=<sup>)\d")
    for phrase in ("Arpil 2024", "Setpember 2022", "Febuary 2026", "post Working Together", "under review", "Updating"):
        if phrase in markers.sub("", " ".join(visible_texts(page.html))):
            assert all(found[word] for word in phrase.split()), phrase


def told_by(reading: Reading) -> str:
    """All that a reading tells a person, spaces collapsed."""
    parts: list[str] = []
    for section in reading.sections:
        broken = re.sub(rf"</?(?:{'|'.join(BLOCKS)})\b[^>]*>", " ", section.body)
        parts += [section.number or "", section.title, unescape(re.sub(r"<[^>]*>", "", broken))]
        parts += [number for number in section.printed_numbers if number]
        parts += [*section.review_lines, *section.remarks]
        parts += [f"{entry.day or ''} {entry.text}" for entry in section.amendments]
    parts += [unplaced.text for unplaced in reading.unplaced]
    return " ".join(" ".join(parts).split())


def visible_texts(html: str) -> list[str]:
    """The texts outside furniture, as two parsers agree: html5lib, as browsers do, and lxml."""
    first = _texts_by_html5lib(html)
    second = Counter(text for text in _texts_by_lxml(html))
    alts = re.findall(r'alt="([^"]*)"', html)
    agreed = []
    for text in first:
        if second[text]:
            second[text] -= 1
            agreed.append(text)
    return agreed + alts


def _texts_by_html5lib(html: str) -> list[str]:
    texts: list[str] = []

    def gather(element: Any) -> None:
        name = str(element.tag).rsplit("}", 1)[-1] if isinstance(element.tag, str) else "comment"
        if name not in FURNITURE and name != "comment":
            texts.append(element.text or "")
            for child in element:
                gather(child)
                texts.append(child.tail or "")

    gather(html5lib.parse(html, namespaceHTMLElements=False))
    return [text for text in texts if text.strip()]


def _texts_by_lxml(html: str) -> list[str]:
    soup = BeautifulSoup(html, "lxml")
    for tag in soup.find_all(FURNITURE):
        tag.decompose()
    return [str(text) for text in soup.strings if text.strip()]
