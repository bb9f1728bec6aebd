"""Looking after the record: is it whole, copy it away, bring a copy back.

`KnowledgeBase` and the command line call this. A copy is proved good before it is called a backup or restored, and the
search index is never copied: it is made again.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from index.engine import Engine, IndexFault
from kb.indexing import all_passages
from procedures.errors import Fault, Invalid, Mendable, Refused
from procedures.model import RevisionKind, SectionKind
from procedures.record import Record
from procedures.store import Store


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found: where the log stands, and every problem in a sentence."""

    head: int
    head_hash: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: where the log stood before and stands now, and the events that are no longer in it."""

    head_before: int
    head: int
    rolled_back: tuple[str, ...]


def check(store: Store, engine: Engine) -> Check:
    """Check the database, the chain, every text, every reference and that the index holds just what the record has."""
    head, head_hash = store.head()
    problems = store.verify()
    if not problems:
        record = store.record()
        problems += _reference_problems(record) + _contact_problems(record) + _index_problems(store, record, engine)
    return Check(head, head_hash, tuple(problems))


def back_up(store: Store, target: Path) -> Check:
    """Copy the record to a new file and prove the copy good. Raises `Refused`, `Invalid` or `Fault`."""
    if target.exists():
        raise Refused(f"'{target}' exists already and is left as it is. Choose a new name for the backup.")
    if not target.parent.is_dir():
        raise Invalid(f"There is no folder '{target.parent}' to write the backup to. Make it first.")
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    store.backup(partial)
    with Store.open(partial) as copy:
        problems = copy.verify()
        head, head_hash = copy.head()
    for leftover in ("-wal", "-shm"):
        partial.with_name(partial.name + leftover).unlink(missing_ok=True)
    if problems:
        partial.unlink()
        raise Fault(f"The copy is not good, so no backup was made: {problems[0]} Run: kb check")
    _make_durable(partial)
    partial.replace(target)
    _make_durable(target.parent)
    return Check(head, head_hash, ())


def restore(source: Path, database: Path) -> Restored:
    """Put a backup in the place of the record, keeping what was there beside it.

    The copy is written into the live database in one transaction, so that a running site sees the one or the other.
    Raises `Invalid` for a file that is not a good backup; nothing has changed then.
    """
    if not source.is_file():
        raise Invalid(f"There is no backup '{source}'. Check the name.")
    database.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=database.parent, prefix="restore-") as folder:
        # A copy, because opening an older backup brings its schema up to date, and a backup is never altered.
        copied = Path(folder) / "backup.db"
        shutil.copyfile(source, copied)
        with _opened(copied, source) as backup:
            before = _set_aside(database)
            backup.backup(database)
            after = {event.hash for event in backup.events()}
    gone = tuple(words for digest, words in before if digest not in after)
    return Restored(len(before), len(after), gone)


def _opened(copied: Path, source: Path) -> Store:
    try:
        if not copied.stat().st_size:
            raise Fault("An empty file would open as an empty manual.")
        backup = Store.open(copied)
        problems = backup.verify()
    except Fault as error:
        raise Invalid(
            f"'{source}' is not a backup of a manual, so nothing was changed. Choose another file."
        ) from error
    except Mendable as error:
        raise Invalid(
            f"'{source}' was made by a newer version of this program or by another one, so nothing was changed. "
            "Choose another file."
        ) from error
    if problems:
        backup.close()
        raise Invalid(f"'{source}' is not a good backup, so nothing was changed: {problems[0]} Try an older one.")
    return backup


def _set_aside(database: Path) -> list[tuple[str, str]]:
    """Keep what is there in a file beside it; return the hash and the words of each of its events."""
    if not database.exists():
        return []
    try:
        with Store.open(database) as live:
            events = live.events()
            kept = database.with_name(f"{database.stem}-before-restore-{len(events)}.db")
            kept.unlink(missing_ok=True)
            live.backup(kept)
    except Fault:
        # Too damaged to be copied: keep the bytes for whoever may still read them.
        for leftover in ("", "-wal", "-shm"):
            place = database.with_name(database.name + leftover)
            if place.exists():
                place.rename(database.with_name(f"{database.stem}-damaged.db{leftover}"))
        return []
    return [(e.hash, f"{e.seq} {e.at:%Y-%m-%d %H:%M} {e.actor}: {e.action} {e.subject}") for e in events]


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reference_problems(record: Record) -> list[str]:
    problems: list[str] = []
    for revisions in record.revisions.values():
        newest = revisions[-1]
        for kind, key in record.references.get(newest.id, ()):
            known = record.pids if kind == "paragraph" else {**record.revisions, **record.redirects}
            if kind != "attachment" and key not in known:
                problems.append(f"{newest.ref} links to {kind} '{key}', which does not exist.")
        if newest.kind is RevisionKind.WITHDRAWAL and newest.successor and newest.successor not in record.revisions:
            problems.append(f"{newest.ref} names '{newest.successor}' as its successor, which does not exist.")
    return problems


def _contact_problems(record: Record) -> list[str]:
    problems: list[str] = []
    for key, kind in record.kinds.items():
        newest = record.revisions[key][-1]
        other = newest.contact.out_of_hours if newest.contact else None
        if kind is SectionKind.CONTACT and other and other not in record.revisions:
            problems.append(f"Contact '{key}' hands over to '{other}' out of hours, which does not exist.")
    return problems


def _index_problems(store: Store, record: Record, engine: Engine) -> list[str]:
    try:
        position, found = engine.position(), engine.keys()
    except IndexFault as error:
        return [f"The search index cannot be read ({error}). Make it again with: kb reindex"]
    if position != record.head:
        return [f"The search index stands at event {position} of {record.head}. Bring it level with: kb reindex"]
    wanted = {passage.key for passage in all_passages(store, record)}
    missing = len(wanted - found)
    return (
        [f"The search index lacks {missing} of {len(wanted)} passages. Make it again with: kb reindex"]
        if missing
        else []
    )
