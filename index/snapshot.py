"""One state of the index in memory: immutable segments, and views of the passages a search may see.

An engine builds a `Snapshot` for each commit it sees; segments that did not change are carried over. Threads that still
search an older snapshot simply keep it: nothing here is ever changed, only remembered. Which revisions are visible is
the caller's business, and nothing outside them can be seen in a `View`: not in matches, counts, lengths, words or
suggestions.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol, TypeVar
from weakref import ref

import numpy as np

from index.facets import FacetTable
from index.facts import Facts
from index.marks import Marks, Pattern
from index.namings import Namings, SegmentNamings
from index.passage import WORDING, Passage
from index.ranking import NOWHERE, SETTINGS, Collection, Found, Group, length_norm, saturation
from index.sparse import (
    NOTHING,
    Bools,
    Floats,
    Ints,
    Sparse,
    distinct,
    in_order,
    joined,
    runs_added_up,
    starts_of,
    those,
)
from index.suggest import Suggester
from index.vocabulary import Lexicon
from index.wordings import Wordings

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

Thing = TypeVar("Thing")

_NAMED_KINDS = {"section", "contact"}  # they share their keys; terms and lines lead to no others

_PASSAGES_KEPT = 4096  # those shown last, about 3 kB each
_TITLES_KEPT = 1024
_FOUND_KEPT = 512  # wordings looked up in a view, about 10 kB each at 6,000 passages; fewer where there are more
_NUMBERS_KEPT = 16_000_000


class Contents(Protocol):
    """What a segment holds, and what can be asked of its words: `Columns`, or `Matchers` where there are none."""

    @property
    def facts(self) -> Facts:
        """What is known of each passage whatever its words."""

    @property
    def names(self) -> Wordings:
        """The words of each title that say something, then the words of each naming."""

    def passage(self, number: int) -> Passage:
        """Return a passage as it was stored."""

    def find(self, stems: tuple[str, ...]) -> Sparse:
        """Return the passages that have a stem, or several in a row, with the field-weighted frequency."""

    def marks(self, passages: Sequence[int], patterns: Iterable[Pattern]) -> list[Marks]:
        """Return for each passage the characters of its text where a pattern occurs."""

    def count(self, passages: Bools) -> Mapping[str, int]:
        """Return how often each word stands in the passages chosen."""


class Segment:
    """The documents of one commit (or of several, merged)."""

    def __init__(self, name: str, contents: Contents) -> None:
        self.name = name
        self.contents = contents
        self.facts = contents.facts
        self.size = len(self.facts.keys)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of its passages."""
        return frozenset(self.facts.keys) - {""}

    @cached_property
    def leading_only(self) -> Bools:
        """Which of its passages are no results, and only lead to sections."""
        kinds = np.array([kind == WORDING for kind, _ in self.facts.groups], np.bool_)
        return kinds[self.facts.group]

    def titled(self, stem: str) -> Ints:
        """Return which of its titles have a stem."""
        found = self.contents.names.find((stem,))
        found = found[: found.searchsorted(len(self.facts.titles))]
        return found[starts_of(found)]

    @cached_property
    def namings(self) -> SegmentNamings:
        """What its passages call sections."""
        return SegmentNamings(self.facts, self.contents.names)

    @cached_property
    def title_sizes(self) -> Floats:
        """How many different stems each of its titles has; 1 for none."""
        names, titles = self.contents.names, len(self.facts.titles)
        of = np.repeat(np.arange(titles), np.diff(names.bounds[: titles + 1]))
        pairs = distinct(of * max(len(names.stems), 1) + names.stemmed[: of.size])
        return np.maximum(np.bincount(pairs // max(len(names.stems), 1), minlength=titles), 1).astype(np.float64)


def remembered(method: Callable[..., Thing], most: int) -> "_lru_cache_wrapper[Thing]":
    """Remember the last answers of a method without keeping its object alive.

    A snapshot of several megabytes is dropped with each publication: held by its own memory, it would stay until Python
    looks for such circles, which is seldom.
    """
    owner, function = ref(method.__self__), method.__func__  # type: ignore[attr-defined]

    @lru_cache(most)
    def answer(*asked: Hashable) -> Thing:
        found: Thing = function(owner(), *asked)
        return found

    return answer


class Snapshot:
    """All segments of one commit, and the position it had reached.

    Passages are numbered through all segments: by document, those of a document by key.
    """

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self.position = max((segment.facts.position for segment in segments), default=0)
        groups = {group for segment in segments for group in segment.facts.groups}
        self.groups: list[Group] = sorted(groups, key=lambda group: (group[1], group[0]))
        self.document_numbers = {group: number for number, group in enumerate(self.groups)}
        self.sections = {key: number for (kind, key), number in self.document_numbers.items() if kind in _NAMED_KINDS}
        self.document_priors = np.array([SETTINGS.prior(kind) for kind, _ in self.groups])
        self.titled = remembered(self._titled, _TITLES_KEPT)
        self.passage = remembered(self._passage, _PASSAGES_KEPT)
        self._number(segments)

    def _number(self, segments: Sequence[Segment]) -> None:
        """Give every passage its number, and put what is known of them in that order."""
        facts = [segment.facts for segment in segments]
        sets = {choices: None for each in facts for choices in each.choices}
        set_numbers = {choices: number for number, choices in enumerate(sets)}
        documents = _renumbered([each.group for each in facts], [each.groups for each in facts], self.document_numbers)
        keys = [key for each in facts for key in each.keys]
        by_key = np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)
        order = by_key[documents[by_key].argsort(kind="stable")]
        self.title_bases = np.cumsum([0, *(len(each.titles) for each in facts)])
        self.title_sizes = np.concatenate([NOTHING.amounts, *(segment.title_sizes for segment in segments)])
        self.facets = FacetTable(list(sets))
        self.documents = documents[order]
        self.sets = _renumbered([each.choice for each in facts], [each.choices for each in facts], set_numbers)[order]
        self.titles = _joined([each.title + base for each, base in zip(facts, self.title_bases, strict=False)])[order]
        self.reading = _joined([each.reading for each in facts])[order]
        self.lengths = np.concatenate([NOTHING.amounts, *(each.length for each in facts)])[order]
        self.priors = np.concatenate([NOTHING.amounts, *(each.prior for each in facts)])[order]
        self.pointers = _joined([each.pointer for each in facts])[order].astype(np.bool_)
        numbers = np.empty(order.size, np.int64)
        numbers[order] = np.arange(order.size)
        self.bases = np.cumsum([0, *(segment.size for segment in segments)])
        self.numbers = [numbers[a:b] for a, b in zip(self.bases, self.bases[1:], strict=False)]
        self.ordered = [bool((np.diff(each) > 0).all()) for each in self.numbers]
        self.origins = order

    def holds(self, key: str) -> bool:
        """Tell whether there is a passage of a key."""
        return any(key in segment.keys for segment in self.segments)

    def marks(self, numbers: Ints, patterns: Iterable[Pattern]) -> list[Marks]:
        """Return the marks of some passages by their numbers."""
        origins = self.origins[numbers]
        if len(self.segments) == 1:
            return self.segments[0].contents.marks(origins.tolist(), patterns)
        found: list[Marks] = [()] * numbers.size
        of = self.bases.searchsorted(origins, side="right") - 1
        for segment in distinct(of).tolist():
            places = (of == segment).nonzero()[0]
            inside = (origins[places] - self.bases[segment]).tolist()
            for place, marks in zip(places, self.segments[segment].contents.marks(inside, patterns), strict=True):
                found[place] = marks
        return found

    def _passage(self, number: int) -> Passage:
        """Return a passage by its number."""
        origin = int(self.origins[number])
        segment = int(self.bases.searchsorted(origin, side="right")) - 1
        return self.segments[segment].contents.passage(origin - int(self.bases[segment]))

    def _titled(self, stem: str) -> Ints:
        """Return the titles that have a stem, numbered through all segments."""
        return _joined([s.titled(stem) + base for s, base in zip(self.segments, self.title_bases, strict=False)])


class View:
    """The passages of some revisions as one collection; what `interpret` and `scoring` work on.

    They are numbered as in the snapshot, the others left out.
    """

    def __init__(self, snapshot: Snapshot, revisions: frozenset[str], stem: Callable[[str], str]) -> None:
        self.revisions = revisions
        self._snapshot = snapshot
        self._stem = stem
        self._seen = [_flags(segment.facts.revisions, revisions) for segment in snapshot.segments]
        visible = np.zeros(snapshot.origins.size, np.bool_)
        for segment, numbers, seen in zip(snapshot.segments, snapshot.numbers, self._seen, strict=True):
            visible[numbers] = seen[segment.facts.revision] & ~segment.leading_only
        self.numbers: Ints = visible.nonzero()[0]
        places = np.full(visible.size, -1)
        places[self.numbers] = np.arange(self.numbers.size)
        self._places = [places[numbers] for numbers in snapshot.numbers]
        self._documents = snapshot.documents[self.numbers]
        self._counting = ~snapshot.pointers[self.numbers]
        lengths = snapshot.lengths[self.numbers]
        self._norms = length_norm(lengths, float(lengths.mean()) if lengths.size else 0.0)
        self._document_norms = self._norms_of_documents(lengths)
        starts, reading = starts_of(self._documents), snapshot.reading[self.numbers]
        self._leads = self._first_to_read(starts, reading)
        sections = [self._sections_of(number) for number in range(len(snapshot.segments))]
        self._told = [_told(*each) for each in zip(snapshot.segments, self._seen, sections, strict=True)]
        self._namings = Namings([segment.namings for segment in snapshot.segments], sections, self._leads)
        self.sets: Ints = snapshot.sets[self.numbers]
        self.find = remembered(self._find, min(_FOUND_KEPT, _NUMBERS_KEPT // max(self.numbers.size, 1) + 1))
        self.collection = Collection(
            size=self.numbers.size,
            priors=snapshot.priors[self.numbers],
            reading=reading,
            documents=self._documents,
            titles=snapshot.titles[self.numbers],
            groups=snapshot.groups,
            document_priors=snapshot.document_priors,
            namings=self._namings.count,
            naming_documents=self._namings.documents,
            naming_sizes=self._namings.sizes,
            leads=self._leads,
            document_titles=self._common_titles(starts),
            titled=snapshot.titled,
            title_sizes=snapshot.title_sizes,
        )

    def _norms_of_documents(self, lengths: Floats) -> Floats:
        """Return the norms of whole documents, each measured by the average of its own kind."""
        groups = self._snapshot.groups
        of, lengths = self._documents[self._counting], lengths[self._counting]
        whole, passages = np.bincount(of, lengths, len(groups)), np.bincount(of, minlength=len(groups))
        kinds = np.array([kind for kind, _ in groups])
        norms = np.ones(len(groups))
        for kind in {kind for kind, _ in groups}:
            alike = (kinds == kind) & (passages > 0)
            if alike.any():
                norms[alike] = length_norm(whole[alike], float(whole[alike].mean()), float(passages[alike].mean()))
        return norms

    def _first_to_read(self, starts: Ints, reading: Ints) -> Ints:
        """Return the first passage to read of each document; -1 for one without any here."""
        leads = np.full(len(self._snapshot.groups), -1)
        if starts.size:
            least = np.minimum.reduceat(reading, starts)
            first = (reading == np.repeat(least, np.diff(np.append(starts, reading.size)))).nonzero()[0]
            leads[self._documents[starts]] = first[first.searchsorted(starts)]
        return leads

    def _common_titles(self, starts: Ints) -> Ints:
        """Return the title that all passages of each document have; -1 where they differ."""
        titles = self._snapshot.titles[self.numbers]
        common = np.full(len(self._snapshot.groups), -1)
        if starts.size:
            least, most = np.minimum.reduceat(titles, starts), np.maximum.reduceat(titles, starts)
            common[self._documents[starts]] = np.where(least == most, least, -1)
        return common

    def _sections_of(self, segment: int) -> Ints:
        """Return which document each naming of a segment is for; -1 where either is not among these passages."""
        facts = self._snapshot.segments[segment].facts
        sections = np.array([self._snapshot.sections.get(key, -1) for key in facts.named], np.int64)
        sections[self._leads[sections] < 0] = -1
        return np.where(self._seen[segment][facts.naming_revision], sections[facts.naming_named], -1)

    def _find(self, stems: tuple[str, ...]) -> Found:
        """Return where a word or phrase (stems in a row) stands in these passages."""
        passages = self._passages(stems)
        numbers, frequencies = passages
        if not numbers.size:
            return NOWHERE._replace(names=self._namings.find(stems))
        counting = self._counting[numbers]
        counted = passages if counting.all() else those(passages, counting)
        documents = runs_added_up(self._documents[counted.numbers], counted.amounts)
        return Found(
            Sparse(numbers, saturation(frequencies, self._norms[numbers])),
            Sparse(documents.numbers, saturation(documents.amounts, self._document_norms[documents.numbers])),
            self._namings.find(stems),
        )

    def _passages(self, stems: tuple[str, ...]) -> Sparse:
        found: list[Sparse] = []
        ordered = True
        for segment, places, is_ordered in zip(
            self._snapshot.segments, self._places, self._snapshot.ordered, strict=True
        ):
            there, frequencies = segment.contents.find(stems)
            if there.size:
                numbers = places[there]
                ordered = is_ordered and not found
                found.append(those(Sparse(numbers, frequencies), numbers >= 0))
        return joined(found) if ordered else in_order(joined(found))

    def named(self, key: str) -> Sparse:
        """Return what it counts for the section of a key that a term for it was typed whole."""
        number = self._snapshot.sections.get(key, -1)
        return self._namings.whole(number) if number >= 0 and self._leads[number] >= 0 else NOTHING

    def shown(self, passages: Sequence[int], patterns: Iterable[Pattern]) -> tuple[list[Passage], list[Marks]]:
        """Return some of these passages, and the characters of their texts where a pattern occurs."""
        numbers = self.numbers[np.array(passages, np.int64)]
        return list(map(self._snapshot.passage, numbers.tolist())), self._snapshot.marks(numbers, patterns)

    def lexicon(self) -> Lexicon:
        """Return the words of these passages; made on first use."""
        return self._lexicon

    @cached_property
    def _lexicon(self) -> Lexicon:
        counts: Counter[str] = Counter()
        for segment, told in zip(self._snapshot.segments, self._told, strict=True):
            if told.any():
                counts.update(segment.contents.count(told))
        return Lexicon(counts)

    @cached_property
    def suggester(self) -> Suggester:
        """The titles, headings and words of these passages; made on first use."""
        titles: set[tuple[str, str]] = set()
        headings: set[str] = set()
        for segment, seen in zip(self._snapshot.segments, self._told, strict=True):
            facts = segment.facts
            pairs = {*zip(facts.group[seen].tolist(), facts.title[seen].tolist(), strict=True)}
            titles |= {(facts.groups[group][0], facts.titles[title]) for group, title in pairs}
            for heading in distinct(facts.heading[seen]).tolist():
                headings.update(facts.headings[heading].split(" > "))
        return Suggester(titles, headings, self._lexicon)


def _told(segment: Segment, revisions: Bools, sections: Ints) -> Bools:
    """Say which passages of a segment help to spell and complete: those searched, and wordings that lead somewhere."""
    leading = np.zeros(revisions.size, np.bool_)
    leading[segment.facts.naming_revision[sections >= 0]] = True
    return revisions[segment.facts.revision] & (~segment.leading_only | leading[segment.facts.revision])


def _flags(names: Sequence[str], wanted: frozenset[str]) -> Bools:
    """Say of each name whether it is wanted; the last flag, which stands for no name, is not."""
    return np.array([*(name in wanted for name in names), False])


def _joined(parts: Sequence[Ints | Bools]) -> Ints:
    return np.concatenate([NOTHING.numbers, *parts])


def _renumbered(parts: Sequence[Ints], things: Sequence[Sequence[Thing]], numbers: Mapping[Thing, int]) -> Ints:
    """Return the common numbers of what each segment numbers by itself."""
    return _joined(
        [
            np.array([numbers[thing] for thing in known], np.int64)[part]
            for part, known in zip(parts, things, strict=True)
        ]
    )
