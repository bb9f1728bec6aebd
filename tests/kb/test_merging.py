"""Two changes of one text put together: what one side changed stands, what both changed is shown, nothing vanishes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.drafting import Content
from kb.merging import HEADING, ORDER, merge
from procedures.blocks import BlockKind, Blocks, heading, paragraph

PIDS = ("p-222222", "p-333333", "p-444444", "p-555555")
BEFORE = Content("Title", "8.1", tuple(paragraph("Old.", pid) for pid in PIDS))

words = st.sampled_from(["Old.", "Mine.", "Theirs."])
texts = st.lists(st.tuples(st.sampled_from(PIDS), words), unique_by=lambda each: each[0], max_size=4).map(
    lambda found: tuple(paragraph(text, pid) for pid, text in found)
)


def said(blocks: Blocks) -> dict[str | None, str]:
    return {block.pid: block.parts[0].text for block in blocks}


@given(texts, texts)
def test_every_change_stands_or_is_shown_as_a_clash(theirs: Blocks, ours: Blocks) -> None:
    merged = merge(BEFORE, replace(BEFORE, blocks=theirs), replace(BEFORE, blocks=ours))
    found, their, our = said(merged.content.blocks), said(theirs), said(ours)
    clashes = {clash.what for clash in merged.clashes}
    for pid in PIDS:
        mine, other = our.get(pid), their.get(pid)
        expected = other if mine in ("Old.", other) else mine if other == "Old." else None
        if mine not in ("Old.", other) and other != "Old.":
            assert pid in clashes
            assert found.get(pid) == other
        else:
            assert pid not in clashes
            assert found.get(pid) == expected


@given(texts, st.integers(0, 4))
def test_what_is_new_on_our_side_is_never_lost(theirs: Blocks, place: int) -> None:
    added = (*BEFORE.blocks[:place], heading("New heading"), paragraph("New words."), *BEFORE.blocks[place:])
    merged = merge(BEFORE, replace(BEFORE, blocks=theirs), replace(BEFORE, blocks=added))
    texts_now = [block.parts[0].text for block in merged.content.blocks]
    assert texts_now.count("New words.") == texts_now.count("New heading") == 1


def test_fields_are_merged_like_paragraphs_and_kept_ones_stay() -> None:
    theirs = replace(BEFORE, title="Their title", number="8.2", change_note="Theirs.")
    ours = replace(BEFORE, title="Our title", themes=("Neglect",), change_note="Ours.")
    merged = merge(BEFORE, theirs, ours, keep=frozenset({"change_note"}))
    assert (merged.content.title, merged.content.number, merged.content.themes) == ("Their title", "8.2", ("Neglect",))
    assert merged.content.change_note == "Theirs."
    assert [(clash.what, clash.theirs, clash.ours) for clash in merged.clashes] == [
        ("title", "Their title", "Our title")
    ]


WHOLE = Content(
    "Title",
    "8.1",
    (
        heading("Do this now"),
        paragraph("Old.", PIDS[0]),
        heading("Local arrangements"),
        paragraph("Old.", PIDS[1]),
        heading("Later"),
        heading("Local arrangements", BlockKind.SUBHEADING),
        paragraph("Old.", PIDS[2]),
        paragraph("Old.", PIDS[3]),
    ),
)
new = st.sampled_from([heading("New heading"), heading("Later"), paragraph("New words."), paragraph("Old.")])


@st.composite
def edited(draw: st.DrawFn) -> Blocks:
    """Move, reword, take out and add blocks, headings too."""
    blocks = list(draw(st.permutations(WHOLE.blocks)) if draw(st.booleans()) else WHOLE.blocks)
    for place in draw(st.sets(st.integers(0, 7), max_size=3)):
        words = draw(st.sampled_from(["Mine.", "Theirs.", "Local arrangements"]))
        blocks[place] = replace(blocks[place], parts=paragraph(words).parts)
    kept = draw(st.lists(st.booleans(), min_size=8, max_size=8))
    blocks = [block for block, keep in zip(blocks, kept, strict=True) if keep or draw(st.booleans())]
    for block in draw(st.lists(new, max_size=2)):
        blocks.insert(draw(st.integers(0, len(blocks))), block)
    return tuple(blocks)


@given(edited())
def test_where_only_one_side_changed_the_merged_text_is_just_that_sides(changed: Blocks) -> None:
    side = replace(WHOLE, blocks=changed)
    for merged in (merge(WHOLE, WHOLE, side), merge(WHOLE, side, WHOLE), merge(WHOLE, side, side)):
        assert (merged.content, merged.clashes) == (side, ())


@given(edited(), edited())
def test_no_word_of_either_side_vanishes_without_a_clash(theirs: Blocks, ours: Blocks) -> None:
    merged = merge(WHOLE, replace(WHOLE, blocks=theirs), replace(WHOLE, blocks=ours))
    found = {block.parts[0].text for block in merged.content.blocks}
    shown = {text for clash in merged.clashes for text in (clash.theirs, clash.ours)}
    for side, other in ((theirs, ours), (ours, theirs)):
        before = {block.parts[0].text for block in (*WHOLE.blocks, *other)}
        assert {block.parts[0].text for block in side} - before <= found | shown
    pids = [block.pid for block in merged.content.blocks if block.pid]
    assert len(pids) == len(set(pids))


def test_what_one_side_moved_is_moved_and_what_the_other_wrote_is_in_it() -> None:
    written = replace(WHOLE, blocks=(*WHOLE.blocks[:3], paragraph("Theirs.", PIDS[1]), *WHOLE.blocks[4:]))
    moved = replace(WHOLE, blocks=(*WHOLE.blocks[:2], *WHOLE.blocks[4:], *WHOLE.blocks[2:4]))
    for merged in (merge(WHOLE, written, moved), merge(WHOLE, moved, written)):
        assert merged.clashes == ()
        assert [block.pid for block in merged.content.blocks] == [block.pid for block in moved.blocks]
        assert merged.content.blocks[-1] == paragraph("Theirs.", PIDS[1])


def test_a_renamed_heading_is_renamed_and_not_there_twice() -> None:
    renamed = replace(WHOLE, blocks=(heading("Do this at once"), *WHOLE.blocks[1:]))
    written = replace(WHOLE, blocks=(WHOLE.blocks[0], paragraph("Theirs.", PIDS[0]), *WHOLE.blocks[2:]))
    for merged in (merge(WHOLE, written, renamed), merge(WHOLE, renamed, written)):
        assert merged.content.blocks[:2] == (heading("Do this at once"), paragraph("Theirs.", PIDS[0]))
        assert len(merged.content.blocks) == len(WHOLE.blocks)


def test_a_heading_both_renamed_and_an_order_both_changed_are_for_a_person() -> None:
    theirs = replace(WHOLE, blocks=(heading("Now"), *WHOLE.blocks[1:6], *WHOLE.blocks[:5:-1]))
    ours = replace(WHOLE, blocks=(heading("At once"), WHOLE.blocks[1], *WHOLE.blocks[4:], *WHOLE.blocks[2:4]))
    merged = merge(WHOLE, theirs, ours)
    assert merged.content.blocks == theirs.blocks
    one, other = merged.clashes
    assert (one.what, one.before, one.theirs, one.ours) == (HEADING, "Do this now", "Now", "At once")
    assert other.what == ORDER
    assert str(other.before).startswith("Do this now")


@pytest.mark.parametrize(
    ("gone", "wrote", "now", "meant"),
    [
        ({2}, 4, "Do this now", "Local arrangements"),
        ({4, 5, 6, 7}, 5, "Local arrangements", "Later"),
        ({5}, 8, "Later", "Local arrangements"),
    ],
)
def test_what_lands_under_another_heading_than_it_was_written_under_is_for_a_person(
    gone: set[int], wrote: int, now: str, meant: str
) -> None:
    without = replace(WHOLE, blocks=tuple(each for place, each in enumerate(WHOLE.blocks) if place not in gone))
    added = replace(WHOLE, blocks=(*WHOLE.blocks[:wrote], paragraph("New words."), *WHOLE.blocks[wrote:]))
    for merged in (merge(WHOLE, without, added), merge(WHOLE, added, without)):
        assert [(clash.what, clash.before, clash.theirs, clash.ours) for clash in merged.clashes] == [
            (HEADING, None, f"{now}\n\nNew words.", f"{meant}\n\nNew words.")
        ]


def heading_over(words: str, blocks: Blocks) -> str | None:
    """The words of the heading nearest above a paragraph with these words."""
    place = next(place for place, block in enumerate(blocks) if block.parts[0].text == words)
    return next((b.parts[0].text for b in reversed(blocks[:place]) if not b.is_paragraph), None)


@given(st.sets(st.integers(0, 7)), edited())
def test_what_one_side_adds_stands_under_its_heading_or_is_shown(gone: set[int], ours: Blocks) -> None:
    theirs = tuple(each for place, each in enumerate(WHOLE.blocks) if place not in gone)
    added = (*ours, paragraph("Only here."))
    merged = merge(WHOLE, replace(WHOLE, blocks=theirs), replace(WHOLE, blocks=added))
    meant, now = (heading_over("Only here.", blocks) for blocks in (added, merged.content.blocks))
    assert now == meant or any("Only here." in str(clash.ours) for clash in merged.clashes)
