"""The one cookie of the site: who is signed in to the workspace. Readers' pages never set it and never look at it.

`web.workspace` asks who is signed in and gives and takes the cookie; `web.origins` derives from it the token that our
own forms carry. What a session is, and when it is over, is for `kb.accounts` to say.
"""

import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import Response

from kb.accounts import is_loopback
from kb.sessions import Session
from procedures.errors import Refused, SignedOut
from web.render import Site

SECURE = "__Host-session"
"""The cookie over https: the prefix has the browser insist that no other host and no plain page can have set it."""

PLAIN = "session"
"""The cookie over plain http to this very computer, where no browser that follows the standard keeps a `Secure` one.

Nothing of it leaves the computer. To any other address plain http is refused.
"""


def token(request: Request) -> str | None:
    """Return the token the browser brought, if any; whether it opens anything is for `current` to find out."""
    name = SECURE if request.url.scheme == "https" else PLAIN
    return request.cookies.get(name)


def current(request: Request) -> Session:
    """Return the session of whoever asks. Raises `SignedOut`, saying why."""
    brought = token(request)
    if brought is None:
        raise SignedOut("You are not signed in. Sign in to go on.")
    kb = Site.of(request).kb
    return kb.accounts.session(brought, kb.now())


def check_line(request: Request) -> None:
    """Raise `Refused` where a password and a cookie would cross a network that anybody can listen to."""
    if request.url.scheme != "https" and not is_loopback(request.url.hostname or ""):
        raise Refused(
            "Signing in needs a secure connection. Open this page with https:// in its address; "
            "if that does not work, ask whoever runs the site."
        )


def give(request: Request, response: Response, new: str) -> None:
    """Hand the token of a new session to the browser, which forgets it when it is closed."""
    secure = request.url.scheme == "https"
    response.set_cookie(SECURE if secure else PLAIN, new, secure=secure, httponly=True, samesite="lax", path="/")


def take(request: Request, response: Response) -> None:
    """Have the browser forget the token."""
    secure = request.url.scheme == "https"
    response.delete_cookie(SECURE if secure else PLAIN, secure=secure, httponly=True, samesite="lax", path="/")


def form_token(session_token: str) -> str:
    """Return what forms carry to prove that a page of this session sent them; the session's own token stays hidden."""
    return hmac.new(session_token.encode(), b"form", hashlib.sha256).hexdigest()


def fits(session_token: str, given: str) -> bool:
    """Say whether a form's token is that of a session."""
    return hmac.compare_digest(form_token(session_token).encode(), given.encode())


def network(request: Request) -> str:
    """Return the address a request came from, for the limits on guessing."""
    return request.client.host if request.client else "unknown"
