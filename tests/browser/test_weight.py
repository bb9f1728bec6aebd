"""What a page weighs on its way to a browser, as Chromium counts it: packed, with all it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

FIRST_VISIT = 60_000  # bytes
NEXT_VISIT = 15_000
HEAVY = "/search?q=child"  # words in most sections: every filter is offered, and the results are long

Weigh = Callable[[str], dict[str, int]]


@pytest.fixture
def weigh(chromium: Browser, site: str) -> Iterator[Weigh]:
    """A browser that has never been here: it tells what came over the wire for a page, by address."""
    context = chromium.new_context(base_url=site)
    page = context.new_page()
    addresses: dict[str, str] = {}
    weights: dict[str, int] = {}
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.on(
        "Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]})
    )

    def came(event: dict[str, object]) -> None:
        address = urlsplit(addresses[str(event["requestId"])]).path
        weights[address] = weights.get(address, 0) + int(str(event["encodedDataLength"]))

    network.on("Network.loadingFinished", came)

    def weighed(address: str) -> dict[str, int]:
        weights.clear()
        page.goto(address, wait_until="networkidle")
        return dict(weights)

    yield weighed
    context.close()


@pytest.mark.parametrize("address", [HEAVY, "/search?q=baby", "/search?q=8.38", "/search?q=zzqqxx"])
def test_results_come_quickly_on_a_poor_signal_and_more_so_the_next_time(weigh: Weigh, address: str) -> None:
    first = weigh(address)
    assert len(first) > 5
    assert sum(first.values()) <= FIRST_VISIT, first
    following = weigh("/search?q=bruise")
    assert sum(following.values()) <= NEXT_VISIT, following


@pytest.mark.parametrize("address", ["/", "/sections/brue", "/contacts"])
def test_a_page_seen_before_costs_next_to_nothing(weigh: Weigh, address: str) -> None:
    weigh(address)
    weigh("/about")
    again = weigh(address)
    assert sum(again.values()) < 2_000, again


def test_styles_and_scripts_are_fetched_one_time_only(weigh: Weigh) -> None:
    assets = [path for path in weigh("/") if path.startswith("/static/")]
    assert assets
    following = weigh("/sections/brue")
    assert {path: weight for path, weight in following.items() if path in assets and weight} == {}
