"""Pages made once: never stale after a publication, made once for all who ask, packed, and not sent twice."""

from __future__ import annotations

import asyncio
import time
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from anyio.from_thread import start_blocking_portal
from starlette.requests import Request
from starlette.responses import Response

from tests.conftest import SetClock
from web.freshness import LONGEST_ADDRESS, Pages
from web.security import ASKED_AGAIN, NOT_KEPT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.testclient import TestClient

    from procedures.model import Revision


def finish(asking: Callable[[], Awaitable[None]]) -> None:
    """Run to the end in a thread with a loop of its own: the browser tests leave one running in this thread."""
    with start_blocking_portal() as portal:
        portal.call(asking)


class Counted:
    """A page that counts how often it was made, under a log and a clock that the test moves."""

    def __init__(self, status: int = 200, keep: str = ASKED_AGAIN, *, takes: float = 0) -> None:
        self.made = 0
        self.head, self.of_section = "1", "1"
        self.clock = SetClock()
        self.pages = Pages(lambda section: self.of_section if section else self.head, self.clock.now)
        self.page = self.pages.keep(self._make)
        self._answer = (status, {"Cache-Control": keep})
        self._takes = takes

    def by_section(self) -> Counted:
        """Be the page of a section."""
        self.page = self.pages.keep_by_section(self._make)
        return self

    def _make(self, _: Request) -> Response:
        self.made += 1
        time.sleep(self._takes)
        status, headers = self._answer
        return Response(f"made {self.made}", status, headers, "text/html")

    async def ask(self, path: str = "/page", host: str = "here", query: bytes = b"") -> str:
        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "scheme": "http"}
        scope.update(query_string=query, path_params={"key": path})
        answer = await self.page(Request({**scope, "headers": [(b"host", host.encode())], "server": (host, 80)}))
        return bytes(answer.body).decode()


def test_a_page_is_made_once_while_nothing_changes_and_anew_when_the_log_or_the_minute_moves() -> None:
    async def day() -> None:
        page = Counted()
        assert [await page.ask() for _ in range(3)] == ["made 1"] * 3
        page.head = "2"
        assert [await page.ask() for _ in range(2)] == ["made 2"] * 2
        page.clock.forward(minutes=1)
        assert await page.ask() == "made 3"

    finish(day)


def test_the_page_of_a_section_is_kept_over_publications_that_do_not_touch_it_and_made_anew_each_minute() -> None:
    async def day() -> None:
        page = Counted().by_section()
        assert await page.ask() == "made 1"
        page.head = "2"
        assert await page.ask() == "made 1"
        page.of_section = "2"
        assert await page.ask() == "made 2"
        page.clock.forward(minutes=1)
        assert await page.ask() == "made 3"

    finish(day)


def test_the_pages_of_sections_are_not_all_made_anew_in_the_same_second() -> None:
    async def minute() -> None:
        page, sections = Counted().by_section(), [f"/sections/{number}" for number in range(100)]
        for section in sections:
            await page.ask(section)
        seconds = []
        for _ in range(60):
            before = page.made
            page.clock.forward(seconds=1)
            for section in sections:
                await page.ask(section)
            seconds.append(page.made - before)
        assert sum(seconds) == len(sections)
        assert max(seconds) < 10

    finish(minute)


def test_the_page_of_a_section_on_another_day_is_kept_only_until_the_next_publication() -> None:
    async def day() -> None:
        page = Counted().by_section()
        assert await page.ask(query=b"on=2020-01-01") == "made 1"
        page.head = "2"
        assert await page.ask(query=b"on=2020-01-01") == "made 2"

    finish(day)


def test_what_a_publication_has_changed_does_not_stay_in_memory() -> None:
    async def day() -> None:
        page = Counted().by_section()
        await page.ask()
        page.head = page.of_section = "2"
        await page.ask("/another")
        assert list(page.pages._made) == ["http://here/another"]

    finish(day)


def test_all_who_ask_while_a_page_is_being_made_wait_for_that_one() -> None:
    async def crowd() -> None:
        page = Counted(takes=0.2)
        assert await asyncio.gather(*(page.ask() for _ in range(20))) == ["made 1"] * 20

    finish(crowd)


def test_pages_of_other_addresses_and_other_hosts_are_other_pages() -> None:
    async def ask() -> None:
        page = Counted()
        assert [await page.ask("/a"), await page.ask("/b"), await page.ask("/a", "there")] == [
            "made 1",
            "made 2",
            "made 3",
        ]

    finish(ask)


@pytest.mark.parametrize("page", [Counted(status=404), Counted(keep=NOT_KEPT)], ids=["not found", "not to be kept"])
def test_what_is_not_to_be_kept_is_not(page: Counted) -> None:
    async def ask() -> None:
        assert [await page.ask(), await page.ask()] == ["made 1", "made 2"]

    finish(ask)


def test_an_address_longer_than_any_link_is_answered_and_not_kept() -> None:
    async def ask() -> None:
        page, path = Counted(), "/" + "x" * LONGEST_ADDRESS
        assert [await page.ask(path), await page.ask(path)] == ["made 1", "made 2"]

    finish(ask)


def test_a_failure_is_told_to_all_who_asked_and_tried_again_next_time() -> None:
    async def ask() -> None:
        page = Counted()
        fails = [True]

        def make(request: Request) -> Response:
            if fails.pop() if fails else False:
                raise ValueError("once")
            return page._make(request)

        page.page = page.pages.keep(make)
        with pytest.raises(ValueError, match="once"):
            await page.ask()
        assert await page.ask() == "made 1"

    finish(ask)


def test_the_next_request_after_a_publication_sees_it_on_every_page(
    client: TestClient, publish: Callable[..., Revision]
) -> None:
    pages = ["/sections/brue", "/updates", "/", "/updates.atom", "/sections/brue/history"]
    before = {page: client.get(page).text for page in pages}
    publish(date(2026, 11, 23), change_note="Seen at once.")
    for page in pages:
        assert client.get(page).text != before[page], page
    assert "A new text." in client.get("/sections/brue").text


def test_a_page_is_packed_for_browsers_that_take_it_and_plain_for_others(client: TestClient) -> None:
    packed = client.get("/sections/brue", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/sections/brue", headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.text == plain.text
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_page_one_has_is_not_sent_again_until_it_changes(
    client: TestClient, publish: Callable[..., Revision]
) -> None:
    tag = client.get("/sections/brue").headers["ETag"]
    again = client.get("/sections/brue", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    publish(date(2026, 11, 23))
    assert client.get("/sections/brue", headers={"If-None-Match": tag}).status_code == 200
