"""A text as blocks: what an editor sees says what the text says, nothing is lost either way, and ids stay in place."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from procedures import blocks as b
from procedures.blocks import Block, BlockKind, Blocks, blocks_of, blocks_of_plain, body_of, heading, paragraph
from procedures.errors import Invalid, Refused
from procedures.markup import clean, contents, paragraphs
from procedures.model import AREAS
from procedures.notation import Part, from_html, literal, part_html, tidied, to_html
from procedures.sample import proposals

PIDS = ("p-222222", "p-333333", "p-444444", "p-555555")
BODIES = sorted({clean(proposal.body) for proposal in proposals()})

words = st.text("abc é*[]|\\^-.!()&<1 #", min_size=1, max_size=12)
typed = st.lists(
    words
    | st.sampled_from(
        ["\n", "\n\n", "- ", "1. ", "  - ", "| a | b |\n", "| --- |\n", "Table: x\n", "|! ", "\\", "**", "*", "***"]
    )
    | st.sampled_from(
        ["^[", "[", "]", "](section:brue)", "](https://x.org/a_(b))", "](javascript:x)", "[contact:front-door]"]
    ),
    max_size=12,
).map("".join)
inline = st.recursive(
    words.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: (
        st.builds(
            lambda tag, parts: f"{tag}{''.join(parts)}</{tag[1:].split(' ')[0].rstrip('>')}>",
            st.sampled_from(["<strong>", "<em>", "<small>", '<a href="section:brue">', "<sup>", "<abbr title='x'>"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        | st.just("<br>")
    ),
    max_leaves=6,
)
items = st.lists(inline.map(lambda html: f"<li>{html}</li>"), min_size=1, max_size=3).map("".join)
cells = st.sampled_from(["td", "th", 'th scope="row"', 'td colspan="2"'])
rows = st.lists(
    st.lists(st.tuples(cells, inline), min_size=1, max_size=3).map(
        lambda row: "<tr>" + "".join(f"<{tag}>{html}</{tag.split(' ')[0]}>" for tag, html in row) + "</tr>"
    ),
    min_size=1,
    max_size=3,
).map("".join)
pieces = st.one_of(
    inline,
    inline.map(lambda html: f"<p>{html}</p>"),
    items.map(lambda html: f"<ul>{html}</ul>"),
    items.map(lambda html: f"<ol>{html}<li>x<ul>{html}</ul></li></ol>"),
    rows.map(lambda html: f"<table><caption>What</caption>{html}</table>"),
    rows.map(lambda html: f"<table><thead>{html}</thead><tbody>{html}</tbody></table>"),
    st.just('<p data-contact="front-door"></p>'),
)
bodies = st.lists(
    st.one_of(
        inline.map(lambda html: f"<h2>{html}</h2>"),
        st.tuples(st.lists(pieces, max_size=4).map("".join), st.sampled_from(["", *AREAS])).map(
            lambda made: f'<div data-area="{made[1].replace("&", "&amp;")}">{made[0]}</div>'
        ),
    ),
    max_size=4,
).map(lambda parts: clean("".join(parts)))


def laid_out(body: str) -> list[tuple[Any, ...]]:
    """List what a body says, layout aside."""
    return [(e.name, tidied(e.html), e.pid, e.area) for e in contents(body)]


def read(body: str) -> list[tuple[Any, ...]]:
    """List what readers, search and comparison take from a body."""
    return [(p.pid, p.text, p.heading, p.area) for p in paragraphs(body, "8.1")]


def on_one_line(body: str) -> list[tuple[Any, ...]]:
    """List what a body says; loose words before a list or table end their line, as a browser shows them."""
    return [(pid, "".join(text.replace("|", " ").split()), head, area) for pid, text, head, area in read(body)]


# Nothing is lost


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_every_text_of_the_sample_can_be_edited_whole_and_comes_back_as_it_was(body: str) -> None:
    found = blocks_of(body)
    assert not [part for block in found for part in block.parts if part.kept]
    assert read(body_of(found)) == read(body)
    assert laid_out(body_of(found)) == laid_out(body)
    assert blocks_of(body_of(found)) == found


@settings(max_examples=400, deadline=None)
@given(bodies)
@example(clean("<div><p>a<strong> b </strong>c</p></div>"))
@example(clean("<div><ul><li>a</li></ul><ul><li>b</li></ul></div>"))
def test_any_clean_body_comes_back_saying_the_same(body: str) -> None:
    found = blocks_of(body)
    made = body_of(found)
    assert clean(made) == made
    assert on_one_line(made) == on_one_line(body)
    assert blocks_of(made) == found


@settings(max_examples=600, deadline=None)
@given(typed)
@example("***a** b*")
@example("[a [b](section:x)](section:y)")
@example("^[a ^[b]]")
def test_whatever_is_typed_is_clean_keeps_its_words_and_reads_back_the_same(text: str) -> None:
    body = body_of((paragraph(text),))
    assert clean(body) == body
    assert len(contents(body)) == 1, "nothing typed breaks out of its paragraph"
    assert body_of(blocks_of(body)) == body
    letters = [c for c in text if c in "bcé"]
    said = [c for c in contents(body)[0].html if c in "bcé"]
    assert said.count("é") == letters.count("é")


@given(st.text("ab*[]\\^|-1. !#Table:&<>\n", max_size=30))
def test_words_written_literally_stand_as_they_are(text: str) -> None:
    line = " ".join(text.split())
    found = paragraphs(f"<div>{to_html(literal(line))}</div>", None)
    assert [" ".join(p.text.split()).strip(" |") for p in found] == [line.strip(" |")]


# The notation


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Ring **now**.", "<p>Ring <strong>now</strong>.</p>"),
        ("It is *early*, **very *early***.", "<p>It is <em>early</em>, <strong>very <em>early</em></strong>.</p>"),
        ("See [BRUE](section:brue).", '<p>See <a href="section:brue">BRUE</a>.</p>'),
        ("A rule.^[Act, [s.1](https://x.org/(1)).]", None),
        ("One\ntwo", "<p>One<br/>two</p>"),
        ("Any of:\n- one\n- two\n  - in", "<p>Any of:</p><ul><li>one</li><li>two<ul><li>in</li></ul></li></ul>"),
        ("1. one\n2. two", "<ol><li>one</li><li>two</li></ol>"),
        ("[contact:front-door]", '<p data-contact="front-door"></p>'),
        ("2 * 3 * 4 and 5** ", "<p>2 * 3 * 4 and 5**</p>"),
        ("[words](javascript:alert) **open", "<p>[words](javascript:alert) **open</p>"),
        (r"\*plain\*", "<p>*plain*</p>"),
        (
            "Table: Who\n| A | B |\n| --- | --- |\n|! x | y |",
            "<table><caption>Who</caption><thead><tr><th scope=\"col\">A</th><th scope=\"col\">B</th></tr></thead>"
            '<tbody><tr><th scope="row">x</th><td>y</td></tr></tbody></table>',
        ),
    ],
)  # fmt: skip
def test_the_notation_says(text: str, html: str | None) -> None:
    if html:
        assert to_html(text) == html
    assert to_html(from_html(to_html(text))[0].text) == to_html(text)


def test_what_the_notation_cannot_say_is_kept_as_it_is() -> None:
    html = '<p>Before.</p><table><tbody><tr><td colspan="2">wide</td></tr></tbody></table><p>After <sup>2</sup>.</p>'
    found = from_html(html)
    assert [part.kept for part in found] == [False, True, True]
    assert "".join(part_html(part) for part in found) == html


def test_kept_markup_that_was_tampered_with_stays_inside_its_paragraph() -> None:
    body = body_of((Block(BlockKind.PARAGRAPH, (Part("<p>a</p></div><h2>b</h2><script>x</script><div>c", True),)),))
    assert [e.name for e in contents(body)] == ["div"]
    assert "script" not in body


# Working on blocks

TEXT: Blocks = (heading("Do this now"), *(paragraph(f"Words {pid}.", pid) for pid in PIDS[:3]))


def pids(blocks: Blocks) -> list[str | None]:
    return [block.pid for block in blocks if block.is_paragraph]


def test_a_paragraph_moves_with_its_id_and_stops_at_the_ends() -> None:
    assert pids(b.move(TEXT, 3, -1)) == [PIDS[0], PIDS[2], PIDS[1]]
    assert b.move(TEXT, 3, 5) == TEXT
    assert b.move(TEXT, 1, -9)[0].pid == PIDS[0]


def test_when_a_paragraph_is_divided_the_first_half_keeps_the_id() -> None:
    halves = b.split(TEXT, 1, len("Words"))
    assert pids(halves) == [PIDS[0], None, *PIDS[1:3]]
    assert [part.text.strip() for block in halves[1:3] for part in block.parts] == ["Words", f"{PIDS[0]}."]


def test_a_paragraph_is_divided_wherever_the_mark_stands() -> None:
    marked = (paragraph("One.\n---\nTwo.\n\n---\n\nThree.", PIDS[0], AREAS[0]),)
    divided = b.split_at_marks(marked, 0)
    assert [block.parts[0].text for block in divided] == ["One.", "Two.", "Three."]
    assert [(block.pid, block.area) for block in divided] == [(PIDS[0], AREAS[0]), (None, AREAS[0]), (None, AREAS[0])]
    with pytest.raises(Refused, match="---"):
        b.split_at_marks(TEXT, 1)


def test_when_paragraphs_are_joined_the_earlier_id_stays() -> None:
    one = b.join(TEXT, 2)
    assert pids(one) == [PIDS[0], PIDS[2]]
    assert one[1].parts[0].text == f"Words {PIDS[0]}.\n\nWords {PIDS[1]}."
    assert b.join((paragraph("New."), paragraph("Old.", PIDS[0])), 1)[0].pid == PIDS[0]


@pytest.mark.parametrize("place", [0, 1])
def test_only_neighbours_of_one_kind_are_joined(place: int) -> None:
    with pytest.raises(Refused, match="right before"):
        b.join(TEXT, place)


def test_paragraphs_for_different_areas_are_not_joined() -> None:
    with pytest.raises(Refused, match="different areas"):
        b.join((paragraph("a", area=AREAS[0]), paragraph("b", area=AREAS[1])), 1)


def test_splitting_and_joining_again_changes_no_word() -> None:
    for offset in range(1, len("Words ")):
        again = b.join(b.split(TEXT, 1, offset), 2)
        assert pids(again) == pids(TEXT)
        said = paragraphs(body_of(again), None)[0].text
        assert said.replace("\n", "").replace(" ", "") == f"Words{PIDS[0]}."


def test_an_id_given_to_one_paragraph_is_taken_from_the_other() -> None:
    assert pids(b.match_to(TEXT, 2, PIDS[0])) == [None, PIDS[0], PIDS[2]]
    assert pids(b.match_to(TEXT, 2, None)) == [PIDS[0], None, PIDS[2]]
    with pytest.raises(Refused):
        b.match_to(TEXT, 0, PIDS[0])


def test_blocks_are_added_and_deleted_where_asked() -> None:
    assert b.delete(b.add(TEXT, 1, paragraph("New.")), 1) == TEXT
    for wrong in (-1, len(TEXT) + 1):
        with pytest.raises(Invalid):
            b.add(TEXT, wrong, paragraph("x"))
    with pytest.raises(Invalid):
        b.delete(TEXT, len(TEXT))


@pytest.mark.parametrize("facts", [{"pid": "p-1"}, {"pid": 'p-222222"'}, {"area": "Kent"}])
def test_a_form_cannot_bring_ids_or_areas_there_are_not(facts: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        Block(BlockKind.PARAGRAPH, **facts)  # type: ignore[arg-type]


# Plain words


def test_pasted_plain_words_become_paragraphs_with_their_lists() -> None:
    found = blocks_of_plain("## Act now\nRing * 999 [now].\nGo on.\n\n• one\n• two\n\nThen:\r\n1) first\r\n2) second\n")
    assert [block.kind for block in found] == [BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.PARAGRAPH]
    body = body_of(found)
    assert "<p>Ring * 999 [now]. Go on.</p><ul><li>one</li><li>two</li></ul>" in body
    assert "<p>Then:</p><ol><li>first</li><li>second</li></ol>" in body
