"""“Is this page useful?”: answered from our own pages only, without a cookie, kept without what tells of anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from lxml import html

from kb.feedback import Reason

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

    from kb.service import KnowledgeBase
    from tests.web.conftest import Reader

NO = {"section": "brue", "revision": "4", "useful": "no", "reason": "wrong", "words": "The table is wrong."}


def send(client: TestClient, fields: dict[str, str] | bytes, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    form = {"content-type": "application/x-www-form-urlencoded"}
    return client.post("/feedback", content=content, headers={**form, **named}, follow_redirects=False)


def test_every_section_in_force_asks_whether_it_is_useful(read: Reader) -> None:
    page = read("/sections/brue")
    form = page.all("//form[@method='post']")[0]
    assert {field.get("name"): field.get("value") for field in form.xpath(".//input | .//button")} == {
        "section": "brue",
        "revision": "4",
        "useful": "yes",
    }
    assert page.links()["No, or something is wrong with this page"] == "/feedback?section=brue"
    assert not read("/sections/brue?on=2019-01-01").all("//form[@method='post']")


def test_yes_is_kept_and_thanked_for(client: TestClient, kb: KnowledgeBase, read: Reader) -> None:
    answer = send(client, {"section": "brue", "revision": "4", "useful": "yes"}, sec_fetch_site="same-origin")
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    page = read(answer.headers["location"])
    assert page.all("//h1")[0].text_content() == "Thank you"
    assert page.links()["Back to 8.38 Brief Resolved Unexpected Event (BRUE)"] == "/sections/brue"
    (kept,) = kb.feedback()
    assert (kept.opinion.useful, kept.opinion.reason, kept.opinion.words) == (True, None, "")


def test_no_is_kept_with_its_reason_and_cleaned_words(client: TestClient, kb: KnowledgeBase) -> None:
    pid = kb.section("brue").paragraphs[2].pid
    words = "A boy called Jo Bloggs, 943 476 5919.\r\nThe table is wrong."
    assert send(client, {**NO, "paragraph": pid, "words": words}).status_code == 303
    (kept,) = kb.feedback()
    assert kept.opinion.words == "A boy called [name removed], [NHS number removed].\nThe table is wrong."
    assert (kept.opinion.reason, kept.opinion.pid, kept.opinion.revision) == (Reason.WRONG, pid, 4)


def test_the_form_warns_offers_every_reason_and_says_how_long_it_is_kept(read: Reader, kb: KnowledgeBase) -> None:
    pid = kb.section("brue").paragraphs[2].pid
    page = read(f"/feedback?section=brue&paragraph={pid}")
    assert "What is wrong with 8.38.3?" in page.main
    assert [radio.get("value") for radio in page.all("//input[@type='radio']")] == [reason.value for reason in Reason]
    assert "Do not write names, dates of birth" in page.main
    assert "kept for 400 days and then deleted" in page.main
    assert "999 if a child is in danger now" in page.main
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"].startswith("noindex")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"reason": ""}, "Choose why the page was not useful."), ({"words": "x" * 1201}, "1 characters too long")],
)
def test_what_is_missing_is_asked_for_with_the_words_kept(
    client: TestClient, kb: KnowledgeBase, wrong: dict[str, str], said: str
) -> None:
    answer = send(client, {**NO, **wrong})
    assert answer.status_code == 400
    page = html.document_fromstring(answer.text)
    assert said in page.text_content()
    assert page.xpath("//title")[0].text_content().startswith("Error: ")
    assert page.xpath("//textarea")[0].text_content().strip() == {**NO, **wrong}["words"]
    for link in page.xpath("//*[@class='govuk-error-summary']//a/@href"):
        assert page.xpath(f"//*[@id='{link[1:]}']")
    assert kb.feedback() == ()


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec_fetch_site": "same-origin", "origin": "http://127.0.0.1.elsewhere.example"},
    ],
)
def test_what_another_site_sends_is_refused_plainly(
    client: TestClient, kb: KnowledgeBase, headers: dict[str, str]
) -> None:
    answer = send(client, NO, **headers)
    assert answer.status_code == 403
    assert "did not come from a page of this site" in answer.text
    assert kb.feedback() == ()


def test_what_our_own_page_sends_is_taken(client: TestClient, kb: KnowledgeBase) -> None:
    assert send(client, NO, origin="http://127.0.0.1", sec_fetch_site="same-origin").status_code == 303
    assert send(client, NO, origin="https://127.0.0.1").status_code == 303  # behind what speaks https for us
    assert len(kb.feedback()) == 2


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe=\x00", b"&" * 500, b"section=brue&" * 100, urlencode({**NO, "revision": "9" * 40}).encode()],
)
def test_odd_bodies_get_a_page_and_never_a_failure(client: TestClient, body: bytes) -> None:
    answer = send(client, body)
    assert answer.status_code in {400, 404, 303}
    assert "Traceback" not in answer.text


def test_too_much_at_once_is_not_even_read(client: TestClient, kb: KnowledgeBase) -> None:
    answer = send(client, {**NO, "words": "x" * 100_000})
    assert answer.status_code == 400
    assert "too much to send at once" in answer.text
    assert kb.feedback() == ()


def test_a_page_that_is_not_there_has_no_form(read: Reader) -> None:
    assert read("/feedback?section=nope").status == 404
    assert read("/feedback").status == 404
