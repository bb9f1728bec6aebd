"""Readers in numbers: requests sent at a fixed rate, whatever the answers do, and how long each took.

`tests/stories/test_load.py` drives `send`. Requests are due at times fixed beforehand, and a wait is counted from when
a request was due, not from when a connection was free: a server that falls behind cannot slow the questions down and so
hide that it did. (What happens otherwise is known as coordinated omission.) `bench_pages` compares servers instead, and
asks in the two simpler ways: `saturate` and `Reader`.
"""

import asyncio
import itertools
import random
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median, quantiles

CONNECTIONS = 24


@dataclass
class Waits:
    """How long answers took, in milliseconds from when they were due, and what went wrong."""

    of: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The wait of the reader in the middle."""
        return median(self.of)

    @property
    def p99(self) -> float:
        """The wait that one reader in a hundred exceeds."""
        return quantiles(self.of, n=100)[98]


async def send(port: int, addresses: Iterable[str], rate: float, seconds: float) -> Waits:
    """Ask for addresses at `rate` a second for some seconds, at times as random as readers are (a Poisson process)."""
    waits, chance = Waits(), random.Random(11)
    due: asyncio.Queue[tuple[float, str] | None] = asyncio.Queue()
    workers = [asyncio.create_task(_connection(port, due, waits)) for _ in range(CONNECTIONS)]
    at = time.perf_counter()
    end = at + seconds
    for address in itertools.cycle(addresses) if isinstance(addresses, list) else addresses:
        at += chance.expovariate(rate)
        if at > end:
            break
        if (early := at - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        due.put_nowait((at, address))
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    return waits


async def saturate(port: int, addresses: Iterator[str], connections: int, seconds: float) -> Waits:
    """Keep some connections busy for some seconds, each asking for the next address as soon as it has its answer."""
    waits = Waits()
    end = time.perf_counter() + seconds

    async def reader() -> None:
        stream, sink = await asyncio.open_connection("127.0.0.1", port)
        while (before := time.perf_counter()) < end:
            address = next(addresses)
            sink.write(_request(address, "identity"))
            if (status := await _answer(stream)) != 200:
                waits.failures.append(f"{status} {address}")
            waits.of.append((time.perf_counter() - before) * 1000)
        sink.close()

    await asyncio.gather(*(reader() for _ in range(connections)))
    return waits


class Reader:
    """One reader with one connection, who waits for each answer: as little of a client as there can be."""

    def __init__(self, port: int, encoding: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._encoding = encoding

    def get(self, address: str) -> int:
        """Read an answer whole and return how many bytes it had. Raises RuntimeError unless its status is 200."""
        self._socket.sendall(_request(address, self._encoding))
        head, _, body = self._read(b"", b"\r\n\r\n").partition(b"\r\n\r\n")
        if head.split(b" ")[1] != b"200":
            raise RuntimeError(f"{address}: {head.decode()}")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += self._socket.recv(65_536)
        return length

    def _read(self, got: bytes, until: bytes) -> bytes:
        while until not in got:
            got += self._socket.recv(65_536)
        return got

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _request(address: str, encoding: str) -> bytes:
    return f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: {encoding}\r\n\r\n".encode()


async def _connection(port: int, due: asyncio.Queue[tuple[float, str] | None], waits: Waits) -> None:
    """Answer for one connection, opened again where it breaks."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (asked := await due.get()) is not None:
        at, address = asked
        try:
            writer.write(_request(address, "gzip"))
            status = await _answer(reader)
            if status != 200:
                waits.failures.append(f"{status} {address}")
        except (OSError, EOFError, ValueError) as error:
            waits.failures.append(f"{error!r} {address}")
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        waits.of.append((time.perf_counter() - at) * 1000)
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one answer, whole, and return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head.split(b" ")[1])


def questions(titles: list[str]) -> Iterator[str]:
    """Ask what readers ask, hardly ever the same twice: two to four words of the titles and of everyday speech."""
    chance = random.Random(12)
    words = sorted({word.lower() for title in titles for word in title.split() if word.isalpha()} | EVERYDAY)
    while True:
        yield "/search?q=" + "+".join(chance.sample(words, chance.randint(2, 4)))


def report(waits: dict[str, Waits], beside: str, seconds: float) -> None:
    """Print how each kind of request fared, and its p99 as a multiple of that of `beside`."""
    print(f"\n{'':<16}{'asked':>8}{'a second':>10}{'median ms':>11}{'p99 ms':>9}{'times a bare page':>20}")
    for name, each in waits.items():
        figures = f"{len(each.of):>8}{len(each.of) / seconds:>10.0f}{each.median:>11.1f}{each.p99:>9.1f}"
        print(f"{name:<16}{figures}{each.p99 / waits[beside].p99:>20.1f}")


EVERYDAY = {"baby", "bruise", "mum", "dad", "drugs", "hospital", "police", "school", "threshold", "refer", "consent"}
