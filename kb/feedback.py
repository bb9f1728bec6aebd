"""What readers say about a page, kept for the editors for a time. Outside the record: no event tells of it.

`KnowledgeBase` and `kb.workspace` call it. Nothing says who wrote: no name, no address, no cookie. What could tell who
a child is is taken out before anything is stored (`kb.confidential`); rows go after `KEPT`, a day takes only so many.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from kb.clock import london_day
from kb.confidential import cleaned
from procedures.errors import Invalid, NotFound, Refused
from procedures.record import Record
from procedures.schema.tables import LARGEST_ID, feedback

KEPT = timedelta(days=400)
"""Long enough to see a page's year, and one review of it; then a row is deleted when the next is written or read."""

MOST_A_DAY = 500
"""Rows taken in twenty-four hours: far more than people send, and too few to fill a disk."""

LONGEST = 1200
"""Characters of a reader's own words."""


class Reason(StrEnum):
    """Why a page was not useful."""

    NOT_FOUND = "could not find the answer"
    HARD = "hard to understand"
    OUT_OF_DATE = "out of date"
    WRONG = "wrong"
    BROKEN = "a link or number does not work"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a reader says about a revision, or one paragraph (`pid`) of it. Checks itself: raises `Invalid`."""

    section: str
    revision: int
    useful: bool
    reason: Reason | None = None
    words: str = ""
    pid: str | None = None

    def __post_init__(self) -> None:
        """Refuse what the form would not have sent."""
        if not self.useful and self.reason is None:
            raise Invalid("Choose why the page was not useful.")
        if len(self.words) > LONGEST:
            raise Invalid(f"Your words are {len(self.words) - LONGEST} characters too long. Use up to {LONGEST}.")


@dataclass(frozen=True, slots=True)
class Feedback:
    """An opinion as it was kept: cleaned, with the day it came. The hour would say who was on duty.

    `dealt_with` is the editor who has dealt with it, None while nobody has.
    """

    id: int
    day: date
    opinion: Opinion
    dealt_with: str | None
    dealt_with_on: date | None


def keep(connection: Connection, record: Record, opinion: Opinion, at: datetime) -> None:
    """Keep an opinion, cleaned, and delete what has been kept long enough.

    Raises `NotFound` for a revision there is not, and `Refused` on a day that has had all it takes.
    """
    revision = record.revision(opinion.section, opinion.revision)
    _forget(connection, at)
    if _taken(connection, at) >= MOST_A_DAY:
        raise Refused("So much feedback has come today that no more can be kept. Send yours tomorrow.")
    connection.execute(
        insert(feedback).values(
            at=at.isoformat(),
            section=revision.section,
            revision=revision.revision,
            pid=opinion.pid if opinion.pid in record.pids else None,
            useful=int(opinion.useful),
            reason=opinion.reason,
            words=cleaned(_printable(opinion.words))[:LONGEST],
        )
    )


def kept(connection: Connection, at: datetime) -> tuple[Feedback, ...]:
    """List what has been kept, newest first, after deleting what has been kept long enough."""
    _forget(connection, at)
    return listed(connection, at)


def listed(connection: Connection, at: datetime) -> tuple[Feedback, ...]:
    """List what is to be kept still, newest first."""
    young = select(feedback).where(feedback.c.at >= (at - KEPT).isoformat())
    rows = connection.execute(young.order_by(feedback.c.at.desc(), feedback.c.id.desc()))
    return tuple(_feedback(row) for row in rows)


def deal_with(connection: Connection, feedback_id: int, editor: str, on: date) -> None:
    """Note that an editor has dealt with what a reader said. Raises `NotFound`, and `Refused` where somebody has."""
    query = select(feedback).where(feedback.c.id == feedback_id)
    row = connection.execute(query).first() if feedback_id <= LARGEST_ID else None
    if row is None:
        raise NotFound("What this reader said is no longer kept. Go back to the list.")
    if row.dealt_with_by:
        raise Refused(f"{row.dealt_with_by} has dealt with this already. Nothing needs doing.")
    noted = {"dealt_with_by": editor, "dealt_with_on": on.isoformat()}
    connection.execute(update(feedback).where(feedback.c.id == feedback_id).values(noted))


def _printable(words: str) -> str:
    """Leave out what a terminal would obey: editors read this in one."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in words)


def _forget(connection: Connection, at: datetime) -> None:
    connection.execute(delete(feedback).where(feedback.c.at < (at - KEPT).isoformat()))


def _taken(connection: Connection, at: datetime) -> int:
    lately = feedback.c.at > (at - timedelta(days=1)).isoformat()
    return connection.scalar(select(func.count()).select_from(feedback).where(lately)) or 0


def _feedback(row: Row[Any]) -> Feedback:
    reason = Reason(row.reason) if row.reason else None
    opinion = Opinion(row.section, row.revision, bool(row.useful), reason, row.words, row.pid)
    on = date.fromisoformat(row.dealt_with_on) if row.dealt_with_on else None
    return Feedback(row.id, london_day(datetime.fromisoformat(row.at)), opinion, row.dealt_with_by, on)
