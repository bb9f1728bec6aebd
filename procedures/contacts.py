"""When a contact answers: opening hours in OpenStreetMap notation, English bank holidays and London time.

`publication` refuses hours that cannot be read; `kb` asks who answers now.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, validate

from procedures.errors import Invalid

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Answering:
    """Whether a contact answers at an instant, and when that next changes (None: never)."""

    is_open: bool
    changes_at: datetime | None


def answering(opening_hours: str, at: datetime) -> Answering:
    """Say whether somebody answers at an instant. Raises `Invalid` for hours that cannot be read."""
    hours = _parse(opening_hours)
    local = at.astimezone(LONDON)
    change = hours.next_change(local)
    return Answering(hours.is_open(local), change if isinstance(change, datetime) else None)


def check_hours(opening_hours: str) -> None:
    """Raise `Invalid` for opening hours that cannot be read."""
    _parse(opening_hours)


def _parse(opening_hours: str) -> OpeningHours:
    if not validate(opening_hours):
        raise Invalid(
            f"The opening hours '{opening_hours}' cannot be read. "
            "Write them like 'Mo-Fr 09:00-17:00; PH off' or '24/7'."
        )
    return OpeningHours(opening_hours, country="GB", timezone=LONDON)
