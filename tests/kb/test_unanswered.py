"""What readers search for in vain: kept cleaned and counted, for a time, and only where it led nowhere."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import SQLAlchemyError

from kb.cli import main
from kb.unanswered import KEPT, MOST_NEW, State, wording
from procedures.errors import Invalid, NotFound, Refused
from procedures.model import Sense
from tests.conftest import SetClock
from tests.kb.editors import ANN, AUDITOR, BEN
from tests.kb.readers import search_in_vain, tomorrow

if TYPE_CHECKING:
    from kb.service import KnowledgeBase

IN_VAIN = "gallivanting wombat"


def search(kb: KnowledgeBase, typed: str, times: int = 1) -> None:
    for _ in range(times):
        kb.searches.note(kb.search(typed))


def listed(kb: KnowledgeBase) -> dict[str, tuple[int, int]]:
    return {each.words: (each.not_found, each.not_opened) for each in kb.searches.listed(ANN)}


def rows(kb: KnowledgeBase, table: str) -> list[Any]:
    with kb._store.read() as connection:
        return list(connection.exec_driver_sql(f"SELECT * FROM {table}"))  # noqa: S608 - ours


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Funny   TURN ", "funny turn"),
        ("wombat!", "wombat"),
        ("wombat 943 476 5919", "wombat [nhs number removed]"),
        ("wombat 943 476 5918", "wombat [number removed]"),  # mistyped, and no NHS number
        ("wombat born 3/4/2019", "wombat born [date removed]"),
        ("wombat 12345", "wombat [number removed]"),
        ("8.38.6 in 2016", "8.38.6 in 2016"),
        ("a boy called jayden smith wombat", "a boy called [name removed] wombat"),
        ("Jayden Smith wombat", "[name removed] wombat"),
        ("wombat of Jayden", "wombat of [name removed]"),
        ("Wombat of jayden", "wombat of jayden"),  # the first word has a capital on every telephone
        ("FGM and MARAC", "fgm and marac"),
        ("jo.bloggs@example.org", None),
        ("Jayden Smith", None),
        ("?!", None),
        ("", None),
        (" ".join(["word"] * 13), None),  # a case, not a search
    ],
)
def test_a_search_is_kept_without_what_tells_of_a_person(typed: str, kept: str | None) -> None:
    assert wording(typed) == kept


def test_a_title_that_the_manual_knows_is_not_taken_for_a_name() -> None:
    assert wording("Child Protection wombat", ("child", "protection")) == "child protection wombat"
    assert wording("Child Wombat wombat", ("child",)) == "[name removed] wombat"


@given(st.text(max_size=120))
def test_whatever_is_typed_no_long_number_is_kept(typed: str) -> None:
    assert not re.search("[0-9]{5}", wording(typed) or "")


def test_what_finds_nothing_is_added_up_whatever_its_capitals(empty_kb: KnowledgeBase, clock: SetClock) -> None:
    search_in_vain(empty_kb, clock, IN_VAIN)
    search(empty_kb, IN_VAIN)
    search(empty_kb, "Gallivanting  WOMBAT")
    search_in_vain(empty_kb, clock, "zzqqxx")
    first, second = empty_kb.searches.listed(ANN)
    assert (first.words, first.times, first.not_found) == (IN_VAIN, 4, 4)
    assert (first.last - first.first).days == 1
    assert (second.words, second.state) == ("zzqqxx", State.OPEN)


def test_what_finds_nothing_only_once_on_a_day_is_forgotten_with_it(empty_kb: KnowledgeBase, clock: SetClock) -> None:
    for _ in range(3):
        search(empty_kb, "jayden wombat")
        assert listed(empty_kb) == {}
        tomorrow(empty_kb, clock)
        assert listed(empty_kb) == {}
    assert rows(empty_kb, "search_tallies") == rows(empty_kb, "unanswered_searches") == []


def test_a_search_that_finds_something_is_forgotten_when_the_day_is_over(kb: KnowledgeBase, clock: SetClock) -> None:
    search(kb, "brue", 2)
    search(kb, "bruise", 5)
    kb.searches.opened("bruise")
    assert listed(kb) == {}
    assert len(rows(kb, "search_tallies")) == 2
    tomorrow(kb, clock)
    assert listed(kb) == {}
    assert rows(kb, "search_tallies") == rows(kb, "unanswered_searches") == []


def test_what_was_shown_three_times_on_a_day_and_never_opened_led_nowhere(kb: KnowledgeBase, clock: SetClock) -> None:
    search(kb, "bruise", 3)
    tomorrow(kb, clock)
    assert listed(kb) == {"bruise": (0, 3)}
    search(kb, "bruise", 2)
    tomorrow(kb, clock)
    search(kb, "bruise", 3)
    kb.searches.opened("Bruise ")
    tomorrow(kb, clock)
    assert listed(kb) == {"bruise": (0, 3)}


def test_only_plain_searches_of_the_text_of_today_count(empty_kb: KnowledgeBase, clock: SetClock) -> None:
    empty_kb.searches.note(empty_kb.search(IN_VAIN, on=empty_kb.today().replace(year=2016)))
    empty_kb.searches.note(empty_kb.search(IN_VAIN, seen=empty_kb.today().replace(year=2019)))
    empty_kb.searches.note(empty_kb.search(IN_VAIN, offset=10))
    tomorrow(empty_kb, clock)
    assert listed(empty_kb) == {}


def test_after_400_days_it_is_deleted(empty_kb: KnowledgeBase, clock: SetClock) -> None:
    search_in_vain(empty_kb, clock, IN_VAIN)
    assert listed(empty_kb)
    clock.forward(days=KEPT.days)
    assert listed(empty_kb) == {}
    search_in_vain(empty_kb, clock, "zzqqxx")
    assert listed(empty_kb)
    assert [row.words for row in rows(empty_kb, "unanswered_searches")] == ["zzqqxx"]


def test_a_day_takes_only_so_many_new_wordings(empty_kb: KnowledgeBase, clock: SetClock) -> None:
    with empty_kb._store.write("test", empty_kb.now) as transaction:
        sql = "INSERT INTO unanswered_searches (words, first_day, last_day, not_found, not_opened, state) "
        for number in range(MOST_NEW):
            row = (f"no {number}", "2026-11-23", "2026-11-23")
            transaction.connection.exec_driver_sql(f"{sql} VALUES (?, ?, ?, 1, 0, 'open')", row)
    search(empty_kb, IN_VAIN, 2)
    search_in_vain(empty_kb, clock, "no 7")
    found = listed(empty_kb)
    assert IN_VAIN not in found
    assert found["no 7"] == (3, 0)
    assert len(found) == MOST_NEW
    search_in_vain(empty_kb, clock, IN_VAIN)
    assert IN_VAIN in listed(empty_kb)


def test_counting_never_fails_a_search_and_tells_the_log_no_word_of_it(
    empty_kb: KnowledgeBase, clock: SetClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise SQLAlchemyError(f"INSERT ... [parameters: ('{IN_VAIN}')]")

    with monkeypatch.context() as patch:
        patch.setattr("kb.unanswered.keep", broken)
        search(empty_kb, IN_VAIN, 2)
        empty_kb.searches.close()
        patch.setattr("kb.unanswered.wording", broken)
        search(empty_kb, IN_VAIN)
    assert "could not be kept: SQLAlchemyError" in caplog.text
    assert "wombat" not in caplog.text
    tomorrow(empty_kb, clock)
    assert listed(empty_kb) == {IN_VAIN: (2, 0)}, "what could not be written waited"


def test_what_waits_is_written_at_last_when_the_program_ends(empty_kb: KnowledgeBase) -> None:
    search(empty_kb, IN_VAIN)
    assert rows(empty_kb, "search_tallies") == [], "once in ten seconds is enough"
    alarm = empty_kb.searches._alarm
    assert alarm is not None
    empty_kb.searches.close()
    assert len(rows(empty_kb, "search_tallies")) == 1
    alarm.join(5)
    assert not alarm.is_alive(), "nothing is left running"


def test_a_count_is_written_soon_though_nobody_searches_after_it(
    empty_kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.searches.SELDOM", timedelta(milliseconds=10))
    for count in (1, 2):
        search(empty_kb, f"wombat {count}")
        deadline = time.monotonic() + 10
        while len(rows(empty_kb, "search_tallies")) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(rows(empty_kb, "search_tallies")) == count


def test_what_could_not_be_written_is_tried_again_though_nobody_searches_after_it(
    empty_kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def broken(*_: object) -> None:
        tried.append(1)
        raise SQLAlchemyError("locked")

    monkeypatch.setattr("kb.searches.SELDOM", timedelta(milliseconds=10))
    monkeypatch.setattr("kb.unanswered.keep", broken)
    search(empty_kb, IN_VAIN)
    deadline = time.monotonic() + 10
    while len(tried) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(tried) >= 2
    empty_kb.searches.close()
    assert empty_kb.searches._alarm is None


def test_nobody_waits_for_what_is_counted_to_be_written(
    empty_kb: KnowledgeBase, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.searches.SELDOM", timedelta(0))
    with empty_kb._store.write("somebody else", empty_kb.now):  # nobody else can write meanwhile
        search(empty_kb, IN_VAIN, 2)
        assert empty_kb.searches._counted or empty_kb.searches._writing.locked()
    tomorrow(empty_kb, clock)
    assert listed(empty_kb) == {IN_VAIN: (2, 0)}


def test_nothing_of_it_is_in_the_log_of_the_manual(
    empty_kb: KnowledgeBase, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    head = empty_kb.health().head
    search_in_vain(empty_kb, clock, IN_VAIN)
    one = empty_kb.searches.listed(ANN)[0]
    empty_kb.searches.set_aside(ANN, one.id, State.GAP)
    empty_kb.searches.delete(ANN, one.id)
    assert empty_kb.health().head == head
    assert "wombat" not in caplog.text
    assert empty_kb.check().problems == ()


# What editors make of it


def the_search(kb: KnowledgeBase, clock: SetClock, typed: str = IN_VAIN) -> int:
    search_in_vain(kb, clock, typed)
    return next(each.id for each in kb.searches.listed(ANN) if each.words == typed)


def test_a_best_answer_leads_just_that_search_to_a_section_and_its_effect_is_measured(
    kb: KnowledgeBase, clock: SetClock
) -> None:
    number = the_search(kb, clock)
    kb.searches.make_answer(ANN, number, IN_VAIN, "brue")
    looked = kb.searches.look(AUDITOR, number)
    assert looked.search.state is State.ANSWER
    assert looked.search.decision is not None
    assert (looked.search.decision.by, looked.search.decision.section) == ("Ann", "brue")
    assert (looked.search.decision.before, looked.search.decision.after, looked.place) == (0, 1, 1)
    assert kb.search(IN_VAIN).destinations[0].key == "brue"
    assert not kb.search(f"{IN_VAIN} today").destinations
    event = next(event for event in reversed(kb._store.events()) if event.action == "term")
    assert (event.actor, event.subject) == ("Ann", "gallivanting-wombat")


def test_everyday_words_lead_every_search_they_stand_in(kb: KnowledgeBase, clock: SetClock) -> None:
    number = the_search(kb, clock)
    kb.searches.make_term(BEN, number, "wombat", "bruising-non-mobile")
    decision = kb.searches.look(ANN, number).search.decision
    assert decision is not None
    assert decision.before == 0
    assert decision.after == 1
    assert kb.search("wombat in the kitchen").results[0].key == "bruising-non-mobile"


def test_words_that_mean_something_already_get_another_meaning(kb: KnowledgeBase, clock: SetClock) -> None:
    number = the_search(kb, clock)
    before = kb._store.record().terms["went-blue"]
    kb.searches.make_answer(ANN, number, "Went blue", "safer-sleep")
    after = kb._store.record().terms["went-blue"]
    assert after.senses == (*before.senses, Sense("Safer Sleep", (), "safer-sleep"))
    with pytest.raises(Refused, match="leads to this section already"):
        kb.searches.make_answer(ANN, number, "turned blue", "brue")


def test_another_term_of_the_same_key_is_left_alone(kb: KnowledgeBase, clock: SetClock) -> None:
    number = the_search(kb, clock)
    kb.searches.make_answer(ANN, number, "went-blue", "safer-sleep")
    terms = kb._store.record().terms
    assert terms["went-blue"].term == "went blue"
    assert terms["went-blue-2"].term == "went-blue"


def test_what_cannot_become_a_term_is_refused_and_nothing_is_written(kb: KnowledgeBase, clock: SetClock) -> None:
    number, head = the_search(kb, clock), kb.head()
    for words, section, said in (
        ("", "brue", "Write the words"),
        ("?", "brue", "Write the words"),
        ("x" * 81, "brue", "Use up to 80 characters"),
        ("a boy called Jo Bloggs", "brue", "Take out what tells of a person"),
        ("[name removed] wombat", "brue", "Take out what tells of a person"),
        ("wombat", "nowhere", "Choose a section that is in force"),
        ("wombat", "", "Choose a section that is in force"),
    ):
        with pytest.raises((Invalid, NotFound), match=said):
            kb.searches.make_term(ANN, number, words, section)
    assert kb.head() == head
    assert kb.searches.listed(ANN)[0].state is State.OPEN


def test_a_gap_is_noted_with_who_noted_it_and_can_be_put_back(empty_kb: KnowledgeBase, clock: SetClock) -> None:
    number = the_search(empty_kb, clock)
    empty_kb.searches.set_aside(ANN, number, State.GAP)
    (gap,) = empty_kb.searches.listed(ANN)
    assert (gap.state, gap.decision and gap.decision.by, gap.came_again) == (State.GAP, "Ann", False)
    search_in_vain(empty_kb, clock, IN_VAIN)
    assert not empty_kb.searches.listed(ANN)[0].came_again, "on the very day"
    search_in_vain(empty_kb, clock, IN_VAIN)
    assert empty_kb.searches.listed(ANN)[0].came_again
    empty_kb.searches.set_aside(ANN, number, State.OPEN)
    assert empty_kb.searches.listed(ANN)[0].decision is None


def test_what_was_led_to_a_section_stays_led(kb: KnowledgeBase, clock: SetClock) -> None:
    number = the_search(kb, clock)
    kb.searches.make_answer(ANN, number, IN_VAIN, "brue")
    with pytest.raises(Refused, match="stays with the manual"):
        kb.searches.set_aside(ANN, number, State.OUT_OF_SCOPE)


def test_words_that_tell_of_somebody_are_deleted_at_once(empty_kb: KnowledgeBase, clock: SetClock) -> None:
    number = the_search(empty_kb, clock, "zeblin wombat")
    search(empty_kb, "zeblin wombat")
    empty_kb.searches.close()
    search(empty_kb, "zeblin wombat", 2)
    search(empty_kb, "wombat")
    empty_kb.searches.delete(ANN, number)
    assert rows(empty_kb, "unanswered_searches") == rows(empty_kb, "search_tallies") == []
    for file in empty_kb.settings.data.glob("manual.db*"):
        assert b"zeblin" not in file.read_bytes(), "nor in the write-ahead file"
    tomorrow(empty_kb, clock)
    assert [row.words for row in rows(empty_kb, "search_tallies")] == ["wombat"]
    for gone in (number, 2**70):
        with pytest.raises(NotFound, match="no such search any more"):
            empty_kb.searches.look(ANN, gone)


def test_editors_list_it_at_the_command_line(
    kb: KnowledgeBase,
    folder: Path,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("kb.service.SystemClock", lambda: clock)

    def printed(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["kb", "--data", str(folder), "searches", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert not stopped.value.code
        return capsys.readouterr().out

    assert "No search has led nowhere" in printed()
    kb.searches.make_answer(ANN, the_search(kb, clock), IN_VAIN, "brue")
    assert json.loads(printed("--json")) == {
        "searches": [
            {
                "words": IN_VAIN,
                "first": "2026-11-23",
                "last": "2026-11-23",
                "not_found": 2,
                "not_opened": 0,
                "state": "best answer",
                "decided_by": "Ann",
                "decided_on": "2026-11-24",
                "section": "brue",
                "place_before": 0,
                "place_after": 1,
            }
        ]
    }
    assert IN_VAIN in printed()
