"""The workspace: nothing typed is lost, nobody approves their own words, and what is approved is what is published."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from kb.access import Actor, Role
from kb.beginnings import Correction, FromLearning, NewSection, OldText, Pasted, TextInForce, Withdrawal
from kb.drafting import KEPT, Origin, Overtaken, State
from kb.overview import Errand
from kb.service import KnowledgeBase
from procedures import blocks as b
from procedures.blocks import paragraph
from procedures.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from procedures.model import Importance, RevisionKind, Status
from procedures.publication import AttachedFile
from tests.conftest import SetClock
from tests.kb.editors import ANN, AUDITOR, BEN, CAROL, DAVE, approved, published, reworded

WORDS = "Ring the weathervane desk before the end of the day."


def test_a_draft_of_the_text_in_force_says_what_it_says_with_its_ids(kb: KnowledgeBase) -> None:
    draft = kb.workspace.start(ANN, TextInForce("brue"))
    view = kb.section("brue")
    assert [block.pid for block in draft.content.blocks if block.is_paragraph] == [p.pid for p in view.paragraphs]
    assert (draft.content.title, draft.content.number) == (view.title, view.number)
    assert draft.state is State.DRAFT
    assert draft.contributors == ("Ann",)


def test_a_draft_goes_from_hand_to_hand_and_is_in_force_at_once(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    draft = work.save(ANN, draft.id, reworded(draft, WORDS), draft.version)
    seal = work.submit(ANN, draft.id)
    assert [task.errand for task in work.desk(CAROL).tasks if task.draft] == [Errand.REVIEW]
    work.approve(CAROL, draft.id, seal)
    (revision,) = work.release(CAROL, [draft.id])
    assert (revision.author, revision.approver) == ("Ann", "Carol")
    assert kb.section("brue").paragraphs[0].text == WORDS
    assert kb.search("weathervane").results[0].key == "brue"
    assert work.draft(ANN, draft.id).draft.state is State.PUBLISHED
    assert [step.action for step in work.draft(ANN, draft.id).steps] == ["submit draft", "approve draft"]
    assert kb.check().problems == ()


def test_nobody_approves_what_they_helped_to_write(kb: KnowledgeBase) -> None:
    work, both = kb.workspace, Actor("carol", frozenset({Role.AUTHOR, Role.APPROVER}))
    draft = work.start(ANN, TextInForce("brue"))
    draft = work.save(both, draft.id, reworded(draft, WORDS), draft.version)
    seal = work.submit(ANN, draft.id)
    for helper in (both, CAROL):
        with pytest.raises(Refused, match="helped to write"):
            work.approve(helper, draft.id, seal)
    work.approve(DAVE, draft.id, seal)


def test_an_approval_is_void_when_a_character_changes(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft, seal = approved(kb, reworded_to=WORDS)
    again = work.save(BEN, draft.id, replace(draft.content, change_note="Another note."), draft.version)
    assert again.state is State.DRAFT
    assert again.approval is None
    with pytest.raises(Refused, match="needs “approved”"):
        work.release(CAROL, [draft.id])
    work.submit(BEN, draft.id)
    with pytest.raises(Conflict, match="changed since you read it"):
        work.approve(CAROL, draft.id, seal)


def test_saving_the_same_words_again_leaves_an_approval_alone(kb: KnowledgeBase) -> None:
    draft, _ = approved(kb)
    assert kb.workspace.save(ANN, draft.id, draft.content, 1).state is State.APPROVED


def test_a_text_comes_back_with_reasons_that_stay(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    draft = work.save(ANN, draft.id, reworded(draft, WORDS), draft.version)
    work.submit(ANN, draft.id)
    with pytest.raises(Refused, match="Say why"):
        work.reject(CAROL, draft.id, " ")
    work.reject(CAROL, draft.id, "The number is wrong.")
    view = work.draft(ANN, draft.id)
    assert view.draft.state is State.DRAFT
    assert (view.steps[-1].actor, view.steps[-1].words) == ("Carol", "The number is wrong.")


def test_a_second_person_is_told_before_losing_a_word_and_shown_both_texts(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    theirs, yours = reworded(draft, "Ben's words."), reworded(draft, "Ann's words.")
    work.save(BEN, draft.id, theirs, draft.version)
    with pytest.raises(Overtaken, match="Ben has saved this draft") as conflict:
        work.save(ANN, draft.id, yours, draft.version)
    assert conflict.value.by == "Ben"
    assert (conflict.value.theirs, conflict.value.yours) == (theirs, yours)
    kept = next(each for each in work.versions(ANN, draft.id) if each.version is None)
    assert work.version(ANN, draft.id, kept.id) == yours
    assert "words" not in str(conflict.value).replace("two texts", "")


def test_every_version_can_be_listed_and_taken_back_for_thirty_days(kb: KnowledgeBase, clock: SetClock) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    first = draft.content
    for turn in range(3):
        clock.forward(minutes=1)
        draft = work.save(ANN, draft.id, reworded(draft, f"Turn {turn}."), draft.version)
    assert [each.version for each in work.versions(ANN, draft.id)] == [4, 3, 2, 1]
    oldest = work.versions(ANN, draft.id)[-1]
    draft = work.restore(BEN, draft.id, oldest.id, draft.version)
    assert draft.content == first
    assert draft.contributors == ("Ann", "Ben")
    clock.instant += KEPT + timedelta(days=1)
    draft = work.save(ANN, draft.id, reworded(draft, "Later."), draft.version)
    assert [each.version for each in work.versions(ANN, draft.id)] == [6, 5], "the last one was replaced just now"
    for gone in (oldest.id, 2**70):
        with pytest.raises(NotFound):
            work.version(ANN, draft.id, gone)


def test_a_draft_that_is_done_goes_after_thirty_days_and_one_that_is_open_stays(
    kb: KnowledgeBase, clock: SetClock
) -> None:
    work = kb.workspace
    done, stays = published(kb, WORDS)[0], work.start(ANN, TextInForce("information-sharing"))
    clock.instant += KEPT + timedelta(days=1)
    work.save(ANN, stays.id, reworded(stays, "More."), stays.version)
    with pytest.raises(NotFound):
        work.draft(ANN, done.id)
    assert work.draft(ANN, stays.id).draft.state is State.DRAFT


def test_drafts_have_ids_nobody_guesses(kb: KnowledgeBase) -> None:
    ids = {kb.workspace.start(ANN, TextInForce("brue")).id for _ in range(20)}
    assert len(ids) == 20
    assert {len(each) for each in ids} == {32}


# Beginnings


def test_a_new_section_gets_its_key_from_its_title(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft = work.start(ANN, NewSection("Child’s Neglect", "8.77"))
    assert draft.section == "childs-neglect"
    assert work.start(ANN, NewSection("Child’s Neglect", "8.78")).section == "childs-neglect-2"
    draft = work.save(
        ANN, draft.id, replace(draft.content, blocks=(paragraph("Words."),), change_note="New."), draft.version
    )
    work.approve(CAROL, draft.id, work.submit(ANN, draft.id))
    work.release(CAROL, [draft.id])
    assert kb.section("childs-neglect").paragraphs[0].number == "8.77.1"


def test_pasted_pages_and_words_become_blocks_and_are_recognised(kb: KnowledgeBase) -> None:
    work, old = kb.workspace, kb.section("brue").paragraphs
    html = f"<p>Brand new words here.</p><h2>Then</h2><p>{old[1].text}</p><script>alert(1)</script>"
    draft = work.start(ANN, Pasted(html, html=True, section="brue"))
    assert [block.pid for block in draft.content.blocks if block.is_paragraph] == [None, old[1].pid]
    plain = work.start(ANN, Pasted("First.\n\n- one\n- two", html=False, title="Plain", number="8.79"))
    assert plain.content.blocks == (paragraph("First.\n\n- one\n- two"),)
    headed = work.start(ANN, Pasted("<h1>8.80 A title</h1><p>Words of it.</p>", html=True, number="8.80"))
    assert headed.content.title == "A title"
    parts = "<h2>First part</h2><p>Words.</p><h2>Second part</h2><p>More.</p>"
    kept = work.start(ANN, Pasted(parts, html=True, section="brue"))
    words = ["".join(part.text for part in block.parts) for block in kept.content.blocks]
    assert words == ["First part", "Words.", "Second part", "More."]
    untitled = work.start(ANN, Pasted(parts, html=True, number="8.81"))
    assert untitled.content.title == "First part"
    for nothing in (Pasted("  ", html=False, title="x"), Pasted("First.", html=False)):
        with pytest.raises(Refused):
            work.start(ANN, nothing)


def test_a_learning_point_is_linked_to_the_paragraphs_that_changed(kb: KnowledgeBase) -> None:
    work = kb.workspace
    review = kb.reviews()[0]
    draft = work.start(ANN, FromLearning("brue", review.key, 1))
    draft = work.save(ANN, draft.id, reworded(draft, WORDS), draft.version)
    assert work.impact(CAROL, draft.id).answers[0].review == review.key
    work.approve(CAROL, draft.id, work.submit(ANN, draft.id))
    (revision,) = work.release(CAROL, [draft.id])
    changes = kb.review(review.key).review.learning[0].changes
    mine = next(change for change in changes if change.revision == revision.revision and change.section == "brue")
    assert mine.pids == (draft.content.blocks[1].pid,)
    assert mine.illustrative, "this is the sample"


def test_an_imported_draft_is_read_matched_and_worked_on(kb: KnowledgeBase, tmp_path: Path, editor: Actor) -> None:
    old = kb.section("brue")
    page = tmp_path / "brue.html"
    words = f"<p>{old.paragraphs[0].text}</p><p>Something new.</p>"
    page.write_text(f"<html><body><h1>{old.number} {old.title}</h1>{words}</body></html>")
    kb.import_documents(editor, [page], None, lambda _: None)
    work = kb.workspace
    (line,) = work.drafts(ANN)
    assert line.origin is Origin.IMPORT
    view = work.draft(ANN, line.id)
    assert [(each.pid, each.how) for each in view.matching] == [(old.paragraphs[0].pid, "unchanged"), (None, "new")]
    assert view.problem
    assert "change note" in view.problem
    corrected = b.match_to(view.draft.content.blocks, 1, old.paragraphs[1].pid)
    content = replace(view.draft.content, blocks=corrected, change_note="Brought in.")
    saved = work.save(ANN, line.id, content, line.version)
    assert [each.pid for each in work.draft(ANN, saved.id).matching] == [p.pid for p in old.paragraphs[:2]]
    assert set(saved.contributors) == {editor.name, "Ann"}, "whoever brought it in helped to write"
    kb.import_documents(editor, [page], None, lambda _: None)
    assert len(work.drafts(ANN)) == 2, "what was worked on is not replaced by another import"


def test_a_person_can_say_that_every_paragraph_is_new(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    fresh = tuple(replace(block, pid=None) for block in draft.content.blocks)
    draft = work.save(ANN, draft.id, replace(draft.content, blocks=fresh, change_note="All new."), draft.version)
    work.approve(CAROL, draft.id, work.submit(ANN, draft.id))
    before = {p.pid for p in kb.section("brue").paragraphs}
    work.release(CAROL, [draft.id])
    assert not before & {p.pid for p in kb.section("brue").paragraphs}


# Publishing


def test_several_sections_go_together_or_not_at_all(kb: KnowledgeBase) -> None:
    one, _ = approved(kb, reworded_to="First change.")
    other, _ = approved(kb, "information-sharing", reworded_to="Second change.")
    waits = kb.workspace.start(ANN, TextInForce("local-contacts"))
    head = kb.head()
    with pytest.raises(Refused):
        kb.workspace.release(CAROL, [one.id, other.id, waits.id])
    assert kb.head() == head
    revisions = kb.workspace.release(CAROL, [one.id, other.id])
    assert {revision.section for revision in revisions} == {"brue", "information-sharing"}


def test_a_number_can_be_handed_on_within_one_release(kb: KnowledgeBase) -> None:
    number = kb.section("brue").number
    giver, _ = approved(kb, "brue", number="8.98")
    taker, _ = approved(kb, "information-sharing", number=number)
    kb.workspace.release(CAROL, [taker.id, giver.id])
    assert kb.number(str(number)).section.key == "information-sharing"


def swapping(kb: KnowledgeBase, start: date | None = None) -> list[str]:
    """Have two sections' drafts take each other's number, the second from a day on, and approved."""
    work, ids = kb.workspace, []
    drafts = [work.start(ANN, TextInForce(key)) for key in ("brue", "information-sharing")]
    for draft, other, day in zip(drafts, drafts[::-1], (None, start), strict=True):
        content = replace(reworded(draft, WORDS), number=other.content.number, in_force_from=day)
        work.save(ANN, draft.id, content, draft.version)
        ids.append(draft.id)
    for draft_id in ids:
        work.approve(CAROL, draft_id, work.submit(ANN, draft_id))
    return ids


def test_two_sections_change_numbers_in_one_release(kb: KnowledgeBase) -> None:
    one, other = (str(kb.section(key).number) for key in ("brue", "information-sharing"))
    kb.workspace.release(CAROL, swapping(kb))
    assert (kb.section("brue").number, kb.section("information-sharing").number) == (other, one)
    assert kb.number(one).section.key == "information-sharing"
    assert kb.search(other).destinations[0].key == "brue"


def test_no_day_ever_has_two_sections_of_one_number(kb: KnowledgeBase) -> None:
    ids, head = swapping(kb, kb.today() + timedelta(days=5)), kb.head()
    for chosen in (ids[:1], ids[1:], ids, ids[::-1]):
        with pytest.raises(Refused, match="on that day or later"):
            kb.workspace.release(CAROL, chosen)
    assert kb.head() == head


def test_a_later_day_is_shown_as_coming_and_a_past_one_is_refused(kb: KnowledgeBase) -> None:
    later = kb.today() + timedelta(days=10)
    draft, _ = approved(kb, reworded_to=WORDS, in_force_from=later)
    kb.workspace.release(CAROL, [draft.id])
    coming = kb.section("brue").coming
    assert coming is not None
    assert coming.in_force_from == later
    assert ("brue", later) in {(c.section.key, c.revision.in_force_from) for c in kb.workspace.desk(ANN).coming}
    past = kb.workspace.start(ANN, TextInForce("information-sharing"))
    past = kb.workspace.save(
        ANN, past.id, replace(reworded(past, WORDS), in_force_from=kb.today() - timedelta(days=1)), past.version
    )
    with pytest.raises(Refused, match="has passed"):
        kb.workspace.submit(ANN, past.id)


def test_an_urgent_text_is_published_by_one_person_and_stays_listed_until_another_has_read_it(
    kb: KnowledgeBase,
) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    draft = work.save(ANN, draft.id, reworded(draft, WORDS), draft.version)
    with pytest.raises(Refused, match="needs its reason"):
        work.override(CAROL, draft.id, "")
    with pytest.raises(Forbidden):
        work.override(ANN, draft.id, "A number is wrong.")
    revision = work.override(CAROL, draft.id, "A number is wrong.")
    assert revision.approver is None
    (waiting,) = work.desk(DAVE).overrides
    assert (waiting.by, waiting.reason, waiting.contributors) == ("Carol", "A number is wrong.", ("Ann",))
    with pytest.raises(Refused, match="does not review it"):
        work.review_override(CAROL, "brue", revision.revision)
    work.review_override(DAVE, "brue", revision.revision)
    assert work.desk(DAVE).overrides == ()
    assert work.overrides(AUDITOR)[0].reviewed_by == "Dave"
    with pytest.raises(NotFound):
        work.review_override(DAVE, "brue", 1)


def test_a_correction_keeps_the_day_of_what_it_corrects(kb: KnowledgeBase) -> None:
    work, old = kb.workspace, kb.section("brue").revision
    draft = work.start(ANN, Correction("brue"))
    draft = work.save(ANN, draft.id, reworded(draft, WORDS), draft.version)
    work.approve(CAROL, draft.id, work.submit(ANN, draft.id))
    (revision,) = work.release(CAROL, [draft.id])
    assert (revision.kind, revision.in_force_from) == (RevisionKind.CORRECTION, old.in_force_from)


def test_a_section_is_withdrawn_with_its_successor(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft = work.start(ANN, Withdrawal("brue", "information-sharing"))
    content = replace(draft.content, change_note="Withdrawn.", withdrawal_reason="Merged into another.")
    work.save(ANN, draft.id, content, draft.version)
    work.approve(CAROL, draft.id, work.submit(ANN, draft.id))
    work.release(CAROL, [draft.id])
    view = kb.section("brue")
    assert view.status is Status.WITHDRAWN
    assert view.successor is not None
    assert view.successor.key == "information-sharing"
    assert "brue" in {link.key for link in work.desk(ANN).broken}


def test_rolling_back_is_a_new_revision_with_an_old_text(kb: KnowledgeBase) -> None:
    work, old = kb.workspace, kb.revision("brue", 2)
    draft = work.start(ANN, OldText("brue", 2))
    work.save(ANN, draft.id, replace(draft.content, change_note="Back to what it was."), draft.version)
    work.approve(CAROL, draft.id, work.submit(ANN, draft.id))
    work.release(CAROL, [draft.id])
    now = kb.section("brue")
    assert [(p.pid, p.text) for p in now.paragraphs] == [(p.pid, p.text) for p in old.paragraphs]
    assert now.revision.revision == kb.revision("brue", 4).revisions


def test_an_urgent_change_is_carried_into_the_text_that_waits(kb: KnowledgeBase) -> None:
    work, later = kb.workspace, kb.today() + timedelta(days=30)
    held = work.start(ANN, TextInForce("brue"))
    held_blocks = b.add(reworded(held, "The later first paragraph.").blocks, 2, paragraph("Added later."))
    content = replace(held.content, blocks=held_blocks, change_note="Later.", in_force_from=later)
    work.save(ANN, held.id, content, held.version)
    work.approve(CAROL, held.id, work.submit(ANN, held.id))
    work.release(CAROL, [held.id])

    urgent = work.start(BEN, TextInForce("brue"))
    places = [place for place, block in enumerate(urgent.content.blocks) if block.is_paragraph]
    blocks = list(urgent.content.blocks)
    for place, words in ((places[0], "The urgent first paragraph."), (places[1], "The urgent second paragraph.")):
        blocks[place] = paragraph(words, blocks[place].pid)
    work.save(BEN, urgent.id, replace(urgent.content, blocks=tuple(blocks), change_note="Urgent."), urgent.version)
    work.approve(CAROL, urgent.id, work.submit(BEN, urgent.id))
    with pytest.raises(Refused, match="would undo this change"):
        work.release(CAROL, [urgent.id])
    head = kb.head()
    with pytest.raises(Refused, match="reason"):
        work.carry(CAROL, urgent.id, "")
    assert kb.head() == head
    carried = work.carry(CAROL, urgent.id, "An urgent change comes first.")

    now = kb.section("brue")
    assert [p.text for p in now.paragraphs[:2]] == ["The urgent first paragraph.", "The urgent second paragraph."]
    assert now.coming is None
    said = [part.text for block in carried.draft.content.blocks if block.is_paragraph for part in block.parts]
    assert said[:3] == ["The later first paragraph.", "Added later.", "The urgent second paragraph."]
    (clash,) = carried.merged.clashes
    assert (clash.theirs, clash.ours) == ("The later first paragraph.", "The urgent first paragraph.")
    assert carried.draft.content.in_force_from == later
    assert carried.draft.facts.based_on == carried.revision.revision
    work.approve(DAVE, carried.draft.id, work.submit(ANN, carried.draft.id))
    work.release(DAVE, [carried.draft.id])
    assert kb.section("brue", on=later).paragraphs[2].text == "The urgent second paragraph."


def test_a_draft_overtaken_by_a_publication_is_brought_up_to_date(kb: KnowledgeBase) -> None:
    work = kb.workspace
    mine = work.start(ANN, TextInForce("brue"))
    places = [place for place, block in enumerate(mine.content.blocks) if block.is_paragraph]
    blocks = b.add(b.delete(mine.content.blocks, places[5]), places[3], paragraph("My own new words."))
    mine = work.save(ANN, mine.id, replace(mine.content, blocks=blocks, change_note="Mine."), mine.version)
    seal = work.submit(ANN, mine.id)
    published(kb, "Somebody else's first paragraph.")
    assert work.draft(ANN, mine.id).stale
    with pytest.raises(Conflict):
        work.approve(CAROL, mine.id, seal)
    work.take_back(ANN, mine.id)
    renewed, merged = work.renew(ANN, mine.id)
    assert merged.clashes == ()
    said = [block.parts[0].text for block in renewed.content.blocks]
    assert "Somebody else's first paragraph." in said
    assert "My own new words." in said
    assert mine.content.change_note == renewed.content.change_note
    assert len(renewed.content.blocks) == len(mine.content.blocks)
    work.approve(CAROL, mine.id, work.submit(ANN, mine.id))
    work.release(CAROL, [mine.id])


def test_a_draft_that_is_given_up_can_be_taken_back(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    work.withdraw(ANN, draft.id, "Not needed.")
    with pytest.raises(Refused, match="withdrawn already"):
        work.save(ANN, draft.id, reworded(draft, WORDS), draft.version)
    work.take_back(BEN, draft.id)
    assert work.draft(ANN, draft.id).draft.state is State.DRAFT


def test_a_text_that_search_would_not_find_by_its_title_is_refused(kb: KnowledgeBase) -> None:
    title = kb.section("brue").title
    draft, _ = approved(kb, "information-sharing", title=title)
    assert kb.workspace.impact(CAROL, draft.id).trial.refusals
    with pytest.raises(Refused, match="would not find it first"):
        kb.workspace.release(CAROL, [draft.id])


def test_a_file_of_a_draft_is_no_readers_before_it_is_published(kb: KnowledgeBase) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    draft = work.attach(ANN, draft.id, AttachedFile("map.png", "image/png", b"picture", "A map."), draft.version)
    (file,) = draft.content.attachments
    assert work.file(CAROL, draft.id, file.hash)[1] == b"picture"
    with pytest.raises(NotFound):
        kb.file(file.hash)
    draft = work.save(ANN, draft.id, replace(draft.content, change_note="A map."), draft.version)
    assert work.preview(ANN, draft.id).attachments[0].size == len(b"picture")
    work.approve(CAROL, draft.id, work.submit(ANN, draft.id))
    work.release(CAROL, [draft.id])
    assert kb.file(file.hash)[1] == b"picture"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"blocks": ()}, "no text to publish"),
        ({"change_note": " "}, "no change note"),
        ({"title": " "}, "no title"),
        ({"number": "8.x"}, "not a section number"),
        ({"blocks": (paragraph("Words."), paragraph(" "))}, "Paragraph 2 is empty"),
        ({"blocks": (b.heading(""), paragraph("x"))}, "heading without words"),
        ({"blocks": (paragraph("Words.", "p-222222"),)}, "not a paragraph of this section"),
    ],
)
def test_what_could_not_be_published_is_not_submitted(kb: KnowledgeBase, change: dict[str, object], why: str) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    content = replace(draft.content, **{"change_note": "A note.", **change})  # type: ignore[arg-type]
    work.save(ANN, draft.id, content, draft.version)
    with pytest.raises((Refused, Invalid), match=why):
        work.submit(ANN, draft.id)
    assert why in str(work.draft(ANN, draft.id).problem)


def test_the_preview_is_what_is_published(kb: KnowledgeBase) -> None:
    draft, _ = approved(kb, reworded_to=WORDS, importance=Importance.MINOR)
    shown = kb.workspace.preview(CAROL, draft.id)
    kb.workspace.release(CAROL, [draft.id])
    now = kb.section("brue")
    assert shown.paragraphs == now.paragraphs
    assert (shown.number, shown.title, shown.status) == (now.number, now.title, now.status)
    assert shown.referred_from == now.referred_from
    assert shown.revision.body_hash == now.revision.body_hash
    assert shown.revision.content_hash == now.revision.content_hash


# Who may


@pytest.mark.parametrize("step", ["submit", "take_back", "withdraw", "approve", "reject", "override", "carry", "renew"])
def test_an_auditor_reads_everything_and_changes_nothing(kb: KnowledgeBase, step: str) -> None:
    work = kb.workspace
    draft = work.start(ANN, TextInForce("brue"))
    assert work.draft(AUDITOR, draft.id).draft == draft
    assert work.desk(AUDITOR).tasks == ()
    words = () if step in {"submit", "take_back", "renew"} else ("x",)
    with pytest.raises(Forbidden):
        getattr(work, step)(AUDITOR, draft.id, *words)
    with pytest.raises(Forbidden):
        work.drafts(Actor("Nobody", frozenset()))
