"""What readers say about a page: kept cleaned, for a time, and never more than a day may bring."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.cli import main
from kb.feedback import KEPT, LONGEST, MOST_A_DAY, Opinion, Reason
from procedures.errors import Invalid, NotFound, Refused

if TYPE_CHECKING:
    from kb.service import KnowledgeBase
    from tests.conftest import SetClock

WRONG = Opinion("brue", 4, False, Reason.WRONG, "The number 01632 960101 is wrong, says a man called Joe Bloggs.")


def test_an_opinion_is_kept_for_the_editors_without_what_tells_of_a_person(kb: KnowledgeBase) -> None:
    kb.keep_feedback(WRONG)
    (kept,) = kb.feedback()
    assert (kept.opinion.section, kept.opinion.revision, kept.opinion.reason) == ("brue", 4, "wrong")
    assert kept.opinion.words == "The number [telephone number removed] is wrong, says a man called [name removed]."
    assert kept.day == kb.today()


def test_the_newest_comes_first_and_a_paragraph_is_named_only_where_there_is_one(
    kb: KnowledgeBase, clock: SetClock
) -> None:
    pid = kb.section("brue").paragraphs[3].pid
    kb.keep_feedback(Opinion("brue", 4, True, pid="p-222222"))
    clock.forward(hours=1)
    kb.keep_feedback(Opinion("brue", 4, False, Reason.HARD, pid=pid))
    assert [each.opinion.pid for each in kb.feedback()] == [pid, None]


def test_after_400_days_it_is_deleted_on_the_way(kb: KnowledgeBase, clock: SetClock) -> None:
    kb.keep_feedback(WRONG)
    clock.forward(days=KEPT.days, minutes=1)
    kb.keep_feedback(Opinion("brue", 4, True))
    with kb._store.read() as connection:
        rows = connection.exec_driver_sql("SELECT useful FROM feedback").all()
    assert [row.useful for row in rows] == [1]


def test_a_day_takes_only_so_many_so_that_nobody_can_fill_the_disk(kb: KnowledgeBase, clock: SetClock) -> None:
    with kb._store.write("test", kb.now) as transaction:
        row = "INSERT INTO feedback (at, section, revision, useful, words) VALUES (?, 'brue', 4, 1, '')"
        for _ in range(MOST_A_DAY):
            transaction.connection.exec_driver_sql(row, (kb.now().isoformat(),))
    with pytest.raises(Refused, match="Send yours tomorrow"):
        kb.keep_feedback(WRONG)
    assert len(kb.feedback()) == MOST_A_DAY
    clock.forward(days=1, minutes=1)
    kb.keep_feedback(WRONG)
    assert len(kb.feedback()) == MOST_A_DAY + 1


def test_nothing_of_it_is_in_the_log_and_the_record_stays_whole(kb: KnowledgeBase) -> None:
    head = kb.health().head
    kb.keep_feedback(WRONG)
    assert kb.health().head == head
    assert kb.check().problems == ()


def test_nothing_a_terminal_would_obey_is_kept(kb: KnowledgeBase) -> None:
    kb.keep_feedback(Opinion("brue", 4, False, Reason.OTHER, "Red \x1b[31m\u202eand\r\nblue\x07."))
    assert kb.feedback()[0].opinion.words == "Red  [31m and \nblue ."


def test_what_the_form_would_not_send_is_refused(kb: KnowledgeBase) -> None:
    with pytest.raises(Invalid, match="Choose why"):
        Opinion("brue", 4, False)
    with pytest.raises(Invalid, match="1 characters too long"):
        Opinion("brue", 4, True, words="x" * (LONGEST + 1))
    with pytest.raises(NotFound):
        kb.keep_feedback(Opinion("brue", 99, True))
    with pytest.raises(NotFound):
        kb.keep_feedback(Opinion("nope", 1, True))
    assert kb.feedback() == ()


def test_editors_list_it_at_the_command_line(
    kb: KnowledgeBase,
    folder: Path,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("kb.service.SystemClock", lambda: clock)

    def listed(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["kb", "--data", str(folder), "feedback", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert not stopped.value.code
        return capsys.readouterr().out

    assert "No reader has said anything" in listed()
    kb.keep_feedback(WRONG)
    assert json.loads(listed("--json")) == {
        "feedback": [
            {
                "day": "2026-11-23",
                "section": "brue",
                "revision": 4,
                "pid": None,
                "useful": False,
                "reason": "wrong",
                "words": "The number [telephone number removed] is wrong, says a man called [name removed].",
            }
        ]
    }
    assert "brue@4  wrong\n" in listed()
