"""Who did what: the log as people read it, and as a file for a spreadsheet.

`KnowledgeBase.audit` is an `Audit`; the desk and `kb log` ask it. It only reads.
"""

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime

from kb.access import Actor, Deed, require
from procedures.model import Event
from procedures.store import Store

COLUMNS = ("event", "at", "who", "action", "subject", "details", "hash")

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


class Audit:
    """The log, for those who may read it."""

    def __init__(self, store: Store) -> None:
        """Take the record."""
        self._store = store

    def entries(self, actor: Actor, *, before: int | None = None, limit: int = 100) -> tuple[Entry, ...]:
        """List events, the newest first, from below the event `before`. Raises `Forbidden`."""
        require(actor, Deed.READ_LOG)
        found = [event for event in self._store.events() if before is None or event.seq < before]
        return tuple(_entry(event) for event in reversed(found[-limit:]))

    def export(self, actor: Actor) -> tuple[Entry, ...]:
        """List every event, the oldest first. Raises `Forbidden`."""
        require(actor, Deed.EXPORT_LOG)
        return tuple(_entry(event) for event in self._store.events())

    def export_csv(self, actor: Actor) -> str:
        """Write every event as CSV, the oldest first; what could be a formula is made text. Raises `Forbidden`."""
        written = io.StringIO()
        rows = csv.writer(written)
        rows.writerow(COLUMNS)
        for entry in self.export(actor):
            cells = (str(entry.seq), entry.at.isoformat(), entry.who, entry.action, entry.subject, entry.details)
            rows.writerow([_as_text(cell) for cell in (*cells, entry.hash)])
        return written.getvalue()


def _entry(event: Event) -> Entry:
    details = json.dumps(event.payload, ensure_ascii=False, sort_keys=True)
    return Entry(event.seq, event.at, event.actor, event.action, event.subject, details, event.hash)


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
