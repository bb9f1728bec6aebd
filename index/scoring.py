"""How passages are scored, grouped and put in order: the same for every engine, and in arrays from end to end.

`answers` calls `rank` with what `interpret` made of a query. It reads no index, keeps nothing, and gives the same order
for the same passages every time; tests hold it to the formula written out for one passage after the other.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from index.ranking import SETTINGS, Collection, RankedGroup, Settings, TermMatches, Tier, inverse_document_frequency
from index.sparse import (
    NOTHING,
    Bools,
    Floats,
    Ints,
    Sparse,
    among,
    dense,
    distinct,
    highest,
    in_order,
    joined,
    ranges,
    starts_of,
    those,
    totals,
)

Keep = Callable[[Ints, Ints], Bools | None]
"""Says of passages, and of where each document begins among them, which are kept; None for all of them."""


def rank(
    terms: Iterable[TermMatches],
    collection: Collection,
    required: Sequence[Ints] = (),
    excluded: Ints = NOTHING.numbers,
    settings: Settings = SETTINGS,
    keep: Keep | None = None,
) -> "Ranked":
    """Score the passages the terms were found in, and their documents by all their text and names.

    Passages missing from any of `required` or in `excluded` are left out, and those `keep` does not keep.
    """
    asked = _Asked(terms, collection, settings)
    documents = asked.documents()
    passages = asked.named_only(asked.passages(), documents)
    for places in required:
        passages = those(passages, among(passages.numbers, places))
    if excluded.size:
        passages = those(passages, ~among(passages.numbers, excluded))
    starts = starts_of(collection.documents[passages.numbers])
    kept = keep(passages.numbers, starts) if keep else None
    if kept is not None:
        passages = those(passages, kept)
        starts = starts_of(collection.documents[passages.numbers])
    return asked.ranked(passages, starts, documents)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Documents with their scores, and their passages with theirs: those of a document lie between two bounds."""

    documents: Ints
    scores: Floats
    passages: Sparse
    bounds: Ints
    collection: Collection
    settings: Settings

    def __len__(self) -> int:
        return self.documents.size

    def page(self, offset: int, limit: int, per_group: int, order: Ints | None = None) -> list[RankedGroup]:
        """Return some of the documents, the best first, or those with the lowest place in `order`.

        Equal ones come by key, and of each document only so many passages.
        """
        shown = self._best(offset + limit, order)[offset:]
        groups, scores = self.collection.groups, self.scores[shown].tolist()
        passages = self._for_reading(shown, per_group)
        documents = self.documents[shown].tolist()
        return [RankedGroup(groups[d], s, *p) for d, s, p in zip(documents, scores, passages, strict=True)]

    def _best(self, count: int, order: Ints | None) -> Ints:
        if order is not None:
            return np.lexsort((-self.scores, order[self.documents]))[:count]
        candidates = np.arange(self.scores.size)
        if 0 < count < self.scores.size:
            least = np.partition(self.scores, -count)[-count]
            candidates = (self.scores >= least).nonzero()[0]
        return candidates[(-self.scores[candidates]).argsort(kind="stable")][:count]

    def _for_reading(self, shown: Ints, per_group: int) -> Iterable[tuple[list[int], list[float]]]:
        """Yield the first passages of each document, and their scores.

        They are the best ones, but those that answer alike stand in the order to read them: what to do at once first,
        then as the text goes.
        """
        begins, ends = self.bounds[shown], self.bounds[shown + 1]
        row = ranges(begins, ends)
        numbers, scores = self.passages.numbers[row], self.passages.amounts[row].tolist()
        reading, numbers = self.collection.reading[numbers].tolist(), numbers.tolist()
        end = 0
        for size in (ends - begins).tolist():
            begin, end = end, end + size
            first = _first_to_read(scores, reading, range(begin, end), per_group, self.settings.alike)
            yield [numbers[place] for place in first], [scores[place] for place in first]


def _first_to_read(scores: list[float], reading: list[int], places: range, count: int, alike: float) -> list[int]:
    """Return the first places to read: the best, but those that answer alike are put in reading order."""
    first: list[int] = []
    left: Sequence[int] = places
    while left and len(first) < count:
        least = max([scores[place] for place in left]) * alike
        near = [place for place in left if scores[place] >= least]
        first += sorted(near, key=reading.__getitem__) if len(near) > 1 else near
        left = [place for place in left if scores[place] < least]
    return first[:count]


class _Asked:
    """The terms of one query that were found anywhere, with what each is worth."""

    def __init__(self, terms: Iterable[TermMatches], collection: Collection, settings: Settings) -> None:
        self._settings = settings
        self._collection = collection
        self._terms = [term for term in terms if any(found.anywhere for found in term.tiers.values())]
        self._weights = [self._weight(term) for term in self._terms]
        self._total = sum(self._weights)

    def passages(self) -> Sparse:
        """Score the passages: what the terms earn them, less where they answer little of the query."""
        asked = zip(self._terms, self._weights, strict=True)
        gains = [gain for term, weight in asked for gain in self._gains(term, weight)]
        if not gains:
            return NOTHING
        numbers, sums, met = _added_up(gains)
        depending = self._settings.passage_coverage
        factors = 1 - depending * (1 - met / self._total)
        return Sparse(numbers, sums * factors * self._collection.priors[numbers])

    def documents(self) -> Floats:
        """Add up what each term earns each document by all of its text and by its names."""
        earned: list[Sparse] = []
        for term, weight in zip(self._terms, self._weights, strict=True):
            earned += [Sparse(each.numbers, weight * each.amounts) for each in self._by_text(term)]
        return dense(joined((*earned, self._by_names())), len(self._collection.groups))

    def named_only(self, passages: Sparse, documents: Floats) -> Sparse:
        """Add the first passage of each document that only its names have brought in, for a score of nothing."""
        if not any(found.names.numbers.size for term in self._terms for found in term.tiers.values()):
            return passages
        unmet = documents > 0
        unmet[self._collection.documents[passages.numbers]] = False
        if not unmet.any():
            return passages
        leads = self._collection.leads[unmet.nonzero()[0]]
        return in_order(joined((passages, Sparse(leads, np.zeros(leads.size)))))

    def ranked(self, passages: Sparse, starts: Ints, documents: Floats) -> Ranked:
        """Score the documents of the passages that are left; those of each begin at `starts`."""
        settings, collection = self._settings, self._collection
        numbers, scores = passages
        found = collection.documents[numbers[starts]]
        best = np.maximum.reduceat(scores, starts) if starts.size else scores
        bounds = np.concatenate((starts, [numbers.size]))
        totals = documents[found] * collection.document_priors[found] + settings.passage_share * best
        titles = collection.document_titles[found]
        if (titles < 0).any():
            first = (scores == np.repeat(best, np.diff(bounds))).nonzero()[0]
            titles = collection.titles[numbers[first[first.searchsorted(starts)]]]
        totals *= 1 + settings.title_bonus * self._title_match(titles)
        return Ranked(found, totals, passages, bounds, collection, settings)

    def _gains(self, term: TermMatches, weight: float) -> list["_Gain"]:
        """Return what a term earns passages; of the ways it was met, the best alone counts."""
        gains: list[_Gain] = []
        for tier in _best_first(term):
            found = term.tiers[tier].passages
            for better in gains:
                found = those(found, ~among(found.numbers, better.numbers))
            if found.numbers.size:
                band = self._settings.band(tier)
                gains.append(_Gain(*found, weight * band.low, weight * (band.high - band.low), weight))
        return gains

    def _by_text(self, term: TermMatches) -> list[Sparse]:
        """Say what a term earns each document; the worse kinds of match share what the better ones leave below them."""
        earned: list[Sparse] = []
        for tier in _best_first(term):
            found, most = term.tiers[tier].documents, 1.0
            if tier is not Tier.EXACT:
                most = self._settings.beneath * min((float(each.amounts.min()) for each in earned), default=1.0)
            for better in earned:
                found = those(found, ~among(found.numbers, better.numbers))
            if found.numbers.size:
                earned.append(Sparse(found.numbers, most * found.amounts))
        return earned

    def _by_names(self) -> Sparse:
        """Say what the terms earn documents by what these are called: each naming as far as it was asked for."""
        called = [(term, found) for term in self._terms if (found := self._named(term)).numbers.size]
        if not called:
            return NOTHING
        collection, settings = self._collection, self._settings
        sizes = [found.numbers.size for _, found in called]
        telling = np.array([inverse_document_frequency(size, collection.namings) for size in sizes])
        numbers, weights = joined(found for _, found in called)
        met = dense(Sparse(numbers, telling.repeat(sizes)), collection.naming_sizes.size)[numbers]
        asked_for = met / np.maximum(met, collection.naming_sizes[numbers])
        which = np.arange(len(called)).repeat(sizes) * len(collection.groups)
        places, (frequencies,) = totals(which + collection.naming_documents[numbers], weights * asked_for)
        terms, documents = np.divmod(places, len(collection.groups))
        worth = settings.name_share * telling * np.array([self._count(term) for term, _ in called])
        return Sparse(documents, worth[terms] * frequencies / (frequencies + settings.name_k1))

    def _named(self, term: TermMatches) -> Sparse:
        """Return the namings that have a term; one that has it in other words or spelling counts less."""
        less = self._settings.name_other
        return highest(
            found.names if tier is Tier.EXACT else Sparse(found.names.numbers, less * found.names.amounts)
            for tier, found in term.tiers.items()
        )

    def _title_match(self, titles: Ints) -> Floats:
        """Return in [0, 1] how far titles and the query say the same.

        It is the share of a title's words met by the query times the share of the query met there.
        """
        sizes = self._collection.title_sizes
        met, said = np.zeros(sizes.size), np.zeros(sizes.size)
        having: dict[str, list[Ints]] = {}
        for term, weight in zip(self._terms, self._weights, strict=True):
            answering = [self._titled(wording, having) for wording in term.wordings]
            met[_any_of(answering)] += weight
        for each in having.values():
            said[_any_of(each)] += 1
        return met[titles] / self._total * said[titles] / sizes[titles] if self._terms else met[titles]

    def _titled(self, wording: tuple[str, ...], having: dict[str, list[Ints]]) -> Ints:
        """Return the titles with every stem of a wording, and note them for each of those stems."""
        titled = self._collection.titled
        titles = titled(wording[0])
        for stem in wording[1:]:
            titles = titles[among(titles, titled(stem))]
        if titles.size:
            for stem in wording:
                having.setdefault(stem, []).append(titles)
        return titles

    def _weight(self, term: TermMatches) -> float:
        """Return one weight for a term however it was met: one by alternative could upset the bands."""
        met = [found.passages.numbers for found in term.tiers.values() if found.passages.numbers.size]
        found = met[0].size if len(met) == 1 else distinct(np.concatenate([NOTHING.numbers, *met])).size
        return self._count(term) * inverse_document_frequency(found, self._collection.size)

    def _count(self, term: TermMatches) -> float:
        return term.count * (self._settings.light if term.light else 1.0)


class _Gain(NamedTuple):
    """What a kind of match of one term earns passages: `least` and, by its saturation there, a part of `rest` more."""

    numbers: Ints
    saturation: Floats
    least: float
    rest: float
    weight: float


def _added_up(gains: list[_Gain]) -> tuple[Ints, Floats, Floats | float]:
    """Return the passages, the sum of what each is earned, and the sum of the weights of the terms it has."""
    if len(gains) == 1:
        ((numbers, saturation, least, rest, weight),) = gains
        return numbers, least + rest * saturation, weight
    sizes = [gain.numbers.size for gain in gains]
    least, rest, weights = np.array([gain[2:] for gain in gains]).repeat(sizes, axis=0).T
    numbers = np.concatenate([gain.numbers for gain in gains])
    saturations = np.concatenate([gain.saturation for gain in gains])
    found, (sums, met) = totals(numbers, least + rest * saturations, weights)
    return found, sums, met


def _best_first(term: TermMatches) -> list[Tier]:
    return sorted(term.tiers, reverse=True) if len(term.tiers) > 1 else list(term.tiers)


def _any_of(titles: list[Ints]) -> Ints:
    return titles[0] if len(titles) == 1 else distinct(np.concatenate([NOTHING.numbers, *titles]))
