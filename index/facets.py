"""Narrowing a search: what passages can be told apart by, and how many documents each choice would leave.

`kb` names the choices a reader made; an engine keeps a `FacetTable` for the passages of a snapshot and gives a `Tally`
to `ranking.rank` for each search. Nothing here looks at words or scores, and no choice is ever counted that only
passages outside the search have.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple

from index.passage import Passage


class Facet(StrEnum):
    """A respect in which passages differ. The value is its name in an address."""

    KIND = "kind"
    MUST = "must"
    AREA = "area"
    PART = "part"
    AGENCY = "agency"
    THEME = "theme"


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
    """The choices of numbered passages as bits of one number each, so that thousands can be counted in a search."""

    def __init__(self, passages: Iterable[tuple[Choice, ...]]) -> None:
        self.bits: dict[Choice, int] = {}
        known: dict[tuple[Choice, ...], int] = {}
        self.masks: list[int] = []
        for choices in passages:
            if choices not in known:
                known[choices] = reduce(or_, (bit_of(self.bits, choice) for choice in choices), 0)
            self.masks.append(known[choices])


class Tally:
    """The passages of one search that the filters leave, and the documents each choice would leave.

    A passage counts for a choice if it passes the filters of every other facet: choosing that value of its facet
    instead of those chosen now gives just the number counted.
    """

    def __init__(self, table: FacetTable, filters: Filters) -> None:
        self._masks = table.masks
        self._filters = filters
        self._bits = dict(table.bits)
        for choice in sorted(filters):
            bit_of(self._bits, choice)
        self._everywhere = self._bits.get(_ALL_AREAS, 0)
        self._of_facet = {facet: self._mask(facet, self._bits) for facet in Facet}
        self._wanted = {choice.facet: self._mask(choice.facet, filters) for choice in filters}
        self._verdicts: dict[int, tuple[bool, int]] = {}
        self._unions: Counter[int] = Counter()

    def keep(self, passages: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
        """Return those of a document's passages that pass all filters; count the document by the way."""
        masks = self._masks
        if not self._wanted:
            self._unions[reduce(or_, {masks[passage] for passage, _ in passages})] += 1
            return list(passages)
        verdicts = [self._verdict(masks[passage]) for passage, _ in passages]
        self._unions[reduce(or_, (counted for _, counted in verdicts))] += 1
        return [each for each, (passes, _) in zip(passages, verdicts, strict=True) if passes]

    def counts(self) -> Mapping[Choice, int]:
        """Return how many documents each choice would leave: the choices met in this search, and those made."""
        totals = [0] * len(self._bits)
        for union, documents in self._unions.items():
            answered = union | self._of_facet[Facet.AREA] if union & self._everywhere else union
            for place in _places(answered):
                totals[place] += documents
        met = set(_places(reduce(or_, self._unions, 0)))
        return {
            choice: totals[place]
            for place, choice in enumerate(self._bits)
            if choice != _ALL_AREAS and (place in met or choice in self._filters)
        }

    def _verdict(self, mask: int) -> tuple[bool, int]:
        """Tell whether a passage of this mask passes all filters, and which of its choices it counts for."""
        known = self._verdicts.get(mask)
        if known is None:
            failed = [facet for facet, wanted in self._wanted.items() if not mask & wanted]
            counted = mask if not failed else mask & self._of_facet[failed[0]] if len(failed) == 1 else 0
            known = self._verdicts[mask] = (not failed, counted)
        return known

    def _mask(self, facet: Facet, choices: Iterable[Choice]) -> int:
        bits = (self._bits[choice] for choice in choices if choice.facet is facet)
        return reduce(or_, bits, self._everywhere if facet is Facet.AREA else 0)


def bit_of(bits: dict[Choice, int], choice: Choice) -> int:
    """Return the bit of a choice, giving it the next free one if it has none."""
    return bits.setdefault(choice, 1 << len(bits))


@lru_cache(8192)
def _places(mask: int) -> tuple[int, ...]:
    """Return which bits of a mask are set."""
    return tuple(place for place, digit in enumerate(bin(mask)[:1:-1]) if digit == "1")
