"""What may be sent to the site at all: from our own pages only, and no more than a form holds.

`app` wraps every route in `SameOrigin`, so a new route is guarded without knowing of it. A browser says itself where a
form comes from and cannot be made to lie: by `Sec-Fetch-Site`, else by `Origin`. One that says neither must show the
token our form gave it. Reading is free: nothing in the manual changes by a GET.
"""

from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from procedures.errors import Forbidden, Invalid, KnowledgeBaseError
from web import sessions
from web.problems import explained

TOKEN = "token"  # noqa: S105 - the name of a field
"""The field of a form that carries `sessions.form_token`."""

MOST_FIELDS = 20_000
"""Fields of the longest form: a section of two thousand paragraphs."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_ELSEWHERE = (
    "This did not come from a page of this site, so nothing was done with it. "
    "Open the page here that it belongs to, and send it from there."
)


class SameOrigin:
    """ASGI middleware that refuses what another site has a browser send, and what is too long to be a form."""

    def __init__(self, app: ASGIApp, *, anybody: Collection[str], longest: Callable[[str], int]) -> None:
        """Wrap an application.

        `anybody` are the paths of forms that need no session, where a browser may say nothing of where it comes from;
        `longest` says how many bytes may be sent to a path.
        """
        self.app = app
        self._anybody = frozenset(anybody)
        self._longest = longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may be sent; explain what may not."""
        if scope["type"] != "http" or scope["method"] in _READING or not _is_taken(scope):
            await self.app(scope, receive, send)
            return
        body = _Limited(receive, self._longest(scope["path"]))
        request = Request(scope, body.receive)
        try:
            body.check_length(request.headers.get("content-length", "0"))
            if not _comes_from_here(request) and scope["path"] not in self._anybody:
                body.replay(await _check_token(request))
        except KnowledgeBaseError as error:
            await explained(request, error)(scope, receive, send)
            return
        await self.app(scope, body.receive, send)


def _is_taken(scope: Scope) -> bool:
    """Say whether any route takes what is sent; where none does, the router says what can be done instead."""
    return any(route.matches(scope)[0] is Match.FULL for route in scope["app"].routes)


class _Limited:
    """A request's body, counted while it is read; once it was read for its token, it is read again from memory."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._left = limit
        self._kept: bytes | None = None

    def check_length(self, told: str) -> None:
        """Refuse a body that says itself that it is too long, before any of it is read."""
        if not told.isdecimal() or int(told[:20]) > self._limit:
            raise self._too_long()

    def replay(self, body: bytes) -> None:
        """Hand out once more what was read already."""
        self._kept = body

    async def receive(self) -> Message:
        """Hand out the next piece. Raises `Invalid` for one too many."""
        if self._kept is not None:
            body, self._kept = self._kept, None
            return {"type": "http.request", "body": body, "more_body": False}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self._too_long()
        return message

    def _too_long(self) -> Invalid:
        size = f"{self._limit // 1_000_000} MB" if self._limit >= 1_000_000 else f"{self._limit // 1_000} kB"
        return Invalid(f"That is too much to send at once: up to {size} can be taken. Go back and send less.")


def _comes_from_here(request: Request) -> bool:
    """Say whether the browser vouches for it; False where it says nothing. Raises `Forbidden` for another site."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in {None, "same-origin"}:
        raise Forbidden(_ELSEWHERE)
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden(_ELSEWHERE)
    return site is not None or origin is not None


async def _check_token(request: Request) -> bytes:
    """Return the body, where it has the token of the session it comes with. Raises `Forbidden` where not."""
    body = await request.body()
    async with request.form(max_fields=MOST_FIELDS) as form:
        given = form.get(TOKEN)
    session_token = sessions.token(request)
    if not session_token or not isinstance(given, str) or not sessions.fits(session_token, given):
        raise Forbidden(_ELSEWHERE)
    return body
