"""A segment answered by its library's own matchers: what searches do until its column file is there.

The engine gives it to a `Segment` instead of `columns`, and the contract suite holds both to the same answers. It takes
several times as long, since each posting is an object of Python, and keeps nothing but the vocabulary of its names.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np

from index.analysis import words
from index.columns import names_of
from index.facts import FIELD_WEIGHTS, FIELDS, facts_of, to_passage
from index.marks import Marks, Pattern, by_first, find_marks, read
from index.passage import Passage
from index.sparse import Bools, Sparse, total


class Postings(Protocol):
    """Where words stand in the documents of a segment, numbered from 0. Raises `IndexFault`."""

    def frequencies(self, field: str, stem: str) -> Iterable[tuple[int, float]]:
        """Yield (document number, how often) for a stem in a field, in order."""

    def positions(self, field: str, stem: str) -> Iterable[tuple[int, Sequence[int]]]:
        """Yield (document number, word positions) for a stem in a field, in order."""


class Matchers:
    """The documents of a segment as its postings tell of them; it answers what `Columns` answers."""

    def __init__(self, records: Sequence[str], postings: Postings, stem: Callable[[str], str]) -> None:
        """Take the stored records in document order. Raises ValueError, KeyError or TypeError for
        damaged ones.
        """
        self.facts = facts_of(records)
        self.names = names_of(self.facts, stem)
        self._records = records
        self._postings = postings
        self._stem = stem

    def passage(self, number: int) -> Passage:
        """Return a passage as it was stored."""
        return to_passage(self._records[number])

    def find(self, stems: tuple[str, ...]) -> Sparse:
        """Return the passages that have a stem, or several in a row, with the field-weighted frequency."""
        numbers: list[int] = []
        frequencies: list[float] = []
        for field, weight in zip(FIELDS, FIELD_WEIGHTS, strict=True):
            for number, frequency in self._found(field, stems):
                numbers.append(number)
                frequencies.append(weight * frequency)
        return total(np.array(numbers, np.int64), np.array(frequencies, np.float64))

    def marks(self, passages: Sequence[int], patterns: Iterable[Pattern]) -> list[Marks]:
        """Return for each passage the characters of its text where a pattern occurs."""
        filed = by_first(patterns)
        return [find_marks(read(self.passage(number).text, self._stem), filed) for number in passages]

    def count(self, passages: Bools) -> Mapping[str, int]:
        """Return how often each word stands in the passages chosen."""
        counts: Counter[str] = Counter()
        for number in passages.nonzero()[0].tolist():
            passage = self.passage(number)
            for field in FIELDS:
                counts.update(words(getattr(passage, field)))
        return counts

    def _found(self, field: str, stems: tuple[str, ...]) -> Iterable[tuple[int, float]]:
        return self._postings.frequencies(field, stems[0]) if len(stems) == 1 else self._in_a_row(field, stems)

    def _in_a_row(self, field: str, stems: tuple[str, ...]) -> Iterable[tuple[int, float]]:
        places = [{number: set(at) for number, at in self._postings.positions(field, stem)} for stem in stems]
        for number in set.intersection(*map(set, places)):
            starts = places[0][number]
            runs = sum(all(start + step in at[number] for step, at in enumerate(places)) for start in starts)
            if runs:
                yield number, runs
