"""Signing in, out and staying in: one cookie for editors, none for readers, and nothing typed is lost on the way."""

from __future__ import annotations

import subprocess
import sys
from itertools import takewhile
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from kb.access import Role
from kb.accounts import SAMPLE_SIGN_INS
from tests.web import editors
from tests.web.editors import ADMINISTRATOR, Editor, sample, signed_in, stranger
from tests.web.test_every_page import PAGES
from web.app import create_app
from web.workspace import addresses

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.applications import Starlette

    from kb.service import KnowledgeBase
    from tests.conftest import SetClock


@pytest.fixture
def app(kb: KnowledgeBase) -> Starlette:
    return create_app(kb)


def test_an_author_signs_in_by_the_form_and_out_again(app: Starlette) -> None:
    author = sample(app, Role.AUTHOR)
    assert author.main.startswith("Your desk")
    author.press("Sign out")
    assert author.main.startswith("Sign in to edit")
    assert not author.client.cookies
    assert author.go("/workspace/drafts").main.startswith("Sign in to edit")


def test_over_https_the_cookie_is_bound_to_this_host_and_unseen_by_script(app: Starlette, kb: KnowledgeBase) -> None:
    client = stranger(app, base_url="https://procedures.example", host="192.0.2.7", follow=False)
    given = kb.accounts.add(ADMINISTRATOR, "Ann Weber", [Role.AUTHOR])
    answer = client.post("/workspace/sign-in", data={"name": "ann weber", "password": given})
    name, *rest = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-session=")
    assert {each.lower() for each in rest} == {"secure", "httponly", "samesite=lax", "path=/"}


def test_on_this_computer_the_cookie_needs_no_https(app: Starlette) -> None:
    client = stranger(app, follow=False)
    answer = client.post("/workspace/sign-in", data={"name": "Sample author", "password": "write-like-an-author"})
    assert answer.status_code == 303
    assert answer.headers["set-cookie"].startswith("session=")
    assert "secure" not in answer.headers["set-cookie"].lower()
    assert "httponly" in answer.headers["set-cookie"].lower()


def test_over_plain_http_to_another_computer_nobody_can_sign_in(app: Starlette) -> None:
    client = stranger(app, base_url="http://procedures.example", host="192.0.2.7")
    assert client.get("/workspace/sign-in").status_code == 400
    answer = client.post("/workspace/sign-in", data={"name": "Sample author", "password": "write-like-an-author"})
    assert "needs a secure connection" in answer.text
    assert "set-cookie" not in answer.headers


def test_the_sample_opens_to_this_computer_only(app: Starlette) -> None:
    client = stranger(app, base_url="https://procedures.example", host="192.0.2.7")
    answer = client.post("/workspace/sign-in", data={"name": "Sample author", "password": "write-like-an-author"})
    assert answer.status_code == 403
    assert "only for the computer it runs on" in answer.text


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(app: Starlette) -> None:
    client = stranger(app)
    answers = [
        client.post("/workspace/sign-in", data={"name": name, "password": "wrong wrong wrong"})
        for name in ("Sample author", "Nobody at all")
    ]
    assert {answer.status_code for answer in answers} == {403}
    texts = [answer.text.replace("Nobody at all", "NAME").replace("Sample author", "NAME") for answer in answers]
    assert texts[0] == texts[1]
    assert "wrong wrong wrong" not in texts[0]


def test_who_guesses_has_to_wait_and_is_told_how_long(app: Starlette) -> None:
    client = stranger(app)
    for _ in range(6):
        answer = client.post("/workspace/sign-in", data={"name": "Sample author", "password": "guess guess guess"})
    assert "Wait 30 seconds, then try again" in answer.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/workspace",
        "//evil.example/workspace",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/sections/brue",
        "/workspaces",
        "http:/workspace/x",
        "/workspace@evil.example",
        "[",
        "",
    ],
)
def test_signing_in_leads_to_the_workspace_and_nowhere_else(app: Starlette, elsewhere: str) -> None:
    client = stranger(app, follow=False)
    way = {"name": "Sample author", "password": "write-like-an-author", "next": elsewhere}
    where = client.post("/workspace/sign-in", data=way).headers["location"]
    assert where == addresses.HOME or where.startswith("/workspace/"), where


def test_who_was_going_somewhere_arrives_there(app: Starlette) -> None:
    editor = Editor(client := stranger(app), client.get("/workspace/links?q=blue+and+floppy"))
    editor.press("Sign in", name="Sample author", password="write-like-an-author")
    assert str(editor.page.url) == "http://127.0.0.1/workspace/links?q=blue+and+floppy"


def test_a_password_that_was_handed_on_must_be_changed_before_anything_else(app: Starlette, kb: KnowledgeBase) -> None:
    given = kb.accounts.add(ADMINISTRATOR, "Ann Weber", [Role.AUTHOR])
    ann = signed_in(app, "Ann Weber", given)
    assert ann.main.startswith("Choose your own password")
    for address in ("/workspace/drafts", "/workspace/account", "/workspace/drafts/new"):
        assert ann.go(address).main.startswith("Choose your own password")
    ann.press("Change the password", old=given, new="too short", again="too short")
    assert "Use 12 or more" in ann.main
    ann.press("Change the password", old=given, new=editors.PASSWORD, again="something else entirely")
    assert "not the same" in ann.main
    ann.press("Change the password", old="wrong", new=editors.PASSWORD, again=editors.PASSWORD)
    assert "do not belong together" in ann.main
    ann.press("Change the password", old=given, new=editors.PASSWORD, again=editors.PASSWORD)
    assert "Your password is changed" in ann.main
    assert ann.go("/workspace/drafts").main.startswith("Drafts")


def test_people_see_where_they_are_signed_in_and_can_end_it(app: Starlette) -> None:
    here, there = sample(app, Role.AUTHOR), sample(app, Role.AUTHOR)
    other = sample(app, Role.APPROVER)
    here.go("/workspace/account")
    assert here.main.count("Since ") == 2
    assert here.main.count("This is where you are now") == 1
    here.press("End the session begun")
    assert "The session is over" in here.main
    assert there.go("/workspace/drafts").main.startswith("Sign in to edit")
    assert other.go("/workspace/drafts").main.startswith("Drafts")
    third = sample(app, Role.AUTHOR)
    here.go("/workspace/account").press("Sign out everywhere else")
    assert third.go("/workspace/drafts").main.startswith("Sign in to edit")
    assert here.go("/workspace/drafts").main.startswith("Drafts")


def test_nobody_ends_a_session_of_somebody_else(app: Starlette, kb: KnowledgeBase) -> None:
    author, approver = sample(app, Role.AUTHOR), sample(app, Role.APPROVER)
    theirs = kb.accounts.own_sessions(approver.client.cookies["session"], kb.now())[0]
    author.send("/workspace/account/sessions", [("session", theirs.id)])
    assert "over already" in author.main
    assert approver.go("/workspace/drafts").main.startswith("Drafts")


def test_after_half_an_hour_without_use_somebody_is_asked_to_sign_in_and_told_why(
    app: Starlette, clock: SetClock
) -> None:
    author = sample(app, Role.AUTHOR)
    clock.forward(minutes=31)
    assert "You have done nothing here for 30 minutes" in author.go("/workspace/drafts").main


def test_what_was_typed_when_a_session_ended_is_sent_on_after_signing_in(app: Starlette, clock: SetClock) -> None:
    author = sample(app, Role.AUTHOR)
    author.go("/workspace/drafts/new?section=brue").press("Start", how="in-force")
    clock.forward(minutes=31)
    author.press("Save", title="A title typed late, with “quotes” & <marks>")
    assert author.page.status_code == 403
    assert "kept on this page" in author.main
    author.press("Sign in", name="Sample author", password="wrong wrong wrong")
    author.press("Sign in", name="Sample author", password="write-like-an-author")
    assert "not yet saved" in author.main
    author.press("Go on with what I had typed")
    assert author.tree.xpath("//input[@id='title']/@value") == ["A title typed late, with “quotes” & <marks>"]
    assert "Saved." in author.main


def test_a_password_is_never_carried_over_signing_in(app: Starlette, clock: SetClock) -> None:
    author = sample(app, Role.AUTHOR)
    author.go("/workspace/account/password")
    clock.forward(minutes=31)
    author.press("Change the password", old="write-like-an-author", new="a secret of mine", again="a secret of mine")
    assert "a secret of mine" not in author.page.text
    assert "write-like-an-author" not in author.page.text


def test_no_page_for_readers_ever_sets_a_cookie(app: Starlette) -> None:
    for client in (stranger(app), sample(app, Role.AUTHOR).client):
        for address in [*PAGES, "/nowhere", "/robots.txt", "/health", "/api/v1/sections", "/updates.atom"]:
            assert "set-cookie" not in client.get(address).headers, address


def test_a_reader_who_is_signed_in_reads_the_very_same_pages(app: Starlette) -> None:
    reader, author = stranger(app), sample(app, Role.AUTHOR)
    for address in PAGES:
        assert author.client.get(address).text == reader.get(address).text, address


@pytest.mark.parametrize(("host", "told"), [("127.0.0.1", True), ("0.0.0.0", False)])  # noqa: S104 - to see it refused
def test_starting_the_sample_says_how_to_sign_in_on_this_computer_only(folder: Path, host: str, told: bool) -> None:
    command = [sys.executable, "-m", "kb.cli", "--data", str(folder), "serve", "--host", host, "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        lines = list(takewhile(lambda line: "startup complete" not in line, running.stderr))
        running.terminate()
        running.communicate()
    said = "".join(lines)
    for each in SAMPLE_SIGN_INS:
        assert (f"“{each.name}” with “{each.password}”" in said) == told
    assert "http://" in said


def test_a_token_that_is_none_opens_nothing(app: Starlette) -> None:
    for token in ("", "x", "x" * 5000, "%C3%A9", "'; drop table sessions"):
        client = TestClient(app, base_url=editors.HERE, headers={"cookie": f"session={token}"})
        assert "Sign in to edit" in client.get("/workspace/drafts").text
