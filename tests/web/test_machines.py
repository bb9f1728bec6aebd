"""What machines ask for: health, robots, and files that may be kept for good."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lxml import html
from starlette.testclient import TestClient

if TYPE_CHECKING:
    from kb.service import KnowledgeBase


def test_health_names_the_head_of_the_log(client: TestClient, kb: KnowledgeBase) -> None:
    answer = client.get("/health")
    state = kb.health()
    assert answer.status_code == 200
    assert answer.json()["ok"] is True
    assert answer.json()["head"] == state.head
    assert answer.json()["head_hash"] == state.head_hash
    assert answer.headers["cache-control"] == "no-store"


def test_a_service_that_is_unwell_answers_503(
    client: TestClient, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill = replace(kb.health(), ok=False, problems=("The search index stands at event 1 of 2.",))
    monkeypatch.setattr(kb, "health", lambda: ill)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["The search index stands at event 1 of 2."]


def test_robots_are_kept_out_of_searches(client: TestClient) -> None:
    assert "Disallow: /search" in client.get("/robots.txt").text


def test_every_file_a_page_asks_for_is_there_and_may_be_kept_for_good(client: TestClient) -> None:
    tree = html.document_fromstring(client.get("/").text)
    files = tree.xpath("//script/@src | //link/@href")
    assert len(files) >= 5
    for file in files:
        answer = client.get(file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_the_old_address_of_a_file_leads_to_the_present_one(client: TestClient) -> None:
    answer = client.get("/static/0000/site.css", follow_redirects=False)
    assert answer.status_code == 302
    assert client.get(answer.headers["location"]).status_code == 200


def test_our_own_scripts_stay_small(client: TestClient) -> None:
    tree = html.document_fromstring(client.get("/").text)
    scripts = b"".join(client.get(address).content for address in tree.xpath("//script[@type='module']/@src"))
    assert len(gzip.compress(scripts)) < 6_000
