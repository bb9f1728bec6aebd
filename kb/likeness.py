"""Which sections are most alike by their words: for "Similar sections" below a text.

`kb.neighbours` asks; `KnowledgeBase` holds the one `Likeness`, which remembers what it has read. Cosine of the
strongest shared words (tf-idf), nothing learnt and nothing kept on disk; the search index has no part in it.
"""

import html
import math
import re
from collections import Counter
from collections.abc import Mapping

from index.analysis import STOP_WORDS, regular, words
from procedures.model import Revision
from procedures.store import Store

STRONGEST = 80
"""Words kept of each section: enough to tell subjects apart, few enough to compare hundreds of sections at once."""

LEAST_ALIKE = 0.1
"""Below this, two sections of guidance share little but the language of guidance."""

TITLE_WEIGHT = 5
_TAG = re.compile(r"<[^>]*>")

_Weights = Mapping[str, float]


class Likeness:
    """Compares sections in force. A text is read once; weights are made again when another text comes into force."""

    def __init__(self) -> None:
        """Start without having read anything."""
        self._counts: dict[tuple[str, str], Counter[str]] = {}
        self._weights: tuple[frozenset[int], dict[str, _Weights]] = (frozenset(), {})

    def most_alike(self, store: Store, in_force: Mapping[str, Revision], key: str) -> list[str]:
        """Order the keys of the sections most like one, the most alike first; sections hardly alike are left out."""
        weights = self._weights_of(store, in_force)
        own = weights.get(key, {})
        scores = ((_cosine(own, theirs), other) for other, theirs in weights.items() if other != key)
        return [other for score, other in sorted(scores, key=lambda pair: (-pair[0], pair[1])) if score >= LEAST_ALIKE]

    def _weights_of(self, store: Store, in_force: Mapping[str, Revision]) -> dict[str, _Weights]:
        texts = frozenset(revision.id for revision in in_force.values())
        known, weights = self._weights
        if known != texts:
            weights = _weigh({key: self._counted(store, revision) for key, revision in in_force.items()})
            self._weights = (texts, weights)
        return weights

    def _counted(self, store: Store, revision: Revision) -> Counter[str]:
        text = (revision.body_hash, revision.title)
        found = self._counts.get(text)
        if found is None:
            plain = html.unescape(_TAG.sub(" ", store.body(revision) or ""))
            found = Counter(_subjects(plain))
            found.update(dict.fromkeys(_subjects(revision.title), TITLE_WEIGHT))
            self._counts[text] = found
        return found


def _subjects(text: str) -> list[str]:
    """Read the words that can say what a text is about: no stop words, numbers or years."""
    return [regular(word) for word in words(text) if word.isalpha() and word not in STOP_WORDS]


def _weigh(counts: Mapping[str, Counter[str]]) -> dict[str, _Weights]:
    spread = Counter(word for counted in counts.values() for word in counted)
    telling = {word: math.log(len(counts) / sharing) for word, sharing in spread.items() if sharing > 1}
    return {key: _normal(_strongest(counted, telling)) for key, counted in counts.items()}


def _strongest(counted: Counter[str], telling: Mapping[str, float]) -> _Weights:
    """Weigh what a section says more than once and some others say too; a word of its own makes it like nothing."""
    said = ((word, times) for word, times in counted.items() if times > 1 and word in telling)
    weighed = sorted((((1 + math.log(times)) * telling[word], word) for word, times in said), reverse=True)
    return {word: weight for weight, word in weighed[:STRONGEST]}


def _normal(weights: _Weights) -> _Weights:
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items()} if length else {}


def _cosine(one: _Weights, other: _Weights) -> float:
    return sum(weight * other[word] for word, weight in one.items() if word in other)
