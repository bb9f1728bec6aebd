"""A segment as columns: all that searching asks of it, worked out once and kept in a file beside the index.

Whoosh has the postings, the positions and the stored fields, and answers by itself (`matchers`) wherever no column file
is; reading them one posting at a time in Python is what takes long. The writer of a commit makes the columns of each
new segment from its stored records, by the same analysis, and the contract suite holds both to the same answers. A file
is whole or not there, carries a checksum of each array, and is bound to the segment it was made from; one that is
damaged or of another format is as good as none. Why it is laid out like this: docs/adr/0009.
"""

import json
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from io import BytesIO
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from index.analysis import STOP_WORDS, words
from index.facts import FIELD_WEIGHTS, Facts, choice_lists, choices_from, facts_of, text_of, to_passage
from index.marks import Marks, Pattern, merged
from index.passage import Passage
from index.sparse import NOTHING, Bools, Ints, Sparse, ranges, total
from index.wordings import Compact, Reader, Wordings

FORMAT = 1
"""Raise it when what is kept, its order or the analysis changes: files of another format are left unread."""

_WEIGHTS = np.array(FIELD_WEIGHTS)[::-1]  # a segment's wordings have all texts first, then headings, then titles
_STRINGS = ("keys", "revisions", "groups", "titles", "headings", "choices", "namings", "named")
_ARRAYS = [field.name for field in fields(Facts) if field.name not in {*_STRINGS, "position"}]


@dataclass(frozen=True, slots=True)
class Postings:
    """The passages each stem stands in, with its field-weighted frequency: those of a stem lie between two bounds."""

    bounds: Ints
    passages: Compact
    frequencies: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a segment. `starts` and `ends` are the characters of each word of the passages' texts."""

    facts: Facts
    names: Wordings
    texts: Wordings
    postings: Postings
    starts: Compact
    ends: Compact
    records: npt.NDArray[np.uint8]
    record_bounds: Ints

    def passage(self, number: int) -> Passage:
        """Return a passage as it was stored."""
        begin, end = self.record_bounds[number : number + 2]
        return to_passage(self.records[begin:end].tobytes().decode())

    def find(self, stems: tuple[str, ...]) -> Sparse:
        """Return the passages that have a stem, or several in a row, with the field-weighted frequency."""
        return self._phrase(stems) if len(stems) > 1 else self._word(stems[0])

    def marks(self, passages: Sequence[int], patterns: Iterable[Pattern]) -> list[Marks]:
        """Return for each passage the characters of its text where a pattern occurs."""
        which = np.array(passages, np.int64)
        begins, ends = self.texts.bounds[which], self.texts.bounds[which + 1]
        row = ranges(begins, ends)
        numbers = [found for each in patterns if (found := self.texts.numbers(each)) is not None]
        single = self._among([each[0] for each in numbers if len(each) == 1])[self.texts.stemmed[row]].nonzero()[0]
        cuts = single.searchsorted((ends - begins).cumsum()).tolist()
        single = row[single]
        pairs = list(zip(self.starts[single].tolist(), self.ends[single].tolist(), strict=True))
        marks = [tuple(pairs[begin:end]) for begin, end in pairwise((0, *cuts))]
        phrases = [each for each in numbers if len(each) > 1]
        return self._with_phrases(passages, marks, row, phrases) if phrases else marks

    def count(self, passages: Bools) -> Mapping[str, int]:
        """Return how often each word stands in the passages chosen."""
        return self.texts.count(np.tile(passages, len(_WEIGHTS)))

    def _word(self, stem: str) -> Sparse:
        number = self.texts.number(stem)
        if number is None:
            return NOTHING
        some = slice(*self.postings.bounds[number : number + 2])
        return Sparse(self.postings.passages[some].astype(np.int64), self.postings.frequencies[some].astype(np.float64))

    def _phrase(self, stems: tuple[str, ...]) -> Sparse:
        places, passages = np.divmod(self.texts.find(stems), max(len(self.facts.keys), 1))
        return total(passages, _WEIGHTS[places])

    def _with_phrases(
        self, passages: Sequence[int], marks: list[Marks], row: Ints, phrases: list[list[int]]
    ) -> list[Marks]:
        found = dict(zip(passages, map(list, marks), strict=True))
        row = row[self._among([each[0] for each in phrases])[self.texts.stemmed[row]]]
        for phrase in phrases:
            first = self.texts.rows_from(row, phrase)
            starts, ends = self.starts[first].tolist(), self.ends[first + len(phrase) - 1].tolist()
            for passage, start, end in zip(self.texts.texts_at(first).tolist(), starts, ends, strict=True):
                found[passage].append((start, end))
        return [merged(found[passage]) for passage in passages]

    def _among(self, stems: list[int]) -> Bools:
        """Return for every stem whether it is among these."""
        among = np.zeros(len(self.texts.stems), np.bool_)
        among[stems] = True
        return among


def columns_of(records: Sequence[str], stem: Callable[[str], str]) -> Columns:
    """Work out the columns of a segment from its stored records, in their order. Raises as `facts_of` does."""
    facts = facts_of(records)
    texts, starts, ends = _texts(records, facts, stem)
    encoded = [record.encode() for record in records]
    return Columns(
        facts=facts,
        names=names_of(facts, stem),
        texts=texts,
        postings=_postings(texts, len(records)),
        starts=starts,
        ends=ends,
        records=np.frombuffer(b"".join(encoded), np.uint8),
        record_bounds=np.array([0, *map(len, encoded)], np.int64).cumsum(),
    )


def names_of(facts: Facts, stem: Callable[[str], str]) -> Wordings:
    """Return the words of each title that say something, then the words of each naming."""
    reader = Reader(stem)
    for title in facts.titles:
        reader.read_words(word for word in words(title) if word not in STOP_WORDS)
    for naming in facts.namings:
        reader.read(naming)
    return reader.wordings()


def to_bytes(columns: Columns, made_from: int) -> bytes:
    """Return the content of a column file. `made_from` tells the segment it belongs to from any other."""
    facts, texts, names = columns.facts, columns.texts, columns.names
    strings = {name: getattr(facts, name) for name in _STRINGS}
    strings["choices"] = choice_lists(facts.choices)
    strings["vocabularies"] = [texts.words, texts.stems, names.words, names.stems]
    head = {"format": FORMAT, "made_from": made_from, "position": facts.position, **strings}
    arrays = {f"facts_{name}": getattr(facts, name) for name in _ARRAYS}
    for name, wordings in (("texts", texts), ("names", names)):
        arrays |= {f"{name}_{part}": getattr(wordings, part) for part in ("stem_of", "row", "bounds")}
    arrays |= {f"postings_{field.name}": getattr(columns.postings, field.name) for field in fields(Postings)}
    arrays |= {name: getattr(columns, name) for name in ("starts", "ends", "records", "record_bounds")}
    written = BytesIO()
    np.savez(written, head=np.frombuffer(json.dumps(head).encode(), np.uint8), **arrays)
    return written.getvalue()


def from_bytes(content: bytes, made_from: int) -> Columns | None:
    """Read a column file; None if it is of another format or segment. Raises anything for a damaged one."""
    with np.load(BytesIO(content), allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        if (head["format"], head["made_from"]) != (FORMAT, made_from):
            return None
        vocabularies = head["vocabularies"]
        return Columns(
            facts=_facts(head, arrays),
            names=Wordings(*vocabularies[2:], *(arrays[f"names_{part}"] for part in ("stem_of", "row", "bounds"))),
            texts=Wordings(*vocabularies[:2], *(arrays[f"texts_{part}"] for part in ("stem_of", "row", "bounds"))),
            postings=Postings(*(arrays[f"postings_{field.name}"] for field in fields(Postings))),
            starts=arrays["starts"],
            ends=arrays["ends"],
            records=arrays["records"],
            record_bounds=arrays["record_bounds"],
        )


def _facts(head: Mapping[str, Any], arrays: Mapping[str, Any]) -> Facts:
    strings = {name: head[name] for name in _STRINGS}
    strings["groups"] = [(kind, document) for kind, document in head["groups"]]
    strings["choices"] = choices_from(head["choices"])
    return Facts(position=head["position"], **strings, **{name: arrays[f"facts_{name}"] for name in _ARRAYS})


def _texts(records: Sequence[str], facts: Facts, stem: Callable[[str], str]) -> tuple[Wordings, Compact, Compact]:
    reader = Reader(stem)
    starts, ends = array("i"), array("i")
    for record in records:
        spans = reader.read(text_of(record))
        starts.extend(start for start, _ in spans)
        ends.extend(end for _, end in spans)
    for lines, which in ((facts.headings, facts.heading), (facts.titles, facts.title)):
        first: dict[int, int] = {}
        for place, line in enumerate(which.tolist(), start=reader.texts):
            if line in first:
                reader.again(first[line])
            else:
                first[line] = place
                reader.read(lines[line])
    return reader.wordings(), np.array(starts, np.int32), np.array(ends, np.int32)


def _postings(texts: Wordings, size: int) -> Postings:
    """Gather where each stem stands, adding up what its places weigh: a frequency is a sum of powers of two."""
    stems, size = len(texts.stems), max(size, 1)
    places, passages = np.divmod(np.repeat(np.arange(texts.bounds.size - 1), np.diff(texts.bounds)), size)
    pairs, which = np.unique(texts.stemmed * np.int64(size) + passages, return_inverse=True)
    frequencies = np.bincount(which, _WEIGHTS[places], minlength=pairs.size)
    bounds = pairs.searchsorted(np.arange(stems + 1) * size)
    return Postings(bounds, (pairs % size).astype(np.int32), frequencies.astype(np.float32))
