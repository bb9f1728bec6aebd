"""How alike texts are by their words: the cosine of the strongest words they share (tf-idf), in arrays.

`kb.likeness` reads the texts and keeps what is made of them. Nothing is learnt, nothing is kept on disk, and the search
index has no part in it.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple
from zlib import crc32

import numpy as np

from index.analysis import STOP_WORDS, regular, words
from index.sparse import Floats, Ints, Numbers, Sparse

STRONGEST = 80
"""Words kept of each text: enough to tell subjects apart, few enough to compare hundreds of texts at once."""

LEAST_ALIKE = 0.1
"""Below this, two sections of guidance share little but the language of guidance."""

TITLE_WEIGHT = 5

Weights = Mapping[str, Sparse]
"""What the strongest words of each text weigh, by its key; the product of two is their cosine."""


class Counts(NamedTuple):
    """The words of a text by their numbers, and of those said more than once 1 + log(times).

    `ties` puts words that weigh the same in one order everywhere, whatever their numbers.
    """

    words: Ints
    repeated: Sparse
    ties: Ints


def count(text: str, title: str, numbers: Numbers) -> Counts:
    """Count the words of a text; those of its title count as said several times more."""
    counted = Counter(_subjects(text))
    counted.update(dict.fromkeys(_subjects(title), TITLE_WEIGHT))
    repeated = [(numbers[word], times, crc32(word.encode())) for word, times in counted.items() if times > 1]
    found, times, ties = np.array(repeated, np.int64).reshape(-1, 3).T
    return Counts(np.array([numbers[word] for word in counted], np.int64), Sparse(found, 1 + np.log(times)), ties)


def weigh(texts: Mapping[str, Counts]) -> Weights:
    """Weigh what a text says more than once and some others say too; a word of its own makes it like nothing."""
    sharing = np.bincount(np.concatenate([np.zeros(0, np.int64), *(text.words for text in texts.values())]))
    telling = np.where(sharing > 1, np.log(len(texts) / np.maximum(sharing, 1)), 0.0)
    return {key: _strongest(text, telling) for key, text in texts.items()}


def most_alike(weights: Weights, key: str) -> list[str]:
    """Order the keys of the texts most like one, the most alike first; those hardly alike are left out."""
    if key not in weights:
        return []
    own = np.zeros(1 + max(int(each.numbers.max(initial=0)) for each in weights.values()))
    own[weights[key].numbers] = weights[key].amounts
    scores = ((float(own[theirs.numbers] @ theirs.amounts), other) for other, theirs in weights.items())
    found = [(-score, other) for score, other in scores if other != key and score >= LEAST_ALIKE]
    return [other for _, other in sorted(found)]


def _subjects(text: str) -> list[str]:
    """Read the words that can say what a text is about: no stop words, numbers or years."""
    return [regular(word) for word in words(text) if word.isalpha() and word not in STOP_WORDS]


def _strongest(text: Counts, telling: Floats) -> Sparse:
    """Keep the words that weigh most, and make their weights one in length."""
    numbers, often = text.repeated
    weights = often * telling[numbers]
    places = np.lexsort((text.ties, -weights))[:STRONGEST]
    length = float(np.sqrt((weights[places] ** 2).sum()))
    return Sparse(numbers[places], weights[places] / (length or 1.0))
