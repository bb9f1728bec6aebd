"""Looking after the record: is it whole, copy it away, bring a copy back.

`KnowledgeBase` and the command line call this. A copy is proved good before it is called a backup or restored, and the
search index is never copied: it is made again.
"""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from index.analysis import words
from index.engine import Engine, IndexFault
from index.passage import Passage
from index.query import MAX_TERMS, parse
from kb.impact import TRIED
from kb.indexing import all_passages
from kb.reading import Moment
from kb.views import Health
from procedures.errors import Fault, Invalid, Mendable, Refused
from procedures.model import SectionKind, periods
from procedures.record import Record
from procedures.store import Store

LEFT_BEHIND = ("being-made-", TRIED)
"""How the names begin of folders that are there only for moments."""

UNTOUCHED = timedelta(hours=1)


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


def check(store: Store, engine: Engine, at: Moment) -> Check:
    """Check the database, the chain, all it vouches for, the references, and that the index has all of the record."""
    head, head_hash = store.head()
    problems = store.verify()
    if not problems:
        record = store.record()
        problems += _reference_problems(record, at) + _number_problems(record, at)
        problems += _contact_problems(record) + _index_problems(store, record, engine)
    return Check(head, head_hash, tuple(problems))


def sweep(data: Path, now: datetime) -> None:
    """Delete the folders that a process left when it was killed while it made a manual or tried out a publication.

    They hold copies of the manual, with drafts. One that was touched within the hour may be in use, and stays.
    """
    for folder in (each for prefix in LEFT_BEHIND for each in data.glob(f"{prefix}*")):
        with suppress(FileNotFoundError):  # whoever made it is just clearing it away
            if folder.is_dir() and folder.stat().st_mtime < (now - UNTOUCHED).timestamp():
                shutil.rmtree(folder, ignore_errors=True)


def health(record: Record, engine: Engine, at: Moment) -> Health:
    """Say in a moment whether the service is well: the log, the index and the text in force."""
    problems: list[str] = []
    try:
        position = engine.position()
    except IndexFault:
        position = 0
    if position != record.head:
        problems.append(f"The search index stands at event {position} of {record.head}.")
    kinds = (record.kinds[key] for key in record.in_force(at.on, at.known_at))
    in_force = sum(kind is SectionKind.PROCEDURE for kind in kinds)
    return Health(not problems, record.head, record.head_hash, position, in_force, tuple(problems))


def back_up(store: Store, target: Path) -> Check:
    """Copy the record to a new file and prove the copy good. Raises `Refused`, `Invalid` or `Fault`."""
    if target.exists():
        raise Refused(f"'{target}' exists already and is left as it is. Choose a new name for the backup.")
    if not target.parent.is_dir():
        raise Invalid(f"There is no folder '{target.parent}' to write the backup to. Make it first.")
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        store.backup(partial)
    except (Fault, Mendable):
        partial.unlink(missing_ok=True)
        raise
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
        try:
            shutil.copyfile(source, copied)
        except OSError as error:
            raise Invalid(f"'{source}' cannot be read, so nothing was changed. Check the file.") from error
        with _opened(copied, source) as backup:
            before: list[tuple[str, str]] = []
            if _can_be_read(database):
                # Kept at the one moment when nobody can write any more and all still read the old record.
                backup.backup(database, before=lambda: before.extend(_keep_aside(database)))
            else:
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


def _can_be_read(database: Path) -> bool:
    """Say whether there is a record to keep; one too damaged to be copied is moved aside as it is."""
    if not database.exists():
        return False
    try:
        with Store.open(database) as live:
            live.events()
    except Fault:
        kept = _free(database.with_name(f"{database.stem}-damaged.db"))
        for leftover in ("", "-wal", "-shm"):
            place = database.with_name(database.name + leftover)
            if place.exists():
                place.rename(kept.with_name(kept.name + leftover))
        return False
    return True


def _keep_aside(database: Path) -> list[tuple[str, str]]:
    """Keep the record in a file beside it; return the hash and the words of each of its events."""
    with Store.open(database) as live:
        events = live.events()
        live.backup(_free(database.with_name(f"{database.stem}-before-restore-{len(events)}.db")))
    return [(e.hash, f"{e.seq} {e.at:%Y-%m-%d %H:%M} {e.actor}: {e.action} {e.subject}") for e in events]


def _free(path: Path) -> Path:
    """Find a name that nothing has yet: what was kept once is never written over."""
    tries = (path.with_stem(f"{path.stem}-{number}") if number > 1 else path for number in count(1))
    return next(each for each in tries if not each.exists())


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reference_problems(record: Record, at: Moment) -> list[str]:
    """Look at the references of every text that applies or is still to come."""
    problems: list[str] = []
    files = {attached.hash for each in record.attachments.values() for attached in each}
    sections = {**record.revisions, **record.redirects}
    known = {"paragraph": record.pids, "attachment": files, "section": sections, "contact": sections}
    for revisions in record.revisions.values():
        for period in periods(revisions, at.now):
            revision = period.revision
            if period.until is not None and period.until < at.today:
                continue
            for kind, key in record.references.get(revision.id, ()):
                if key not in known[kind]:
                    problems.append(f"{revision.ref} links to {kind} '{key}', which does not exist.")
            if revision.successor and revision.successor not in sections:
                problems.append(f"{revision.ref} names '{revision.successor}' as its successor, which does not exist.")
    return problems


def _number_problems(record: Record, at: Moment) -> list[str]:
    """Look for numbers that two sections carry on one day, today or later."""
    days = sorted({at.today, *(r.in_force_from for found in record.revisions.values() for r in found)})
    problems: dict[str, None] = {}
    for day in days:
        holders: dict[str, str] = {}
        for key, revision in record.in_force(day, at.now).items() if day >= at.today else ():
            other = holders.setdefault(revision.number or key, key)
            if other != key:
                problems[f"'{other}' and '{key}' both carry the number {revision.number}. Renumber one."] = None
    return list(problems)


def _contact_problems(record: Record) -> list[str]:
    problems: list[str] = []
    for key, kind in record.kinds.items():
        newest = record.revisions[key][-1]
        other = newest.contact.out_of_hours if newest.contact else None
        if kind is SectionKind.CONTACT and other and other not in record.revisions:
            problems.append(f"Contact '{key}' hands over to '{other}' out of hours, which does not exist.")
    return problems


def _ask_every_word(engine: Engine, passages: Iterable[Passage]) -> None:
    """Search for every word there is, so that no part of the index goes unread. Raises `IndexFault`."""
    known = sorted({word for passage in passages for word in words(f"{passage.title} {passage.text}")})
    names = frozenset(passage.revision for passage in passages)
    for start in range(0, len(known), MAX_TERMS):
        engine.search(parse(" ".join(known[start : start + MAX_TERMS])), names, limit=1)


def _index_problems(store: Store, record: Record, engine: Engine) -> list[str]:
    try:
        position, found = engine.position(), engine.keys()
    except IndexFault as error:
        return [f"The search index cannot be read ({error}). Make it again with: kb reindex"]
    if position != record.head:
        return [f"The search index stands at event {position} of {record.head}. Bring it level with: kb reindex"]
    passages = list(all_passages(store, record))
    wanted = {passage.key for passage in passages}
    missing = len(wanted - found)
    try:
        _ask_every_word(engine, passages)
    except IndexFault as error:
        return [f"The search index is damaged ({error}). Make it again with: kb reindex"]
    return (
        [f"The search index lacks {missing} of {len(wanted)} passages. Make it again with: kb reindex"]
        if missing
        else []
    )
