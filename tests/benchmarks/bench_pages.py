"""How fast the search page is over HTTP, beside the least a search page can be, in the same run.

`make bench` runs it. `kb serve` with one worker and a bare page (`bare_page`) hold the same passages and are asked the
same, in turn: one reader after another for the latency, then eight at once for the requests a second. No query is sent
twice to either. First the sample manual, then one of 6,000 passages: the sample and sections of installed text.
"""

import asyncio
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import quote_plus

from kb.access import Actor, Role
from kb.clock import SystemClock, london_day
from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.publication import Proposal
from tests.benchmarks import load, results, tables
from tests.benchmarks.corpus import Corpus, generated_corpus, sample_corpus
from tests.benchmarks.engines import FullText
from tests.benchmarks.questions import draw
from tests.benchmarks.race import resident

PASSAGES = 6_000
KINDS = ("rare", "common", "three words", "natural language")
EACH, WARMING = 70, 40
ROUNDS, SECONDS, READERS = 3, 4.0, 8
ENOUGH = 20_000
"""More queries than either answers in all rounds."""

EDITOR = Actor("Benchmark", frozenset({Role.APPROVER, Role.ADMINISTRATOR}))
SITE = "from kb.settings import Settings; from web.app import serve; serve(Settings())"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Server:
    """A server under measurement."""

    name: str
    port: int
    process: int


def main() -> None:
    """Measure both manuals, print the table and keep the figures."""
    figures = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "manual"
        with KnowledgeBase.open(Settings(data=folder), create=True) as kb:
            print("loading the sample", flush=True)
            kb.load_sample(EDITOR, lambda _: None)
            figures["sample"] = _measure(sample_corpus(folder), folder, Path(place) / "sample.log")
            print(f"publishing more sections, to {PASSAGES:,} passages", flush=True)
            _grow(kb, sample_corpus(folder))
        figures[f"{PASSAGES:,}"] = _measure(sample_corpus(folder), folder, Path(place) / "grown.log")
    results.keep("pages", figures)
    print("\n".join(tables.pages(figures)))


def _grow(kb: KnowledgeBase, sample: Corpus) -> None:
    """Publish sections of generated passages until the manual has as many as wanted."""
    lacking = PASSAGES - len(sample.passages)
    today = london_day(SystemClock().now())
    for number, (_, section) in enumerate(groupby(generated_corpus(lacking).passages, key=lambda p: p.document)):
        passages = list(section)
        body = "".join(f"<p>{escape(passage.text)}</p>" for passage in passages)
        key, place = f"generated-{number}", f"{20 + number // 200}.{number % 200 + 1}"
        title = passages[0].title
        kb.publish(EDITOR, Proposal(key, title, body, "New.", today, "Benchmark", number=place))


def _measure(corpus: Corpus, folder: Path, log: Path) -> dict[str, Any]:
    """Serve a manual and its passages side by side; return the figures of both."""
    FullText(log.parent).build(corpus)
    queries = draw(corpus.passages, ENOUGH // 2)
    turns = [question.typed for kind in KINDS for question in queries[kind][:EACH]]
    random.Random(8).shuffle(turns)
    many = [q.typed for pair in zip(queries["three words"], queries["natural language"], strict=False) for q in pair]
    fresh = [typed for typed in many if typed not in turns]
    with _site(folder, log) as site, _bare(log.parent / "passages.db", log) as bare:
        print(f"  asking in turn: {len(turns)} queries", flush=True)
        others = fresh[-len(turns) :]
        waits, sizes = _in_turn([(site, "", turns), (bare, "", turns), (site, "gzip", others)])
        print(f"  asking at once: {READERS} readers, {ROUNDS} rounds of {SECONDS:.0f} s each", flush=True)
        rates = _at_once((site, bare), fresh[: -len(turns)])
        memory = {server.name: resident(server.process) for server in (site, bare)}
    (log.parent / "passages.db").unlink()
    return {
        "passages": len(corpus.passages),
        "latency": {name: _figures(ms) for name, ms in waits.items()},
        "bytes": {name: median(found) for name, found in sizes.items()},
        "rate": rates,
        "memory_mb": memory,
    }


@contextmanager
def _site(folder: Path, log: Path) -> Iterator[Server]:
    port = _free_port()
    settings = {"KB_DATA": str(folder), "KB_PORT": str(port), "KB_WORKERS": "1"}
    yield from _served("ours", [sys.executable, "-c", SITE], port, log, settings)


@contextmanager
def _bare(file: Path, log: Path) -> Iterator[Server]:
    port = _free_port()
    command = [sys.executable, "-m", "tests.benchmarks.bare_page", str(file), str(port)]
    yield from _served("bare page", command, port, log, {})


def _served(name: str, command: list[str], port: int, log: Path, settings: dict[str, str]) -> Iterator[Server]:
    """Start a server, wait until it answers, and stop it in the end."""
    with log.open("ab") as output:
        server = subprocess.Popen(command, env={**os.environ, **settings}, cwd=ROOT, stdout=output, stderr=output)
    try:
        for _ in range(600):
            if server.poll() is not None:
                raise RuntimeError(f"{name} did not start:\n{log.read_text()}")
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield Server(name, port, server.pid)
    finally:
        server.terminate()
        server.wait(30)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _in_turn(lanes: Sequence[tuple[Server, str, Sequence[str]]]) -> tuple[dict[str, list[float]], dict[str, list[int]]]:
    """Ask servers in turn, each with its encoding and queries, who is first changing; return ms and bytes each time."""
    readers = [load.Reader(server.port, encoding or "identity") for server, encoding, _ in lanes]
    names = [f"{server.name}, compressed" if encoding else server.name for server, encoding, _ in lanes]
    waits: dict[str, list[float]] = {name: [] for name in names}
    sizes: dict[str, list[int]] = {name: [] for name in names}
    for turn in range(len(lanes[0][2])):
        for at in [(turn + step) % len(lanes) for step in range(len(lanes))]:
            before = time.perf_counter()
            size = readers[at].get(_address(lanes[at][2][turn]))
            if turn >= WARMING:
                waits[names[at]].append((time.perf_counter() - before) * 1000)
                sizes[names[at]].append(size)
    for reader in readers:
        reader.close()
    return waits, sizes


def _at_once(servers: Sequence[Server], queries: Sequence[str]) -> dict[str, dict[str, float]]:
    """Keep eight connections busy with one server, then with the other, some rounds long; no query twice."""
    left = {server.name: map(_address, queries) for server in servers}
    asked: dict[str, list[load.Waits]] = {server.name: [] for server in servers}
    for turn in range(ROUNDS):
        for server in servers if turn % 2 else servers[::-1]:
            asked[server.name].append(asyncio.run(load.saturate(server.port, left[server.name], READERS, SECONDS)))
    for name, rounds in asked.items():
        failures = [failure for waits in rounds for failure in waits.failures]
        if failures:
            raise RuntimeError(f"{name}: {len(failures)} failed, the first as {failures[0]}")
    return {
        name: {
            "a_second": sum(len(waits.of) for waits in rounds) / (ROUNDS * SECONDS),
            "p50": median(ms for waits in rounds for ms in waits.of),
            "p99": quantiles([ms for waits in rounds for ms in waits.of], n=100)[98],
        }
        for name, rounds in asked.items()
    }


def _address(query: str) -> str:
    return f"/search?q={quote_plus(query.strip())}"


def _figures(ms: Sequence[float]) -> dict[str, float]:
    return {"p50": median(ms), "p95": quantiles(ms, n=20)[-1]}


if __name__ == "__main__":
    main()
