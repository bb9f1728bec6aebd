"""Nothing another site has a browser send is ever done: every address that takes a form, every way to say where from.

The list is made from the site's own table of addresses, so a new one is tested without anybody thinking of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from starlette.routing import Route

from kb.access import Role
from tests.conftest import MONDAY_3_AM
from tests.web.editors import HERE, sample, stranger
from tests.web.test_every_page import SAMPLE_VALUES
from web import sessions
from web.app import create_app, routes
from web.freshness import Pages

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from kb.service import KnowledgeBase

READING = {"GET", "HEAD", "OPTIONS"}
VALUES = {**SAMPLE_VALUES, "draft": "0" * 32, "version": "1"}
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "cross-site", "Origin": HERE},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": f"{HERE}.evil.example"},
    {"Origin": f"{HERE}:81"},
    {"Origin": "http://evil.example@127.0.0.1.evil.example"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
]
OURS = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin", "Origin": HERE},
    {"Origin": HERE},
    {"Origin": "https://127.0.0.1"},  # behind what speaks https for us
]


class NoAssets:
    @staticmethod
    def serve(request: object) -> object:
        return request


SENT_TO = sorted(
    re.sub(r"{(\w+)(:int)?}", lambda name: VALUES[name[1]], route.path)
    for route in routes(NoAssets(), Pages(lambda _: "", lambda: MONDAY_3_AM))  # type: ignore[arg-type]
    if (route.methods or set()) - READING
)


@pytest.fixture
def app(kb: KnowledgeBase) -> Starlette:
    return create_app(kb)


def test_every_address_that_takes_a_form_is_in_the_table_that_is_tested(app: Starlette) -> None:
    assert len(SENT_TO) > 15
    assert all(isinstance(route, Route) for route in app.routes)
    assert {"/feedback", "/workspace/sign-in", "/workspace/release"} <= set(SENT_TO)


def test_what_another_site_sends_is_refused_at_every_address(app: Starlette, kb: KnowledgeBase) -> None:
    editor = sample(app, Role.APPROVER).client
    del editor.headers["Origin"]
    head = kb.head()
    for address in SENT_TO:
        for headers in FOREIGN:
            for client in (editor, None):
                asked = client or stranger(app)
                asked.headers.pop("Origin", None)
                answer = asked.post(address, data={"section": "brue"}, headers=headers, follow_redirects=False)
                assert answer.status_code == 403, (address, headers)
                assert "did not come from a page of this site" in answer.text
                assert "set-cookie" not in answer.headers
    assert kb.head() == head
    assert kb.feedback() == ()


def test_what_our_own_pages_send_is_taken_at_every_address(app: Starlette) -> None:
    for headers in OURS:
        client = stranger(app)
        del client.headers["Origin"]
        for address in SENT_TO:
            answer = client.post(address, data={"section": "brue"}, headers=headers, follow_redirects=False)
            assert "did not come from a page of this site" not in answer.text, (address, headers)


def test_a_browser_that_says_nothing_needs_the_token_of_its_session(app: Starlette) -> None:
    author = sample(app, Role.AUTHOR).client
    del author.headers["Origin"]
    right = sessions.form_token(author.cookies["session"])
    others = sessions.form_token(sample(app, Role.AUTHOR).client.cookies["session"])
    for address in SENT_TO:
        if address in {"/feedback", "/workspace/sign-out", "/workspace/account/sessions"}:
            continue
        for token in ("", "x", others, right.upper(), "é"):
            answer = author.post(address, data={"token": token}, follow_redirects=False)
            assert "did not come from a page of this site" in answer.text, (address, token)
        answer = author.post(address, data={"token": right}, follow_redirects=False)
        assert "did not come from a page of this site" not in answer.text, address


def test_a_browser_that_says_nothing_and_has_no_session_can_send_feedback_only(app: Starlette) -> None:
    client = stranger(app)
    del client.headers["Origin"]
    taken = [
        address
        for address in SENT_TO
        if "did not come from a page" not in client.post(address, data={"token": "x"}, follow_redirects=False).text
    ]
    assert taken == ["/feedback"]


def test_the_token_comes_through_a_form_with_a_file(app: Starlette) -> None:
    author = sample(app, Role.AUTHOR).client
    del author.headers["Origin"]
    file = {"file": ("a.docx", b"not a document")}
    token = sessions.form_token(author.cookies["session"])
    assert author.post("/workspace/drafts/new", data={"how": "word", "token": "x"}, files=file).status_code == 403
    answer = author.post("/workspace/drafts/new", data={"how": "word", "token": token}, files=file)
    assert "The file could not be read" in answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_are_no_way_around(app: Starlette, method: str) -> None:
    answer = stranger(app).request(method, "/workspace/sign-in", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 405


def test_a_link_on_another_site_opens_a_page_and_changes_nothing(app: Starlette, kb: KnowledgeBase) -> None:
    author, head = sample(app, Role.AUTHOR), kb.head()
    for address in SENT_TO:
        author.client.get(address, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
    assert kb.head() == head
    assert author.go("/workspace/drafts").main.startswith("Drafts")


def test_what_is_too_long_to_be_a_form_is_refused_before_it_is_read(app: Starlette) -> None:
    author = sample(app, Role.AUTHOR).client
    long = urlencode({"words": "x" * 3_100_000})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    for content in (long.encode(), (piece.encode() for piece in (long[:2_000_000], long[2_000_000:]))):
        answer = author.post("/workspace/release", content=content, headers=headers)
        assert answer.status_code == 400
        assert "too much to send at once: up to 3 MB" in answer.text


def test_odd_bodies_get_a_page_and_never_a_failure(app: Starlette) -> None:
    author = sample(app, Role.AUTHOR).client
    for address in SENT_TO:
        if address in {"/workspace/sign-out", "/workspace/account/sessions"}:
            continue
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", ""):
            for body in (b"", b"\xff\xfe=\x00", b"--x\r\nbroken", b"version=1&blocks=99999999", b"a=b&" * 30_000):
                answer = author.post(address, content=body, headers={"content-type": kind}, follow_redirects=False)
                assert answer.status_code < 500, (address, kind, body[:20])
