"""Killed in the middle of writing, approving or releasing, the workspace keeps what it said it had."""

import random
from pathlib import Path

from kb.access import Actor, Role
from kb.drafting import State
from kb.service import KnowledgeBase
from kb.settings import Settings
from tests.stories.test_crash import worked_until_killed
from tests.stories.worker import PAIR

ROUNDS = 6
READER = Actor("Reader", frozenset({Role.AUDITOR}))


def test_killing_an_editor_loses_no_save_and_releases_all_or_none(tmp_path: Path) -> None:
    folder, chance = tmp_path / "data", random.Random(2026)  # noqa: S311
    told: list[str] = []
    for _ in range(ROUNDS):
        told += worked_until_killed("release", folder, 0.3 + chance.random())
        with KnowledgeBase.open(Settings(data=folder), create=True) as kb:
            assert kb.check().problems == ()
            assert kb.health().ok
            for words in (line.split() for line in told):
                check(kb, *words)
            there = {section.key for part in kb.contents() for section in part.sections}
            views = [kb.section(key) for key in PAIR if key in there]
            if len(views) == len(PAIR):
                assert len({view.revision.revision for view in views}) == 1, "both were released, or neither"
    assert [line for line in told if line.startswith("released")], "some must have got that far"


def check(kb: KnowledgeBase, what: str, *words: str) -> None:
    """Hold the manual to one thing it has said."""
    if what == "released":
        for ref in words:
            key, number = ref.split("@")
            assert kb.revision(key, int(number)).revision.approver == "Editor"
        return
    draft_id, version, word = words
    view = kb.workspace.draft(READER, draft_id)
    assert view.draft.version == int(version)
    assert view.draft.content.change_note == word
    assert view.draft.state in set(State) - {State.WITHDRAWN}
