"""Passwords: which ones may be chosen, how they are kept, and how one is compared without telling anything.

`kb.accounts` alone uses it. Nothing here reads a database, and no password leaves it except the one-time password that
an administrator hands on.
"""

import secrets
import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

from procedures.errors import Refused

SHORTEST, LONGEST = 12, 256
"""Characters of a password. Length does more than rules about signs, so there are none."""

AT_ONCE = 2
"""Passwords compared at the same time in a process: each takes 64 MiB and a tenth of a second."""

PATIENCE = 10
"""Seconds to wait for a turn."""

OBVIOUS = frozenset(
    {
        "123456789012",
        "1234567890123",
        "12345678901234",
        "abcdefghijkl",
        "administrator",
        "administrator1",
        "changemeplease",
        "correcthorsebatterystaple",
        "iloveyouiloveyou",
        "letmeinletmein",
        "password1234",
        "password12345",
        "password123456",
        "passwordpassword",
        "pansussexprocedures",
        "qwertyqwerty",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopas",
        "safeguarding",
        "safeguarding1",
        "safeguarding12",
        "safeguarding123",
        "safeguardingchildren",
        "welcome12345",
        "welcomewelcome",
    }
)
"""What is tried first, written without spaces and capitals."""

_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$i6XHqgX/VAVg1D19L7LxPQ$aLetcBZ+H3WgUJ8KAV6ZnY3AbQ97uOxg6reQeoLuaBQ"
"""The hash of a random password that was thrown away: what a name without an account is compared with."""
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


class Passwords:
    """Hashes and compares, a few at a time."""

    def __init__(self) -> None:
        """Use the parameters RFC 9106 gives for where memory is scarce."""
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._turns = BoundedSemaphore(AT_ONCE)

    def hashed(self, password: str) -> str:
        """Hash a password for keeping. Raises `Refused` where too many are waiting."""
        self._take_turn()
        try:
            return self._hasher.hash(normal(password))
        finally:
            self._turns.release()

    def fits(self, kept: str | None, password: str) -> bool:
        """Say whether a password is the one kept; without one kept, work as long and say no.

        Raises `Refused` where too many are waiting.
        """
        self._take_turn()
        try:
            # Longer than any that was ever kept: it is compared all the same, as nothing, which takes as long.
            self._hasher.verify(kept or _NOBODY, normal(password) if len(password) <= LONGEST else "")
        except VerifyMismatchError:
            return False
        finally:
            self._turns.release()
        return kept is not None

    def _take_turn(self) -> None:
        if not self._turns.acquire(timeout=PATIENCE):
            raise Refused("Too many people are signing in at this moment. Wait a minute, then try again.")


def check(password: str, name: str) -> None:
    """Raise `Refused` for a password that is too short, too long, the name, or among the first that are tried."""
    chosen = normal(password)
    if len(chosen) < SHORTEST:
        raise Refused(f"The password has {len(chosen)} characters. Use {SHORTEST} or more, such as four words.")
    if len(password) > LONGEST:
        raise Refused(f"The password is longer than {LONGEST} characters. Use a shorter one.")
    plain = "".join(chosen.casefold().split())
    if plain == "".join(normal(name).casefold().split()):
        raise Refused("The password is the name. Choose another.")
    if plain in OBVIOUS or len(set(plain)) <= 1:
        raise Refused("This password is among the first that anybody tries. Choose another, such as four words.")


def one_time() -> str:
    """Make a password to hand on: twenty letters and digits in groups, none that look alike (99 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def normal(words: str) -> str:
    """Write the same characters the same way, whatever keyboard they were typed on."""
    return unicodedata.normalize("NFKC", words)
