"""What was made once is not made again: pages kept while nothing has changed, and "not modified" for who has them.

`app` wraps the pages that depend on the record, the address and the minute alone. Where the log stands is part of what
a page is kept under, so a publication is seen by the next request; the minute is, because pages say when they were made
and who answers the telephone. Nothing about the reader is in a kept page, and a search is never kept.

The page of a section is kept over publications that change nothing it shows (`kb.editions`): otherwise every
publication would have all pages drawn again at once, under everybody who reads.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.security import ASKED_AGAIN

MOST_PAGES = 512
"""Pages kept by a worker: every page of a manual of a few hundred sections, packed about 7 MB."""

LONGEST_ADDRESS = 300
"""Longer addresses are nobody's link; they are answered and not kept."""

Endpoint = Callable[[Request], Response]
State = tuple[str, str]
"""Where the log or the section stands, and what minute it is: a page made in another state is of no use any more."""


@dataclass(frozen=True, slots=True)
class Made:
    """A page as it was made and packed for the way, of a section or of the whole manual (None), in a state."""

    section: str | None
    state: State
    headers: dict[str, str]
    media_type: str | None
    packed: bytes

    def response(self, request: Request) -> Response:
        """Answer with it, unpacked for the few programs that do not take it packed."""
        headers = {**self.headers, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return Response(self.packed, 200, {**headers, "Content-Encoding": "gzip"}, self.media_type)
        return Response(gzip.decompress(self.packed), 200, headers, self.media_type)


class Pages:
    """The pages a worker has made, each for as long as it would be made alike."""

    def __init__(self, head: Callable[[str | None], str], now: Callable[[], datetime]) -> None:
        """Take what says where the log stands, or a section and what surrounds it; and the clock."""
        self._head = head
        self._now = now
        self._swept_at = ""
        self._made: OrderedDict[str, Made] = OrderedDict()
        self._being_made: dict[tuple[State, str], asyncio.Future[None]] = {}

    def keep(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """Wrap an endpoint so that its page is made once; of those who ask meanwhile, all wait for that one."""
        return self._keep(endpoint, lambda _: None)

    def keep_by_section(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """Wrap the page of a section: asked for plainly, it is made again only when what it shows has changed."""
        return self._keep(endpoint, lambda request: None if request.url.query else request.path_params["key"])

    def _keep(
        self, endpoint: Endpoint, section_of: Callable[[Request], str | None]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            section, address = section_of(request), str(request.url)
            if len(address) > LONGEST_ADDRESS:
                return await run_in_threadpool(endpoint, request)
            state = self._state(section, address)
            while (state, address) in self._being_made:
                await self._being_made[state, address]
            made = self._made.get(address)
            if made is not None and made.state == state:
                self._made.move_to_end(address)
                return made.response(request)
            self._being_made[state, address] = asyncio.get_running_loop().create_future()
            try:
                response = await run_in_threadpool(endpoint, request)
                if response.status_code != 200 or response.headers.get("Cache-Control") != ASKED_AGAIN:
                    return response
                made = await run_in_threadpool(_packed, response, section, state)
            finally:
                self._being_made.pop((state, address)).set_result(None)
            self._remember(address, made)
            return made.response(request)

        return answer

    def _state(self, section: str | None, address: str) -> State:
        """Say how things stand for an address."""
        self._let_go_of_what_changed()
        now = self._now()
        if section is not None:  # each at another second of the minute, so that they are not all made again at once
            now += timedelta(seconds=crc32(address.encode()) % 60)
        return self._head(section), now.isoformat(timespec="minutes")

    def _let_go_of_what_changed(self) -> None:
        """Drop the pages that a publication has changed: what was redacted is not to stay in memory either."""
        head = self._head(None)
        if head != self._swept_at:
            self._swept_at = head
            for address, made in list(self._made.items()):
                if self._head(made.section) != made.state[0]:
                    del self._made[address]

    def _remember(self, address: str, made: Made) -> None:
        if self._head(made.section) == made.state[0]:
            self._made[address] = made
            while len(self._made) > MOST_PAGES:
                self._made.popitem(last=False)


def _packed(response: Response, section: str | None, state: State) -> Made:
    headers = {k: v for k, v in response.headers.items() if k not in {"content-length", "content-type"}}
    packed = gzip.compress(bytes(response.body), compresslevel=5, mtime=0)
    return Made(section, state, headers, response.headers["Content-Type"], packed)


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
