"""Whether a result was opened: counted when a page is asked for from the page of results.

`app` wraps the site in `Arrivals`. A browser tells our own pages where it comes from (`Referer`), without a cookie or a
script; the words of the search are in it, and only they are handed on, after the page was sent.
"""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_RESULTS = ("/sections/", "/reviews/", "/p/", "/n/", "/glossary")
"""Where results lead."""


class Arrivals:
    """ASGI middleware that tells of every search a result of which was opened."""

    def __init__(self, app: ASGIApp, *, opened: Callable[[str], None]) -> None:
        """Wrap an application; `opened` is told the words that were searched for."""
        self.app = app
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and afterwards tell of the search it came from."""
        await self.app(scope, receive, send)
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(_RESULTS):
            words = _searched(Headers(scope=scope))
            if words:
                await run_in_threadpool(self._opened, words)


def _searched(headers: Headers) -> str | None:
    """Read what was searched for on the page a request came from; None where it is no page of results of ours."""
    try:
        came_from = urlsplit(headers.get("referer", ""))
        if (came_from.netloc, came_from.path) != (headers.get("host"), "/search"):
            return None
        return parse_qs(came_from.query, max_num_fields=100).get("q", [""])[0]
    except ValueError:
        return None
