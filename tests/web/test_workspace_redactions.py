"""Redaction on its pages: one person asks, another sees all of it and agrees, and the words are nowhere afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kb.access import Actor, Role
from kb.beginnings import TextInForce
from kb.feedback import Opinion, Reason
from kb.redaction import Kind
from procedures.markup import TOMBSTONE
from procedures.model import Action, LearningPoint, LearningStatus, Review
from procedures.publication import AttachedFile
from tests.procedures.texts import a_text
from tests.web.editors import Editor, another, stranger
from web.app import create_app
from web.workspace import addresses

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from kb.service import KnowledgeBase

NAME = "Xanthippe Quillfeather"
COURT = "Order of the court."
CAROL = Actor("Carol Writer", frozenset({Role.AUTHOR, Role.APPROVER}))


@pytest.fixture
def manual(empty_kb: KnowledgeBase) -> KnowledgeBase:
    """Two revisions of a section, with a name where it should not be, and a draft with it too."""
    leaflet = AttachedFile("leaflet.pdf", "application/pdf", b"%PDF " + NAME.encode(), "A leaflet.")
    texts = ("Ring for help.", f"Ask as {NAME} was asked.", "Write it down.")
    empty_kb.publish(CAROL, a_text("brue", *texts, attachments=(leaflet,)))
    empty_kb.publish(CAROL, a_text("brue", *texts, "More.", based_on=1, attachments=(leaflet,)))
    return empty_kb


@pytest.fixture
def app(manual: KnowledgeBase) -> Starlette:
    return create_app(manual)


@pytest.fixture
def ann(app: Starlette, manual: KnowledgeBase) -> Editor:
    return another(app, manual, "Ann Weber", Role.AUTHOR)


@pytest.fixture
def bea(app: Starlette, manual: KnowledgeBase) -> Editor:
    return another(app, manual, "Bea Okoro", Role.APPROVER)


def ask(editor: Editor, kind: str = "words", target: str = NAME, reason: str = COURT) -> str:
    """Ask by the form; return the address of the request."""
    editor.go(addresses.NEW_REDACTION).press("Ask, and see", kind=kind, target=target, reason=reason)
    return str(editor.page.url).partition("?")[0].removeprefix("http://127.0.0.1")


def test_one_asks_and_another_sees_every_place_and_agrees(
    app: Starlette, manual: KnowledgeBase, ann: Editor, bea: Editor
) -> None:
    draft = manual.workspace.start(CAROL, TextInForce("brue"))
    manual.keep_feedback(Opinion("brue", 2, False, Reason.WRONG, "xanthippe quillfeather is named"))
    address = ask(ann)
    assert "You have asked. Somebody else can now look" in ann.main
    assert "You asked for this" in ann.main
    assert not [form for form in ann.tree.forms if (form.action or "").endswith("/agree")]
    bea.go(addresses.REDACTIONS).go(address)
    assert f"A paragraph in brue@1, brue@2 Ask as {NAME} was asked." in bea.main
    assert "The draft of brue. Its editors must take them out." in bea.main
    assert "What a reader has said about brue. It is deleted when its time is over." in bea.main
    assert {addresses.draft(draft.id), addresses.FEEDBACK} <= set(bea.tree.xpath("//main//@href"))
    assert "What is removed cannot be brought back" in bea.main
    bea.press("Agree, and remove it for good")
    assert "It is removed from every revision, from search" in bea.main
    assert "Asked for by Ann Weber, agreed by Bea Okoro. Parts of brue@1, brue@2" in bea.main
    assert "Backups made before" in bea.main
    reader = Editor(client := stranger(app), client.get("/sections/brue"))
    assert TOMBSTONE in reader.main
    pages = [addresses.REDACTIONS, addresses.LOG, addresses.NEW_REDACTION + "?section=brue", "/sections/brue"]
    pages += [addresses.log_entry(seq) for seq in range(1, manual.health().head + 1)]
    for page in pages:
        assert "Quillfeather" not in bea.go(page).page.text, page
    assert bea.go(address).page.status_code == 404
    assert "it has been decided" in bea.main


def test_what_cannot_be_asked_for_is_said_and_what_was_typed_stays(ann: Editor) -> None:
    for typed, said, field in (
        ({"kind": "words", "target": NAME, "reason": f"It names {NAME}."}, "The reason repeats", "reason"),
        ({"kind": "words", "target": NAME, "reason": " "}, "needs its reason", "reason"),
        ({"kind": "words", "target": "Nobody Here", "reason": COURT}, "nothing to remove", "target"),
        ({"kind": "paragraph", "target": "8.99.9", "reason": COURT}, "8.99.9", "target"),
        ({"kind": "words", "target": "", "reason": COURT}, "Say exactly what", "target"),
        ({"kind": "", "target": NAME, "reason": COURT}, "Choose what is to be removed", "kind"),
    ):
        ann.send(addresses.NEW_REDACTION, list(typed.items()))
        assert ann.page.status_code == 400
        assert said in ann.main
        assert ann.faults == [f"#{field}", field]
        assert ann.tree.xpath("string(//input[@id='target']/@value)") == typed["target"]
        assert ann.tree.xpath("//textarea[@id='reason']")[0].text.strip() == typed["reason"].strip()


def test_a_request_starts_from_a_paragraph_a_revision_or_a_file_and_words_are_in_no_address(ann: Editor) -> None:
    ann.go(f"{addresses.NEW_REDACTION}?section=brue")
    links = {" ".join(a.text_content().split()): a.get("href") for a in ann.tree.xpath("//main//li/a")}
    assert [name for name in links if name.startswith("Paragraph")] == [f"Paragraph 8.38.{n}" for n in (1, 2, 3, 4)]
    ann.go(links["Paragraph 8.38.2"] or "").press("Ask, and see", reason=COURT)
    assert f"Ask as {NAME} was asked." in ann.main
    ann.go(links["The file leaflet.pdf"] or "").press("Ask, and see", reason=COURT)
    assert "The content of the file leaflet.pdf (brue@1), leaflet.pdf (brue@2)" in ann.main
    ann.go(next(href for name, href in links.items() if name.endswith("brue@2")) or "").press("Ask", reason=COURT)
    assert "The whole text of brue@2" in ann.main
    assert "Paragraphs of this text in brue@1" in ann.main
    ann.go(f"{addresses.NEW_REDACTION}?kind=words&target=Xanthippe")
    assert "Xanthippe" not in ann.page.text
    assert "Quill" not in ask(ann)


def test_whoever_agrees_has_seen_just_this(manual: KnowledgeBase, ann: Editor, bea: Editor) -> None:
    address = ask(ann)
    bea.go(address)
    manual.publish(CAROL, a_text("other", f"{NAME} again.", number="8.9", title="Other"))
    bea.press("Agree, and remove")
    assert bea.page.status_code == 400
    assert "has changed since you looked" in bea.main
    assert f"A paragraph in other@1 {NAME} again." in bea.main
    bea.press("Agree, and remove")
    assert "It is removed" in bea.main


def test_a_link_from_learning_to_what_was_removed_is_named_and_withdrawn(manual: KnowledgeBase, bea: Editor) -> None:
    learning = (LearningPoint("Ask who lives there.", (), Action.NONE, LearningStatus.OPEN, ""),)
    facts = (
        "child-z",
        "Sussex",
        "Child Z",
        None,
        "review",
        None,
        None,
        "2020",
        "",
        "It happened.",
        (),
        (),
        "Published.",
    )
    manual.record_review(CAROL, Review(*facts, learning=learning))
    pid = manual.revision("brue", 1).paragraphs[0].pid
    manual.learning.link(CAROL, "child-z", 1, "brue", 1, [pid])
    asked = manual.redactions.request(CAROL, Kind.REVISION, "brue@1", COURT)
    again = Actor("Dave Agrees", CAROL.roles)
    manual.redactions.agree(again, asked.id, manual.redactions.plan(again, asked.id).fingerprint)
    assert "The text of its paragraphs was removed." in bea.go("/reviews/child-z").main
    bea.go(addresses.learning("child-z", 1))
    assert f"{pid} (its text was removed)" in bea.main
    assert "The text as a whole." not in bea.main
    bea.press("Withdraw", pid=pid, reason="It is gone.")
    assert "Readers no longer see it" in bea.main
    assert "Nothing in this manual is linked to it yet." in bea.main


def test_a_request_is_turned_down_with_a_reason_or_taken_back(ann: Editor, bea: Editor) -> None:
    address = ask(ann)
    bea.go(address).press("Turn the request down", why=" ")
    assert "Say in a sentence why this is not to be removed" in bea.main
    bea.press("Turn the request down", why=f"{NAME} has agreed.")
    assert "The reason repeats" in bea.main
    bea.press("Turn the request down", why="She has agreed.")
    assert "The request is closed, and nothing was removed." in bea.main
    assert "No request waits." in bea.main
    ann.go(ask(ann)).press("Take the request back", why="It was the wrong word.")
    assert "The request is closed" in ann.main


def test_an_auditor_looks_and_an_author_does_not_agree(app: Starlette, manual: KnowledgeBase, ann: Editor) -> None:
    address = ask(ann)
    otto = another(app, manual, "Otto Auditor", Role.AUDITOR)
    for page in (addresses.REDACTIONS, address):
        assert {form.action for form in otto.go(page).tree.forms} <= {"/search", addresses.SIGN_OUT}
    second = another(app, manual, "Cem Author", Role.AUTHOR)
    assert "An approver agrees." in second.go(address).main
    second.send(f"{address}/agree", [("fingerprint", "x")])
    assert "may not agree to a redaction" in second.main
