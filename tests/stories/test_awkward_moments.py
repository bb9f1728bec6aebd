"""Handovers, renumberings, cancellations and mix-ups: the moments at which a manual usually says something untrue."""

import shutil
import threading
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from index.analysis import fold
from kb.access import Actor, Role
from kb.imports import Release
from kb.service import KnowledgeBase
from procedures.errors import Invalid, NotFound, Refused
from procedures.model import RevisionKind, SectionKind, Status
from tests.procedures.texts import TODAY, a_contact, a_text, day

AUTHOR = Actor("Ann", frozenset({Role.AUTHOR}))


def withdrawal(key: str, **facts: object) -> object:
    return a_text(key, **{"body": "", "kind": RevisionKind.WITHDRAWAL, "withdrawal_reason": "Merged.", **facts})


@pytest.fixture
def kb(empty_kb: KnowledgeBase, editor: Actor) -> KnowledgeBase:
    """A manual with one section and one front door."""
    empty_kb.publish(editor, a_text("brue", "Ring for help.", in_force_from=day(-30)))
    empty_kb.publish(editor, a_contact(in_force_from=day(-30)))
    return empty_kb


def test_a_number_taken_over_on_the_day_its_holder_ends_leads_to_its_new_holder(
    kb: KnowledgeBase, editor: Actor
) -> None:
    kb.publish(editor, withdrawal("brue", based_on=1, in_force_from=TODAY))  # type: ignore[arg-type]
    kb.publish(editor, a_text("alte", "New words.", title="Events", in_force_from=TODAY))
    assert kb.number("8.38").section.key == "alte"
    assert kb.search("8.38").destinations[0].key == "alte"


def test_a_number_promised_for_a_later_day_is_not_given_away_meanwhile(kb: KnowledgeBase, editor: Actor) -> None:
    kb.publish(editor, a_text("brue", "Ring.", number="8.40", based_on=1, in_force_from=day(60)))
    with pytest.raises(Refused, match=r"8\.40"):
        kb.publish(editor, a_text("other", "Words.", title="Other", number="8.40"))


def test_a_cancellation_that_would_leave_two_sections_with_one_number_is_refused(
    kb: KnowledgeBase, editor: Actor
) -> None:
    kb.publish(editor, a_text("brue", "Ring.", number="8.40", based_on=1, in_force_from=day(60)))
    kb.publish(editor, a_text("other", "Words.", title="Other", number="8.38", in_force_from=day(60)))
    with pytest.raises(Refused, match="Cancel brue@2 and other@1 together"):
        kb.cancel(editor, "brue", 2, "Not agreed.")
    assert kb.check().problems == ()


def test_a_section_cannot_become_a_contact_nor_a_contact_a_section(kb: KnowledgeBase, editor: Actor) -> None:
    with pytest.raises(Refused):
        kb.publish(editor, a_text("front-door", "Not a contact.", number="8.41", based_on=1))
    with pytest.raises(Refused):
        kb.publish(editor, a_contact("brue", based_on=1))
    assert [c.key for c in kb.contacts_now()] == ["front-door"]


def test_an_imported_page_titled_like_a_contact_leaves_the_contact_alone(kb: KnowledgeBase, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html><body><main><h1>9.9 Front door</h1><p>9.9.1 How calls are taken.</p></main></body></html>")
    done = kb.import_documents(AUTHOR, [page], Release(TODAY, "Ann", "Brought in."), lambda _: None)
    assert [(section.key, section.outcome) for section in done.sections] == [("front-door-2", "published")]
    assert [c.key for c in kb.contacts_now()] == ["front-door"]


def test_nobody_approves_or_looks_at_what_they_brought_in_themselves(
    kb: KnowledgeBase, editor: Actor, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="Nobody approves"):
        kb.publish(editor, a_text("brue", "More.", based_on=1, author="Ann", approver="ann"))
    page = tmp_path / "page.html"
    page.write_text("<html><body><main><h1>9.9 Calls</h1><p>9.9.1 How calls are taken.</p></main></body></html>")
    kb.import_documents(AUTHOR, [page], Release(TODAY, "Ann", "Brought in."), lambda _: None)
    with pytest.raises(Refused, match="somebody else"):
        kb.look(Actor("Ann", frozenset({Role.APPROVER})), "calls", 1)
    assert [u.revision.ref for u in kb.unreviewed()] == ["calls@1"]
    for number in (1, 2, 3):
        text = a_text("calls", f"Reworded {number}.", title="Calls", number="9.9", based_on=number)
        kb.publish(editor, text)
    assert [u.revision.ref for u in kb.unreviewed()] == ["calls@1"]


def test_a_withdrawal_that_would_do_nothing_is_refused(kb: KnowledgeBase, editor: Actor) -> None:
    with pytest.raises(Refused, match="do nothing"):
        kb.publish(editor, withdrawal("brue", based_on=1, in_force_from=day(-40)))  # type: ignore[arg-type]


def test_a_day_still_to_come_has_shown_nothing(kb: KnowledgeBase) -> None:
    with pytest.raises(Invalid, match="has not come yet"):
        kb.section("brue", seen=day(1))


def test_a_withdrawn_section_keeps_the_name_it_had_whatever_was_cancelled(kb: KnowledgeBase, editor: Actor) -> None:
    kb.publish(editor, a_text("brue", "Never.", title="Never Agreed", based_on=1, in_force_from=day(9)))
    kb.cancel(editor, "brue", 2, "Not agreed.")
    kb.publish(editor, withdrawal("brue", based_on=2))  # type: ignore[arg-type]
    assert kb.history("brue").section.title == "Brief Resolved Unexpected Event (BRUE)"


def test_no_page_calls_coming_or_cancelled_text_gone_or_in_force(kb: KnowledgeBase, editor: Actor) -> None:
    from web.app import create_app

    coming = kb.publish(editor, a_text("brue", "Entirely new advice.", based_on=1, in_force_from=day(9)))
    pid = kb.revision("brue", 2).paragraphs[0].pid
    assert kb.paragraph(pid).status is Status.COMING
    with TestClient(create_app(kb), base_url="http://127.0.0.1") as client:
        assert "not in force yet" in client.get(f"/p/{pid}").text
        assert "Comes into force" in client.get("/").text
        kb.cancel(editor, "brue", coming.revision, "Not agreed.")
        assert "never came into force" in client.get(f"/p/{pid}").text
        recently = client.get("/").text.partition("Recently changed")[2]
        assert f"/revisions/{coming.revision}" not in recently


def test_every_character_there_is_can_be_searched_and_indexed(kb: KnowledgeBase, editor: Actor) -> None:
    for point in range(0x110000):
        fold(chr(point))
    assert kb.search("\uff9e").total == 0
    kb.publish(editor, a_text("brue", "Odd \uff9e mark beside a marzipan.", based_on=1))
    assert kb.search("marzipan").results[0].key == "brue"


def test_a_missing_index_is_made_again_once_however_many_search_meanwhile(kb: KnowledgeBase) -> None:
    shutil.rmtree(kb.settings.index)
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(kb.search("help").total)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 8
    assert len(list(kb.settings.index.glob("generation-*"))) == 1


def test_an_index_of_another_history_is_not_believed(kb: KnowledgeBase, editor: Actor, tmp_path: Path) -> None:
    kb.publish(editor, a_text("fruit", "An apricot.", title="Fruit", number="9.1"))
    shutil.copytree(kb.settings.index, tmp_path / "old")
    target = tmp_path / "elsewhere"
    with KnowledgeBase.open(kb.settings.model_copy(update={"data": target}), create=True) as other:
        for text in (a_text("brue", "Ring."), a_contact(), a_text("nut", "A walnut.", title="Nut", number="9.1")):
            other.publish(editor, text)
    shutil.rmtree(target / "index")
    shutil.copytree(tmp_path / "old", target / "index")
    with KnowledgeBase.open(kb.settings.model_copy(update={"data": target})) as other:
        assert other.index_was_rebuilt
        assert other.search("walnut").results[0].key == "nut"
        assert other.search("apricot").total == 0


def test_an_old_key_leads_to_the_section_that_took_its_place(kb: KnowledgeBase) -> None:
    with kb._store.write("Editor", kb.now) as transaction:
        transaction.record_redirect("cot-events", "brue")
    assert kb.section("cot-events").key == "brue"
    assert kb.history("cot-events").section.key == "brue"
    with pytest.raises(NotFound):
        kb.section("cot")


def test_a_contact_that_stands_alone_is_a_contact(kb: KnowledgeBase) -> None:
    assert kb.section("front-door").kind == SectionKind.CONTACT
