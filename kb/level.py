"""The search index, kept level with the log: brought up to it, mended, and never asked about what it has not got yet.

`KnowledgeBase` has one `LevelIndex`. How passages are made of the record is in `kb.indexing`.
"""

import logging
from threading import Lock
from time import monotonic

from index.engine import Engine, IndexFault
from kb import indexing
from procedures.record import Record
from procedures.store import Store

PATIENCE = 0.5
"""Seconds for which searches go on in the text before a publication while whoever published brings the index level.

In a manual of this size that takes a tenth of a second, and they are told that their text is published only then:
nobody who has been told finds the old one. Where they cannot (a full disk, a killed process), the next search after
that does it for them; another process may answer from the text before until then. After a redaction nothing is ever
answered from the record before it.
"""

_log = logging.getLogger(__name__)


class LevelIndex:
    """The index beside the record it follows. Safe to share between threads."""

    def __init__(self, store: Store, engine: Engine) -> None:
        """Take the record and the engine."""
        self._store = store
        self._engine = engine
        self._turn = Lock()
        self._times_mended = 0
        self._level: Record | None = None
        self._behind_since: float | None = None

    def searchable(self) -> Record:
        """Return the record to search: the newest, or the one before it while somebody is indexing what is new."""
        record = self._store.record()
        try:
            position = self._engine.position()
        except IndexFault:
            position = -1
        if position == record.head:
            self._level, self._behind_since = record, None
            return record
        before, now = self._level, monotonic()
        since = self._behind_since = self._behind_since or now
        in_time = position < record.head and now < since + PATIENCE
        if in_time and before and before.head == position and not record.redacted_since(before):
            return before
        self.catch_up()
        return self._store.record()

    def is_searchable(self) -> bool:
        """Say whether `searchable` answers at once: record and index are read, and both are the newest there are."""
        level = self._level
        return level is not None and self._store.is_newest(level) and self._engine.holds(level.head)

    def catch_up(self) -> bool:
        """Bring the index level with the log; say whether it had to be made again.

        A failing index is left for the next search or the next start: it can delay a search, never a publication.
        """
        # One thread at a time: those that waited find the index level and rebuild nothing.
        with self._turn:
            try:
                rebuilt = indexing.catch_up(self._store, self._engine)
            except IndexFault:
                _log.exception("the search index could not be brought level")
                self._level = None  # whoever published is told so now: from here on the text before is a wrong answer
                return False
            self._behind_since = None
            return rebuilt

    def mend(self) -> None:
        """Make a damaged index again, once for all who find it damaged meanwhile; a failure only delays searches."""
        mended = self._times_mended
        with self._turn:
            if self._times_mended != mended:
                return
            try:
                indexing.rebuild(self._store, self._engine)
                self._times_mended += 1
            except IndexFault:
                _log.exception("the search index could not be made again")
