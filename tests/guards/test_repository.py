"""The files themselves: no registry, no machine of ours, none too long to read, all explained."""

import ast
import functools
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 500  # lines of Python
# In two halves, so that this file does not hold what it looks for.
REGISTRIES = [
    "pypi" + ".org",
    "pypi" + ".python.org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "yarnpkg" + ".com",
    "deb.debian" + ".org",
    "security.debian" + ".org",
]
MACHINE_PATH = re.compile(r"(?<![\w.)}>-])/(work|root|home/\w+|Users/\w+|opt/\w+)/", re.ASCII)


@functools.cache
def project_files() -> list[Path]:
    """List the files that are, or would be, in the repository."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    """Read every text file of the project."""
    found = []
    for path in project_files():
        content = path.read_bytes()
        if b"\0" not in content:
            found.append((str(path.relative_to(ROOT)), content.decode("utf-8")))
    return found


def python_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_a_package_registry(host: str) -> None:
    assert [name for name, text in texts() if host in text] == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    found = [(name, hit[0]) for name, text in texts() for hit in [MACHINE_PATH.search(text)] if hit]
    assert found == []


def test_no_python_file_is_too_long_to_read() -> None:
    lengths = {str(path.relative_to(ROOT)): _lines(path) for path in python_files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_every_module_says_what_it_is_for() -> None:
    parsed = {path: ast.parse(path.read_text(encoding="utf-8")) for path in python_files()}
    silent = [path.relative_to(ROOT) for path, tree in parsed.items() if not ast.get_docstring(tree)]
    assert silent == []


def test_tests_are_no_package() -> None:
    # `tests/web/__init__.py` would make `web` mean the tests of the site, not the site
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_script_can_be_run() -> None:
    scripts = [path for path in project_files() if path.read_bytes()[:2] == b"#!"]
    assert [path for path in scripts if not path.stat().st_mode & 0o100] == []


def test_the_newest_changes_head_the_changelog() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[:1] == ["Unreleased"]


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
