"""The one place that asks the computer what time it is, and what day that is in London.

Everything else is given the time, so that it can be tested at any. `KnowledgeBase` holds a clock; tests give it theirs.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from procedures.contacts import LONDON


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


def london_day(instant: datetime) -> date:
    """Say which day it is in London at an instant."""
    return instant.astimezone(LONDON).date()


def end_of_day(day: date) -> datetime:
    """Return the last instant of a London day, in UTC: what was known by then was shown on that day."""
    midnight = datetime.combine(day + timedelta(days=1), time(), LONDON)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)
