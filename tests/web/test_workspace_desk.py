"""The desk and the pages it leads to: everything that wants attention, each with the way to do it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from kb.access import Role
from kb.beginnings import TextInForce, Withdrawal
from kb.feedback import Opinion, Reason
from procedures.publication import Proposal
from tests.kb.readers import search_in_vain, tomorrow
from tests.web.editors import ANN, BEN, Editor, another, sample, stranger
from web.app import create_app

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from kb.service import KnowledgeBase
    from tests.conftest import SetClock

IN_VAIN = "gallivanting wombat"


@pytest.fixture
def app(kb: KnowledgeBase) -> Starlette:
    return create_app(kb)


def links(editor: Editor) -> dict[str, str]:
    return {" ".join(a.text_content().split()): a.get("href", "") for a in editor.tree.xpath("//main//a")}


def test_the_day_begins_at_the_desk_with_what_waits_for_this_person(app: Starlette, kb: KnowledgeBase) -> None:
    workspace = kb.workspace
    draft = workspace.start(ANN, TextInForce("bruising-non-mobile"))
    workspace.save(ANN, draft.id, replace(draft.content, change_note="A word."), draft.version)
    workspace.submit(ANN, draft.id)
    approver = sample(app, Role.APPROVER)
    assert approver.main.startswith("Your desk Waits for you Review 8.37 Bruising")
    assert "1 in review" in approver.main
    review = next(address for words, address in links(approver).items() if words.startswith("Review 8.37"))
    assert "Approve it, or send it back" in approver.go(review).main
    approver.press("Approve “8.37")
    publish = next(
        address for words, address in links(approver.go("/workspace")).items() if words.startswith("Publish")
    )
    assert "Publish “8.37" in approver.go(publish).main
    author = sample(app, Role.AUTHOR)
    assert author.main.startswith("Your desk Waits for you Nothing.")
    assert links(author)["Start a draft"] == "/workspace/drafts/new"


def test_whoever_has_no_desk_arrives_at_the_accounts(app: Starlette, kb: KnowledgeBase) -> None:
    administrator = another(app, kb, "Ada Admin", Role.ADMINISTRATOR)
    assert str(administrator.page.url).endswith("/workspace/accounts")
    assert "may not read the desk" in administrator.go("/workspace/desk").main


def test_the_desk_tells_of_days_to_come_reviews_due_learning_and_urgent_texts(
    app: Starlette, kb: KnowledgeBase
) -> None:
    draft = kb.workspace.start(ANN, Withdrawal("pre-birth-assessment"))
    content = replace(draft.content, withdrawal_reason="The court.", change_note="Gone.")
    kb.workspace.override(BEN, kb.workspace.save(ANN, draft.id, content, draft.version).id, "It cannot wait.")
    author = sample(app, Role.AUTHOR)
    assert "Comes into force 1 April 2027: 8.32 Children who Go Missing" in author.main
    assert "23 overdue, the longest since 31 May 2021" in author.main
    assert "They pile up in November 2026 (" in author.main
    assert "8.43 Pre-Birth Assessment, revision" in author.main
    assert "by Ben Okoro: It cannot wait." in author.main
    assert "28 not answered, 26 of them open" in author.main
    assert links(author)["1.3 Thresholds and Continuum of Need"].startswith("/workspace/desk/broken-links#")
    author.go("/workspace/desk/broken-links")
    assert "“Pre-Birth Assessment” is withdrawn. Take the link out." in author.main
    assert (
        links(author)["Start a draft of 5.4 Pre-Birth Conference"]
        == "/workspace/drafts/new?section=pre-birth-conference"
    )
    author.go("/workspace/desk/reviews-due")
    assert "Overdue 31 May 2021: 8.26 Parents who Misuse Substances" in author.main
    assert "January 2027 4 texts 6 January 2027:" in author.main


def test_a_text_published_by_import_waits_until_an_approver_says_they_have_looked(
    app: Starlette, kb: KnowledgeBase
) -> None:
    with kb._store.write("Import", kb.now) as transaction:
        text = Proposal(
            section="slings",
            title="Baby Slings",
            number="8.97",
            body="<p>Keep the face in view.</p>",
            change_note="Brought in.",
            in_force_from=date(2026, 11, 1),
            author="Import",
        )
        transaction.publish(text, kb.today(), imported={})
    author, approver = sample(app, Role.AUTHOR), sample(app, Role.APPROVER)
    assert "1 text nobody has looked at" in author.main
    assert "Look at 1 text" not in author.main
    approver.go(links(approver)["Look at 1 text that was published by import"]).press("I have looked at 8.97")
    assert "Recorded: you have looked at the text." in approver.main
    assert kb.unreviewed() == ()
    approver.send("/workspace/desk/imported/slings/1", [])
    assert approver.page.status_code == 400
    assert "is not waiting to be looked at" in approver.main


def test_what_readers_say_stays_on_the_list_until_somebody_has_dealt_with_it(app: Starlette, kb: KnowledgeBase) -> None:
    pid = kb.section("brue").paragraphs[3].pid
    kb.keep_feedback(Opinion("brue", 4, False, Reason.WRONG, "The form has <b>another</b> name.", pid))
    kb.keep_feedback(Opinion("brue", 4, True))
    author = sample(app, Role.AUTHOR)
    assert "8.38 Brief Resolved Unexpected Event (BRUE): wrong" in author.main
    author.go("/workspace/feedback")
    assert "The form has <b>another</b> name." in author.main
    assert any(address.endswith(f"/revisions/4#{pid}") for address in links(author).values())
    assert "Useful 8.38 Brief Resolved Unexpected Event (BRUE) once" in author.main
    author.press("It is dealt with")
    assert "Noted as dealt with." in author.main
    assert "To deal with Nothing." in author.main
    assert "dealt with by Sample author on 23 November 2026" in author.main
    assert "Nothing that nobody has dealt with." in author.go("/workspace/desk").main
    for number, said in ((1, "has dealt with this already"), (9, "no longer kept"), (2**70, "no longer kept")):
        author.send(f"/workspace/feedback/{number}", [])
        assert author.page.status_code == 400
        assert said in author.main


def test_a_search_in_vain_comes_to_the_desk_and_is_led_to_its_answer(
    app: Starlette, kb: KnowledgeBase, clock: SetClock
) -> None:
    reader = stranger(app)
    for _ in range(2):
        assert "Nothing found" in reader.get(f"/search?q={IN_VAIN}").text
    reader.get("/search?q=jayden wombat")
    tomorrow(kb, clock)
    author = sample(app, Role.AUTHOR)
    assert "jayden" not in author.page.text
    author.go(links(author)[f"“{IN_VAIN}”"])
    assert "Nothing found 2 times. On 23 November 2026." in author.main
    assert "What it finds today Nothing." in author.main
    assert IN_VAIN not in str(author.page.url)
    author.press("Lead readers there", words=IN_VAIN, section="brue")
    assert author.page.status_code == 400
    assert "Choose when readers are led" in author.main
    assert author.faults == ["#how", "how"]
    author.press("Lead readers there", section="", how="answer")
    assert "Choose a section" in author.main
    assert author.faults == ["#section", "section"]
    author.press("Lead readers there", section="brue", how="answer", words="?")
    assert author.faults == ["#words", "words"]
    author.press("Lead readers there", section="brue", how="answer", words=IN_VAIN)
    assert "Before Not among the first 30 After Place 1 Today Place 1" in author.main
    assert f"“{IN_VAIN}”: Brief Resolved" in reader.get(f"/search?q={IN_VAIN}").text
    author.go("/workspace/searches")
    assert "8.38 Brief Resolved Unexpected Event (BRUE), not among the first 30 before, place 1 after" in author.main
    assert "No search waits for a decision" in author.main


def test_a_search_in_vain_is_a_gap_or_out_of_scope_or_deleted(
    app: Starlette, kb: KnowledgeBase, clock: SetClock
) -> None:
    search_in_vain(kb, clock, IN_VAIN)
    author = sample(app, Role.AUTHOR)
    author.go("/workspace/searches/1").press("A gap to write")
    assert "Noted as a gap to write." in author.main
    assert "Noted by Sample author on 24 November 2026" in author.main
    assert "with 1 gap to write" in author.go("/workspace/desk").main
    author.go("/workspace/searches/1").press("Out of scope")
    assert "Put aside by Sample author" in author.main
    author.go("/workspace/searches/1").press("Put it back on the list")
    assert "It is back on the list." in author.main
    author.send("/workspace/searches/1/set-aside", [("as", "nonsense")])
    assert author.page.status_code == 400
    assert author.faults == ["#other"]
    author.go("/workspace/searches/1").press("Delete it")
    assert "The words are deleted." in author.main
    assert author.go("/workspace/searches/1").page.status_code == 404


def test_whether_a_result_was_opened_is_known_without_a_cookie_or_a_script(
    app: Starlette, kb: KnowledgeBase, clock: SetClock
) -> None:
    reader = stranger(app)
    for words in ("bruise on a baby", "fgm"):
        for _ in range(3):
            reader.get("/search", params={"q": words})
    came_from = {"Referer": "http://127.0.0.1/search?q=Bruise+on+a+baby&page=2"}
    assert "set-cookie" not in reader.get("/sections/bruising-non-mobile", headers=came_from).headers
    for elsewhere in ("https://evil.example/search?q=fgm", "http://127.0.0.1/?q=fgm", "http://[", "/search?q=fgm"):
        assert reader.get("/sections/brue", headers={"Referer": elsewhere}).status_code == 200
    assert reader.get("/contacts", headers={"Referer": "http://127.0.0.1/search?q=fgm"}).status_code == 200
    tomorrow(kb, clock)
    assert [(each.words, each.not_opened) for each in kb.searches.listed(ANN)] == [("fgm", 3)]


def test_a_reader_who_narrows_a_search_or_asks_about_another_day_is_not_counted(
    app: Starlette, kb: KnowledgeBase, clock: SetClock
) -> None:
    reader = stranger(app)
    for more in ("&on=2016-05-01", "&kind=section", "&order=newest"):
        reader.get(f"/search?q={IN_VAIN}{more}")
    tomorrow(kb, clock)
    assert kb.searches.listed(ANN) == ()
