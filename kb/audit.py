"""Who did what: the log as people read it, and as a file for a spreadsheet.

`KnowledgeBase.audit` is an `Audit`; the workspace and `kb log` ask it. It only reads.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select

from kb.access import Actor, Deed, require
from procedures.errors import NotFound
from procedures.schema.tables import LARGEST_ID, events
from procedures.store import Store

COLUMNS = ("event", "at", "who", "action", "subject", "details", "hash")

ACTIONS: Mapping[str, str] = {
    "add account": "made an account",
    "alias": "recorded another number",
    "approve draft": "approved a draft",
    "cancel": "cancelled a waiting revision",
    "carry change": "carried an urgent change into the waiting text",
    "change password": "changed their password",
    "change roles": "changed what an account may do",
    "decide learning": "changed the status of learning",
    "disable account": "disabled an account",
    "enable account": "let an account sign in again",
    "import": "published by import",
    "link": "linked learning to the manual",
    "look": "looked at a text published by import",
    "notice": "put up a notice",
    "override": "published urgently, without approval",
    "publish": "published",
    "redact": "agreed to a redaction",
    "redirect": "led an old address on",
    "refuse redaction": "closed a request to redact",
    "reject draft": "sent a draft back",
    "release": "released together",
    "request redaction": "asked for a redaction",
    "reset password": "reset a password",
    "review": "recorded a review",
    "review override": "read what was published urgently",
    "revoke session": "ended a session",
    "sample": "loaded the sample manual",
    "submit draft": "asked for approval of a draft",
    "take back draft": "took a draft back",
    "term": "recorded a term",
    "unlink": "withdrew a link from learning",
    "void approval": "changed a draft, so its approval was void",
    "withdraw": "withdrew a section",
    "withdraw draft": "gave a draft up",
}
"""Every action the log can tell of, in plain English."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: who did what to what. `details` is a JSON object; `hash` covers the entry and all before it."""

    seq: int
    at: datetime
    who: str
    action: str
    subject: str
    details: str
    hash: str

    @property
    def told(self) -> str:
        """What was done, in plain English."""
        return ACTIONS.get(self.action, self.action)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events to list: those by one person, of one kind, about one thing; None stands for all."""

    who: str | None = None
    action: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """Everybody the log names as having acted, and every kind of thing they did, in the order of the alphabet."""

    who: tuple[str, ...]
    actions: tuple[str, ...]


EVERYTHING = Wanted()


class Audit:
    """The log, for those who may read it."""

    def __init__(self, store: Store) -> None:
        """Take the record."""
        self._store = store

    def entries(
        self, actor: Actor, wanted: Wanted = EVERYTHING, *, before: int | None = None, limit: int = 100
    ) -> tuple[Entry, ...]:
        """List events, the newest first, from below the event `before`. Raises `Forbidden`."""
        require(actor, Deed.READ_LOG)
        query = select(events).order_by(events.c.seq.desc()).limit(limit)
        for column, value in ((events.c.actor, wanted.who), (events.c.action, wanted.action)):
            query = query if value is None else query.where(column == value)
        if wanted.subject is not None:
            alike = func.lower(events.c.subject) == wanted.subject.lower()
            query = query.where(or_(events.c.subject == wanted.subject, alike))
        if before is not None:
            query = query.where(events.c.seq < before)
        with self._store.read() as connection:
            return tuple(_entry(row) for row in connection.execute(query))

    def entry(self, actor: Actor, seq: int) -> Entry:
        """Show one event. Raises `Forbidden` or `NotFound`."""
        require(actor, Deed.READ_LOG)
        with self._store.read() as connection:
            row = connection.execute(select(events).where(events.c.seq == seq)).first() if seq <= LARGEST_ID else None
        if row is None:
            raise NotFound(f"The log has no event {seq}. Look in the list of events.")
        return _entry(row)

    def choices(self, actor: Actor) -> Choices:
        """Name everybody and everything that events can be listed by. Raises `Forbidden`."""
        require(actor, Deed.READ_LOG)
        with self._store.read() as connection:
            who = connection.scalars(select(events.c.actor).distinct())
            actions = connection.scalars(select(events.c.action).distinct())
            return Choices(tuple(sorted(who, key=str.casefold)), tuple(sorted(actions)))

    def export(self, actor: Actor) -> tuple[Entry, ...]:
        """List every event, the oldest first. Raises `Forbidden`."""
        require(actor, Deed.EXPORT_LOG)
        with self._store.read() as connection:
            return tuple(_entry(row) for row in connection.execute(select(events).order_by(events.c.seq)))

    def export_csv(self, actor: Actor) -> str:
        """Write every event as CSV, the oldest first; what could be a formula is made text. Raises `Forbidden`."""
        written = io.StringIO()
        rows = csv.writer(written)
        rows.writerow(COLUMNS)
        for entry in self.export(actor):
            cells = (str(entry.seq), entry.at.isoformat(), entry.who, entry.action, entry.subject, entry.details)
            rows.writerow([_as_text(cell) for cell in (*cells, entry.hash)])
        return written.getvalue()


def _entry(row: Row[Any]) -> Entry:
    details = json.dumps(json.loads(row.payload), ensure_ascii=False, sort_keys=True)
    return Entry(row.seq, datetime.fromisoformat(row.at), row.actor, row.action, row.subject, details, row.hash)


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
