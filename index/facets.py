"""Narrowing a search: what passages can be told apart by, and how many documents each choice would leave.

`kb` names the choices a reader made; an engine keeps a `FacetTable` for the passages of a snapshot and gives a `Tally`
to `ranking.rank` for each search. Nothing here looks at words or scores, and no choice is ever counted that only
passages outside the search have.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.passage import Passage
from index.sparse import Bools, Ints

Words = npt.NDArray[np.uint64]


class Facet(StrEnum):
    """A respect in which passages differ. The value is its name in an address."""

    KIND = "kind"
    MUST = "must"
    AREA = "area"
    PART = "part"
    AGENCY = "agency"
    THEME = "theme"

    __hash__ = str.__hash__  # that of an Enum is written in Python, and choices are hashed by the hundred


class Choice(NamedTuple):
    """One value of a facet, such as the part "8" or the area "West Sussex"."""

    facet: Facet
    value: str


Filters = frozenset[Choice]
"""What a reader chose: a passage must have one of the choices of every facet that has any."""

MUST = Choice(Facet.MUST, "yes")
"""A paragraph of guidance that states a legal duty: it has the word "must".

Footnotes are part of a passage's text, and a duty quoted in a note is a duty. The word of a review or a glossary entry
is no law, so only sections have it.
"""

_ALL_AREAS = Choice(Facet.AREA, "")
_BITS = 64
_MUST = re.compile(r"\bmust\b", re.IGNORECASE)


def choices_of(passage: Passage) -> tuple[Choice, ...]:
    """List the choices a passage answers. One written for no area in particular is for all: it answers any of them."""
    text = passage.text
    must = passage.kind == "section" and "must" in text.lower() and bool(_MUST.search(text))
    part = None if passage.part is None else str(passage.part)
    return _choices(passage.kind, must, passage.area, part, passage.agencies, passage.themes)


@lru_cache(4096)
def _choices(
    kind: str, must: bool, area: str | None, part: str | None, agencies: tuple[str, ...], themes: tuple[str, ...]
) -> tuple[Choice, ...]:
    """List the choices of a passage; remembered, since the paragraphs of a section are mostly alike."""
    named = [(Facet.KIND, kind), (Facet.AREA, area or _ALL_AREAS.value)]
    named += [MUST] if must else []
    named += [(Facet.PART, part)] if part is not None else []
    named += [(Facet.AGENCY, agency) for agency in agencies]
    named += [(Facet.THEME, theme) for theme in themes]
    return tuple(Choice(facet, value) for facet, value in named)


class FacetTable:
    """Different sets of choices as bits, so that those of thousands of passages can be counted in a search.

    The bits of a set lie in as many words as the choices need: `words` has a row for each of them, and in it each set.
    """

    def __init__(self, sets: Sequence[tuple[Choice, ...]]) -> None:
        self.choices: list[Choice] = list(dict.fromkeys(choice for some in sets for choice in some))
        self.places = {choice: place for place, choice in enumerate(self.choices)}
        bits = np.zeros((len(sets), len(self.choices) // _BITS * _BITS + _BITS), np.bool_)
        for number, some in enumerate(sets):
            bits[number, [self.places[choice] for choice in some]] = True
        self.words = _packed(bits)
        self.everywhere = self.mask([_ALL_AREAS])
        self.of_facet = {facet: self.mask(each for each in self.choices if each.facet is facet) for facet in Facet}

    def mask(self, choices: Iterable[Choice]) -> Words:
        """Return the bits of some choices, as a column of words."""
        bits = np.zeros((1, len(self.words) * _BITS), np.bool_)
        bits[0, [self.places[choice] for choice in choices if choice in self.places]] = True
        return _packed(bits)

    def unpacked(self, words: Words) -> Bools:
        """Return columns of words as rows that have a bit for each choice."""
        whole = np.ascontiguousarray(words.T).view(np.uint8)
        return np.unpackbits(whole, axis=1, count=len(self.choices), bitorder="little").view(np.bool_)


class Tally:
    """The passages of one search that the filters leave, and the documents each choice would leave.

    A passage counts for a choice if it passes the filters of every other facet: choosing that value of its facet
    instead of those chosen now gives just the number counted.
    """

    def __init__(self, table: FacetTable, sets: Ints, filters: Filters) -> None:
        """Take which set of choices each passage has."""
        self._table = table
        self._sets = sets
        self._filters = filters
        self._unions: Words = np.zeros((len(table.words), 0), np.uint64)

    def keep(self, passages: Ints, starts: Ints) -> Bools | None:
        """Say which passages pass all filters; count their documents, which begin at `starts`, by the way."""
        sets = self._sets[passages]
        passes, counted = self._verdicts() if self._filters else (None, self._table.words)
        if starts.size:
            self._unions = np.bitwise_or.reduceat(counted.take(sets, axis=1), starts, axis=1)
        return None if passes is None else passes[sets]

    def counts(self) -> Mapping[Choice, int]:
        """Return how many documents each choice would leave: the choices met in this search, and those made."""
        table, unions = self._table, self._unions
        met = table.unpacked(np.bitwise_or.reduce(unions, axis=1, keepdims=True))[0].tolist()
        everywhere = (unions & table.everywhere).any(axis=0)
        answered = np.where(everywhere, unions | table.of_facet[Facet.AREA], unions)
        totals = np.add.reduce(table.unpacked(answered), axis=0, dtype=np.int32).tolist()
        counts = dict(compress(zip(table.choices, totals, strict=True), met))
        for choice in self._filters:
            elsewhere = int(everywhere.sum()) if choice.facet is Facet.AREA else 0
            place = table.places.get(choice)
            counts[choice] = elsewhere if place is None else totals[place]
        counts.pop(_ALL_AREAS, None)
        return counts

    def _verdicts(self) -> tuple[Bools, Words]:
        """Tell which sets of choices pass all filters, and what bits each of them counts for."""
        words = self._table.words
        failed, counted = np.zeros(words.shape[1], np.int64), words.copy()
        for facet in {choice.facet for choice in self._filters}:
            everywhere = [_ALL_AREAS] if facet is Facet.AREA else []
            wanted = self._table.mask([*(choice for choice in self._filters if choice.facet is facet), *everywhere])
            fails = ~(words & wanted).any(axis=0)
            counted[:, fails] &= self._table.of_facet[facet]
            failed += fails
        return failed == 0, counted


def _packed(bits: Bools) -> Words:
    """Return rows of bits as columns of words."""
    packed = np.packbits(bits, axis=1, bitorder="little")
    return np.ascontiguousarray(packed.view(np.uint64).T)
