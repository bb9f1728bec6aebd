"""Two sections that are to change numbers on a later day can be stopped, and changed meanwhile, without a mix-up."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kb.access import Actor
from kb.beginnings import TextInForce
from kb.drafting import Origin, State
from kb.service import KnowledgeBase
from procedures.errors import Refused
from procedures.model import Revision
from tests.kb.editors import ANN, CAROL, approved, reworded

ONE, OTHER = "brue", "information-sharing"


@pytest.fixture
def day(kb: KnowledgeBase) -> date:
    return kb.today() + timedelta(days=10)


@pytest.fixture
def waiting(kb: KnowledgeBase, day: date) -> tuple[Revision, ...]:
    """Have the two sections' change of numbers published together, for a later day."""
    work = kb.workspace
    drafts = [work.start(ANN, TextInForce(key)) for key in (ONE, OTHER)]
    for draft, other in zip(drafts, drafts[::-1], strict=True):
        content = replace(reworded(draft, "From then on."), number=other.content.number, in_force_from=day)
        work.save(ANN, draft.id, content, draft.version)
    for draft in drafts:
        work.approve(CAROL, draft.id, work.submit(ANN, draft.id))
    return work.release(CAROL, [draft.id for draft in drafts])


def numbers(kb: KnowledgeBase, on: date | None = None) -> tuple[str | None, str | None]:
    return kb.section(ONE, on=on).number, kb.section(OTHER, on=on).number


def test_both_are_cancelled_together_and_neither_alone(
    kb: KnowledgeBase, waiting: tuple[Revision, ...], day: date
) -> None:
    one, other = waiting
    before, head = numbers(kb), kb.head()
    for each in waiting:
        with pytest.raises(Refused, match=r"Cancel \S+@\d+ and \S+@\d+ together"):
            kb.cancel(CAROL, each.section, each.revision, "A mistake.")
    assert kb.workspace.tied(CAROL, one) == (other,)
    assert kb.head() == head
    kb.cancel(CAROL, ONE, one.revision, "A mistake.", [(OTHER, other.revision)])
    assert numbers(kb, day) == numbers(kb) == before
    assert {ONE, OTHER}.isdisjoint(each.section.key for each in kb.workspace.desk(CAROL).coming)
    assert kb.check().problems == ()


def test_an_urgent_change_of_one_puts_off_both_and_drafts_them_again(
    kb: KnowledgeBase, waiting: tuple[Revision, ...], day: date
) -> None:
    work, before = kb.workspace, numbers(kb)
    urgent, _ = approved(kb, ONE, reworded_to="At once.")
    assert work.draft(CAROL, urgent.id).tied == (waiting[1],)
    with pytest.raises(Refused, match=f"Cancel {waiting[0].ref} first"):
        work.override(CAROL, urgent.id, "It cannot wait.")
    carried = work.carry(CAROL, urgent.id, "It cannot wait.")
    assert kb.section(ONE).paragraphs[0].text == "At once."
    assert numbers(kb, day) == numbers(kb) == before
    anew = [d for d in work.drafts(ANN, State.DRAFT) if work.draft(ANN, d.id).draft.facts.origin is Origin.CARRIED]
    assert {line.section.key for line in anew} == {ONE, OTHER}
    assert carried.draft.id in {line.id for line in anew}
    dave = Actor("Dave", CAROL.roles)
    for line in anew:
        work.approve(dave, line.id, work.submit(ANN, line.id))
    work.release(CAROL, [line.id for line in anew])
    assert numbers(kb, day) == before[::-1]
    assert kb.check().problems == ()
