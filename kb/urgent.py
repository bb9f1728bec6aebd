"""What to do at once, for a search that speaks of something urgent: lines taken from the text in force.

`kb.search` asks. Which words are urgent the editors say (`Term.urgent`). What to do is written in the sections and
nowhere else: each line is the opening of a paragraph under *Do this now*, leads to it, and is gone when it goes.
"""

import re
from collections.abc import Iterator, Mapping

from index.query import Query
from kb.reading import name_of
from kb.terms import vocabulary_of
from kb.views import ActNow
from procedures.markup import TOMBSTONE
from procedures.model import URGENT_HEADING, Revision
from procedures.record import Record
from procedures.store import Store

MOST_SECTIONS = 2
"""More would push the results off a telephone's screen, and say that none of them is what to do."""

_SENTENCE = re.compile(r"(?<=[.!?])\s|\n")


def act_now(
    store: Store, record: Record, query: Query, without: frozenset[str], current: Mapping[str, Revision]
) -> tuple[ActNow, ...]:
    """List what the sections in force tell whoever typed an urgent term to do at once, in the order of the query.

    `without` names terms that the reader has removed.
    """
    keys = dict.fromkeys(_sections(record, query, without))
    found = (_act_now(store, current[key]) for key in keys if key in current)
    return tuple(each for each in found if each.lines)[:MOST_SECTIONS]


def _sections(record: Record, query: Query, without: frozenset[str]) -> Iterator[str]:
    # By themselves: among all terms a longer one that is not urgent would stand in the way of an urgent one in it.
    urgent = record.once("urgent terms", lambda: vocabulary_of(t for t in record.terms.values() if t.urgent))
    for expansion in urgent.expand(query, without).expansions:
        if expansion.document:
            yield expansion.document


def _act_now(store: Store, revision: Revision) -> ActNow:
    """List every step: the last is often what must not be done."""
    steps = (p for p in store.paragraphs(revision) if p.heading[:1] == (URGENT_HEADING,) and p.text != TOMBSTONE)
    return ActNow(name_of(revision), tuple((p.pid, p.number, _opening(p.text)) for p in steps))


def _opening(text: str) -> str:
    """Return the first sentence, marked where more follows."""
    opening, *more = _SENTENCE.split(text, maxsplit=1)
    return f"{opening} …" if more else opening
