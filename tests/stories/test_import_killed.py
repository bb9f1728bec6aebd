"""An import killed at any moment: every file is in whole or not at all, and run again, it goes on."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.store import Store

PAGES = 40
PARAGRAPHS = 12


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Pages that link to one another, each with its own words."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for page in range(1, PAGES + 1):
        link = f"<a href='page-{page % PAGES + 1}.html'>the next</a>"
        rows = "".join(
            f"<p>20.{page}.{n} Paragraph {n} of page {page} leads to {link}.</p>" for n in range(1, PARAGRAPHS + 1)
        )
        text = f"<html><body><main><h1>20.{page} Page Number {page}</h1><h2>What to do</h2>{rows}</main></body></html>"
        (folder / f"page-{page}.html").write_text(text)
    return folder


def start(data: Path, pages: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kb.cli", "import", str(pages), "--data", str(data), "--publish", "--json"]
    named = ["--in-force-from", "2026-11-01", "--by", "Procedures editor", "--note", "Brought in."]
    return subprocess.Popen(command + named, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def let_it_write(child: subprocess.Popen[bytes], store: Store, moment: float) -> None:
    """Wait for the first page this run writes, and a moment more, or for its end."""
    before = store.head()[0]
    while child.poll() is None and store.head()[0] == before:
        time.sleep(0.005)
    time.sleep(moment)


def brought(kb: KnowledgeBase) -> list[str]:
    return [s.key for part in kb.contents() for s in part.sections if s.key.startswith("page-number")]


def test_a_killed_import_leaves_whole_files_and_goes_on_when_run_again(folder: Path, pages: Path) -> None:
    chance = random.Random(3)  # noqa: S311 - draws moments, not secrets
    held = [0]
    for _ in range(4):
        with start(folder, pages) as child, Store.open(Settings(data=folder).database) as store:
            let_it_write(child, store, chance.random() * 0.1)
            child.send_signal(signal.SIGKILL)
        with KnowledgeBase.open(Settings(data=folder)) as kb:
            # Until the import is run again, the only thing amiss is a link to a page that is not in yet.
            assert [p for p in kb.check().problems if "links to section 'page-number-" not in p] == []
            assert all(len(kb.section(key).paragraphs) == PARAGRAPHS for key in brought(kb))
            held.append(len(brought(kb)))
    assert held == sorted(held)
    assert any(0 < number < PAGES for number in held), "no kill fell into the writing"
    with start(folder, pages) as last:
        assert last.wait(timeout=120) == 0
    with KnowledgeBase.open(Settings(data=folder)) as kb:
        assert [kb.section(f"page-number-{n}").revision.revision for n in range(1, PAGES + 1)] == [1] * PAGES
        assert kb.check().problems == ()
