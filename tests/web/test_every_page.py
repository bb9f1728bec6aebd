"""What a reader can rely on everywhere: one heading, a title, a way past the menu, honest headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.conftest import MONDAY_3_AM
from web.app import create_app, routes
from web.freshness import Pages

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
    "/search?q=baby&kind=section&theme=Toxicology&must=yes&order=newest",
    "/search?q=baby&kind=contact&must=yes&area=Kent",
    "/sections",
    "/sections?on=2016-01-01",
    "/sections/brue",
    "/sections/brue?on=2016-05-01",
    "/sections/brue?seen=2019-01-01",
    "/sections/brue/revisions/2",
    "/sections/brue/history",
    "/sections/brue/compare?from=1&to=4",
    "/sections/brue?area=west-sussex",
    "/sections/brue/since",
    "/sections/brue/since?day=2020-01-01",
    "/updates/since",
    "/updates/since?day=2020-01-01",
    "/feedback?section=brue",
    "/feedback?section=brue&thanks=1",
    "/print/parts/8",
    "/sections/west-sussex-front-door",
    "/n/8.36?on=2016-05-01",
    "/n/8.19",
    "/sections/local-contacts",
    "/p/p-qxdxdg?cite=",
    "/reviews",
    "/reviews?theme=Toxicology&year=1990",
    "/reviews/west-sussex-2016-child-s",
    "/themes",
    "/themes/toxicology",
    "/updates",
    "/contacts",
    "/glossary",
    "/a-z",
    "/about",
    "/accessibility",
]
NO_PAGES = ["/nowhere", "/sections/nope", "/p/p-222222", "/n/99.99", "/reviews/nobody", "/sections/brue?on=31/2/2020"]
SAMPLE_VALUES = {
    "key": "brue",
    "number": "2",
    "revision": "2",
    "pid": "p-222222",
    "hash": "0",
    "name": "site.css",
    "digest": "0",
    "draft": "1",
    "version": "1",
}


@pytest.mark.parametrize("address", PAGES + NO_PAGES)
def test_every_page_has_one_heading_a_title_a_language_and_a_way_past_the_menu(look: Reader, address: str) -> None:
    page = look(address)
    assert page.status == 200 if address in PAGES else page.status in {400, 404}
    assert len(page.all("//h1")) == 1
    assert page.all("//title")[0].text_content().strip()
    assert page.tree.get("lang") == "en-GB"
    skip = page.all("//body/*[1]")[0]
    assert (skip.get("href"), skip.text_content().strip()) == ("#main-content", "Skip to main content")
    assert len(page.all("//main[@id='main-content']")) == 1
    for landmark in ("//header", "//footer", "//nav", "//form[@role='search']"):
        assert page.all(landmark), landmark


@pytest.mark.parametrize("address", PAGES + NO_PAGES)
def test_every_page_of_the_sample_says_that_it_is_one(look: Reader, address: str) -> None:
    page = look(address)
    assert "Sample. Not the partnership’s published text. Do not follow it." in page.text
    assert "must not be followed in practice" in page.text
    assert "noindex" in page.headers["x-robots-tag"]


def test_nothing_on_any_page_is_inline_or_comes_from_elsewhere(look: Reader) -> None:
    for address in PAGES:
        tree = look(address).tree
        assert not tree.xpath("//style | //*[@style] | //script[not(@src)] | //@*[starts-with(name(), 'on')]")
        for source in tree.xpath("//script/@src | //link[not(@rel='alternate')]/@href | //img/@src"):
            assert source.startswith(("/static/", "/print/"))


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

    listed = routes(NoAssets(), Pages(lambda _: "", lambda: MONDAY_3_AM))  # type: ignore[arg-type]
    own = [route for route in listed if not route.path.startswith(("/api/", "/workspace"))]
    assert len(own) < 60
