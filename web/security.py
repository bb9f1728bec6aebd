"""The headers every answer carries: what a browser may load, may keep, and may tell others.

`app` wraps the whole site in `Headers`. Nothing on our pages is inline or comes from elsewhere, so
the policy has no exceptions; an answer may set a header itself (how long it may be kept), and then
its own stays.
"""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
)
_UNUSED = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")

HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _UNUSED),
    "Referrer-Policy": "same-origin",  # a search may hold a child's name: no other site is told
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NOT_KEPT = "no-store"
ASKED_AGAIN = "no-cache"
KEPT_FOR_GOOD = "public, max-age=31536000, immutable"


class Headers:
    """ASGI middleware that completes the headers of every answer."""

    def __init__(self, app: ASGIApp, *, hidden: Callable[[], bool]) -> None:
        """Wrap an application; while `hidden` says so, all of it is kept out of search engines."""
        self.app = app
        self.hidden = hidden

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete the headers of what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message), hidden=self.hidden())
            await send(message)

        await self.app(scope, receive, send_completed)


def completed(response: Response, *, hidden: bool) -> Response:
    """Complete an answer made outside the middleware: the page for a failure nobody foresaw."""
    _complete(response.headers, hidden=hidden)
    return response


def _complete(headers: MutableHeaders, *, hidden: bool) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault("Cache-Control", NOT_KEPT)
    if hidden:
        headers["X-Robots-Tag"] = "noindex, nofollow"
