"""The index folder: numbered generations, the pointer to the one in use, the lock between
processes.

Only an engine calls it, and it knows nothing of what a generation holds. Nothing here is ever half
done: the pointer is swapped by an atomic rename after everything it points to is on the disk.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from time import sleep

from index.engine import IndexFault

FORMAT = 5
"""Raise it when stored passages or their analysis change: an index of another format counts as
absent.
"""

_NAME = re.compile(r"generation-(\d{6,})")
_POINTER = re.compile(rb"format (\d+) (generation-\d{6,})\n")
_LONGEST_POINTER = 256  # bytes

_LOCK_ATTEMPTS = 3000
_LOCK_PAUSE = 0.02  # seconds; a minute in all, longer than any rebuild takes


class Generations:
    """The generations of one folder. Every method but `current` expects the caller to hold
    `lock`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pointer = folder / "current"
        self._read = lru_cache(2)(self._named_by)

    def current(self) -> Path | None:
        """Return the folder of the generation in use; None if there is none of this format.

        Raises `IndexFault` for a pointer that cannot be read, and OSError. Every search asks: it is made to be quick.
        """
        try:
            file = os.open(self._pointer, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            return self._read(os.read(file, _LONGEST_POINTER), FORMAT)
        finally:
            os.close(file)

    def _named_by(self, pointer: bytes, known: int) -> Path | None:
        match = _POINTER.fullmatch(pointer)
        if match is None:
            message = f"the pointer file {self._pointer} is damaged"
            raise IndexFault(message)
        return self._folder / match[2].decode() if int(match[1]) == known else None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other writers out, in this process and others, for as long as the block runs.

        The kernel lets go of the lock when its holder dies. Raises `IndexFault` after waiting a
        minute.
        """
        for place in (self._folder, self._pointer):
            if place.exists() and place.is_dir() is (place is self._pointer):
                place.rename(place.with_name(f"{place.name}-aside"))  # a file for a folder, or a folder for a file
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)  # the files are pickles: whoever can write here could run code
        with (self._folder / "lock").open("a") as file:
            _wait_for(file.fileno())
            yield

    def create(self) -> Path:
        """Make the folder of a new generation, numbered above all others, and return it."""
        number = max((int(match[1]) for match in self._named()), default=0) + 1
        created = self._folder / f"generation-{number:06}"
        created.mkdir(mode=0o700)
        return created

    def use(self, generation: Path) -> None:
        """Point to a generation, in one step that survives a power cut."""
        sync_folder(generation)
        beside = self._pointer.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            file.write(f"format {FORMAT} {generation.name}\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._pointer)
        sync_folder(self._folder)

    def discard_except(self, kept: Collection[Path]) -> None:
        """Delete all other generations, as far as that is possible; what stays goes next time."""
        names = {generation.name for generation in kept}
        for match in list(self._named()):
            if match[0] not in names:
                shutil.rmtree(self._folder / match[0], ignore_errors=True)

    def _named(self) -> Iterator[re.Match[str]]:
        matches = (_NAME.fullmatch(entry.name) for entry in self._folder.iterdir())
        return (match for match in matches if match)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int) -> None:
    for _ in range(_LOCK_ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sleep(_LOCK_PAUSE)
        else:
            return
    message = "another process has been writing the index for a minute"
    raise IndexFault(message)
