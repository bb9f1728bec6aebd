"""What to do at once, for a search that speaks of something urgent: lines taken from the text in force.

`kb.search` asks. Which words are urgent the editors say (`Term.urgent`). What to do is written in the sections and
nowhere else: each line is the opening of a paragraph under *Do this now*, leads to it, and is gone when it goes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from index.query import Query, QueryTerm
from kb.reading import name_of
from kb.terms import vocabulary_of
from kb.views import ActNow
from procedures.markup import TOMBSTONE
from procedures.model import URGENT_HEADING, Revision, Term
from procedures.record import Record
from procedures.store import Store

MOST_SECTIONS = 2
"""More would push the results off a telephone's screen, and say that none of them is what to do."""

_PERSONS = ("he", "her", "him", "his", "i", "me", "my", "our", "she", "their", "them", "us", "we", "your")
_SELVES = ("herself", "himself", "myself", "ourselves", "themself", "yourself")
_ANYBODY = {
    **dict.fromkeys(_PERSONS, "they"),
    **dict.fromkeys(_SELVES, "themselves"),
    **dict.fromkeys(("infant", "newborn"), "baby"),
}
"""Words for whoever is meant, and the one that stands for them all."""

_LITTLE = frozenset(
    ["a", "am", "an", "are", "had", "has", "have", "is", "some", "that", "the", "they", "this", "was", "were"]
)
"""Words that may stand in urgent wordings or be missing. "not" may not."""

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
    urgent = record.once(
        "urgent terms", lambda: vocabulary_of(_also_plainly(t) for t in record.terms.values() if t.urgent)
    )
    expanded = urgent.expand(query, without)
    plainly = (urgent.expand(_query_of(words), without) for words in _plainly(expanded))
    for each in (expanded, *plainly):
        yield from (expansion.document for expansion in each.expansions if expansion.document)


def _plainly(query: Query) -> Iterator[tuple[str, ...]]:
    """Yield the words of a query whoever it speaks of, then without its little words: "shook her baby", "shook baby".

    An age under a year is a baby. What has the same words as were typed is left out.
    """
    words = [term.word for term in query.words]
    whoever = [_ANYBODY.get(word, word) for word in words]
    for expansion in reversed([each for each in query.expansions if each.alternatives == ("baby",)]):
        whoever[expansion.start : expansion.end] = ["baby"]
    if whoever != words:
        yield tuple(whoever)
    if not _LITTLE.isdisjoint(whoever):
        yield tuple(word for word in whoever if word not in _LITTLE)


def _query_of(words: Iterable[str]) -> Query:
    return Query("", tuple(QueryTerm(word, 0, 0) for word in words))


def _also_plainly(term: Term) -> Term:
    """Add to a term its wordings as `_plainly` has them, without little words where at least two others are left."""
    plainly = []
    for wording in (term.term, *term.also):
        whoever = [_ANYBODY.get(word, word) for word in wording.casefold().split()]
        told = [word for word in whoever if word not in _LITTLE]
        plainly.append(" ".join(told if len(told) > 1 else whoever))  # "choked her" is not "choked"
    return replace(term, also=(*term.also, *plainly))


def _act_now(store: Store, revision: Revision) -> ActNow:
    """List every step: the last is often what must not be done."""
    steps = (p for p in store.paragraphs(revision) if p.heading[:1] == (URGENT_HEADING,) and p.text != TOMBSTONE)
    return ActNow(name_of(revision), tuple((p.pid, p.number, _opening(p.text)) for p in steps))


def _opening(text: str) -> str:
    """Return the first sentence, marked where more follows."""
    opening, *more = _SENTENCE.split(text, maxsplit=1)
    return f"{opening} …" if more else opening
