"""The log as people read it: newest first, narrowed, in plain English, and as a file no spreadsheet runs."""

import re
from pathlib import Path

import pytest

from kb import workflow
from kb.access import Actor, Role
from kb.audit import ACTIONS, Wanted
from kb.service import KnowledgeBase
from procedures.errors import Forbidden, NotFound
from tests.procedures.texts import a_text

ANN = Actor("Ann", frozenset({Role.AUTHOR, Role.APPROVER}))
OTTO = Actor("Otto", frozenset({Role.AUDITOR}))
ROOT = Path(__file__).parents[2]
_TOLD = re.compile(r'(?:\bappend|_change|_update)\(\s*(?:[a-z]+, ){0,2}"([a-z ]+)",')


@pytest.fixture
def manual(empty_kb: KnowledgeBase) -> KnowledgeBase:
    empty_kb.publish(ANN, a_text("brue", "One."))
    empty_kb.publish(Actor("Ben", ANN.roles), a_text("brue", "Two.", based_on=1))
    empty_kb.publish(ANN, a_text("other", "Three.", number="8.9", title="Other"))
    empty_kb.accounts.add(Actor("Ada", frozenset({Role.ADMINISTRATOR})), "Ann", [Role.AUTHOR])
    return empty_kb


def seqs(kb: KnowledgeBase, *wanted: str | None, before: int | None = None, limit: int = 100) -> list[int]:
    return [entry.seq for entry in kb.audit.entries(OTTO, Wanted(*wanted), before=before, limit=limit)]


def test_the_newest_event_is_first_and_older_ones_follow_page_by_page(manual: KnowledgeBase) -> None:
    assert seqs(manual) == [4, 3, 2, 1]
    assert seqs(manual, limit=2) == [4, 3]
    assert seqs(manual, before=3, limit=2) == [2, 1]
    assert seqs(manual, before=1) == []


def test_events_are_narrowed_to_a_person_an_action_and_a_subject(manual: KnowledgeBase) -> None:
    assert seqs(manual, "Ann") == [3, 1]
    assert seqs(manual, None, "publish") == [3, 2, 1]
    assert seqs(manual, None, None, "BRUE") == [2, 1]
    assert seqs(manual, "Ann", "publish", "brue", before=3) == [1]
    assert seqs(manual, "Nobody") == []
    assert manual.audit.choices(OTTO).who == ("Ada", "Ann", "Ben")
    assert manual.audit.choices(OTTO).actions == ("add account", "publish")


def test_one_event_can_be_shown_and_the_newest_carries_the_head(manual: KnowledgeBase) -> None:
    assert manual.audit.entry(OTTO, 4).hash == manual.head()
    assert manual.audit.entry(OTTO, 4).told == "made an account"
    for beyond in (5, 2**70):
        with pytest.raises(NotFound, match=f"has no event {beyond}"):
            manual.audit.entry(OTTO, beyond)


def test_whoever_writes_reads_the_log_and_does_not_take_it_away(manual: KnowledgeBase) -> None:
    author = Actor("Ann", frozenset({Role.AUTHOR}))
    assert manual.audit.entries(author)
    with pytest.raises(Forbidden, match="may not export the log"):
        manual.audit.export(author)


def test_every_action_the_program_writes_into_the_log_has_plain_words() -> None:
    written = {*workflow.STEPS, workflow.RELEASE, workflow.REVIEW_OVERRIDE, "publish", "import", "withdraw"}
    for folder in ("kb", "procedures"):
        for path in (ROOT / folder).rglob("*.py"):
            written |= set(_TOLD.findall(path.read_text("utf-8")))
    assert {"add account", "redact", "unlink", "decide learning", "sample", "change roles"} <= written
    assert written <= set(ACTIONS)
