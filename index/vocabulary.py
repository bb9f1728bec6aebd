"""The words of the field: acronyms, synonyms and retired names, and spelling help from the text in
force.

`kb` builds a `Vocabulary` from the record's terms and expands queries with it; an engine builds a
`Lexicon` from the passages a search may see. Neither reads the database, and a lexicon never offers
a word that is not in those passages.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from heapq import nsmallest
from sys import intern

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from index.analysis import AGE, STOP_WORDS, fold
from index.query import Expansion, Query, QueryTerm

MAX_CORRECTIONS = 3
MAX_COMPLETIONS = 16

_SHORTEST_CORRECTED = 3
_LONGEST_WITH_ONE_EDIT = 7
_LONGEST_CORRECTED = 40  # nothing in the language is longer, and comparing costs time by length

_SHORTEST_PLURAL = 4  # "SCRs"; "DNS" is no plural

_PART = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a term: the words shown, the wordings to look for, and the document it leads
    to if any.
    """

    meaning: str
    expands_to: tuple[str, ...] = ()
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A term of the vocabulary. `also` are other ways to write it: synonyms, retired names,
    variants.
    """

    term: str
    kind: str
    also: tuple[str, ...] = ()
    senses: tuple[Sense, ...] = ()


class Vocabulary:
    """All terms of the field, found by any way of writing them: case, dots, hyphens and plurals
    make no difference.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._terms: dict[tuple[str, ...], list[Entry]] = {}
        self._also: dict[tuple[str, ...], list[Entry]] = {}
        for entry in entries:
            _file(self._terms, entry.term, entry)
            for wording in entry.also:
                _file(self._also, wording, entry)
        # How long the longest term is that begins with a word: most words begin none, and are passed over.
        self._longest: dict[str, int] = {}
        for first, *rest in (*self._terms, *self._also):
            self._longest[first] = max(self._longest.get(first, 0), 1 + len(rest))

    def meanings(self, text: str) -> tuple[Entry, ...]:
        """Return the entries that the whole text names, those of that very name first."""
        key = _key(text)
        named = self._terms.get(key, [])
        return tuple(dict.fromkeys((*named, *self._also.get(key, []))))

    def expand(self, query: Query, without: frozenset[str] = frozenset()) -> Query:
        """Attach to a query the expansions of the terms in its words, longest match first.

        An ambiguous term brings an expansion for each sense, and an age under a year "baby". `without` holds terms (or
        single meanings) the reader has removed; their words stay, and count as known. Words in quotes and excluded
        words are taken literally.
        """
        unwanted = {_key(name) for name in without}
        expansions: list[Expansion] = []
        known: set[int] = set()
        for start, end, entries in self._matches(query):
            known.update(range(start, end))
            for entry in entries:
                expansions.extend(_expansions(query, entry, start, end, unwanted))
        expansions.extend(_babies(query, unwanted))
        if not (known or expansions or query.expansions):
            return query
        words = tuple(term._replace(known=True) if place in known else term for place, term in enumerate(query.words))
        return replace(query, words=words, expansions=tuple(sorted(expansions, key=lambda each: each.start)))

    def _matches(self, query: Query) -> list[tuple[int, int, list[Entry]]]:
        """Return (start, end, entries) for the terms in the words of a query; no two of them
        overlap.
        """
        keys = [_key_of_word(term.word) for term in query.words]
        longest = [self._longest.get(key[0], 0) if key else 0 for key in keys]
        taken: set[int] = set()
        matches = []
        for length in range(min(max(longest, default=0), len(keys)), 0, -1):
            for start in range(len(keys) - length + 1):
                if length > longest[start]:
                    continue
                span = range(start, start + length)
                entries = self._entries(tuple(part for place in span for part in keys[place]))
                if entries and taken.isdisjoint(span) and _is_meant(query, span):
                    taken.update(span)
                    matches.append((start, start + length, entries))
        return matches

    def _entries(self, key: tuple[str, ...]) -> list[Entry]:
        # A term's own entry speaks for it; entries that merely mention it would drown the sense
        # that is meant.
        return self._terms.get(key) or self._also.get(key) or []


class Lexicon:
    """How often each word occurs in the text in force, for completing and correcting what is
    typed.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._sorted = sorted(counts)
        self._correctable = [word for word in self._sorted if _may_be_corrected(word)]

    def correct(self, word: str) -> tuple[str, ...]:
        """Return up to three known words one typing slip away (two for more than 7 letters), the
        likeliest first.

        Slips are counted as optimal string alignment distance: a letter more, less, other, or two
        swapped. Words in the text, shorter than 3 letters or with digits are left alone. The more
        frequent of two equally near words is first.
        """
        wrong = fold(word) if word else word
        if wrong in self._counts or not _may_be_corrected(wrong):
            return ()
        slips = 1 if len(wrong) <= _LONGEST_WITH_ONE_EDIT else 2
        near = extract(wrong, self._alike(wrong, slips), scorer=OSA.distance, score_cutoff=slips, limit=None)
        ordered = sorted(near, key=lambda found: (found[1], -self._counts[found[0]], found[0]))
        return tuple(found[0] for found in ordered[:MAX_CORRECTIONS])

    def _alike(self, wrong: str, slips: int) -> list[str]:
        """Return the words that so many slips could lead to: each changes the length by 1, and 2 letters, at most."""
        lengths, letters = self._shapes
        ours = _letters_of([wrong])[0]
        near = (np.abs(lengths - len(wrong)) <= slips) & (np.bitwise_count(letters ^ ours) <= 2 * slips)
        return [self._correctable[place] for place in near.nonzero()[0].tolist()]

    @cached_property
    def _shapes(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
        """How long each word that may be corrected is, and which letters it has: comparing those is quick."""
        return np.array([len(word) for word in self._correctable], np.int64), _letters_of(self._correctable)

    def complete(self, prefix: str, limit: int = MAX_COMPLETIONS) -> tuple[str, ...]:
        """Return the most frequent words that begin with `prefix` and are longer, at most
        `limit`.
        """
        begin = fold(prefix) if prefix else prefix
        first = bisect_left(self._sorted, begin)
        last = bisect_left(self._sorted, begin + chr(0x10FFFF))
        longer = (word for word in self._sorted[first:last] if word != begin)
        return tuple(nsmallest(limit, longer, key=lambda word: (-self._counts[word], word)))


def _file(drawer: dict[tuple[str, ...], list[Entry]], wording: str, entry: Entry) -> None:
    key = _key(wording)
    if key and entry not in drawer.setdefault(key, []):
        drawer[key].append(entry)


def _key(text: str) -> tuple[str, ...]:
    """Return what is compared: letters and digits apart, without dots and plurals ("s.47", "S47",
    "s 47" are equal).
    """
    closed = text.casefold().replace(".", "").replace("'", "").replace("’", "")
    return tuple(_singular(part) for part in _PART.findall(closed))


_key_of_word = lru_cache(maxsize=1024)(_key)  # of the words of queries, each for itself: no search is read out of it


def _singular(word: str) -> str:
    if len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return intern(word)  # thousands of wordings are made of the same few words


def _is_meant(query: Query, span: range) -> bool:
    """Tell whether a match is a term rather than an everyday word ("DO" is one, the "do" of "what
    do I do" is not).
    """
    terms = [query.words[place] for place in span]
    if len(query.words) == len(terms) or any(term.word not in STOP_WORDS for term in terms):
        return True
    return all(_stands_out(query, term) for term in terms)


def _stands_out(query: Query, term: QueryTerm) -> bool:
    return query.text[term.start : term.end].isupper() and not query.text.isupper()


def _expansions(
    query: Query, entry: Entry, start: int, end: int, unwanted: set[tuple[str, ...]]
) -> Iterable[Expansion]:
    if _key(entry.term) in unwanted:
        return
    typed = _key(" ".join(term.word for term in query.words[start:end]))
    # What else a term is called belongs to no sense in particular, so an ambiguous term is expanded
    # by sense only.
    others = entry.also if len(entry.senses) <= 1 else ()
    for sense in entry.senses or (Sense(entry.term),):
        wordings = dict.fromkeys((entry.term, *sense.expands_to, *others))
        alternatives = tuple(wording for wording in wordings if _key(wording) not in {typed, ()})
        if alternatives and _key(sense.meaning) not in unwanted:
            yield Expansion(entry.term, sense.meaning, start, end, alternatives, sense.document)


def _babies(query: Query, unwanted: set[tuple[str, ...]]) -> Iterable[Expansion]:
    """Read an age under a year as a baby: what is asked of a "3 month old" is written of babies."""
    if ("baby",) in unwanted or ("baby",) in query.excluded:
        return
    for match in AGE.finditer(query.text):
        within = [
            place for place, term in enumerate(query.words) if term.start < match.end() and term.end > match.start()
        ]
        if match["baby"] and within and _key(match.group()) not in unwanted:
            yield Expansion(match.group(), "baby", within[0], within[-1] + 1, ("baby",))


def _letters_of(words: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Return for each word a bit for each letter it has; letters of other alphabets share the bits."""
    letters = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
    starts = np.cumsum([0, *(len(word) for word in words[:-1])])
    bits: npt.NDArray[np.uint32] = np.left_shift(np.uint32(1), letters & 31, dtype=np.uint32)
    return np.bitwise_or.reduceat(bits, starts) if words else bits


def _may_be_corrected(word: str) -> bool:
    return _SHORTEST_CORRECTED <= len(word) <= _LONGEST_CORRECTED and word.isalpha()
