"""The figures of the benchmarks, kept in `var/bench` so that the document and its plot are made from what was measured.

Each benchmark keeps its own with the day and the machine; a later run of one corpus replaces that corpus alone.
"""

import importlib.metadata
import json
import os
import platform
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kb.clock import SystemClock, london_day

FOLDER = Path(__file__).parents[2] / "var" / "bench"
_MEASURED = ("numpy", "tantivy", "xapian-bindings-binary", "bm25s", "starlette", "uvicorn", "jinja2")


def keep(benchmark: str, figures: Mapping[str, Any]) -> None:
    """Keep figures by the name of their corpus or collection, with the day and the machine."""
    place = FOLDER / f"{benchmark}.json"
    kept = json.loads(place.read_text()) if place.exists() else {}
    about = {"day": london_day(SystemClock().now()).isoformat(), "machine": machine()}
    kept |= {name: {**each, **about} for name, each in figures.items()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(kept, indent=1))


def kept(benchmark: str) -> dict[str, Any]:
    """Return what was kept last; nothing where it never ran."""
    place = FOLDER / f"{benchmark}.json"
    found: dict[str, Any] = json.loads(place.read_text()) if place.exists() else {}
    return found


def machine() -> dict[str, str]:
    """Say what this machine is, and which versions were measured."""
    return {
        "processor": _first("/proc/cpuinfo", "model name"),
        "cores": str(os.cpu_count()),
        "memory": f"{int(_first('/proc/meminfo', 'MemTotal').split()[0]) / 1024 / 1024:.0f} GiB",
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release().split('-')[0]}",
        "versions": ", ".join(
            [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}", *_versions()]
        ),
    }


def _first(file: str, field: str) -> str:
    line = next(line for line in Path(file).read_text().splitlines() if line.startswith(field))
    return line.partition(":")[2].strip()


def _versions() -> list[str]:
    installed = {each.name.lower(): each.version for each in importlib.metadata.distributions()}
    return [f"{name} {installed[name]}" for name in _MEASURED if name in installed]
