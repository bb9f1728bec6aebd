"""Every kind of page is valid HTML: as the standard's own parser reads it, and by the rules a parser does not know.

The rules were held against the Nu HTML Checker (vnu), which found nothing more; it needs Java, so it is not part of the
suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import html5lib
import pytest
from lxml.etree import _Element as Element
from starlette.testclient import TestClient

from tests.web.test_every_page import NO_PAGES, PAGES

ONLY_PHRASES = (
    *("abbr", "b", "button", "cite", "del", "em", "h1", "h2", "h3", "h4", "i", "ins", "label", "mark", "p", "q", "s"),
    *("small", "span", "strong", "sub", "sup", "time"),
)
BLOCKS = (
    *(
        "article",
        "aside",
        "blockquote",
        "details",
        "div",
        "dl",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
    ),
    *("h4", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul"),
)
INTERACTIVE = ("a[@href]", "button", "details", "input[not(@type='hidden')]", "label", "select", "summary", "textarea")


def within(outer: tuple[str, ...], inner: tuple[str, ...]) -> str:
    """Find inner elements anywhere inside outer ones."""
    return " | ".join(f"//{around}//{inside}" for around in outer for inside in inner)


RULES = {  # what is wrong, and the XPath that finds it
    "a block among words": within(ONLY_PHRASES, BLOCKS),
    "a control inside a link or button": within(("a[@href]", "button"), INTERACTIVE),
    "a link or button inside the line that folds": within(("summary",), ("a[@href]", "button", "input", "select")),
    "a list of something else than items": "//*[self::ul or self::ol]/*[not(self::li)]"
    " | //dl/*[not(self::dt or self::dd or self::div)]",
    "words loose in a list or table": "(//ul | //ol | //dl | //table | //tr | //select)/text()[normalize-space()]/..",
    "an item outside a list": "//li[not(parent::ul or parent::ol)]",
    "a fold without its line": "//details[not(*[1][self::summary])] | //summary[preceding-sibling::*]",
    "a legend that is not first": "//legend[preceding-sibling::*] | //fieldset[not(legend)]",
    "a picture without words": "//img[not(@alt)]",
    "a name on what has no role": "(//div | //span | //p)[@aria-label or @aria-labelledby][not(@role)]",
    "a heading, link or button that says nothing": "(//h1 | //h2 | //h3 | //h4 | //a[@href] | //button | //summary"
    " | //label | //legend | //th | //option[@value != ''])[not(normalize-space()) and not(@aria-label)]",
    "what the standard has retired": "//center | //font | //big | //tt | //strike | //*[@align or @bgcolor or @valign]"
    " | //table[@border or @width or @cellpadding]",
    "a field without a label": "//*[self::select or self::textarea or self::input[@type != 'hidden']]"
    "[not(@id = //label/@for)]",
    "a table without headings": "//table[not(.//th)]",
    "words outside every landmark": "//body//text()[normalize-space()][not(ancestor::header or ancestor::main"
    " or ancestor::nav or ancestor::footer or ancestor::a[@href='#main-content'])]/..",
    "a second main part, header or footer": "//main[2] | //main//main | //body/header[2] | //body/footer[2]",
    "a quote mark or tag that slipped into a value": "//@*[contains(., '{{') or contains(., '<')]/..",
}
POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "headers", "list", "form")
NAMED = {"navigation": "nav", "region": "section[@aria-label or @aria-labelledby]", "search": "*[@role='search']"}


def complaints(page: str) -> list[str]:
    """Say everything that is wrong with a page."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False)
    tree = parser.parse(page).getroot()
    return [*(f"line {place[0]}: {code}" for place, code, _ in parser.errors), *_broken(tree), *_names(tree)]


def _broken(tree: Element) -> Iterator[str]:
    for rule, path in RULES.items():
        for found in tree.xpath(path):
            words = " ".join("".join(found.itertext()).split())[:60]
            yield f"{rule}: <{found.tag} class={found.get('class')!r}> {words}"


def _names(tree: Element) -> Iterator[str]:
    ids = [str(name) for name in tree.xpath("//@id")]
    yield from (f"the id {name} is used twice" for name in set(ids) if ids.count(name) > 1)
    for pointer in POINTERS:
        for names in tree.xpath(f"//@{pointer}"):
            yield from (f"{pointer} names {name}, which is not there" for name in names.split() if name not in ids)
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield f"the headings do not begin with the one of the page: {levels[:5]}"
    steps = pairwise(levels)
    yield from (
        f"a heading of level {after} follows one of level {before}" for before, after in steps if after > before + 1
    )
    for landmark, path in NAMED.items():
        found = [_name(tree, each) for each in tree.xpath(f"//{path}")]
        yield from (f"two landmarks {landmark} are called {name!r}" for name in set(found) if found.count(name) > 1)


def _name(tree: Element, element: Element) -> str:
    pointed = element.get("aria-labelledby")
    words = tree.xpath("string(//*[@id = $id])", id=pointed) if pointed else element.get("aria-label", "")
    return " ".join(str(words).split())


@pytest.mark.parametrize("address", dict.fromkeys([*PAGES, *NO_PAGES]))
def test_a_page_is_valid(visitor: TestClient, address: str) -> None:
    assert complaints(visitor.get(address).text) == []


def test_every_section_is_valid(visitor: TestClient) -> None:
    for part in visitor.get("/api/v1/sections").json()["data"]:
        for section in part["sections"]:
            assert complaints(visitor.get(section["url"]).text) == [], section["url"]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<p><div>x</div></p>", "unexpected-end-tag"),
        ("<span><div>x</div></span>", "a block among words"),
        ('<a href="/x">one <button>two</button></a>', "a control inside a link"),
        ("<ul><p>x</p></ul>", "a list of something else"),
        ("<details>x</details>", "a fold without its line"),
        ("<h4>x</h4>", "a heading of level 4 follows one of level 1"),
        ('<i id="a">x</i><i id="a">y</i>', "the id a is used twice"),
        ('<p aria-describedby="b">x</p>', "aria-describedby names b"),
        ('<input type="text" id="c">', "a field without a label"),
        ('<nav><a href="/">x</a></nav><nav><a href="/">y</a></nav>', "two landmarks navigation"),
        ('<a href="/x"></a>', "says nothing"),
        ("</main><p>x</p><main>", "outside every landmark"),
    ],
)
def test_the_rules_find_what_is_wrong(body: str, complaint: str) -> None:
    page = (
        f'<!doctype html><html lang="en"><head><title>x</title></head><body><main><h1>x</h1>{body}</main></body></html>'
    )
    assert any(complaint in found for found in complaints(page))
    assert complaints(page.replace(body, "")) == []
