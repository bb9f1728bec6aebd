"""Dates, times and files in the plain words of the pages.

Used as filters by every template (`render` registers them). They change how a fact is written and
never work one out; the hour of an instant is always London's.
"""

from datetime import UTC, date, datetime, timedelta

from kb.days import in_words, month_name
from procedures.contacts import LONDON

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day(value: date) -> str:
    """Write a day: 3 March 2021."""
    return in_words(value)


def london_day(instant: datetime) -> str:
    """Write the day an instant fell on in London."""
    return day(instant.astimezone(LONDON).date())


def clock(instant: datetime) -> str:
    """Write the time of an instant in London: 5pm, 8:45am, midday."""
    local = instant.astimezone(LONDON)
    if local.minute == 0 and local.hour in {0, 12}:
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def moment(instant: datetime) -> str:
    """Write an instant: 3 March 2021 at 8:45am."""
    return f"{london_day(instant)} at {clock(instant)}"


def rfc3339(instant: datetime) -> str:
    """Write an instant for machines: 2021-03-03T08:45:00+00:00."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")


def soon(instant: datetime, now: datetime) -> str:
    """Write a near instant as a person would say it now: 5pm today, 8:45am on Monday."""
    local, today = instant.astimezone(LONDON), now.astimezone(LONDON).date()
    if local.date() == today:
        return f"{clock(instant)} today"
    if local.date() == today + timedelta(days=1):
        return f"{clock(instant)} tomorrow"
    weekday = _WEEKDAYS[local.weekday()]
    if local.date() < today + timedelta(days=7):
        return f"{clock(instant)} on {weekday}"
    return f"{clock(instant)} on {weekday} {local.day} {month_name(local.month)}"


def partial_day(value: str) -> str:
    """Write a year, a month or a day given in ISO form: 2017, November 2017, 30 November 2017."""
    year, *rest = value.split("-")
    if not rest:
        return year
    month = f"{month_name(int(rest[0]))} {year}"
    return f"{int(rest[1])} {month}" if len(rest) == 2 else month


def size(octets: int) -> str:
    """Write the size of a file: 34 kB, 1.2 MB."""
    return f"{octets / 1e6:.1f} MB" if octets >= 1e6 else f"{max(1, round(octets / 1e3))} kB"


def sentence(text: str) -> str:
    """Start with a capital letter and leave the rest as it is."""
    return text[:1].upper() + text[1:]
