"""The commands about people: their accounts and sessions, the log of what they did, and redaction, which takes two.

`cli` registers them. Whoever can run them can read the data folder anyway, so they act with the role that is needed, in
the name given with `--by`.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from kb.access import Actor, Role
from kb.accounts import Account
from kb.audit import Entry
from kb.console import AsJson, Data, aside, opened, output, print_answer
from kb.redaction import STILL_HELD, Kind, Plan, Request
from kb.sessions import Session
from procedures.errors import Invalid

By = Annotated[str, typer.Option("--by", help="Your name, as the log will carry it.")]
Name = Annotated[str, typer.Argument(help="The name of an account.")]
Roles = Annotated[list[Role], typer.Option("--role", help="A role; give the option again for another.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The id of a request that waits.")]
Why = Annotated[str, typer.Option("--reason", help="Why, in a sentence. It is public and stays in the log.")]

user = typer.Typer(help="Look after the accounts of those who edit, and their sessions.", no_args_is_help=True)
redact = typer.Typer(help="Take out for good what should never have been published.", no_args_is_help=True)


@user.command()
def add(context: typer.Context, name: Name, roles: Roles, by: By, data: Data = None) -> None:
    """Make an account and print its one-time password."""
    with opened(context, data) as kb:
        password = kb.accounts.add(_administrator(by), name, roles)
    _hand_on(name, password)


@user.command()
def role(context: typer.Context, name: Name, roles: Roles, by: By, data: Data = None) -> None:
    """Give an account these roles and no others."""
    with opened(context, data) as kb:
        kb.accounts.set_roles(_administrator(by), name, roles)
    aside.print(f"{escape(name)} is now {' and '.join(sorted(set(roles)))}, and signs in again.")


@user.command()
def disable(context: typer.Context, name: Name, by: By, data: Data = None) -> None:
    """Let an account sign in no more, and end its sessions."""
    with opened(context, data) as kb:
        kb.accounts.disable(_administrator(by), name)
    aside.print(f"{escape(name)} can no longer sign in. Undo it with: kb user enable")


@user.command()
def enable(context: typer.Context, name: Name, by: By, data: Data = None) -> None:
    """Let a disabled account sign in again."""
    with opened(context, data) as kb:
        kb.accounts.enable(_administrator(by), name)
    aside.print(f"{escape(name)} can sign in again.")


@user.command()
def reset(context: typer.Context, name: Name, by: By, data: Data = None) -> None:
    """Give an account a new one-time password, print it, and end its sessions."""
    with opened(context, data) as kb:
        password = kb.accounts.reset(_administrator(by), name)
    _hand_on(name, password)


@user.command("list")
def list_accounts(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """List the accounts."""
    with opened(context, data) as kb:
        found = kb.accounts.list(_AUDITOR)
    print_answer(as_json, {"accounts": [_account(each) for each in found]}, lambda: _print_accounts(found))


@user.command()
def sessions(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Only those of this account.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List who is signed in."""
    with opened(context, data) as kb:
        found = kb.accounts.sessions(_AUDITOR, name)
    print_answer(as_json, {"sessions": [_session(each) for each in found]}, lambda: _print_sessions(found))


@user.command()
def revoke(
    context: typer.Context,
    session: Annotated[str, typer.Argument(metavar="SESSION", help="The id of a session.")],
    by: By,
    data: Data = None,
) -> None:
    """End a session."""
    with opened(context, data) as kb:
        kb.accounts.revoke(_administrator(by), session)
    aside.print("The session is over.")


def log(
    context: typer.Context,
    data: Data = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write it to this new file, for a spreadsheet.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the log: who did what, the oldest first."""
    with opened(context, data) as kb:
        if csv is not None:
            if csv.exists():
                raise Invalid(f"'{csv}' exists already and is left as it is. Choose a new name.")
            csv.write_text(kb.audit.export_csv(_AUDITOR), encoding="utf-8", newline="")
            aside.print(f"The log is in '{escape(str(csv))}'.", soft_wrap=True)
            return
        found = kb.audit.export(_AUDITOR)
    print_answer(as_json, {"events": [_entry(each) for each in found]}, lambda: _print_log(found))


@redact.command("request")
def request_redaction(
    context: typer.Context,
    reason: Why,
    by: By,
    reference: Annotated[str | None, typer.Argument(metavar="[REF]", help="A paragraph, or a revision KEY@N.")] = None,
    data: Data = None,
    words: Annotated[str | None, typer.Option(help="Every paragraph and heading with these words.")] = None,
    file: Annotated[str | None, typer.Option(help="An attached file, by its name or hash.")] = None,
) -> None:
    """Ask for a redaction: of a paragraph or a revision (REF), of words, or of an attached file."""
    kind, target = _named(reference, words, file)
    with opened(context, data) as kb:
        asked = kb.redactions.request(_somebody(by, Role.AUTHOR), kind, target, reason)
        _print_plan(kb.redactions.plan(_AUDITOR, asked.id))
    aside.print(f"Somebody else agrees with: kb redact agree {asked.id} --by NAME", soft_wrap=True)


@redact.command("list")
def list_requests(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """List the requests that wait for a second person."""
    with opened(context, data) as kb:
        found = kb.redactions.waiting(_AUDITOR)
    print_answer(as_json, {"requests": [_request(each) for each in found]}, lambda: _print_requests(found))


@redact.command("show")
def show_request(context: typer.Context, request: Id, data: Data = None, as_json: AsJson = False) -> None:
    """Show what a request would take out, and where the same words stay."""
    with opened(context, data) as kb:
        plan = kb.redactions.plan(_AUDITOR, request)
    print_answer(as_json, _plan(plan), lambda: _print_plan(plan))


@redact.command()
def agree(
    context: typer.Context,
    request: Id,
    by: By,
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: the list has been looked at.")] = False,
) -> None:
    """Agree, as the second person, and take it out for good."""
    with opened(context, data) as kb:
        plan = kb.redactions.plan(_AUDITOR, request)
        _print_plan(plan)
        if not yes:
            typer.confirm("Take this out for good?", abort=True, err=True)
        cut_off = kb.redactions.agree(_somebody(by, Role.APPROVER), request, plan.fingerprint)
    aside.print("It is gone from every revision and from search.")
    if not cut_off:
        aside.print("Somebody was reading, so the database's files still have it until all commands and sites close.")
    aside.print(STILL_HELD, soft_wrap=True)


@redact.command()
def refuse(context: typer.Context, request: Id, reason: Why, by: By, data: Data = None) -> None:
    """Turn a request down, or take your own back."""
    with opened(context, data) as kb:
        kb.redactions.refuse(_somebody(by, Role.APPROVER), request, reason)
    aside.print("The request is closed, and nothing was removed.")


_AUDITOR = Actor("kb log", frozenset({Role.AUDITOR}))


def _administrator(name: str) -> Actor:
    return _somebody(name, Role.ADMINISTRATOR)


def _somebody(name: str, role: Role) -> Actor:
    if not name.strip():
        raise Invalid("The log needs a name. Say who you are with --by.")
    return Actor(name.strip(), frozenset({role}))


def _named(reference: str | None, words: str | None, file: str | None) -> tuple[Kind, str]:
    given = [(kind, target) for kind, target in ((Kind.WORDS, words), (Kind.FILE, file), (None, reference)) if target]
    if len(given) != 1:
        raise Invalid("Name one thing to remove: a paragraph or a revision, or --words, or --file.")
    kind, target = given[0]
    return kind or (Kind.REVISION if "@" in target else Kind.PARAGRAPH), target


def _hand_on(name: str, password: str) -> None:
    output.print(password, markup=False)
    aside.print(
        f"Hand this password on to {escape(name)}. It works for seven days, and is changed at the first sign-in.",
        soft_wrap=True,
    )


def _account(each: Account) -> dict[str, object]:
    return {
        "name": each.name,
        "roles": sorted(each.roles),
        "disabled": each.disabled,
        "one_time_until": each.one_time_until.isoformat() if each.one_time_until else None,
        "last_sign_in": each.last_sign_in.isoformat() if each.last_sign_in else None,
        "sample": each.sample,
    }


def _session(each: Session) -> dict[str, object]:
    times = {"started": each.started.isoformat(), "last_seen": each.last_seen.isoformat()}
    return {"session": each.id, "name": each.actor.name, **times, "network": each.network}


def _entry(each: Entry) -> dict[str, object]:
    who = {"who": each.who, "action": each.action, "subject": each.subject}
    return {"event": each.seq, "at": each.at.isoformat(), **who, "details": each.details, "hash": each.hash}


def _request(each: Request) -> dict[str, object]:
    asked = {"reason": each.reason, "requested_by": each.requested_by, "at": each.at.isoformat()}
    return {"request": each.id, "kind": each.kind, "target": each.target, **asked}


def _plan(plan: Plan) -> dict[str, object]:
    return {
        **_request(plan.request),
        "places": [{"revision": each.revision, "pid": each.pid, "text": each.text} for each in plan.places],
        "whole": list(plan.whole),
        "files": list(plan.files),
        "also_in": list(plan.also_in),
        "elsewhere": [
            {"table": each.table, "key": each.key, "section": each.section, "for_good": each.for_good}
            for each in plan.elsewhere
        ],
    }


def _print_accounts(found: tuple[Account, ...]) -> None:
    for each in found:
        marks = ["disabled"] * each.disabled + ["one-time password"] * bool(each.one_time_until)
        output.print(escape(f"{each.name}: {', '.join(sorted((*each.roles, *marks)))}"))
    if not found:
        output.print("Nobody has an account. Make one with: kb user add NAME --role administrator --by YOU")


def _print_sessions(found: tuple[Session, ...]) -> None:
    for each in found:
        times = f"since {each.started:%Y-%m-%d %H:%M}, last seen {each.last_seen:%H:%M} (UTC)"
        output.print(escape(f"{each.id}  {each.actor.name}, {times}, from {each.network}"))
    if not found:
        output.print("Nobody is signed in.")


def _print_log(found: tuple[Entry, ...]) -> None:
    for each in found:
        output.print(escape(f"{each.seq} {each.at:%Y-%m-%d %H:%M} {each.who}: {each.action} {each.subject}"))


def _print_requests(found: tuple[Request, ...]) -> None:
    for each in found:
        output.print(escape(f"{each.id}  {each.kind}, asked for by {each.requested_by}: {each.reason}"))
    if not found:
        output.print("No request to redact waits for anybody.")


def _print_plan(plan: Plan) -> None:
    for place in plan.places:
        output.print(escape(f"remove  {place.revision} {place.pid or 'heading'}: {place.text}"))
    for ref in plan.whole:
        output.print(escape(f"remove  the whole text of {ref}"))
    for name in plan.files:
        output.print(escape(f"remove  the file {name}"))
    for ref in plan.also_in:
        output.print(escape(f"stays   paragraphs of it in {ref}: name them, or words, to remove them too"))
    for each in plan.elsewhere:
        kept = "its editors must clean it" if each.table == "drafts" else "it goes when its time is over"
        what = "it cannot be changed" if each.for_good else kept
        output.print(escape(f"stays   {each.table.replace('_', ' ')} {each.key} ({each.section or '-'}): {what}"))
