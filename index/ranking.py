"""How passages are scored and grouped: BM25F, pure and the same for every engine.

An engine gathers where each query term was found (`TermMatches`) and what the collection looks like
(`Collection`); `rank` does the rest. It reads no index, keeps nothing, and gives the same order for
the same passages every time.

A document is scored by all of its text (a section that speaks of a thing again and again is about it), by what other
passages call it, and by its best passage. One promise is kept by construction and tested as a property: by the text,
an exact match of a query term counts more than any expanded match of it, and that more than any fuzzy match, whatever
the frequencies.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import log, sqrt
from typing import NamedTuple

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

    Where a figure was measured, it was on 195 graded queries against the sample (tests/relevance has 119 of them), and
    the neighbouring values named did no better beyond chance. The weights of fields and names are sums of powers of
    two, so that frequencies and lengths add up to the same number in any order.
    """

    k1: float = 1.6  # saturation; with b 0.6 the best of those tried on eight test collections
    b: float = 0.6  # weight of length; 0.4 to 1 measured alike for whole sections
    title_weight: float = 3.0  # a section is about what its title says; 2 to 4 measured alike
    heading_weight: float = 2.0  # between title and text: it names the subject of a few paragraphs
    text_weight: float = 1.0
    exact: Band = Band(0.5, 1.0)
    expanded: Band = Band(0.22, 0.36)
    fuzzy: Band = Band(0.06, 0.16)
    passage_coverage: float = 0.3  # the part of a passage's score that depends on how much of the query it answers
    passage_share: float = 0.25  # of the best passage beside the whole text; 0.15 to 0.35 alike, 0 and 0.6 worse
    beneath: float = 0.9  # a worse kind of match earns less than the least a better one does; 0.6 measured alike
    name_share: float = 1.0  # what a document is called counts like its text; 0.5 was worse, 0.75 to 1.25 alike
    name_k1: float = 1.0  # a name is rarely said twice; 0.75 to 1.5 measured alike
    name_b: float = 0.5  # between 0.25 and 0.7 measured alike
    name_other: float = 0.4  # the share of a name met through an expansion or a corrected spelling
    name_weight: float = 1.5  # the words a term has for its section; 1 to 2 measured alike
    meaning_weight: float = 0.5  # the term explained says more than the name, and less of it is about the section
    signpost_weight: float = 0.25  # a line that leads there is mostly about something else; 0.1 to 0.3 measured alike
    title_bonus: float = 0.5  # a title that is the query gains half as much again
    light: float = 0.4  # "policy" in "bruising policy" asks for a document: every one here is a policy
    pointer: float = 0.4  # a list of related sections answers only by leading elsewhere
    term: float = 0.15  # an explained word helps, but the guidance is the answer
    alike: float = 0.8  # passages of a section this near each other answer alike: acting first, then reading order

    def prior(self, kind: str, standing: Standing = Standing.GUIDANCE) -> float:
        """Return what a score is multiplied by for what the passage or document is, whatever the query."""
        return (self.pointer if standing is Standing.POINTER else 1.0) * (self.term if kind == "term" else 1.0)

    def band(self, tier: Tier) -> Band:
        """Return the band of a kind of match."""
        return (self.fuzzy, self.expanded, self.exact)[tier]


SETTINGS = Settings()

Group = tuple[str, str]
"""The kind and key of a document."""

Scored = list[tuple[int, float]]
"""Passage numbers with their scores."""


class Found(NamedTuple):
    """Where a wording stands, with its field-weighted frequency there.

    `documents` has what the passages of each document add up to, lists of related sections aside, and `names` how often
    other passages use it of a document.
    """

    passages: Mapping[int, float]
    documents: Mapping[int, float]
    names: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class TermMatches:
    """Where one term of the query was found.

    `tiers` maps each kind of match to where it was met (the best of the alternatives of that kind). `count` is how
    often the term was typed. `wordings` are the stems that met it best, for matching titles. A `light` term says what
    is sought rather than what it is about.
    """

    count: int
    tiers: Mapping[Tier, Found]
    wordings: tuple[tuple[str, ...], ...] = ()
    light: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """The passages a search may see: how many, and what is known of each passage and document by its number.

    By passage: `norms` are `length_norm`s, `priors` are `Settings.prior`, `reading_order` says where it comes among
    those of its document that answer alike, `documents` its document. By document: `groups`, the `length_norm`s of its
    whole text and of its names, and in `leads` the passage it is shown by where only its names were met.
    """

    size: int
    norms: Sequence[float]
    priors: Sequence[float]
    reading_order: Sequence[tuple[bool, int]]
    keys: Sequence[str]
    documents: Sequence[int]
    groups: Sequence[Group]
    document_norms: Mapping[int, float]
    name_norms: Mapping[int, float]
    leads: Mapping[int, int]
    title_stems: Callable[[int], frozenset[str]]


@dataclass(frozen=True, slots=True)
class RankedGroup:
    """A group (kind, document) with its score and its (passage number, score) pairs, best first."""

    group: Group
    score: float
    passages: tuple[tuple[int, float], ...]


def length_norm(length: float, average: float, passages: float = 1.0, settings: Settings = SETTINGS) -> float:
    """Return the BM25 length norm of a passage, or of documents that have so many passages on average.

    Longer kinds of text repeat their words, though less than in step with their length: for sections of 34 passages
    6 to 14 measured alike, and this gives 9. An empty collection has an average length of 0.
    """
    relative = length / average if average else 1.0
    return settings.k1 * sqrt(passages) * (1 - settings.b + settings.b * relative)


def name_norm(length: float, average: float, settings: Settings = SETTINGS) -> float:
    """Return the same for what a document is called."""
    return settings.name_k1 * (1 - settings.name_b + settings.name_b * length / average)


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
    keep: Callable[[Scored], Scored] | None = None,
) -> list[RankedGroup]:
    """Score the passages the terms were found in, and their documents by all their text and names, best first.

    Passages missing from any of `required` or in `excluded` are left out, and of each group those
    that `keep` does not return. Equal scores are ordered by document, and within a group by key.
    """
    scorer = _Scorer(terms, collection, settings)
    grouped: dict[int, Scored] = {}
    documents = collection.documents
    for each in scorer.passages():
        if each[0] not in excluded and (not required or all(each[0] in places for places in required)):
            grouped.setdefault(documents[each[0]], []).append(each)
    kept = ((document, keep(passages) if keep else passages) for document, passages in grouped.items())
    ranked = [scorer.group(document, passages) for document, passages in kept if passages]
    return sorted(ranked, key=lambda each: (-each.score, each.group[1], each.group[0]))


def for_reading(passages: Iterable[tuple[int, float]], collection: Collection, settings: Settings = SETTINGS) -> Scored:
    """Put a group's passages that answer alike in the order to read them: what to do at once, then as the text goes.

    Called for the few groups that are shown; `passages` come best first.
    """
    order = collection.reading_order
    runs: list[Scored] = []
    for each in passages:
        if not runs or each[1] < runs[-1][0][1] * settings.alike:
            runs.append([])
        runs[-1].append(each)
    return [each for run in runs for each in sorted(run, key=lambda one: order[one[0]])]


class _Scorer:
    """The scores of one query. Which terms a passage answers is kept as a bit mask."""

    def __init__(self, terms: Iterable[TermMatches], collection: Collection, settings: Settings) -> None:
        self._settings = settings
        self._terms = [term for term in terms if any(any(found) for found in term.tiers.values())]
        self._weights = [self._weight(term, collection.size) for term in self._terms]
        self._total = sum(self._weights)
        self._collection = collection
        self._answered: dict[int, int] = {}
        self._coverages: dict[int, float] = {}
        self._documents = self._by_document()
        self._said = frozenset(stem for term in self._terms for wording in term.wordings for stem in wording)

    def passages(self) -> Iterator[tuple[int, float]]:
        """Yield (passage, score) for each passage a term was found in, and for documents known by their names only."""
        depending, priors, answered = self._settings.passage_coverage, self._collection.priors, self._answered
        sums = self._sums()
        factors = {mask: 1 - depending * (1 - self._coverage(mask)) for mask in set(answered.values())}
        for passage, score in sums.items():
            yield passage, score * factors[answered[passage]] * priors[passage]
        by_text = {self._collection.documents[passage] for passage in sums}
        for document in self._documents.keys() - by_text:
            yield self._collection.leads[document], 0.0

    def group(self, document: int, passages: Scored) -> RankedGroup:
        """Return a document of scored passages with its own score; call it after `passages`."""
        settings, keys = self._settings, self._collection.keys
        passages.sort(key=lambda each: (-each[1], keys[each[0]]))
        group = self._collection.groups[document]
        score = self._documents.get(document, 0.0) * settings.prior(group[0]) + settings.passage_share * passages[0][1]
        title = self._collection.title_stems(passages[0][0])
        score *= 1 + settings.title_bonus * self._title_match(title)
        return RankedGroup(group, score, tuple(passages))

    def _by_document(self) -> dict[int, float]:
        """Add up what each term earns a document by all of its text and by its names."""
        sums: dict[int, float] = {}
        for term, weight in zip(self._terms, self._weights, strict=True):
            for document, earned in self._by_text(term).items():
                sums[document] = sums.get(document, 0.0) + weight * earned
            for document, earned in self._by_names(term).items():
                sums[document] = sums.get(document, 0.0) + weight * self._settings.name_share * earned
        return sums

    def _by_text(self, term: TermMatches) -> dict[int, float]:
        """Say what a term earns each document; the worse kinds of match share what the better ones leave below them."""
        norms = self._collection.document_norms
        earned: dict[int, float] = {}
        for tier in sorted(term.tiers, reverse=True):
            most = self._settings.beneath * min(earned.values(), default=1.0) if tier is not Tier.EXACT else 1.0
            found = term.tiers[tier].documents
            earned |= {each: most * f / (f + norms[each]) for each, f in found.items() if each not in earned}
        return earned

    def _by_names(self, term: TermMatches) -> dict[int, float]:
        norms = self._collection.name_norms
        earned: dict[int, float] = {}
        for tier, found in term.tiers.items():
            most = 1.0 if tier is Tier.EXACT else self._settings.name_other
            for document, frequency in found.names.items():
                earned[document] = max(earned.get(document, 0.0), most * frequency / (frequency + norms[document]))
        return earned

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
                for passage, frequency in term.tiers[tier].passages.items():
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
        if title.isdisjoint(self._said):  # most titles; what follows is slow
            return 0.0
        said: set[str] = set()
        mask = 0
        for number, term in enumerate(self._terms):
            for wording in term.wordings:
                if title.issuperset(wording):
                    said.update(wording)
                    mask |= 1 << number
        return self._coverage(mask) * len(said) / len(title) if said else 0.0

    def _weight(self, term: TermMatches, size: int) -> float:
        """Return one weight for a term however it was met: one by alternative could upset the bands."""
        found = len(set().union(*(found.passages for found in term.tiers.values())))
        lighter = self._settings.light if term.light else 1.0
        return term.count * lighter * inverse_document_frequency(found, size)
