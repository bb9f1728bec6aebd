"""What is remembered of searches: the same answer for the same question, no more than a few hundred, none too long."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.answers import ANSWERS_KEPT
from index.facets import MUST, choices_of
from index.passage import Passage
from index.query import parse
from index.whoosh_engine import WhooshEngine

VISIBLE = frozenset({"s@1"})


def passage(text: str, kind: str = "section") -> Passage:
    return Passage("s@1#1", "s@1", kind, "s", "A title", "", text)


@pytest.fixture
def engine(tmp_path: Path) -> WhooshEngine:
    opened = WhooshEngine(tmp_path / "index")
    opened.apply([passage("A baby was seen.")], 1)
    return opened


def test_a_search_that_was_answered_is_not_worked_out_again(engine: WhooshEngine) -> None:
    first = engine.search(parse("baby"), VISIBLE)
    assert engine.search(parse("baby"), frozenset({"s@1"})) is first
    engine.apply([], 2)
    again = engine.search(parse("baby"), VISIBLE)
    assert again == first
    assert again is not first


def test_only_the_last_few_hundred_answers_are_kept(engine: WhooshEngine) -> None:
    first = engine.search(parse("baby"), VISIBLE)
    for number in range(ANSWERS_KEPT):
        engine.search(parse(f"baby {number}"), VISIBLE)
    assert engine.search(parse("baby"), VISIBLE) is not first
    assert engine._answers()._answer.cache_info().currsize == ANSWERS_KEPT


def test_nothing_that_was_typed_stays_once_the_engine_is_closed(engine: WhooshEngine) -> None:
    engine.search(parse("baby"), VISIBLE)
    engine.close()
    assert engine._answers()._answer.cache_info().currsize == 0


def test_threads_that_ask_while_texts_are_added_get_whole_answers(engine: WhooshEngine) -> None:
    expected = engine.search(parse("baby"), VISIBLE)
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(engine.search, parse("baby"), VISIBLE) for _ in range(200)]
        for position in range(2, 8):
            engine.apply([], position)
        assert all(each.result() == expected for each in asked)


@pytest.mark.parametrize("text", ["You must act.", "MUST be told", "Act (the Act says that you must)."])
def test_a_paragraph_that_says_must_states_a_duty_in_a_footnote_too(text: str) -> None:
    assert MUST in choices_of(passage(text))


@pytest.mark.parametrize("text", ["Mustard.", "You should act.", "musty"])
def test_a_word_that_only_looks_like_must_states_none(text: str) -> None:
    assert MUST not in choices_of(passage(text))


@pytest.mark.parametrize("kind", ["review", "term", "contact"])
def test_only_guidance_states_duties(kind: str) -> None:
    assert MUST not in choices_of(passage("They must act.", kind))
