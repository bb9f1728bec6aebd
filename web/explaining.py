"""Words explained where they are used: which of a text's words the glossary explains, each where it first stands.

`reading` and the preview of a draft make one for a page and hand it to `prose`; `section.html` shows the explanations.
A word opens by the browser's own popover, by keyboard and touch and without script; where a browser lacks that, the
explanations stand at the foot of the text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from kb.views import GlossaryEntry

_KINDS = {"acronym", "glossary"}
"""Everyday words and retired names are for the search: in a text they would be remarks on how people speak."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a glossary that can be explained in a text, and where they stand in one."""

    entries: dict[str, GlossaryEntry]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, glossary: tuple[GlossaryEntry, ...]) -> "Words":
        """Choose what can be explained in a sentence: one meaning, or a definition."""
        entries = {entry.term.term: entry for entry in glossary if _is_plain(entry)}
        longest_first = sorted(entries, key=len, reverse=True)
        return cls(entries, re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?!\w)"))


@dataclass(slots=True)
class Explaining:
    """The words explained so far on one page about one section; `button` makes the HTML that stands for a word."""

    words: Words
    section: str
    button: Callable[[str, str], str]
    used: dict[str, GlossaryEntry] = field(default_factory=dict)

    def first_words(self, text: str) -> tuple[tuple[str, str], ...]:
        """Find the words a text is the first to use, each with the HTML that explains it."""
        found = _words_in(text, self.words.pattern)
        new = {word: self.words.entries[word] for word in found if word not in self.used}
        new = {word: entry for word, entry in new.items() if [s.key for s in entry.sections] != [self.section]}
        self.used.update(new)
        return tuple((word, self.button(word, entry.term.key)) for word, entry in new.items())


@lru_cache(maxsize=8192)
def _words_in(text: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match.group() for match in pattern.finditer(text)))


def _is_plain(entry: GlossaryEntry) -> bool:
    term = entry.term
    told = term.definition or len(term.senses) == 1
    return term.kind in _KINDS and bool(told) and (" " in term.term or term.term != term.term.lower())
