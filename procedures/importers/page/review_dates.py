"""Review lines as editors typed them: which lines speak of a review, and the dates they give.

`structure` asks for every short line of a page or Word file. Only words and dates are looked at here, never markup;
and a line is never changed: misspellings are mended for reading only, what is kept is what the source says.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

_MONTHS = re.findall(r"\w+", "january february march april may june july august september october november december")
_SHORT_MONTHS = {month[:3]: place for place, month in enumerate(_MONTHS, 1)} | {"sept": 9}
_THING = "policy|procedure|protocol|chapter|section|guidance|document|page|statement|agreement|pathway"
_VOCABULARY = tuple(
    f"last reviewed review date next created under this updated due subject following|{_THING}".replace(
        "|", " "
    ).split()
)
_LONGEST = 220
_DATE_WORDS = re.compile(
    r"\b(?:(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?)?([A-Za-z]{3,10})\.?,?\s*((?:19|20)\d\d)\b(?!-\d)"
    r"|\b(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)?\d\d)\b"
    r"|\b(\d{1,2})/((?:19|20)\d\d)\b"
    r"|\b((?:19|20)\d\d)-(\d\d)(?:-(\d\d))?\b"
)
_LABEL = re.compile(
    rf"(?P<due>(?:date (?:of|for) )?(?:the )?next review(?: date| due)?|(?:due )?for review|review due|to be reviewed"
    rf"|review by|(?:is |currently )*(?:being reviewed|under review))"
    rf"|(?P<past>(?:this (?:{_THING}) (?:was |has been )?)?(?:date )?(?:of )?(?:the )?"
    rf"(?:last (?:reviewed|review|updated|update)(?: date)?|(?:was |been )reviewed)"
    rf"|reviewed|date (?:of )?review(?:ed)?|review date|updated"
    rf"|(?:new )?(?:{_THING}) (?:was )?created)"
)
_LINE_START = re.compile(
    rf"(?:(?:this|the) (?:{_THING}) (?:was |is |has been |currently )*(?:last |next |due )*(?:re|up|being|under|for)"
    rf"|(?:the )?date (?:of|for) (?:the )?(?:last |next )?review|(?:the )?(?:last|next) (?:review|updat)"
    rf"|reviewed|review (?:date|due|by)|(?:due )?for review|to be reviewed|under review|(?:new )?(?:{_THING}) created)"
)


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """What a review line says: when the text was last reviewed and when it is due again, as far as it does."""

    reviewed_on: str | None
    review_due: str | None


def read_review_line(line: str) -> ReviewLine | None:
    """Read a line as a review line; None where it is something else, or a label that still lacks its date."""
    words = _mended(line)
    if words is None:
        return None
    labels = list(_LABEL.finditer(words))
    dates = list(_DATE_WORDS.finditer(words))
    if not labels or not (dates or "under review" in words or "being reviewed" in words):
        return None
    if not _is_nothing_else(words, labels, dates):
        return None
    found: dict[str, str] = {}
    for date in dates:
        label = next((label for label in reversed(labels) if label.end() <= date.start()), None)
        day = _iso(date)
        if label and day:
            found.setdefault(label.lastgroup or "", day)
    return ReviewLine(found.get("past"), found.get("due"))


def is_review_label(line: str) -> bool:
    """Say whether a line is a review label alone, whose date stands in the next cell."""
    words = _mended(line)
    return words is not None and len(line) <= 60 and _LABEL.fullmatch(words.strip(" :.-–")) is not None


def has_date(line: str) -> bool:
    """Say whether a line gives a month or a day of a year."""
    return first_date(line) is not None


def first_date(text: str) -> str | None:
    """Find the first month or day of a year in a text, as written."""
    return next((date.group(0) for date in _DATE_WORDS.finditer(text) if _iso(date)), None)


def _mended(line: str) -> str | None:
    """Lower a short line that starts as review lines do, its misspelt words mended; None for any other."""
    if len(line) > _LONGEST or not re.search(r"(?i)rev|upd|creat|next|last|vie", line):
        return None
    words = re.sub(r"[A-Za-z]{4,}", lambda word: _nearest(word.group(0).lower()), re.sub(r"\s+", " ", line)).lower()
    words = words.lstrip(" :-–*•").replace(" of the review", " of review")
    return words if _LINE_START.match(words) else None


@lru_cache(maxsize=4096)
def _nearest(word: str) -> str:
    if word in _VOCABULARY or word in _MONTHS:
        return word
    near = get_close_matches(word, _VOCABULARY, 1, 0.8) if len(word) > 4 else _turned(word)
    return near[0] if near and near[0][0] == word[0] else word


def _turned(word: str) -> list[str]:
    return [known for known in _VOCABULARY if len(known) == len(word) and sorted(known) == sorted(word)]


@lru_cache(maxsize=4096)
def _month(word: str) -> int | None:
    word = word.lower()
    if word in _MONTHS:
        return _MONTHS.index(word) + 1
    if len(word) <= 4 and word in _SHORT_MONTHS:
        return _SHORT_MONTHS[word]
    near = get_close_matches(word, _MONTHS, 1, 0.74) if len(word) > 3 else []
    return _MONTHS.index(near[0]) + 1 if near else None


def _iso(date: re.Match[str]) -> str | None:
    """Write a date found by `_DATE_WORDS` as an ISO day, or month where it has no such day; None if it is no date."""
    day_word, month_word, year, day, month, slash_year, only_month, only_year, iso_year, iso_month, iso_day = (
        date.groups()
    )
    if month_word:
        return _checked(year, _month(month_word), day_word)
    if slash_year:
        return _checked(slash_year if len(slash_year) == 4 else f"20{slash_year}", int(month), day)
    if only_year:
        return _checked(only_year, int(only_month), None)
    return _checked(iso_year, int(iso_month), iso_day)


def _checked(year: str, month: int | None, day: str | None) -> str | None:
    if month is None or not 1 <= month <= 12 or (day and not 1 <= int(day) <= 31):
        return None
    possible = day and int(day) <= monthrange(int(year), month)[1]
    return f"{year}-{month:02}-{int(day or 0):02}" if possible else f"{year}-{month:02}"


def _is_nothing_else(words: str, labels: list[re.Match[str]], dates: list[re.Match[str]]) -> bool:
    """Tell a review line from guidance that speaks of reviews: what is left besides labels and dates is short."""
    rest = list(words)
    for span in (*labels, *dates):
        rest[span.start() : span.end()] = " " * (span.end() - span.start())
    left = re.sub(r"\([^()]*\)", " ", "".join(rest))
    return len(re.findall(r"[a-z]{2,}", left)) <= 9
