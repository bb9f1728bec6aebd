"""What was typed, understood: words, "phrases", -exclusions and the last word if it is still being
typed.

`kb` parses every query here, lets `vocabulary` attach expansions and hands the result to an engine.
The grammar is total: `parse` accepts any text and never raises, and whatever is odd becomes plain
words. It looks nothing up.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

MAX_CHARACTERS = 256
MAX_TERMS = 32

_SPOKEN = re.compile(r"""[^\W_](?:[^\s"]*[^\W_])?""")  # from the first letter or digit to the last before a space
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″＂", '"'))


class QueryTerm(NamedTuple):
    """A word as typed, lower-cased, without outer punctuation; `start` and `end` are its characters
    in `Query.text`.

    `known`: the vocabulary has it, so its spelling is not doubted.
    """

    word: str
    start: int
    end: int
    known: bool = False


class Expansion(NamedTuple):
    """One sense of a vocabulary term found in the query, and what to look for besides the words
    typed.

    `term` names the vocabulary entry; `start` and `end` are the positions in `Query.words` it was
    matched at (end exclusive); `meaning` is shown to the reader; each of `alternatives` is a word
    or phrase; `document` is the section that the sense leads to, if any.
    """

    term: str
    meaning: str
    start: int
    end: int
    alternatives: tuple[str, ...]
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. Phrases must occur as they are; passages with an excluded word or phrase are
    left out.
    """

    text: str
    words: tuple[QueryTerm, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    unfinished: str | None = None
    expansions: tuple[Expansion, ...] = ()


class _Piece(NamedTuple):
    """A word or a phrase of the query, in the order typed."""

    terms: tuple[QueryTerm, ...]
    quoted: bool
    excluded: bool


def parse(text: str) -> Query:
    """Read a query. At most 256 characters and 32 terms count; the rest is left unread. Never
    raises.
    """
    cleaned = _clean(text)
    pieces = _first_terms(_pieces(cleaned))
    if all(piece.excluded for piece in pieces):
        # Leaving things out of nothing finds nothing, which is never what was meant.
        words = tuple(term for piece in pieces for term in piece.terms)
        return Query(cleaned, words, unfinished=_unfinished(text, cleaned, words))
    words = tuple(piece.terms[0] for piece in pieces if not piece.quoted and not piece.excluded)
    return Query(
        text=cleaned,
        words=words,
        phrases=tuple(_plain(piece) for piece in pieces if piece.quoted and not piece.excluded),
        excluded=tuple(_plain(piece) for piece in pieces if piece.excluded),
        unfinished=_unfinished(text, cleaned, words),
    )


def _clean(text: str) -> str:
    """Return the text in composed form, without control, format or unpaired characters, with single
    spaces.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text[: MAX_CHARACTERS * 4].split())[:MAX_CHARACTERS].rstrip()
    # Four times the limit is enough for what survives, and keeps a pasted book from being
    # normalised.
    kept = "".join(_harmless(char) for char in text[: MAX_CHARACTERS * 4].translate(_QUOTES))
    composed = unicodedata.normalize("NFC", kept)
    return " ".join(composed.split())[:MAX_CHARACTERS].rstrip()


def _harmless(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":  # soft hyphens and bidirectional marks sit inside words
        return ""
    return " " if category[0] == "C" else char


def _pieces(text: str) -> Iterator[_Piece]:
    """Yield words and phrases; a quote without a partner counts as white space."""
    quotes = [position for position, char in enumerate(text) if char == '"']
    if len(quotes) % 2:
        quotes.pop()
    begin = 0
    for opening, closing in zip(quotes[::2], quotes[1::2], strict=True):
        yield from _words(text, begin, opening)
        terms = tuple(_terms(text, opening + 1, closing))
        if terms:
            yield _Piece(terms, quoted=True, excluded=_starts_with_dash(text, opening - 1))
        begin = closing + 1
    yield from _words(text, begin, len(text))


def _words(text: str, begin: int, end: int) -> Iterator[_Piece]:
    for term in _terms(text, begin, end):
        yield _Piece((term,), quoted=False, excluded=_starts_with_dash(text, term.start - 1))


def _terms(text: str, begin: int, end: int) -> Iterator[QueryTerm]:
    for match in _SPOKEN.finditer(text, begin, end):
        start, stop = match.span()
        yield QueryTerm(match.group().lower(), start, stop)


def _starts_with_dash(text: str, place: int) -> bool:
    """Tell whether there is a dash at `place` with nothing before it: "non-mobile" excludes
    nothing.
    """
    return place >= 0 and text[place] == "-" and (place == 0 or text[place - 1] == " ")


def _first_terms(pieces: Iterator[_Piece]) -> list[_Piece]:
    kept: list[_Piece] = []
    room = MAX_TERMS
    for piece in pieces:
        if not room:
            break
        kept.append(_Piece(piece.terms[:room], piece.quoted, piece.excluded))
        room -= len(kept[-1].terms)
    return kept


def _plain(piece: _Piece) -> tuple[str, ...]:
    return tuple(term.word for term in piece.terms)


def _unfinished(typed: str, cleaned: str, words: tuple[QueryTerm, ...]) -> str | None:
    """Return the last word if nothing typed after it shows that it is complete."""
    if words and typed[-1].isalnum() and words[-1].end == len(cleaned):
        return words[-1].word
    return None
