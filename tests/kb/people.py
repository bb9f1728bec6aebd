"""What tests about people share: names, addresses and passwords."""

from kb.access import Actor, Role

OPERATOR = Actor("Operator", frozenset({Role.ADMINISTRATOR}))
HERE, THERE = "203.0.113.7", "198.51.100.9"
GOOD = "four plain words here"
BETTER = "five other plain words here"
