"""One state of the index in memory: immutable segments, and views of the passages a search may see.

An engine builds a `Snapshot` for each commit it sees, from `Segment`s whose postings it knows how
to read; segments that did not change are carried over. Threads that still search an older snapshot
simply keep it: nothing here is ever changed, only remembered. Which revisions are visible is the
caller's business, and nothing outside them can be seen in a `View`: not in matches, counts,
lengths, words or suggestions.
"""

import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cached_property, lru_cache
from statistics import fmean
from threading import Lock
from typing import Any, Protocol

from index.analysis import STOP_WORDS, words
from index.facets import Choice, FacetTable, choices_of
from index.names import Names
from index.passage import Manner, Naming, Passage, Standing
from index.ranking import SETTINGS, Collection, Found, Group, length_norm, name_norm
from index.suggest import Suggester
from index.vocabulary import Lexicon

FIELDS = ("title", "heading", "text")

_WEIGHTS = {
    "title": SETTINGS.title_weight,
    "heading": SETTINGS.heading_weight,
    "text": SETTINGS.text_weight,
}
_FIELD_NAMES = tuple(field.name for field in fields(Passage))

_NAMED_KINDS = {"section", "contact"}  # they share their keys; terms and lines lead to no others

# A few views are in use at once (today, a past day, with and without reviews); each costs about a
# megabyte.
_VIEWS_KEPT = 8
_STEMS_KEPT = 8192
_PHRASES_KEPT = 1024
_PASSAGES_KEPT = 2048  # those shown last, about 3 kB each


class Postings(Protocol):
    """Where words stand in the documents of a segment, numbered from 0. Raises `IndexFault`."""

    def frequencies(self, field: str, stem: str) -> Iterable[tuple[int, float]]:
        """Yield (document number, how often) for a stem in a field, in order."""

    def positions(self, field: str, stem: str) -> Iterable[tuple[int, Sequence[int]]]:
        """Yield (document number, word positions) for a stem in a field, in order."""


def to_record(passage: Passage) -> str:
    """Return what is stored for a passage: its fields and the lengths of the indexed ones in
    words.
    """
    lengths = [len(words(getattr(passage, field))) for field in FIELDS]
    return json.dumps({"passage": [getattr(passage, name) for name in _FIELD_NAMES], "lengths": lengths})


def to_position_record(position: int) -> str:
    """Return what is stored for the position the index has reached."""
    return json.dumps({"position": position})


def _to_passage(stored: Sequence[Any]) -> Passage:
    values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in stored]
    named = dict(zip(_FIELD_NAMES, values, strict=True))
    namings = tuple(Naming(key, Manner(manner), text) for key, manner, text in named["namings"])
    return Passage(**{**named, "standing": Standing(named["standing"]), "namings": namings})


class Segment:
    """The documents of one commit (or of several, merged) with what is remembered of their
    postings.
    """

    def __init__(self, name: str, records: Sequence[str], postings: Postings, stem: Callable[[str], str]) -> None:
        """Take the stored records in document order. Raises ValueError, KeyError or TypeError for
        damaged ones.
        """
        self.name = name
        self.position = 0
        self.size = len(records)
        self.by_revision: dict[str, list[int]] = {}
        self.keys: list[str] = []
        self.groups: list[Group] = []
        self.titles: list[str] = []
        self.headings: list[str] = []
        self.lengths: list[float] = []
        self.priors: list[float] = []
        self.reading_order: list[tuple[bool, int]] = []
        self.choices: list[tuple[Choice, ...]] = []
        self.pointers: list[bool] = []
        self._records = records
        self._postings = postings
        self._stem = stem
        self._namings: list[tuple[str, Naming]] = []
        for number, record in enumerate(records):
            self._read(number, json.loads(record))
        self.frequencies = lru_cache(_STEMS_KEPT)(self._frequencies)
        self.phrase_frequencies = lru_cache(_PHRASES_KEPT)(self._phrase_frequencies)
        self.word_counts = lru_cache(None)(self._word_counts)
        self.passage = lru_cache(_PASSAGES_KEPT)(self._passage)

    def _read(self, number: int, record: Mapping[str, Any]) -> None:
        choices: tuple[Choice, ...] = ()
        if "position" in record:
            self.position = max(self.position, int(record["position"]))
            passage, lengths = Passage("", "", "", "", "", "", ""), (0, 0, 0)
        else:
            passage, lengths = _to_passage(record["passage"]), record["lengths"]
            choices = choices_of(passage)
            self.by_revision.setdefault(passage.revision, []).append(number)
        self.keys.append(passage.key)
        self.groups.append((passage.kind, passage.document))
        self.titles.append(passage.title)
        self.headings.append(passage.heading)
        self.priors.append(SETTINGS.prior(passage.kind, passage.standing))
        self.reading_order.append((passage.standing is not Standing.ACT_NOW, passage.place))
        self.choices.append(choices)
        self.pointers.append(passage.standing is Standing.POINTER)
        self._namings += [(passage.revision, naming) for naming in passage.namings]
        self.lengths.append(sum(_WEIGHTS[field] * length for field, length in zip(FIELDS, lengths, strict=True)))

    @cached_property
    def names(self) -> Names:
        """What its passages call other sections; made on first use."""
        return Names(self._namings, self._stem)

    def _passage(self, number: int) -> Passage:
        """Return the passage of a document."""
        return _to_passage(json.loads(self._records[number])["passage"])

    def find(self, stems: tuple[str, ...]) -> Mapping[int, float]:
        """Return document -> field-weighted frequency of a stem, or of several in a row."""
        return self.frequencies(stems[0]) if len(stems) == 1 else self.phrase_frequencies(stems)

    def _frequencies(self, stem: str) -> dict[int, float]:
        found: dict[int, float] = {}
        for field, weight in _WEIGHTS.items():
            for number, frequency in self._postings.frequencies(field, stem):
                found[number] = found.get(number, 0.0) + weight * frequency
        return found

    def _phrase_frequencies(self, stems: tuple[str, ...]) -> dict[int, float]:
        # Most phrases end here: looking up the words alone is cheap, reading where they stand is
        # not.
        candidates = set.intersection(*(set(self.frequencies(stem)) for stem in stems))
        found: dict[int, float] = {}
        for field, weight in _WEIGHTS.items() if candidates else ():
            for number, frequency in self._in_a_row(field, stems, candidates):
                found[number] = found.get(number, 0.0) + weight * frequency
        return found

    def _in_a_row(self, field: str, stems: tuple[str, ...], candidates: set[int]) -> Iterable[tuple[int, int]]:
        places = [
            {number: set(at) for number, at in self._postings.positions(field, stem) if number in candidates}
            for stem in stems
        ]
        for number in set.intersection(*map(set, places)):
            starts = places[0][number]
            runs = sum(all(start + step in at[number] for step, at in enumerate(places)) for start in starts)
            if runs:
                yield number, runs

    def _word_counts(self, revision: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        for number in self.by_revision[revision]:
            passage = self._passage(number)
            for field in FIELDS:
                counts.update(words(getattr(passage, field)))
        return counts


class View:
    """The passages of some revisions as one collection; what `interpret` and `ranking` work on.

    Passages are numbered through all segments of the snapshot.
    """

    def __init__(self, snapshot: "Snapshot", revisions: frozenset[str], stem: Callable[[str], str]) -> None:
        self.revisions = revisions
        self._stem = stem
        self._segments = snapshot.segments
        self._visible = [
            frozenset(number for name in revisions & segment.by_revision.keys() for number in segment.by_revision[name])
            for segment in snapshot.segments
        ]
        self._documents = snapshot.documents
        self._pointers = snapshot.pointers
        self._sections = snapshot.sections
        self.find = lru_cache(_PHRASES_KEPT)(self._find)
        size = sum(map(len, self._visible))
        leads = self._leads(snapshot.reading_order)
        self.collection = Collection(
            size=size,
            norms=self._norms(size),
            priors=snapshot.priors,
            reading_order=snapshot.reading_order,
            keys=snapshot.keys,
            documents=snapshot.documents,
            groups=snapshot.groups,
            document_norms=self._document_norms(snapshot.groups),
            name_norms=self._name_norms(leads),
            leads=leads,
            title_stems=lambda passage: self._title_stems(snapshot.titles[passage]),
        )

    def _passages(self) -> Iterator[tuple[int, float]]:
        """Yield the number of each visible passage with its length."""
        first = 0
        for segment, visible in zip(self._segments, self._visible, strict=True):
            for place in visible:
                yield first + place, segment.lengths[place]
            first += segment.size

    def _norms(self, size: int) -> list[float]:
        total = sum(length for _, length in self._passages())
        average = total / size if size else 0.0
        return [length_norm(length, average) for segment in self._segments for length in segment.lengths]

    def _document_norms(self, groups: Sequence[Group]) -> dict[int, float]:
        """Return the norms of whole documents, each measured by the average of its own kind."""
        lengths: dict[int, float] = {}
        passages: Counter[str] = Counter()
        for passage, length in self._passages():
            document = self._documents[passage]
            if not self._pointers[passage]:
                lengths[document] = lengths.get(document, 0.0) + length
                passages[groups[document][0]] += 1
        kinds: dict[str, list[float]] = {}
        for document, length in lengths.items():
            kinds.setdefault(groups[document][0], []).append(length)
        averages = {kind: (fmean(found), passages[kind] / len(found)) for kind, found in kinds.items()}
        return {document: length_norm(length, *averages[groups[document][0]]) for document, length in lengths.items()}

    def _name_norms(self, leads: Mapping[int, int]) -> dict[int, float]:
        """Return the norms of what the sections among these documents are called."""
        lengths: dict[int, float] = {}
        for segment in self._segments:
            for revision in self.revisions & segment.names.lengths.keys():
                for key, length in segment.names.lengths[revision].items():
                    document = self._sections.get(key, -1)
                    if document in leads:
                        lengths[document] = lengths.get(document, 0.0) + length
        average = fmean(lengths.values()) if lengths else 0.0
        return {document: name_norm(length, average) for document, length in lengths.items()}

    def _leads(self, order: Sequence[tuple[bool, int]]) -> dict[int, int]:
        """Return the first passage to read of each document."""
        leads: dict[int, int] = {}
        for passage, _ in self._passages():
            document = self._documents[passage]
            if document not in leads or order[passage] < order[leads[document]]:
                leads[document] = passage
        return leads

    def _find(self, stems: tuple[str, ...]) -> Found:
        """Return where a word or phrase (stems in a row) stands in these passages."""
        passages: dict[int, float] = {}
        names: dict[int, float] = {}
        first = 0
        for segment, visible in zip(self._segments, self._visible, strict=True):
            if visible:
                everywhere = segment.find(stems)
                passages.update((first + place, each) for place, each in everywhere.items() if place in visible)
                self._find_names(segment, stems, names)
            first += segment.size
        return Found(passages, self._by_document(passages), names)

    def _find_names(self, segment: Segment, stems: tuple[str, ...], names: dict[int, float]) -> None:
        norms, sections = self.collection.name_norms, self._sections
        for revision, key, frequency in segment.names.find(stems):
            document = sections.get(key, -1)
            if revision in self.revisions and document in norms:
                names[document] = names.get(document, 0.0) + frequency

    def named(self, key: str) -> Mapping[int, float]:
        """Return what it counts for the section of a key, by its number, that a term for it was typed whole."""
        number = self._sections.get(key, -1)
        return {number: SETTINGS.name_weight} if number in self.collection.name_norms else {}

    def _by_document(self, passages: Mapping[int, float]) -> dict[int, float]:
        documents, pointers = self._documents, self._pointers
        found: dict[int, float] = {}
        for passage, frequency in passages.items():
            if not pointers[passage]:
                document = documents[passage]
                found[document] = found.get(document, 0.0) + frequency
        return found

    def _title_stems(self, title: str) -> frozenset[str]:
        return _stems_of(title, self._stem)

    @cached_property
    def _lexicon(self) -> Lexicon:
        counts: Counter[str] = Counter()
        for segment in self._segments:
            for revision in self.revisions & segment.by_revision.keys():
                counts.update(segment.word_counts(revision))
        return Lexicon(counts)

    def lexicon(self) -> Lexicon:
        """Return the words of these passages; made on first use."""
        return self._lexicon

    @cached_property
    def suggester(self) -> Suggester:
        """The titles, headings and words of these passages; made on first use."""
        titles, headings = set(), set()
        for segment, visible in zip(self._segments, self._visible, strict=True):
            for number in visible:
                titles.add((segment.groups[number][0], segment.titles[number]))
                headings.update(segment.headings[number].split(" > "))
        return Suggester(titles, headings, self._lexicon)


class Snapshot:
    """All segments of one commit, and the position it had reached."""

    def __init__(self, segments: Sequence[Segment], stem: Callable[[str], str]) -> None:
        self.segments = segments
        self.position = max((segment.position for segment in segments), default=0)
        self.keys = [key for segment in segments for key in segment.keys]
        numbers: dict[Group, int] = {}
        self.documents = [numbers.setdefault(group, len(numbers)) for segment in segments for group in segment.groups]
        self.groups = list(numbers)
        self.sections = {key: number for (kind, key), number in numbers.items() if kind in _NAMED_KINDS}
        self.pointers = [pointer for segment in segments for pointer in segment.pointers]
        self.titles = [title for segment in segments for title in segment.titles]
        self.priors = [prior for segment in segments for prior in segment.priors]
        self.reading_order = [place for segment in segments for place in segment.reading_order]
        self.facets = FacetTable(choices for segment in segments for choices in segment.choices)
        self._stem = stem
        self._views: OrderedDict[frozenset[str], View] = OrderedDict()
        self._looking = Lock()

    def view(self, revisions: frozenset[str]) -> View:
        """Return the view of some revisions, made on first use and kept while it is among the last
        used.
        """
        with self._looking:
            view = self._views.pop(revisions, None) or View(self, revisions, self._stem)
            self._views[revisions] = view
            if len(self._views) > _VIEWS_KEPT:
                self._views.popitem(last=False)
        return view

    def passage(self, number: int) -> Passage:
        """Return a passage by its number through all segments."""
        for segment in self.segments:
            if number < segment.size:
                return segment.passage(number)
            number -= segment.size
        raise IndexError(number)


@lru_cache(4096)
def _stems_of(title: str, stem: Callable[[str], str]) -> frozenset[str]:
    return frozenset(stem(word) for word in words(title) if word not in STOP_WORDS)
