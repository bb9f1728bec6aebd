"""What readers search for in vain: counted as they search, and decided on by editors, one wording at a time.

`KnowledgeBase.searches` is a `Searches`. The search page and the way from it to a result say what came of a search;
nothing about who searched comes here. Counts wait in memory for some seconds and are then written by a thread of their
own: that can neither slow nor fail a search, and what goes wrong is logged without the words.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from threading import Lock, Timer

from kb import unanswered
from kb.access import Actor, Deed, require
from kb.clock import london_day
from kb.confidential import cleaned
from kb.reading import name_of
from kb.unanswered import Count, Decision, Outcome, State, Unanswered
from kb.views import Order, SearchView, SectionName
from procedures.errors import Invalid, NotFound, Refused
from procedures.model import EVERYDAY, Sense, Term
from procedures.record import Record
from procedures.store import Store

SELDOM = timedelta(seconds=10)
"""How long a count waits in memory, for others to be written with it."""

MOST_WAITING = 1_000
"""Counts that wait in memory; more in ten seconds are lost."""

LOOKED_AT = 30
"""How far down the results a place is looked for."""

LONGEST_TERM = 80
"""Characters of an everyday word."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """A search with the names of what it finds now; `section` is where it was led, `place` its place now (0: none)."""

    search: Unanswered
    found: tuple[str, ...]
    section: SectionName | None
    place: int


class Searches:
    """Searches that led nowhere. Made once by `KnowledgeBase`."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        catch_up: Callable[[], bool],
        find: Callable[..., SearchView],
    ) -> None:
        """Take the record, the clock, what brings the index level and what searches."""
        self._store = store
        self._now = now
        self._catch_up = catch_up
        self._find = find
        self._counted: Counter[Count] = Counter()
        self._counting = Lock()
        self._writing = Lock()
        self._alarm: Timer | None = None

    # What readers do

    def note(self, view: SearchView) -> None:
        """Count what came of a search: the first page of a plain one, in the text of today. Never raises."""
        plain = view.is_today and view.seen is None and not view.filters and view.order is Order.RELEVANCE
        if not plain or view.offset or view.notice:
            return
        outcome = Outcome.SHOWN if view.total or view.destinations else Outcome.NOTHING
        self._count(view.query, outcome, view.known_words)

    def opened(self, typed: str) -> None:
        """Count that somebody went on from the results of a search to one of them. Never raises."""
        self._count(typed, Outcome.OPENED)

    def close(self) -> None:
        """Write what still waits, and leave no thread behind. Never raises."""
        self._write()
        with self._counting:
            self._disarm()

    # What editors do

    def listed(self, actor: Actor) -> tuple[Unanswered, ...]:
        """List the searches that led nowhere, decided or not, the most frequent first. Raises `Forbidden`."""
        require(actor, Deed.READ_SEARCHES)
        now = self._now()
        self._write()
        with self._store.read() as connection:
            is_over = unanswered.is_day_to_close(connection, now)
        if is_over:
            with self._store.write(actor.name, self._now) as transaction:
                unanswered.close_days(transaction.connection, transaction.at)
        with self._store.read() as connection:
            return unanswered.kept(connection, now)

    def look(self, actor: Actor, search: int) -> Looked:
        """Show one search with what it finds today. Raises `NotFound`."""
        require(actor, Deed.READ_SEARCHES)
        with self._store.read() as connection:
            row = unanswered.get(connection, search)
        view = self._find(row.query, limit=LOOKED_AT)
        names = [_named(d.number, d.title) for d in view.destinations]
        names += [_named(r.number, r.title) for r in view.results]
        led_to = row.decision.section if row.decision else None
        record = self._store.record()
        section = name_of(record.section(led_to)[-1]) if led_to else None
        return Looked(row, tuple(dict.fromkeys(names)), section, place_of(view, led_to) if led_to else 0)

    def make_term(self, actor: Actor, search: int, words: str, section: str) -> None:
        """Record words as everyday words for a section, wherever they stand in a search, and measure what that does.

        The words become part of the manual and its log. Raises `NotFound`, `Invalid` or `Refused`.
        """
        require(actor, Deed.RECORD_TERM)
        self._lead(actor, search, words, section, State.TERM)

    def make_answer(self, actor: Actor, search: int, words: str, section: str) -> None:
        """Lead a search of just these words to a section, and measure what that does. Raises as `make_term` does."""
        require(actor, Deed.RECORD_TERM)
        self._lead(actor, search, words, section, State.ANSWER)

    def set_aside(self, actor: Actor, search: int, state: State) -> None:
        """Note a gap to write, what is out of scope, or that a search is open again. Raises `NotFound` or `Refused`."""
        require(actor, Deed.DECIDE_SEARCH)
        with self._store.write(actor.name, self._now) as transaction:
            row = unanswered.get(transaction.connection, search)
            if row.state in {State.TERM, State.ANSWER}:
                raise Refused("A term leads this search to a section. It stays with the manual.")
            decision = None if state is State.OPEN else Decision(actor.name, london_day(transaction.at))
            unanswered.decide(transaction.connection, search, state, decision)

    def delete(self, actor: Actor, search: int) -> None:
        """Delete a search, because its words tell of somebody or are of no use, and all that was counted of them.

        Raises `NotFound`.
        """
        require(actor, Deed.DECIDE_SEARCH)
        with self._writing:  # or words on their way to the disk would arrive after they were deleted
            with self._store.write(actor.name, self._now) as transaction:
                words = unanswered.remove(transaction.connection, search)
            with self._counting:
                self._counted = Counter({each: n for each, n in self._counted.items() if each.words != words})
        self._store.forget()

    # Parts

    def _count(self, typed: str, outcome: Outcome, known: tuple[str, ...] = ()) -> None:
        try:
            words = unanswered.wording(typed, known)
            if words:
                self._add(Count(london_day(self._now()), words, outcome))
        except Exception as error:  # whatever it is, the reader has their answer
            _told(error)

    def _add(self, count: Count) -> None:
        with self._counting:
            if count in self._counted or len(self._counted) < MOST_WAITING:
                self._counted[count] += 1
            self._arm()

    def _arm(self) -> None:
        """See to it that what waits is written in a while, even if nobody searches any more; `_counting` is held."""
        if self._alarm is None:
            # In a thread of its own: nobody, not even the next on this line, waits for the disk.
            alarm = Timer(SELDOM.total_seconds(), self._write)
            alarm.daemon = True
            alarm.start()
            self._alarm = alarm

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _write(self) -> None:
        """Write what was counted, one thread at a time; what cannot be written waits for the next time."""
        with self._writing:
            with self._counting:
                self._disarm()
                taken, self._counted = self._counted, Counter()
            if taken:
                self._keep(taken)

    def _keep(self, taken: Counter[Count]) -> None:
        try:
            with self._store.write("reader", self._now) as transaction:
                unanswered.keep(transaction.connection, taken, transaction.at)
        except Exception as error:
            _told(error)
            with self._counting, suppress(RuntimeError):  # no more threads: the next count tries again
                if len(self._counted) < MOST_WAITING:
                    self._counted.update(taken)
                self._arm()

    def _lead(self, actor: Actor, search: int, words: str, section: str, state: State) -> None:
        with self._store.read() as connection:
            query = unanswered.get(connection, search).query
        before = place_of(self._find(query, limit=LOOKED_AT), section)
        with self._store.write(actor.name, self._now) as transaction:
            unanswered.get(transaction.connection, search)
            name = self._in_force(section, transaction.at)
            transaction.record_term(_term(self._store.record(), words, name, widely=state is State.TERM))
            decision = Decision(actor.name, london_day(transaction.at), name.key, before)
            unanswered.decide(transaction.connection, search, state, decision)
        self._catch_up()
        after = place_of(self._find(query, limit=LOOKED_AT), name.key)
        with self._store.write(actor.name, self._now) as transaction:
            unanswered.decide(transaction.connection, search, state, replace(decision, after=after))

    def _in_force(self, section: str, at: datetime) -> SectionName:
        record = self._store.record()
        found = record.in_force(london_day(at), at).get(record.redirects.get(section, section))
        if found is None:
            raise NotFound("Choose a section that is in force.")
        return name_of(found)


def place_of(view: SearchView, section: str) -> int:
    """Return a section's place among all a search shows, from 1; 0 where it is not there."""
    shown = [(d.kind, d.key) for d in view.destinations] + [(r.kind, r.key) for r in view.results]
    for place, (kind, key) in enumerate(dict.fromkeys(shown), start=1):
        if key == section and kind in {"section", "contact"}:
            return place
    return 0


def _term(record: Record, typed: str, name: SectionName, *, widely: bool) -> Term:
    """Make the term that leads words to a section; one there is already gets another meaning.

    `widely`: the section's title is searched for too, wherever the words stand in a query.
    """
    words = " ".join(typed.split())
    key = "-".join("".join(sign if sign.isalnum() else " " for sign in words.lower()).split())
    if not key:
        raise Invalid("Write the words that readers use.")
    if len(words) > LONGEST_TERM:
        raise Invalid(f"Use up to {LONGEST_TERM} characters: the words that matter.")
    if cleaned(words) != words or "removed]" in words:
        raise Invalid("Take out what tells of a person: the words become part of the manual for good.")
    for term in record.terms.values():
        wordings = {term.term.casefold(), *map(str.casefold, term.also)}
        if words.casefold() in wordings and any(sense.section == name.key for sense in term.senses):
            raise Refused(f"“{words}” leads to this section already. Choose other words or another section.")
    sense = Sense(name.title, (name.title,) if widely else (), name.key)
    same = next((term for term in record.terms.values() if term.term.casefold() == words.casefold()), None)
    if same is not None:
        return replace(same, senses=(*same.senses, sense))
    free = next(each for each in _keys(key) if each not in record.terms)
    return Term(free, words, EVERYDAY, (sense,), (), "")


def _keys(key: str) -> Iterator[str]:
    yield key
    yield from (f"{key}-{number}" for number in count(2))


def _named(number: str | None, title: str) -> str:
    return f"{number} {title}" if number else title


def _told(error: Exception) -> None:
    """Say that something went wrong, and nothing of what was searched for: an error may hold the words."""
    _log.warning("what readers searched for could not be kept: %s", type(error).__name__)
