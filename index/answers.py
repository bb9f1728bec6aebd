"""Answering searches from one snapshot, and remembering the answers given last.

An engine makes `Answers` for each commit it opens and hands every search to it. What is remembered lives and dies with
the snapshot: no answer outlives a publication, and what people typed is only ever in memory.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

from index.analysis import STOP_WORDS, words
from index.engine import Group, Hit, Order, Ranking
from index.facets import Filters, Tally
from index.interpret import interpret
from index.marks import Pattern, by_first, find_marks, read
from index.query import Query
from index.ranking import RankedGroup, for_reading, rank
from index.snapshot import Snapshot, View

ANSWERS_KEPT = 256
"""About 20 kB each."""

_ORDERS_KEPT = 8
_TEXTS_KEPT = 2048  # cut into words for marking, about 1 kB each


class Answers:
    """The answers of one snapshot. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot, stem: Callable[[str], str]) -> None:
        self.snapshot = snapshot
        self._stem = stem
        self._answer = lru_cache(ANSWERS_KEPT)(self._work_out)
        self._read = lru_cache(_TEXTS_KEPT)(partial(read, stem=stem))
        self._same_order = lru_cache(_ORDERS_KEPT)(_unchanged)

    def search(
        self, query: Query, revisions: frozenset[str], filters: Filters, order: Order, window: tuple[int, int, int]
    ) -> Ranking:
        """Answer a search; `window` is (first group, groups, passages of each). See `Engine.search`."""
        # Every answer would otherwise keep a set of revisions of its own, and compare it name by name.
        seen = self.snapshot.view(revisions).revisions
        return self._answer(query, seen, filters, self._same_order(order), window)

    def _work_out(
        self, query: Query, revisions: frozenset[str], filters: Filters, order: Order, window: tuple[int, int, int]
    ) -> Ranking:
        view = self.snapshot.view(revisions)
        meaning = interpret(query, view, self._stem)
        tally = Tally(self.snapshot.facets, filters)
        ranked = rank(meaning.terms, view.collection, meaning.required, meaning.excluded, keep=tally.keep)
        offset, limit, per_group = (max(number, 0) for number in window)
        page = _ordered(ranked, order)[offset:][:limit]
        patterns = by_first(meaning.patterns)
        return Ranking(
            groups=tuple(self._group(each, view, patterns, per_group) for each in page),
            total=len(ranked),
            did_you_mean=meaning.did_you_mean,
            counts=tally.counts(),
            known=() if ranked else _known(query, view, self._stem),
        )

    def _group(
        self, ranked: RankedGroup, view: View, patterns: Mapping[str, Sequence[Pattern]], per_group: int
    ) -> Group:
        kind, document = ranked.group
        hits = []
        for number, score in for_reading(ranked.passages, view.collection)[:per_group]:
            passage = self.snapshot.passage(number)
            hits.append(Hit(passage, score, find_marks(self._read(passage.text), patterns)))
        return Group(kind, document, ranked.score, tuple(hits))


def _ordered(ranked: list[RankedGroup], order: Order) -> list[RankedGroup]:
    if not order:
        return ranked
    places = {document: place for place, documents in enumerate(order) for document in documents}
    return sorted(ranked, key=lambda each: places.get(each.group, len(order)))


def _known(query: Query, view: View, stem: Callable[[str], str]) -> tuple[str, ...]:
    """List the words asked for that the text has, in the order typed, those that say nothing aside."""
    pieces = [(term.word,) for term in query.words] + list(query.phrases)
    asked = {word for piece in pieces for each in piece for word in words(each)} - STOP_WORDS
    typed = (word for word in dict.fromkeys(words(query.text)) if word in asked)
    return tuple(word for word in typed if view.find((stem(word),)).passages)


def _unchanged(order: Order) -> Order:
    return order
