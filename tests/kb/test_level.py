"""While somebody indexes what was just published, searches go on; whoever was told that it is published finds it."""

from collections.abc import Callable

import pytest

from index.engine import IndexFault
from kb import level
from kb.access import Actor
from kb.service import KnowledgeBase
from procedures.model import Revision
from tests.procedures.texts import TODAY, a_text

FIRST, SECOND = "Ring the paediatrician.", "Ring the paediatrician before the ambulance."


def answers(kb: KnowledgeBase) -> list[str]:
    return [hit.passage.text for result in kb.search("paediatrician").results for hit in result.hits]


def commit(kb: KnowledgeBase, body: str, based_on: int | None = None) -> Revision:
    """Publish as far as the record, like somebody who is indexing at this moment, or was killed."""
    with kb._store.write("Editor", kb.now) as transaction:
        return transaction.publish(a_text("brue", body, based_on=based_on), TODAY)


@pytest.fixture
def one(empty_kb: KnowledgeBase, editor: Actor, monkeypatch: pytest.MonkeyPatch) -> KnowledgeBase:
    """A manual with one text, which a search has found, and in which searches wait for others for ever."""
    monkeypatch.setattr(level, "PATIENCE", 1e9)
    empty_kb.publish(editor, a_text("brue", FIRST))
    assert answers(empty_kb) == [FIRST]
    return empty_kb


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the time pass for which searches wait for others."""
    return lambda: monkeypatch.setattr(level, "PATIENCE", 0.0)


def test_a_search_during_a_publication_is_answered_from_the_whole_text_before_it(one: KnowledgeBase) -> None:
    commit(one, SECOND, based_on=1)
    view = one.search("paediatrician")
    assert answers(one) == [FIRST]
    assert view.results[0].since == one.revision("brue", 1).revision.in_force_from
    assert one.section("brue").paragraphs[0].text == SECOND, "a page never waits for the index"


def test_whoever_was_told_that_it_is_published_finds_it(one: KnowledgeBase, editor: Actor) -> None:
    one.publish(editor, a_text("brue", SECOND, based_on=1))
    assert answers(one) == [SECOND]


def test_a_publication_whose_publisher_was_killed_is_found_after_half_a_second(
    one: KnowledgeBase, wait: Callable[[], None]
) -> None:
    commit(one, SECOND, based_on=1)
    assert answers(one) == [FIRST]
    wait()
    assert answers(one) == [SECOND]


def test_publications_that_follow_one_another_do_not_hold_a_search_back_for_longer(
    one: KnowledgeBase, wait: Callable[[], None]
) -> None:
    commit(one, SECOND, based_on=1)
    assert answers(one) == [FIRST]
    since = one._index._behind_since
    commit(one, SECOND + " At once.", based_on=2)
    assert answers(one) == [FIRST]
    assert one._index._behind_since == since
    wait()
    assert answers(one) == [SECOND + " At once."]


def test_the_time_to_wait_begins_anew_with_each_publication(one: KnowledgeBase, wait: Callable[[], None]) -> None:
    commit(one, SECOND, based_on=1)
    assert answers(one) == [FIRST]
    assert one._index._behind_since
    one.catch_up()
    assert one._index._behind_since is None


def test_where_the_index_failed_the_text_before_is_not_found_and_the_new_one_as_soon_as_it_is_well(
    one: KnowledgeBase, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise IndexFault("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(one._engine, "apply", full)
        patch.setattr(one._engine, "rebuild", full)
        one.publish(editor, a_text("brue", SECOND, based_on=1))
        assert answers(one) == []
    assert answers(one) == [SECOND]
