"""Completing what is being typed: titles first, then headings, then single words.

An engine makes one `Suggester` from the passages a search may see and keeps it; nothing else can be
suggested.
"""

from collections.abc import Iterable, Iterator

from index.analysis import words
from index.passage import WORDING
from index.vocabulary import Lexicon

# Sections are what people come for; a term leads to one, and so do everyday words, of which there are many; reviews
# have pages of their own.
_KINDS = ("section", "term", "contact", WORDING)


class Suggester:
    """The titles, headings and words of some passages, ready to be completed."""

    def __init__(self, titles: Iterable[tuple[str, str]], headings: Iterable[str], lexicon: Lexicon) -> None:
        """Take (kind, title) pairs, headings and words; repeated ones count once."""
        ordered = sorted(set(titles), key=_place)
        self._titles = _searchable(title for _, title in ordered)
        self._headings = _searchable(sorted(set(headings), key=lambda each: (each.casefold(), each)))
        self._lexicon = lexicon

    def complete(self, text: str, limit: int) -> tuple[str, ...]:
        """Return at most `limit` completions, none twice whatever its case; () for a text without
        words.
        """
        typed = " ".join(words(text))
        if not typed or limit < 1:
            return ()
        chosen: dict[str, str] = {}
        for suggestion in self._candidates(text, typed):
            chosen.setdefault(suggestion.casefold(), suggestion)
            if len(chosen) == limit:
                break
        return tuple(chosen.values())

    def _candidates(self, text: str, typed: str) -> Iterator[str]:
        for wordings in (self._titles, self._headings):
            yield from (wording for wording, folded in wordings if folded.startswith(typed))
            yield from (wording for wording, folded in wordings if f" {typed}" in folded)
        if text[-1].isalnum():
            *before, last = text.split()
            for word in self._lexicon.complete(last):
                yield " ".join((*before, word))


def _place(titled: tuple[str, str]) -> tuple[bool, int, int, str, str]:
    """Put names of one word, the shortest first, before all others: who types "bru" is on the way to BRUE."""
    kind, title = titled
    of_one_word = len(words(title)) == 1
    rank = _KINDS.index(kind) if kind in _KINDS else len(_KINDS)
    return not of_one_word, len(title) if of_one_word else 0, rank, title.casefold(), title


def _searchable(wordings: Iterable[str]) -> list[tuple[str, str]]:
    return [(wording, " ".join(words(wording))) for wording in wordings if wording]
