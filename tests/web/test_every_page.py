"""What a reader can rely on everywhere: one heading, a title, a way past the menu, honest headers, no dead links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import html
from starlette.routing import Route
from starlette.testclient import TestClient

from web.app import create_app, routes

if TYPE_CHECKING:
    from kb.service import KnowledgeBase
    from tests.web.conftest import Reader

PAGES = [
    "/",
    "/search",
    "/search?q=BRUE",
    "/search?q=BRUE&on=2016-05-01",
    "/search?q=baby&seen=2019-01-01",
    "/search?q=zzqqxx",
    "/sections",
    "/sections?on=2016-01-01",
    "/sections/brue",
    "/sections/brue?on=2016-05-01",
    "/sections/brue?seen=2019-01-01",
    "/sections/brue/revisions/2",
    "/sections/brue/history",
    "/sections/brue/compare?from=1&to=4",
    "/sections/west-sussex-front-door",
    "/n/8.36?on=2016-05-01",
    "/n/8.19",
    "/reviews",
    "/reviews/west-sussex-2016-child-s",
    "/updates",
    "/contacts",
    "/glossary",
    "/about",
]
NO_PAGES = ["/nowhere", "/sections/nope", "/p/p-222222", "/n/99.99", "/reviews/nobody", "/sections/brue?on=31/2/2020"]
SAMPLE_VALUES = {
    "key": "brue",
    "number": "2",
    "pid": "p-222222",
    "hash": "0",
    "name": "site.css",
    "digest": "0",
}


@pytest.mark.parametrize("address", PAGES + NO_PAGES)
def test_every_page_has_one_heading_a_title_a_language_and_a_way_past_the_menu(read: Reader, address: str) -> None:
    page = read(address)
    assert page.status == 200 if address in PAGES else page.status in {400, 404}
    assert len(page.all("//h1")) == 1
    assert page.all("//title")[0].text_content().strip()
    assert page.tree.get("lang") == "en-GB"
    skip = page.all("//body/*[1]")[0]
    assert (skip.get("href"), skip.text_content().strip()) == ("#main-content", "Skip to main content")
    assert len(page.all("//main[@id='main-content']")) == 1
    for landmark in ("//header", "//footer", "//nav", "//form[@role='search']"):
        assert page.all(landmark), landmark


@pytest.mark.parametrize("address", PAGES)
def test_every_field_has_a_label_and_no_id_is_used_twice(read: Reader, address: str) -> None:
    page = read(address)
    labelled = {label.get("for") for label in page.all("//label")}
    fields = page.all("//input[not(@type='hidden')] | //select | //textarea")
    assert {field.get("id") for field in fields} <= labelled
    ids = [element.get("id") for element in page.all("//*[@id]")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("address", PAGES + NO_PAGES)
def test_every_page_of_the_sample_says_that_it_is_one(read: Reader, address: str) -> None:
    page = read(address)
    assert "Sample. Not the partnership’s published text. Do not follow it." in page.text
    assert "must not be followed in practice" in page.text
    assert "noindex" in page.headers["x-robots-tag"]


def test_nothing_on_any_page_is_inline_or_comes_from_elsewhere(client: TestClient) -> None:
    for address in PAGES:
        tree = html.document_fromstring(client.get(address).text)
        assert not tree.xpath("//style | //*[@style] | //script[not(@src)] | //@*[starts-with(name(), 'on')]")
        for source in tree.xpath("//script/@src | //link/@href | //img/@src"):
            assert source.startswith("/static/")


def test_every_address_of_the_site_answers_with_all_security_headers(client: TestClient, kb: KnowledgeBase) -> None:
    for route in create_app(kb).routes:
        assert isinstance(route, Route)
        address = re.sub(r"{(\w+)(:int)?}", lambda name: SAMPLE_VALUES[name[1]], route.path)
        for method in ("GET", "POST"):
            headers = client.request(method, address, follow_redirects=False).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert headers["permissions-policy"]
            assert headers["cache-control"]


def test_the_table_of_addresses_stays_short_enough_to_read() -> None:
    class NoAssets:
        serve = staticmethod(lambda request: request)

    assert len(routes(NoAssets())) < 60  # type: ignore[arg-type]


def test_no_link_on_any_page_leads_nowhere(client: TestClient) -> None:
    seen: dict[str, set[str]] = {}
    waiting = ["/", *PAGES]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        answer = client.get(address)
        assert answer.status_code == 200, address
        if "html" not in answer.headers["content-type"]:
            seen[address] = set()
            continue
        tree = html.document_fromstring(answer.text)
        seen[address] = {str(name) for name in tree.xpath("//@id")}
        here = str(answer.url)
        for target in tree.xpath("//a/@href"):
            parts = urlsplit(urljoin(here, target))
            if parts.netloc != urlsplit(here).netloc or parts.scheme not in {"http", "https"}:
                continue
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            if not parts.query or path in PAGES:
                waiting.append(path)
            if parts.fragment and path == urlsplit(here).path:
                assert parts.fragment in seen[address], target
    assert len(seen) > 50


def test_a_fragment_in_a_link_to_another_page_is_there(client: TestClient) -> None:
    for address in ("/search?q=baby", "/reviews/west-sussex-2016-child-s", "/"):
        tree = html.document_fromstring(client.get(address).text)
        for target in tree.xpath("//main//a[contains(@href, '#')]/@href"):
            path, _, fragment = target.partition("#")
            if path:
                other = html.document_fromstring(client.get(path).text)
                assert fragment in other.xpath("//@id"), target
