"""What a search engine of this project must keep, whatever happens while it writes; `conftest` names the engines."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.engine import Engine, IndexFault
from index.passage import Passage
from index.query import parse
from tests.contracts.manual import IN_FORCE, MANUAL, found, passage

Factory = Callable[[Path], Engine]

ROOT = Path(__file__).resolve().parents[2]


class TestApplying:
    def test_position_and_passages_arrive_together(self, filled: Engine) -> None:
        assert filled.position() == 7
        assert filled.keys() == {each.key for each in MANUAL}
        filled.apply([], 9)
        assert filled.position() == 9

    def test_it_holds_only_what_is_on_the_disk_and_has_been_read(
        self, filled: Engine, make: Factory, folder: Path
    ) -> None:
        assert filled.position() == 7
        assert (filled.holds(7), filled.holds(6)) == (True, False)
        another = make(folder)
        assert not another.holds(7), "it has read nothing yet"
        another.apply([], 9)
        assert not filled.holds(7)
        assert filled.position() == 9
        assert filled.holds(9)
        another.rebuild(MANUAL, 9)
        assert not filled.holds(9), "of another generation"
        another.close()

    def test_applying_twice_does_no_harm(self, filled: Engine) -> None:
        before = filled.search(parse("child"), IN_FORCE, per_group=50)
        filled.apply(MANUAL + MANUAL, 7)
        assert filled.search(parse("child"), IN_FORCE, per_group=50) == before
        assert filled.position() == 7

    def test_a_passage_given_twice_at_once_is_there_once(self, engine: Engine) -> None:
        engine.apply(MANUAL + MANUAL, 1)
        assert found(engine, "crawl") == ["bruising@1#1"]

    def test_many_small_additions_find_each_passage_once(self, engine: Engine) -> None:
        for n in range(1, 31):
            engine.apply([passage(f"part@{n}#1", f"A referral numbered word{n}.", document=f"part-{n}")], n)
        revisions = frozenset(f"part@{n}" for n in range(1, 31))
        assert sorted(found(engine, "referral", revisions)) == sorted(f"part@{n}#1" for n in range(1, 31))
        assert engine.position() == 30

    def test_a_source_that_fails_leaves_everything_as_it_was(self, filled: Engine) -> None:
        def broken() -> Iterator[Passage]:
            yield passage("new@1#1", "never seen")
            raise LookupError

        for write in (filled.apply, filled.rebuild):
            with pytest.raises(LookupError):
                write(broken(), 8)
        assert filled.position() == 7
        filled.apply([passage("new@1#1", "seen")], 8)
        assert filled.position() == 8

    def test_it_is_all_there_after_closing_and_opening_again(self, filled: Engine, make: Factory, folder: Path) -> None:
        before = filled.search(parse("baby"), IN_FORCE)
        filled.close()
        assert make(folder).search(parse("baby"), IN_FORCE) == before
        assert filled.search(parse("baby"), IN_FORCE) == before


class TestRebuilding:
    def test_a_rebuild_holds_what_it_was_given_and_nothing_else(self, filled: Engine) -> None:
        filled.rebuild(MANUAL[:3], 3)
        assert filled.position() == 3
        assert filled.keys() == {each.key for each in MANUAL[:3]}
        assert found(filled, "lado") == []

    def test_another_engine_on_the_folder_sees_it(self, filled: Engine, make: Factory, folder: Path) -> None:
        other = make(folder)
        assert other.position() == 7
        filled.rebuild(MANUAL, 12)
        filled.apply([passage("new@1#1", "Seen by all.")], 13)
        assert other.position() == 13
        assert found(other, "seen", frozenset({"new@1"})) == ["new@1#1"]

    def test_readers_never_see_a_half_full_index(self, filled: Engine) -> None:
        expected = filled.search(parse("child baby working day"), IN_FORCE)
        stop = threading.Event()
        wrong: list[object] = []

        def read() -> None:
            while not stop.is_set():
                try:
                    ranking = filled.search(parse("child baby working day"), IN_FORCE)
                except Exception as error:
                    wrong.append(error)
                else:
                    if ranking != expected:
                        wrong.append(ranking)

        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for position in range(8, 26):
            if position % 3:
                filled.apply([passage(f"new@{position}#1", "A child and a baby.")], position)
            else:
                filled.rebuild(MANUAL, position)
        stop.set()
        for reader in readers:
            reader.join()
        assert wrong == []


CHILD = """
import sys
from importlib import import_module
from pathlib import Path
from index.passage import Passage

module, _, name = sys.argv[1].partition(":")
engine = getattr(import_module(module), name)(Path(sys.argv[2]))

def make(n, who):
    return Passage(f"{who}@{n}#1", f"{who}@{n}", "section", f"{who}-{n}", "Title", "", f"A child, word{n}.")
"""

WRITE_FOREVER = """
position = engine.position()
while True:
    position += 1
    if position % 4:
        engine.apply([make(position, "p")], position)
    else:
        engine.rebuild([make(n, "p") for n in range(1, position + 1)], position)
    print(position, flush=True)
"""

WRITE_TWENTY = """
for n in range(1, 21):
    engine.apply([make(n, sys.argv[3])], n)
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD + code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


class TestProcesses:
    def test_two_processes_may_write_while_a_third_reads(self, filled: Engine, name: str, folder: Path) -> None:
        expected = filled.search(parse("child"), IN_FORCE)
        writers = [start(WRITE_TWENTY, name, str(folder), who) for who in "ab"]
        while any(writer.poll() is None for writer in writers):
            assert filled.search(parse("child"), IN_FORCE) == expected
        for writer in writers:
            writer.communicate()
        assert [writer.returncode for writer in writers] == [0, 0]
        written = {f"{who}@{n}#1" for who in "ab" for n in range(1, 21)}
        assert filled.keys() == written | {each.key for each in MANUAL}
        assert filled.position() == 20

    def test_killed_at_any_moment_it_opens_at_the_last_position_or_the_one_in_flight(
        self, make: Factory, name: str, folder: Path
    ) -> None:
        acknowledged = 0
        for pause in range(12):
            child = start(WRITE_FOREVER, name, str(folder))
            assert child.stdout
            acknowledged = int(child.stdout.readline())
            time.sleep(pause * 0.0137)
            child.send_signal(signal.SIGKILL)
            later = child.communicate()[0].split()
            acknowledged = int(later[-1]) if later else acknowledged
            engine = make(folder)
            position = engine.position()
            assert position in {acknowledged, acknowledged + 1}
            assert engine.keys() == {f"p@{n}#1" for n in range(1, position + 1)}
            revisions = frozenset(f"p@{n}" for n in range(1, position + 1))
            assert engine.search(parse("child"), revisions).total == position
        engine.apply([passage("after@1#1", "Still writable.")], position + 1)
        assert engine.position() == position + 1


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[:: max(len(content) // 64, 1)] = bytes(len(content[:: max(len(content) // 64, 1)]))
    path.write_bytes(bytes(content))


def use(engine: Engine) -> None:
    engine.position()
    engine.keys()
    for text in ("child baby", '"working day"', "brusing", "paediatr", "-child"):
        engine.search(parse(text), IN_FORCE)
    engine.suggest("chi", IN_FORCE)


class TestDamage:
    @pytest.mark.parametrize("damage", [cut, spoil, lambda path: path.write_bytes(b""), Path.unlink])
    def test_whatever_happens_to_a_file_the_only_error_is_an_index_fault_and_a_rebuild_cures_it(
        self, make: Factory, tmp_path: Path, damage: Callable[[Path], None]
    ) -> None:
        pristine = make(tmp_path / "pristine")
        pristine.apply(MANUAL[:6], 6)
        pristine.apply(MANUAL[6:], 7)
        faults = 0
        names = [
            path.relative_to(tmp_path / "pristine") for path in (tmp_path / "pristine").rglob("*") if path.is_file()
        ]
        for number, name in enumerate(sorted(names)):
            folder = tmp_path / str(number)
            make(folder).apply(MANUAL[:6], 6)
            make(folder).apply(MANUAL[6:], 7)
            victims = sorted(path for path in folder.rglob("*") if path.is_file())
            damage(victims[number])
            engine = make(folder)
            try:
                use(engine)
                engine.apply([passage("new@1#1", "More.")], 8)
                use(engine)
            except IndexFault:
                faults += 1
            engine.rebuild(MANUAL, 9)
            assert engine.position() == 9, name
            assert found(engine, "crawl") == ["bruising@1#1"]
        assert faults > 1
