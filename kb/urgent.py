"""What to do at once, for a search that speaks of something urgent: lines taken from the text in force.

`kb.search` asks. Which words are urgent the editors say (`Term.urgent`). What to do is written in the sections and
nowhere else: each line is the opening of a paragraph under *Do this now*, leads to it, and is gone when it goes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from index.analysis import STOP_WORDS
from index.query import Query, QueryTerm, parse
from kb.reading import name_of
from kb.terms import vocabulary_of
from kb.views import ActNow
from procedures.markup import TOMBSTONE
from procedures.model import URGENT_HEADING, Revision, Term
from procedures.record import Record
from procedures.store import Store

MOST_SECTIONS = 2
"""More would push the results off a telephone's screen, and say that none of them is what to do."""

_SAME = {
    **dict.fromkeys(("a", "an", "his", "my", "our", "the", "their", "your"), "their"),
    **dict.fromkeys(("him", "me", "them", "us"), "them"),
    **dict.fromkeys(("herself", "himself", "myself", "ourselves", "themself", "themselves", "yourself"), "themselves"),
    **dict.fromkeys(("he'll", "i'll", "she'll", "they'll"), "they'll"),
    "newborn": "baby",
}
"""What makes no difference to what is to be done: who is meant, and whether they were named before."""

_SCHOOLS = frozenset(["class", "pupil", "school", "schools"])
"""Before these, "infant" says which years of school are meant."""

_SENTENCE = re.compile(r"(?<=[.!?])\s|\n")


def act_now(
    store: Store, record: Record, query: Query, without: frozenset[str], current: Mapping[str, Revision]
) -> tuple[ActNow, ...]:
    """List what the sections in force tell whoever typed an urgent term to do at once, in the order of the query.

    A wording typed as it is listed comes before one said of somebody else, "cut his arms" for "cut her arms".
    `without` names terms that the reader has removed.
    """
    keys = dict.fromkeys(_sections(record, query, without))
    found = (_act_now(store, current[key]) for key in keys if key in current)
    return tuple(each for each in found if each.lines)[:MOST_SECTIONS]


def _sections(record: Record, query: Query, without: frozenset[str]) -> Iterator[str]:
    # By themselves: among all terms a longer one that is not urgent would stand in the way of an urgent one in it.
    urgent = record.once(
        "urgent terms", lambda: vocabulary_of(_of_anybody(term) for term in record.terms.values() if term.urgent)
    )
    typed = urgent.expand(query, without)
    yield from _led_to(typed)
    words = [*_whoever(_with_babies(typed))]
    if words != [term.word for term in query.words]:
        yield from _led_to(urgent.expand(Query("", tuple(QueryTerm(word, 0, 0) for word in words)), without))


def _led_to(query: Query) -> Iterator[str]:
    return (expansion.document for expansion in query.expansions if expansion.document)


def _of_anybody(term: Term) -> Term:
    """Add to a term its wordings as `_whoever` has them."""
    wordings = ([word.word for word in parse(wording).words] for wording in (term.term, *term.also))
    return replace(term, also=(*term.also, *(" ".join(_whoever(words)) for words in wordings)))


def _with_babies(query: Query) -> Sequence[str]:
    """Return the words of a query; an age under a year is a baby."""
    words = [term.word for term in query.words]
    for age in reversed([each for each in query.expansions if each.meaning == "baby" and not each.document]):
        words[age.start : age.end] = ["baby"]
    return words


def _whoever(words: Sequence[str]) -> Iterator[str]:
    """Yield words without regard to who is meant. None is left out: "took her tablets" is not "took tablets"."""
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        if word == "her":
            yield "them" if following in STOP_WORDS or not following else "their"
        elif word == "infant":
            yield word if following in _SCHOOLS else "baby"
        else:
            yield _SAME.get(word.replace("’", "'"), word)


def _act_now(store: Store, revision: Revision) -> ActNow:
    """List every step: the last is often what must not be done."""
    steps = (p for p in store.paragraphs(revision) if p.heading[:1] == (URGENT_HEADING,) and p.text != TOMBSTONE)
    return ActNow(name_of(revision), tuple((p.pid, p.number, _opening(p.text)) for p in steps))


def _opening(text: str) -> str:
    """Return the first sentence, marked where more follows."""
    opening, *more = _SENTENCE.split(text, maxsplit=1)
    return f"{opening} …" if more else opening
