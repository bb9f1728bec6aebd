"""What was made once is not made again: pages kept while nothing has changed, and "not modified" for who has them.

`app` wraps the pages that depend on the record, the address and the minute alone. The head of the log is part of what a
page is kept under, so a publication is seen by the next request; the minute is, because pages say when they were made
and who answers the telephone. Nothing about the reader is in a kept page, and a search is never kept.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.security import ASKED_AGAIN

MOST_PAGES = 512
"""Pages kept by a worker: every page of a manual of a few hundred sections, about 20 MB."""

LONGEST_ADDRESS = 300
"""Longer addresses are nobody's link; they are answered and not kept."""

Endpoint = Callable[[Request], Response]
State = tuple[str, str]
"""Where the log stands, and what minute it is: pages made in another state are of no use any more."""


@dataclass(frozen=True, slots=True)
class Made:
    """A page as it was made, and packed for the way."""

    headers: dict[str, str]
    media_type: str | None
    body: bytes
    packed: bytes

    def response(self, request: Request) -> Response:
        """Answer with it, packed where the browser takes that."""
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers = {**self.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            return Response(self.packed, 200, headers, self.media_type)
        return Response(self.body, 200, {**self.headers, "Vary": "Accept-Encoding"}, self.media_type)


class Pages:
    """The pages a worker has made since the log last grew and the clock last moved on."""

    def __init__(self, head: Callable[[], str], minute: Callable[[], str]) -> None:
        """Take what says where the log stands, and what minute it is."""
        self._head = head
        self._minute = minute
        self._state: State = ("", "")
        self._made: OrderedDict[str, Made] = OrderedDict()
        self._being_made: dict[tuple[State, str], asyncio.Future[None]] = {}

    def keep(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """Wrap an endpoint so that its page is made once; of those who ask meanwhile, all wait for that one."""

        async def answer(request: Request) -> Response:
            state, address = self._present(), str(request.url)
            while (state, address) in self._being_made:
                await self._being_made[state, address]
            if state == self._state and (made := self._made.get(address)):
                self._made.move_to_end(address)
                return made.response(request)
            self._being_made[state, address] = asyncio.get_running_loop().create_future()
            try:
                response = await run_in_threadpool(endpoint, request)
                made = await run_in_threadpool(_packed, response) if _is_kept(response, address) else None
            finally:
                self._being_made.pop((state, address)).set_result(None)
            if made is None:
                return response
            self._remember(state, address, made)
            return made.response(request)

        return answer

    def _present(self) -> State:
        """Say how things stand; what was made when they stood otherwise is let go of."""
        state = (self._head(), self._minute())
        if state != self._state:
            self._state = state
            self._made.clear()
        return state

    def _remember(self, state: State, address: str, made: Made) -> None:
        if state == self._state:
            self._made[address] = made
            while len(self._made) > MOST_PAGES:
                self._made.popitem(last=False)


def _is_kept(response: Response, address: str) -> bool:
    may_be = response.status_code == 200 and response.headers.get("Cache-Control") == ASKED_AGAIN
    return may_be and len(address) <= LONGEST_ADDRESS


def _packed(response: Response) -> Made:
    body = bytes(response.body)
    headers = {k: v for k, v in response.headers.items() if k not in {"content-length", "content-type"}}
    return Made(headers, response.headers["Content-Type"], body, gzip.compress(body, compresslevel=5, mtime=0))


class NotModified:
    """ASGI middleware that answers "not modified" where the asker has what would be sent, by its ETag."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; send the head of the answer alone where the rest is known."""
        known = Headers(scope=scope).get("If-None-Match", "") if scope["type"] == "http" else ""
        if not known:
            await self.app(scope, receive, send)
            return
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        cut = False

        async def send_if_new(message: Message) -> None:
            nonlocal cut
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                cut = message["status"] == 200 and headers.get("ETag", "none").removeprefix("W/") in tags
                if cut:
                    message["status"] = 304
                    for name in ("Content-Length", "Content-Type", "Content-Encoding"):
                        del headers[name]
            elif cut:
                message = {**message, "body": b""}
            await send(message)

        await self.app(scope, receive, send_if_new)
