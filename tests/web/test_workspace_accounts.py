"""Accounts on their pages: a password handed on once and kept nowhere, roles, sessions, and always an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kb.access import Role
from tests.kb.people import GOOD, OPERATOR
from tests.web.editors import Editor, another, signed_in
from web.app import create_app
from web.workspace import addresses

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from kb.service import KnowledgeBase


@pytest.fixture
def app(empty_kb: KnowledgeBase) -> Starlette:
    return create_app(empty_kb)


@pytest.fixture
def ada(app: Starlette, empty_kb: KnowledgeBase) -> Editor:
    return another(app, empty_kb, "Ada Admin", Role.ADMINISTRATOR)


def made(ada: Editor, name: str, *roles: str) -> str:
    """Make an account by the form, and return the password that is shown."""
    ada.go(addresses.NEW_ACCOUNT)
    ada.send(addresses.NEW_ACCOUNT, [("name", name), *(("role", role) for role in roles)])
    assert ada.page.status_code == 200, ada.main
    return str(ada.tree.xpath("//main//code")[0].text)


def opened(ada: Editor, name: str) -> Editor:
    return ada.go(addresses.ACCOUNTS).go(ada.tree.xpath(f"//main//a[text()='{name}']/@href")[0])


def test_a_one_time_password_is_shown_once_and_is_nowhere_afterwards(
    app: Starlette, empty_kb: KnowledgeBase, ada: Editor
) -> None:
    assert str(ada.page.url).endswith(addresses.ACCOUNTS), "an administrator comes in at the accounts"
    password = made(ada, "Ann  Weber", "author")
    assert password not in str(ada.page.url)
    assert ada.page.headers["cache-control"] == "no-store"
    assert "must be changed at the first sign-in" in ada.main
    for page in (addresses.ACCOUNTS, addresses.NEW_ACCOUNT, addresses.LOG, addresses.LOG_FILE):
        assert password not in ada.go(page).page.text
    opened(ada, "Ann Weber")
    assert password not in ada.page.text
    assert "Has a one-time password, to be used by 30 November 2026" in ada.main
    assert password.encode() not in empty_kb.settings.database.read_bytes()
    ann = signed_in(app, "Ann Weber", password)
    assert ann.main.startswith("Choose your own password")
    ann.press("Change the password", old=password, new=GOOD, again=GOOD)
    assert "Last sign-in 23 November 2026" in opened(ada, "Ann Weber").main
    assert "Can sign in" in ada.main


def test_what_no_account_can_have_is_said_and_what_was_typed_stays(ada: Editor) -> None:
    ada.send(addresses.NEW_ACCOUNT, [("name", "Weber, Ann"), ("role", "author")])
    assert ada.page.status_code == 400
    assert "A name has no comma" in ada.main
    assert ada.faults == ["#name", "name"]
    assert ada.tree.xpath("//input[@id='name']/@value") == ["Weber, Ann"]
    assert ada.tree.xpath("//input[@name='role'][@checked]/@value") == ["author"]
    for fields in ([("name", "Bea")], [("name", "Bea"), ("role", "king")]):
        assert "An account needs a role" in ada.send(addresses.NEW_ACCOUNT, fields).main
        assert ada.faults == ["#role", "role"]
    made(ada, "Bea", "auditor")
    assert (
        "There is an account 'bea' already"
        in ada.send(addresses.NEW_ACCOUNT, [("name", "bea"), ("role", "author")]).main
    )


def test_roles_state_password_and_sessions_are_changed_and_the_person_notices_at_once(
    app: Starlette, empty_kb: KnowledgeBase, ada: Editor
) -> None:
    ann = another(app, empty_kb, "Ann Weber", Role.AUTHOR)
    opened(ada, "Ann Weber").press("End the session begun")
    assert "The session is over." in ada.main
    opened(ada, "Ann Weber").press("End the session begun")  # it came from choosing the password
    assert "Nowhere." in opened(ada, "Ann Weber").main
    assert "Sign in to edit" in ann.go(addresses.DRAFTS).main
    page = str(ada.page.url).removeprefix("http://127.0.0.1")
    ada.send(f"{page}/sessions", [("session", "over")])
    assert ada.faults == ["#sessions"]
    ada.send(f"{page}/roles", [])
    assert "An account needs a role. Tick at least one." in ada.main
    assert ada.faults == ["#role", "role"]
    ada.send(f"{page}/roles", [("role", "author"), ("role", "approver")])
    assert "Roles Approver, author" in ada.main
    ada.press("Disable Ann Weber")
    assert "can no longer sign in" in ada.main
    assert "Ann Weber, approver, author Disabled" in ada.go(addresses.ACCOUNTS).main
    opened(ada, "Ann Weber").press("Let Ann Weber sign in again")
    assert "This account can sign in again." in ada.main
    ada.press("Reset the password")
    password = str(ada.tree.xpath("//main//code")[0].text)
    assert signed_in(app, "Ann Weber", password).main.startswith("Choose your own password")
    told = [(each["who"], each["told"]) for each in log(ada)]
    assert told[:5] == [
        ("Ada Admin", "reset a password"),
        ("Ada Admin", "let an account sign in again"),
        ("Ada Admin", "disabled an account"),
        ("Ada Admin", "changed what an account may do"),
        ("Ada Admin", "ended a session"),
    ]


def log(editor: Editor) -> list[dict[str, str]]:
    """Read the log's page: who, and what they did."""
    found = []
    for line in editor.go(addresses.LOG).tree.xpath("//main//ol/li/p[1]"):
        who = line.xpath("./strong")[0]
        found.append({"who": str(who.text), "told": " ".join((who.tail or "").split()).rstrip(":")})
    return found


def test_nobody_changes_their_own_account_and_the_last_administrator_stays(
    app: Starlette, empty_kb: KnowledgeBase, ada: Editor
) -> None:
    bob = another(app, empty_kb, "Bob Admin", Role.ADMINISTRATOR)
    opened(ada, "Ada Admin")
    assert "Nobody changes an account of their own" in ada.main
    own = str(ada.page.url).removeprefix("http://127.0.0.1")
    assert "Let another administrator do it" in ada.send(f"{own}/disable", []).main
    assert ada.page.status_code == 400
    opened(bob, "Ada Admin").press("Disable Ada Admin")
    assert "Sign in to edit" in ada.go(addresses.ACCOUNTS).main
    assert [each.name for each in empty_kb.accounts.list(OPERATOR) if not each.disabled] == ["Bob Admin"]


def test_a_name_with_any_letters_has_its_page_and_is_only_words(ada: Editor) -> None:
    name = "A/B <img src=x onerror=alert(1)> ?#&"
    made(ada, name, "auditor")
    ada.go(addresses.ACCOUNTS)
    link = next(a for a in ada.tree.xpath("//main//li//a") if a.text == name)
    assert name in ada.go(link.get("href")).main
    assert "<img" not in ada.page.text
    assert name in ada.go(addresses.LOG).main
    assert ada.go(f"{addresses.ACCOUNTS}/99").page.status_code == 404


def test_an_auditor_sees_accounts_and_no_buttons(app: Starlette, empty_kb: KnowledgeBase, ada: Editor) -> None:
    otto = another(app, empty_kb, "Otto Auditor", Role.AUDITOR)
    opened(otto, "Ada Admin")
    assert {form.action for form in otto.tree.forms} <= {"/search", addresses.SIGN_OUT}
    assert "may not manage accounts" in otto.go(addresses.NEW_ACCOUNT).main
