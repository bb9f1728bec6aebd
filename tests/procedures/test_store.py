"""The record on disk: written once, all or nothing, by many at a time, and honest about damage."""

import hashlib
import multiprocessing
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from procedures import sample
from procedures.errors import Fault, Mendable, NotFound, Refused
from procedures.model import Action, Change, LearningStatus, Notice, NumberAlias, Revision, RevisionKind
from procedures.publication import AttachedFile, Proposal
from procedures.record import read_record
from procedures.schema import tables
from procedures.store import EMPTY_CHAIN, SCHEMA, Store
from procedures.transaction import Redaction, Transaction
from tests.procedures.appender import append_many
from tests.procedures.texts import NOW, TODAY, a_contact, a_text, day

SCHEMA_FOLDER = Path(__file__).parents[2] / "procedures" / "schema"
FORM = AttachedFile("form.pdf", "application/pdf", b"%PDF", "A form to fill in.")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "manual.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, create=True) as opened:
        yield opened


@pytest.fixture
def filled(store: Store) -> Store:
    """A record with a row in every table that is written once."""
    publish(store, a_contact())
    publish(store, a_text("brue", "Ring <a href='contact:front-door'>them</a>.", attachments=(FORM,)))
    publish(store, a_text("brue", "Ring now.", based_on=1, in_force_from=day(9)))
    with store.write("Editor", lambda: NOW) as transaction:
        transaction.cancel("brue", 2, "Too early.", TODAY)
    redact(store, store.record().revision("brue", 2), "A name.", "Author", "Approver")
    return store


def publish(store: Store, proposal: Proposal) -> Revision:
    with store.write("Editor", lambda: NOW) as transaction:
        return transaction.publish(proposal, TODAY)


def statement(store: Store, sql: str, *values: object) -> None:
    """Run SQL on a connection of the store's own, as a mistake in the program would."""
    with store.write("Editor", lambda: NOW) as transaction:
        transaction._connection.exec_driver_sql(sql, values)


def redact(store: Store, revision: Revision, reason: str, requested_by: str, approved_by: str) -> None:
    with store.write(approved_by, lambda: NOW) as transaction:
        transaction.redact(Redaction("1", revision.section, reason, requested_by, {revision.body_hash: None}))


def tamper(path: Path, *statements: str) -> None:
    """Change the file behind the program's back, guards taken off first."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for sql in statements:
            assert connection.execute(sql).rowcount > 0


def written_once() -> list[str]:
    """Read from the migrations which tables they guard."""
    found: list[str] = []
    for migration in sorted((SCHEMA_FOLDER / "versions").glob("*.py")):
        listed = re.search(r"WRITTEN_ONCE = \((.*?)\)", migration.read_text("utf-8"), re.DOTALL)
        found += re.findall(r'"(\w+)"', listed.group(1)) if listed else []
    return found


# Written once


def test_the_record_proper_is_written_once() -> None:
    assert {"events", "revisions", "cancellations", "redactions", "paragraphs", "placements"} <= set(written_once())


@pytest.mark.parametrize("table", written_once())
def test_no_row_is_ever_changed_deleted_or_replaced(filled: Store, path: Path, table: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info('{table}')")]
        before = connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608
    assert before, f"the fixture must fill {table}"
    for sql in (
        f'UPDATE "{table}" SET "{columns[-1]}" = "{columns[-1]}"',  # noqa: S608
        f'DELETE FROM "{table}"',  # noqa: S608
        f'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}" LIMIT 1',  # noqa: S608
    ):
        with pytest.raises(Fault, match="nothing was changed"):
            statement(filled, sql)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(f'SELECT * FROM "{table}"').fetchall() == before  # noqa: S608


@pytest.mark.parametrize("seq", [0, 3, 99])
def test_an_event_that_does_not_follow_on_is_refused(filled: Store, seq: int) -> None:
    with pytest.raises(Fault):
        statement(filled, "INSERT INTO events VALUES (?, '', '', '', '', '{}', '', 'x')", seq)


def test_a_text_is_only_taken_out_by_a_redaction_that_two_people_answer_for(store: Store) -> None:
    revision = publish(store, a_text())
    for sql in ("UPDATE bodies SET html = NULL", "UPDATE bodies SET html = 'Other'", "DELETE FROM bodies"):
        with pytest.raises(Fault):
            statement(store, sql)
    with pytest.raises(Refused, match="Let somebody else look"):
        redact(store, revision, "A name.", "Author", "AUTHOR")
    assert store.verify() == []
    assert store.paragraphs(revision)
    redact(store, revision, "A name.", "Author", "Approver")
    with pytest.raises(Fault):
        statement(store, "UPDATE bodies SET html = 'Something else'")
    assert store.verify() == []


def test_a_redacted_text_is_gone_at_once_wherever_the_record_is_open(store: Store, path: Path) -> None:
    revision = publish(store, a_text("brue", "The child's name."))
    with Store.open(path) as reader:
        reader.record()
        assert reader.body(revision)
        redact(store, revision, "A name.", "Author", "Approver")
        assert reader.record().redactions == {revision.body_hash: "A name."}
        assert reader.body(revision) is None
        assert reader.paragraphs(revision) == ()


# Alteration is found


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE events SET payload = '{}' WHERE seq = 2", "Event 2 of the log has been altered"),
        ("UPDATE events SET actor = 'Somebody' WHERE seq = 1", "Event 1 of the log has been altered"),
        ("UPDATE events SET hash = 'f' WHERE seq = 2", "Event 2 of the log has been altered"),
        ("UPDATE events SET hash_before = 'f' WHERE seq = 3", "Event 3 of the log has been altered"),
        ("UPDATE bodies SET html = replace(html, 'Ring', 'Wait') WHERE html LIKE '%Ring%'", "Text .* has been altered"),
        ("UPDATE bodies SET html = NULL WHERE html LIKE '%Ring%'", "gone without a recorded redaction"),
        ("DELETE FROM events WHERE seq = 2", "no event 2: rows are missing"),
        ("DELETE FROM events WHERE seq = 5", "points at a row of events that is not there"),
        ("DELETE FROM paragraphs WHERE pid IN (SELECT pid FROM placements)", "points at a row of paragraphs"),
    ],
)
def test_every_alteration_behind_the_programs_back_is_found(filled: Store, path: Path, sql: str, found: str) -> None:
    assert filled.verify() == []
    tamper(path, sql)
    assert any(re.search(found, problem) for problem in filled.verify()), filled.verify()


def test_a_log_cut_short_without_trace_no_longer_has_the_head_that_was_kept_elsewhere(store: Store, path: Path) -> None:
    with store.write("Editor", lambda: NOW) as transaction:
        transaction.append("note", "manual", {"kept": 1})
    kept = store.head()
    with store.write("Editor", lambda: NOW) as transaction:
        transaction.append("note", "manual", {"kept": 2})
    tamper(path, "DELETE FROM events WHERE seq = 2")
    assert store.verify() == [], "a chain cannot tell that its tail is gone"
    assert store.head() == kept, "but its head does"


# All or nothing


def test_what_fails_half_way_leaves_nothing(store: Store, path: Path) -> None:
    publish(store, a_text())
    before = dump(path)
    with pytest.raises(ZeroDivisionError):
        half_way(store, fail=True)
    with pytest.raises(Refused):
        half_way(store, fail=False)
    assert dump(path) == before
    assert store.verify() == []


def half_way(store: Store, *, fail: bool) -> None:
    with store.write("Editor", lambda: NOW) as transaction:
        transaction.publish(a_text("other", number="8.39"), TODAY)
        assert 1 / (not fail)
        transaction.publish(a_text("another", title="", number="8.40"), TODAY)


def test_eight_processes_writing_at_once_lose_nothing(store: Store, path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=append_many, args=(path, number, 25)) for number in range(1, 9)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(240)
    assert [writer.exitcode for writer in writers] == [0] * 8
    assert store.head()[0] == 200
    assert store.verify() == []
    assert {key: len(found) for key, found in store.record().revisions.items()} == {
        f"section-{number}": 25 for number in range(1, 9)
    }


def test_the_log_tells_who_did_what_when_in_order(filled: Store) -> None:
    events = filled.events()
    assert [(e.seq, e.action, e.subject) for e in events] == [
        (1, "publish", "front-door"),
        (2, "publish", "brue"),
        (3, "publish", "brue"),
        (4, "cancel", "brue"),
        (5, "redact", "brue"),
    ]
    assert events[0].hash_before == EMPTY_CHAIN
    assert [e.hash for e in events[:-1]] == [e.hash_before for e in events[1:]]
    assert {e.at for e in events} == {NOW}
    assert [e.seq for e in filled.events(after=3)] == [4, 5]
    assert filled.head() == (5, events[-1].hash)


# Opening


def test_a_missing_manual_is_said_plainly_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="kb init --data"):
        Store.open(tmp_path / "nowhere" / "manual.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Mendable, match="cannot be written"):
        Store.open(tmp_path / "file" / "manual.db", create=True)


@pytest.mark.parametrize("newer", [f"{int(SCHEMA) + 1:04}", "9999"])
def test_a_manual_of_a_newer_version_is_refused_in_a_sentence_and_left_alone(
    store: Store, path: Path, newer: str
) -> None:
    store.close()
    tamper(path, f"UPDATE alembic_version SET version_num = '{newer}'")  # noqa: S608
    with pytest.raises(Mendable, match="newer version of this program") as caught:
        Store.open(path)
    assert not isinstance(caught.value, Fault)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (newer,)


@pytest.mark.parametrize("damage", [b"not a database at all" * 200, b"\0" * 8192])
def test_a_damaged_file_is_said_plainly_with_the_way_out(path: Path, damage: bytes) -> None:
    path.write_bytes(damage)
    with pytest.raises(Fault, match="kb restore"):
        Store.open(path)


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE recipes (name)")
    before = dump(path)
    with pytest.raises(Mendable, match="another program"):
        Store.open(path, create=True)
    assert dump(path) == before


def test_damage_in_the_middle_of_the_file_is_found(filled: Store, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    filled.close()
    content = bytearray(path.read_bytes())
    content[8192:-4096] = b"\xff" * (len(content) - 8192 - 4096)
    path.write_bytes(content)
    try:
        with Store.open(path) as damaged:
            problems = damaged.verify()
    except Fault as error:
        problems = [str(error)]
    assert any("damaged" in problem for problem in problems)


# The schema


def test_the_migrations_make_just_the_tables_the_program_knows(store: Store, path: Path) -> None:
    with create_engine(f"sqlite:///{path}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_the_newest_migration_is_the_one_the_program_asks_for() -> None:
    assert ScriptDirectory(str(SCHEMA_FOLDER)).get_heads() == [SCHEMA]


def test_opening_again_changes_nothing(filled: Store, path: Path) -> None:
    before = dump(path)
    with Store.open(path, create=True) as again:
        assert again.head() == filled.head()
    assert dump(path) == before


# Reading beside writers


def test_the_record_is_read_anew_only_when_the_log_has_grown(store: Store, path: Path) -> None:
    publish(store, a_text())
    known = store.record()
    assert store.record() is known
    with Store.open(path) as other:
        publish(other, a_text("other", number="8.39"))
    assert set(store.record().revisions) == {"brue", "other"}
    assert known.head == 1, "an answer begun before still has its own state"


def test_a_file_is_kept_once_and_given_back_byte_for_byte(store: Store) -> None:
    publish(store, a_text(attachments=(FORM,)))
    publish(store, a_text("other", number="8.39", attachments=(FORM,)))
    revision = store.record().revision("brue", 1)
    (attachment,) = store.record().attachments[revision.id]
    assert (attachment.filename, attachment.size, attachment.text_equivalent) == ("form.pdf", 4, "A form to fill in.")
    assert attachment.hash == hashlib.sha256(FORM.content).hexdigest()
    assert store.file(attachment.hash) == FORM.content
    with pytest.raises(NotFound):
        store.file("0" * 64)


def test_a_backup_taken_while_others_write_is_whole(store: Store, path: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    failed: list[BaseException] = []

    def write() -> None:
        with Store.open(path) as other:
            number = 0
            while not stop.is_set():
                number += 1
                publish(other, a_text(f"s-{number}", f"Text {number}.", number=f"8.{number}"))

    writer = threading.Thread(target=caught(write, failed))
    writer.start()
    try:
        for number in range(5):
            copy = tmp_path / f"backup-{number}.db"
            store.backup(copy)
            with Store.open(copy) as backup:
                assert backup.verify() == []
                assert len(backup.record().revisions) == backup.head()[0]
    finally:
        stop.set()
        writer.join(20)
    assert failed == []
    assert store.head()[0] > 0


def caught(work: Callable[[], None], failed: list[BaseException]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    return run


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_a_revision_that_was_altered_behind_the_logs_back_is_found(filled: Store, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER revisions_refuse_update")
        connection.execute("UPDATE revisions SET approver = 'Somebody else', title = 'Other' WHERE id = 2")
        connection.commit()
    assert filled.verify() == ["brue@1 is not as the log tells it: approver, title."]


def test_while_a_copy_is_put_in_place_nobody_else_can_write_there(filled: Store, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    tried: list[str] = []
    with Store.open(target, create=True) as live:
        publish(live, a_text())

        def try_to_write() -> None:
            other = sqlite3.connect(target, timeout=0)
            with closing(other), pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            tried.append(live.head()[1])

        before = live.head()[1]
        filled.backup(target, before=try_to_write)
        assert tried == [before]
        assert live.head() == filled.head()


def test_times_follow_the_order_of_the_log_even_if_the_clock_is_set_back(store: Store) -> None:
    publish(store, a_text())
    with store.write("Editor", lambda: NOW - timedelta(days=1)) as transaction:
        transaction.append("note", "manual", {})
    assert [event.at for event in store.events()] == [NOW, NOW]


def a_release(transaction: Transaction) -> None:
    """Publish and cancel, in one go, with a section that is new and a link from learning."""
    transaction.publish(a_text("other", "See <a href='section:brue'>that</a>.", number="8.1"), TODAY)
    transaction.publish(a_text("brue", "Ring.", based_on=3, in_force_from=day(9), attachments=(FORM,)), TODAY)
    transaction.cancel("brue", 4, "Too early.", TODAY)
    transaction.link_learning(REVIEW.key, 1, Change("other", 1, (), True))


REVIEW = sample.reviews()[0]
POINT = replace(
    REVIEW.learning[0], evidence="The section says so.", status=LearningStatus.COMPLETE, action=Action.PROCEDURE_REVISED
)
WRITES: dict[str, Callable[[Transaction], object]] = {
    "a publication": lambda t: t.publish(a_text("brue", "Ring twice.", based_on=2), TODAY),
    "a review": lambda t: t.record_review(REVIEW),
    "a term": lambda t: t.record_term(sample.terms()[0]),
    "a text to come": lambda t: t.publish(a_text("new", "Wait.", number="9.9", in_force_from=day(4)), TODAY),
    "a withdrawal": lambda t: t.publish(
        a_text("front-door-2", kind=RevisionKind.WITHDRAWAL, withdrawal_reason="Done.", based_on=1, number="8.7"), TODAY
    ),
    "a cancellation": lambda t: t.cancel("new", 1, "Not yet.", TODAY),
    "a link": lambda t: t.link_learning(REVIEW.key, 1, Change("brue", 3, (), True)),
    "a decision": lambda t: t.decide_learning(REVIEW.key, 1, POINT, "It does."),
    "a release": a_release,
    "the end of a link": lambda t: t.unlink_learning(REVIEW.key, 1, Change("brue", 3, (), True), "A mistake."),
    "an import": lambda t: t.publish(a_text("imported", number="8.5"), TODAY, {"file": "one.html"}),
    "a look": lambda t: t.look("imported", 1),
    "a notice": lambda t: t.record_notice(Notice("Closed.", TODAY, None, "brue")),
    "a redirect": lambda t: t.record_redirect("alte", "brue"),
    "a number": lambda t: t.record_alias(NumberAlias("8.36", "brue", None, None, None, "Renumbered.")),
}


def test_what_is_read_on_after_each_write_is_what_the_record_says_as_a_whole(filled: Store, path: Path) -> None:
    publish(filled, a_text("front-door-2", number="8.7"))
    read_on = 0
    for name, write in WRITES.items():
        before = filled.record()
        with filled.write("Editor", lambda: NOW) as transaction:
            write(transaction)
        with Store.open(path) as fresh:
            whole = fresh.record()
        assert filled.record() == whole, name
        assert list(filled.record().revisions) == list(whole.revisions), name
        assert before != whole, name
        read_on += filled.record().terms is before.terms
    assert read_on == 8, "what publishing and learning touch is read alone"


def test_a_record_of_another_history_is_read_whole(filled: Store, path: Path, tmp_path: Path) -> None:
    filled.backup(tmp_path / "copy.db")
    publish(filled, a_text("brue", "One way.", based_on=2))
    old = filled.record()
    with Store.open(tmp_path / "copy.db") as other:
        publish(other, a_text("brue", "Another way.", based_on=2))
        publish(other, a_text("brue", "And on.", based_on=3))
        head, head_hash = other.head()
        with other.read() as connection:
            assert read_record(connection, head, head_hash, old) == other.record()
