"""What a query means in the text in force: where each of its terms is found, and a better spelling
if one is needed.

Engines call `interpret` with their view of the passages a search may see, and give the outcome to
`ranking`. It only ever asks that view, so a word of any other text can neither be found nor be
offered as a spelling.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from index.analysis import AGE, GENRES, STOP_WORDS, Token, tokens, words
from index.query import Expansion, Query
from index.ranking import NOWHERE, Found, TermMatches, Tier
from index.sparse import Ints, Sparse, added_up, highest
from index.vocabulary import Lexicon

SHORTEST_COMPLETED = 3


class Text(Protocol):
    """The passages a search may see, as an engine holds them."""

    def find(self, stems: tuple[str, ...]) -> Found:
        """Return where a word stands, or a phrase word for word."""

    def named(self, key: str) -> Sparse:
        """Return what it counts for the section of a key that a term for it was typed whole."""

    def lexicon(self) -> Lexicon:
        """Return the words of these passages."""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A query in terms of passages: `patterns` are the wordings (stems in a row) that were searched
    for.
    """

    terms: tuple[TermMatches, ...]
    required: tuple[Ints, ...]
    excluded: Ints
    patterns: frozenset[tuple[str, ...]]
    did_you_mean: str | None


@dataclass(slots=True)
class _Wanted:
    """A distinct word of the query, with the places it was typed at and all it may also be
    called.
    """

    word: str
    known: bool
    unfinished: bool = False
    light: bool = False
    places: list[tuple[int, int]] = field(default_factory=list)
    alternatives: list[tuple[str, ...]] = field(default_factory=list)
    documents: set[str] = field(default_factory=set)
    correction: str | None = None


def interpret(query: Query, text: Text, stem: Callable[[str], str]) -> Interpretation:
    """Look up every term of a query. Words that say nothing are left out unless there are no
    others.
    """
    patterns: set[tuple[str, ...]] = set()
    phrases = [found for phrase in query.phrases if (found := _stems(" ".join(phrase), stem))]
    wanted = _wanted(query, stem)
    _weigh(wanted, query.text)
    terms = [_look_up(stems, word, text, stem, patterns) for stems, word in wanted.items()]
    found_phrases = [text.find(phrase) for phrase in phrases]
    patterns.update(phrases)
    terms.extend(
        TermMatches(1, {Tier.EXACT: found}, (phrase,)) for phrase, found in zip(phrases, found_phrases, strict=True)
    )
    excluded = [text.find(found).passages for each in query.excluded if (found := _stems(" ".join(each), stem))]
    return Interpretation(
        terms=tuple(terms),
        required=tuple(found.passages.numbers for found in found_phrases),
        excluded=highest(excluded).numbers,
        patterns=frozenset(patterns),
        did_you_mean=_respelled(query.text, wanted.values()),
    )


def _stems(wording: str, stem: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(stem(word) for word in words(wording))


def _wanted(query: Query, stem: Callable[[str], str]) -> dict[str, _Wanted]:
    """Return the distinct stems to look for, in the order typed."""
    wanted: dict[str, _Wanted] = {}
    expanded = _expanded_words(query)
    telling = bool(query.phrases) or any(_says_something(term.word) for term in query.words)
    for place, term in enumerate(query.words):
        expansions = expanded.get(place, [])
        alternatives = [found for e in expansions for each in e.alternatives if (found := _stems(each, stem))]
        for token in _tokens(query.text[term.start : term.end]):
            if telling and token.word in STOP_WORDS and not alternatives:
                continue
            word = wanted.setdefault(stem(token.word), _Wanted(token.word, term.known))
            word.known = word.known or term.known
            word.places.append((term.start + token.start, term.start + token.end))
            word.alternatives.extend(alternatives)
            word.documents.update(e.document for e in expansions if e.document)
            word.unfinished = place == len(query.words) - 1 and query.unfinished is not None
    return wanted


@lru_cache(4096)
def _tokens(written: str) -> tuple[Token, ...]:
    """Return the words of something typed between spaces; remembered, since people type the same words."""
    return tuple(tokens(written))


@lru_cache(4096)
def _says_something(word: str) -> bool:
    return any(each not in STOP_WORDS for each in words(word))


def _weigh(wanted: Mapping[str, _Wanted], text: str) -> None:
    """Make light what says whom or what kind of document a query is about, unless it says nothing else."""
    ages = [match.span() for match in AGE.finditer(text)]
    light = [word for word in wanted.values() if word.word in GENRES or _is_within(ages, word.places)]
    if len(light) < len(wanted):
        for word in light:
            word.light = True


def _is_within(spans: Sequence[tuple[int, int]], places: Iterable[tuple[int, int]]) -> bool:
    return bool(spans) and all(any(begin <= start and end <= stop for begin, stop in spans) for start, end in places)


def _expanded_words(query: Query) -> dict[int, list[Expansion]]:
    """Return the expansions by the place of the word they stand for.

    An expansion of several words stands for each of them that says something, or for all if none
    does.
    """
    expanded: dict[int, list[Expansion]] = {}
    for expansion in query.expansions:
        span = range(expansion.start, min(expansion.end, len(query.words)))
        telling = [place for place in span if _says_something(query.words[place].word)]
        for place in telling or span:
            expanded.setdefault(place, []).append(expansion)
    return expanded


def _look_up(
    stemmed: str,
    wanted: _Wanted,
    text: Text,
    stem: Callable[[str], str],
    patterns: set[tuple[str, ...]],
) -> TermMatches:
    own = (stemmed,)
    exact = text.find(own)
    if exact.anywhere and not wanted.alternatives and not wanted.documents:
        patterns.add(own)
        return TermMatches(len(wanted.places), {Tier.EXACT: exact}, (own,), wanted.light)
    alternatives = [each for each in dict.fromkeys(wanted.alternatives) if each != own]
    wordings: dict[Tier, list[tuple[str, ...]]] = {Tier.EXACT: [own], Tier.EXPANDED: alternatives}
    named = (text.named(key) for key in wanted.documents)
    tiers: dict[Tier, Found] = {
        Tier.EXACT: exact._replace(names=added_up((exact.names, *named))) if wanted.documents else exact,
        Tier.EXPANDED: _best(text, alternatives),
    }
    if not tiers[Tier.EXACT].anywhere and not wanted.known and not alternatives:
        wordings[Tier.FUZZY] = _guesses(wanted, text.lexicon(), stem)
        tiers[Tier.FUZZY] = _best(text, wordings[Tier.FUZZY])
    patterns.update(each for some in wordings.values() for each in some)
    best = max((tier for tier, found in tiers.items() if found.passages.numbers.size), default=Tier.EXACT)
    return TermMatches(len(wanted.places), tiers, tuple(wordings[best]), wanted.light)


def _best(text: Text, wordings: Iterable[tuple[str, ...]]) -> Found:
    """Return the best frequency of several wordings everywhere: alternatives never add up."""
    found = [text.find(wording) for wording in wordings]
    return Found(*map(highest, zip(*found, strict=True))) if found else NOWHERE


def _guesses(wanted: _Wanted, lexicon: Lexicon, stem: Callable[[str], str]) -> list[tuple[str, ...]]:
    """Return the stems an unknown word may stand for: what it may become, else what it may have
    been meant to be.
    """
    guesses: tuple[str, ...] = ()
    if wanted.unfinished and len(wanted.word) >= SHORTEST_COMPLETED:
        guesses = lexicon.complete(wanted.word)
    if not guesses:
        guesses = lexicon.correct(wanted.word)
        wanted.correction = guesses[0] if guesses else None
    return list(dict.fromkeys((stem(guess),) for guess in guesses))


def _respelled(text: str, wanted: Iterable[_Wanted]) -> str | None:
    """Return the query with its unknown words put right, or None if there is nothing to put
    right.
    """
    corrections = [(start, end, each.correction) for each in wanted if each.correction for start, end in each.places]
    for start, end, correction in sorted(corrections, reverse=True):
        text = text[:start] + correction + text[end:]
    return text if corrections else None
