"""What tests share: a clock they set, the sample manual, a browserless client and a running site.

Everything is real: SQLite, Whoosh, HTTP. The sample is loaded once a run and copied for each test that wants one.
"""

import fcntl
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from argon2.profiles import RFC_9106_LOW_MEMORY
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kb import passwords
from kb.access import Actor, Role
from kb.service import KnowledgeBase
from kb.settings import Settings
from web.app import create_app

MONDAY_3_AM = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that stands where the test puts it."""

    instant: datetime = MONDAY_3_AM

    def now(self) -> datetime:
        return self.instant

    def forward(self, **span: float) -> None:
        self.instant += timedelta(**span)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a developer's own settings out of the tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"KB_{name.upper()}", raising=False)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords lightly: hundreds are set and typed here, and what makes guessing slow makes tests slow."""
    with pytest.MonkeyPatch.context() as patch:
        light = replace(RFC_9106_LOW_MEMORY, time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "RFC_9106_LOW_MEMORY", light)
        yield


@pytest.fixture(scope="session")
def editor() -> Actor:
    return Actor("Procedures editor", frozenset({Role.AUTHOR, Role.APPROVER, Role.ADMINISTRATOR}))


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory, editor: Actor) -> Path:
    """The sample manual, loaded once for all processes of a run; copy it, never write to it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "the-sample"
    with folder.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not folder.exists():
            being_made = Path(tempfile.mkdtemp(dir=folder.parent))
            with KnowledgeBase.open(Settings(data=being_made), SetClock(), create=True) as kb:
                kb.load_sample(editor, lambda _: None)
            being_made.rename(folder)
    return folder


@pytest.fixture
def folder(sample_folder: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with the sample in it."""
    return Path(shutil.copytree(sample_folder, tmp_path / "data"))


@pytest.fixture
def kb(folder: Path, clock: SetClock) -> Iterator[KnowledgeBase]:
    """The sample manual, open, for this test alone."""
    with KnowledgeBase.open(Settings(data=folder), clock) as opened:
        yield opened


@pytest.fixture(scope="session")
def visited(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """The sample manual, open for all tests that only look: change nothing in it."""
    data = Path(shutil.copytree(sample_folder, tmp_path_factory.mktemp("visited") / "data"))
    with KnowledgeBase.open(Settings(data=data), SetClock()) as opened:
        yield opened


@pytest.fixture
def empty_kb(tmp_path: Path, clock: SetClock) -> Iterator[KnowledgeBase]:
    """A manual with nothing in it."""
    with KnowledgeBase.open(Settings(data=tmp_path / "empty"), clock, create=True) as opened:
        yield opened


@pytest.fixture
def client(kb: KnowledgeBase) -> Iterator[TestClient]:
    """A reader without a browser."""
    with TestClient(create_app(kb), base_url="http://127.0.0.1") as reader:
        yield reader


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serve a site from a thread and give its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def site(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running site with the sample manual, for the whole run."""
    data = Path(shutil.copytree(sample_folder, tmp_path_factory.mktemp("site") / "data"))
    with KnowledgeBase.open(Settings(data=data), SetClock()) as opened, serving(create_app(opened)) as address:
        yield address
