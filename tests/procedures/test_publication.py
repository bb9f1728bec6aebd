"""What may become a revision: every rule of the manual, and that each refusal says what to do instead."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from procedures.align import How
from procedures.errors import Conflict, Invalid, KnowledgeBaseError, Refused
from procedures.markup import make_pid
from procedures.model import Importance, Revision, RevisionKind, SectionKind
from procedures.publication import AttachedFile, Prepared, Proposal, check, prepare
from tests.procedures.texts import NOW, TODAY, a_contact, a_text, day

INSTRUCTIONS = re.compile(
    r"\b(use|give|say|name|choose|add|write|correct|publish|compare|cancel|keeps|remove|withdraw|needs|nothing to)\b",
    re.IGNORECASE,
)


def revision(number: int = 1, **facts: Any) -> Revision:
    given: dict[str, Any] = {
        "id": number,
        "section": "brue",
        "revision": number,
        "kind": RevisionKind.TEXT,
        "number": "8.38",
        "title": "BRUE",
        "body_hash": "",
        "content_hash": "",
        "change_note": "Changed.",
        "importance": Importance.MAJOR,
        "author": "Author",
        "approver": "Approver",
        "based_on": None,
        "in_force_from": day(-100),
        "published_at": NOW - timedelta(days=101),
        **facts,
    }
    return Revision(**given)


def checked(proposal: Proposal, revisions: Sequence[Revision] = (), numbers: Mapping[str, str] | None = None) -> None:
    check(proposal, revisions, numbers or {}, TODAY, NOW)


def refused(kind: type[KnowledgeBaseError], proposal: Proposal, *revisions: Revision, **numbers: str) -> str:
    """Say in what words a proposal is refused, having made sure that they tell the editor what to do."""
    with pytest.raises(kind) as caught:
        checked(proposal, revisions, numbers)
    words = str(caught.value)
    assert words.endswith("."), words
    assert INSTRUCTIONS.search(words), words
    return words


def prepared(proposal: Proposal, *texts: Mapping[str, str], taken: Sequence[str] = ()) -> Prepared:
    return prepare(proposal, len(texts) + 1, texts, taken)


# What passes


def test_a_first_text_a_next_one_a_correction_and_a_withdrawal_pass() -> None:
    checked(a_text())
    checked(a_text(based_on=1), [revision()])
    checked(a_text(based_on=1, kind=RevisionKind.CORRECTION, in_force_from=day(-100)), [revision()])
    checked(a_text(based_on=1, kind=RevisionKind.WITHDRAWAL, withdrawal_reason="Merged."), [revision()])
    checked(a_contact())


def test_a_text_may_be_back_dated_and_may_lie_ahead() -> None:
    checked(a_text(in_force_from=day(-900)))
    checked(a_text(in_force_from=day(900)))


# Words


@pytest.mark.parametrize("key", ["", "BRUE", "a b", "a--b", "-a", "a/../b", "a@1", "é", "brue\n"])
def test_a_key_that_could_not_be_typed_or_cited_is_refused(key: str) -> None:
    assert "small letters" in refused(Invalid, a_text(key))


def test_a_text_needs_a_title_and_a_change_note() -> None:
    assert "title" in refused(Refused, a_text(title=" "))
    assert "what changed" in refused(Refused, a_text(change_note="\n"))


def test_a_withdrawal_needs_its_reason() -> None:
    for reason in (None, "", "  "):
        withdrawal = a_text(kind=RevisionKind.WITHDRAWAL, based_on=1, withdrawal_reason=reason)
        assert "reason" in refused(Refused, withdrawal, revision())


def test_a_section_is_not_its_own_successor() -> None:
    assert "successor" in refused(Refused, a_text(successor="brue"))


def test_there_must_be_text_to_publish() -> None:
    for nothing in ("", "<h2>Only a heading</h2>", "<script>alert(1)</script>"):
        with pytest.raises(Refused, match="Write at least one paragraph"):
            prepared(a_text(body=nothing))
    assert prepared(a_text(body="", kind=RevisionKind.WITHDRAWAL)).paragraphs == ()


# Numbers


@pytest.mark.parametrize("number", [None, "", "8", "8.", "8.38.", "eight", "8,38", "0.1", "08.1", "8.1234", "٨.٣"])
def test_a_number_must_be_a_part_of_the_manual_and_a_place(number: str | None) -> None:
    assert "like 8.14" in refused(Invalid, a_text(number=number))


@pytest.mark.parametrize("number", ["1.1", "8.38", "13.12", "8.38.2"])
def test_a_part_and_a_place_pass(number: str) -> None:
    checked(a_text(number=number))


def test_two_sections_never_carry_one_number_on_a_day() -> None:
    words = refused(Refused, a_text(), **{"8.38": "bruising"})
    assert "'bruising'" in words
    assert "8.38" in words


def test_a_withdrawal_may_keep_a_number_that_went_to_another() -> None:
    withdrawal = a_text(based_on=1, kind=RevisionKind.WITHDRAWAL, withdrawal_reason="Merged.")
    checked(withdrawal, [revision()], {"8.38": "bruising"})


# Contacts


def test_a_contact_needs_its_telephone_and_hours() -> None:
    assert "telephone" in refused(Refused, a_contact(contact=None))


@pytest.mark.parametrize("hours", ["", "nine to five", "Mo-Fr 25:00-26:00x", "Xx 09:00-17:00"])
def test_hours_that_cannot_be_read_are_refused_with_an_example(hours: str) -> None:
    assert "Mo-Fr 09:00-17:00" in refused(Invalid, a_contact(hours=hours))


def test_a_contact_can_be_withdrawn_without_hours() -> None:
    gone = a_contact("brue", contact=None, kind=RevisionKind.WITHDRAWAL, withdrawal_reason="Closed.", based_on=1)
    checked(gone, [revision()])


# What it was based on


@pytest.mark.parametrize("based_on", [None, 1, 3])
def test_a_text_written_from_anything_but_the_newest_is_a_conflict(based_on: int | None) -> None:
    words = refused(Conflict, a_text(based_on=based_on), revision(1), revision(2))
    assert "now has revision 2" in words
    assert "Compare" in words


def test_a_text_based_on_a_revision_that_is_not_there_is_a_conflict() -> None:
    assert "no revision yet" in refused(Conflict, a_text(based_on=1))


@pytest.mark.parametrize("kind", [RevisionKind.CORRECTION, RevisionKind.WITHDRAWAL])
def test_there_must_be_something_to_correct_or_withdraw(kind: RevisionKind) -> None:
    assert "nothing to correct or withdraw" in refused(Refused, a_text(kind=kind, withdrawal_reason="Gone."))


def test_a_correction_keeps_the_day_of_what_it_corrects() -> None:
    words = refused(Refused, a_text(based_on=1, kind=RevisionKind.CORRECTION), revision())
    assert day(-100).isoformat() in words


def test_what_was_cancelled_or_withdrawn_cannot_be_corrected() -> None:
    correction = a_text(based_on=1, kind=RevisionKind.CORRECTION, in_force_from=day(-100))
    assert "Publish a new text" in refused(Refused, correction, revision(cancelled_at=NOW))
    assert "Publish a new text" in refused(Refused, correction, revision(kind=RevisionKind.WITHDRAWAL))


# Days


def test_nothing_is_published_under_a_text_that_waits_and_would_undo_it() -> None:
    words = refused(Refused, a_text(based_on=2), revision(1), revision(2, in_force_from=day(30)))
    assert "brue@2" in words
    assert day(30).isoformat() in words
    assert "Cancel brue@2 first" in words


def test_a_waiting_text_that_was_cancelled_or_comes_no_later_holds_nothing_up() -> None:
    coming = revision(2, in_force_from=day(30))
    checked(a_text(based_on=2), [revision(1), replace(coming, cancelled_at=NOW)])
    checked(a_text(based_on=2, in_force_from=day(30)), [revision(1), coming])
    checked(a_text(based_on=2, in_force_from=day(31)), [revision(1), coming])


def test_a_source_cannot_have_published_in_the_future() -> None:
    assert "future" in refused(Refused, a_text(published_at=NOW + timedelta(seconds=1)))
    checked(a_text(published_at=NOW))


# Paragraph ids


def test_new_paragraphs_get_ids_from_their_first_place_the_same_every_time() -> None:
    text = a_text("brue", "Ring.", "Examine.")
    first = prepared(text)
    assert [p.pid for p in first.paragraphs] == [make_pid("brue", 1, 1), make_pid("brue", 1, 2)]
    assert [m.how for m in first.matches] == [How.NEW, How.NEW]
    assert prepared(text) == first
    assert [p.number for p in first.paragraphs] == ["8.38.1", "8.38.2"]


def test_an_id_that_is_taken_anywhere_in_the_manual_is_never_given_again() -> None:
    taken = [make_pid("brue", 1, 1), make_pid("brue", 1, 1, 1)]
    assert prepared(a_text(), taken=taken).paragraphs[0].pid == make_pid("brue", 1, 1, 2)


def test_text_edited_here_keeps_the_ids_it_carries_however_much_was_rewritten() -> None:
    body = '<div id="p-222222">Nothing alike</div><div>Fresh</div><div id="p-333333">Same</div>'
    found = prepared(a_text(body=body), {"p-222222": "Old words", "p-333333": "Same"})
    assert [(m.pid, m.how) for m in found.matches] == [
        ("p-222222", How.REWORDED),
        (None, How.NEW),
        ("p-333333", How.UNCHANGED),
    ]
    assert found.paragraphs[1].pid == make_pid("brue", 2, 2)


def test_an_edited_paragraph_that_returns_from_an_older_revision_keeps_its_id() -> None:
    found = prepared(a_text(body='<div id="p-333333">Back</div>'), {"p-222222": "Now"}, {"p-333333": "Back"})
    assert [(m.pid, m.how) for m in found.matches] == [("p-333333", How.RETURNED)]


def test_pasted_text_is_aligned_with_the_newest_then_with_older_revisions() -> None:
    newest, older = {"p-222222": "Ring now."}, {"p-222222": "Ring.", "p-333333": "Examine."}
    found = prepared(a_text("brue", "Examine.", "Ring now."), newest, older)
    assert [p.pid for p in found.paragraphs] == ["p-333333", "p-222222"]


def test_an_id_of_another_section_is_refused() -> None:
    with pytest.raises(Refused, match=r"p-999999 is not a paragraph of this section\. Add"):
        prepared(a_text(body='<div id="p-999999">Text</div>'), {"p-222222": "Text"})
    with pytest.raises(Refused, match="Add the text as a new paragraph"):
        prepared(a_text(body='<div id="p-999999">Text</div>'))


def test_one_id_on_two_paragraphs_is_refused() -> None:
    twice = '<div id="p-222222">One</div><div id="p-222222">Two</div>'
    with pytest.raises(Refused, match="same id"):
        prepared(a_text(body=twice), {"p-222222": "One"})


# The hash an approval is bound to


def test_the_content_hash_covers_everything_a_reader_would_see_or_be_bound_by() -> None:
    text = a_text()
    changes: list[dict[str, Any]] = [
        {"title": "Other"},
        {"number": "8.39"},
        {"body": "<div>Other</div>"},
        {"change_note": "Other."},
        {"in_force_from": day(1)},
        {"importance": Importance.MINOR},
        {"kind": RevisionKind.CORRECTION},
        {"reviewed_on": TODAY},
        {"review_due": TODAY},
        {"agencies": ("Health",)},
        {"themes": ("Toxicology",)},
        {"successor": "bruising"},
        {"withdrawal_reason": "Merged."},
        {"section_kind": SectionKind.CONTACT},
        {"contact": a_contact().contact},
        {"attachments": (AttachedFile("form.pdf", "application/pdf", b"1", "A form."),)},
        {"attachments": (AttachedFile("form.pdf", "application/pdf", b"2", "A form."),)},
    ]
    hashes = [prepared(replace(text, **change)).content_hash for change in [{}, *changes]]
    assert len(set(hashes)) == len(hashes)


def test_the_content_hash_is_the_same_whoever_wrote_approved_or_published_it() -> None:
    moved: datetime = NOW - timedelta(days=1)
    other = replace(a_text(), author="B", approver="C", published_at=moved)
    assert prepared(other).content_hash == prepared(a_text()).content_hash


def test_the_body_is_cleaned_before_it_is_hashed() -> None:
    assert prepared(a_text(body="<div onclick='x'>Ring.</div>")) == prepared(a_text(body="<div>Ring.</div>"))
