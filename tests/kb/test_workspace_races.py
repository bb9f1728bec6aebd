"""The workspace under many hands, on a bad disk and behind its back: no word lost, one publication, the rules kept."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kb.access import Actor, Role
from kb.beginnings import NewSection, TextInForce
from kb.drafting import Content, Draft, Overtaken
from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.blocks import paragraph
from procedures.errors import Fault, Refused
from tests.conftest import SetClock
from tests.kb.editors import ANN, CAROL, DAVE, approved, reworded

WORDS = "Ring the front door before the end of the day."

# The database stands behind the rules


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO draft_approvals SELECT id, 'ann', 'Ann', 'seal', saved_at FROM drafts",
        "UPDATE drafts SET state = 'approved'",
        "UPDATE drafts SET state = 'published anyhow'",
        "INSERT INTO revisions SELECT id + 9999, section, revision + 99, kind, number, title, body_hash, content_hash,"
        " change_note, importance, 'Ben, Ann', 'ANN', based_on, in_force_from, published_at, as_recorded_by_source,"
        " reviewed_on, review_due, agencies, themes, withdrawal_reason, successor, contact, seq FROM revisions LIMIT 1",
    ],
)
def test_the_database_refuses_an_approval_by_a_writer(kb: KnowledgeBase, folder: Path, sql: str) -> None:
    kb.workspace.start(ANN, TextInForce("brue"))
    with closing(sqlite3.connect(folder / "manual.db")) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(sql)


def test_the_database_voids_an_approval_with_the_text(kb: KnowledgeBase, folder: Path) -> None:
    draft, _ = approved(kb)
    with closing(sqlite3.connect(folder / "manual.db")) as connection, connection:
        connection.execute("UPDATE drafts SET content = replace(content, 'baby', 'child')")
    with pytest.raises(Refused, match="not approved"):
        kb.workspace.release(CAROL, [draft.id])


# Many at once


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Do everything at the same moment; return what each gave or raised."""
    gate, results = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(place: int, task: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[place] = task()  # type: ignore[call-overload]
        except Exception as error:
            results[place] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=each) for each in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(results)


def test_fifty_people_saving_at_once_lose_no_word(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft = work.start(ANN, NewSection("Everybody", "8.97"))

    def add(name: str) -> Draft:
        actor = Actor(name, frozenset({Role.AUTHOR}))
        now = work.draft(actor, draft.id).draft
        while True:
            content = replace(now.content, blocks=(*now.content.blocks, paragraph(f"Words of {name}.")))
            try:
                return work.save(actor, draft.id, content, now.version)
            except Overtaken as overtaken:
                now = overtaken.draft

    names = [f"Writer {number}" for number in range(50)]
    done = at_once(*(lambda name=name: add(name) for name in names))
    assert [each for each in done if isinstance(each, Exception)] == []
    now = work.draft(ANN, draft.id).draft
    assert {block.parts[0].text for block in now.content.blocks} == {f"Words of {name}." for name in names}
    assert now.version == len(names) + 1
    assert set(now.contributors) == {"Ann", *names}


def test_two_approvers_publishing_at_once_publish_once(kb: KnowledgeBase) -> None:
    draft, _ = approved(kb, reworded_to=WORDS)
    before = len(kb.history("brue").entries)
    done = at_once(*(lambda who=who: kb.workspace.release(who, [draft.id]) for who in (CAROL, DAVE)))
    assert [type(each) for each in done if isinstance(each, Exception)] == [Refused]
    assert len(kb.history("brue").entries) == before + 1


def test_two_approvals_at_once_are_one(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    draft = work.save(ANN, draft.id, reworded(draft, WORDS), draft.version)
    seal = work.submit(ANN, draft.id)
    done = at_once(*(lambda who=who: work.approve(who, draft.id, seal) for who in (CAROL, DAVE)))
    assert [type(each) for each in done if each is not None] == [Refused]


def test_a_save_the_database_refuses_leaves_the_draft_as_it_was_and_no_word_in_a_log(
    kb: KnowledgeBase, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    with closing(sqlite3.connect(folder / "manual.db")) as connection:
        connection.execute("CREATE TRIGGER no_more BEFORE INSERT ON draft_versions BEGIN SELECT RAISE(ABORT, 'x'); END")
    with pytest.raises(Fault) as refusal:
        work.save(ANN, draft.id, reworded(draft, WORDS), draft.version)
    assert caplog.text
    assert WORDS not in caplog.text + str(refusal.value)
    assert work.draft(ANN, draft.id).draft == draft


def test_drafts_are_there_after_a_restart(folder: Path, clock: SetClock) -> None:
    with KnowledgeBase.open(Settings(data=folder), clock) as opened:
        draft = opened.workspace.start(ANN, TextInForce("brue"))
        draft = opened.workspace.save(ANN, draft.id, reworded(draft, WORDS), draft.version)
    with KnowledgeBase.open(Settings(data=folder), clock) as opened:
        assert opened.workspace.draft(ANN, draft.id).draft == draft


def test_content_that_is_empty_is_kept_too(kb: KnowledgeBase) -> None:
    draft = kb.workspace.start(ANN, NewSection("Empty", "8.96"))
    saved = kb.workspace.save(ANN, draft.id, Content(title="", blocks=(paragraph(""),)), draft.version)
    assert kb.workspace.draft(ANN, draft.id).draft.content == saved.content
