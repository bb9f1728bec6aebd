"""Answering searches from one snapshot, and remembering the answers given last.

An engine makes `Answers` for each commit it opens and hands every search to it. What is remembered lives and dies with
the snapshot: no answer outlives a publication, and what people typed is only ever in memory.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from threading import Lock

import numpy as np

from index.analysis import STOP_WORDS, words
from index.engine import Group, Hit, Order, Ranking
from index.facets import Filters, Tally
from index.interpret import interpret
from index.marks import Pattern
from index.query import Query
from index.ranking import RankedGroup
from index.scoring import rank
from index.snapshot import Snapshot, View, remembered
from index.sparse import Ints

ANSWERS_KEPT = 256
"""About 20 kB each."""

_ORDERS_KEPT = 8
_VIEWS_KEPT = 8  # today, a past day, with and without reviews; each costs about a megabyte


class Answers:
    """The answers of one snapshot. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot, stem: Callable[[str], str]) -> None:
        self.snapshot = snapshot
        self._stem = stem
        self._views: OrderedDict[frozenset[str], View] = OrderedDict()
        self._looking = Lock()
        self._answer = remembered(self._work_out, ANSWERS_KEPT)
        self._same_order = lru_cache(_ORDERS_KEPT)(_unchanged)
        self._places = remembered(self._places_in, _ORDERS_KEPT)

    def search(
        self, query: Query, revisions: frozenset[str], filters: Filters, order: Order, window: tuple[int, int, int]
    ) -> Ranking:
        """Answer a search; `window` is (first group, groups, passages of each). See `Engine.search`."""
        # Every answer would otherwise keep a set of revisions of its own, and compare it name by name.
        seen = self.view(revisions).revisions
        return self._answer(query, seen, filters, self._same_order(order), window)

    def view(self, revisions: frozenset[str]) -> View:
        """Return the view of some revisions, made on first use and kept while it is among the last used."""
        with self._looking:
            view = self._views.pop(revisions, None) or View(self.snapshot, revisions, self._stem)
            self._views[revisions] = view
            if len(self._views) > _VIEWS_KEPT:
                self._views.popitem(last=False)
        return view

    def _work_out(
        self, query: Query, revisions: frozenset[str], filters: Filters, order: Order, window: tuple[int, int, int]
    ) -> Ranking:
        view = self.view(revisions)
        meaning = interpret(query, view, self._stem)
        tally = Tally(self.snapshot.facets, view.sets, filters)
        ranked = rank(meaning.terms, view.collection, meaning.required, meaning.excluded, keep=tally.keep)
        offset, limit, per_group = (max(number, 0) for number in window)
        page = ranked.page(offset, limit, per_group, self._places(order) if order else None)
        return Ranking(
            groups=tuple(_shown(page, view, meaning.patterns)),
            total=len(ranked),
            did_you_mean=meaning.did_you_mean,
            counts=tally.counts(),
            known=() if ranked else _known(query, view, self._stem),
        )

    def _places_in(self, order: Order) -> Ints:
        """Return the place of each document in an order."""
        places = np.full(len(self.snapshot.groups), len(order))
        for place, documents in reversed(list(enumerate(order))):
            known = [self.snapshot.document_numbers.get(document, -1) for document in documents]
            places[[number for number in known if number >= 0]] = place
        return places


def _shown(page: Sequence[RankedGroup], view: View, patterns: Iterable[Pattern]) -> Iterator[Group]:
    """Yield the groups of a page as they are shown, with their passages and marks."""
    passages, marks = view.shown([number for ranked in page for number in ranked.passages], patterns)
    scores = [score for ranked in page for score in ranked.passage_scores]
    hits = map(Hit, passages, scores, marks)
    for (kind, document), score, shown, _ in page:
        yield Group(kind, document, score, tuple(islice(hits, len(shown))))


def _known(query: Query, view: View, stem: Callable[[str], str]) -> tuple[str, ...]:
    """List the words asked for that the text has, in the order typed, those that say nothing aside."""
    pieces = [(term.word,) for term in query.words] + list(query.phrases)
    asked = {word for piece in pieces for each in piece for word in words(each)} - STOP_WORDS
    typed = (word for word in dict.fromkeys(words(query.text)) if word in asked)
    return tuple(word for word in typed if view.find((stem(word),)).passages.numbers.size)


def _unchanged(order: Order) -> Order:
    return order
