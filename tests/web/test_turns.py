"""Searches take turns: one at a time, none forgotten, and whatever may have to wait holds up no other page."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, get_ident
from typing import Any

import pytest
from anyio import fail_after
from anyio.from_thread import start_blocking_portal
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from kb.access import Actor
from kb.service import KnowledgeBase
from kb.views import SearchView
from tests.procedures.texts import a_text
from web.app import create_app
from web.turns import Turns

ASKING = Request({"type": "http", "method": "GET", "path": "/search", "query_string": b"on=2024-01-01", "headers": []})


class Searching:
    """An endpoint that counts how many of it run side by side."""

    def __init__(self) -> None:
        self.running = self.most = self.answered = 0
        self.fails = False

    def __call__(self, _: Request) -> Response:
        self.running += 1
        self.most = max(self.most, self.running)
        time.sleep(0.005)
        self.running -= 1
        self.answered += 1
        if self.fails:
            raise ValueError
        return Response()


def test_of_many_searches_at_once_one_runs_and_all_are_answered() -> None:
    searching = Searching()
    answer = Turns().take(searching)

    async def ask() -> None:
        await asyncio.gather(*(answer(ASKING) for _ in range(20)))

    with start_blocking_portal() as portal:
        portal.call(ask)
    assert (searching.most, searching.answered) == (1, 20)


def test_a_search_that_fails_gives_up_its_turn() -> None:
    searching = Searching()
    answer = Turns().take(searching)

    async def ask() -> None:
        searching.fails = True
        with pytest.raises(ValueError):
            await answer(ASKING)
        searching.fails = False
        with fail_after(10):
            await answer(ASKING)

    with start_blocking_portal() as portal:
        portal.call(ask)
    assert searching.answered == 2


def test_while_more_searches_wait_than_there_are_threads_a_section_is_read(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    searching, over = Event(), Event()
    search = kb.search

    def slow(*words: Any, **options: Any) -> SearchView:
        searching.set()
        assert over.wait(60)
        return search(*words, **options)

    monkeypatch.setattr(kb, "search", slow)  # before the first: nothing is in memory yet
    with TestClient(create_app(kb)) as site, ThreadPoolExecutor(60) as readers:
        answers = [readers.submit(site.get, f"/search?q=help+{number}") for number in range(60)]
        assert searching.wait(60)
        try:
            assert site.get("/sections/brue").status_code == 200
            assert not any(answer.done() for answer in answers)
        finally:
            over.set()
        assert [answer.result(60).status_code for answer in answers] == [200] * 60


def test_only_a_search_that_is_answered_from_memory_runs_where_others_arrive(
    kb: KnowledgeBase, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: list[int] = []
    search = kb.search

    def noted(*words: Any, **options: Any) -> SearchView:
        where.append(get_ident())
        return search(*words, **options)

    monkeypatch.setattr(kb, "search", noted)
    with TestClient(create_app(kb)) as site:
        assert site.portal is not None
        loop = site.portal.call(get_ident)

        def arrives_and_runs(address: str) -> bool:
            where.clear()
            assert site.get(address).status_code == 200
            return where == [loop]

        assert not arrives_and_runs("/search?q=bruise"), "the first reads the index"
        assert arrives_and_runs("/search?q=bruise")
        assert arrives_and_runs("/api/v1/search?q=bruise")
        assert not arrives_and_runs("/search?q=bruise&on=2024-01-01"), "another day's text may not be in memory"
        assert not arrives_and_runs("/search?q=bruise&seen=2026-11-01")
        kb.publish(editor, a_text("new", "A bruise.", number="30.1"))
        assert not arrives_and_runs("/search?q=bruise"), "the index is read again"
        assert arrives_and_runs("/search?q=bruise")
