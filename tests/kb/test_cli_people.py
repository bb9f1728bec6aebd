"""The commands about people: what scripts rely on, one-time passwords printed once, and redaction by two."""

import csv
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb.access import Actor, Role
from kb.cli import main
from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.markup import TOMBSTONE
from tests.conftest import SetClock
from tests.kb.people import GOOD, HERE
from tests.procedures.texts import a_text

Run = Callable[..., tuple[int, str, str]]
BY = ("--by", "Operator")


@pytest.fixture
def data(tmp_path: Path, clock: SetClock) -> Path:
    """A manual with one section."""
    folder = tmp_path / "manual"
    with KnowledgeBase.open(Settings(data=folder), clock, create=True) as kb:
        editor = Actor("Editor", frozenset({Role.APPROVER}))
        kb.publish(editor, a_text("brue", "Ring for help.", "Ask Xanthippe Quillfeather.", title="=BRUE"))
    return folder


@pytest.fixture
def run(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("KB_DATA", str(data))

    def ended(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kb", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        told = capsys.readouterr()
        return int(stopped.value.code or 0), told.out, told.err

    return ended


def done(run: Run, *words: str) -> str:
    status, out, err = run(*words)
    assert status == 0, err
    return out


def answer(run: Run, *words: str) -> Any:
    return json.loads(done(run, *words, "--json"))


def test_an_account_is_made_changed_and_closed(run: Run, data: Path, clock: SetClock) -> None:
    password = done(run, "user", "add", "Ann Weber", "--role", "author", "--role", "approver", *BY).strip()
    assert re.fullmatch(r"[2-9a-hjkmnp-z]{5}(-[2-9a-hjkmnp-z]{5}){3}", password)
    (account,) = answer(run, "user", "list")["accounts"]
    assert (account["name"], account["roles"]) == ("Ann Weber", ["approver", "author"])
    assert set(account) == {"name", "roles", "disabled", "one_time_until", "last_sign_in", "sample"}
    done(run, "user", "role", "ann weber", "--role", "auditor", *BY)
    done(run, "user", "disable", "ann weber", *BY)
    (account,) = answer(run, "user", "list")["accounts"]
    assert (account["roles"], account["disabled"]) == (["auditor"], True)
    assert "disabled" in done(run, "user", "list")
    done(run, "user", "enable", "ann weber", *BY)
    again = done(run, "user", "reset", "ann weber", *BY).strip()
    assert again != password
    with KnowledgeBase.open(Settings(data=data), clock) as kb:
        first = kb.accounts.sign_in("Ann Weber", again, HERE, kb.now())
        kb.accounts.change_password(first, again, GOOD, HERE, kb.now())
        told = " ".join(str(event) for event in kb._store.events())
    assert password not in told
    assert again not in told


def test_sessions_are_listed_and_ended(run: Run, data: Path) -> None:
    password = done(run, "user", "add", "Ann Weber", "--role", "author", *BY).strip()
    assert answer(run, "user", "sessions") == {"sessions": []}
    with KnowledgeBase.open(Settings(data=data)) as kb:
        kb.accounts.sign_in("Ann Weber", password, HERE, kb.now())
    (session,) = answer(run, "user", "sessions", "ann weber")["sessions"]
    assert set(session) == {"session", "name", "started", "last_seen", "network"}
    assert "Ann Weber" in done(run, "user", "sessions")
    done(run, "user", "revoke", session["session"], *BY)
    assert "Nobody is signed in" in done(run, "user", "sessions")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("user", "add", "Ann", "--role", "author", "--by", " "), "needs a name"),
        (("user", "add", "kb", "--role", "author", *BY), "Choose another"),
        (("user", "disable", "Nobody", *BY), "kb user list"),
        (("user", "revoke", "deadbeef", *BY), "kb user sessions"),
        (("redact", "request", "--reason", "Why.", *BY), "Name one thing"),
        (("redact", "request", "brue@1", "--words", "x y", "--reason", "Why.", *BY), "Name one thing"),
        (("redact", "show", "deadbeef"), "kb redact list"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(run: Run, words: tuple[str, ...], said: str) -> None:
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert said in err


def test_the_log_is_printed_as_json_and_as_a_file_no_spreadsheet_runs(run: Run, tmp_path: Path) -> None:
    name = '=HYPERLINK("x")'
    done(run, "user", "add", name, "--role", "author", "--by", "@SUM(1)")
    events = answer(run, "log")["events"]
    assert [(each["event"], each["action"]) for each in events] == [(1, "publish"), (2, "add account")]
    assert set(events[0]) == {"event", "at", "who", "action", "subject", "details", "hash"}
    assert "add account" in done(run, "log")
    file = tmp_path / "log.csv"
    done(run, "log", "--csv", str(file))
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert (rows[1]["who"], rows[1]["subject"]) == ("'@SUM(1)", f"'{name}")
    assert rows[0]["hash"] == events[0]["hash"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    status, _, err = run("log", "--csv", str(file))
    assert (status, "exists already" in err) == (2, True)


def test_words_are_redacted_by_two_people(run: Run) -> None:
    reason = ("--reason", "Order of the court.")
    told = done(run, "redact", "request", "--words", "Xanthippe Quillfeather", *reason, "--by", "Ann")
    assert "remove  brue@1 p-" in told
    (request,) = answer(run, "redact", "list")["requests"]
    assert set(request) == {"request", "kind", "target", "reason", "requested_by", "at"}
    shown = answer(run, "redact", "show", request["request"])
    assert [place["revision"] for place in shown["places"]] == ["brue@1"]
    assert {"whole", "files", "also_in", "elsewhere"} < set(shown)
    status, _, err = run("redact", "agree", request["request"], "--by", "ann", "--yes")
    assert (status, "somebody else" in err) == (2, True)
    status, _, err = run("redact", "agree", request["request"], "--by", "Bea", "--yes")
    assert (status, "still hold what was removed" in err) == (0, True)
    texts = [paragraph["text"] for paragraph in answer(run, "show", "brue")["paragraphs"]]
    assert texts == ["Ring for help.", TOMBSTONE]
    assert answer(run, "check")["ok"]
    assert "No request" in done(run, "redact", "list")


def test_without_a_yes_nothing_is_redacted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    done(run, "redact", "request", "brue@1", "--reason", "Order of the court.", "--by", "Ann")
    (request,) = answer(run, "redact", "list")["requests"]
    status, _, _ = run("redact", "agree", request["request"], "--by", "Bea")
    assert status == 1
    done(run, "redact", "refuse", request["request"], "--reason", "A mistake.", "--by", "Ann")
    assert len(answer(run, "show", "brue")["paragraphs"]) == 2
