"""Words of drafts, searches in vain and feedback are on no page, feed, suggestion, header, error or log for the public.

The addresses are the site's own table and every link a reader can follow, so that a new page is hunted by itself.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

import pytest
from lxml import html

from kb.beginnings import NewSection, TextInForce
from kb.drafting import State
from kb.feedback import Opinion, Reason
from kb.redaction import Kind
from procedures.blocks import heading, paragraph
from procedures.model import Action, LearningStatus
from procedures.publication import AttachedFile
from tests.kb.readers import search_in_vain
from tests.web.editors import ANN, BEN, stranger
from tests.web.test_every_page import PAGES, SAMPLE_VALUES
from web.app import create_app
from web.workspace import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.routing import Route
    from starlette.testclient import TestClient

    from kb.service import KnowledgeBase
    from tests.conftest import SetClock

OF_DRAFTS = tuple(
    f"{word}{suffix}"
    for word in ("zqxtitle", "zqxnote", "zqxbody", "zqxheading", "zqxtheme", "zqxagency", "zqxfile", "zqxreason")
    for suffix in ("draft", "review", "approved", "withdrawn", "new")
)
OF_READERS = ("zqxsearched", "zqxsaid")
OF_EDITORS = ("zqxreasonunlink", "zqxreasondecide", "zqxreasonask")
CANARIES = OF_DRAFTS + OF_READERS + OF_EDITORS
OPEN = {"draft": State.DRAFT, "review": State.IN_REVIEW, "approved": State.APPROVED, "withdrawn": State.WITHDRAWN}
SECTIONS = {
    "draft": "brue",
    "review": "bruising-non-mobile",
    "approved": "making-a-referral",
    "withdrawn": "assessment",
}
MOST_PAGES = 900


def plant(kb: KnowledgeBase, suffix: str) -> str:
    """Make a draft whose every field has a canary, and return its id."""
    workspace = kb.workspace
    new = suffix == "new"
    draft = workspace.start(ANN, NewSection("zqxtitlenew", "8.98") if new else TextInForce(SECTIONS[suffix]))
    content = replace(
        draft.content,
        title=f"{draft.content.title} zqxtitle{suffix}",
        change_note=f"zqxnote{suffix} was changed.",
        themes=(f"zqxtheme{suffix}",),
        agencies=(f"zqxagency{suffix}",),
        blocks=(*draft.content.blocks, heading(f"zqxheading{suffix}"), paragraph(f"zqxbody{suffix} must be hidden.")),
    )
    draft = workspace.save(ANN, draft.id, content, draft.version)
    file = AttachedFile(f"zqxfile{suffix}.png", "image/png", f"zqxfile{suffix}".encode(), f"zqxfile{suffix}")
    workspace.attach(ANN, draft.id, file, draft.version)
    state = OPEN.get(suffix, State.DRAFT)
    if state is State.WITHDRAWN:
        workspace.withdraw(ANN, draft.id, f"zqxreason{suffix}")
    if state in {State.IN_REVIEW, State.APPROVED}:
        workspace.submit(ANN, draft.id)
        workspace.reject(BEN, draft.id, f"zqxreason{suffix}")
        seal = workspace.submit(ANN, draft.id)
        if state is State.APPROVED:
            workspace.approve(BEN, draft.id, seal)
    return draft.id


@pytest.fixture
def planted(kb: KnowledgeBase, clock: SetClock) -> dict[str, str]:
    search_in_vain(kb, clock, "zqxsearched")
    assert [each.words for each in kb.searches.listed(ANN)] == ["zqxsearched"]
    kb.keep_feedback(Opinion("brue", 4, False, Reason.WRONG, "zqxsaid"))
    give_reasons(kb)
    return {suffix: plant(kb, suffix) for suffix in (*OPEN, "new")}


def give_reasons(kb: KnowledgeBase) -> None:
    """Withdraw a link, decide on a learning point and ask for a redaction: their reasons are for the log alone."""
    review, learning = "west-sussex-2016-child-s", kb.learning
    linked = kb.review(review).review.learning[0].changes[0]
    learning.unlink(ANN, review, 1, linked, "zqxreasonunlink")
    learning.decide(
        *(ANN, review, 1, learning.point(ANN, review, 1).mark),
        action=Action.AUDIT,
        status=LearningStatus.COMPLETE,
        evidence="An audit.",
        reason="zqxreasondecide",
    )
    kb.redactions.request(ANN, Kind.REVISION, "brue@1", "zqxreasonask")


@pytest.fixture
def reader(kb: KnowledgeBase) -> Iterator[TestClient]:
    with stranger(create_app(kb)) as client:
        yield client


def sung(words: str, *, asked: str = "") -> set[str]:
    """List the canaries in an answer, but for those that were asked for."""
    folded = words.casefold()
    return {canary for canary in CANARIES if canary in folded and canary not in asked.casefold()}


def crawl(reader: TestClient, starts: list[str]) -> Iterator[tuple[str, str]]:
    waiting, seen = list(starts), set[str]()
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = reader.get(address)
        yield address, f"{answer.headers} {answer.url} {answer.content.decode('utf-8', 'replace')}"
        if "html" not in answer.headers["content-type"]:
            continue
        for target in html.document_fromstring(answer.text).xpath("//a/@href | //link/@href | //form/@action"):
            parts = urlsplit(urljoin(str(answer.url), target))
            if parts.netloc == "127.0.0.1" and parts.scheme == "http":
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))


def addresses_of_the_site(kb: KnowledgeBase) -> list[str]:
    routes: list[Route] = create_app(kb).routes  # type: ignore[assignment]
    return [re.sub(r"{(\w+)(:int)?}", lambda name: SAMPLE_VALUES[name[1]], route.path) for route in routes]


def test_no_page_a_reader_can_reach_has_a_word_of_a_draft(
    kb: KnowledgeBase, reader: TestClient, planted: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    count = 0
    for address, words in crawl(reader, [*PAGES, *addresses_of_the_site(kb), "/api/v1/sections", "/updates.atom"]):
        assert sung(words) == set(), address
        assert not any(draft_id in words for draft_id in planted.values()), address
        count += 1
    assert count > 200
    assert sung(caplog.text) == set()


def test_searching_for_the_very_words_finds_and_suggests_nothing(reader: TestClient, planted: dict[str, str]) -> None:
    assert planted
    for canary in CANARIES:
        for address in (f"/search?q={canary}", f"/suggest?q={canary[:5]}", f"/api/v1/search?q={canary}"):
            answer = reader.get(address)
            assert sung(answer.text, asked=canary) == set(), address
        assert (
            "No results" in reader.get(f"/search?q={canary}").text
            or "Nothing" in reader.get(f"/search?q={canary}").text
        )
    for near in ("zqxbodydraf", "zqxboddydraft", "zqx", "zqxbody draft", "8.98"):
        for address in (f"/search?q={near}", f"/suggest?q={near}", f"/api/v1/suggest?q={near}"):
            assert sung(reader.get(address).text) == set(), address
    assert reader.get("/n/8.98").status_code == 404
    assert reader.get("/sections/zqxtitlenew").status_code == 404


def test_a_file_of_a_draft_is_nobodys_but_the_editors(
    kb: KnowledgeBase, reader: TestClient, planted: dict[str, str]
) -> None:
    for draft_id in planted.values():
        for file in kb.workspace.draft(ANN, draft_id).draft.content.attachments:
            if file.filename.startswith("zqx"):
                assert reader.get(f"/files/{file.hash}").status_code == 404


def test_what_goes_wrong_with_a_draft_is_said_to_editors_only(
    kb: KnowledgeBase, reader: TestClient, planted: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for draft_id in planted.values():
        for step in ("", "edit", "preview", "compare", "matching", "versions", "versions/1", "impact", "files/0"):
            address = addresses.draft(draft_id, step)
            assert sung(reader.get(address, follow_redirects=True).text) == set(), address
        for step in ("submit", "approve", "reject", "override", "carry", "renew", "take-back", "give-up", "edit"):
            answer = reader.post(addresses.draft(draft_id, step), data={"version": "1"})
            assert sung(answer.text) == set(), step
    for address in (f"/search?q={quote('zqx')}", "/health", "/robots.txt", "/sitemap.xml", "/api/v1/openapi.json"):
        assert sung(reader.get(address).text) == set()
    assert sung(caplog.text) == set()


def test_the_log_of_what_was_done_has_no_word_of_a_draft_but_reasons(
    kb: KnowledgeBase, planted: dict[str, str]
) -> None:
    assert planted
    told = str([(event.action, event.payload) for event in kb._store.events()])
    assert {canary for canary in sung(told) if not canary.startswith("zqxreason")} == set()


def test_the_index_has_no_word_of_a_draft(kb: KnowledgeBase, planted: dict[str, str]) -> None:
    assert planted
    kb.rebuild_index()
    for path in kb.settings.index.rglob("*"):
        if path.is_file():
            found = path.read_bytes().lower()
            assert not [canary for canary in CANARIES if canary.encode() in found], path


def test_a_published_draft_sings_at_once(kb: KnowledgeBase, reader: TestClient, planted: dict[str, str]) -> None:
    kb.workspace.release(BEN, [planted["approved"]])
    assert "zqxbodyapproved" in reader.get("/sections/making-a-referral").text
    assert "zqxbodyapproved" in reader.get("/search?q=zqxbodyapproved").text
