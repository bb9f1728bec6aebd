"""Atom feeds and the sitemap: readers of feeds hear of every major change, search engines of current text only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import etree

from procedures.model import Importance

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from kb.access import Actor
    from kb.service import KnowledgeBase
    from procedures.model import Revision

FEEDS = ["/updates.atom", "/sections/brue/updates.atom", "/themes/information-sharing/updates.atom"]


def feed(client: TestClient, address: str) -> Any:
    """Read a feed as a feed reader does, which must not have to repair it."""
    answer = client.get(address)
    found = feedparser.parse(answer.content, response_headers={"content-type": answer.headers["Content-Type"]})
    assert not found.bozo, found.get("bozo_exception")
    return found


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_is_whole_and_every_entry_leads_to_the_text_it_tells_of(client: TestClient, address: str) -> None:
    found = feed(client, address)
    assert found.version == "atom10"
    assert found.feed.title
    assert "Sample" in found.feed.subtitle
    assert found.entries
    assert len({entry.id for entry in found.entries}) == len(found.entries)
    for entry in found.entries:
        assert client.get(urlsplit(entry.link).path).status_code == 200
        assert entry.summary
        assert entry.updated_parsed


def test_a_feed_carries_major_changes_newest_first_and_no_minor_ones(
    client: TestClient, publish: Callable[..., Revision]
) -> None:
    before = [entry.id for entry in feed(client, "/updates.atom").entries]
    publish(date(2026, 11, 23), importance=Importance.MINOR, change_note="A comma.")
    assert [entry.id for entry in feed(client, "/updates.atom").entries] == before
    publish(date(2026, 11, 23), change_note="Ring the hospital first.")
    entries = feed(client, "/updates.atom").entries
    assert "Ring the hospital first." in entries[0].summary
    assert [entry.id for entry in entries[1:]] == before[: len(entries) - 1]
    assert "Ring the hospital first." in feed(client, "/sections/brue/updates.atom").entries[0].summary


def test_a_change_that_is_cancelled_is_told_under_the_id_it_was_announced_with(
    client: TestClient, kb: KnowledgeBase, editor: Actor, publish: Callable[..., Revision]
) -> None:
    coming = publish(date(2027, 1, 4))
    announced = feed(client, "/updates.atom").entries[0]
    kb.cancel(editor, "brue", coming.revision, "Not agreed.")
    told = feed(client, "/updates.atom").entries[0]
    assert told.id == announced.id
    assert told.title.startswith("Cancelled: ")
    assert "Cancelled before it came into force" in told.summary


def test_a_page_tells_feed_readers_where_its_feed_is(client: TestClient) -> None:
    for page in ("/updates", "/sections/brue/history", "/themes/escalation"):
        found = client.get(page).text.split('type="application/atom+xml"')[1].split('href="')[1].split('"')[0]
        assert client.get(found).status_code == 200


def test_a_feed_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/updates.atom")
    assert client.get("/updates.atom", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_the_feed_of_something_unknown_says_so(client: TestClient) -> None:
    for address in ("/sections/nope/updates.atom", "/themes/nope/updates.atom"):
        assert client.get(address).status_code == 404


def test_the_sitemap_lists_current_text_only_and_every_page_in_it_is_there(client: TestClient) -> None:
    tree = etree.fromstring(client.get("/sitemap.xml").content)
    pages = [urlsplit(str(found.text)) for found in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert {"/", "/sections/brue", "/reviews/west-sussex-2016-child-s"} <= {page.path for page in pages}
    for page in pages:
        assert not page.query
        assert "/revisions/" not in page.path
        assert client.get(page.path, follow_redirects=False).status_code == 200, page.path
    assert "Sitemap: http://127.0.0.1/sitemap.xml" in client.get("/robots.txt").text
