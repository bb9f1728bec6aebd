"""Learning on its pages: links chosen by ticking and withdrawn with a reason, a status with its evidence."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.access import Role
from kb.service import KnowledgeBase
from kb.settings import Settings
from tests.conftest import SetClock
from tests.web.editors import Editor, another, sample, stranger
from web.app import create_app
from web.workspace import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette

REVIEW, ORDINAL = "west-sussex-2016-child-s", 7
POINT = addresses.learning(REVIEW, ORDINAL)


@pytest.fixture(scope="module")
def kb(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """The sample manual, once for all tests here."""
    data = Path(shutil.copytree(sample_folder, tmp_path_factory.mktemp("workspace") / "data"))
    with KnowledgeBase.open(Settings(data=data), SetClock()) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(kb: KnowledgeBase) -> Starlette:
    return create_app(kb)


@pytest.fixture(scope="module")
def author(app: Starlette) -> Editor:
    return sample(app, Role.AUTHOR)


@pytest.fixture
def reader(app: Starlette) -> Editor:
    return Editor(client := stranger(app), client.get(f"/reviews/{REVIEW}"))


def tick(editor: Editor, step: str, *pids: str, **fields: str) -> Editor:
    """Send the form of a point with these paragraphs ticked."""
    values = [*fields.items(), *(("pid", pid) for pid in pids)]
    return editor.send(addresses.learning(REVIEW, ORDINAL, step), values)


def test_a_link_is_made_by_ticking_seen_by_readers_and_withdrawn_with_a_reason(
    author: Editor, reader: Editor, kb: KnowledgeBase
) -> None:
    author.go(f"{POINT}?section=making-a-referral")
    boxes = author.tree.xpath("//form[contains(@action, '/link')]//input[@name='pid']/@value")
    shown = kb.section("making-a-referral")
    assert boxes == [p.pid for p in shown.paragraphs]
    fields = {"section": shown.key, "revision": shown.revision.ref}
    tick(author, "link", **fields)
    assert author.page.status_code == 400
    assert "Tick the paragraphs that answer it" in author.main
    tick(author, "link", boxes[0], boxes[3], **fields)
    assert "Linked. Readers see it" in author.main
    name = f"{shown.number} {shown.title}, revision {shown.revision.revision}"
    for place in (3, 0):
        assert shown.paragraphs[place].number in author.main
    assert name in reader.go(f"/reviews/{REVIEW}").main
    assert "Child S, West Sussex" in reader.go("/sections/making-a-referral").main
    assert "(linked already)" in author.go(f"{POINT}?section=making-a-referral").main

    tick(author, "unlink", boxes[0], revision=shown.revision.ref, reason=" ")
    assert "Withdrawing a link needs its reason" in author.main
    assert author.tree.xpath("//form[contains(@action, '/unlink')]//input[@checked]/@value") == [boxes[0]]
    tick(author, "unlink", boxes[0], boxes[3], revision=shown.revision.ref, reason="It answers something else.")
    assert "Readers no longer see it" in author.main
    assert name not in reader.go(f"/reviews/{REVIEW}").main
    assert "Child S, West Sussex" not in reader.go("/sections/making-a-referral").main
    author.go(addresses.LOG)
    assert "withdrew a link from learning: Child S, West Sussex (2016), learning point 7, and 3." in author.main
    assert "“It answers something else.”" in author.main


def test_a_text_as_a_whole_is_chosen_instead_of_paragraphs_and_withdrawn_beside_them(
    author: Editor, reader: Editor, kb: KnowledgeBase
) -> None:
    revision = kb.revision("neglect", 1)
    pid = revision.paragraphs[0].pid
    tick(author, "link", pid, revision="neglect@1", section="neglect", whole="yes")
    assert author.page.status_code == 400
    assert "Choose the text as a whole or some of its paragraphs." in author.main
    assert author.tree.xpath("//form[contains(@action, '/link')]//input[@checked]/@value") == ["yes", pid]
    tick(author, "link", pid, revision="neglect@1")
    tick(author, "link", revision="neglect@1", whole="yes")
    assert "The revision as a whole." in reader.go(f"/reviews/{REVIEW}").main
    tick(author, "unlink", revision="neglect@1", whole="yes", reason=" ")
    assert len(author.tree.xpath("//details[@open]")) == 1, "the form that was sent is open, and no other"
    tick(author, "unlink", revision="neglect@1", whole="yes", reason="Only a paragraph of it.")
    assert "The revision as a whole." not in reader.go(f"/reviews/{REVIEW}").main
    tick(author, "unlink", pid, revision="neglect@1", reason="Nor that.")
    assert "Readers no longer see it" in author.main


def test_links_that_cannot_be_are_refused_in_a_sentence(author: Editor, kb: KnowledgeBase) -> None:
    pid = kb.section("brue").paragraphs[0].pid
    for step, fields, said in (
        ("link", {"revision": "brue@4", "pid": "p-222222"}, "is not a paragraph of brue@4"),
        ("link", {"revision": "brue@99", "pid": pid}, "There is no brue@99"),
        ("link", {"revision": "nonsense", "pid": pid}, "The form has no revision"),
        ("unlink", {"revision": "brue@4", "pid": pid, "reason": "Why."}, "not there any more"),
        ("unlink", {"revision": "brue@4", "reason": "Why."}, "Tick the links"),
        ("status", {"what": "training", "status": "sideways"}, "Choose what was done"),
        (
            "status",
            {"what": "training", "status": "open", "mark": "old", "reason": "Why."},
            "Somebody else has changed",
        ),
    ):
        author.send(addresses.learning(REVIEW, ORDINAL, step), list(fields.items()))
        assert author.page.status_code == 400, step
        assert said in author.main
    assert author.go(addresses.learning(REVIEW, 99)).page.status_code == 404
    assert author.go(addresses.learning("nobody", 1)).page.status_code == 404


def test_what_has_become_of_a_point_is_said_with_evidence_and_a_reason(author: Editor, reader: Editor) -> None:
    author.go(POINT).press("Change it", what="audit", status="complete", evidence="", reason="Done.")
    assert "needs its evidence" in author.main
    author.press("Change it", evidence="The audit of June 2026 shows it.", status="complete")
    assert "Readers see it on the page of the review" in author.main
    assert "The audit of June 2026 shows it." in reader.go(f"/reviews/{REVIEW}").main
    author.go(addresses.LOG)
    assert "changed the status of learning: Child S, West Sussex (2016), learning point 7, now complete" in author.main
    assert "“Done.”" in author.main


def test_learning_is_listed_by_review_theme_status_and_whether_it_is_answered(
    author: Editor, kb: KnowledgeBase
) -> None:
    points = [point for review in kb.reviews() for point in review.learning]
    assert f"{len(points)} learning points." in author.go(addresses.LEARNING).main
    for field, value, number in (
        ("review", REVIEW, len(kb.review(REVIEW).learning)),
        ("theme", "toxicology", sum("Toxicology" in point.themes for point in points)),
        ("status", "complete", sum(point.status == "complete" for point in points)),
        ("answered", "no", sum(not point.changes for point in points)),
        ("theme", "nonsense", 0),
    ):
        author.go(f"{addresses.LEARNING}?{field}={value}")
        assert f"{number} learning point" in author.main, field
    author.go(f"{addresses.LEARNING}?status=open&page=2")
    assert all("status=open" in href for href in author.tree.xpath("//nav[@aria-label='Pages of learning']//a/@href"))


def test_an_auditor_looks_and_changes_nothing(app: Starlette, kb: KnowledgeBase) -> None:
    otto = another(app, kb, "Otto Auditor", Role.AUDITOR)
    for page in (addresses.LEARNING, POINT):
        forms = {form.action for form in otto.go(page).tree.forms}
        assert forms <= {"/search", addresses.SIGN_OUT, addresses.LEARNING}
