"""Texts as arrays of numbered words, with where each stem stands: phrases, marks and word counts are read from these.

`columns` keeps the passages of a segment like this, and each segment its titles and what its passages call other
sections. A text is known by its place in the order given.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt

from index.analysis import WORD, fold
from index.sparse import NOTHING, Ints

Compact = npt.NDArray[np.int32]
"""Numbers as they are stored. What is looked up by is widened first: indexing by anything else is slower."""


class Wordings:
    """Texts, each a run in one row of word numbers."""

    def __init__(self, words: list[str], stems: list[str], stem_of: Compact, row: Compact, bounds: Ints) -> None:
        """Take the different words and stems, the stem of each word, the row, and where each text begins and ends."""
        self.words = words
        self.stems = stems
        self.stem_of = stem_of
        self.row = row
        self.bounds = bounds
        self.stemmed: Compact = stem_of[row]
        self._number = {stem: number for number, stem in enumerate(stems)}

    def number(self, stem: str) -> int | None:
        """Return the number of a stem, if any text has it."""
        return self._number.get(stem)

    def numbers(self, stems: Iterable[str]) -> list[int] | None:
        """Return the numbers of some stems if there are texts with each of them."""
        found = [self._number.get(stem) for stem in stems]
        known = [number for number in found if number is not None]
        return known if len(known) == len(found) else None

    @cached_property
    def _order(self) -> tuple[Compact, Ints]:
        """Return the places of the row by stem, and where those of each stem begin."""
        order = self.stemmed.argsort(kind="stable").astype(np.int32)
        return order, np.concatenate(([0], np.bincount(self.stemmed, minlength=len(self.stems)).cumsum()))

    @cached_property
    def _texts(self) -> Ints:
        """The text of each place of the row, by stem."""
        return self.texts_at(self._order[0].astype(np.int64))

    def find(self, stems: tuple[str, ...]) -> Ints:
        """Return the text for each time a stem stands in one, or several in a row: ascending."""
        if len(stems) > 1:
            return self.texts_at(self._places(stems))
        number = self._number.get(stems[0])
        return NOTHING.numbers if number is None else self._texts[slice(*self._order[1][number : number + 2])]

    def _places(self, stems: tuple[str, ...]) -> Ints:
        """Return the places of the row where several stems in a row of one text begin."""
        numbers = self.numbers(stems)
        if numbers is None:
            return NOTHING.numbers
        order, begins = self._order
        rarest = min(range(len(numbers)), key=lambda at: int(begins[numbers[at] + 1] - begins[numbers[at]]))
        stem = numbers[rarest]
        starts = order[begins[stem] : begins[stem + 1]].astype(np.int64) - rarest
        return self.rows_from(starts, numbers)

    def rows_from(self, starts: Ints, numbers: list[int]) -> Ints:
        """Return those places from which stems of these numbers stand in a row within one text."""
        starts = starts[(starts >= 0) & (starts + len(numbers) <= self.row.size)]
        for step, number in enumerate(numbers):
            starts = starts[self.stemmed[starts + step] == number]
        return starts[self.bounds[self.texts_at(starts) + 1] >= starts + len(numbers)]

    def texts_at(self, places: Ints) -> Ints:
        """Return which text each place of the row is in."""
        return self.bounds.searchsorted(places, side="right") - 1

    def count(self, texts: npt.NDArray[np.bool_]) -> Mapping[str, int]:
        """Return how often each word stands in the texts chosen."""
        row = self.row if texts.all() else self.row[np.repeat(texts, np.diff(self.bounds))]
        counts = np.bincount(row, minlength=len(self.words)).tolist()
        return {word: count for word, count in zip(self.words, counts, strict=True) if count}


class Reader:
    """Reads texts into wordings, remembering the number of every word as it was written."""

    def __init__(self, stem: Callable[[str], str]) -> None:
        self._stem = stem
        self._words: dict[str, int] = {}
        self._written: dict[str, int] = {}
        self._row = array("i")
        self._bounds = array("q", [0])

    @property
    def texts(self) -> int:
        """How many texts have been added."""
        return len(self._bounds) - 1

    def read(self, text: str) -> list[tuple[int, int]]:
        """Add a text; return where each of its words starts and ends."""
        spans = []
        for match in WORD.finditer(text):
            self._row.append(self._number(match.group()))
            spans.append(match.span())
        self._bounds.append(len(self._row))
        return spans

    def read_words(self, words: Iterable[str]) -> None:
        """Add a text of which only some words count."""
        self._row.extend(self._words.setdefault(word, len(self._words)) for word in words)
        self._bounds.append(len(self._row))

    def again(self, text: int) -> None:
        """Add a text that was added before, by its place in the order."""
        self._row.extend(self._row[self._bounds[text] : self._bounds[text + 1]])
        self._bounds.append(len(self._row))

    def wordings(self) -> Wordings:
        """Return what has been read."""
        stems: dict[str, int] = {}
        stem_of = [stems.setdefault(self._stem(word), len(stems)) for word in self._words]
        row, bounds = np.array(self._row, np.int32), np.array(self._bounds, np.int64)
        return Wordings(list(self._words), list(stems), np.array(stem_of, np.int32), row, bounds)

    def _number(self, written: str) -> int:
        number = self._written.get(written)
        if number is None:
            number = self._written[written] = self._words.setdefault(fold(written), len(self._words))
        return number
