"""Starting the site: what it says when it cannot, and what its log never holds."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kb.settings import Settings
from procedures.errors import Mendable, NotFound
from web.app import serve

ROOT = Path(__file__).parents[2]
RUN = "from kb.settings import Settings; from web.app import serve; serve(Settings())"


def test_a_port_in_use_is_said_in_a_sentence(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Mendable, match=rf"cannot listen on 127\.0\.0\.1, port {port}.*KB_PORT"):
            serve(Settings(data=folder, port=port))


def test_a_folder_without_a_manual_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        serve(Settings(data=tmp_path / "nothing", port=0))


def test_the_log_says_where_the_site_is_and_never_what_was_searched_for(folder: Path) -> None:
    environment = {
        **os.environ,
        "KB_DATA": str(folder),
        "KB_PORT": "0",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    site = subprocess.Popen(
        [sys.executable, "-c", RUN], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert site.stdout is not None
    seen = ""
    while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", seen)):
        line = site.stdout.readline()
        assert line, seen
        seen += line
    _ask(int(found[1]), "/search?q=Canary+Child&on=2020-01-01")
    _ask(int(found[1]), "/search?q=Canary&on=Canary")
    _ask(int(found[1]), "/sections/brue?canary=Canary")
    site.send_signal(signal.SIGINT)
    rest, _ = site.communicate(timeout=20)
    assert '"GET /search HTTP/1.1" 200' in rest
    assert "canary" not in (seen + rest).lower()


def _ask(port: int, address: str) -> None:
    for _ in range(600):  # the processes that answer may still be starting
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", address)
            connection.getresponse().read()
            return
        except ConnectionError:
            time.sleep(0.05)
        finally:
            connection.close()
    pytest.fail("The site did not answer.")
