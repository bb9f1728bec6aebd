"""From what a reader typed to destinations and results.

`KnowledgeBase.search` delegates here. This module decides what the query names outright (a number, a title, a term)
and which revisions the engine may see; finding and ranking passages is the engine's. It never raises for a query.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypedDict, Unpack

from index.engine import Engine, Group, IndexFault, Ranking
from index.engine import Order as Places
from index.facets import Filters
from index.passage import Standing
from index.query import Query, parse
from index.vocabulary import Entry, Vocabulary
from index.vocabulary import Sense as EntrySense
from kb import narrowing
from kb.days import in_words
from kb.indexing import searched
from kb.plain import plain
from kb.reading import Moment, name_of, name_today, number_on, paragraph_now
from kb.urgent import act_now
from kb.views import Destination, Expanded, Order, Result, SearchView
from procedures.errors import NotFound
from procedures.model import AREAS, Review, Revision, RevisionKind, SectionKind, Status, in_force, periods, status_of
from procedures.record import Record
from procedures.store import Store

DESTINATIONS = 6
"""Most destinations shown: an acronym has several senses, but a list this long has stopped being a shortcut."""

_NUMBER = re.compile(
    r"(?:(?:section|paragraph|para|chapter|§)\s*)?(\d{1,2}(?:\.\d{1,3}){1,4})\.?", re.IGNORECASE | re.ASCII
)
_PID = re.compile(r"p-[a-z0-9]{6,8}")


@dataclass(frozen=True, slots=True)
class Sources:
    """What a search is answered from; `mend` makes a damaged index again."""

    store: Store
    record: Record
    engine: Engine
    vocabulary: Vocabulary
    mend: Callable[[], None]


class _Options(TypedDict, total=False):
    """What else an engine is told about a search."""

    filters: Filters
    order: Places
    limit: int
    offset: int


def answer(
    sources: Sources,
    text: str,
    at: Moment,
    *,
    without: frozenset[str],
    filters: Filters,
    order: Order,
    offset: int,
    limit: int,
) -> SearchView:
    """Answer a search on a day: destinations on the first page, then results that pass the filters, in an order.

    An index that turns out to be damaged is mended and asked once more.
    """
    record = sources.record
    query = sources.vocabulary.expand(parse(text), without)
    revisions = searched(record, at.on, at.known_at, at.seen is None)
    current = record.in_force(at.on, at.known_at)
    followed, ignored = narrowing.meant(record, filters)
    placed = narrowing.places(order, record, current)
    ranking, notice = _rank(sources, query, revisions, filters=followed, order=placed, limit=limit, offset=offset)
    unfiltered = _rank(sources, query, revisions, limit=0)[0].total if followed and not ranking.total else None
    destinations = tuple(_Destinations(sources, at).named_by(query.text)) if offset == 0 else ()
    return SearchView(
        query=query.text,
        on=at.on,
        seen=at.seen,
        is_today=at.is_today,
        total=ranking.total,
        destinations=destinations,
        results=tuple(_result(group, current) for group in ranking.groups),
        did_you_mean=None if _is_reference(query.text) and destinations else ranking.did_you_mean,
        expanded=tuple(dict.fromkeys(Expanded(e.term, e.meaning) for e in query.expansions)),
        offset=offset,
        limit=limit,
        notice=notice,
        filters=followed,
        ignored=ignored,
        order=order,
        facets=narrowing.facets(ranking.counts, followed),
        without_filters=unfiltered,
        known_words=ranking.known,
        act_now=act_now(sources.store, record, query, without, current) if at.is_today and offset == 0 else (),
    )


def destinations(sources: Sources, text: str, at: Moment) -> tuple[Destination, ...]:
    """List the places a query names outright, in the order a reader sees them. Asks the record, not the index."""
    return tuple(_Destinations(sources, at).named_by(parse(text).text))


def _rank(
    sources: Sources, query: Query, revisions: frozenset[str], **options: Unpack[_Options]
) -> tuple[Ranking, str | None]:
    with suppress(IndexFault):
        return sources.engine.search(query, revisions, **options), None
    sources.mend()
    with suppress(IndexFault):
        return sources.engine.search(query, revisions, **options), None
    return Ranking(
        (), 0, None
    ), "The search index is being made again, so results may be missing. Try again in a minute."


def _result(group: Group, current: Mapping[str, Revision]) -> Result:
    first = group.hits[0].passage
    number = first.section_number if group.kind == "section" else None
    answering = tuple(hit for hit in group.hits if hit.passage.standing is not Standing.POINTER)
    revision = current.get(group.document) if group.kind in {"section", "contact"} else None  # a term can share the key
    since = revision.in_force_from if revision else None
    return Result(group.kind, group.document, number, first.title, answering or group.hits, since)


class _Destinations:
    """The places a query names outright, as one record has them on a day."""

    def __init__(self, sources: Sources, at: Moment) -> None:
        self._store = sources.store
        self._record = sources.record
        self._vocabulary = sources.vocabulary
        self._at = at
        self._current = sources.record.in_force(at.on, at.known_at)

    def named_by(self, text: str) -> list[Destination]:
        found: dict[tuple[str, str, str | None], Destination] = {}
        for destination in (*self._by_reference(text), *self._by_title(text), *self._by_term(text)):
            found.setdefault((destination.kind, destination.key, destination.pid), destination)
        return list(found.values())[:DESTINATIONS]

    def _by_reference(self, text: str) -> Iterator[Destination]:
        number, pid = _NUMBER.fullmatch(text), _PID.fullmatch(text.lower())
        try:
            if pid:
                yield from self._paragraph(pid.group())
            elif number:
                yield self._numbered(number.group(1))
        except NotFound:
            return

    def _paragraph(self, pid: str) -> Iterator[Destination]:
        view = paragraph_now(self._store, self._record, pid, self._at)
        revisions = self._record.section(view.section.key)
        stands_in = self._record.revision(view.section.key, view.revision)
        if status_of(stands_in, revisions, self._at.today, self._at.now) in {Status.COMING, Status.CANCELLED}:
            return
        number = view.paragraph.number
        why = (
            f"{pid} is paragraph {number}."
            if view.current
            else f"{pid} was paragraph {number}; it is no longer in force."
        )
        yield self._destination(self._current.get(view.section.key) or revisions[-1], why, pid)

    def _numbered(self, number: str) -> Destination:
        asked = None if self._at.on == self._at.today else self._at.on
        try:
            view = number_on(self._store, self._record, number, asked, self._at)
        except NotFound:
            view = number_on(self._store, self._record, number, None, self._at)
            why = f"Nothing carried {number} on {in_words(self._at.on)}; at another time this section did."
            return self._destination(self._record.section(view.section.key)[-1], why)
        current = self._current.get(view.section.key)
        why = f"{number} is the number of this section."
        if current is None or not (number == current.number or (view.pid and number.startswith(f"{current.number}."))):
            stands = f" It is now {self._number_now(current, view.pid)}." if current else " It is no longer in force."
            why = f"{number} was the number of this {'paragraph' if view.pid else 'section'}.{stands}"
        elif view.pid:
            why = f"{number} is the number of this paragraph."
        return self._destination(current or self._record.section(view.section.key)[-1], why, view.pid)

    def _number_now(self, current: Revision, pid: str | None) -> str:
        found = next((p.number for p in self._store.paragraphs(current) if p.pid == pid), None)
        return found or current.number or current.title

    def _by_title(self, text: str) -> Iterator[Destination]:
        wanted = _plain(text)
        if not wanted:
            return
        titled = _titled(self._record).get(wanted, ())
        for key in titled:
            revision = self._current.get(key)
            if revision and wanted in _titles(revision):
                yield self._destination(revision, "This is its title.")
        for key in titled:
            revisions, current = self._record.revisions[key], self._current.get(key)
            ended = in_force(revisions, self._at.on, self._at.known_at)
            if ended and ended.kind is RevisionKind.WITHDRAWAL and wanted in _titles(ended):
                yield self._destination(ended, f"It was withdrawn on {in_words(ended.in_force_from)}.")
            applied = (p.revision for p in periods(revisions, self._at.known_at) if p.start <= self._at.on)
            earlier = next((r for r in applied if current and r.title != current.title and wanted in _titles(r)), None)
            if current and earlier:
                yield self._destination(
                    current, f"It was called “{earlier.title}” from {in_words(earlier.in_force_from)}."
                )
        named = _reviews_named(self._record).get(wanted, ()) if self._at.seen is None else ()
        for review in sorted(named, key=lambda review: review.area not in AREAS):  # many places have had a Child S
            yield Destination("review", review.key, None, review.title, "This is the review's name.")

    def _by_term(self, text: str) -> Iterator[Destination]:
        for entry in self._vocabulary.meanings(text):
            for sense in entry.senses:
                current = self._current.get(sense.document or "")
                if current:
                    yield self._destination(current, _why(entry, sense, text))
                else:
                    key = next(t.key for t in self._record.terms.values() if t.term == entry.term)
                    yield Destination("term", key, None, entry.term, _why(entry, sense, text))

    def _destination(self, revision: Revision, why: str, pid: str | None = None) -> Destination:
        if revision.kind is RevisionKind.WITHDRAWAL or revision.section not in self._current:
            name = name_today(self._record, revision.section, self._at)
        else:
            name = name_of(revision)
        kind = "contact" if self._record.kinds[revision.section] is SectionKind.CONTACT else "section"
        return Destination(kind, name.key, name.number, name.title, why, pid)


def _is_reference(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text) or _PID.fullmatch(text.lower()))


def _titles(revision: Revision) -> set[str]:
    """List the ways to write a title outright: whole, and without what stands in brackets at its end."""
    return {_plain(revision.title), _plain(re.sub(r"\s*\([^)]*\)$", "", revision.title))} - {""}


def _titled(record: Record) -> Mapping[str, Sequence[str]]:
    """Return the sections that ever had a title, by the ways to write it: looking through all of them is slow."""

    def read() -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for key, revisions in record.revisions.items():
            for title in set().union(*map(_titles, revisions)):
                found.setdefault(title, []).append(key)
        return found

    return record.once("sections by title", read)


def _reviews_named(record: Record) -> Mapping[str, Sequence[Review]]:
    def read() -> Mapping[str, Sequence[Review]]:
        found: dict[str, list[Review]] = {}
        for review in record.reviews.values():
            for name in {_plain(review.name), _plain(review.title)}:
                found.setdefault(name, []).append(review)
        return found

    return record.once("reviews by name", read)


def _plain(text: str) -> str:
    return plain(text.replace("’", "").replace("'", ""))


def _why(entry: Entry, sense: EntrySense, text: str) -> str:
    typed = text.strip()
    match entry.kind:
        case "acronym" if _plain(typed) == _plain(entry.term):
            return f"{entry.term} stands for {sense.meaning}."
        case "acronym":
            return f"“{typed}” is also called {entry.term}."
        case "retired name":
            return f"“{typed}” is an old name for {sense.meaning}."
        case _:
            return f"“{typed}”: {sense.meaning}."
