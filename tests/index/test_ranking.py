"""How passages are scored and ordered, as promises that hold for any figures."""

from collections.abc import Container, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.passage import Standing
from index.ranking import (
    SETTINGS,
    Collection,
    RankedGroup,
    TermMatches,
    Tier,
    contribution,
    inverse_document_frequency,
    length_norm,
    rank,
)

FREQUENCY = st.floats(0.5, 1000)
LENGTH = st.floats(1, 2000)


def collection(
    groups: list[str],
    titles: Mapping[str, str] | None = None,
    lengths: list[float] | None = None,
    urgent: Container[int] = frozenset(),
    pointers: Container[int] = frozenset(),
) -> Collection:
    """Make a collection: one passage for each name in `groups`; a group's title is its name unless given."""
    sizes = lengths or [20.0] * len(groups)
    average = sum(sizes) / len(sizes)
    return Collection(
        size=1000,
        norms=[length_norm(size, average) for size in sizes],
        priors=[SETTINGS.prior("section", _standing(number in pointers)) for number in range(len(groups))],
        reading_order=[(number not in urgent, number) for number in range(len(groups))],
        groups=[("section", group) for group in groups],
        keys=[f"{group}#{number:04}" for number, group in enumerate(groups)],
        title_stems=lambda passage: frozenset((titles or {}).get(groups[passage], "").split()),
    )


def _standing(pointer: bool) -> Standing:
    return Standing.POINTER if pointer else Standing.GUIDANCE


def term(exact: Mapping[int, float], *, count: int = 1, wording: str = "") -> TermMatches:
    return TermMatches(count, {Tier.EXACT: exact}, ((wording,),) if wording else ())


def order(ranked: list[RankedGroup]) -> list[str]:
    return [each.group[1] for each in ranked]


@given(FREQUENCY, FREQUENCY, LENGTH, LENGTH, LENGTH)
def test_exact_earns_more_than_expanded_and_that_more_than_fuzzy(
    often: float, seldom: float, long: float, short: float, average: float
) -> None:
    for better, worse in ((Tier.EXACT, Tier.EXPANDED), (Tier.EXPANDED, Tier.FUZZY)):
        least = contribution(better, min(often, seldom), length_norm(long, average))
        most = contribution(worse, max(often, seldom), length_norm(short, average))
        assert least > most > 0


@given(st.lists(FREQUENCY, min_size=1, max_size=30), LENGTH, st.integers(1, 900))
def test_a_section_met_exactly_is_above_one_met_otherwise_whatever_the_figures(
    frequencies: list[float], length: float, others: int
) -> None:
    count = len(frequencies)
    groups = ["exact", *["expanded"] * count, *["fuzzy"] * count]
    matches = TermMatches(
        1,
        {
            Tier.EXACT: {0: 1.0},
            Tier.EXPANDED: {1 + place: each for place, each in enumerate(frequencies)},
            Tier.FUZZY: {1 + count + place: each for place, each in enumerate(frequencies)},
        },
        (("word",),),
    )
    titles = {"expanded": "other", "fuzzy": "another"}
    ranked = rank([matches], collection(groups, titles, [length + others, *[length] * (2 * count)]))
    assert order(ranked) == ["exact", "expanded", "fuzzy"]


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_term_never_counts_against_a_passage(found: int, more: int) -> None:
    assert inverse_document_frequency(found, found + more) > 0


def test_rarer_words_count_more() -> None:
    assert inverse_document_frequency(1, 1000) > inverse_document_frequency(500, 1000)


def test_a_word_often_in_a_short_passage_counts_more_than_once_in_a_long_one() -> None:
    short, long = length_norm(10, 40), length_norm(100, 40)
    assert contribution(Tier.EXACT, 3, short) > contribution(Tier.EXACT, 1, short) > contribution(Tier.EXACT, 1, long)


def test_ways_to_meet_a_term_do_not_add_up() -> None:
    both = TermMatches(1, {Tier.EXACT: {0: 1.0, 1: 1.0}, Tier.EXPANDED: {0: 9.0}})
    first, second = rank([both], collection(["a", "b"]))
    assert first.score == second.score


@given(st.floats(1, 1000), st.integers(1, 20))
def test_two_words_of_the_query_are_above_one_word_repeated(often: float, passages: int) -> None:
    groups = ["both", *["one"] * passages, *(f"other {number}" for number in range(passages))]
    repeated = term({0: 1.0, **dict.fromkeys(range(1, passages + 1), often)})
    equally_rare = term({0: 1.0, **dict.fromkeys(range(passages + 1, 2 * passages + 1), 1.0)})
    assert order(rank([repeated, equally_rare], collection(groups)))[0] == "both"


def test_a_word_typed_twice_counts_twice() -> None:
    groups = collection(["a", "b"])
    assert order(rank([term({0: 1.0}), term({1: 1.0})], groups)) == ["a", "b"]
    assert order(rank([term({0: 1.0}), term({1: 1.0}, count=2)], groups)) == ["b", "a"]


def test_a_title_that_is_the_query_is_above_one_that_contains_it() -> None:
    found = {0: 3.0, 1: 3.0, 2: 3.0}
    titles = {"a": "strategy", "b": "neglect tool and other", "c": "neglect"}
    ranked = rank([term(found, wording="neglect")], collection(["a", "b", "c"], titles))
    assert order(ranked) == ["c", "b", "a"]


def test_more_good_passages_help_a_section_but_length_alone_does_not_win() -> None:
    two = rank([term({0: 2.0, 1: 2.0, 2: 2.0})], collection(["a", "b", "b"]))
    assert order(two) == ["b", "a"]
    many = collection(["a", *["b"] * 50])
    ranked = rank([term({0: 50.0, **dict.fromkeys(range(1, 51), 0.3)})], many)
    assert order(ranked) == ["a", "b"]


def test_required_and_excluded_passages_are_kept_and_left_out() -> None:
    groups = collection(["a", "b", "c"])
    words = [term({0: 1.0, 1: 1.0, 2: 1.0})]
    assert order(rank(words, groups, required=[{0: 1.0, 1: 1.0}, {1: 1.0, 2: 1.0}])) == ["b"]
    assert order(rank(words, groups, excluded={1})) == ["a", "c"]


@given(st.permutations(range(8)))
def test_equal_scores_are_always_in_the_same_order(places: list[int]) -> None:
    groups = collection(["d", "b", "c", "a", "d", "b", "c", "a"])
    ranked = rank([term(dict.fromkeys(places, 1.0))], groups)
    assert order(ranked) == ["a", "b", "c", "d"]
    assert [number for number, _ in ranked[0].passages] == [3, 7]


def test_what_is_found_nowhere_changes_nothing() -> None:
    groups = collection(["a", "b"])
    words = [term({0: 1.0, 1: 2.0})]
    assert rank([*words, term({})], groups) == rank(words, groups)
    assert rank([term({})], groups) == rank([], groups) == []


@pytest.mark.parametrize("average", [0.0, 1.0])
def test_an_empty_collection_has_a_norm_all_the_same(average: float) -> None:
    assert length_norm(0.0, average) > 0


def test_of_paragraphs_that_answer_alike_the_one_to_act_on_comes_first_then_the_order_of_the_text() -> None:
    alike = rank([term({0: 2.0, 1: 2.2, 2: 2.1})], collection(["brue"] * 3, urgent={2}))
    assert [number for number, _ in alike[0].passages] == [2, 0, 1]
    apart = rank([term({0: 0.5, 1: 90.0, 2: 0.5})], collection(["brue"] * 3, urgent={2}))
    assert apart[0].passages[0][0] == 1


def test_a_list_of_related_sections_comes_after_a_paragraph_that_answers() -> None:
    found = rank([term({0: 3.0, 1: 1.0})], collection(["pointing", "answering"], pointers={0}))
    assert order(found) == ["answering", "pointing"]
