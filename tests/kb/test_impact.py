"""Before the last click: what moves, what binds, who links here, and what search would make of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kb.beginnings import NewSection, TextInForce
from kb.drafting import Content, Draft
from kb.impact import Trial
from kb.service import KnowledgeBase
from procedures import blocks as b
from procedures.align import Difference
from procedures.blocks import paragraph
from procedures.errors import Refused
from tests.kb.editors import ANN, CAROL, approved, reworded


def changed(kb: KnowledgeBase, change: Callable[[Content], Content], key: str = "brue") -> Draft:
    """Start a draft of a section and save a change of it."""
    draft = kb.workspace.start(ANN, TextInForce(key))
    content = replace(change(draft.content), change_note="A change.")
    return kb.workspace.save(ANN, draft.id, content, draft.version)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_numbers_that_move_are_listed(kb: KnowledgeBase) -> None:
    draft = changed(kb, lambda content: replace(content, blocks=b.add(content.blocks, 1, paragraph("First of all."))))
    old = kb.section("brue").paragraphs
    moved = kb.workspace.impact(CAROL, draft.id).renumbered
    assert [(each.pid, each.before) for each in moved] == [(p.pid, p.number) for p in old]
    assert moved[0].after == old[1].number


@pytest.mark.parametrize(
    ("words", "binds"),
    [
        ("You must ring within 2 days.", ("must or should", "a time limit", "a number")),
        ("Words that bind nobody.", ()),
    ],
)
def test_what_binds_is_called_out_first(kb: KnowledgeBase, words: str, binds: tuple[str, ...]) -> None:
    draft = changed(kb, lambda content: replace(content, blocks=b.add(content.blocks, 1, paragraph(words))))
    found = [each for each in kb.workspace.impact(CAROL, draft.id).called_out if each.change.newer]
    assert [each.binds for each in found] == ([binds] if binds else [])
    if found:
        assert found[0].change.change is Difference.ADDED


def test_who_links_here_is_listed_and_what_would_break(kb: KnowledgeBase) -> None:
    pid = kb.section("brue").paragraphs[0].pid
    other = changed(
        kb,
        lambda content: replace(content, blocks=(*content.blocks, paragraph(f"See [it](paragraph:{pid})."))),
        "information-sharing",
    )
    kb.workspace.approve(CAROL, other.id, kb.workspace.submit(ANN, other.id))
    kb.workspace.release(CAROL, [other.id])
    draft = changed(kb, lambda content: replace(content, blocks=b.delete(content.blocks, 1)))
    found = {each.section.key: each for each in kb.workspace.impact(CAROL, draft.id).referrers}
    assert found["information-sharing"].pids == found["information-sharing"].broken == (pid,)
    assert len(found) > 1, "others link to the section as a whole"
    assert all(each.broken == () for key, each in found.items() if key != "information-sharing")


def test_queries_that_gain_or_lose_are_named_and_nothing_is_touched(kb: KnowledgeBase, folder: Path) -> None:
    titles = {key: kb.section(key).title for key in ("brue", "information-sharing")}
    judged = [
        {"q": "zebra crossing", "kind": "new", "relevant": {titles["brue"]: 3}},
        {"q": "infants in hospitals", "kind": "old", "relevant": {titles["brue"]: 3}},
    ]
    (folder / "judgements.jsonl").write_text("\n".join(json.dumps(each) for each in judged))
    draft = changed(kb, lambda content: replace(content, blocks=(paragraph("A zebra crossing."),)))
    head, before = kb.head(), snapshot(folder / "index")
    trial = kb.workspace.impact(CAROL, draft.id).trial
    assert [(each.query, each.before, each.after) for each in trial.gains] == [("zebra crossing", 0.0, 1.0)]
    assert [each.query for each in trial.losses] == ["infants in hospitals"]
    assert trial.refusals == ()
    assert (kb.head(), snapshot(folder / "index")) == (head, before)
    assert kb.search("zebra").total == 0
    assert [path.name for path in folder.glob("being-tried-*")] == []


def test_drafts_released_together_are_tried_out_together(kb: KnowledgeBase, folder: Path) -> None:
    judged = [{"q": "zebra crossing", "kind": "new", "relevant": {kb.section("brue").title: 3}}]
    (folder / "judgements.jsonl").write_text(json.dumps(judged[0]))
    other = kb.section("bruising-non-mobile")
    zebra = (paragraph("A zebra crossing."),)
    first = changed(kb, lambda content: replace(content, number=other.number, blocks=zebra))
    second = changed(kb, lambda content: replace(content, number="8.96"), other.key)
    for draft in (first, second):
        kb.workspace.approve(CAROL, draft.id, kb.workspace.submit(ANN, draft.id))
    assert "number" in str(kb.workspace.impact(CAROL, first.id).trial.left_out), "alone, its number is still taken"
    assert kb.workspace.impact(CAROL, first.id, alone=False).trial == Trial()
    head = kb.head()
    trial = kb.workspace.together(CAROL, [first.id, second.id])
    assert [(each.query, each.after) for each in trial.gains] == [("zebra crossing", 1.0)]
    assert trial.refusals == ()
    assert kb.head() == head
    kb.workspace.take_back(ANN, second.id)
    assert "was not tried out" in str(kb.workspace.together(CAROL, [first.id, second.id]).left_out)


def test_a_file_of_judgements_that_cannot_be_read_is_said_and_hinders_nobody(kb: KnowledgeBase, folder: Path) -> None:
    (folder / "judgements.jsonl").write_text("nonsense")
    draft, _ = approved(kb)
    assert "cannot be read" in str(kb.workspace.impact(CAROL, draft.id).trial.left_out)
    assert kb.workspace.release(CAROL, [draft.id])


def test_a_manual_too_large_to_try_out_says_so(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.impact.MOST_PASSAGES", 3)
    draft, _ = approved(kb)
    assert "not tried out" in str(kb.workspace.impact(CAROL, draft.id).trial.left_out)


@pytest.mark.parametrize("title", ["BRUE", "8.38", "!!!"])
def test_a_title_that_leads_elsewhere_is_refused_before_it_is_published(kb: KnowledgeBase, title: str) -> None:
    work = kb.workspace
    draft = work.start(ANN, NewSection("Something new", "8.90"))
    draft = work.save(ANN, draft.id, replace(reworded(draft, "Words."), title=title), draft.version)
    refusals = work.impact(CAROL, draft.id).trial.refusals
    work.approve(CAROL, draft.id, work.submit(ANN, draft.id))
    head = kb.head()
    if title == "BRUE":
        assert refusals == (), "a section's own title comes before an acronym"
        return
    assert "title" in refusals[0]
    with pytest.raises(Refused, match="Choose another"):
        work.release(CAROL, [draft.id])
    assert kb.head() == head
