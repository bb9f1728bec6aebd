"""When a contact answers: opening hours in OpenStreetMap notation, English bank holidays and London time.

`publication` refuses hours that cannot be read; `kb` asks who answers now. The calendar of the opening-hours library
has only the holidays that all of the United Kingdom shares, so rules for public holidays (`PH`) get England's by date.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays
from opening_hours import OpeningHours, validate

from procedures.errors import Invalid

LONDON = ZoneInfo("Europe/London")

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ON_HOLIDAYS = re.compile(r"\s*(?P<weekdays>[A-Za-z,-]*?),?\bPH\b,?(?P<more>[A-Za-z,-]*)\s+(?P<hours>.+)")


@dataclass(frozen=True, slots=True)
class Answering:
    """Whether a contact answers at an instant, and when that next changes (None: never)."""

    is_open: bool
    changes_at: datetime | None


def answering(opening_hours: str, at: datetime) -> Answering:
    """Say whether somebody answers at an instant. Raises `Invalid` for hours that cannot be read."""
    return _answering(opening_hours, at.astimezone(LONDON).replace(second=0, microsecond=0))  # hours know no seconds


@lru_cache(maxsize=256)
def _answering(opening_hours: str, local: datetime) -> Answering:
    check_hours(opening_hours)
    hours = _hours(opening_hours, local.year)
    change = hours.next_change(local)
    return Answering(hours.is_open(local), change if isinstance(change, datetime) else None)


def check_hours(opening_hours: str) -> None:
    """Raise `Invalid` for opening hours that cannot be read."""
    if not validate(opening_hours):
        raise Invalid(
            f"The opening hours '{opening_hours}' cannot be read. "
            "Write them like 'Mo-Fr 09:00-17:00; PH off' or '24/7'."
        )


@lru_cache(maxsize=256)
def _hours(opening_hours: str, year: int) -> OpeningHours:
    """Read hours for a year and the next, each rule for public holidays written out as England's days."""
    england = country_holidays("GB", subdiv="ENG", years=(year, year + 1))
    days = ",".join(f"{day.year} {_MONTHS[day.month - 1]} {day.day:02}" for day in sorted(england))
    rules: list[str] = []
    for rule in opening_hours.split(";"):
        found = _ON_HOLIDAYS.fullmatch(rule)
        if found is None:
            rules.append(rule)
            continue
        weekdays = ",".join(filter(None, (found["weekdays"], found["more"])))
        rules += [f"{weekdays} {found['hours']}"] if weekdays else []
        rules.append(f"{days} {found['hours']}")
    return OpeningHours(";".join(rules), timezone=LONDON)
