"""What a review document is made of once its format is forgotten: passages, and the sentences in them.

`text` and `markup` make passages of files, `outline` asks for their sentences. Lines that a narrow
page wrapped are joined here, and what is a heading or an item is guessed from its look. What the words say is not read.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

PARAGRAPH_NUMBER = re.compile(r"\d{1,2}\.\d{1,3}(?:\.\d{1,3})?(?:\.\d{1,3})?(?:\.?\s+|(?=[A-Z][a-z]))")
"""'3.2.1' before a paragraph of a report, sometimes with the space lost."""
_SPACE = re.compile(r"\s+")
_BULLET = re.compile(r"(?:[•▪◦·●○■□➢➤✓*–—-]|o(?= [A-Za-z]))\s+")
_NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+")
_BEGINNINGS = (_BULLET, _NUMBERED, PARAGRAPH_NUMBER)
_PAGE_NUMBER = re.compile(r"(?:page\s+)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?", re.I)
_KEY_AND_VALUE = re.compile(r"[^:]{1,60}:\s+\S")
_LABELLED = re.compile(r"[A-Z][\w ]{2,40}:\s+\S")
_SENTENCE_END = re.compile(r"[.!?]['\"”’)\]]{0,3}\s+(?=['\"“‘(\[]?[A-Z0-9])")
_LABEL_ALONE = re.compile(r"\(?(?:[A-Za-z]+ ){0,3}(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]")
_ABBREVIATIONS = {"approx", "cf", "dr", "e.g", "i.e", "mr", "mrs", "ms", "no", "nos", "para", "prof", "st", "vs"}


class Form(StrEnum):
    """How a passage stands in its document; furniture is page numbers and what is printed on every page."""

    HEADING = "heading"
    PROSE = "prose"
    ITEM = "item"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Cell:
    """Where in a table a passage stands, each counted from 0."""

    table: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of text on its own; `level` is that of an HTML heading, 0 where the source does not say."""

    text: str
    form: Form
    level: int = 0
    cell: Cell | None = None


def sentences(text: str) -> list[str]:
    """Split a passage into its sentences; put together with spaces they are the passage again."""
    found: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        piece = text[start : end.end()].strip()
        if not _LABEL_ALONE.fullmatch(piece) and _last_word(text, end.start()) not in _ABBREVIATIONS:
            found.append(piece)
            start = end.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found


def _last_word(text: str, end: int) -> str:
    return text[max(0, end - 12) : end].rpartition(" ")[2].lstrip("('\"“‘[").lower()


def from_lines(lines: Iterable[str]) -> Iterator[Passage]:
    """Make passages of lines that may be wrapped where a page was narrow, or broken where it ended."""
    tidy = [squeezed(line) for line in lines]
    furniture = {line for line in tidy if _PAGE_NUMBER.fullmatch(line)}
    yield from (Passage(line, Form.FURNITURE) for line in sorted(furniture))
    yield from (passage_of(text) for text in paragraphs([line for line in tidy if line not in furniture]))


def paragraphs(lines: list[str]) -> list[str]:
    """Join wrapped lines: a blank line, a bullet or a line ending early starts anew; a small letter never does."""
    full = 0.7 * _usual_width(lines)
    found: list[list[str]] = []
    blank = True
    for line in lines:
        if line and found and _goes_on(found[-1][-1], line, blank, full):
            found[-1].append(line)
        elif line:
            found.append([line])
        blank = not line
    return [" ".join(paragraph) for paragraph in found]


def _goes_on(before: str, line: str, blank: bool, full: float) -> bool:
    ended = before.endswith((".", "!", "?", ":"))
    if any(mark.match(line) for mark in _BEGINNINGS) or (ended and _LABELLED.match(line)):
        return False
    if line[0].islower():
        return not ended
    return not blank and len(before) >= full and not before.endswith(":")


def _usual_width(lines: list[str]) -> int:
    """Say how long a full line is: nine in ten are no longer."""
    lengths = sorted(len(line) for line in lines if line)
    return lengths[len(lengths) * 9 // 10] if lengths else 0


def passage_of(text: str, cell: Cell | None = None) -> Passage:
    """Say of what form a run of text is by its look."""
    bullet = _BULLET.match(text)
    if bullet:
        return Passage(text[bullet.end() :], Form.ITEM, cell=cell)
    numbered = _NUMBERED.match(text)
    if _is_heading(text[numbered.end() :] if numbered else text, most_words=6 if numbered else 12):
        return Passage(text, Form.HEADING, cell=cell)
    return Passage(text, Form.ITEM if numbered else Form.PROSE, cell=cell)


def _is_heading(text: str, most_words: int) -> bool:
    """Guess from the look of a line: few words, a capital to begin with, no full stop, not 'key: value'."""
    return (
        0 < len(text.split()) <= most_words
        and len(text) <= 120
        and not text[0].islower()
        and not text.endswith((".", "!", ",", ";"))
        and not _KEY_AND_VALUE.match(text)
    )


def squeezed(text: str) -> str:
    """Put text on one line, without what is not seen in print."""
    return _SPACE.sub(" ", text.replace("\xad", "").replace("\u200b", "")).strip()
