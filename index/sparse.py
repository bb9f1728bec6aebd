"""Sparse vectors: numbers of passages or documents, ascending and none twice, with an amount each.

Where a word stands, how often and what it earns there are all held like this. `snapshot` and `interpret` make and
combine them and `scoring` adds them up; nothing here knows what the numbers stand for.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_SPARSE = 16  # beyond so many places for each number, sorting the numbers costs less than room for every place


class Numbers(dict[Any, int]):
    """Numbers for different things in the order they are met; for one thread at a time."""

    def __missing__(self, thing: Any) -> int:
        number = self[thing] = len(self)
        return number


class Sparse(NamedTuple):
    """Numbers with an amount each; every other number has none."""

    numbers: Ints
    amounts: Floats


NOTHING = Sparse(np.empty(0, np.int64), np.empty(0))


def joined(vectors: Iterable[Sparse]) -> Sparse:
    """Return all that vectors have, one after the other."""
    filled = [each for each in vectors if each.numbers.size]
    if len(filled) == 1:
        return filled[0]
    numbers, amounts = [each.numbers for each in filled], [each.amounts for each in filled]
    return Sparse(np.concatenate([NOTHING.numbers, *numbers]), np.concatenate([NOTHING.amounts, *amounts]))


def in_order(vector: Sparse) -> Sparse:
    """Return numbers and their amounts with the numbers ascending."""
    order = vector.numbers.argsort(kind="stable")
    return Sparse(vector.numbers[order], vector.amounts[order])


def distinct(numbers: Ints) -> Ints:
    """Return each number once, ascending: half the time of `np.unique`, which can do more."""
    ascending = np.sort(numbers)
    return ascending[starts_of(ascending)]


def highest(vectors: Iterable[Sparse]) -> Sparse:
    """Return the greatest amount any of the vectors has for each number."""
    filled = [each for each in vectors if each.numbers.size]
    if len(filled) <= 1:
        return filled[0] if filled else NOTHING
    numbers, amounts = in_order(joined(filled))
    first = starts_of(numbers)
    return Sparse(numbers[first], np.maximum.reduceat(amounts, first))


def added_up(vectors: Iterable[Sparse]) -> Sparse:
    """Add up the amounts of the vectors for each number."""
    return total(*joined(vectors))


def total(numbers: Ints, amounts: Floats) -> Sparse:
    """Add up the amounts of equal numbers, in the order given."""
    if not numbers.size:
        return NOTHING
    found, (added,) = totals(numbers, amounts)
    return Sparse(found, added)


def runs_added_up(numbers: Ints, amounts: Floats) -> Sparse:
    """Add up the amounts of equal numbers, which stand together."""
    starts = starts_of(numbers)
    return Sparse(numbers[starts], np.add.reduceat(amounts, starts)) if starts.size else NOTHING


def dense(vector: Sparse, size: int) -> Floats:
    """Return an amount for every number below a size, adding up what has the same number."""
    return np.bincount(vector.numbers, vector.amounts, size).astype(np.float64, copy=False)


def totals(numbers: Ints, *amounts: Floats) -> tuple[Ints, list[Floats]]:
    """Add up several amounts of equal numbers, in the order given."""
    room = int(numbers.max(initial=-1)) + 1
    if numbers.size * _SPARSE < room:
        found, places = np.unique(numbers, return_inverse=True)
    else:
        there = np.zeros(room, np.bool_)
        there[numbers] = True
        found = there.nonzero()[0]
        place_of = np.empty(room, np.int64)
        place_of[found] = np.arange(found.size)
        places = place_of[numbers]
    return found, [np.bincount(places, each).astype(np.float64, copy=False) for each in amounts]


def among(numbers: Ints, others: Ints) -> Bools:
    """Say which numbers are among some others in ascending order."""
    if not others.size:
        return np.zeros(numbers.size, np.bool_)
    places = others.searchsorted(numbers)
    places[places == others.size] = 0
    found: Bools = others[places] == numbers
    return found


def those(vector: Sparse, kept: Bools) -> Sparse:
    """Return a vector with only those numbers that are kept."""
    return Sparse(vector.numbers[kept], vector.amounts[kept])


def starts_of(numbers: npt.NDArray[np.integer]) -> Ints:
    """Return where each run of equal numbers begins."""
    if not numbers.size:
        return NOTHING.numbers
    changes = np.empty(numbers.size, np.bool_)
    changes[0] = True
    np.not_equal(numbers[1:], numbers[:-1], out=changes[1:])
    return changes.nonzero()[0]


def ranges(starts: Ints, ends: Ints) -> Ints:
    """Return every number of several ranges, one range after the other."""
    sizes = ends - starts
    before = sizes.cumsum() - sizes
    return np.repeat(starts - before, sizes) + np.arange(sizes.sum())
