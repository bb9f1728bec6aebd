"""Searches that led nowhere, kept for the editors for a time. Outside the record: no event tells of them.

`kb.searches` calls it. What is kept is a wording, cleaned of what could tell who a child is, with how often and between
which days: no name, no address, no hour, nothing that ties two searches together. Whether it was searched for again and
whether results were opened can be known only by counting, so each wording of the running day is counted. A day's counts
are deleted when it is over; only what led nowhere often enough outlives them.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from index.query import parse
from kb.clock import london_day
from kb.confidential import cleaned
from procedures.errors import NotFound
from procedures.schema.tables import LARGEST_ID, search_tallies, unanswered_searches

KEPT = timedelta(days=400)
"""How long after it was last searched for a wording is kept: as long as feedback."""

MOST_NEW = 500
"""New wordings taken on a day: far more than there are, and too few to fill a disk."""

MOST_TALLIED = 5_000
"""Wordings counted on one day."""

MOST_WORDS = 12
"""Longer ones are not searches: somebody has told a case, and that is not kept."""

ENOUGH_NOTHING = 2
"""Times a wording must have found nothing on one day to be kept when the day is over.

A search finds what has any of its words, so nothing found is often a name in small letters, which no computer can tell
from a word. What was typed once is forgotten with its day; what is missing from the manual is searched for again.
"""

ENOUGH = 3
"""Times a wording must have shown results on one day, none of them opened, to count as having led nowhere.

Once or twice says nothing: the answer is often read on the page of results itself.
"""

_LONG_NUMBER = re.compile(r"[0-9](?:[\s./-]?[0-9]){4,}")
_REMOVED = re.compile(r"\[[a-z -]+ removed\]", re.IGNORECASE)
_NAME_REMOVED = "[name removed]"


class Outcome(StrEnum):
    """What came of a search."""

    NOTHING = "nothing found"
    SHOWN = "results shown"
    OPENED = "a result opened"


class State(StrEnum):
    """What an editor has decided about a search."""

    OPEN = "open"
    TERM = "term"
    ANSWER = "best answer"
    GAP = "gap"
    OUT_OF_SCOPE = "out of scope"


@dataclass(frozen=True, slots=True)
class Count:
    """What is counted: a wording, as it may be kept, on a day."""

    day: date
    words: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by whom and when.

    `section` is where a term or best answer leads; `before` and `after` are its places among what the search finds,
    from 1, with 0 for not there at all. `after` is None until it is measured.
    """

    by: str
    on: date
    section: str | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A search that led nowhere: `not_found` times nothing was found, `not_opened` times no result was opened."""

    id: int
    words: str
    first: date
    last: date
    not_found: int
    not_opened: int
    state: State
    decision: Decision | None

    @property
    def times(self) -> int:
        """How often it led nowhere."""
        return self.not_found + self.not_opened

    @property
    def came_again(self) -> bool:
        """Whether it has led nowhere on a day after something was decided."""
        return self.decision is not None and self.last > self.decision.on

    @property
    def query(self) -> str:
        """The words to search for."""
        return " ".join(_REMOVED.sub(" ", self.words).split())


def wording(typed: str, known: Collection[str] = ()) -> str | None:
    """Return a search as it may be kept and as others may have typed it; None where it is better not kept.

    Besides what `confidential.cleaned` takes out go numbers of five digits or more, and what is written like a name:
    words with a capital letter, two in a row or in the middle, unless all of them are `known` to the manual.
    """
    if len(typed.split()) > MOST_WORDS:
        return None
    kept = _LONG_NUMBER.sub("[number removed]", cleaned(parse(typed).text))
    folded = " ".join(_without_names(kept, {word.casefold() for word in known})).casefold().strip(" .,;:!?")
    return folded if any(map(str.isalnum, _REMOVED.sub("", folded))) else None


def keep(connection: Connection, counted: Mapping[Count, int], at: datetime) -> None:
    """Add up what was counted; close the days that are over, and delete what has been kept long enough."""
    room = MOST_TALLIED - (connection.scalar(select(func.count()).select_from(search_tallies)) or 0)
    for count, times in islice(counted.items(), max(room, 0)):
        _tally(connection, count, times)
    close_days(connection, at)


def close_days(connection: Connection, at: datetime) -> None:
    """Take what led nowhere on days that are over, and delete all else of them, and what has been kept long enough."""
    today, table = london_day(at), search_tallies.c
    over = select(search_tallies).where(table.day < today.isoformat())
    for row in connection.execute(over).all():
        not_found = row.not_found if row.not_found >= ENOUGH_NOTHING else 0
        not_opened = row.shown if row.shown >= ENOUGH and not row.opened else 0
        if not_found or not_opened:
            _add(connection, row.words, date.fromisoformat(row.day), not_found=not_found, not_opened=not_opened)
    connection.execute(delete(search_tallies).where(table.day < today.isoformat()))
    connection.execute(delete(unanswered_searches).where(unanswered_searches.c.last_day < _oldest(at)))


def is_day_to_close(connection: Connection, at: datetime) -> bool:
    """Say whether counts of a day that is over still wait to be taken or deleted."""
    over = select(search_tallies.c.day).where(search_tallies.c.day < london_day(at).isoformat()).limit(1)
    return connection.scalar(over) is not None


def kept(connection: Connection, at: datetime) -> tuple[Unanswered, ...]:
    """List the searches that led nowhere, the most frequent first."""
    query = select(unanswered_searches).where(unanswered_searches.c.last_day >= _oldest(at))
    rows = [_read(row) for row in connection.execute(query)]
    return tuple(sorted(rows, key=lambda each: (-each.times, -each.last.toordinal(), each.id)))


def get(connection: Connection, search: int) -> Unanswered:
    """Return one search. Raises `NotFound`."""
    query = select(unanswered_searches).where(unanswered_searches.c.id == search)
    row = connection.execute(query).first() if search <= LARGEST_ID else None
    if row is None:
        raise NotFound("There is no such search any more. Go back to the list of searches.")
    return _read(row)


def decide(connection: Connection, search: int, state: State, decision: Decision | None) -> None:
    """Note what was decided about a search."""
    noted = decision or Decision("", date.min)
    connection.execute(
        update(unanswered_searches)
        .where(unanswered_searches.c.id == search)
        .values(
            state=state,
            decided_by=noted.by if decision else None,
            decided_on=noted.on.isoformat() if decision else None,
            section=noted.section,
            place_before=noted.before,
            place_after=noted.after,
        )
    )


def remove(connection: Connection, search: int) -> str:
    """Delete a search and what the running day has counted of its words; return them. Raises `NotFound`."""
    words = get(connection, search).words
    connection.execute(delete(search_tallies).where(search_tallies.c.words == words))
    connection.execute(delete(unanswered_searches).where(unanswered_searches.c.id == search))
    return words


def _without_names(text: str, known: set[str]) -> Iterator[str]:
    pieces = enumerate(text.split())
    for capitalised, run in groupby(pieces, key=lambda piece: _is_capitalised(piece[1])):
        places, words = zip(*run, strict=True)
        like_a_name = capitalised and (len(words) > 1 or places[0] > 0)
        if like_a_name and not all(_bare(word).casefold() in known for word in words):
            yield _NAME_REMOVED
        else:
            yield from words


def _is_capitalised(word: str) -> bool:
    bare = _bare(word)
    return len(bare) > 1 and bare[0].isupper() and not bare.isupper()


def _bare(word: str) -> str:
    return word.strip("\"'’“”().,;:!?")


def _add(connection: Connection, words: str, day: date, *, not_found: int, not_opened: int) -> None:
    table = unanswered_searches.c
    known = connection.scalar(select(table.id).where(table.words == words))
    if known is None and _is_room(connection, day):
        row = {"words": words, "first_day": day.isoformat(), "last_day": day.isoformat(), "state": State.OPEN}
        connection.execute(insert(unanswered_searches).values(**row, not_found=not_found, not_opened=not_opened))
    elif known is not None:
        connection.execute(
            update(unanswered_searches)
            .where(table.id == known)
            .values(
                not_found=table.not_found + not_found,
                not_opened=table.not_opened + not_opened,
                last_day=func.max(table.last_day, day.isoformat()),
            )
        )


def _is_room(connection: Connection, day: date) -> bool:
    new = unanswered_searches.c.first_day == day.isoformat()
    return (connection.scalar(select(func.count()).select_from(unanswered_searches).where(new)) or 0) < MOST_NEW


def _tally(connection: Connection, count: Count, times: int) -> None:
    table = search_tallies.c
    columns = {Outcome.NOTHING: table.not_found, Outcome.SHOWN: table.shown, Outcome.OPENED: table.opened}
    row = {column.name: times if count.outcome is outcome else 0 for outcome, column in columns.items()}
    added = {column.name: column + row[column.name] for column in columns.values()}
    statement = insert_or(search_tallies).values(day=count.day.isoformat(), words=count.words, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["day", "words"], set_=added))


def _oldest(at: datetime) -> str:
    return (london_day(at) - KEPT).isoformat()


def _read(row: Row[Any]) -> Unanswered:
    state = State(row.state)
    decision = None
    if row.decided_by is not None:
        on = date.fromisoformat(row.decided_on)
        decision = Decision(row.decided_by, on, row.section, row.place_before, row.place_after)
    first, last = date.fromisoformat(row.first_day), date.fromisoformat(row.last_day)
    return Unanswered(row.id, row.words, first, last, row.not_found, row.not_opened, state, decision)
