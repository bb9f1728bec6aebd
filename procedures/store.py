"""The append-only record on disk: one SQLite database, one log, one writer at a time.

`kb` opens a `Store`, reads the whole `Record` from it, and writes inside `Store.write`, where everything done becomes
visible together with the events that tell of it, or not at all. Nothing above this module knows SQL. What SQLite does
that other databases do not is kept here, so that another database could take its place.
"""

import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, Row, create_engine, event, select
from sqlalchemy.exc import DatabaseError, IntegrityError

from procedures.errors import Fault, Mendable, NotFound
from procedures.markup import clean, paragraphs
from procedures.model import Event, Paragraph, Revision
from procedures.record import Record, read_record
from procedures.schema import tables
from procedures.transaction import Transaction, event_hash

SCHEMA = "0007"
"""The newest migration. A test holds it to what `procedures/schema/versions` has."""

EMPTY_CHAIN = "0" * 64
"""What the first event's hash is chained to."""

_BUSY_MILLISECONDS = 10_000
_TURN_SECONDS = 20

_log = logging.getLogger(__name__)


class Store:
    """The record. Open it with `Store.open`; close it, or use it with `with`."""

    def __init__(self, engine: Engine, path: Path) -> None:
        """Take an engine whose database has the newest schema; use `Store.open`."""
        self._engine = engine
        self._path = path
        self._known: tuple[int, Record] | None = None
        self._watch = _Watch(path)
        self._reading = Lock()
        self._turn = Lock()
        self._paragraphs: dict[tuple[str, str | None], tuple[Paragraph, ...]] = {}

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> "Store":
        """Open the database at `path`, bringing an older one up to date.

        Raises `NotFound` where there is none and `create` is not asked for, `Mendable` where the folder cannot be
        written or the database is of a newer version, and `Fault` where it is damaged.
        """
        if not create and not path.exists():
            raise NotFound(f"There is no manual in '{path.parent}'. Make one with: kb init --data {path.parent}")
        if not create and path.is_file() and not path.stat().st_size:
            raise Fault(
                f"The database '{path}' is empty: it was cut off. Restore the newest backup with: kb restore FILE"
            )
        engine = _engine(path)
        try:
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(mode=0o600)  # drafts and proposals are nobody else's business
            _migrate(engine, path)
        except (OSError, DatabaseError) as error:
            engine.dispose()
            raise _explained(error, path) from error
        except Mendable:
            engine.dispose()
            raise
        return cls(engine, path)

    def __enter__(self) -> "Store":
        """Give the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Let go of every connection."""
        self._watch.close()
        self._engine.dispose()

    @contextmanager
    def write(self, actor: str, now: Callable[[], datetime]) -> Iterator[Transaction]:
        """Write to the record: all of what is done inside, with its events, or nothing.

        `actor` is named in every event. `now` is asked for their time (an aware instant) once this writer's turn has
        come, so that times follow the order of the log; a clock that was set back does not turn it round. One writer is
        let in at a time. The others of this process take turns and wait up to twenty seconds for theirs, and whoever's
        turn it is waits up to ten for other processes. Raises `Fault` after that, or where the disk does not take it;
        nothing has changed then.
        """
        # SQLite lets in whoever asks at the right moment: among many, somebody would be unlucky time after time.
        if not self._turn.acquire(timeout=_TURN_SECONDS):
            raise _busy()
        try:
            with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
                yield Transaction(connection, actor, max(now().astimezone(UTC), _last_instant(connection)))
        except DatabaseError as error:
            raise _explained(error, self._path) from error
        finally:
            self._turn.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read in one transaction: everything inside sees one state of the database."""
        try:
            with self._engine.connect() as connection, connection.begin():
                yield connection
        except DatabaseError as error:
            raise _explained(error, self._path) from error

    def head(self) -> tuple[int, str]:
        """Return the newest event's `seq` and hash: where the log stands."""
        record = self.record()
        return record.head, record.head_hash

    def record(self) -> Record:
        """Return the record as it stands, read anew only when the log has grown, and then once for all who ask."""
        known = self._known
        if known is None or known[0] != self._version():
            with self._reading:
                version = self._version()
                if self._known is None or self._known[0] != version:
                    self._known = (version, self._read_record())
                known = self._known
        return known[1]

    def is_newest(self, record: Record) -> bool:
        """Say whether a record is the one that `record` would give without reading it anew."""
        known = self._known
        return known is not None and known[1] is record and known[0] == self._version()

    def _version(self) -> int:
        try:
            return self._watch.version()
        except sqlite3.Error as error:
            raise _explained(error, self._path) from error

    def _read_record(self) -> Record:
        with self.read() as connection:
            head, head_hash = _head(connection)
            before = self._known[1] if self._known else None
            if before and before.head_hash == head_hash:
                return before  # what changed was working matter, not the record
            try:
                record = read_record(connection, head, head_hash, before)
            except (ValueError, KeyError, TypeError) as error:
                _log.exception("the record cannot be read")
                raise _damaged(self._path) from error
        if before and record.redacted_since(before):
            # What was redacted is not to stay in memory either.
            self._paragraphs.clear()
            clean.cache_clear()
            paragraphs.cache_clear()
        return record

    def body(self, revision: Revision) -> str | None:
        """Return a revision's body as redactions have left it, or None where nothing is left."""
        if self._is_redacted(revision):
            return None
        with self.read() as connection:
            return connection.scalar(select(tables.bodies.c.html).where(tables.bodies.c.hash == revision.body_hash))

    def paragraphs(self, revision: Revision) -> tuple[Paragraph, ...]:
        """Return the numbered paragraphs of a revision; none for a withdrawal or a redacted text.

        A text never changes, so its paragraphs are read once; only a redaction takes them away, and what is left goes
        by another hash: what was removed is not served from memory.
        """
        if self._is_redacted(revision):
            return ()
        left = self._known[1].left if self._known else {}
        text = (left.get(revision.body_hash, revision.body_hash), revision.number)
        found = self._paragraphs.get(text)
        if found is None:
            body = self.body(revision)
            found = paragraphs(body or "", revision.number)
            if body is not None:
                self._paragraphs[text] = found
        return found

    def file(self, digest: str) -> bytes:
        """Return an attached file's content by the hash of its bytes. Raises `NotFound`, also where it was redacted."""
        gone = select(tables.redactions.c.id).where(tables.redactions.c.file_hash == digest)
        with self.read() as connection:
            content = connection.scalar(select(tables.files.c.content).where(tables.files.c.hash == digest))
            redacted = connection.scalar(gone) is not None
        if redacted:
            raise NotFound("This file has been removed. Go back to the section: its text stands without it.")
        if content is None:
            raise NotFound("There is no such file in this manual. Go back to the section and follow its link again.")
        return bytes(content)

    def events(self, after: int = 0) -> list[Event]:
        """Return the events after a `seq`, oldest first."""
        with self.read() as connection:
            rows = connection.execute(
                select(tables.events).where(tables.events.c.seq > after).order_by(tables.events.c.seq)
            )
            return [_event(row) for row in rows]

    def verify(self) -> list[str]:
        """Check the database, the chain and the texts, and list every problem in a sentence; none is good news."""
        problems: list[str] = []
        with self.read() as connection:
            for (answer,) in connection.exec_driver_sql("PRAGMA integrity_check"):
                problems += [f"The database is damaged: {answer}"] if answer != "ok" else []
            for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
                problems.append(f"A row of {row[0]} points at a row of {row[2]} that is not there.")
            problems += _chain_problems(connection)
            problems += _body_problems(connection)
            problems += _redaction_problems(connection)
            problems += _header_problems(connection)
            problems += _file_problems(connection)
        return problems

    def forget(self) -> bool:
        """Cut off the write-ahead file, which keeps pages as they were before a redaction; say whether it went.

        A reader in the middle of a long read can hold it back; it goes with the next write then, or when all close.
        """
        with self._engine.connect() as connection:
            # Asked of the driver, because a checkpoint cannot be made inside a transaction.
            driver = connection.connection.driver_connection
            return isinstance(driver, sqlite3.Connection) and not _checkpoint(driver)

    def backup(self, target: Path, before: Callable[[], None] | None = None) -> None:
        """Copy the database, whole and consistent, over `target` while others go on writing here.

        `before` is called once nobody else can write to `target` any more, and before it shows any of the copy. Raises
        `Fault` or `Mendable` where the copy cannot be written.
        """
        with self._engine.connect() as connection:
            source = connection.connection.driver_connection
            if not isinstance(source, sqlite3.Connection):
                raise Fault("The database cannot be copied this way.")
            try:
                copy = sqlite3.connect(target)
                try:
                    source.backup(copy, pages=-1 if before is None else 1, progress=_once(before))
                finally:
                    copy.close()
            except (OSError, sqlite3.Error) as error:
                raise _explained(error, target) from error

    def _is_redacted(self, revision: Revision) -> bool:
        return self._known is not None and revision.body_hash in self._known[1].redactions


def _checkpoint(driver: sqlite3.Connection) -> bool:
    """Write all pages to the database and cut the write-ahead file off; say whether a reader held it back."""
    return bool(driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])


class _Watch:
    """Tells in microseconds whether anybody, in any process, has written to the database since it was last asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._turn = Lock()

    def version(self) -> int:
        """Return a number that is another one after every commit (SQLite, PRAGMA data_version)."""
        with self._turn:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _once(call: Callable[[], None] | None) -> Callable[[int, int, int], None] | None:
    """Make a progress callback that calls once; SQLite holds the target from its first page to its last."""
    waiting = [call] if call else []

    def progress(_status: int, _remaining: int, _total: int) -> None:
        if waiting:
            waiting.pop()()

    return progress if call else None


def _engine(path: Path) -> Engine:
    # What is asked of the database may be a draft: it must not come into an error, and so into a log.
    address = URL.create("sqlite", database=str(path))
    engine = create_engine(address, pool_size=8, max_overflow=64, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        # The driver's own transactions begin too late (DEFERRED): a read-then-append would fail under other writers.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {_BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            # Without this, INSERT OR REPLACE deletes rows past the triggers that forbid it.
            "recursive_triggers = ON",
            # What is deleted or redacted is overwritten, not only let go of.
            "secure_delete = ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _migrate(engine: Engine, path: Path) -> None:
    with engine.connect() as connection:
        found = _schema_of(connection)
        foreign = found is None and connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first() is not None
    if found == SCHEMA:
        return
    if foreign:
        raise Mendable(f"'{path}' is a database of another program and was left as it is. Name another with --data.")
    if found is not None and found > SCHEMA:
        raise Mendable(
            f"The manual in '{path.parent}' was made by a newer version of this program. "
            "Install that version of the program."
        )
    # Imported here because it takes longer than all the rest of opening, and is needed once a version.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "procedures:schema")
    config.set_main_option("path_separator", "os")
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        if _schema_of(connection) != SCHEMA:
            config.attributes["connection"] = connection
            command.upgrade(config, SCHEMA)


def _schema_of(connection: Connection) -> str | None:
    present = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").first()
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()) if present else None


_FULL = {sqlite3.SQLITE_FULL}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CLOSED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_PRIMARY = 0xFF  # the low byte of an extended SQLite code is the kind of error


def _explained(error: Exception, path: Path) -> Exception:
    """Say in a sentence what the database or the disk refused. What was asked of it is never repeated."""
    cause = error.orig if isinstance(error, DatabaseError) else error
    code = getattr(cause, "sqlite_errorcode", 0) & _PRIMARY
    if isinstance(error, OSError) or code in _CLOSED:
        return _unwritable(path)
    if code in _FULL:
        return Fault("The disk is full, so nothing was changed. Free some space and do it again.")
    if code in _BUSY:
        return _busy()
    if code not in _DAMAGED:
        _log.error("the record refused a statement", exc_info=error)
    if isinstance(error, IntegrityError):
        return Fault("The record refused this, and nothing was changed. The service's log says why.")
    return _damaged(path)


def _busy() -> Fault:
    return Fault("Others have been writing for too long to wait for them. Nothing was changed: try again.")


def _damaged(path: Path) -> Fault:
    return Fault(f"The database '{path}' is damaged. Restore the newest backup with: kb restore FILE")


def _unwritable(path: Path) -> Mendable:
    return Mendable(f"The data folder '{path.parent}' cannot be written. Allow it, or name another with --data.")


def _head(connection: Connection) -> tuple[int, str]:
    row = connection.execute(
        select(tables.events.c.seq, tables.events.c.hash).order_by(tables.events.c.seq.desc()).limit(1)
    ).first()
    return (row.seq, row.hash) if row else (0, EMPTY_CHAIN)


def _last_instant(connection: Connection) -> datetime:
    at = connection.scalar(select(tables.events.c.at).order_by(tables.events.c.seq.desc()).limit(1))
    return datetime.fromisoformat(at) if at else datetime.min.replace(tzinfo=UTC)


def _event(row: Row[Any]) -> Event:
    return Event(
        seq=row.seq,
        at=datetime.fromisoformat(row.at),
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        payload=json.loads(row.payload),
        hash_before=row.hash_before,
        hash=row.hash,
    )


def _chain_problems(connection: Connection) -> list[str]:
    problems: list[str] = []
    before = EMPTY_CHAIN
    for place, row in enumerate(connection.execute(select(tables.events).order_by(tables.events.c.seq)), start=1):
        if row.seq != place:
            return [*problems, f"The log has no event {place}: rows are missing."]
        if row.hash_before != before or row.hash != event_hash(
            row.seq, row.at, row.actor, row.action, row.subject, row.payload, before
        ):
            problems.append(f"Event {row.seq} of the log has been altered: its hash does not fit.")
        before = row.hash
    return problems


def _body_problems(connection: Connection) -> list[str]:
    redactions = tables.redactions.c
    query = select(redactions.body_hash, redactions.left_hash).order_by(redactions.id)
    left = {row.body_hash: row.left_hash for row in connection.execute(query)}  # the newest of each
    problems: list[str] = []
    for row in connection.execute(select(tables.bodies)):
        if row.html is None:
            if left.get(row.hash, row.hash) is not None:
                problems.append(f"Text {row.hash[:12]} is gone without a recorded redaction.")
        elif hashlib.sha256(row.html.encode()).hexdigest() != left.get(row.hash, row.hash):
            problems.append(f"Text {row.hash[:12]} has been altered: its hash does not fit.")
    return problems


def _redaction_problems(connection: Connection) -> list[str]:
    """Hold every redaction to what the log said when it was agreed."""
    rows = connection.execute(
        select(tables.redactions, tables.events.c.actor, tables.events.c.payload).join(
            tables.events, tables.events.c.seq == tables.redactions.c.seq
        )
    )
    return [f"Redaction {row.id} is not as the log tells it." for row in rows if not _as_told(row)]


def _as_told(row: Row[Any]) -> bool:
    told = json.loads(row.payload)
    named = row.file_hash in told.get("files", ()) or told.get("bodies", {}).get(row.body_hash, "") == row.left_hash
    people = (told.get("requested_by"), row.actor, told.get("reason"))
    return named and people == (row.requested_by, row.approved_by, row.reason)


def _header_problems(connection: Connection) -> list[str]:
    """Hold every revision to what the log said when it was published."""
    told = {
        row.seq: json.loads(row.payload)
        for row in connection.execute(select(tables.events.c.seq, tables.events.c.payload))
    }
    problems: list[str] = []
    names = {column.name for column in tables.revisions.columns} - {"id", "section", "seq"}
    for row in connection.execute(select(tables.revisions)):
        header = told.get(row.seq, {})
        altered = sorted(name for name in names if name not in header or header[name] != getattr(row, name))
        if altered:
            problems.append(f"{row.section}@{row.revision} is not as the log tells it: {', '.join(altered)}.")
    return problems


def _file_problems(connection: Connection) -> list[str]:
    redacted = set(connection.scalars(select(tables.redactions.c.file_hash)))
    rows = connection.execute(select(tables.files))
    return [
        f"File {row.hash[:12]} has been altered: its hash does not fit."
        for row in rows
        if hashlib.sha256(row.content).hexdigest() != row.hash and (row.content or row.hash not in redacted)
    ]
