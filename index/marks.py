"""Which characters of a passage to mark: the words that made it a hit.

Engines call it for the few passages they return. It works on the text alone, so a mark is always
true to what is shown.
"""

from collections.abc import Callable, Collection

from index.analysis import tokens


def find_marks(
    text: str, patterns: Collection[tuple[str, ...]], stem: Callable[[str], str]
) -> tuple[tuple[int, int], ...]:
    """Return the (start, end) ranges of `text` where a pattern (one or more stems in a row) occurs.

    In order and never overlapping; the words of a phrase make one range.
    """
    found = list(tokens(text))
    stems = [stem(token.word) for token in found]
    ranges = []
    for pattern in patterns:
        for first in _places(stems, pattern):
            ranges.append((found[first].start, found[first + len(pattern) - 1].end))
    return _merged(sorted(ranges))


def _places(stems: list[str], pattern: tuple[str, ...]) -> list[int]:
    length = len(pattern)
    return [
        place
        for place, stem in enumerate(stems)
        if stem == pattern[0] and tuple(stems[place : place + length]) == pattern
    ]


def _merged(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in ranges:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
