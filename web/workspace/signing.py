"""Signing in and out, the password, and one's own sessions.

`routes` leads here. What is typed into a password box is handed to `kb.accounts` and kept nowhere, shown never.
"""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from procedures.errors import Forbidden, Mendable, Refused, SignedOut
from web import sessions
from web.render import Site
from web.workspace import addresses
from web.workspace.door import Visit, carried_of, go, show, text_of

CARRIED = "carried."
"""What stands before the names of fields that are carried over signing in."""

LONGEST_NAME = 200


def ask(request: Request) -> Response:
    """Show the page for signing in; whoever is signed in goes on."""
    then = addresses.inside(request.query_params.get("next", ""))
    sessions.check_line(request)
    try:
        sessions.current(request)
    except SignedOut as error:
        why = str(error) if sessions.token(request) else ""
        return show(request, "sign_in.html", why=why, error=None, name="", then=then, carried=[], lost=False)
    return go(then)


async def sign_in(request: Request) -> Response:
    """Begin a session, and lead on to where somebody was going or send on what they had typed."""
    async with request.form(max_files=0, max_fields=20_000, max_part_size=1_000_000) as fields:
        return await run_in_threadpool(_sign_in, request, fields)


def _sign_in(request: Request, fields: FormData) -> Response:
    then = addresses.inside(text_of(fields, "next"))
    carried = carried_of(fields, CARRIED) or []
    name = text_of(fields, "name")[:LONGEST_NAME]
    kb = Site.of(request).kb
    try:
        sessions.check_line(request)
        token = kb.accounts.sign_in(name, text_of(fields, "password"), sessions.network(request), kb.now())
    except (Forbidden, Refused) as error:
        return show(
            request,
            "sign_in.html",
            status=403,
            why="",
            error=str(error),
            name=name,
            then=then,
            carried=carried,
            lost=False,
        )
    _end_earlier(request)
    if carried:
        response = show(request, "go_on.html", then=then, carried=carried, form_token=sessions.form_token(token))
    else:
        response = go(then)
    sessions.give(request, response, token)
    return response


def sign_out(request: Request) -> Response:
    """End the session; one that is over already is none the worse."""
    _end_earlier(request)
    response = go(addresses.SIGN_IN)
    sessions.take(request, response)
    return response


def account(visit: Visit, error: str = "") -> Response:
    """Show who is signed in, and where else."""
    kb = visit.site.kb
    found = kb.accounts.own_sessions(_token(visit), kb.now())
    return visit.answer("account.html", status=400 if error else 200, sessions=found, error=error)


def end_session(visit: Visit) -> Response:
    """End one of one's own sessions, or all others."""
    kb = visit.site.kb
    which = visit.field("session")
    if which == "others":
        kb.accounts.sign_out_elsewhere(_token(visit), kb.now())
    else:
        try:
            kb.accounts.end_own_session(_token(visit), which, kb.now())
        except Mendable as error:
            return account(visit, str(error))
    return go(f"{addresses.ACCOUNT}?done=ended")


def ask_password(visit: Visit, error: str = "", at: str = "new") -> Response:
    """Show the form for another password."""
    return visit.answer("password.html", status=400 if error else 200, error=error, at=at)


def change_password(visit: Visit) -> Response:
    """Give oneself another password; all sessions but a new one here end."""
    kb, request = visit.site.kb, visit.request
    if visit.field("new") != visit.field("again"):
        return ask_password(visit, "The two new passwords are not the same. Type them again.", "again")
    try:
        token = kb.accounts.change_password(
            _token(visit), visit.field("old"), visit.field("new"), sessions.network(request), kb.now()
        )
    except SignedOut:
        raise
    except Forbidden as error:
        return ask_password(visit, str(error), "old")
    except Refused as error:
        return ask_password(visit, str(error))
    response = go(f"{addresses.ACCOUNT}?done=password")
    sessions.give(request, response, token)
    return response


def _token(visit: Visit) -> str:
    return sessions.token(visit.request) or ""


def _end_earlier(request: Request) -> None:
    """End the session that the browser brought, so that a token is never taken over into another."""
    if brought := sessions.token(request):
        Site.of(request).kb.accounts.sign_out(brought)
