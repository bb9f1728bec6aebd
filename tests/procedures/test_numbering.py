"""Numbers that change hands on a day to come: who carries what, and what can only be cancelled together."""

from dataclasses import replace
from datetime import timedelta

import pytest

from procedures.errors import Refused
from procedures.model import RevisionKind
from procedures.numbering import Sections, carried, check_cancelled, tied
from tests.procedures.test_publication import revision
from tests.procedures.texts import NOW, TODAY

LATER = TODAY + timedelta(days=10)


def rotating(*keys: str) -> Sections:
    """Have each section take the number of the next on a later day, the last that of the first."""
    found = {}
    for place, key in enumerate(keys):
        now = replace(revision(1), id=10 * place, section=key, number=f"8.{place + 1}", in_force_from=TODAY)
        then = replace(revision(2), id=10 * place + 1, section=key, in_force_from=LATER)
        found[key] = [now, replace(then, number=f"8.{(place + 1) % len(keys) + 1}")]
    return found


@pytest.mark.parametrize("keys", [("a", "b"), ("a", "b", "c"), ("a", "b", "c", "d")])
def test_all_that_pass_their_numbers_on_stand_or_fall_together(keys: tuple[str, ...]) -> None:
    sections = rotating(*keys)
    waits = sections["b"][1]
    others = tied(sections, [waits], TODAY, NOW)
    assert {r.section for r in others} == set(keys) - {"b"}
    with pytest.raises(Refused, match="together"):
        check_cancelled(sections, [waits], TODAY, NOW)
    check_cancelled(sections, [waits, *others], TODAY, NOW)


def test_a_number_nobody_else_takes_ties_nothing() -> None:
    sections = {**rotating("a"), "b": [replace(revision(1), id=99, section="b", number="8.7")]}
    assert tied(sections, [sections["a"][1]], TODAY, NOW) == ()


def test_a_withdrawal_whose_number_another_takes_is_cancelled_with_that() -> None:
    sections = rotating("a", "b")
    withdrawal = replace(sections["a"][1], kind=RevisionKind.WITHDRAWAL)
    taker = sections["b"][1]
    found = {**sections, "a": [sections["a"][0], withdrawal]}
    assert tied(found, [withdrawal], TODAY, NOW) == (taker,)
    assert carried(found, (), LATER, NOW) == {"8.1": "b"}
