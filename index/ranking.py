"""What passages and documents are ranked by: every figure, BM25F, and what an engine must say of a query.

An engine gathers where each query term was found (`TermMatches`) and what the collection looks like
(`Collection`); `scoring.rank` does the rest.

A document is scored by all of its text (a section that speaks of a thing again and again is about it), by what other
passages call it, and by its best passage. One promise is kept by construction and tested as a property: by the text,
an exact match of a query term counts more than any expanded match of it, and that more than any fuzzy match, whatever
the frequencies.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import log, sqrt
from typing import NamedTuple, TypeVar

from index.passage import Standing
from index.sparse import NOTHING, Floats, Ints, Sparse

Amount = TypeVar("Amount", float, Floats)


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

    Where a figure was measured, it was on 195 graded queries against the sample, those of names on 435 (tests/relevance
    has 359 of them, 240 written before anybody had seen what they find), and the neighbouring values named did no
    better beyond chance. The weights of fields and names are sums of powers of two, so that frequencies and lengths add
    up to the same number in any order.
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
    name_k1: float = 1.5  # a name is rarely said twice; 1 to 2 measured alike
    name_other: float = 0.4  # the share of a name met through an expansion or a corrected spelling
    name_weight: float = 1.5  # the words a term has for its section; 1 to 2 measured alike
    meaning_weight: float = 0.5  # the term explained says more than the name, and less of it is about the section
    signpost_weight: float = 0.25  # a line that leads there is mostly about something else; 0.1 to 0.3 measured alike
    title_bonus: float = 0.5  # a title that is the query gains half as much again
    light: float = 0.4  # "policy" in "bruising policy" asks for a document, and every one here is; and so for ages
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


class Found(NamedTuple):
    """Where a wording stands: the passages and documents, with how far it is saturated there, f / (f + norm).

    Of a document all passages count together, lists of related sections aside. `names` has the namings with the wording
    (see `Namings`), and the weight of each.
    """

    passages: Sparse
    documents: Sparse
    names: Sparse

    @property
    def anywhere(self) -> bool:
        """Whether it stands anywhere at all."""
        return bool(self.passages.numbers.size or self.documents.numbers.size or self.names.numbers.size)


NOWHERE = Found(NOTHING, NOTHING, NOTHING)


@dataclass(frozen=True, slots=True)
class TermMatches:
    """Where one term of the query was found.

    `tiers` maps each kind of match to where it was met (the best of the alternatives of that kind). `count` is how
    often the term was typed. `wordings` are the stems that met it best, for matching titles. A `light` term says what
    is sought, or for whom, rather than what it is about.
    """

    count: int
    tiers: Mapping[Tier, Found]
    wordings: tuple[tuple[str, ...], ...] = ()
    light: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """The passages a search may see: how many, and what is known of each passage and document by its number.

    Passages are numbered by document, those of a document by key; documents are numbered by key. By passage: `priors`
    are `Settings.prior`, `reading` says where it comes among those of its document that answer alike, `documents` its
    document, `titles` the number of its title. By document: `groups`, `document_priors`, in `leads` the passage it is
    shown by where only its names were met, and in `document_titles` the title all its passages have (-1 where they
    differ). Of so many `namings`, each has its document and its size (see `Namings`). `titled` finds the titles that
    have a stem, and `title_sizes` counts the different stems of each.
    """

    size: int
    priors: Floats
    reading: Ints
    documents: Ints
    titles: Ints
    groups: Sequence[Group]
    document_priors: Floats
    namings: int
    naming_documents: Ints
    naming_sizes: Floats
    leads: Ints
    document_titles: Ints
    titled: Callable[[str], Ints]
    title_sizes: Floats


class RankedGroup(NamedTuple):
    """A group (kind, document) with its score, and the numbers and scores of its passages in the order to show them."""

    group: Group
    score: float
    passages: list[int]
    passage_scores: list[float]


def length_norm(length: Amount, average: float, passages: float = 1.0, settings: Settings = SETTINGS) -> Amount:
    """Return the BM25 length norm of a passage, or of documents that have so many passages on average.

    Longer kinds of text repeat their words, though less than in step with their length: for sections of 34 passages
    6 to 14 measured alike, and this gives 9. An empty collection has an average length of 0.
    """
    relative = length / average if average else length * 0 + 1
    return settings.k1 * sqrt(passages) * (1 - settings.b + settings.b * relative)


def inverse_document_frequency(found: int, size: int) -> float:
    """Return how telling a term is: log(1 + (N - n + 0.5) / (n + 0.5)), Robertson's weight kept
    above 0.
    """
    return log(1 + (size - found + 0.5) / (found + 0.5))


def saturation(frequency: Amount, norm: Amount) -> Amount:
    """Return how far a frequency is saturated, in [0, 1): BM25F after Robertson, Zaragoza and Taylor (CIKM 2004).

    Field frequencies are weighted and added first, then saturated once; the result is laid into the band of the tier.
    """
    return frequency / (frequency + norm)
