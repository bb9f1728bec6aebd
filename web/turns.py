"""Searches take turns, so that many at once are answered sooner and hold up no other page.

`app` and `api` wrap all that searches in one `Turns`. A search is work for the processor from end to end, and of a
process's threads only one works at a time: eight side by side got a third fewer answers than one after the other. Those
that wait hold no thread, so pages that ask no index go on.

A search of an index in memory is over almost as soon as a thread would have taken it up and handed it back, so it runs
where it arrived, in the event loop. One that may have to wait, for the index to be read or made again or for somebody
who is publishing, or that asks for another day, has a thread.
"""

from asyncio import Lock
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from web.render import Site

Endpoint = Callable[[Request], Response]

_DAYS = {"on", "seen"}


class Turns:
    """A place for one request of a process; it belongs to the event loop in which it is first waited for."""

    def __init__(self) -> None:
        """Start with the place free."""
        self._place = Lock()

    def take(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """Wrap an endpoint so that it runs once the place is free, and in a thread only where it may have to wait."""

        async def answer(request: Request) -> Response:
            async with self._place:
                if _is_ready(request):
                    return endpoint(request)
                return await run_in_threadpool(endpoint, request)

        return answer


def _is_ready(request: Request) -> bool:
    return _DAYS.isdisjoint(request.query_params) and Site.of(request).kb.is_ready_to_search()
