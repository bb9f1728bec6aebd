"""The wheel, installed alone at the locked versions, is the whole program: it finds and serves."""

import importlib.metadata
import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"procedures", "index", "kb", "web"}
DISTRIBUTION = "pan-sussex-procedures"
PATIENCE = 60  # seconds for the site to answer


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as a release would."""
    into = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", str(into), str(ROOT))
    (built,) = into.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel in an environment of its own, without anything developers have."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    run(*pip, "--require-hashes", "--requirement", str(ROOT / "requirements.lock"))
    run(*pip, "--no-deps", str(wheel))
    return home / "bin"


@pytest.fixture(scope="session")
def data(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data with the sample in them, made by the installed program."""
    folder = tmp_path_factory.mktemp("data")
    run(str(programs / "kb"), "init", "--sample", "--data", str(folder))
    return folder


@pytest.fixture(scope="session")
def address(programs: Path, data: Path) -> Iterator[str]:
    """Serve the site with the installed program, on a free port."""
    port = free_port()
    command = [str(programs / "kb"), "serve", "--port", str(port), "--data", str(data)]
    with (
        (data / "serve.log").open("w") as log,
        subprocess.Popen(command, cwd=data, stdout=log, stderr=subprocess.STDOUT) as server,
    ):
        try:
            wait_for(f"http://127.0.0.1:{port}/health", server, data / "serve.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def test_the_wheel_holds_the_four_packages_and_no_more(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names_in(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_the_wheel_holds_what_the_site_needs_and_nothing_of_its_making(wheel: Path) -> None:
    names = names_in(wheel)
    assert "web/static/built/site.css" in names
    assert [name for name in names if "node_modules" in name or name.endswith(".scss")] == []
    assert [name for name in names if re.match(r"(tests|docs|var)/", name)] == []


def test_no_other_distribution_brings_a_package_of_our_names() -> None:
    owners = importlib.metadata.packages_distributions()
    intruders = {name: set(owners.get(name, [])) - {DISTRIBUTION} for name in PACKAGES}
    assert {name: owner for name, owner in intruders.items() if owner} == {}


def test_the_installed_program_knows_its_version(programs: Path) -> None:
    assert importlib.metadata.version(DISTRIBUTION) in run(str(programs / "kb"), "--version")


def test_the_installed_program_finds_guidance(programs: Path, data: Path) -> None:
    found = run(str(programs / "kb"), "search", "BRUE", "--json", "--data", str(data))
    assert json.loads(found)
    assert "BRUE" in found


def test_the_installed_program_serves_the_site_and_its_styles(address: str) -> None:
    home = fetch(address + "/")
    sheets = re.findall(r'<link[^>]+href="(/[^"]+\.css[^"]*)"', home)
    assert "govuk-template" in "".join(fetch(address + sheet) for sheet in sheets)


def run(*command: str) -> str:
    """Run a program outside the project, so that nothing is found there by accident."""
    done = subprocess.run(command, cwd=Path(command[0]).parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
        text: str = answer.read().decode("utf-8")
        return text


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the site answers; tell what it said if it does not."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            fetch(url)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"kb serve does not answer at {url}:\n{log.read_text(encoding='utf-8')}")
