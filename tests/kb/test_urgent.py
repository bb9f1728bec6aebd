"""What to do at once: shown for urgent words, always as the text in force has it, and never without its paragraph."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from kb.urgent import MOST_SECTIONS
from procedures import sample
from procedures.markup import TOMBSTONE
from procedures.publication import Proposal

if TYPE_CHECKING:
    from kb.access import Actor
    from kb.service import KnowledgeBase

TODAY = date(2026, 11, 23)
URGENT = sorted((wording for term in sample.terms() if term.urgent for wording in (term.term, *term.also)), key=str)


def publish(kb: KnowledgeBase, editor: Actor, body: str, in_force_from: date = TODAY) -> None:
    newest = kb.history("brue").entries[0].revision
    kb.publish(
        editor,
        Proposal(
            section="brue",
            title=newest.title,
            number=newest.number,
            body=body,
            change_note="What to do has changed.",
            in_force_from=in_force_from,
            author="Somebody else",
            approver=editor.name,
            based_on=newest.revision,
        ),
    )


def test_every_urgent_wording_brings_lines_of_the_text_in_force(visited: KnowledgeBase) -> None:
    for wording in URGENT:
        found = visited.search(f"a child {wording}").act_now
        assert 0 < len(found) <= MOST_SECTIONS, wording
        for each in found:
            texts = {p.pid: p for p in visited.section(each.section.key).paragraphs}
            steps = [pid for pid, p in texts.items() if p.heading[:1] == ("Do this now",)]
            assert [pid for pid, _, _ in each.lines] == steps != []
            for pid, number, line in each.lines:
                assert texts[pid].number == number
                assert texts[pid].text.startswith(line.removesuffix(" …"))
                assert line.endswith(" …") == (line != texts[pid].text)


def test_a_longer_wording_that_is_not_urgent_hides_no_urgent_one_in_it(visited: KnowledgeBase) -> None:
    everyday = {wording for term in sample.terms() if not term.urgent for wording in (term.term, *term.also)}
    holding = [(whole, each) for whole in everyday for each in URGENT if f" {each} " in f" {whole} "]
    assert len(holding) > 2
    for whole, urgent in holding:
        assert visited.search(whole).act_now == visited.search(urgent).act_now != (), whole


@pytest.mark.parametrize(
    ("typed", "section"),
    [
        ("mum shook her baby", "abusive-head-trauma"),
        ("cut his arms", "self-harm"),
        ("tried to hang herself", "self-harm"),
        ("choked him", "domestic-abuse"),
        ("hands round my throat", "domestic-abuse"),
        ("holding my breath", "brue"),
        ("tried to strangle him", "domestic-abuse"),
        ("says he’ll kill himself", "self-harm"),
        ("took all his tablets", "self-harm"),
        ("stepdad comes into her room", "child-sexual-abuse"),
        ("bruises on an infant", "bruising-non-mobile"),
        ("bruise on a 10 week old", "bruising-non-mobile"),
        ("bruise on 10 week old baby", "bruising-non-mobile"),
        ("mark on newborn", "bruising-non-mobile"),
        ("3-month-old has a bruise", "bruising-non-mobile"),
    ],
)
def test_urgent_words_are_understood_of_whomever_they_are_said(
    typed: str, section: str, visited: KnowledgeBase
) -> None:
    assert [found.section.key for found in visited.search(typed).act_now] == [section]


@pytest.mark.parametrize(
    "typed",
    [
        "choked on a grape",
        "parent died child struggling",
        "bereavement support when a child died",
        "lost her baby",
        "teacher took her tablets",
        "police turned their blue lights on",
        "arranged their marriage",
        "couldn't wake her mum",
        "dad shook hands with the social worker",
        "dad shook his head",
        "mum shook her head",
        "he has been circumcised",
        "tried to strangle the cat",
        "better off without dad",
        "baby didn't react to the vaccine",
        "giving away things",
        "3 week old bruise on 8 year old",
        "bruise on infant school pupil",
        "shaking newborn after drug withdrawal",
    ],
)
def test_words_that_are_only_near_to_urgent_ones_interrupt_nobody(typed: str, visited: KnowledgeBase) -> None:
    assert visited.search(typed).act_now == ()


@pytest.mark.parametrize("typed", ["information sharing", "BRUE", "-blue baby", '"went pink"', ""])
def test_a_search_that_is_not_urgent_is_not_interrupted(typed: str, visited: KnowledgeBase) -> None:
    assert visited.search(typed).act_now == ()


def test_a_line_changes_and_goes_with_its_paragraph(kb: KnowledgeBase, editor: Actor) -> None:
    publish(kb, editor, "<h2>Do this now</h2><div><p>Ring 999 first. Then wait.</p></div>")
    (found,) = kb.search("baby went blue").act_now
    assert [line for _, _, line in found.lines] == ["Ring 999 first. …"]
    publish(kb, editor, "<h2>What it is</h2><div><p>Ring 999 first. Then wait.</p></div>")
    assert kb.search("baby went blue").act_now == ()


def test_a_paragraph_that_was_removed_is_no_step(kb: KnowledgeBase, editor: Actor) -> None:
    publish(kb, editor, f"<h2>Do this now</h2><div><p>{TOMBSTONE}</p></div><div><p>Ring 999.</p></div>")
    (found,) = kb.search("baby went blue").act_now
    assert [line for _, _, line in found.lines] == ["Ring 999."]


def test_what_to_do_stands_though_nothing_else_is_found(kb: KnowledgeBase) -> None:
    view = kb.search("wants to die -child -the -a -to")
    assert view.total == 0
    assert [each.section.key for each in view.act_now] == ["self-harm"]


def test_what_is_not_in_force_today_is_nothing_to_act_on(kb: KnowledgeBase, editor: Actor) -> None:
    before = kb.search("baby went blue").act_now
    publish(kb, editor, "<h2>Do this now</h2><div><p>Only next year.</p></div>", date(2027, 1, 1))
    assert kb.search("baby went blue").act_now == before
    assert kb.search("baby went blue", on=date(2027, 1, 2)).act_now == ()
    assert kb.search("baby went blue", on=date(2020, 1, 1)).act_now == ()


def test_it_stands_on_the_first_page_and_goes_when_the_reader_takes_the_term_off(visited: KnowledgeBase) -> None:
    assert visited.search("baby went blue", offset=10).act_now == ()
    assert visited.search("baby went blue", without=frozenset({"went blue"})).act_now == ()
    assert visited.search("bruise on a 10 week old", without=frozenset({"baby"})).act_now == ()
