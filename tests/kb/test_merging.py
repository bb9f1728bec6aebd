"""Two changes of one text put together: what one side changed stands, what both changed is shown, nothing vanishes."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kb.drafting import Content
from kb.merging import ORDER, merge
from procedures.blocks import Blocks, heading, paragraph

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


def test_paragraphs_that_one_side_moved_are_named() -> None:
    moved = replace(BEFORE, blocks=BEFORE.blocks[::-1])
    assert [clash.what for clash in merge(BEFORE, BEFORE, moved).clashes] == [ORDER]
