"""Which characters of a passage to mark: the words that made it a hit.

`columns` finds the same occurrences in its arrays, and `matchers` reads the few passages that are shown with it. It
works on the text alone, so a mark is always true to what is shown.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from index.analysis import tokens

Pattern = tuple[str, ...]
"""One or more stems in a row."""


Marks = tuple[tuple[int, int], ...]
"""The (start, end) ranges of a text to mark, in order and never overlapping."""


class Words(NamedTuple):
    """The words of a text: their stems, and where each starts and ends."""

    stems: tuple[str, ...]
    starts: Sequence[int]
    ends: Sequence[int]


def by_first(patterns: Iterable[Pattern]) -> dict[str, list[Pattern]]:
    """File patterns under their first stem, as `find_marks` wants them."""
    filed: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        filed.setdefault(pattern[0], []).append(pattern)
    return filed


def read(text: str, stem: Callable[[str], str]) -> Words:
    """Return the words of a text, for `find_marks`: the same paragraphs are marked again and again."""
    found = list(tokens(text))
    starts, ends = array("I", (token.start for token in found)), array("I", (token.end for token in found))
    return Words(tuple(stem(token.word) for token in found), starts, ends)


def find_marks(text: Words, patterns: Mapping[str, Sequence[Pattern]]) -> Marks:
    """Return the (start, end) ranges of a text where a pattern (see `by_first`) occurs.

    In order and never overlapping; the words of a phrase make one range.
    """
    stems, starts, ends = text
    ranges = [
        (starts[place], ends[place + len(pattern) - 1])
        for place, first in enumerate(stems)
        if first in patterns
        for pattern in patterns[first]
        if len(pattern) == 1 or stems[place : place + len(pattern)] == pattern
    ]
    return merged(ranges)


def merged(ranges: list[tuple[int, int]]) -> Marks:
    """Return ranges in order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)
