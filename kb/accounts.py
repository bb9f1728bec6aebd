"""The people who edit: their accounts, and how they sign in.

`KnowledgeBase.accounts` is an `Accounts`; the site and the command line drive it. What changes an account appends its
event to the log; signing in and out does not. No password and no token is ever written down, logged or said in an
error: of a password its argon2id hash is kept, of a token its SHA-256 (`kb.passwords`, `kb.sessions`).
"""

import ipaddress
import json
import unicodedata
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from kb import sessions
from kb.access import Actor, Deed, Role, require
from kb.passwords import Passwords, check, one_time
from kb.sessions import Session
from procedures.errors import Forbidden, Invalid, NotFound, Refused
from procedures.schema import tables
from procedures.store import Store
from procedures.transaction import Transaction

ONE_TIME_LASTS = timedelta(days=7)
"""How long a password that an administrator hands on can be used; then it is reset again."""

LONGEST_NAME = 80

RESERVED = frozenset({"import", "kb", "kb init", "kb log", "nobody", "reader", "sign in"})
"""Names the program itself writes into the log."""

_SIGN_IN = "sign in"
_WRONG = (
    "This name and password do not belong together. Check both and try again, "
    "or ask an administrator to reset the password."
)


@dataclass(frozen=True, slots=True)
class SampleSignIn:
    """How to sign in to the sample: no secret, and of use only on the computer the sample runs on."""

    name: str
    password: str
    role: Role


SAMPLE_SIGN_INS = (
    SampleSignIn("Sample author", "write-like-an-author", Role.AUTHOR),
    SampleSignIn("Sample approver", "approve-like-an-approver", Role.APPROVER),
)


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in, by the name the log carries. `version` grows with every change, and ends sessions.

    `id` names the account in an address. `one_time_until` is set while the password is one an administrator has handed
    on; `last_sign_in` is None as long as nobody has signed in.
    """

    id: int
    name: str
    roles: frozenset[Role]
    disabled: bool
    one_time_until: datetime | None
    last_sign_in: datetime | None
    version: int
    sample: bool


class Accounts:
    """Every account, and who is signed in."""

    def __init__(
        self, store: Store, now: Callable[[], datetime], caught_up: Callable[[], object], listens_on: str
    ) -> None:
        """Take the record, the clock, what to call after a write, and the address the site listens on."""
        self._store = store
        self._now = now
        self._caught_up = caught_up
        self._on_this_computer = is_loopback(listens_on)
        self._passwords = Passwords()

    # Accounts

    def add(self, actor: Actor, name: str, roles: Collection[Role]) -> str:
        """Make an account and return its one-time password. Raises `Forbidden`, `Invalid` or `Refused`."""
        require(actor, Deed.MANAGE_ACCOUNTS)
        name = _checked_name(name)
        given = _checked_roles(roles)
        password = one_time()
        hashed = self._passwords.hashed(password)
        with self._store.write(actor.name, self._now) as transaction:
            if _row(transaction.connection, name) is not None:
                raise Refused(f"There is an account '{name}' already. Choose another name, or reset its password.")
            until = (transaction.at + ONE_TIME_LASTS).isoformat()
            _insert(transaction, name, given, hashed, until=until)
        self._caught_up()
        return password

    def set_roles(self, actor: Actor, name: str, roles: Collection[Role]) -> None:
        """Give an account these roles and no others; whoever it is signs in again.

        Raises `Forbidden`, `Invalid`, `NotFound`, or `Refused` for one's own account and the last administrator.
        """
        require(actor, Deed.MANAGE_ACCOUNTS)
        given = _checked_roles(roles)
        self._change(actor, name, "change roles", roles=_written(given))

    def disable(self, actor: Actor, name: str) -> None:
        """Let an account sign in no more. Raises as `set_roles`."""
        require(actor, Deed.MANAGE_ACCOUNTS)
        self._change(actor, name, "disable account", disabled=1)

    def enable(self, actor: Actor, name: str) -> None:
        """Let an account sign in again. Raises as `set_roles`."""
        require(actor, Deed.MANAGE_ACCOUNTS)
        self._change(actor, name, "enable account", disabled=0)

    def reset(self, actor: Actor, name: str) -> str:
        """Give an account a new one-time password and return it. Raises as `set_roles`."""
        require(actor, Deed.MANAGE_ACCOUNTS)
        password = one_time()
        hashed = self._passwords.hashed(password)
        until = (self._now().astimezone(UTC) + ONE_TIME_LASTS).isoformat()
        self._change(actor, name, "reset password", password_hash=hashed, password_until=until)
        return password

    def list(self, actor: Actor) -> tuple[Account, ...]:
        """List the accounts in the order of the alphabet. Raises `Forbidden`."""
        require(actor, Deed.READ_ACCOUNTS)
        with self._store.read() as connection:
            query = select(tables.accounts).order_by(tables.accounts.c.folded)
            return tuple(_account(row) for row in connection.execute(query))

    def account(self, actor: Actor, account_id: int) -> Account:
        """Show one account by its id. Raises `Forbidden` or `NotFound`."""
        for each in self.list(actor):
            if each.id == account_id:
                return each
        raise NotFound("There is no such account. Look in the list of accounts.")

    # Signing in

    def sign_in(self, name: str, password: str, network: str, now: datetime) -> str:
        """Begin a session and return its token; `network` is the address of whoever asks.

        Raises `Forbidden` where name and password do not belong together, after the same work and in the same words
        whether or not there is such an account, and `Refused` where somebody must wait first.
        """
        account = self._proved(folded(name), password, network, now)
        if account.sample and not (self._on_this_computer and is_loopback(network)):
            raise Forbidden(
                "The sample's accounts are only for the computer it runs on. Ask for an account of your own."
            )
        if account.password_until is not None and now.astimezone(UTC).isoformat() >= account.password_until:
            raise Forbidden("The password you were given is too old. Ask an administrator to reset it.")
        at = now.astimezone(UTC)
        with self._store.write(_SIGN_IN, lambda: now) as transaction:
            _seen(transaction.connection, account.id, at)
            return sessions.begin(transaction.connection, account.id, account.version, network, at)

    def session(self, token: str, now: datetime) -> Session:
        """Return the session of a token, which counts as used by that. Raises `SignedOut`, saying why."""
        with self._store.read() as connection:
            row = sessions.find(connection, token, now.astimezone(UTC))
        if sessions.is_due(row, now):
            with self._store.write(_SIGN_IN, lambda: now) as transaction:
                sessions.seen(transaction.connection, row.id, now.astimezone(UTC))
        return _session(row)

    def sign_out(self, token: str) -> None:
        """End the session of a token; one that is over already does no harm."""
        with self._store.write(_SIGN_IN, self._now) as transaction:
            sessions.end(transaction.connection, token=token)

    def sign_out_elsewhere(self, token: str, now: datetime) -> int:
        """End all other sessions of whoever has this one, and return how many there were. Raises `SignedOut`."""
        others = [each.id for each in self.own_sessions(token, now)[1:]]
        with self._store.write(_SIGN_IN, lambda: now) as transaction:
            return sessions.end(transaction.connection, ids=others)

    def own_sessions(self, token: str, now: datetime) -> tuple[Session, ...]:
        """List the sessions of whoever has this one, this one first. Raises `SignedOut`."""
        mine = self.session(token, now)
        with self._store.write(_SIGN_IN, lambda: now) as transaction:
            found = [r for r in sessions.live(transaction.connection, now.astimezone(UTC)) if r.name == mine.actor.name]
        return tuple(sorted((_session(row) for row in found), key=lambda each: each.id != mine.id))

    def end_own_session(self, token: str, session: str, now: datetime) -> None:
        """End a session of whoever has this one. Raises `SignedOut`, or `NotFound` where it is over already."""
        if session not in {each.id for each in self.own_sessions(token, now)}:
            raise NotFound("That session is over already. Nothing needs doing.")
        with self._store.write(_SIGN_IN, lambda: now) as transaction:
            sessions.end(transaction.connection, ids=[session])

    def change_password(self, token: str, old: str, new: str, network: str, now: datetime) -> str:
        """Give whoever is signed in another password; every session ends, and a new one's token is returned.

        Raises `SignedOut`, `Forbidden` for a wrong `old` one, and `Refused` for a `new` one that will not do.
        """
        name = self.session(token, now).actor.name
        check(new, name)
        account = self._proved(folded(name), old, network, now)
        if account.sample:
            raise Refused("The passwords of the sample's accounts stay as they are. Make an account of your own.")
        if self._passwords.fits(account.password_hash, new):
            raise Refused("This is the password you have. Choose another.")
        hashed = self._passwords.hashed(new)
        with self._store.write(name, lambda: now) as transaction:
            _same(transaction.connection, account)
            _update(transaction, account, "change password", password_hash=hashed, password_until=None)
            token = sessions.begin(
                transaction.connection, account.id, account.version + 1, network, now.astimezone(UTC)
            )
        self._caught_up()
        return token

    # Sessions

    def sessions(self, actor: Actor, name: str | None = None) -> tuple[Session, ...]:
        """List who is signed in, or the sessions of one account, the newest first. Raises `Forbidden`."""
        require(actor, Deed.READ_ACCOUNTS)
        with self._store.write(_SIGN_IN, self._now) as transaction:
            found = sessions.live(transaction.connection, transaction.at)
        return tuple(_session(row) for row in found if name is None or folded(row.name) == folded(name))

    def revoke(self, actor: Actor, session: str) -> None:
        """End a session by its id. Raises `Forbidden`, or `NotFound` where it is over already."""
        require(actor, Deed.MANAGE_ACCOUNTS)
        with self._store.write(actor.name, self._now) as transaction:
            found = [row for row in sessions.live(transaction.connection, transaction.at) if row.id == session]
            if not found:
                raise NotFound(
                    f"There is no session '{session}', or it is over. "
                    "Look in the list of sessions (on the command line: kb user sessions)."
                )
            sessions.end(transaction.connection, ids=[session])
            transaction.append("revoke session", found[0].name, {"session": session})
        self._caught_up()

    # The sample

    def sample_sign_ins(self) -> tuple[SampleSignIn, ...]:
        """List how to sign in to the sample: nothing where this is not one, or others than this computer are served."""
        if not self._on_this_computer:
            return ()
        with self._store.read() as connection:
            rows = [(_row(connection, each.name), each) for each in SAMPLE_SIGN_INS]
        return tuple(each for row, each in rows if row is not None and row.sample and not row.disabled)

    def add_sample(self, transaction: Transaction) -> None:
        """Make the sample's accounts, in the transaction that loads the sample."""
        for each in SAMPLE_SIGN_INS:
            hashed = self._passwords.hashed(each.password)
            _insert(transaction, each.name, frozenset({each.role}), hashed, sample=1)

    def _proved(self, who: str, password: str, network: str, now: datetime) -> Row[Any]:
        """Return the account whose password this is; the attempt counts before it is looked at."""
        at = now.astimezone(UTC)
        with self._store.write(_SIGN_IN, lambda: now) as transaction:
            sessions.forget(transaction.connection, at)
            sessions.attempt(transaction.connection, who, network, at)
            account = _row(transaction.connection, who)
        right = self._passwords.fits(account.password_hash if account else None, password)
        if account is None or not right or account.disabled:
            raise Forbidden(_WRONG)
        with self._store.write(_SIGN_IN, lambda: now) as transaction:
            _same(transaction.connection, account)
            sessions.forgive(transaction.connection, who)
        return account

    def _change(self, actor: Actor, name: str, action: str, **values: Any) -> None:
        with self._store.write(actor.name, self._now) as transaction:
            account = _row(transaction.connection, name)
            if account is None:
                raise NotFound(
                    f"There is no account '{name}'. Look in the list of accounts (on the command line: kb user list)."
                )
            if folded(actor.name) == account.folded:
                raise Refused("Nobody changes an account of their own. Let another administrator do it.")
            if account.sample and "password_hash" in values:
                raise Refused("The passwords of the sample's accounts stay as they are. Disable the account instead.")
            _keep_an_administrator(transaction.connection, account, values)
            _update(transaction, account, action, **values)
        self._caught_up()


def folded(name: str) -> str:
    """Write a name the one way in which it is compared, whatever its capitals, accents' encoding and spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def is_loopback(address: str) -> bool:
    """Say whether an address is this computer's own; what is no address is not."""
    with suppress(ValueError):
        return ipaddress.ip_address(address).is_loopback
    return address == "localhost"


def _checked_name(name: str) -> str:
    found = " ".join(unicodedata.normalize("NFKC", name).split())
    if not found or len(found) > LONGEST_NAME or not found.isprintable():
        raise Invalid(f"The log needs a name of up to {LONGEST_NAME} letters. Give the person's own, like 'Ann Weber'.")
    if "," in found:  # the names of those who wrote a text together are joined with a comma
        raise Invalid("A name has no comma. Write it as it is spoken, like 'Ann Weber'.")
    if folded(found) in RESERVED:
        raise Refused(f"'{found}' is a name the program itself uses in the log. Choose another.")
    return found


def _checked_roles(roles: Collection[Role]) -> frozenset[Role]:
    if not roles:
        raise Invalid(f"An account needs a role. Choose from {', '.join(Role)}; or disable it.")
    return frozenset(roles)


def _written(roles: Collection[Role]) -> str:
    return json.dumps(sorted(roles))


def _row(connection: Connection, name: str) -> Row[Any] | None:
    accounts = tables.accounts
    return connection.execute(select(accounts).where(accounts.c.folded == folded(name))).first()


def _insert(
    transaction: Transaction,
    name: str,
    roles: frozenset[Role],
    hashed: str,
    *,
    until: str | None = None,
    sample: int = 0,
) -> None:
    transaction.append("add account", name, {"roles": sorted(roles)})
    transaction.connection.execute(
        insert(tables.accounts).values(
            name=name,
            folded=folded(name),
            password_hash=hashed,
            password_until=until,
            roles=_written(roles),
            disabled=0,
            sample=sample,
            version=1,
        )
    )


def _update(transaction: Transaction, account: Row[Any], action: str, **values: Any) -> None:
    """Change an account; its version grows, so its sessions are over."""
    told = {"roles": json.loads(values["roles"]), "before": json.loads(account.roles)} if "roles" in values else {}
    transaction.append(action, account.name, told)
    changed = {**values, "version": account.version + 1}
    transaction.connection.execute(update(tables.accounts).where(tables.accounts.c.id == account.id).values(changed))


def _seen(connection: Connection, account_id: int, at: datetime) -> None:
    """Write down when somebody last signed in: no change of the account, so no session ends and no event tells."""
    accounts = tables.accounts
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(last_sign_in=at.isoformat()))


def _same(connection: Connection, account: Row[Any]) -> None:
    """Raise where an account was changed while its password was being compared."""
    accounts = tables.accounts.c
    if connection.scalar(select(accounts.version).where(accounts.id == account.id)) != account.version:
        raise Forbidden(_WRONG)


def _keep_an_administrator(connection: Connection, account: Row[Any], values: dict[str, Any]) -> None:
    loses = values.get("disabled") or Role.ADMINISTRATOR not in json.loads(values.get("roles", account.roles))
    query = select(tables.accounts).where(tables.accounts.c.disabled == 0, tables.accounts.c.id != account.id)
    others = [row for row in connection.execute(query) if Role.ADMINISTRATOR in json.loads(row.roles)]
    is_one = Role.ADMINISTRATOR in json.loads(account.roles) and not account.disabled
    if is_one and loses and not others:
        raise Refused(f"{account.name} is the last administrator. Make somebody else one first.")


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        roles=frozenset(Role(role) for role in json.loads(row.roles)),
        disabled=bool(row.disabled),
        one_time_until=_instant(row.password_until),
        last_sign_in=_instant(row.last_sign_in),
        version=row.version,
        sample=bool(row.sample),
    )


def _instant(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None


def _session(row: Row[Any]) -> Session:
    must_change = row.password_until is not None
    roles = frozenset(() if must_change else (Role(role) for role in json.loads(row.roles)))
    started, last_seen = (datetime.fromisoformat(each) for each in (row.started, row.last_seen))
    return Session(row.id, Actor(row.name, roles), started, last_seen, must_change, row.network)
