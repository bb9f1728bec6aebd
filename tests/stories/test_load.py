"""A busy day: section pages and searches at once, while revisions are published, beside a bare Starlette page.

`make soak` runs it and prints what it measured. Seconds are reported and not asserted (the machines are shared); that
nothing fails, that memory stays flat and that every publication is seen are asserted.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.service import KnowledgeBase
from kb.settings import Settings
from tests.benchmarks import load

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("worker.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
PAGES, SEARCHES, SECONDS, PUBLISH_EVERY = 500, 60, 60, 10
WARMING = 20
FLAT = 1.1
"""Memory after the run as a multiple of what it was when warm: caches are full by then."""

SITE = "from kb.settings import Settings; from web.app import serve; serve(Settings())"
BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

PAGE = "<!doctype html><title>Bare</title>" + "<p>As long as a packed section page.</p>" * 230
def page(request):
    return HTMLResponse(PAGE)

app = Starlette(routes=[Route("/page/{key}", page)])
if __name__ == "__main__":
    uvicorn.run("bare:app", port=int(sys.argv[1]), workers=2, access_log=True, log_level="info")
"""


@pytest.fixture
def port() -> int:
    """A free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def started(command: list[str], port: int, folder: Path, **settings: str) -> subprocess.Popen[bytes]:
    """Start a server and wait until it answers."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", **settings}
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/page/1", timeout=5).close()
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.1)
        else:
            break
    else:
        pytest.fail((folder / "server.log").read_text())
    return server


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[int]:
    """A Starlette page that does nothing, served with as many workers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        taken = int(free.getsockname()[1])
    (tmp_path / "bare.py").write_text(BARE)
    server = started([sys.executable, str(tmp_path / "bare.py"), str(taken)], taken, tmp_path)
    yield taken
    server.terminate()
    server.wait(20)


@pytest.fixture
def served(folder: Path, tmp_path: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The site as `kb serve` starts it, with the sample."""
    server = started([sys.executable, "-c", SITE], port, tmp_path, KB_DATA=str(folder), KB_PORT=str(port))
    yield server
    server.terminate()
    server.wait(20)


def megabytes(process: int) -> float:
    """Add up the memory of a process and its children, resident and not shared."""
    family = [process, *_children(process)]
    found = 0.0
    for each in family:
        rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        found += sum(int(kb) for kb in re.findall(r"^Private_\w+:\s+(\d+)", rollup, re.MULTILINE)) / 1024
    return found


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [child for each in listed for child in (int(each), *_children(int(each)))]


async def readers(port: int, addresses: list[str], titles: list[str], seconds: float) -> tuple[load.Waits, load.Waits]:
    """Read pages and search at once."""
    return await asyncio.gather(
        load.send(port, addresses, PAGES, seconds),
        load.send(port, load.questions(titles), SEARCHES, seconds),
    )


async def publishing(folder: Path, port: int, seconds: float) -> list[float]:
    """Have another process publish a revision every ten seconds; say after how many ms a reader saw each."""
    seen: list[float] = []
    pipe = asyncio.subprocess.PIPE
    editor = await asyncio.create_subprocess_exec(
        *(sys.executable, str(WORKER), "edition", str(folder)), stdin=pipe, stdout=pipe, env=ENVIRONMENT
    )
    assert editor.stdin
    assert editor.stdout
    await editor.stdout.readline()
    for _ in range(int(seconds / PUBLISH_EVERY)):
        await asyncio.sleep(PUBLISH_EVERY - 1)
        editor.stdin.write(b"next\n")
        mark = (await editor.stdout.readline()).decode().strip()
        seen.append(await asyncio.to_thread(_until_seen, mark, port))
    editor.stdin.close()
    await editor.wait()
    return seen


def _until_seen(mark: str, port: int) -> float:
    acknowledged = time.perf_counter()
    while mark not in urllib.request.urlopen(f"http://127.0.0.1:{port}/sections/brue", timeout=20).read().decode():
        pass
    return (time.perf_counter() - acknowledged) * 1000


@pytest.mark.soak
def test_a_busy_day_fails_nobody_and_every_publication_is_seen(
    served: subprocess.Popen[bytes],
    bare: int,
    port: int,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with KnowledgeBase.open(Settings(data=folder)) as kb:
        sections = [section for part in kb.contents() for section in part.sections]
        addresses, titles = [f"/sections/{section.key}" for section in sections], [s.title for s in sections]
        asyncio.run(readers(port, addresses, titles, WARMING))
        warm = megabytes(served.pid)

        async def day() -> tuple[tuple[load.Waits, load.Waits], list[float]]:
            return await asyncio.gather(readers(port, addresses, titles, SECONDS), publishing(folder, port, SECONDS))

        (pages, searches), seen = asyncio.run(day())
        after = megabytes(served.pid)
    nothing = asyncio.run(load.send(bare, [f"/page/{n}" for n in range(70)], PAGES, SECONDS))
    with capsys.disabled():
        load.report(
            {"section pages": pages, "searches": searches, "bare Starlette": nothing}, "bare Starlette", SECONDS
        )
        sys.stdout.write(f"Published to seen: {', '.join(f'{ms:.0f}' for ms in seen)} ms, every {PUBLISH_EVERY} s.\n")
        sys.stdout.write(f"Memory of the workers: {warm:.0f} MB warm, {after:.0f} MB after.\n")
    assert pages.failures == []
    assert searches.failures == []
    assert len(seen) == SECONDS // PUBLISH_EVERY
    assert after < warm * FLAT
