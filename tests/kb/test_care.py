"""Looking after the manual: checks that see, backups that are proved, restores that mix nothing up."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.engine import IndexFault
from index.whoosh_engine import WhooshEngine
from kb.access import Actor
from kb.indexing import all_passages
from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.errors import Fault, Invalid, Refused
from procedures.model import RevisionKind
from procedures.store import Store
from tests.conftest import SetClock
from tests.procedures.texts import NOW, TODAY, a_contact, a_text


@pytest.fixture
def small(tmp_path: Path, clock: SetClock, editor: Actor) -> Iterator[KnowledgeBase]:
    """A manual of one section, open."""
    with KnowledgeBase.open(Settings(data=tmp_path / "data"), clock, create=True) as opened:
        opened.publish(editor, a_text("brue", "Ring the apricot line."))
        yield opened


def again(kb: KnowledgeBase, clock: SetClock) -> KnowledgeBase:
    return KnowledgeBase.open(kb.settings, clock)


def passages(kb: KnowledgeBase, words: str) -> set[str]:
    return {hit.passage.text for result in kb.search(words).results for hit in result.hits}


# Check


def test_the_sample_is_well(kb: KnowledgeBase) -> None:
    found = kb.check()
    assert found.problems == ()
    assert (found.head, found.head_hash) == kb._store.head()


def test_a_check_finds_links_successors_and_contacts_that_lead_nowhere(small: KnowledgeBase, editor: Actor) -> None:
    small.publish(editor, a_text("other", "See <a href='section:gone'>this</a>.", number="8.1"))
    small.publish(editor, a_text("third", "See <a href='paragraph:p-222222'>this</a>.", number="8.2"))
    small.publish(editor, a_text("fourth", "<a href='contact:nobody'>Ring</a>.", number="8.3"))
    withdrawal = {"kind": RevisionKind.WITHDRAWAL, "withdrawal_reason": "Merged.", "successor": "nowhere"}
    small.publish(editor, a_text("brue", "", based_on=1, **withdrawal))
    details = a_contact().contact
    assert details
    lonely = {"telephone": "1", "opening_hours": "24/7", "role": "other", "out_of_hours": "night"}
    small.publish(editor, a_contact("door", contact=type(details)(**lonely)))
    problems = " ".join(small.check().problems)
    for words in ("other@1 links to section 'gone'", "'p-222222'", "contact 'nobody'", "'nowhere' as its successor"):
        assert words in problems
    assert "'door' hands over to 'night'" in problems


def test_a_check_finds_an_index_that_is_behind_and_says_what_to_do(small: KnowledgeBase) -> None:
    with Store.open(small.settings.database) as beside, beside.write("Editor", lambda: NOW) as transaction:
        transaction.publish(a_text("other", number="8.1"), TODAY)
    (problem,) = small.check().problems
    assert "event 1 of 2" in problem
    assert "kb reindex" in problem
    assert not small.health().ok
    small.rebuild_index()
    assert small.check().problems == ()
    assert small.health().ok


def test_a_check_finds_an_index_that_lacks_passages(small: KnowledgeBase) -> None:
    small._engine.rebuild([], small.check().head)
    (problem,) = small.check().problems
    assert "lacks 1 of 1 passages" in problem


def test_a_check_finds_an_altered_text(small: KnowledgeBase) -> None:
    with closing(sqlite3.connect(small.settings.database)) as connection, connection:
        connection.execute("DROP TRIGGER bodies_only_redact")
        connection.execute("UPDATE bodies SET html = replace(html, 'Ring', 'Avoid')")
    (problem,) = small.check().problems
    assert "has been altered" in problem


# Backup and restore


def test_a_backup_comes_back_just_as_it_was_and_says_what_it_rolls_back(
    small: KnowledgeBase, clock: SetClock, editor: Actor, tmp_path: Path
) -> None:
    made = small.backup(tmp_path / "backup.db")
    assert made == small.check()
    small.publish(editor, a_text("other", "Kiwi.", number="8.1"))
    small.close()
    done = KnowledgeBase.restore(small.settings, tmp_path / "backup.db")
    assert (done.head_before, done.head) == (2, 1)
    (words,) = done.rolled_back
    assert "publish other" in words
    assert "Procedures editor" in words
    with again(small, clock) as restored:
        assert restored.check() == made
        assert passages(restored, "kiwi") == set()
        assert passages(restored, "apricot") == {"Ring the apricot line."}


def test_what_stood_before_a_restore_is_kept_beside_it(
    small: KnowledgeBase, clock: SetClock, editor: Actor, tmp_path: Path
) -> None:
    small.backup(tmp_path / "backup.db")
    small.publish(editor, a_text("other", "Kiwi.", number="8.1"))
    before = small.check()
    small.close()
    KnowledgeBase.restore(small.settings, tmp_path / "backup.db")
    (kept,) = small.settings.data.glob("manual-before-restore-*.db")
    KnowledgeBase.restore(small.settings, kept)
    with again(small, clock) as restored:
        assert restored.check() == before


def test_after_a_restore_another_text_of_the_same_name_never_mixes_with_the_old_one(
    small: KnowledgeBase, clock: SetClock, editor: Actor, tmp_path: Path
) -> None:
    small.backup(tmp_path / "backup.db")
    small.publish(editor, a_text("brue", "Ring the banana line.", based_on=1))
    small.close()
    KnowledgeBase.restore(small.settings, tmp_path / "backup.db")
    with again(small, clock) as restored:
        restored.publish(editor, a_text("brue", "Ring the cherry line.", based_on=1))
        assert [p.text for p in restored.revision("brue", 2).paragraphs] == ["Ring the cherry line."]
        assert passages(restored, "line") == {"Ring the cherry line."}
        assert passages(restored, "banana") == set()
        assert restored.suggest("bana") == ()
        assert restored.check().problems == ()


def test_a_manual_left_open_during_a_restore_goes_on_with_the_restored_text(
    small: KnowledgeBase, editor: Actor, tmp_path: Path
) -> None:
    small.backup(tmp_path / "backup.db")
    small.publish(editor, a_text("brue", "Ring the banana line.", based_on=1))
    assert passages(small, "line") == {"Ring the banana line."}
    KnowledgeBase.restore(small.settings, tmp_path / "backup.db")
    assert small.section("brue").revision.revision == 1
    assert passages(small, "line") == {"Ring the apricot line."}
    small.publish(editor, a_text("brue", "Ring the cherry line.", based_on=1))
    assert passages(small, "line") == {"Ring the cherry line."}
    assert [p.text for p in small.section("brue").paragraphs] == ["Ring the cherry line."]
    assert small.check().problems == ()


def test_a_backup_never_overwrites_and_needs_its_folder(small: KnowledgeBase, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.write_text("precious")
    with pytest.raises(Refused, match="left as it is"):
        small.backup(there)
    assert there.read_text() == "precious"
    with pytest.raises(Invalid, match="Make it first"):
        small.backup(tmp_path / "nowhere" / "backup.db")


def test_a_backup_of_a_damaged_record_is_not_called_a_backup(small: KnowledgeBase, tmp_path: Path) -> None:
    with closing(sqlite3.connect(small.settings.database)) as connection, connection:
        connection.execute("DROP TRIGGER events_refuse_update")
        connection.execute("UPDATE events SET payload = '{}'")
    with pytest.raises(Fault, match="no backup was made"):
        small.backup(tmp_path / "backup.db")
    assert [p.name for p in tmp_path.iterdir() if "backup" in p.name] == []


def test_a_backup_is_one_file_that_needs_no_other(small: KnowledgeBase, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    small.backup(folder / "backup.db")
    assert [p.name for p in folder.iterdir()] == ["backup.db"]


def rubbish(path: Path) -> None:
    path.write_bytes(b"rubbish" * 999)


def empty(path: Path) -> None:
    path.touch()


def other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE recipes (name)")


def altered(path: Path) -> None:
    with Store.open(path, create=True) as store, store.write("Editor", lambda: NOW) as transaction:
        transaction.publish(a_text(), TODAY)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER events_refuse_update")
        connection.execute("UPDATE events SET actor = 'Somebody'")


def newer(path: Path) -> None:
    Store.open(path, create=True).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def missing(path: Path) -> None:
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("spoil", [rubbish, empty, other_database, altered, newer, missing])
def test_what_is_no_good_backup_is_refused_and_nothing_changes(
    small: KnowledgeBase, clock: SetClock, tmp_path: Path, spoil: object
) -> None:
    assert callable(spoil)
    before, source = small.check(), tmp_path / "source.db"
    small.close()
    spoil(source)
    with pytest.raises(Invalid, match=r"source\.db"):
        KnowledgeBase.restore(small.settings, source)
    with again(small, clock) as as_before:
        assert as_before.check() == before
    assert sorted(p.name for p in small.settings.data.iterdir() if p.suffix == ".db") == ["manual.db"]


def test_a_restore_mends_a_damaged_database_and_keeps_its_bytes(
    small: KnowledgeBase, clock: SetClock, tmp_path: Path
) -> None:
    made = small.backup(tmp_path / "backup.db")
    small.close()
    for leftover in ("-wal", "-shm"):
        small.settings.database.with_name(f"manual.db{leftover}").unlink(missing_ok=True)
    small.settings.database.write_bytes(b"rubbish" * 999)
    done = KnowledgeBase.restore(small.settings, tmp_path / "backup.db")
    assert done.head == 1
    with again(small, clock) as restored:
        assert restored.check() == made
    assert (small.settings.data / "manual-damaged.db").read_bytes() == b"rubbish" * 999


def test_a_backup_can_be_restored_where_there_was_no_manual(small: KnowledgeBase, tmp_path: Path) -> None:
    made = small.backup(tmp_path / "backup.db")
    elsewhere = Settings(data=tmp_path / "elsewhere")
    assert KnowledgeBase.restore(elsewhere, tmp_path / "backup.db").head_before == 0
    with KnowledgeBase.open(elsewhere) as restored:
        assert restored.check() == made


def test_restoring_leaves_the_backup_untouched(small: KnowledgeBase, tmp_path: Path) -> None:
    small.backup(tmp_path / "backup.db")
    small.close()
    before = (tmp_path / "backup.db").read_bytes()
    KnowledgeBase.restore(small.settings, tmp_path / "backup.db")
    assert (tmp_path / "backup.db").read_bytes() == before


# An index that heals


def deleted(index: Path) -> None:
    shutil.rmtree(index)


def emptied(index: Path) -> None:
    for generation in index.glob("generation-*"):
        for file in generation.iterdir():
            file.write_bytes(b"")


def overwritten(index: Path) -> None:
    for file in index.rglob("*"):
        if file.is_file() and file.name != "lock":
            file.write_bytes(b"\0rubbish" * 99)


def without_pointer(index: Path) -> None:
    (index / "current").unlink()


def pointing_nowhere(index: Path) -> None:
    for generation in index.glob("generation-*"):
        shutil.rmtree(generation)


HARMS = (deleted, emptied, overwritten, without_pointer, pointing_nowhere)


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_index_is_made_again_at_opening_and_said_so(
    small: KnowledgeBase, clock: SetClock, harm: Callable[[Path], None]
) -> None:
    small.close()
    harm(small.settings.index)
    with again(small, clock) as healed:
        assert healed.index_was_rebuilt
        assert passages(healed, "apricot") == {"Ring the apricot line."}
        assert healed.check().problems == ()
    with again(small, clock) as whole:
        assert not whole.index_was_rebuilt


@pytest.mark.parametrize("harm", HARMS)
def test_an_index_damaged_while_searches_go_on_is_never_taken_for_whole(
    small: KnowledgeBase, harm: Callable[[Path], None]
) -> None:
    found = small.search("ring").total
    assert found
    assert small.is_ready_to_search()
    harm(small.settings.index)
    assert small.is_ready_to_search() == (harm is emptied), "of that one all is in memory"
    assert [small.search("ring").total for _ in range(2)] == [found, found]


def test_an_index_deleted_while_open_costs_a_rebuild_not_a_reader(small: KnowledgeBase, editor: Actor) -> None:
    deleted(small.settings.index)
    assert small.section("brue").paragraphs
    small.publish(editor, a_text("other", "Kiwi.", number="8.1"))
    assert passages(small, "kiwi") == {"Kiwi."}
    assert passages(small, "apricot") == {"Ring the apricot line."}
    assert small.check().problems == ()


def test_an_index_that_cannot_be_made_delays_a_search_never_a_publication(
    small: KnowledgeBase, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise IndexFault("the disk is full")

    with monkeypatch.context() as broken:
        for name in ("apply", "rebuild", "search"):
            broken.setattr(WhooshEngine, name, fails)
        revision = small.publish(editor, a_text("brue", "Kiwi.", based_on=1))
        assert small.section("brue").revision == revision
        assert not small.health().ok
        view = small.search("8.38")
        assert [d.key for d in view.destinations] == ["brue"]
        assert view.notice
        assert "being made again" in view.notice
    assert passages(small, "kiwi") == {"Kiwi."}
    assert small.health().ok


def test_a_manual_whose_index_cannot_be_made_still_opens_and_is_read(
    small: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise IndexFault("the disk is full")

    deleted(small.settings.index)
    for name in ("apply", "rebuild"):
        monkeypatch.setattr(WhooshEngine, name, fails)
    with KnowledgeBase.open(small.settings) as again:
        assert again.section("brue").paragraphs
        assert not again.health().ok


def test_a_file_where_the_index_should_be_is_moved_aside(small: KnowledgeBase) -> None:
    deleted(small.settings.index)
    small.settings.index.write_text("a file where the folder should be")
    assert small.search("ring").total
    assert small.settings.index.with_name("index-aside").read_text() == "a file where the folder should be"


def test_postings_that_cannot_be_read_are_made_again_by_the_next_search(small: KnowledgeBase) -> None:
    for postings in small.settings.index.rglob("*.pst"):
        postings.write_bytes(bytes(len(postings.read_bytes())))
    with KnowledgeBase.open(small.settings) as again:
        assert again.check().problems != ()
        assert again.search("ring").total
        assert again.check().problems == ()


def test_making_the_index_again_counts_every_passage(kb: KnowledgeBase) -> None:
    record = kb._store.record()
    assert kb.rebuild_index() == len(list(all_passages(kb._store, record)))


def test_health_tells_where_the_log_and_the_index_stand(kb: KnowledgeBase) -> None:
    health = kb.health()
    assert health.ok
    assert (health.head, health.head_hash) == kb._store.head()
    assert (health.index_position, health.sections_in_force, health.problems) == (health.head, 73, ())


def test_copies_that_a_killed_process_left_are_swept_away_and_those_in_use_are_not(
    kb: KnowledgeBase, folder: Path, clock: SetClock
) -> None:
    left, used, other = (folder / name for name in ("being-tried-abc", "being-made-xyz", "being-kept"))
    for each, age in ((left, 3601), (used, 60), (other, 9999)):
        each.mkdir()
        (each / "manual.db").write_bytes(b"x")
        touched = clock.now().timestamp() - age
        os.utime(each, (touched, touched))
    assert kb.check().problems == ()
    assert [each.exists() for each in (left, used, other)] == [False, True, True]
