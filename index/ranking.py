"""How passages are scored and grouped: BM25F, pure and the same for every engine.

An engine gathers where each query term was found (`TermMatches`) and what the collection looks like
(`Collection`); `rank` does the rest. It reads no index, keeps nothing, and gives the same order for
the same passages every time.

Two promises are kept by construction, and tested as properties. For any one query term an exact
match counts more than any expanded match, and that more than any fuzzy match: each kind of match
has a band of its own, whatever the frequency. And a section that answers more of the query is above
one that repeats a single word of it.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from math import log
from operator import or_

from index.passage import Standing


class Tier(IntEnum):
    """How a query term was met: as typed (same stem), through an expansion, or by completing or
    correcting it.
    """

    FUZZY = 0
    EXPANDED = 1
    EXACT = 2


@dataclass(frozen=True, slots=True)
class Band:
    """The share of a term's weight a kind of match can earn: from `low` (once, far away) towards
    `high` (often).
    """

    low: float
    high: float

    def at(self, saturation: float) -> float:
        """Return the share for a saturation in [0, 1)."""
        return self.low + (self.high - self.low) * saturation


@dataclass(frozen=True, slots=True)
class Settings:
    """Every figure of the ranking, with its reason.

    The bands also hold for whole sections: even with all its further passages (at most x1.3125, see
    `next_share`) an expanded match stays below an exact one (0.36 * 1.3125 < 0.5), and a fuzzy one
    below both (0.16 * 1.3125 < 0.22).
    """

    k1: float = 1.6  # saturation; with b 0.6 the best of those tried on eight test collections
    b: float = 0.6  # weight of length: paragraphs differ in length less than pages do
    title_weight: float = 3.0  # a section is about what its title says; 2 to 4 measured alike
    heading_weight: float = 2.0  # between title and text: it names the subject of a few paragraphs
    text_weight: float = 1.0
    exact: Band = Band(0.5, 1.0)
    expanded: Band = Band(0.22, 0.36)
    fuzzy: Band = Band(0.06, 0.16)
    next_share: float = 0.25  # each further passage of a section adds a quarter of what the one before could add
    next_passages: int = 2  # more than two would let long sections win by length
    passage_coverage: float = 0.3  # the part of a passage's score that depends on how much of the query it answers
    group_coverage: float = 0.7  # the same for a section; 0.7 keeps one repeated word below two different ones
    title_bonus: float = 0.5  # a title that is the query gains half as much again
    pointer: float = 0.4  # a list of related sections answers only by leading elsewhere
    term: float = 0.15  # an explained word helps, but the guidance is the answer
    alike: float = 0.8  # passages of a section this near each other answer alike: acting first, then reading order

    def prior(self, kind: str, standing: Standing) -> float:
        """Return what a passage's score is multiplied by for what it is, whatever the query."""
        return (self.pointer if standing is Standing.POINTER else 1.0) * (self.term if kind == "term" else 1.0)

    def band(self, tier: Tier) -> Band:
        """Return the band of a kind of match."""
        return (self.fuzzy, self.expanded, self.exact)[tier]


SETTINGS = Settings()


@dataclass(frozen=True, slots=True)
class TermMatches:
    """Where one term of the query was found.

    `tiers` maps each kind of match to passage number -> field-weighted frequency (the best of the
    alternatives of that kind). `count` is how often the term was typed. `wordings` are the stems
    that met it best, for matching titles.
    """

    count: int
    tiers: Mapping[Tier, Mapping[int, float]]
    wordings: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """The passages a search may see: how many, and what is known of each by passage number.

    `priors[p]` is `Settings.prior` of a passage; `reading_order[p]` where it comes among passages of its group that
    answer alike; `norms[p]` is k1 * (1 - b + b * length / average length), lengths being field-weighted word counts.
    """

    size: int
    norms: Sequence[float]
    priors: Sequence[float]
    reading_order: Sequence[tuple[bool, int]]
    groups: Sequence[tuple[str, str]]
    keys: Sequence[str]
    title_stems: Callable[[int], frozenset[str]]


@dataclass(frozen=True, slots=True)
class RankedGroup:
    """A group (kind, document) with its score and its (passage number, score) pairs, best first."""

    group: tuple[str, str]
    score: float
    passages: tuple[tuple[int, float], ...]


def length_norm(length: float, average: float, settings: Settings = SETTINGS) -> float:
    """Return the BM25 length norm of a passage; an empty collection has an average length of 0."""
    relative = length / average if average else 1.0
    return settings.k1 * (1 - settings.b + settings.b * relative)


def inverse_document_frequency(found: int, size: int) -> float:
    """Return how telling a term is: log(1 + (N - n + 0.5) / (n + 0.5)), Robertson's weight kept
    above 0.
    """
    return log(1 + (size - found + 0.5) / (found + 0.5))


def contribution(tier: Tier, frequency: float, norm: float, settings: Settings = SETTINGS) -> float:
    """Return what a match earns of its term's weight, between 0 and 1.

    BM25F after Robertson, Zaragoza and Taylor (CIKM 2004): field frequencies are weighted and added
    first, then saturated once, f / (f + norm); the result is laid into the band of the tier.
    """
    return settings.band(tier).at(frequency / (frequency + norm))


def rank(
    terms: Sequence[TermMatches],
    collection: Collection,
    required: Sequence[Container[int]] = (),
    excluded: Container[int] = frozenset(),
    settings: Settings = SETTINGS,
) -> list[RankedGroup]:
    """Score the passages the terms were found in and return their groups, best first.

    Passages missing from any of `required` or in `excluded` are left out. Equal scores are ordered
    by document, and within a group by key.
    """
    scorer = _Scorer(terms, collection, settings)
    grouped: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for passage, score in scorer.passages():
        if passage not in excluded and all(passage in places for places in required):
            grouped.setdefault(collection.groups[passage], []).append((passage, score))
    ranked = [scorer.group(group, passages) for group, passages in grouped.items()]
    return sorted(ranked, key=lambda each: (-each.score, each.group[1], each.group[0]))


class _Scorer:
    """The scores of one query. Which terms a passage answers is kept as a bit mask."""

    def __init__(self, terms: Iterable[TermMatches], collection: Collection, settings: Settings) -> None:
        self._terms = [term for term in terms if any(term.tiers.values())]
        self._weights = [_weight(term, collection.size) for term in self._terms]
        self._total = sum(self._weights)
        self._collection = collection
        self._settings = settings
        self._answered: dict[int, int] = {}
        self._coverages: dict[int, float] = {}

    def passages(self) -> Iterator[tuple[int, float]]:
        """Yield (passage, score) for each passage a term was found in."""
        depending = self._settings.passage_coverage
        for passage, score in self._sums().items():
            missing = 1 - self._coverage(self._answered[passage])
            yield passage, score * (1 - depending * missing) * self._collection.priors[passage]

    def group(self, group: tuple[str, str], passages: list[tuple[int, float]]) -> RankedGroup:
        """Return a group of scored passages with its own score; call it after `passages`."""
        settings = self._settings
        keys = self._collection.keys
        passages.sort(key=lambda each: (-each[1], keys[each[0]]))
        counted = passages[: settings.next_passages + 1]
        score = sum(each[1] * settings.next_share**place for place, each in enumerate(counted))
        mask = reduce(or_, (self._answered[passage] for passage, _ in passages))
        score *= 1 - settings.group_coverage * (1 - self._coverage(mask))
        title = self._collection.title_stems(passages[0][0])
        score *= 1 + settings.title_bonus * self._title_match(title)
        return RankedGroup(group, score, tuple(self._for_reading(passages)))

    def _for_reading(self, passages: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """Put passages that answer alike in the order to read them: what to do at once, then as the text goes."""
        order = self._collection.reading_order
        runs: list[list[tuple[int, float]]] = []
        for each in passages:
            if not runs or each[1] < runs[-1][0][1] * self._settings.alike:
                runs.append([])
            runs[-1].append(each)
        return [each for run in runs for each in sorted(run, key=lambda one: order[one[0]])]

    def _sums(self) -> dict[int, float]:
        """Add up what each term earns a passage; of the ways it was met, the best alone counts."""
        sums: dict[int, float] = {}
        answered, norms = self._answered, self._collection.norms
        for number, (term, weight) in enumerate(zip(self._terms, self._weights, strict=True)):
            bit = 1 << number
            for tier in sorted(term.tiers, reverse=True):
                band = self._settings.band(tier)
                # `contribution` written out: this loop is where a search spends its time.
                low, span = weight * band.low, weight * (band.high - band.low)
                for passage, frequency in term.tiers[tier].items():
                    before = answered.get(passage, 0)
                    if not before & bit:
                        answered[passage] = before | bit
                        gain = low + span * frequency / (frequency + norms[passage])
                        sums[passage] = sums.get(passage, 0.0) + gain
        return sums

    def _coverage(self, mask: int) -> float:
        """Return the weighted share of the query that the terms of a mask make up, in [0, 1]."""
        share = self._coverages.get(mask)
        if share is None:
            met = sum(weight for number, weight in enumerate(self._weights) if mask >> number & 1)
            share = self._coverages[mask] = met / self._total if self._total else 0.0
        return share

    def _title_match(self, title: frozenset[str]) -> float:
        """Return in [0, 1] how far a title and the query say the same.

        It is the share of the title's words met by the query times the share of the query met
        there.
        """
        said: set[str] = set()
        mask = 0
        for number, term in enumerate(self._terms):
            for wording in term.wordings:
                if title.issuperset(wording):
                    said.update(wording)
                    mask |= 1 << number
        return self._coverage(mask) * len(said) / len(title) if said and title else 0.0


def _weight(term: TermMatches, size: int) -> float:
    """Return one weight for a term however it was met: one by alternative could upset the bands."""
    found = len(set().union(*term.tiers.values()))
    return term.count * inverse_document_frequency(found, size)
