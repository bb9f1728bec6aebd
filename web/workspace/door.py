"""The door of the workspace: who is signed in, whether they may do what they ask, and what they sent.

`routes` makes every address with `page` or `action`, each naming the deed it takes, so that none can be forgotten; the
service asks again before it does anything. Whoever is signed out is shown the way in and loses nothing they typed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from kb.access import WHO_MAY, Actor, Deed, require
from kb.sessions import Session
from procedures.errors import Mendable, SignedOut
from web import sessions
from web.origins import MOST_FIELDS, TOKEN
from web.render import Site
from web.security import NOT_KEPT
from web.workspace import addresses

MOST_CARRIED = 300_000
"""Characters of a form that are carried over signing in again: several times the longest section.

However they are spelt on the way, they are no longer than a form may be.
"""

LONGEST_FIELD = 1_000_000

_PASSWORDS = frozenset({"password", "old", "new", "again"})


@dataclass(frozen=True, slots=True)
class Visit:
    """A request by somebody who is signed in, with what their form sent."""

    request: Request
    site: Site
    session: Session
    fields: FormData

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.session.actor

    def field(self, name: str) -> str:
        """Return what was typed into a field, empty where there is none."""
        return text_of(self.fields, name)

    def may(self, deed: Deed) -> bool:
        """Say whether a button for it is worth showing."""
        return bool(self.actor.roles & WHO_MAY[deed])

    def answer(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Answer with a page of the workspace."""
        brought = sessions.token(self.request)
        return show(
            self.request,
            template,
            status=status,
            me=self.session,
            may=lambda name: self.may(Deed[name]),
            form_token=sessions.form_token(brought) if brought else "",
            done=self.request.query_params.get("done", ""),
            **context,
        )


Answering = Callable[[Visit], Response]


class Guarded(Route):
    """An address of the workspace and the deed it takes; None where being signed in is enough."""

    deed: Deed | None = None


def page(path: str, answering: Answering, deed: Deed | None) -> Guarded:
    """Make an address that is read."""

    def endpoint(request: Request) -> Response:
        try:
            return _let_in(request, FormData(), answering, deed)
        except SignedOut:
            return _led_to_sign_in(request)

    return _guarded(path, endpoint, deed, "GET")


def action(path: str, answering: Answering, deed: Deed | None) -> Guarded:
    """Make an address that is sent to."""

    async def endpoint(request: Request) -> Response:
        async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD) as fields:
            try:
                return await run_in_threadpool(_let_in, request, fields, answering, deed)
            except SignedOut as error:
                return await run_in_threadpool(_kept_over_sign_in, request, fields, str(error))
            except Mendable as error:
                if not wants_json(request):
                    raise
                return JSONResponse({"problem": str(error)}, 400, {"Cache-Control": NOT_KEPT})

    return _guarded(path, endpoint, deed, "POST")


def show(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """Answer with a page of the workspace, also to somebody who is not signed in."""
    return Site.of(request).answer(
        f"workspace/{template}", status=status, keep=NOT_KEPT, hidden=True, ws=addresses, **context
    )


def text_of(fields: FormData, name: str) -> str:
    """Return a field's words; a file in its place counts as none."""
    value = fields.get(name, "")
    return value.replace("\0", "") if isinstance(value, str) else ""


def wants_json(request: Request) -> bool:
    """Say whether our script asks, and not a person."""
    return request.headers.get("accept", "").startswith("application/json")


def go(address: str) -> Response:
    """Lead on after something was done, so that loading again does it no second time."""
    return RedirectResponse(address, 303, {"Cache-Control": NOT_KEPT})


def _guarded(path: str, endpoint: Callable[..., Any], deed: Deed | None, method: str) -> Guarded:
    route = Guarded(path, endpoint, methods=[method])
    route.deed = deed
    return route


def _let_in(request: Request, fields: FormData, answering: Answering, deed: Deed | None) -> Response:
    session = sessions.current(request)
    if session.must_change_password and not request.url.path.startswith((addresses.PASSWORD, addresses.SIGN_OUT)):
        return go(addresses.PASSWORD)
    if deed is not None:
        require(session.actor, deed)
    return answering(Visit(request, Site.of(request), session, fields))


def _led_to_sign_in(request: Request) -> Response:
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(addresses.sign_in(asked), 302, {"Cache-Control": NOT_KEPT, "X-Robots-Tag": "noindex"})


def _kept_over_sign_in(request: Request, fields: FormData, why: str) -> Response:
    """Show the page for signing in with all that was sent in it, to be sent again afterwards."""
    if wants_json(request):
        return JSONResponse({"signed_out": why}, 403, {"Cache-Control": NOT_KEPT})
    carried = carried_of(fields)
    lost = any(isinstance(value, UploadFile) for value in fields.values()) or carried is None
    then = request.url.path if carried else addresses.beside(request.path_params.get("draft"))
    return show(
        request, "sign_in.html", status=403, why=why, error=None, name="", then=then, carried=carried or [], lost=lost
    )


def carried_of(fields: FormData, prefix: str = "") -> list[tuple[str, str]] | None:
    """List what a form sent, to be sent once more; None where it is too much. Passwords and files are left out."""
    found = [
        (name.removeprefix(prefix), value)
        for name, value in fields.multi_items()
        if isinstance(value, str) and name.startswith(prefix)
    ]
    kept = [(name, value) for name, value in found if name not in _PASSWORDS | {TOKEN}]
    return kept if sum(len(name) + len(value) for name, value in kept) <= MOST_CARRIED else None
