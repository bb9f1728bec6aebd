"""The scores in arrays are those of the formula, written out for one passage after the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.ranking import SETTINGS, Collection, Found, TermMatches, Tier
from index.scoring import rank
from index.sparse import Sparse

PASSAGES, DOCUMENTS, PER_DOCUMENT = 12, 4, 3
SHARES = st.sampled_from([0.125, 0.25, 0.5, 0.75])
TITLES = [{"bruise"}, {"bruise", "baby"}, {"baby"}, set[str]()]
PRIORS = [1.0, 0.4, 1.0]
NAMINGS = [0, 0, 1, 2, 3, 3, 0, 1, 2, 3]
NAMING_SIZES = [1.0, 3.0, 2.5, 8.0, 0.5, 4.0, 0.0, 0.0, 0.0, 0.0]

COLLECTION = Collection(
    size=50,
    priors=np.array(PRIORS * DOCUMENTS),
    reading=np.arange(PASSAGES)[::-1].copy(),
    documents=np.arange(PASSAGES) // PER_DOCUMENT,
    titles=np.arange(PASSAGES) // PER_DOCUMENT,
    groups=[("section", str(number)) for number in range(DOCUMENTS)],
    document_priors=np.ones(DOCUMENTS),
    namings=len(NAMINGS),
    naming_documents=np.array(NAMINGS),
    naming_sizes=np.array(NAMING_SIZES),
    leads=np.arange(DOCUMENTS) * PER_DOCUMENT,
    document_titles=np.array([0, 1, -1, 3]),
    titled=lambda stem: np.array([n for n, title in enumerate(TITLES) if stem in title], np.int64),
    title_sizes=np.array([max(len(title), 1) for title in TITLES], np.float64),
)


@dataclass
class Plain:
    """The formula for one query, passage by passage."""

    terms: list[TermMatches]

    def scores(self) -> dict[int, float]:
        weights = [self.weight(term) for term in self.terms]
        sums: dict[int, float] = {}
        met: dict[int, list[float]] = {}
        for term, weight in zip(self.terms, weights, strict=True):
            for passage, gain in self.best(term).items():
                sums[passage] = sums.get(passage, 0.0) + weight * gain
                met.setdefault(passage, []).append(weight)
        missed = {passage: 1 - sum(met[passage]) / sum(weights) for passage in sums}
        return {
            passage: score * (1 - SETTINGS.passage_coverage * missed[passage]) * PRIORS[passage % PER_DOCUMENT]
            for passage, score in sums.items()
        }

    def documents(self) -> dict[int, float]:
        passages = self.scores()
        weights = [self.weight(term) for term in self.terms]
        found: dict[int, float] = {}
        for document in range(DOCUMENTS):
            texts = [self.by_text(term).get(document, 0.0) for term in self.terms]
            names = [self.by_names(term).get(document, 0.0) for term in self.terms]
            whole = sum(w * t for w, t in zip(weights, texts, strict=True)) + SETTINGS.name_share * sum(names)
            mine = [score for passage, score in passages.items() if passage // PER_DOCUMENT == document]
            if mine or any(names):
                best = SETTINGS.passage_share * max(mine, default=0.0)
                found[document] = (whole + best) * (1 + SETTINGS.title_bonus * self.title(TITLES[document], weights))
        return found

    def title(self, title: set[str], weights: list[float]) -> float:
        said = [{stem for each in term.wordings if title.issuperset(each) for stem in each} for term in self.terms]
        met = sum(weight for weight, stems in zip(weights, said, strict=True) if stems)
        return met / sum(weights) * len(set().union(*said)) / len(title) if met else 0.0

    @staticmethod
    def best(term: TermMatches) -> dict[int, float]:
        gains: dict[int, float] = {}
        for tier in sorted(term.tiers):  # a better tier takes the place of a worse one
            gains |= {n: SETTINGS.band(tier).at(share) for n, share in plain(term.tiers[tier].passages).items()}
        return gains

    @staticmethod
    def by_text(term: TermMatches) -> dict[int, float]:
        earned: dict[int, float] = {}
        for tier in sorted(term.tiers, reverse=True):
            most = 1.0 if tier is Tier.EXACT else SETTINGS.beneath * min(earned.values(), default=1.0)
            found = plain(term.tiers[tier].documents)
            earned |= {number: most * share for number, share in found.items() if number not in earned}
        return earned

    def by_names(self, term: TermMatches) -> dict[int, float]:
        """Every naming counts by the share of what its words tell that the query has."""
        frequencies: dict[int, float] = {}
        for naming, often in self.named(term).items():
            met = sum(self.telling(each) for each in self.terms if naming in self.named(each))
            asked_for = min(met / NAMING_SIZES[naming], 1.0) if NAMING_SIZES[naming] else 1.0
            frequencies[NAMINGS[naming]] = frequencies.get(NAMINGS[naming], 0.0) + often * asked_for
        worth = self.count(term) * self.telling(term)
        return {document: worth * often / (often + SETTINGS.name_k1) for document, often in frequencies.items()}

    @staticmethod
    def named(term: TermMatches) -> dict[int, float]:
        best: dict[int, float] = {}
        for tier, found in term.tiers.items():
            for naming, often in plain(found.names).items():
                best[naming] = max(best.get(naming, 0.0), often * (1.0 if tier is Tier.EXACT else SETTINGS.name_other))
        return best

    def telling(self, term: TermMatches) -> float:
        met = len(self.named(term))
        return log(1 + (len(NAMINGS) - met + 0.5) / (met + 0.5))

    @staticmethod
    def count(term: TermMatches) -> float:
        return term.count * (SETTINGS.light if term.light else 1.0)

    @staticmethod
    def weight(term: TermMatches) -> float:
        found = len(set().union(*(plain(each.passages) for each in term.tiers.values())))
        return Plain.count(term) * log(1 + (50 - found + 0.5) / (found + 0.5))


def plain(vector: Sparse) -> dict[int, float]:
    return dict(zip(vector.numbers.tolist(), vector.amounts.tolist(), strict=True))


def vectors(below: int) -> st.SearchStrategy[Sparse]:
    return st.dictionaries(st.integers(0, below - 1), SHARES, max_size=below).map(_sparse)


def _sparse(found: Mapping[int, float]) -> Sparse:
    numbers = np.array(sorted(found), np.int64)
    return Sparse(numbers, np.array([found[number] for number in numbers.tolist()], np.float64))


def _whole(passages: Sparse, names: Sparse) -> Found:
    """Let a document be met wherever one of its passages is, as it is in any text."""
    shares: dict[int, float] = {}
    for passage, share in plain(passages).items():
        shares[passage // PER_DOCUMENT] = max(share, shares.get(passage // PER_DOCUMENT, 0.0))
    return Found(passages, _sparse(shares), names)


FOUND = st.builds(_whole, vectors(PASSAGES), vectors(len(NAMINGS)))
TERMS = st.builds(
    TermMatches,
    count=st.integers(1, 3),
    tiers=st.dictionaries(st.sampled_from(Tier), FOUND, min_size=1),
    wordings=st.lists(st.sampled_from([("bruise",), ("baby",), ("bruise", "baby")]), max_size=2).map(tuple),
    light=st.booleans(),
)


@given(st.lists(TERMS, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_every_document_and_passage_has_the_score_of_the_formula(terms: list[TermMatches]) -> None:
    ranked = rank(terms, COLLECTION).page(0, DOCUMENTS, PASSAGES)
    met = [term for term in terms if any(found.anywhere for found in term.tiers.values())]
    expected = Plain(met).documents() if met else {}
    assert {int(group.group[1]): group.score for group in ranked} == pytest.approx(expected)
    assert [group.score for group in ranked] == sorted((group.score for group in ranked), reverse=True)
    passages = {n: s for group in ranked for n, s in zip(group.passages, group.passage_scores, strict=True) if s}
    assert passages == pytest.approx(Plain(met).scores() if met else {})


@given(st.lists(TERMS, min_size=1, max_size=3), st.integers(0, 5), st.integers(0, 5))
@settings(deadline=None)
def test_a_page_is_a_piece_of_the_whole(terms: list[TermMatches], offset: int, limit: int) -> None:
    ranked = rank(terms, COLLECTION)
    whole = ranked.page(0, len(ranked), 2)
    assert ranked.page(offset, limit, 2) == whole[offset:][:limit]
    places = np.array([1, 0, 1, 0])
    assert [int(places[int(group.group[1])]) for group in ranked.page(0, 9, 1, places)] == sorted(
        int(places[int(group.group[1])]) for group in whole
    )
