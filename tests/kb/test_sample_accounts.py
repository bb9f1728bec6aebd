"""The sample's accounts: their passwords are known to all, so they open nothing but a sample on one's own computer."""

from pathlib import Path

import pytest

from kb.access import Actor
from kb.accounts import SAMPLE_SIGN_INS, Accounts
from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.errors import Forbidden, Refused
from tests.conftest import SetClock
from tests.kb.people import GOOD, HERE, OPERATOR


@pytest.fixture
def sample_accounts(kb: KnowledgeBase) -> Accounts:
    return kb.accounts


def test_the_sample_has_an_author_and_an_approver_for_this_computer(sample_accounts: Accounts, clock: SetClock) -> None:
    assert sample_accounts.sample_sign_ins() == SAMPLE_SIGN_INS
    for each in SAMPLE_SIGN_INS:
        token = sample_accounts.sign_in(each.name, each.password, "127.0.0.1", clock.now())
        assert sample_accounts.session(token, clock.now()).actor == Actor(each.name, frozenset({each.role}))
        with pytest.raises(Forbidden, match="only for the computer"):
            sample_accounts.sign_in(each.name, each.password, HERE, clock.now())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", ""])  # noqa: S104
def test_where_others_are_served_nobody_signs_in_to_the_sample(folder: Path, clock: SetClock, host: str) -> None:
    with KnowledgeBase.open(Settings(data=folder, host=host), clock) as served:
        assert served.accounts.sample_sign_ins() == ()
        for each in SAMPLE_SIGN_INS:
            with pytest.raises(Forbidden, match="only for the computer"):
                served.accounts.sign_in(each.name, each.password, "127.0.0.1", clock.now())


def test_the_samples_passwords_stay_as_they_are_told_and_its_accounts_can_be_closed(
    sample_accounts: Accounts, clock: SetClock
) -> None:
    author, approver = SAMPLE_SIGN_INS
    token = sample_accounts.sign_in(author.name, author.password, "::1", clock.now())
    with pytest.raises(Refused, match="stay as they are"):
        sample_accounts.change_password(token, author.password, GOOD, "::1", clock.now())
    with pytest.raises(Refused, match="stay as they are"):
        sample_accounts.reset(OPERATOR, author.name)
    sample_accounts.disable(OPERATOR, author.name)
    assert sample_accounts.sample_sign_ins() == (approver,)


def test_a_manual_that_is_no_sample_has_no_accounts_to_begin_with(empty_kb: KnowledgeBase) -> None:
    assert empty_kb.accounts.sample_sign_ins() == ()
    assert empty_kb.accounts.list(OPERATOR) == ()
