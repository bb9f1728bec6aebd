"""The sandbox: a file may hang, starve or kill its reader, and the next file is read as if nothing had been."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import resource_tracker, spawn
from pathlib import Path

import pytest

from procedures.errors import Fault
from procedures.importers.reading import Reading, Refusal, SourceFile, Unplaced
from procedures.importers.sandbox import Sandbox

ROOT = Path(__file__).parents[3]
PATIENCE = 30  # seconds; the machines are noisy
MB = 1 << 20

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits and processes are seen in /proc")


def obey(file: SourceFile) -> Reading:
    """Do what the file says: the child runs this in place of the readers."""
    order, _, amount = file.content.decode().partition(" ")
    said = ORDERS[order](amount)
    return Reading(unplaced=(Unplaced(file.name, str(said)),))


def work(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


HOARD: list[bytearray] = []

ORDERS: dict[str, Callable[[str], object]] = {
    "tell": lambda _: os.getpid(),
    "left": lambda _: resource.getrlimit(resource.RLIMIT_CPU)[0] - time.process_time(),
    "sleep": lambda amount: time.sleep(float(amount)),
    "work": lambda amount: work(float(amount)),
    "eat": lambda amount: len(bytearray(int(amount) * MB)),
    "hoard": lambda amount: HOARD.append(bytearray(int(amount) * MB)),
    "end": lambda amount: os._exit(int(amount)),
    "kill": lambda amount: os.kill(os.getpid(), int(amount)),
    "write": lambda amount: Path(amount).write_bytes(b"x"),
    "raise": int,
}


def told(sandbox: Sandbox, order: str) -> Reading:
    return sandbox.read(SourceFile("page.html", order.encode()))


def child_of(sandbox: Sandbox) -> int:
    (said,) = told(sandbox, "tell").unplaced
    return int(said.text)


def reason(reading: Reading) -> str:
    assert reading == Reading(refused=reading.refused)
    (refused,) = reading.refused
    assert refused.file == "page.html"
    return refused.reason


def children() -> set[int]:
    """List the processes started by this one to read files."""
    listed = " ".join(path.read_text("ascii") for path in Path("/proc/self/task").glob("*/children")).split()
    return {int(child) for child in listed if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()}


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_the_readers_find_comes_back_whole() -> None:
    with Sandbox() as sandbox:
        assert sandbox.read(SourceFile("empty.html", b"")) == Reading(refused=(Refusal("empty.html", "It is empty."),))
        (kept,) = sandbox.read(SourceFile("chart.gif", b"GIF89a" + bytes(5_000_000))).attachments
        assert kept.content == b"GIF89a" + bytes(5_000_000)


def test_many_files_are_read_by_one_child() -> None:
    with Sandbox(reading=obey) as sandbox:
        assert len({child_of(sandbox) for _ in range(50)}) == 1


def test_a_file_that_takes_too_long_is_left_out_and_the_next_is_read() -> None:
    with Sandbox(seconds=0.5, reading=obey) as sandbox:
        before = child_of(sandbox)
        for order in ("sleep 60", "work 99"):
            began = time.monotonic()
            assert reason(told(sandbox, order)) == (
                "It took longer than 0.5 seconds to read and was left out. Save it again in a simpler form."
            )
            assert time.monotonic() - began < PATIENCE
        assert child_of(sandbox) != before


def test_a_file_that_needs_too_much_memory_is_left_out_and_the_next_is_read() -> None:
    with Sandbox(memory=64 * MB, reading=obey) as sandbox:
        assert not told(sandbox, "eat 32").refused
        assert "more memory" in reason(told(sandbox, "eat 100"))
        assert not told(sandbox, "eat 32").refused


def test_a_child_that_has_grown_is_replaced_lest_the_next_file_lack_room() -> None:
    with Sandbox(memory=64 * MB, reading=obey) as sandbox:
        before = child_of(sandbox)
        assert not told(sandbox, "hoard 30").refused
        assert child_of(sandbox) != before


@pytest.mark.parametrize("order", ["end 0", "end 1", "kill 11", "kill 9", "raise x"])
def test_a_file_that_ends_its_reader_is_left_out_and_the_next_is_read(order: str) -> None:
    with Sandbox(seconds=1, reading=obey) as sandbox:
        assert reason(told(sandbox, order)).endswith("Save it again in a simpler form.")
        assert child_of(sandbox)


def test_a_child_killed_between_two_files_is_replaced() -> None:
    with Sandbox(reading=obey) as sandbox:
        os.kill(child_of(sandbox), signal.SIGKILL)
        time.sleep(0.5)
        assert child_of(sandbox)


def test_the_child_can_write_no_file(tmp_path: Path) -> None:
    with Sandbox(reading=obey) as sandbox:
        assert told(sandbox, f"write {tmp_path / 'planted'}").refused
    assert not (tmp_path / "planted").exists() or not (tmp_path / "planted").stat().st_size


def test_processor_time_counts_for_each_file_and_not_for_all() -> None:
    with Sandbox(seconds=5, reading=obey) as sandbox:
        assert not told(sandbox, "work 1.5").refused
        (said,) = told(sandbox, "left").unplaced
    assert float(said.text) > 5


def test_threads_take_turns() -> None:
    answers: list[Reading] = []
    with Sandbox(reading=obey) as sandbox:
        threads = [threading.Thread(target=lambda: answers.append(told(sandbox, "sleep 0.05"))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 8
    assert not any(answer.refused for answer in answers)


def test_no_child_is_left_when_the_sandbox_closes() -> None:
    before = children()
    with Sandbox(seconds=0.5, reading=obey) as sandbox:
        told(sandbox, "sleep 60")
        told(sandbox, "end 1")
        child_of(sandbox)
        assert children() - before
    assert children() <= before


def test_a_sandbox_that_was_never_used_starts_nothing() -> None:
    before = children()
    with Sandbox():
        assert children() == before


def test_closing_ends_a_child_in_the_middle_of_a_file() -> None:
    before = children()
    sandbox = Sandbox(reading=obey)
    child_of(sandbox)
    reading = threading.Thread(target=lambda: told(sandbox, "work 99"))
    reading.start()
    time.sleep(0.3)
    sandbox.close()
    reading.join(timeout=PATIENCE / 2)
    assert not reading.is_alive()
    assert children() <= before


def test_where_no_child_can_be_started_it_is_our_fault_and_not_the_file_s(monkeypatch: pytest.MonkeyPatch) -> None:
    resource_tracker.ensure_running()
    monkeypatch.setattr(spawn, "get_executable", lambda: b"/bin/false")
    before = children()
    with pytest.raises(Fault, match="cannot be started"), Sandbox() as sandbox:
        told(sandbox, "tell")
    assert children() <= before


IMPORT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell runs in the background is deaf to it
from procedures.importers.reading import SourceFile
from procedures.importers.sandbox import Sandbox
from tests.procedures.importers.test_sandbox import child_of, obey, told
with Sandbox(seconds=1, reading=obey) as sandbox:
    print(child_of(sandbox), flush=True)
    told(sandbox, sys.argv[1])
"""


def importing(order: str) -> tuple[subprocess.Popen[str], int]:
    """Start an import in a process of its own, in the middle of a file."""
    command = [sys.executable, "-c", IMPORT, order]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout
    child = int(running.stdout.readline())
    time.sleep(0.3)
    return running, child


def test_ctrl_c_ends_the_import_and_its_child() -> None:
    running, child = importing("work 99")
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=PATIENCE)
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert "leaked" not in said
    assert not is_running(child)


@pytest.mark.parametrize("order", ["tell", "work 99"])
def test_a_child_does_not_outlive_an_import_that_was_killed(order: str) -> None:
    running, child = importing(order)
    running.kill()
    running.communicate(timeout=PATIENCE)
    wait_until(lambda: not is_running(child))
