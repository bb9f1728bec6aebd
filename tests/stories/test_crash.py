"""Killed at any moment, the manual keeps all that it acknowledged and is whole at the next start."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kb.service import KnowledgeBase
from kb.settings import Settings

ROOT = Path(__file__).parents[2]
ROUNDS = 20
LONGEST = 0.5  # seconds a worker lives after it has started: enough for dozens of publications


def worked_until_killed(task: str, folder: Path, seconds: float) -> list[str]:
    """Let a worker work, kill it, and return what it had acknowledged."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("worker.py")), task, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as worker:
        assert worker.stdout
        try:
            first = worker.stdout.readline()
            time.sleep(seconds)
        finally:
            worker.kill()
        told = worker.stdout.read()
    assert first == "started\n"
    assert worker.returncode == -signal.SIGKILL, "the worker must not have stopped by itself"
    return told.split("\n")[:-1]


def after_killing_publishers(folder: Path, chance: random.Random) -> list[str]:
    """Publish and be killed, round after round on one manual, checking all of it at each new start."""
    acknowledged: list[str] = []
    known = 0
    for _ in range(ROUNDS):
        told = worked_until_killed("publish", folder, chance.random() * LONGEST)
        acknowledged += told
        with KnowledgeBase.open(Settings(data=folder), create=True) as kb:
            assert kb.check().problems == ()
            assert kb.health().ok
            for ref in acknowledged:
                key, number = ref.split("@")
                assert f"Word{key}x{number} stands here." in kb.revision(key, int(number)).paragraphs[0].text
            there = len(kb.updates(limit=10_000))
            assert there - known - len(told) in (0, 1), "at most the one under way besides"
            known = there
            for key in {ref.split("@")[0] for ref in acknowledged}:
                latest = kb.section(key).revision.revision
                assert [r.key for r in kb.search(f"Word{key}x{latest}").results] == [key]
    return acknowledged


def after_killing_rebuilds(folder: Path, chance: random.Random, rounds: int) -> int:
    """Make the index again and be killed, round after round."""
    rebuilt = 0
    for _ in range(rounds):
        rebuilt += len(worked_until_killed("rebuild", folder, chance.random() * LONGEST))
        with KnowledgeBase.open(Settings(data=folder)) as kb:
            assert kb.check().problems == ()
            assert [d.key for d in kb.search("8.38").destinations] == ["brue"]
            assert kb.search("toxicology").total > 0
    with KnowledgeBase.open(Settings(data=folder)) as kb:
        kb.rebuild_index()
    assert len(list((folder / "index").glob("generation-*"))) <= 2, "a whole one clears away what was left half done"
    return rebuilt


def test_killing_a_publisher_loses_nothing_it_had_acknowledged(tmp_path: Path) -> None:
    assert len(after_killing_publishers(tmp_path / "data", random.Random(2026))) > ROUNDS  # noqa: S311


def test_killing_while_the_index_is_made_again_leaves_a_whole_one(folder: Path) -> None:
    after_killing_rebuilds(folder, random.Random(1989), rounds=5)  # noqa: S311


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
def test_killing_publishers_two_hundred_times_loses_nothing(tmp_path: Path, seed: int) -> None:
    assert len(after_killing_publishers(tmp_path / "data", random.Random(seed))) > ROUNDS  # noqa: S311


@pytest.mark.soak
def test_killing_rebuilds_a_hundred_times_leaves_a_whole_index(folder: Path) -> None:
    assert after_killing_rebuilds(folder, random.Random(7), rounds=100) > 0  # noqa: S311
