"""Days as people write them, read once and kindly, and written back in plain words.

Forms, addresses and the command line read with it. It never guesses: what cannot be read is refused in a sentence that
says how to write it.
"""

import re
from datetime import date

from procedures.errors import Invalid

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})", re.ASCII)
_IN_WORDS = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?P<name>[a-z]{3,9})\.?,?\s+(?P<year>\d{4})", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_LONGEST_SHOWN = 40


def read_day(typed: str) -> date:
    """Read a day: 2021-03-03, 3/3/2021 (the day first) or 3 March 2021. Raises `Invalid`."""
    text = " ".join(typed.lower().split())
    found = _ISO.fullmatch(text) or _DAY_FIRST.fullmatch(text) or _IN_WORDS.fullmatch(text)
    if found is None:
        raise _unreadable(typed)
    parts = found.groupdict()
    try:
        day = date(int(parts["year"]), _month(parts), int(parts["day"]))
    except ValueError:
        raise _unreadable(typed) from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise Invalid(f"The year {day.year} cannot be looked up. Give a year from {_FIRST_YEAR} to {_LAST_YEAR}.")
    return day


def in_words(day: date) -> str:
    """Write a day: 3 March 2021."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def month_name(month: int) -> str:
    """Name a month, 1 to 12."""
    return _MONTHS[month - 1]


def _month(parts: dict[str, str]) -> int:
    name = parts.get("name")
    if name is None:
        return int(parts["month"])
    return 1 + [month.lower()[:3] for month in _MONTHS].index(name[:3])


def _unreadable(typed: str) -> Invalid:
    tidy = " ".join("".join(c if c.isprintable() else " " for c in typed).split())
    shown = tidy if len(tidy) <= _LONGEST_SHOWN else tidy[:_LONGEST_SHOWN] + "…"
    return Invalid(f"“{shown}” is not a day that can be read. Write it like 3 March 2021 or 2021-03-03.")
