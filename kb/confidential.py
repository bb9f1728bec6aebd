"""Taking out of what people type whatever could tell who a child or a family is, before it is kept.

`kb.feedback` cleans with it. It takes out what has a form (numbers, dates, addresses) and names that are announced
("a boy called ..."). It cannot know a name that stands alone: the pages ask for none to be written.
"""

import re
from collections.abc import Iterator

from index.analysis import STOP_WORDS

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_GAP = r"[\s.\-–—/]{0,3}"

_EMAIL = re.compile(r"[^\s<>@\[\]]+(?:@+[^\s<>@\[\]]+)+(?<![.,;:!?])")
_TEN_DIGITS = re.compile(rf"(?<![0-9])(?=([0-9](?:{_GAP}[0-9]){{9}})(?![0-9]))")
_DATE = re.compile(
    rf"(?<![0-9])(?:[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}|[0-9]{{1,2}}\s?[-/.]\s?[0-9]{{1,2}}\s?[-/.]\s?[0-9]{{2,4}}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?[\s\-]+{_MONTH}\.?,?[\s\-]+(?:[0-9]{{4}}|['’]?[0-9]{{2}})"
    rf"|\b{_MONTH}\s+[0-9]{{1,2}}(?:st|nd|rd|th)?,?\s+[0-9]{{4}})(?![0-9])",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![0-9])(?:\+|00|\(0|0)(?:[\s().\-–—]{0,3}[0-9]){8,13}(?![0-9])")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][0-9A-Z]?\s{0,2}[0-9][A-Z]{2}\b", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(?P<before>called|named|name['’]?s|name\s+is|names\s+are)(?P<gap>[\s:,\"“'‘]+)"
    r"(?P<name>[^\W\d_][\w'’\-]*(?:\s+[A-Z][\w'’\-]*){0,3})",
    re.IGNORECASE,
)
_NEXT = re.compile(r"\S+\s+\S+")
_CAPITALISED = re.compile(r"\S+(?:\s+[^\W\d_a-z][\w'’\-]*)*")


def cleaned(text: str) -> str:
    """Take out e-mail addresses, NHS numbers, full dates, telephone numbers, postcodes and announced names.

    Each leaves words in square brackets that say what stood there. Cleaning cleaned text changes nothing.
    """
    while (again := _cleaned_once(text)) != text:  # what is taken out can lay bare what stood against it
        text = again
    return text


def is_nhs_number(digits: str) -> bool:
    """Say whether ten digits are an NHS number: the last checks the others, modulo 11."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    return len(digits) == 10 and (11 - total % 11) % 11 == int(digits[9])


def _cleaned_once(text: str) -> str:
    text = _EMAIL.sub("[e-mail address removed]", text)
    text = _without_nhs_numbers(text)
    text = _DATE.sub("[date removed]", text)
    text = _PHONE.sub("[telephone number removed]", text)
    text = _POSTCODE.sub("[postcode removed]", text)
    return _NAMED.sub(_without_name, text)


def _without_nhs_numbers(text: str) -> str:
    pieces, place = [], 0
    for start, end in _nhs_numbers(text):
        if start >= place:
            pieces += [text[place:start], "[NHS number removed]"]
        place = max(place, end)
    return "".join([*pieces, text[place:]])


def _nhs_numbers(text: str) -> Iterator[tuple[int, int]]:
    for found in _TEN_DIGITS.finditer(text):
        if is_nhs_number(re.sub(r"[^0-9]", "", found[1])):
            yield found.span(1)


def _without_name(found: re.Match[str]) -> str:
    """Take out the name after "called": its first word and the capitalised ones after it.

    Typed all in small letters, a surname cannot be told from the words after it, so the next word goes too. "Called
    the police" stays.
    """
    first, *others = found["name"].split()
    if first in STOP_WORDS:
        return found[0]
    if first[0].islower():
        name = _NEXT.match(found["name"]) if others and others[0] not in STOP_WORDS else None
    else:
        name = _CAPITALISED.match(found["name"])
    rest = found["name"][name.end() if name else len(first) :]
    return f"{found['before']}{found['gap']}[name removed]{rest}"
