"""What tests about people share: names, addresses and passwords, and a hasher in a hurry."""

from argon2 import PasswordHasher

from kb.access import Actor, Role
from kb.accounts import Accounts

OPERATOR = Actor("Operator", frozenset({Role.ADMINISTRATOR}))
HERE, THERE = "203.0.113.7", "198.51.100.9"
GOOD = "four plain words here"
BETTER = "five other plain words here"


def hurried(accounts: Accounts) -> Accounts:
    """Let a password cost next to nothing, where it is not what a test is about."""
    accounts._passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return accounts
