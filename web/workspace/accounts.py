"""Accounts: who may sign in and do what, where they are signed in, and the password that is handed on once.

`routes` leads here. A one-time password is in the answer to the form that made it and nowhere else: not in an address,
not in a log, and not on the page when it is opened again.
"""

from collections import Counter
from collections.abc import Callable

from starlette.responses import Response

from kb.access import Role
from kb.accounts import ONE_TIME_LASTS, Account, folded
from procedures.errors import Mendable
from web.workspace import addresses
from web.workspace.door import Visit, go

MAY = {
    Role.AUTHOR: "Writes drafts, asks for approval, imports, asks for a redaction",
    Role.APPROVER: "Approves, publishes, withdraws, agrees to a redaction",
    Role.ADMINISTRATOR: "Looks after accounts; neither writes nor approves",
    Role.AUDITOR: "Reads everything, changes nothing",
}
NO_ROLE = "An account needs a role. Tick at least one."


def accounts(visit: Visit) -> Response:
    """List the accounts, and how many sessions each has."""
    kb = visit.site.kb
    signed_in = Counter(folded(session.actor.name) for session in kb.accounts.sessions(visit.actor))
    found = [(each, signed_in[folded(each.name)]) for each in kb.accounts.list(visit.actor)]
    return visit.answer("accounts.html", accounts=found)


def ask(visit: Visit, error: str = "", at: str = "name") -> Response:
    """Show the form for another account."""
    return visit.answer(
        "account_new.html",
        status=400 if error else 200,
        error=error,
        at=at,
        name=visit.field("name"),
        chosen=visit.fields.getlist("role"),
        may_do=MAY,
    )


def add(visit: Visit) -> Response:
    """Make an account, and show its one-time password this once."""
    name, roles = visit.field("name"), _roles(visit)
    if not roles:
        return ask(visit, NO_ROLE, "role")
    try:
        password = visit.site.kb.accounts.add(visit.actor, name, roles)
    except Mendable as error:
        return ask(visit, str(error))
    return _handed_on(visit, " ".join(name.split()), password)


def account(visit: Visit, error: str = "", at: str = "change") -> Response:
    """Show an account with its sessions, and what can be done with it."""
    found = _account(visit)
    return visit.answer(
        "somebody.html",
        status=400 if error else 200,
        error=error,
        at=at,
        account=found,
        own=folded(found.name) == folded(visit.actor.name),
        sessions=visit.site.kb.accounts.sessions(visit.actor, found.name),
        may_do=MAY,
    )


def set_roles(visit: Visit) -> Response:
    """Give somebody these roles and no others."""
    roles = _roles(visit)
    if not roles:
        return account(visit, NO_ROLE, "role")
    return _changed(visit, lambda name: visit.site.kb.accounts.set_roles(visit.actor, name, roles), "roles")


def disable(visit: Visit) -> Response:
    """Let somebody sign in no more."""
    return _changed(visit, lambda name: visit.site.kb.accounts.disable(visit.actor, name), "disabled")


def enable(visit: Visit) -> Response:
    """Let somebody sign in again."""
    return _changed(visit, lambda name: visit.site.kb.accounts.enable(visit.actor, name), "enabled")


def reset(visit: Visit) -> Response:
    """Give somebody a new one-time password, and show it this once."""
    found = _account(visit)
    try:
        password = visit.site.kb.accounts.reset(visit.actor, found.name)
    except Mendable as error:
        return account(visit, str(error))
    return _handed_on(visit, found.name, password)


def revoke(visit: Visit) -> Response:
    """End one of somebody's sessions."""
    end = visit.site.kb.accounts.revoke
    return _changed(visit, lambda _: end(visit.actor, visit.field("session")), "revoked", "sessions")


def _account(visit: Visit) -> Account:
    return visit.site.kb.accounts.account(visit.actor, visit.request.path_params["number"])


def _changed(visit: Visit, change: Callable[[str], None], done: str, at: str = "change") -> Response:
    found = _account(visit)
    try:
        change(found.name)
    except Mendable as error:
        return account(visit, str(error), at)
    return go(addresses.account(found.id, done=done))


def _handed_on(visit: Visit, name: str, password: str) -> Response:
    return visit.answer("one_time.html", name=name, password=password, days=ONE_TIME_LASTS.days)


def _roles(visit: Visit) -> frozenset[Role]:
    """Read which roles are ticked; what is none is left out, and so nothing may be left."""
    return frozenset(Role(each) for each in visit.fields.getlist("role") if each in set(Role))
