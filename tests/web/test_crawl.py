"""The whole site followed once from the front page, as a reader with patience would: nothing leads nowhere.

One crawl serves every test here. It keeps to the text of today and to pages anybody is linked to; of the links with a
query, which have no end, it follows the first of each kind on each page.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

import pytest
from lxml import etree, html
from starlette.applications import Starlette
from starlette.routing import Match, Route
from starlette.testclient import TestClient

from kb.service import KnowledgeBase
from tests.web.test_every_page import PAGES

HERE = "http://127.0.0.1"
LISTS = ("sections", "reviews?per_page=100", "themes?per_page=100", "updates?per_page=100", "glossary", "contacts")
DOORS = ("/", "/robots.txt", "/api/v1/openapi.json", *(f"/api/v1/{name}" for name in LISTS), *PAGES)
FOR_MACHINES = {"/suggest", "/health", "/robots.txt", "/sitemap.xml"}


@dataclass
class Seen:
    """An address that was asked for: what it answered, where that leads and what in it can be led to."""

    status: int
    kind: str
    at: str
    title: str = ""
    names: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    linked_from: str = ""


@dataclass
class Crawl:
    """Everything that was seen, by address."""

    seen: dict[str, Seen]
    routes: list[Route]

    def route(self, address: str) -> str:
        """The route that answers an address."""
        scope = {"type": "http", "path": unquote(urlsplit(address).path), "method": "GET"}
        return next((route.path for route in self.routes if route.matches(scope)[0] is Match.FULL), "none")

    def targets(self) -> Iterator[tuple[str, str, str]]:
        """Every link of a page to a place within the site: the page, the address and the fragment."""
        for page, seen in self.seen.items():
            for link in seen.links if seen.kind == "text/html" else ():
                address, fragment = urldefrag(link)
                yield page, address, fragment


@pytest.fixture(scope="module")
def crawl(visitor: TestClient) -> Crawl:
    app = visitor.app
    assert isinstance(app, Starlette)
    found = Crawl({}, [route for route in app.routes if isinstance(route, Route)])
    _follow(visitor, found)
    return found


def _follow(reader: TestClient, crawl: Crawl) -> None:
    waiting = deque((HERE + door, "") for door in DOORS)
    while waiting:
        address, linked_from = waiting.popleft()
        if address in crawl.seen:
            continue
        seen = crawl.seen[address] = _look(reader, address)
        seen.linked_from = linked_from
        with_query: set[tuple[str, ...]] = set()
        for link in seen.links:
            target = urldefrag(link).url
            asks = tuple(sorted({name for name, _ in parse_qsl(urlsplit(target).query, keep_blank_values=True)}))
            if asks:
                if (crawl.route(target), *asks) in with_query or crawl.route(address) == crawl.route(target):
                    continue
                with_query.add((crawl.route(target), *asks))
            waiting.append((target, address))


def _look(reader: TestClient, address: str) -> Seen:
    answer = reader.get(address)
    kind = answer.headers["Content-Type"].split(";")[0]
    seen = Seen(answer.status_code, kind, str(answer.url))
    if kind == "text/html":
        tree = html.document_fromstring(answer.text)
        seen.title = str(tree.xpath("string(//title)"))
        seen.names = {str(name) for name in tree.xpath("//@id")}
        seen.links = [str(link) for link in tree.xpath("//a/@href | //link/@href | //script/@src | //img/@src")]
        seen.links += [str(form) for form in tree.xpath("//form[@method='get']/@action")]
    elif kind in {"application/xml", "application/atom+xml"}:
        feed = etree.fromstring(answer.content)
        seen.links = [str(link) for link in feed.xpath("//@href | //*[local-name() = 'loc']/text()")]
    elif kind == "application/json":
        seen.links = list(_urls(answer.json()))
    elif kind == "text/plain":
        seen.links = re.findall(r"Sitemap: (\S+)", answer.text)
    joined = (urljoin(str(answer.url), link) for link in seen.links)
    seen.links = [link for link in joined if link.startswith(HERE + "/")]
    return seen


def _urls(body: Any) -> Iterator[str]:
    """Find every address in an answer of the API."""
    if isinstance(body, dict):
        if isinstance(body.get("url"), str):
            yield body["url"]
        body = list(body.values())
    for each in body if isinstance(body, list) else ():
        yield from _urls(each)


def test_no_link_leads_nowhere(crawl: Crawl) -> None:
    broken = {address: (seen.status, seen.linked_from) for address, seen in crawl.seen.items() if seen.status != 200}
    assert broken == {}


def test_every_place_in_a_page_that_a_link_names_is_there(crawl: Crawl) -> None:
    missing = {
        (page, f"{address}#{fragment}")
        for page, address, fragment in crawl.targets()
        if fragment and address in crawl.seen and fragment not in crawl.seen[address].names
    }
    assert missing == set()


def test_everything_the_site_has_can_be_reached_by_following_links(crawl: Crawl, kb: KnowledgeBase) -> None:
    linked = {address for _, address, _ in crawl.targets()}
    reached = {crawl.route(address) for address in linked}
    for_readers = {route.path for route in crawl.routes if "GET" in (route.methods or ())} - FOR_MACHINES
    missed = {path for path in for_readers - reached if not path.startswith(("/api/", "/workspace"))}
    assert missed == set()
    sections = [f"{HERE}/sections/{section.key}" for part in kb.contents() for section in part.sections]
    assert len(sections) > 70
    others = [f"{HERE}/reviews/{review.key}" for review in kb.reviews()]
    others += [f"{HERE}/sections/{contact.key}" for contact in kb.contacts_now()]
    assert [address for address in sections + others if address not in linked] == []


def test_no_two_pages_have_the_same_title(crawl: Crawl) -> None:
    titles: dict[str, set[str]] = {}
    for address, seen in crawl.seen.items():
        is_page = seen.kind == "text/html" and not urlsplit(address).query and seen.at == address
        if is_page and crawl.route(address) != "/sections/{key}/compare":  # without two revisions it is the history
            titles.setdefault(seen.title, set()).add(re.sub(r"/revisions/\d+$", "", address))
    assert [found for found in titles.values() if len(found) > 1] == []


def test_every_revision_but_the_one_in_force_has_a_title_of_its_own(crawl: Crawl) -> None:
    revisions = {
        at: seen.title
        for at, seen in crawl.seen.items()
        if crawl.route(at).endswith("{number:int}") and "/sections/" in at
    }
    counted = Counter(revisions.values())
    assert [title for title, count in counted.items() if count > 1] == []


def test_the_map_for_search_engines_names_every_section_in_force_and_no_old_text(crawl: Crawl) -> None:
    named = [crawl.route(address) for address in crawl.seen[f"{HERE}/sitemap.xml"].links]
    assert named.count("/sections/{key}") > 70
    assert "/sections/{key}/revisions/{number:int}" not in named
