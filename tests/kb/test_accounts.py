"""Who may sign in: accounts nobody can take over alone, sessions that end, and guessing that leads nowhere."""

import threading
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import event, select

from kb import passwords, sessions
from kb.access import Actor, Role
from kb.accounts import ONE_TIME_LASTS, Accounts, folded, is_loopback
from kb.passwords import Passwords
from kb.service import KnowledgeBase
from procedures.errors import Forbidden, Invalid, KnowledgeBaseError, NotFound, Refused, SignedOut
from procedures.schema import tables
from tests.conftest import SetClock
from tests.kb.people import BETTER, GOOD, HERE, OPERATOR, THERE


@pytest.fixture
def accounts(empty_kb: KnowledgeBase) -> Accounts:
    return empty_kb.accounts


@pytest.fixture
def ann(accounts: Accounts, clock: SetClock) -> str:
    """The token of Ann, an author who has chosen her password; she has signed in twice by then."""
    one_time = accounts.add(OPERATOR, "Ann Weber", [Role.AUTHOR])
    first = accounts.sign_in("Ann Weber", one_time, HERE, clock.now())
    return accounts.change_password(first, one_time, GOOD, HERE, clock.now())


def signed_in(accounts: Accounts, clock: SetClock, name: str = "ann weber", password: str = GOOD) -> str:
    return accounts.sign_in(name, password, HERE, clock.now())


def is_over(accounts: Accounts, clock: SetClock, token: str) -> str:
    with pytest.raises(SignedOut) as caught:
        accounts.session(token, clock.now())
    return str(caught.value)


# Accounts


def test_until_the_one_time_password_is_changed_nothing_else_is_possible(accounts: Accounts, clock: SetClock) -> None:
    one_time = accounts.add(OPERATOR, "Ann Weber", [Role.AUTHOR, Role.APPROVER])
    first = accounts.sign_in("Ann Weber", one_time, HERE, clock.now())
    session = accounts.session(first, clock.now())
    assert session.must_change_password
    assert session.actor == Actor("Ann Weber", frozenset())
    second = accounts.change_password(first, one_time, GOOD, HERE, clock.now())
    session = accounts.session(second, clock.now())
    assert not session.must_change_password
    assert session.actor == Actor("Ann Weber", frozenset({Role.AUTHOR, Role.APPROVER}))
    assert "changed" in is_over(accounts, clock, first)
    with pytest.raises(Forbidden, match="do not belong together"):
        signed_in(accounts, clock, password=one_time)
    assert signed_in(accounts, clock)


def test_a_one_time_password_is_of_no_use_after_a_week(accounts: Accounts, clock: SetClock) -> None:
    one_time = accounts.add(OPERATOR, "Ann Weber", [Role.AUTHOR])
    clock.instant += ONE_TIME_LASTS - timedelta(seconds=1)
    signed_in(accounts, clock, password=one_time)
    clock.instant += timedelta(seconds=1)
    with pytest.raises(Forbidden, match="too old"):
        signed_in(accounts, clock, password=one_time)
    assert signed_in(accounts, clock, password=accounts.reset(OPERATOR, "Ann Weber"))


@pytest.mark.parametrize("again", ["Ann Weber", "ANN WEBER", " ann   weber ", "Ａnn Weber", "ann\u00a0weber"])
def test_a_name_belongs_to_one_person_however_it_is_written(accounts: Accounts, ann: str, again: str) -> None:
    with pytest.raises(Refused, match="already"):
        accounts.add(OPERATOR, again, [Role.AUTHOR])


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "Ann\u202eWeber", "Ann\x00", "Weber, Ann", "kb", "Import"])
def test_a_name_the_log_could_not_carry_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises((Invalid, Refused)):
        accounts.add(OPERATOR, name, [Role.AUTHOR])


def test_an_account_has_at_least_one_role(accounts: Accounts, ann: str) -> None:
    for act in (lambda: accounts.add(OPERATOR, "Bea", []), lambda: accounts.set_roles(OPERATOR, "Ann Weber", [])):
        with pytest.raises(Invalid, match="needs a role"):
            act()


def test_nobody_changes_an_account_of_their_own(accounts: Accounts) -> None:
    accounts.add(OPERATOR, "Ann Weber", [Role.ADMINISTRATOR])
    accounts.add(OPERATOR, "Bea", [Role.ADMINISTRATOR])
    own = Actor("ANN  WEBER", frozenset({Role.ADMINISTRATOR}))
    for act in deeds_on(accounts, own, "Ann Weber"):
        with pytest.raises(Refused, match="Let another administrator do it"):
            act()
    assert [each.roles for each in accounts.list(OPERATOR)] == [frozenset({Role.ADMINISTRATOR})] * 2


def deeds_on(accounts: Accounts, actor: Actor, name: str) -> list[Callable[[], object]]:
    return [
        lambda: accounts.set_roles(actor, name, [Role.APPROVER, Role.ADMINISTRATOR]),
        lambda: accounts.disable(actor, name),
        lambda: accounts.enable(actor, name),
        lambda: accounts.reset(actor, name),
    ]


def test_the_last_administrator_stays_one(accounts: Accounts) -> None:
    accounts.add(OPERATOR, "Ann", [Role.ADMINISTRATOR])
    accounts.add(OPERATOR, "Bea", [Role.ADMINISTRATOR])
    accounts.disable(OPERATOR, "Bea")
    with pytest.raises(Refused, match="last administrator"):
        accounts.disable(OPERATOR, "Ann")
    with pytest.raises(Refused, match="last administrator"):
        accounts.set_roles(OPERATOR, "Ann", [Role.AUDITOR])
    accounts.enable(OPERATOR, "Bea")
    accounts.disable(OPERATOR, "Ann")


def test_an_account_that_is_not_there_is_said_plainly(accounts: Accounts) -> None:
    for act in deeds_on(accounts, OPERATOR, "Nobody"):
        with pytest.raises(NotFound, match="kb user list"):
            act()


def test_every_change_of_an_account_is_in_the_log_and_signing_in_is_not(
    empty_kb: KnowledgeBase, accounts: Accounts, ann: str, clock: SetClock
) -> None:
    signed_in(accounts, clock)
    accounts.set_roles(OPERATOR, "ann weber", [Role.AUTHOR, Role.APPROVER])
    accounts.disable(OPERATOR, "ann weber")
    accounts.enable(OPERATOR, "ann weber")
    accounts.reset(OPERATOR, "ann weber")
    told = [(e.actor, e.action, e.subject) for e in empty_kb._store.events()]
    assert told == [
        ("Operator", "add account", "Ann Weber"),
        ("Ann Weber", "change password", "Ann Weber"),
        ("Operator", "change roles", "Ann Weber"),
        ("Operator", "disable account", "Ann Weber"),
        ("Operator", "enable account", "Ann Weber"),
        ("Operator", "reset password", "Ann Weber"),
    ]
    assert empty_kb._store.events()[2].payload == {"roles": ["approver", "author"], "before": ["author"]}
    assert empty_kb.health().ok, "and the index is level with it"


# Guessing


def test_a_name_without_account_gets_the_same_answer_after_the_same_work(
    empty_kb: KnowledgeBase, accounts: Accounts, ann: str, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    work: list[str] = []
    fits = Passwords.fits

    def counted(self: Passwords, kept: str | None, password: str) -> bool:
        work.append("compare")
        return fits(self, kept, password)

    monkeypatch.setattr(Passwords, "fits", counted)
    event.listen(empty_kb._store._engine, "before_cursor_execute", lambda *told: work.append(told[2]))
    done: list[tuple[str, list[str]]] = []
    for name in ("Ann Weber", "Nobody Known"):
        work.clear()
        with pytest.raises(Forbidden) as caught:
            accounts.sign_in(name, "not the password", HERE, clock.now())
        done.append((str(caught.value), work.copy()))
    known, unknown = done
    assert known == unknown
    assert known[1].count("compare") == 1


@pytest.fixture
def in_earnest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash as the program does, not lightly as elsewhere in these tests."""
    monkeypatch.setattr(passwords, "RFC_9106_LOW_MEMORY", RFC_9106_LOW_MEMORY)


@pytest.mark.usefixtures("in_earnest")
def test_what_an_unknown_name_is_compared_with_costs_just_what_an_account_costs() -> None:
    assert not Passwords()._hasher.check_needs_rehash(passwords._NOBODY)
    assert not Passwords().fits(None, "")


def test_a_disabled_account_is_answered_like_a_wrong_password(accounts: Accounts, ann: str, clock: SetClock) -> None:
    accounts.disable(OPERATOR, "Ann Weber")
    with pytest.raises(Forbidden, match="do not belong together"):
        signed_in(accounts, clock)


@pytest.mark.parametrize("name", ["Ann Weber", "Nobody Known"])
def test_after_five_wrong_passwords_the_wait_grows_and_always_ends(
    accounts: Accounts, ann: str, clock: SetClock, name: str
) -> None:
    def guess(network: str = HERE) -> str:
        with pytest.raises((Forbidden, Refused)) as caught:
            accounts.sign_in(name, "wrong, but long enough", network, clock.now())
        return str(caught.value)

    for _ in range(sessions.FREE_OF_A_NAME):
        assert "do not belong together" in guess()
    for wait in ("30 seconds", "60 seconds", "2 minutes", "4 minutes", "8 minutes", "15 minutes", "15 minutes"):
        assert f"Wait {wait}" in guess()
        assert f"Wait {wait}" in guess(THERE), "from anywhere, and asking does not lengthen it"
        number, unit = wait.split()
        clock.forward(**{unit: int(number)})
        assert "do not belong together" in guess()
    clock.forward(minutes=15)
    if name == "Ann Weber":
        assert signed_in(accounts, clock), "whoever knows the password comes in"
        assert "do not belong together" in guess(), "and has all tries again"


def test_a_network_that_tries_many_names_must_wait_too(accounts: Accounts, ann: str, clock: SetClock) -> None:
    for number in range(sessions.FREE_OF_A_NETWORK):
        with pytest.raises(Forbidden):
            accounts.sign_in(f"Name {number}", "wrong, but long enough", f"2001:db8::{number:x}", clock.now())
    with pytest.raises(Refused, match="Wait 30 seconds"):
        accounts.sign_in("Ann Weber", GOOD, "2001:db8::ffff", clock.now())
    assert signed_in(accounts, clock), "from elsewhere all is as ever"


def test_processes_that_guess_at_once_have_no_more_tries_than_one(
    empty_kb: KnowledgeBase, accounts: Accounts, ann: str, clock: SetClock
) -> None:
    """Two servers on one database, sixteen guessers each: threads, because a clock that stands is shared that way."""
    answers: Counter[str] = Counter()
    with KnowledgeBase.open(empty_kb.settings, clock) as other:
        start = threading.Barrier(16)

        def guess(at: Accounts, number: int) -> None:
            start.wait()
            try:
                at.sign_in("Ann Weber", f"wrong password {number}", f"203.0.113.{number}", clock.now())
            except KnowledgeBaseError as error:
                answers[type(error).__name__] += 1

        at = (accounts, other.accounts)
        threads = [threading.Thread(target=guess, args=(at[number % 2], number)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == {"Forbidden": sessions.FREE_OF_A_NAME, "Refused": 16 - sessions.FREE_OF_A_NAME}


def test_attempts_are_forgotten_after_a_day(empty_kb: KnowledgeBase, accounts: Accounts, clock: SetClock) -> None:
    with pytest.raises(Forbidden):
        signed_in(accounts, clock)
    clock.instant += sessions.ATTEMPTS_KEPT + timedelta(seconds=1)
    with pytest.raises(Forbidden):
        signed_in(accounts, clock, name="Somebody Else")
    with empty_kb._store.read() as connection:
        assert len(connection.execute(select(tables.sign_in_attempts)).all()) == 1


def test_no_more_than_two_passwords_are_compared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    busy = Passwords()
    for _ in range(passwords.AT_ONCE):
        busy._take_turn()
    for act in (lambda: busy.fits(None, GOOD), lambda: busy.hashed(GOOD)):
        with pytest.raises(Refused, match="Wait a minute"):
            act()


# Passwords


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("eleven char", "Use 12 or more"),
        ("x" * 257, "longer than 256"),
        ("aaaaaaaaaaaaaaaa", "among the first"),
        ("              ", "among the first"),
        ("Password 12345", "among the first"),
        ("Correct Horse Battery Staple", "among the first"),
        ("Ann Margarete Weber", "is the name"),
        ("ＡＮＮmargareteweber", "is the name"),
        (GOOD, "the password you have"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused(accounts: Accounts, clock: SetClock, new: str, why: str) -> None:
    one_time = accounts.add(OPERATOR, "Ann Margarete Weber", [Role.AUTHOR])
    token = signed_in(accounts, clock, "Ann Margarete Weber", one_time)
    token = accounts.change_password(token, one_time, GOOD, HERE, clock.now())
    with pytest.raises(Refused, match=why):
        accounts.change_password(token, GOOD, new, HERE, clock.now())
    assert accounts.session(token, clock.now()).id


@pytest.mark.parametrize(
    "new",
    ["exactly12chr", "x y" * 85, "пароль из слов", "🦉🦉🦊🦊🐻🐻🐼🐼🐨🐨🐯🐯", "tab\there, quote'\"", "\x00" + BETTER],
)
def test_any_characters_make_a_password(accounts: Accounts, ann: str, clock: SetClock, new: str) -> None:
    accounts.change_password(ann, GOOD, new, HERE, clock.now())
    assert signed_in(accounts, clock, password=new)
    with pytest.raises(Forbidden):
        signed_in(accounts, clock, password=new + "x")


def test_the_same_password_from_another_keyboard_is_the_same(accounts: Accounts, ann: str, clock: SetClock) -> None:
    composed, decomposed = (unicodedata.normalize(form, "Größe über älles") for form in ("NFC", "NFD"))
    assert composed != decomposed
    accounts.change_password(ann, GOOD, composed, HERE, clock.now())
    assert signed_in(accounts, clock, password=decomposed)


def test_changing_the_password_takes_the_old_one_and_guessing_it_is_limited(
    accounts: Accounts, ann: str, clock: SetClock
) -> None:
    for _ in range(sessions.FREE_OF_A_NAME):
        with pytest.raises(Forbidden):
            accounts.change_password(ann, "not the old one", BETTER, HERE, clock.now())
    with pytest.raises(Refused, match="Wait"):
        accounts.change_password(ann, GOOD, BETTER, HERE, clock.now())


@pytest.mark.usefixtures("in_earnest")
def test_a_password_is_kept_as_argon2id_with_the_parameters_of_the_standard() -> None:
    kept = Passwords().hashed(GOOD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert Passwords().fits(kept, GOOD)
    assert not Passwords().fits(kept, BETTER)
    assert not Passwords().fits(kept, "x" * 100_000)


# Sessions


def test_a_session_ends_after_half_an_hour_without_use(accounts: Accounts, ann: str, clock: SetClock) -> None:
    for _ in range(10):
        clock.instant += sessions.IDLE - sessions.SEEN_EVERY
        assert accounts.session(ann, clock.now()).last_seen < clock.now()
    clock.instant += sessions.IDLE
    assert "30 minutes" in is_over(accounts, clock, ann)


def test_reading_page_after_page_does_not_write_each_time(
    empty_kb: KnowledgeBase, accounts: Accounts, ann: str, clock: SetClock
) -> None:
    written: list[str] = []
    event.listen(empty_kb._store._engine, "before_cursor_execute", lambda *told: written.append(told[2][:6]))
    for _ in range(50):
        clock.forward(seconds=1)
        accounts.session(ann, clock.now())
    assert "UPDATE" not in written


def test_a_session_ends_after_twelve_hours_however_busy(accounts: Accounts, ann: str, clock: SetClock) -> None:
    end = clock.now() + sessions.LONGEST
    while clock.now() + timedelta(minutes=20) < end:
        clock.forward(minutes=20)
        accounts.session(ann, clock.now())
    clock.instant = end - timedelta(seconds=1)
    accounts.session(ann, clock.now())
    clock.instant = end
    assert "12 hours" in is_over(accounts, clock, ann)


@pytest.mark.parametrize("deed", range(3))
def test_a_session_ends_with_any_change_of_its_account(
    accounts: Accounts, ann: str, clock: SetClock, deed: int
) -> None:
    (set_roles, disable, _, reset) = deeds_on(accounts, OPERATOR, "Ann Weber")
    (set_roles, disable, reset)[deed]()
    assert "was changed" in is_over(accounts, clock, ann)
    assert accounts.sessions(OPERATOR) == ()


def test_each_sign_in_has_a_token_of_its_own_and_signing_out_ends_just_that(
    accounts: Accounts, ann: str, clock: SetClock
) -> None:
    tokens = [ann, *(signed_in(accounts, clock) for _ in range(3))]
    assert len(set(tokens)) == 4
    assert all(len(token) >= 43 for token in tokens)
    accounts.sign_out(tokens[1])
    accounts.sign_out(tokens[1])
    assert "not signed in" in is_over(accounts, clock, tokens[1])
    assert accounts.sign_out_elsewhere(tokens[2], clock.now()) == 2
    assert accounts.session(tokens[2], clock.now()).id
    for token in (ann, tokens[3], "", "made up", "\ud800"):
        assert "not signed in" in is_over(accounts, clock, token)


def test_an_administrator_sees_who_is_signed_in_and_can_end_it(accounts: Accounts, ann: str, clock: SetClock) -> None:
    accounts.sign_in("Ann Weber", GOOD, "2001:db8:1:2:3:4:5:6", clock.now())
    found = accounts.sessions(OPERATOR, "ann weber")
    assert {each.network for each in found} == {HERE, "2001:db8:1:2::/64"}
    assert accounts.sessions(OPERATOR, "Somebody Else") == ()
    mine = accounts.session(ann, clock.now())
    accounts.revoke(OPERATOR, mine.id)
    is_over(accounts, clock, ann)
    with pytest.raises(NotFound):
        accounts.revoke(OPERATOR, mine.id)


def test_a_person_sees_where_they_are_signed_in_and_ends_only_their_own(
    accounts: Accounts, ann: str, clock: SetClock
) -> None:
    bea = signed_in(accounts, clock, "Bea", accounts.add(OPERATOR, "Bea", [Role.AUTHOR]))
    signed_in(accounts, clock)
    mine = accounts.own_sessions(ann, clock.now())
    assert [each.actor.name for each in mine] == ["Ann Weber"] * 2
    assert mine[0] == accounts.session(ann, clock.now())
    with pytest.raises(NotFound):
        accounts.end_own_session(ann, accounts.session(bea, clock.now()).id, clock.now())
    accounts.end_own_session(ann, mine[1].id, clock.now())
    assert accounts.own_sessions(ann, clock.now()) == mine[:1]
    assert accounts.session(bea, clock.now()).id


def test_no_password_and_no_token_is_ever_written_down(
    empty_kb: KnowledgeBase, accounts: Accounts, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = [accounts.add(OPERATOR, "Ann Weber", [Role.AUTHOR])]
    secrets.append(signed_in(accounts, clock, password=secrets[0]))
    secrets += [GOOD, accounts.change_password(secrets[1], secrets[0], GOOD, HERE, clock.now())]
    typed_in_the_wrong_box = "my very own password 1"
    errors: list[str] = []
    for name, password in (("Ann Weber", "wrong guess of mine"), (typed_in_the_wrong_box, "x")):
        with pytest.raises(Forbidden) as caught:
            accounts.sign_in(name, password, HERE, clock.now())
        errors.append(str(caught.value))
    secrets += [typed_in_the_wrong_box, "wrong guess of mine", accounts.reset(OPERATOR, "Ann Weber")]
    kept = b"".join(path.read_bytes() for path in empty_kb.settings.data.rglob("*") if path.is_file())
    said = " ".join([caplog.text, *errors, *(str(each) for each in empty_kb._store.events())])
    for secret in secrets:
        assert secret.encode() not in kept
        assert secret not in said


@pytest.mark.parametrize(("address", "own"), [("localhost", True), ("127.8.8.8", True), ("testclient", False)])
def test_an_address_is_this_computers_own_or_not(address: str, own: bool) -> None:
    assert is_loopback(address) is own


def test_names_are_compared_in_one_way() -> None:
    assert folded(" Ann\u00a0 WEBER ") == "ann weber"


def test_the_last_sign_in_is_known_and_changes_nothing_else(accounts: Accounts, ann: str, clock: SetClock) -> None:
    accounts.add(OPERATOR, "Bea", [Role.AUTHOR])
    signed_in(accounts, clock)
    clock.forward(hours=1)
    second = signed_in(accounts, clock)
    with pytest.raises(Forbidden):
        signed_in(accounts, clock, password="not the password")
    (found, never) = accounts.list(OPERATOR)
    assert (found.last_sign_in, never.last_sign_in) == (clock.now(), None)
    assert accounts.account(OPERATOR, found.id) == found
    assert accounts.session(second, clock.now()).actor.name == "Ann Weber"
    with pytest.raises(NotFound, match="list of accounts"):
        accounts.account(OPERATOR, 99)
