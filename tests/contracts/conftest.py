"""The engines the contracts are held to. Add an engine by naming it in `ENGINES`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.engine import Engine
from index.whoosh_engine import WhooshEngine
from tests.contracts.manual import MANUAL

Factory = Callable[[Path], Engine]

ENGINES: dict[str, Factory] = {"index.whoosh_engine:WhooshEngine": WhooshEngine}


@pytest.fixture(params=ENGINES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(name: str) -> Factory:
    return ENGINES[name]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(make: Factory, folder: Path) -> Iterator[Engine]:
    opened = make(folder)
    yield opened
    opened.close()


@pytest.fixture
def filled(engine: Engine) -> Engine:
    engine.apply(MANUAL, 7)
    return engine
