"""Who may do what: one table that covers everything, refusals that name whom to ask, and no way past it."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kb.access import WHO_MAY, Actor, Deed, Role, require
from kb.accounts import Accounts
from kb.audit import Audit
from kb.learning import LearningDesk
from kb.redaction import Redactions
from kb.searches import Searches
from kb.service import KnowledgeBase
from kb.workspace import Workspace
from procedures.errors import Forbidden

READS = {deed for deed in Deed if deed.name.startswith(("READ_", "EXPORT_"))}

ANYBODYS = {
    "KnowledgeBase.feedback": "the command line of the machine reads it; a page must ask READ_FEEDBACK",
    "KnowledgeBase.keep_feedback": "a reader, whoever it is, may say what they think",
    "Searches.close": "at the end of the program",
    "Searches.note": "a reader, whoever it is, may search",
    "Searches.opened": "a reader, whoever it is, may open what a search found",
    "Accounts.add_sample": "inside the transaction of `load_sample`, which has asked",
    "Accounts.change_password": "whoever knows the password",
    "Accounts.end_own_session": "whoever has the token",
    "Accounts.own_sessions": "whoever has the token",
    "Accounts.sample_sign_ins": "no secret, and nothing where others are served",
    "Accounts.session": "whoever has the token",
    "Accounts.sign_in": "whoever knows the password",
    "Accounts.sign_out": "whoever has the token",
    "Accounts.sign_out_elsewhere": "whoever has the token",
}
"""What is done without an actor, and why that is right. Anything else takes one and asks for permission."""


def services(kb: KnowledgeBase) -> Iterator[object]:
    """List every object of the service that people act through: the knowledge base, and what it leads to."""
    yield kb
    properties = (
        getattr(kb, name) for name, _ in inspect.getmembers(type(kb), lambda each: isinstance(each, property))
    )
    for value in (*vars(kb).values(), *properties):
        if type(value).__module__.startswith("kb.") and any(takes_actor(each) for each in public(value).values()):
            yield value


def public(service: object) -> dict[str, Callable[..., Any]]:
    """Name the public methods of an object."""
    methods = inspect.getmembers(type(service), inspect.isfunction)
    return {f"{type(service).__name__}.{name}": method for name, method in methods if not name.startswith("_")}


def takes_actor(method: Callable[..., Any]) -> bool:
    return any(parameter.annotation is Actor for parameter in inspect.signature(method).parameters.values())


def writes(method: Callable[..., Any]) -> bool:
    return "_store.write(" in inspect.getsource(method)


def test_everything_that_can_be_done_has_somebody_who_may() -> None:
    assert set(WHO_MAY) == set(Deed)
    assert all(WHO_MAY.values())


def test_an_auditor_reads_everything_and_changes_nothing() -> None:
    assert {deed for deed, roles in WHO_MAY.items() if Role.AUDITOR in roles} == READS


def test_an_administrator_looks_after_people_and_neither_writes_nor_approves() -> None:
    theirs = {deed for deed, roles in WHO_MAY.items() if Role.ADMINISTRATOR in roles}
    people = {Deed.MANAGE_ACCOUNTS, Deed.LOAD_SAMPLE}
    assert theirs == people | {Deed.READ_ACCOUNTS, Deed.READ_LOG, Deed.EXPORT_LOG}
    assert all(WHO_MAY[deed] == {Role.ADMINISTRATOR} for deed in people)


def test_whoever_only_writes_does_not_publish() -> None:
    decisions = {
        *(Deed.APPROVE, Deed.REJECT, Deed.PUBLISH, Deed.OVERRIDE, Deed.REVIEW_OVERRIDE, Deed.CANCEL, Deed.WITHDRAW),
        *(Deed.ROLL_BACK, Deed.AGREE_REDACTION, Deed.LOOK),
    }
    assert all(WHO_MAY[deed] == {Role.APPROVER} for deed in decisions)


@pytest.mark.parametrize("deed", list(Deed))
def test_any_one_of_the_named_roles_is_enough_and_no_other_is(deed: Deed) -> None:
    for role in Role:
        actor = Actor("Somebody", frozenset({role}))
        if role in WHO_MAY[deed]:
            require(actor, deed)
        else:
            with pytest.raises(Forbidden, match=f"Somebody may not {deed}"):
                require(actor, deed)


def test_without_any_role_nothing_is_allowed() -> None:
    for deed in Deed:
        with pytest.raises(Forbidden, match="Ask somebody with the role"):
            require(Actor("Nobody", frozenset()), deed)


def test_every_method_that_takes_an_actor_asks_before_anything_else(empty_kb: KnowledgeBase) -> None:
    """Called by nobody in particular with nothing at all, each must say that nobody may, and do nothing."""
    nobody = Actor("Nobody", frozenset())
    asked = []
    before = empty_kb.health()
    for service in services(empty_kb):
        for name, method in public(service).items():
            if takes_actor(method):
                needed = list(inspect.signature(method).parameters.values())[1:]
                given = {p.name: nobody if p.annotation is Actor else None for p in needed}
                with pytest.raises(Forbidden, match="Nobody may not"):
                    method(service, **given)
                asked.append(name)
    assert empty_kb.health() == before
    assert {"KnowledgeBase.publish", "Accounts.add", "Redactions.agree", "Audit.export"} <= set(asked)


def test_nothing_is_done_without_an_actor_but_what_is_anybodys(empty_kb: KnowledgeBase) -> None:
    """What the public reads is on the knowledge base itself; everything behind its other services is somebody's."""
    without = {
        name
        for each in services(empty_kb)
        for name, method in public(each).items()
        if not takes_actor(method) and (writes(method) or each is not empty_kb)
    }
    assert without <= set(ANYBODYS), "take an Actor and call `require` first, or say here why anybody may"


def test_the_services_people_act_through_are_all_looked_at(empty_kb: KnowledgeBase) -> None:
    found = {type(each) for each in services(empty_kb)}
    assert {KnowledgeBase, Accounts, Audit, Redactions, LearningDesk, Searches, Workspace} <= found
