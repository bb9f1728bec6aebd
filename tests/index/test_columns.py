"""Column files: made by whoever writes, bound to their segment, and never needed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from index import whoosh_engine
from index.columns import FORMAT, Columns
from index.matchers import Matchers
from index.passage import Passage
from index.query import parse
from index.whoosh_engine import WhooshEngine

REVISIONS = frozenset({"s@1", "s@2"})


def passage(number: int, text: str = "A child was referred by the school.") -> Passage:
    return Passage(f"s@{number}#1", f"s@{number}", "section", "s", "Referrals", "Who refers", text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(folder: Path) -> WhooshEngine:
    opened = WhooshEngine(folder)
    opened.rebuild([passage(1)], 1)
    opened.apply([passage(2, "Another child, at home.")], 2)
    return opened


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("generation-*/*.columns"))


def paths(engine: WhooshEngine) -> set[type]:
    return {type(segment.contents) for segment in engine._snapshot().segments}


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


def exchange(file: Path) -> None:
    one, other = files(file.parents[1])
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def test_each_segment_has_its_file_and_is_answered_from_it(engine: WhooshEngine, folder: Path) -> None:
    assert len(files(folder)) == 2
    assert paths(engine) == paths(WhooshEngine(folder)) == {Columns}


@pytest.mark.parametrize("harm", [Path.unlink, empty, cut, flip, exchange])
def test_without_a_good_file_the_library_answers_the_same_and_the_next_commit_makes_one(
    engine: WhooshEngine, folder: Path, harm: Callable[[Path], None]
) -> None:
    before = engine.search(parse("child referrals"), REVISIONS)
    harm(files(folder)[0])
    other = WhooshEngine(folder)
    assert other.search(parse("child referrals"), REVISIONS) == before
    assert Matchers in paths(other)
    other.apply([], 3)
    assert paths(other) == paths(WhooshEngine(folder)) == {Columns}
    assert other.search(parse("child referrals"), REVISIONS) == before


def test_a_reader_that_came_before_the_file_takes_it_when_it_is_there(engine: WhooshEngine, folder: Path) -> None:
    aside = {file: file.read_bytes() for file in files(folder)}
    for file in aside:
        file.unlink()
    early = WhooshEngine(folder)
    before = early.search(parse("child"), REVISIONS)
    assert paths(early) == {Matchers}
    for file, content in aside.items():
        file.write_bytes(content)
    assert early.search(parse("child"), REVISIONS) == before
    assert paths(early) == {Columns}


def test_a_file_of_another_format_is_left_unread(
    engine: WhooshEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.columns.FORMAT", FORMAT + 1)
    assert paths(WhooshEngine(folder)) == {Matchers}
    engine.rebuild([passage(1)], 3)
    assert paths(WhooshEngine(folder)) == {Columns}


def test_a_file_left_half_written_by_a_killed_writer_is_no_file(engine: WhooshEngine, folder: Path) -> None:
    for file in files(folder):
        file.with_name(f"{file.name}.new").write_bytes(file.read_bytes()[:99])
        file.unlink()
    other = WhooshEngine(folder)
    assert paths(other) == {Matchers}
    other.apply([passage(3)], 3)
    assert paths(other) == {Columns}
    assert not list(folder.glob("generation-*/*.new"))


def test_files_of_segments_that_were_merged_are_gone(engine: WhooshEngine, folder: Path) -> None:
    for number in range(3, 3 + 2 * whoosh_engine.MAX_SEGMENTS):
        engine.apply([passage(number)], number)
    assert {file.stem for file in files(folder)} == {segment.name for segment in engine._snapshot().segments}


def test_a_postings_file_that_was_altered_is_not_hidden_by_good_columns(engine: WhooshEngine, folder: Path) -> None:
    (postings, *_) = sorted(folder.glob("generation-*/*.pst"))
    flip(postings)
    assert Matchers in paths(WhooshEngine(folder))
