"""What is particular to the Whoosh engine: its folder, its segments, and faults of the disk."""

import errno
import gc
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import ref

import pytest

from index import whoosh_engine
from index.engine import IndexFault
from index.generations import FORMAT, Generations
from index.passage import Passage
from index.query import parse
from index.whoosh_engine import MAX_SEGMENTS, DurableStorage, WhooshEngine, stem


def passage(number: int, text: str = "A child was referred") -> Passage:
    return Passage(f"s@{number}#1", f"s@{number}", "section", f"section-{number}", f"Section {number}", "", text)


def revisions(last: int) -> frozenset[str]:
    return frozenset(f"s@{number}" for number in range(1, last + 1))


def open_files() -> set[str]:
    links = Path("/proc/self/fd").iterdir()
    return {target for link in links if "/index" in (target := _target(link))}


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(folder: Path) -> WhooshEngine:
    opened = WhooshEngine(folder)
    opened.apply([passage(1), passage(2)], 2)
    return opened


def segments(folder: Path) -> int:
    return len({path.name.split(".")[0] for path in folder.glob("generation-*/MAIN_*")})


class TestSegments:
    def test_small_commits_do_not_pile_up_and_nothing_comes_back_after_a_merge(
        self, engine: WhooshEngine, folder: Path
    ) -> None:
        for number in range(3, 41):
            engine.apply([passage(number)], number)
            found = engine.search(parse("child"), revisions(number), limit=99, per_group=99)
            assert found.total == sum(len(group.hits) for group in found.groups) == number
            assert segments(folder) <= MAX_SEGMENTS + 1
        assert engine.position() == 40
        assert len(engine.keys()) == 40

    def test_one_publication_leaves_the_bulk_of_the_index_alone(self, folder: Path) -> None:
        engine = WhooshEngine(folder)
        engine.rebuild([passage(number) for number in range(1, 101)], 1)
        bulk = {path.name: path.stat().st_mtime_ns for path in folder.glob("generation-*/MAIN_*.pst")}
        for number in range(101, 131):
            engine.apply([passage(number)], number)
        after = {path.name: path.stat().st_mtime_ns for path in folder.glob("generation-*/MAIN_*.pst")}
        assert bulk.items() <= after.items()
        assert engine.search(parse("child"), revisions(130)).total == 130

    def test_the_position_goes_back_only_by_a_rebuild(self, engine: WhooshEngine) -> None:
        engine.apply([passage(3)], 1)
        assert engine.position() == 2
        engine.rebuild([passage(1)], 1)
        assert engine.position() == 1


class TestFolder:
    def test_nobody_else_may_look_into_it(self, engine: WhooshEngine, folder: Path) -> None:
        engine.rebuild([passage(1)], 3)
        for path in (folder, *folder.glob("generation-*")):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700

    def test_nothing_is_made_before_something_is_written(self, folder: Path) -> None:
        engine = WhooshEngine(folder)
        assert engine.position() == 0
        assert engine.search(parse("child"), revisions(1)).total == 0
        assert not folder.exists()

    def test_no_file_stays_open(self, engine: WhooshEngine) -> None:
        engine.search(parse("child"), revisions(2))
        engine.rebuild([passage(1)], 3)
        engine.search(parse("child"), revisions(2))
        assert open_files() == set()

    def test_only_the_last_two_generations_are_kept_whatever_was_left_behind(
        self, engine: WhooshEngine, folder: Path
    ) -> None:
        (folder / "generation-000007").mkdir()
        (folder / "generation-000007" / "left by a killed rebuild").touch()
        for position in range(3, 7):
            engine.rebuild([passage(1)], position)
        assert sorted(path.name for path in folder.glob("generation-*")) == ["generation-000010", "generation-000011"]

    def test_a_search_that_has_begun_outlives_its_generation(self, engine: WhooshEngine) -> None:
        view = engine._answers().view(revisions(2))
        for position in range(3, 6):
            engine.rebuild([passage(9, "Something else")], position)
        found = view.find((stem("child"),)).passages.numbers.tolist()
        assert view.shown(found, [(stem("child"),)])[0] == [passage(1), passage(2)]

    def test_what_a_publication_replaces_leaves_memory_at_once(self, engine: WhooshEngine) -> None:
        engine.search(parse("chidl"), revisions(2))
        engine.suggest("chi", revisions(2))
        gone: list[ref[Any]] = [
            ref(engine._answers()),
            ref(engine._snapshot()),
            ref(engine._answers().view(revisions(2))),
        ]
        gc.disable()
        try:
            engine.apply([passage(9, "Something else")], 3)
            engine.search(parse("something"), revisions(9))
            assert [each() for each in gone] == [None, None, None]
        finally:
            gc.enable()

    def test_an_index_of_another_format_counts_as_absent_and_is_replaced(
        self, engine: WhooshEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("index.generations.FORMAT", FORMAT + 1)
        assert engine.position() == 0
        assert engine.search(parse("child"), revisions(2)).total == 0
        engine.apply([passage(3)], 3)
        assert engine.keys() == {"s@3#1"}

    @pytest.mark.parametrize("pointer", [b"", b"generation-000001", b"format 1 ../../etc\n", b"\xff\xfe"])
    def test_a_damaged_pointer_is_a_fault_that_a_rebuild_cures(
        self, engine: WhooshEngine, folder: Path, pointer: bytes
    ) -> None:
        (folder / "current").write_bytes(pointer)
        for use in (engine.position, lambda: engine.apply([passage(3)], 3)):
            with pytest.raises(IndexFault):
                use()
        engine.rebuild([passage(1)], 4)
        assert engine.position() == 4

    @pytest.mark.parametrize(
        "damage", [lambda toc: toc.write_bytes(b""), lambda toc: toc.write_bytes(b"x" * 99), Path.unlink]
    )
    def test_a_torn_table_of_contents_is_a_fault_that_a_rebuild_cures(
        self, engine: WhooshEngine, folder: Path, damage: Callable[[Path], None]
    ) -> None:
        (toc,) = folder.glob("generation-*/*.toc")
        damage(toc)
        fresh = WhooshEngine(folder)
        for use in (fresh.position, fresh.keys, lambda: fresh.search(parse("child"), revisions(2))):
            with pytest.raises(IndexFault):
                use()
        with pytest.raises(IndexFault):
            fresh.apply([passage(3)], 3)
        fresh.rebuild([passage(1)], 4)
        assert fresh.position() == engine.position() == 4

    def test_a_folder_that_cannot_be_used_is_a_fault(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        engine = WhooshEngine(tmp_path / "file" / "index")
        with pytest.raises(IndexFault):
            engine.rebuild([passage(1)], 1)

    def test_a_writer_that_never_leaves_is_a_fault_and_not_a_hang(
        self, engine: WhooshEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("index.generations._LOCK_ATTEMPTS", 2)
        with Generations(folder).lock(), pytest.raises(IndexFault, match="another process"):
            engine.apply([passage(3)], 3)
        assert engine.position() == 2


class _Disk:
    """A disk that takes a number of writes, renames and syncs, and then is full."""

    def __init__(self) -> None:
        self.left = 10**9

    def use(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")


class _File:
    """A file on that disk."""

    def __init__(self, file: Any, disk: _Disk) -> None:
        self._file = file
        self._disk = disk

    def write(self, content: bytes) -> int:
        self._disk.use()
        return int(self._file.write(content))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> _Disk:
    made = _Disk()

    class Storage(DurableStorage):
        def create_file(self, name: str, **options: Any) -> Any:
            made.use()
            created = super().create_file(name, **options)
            created.file = _File(created.file, made)
            return created

        def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
            made.use()
            super().rename_file(oldname, newname, safe=safe)

    def synced(folder: Path) -> None:
        made.use()

    monkeypatch.setattr(whoosh_engine, "DurableStorage", Storage)
    monkeypatch.setattr(whoosh_engine, "sync_folder", synced)
    monkeypatch.setattr("index.generations.sync_folder", synced)
    return made


class TestFullDisk:
    @pytest.mark.parametrize("name", ["apply", "rebuild"])
    def test_wherever_it_strikes_the_old_text_is_readable_and_the_lock_is_free(
        self, engine: WhooshEngine, folder: Path, disk: _Disk, name: str
    ) -> None:
        failures = 0
        while True:
            disk.left = failures
            try:
                getattr(engine, name)([passage(1), passage(2), passage(3)], 3)
            except IndexFault:
                failures += 1
                assert open_files() == set()
                assert engine.position() in {2, 3}
                assert engine.search(parse("child"), revisions(2)).total == 2
            else:
                break
        assert failures > 20
        disk.left = 10**9
        assert engine.position() == WhooshEngine(folder).position() == 3
        engine.apply([passage(4)], 4)
        assert engine.keys() == {f"s@{number}#1" for number in range(1, 5)}
        assert not list(folder.glob("generation-*/*.tmp"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bruising", "bruise"),
        ("children", "child"),
        ("referral", "referred"),
        ("pregnancy", "pregnant"),
        ("abusive", "abuse"),
    ],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["cse", "s47", "8.14", "72", "lado"])
def test_acronyms_and_numbers_are_not_stemmed(word: str) -> None:
    assert stem(word) == word
