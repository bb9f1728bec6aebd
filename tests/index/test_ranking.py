"""How passages are scored and ordered, as promises that hold for any figures."""

from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.passage import Standing
from index.ranking import (
    SETTINGS,
    Collection,
    Found,
    RankedGroup,
    TermMatches,
    Tier,
    inverse_document_frequency,
    length_norm,
    saturation,
)
from index.scoring import rank
from index.sparse import Sparse

FREQUENCY = st.floats(0.5, 1000)
LENGTH = st.floats(1, 2000)


class Manual:
    """One passage for each name in `groups`, and a document for each different name; a title is the name unless given.

    `pointers` are lists of related sections. It makes query terms and ranks by them. Documents are numbered by name,
    and the passages of a document stand together.
    """

    def __init__(
        self,
        groups: Sequence[str],
        titles: Mapping[str, str] | None = None,
        lengths: Sequence[float] | None = None,
        urgent: Some[int] = frozenset(),
        pointers: Some[int] = frozenset(),
    ) -> None:
        self.names = sorted(set(groups))
        self.order = sorted(range(len(groups)), key=lambda number: (groups[number], number))
        self.pointers = pointers
        self.titles = [(titles or {}).get(name, "").split() for name in self.names]
        documents = np.array([self.names.index(groups[number]) for number in self.order])
        sizes = np.array([(lengths or [20.0] * len(groups))[number] for number in self.order])
        average, passages = float(sizes.mean()), len(groups) / len(self.names)
        self.norms = length_norm(sizes, average)
        counting = np.array([number not in pointers for number in self.order])
        whole = np.bincount(documents, sizes * counting).astype(np.float64)
        self.document_norms = length_norm(whole, average * passages, passages)
        self.documents, self.counting = documents, counting
        self.collection = Collection(
            size=1000,
            priors=np.array([SETTINGS.prior("section", _standing(number in pointers)) for number in self.order]),
            reading=np.array([number + (0 if number in urgent else 1000) for number in self.order]),
            documents=documents,
            titles=documents,
            groups=[("section", name) for name in self.names],
            document_priors=np.ones(len(self.names)),
            namings=len(self.names),
            naming_documents=np.arange(len(self.names)),
            naming_sizes=np.zeros(len(self.names)),
            leads=documents.searchsorted(np.arange(len(self.names))),
            document_titles=np.arange(len(self.names)),
            titled=lambda stem: np.array([n for n, title in enumerate(self.titles) if stem in title], np.int64),
            title_sizes=np.array([max(len(set(title)), 1) for title in self.titles], np.float64),
        )

    def found(self, passages: Mapping[int, float], names: Mapping[str, float] | None = None) -> Found:
        """Say where a wording stands, by the places of passages in `groups` and the names of documents."""
        met = sorted((self.order.index(number), frequency) for number, frequency in passages.items())
        numbers, frequencies = np.array([n for n, _ in met], np.int64), np.array([f for _, f in met])
        counting = self.counting[numbers]
        added = np.zeros(len(self.names))
        np.add.at(added, self.documents[numbers[counting]], frequencies[counting])
        documents = added.nonzero()[0]
        called = sorted((self.names.index(name), weight) for name, weight in (names or {}).items())
        return Found(
            Sparse(numbers, saturation(frequencies, self.norms[numbers])),
            Sparse(documents, saturation(added[documents], self.document_norms[documents])),
            Sparse(np.array([n for n, _ in called], np.int64), np.array([w for _, w in called])),
        )

    def term(
        self, exact: Mapping[int, float], *, count: int = 1, wording: str = "", light: bool = False
    ) -> TermMatches:
        return TermMatches(count, {Tier.EXACT: self.found(exact)}, ((wording,),) if wording else (), light)

    def rank(
        self, *terms: TermMatches, required: Iterable[Some[int]] = (), excluded: Some[int] = (), first: int = 1000
    ) -> list[RankedGroup]:
        """Rank by the terms; the passages of the answer are again places in `groups`."""
        needed, unwanted = [self._numbers(places) for places in required], self._numbers(excluded)
        ranked = rank(terms, self.collection, needed, unwanted).page(0, first, first)
        return [group._replace(passages=[self.order[number] for number in group.passages]) for group in ranked]

    def _numbers(self, places: Some[int]) -> "np.typing.NDArray[np.int64]":
        return np.array(sorted(self.order.index(place) for place in places), np.int64)


def _standing(pointer: bool) -> Standing:
    return Standing.POINTER if pointer else Standing.GUIDANCE


def order(ranked: list[RankedGroup]) -> list[str]:
    return [each.group[1] for each in ranked]


def contribution(tier: Tier, frequency: float, norm: float) -> float:
    return SETTINGS.band(tier).at(saturation(frequency, norm))


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
    titles = {"expanded": "other", "fuzzy": "another"}
    manual = Manual(groups, titles, [length + others, *[length] * (2 * count)])
    matches = TermMatches(
        1,
        {
            Tier.EXACT: manual.found({0: 1.0}),
            Tier.EXPANDED: manual.found({1 + place: each for place, each in enumerate(frequencies)}),
            Tier.FUZZY: manual.found({1 + count + place: each for place, each in enumerate(frequencies)}),
        },
        (("word",),),
    )
    assert order(manual.rank(matches)) == ["exact", "expanded", "fuzzy"]


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_term_never_counts_against_a_passage(found: int, more: int) -> None:
    assert inverse_document_frequency(found, found + more) > 0


def test_rarer_words_count_more() -> None:
    assert inverse_document_frequency(1, 1000) > inverse_document_frequency(500, 1000)


def test_a_word_often_in_a_short_passage_counts_more_than_once_in_a_long_one() -> None:
    short, long = length_norm(10, 40), length_norm(100, 40)
    assert contribution(Tier.EXACT, 3, short) > contribution(Tier.EXACT, 1, short) > contribution(Tier.EXACT, 1, long)


def test_ways_to_meet_a_term_do_not_add_up() -> None:
    manual = Manual(["a", "b"])
    expanded = manual.found({0: 9.0}, names={"a": 1.0, "b": 1.0})
    both = TermMatches(1, {Tier.EXACT: manual.found({0: 1.0, 1: 1.0}), Tier.EXPANDED: expanded})
    first, second = manual.rank(both)
    assert first.score == second.score


@given(FREQUENCY, st.integers(1, 20))
def test_two_words_of_the_query_are_above_one_of_them_as_often(often: float, passages: int) -> None:
    manual = Manual([*["both"] * passages, *["one"] * passages, *(f"other {number}" for number in range(passages))])
    one = manual.term(dict.fromkeys(range(2 * passages), often))
    equally_rare = manual.term(dict.fromkeys((*range(passages), *range(2 * passages, 3 * passages)), often))
    assert order(manual.rank(one, equally_rare))[0] == "both"


def test_a_word_typed_twice_counts_twice() -> None:
    manual = Manual(["a", "b"])
    assert order(manual.rank(manual.term({0: 1.0}), manual.term({1: 1.0}))) == ["a", "b"]
    assert order(manual.rank(manual.term({0: 1.0}), manual.term({1: 1.0}, count=2))) == ["b", "a"]


def test_a_word_for_a_kind_of_document_counts_less_than_one_for_a_subject() -> None:
    manual = Manual(["subject", "policies"])
    subject = manual.term({0: 1.0})
    assert order(manual.rank(subject, manual.term({1: 2.0}, light=True))) == ["subject", "policies"]
    assert order(manual.rank(subject, manual.term({1: 2.0}))) == ["policies", "subject"]


def test_a_title_that_is_the_query_is_above_one_that_contains_it() -> None:
    manual = Manual(["a", "b", "c"], {"a": "strategy", "b": "neglect tool and other", "c": "neglect"})
    assert order(manual.rank(manual.term({0: 3.0, 1: 3.0, 2: 3.0}, wording="neglect"))) == ["c", "b", "a"]


def test_a_section_that_comes_back_to_a_word_is_above_one_that_says_it_once_in_passing() -> None:
    manual = Manual([*["in passing"] * 4, *["about it"] * 4])
    word = manual.term({0: 2.0, **dict.fromkeys(range(4, 8), 1.0)})
    assert order(manual.rank(word)) == ["about it", "in passing"]


def test_length_alone_does_not_win() -> None:
    manual = Manual([*["short"] * 3, *["long"] * 60])
    assert order(manual.rank(manual.term({0: 6.0, **dict.fromkeys(range(3, 9), 1.0)}))) == ["short", "long"]


def test_a_section_is_found_by_what_it_is_called_elsewhere() -> None:
    manual = Manual(["neutral", "named"])
    found = manual.found({0: 1.0, 1: 1.0}, names={"named": 1.5})
    ranked = manual.rank(TermMatches(1, {Tier.EXACT: found}))
    assert order(ranked) == ["named", "neutral"]


def test_a_section_known_by_its_names_only_is_shown_by_its_first_passage() -> None:
    manual = Manual(["other", "named", "named"])
    unmet = TermMatches(1, {Tier.EXACT: manual.found({}, names={"named": 1.5})})
    (ranked,) = manual.rank(unmet)
    assert ranked.group[1] == "named"
    assert (ranked.passages[0], ranked.passage_scores[0]) == (1, 0.0)
    assert manual.rank(unmet, excluded={1}) == manual.rank(unmet, required=[{0}]) == []


def test_required_and_excluded_passages_are_kept_and_left_out() -> None:
    manual = Manual(["a", "b", "c"])
    word = manual.term({0: 1.0, 1: 1.0, 2: 1.0})
    assert order(manual.rank(word, required=[{0, 1}, {1, 2}])) == ["b"]
    assert order(manual.rank(word, excluded={1})) == ["a", "c"]


@given(st.permutations(range(8)))
def test_equal_scores_are_always_in_the_same_order(places: list[int]) -> None:
    manual = Manual(["d", "b", "c", "a", "d", "b", "c", "a"])
    ranked = manual.rank(manual.term(dict.fromkeys(places, 1.0)))
    assert order(ranked) == ["a", "b", "c", "d"]
    assert ranked[0].passages == [3, 7]


def test_what_is_found_nowhere_changes_nothing() -> None:
    manual = Manual(["a", "b"])
    word = manual.term({0: 1.0, 1: 2.0})
    assert manual.rank(word, manual.term({})) == manual.rank(word)
    assert manual.rank(manual.term({})) == manual.rank() == []


@pytest.mark.parametrize("average", [0.0, 1.0])
def test_an_empty_collection_has_a_norm_all_the_same(average: float) -> None:
    assert length_norm(0.0, average) > 0


def test_of_paragraphs_that_answer_alike_the_one_to_act_on_comes_first_then_the_order_of_the_text() -> None:
    brue = Manual(["brue"] * 3, urgent={2})
    (alike,) = brue.rank(brue.term({0: 2.0, 1: 2.2, 2: 2.1}))
    assert alike.passages == [2, 0, 1]
    (apart,) = brue.rank(brue.term({0: 0.5, 1: 90.0, 2: 0.5}))
    assert apart.passages[0] == 1


def test_a_list_of_related_sections_comes_after_a_paragraph_that_answers() -> None:
    manual = Manual(["pointing", "answering"], pointers={0})
    assert order(manual.rank(manual.term({0: 3.0, 1: 1.0}))) == ["answering", "pointing"]
