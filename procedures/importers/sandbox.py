"""Read foreign files in a child process that can fail, starve or hang without taking anything with it.

`kb` opens one `Sandbox` for an import and hands it file after file; the child goes on from one to the next, so that a
process is started for a whole import and not for each page. What the child may use:

- 1 GiB of memory beyond what its programs take, where the system can say and limit that (Linux);
- 20 seconds a file by the clock, and about as many of the processor, so that it ends even when its parent was killed;
- no file written, no core dump.

It guards against files that exhaust the machine or crash a parser. It is no wall against a file that takes a parser
over: the child runs as the same user, sees the same files and network, and the parent unpickles what it sends.
"""

import logging
import resource
import signal
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from procedures.errors import Fault
from procedures.importers.reading import Reading, Refusal, SourceFile

SECONDS = 20
"""A page of 1 MB, the longest there is, takes one on a slow machine, and one of 10 MB ten."""

MEMORY = 1 << 30
"""Bytes: a web page takes some forty times its size, so that one of 10 MB takes two fifths of it."""

LEFTOVER = 1 / 4
"""Of that memory, what a child may keep from files it has read; beyond, a fresh one takes over. With next to no room
left, BeautifulSoup has been seen to hand out an empty page as if it were the whole."""

_START = 60
"""Seconds for a child to start (it takes one) and for a file to be handed to it."""


_LOOK = 1
"""Seconds between two looks whether the pool is still there."""

_Answer = TypeVar("_Answer")


class Sandbox:
    """Reads files one after the other in a child process under limits. Use it with `with`; threads take turns.

    Nothing is started before the first file.
    `reading` is what the child runs: a function of a module, so that the child can find it by name.
    """

    def __init__(
        self, seconds: float = SECONDS, memory: int = MEMORY, reading: Callable[[SourceFile], Reading] | None = None
    ) -> None:
        self._seconds = seconds
        self._memory = memory
        self._reading = reading
        self._pool: ProcessPool | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, file: SourceFile) -> Reading:
        """Read a file; one that takes too long, needs too much or ends the child comes back as a refusal.

        Raises `Fault` where no child can be started at all.
        """
        with self._turn:
            try:
                return self._attempt(file)
            except TimeoutError:
                reason = _too_slow(self._seconds)
            except ProcessExpired as end:
                reason = _too_slow(self._seconds) if end.exitcode == -signal.SIGXCPU else _CRASHED
            except BrokenProcessPool:
                # The child was gone before it could say that it had taken the file.
                self.close()
                reason = _CRASHED
            except MemoryError:
                self.close()
                reason = _TOO_LARGE
            except Fault:
                raise
            except Exception as error:
                # A file must not end an import of a thousand, not even by way of a mistake of ours.
                reason = f"It could not be read ({type(error).__name__}). Save it again in a simpler form."
            return Reading(refused=(Refusal(file.name, reason),))

    def close(self) -> None:
        """End the child, at once and whatever it is doing."""
        pool, self._pool = self._pool, None
        if pool:
            _end(pool)

    def _attempt(self, file: SourceFile) -> Reading:
        pool = self._running()
        arguments = (self._reading, file, self._seconds, self._memory)
        answer = pool.schedule(_confined, args=arguments, timeout=self._seconds)
        try:
            outcome = _awaited(answer, pool, self._seconds + _START)
        finally:
            if not answer.done():
                self.close()
        if outcome.swollen:
            self.close()
        return outcome.reading

    def _running(self) -> ProcessPool:
        if self._pool and not self._pool.active:
            self.close()  # its child was killed between two files
        return self._pool or self._start()

    def _start(self) -> ProcessPool:
        # Spawned, not forked: a fork would copy whatever threads of the site hold at that moment, locks included.
        pool = ProcessPool(1, initializer=_confine, initargs=(self._memory,), context=get_context("spawn"))
        self._pool = pool
        try:
            _awaited(pool.schedule(_nothing), pool, _START)
        except (OSError, BrokenProcessPool) as error:
            self.close()
            raise Fault("The process that reads foreign files cannot be started. Look into the log.") from error
        return pool


def _awaited(answer: "Future[_Answer]", pool: ProcessPool, seconds: float) -> _Answer:
    """Wait for an answer, but not for one that the pool has forgotten, as it may when its child dies too soon."""
    deadline = time.monotonic() + seconds
    while not wait([answer], timeout=_LOOK).done:
        if not pool.active:
            raise BrokenProcessPool("The pool has ended.")
        if time.monotonic() > deadline:
            raise TimeoutError
    return answer.result()


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the child sends back: the reading, and whether it has grown too large to go on."""

    reading: Reading
    swollen: bool


def _confine(memory: int) -> None:
    """Take up the limits that hold for the child's whole life; it has its programs by then."""
    from procedures.importers import reader  # noqa: F401 - loaded while there is room

    # What is odd about a file is told in its reading, and a parser's chatter would spoil the terminal.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    # At once, also in the middle of a parser: pebble's own handler waits until Python is reached again.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    if space := _address_space():
        _limit(resource.RLIMIT_AS, space + memory)


def _limit(what: int, most: int) -> None:
    """Set a limit for good, or a lower one that holds already."""
    hard = _at_most(most, resource.getrlimit(what)[1])
    resource.setrlimit(what, (hard, hard))


def _at_most(wanted: int, hard: int) -> int:
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _address_space() -> int | None:
    """Say how many bytes of addresses the process has taken; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except OSError:
        return None
    return pages * resource.getpagesize()


def _confined(
    reading: Callable[[SourceFile], Reading] | None, file: SourceFile, seconds: float, memory: int
) -> _Outcome:
    """Read one file in the child."""
    from procedures.importers.reader import read

    # What the processor has spent counts on from file to file, so its limit moves along.
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    most = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (_at_most(most, hard), hard))
    return _Outcome((reading or read)(file), _is_swollen(memory))


def _is_swollen(memory: int) -> bool:
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    taken = _address_space()
    return limit != resource.RLIM_INFINITY and taken is not None and limit - taken < memory * (1 - LEFTOVER)


def _nothing() -> None:
    """Show that the child is there."""


def _too_slow(seconds: float) -> str:
    return f"It took longer than {seconds:g} seconds to read and was left out. Save it again in a simpler form."


_TOO_LARGE = "It needs more memory to read than any document should, and was left out. Save it again in a simpler form."
_CRASHED = "It made the program that reads it stop, and was left out. Save it again in a simpler form."
