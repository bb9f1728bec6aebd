"""Who may do what: one table that covers everything, and refusals that name whom to ask."""

import pytest

from kb.access import WHO_MAY, Actor, Deed, Role, require
from procedures.errors import Forbidden


def test_everything_that_can_be_done_has_somebody_who_may() -> None:
    assert set(WHO_MAY) == set(Deed)
    assert all(WHO_MAY.values())


def test_an_auditor_only_looks() -> None:
    assert all(Role.AUDITOR not in roles for roles in WHO_MAY.values())


@pytest.mark.parametrize("deed", list(Deed))
def test_any_one_of_the_named_roles_is_enough_and_no_other_is(deed: Deed) -> None:
    for role in Role:
        actor = Actor("Somebody", frozenset({role, Role.AUDITOR}))
        if role in WHO_MAY[deed]:
            require(actor, deed)
        else:
            with pytest.raises(Forbidden, match=f"Somebody may not {deed}"):
                require(actor, deed)


def test_without_any_role_nothing_is_allowed() -> None:
    for deed in Deed:
        with pytest.raises(Forbidden, match="Ask somebody with the role"):
            require(Actor("Nobody", frozenset()), deed)
