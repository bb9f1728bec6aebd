"""The number and title a page or Word file prints at its head, whichever way round.

`structure` reads headings with this; it knows text only.
"""

import re
from dataclasses import dataclass

_PARTED = r"\d{1,2}(?:\.\d{1,3}){1,3}"
_PREFIX = r"(?:chapter|section|part|policy|procedure)"
_BEFORE = re.compile(
    rf"(?:(?P<prefix>{_PREFIX}) )?(?P<number>{_PARTED})(?:\.?(?= )|:| ?[–—-](?= )) ?(?P<title>.+)", re.IGNORECASE
)
_WHOLE = re.compile(rf"(?P<prefix>{_PREFIX}) (?P<number>\d{{1,2}})(?:[.:]| ?[–—-])? (?P<title>.+)", re.IGNORECASE)
_AFTER = re.compile(
    rf"(?P<title>.+?)[ :–—-]+[(\[]?(?:(?P<prefix>{_PREFIX}) )?(?P<number>{_PARTED})[)\]]?", re.IGNORECASE
)
_ALONE = re.compile(rf"(?:{_PREFIX}\s+)?(?P<number>{_PARTED})\.?", re.IGNORECASE)
_AMENDMENTS = re.compile(r"\s+(?P<label>(?:show|hide|view) amendments?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Headline:
    """A heading read apart; `rest` has the words that are neither number nor title."""

    number: str | None
    title: str
    rest: str = ""


def read_headline(heading: str) -> Headline:
    """Read "8.14 Domestic Abuse", "Chapter 8.14: Domestic Abuse" or "Domestic Abuse (8.14)"."""
    text = " ".join(heading.split())
    label = _AMENDMENTS.search(text)
    rest = label["label"] if label else ""
    text = text[: label.start()] if label else text
    alone = _ALONE.fullmatch(text)
    if alone:
        return Headline(alone["number"], "", text if text != alone["number"] else rest)
    found = _BEFORE.fullmatch(text) or _WHOLE.fullmatch(text) or _AFTER.fullmatch(text)
    if not found:
        return Headline(None, text, rest)
    return Headline(found["number"], found["title"].strip(), " ".join(filter(None, (found["prefix"], rest))))
