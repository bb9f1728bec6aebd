"""Administrators who do to one another whatever they like: the rules hold in any order."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kb.access import Actor, Role
from kb.accounts import Accounts
from procedures.errors import KnowledgeBaseError
from procedures.store import Store
from tests.conftest import MONDAY_3_AM
from tests.kb.people import OPERATOR


class Administration(RuleBasedStateMachine):
    """Three administrators who do to one another's accounts whatever they like, in any order."""

    template: Path
    names = ("Ann", "Bea", "Cem")

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        folder = self.template.parent
        self.path = folder / f"{len(list(folder.iterdir()))}.db"
        shutil.copy(self.template, self.path)
        self.store = self.stack.enter_context(Store.open(self.path))
        self.accounts = Accounts(self.store, lambda: MONDAY_3_AM, lambda: None, "127.0.0.1")
        for name in self.names:
            self.accounts.add(OPERATOR, name, [Role.ADMINISTRATOR])

    @rule(
        actor=st.sampled_from(names),
        name=st.sampled_from(names),
        deed=st.sampled_from(["disable", "enable", "reset"]),
    )
    def change(self, actor: str, name: str, deed: str) -> None:
        self.attempt(actor, name, lambda by: getattr(self.accounts, deed)(by, name))

    @rule(
        actor=st.sampled_from(names),
        name=st.sampled_from(names),
        roles=st.sets(st.sampled_from(list(Role)), min_size=1),
    )
    def set_roles(self, actor: str, name: str, roles: set[Role]) -> None:
        self.attempt(actor, name, lambda by: self.accounts.set_roles(by, name, roles))

    def attempt(self, actor: str, name: str, act: Callable[[Actor], object]) -> None:
        before = self.state()
        account = before[actor]
        may = not account[1] and Role.ADMINISTRATOR in account[0]
        try:
            act(Actor(actor, account[0] if not account[1] else frozenset()))
        except KnowledgeBaseError:
            assert self.state() == before
        else:
            assert may, "only an administrator who is not disabled"
            assert actor != name, "and never on their own account"

    def state(self) -> dict[str, tuple[frozenset[Role], bool]]:
        return {each.name: (each.roles, each.disabled) for each in self.accounts.list(OPERATOR)}

    @precondition(lambda self: hasattr(self, "accounts"))
    @invariant()
    def somebody_can_always_administer(self) -> None:
        assert any(Role.ADMINISTRATOR in roles and not disabled for roles, disabled in self.state().values())

    def teardown(self) -> None:
        self.stack.close()


def test_whatever_administrators_do_to_one_another_one_is_left(tmp_path: Path) -> None:
    Administration.template = tmp_path / "template.db"
    Store.open(Administration.template, create=True).close()
    quick = settings(max_examples=10, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
    Administration.TestCase.settings = quick
    Administration.TestCase("runTest").runTest()
