"""Links from learning to the manual made and withdrawn, and what has become of a point: for readers and in the log."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.access import Actor, Role
from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.errors import Conflict, NotFound, Refused
from procedures.model import Action, Change, LearningPoint, LearningStatus, Review
from tests.conftest import SetClock
from tests.procedures.texts import a_text

ANN = Actor("Ann", frozenset({Role.AUTHOR, Role.APPROVER}))
POINT = LearningPoint("Ask who else lives there.", ("Fathers",), Action.NONE, LearningStatus.OPEN, "")
REVIEW = Review(
    *("child-z", "Sussex", "Child Z", None, "review", None, None, "2020", "", "What happened.", (), (), "Published."),
    learning=(POINT, replace(POINT, text="Write it down.")),
)


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """One section of four paragraphs, in two revisions, and a review with two learning points."""
    folder = tmp_path_factory.mktemp("learning") / "data"
    with KnowledgeBase.open(Settings(data=folder), SetClock(), create=True) as kb:
        kb.publish(ANN, a_text("brue", "One.", "Two.", "Three.", "Four."))
        kb.publish(ANN, a_text("brue", "One.", "Two.", "Three!", "Four.", based_on=1))
        kb.record_review(ANN, REVIEW)
        yield kb


@pytest.fixture
def pids(manual: KnowledgeBase) -> Iterator[list[str]]:
    yield [p.pid for p in manual.section("brue").paragraphs]
    for change in manual.review("child-z").learning[0].changes:
        linked = Change("brue", change.revision, tuple(p.pid for p in change.paragraphs), illustrative=False)
        manual.learning.unlink(ANN, "child-z", 1, linked, "For the next test.")


def linked(kb: KnowledgeBase) -> dict[int, list[str]]:
    """Which paragraphs of which revision readers see as the answer."""
    return {c.revision: [p.pid for p in c.paragraphs] for c in kb.review("child-z").learning[0].changes}


def change(*pids: str, revision: int = 2) -> Change:
    return Change("brue", revision, pids, illustrative=False)


def test_a_withdrawn_link_is_gone_for_readers_and_stays_in_the_log(manual: KnowledgeBase, pids: list[str]) -> None:
    manual.learning.link(ANN, "child-z", 1, "brue", 2, pids[:3])
    manual.learning.unlink(ANN, "child-z", 1, change(pids[0], pids[2]), " It is about something else. ")
    assert linked(manual) == {2: [pids[1]]}
    assert [each.pids for each in manual.section("brue").learning] == [(pids[1],)]
    made, gone = manual.audit.entries(ANN, limit=2)[::-1]
    assert (made.action, gone.action, gone.who) == ("link", "unlink", "Ann")
    assert json.loads(made.details)["pids"] == pids[:3]
    assert json.loads(gone.details)["pids"] == [pids[0], pids[2]]
    assert json.loads(gone.details)["reason"] == "It is about something else."
    assert manual.check().problems == ()


def test_a_link_to_a_text_as_a_whole_is_withdrawn_like_any_other(manual: KnowledgeBase, pids: list[str]) -> None:
    manual.learning.link(ANN, "child-z", 1, "brue", 1)
    assert linked(manual) == {1: []}
    manual.learning.unlink(ANN, "child-z", 1, change(revision=1), "Wrong revision.")
    assert linked(manual) == {}


def test_a_text_as_a_whole_and_paragraphs_of_it_are_linked_side_by_side(manual: KnowledgeBase, pids: list[str]) -> None:
    manual.learning.link(ANN, "child-z", 1, "brue", 2, [pids[0]])
    manual.learning.link(ANN, "child-z", 1, "brue", 2)
    manual.learning.link(ANN, "child-z", 1, "brue", 2, [pids[1]])
    assert [each.pids for each in manual.review("child-z").learning[0].changes] == [(pids[0], pids[1]), ()]
    assert [each.pids for each in manual.section("brue").learning] == [(pids[0], pids[1]), ()]
    manual.learning.unlink(ANN, "child-z", 1, change(), "Only two paragraphs of it.")
    assert linked(manual) == {2: pids[:2]}


def test_what_is_not_linked_cannot_be_withdrawn_and_nothing_without_a_reason(
    manual: KnowledgeBase, pids: list[str]
) -> None:
    manual.learning.link(ANN, "child-z", 1, "brue", 2, [pids[0]])
    for wrong in (change(pids[1]), change(*pids[:2]), change(), change(pids[0], revision=1)):
        with pytest.raises(NotFound, match="not there any more"):
            manual.learning.unlink(ANN, "child-z", 1, wrong, "Why.")
    with pytest.raises(Refused, match="needs its reason"):
        manual.learning.unlink(ANN, "child-z", 1, change(pids[0]), " ")
    assert linked(manual) == {2: [pids[0]]}


def test_a_link_that_is_there_is_not_made_twice(manual: KnowledgeBase, pids: list[str]) -> None:
    manual.learning.link(ANN, "child-z", 1, "brue", 2, [pids[0], pids[0]])
    manual.learning.link(ANN, "child-z", 1, "brue", 2, pids[:2])
    assert linked(manual) == {2: pids[:2]}
    with pytest.raises(Refused, match="there already"):
        manual.learning.link(ANN, "child-z", 1, "brue", 2, pids[:2])


@pytest.mark.parametrize("ordinal", [0, 3, 2**70])
def test_a_point_that_is_not_there_can_neither_be_linked_nor_unlinked(manual: KnowledgeBase, ordinal: int) -> None:
    with pytest.raises(NotFound, match=f"no learning point {ordinal}"):
        manual.learning.link(ANN, "child-z", ordinal, "brue", 2)
    with pytest.raises(NotFound, match=f"no learning point {ordinal}"):
        manual.learning.unlink(ANN, "child-z", ordinal, change(), "Why.")


DEEDS = st.lists(st.tuples(st.booleans(), st.sets(st.integers(0, 3), min_size=1)), max_size=8)


@given(deeds=DEEDS)
@settings(max_examples=15, deadline=None)
def test_readers_see_just_the_links_that_were_made_and_not_withdrawn(
    manual: KnowledgeBase, deeds: list[tuple[bool, set[int]]]
) -> None:
    pids = [p.pid for p in manual.section("brue").paragraphs]
    there = {pid for found in linked(manual).values() for pid in found}
    for made, places in deeds:
        named = {pids[place] for place in places}
        if made and named - there:
            manual.learning.link(ANN, "child-z", 1, "brue", 2, sorted(named))
            there |= named
        elif not made and named <= there:
            manual.learning.unlink(ANN, "child-z", 1, change(*sorted(named)), "Because.")
            there -= named
        assert {pid for found in linked(manual).values() for pid in found} == there


def mark(kb: KnowledgeBase, ordinal: int = 2) -> str:
    return kb.learning.point(ANN, "child-z", ordinal).mark


def decide(kb: KnowledgeBase, seen: str, reason: str = "The group has met.", **what: str) -> None:
    told = {"action": "training", "status": "complete", "evidence": "Quillfeather courses, 2021.", **what}
    kb.learning.decide(
        *(ANN, "child-z", 2, seen),
        action=Action(told["action"]),
        status=LearningStatus(told["status"]),
        evidence=told["evidence"],
        reason=reason,
    )


@pytest.mark.parametrize(
    ("what", "reason", "why"),
    [
        ({}, " ", "needs its reason"),
        ({"evidence": " "}, "Why.", "needs its evidence"),
        ({"status": "declined", "evidence": ""}, "Why.", "needs its evidence"),
        ({"action": "none"}, "Why.", "Choose what was done"),
    ],
)
def test_a_status_that_would_say_nothing_is_refused(
    manual: KnowledgeBase, what: dict[str, str], reason: str, why: str
) -> None:
    before = manual.health()
    with pytest.raises(Refused, match=why):
        decide(manual, mark(manual), reason, **what)
    assert manual.health() == before


def test_what_has_become_of_a_point_is_seen_by_readers_found_by_search_and_told_in_the_log(
    manual: KnowledgeBase,
) -> None:
    seen = mark(manual)
    decide(manual, seen)
    point = manual.review("child-z").review.learning[1]
    assert (point.action, point.status, point.evidence) == ("training", "complete", "Quillfeather courses, 2021.")
    assert manual.search("quillfeather").total == 1
    assert manual.check().problems == ()
    entry = manual.audit.entries(ANN, limit=1)[0]
    assert (entry.action, entry.subject, json.loads(entry.details)["reason"]) == (
        *("decide learning", "child-z", "The group has met."),
    )
    with pytest.raises(Conflict, match="Somebody else has changed"):
        decide(manual, seen, status="open")
    decide(manual, mark(manual), status="open", evidence="", action="none")
    assert manual.search("quillfeather").total == 0
    with pytest.raises(NotFound):
        manual.learning.point(ANN, "child-z", 3)
