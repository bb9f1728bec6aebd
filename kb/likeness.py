"""Which sections are most alike by their words: for "Similar sections" below a text.

`kb.neighbours` asks; `KnowledgeBase` holds the one `Likeness`, which remembers what it has read. Cosine of the
strongest shared words (tf-idf), nothing learnt and nothing kept on disk; the search index has no part in it.
"""

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import NamedTuple
from zlib import crc32

import numpy as np

from index.analysis import STOP_WORDS, regular, words
from index.sparse import Floats, Ints, Sparse
from procedures.model import Revision
from procedures.store import Store

STRONGEST = 80
"""Words kept of each section: enough to tell subjects apart, few enough to compare hundreds of sections at once."""

LEAST_ALIKE = 0.1
"""Below this, two sections of guidance share little but the language of guidance."""

TITLE_WEIGHT = 5
_TAG = re.compile(r"<[^>]*>")


class _Text(NamedTuple):
    """The words of a text by their numbers, and of those said more than once 1 + log(times).

    `ties` puts words that weigh the same in one order everywhere, whatever their numbers.
    """

    words: Ints
    repeated: Sparse
    ties: Ints


class Likeness:
    """Compares sections in force. A text is read once; weights are made again when another text comes into force."""

    def __init__(self) -> None:
        """Start without having read anything."""
        self._reading = Lock()
        self._numbers: dict[str, int] = {}
        self._texts: dict[tuple[str, str], _Text] = {}
        self._weights: tuple[frozenset[int], dict[str, Sparse]] = (frozenset(), {})

    def most_alike(self, store: Store, in_force: Mapping[str, Revision], key: str) -> list[str]:
        """Order the keys of the sections most like one, the most alike first; sections hardly alike are left out."""
        weights = self._weights_of(store, in_force)
        if key not in weights:
            return []
        most = max((int(each.numbers.max(initial=0)) for each in weights.values()), default=0)
        own = np.zeros(most + 1)
        own[weights[key].numbers] = weights[key].amounts
        scores = ((float(own[theirs.numbers] @ theirs.amounts), other) for other, theirs in weights.items())
        found = ((score, other) for score, other in scores if other != key and score >= LEAST_ALIKE)
        return [other for _, other in sorted(found, key=lambda pair: (-pair[0], pair[1]))]

    def _weights_of(self, store: Store, in_force: Mapping[str, Revision]) -> dict[str, Sparse]:
        texts = frozenset(revision.id for revision in in_force.values())
        with self._reading:
            known, weights = self._weights
            if known != texts:
                wanted = {key: (revision.body_hash, revision.title) for key, revision in in_force.items()}
                self._texts = {text: self._read(store, in_force[key], text) for key, text in wanted.items()}
                found = _weigh([self._texts[text] for text in wanted.values()])
                weights = dict(zip(wanted, found, strict=True))
                self._weights = (texts, weights)
        return weights

    def _read(self, store: Store, revision: Revision, text: tuple[str, str]) -> _Text:
        if text in self._texts:
            return self._texts[text]
        plain = html.unescape(_TAG.sub(" ", store.body(revision) or ""))
        counted = Counter(_subjects(plain))
        counted.update(dict.fromkeys(_subjects(revision.title), TITLE_WEIGHT))
        repeated = [(self._number(word), times, crc32(word.encode())) for word, times in counted.items() if times > 1]
        numbers, times, ties = np.array(repeated, np.int64).reshape(-1, 3).T
        return _Text(
            np.array([self._number(word) for word in counted], np.int64), Sparse(numbers, 1 + np.log(times)), ties
        )

    def _number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))


def _subjects(text: str) -> list[str]:
    """Read the words that can say what a text is about: no stop words, numbers or years."""
    return [regular(word) for word in words(text) if word.isalpha() and word not in STOP_WORDS]


def _weigh(texts: Sequence[_Text]) -> list[Sparse]:
    """Weigh what a section says more than once and some others say too; a word of its own makes it like nothing."""
    sharing = np.bincount(np.concatenate([np.zeros(0, np.int64), *(text.words for text in texts)]))
    telling = np.where(sharing > 1, np.log(len(texts) / np.maximum(sharing, 1)), 0.0)
    return [_strongest(text, telling) for text in texts]


def _strongest(text: _Text, telling: Floats) -> Sparse:
    """Keep the words that weigh most, and make their weights one in length: then products of two are cosines."""
    numbers, often = text.repeated
    weights = often * telling[numbers]
    places = np.lexsort((text.ties, -weights))[:STRONGEST]
    length = float(np.sqrt((weights[places] ** 2).sum()))
    return Sparse(numbers[places], weights[places] / (length or 1.0))
