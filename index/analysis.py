"""How text becomes words: one rule for what is indexed, what is typed and what is marked.

`vocabulary`, `interpret`, `marks`, `suggest` and the engines call it. It knows nothing of stemming,
which belongs to the engine's library, and it never drops a word: the stop list is for queries only,
so that a phrase such as "was not brought" can still be found word for word.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

# Dotted numbers are citations (8.14.6) and stay whole; "s.47" and "s. 47" are how section 47 is
# written.
WORD = re.compile(r"\d+(?:\.\d+)+|[sS]\.\s?\d+|[^\W_]+(?:['’][^\W_]+)*")

_STOP_WORDS = """
    a an and any are as at be been but by can could did do does for from had has have he her him his
    how i if in into is it its just me my of on or our she should so some than that the their them
    then there these they this to too up us was we were what when where which who whom will with
    would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that say nothing about the subject of a query. "not" and "no" are kept: "not mobile"
depends on them.
"""

_GENRES = """
    document documents form forms guidance guideline guidelines manual policies policy procedure procedures process
    protocol protocols template
"""
GENRES = frozenset(_GENRES.split())
"""Words for what a document is rather than what it is about: "bruising policy" asks about bruising."""

_TO_TWELVE = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_NUMBER = rf"(?:\d{{1,2}}|{_TO_TWELVE}|(?:thir|four|fif|six|seven|eigh)teen)"
_DAYS = r"(?:d(?![- ]?o\b)|days?|w|wks?|weeks?)"  # "section 17 do I need consent" is no age
_IN_FIRST_YEAR = rf"(?:{_NUMBER}[- ]?{_DAYS}|(?:1[0-2]|\d|{_TO_TWELVE})[- ]?(?:m|mths?|months?))"
_OLD = r"[- /]?(?:olds?|o)"
AGE = re.compile(
    rf"\b(?:(?P<baby>{_IN_FIRST_YEAR}{_OLD})|{_NUMBER}[- ]?(?:m|mths?|months?|y|yrs?|years?){_OLD}"
    rf"|aged? {_NUMBER}|(?:year|yr) {_NUMBER})\b",
    re.IGNORECASE | re.ASCII,
)
"""An age, or a school year: "14 year old out all night" asks about being out all night. `baby`: under about a year."""

# What the stemmers of the Porter family leave apart although it is one word to the reader.
_IRREGULAR = {
    "children": "child",
    "feet": "foot",
    "men": "man",
    "paediatrician": "paediatric",
    "paediatricians": "paediatric",
    "pregnancies": "pregnant",
    "pregnancy": "pregnant",
    "referral": "refer",
    "referrals": "refer",
    "teeth": "tooth",
    "women": "woman",
}


class Token(NamedTuple):
    """A folded word and the characters (start, end) of the text it was read from."""

    word: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a text in order, folded; offsets are into `text` itself."""
    for match in WORD.finditer(text):
        yield Token(fold(match.group()), match.start(), match.end())


def words(text: str) -> tuple[str, ...]:
    """Return the folded words of a text in order."""
    return tuple(fold(found) for found in WORD.findall(text))


def fold(word: str) -> str:
    """Return a word without case, accents, apostrophes or possessive ("Children's" is
    "children").
    """
    folded = word.casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded.replace("’", "'"))
        folded = "".join(char for char in decomposed if not unicodedata.combining(char))
    if folded.endswith("'s"):
        folded = folded[:-2]
    if not folded:
        return word  # a mark that stands alone, such as half a Japanese letter left over by a scan
    if folded.isalnum() or folded[0].isdigit():
        return folded
    return "".join(char for char in folded if char.isalnum()) or folded


def regular(word: str) -> str:
    """Return the form to be stemmed: the singular of an irregular plural, else the word itself."""
    return _IRREGULAR.get(word, word)
