"""Advice beside the text: each thing a careful colleague would point out, and silence where all is well."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kb.advice import NO_DESCRIPTION, Advice, Rule, Surroundings, advise
from kb.beginnings import TextInForce, Withdrawal
from kb.drafting import Content, DraftFile
from kb.service import KnowledgeBase
from kb.workspace import Workspace
from procedures.blocks import Block, BlockKind, heading, paragraph
from tests.kb.editors import ANN, CAROL


def advice_on(work: Workspace, *blocks: Block) -> list[tuple[Rule, int | None]]:
    """Put blocks into a draft of BRUE and list the advice."""
    return [(each.rule, each.place) for each in _advice(work, *blocks)]


def _advice(work: Workspace, *blocks: Block) -> tuple[Advice, ...]:
    draft = work.start(ANN, TextInForce("brue"))
    return work.advice(ANN, draft.id, replace(draft.content, blocks=blocks))


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("See [it](section:nothing-of-the-kind).", Rule.LINK),
        ("See [it](paragraph:p-zzzzzz).", Rule.LINK),
        ("[contact:nobody]", Rule.LINK),
        ("See [it](attachment:abc).", Rule.LINK),
        ("See [it](www.example.org).", Rule.LINK),
        ("Call the XQZ team.", Rule.ACRONYM),
        ("You must ring.", Rule.SOURCE),
        ("word " * 221, Rule.LENGTH),
        ("  ", Rule.EMPTY),
    ],
)
def test_what_is_wrong_is_pointed_out_where_it_stands(kb: KnowledgeBase, words: str, rule: Rule) -> None:
    assert advice_on(kb.workspace, heading("H"), paragraph(words)) == [(rule, 1)]


@pytest.mark.parametrize(
    "words",
    [
        "See [BRUE](section:brue) and [sharing](section:information-sharing) or [law](https://example.org/).",
        "[contact:east-sussex-front-door]",
        "A brief resolved unexplained event (BRUE), the GP, ALTE, the NHS and part IV.",
        "You must ring.^[Children Act 1989, section 47.]",
        "It must not be missed, says nobody; you should ring.^[Act.]",
        "The extra quiet zone (XQZ) is where the XQZ stands.",
        "word " * 220,
    ],
)
def test_what_is_right_is_left_alone(kb: KnowledgeBase, words: str) -> None:
    assert advice_on(kb.workspace, heading("H"), paragraph(words)) == []


def test_a_link_to_what_is_withdrawn_offers_its_successor(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft = work.start(ANN, Withdrawal("brue", "information-sharing"))
    content = replace(draft.content, change_note="Gone.", withdrawal_reason="Merged.")
    work.save(ANN, draft.id, content, draft.version)
    work.approve(CAROL, draft.id, work.submit(ANN, draft.id))
    work.release(CAROL, [draft.id])
    other = work.start(ANN, TextInForce("local-contacts"))
    linked = replace(other.content, blocks=(paragraph("See [it](section:brue)."),))
    (advice,) = work.advice(ANN, other.id, linked)
    assert advice.cure == "Link to its successor instead: section:information-sharing."


@pytest.mark.parametrize(
    ("theirs", "mine", "told"),
    [
        (
            "The core group must meet within 10 working days of the conference.",
            "The core group should meet within fifteen working days of the conference.",
            True,
        ),
        (
            "The core group must meet within 10 working days of the conference.",
            "The core group meets within ten working days of the conference.",
            False,
        ),
        (
            "The core group must meet within 10 working days of the conference.",
            "The social worker sends a report within 1 working day of the conference.",
            False,
        ),
        (
            "The core group must meet within 10 working days of the conference.",
            "The core group must meet within 15 working days of the strategy discussion.",
            False,
        ),
    ],
)
def test_a_timescale_that_differs_from_another_sections_is_pointed_out(
    kb: KnowledgeBase, theirs: str, mine: str, told: bool
) -> None:
    record = kb._store.record()
    other = kb.section("information-sharing").paragraphs[0]
    around = Surroundings(
        section="brue",
        record=record,
        vocabulary=kb._known_words(record),
        others={"information-sharing": (replace(other, text=theirs),)},
        on=date(2026, 11, 23),
        known_at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    found = [a for a in advise(Content("T", blocks=(paragraph(mine),)), around) if a.rule is Rule.TIMESCALE]
    assert bool(found) is told
    if told:
        assert f"paragraph:{other.pid}" in found[0].cure


@pytest.mark.parametrize(
    ("blocks", "places"),
    [
        ((heading("S", BlockKind.SUBHEADING), paragraph("x")), [0]),
        ((heading("H"), heading("I"), paragraph("x")), [0]),
        ((heading("H"), paragraph("x"), heading("I")), [2]),
        ((heading("H"), heading("S", BlockKind.SUBHEADING), paragraph("x"), heading("I"), paragraph("y")), []),
    ],
)
def test_headings_out_of_order_are_pointed_out(kb: KnowledgeBase, blocks: tuple[Block, ...], places: list[int]) -> None:
    assert advice_on(kb.workspace, *blocks) == [(Rule.HEADING, place) for place in places]


@pytest.mark.parametrize("words", ["", " ", f"Image map.png. {NO_DESCRIPTION}"])
def test_a_file_without_a_description_is_pointed_out(kb: KnowledgeBase, words: str) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    file = DraftFile("hash", "map.png", "image/png", words)
    found = work.advice(ANN, draft.id, replace(draft.content, blocks=(paragraph("x"),), attachments=(file,)))
    assert [(each.rule, each.place) for each in found] == [(Rule.DESCRIPTION, None)]


@pytest.mark.soak
def test_the_sample_gets_hardly_any_advice(kb: KnowledgeBase) -> None:
    """A warning that is often wrong is soon read by nobody: the sample is carefully written."""
    work = kb.workspace
    found = []
    for part in kb.contents():
        for section in part.sections:
            draft = work.start(ANN, TextInForce(section.key))
            found += [(section.key, each) for each in work.advice(ANN, draft.id)]
    assert len(found) <= 10, found
    assert {each.rule for _, each in found} <= {Rule.ACRONYM, Rule.SOURCE, Rule.TIMESCALE}


def test_every_piece_of_advice_has_a_cure(kb: KnowledgeBase) -> None:
    odd = (heading("S", BlockKind.SUBHEADING), paragraph("You must see [x](section:no), XQZ."), paragraph(""))
    for advice in _advice(kb.workspace, *odd):
        assert advice.what.endswith((".", "”."))
        assert advice.cure.endswith(".")
