"""Which changes of a paragraph bind somebody: must or should, a time limit, a number. Said before all other changes.

`kb.since` asks it for readers who come back, `kb.impact` for whoever approves. Words are counted; nothing is guessed.
"""

import re
from collections import Counter

from procedures.align import ParagraphChange

_TELLING = {
    "must or should": re.compile(
        r"\b(?:must|should|shall|may|do|does|can)(?: not)?\b|\b(?:never|always|cannot|required)\b"
    ),
    "a time limit": re.compile(
        r"\b(?:immediately|at once|straight away|now|(?:to|same |next )day|urgently|overnight|within|before|until)\b"
        r"|\b(?:second|minute|hour|day|week|month|year)s?\b"
    ),
    "a number": re.compile(
        r"\d[\d.,:]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|once|twice|half)\b"
    ),
}


def duties(change: ParagraphChange) -> tuple[str, ...]:
    """Name what changed in a reworded paragraph besides words, by counting the words that bind."""
    if change.older is None or change.newer is None:
        return ()
    before, after = change.older.text.casefold(), change.newer.text.casefold()
    return tuple(
        name for name, words in _TELLING.items() if Counter(words.findall(before)) != Counter(words.findall(after))
    )


def binding(change: ParagraphChange) -> tuple[str, ...]:
    """Name what binds in a change of any kind: of a paragraph that was added or removed, whatever binds in it."""
    if change.older is not None and change.newer is not None:
        return duties(change)
    one = change.newer or change.older
    words = one.text.casefold() if one else ""
    return tuple(name for name, pattern in _TELLING.items() if pattern.search(words))
