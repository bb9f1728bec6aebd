"""Who may open and do what in the workspace: every role, a draft in every state, every address of the table."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kb.access import WHO_MAY, Actor, Role
from kb.beginnings import TextInForce
from kb.drafting import State
from kb.feedback import Opinion, Reason
from tests.kb.readers import search_in_vain
from tests.web.editors import ANN, BEN, Editor, another, sample, stranger
from web.app import create_app
from web.workspace import addresses
from web.workspace.door import Guarded
from web.workspace.routes import routes

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from kb.service import KnowledgeBase
    from tests.conftest import SetClock

ANYBODY = {addresses.HOME, addresses.ACCOUNT, addresses.SESSIONS, addresses.PASSWORD}
OUTSIDE = {addresses.SIGN_IN, addresses.SIGN_OUT}
GUARDED = [route for route in routes() if isinstance(route, Guarded)]
FIELDS = {
    "do": "save",
    "version": "1",
    "blocks": "0",
    "place": "1",
    "reasons": "Because.",
    "why": "No.",
    "urgent": "Now",
}


@pytest.fixture
def app(kb: KnowledgeBase) -> Starlette:
    return create_app(kb)


def draft_in(kb: KnowledgeBase, state: State) -> str:
    """Make a draft in a state, and return its id."""
    workspace = kb.workspace
    draft = workspace.start(ANN, TextInForce("bruising-non-mobile"))
    content = replace(draft.content, change_note="A word was changed.")
    workspace.save(ANN, draft.id, content, draft.version)
    if state is State.WITHDRAWN:
        workspace.withdraw(ANN, draft.id, "Not needed.")
    if state in {State.IN_REVIEW, State.APPROVED, State.PUBLISHED}:
        seal = workspace.submit(ANN, draft.id)
        if state is not State.IN_REVIEW:
            workspace.approve(BEN, draft.id, seal)
        if state is State.PUBLISHED:
            workspace.release(BEN, [draft.id])
    return draft.id


def address_of(route: Guarded, draft_id: str) -> str:
    values = {"draft": draft_id, "key": "children-missing", "number": "1", "version": "1", "digest": "0"}
    return re.sub(r"{(\w+)(:int)?}", lambda name: values[name[1]], route.path)


def ask(editor: Editor, route: Guarded, address: str) -> Editor:
    if "POST" in (route.methods or ()):
        return editor.send(address, list(FIELDS.items()))
    return editor.go(address)


def test_no_address_of_the_workspace_is_outside_the_door() -> None:
    outside = {route.path for route in routes() if not isinstance(route, Guarded)}
    assert outside == OUTSIDE
    assert {route.path for route in GUARDED if route.deed is None} == ANYBODY
    assert all(len((route.methods or set()) - {"HEAD"}) == 1 for route in GUARDED)


def test_whoever_is_signed_out_is_shown_the_way_in_at_every_address(app: Starlette, kb: KnowledgeBase) -> None:
    client = stranger(app, follow=False)
    draft_id = draft_in(kb, State.DRAFT)
    for route in GUARDED:
        address = address_of(route, draft_id)
        if "POST" in (route.methods or ()):
            answer = client.post(address, data=FIELDS)
            assert answer.status_code == 403
            assert "Sign in to edit" in answer.text
        else:
            answer = client.get(address)
            assert answer.status_code == 302
            assert answer.headers["location"].startswith(addresses.SIGN_IN)
            assert answer.text == ""
        assert answer.headers["cache-control"] == "no-store"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "Bruising" not in answer.text


@pytest.mark.parametrize("state", list(State))
def test_each_role_may_do_what_the_table_says_and_nothing_else(app: Starlette, kb: KnowledgeBase, state: State) -> None:
    people = {
        Role.AUTHOR: sample(app, Role.AUTHOR),
        Role.APPROVER: sample(app, Role.APPROVER),
        Role.ADMINISTRATOR: another(app, kb, "Ada Admin", Role.ADMINISTRATOR),
        Role.AUDITOR: another(app, kb, "Otto Auditor", Role.AUDITOR),
    }
    draft_id = draft_in(kb, state)
    before = (kb.head(), kb.workspace.draft(ANN, draft_id).draft)
    # What is not of a draft is the same whatever state one is in.
    asked = [route for route in GUARDED if "{draft}" in route.path or state is State.DRAFT]
    for role, editor in people.items():
        for route in asked:
            if route.deed is None or role in WHO_MAY[route.deed]:
                continue
            ask(editor, route, address_of(route, draft_id))
            assert editor.page.status_code == 403, (role, route.path)
            assert f"may not {route.deed}" in editor.main
            assert editor.page.headers["cache-control"] == "no-store"
            assert "noindex" in editor.page.headers["x-robots-tag"]
    assert (kb.head(), kb.workspace.draft(ANN, draft_id).draft) == before
    for role, editor in people.items():
        for route in asked:
            if route.path == addresses.SESSIONS or not (route.deed is None or role in WHO_MAY[route.deed]):
                continue
            if route.path.endswith("/impact") and state is not State.APPROVED:
                continue  # it takes a second or two, and is the same in every state
            if kb.workspace.draft(ANN, draft_id).draft.state is not state:
                draft_id = draft_in(kb, state)
            ask(editor, route, address_of(route, draft_id))
            assert editor.page.status_code < 500, (role, route.path)
            assert f"may not {route.deed}" not in editor.page.text, (role, route.path)
            assert editor.page.headers["cache-control"] == "no-store"
            assert "noindex" in editor.page.headers["x-robots-tag"]


def test_every_page_shows_only_buttons_that_may_be_pressed(app: Starlette, kb: KnowledgeBase, clock: SetClock) -> None:
    search_in_vain(kb, clock, "gallivanting wombat")
    auditor = another(app, kb, "Otto Auditor", Role.AUDITOR)
    for state in State:
        auditor.go(addresses.draft(draft_in(kb, state)))
        assert auditor.page.status_code == 200
        actions = {form.action for form in auditor.tree.forms}
        assert actions == {"/search", addresses.SIGN_OUT}, state
    kb.keep_feedback(Opinion("brue", 4, False, Reason.WRONG))
    readers = (addresses.FEEDBACK, addresses.SEARCHES, addresses.searched(1))
    for address in (addresses.DESK, *readers, addresses.DRAFTS, addresses.RELEASE):
        assert {form.action for form in auditor.go(address).tree.forms} <= {"/search", addresses.SIGN_OUT, address}


def test_somebody_whose_role_is_taken_away_is_out_at_once(app: Starlette, kb: KnowledgeBase) -> None:
    ann = another(app, kb, "Ann Weber", Role.AUTHOR)
    kb.accounts.disable(Actor("x", frozenset({Role.ADMINISTRATOR})), "Ann Weber")
    assert "Your account was changed since you signed in" in ann.go("/workspace/drafts").main
