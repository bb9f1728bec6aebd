"""The record's terms as the search takes them.

`kb.search` expands queries with all of them, and `kb.urgent` looks for the urgent ones alone.
"""

from collections.abc import Iterable

from index.vocabulary import Entry, Sense, Vocabulary
from procedures.model import Term


def vocabulary_of(terms: Iterable[Term]) -> Vocabulary:
    """Build a vocabulary of some terms."""
    return Vocabulary(
        Entry(
            term.term,
            term.kind,
            term.also,
            tuple(Sense(sense.meaning, sense.expands_to, sense.section) for sense in term.senses),
        )
        for term in terms
    )
