"""What the engines are asked: seven classes of query, drawn with a fixed seed from the passages that are searched.

`race` draws them once and asks every engine the same. No query is drawn twice, so no engine can answer from memory.
Words that say nothing (the, of, how) stand in natural language only, and are told apart for engines that have no list.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from index.analysis import STOP_WORDS
from index.passage import Passage

COMMON = 300
"""A common word is one of so many that stand in the most passages."""

RAREST, RARE = 2, 20
PREFIX = 4

_WORD = re.compile(r"[a-z]+")
_PAIR = re.compile(r"(?:^|(?<= ))([a-z]{4,}) ([a-z]{4,})(?= |$)")


@dataclass(frozen=True, slots=True)
class Question:
    """A query: as somebody types it, and the words in it that say something, for engines that are told which.

    In a prefix query the last word is not finished; in a misspelt one it is spelt wrong.
    """

    kind: str
    typed: str
    words: tuple[str, ...]


class Words:
    """In how many passages each word stands."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self.count = Counter(word for passage in passages for word in set(_WORD.findall(passage.text.lower())))
        said = [word for word in self.count if len(word) > 3 and word not in STOP_WORDS]
        self.common = sorted(said, key=lambda word: (-self.count[word], word))[:COMMON]
        self.rare = sorted(word for word in said if len(word) > 4 and RAREST <= self.count[word] <= RARE)

    def of(self, chance: random.Random) -> list[str]:
        """List the words of some passage in order, those that say nothing too."""
        return _WORD.findall(chance.choice(self.passages).text.lower())

    def telling(self, chance: random.Random, least: int = 4) -> list[str]:
        """List the words of some passage that say something, each once."""
        words = dict.fromkeys(self.of(chance))
        return [word for word in words if len(word) >= least and word not in STOP_WORDS]


def draw(passages: Sequence[Passage], each: int, seed: int = 8) -> dict[str, list[Question]]:
    """Draw up to `each` different queries of every class."""
    words = Words(passages)
    return {kind: _different(random.Random(f"{seed} {kind}"), make, words, each) for kind, make in CLASSES.items()}


def _different(chance: random.Random, make: "Maker", words: Words, each: int) -> list[Question]:
    found: dict[str, Question] = {}
    for _ in range(40 * each):
        question = make(chance, words)
        if question:
            found.setdefault(question.typed, question)
        if len(found) == each:
            break
    return list(found.values())


Maker = Callable[[random.Random, Words], Question | None]


def _rare(chance: random.Random, words: Words) -> Question | None:
    return _plain("rare", (chance.choice(words.rare),))


def _common(chance: random.Random, words: Words) -> Question | None:
    return _plain("common", (chance.choice(words.common),))


def _three(chance: random.Random, words: Words) -> Question | None:
    telling = words.telling(chance)
    return _plain("three words", tuple(chance.sample(telling, 3))) if len(telling) >= 3 else None


def _natural(chance: random.Random, words: Words) -> Question | None:
    telling = words.telling(chance)
    if len(telling) < 5:
        return None
    one, two, three, four, five = chance.sample(telling, 5)
    typed = f"how do i {one} the {two} {three} of a {four} when it is {five} "
    return Question("natural language", typed, (one, two, three, four, five))


def _phrase(chance: random.Random, words: Words) -> Question | None:
    pairs = _PAIR.findall(chance.choice(words.passages).text.lower())
    telling = [pair for pair in pairs if not STOP_WORDS & {*pair}]
    if not telling:
        return None
    one, two = chance.choice(telling)
    return Question("phrase", f'"{one} {two}" ', (one, two))


def _prefix(chance: random.Random, words: Words) -> Question | None:
    long = words.telling(chance, 7)
    if len(long) < 2:
        return None
    one, two = chance.sample(long, 2)
    return Question("prefix", f"{one} {two[:PREFIX]}", (one, two[:PREFIX]))


def _misspelt(chance: random.Random, words: Words) -> Question | None:
    long = words.telling(chance, 6)
    if not long:
        return None
    wrong = _mistyped(chance, chance.choice(long))
    return None if wrong in words.count else _plain("misspelt", (wrong,))


def _mistyped(chance: random.Random, word: str) -> str:
    """Leave a letter out, double it, or swap it with the next; never the first."""
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )


def _plain(kind: str, words: tuple[str, ...]) -> Question:
    return Question(kind, " ".join(words) + " ", words)  # the space says that the last word is finished


CLASSES: Mapping[str, Maker] = {
    "rare": _rare,
    "common": _common,
    "three words": _three,
    "natural language": _natural,
    "phrase": _phrase,
    "prefix": _prefix,
    "misspelt": _misspelt,
}


def mixed(drawn: Mapping[str, Sequence[Question]]) -> Iterator[Question]:
    """Go through all classes in turn, for what is measured over any kind of query."""
    for row in zip_longest(*drawn.values()):
        yield from filter(None, row)
