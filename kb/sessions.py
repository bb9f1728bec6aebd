"""Who is signed in, and who is guessing: sessions and attempts to sign in. Outside the record: rows here come and go.

`kb.accounts` alone calls it, with a connection inside its transactions, so that several server processes share one
truth. Of a token only its SHA-256 is kept. A session's row goes when it is over; an attempt's after `ATTEMPTS_KEPT`.
"""

import hashlib
import ipaddress
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from kb.access import Actor
from procedures.errors import Refused, SignedOut
from procedures.schema.tables import accounts, sessions, sign_in_attempts

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
"""How long a session lasts unused, and at most.

OWASP ASVS 5.0 (7.3.1, 7.3.2) asks for both limits; the figures are those of NIST SP 800-63B for assurance level 2.
"""

SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last use is written down: a read of a page is not a write each time."""

ATTEMPTS_KEPT = timedelta(days=1)
"""How long an attempt to sign in counts, and is kept."""

FREE_OF_A_NAME, FREE_OF_A_NETWORK = 5, 20
"""Wrong passwords that nobody has to wait after. A whole office can be behind one address."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
"""Each wrong password beyond doubles the wait. It ends by itself: nobody can lock another out for good."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    `actor` has no roles as long as `must_change_password`: then nothing is possible but to choose one. `id` names the
    session to people; it opens nothing. `network` is the address it was begun from.
    """

    id: str
    actor: Actor
    started: datetime
    last_seen: datetime
    must_change_password: bool
    network: str


def begin(connection: Connection, account: int, version: int, network: str, at: datetime) -> str:
    """Begin a session and return its token: the one time it is seen."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(sessions).values(
            id=secrets.token_hex(4),
            token_hash=_digest(token),
            account=account,
            version=version,
            started=at.isoformat(),
            last_seen=at.isoformat(),
            network=network_of(network),
        )
    )
    return token


def find(connection: Connection, token: str, at: datetime) -> Row[Any]:
    """Return the row of a session and its account. Raises `SignedOut` where it is over, saying why."""
    query = _with_account().where(sessions.c.token_hash == _digest(token))
    row = connection.execute(query).first()
    if row is None:
        raise SignedOut("You are not signed in. Sign in to go on.")
    if row.disabled or row.version != row.account_version:
        raise SignedOut("Your account was changed since you signed in. Sign in again, or ask an administrator.")
    if at >= datetime.fromisoformat(row.started) + LONGEST:
        raise SignedOut(f"You have been signed in for {LONGEST.seconds // 3600} hours. Sign in again to go on.")
    if at >= datetime.fromisoformat(row.last_seen) + IDLE:
        raise SignedOut(f"You have done nothing here for {IDLE.seconds // 60} minutes. Sign in again to go on.")
    return row


def live(connection: Connection, at: datetime) -> tuple[Row[Any], ...]:
    """List the sessions that are not over, the newest first."""
    forget(connection, at)
    return tuple(connection.execute(_with_account().order_by(sessions.c.started.desc(), sessions.c.id)))


def is_due(row: Row[Any], at: datetime) -> bool:
    """Say whether a session's last use is to be written down again."""
    return at >= datetime.fromisoformat(row.last_seen) + SEEN_EVERY


def seen(connection: Connection, session: str, at: datetime) -> None:
    """Write down that a session was used."""
    connection.execute(update(sessions).where(sessions.c.id == session).values(last_seen=at.isoformat()))


def end(connection: Connection, *, token: str | None = None, ids: Collection[str] = ()) -> int:
    """End the session of a token, or those named, and return how many there were."""
    which = sessions.c.token_hash == _digest(token) if token is not None else sessions.c.id.in_(ids)
    return connection.execute(delete(sessions).where(which)).rowcount


def forget(connection: Connection, at: datetime) -> None:
    """Delete the sessions that are over, and the attempts that count no more."""
    connection.execute(
        delete(sessions).where(
            or_(
                sessions.c.started <= (at - LONGEST).isoformat(),
                sessions.c.last_seen <= (at - IDLE).isoformat(),
                ~select(accounts.c.id)
                .where(accounts.c.id == sessions.c.account)
                .where(accounts.c.version == sessions.c.version, accounts.c.disabled == 0)
                .exists(),
            )
        )
    )
    connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.at < (at - ATTEMPTS_KEPT).isoformat()))


def attempt(connection: Connection, folded: str, network: str, at: datetime) -> None:
    """Count an attempt before its password is compared, so that many at once are no way around the limits.

    Raises `Refused` where somebody must wait first; that is not counted, and says the same whether the name is known.
    """
    table = sign_in_attempts.c
    who, where = _who(folded), network_of(network)
    until = max(
        _until(connection, table.who == who, FREE_OF_A_NAME, at),
        _until(connection, table.network == where, FREE_OF_A_NETWORK, at),
    )
    if at < until:
        raise Refused(
            "Too many wrong passwords have been given for this name, or from where you are. "
            f"Wait {_in_words(until - at)}, then try again."
        )
    connection.execute(insert(sign_in_attempts).values(at=at.isoformat(), who=who, network=where))


def forgive(connection: Connection, folded: str) -> None:
    """Forget a name's attempts: its password has been given."""
    connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.who == _who(folded)))


def network_of(address: str) -> str:
    """Name the network an address belongs to: an IPv6 customer has 2^64 addresses to guess from."""
    with suppress(ValueError):
        found = ipaddress.ip_address(address)
        if isinstance(found, ipaddress.IPv6Address):
            return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return address[:64]


def _with_account() -> Any:
    named = (accounts.c.name, accounts.c.roles, accounts.c.disabled, accounts.c.password_until)
    version = accounts.c.version.label("account_version")
    return select(sessions, *named, version).join(accounts, accounts.c.id == sessions.c.account)


def _until(connection: Connection, which: ColumnElement[bool], free: int, at: datetime) -> datetime:
    """Work out the instant from which another attempt is let through."""
    query = select(func.count().label("wrong"), func.max(sign_in_attempts.c.at).label("last")).where(which)
    row = connection.execute(query.where(sign_in_attempts.c.at >= (at - ATTEMPTS_KEPT).isoformat())).one()
    beyond = int(row.wrong) - free
    if beyond < 0:
        return at
    wait = min(FIRST_WAIT * (1 << min(beyond, 10)), LONGEST_WAIT)
    last = datetime.fromisoformat(str(row.last))
    return min(last, at) + wait


def _in_words(wait: timedelta) -> str:
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    minutes = -(-seconds // 60)
    return f"{seconds} seconds" if seconds <= 60 else f"{minutes} minutes"


def _who(folded: str) -> str:
    """Name an account for counting. Cut short, so that a password typed into the wrong box cannot be read back."""
    return hashlib.sha256(folded.encode()).hexdigest()[:8]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
