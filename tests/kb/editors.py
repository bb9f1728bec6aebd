"""The people who edit in tests, and what they do again and again."""

from dataclasses import replace
from typing import Any

from kb.access import Actor, Role
from kb.beginnings import TextInForce
from kb.drafting import Content, Draft
from kb.service import KnowledgeBase
from procedures.blocks import paragraph
from procedures.model import Revision

ANN = Actor("Ann", frozenset({Role.AUTHOR}))
BEN = Actor("Ben", frozenset({Role.AUTHOR}))
CAROL = Actor("Carol", frozenset({Role.APPROVER}))
DAVE = Actor("Dave", frozenset({Role.APPROVER}))
ERIN = Actor("Erin", frozenset({Role.AUTHOR, Role.APPROVER}))
AUDITOR = Actor("Audrey", frozenset({Role.AUDITOR}))


def reworded(draft: Draft, words: str) -> Content:
    """Give the first paragraph of a draft other words, and the draft a note."""
    place = next((place for place, block in enumerate(draft.content.blocks) if block.is_paragraph), None)
    blocks = draft.content.blocks
    if place is None:
        return replace(draft.content, blocks=(*blocks, paragraph(words)), change_note="Words.")
    changed = paragraph(words, blocks[place].pid, blocks[place].area)
    return replace(draft.content, blocks=(*blocks[:place], changed, *blocks[place + 1 :]), change_note="Words.")


def approved(
    kb: KnowledgeBase, key: str = "brue", *, reworded_to: str = "Other words.", **facts: Any
) -> tuple[Draft, str]:
    """Have Ann write a change of a section and Carol approve it; return the draft and the seal."""
    draft = kb.workspace.start(ANN, TextInForce(key))
    draft = kb.workspace.save(ANN, draft.id, replace(reworded(draft, reworded_to), **facts), draft.version)
    seal = kb.workspace.submit(ANN, draft.id)
    kb.workspace.approve(CAROL, draft.id, seal)
    return kb.workspace.draft(ANN, draft.id).draft, seal


def published(kb: KnowledgeBase, words: str, key: str = "brue") -> tuple[Draft, Revision]:
    """Have a change of a section published."""
    draft, _ = approved(kb, key, reworded_to=words)
    (revision,) = kb.workspace.release(CAROL, [draft.id])
    return draft, revision
