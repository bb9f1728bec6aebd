"""What passages call sections that may not have the words themselves: everyday words, old names, lines that lead there.

Each naming is a short text of its own, and counts as far as the query has its words: "phone" alone is little reason to
show the section for "won't come off her phone". `snapshot` makes the `Namings` of a view and looks words up in them;
`scoring` adds up what they earn.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from index.analysis import STOP_WORDS
from index.facts import Facts
from index.ranking import SETTINGS, inverse_document_frequency
from index.sparse import NOTHING, Floats, Ints, Numbers, Sparse, dense, distinct, starts_of
from index.wordings import Wordings

_EXACTLY = 2.0**20
"""Whole numbers of this part of one add up to the same in any order: that of the words depends on text nobody sees."""


class SegmentNamings:
    """The namings of one segment, whoever may see them."""

    def __init__(self, facts: Facts, names: Wordings) -> None:
        """Take the facts of the segment, and the words of its titles and then of its namings."""
        self.weights = facts.naming_weight
        self.stems = names.stems
        self._names = names
        self._titles = len(facts.titles)

    def having(self, stems: tuple[str, ...]) -> Ints:
        """Return the namings that have a stem, or several in a row."""
        found = self._names.find(stems)
        if not found.size:
            return found
        found = found[found.searchsorted(self._titles) :] - self._titles
        return found[starts_of(found)]

    @cached_property
    def telling(self) -> tuple[Ints, Ints]:
        """Each naming beside each stem in it that says something, by number; no pair twice."""
        names, titles = self._names, self._titles
        silent = np.array([word in STOP_WORDS for word in names.words], np.bool_)
        namings = np.repeat(np.arange(self.weights.size), np.diff(names.bounds[titles:]))
        said = (~silent[names.row[names.bounds[titles] :]]).nonzero()[0]
        stems = names.stemmed[names.bounds[titles] :][said]
        return np.divmod(distinct(namings[said] * max(len(self.stems), 1) + stems), max(len(self.stems), 1))


class Namings:
    """The namings a search may see, by number; after them comes one for each document: a term for it was typed whole.

    `count` is how many there are of documents that are searched, `documents` says which document each is for, `sizes`
    how much its words tell in all: 0 for a term typed whole, which needs no other words.
    """

    def __init__(self, segments: Sequence[SegmentNamings], documents: Sequence[Ints], leads: Ints) -> None:
        """Take which document each naming of each segment is for (-1 for none), and where each document begins (-1: not
        among what is searched).
        """
        self._segments = segments
        seen = [each >= 0 for each in documents]
        bases = np.cumsum([0, *(np.count_nonzero(each) for each in seen)])
        self._known = int(bases[-1])
        self.count = self._known + int(np.count_nonzero(leads >= 0))
        self._numbers = [np.where(s, s.cumsum() - 1 + base, -1) for s, base in zip(seen, bases, strict=False)]
        known = [each[s] for each, s in zip(documents, seen, strict=True)]
        self.documents: Ints = np.concatenate([*known, np.arange(leads.size)])
        weights = [segment.weights[s] for segment, s in zip(segments, seen, strict=True)]
        self._weights: Floats = np.concatenate([*weights, np.full(leads.size, SETTINGS.name_weight)])
        self.sizes: Floats = np.concatenate([self._sizes(), np.zeros(leads.size)])

    def find(self, stems: tuple[str, ...]) -> Sparse:
        """Return the namings that have a stem, or several in a row, with the weight of each."""
        found = [NOTHING.numbers]
        for segment, numbers in zip(self._segments, self._numbers, strict=True):
            having = segment.having(stems)
            if having.size:
                having = numbers[having]
                found.append(having[having >= 0])
        return self._weighted(found[-1] if len(found) <= 2 else np.concatenate(found))

    def whole(self, document: int) -> Sparse:
        """Return what stands for a term of a document that was typed whole."""
        return self._weighted(np.array([self._known + document]))

    def _weighted(self, numbers: Ints) -> Sparse:
        return Sparse(numbers, self._weights[numbers])

    def _sizes(self) -> Floats:
        words: Numbers = Numbers()
        namings, stems = [NOTHING.numbers], [NOTHING.numbers]
        for segment, numbers in zip(self._segments, self._numbers, strict=True):
            in_common = np.array([words[stem] for stem in segment.stems], np.int64)
            having, had = segment.telling
            namings.append(numbers[having])
            stems.append(in_common[had])
        naming, stem = np.concatenate(namings), np.concatenate(stems)
        naming, stem = naming[naming >= 0], stem[naming >= 0]
        met = np.bincount(stem, minlength=len(words)).tolist()
        telling = np.array([inverse_document_frequency(each, self.count) for each in met])
        telling = np.round(telling * _EXACTLY) / _EXACTLY
        return dense(Sparse(naming, telling[stem]), self._known)
