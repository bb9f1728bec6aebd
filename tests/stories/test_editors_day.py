"""Days in the life of editors, by the pages they use, without a browser's script: every way a text can go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kb.access import Actor, Role
from kb.beginnings import TextInForce
from tests.web.editors import Editor, another, sample, stranger
from web.app import create_app
from web.workspace import addresses

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.applications import Starlette

    from kb.service import KnowledgeBase

KEY = "bruising-non-mobile"
NOTE = "Something changed for the reader."


@pytest.fixture
def app(kb: KnowledgeBase) -> Starlette:
    return create_app(kb)


@pytest.fixture
def author(app: Starlette) -> Editor:
    return sample(app, Role.AUTHOR)


@pytest.fixture
def approver(app: Starlette) -> Editor:
    return sample(app, Role.APPROVER)


def begin(author: Editor, section: str = KEY, **chosen: str) -> str:
    """Start a draft of a section and return its address."""
    author.go(f"/workspace/drafts/new?section={section}").press("Start", **{"how": "in-force", **chosen})
    assert "A draft is started" in author.main, author.main
    return str(author.page.url).partition("/edit")[0].removeprefix("http://127.0.0.1")


def write(author: Editor, address: str, **typed: str) -> None:
    """Change fields of a draft's form, and close it."""
    author.go(f"{address}/edit").press("Save and close", **{"change_note": NOTE, **typed})
    assert "Saved." in author.main, author.main


def approved(author: Editor, approver: Editor, address: str) -> None:
    """Ask for approval, and give it."""
    author.go(address).press("Ask for approval")
    approver.go(address).press("Approve “")
    assert "You have approved this text" in approver.main


def published(approver: Editor, *drafts: str) -> None:
    """Go by the page that says what would happen, and publish."""
    named = "&".join(f"draft={address.rpartition('/')[2]}" for address in drafts)
    approver.go(f"/workspace/release?{named}").press("Publish")
    assert approver.main.startswith("Published"), approver.main


def test_an_approved_text_that_is_touched_must_be_approved_again(author: Editor, approver: Editor) -> None:
    address = begin(author)
    write(author, address, **{"1.text": "The first wording."})
    approved(author, approver, address)
    author.go(f"{address}/edit")
    assert "the approval of Sample approver is void" in author.main
    write(author, address, **{"1.text": "The first wording!"})
    assert "changed it, so approval was void" in author.main
    approver.go(f"/workspace/release?draft={address.rpartition('/')[2]}").press("Publish")
    assert approver.page.status_code == 400
    assert "There is a problem" in approver.main


def test_saving_without_a_change_leaves_an_approval_as_it_is(author: Editor, approver: Editor) -> None:
    address = begin(author, "brue")
    write(author, address)
    approved(author, approver, address)
    write(author, address)
    assert "Approved by Sample approver" in author.main
    published(approver, address)


def test_what_was_read_is_what_is_approved(author: Editor, approver: Editor) -> None:
    address = begin(author)
    write(author, address)
    author.press("Ask for approval")
    approver.go(address)
    old = approver.tree.xpath("//input[@name='seal']/@value")[0]
    write(author, address, **{"1.text": "Slipped in meanwhile."})
    author.press("Ask for approval")
    approver.send(f"{address}/approve", [("seal", old)])
    assert "The text has changed since you read it" in approver.main


def test_nobody_approves_what_they_helped_to_write(app: Starlette, kb: KnowledgeBase, author: Editor) -> None:
    both = another(app, kb, "Chris Both", Role.AUTHOR, Role.APPROVER)
    address = begin(author)
    write(author, address)
    write(both, address, **{"1.text": "Chris has put in a word."})
    both.press("Ask for approval")
    both.go(address)
    assert "You helped to write this, so somebody else approves it" in both.main
    seal = kb.workspace.draft(Actor("x", frozenset({Role.AUDITOR})), address.rpartition("/")[2]).seal or ""
    both.send(f"{address}/approve", [("seal", seal)])
    assert "Nobody approves what they helped to write" in both.main


def test_what_is_sent_back_comes_with_reasons(author: Editor, approver: Editor) -> None:
    address = begin(author)
    write(author, address)
    author.press("Ask for approval")
    approver.go(address).press("Send it back", reasons="")
    assert "Say why" in approver.main
    approver.press("Send it back", reasons="The number in paragraph 2 is wrong.")
    author.go(address)
    assert "Sample approver sent it back" in author.main
    assert "The number in paragraph 2 is wrong." in author.main


def test_several_sections_are_published_together_or_not_at_all(
    author: Editor, approver: Editor, kb: KnowledgeBase
) -> None:
    one, other = begin(author), begin(author, "brue")
    write(author, one, **{"1.text": "Together, the first."})
    write(author, other, **{"1.text": "Together, the second."})
    approved(author, approver, one)
    approved(author, approver, other)
    kb.workspace.take_back(Actor("Sample author", frozenset({Role.AUTHOR})), other.rpartition("/")[2])
    ids = [("draft", address.rpartition("/")[2]) for address in (one, other)]
    approver.send("/workspace/release", ids)
    assert approver.page.status_code == 400
    assert "Together" not in kb.section(KEY).paragraphs[0].text
    author.go(other).press("Ask for approval")
    approver.go(other).press("Approve “")
    approver.go("/workspace/release")
    approver.go(f"/workspace/release?draft={ids[0][1]}&draft={ids[1][1]}").press("Publish these 2 together")
    assert kb.section(KEY).paragraphs[0].text == "Together, the first."
    assert kb.section("brue").paragraphs[0].text == "Together, the second."


def test_a_text_for_a_later_day_waits_is_shown_as_coming_and_can_be_cancelled(
    app: Starlette, author: Editor, approver: Editor
) -> None:
    address = begin(author)
    write(author, address, **{"1.text": "From the spring on.", "in_force_from": "3 March 2027"})
    approved(author, approver, address)
    published(approver, address)
    assert "comes into force on 3 March 2027" in approver.main
    reader = Editor(client := stranger(app), client.get(f"/sections/{KEY}"))
    assert "A change comes into force on 3 March 2027" in reader.main
    assert "From the spring on." not in reader.main
    approver.go("/workspace/release")
    form = next(f for f in approver.tree.forms if (f.action or "").startswith(f"{addresses.WAITING}/{KEY}/"))
    approver.send(form.action or "", [("reason", "")])
    assert approver.page.status_code == 400
    approver.send(form.action or "", [("reason", "The guidance was withdrawn.")])
    assert "The waiting revision is cancelled" in approver.main
    assert "A change comes into force" not in reader.go(f"/sections/{KEY}").main


def test_two_sections_that_were_to_change_numbers_are_cancelled_by_one_button(
    author: Editor, approver: Editor, kb: KnowledgeBase
) -> None:
    later = {"in_force_from": "3 March 2027"}
    one, other = begin(author), begin(author, "brue")
    numbers = (str(kb.section(KEY).number), str(kb.section("brue").number))
    write(author, one, number=numbers[1], **later)
    write(author, other, number=numbers[0], **later)
    approved(author, approver, one)
    approved(author, approver, other)
    published(approver, one, other)
    urgent = begin(author)
    write(author, urgent, **{"1.text": "The urgent wording."})
    approved(author, approver, urgent)
    assert "changes numbers with the waiting text. It is cancelled too, and drafted again" in approver.go(urgent).main
    approver.go("/workspace/release")
    assert "To cancel one alone would leave two sections with one number" in approver.main
    approver.press("Cancel both: revision", reason="")
    assert approver.page.status_code == 400
    approver.press("Cancel both: revision", reason="They were mixed up.")
    assert "The waiting revisions are cancelled" in approver.main
    assert "Cancel both" not in approver.main
    published(approver, urgent)
    assert (kb.section(KEY).number, kb.section("brue").number) == numbers


def test_an_urgent_change_is_carried_into_the_text_that_waits(
    app: Starlette, author: Editor, approver: Editor, kb: KnowledgeBase
) -> None:
    later = begin(author)
    write(author, later, **{"2.text": "The later wording.", "in_force_from": "3 March 2027"})
    approved(author, approver, later)
    published(approver, later)
    urgent = begin(author)
    write(author, urgent, **{"1.text": "The urgent wording.", "change_note": "Something urgent."})
    assert "waits to come into force on 3 March 2027" in author.main
    approved(author, approver, urgent)
    approver.send("/workspace/release", [("draft", urgent.rpartition("/")[2])])
    assert approver.page.status_code == 400
    approver.go(urgent).press("Publish “8.37", carry="")
    assert "There is a problem" in approver.main
    approver.press("Publish “8.37", carry="It is published again with the urgent change.")
    assert "the waiting text with the change in it" in approver.main
    assert kb.section(KEY).paragraphs[0].text == "The urgent wording."
    anew = str(approver.page.url).partition("?")[0].removeprefix("http://127.0.0.1")
    author.go(f"{anew}/edit")
    assert author.tree.xpath("//textarea[@name='1.text']")[0].text.strip() == "The urgent wording."
    assert author.tree.xpath("//textarea[@name='2.text']")[0].text.strip() == "The later wording."
    assert author.tree.xpath("//input[@id='in_force_from']/@value") == ["3 March 2027"]
    author.press("Save and close")
    second = another(app, kb, "Dana Second", Role.APPROVER)  # who carried it in has helped to write it
    approved(author, second, anew)
    published(second, anew)
    assert "comes into force on 3 March 2027" in second.main


def test_an_urgent_text_is_published_at_once_with_its_reason_and_listed_until_somebody_has_read_it(
    app: Starlette, kb: KnowledgeBase, author: Editor, approver: Editor
) -> None:
    address = begin(author)
    write(author, address, **{"1.text": "Ring the new number."})
    approver.go(address).press("Publish “8.37", urgent="")
    assert "An urgent publication needs its reason" in approver.main
    approver.press("Publish “8.37", urgent="The old number rings at a stranger’s.")
    assert approver.main.startswith("Published")
    assert kb.section(KEY).paragraphs[0].text == "Ring the new number."
    approver.go("/workspace/release")
    assert "The old number rings at a stranger’s." in approver.main
    approver.press("I have read")
    assert "Whoever wrote or published it does not review it" in approver.main
    second = another(app, kb, "Dana Second", Role.APPROVER)
    second.go("/workspace/release").press("I have read")
    assert "Recorded: you have read what was published urgently" in second.main
    assert "stranger’s" not in second.main


def test_a_section_is_withdrawn_with_the_one_that_takes_its_place(
    app: Starlette, author: Editor, approver: Editor
) -> None:
    address = begin(author, how="withdrawal", successor="brue")
    write(author, address, withdrawal_reason="It is part of 8.38 now.", successor="brue")
    approved(author, approver, address)
    published(approver, address)
    reader = Editor(client := stranger(app), client.get(f"/sections/{KEY}"))
    assert "Withdrawn" in reader.main
    assert "It is part of 8.38 now" in reader.main
    assert "Use 8.38 Brief Resolved Unexpected Event (BRUE) instead" in reader.main


def test_an_earlier_text_comes_back_as_a_new_revision(author: Editor, approver: Editor, kb: KnowledgeBase) -> None:
    old = kb.revision("brue", 2)
    address = begin(author, "brue", how="old", revision="2")
    write(author, address)
    approved(author, approver, address)
    published(approver, address)
    now = kb.section("brue")
    assert now.revision.revision == 5
    assert [p.pid for p in now.paragraphs] == [p.pid for p in old.paragraphs]


def test_a_slip_is_corrected_and_the_day_it_applies_from_stays(
    author: Editor, approver: Editor, kb: KnowledgeBase
) -> None:
    before = kb.section(KEY).revision
    address = begin(author, how="correction")
    write(author, address, **{"1.text": "Corrected."})
    approved(author, approver, address)
    published(approver, address)
    after = kb.section(KEY).revision
    assert (after.kind, after.in_force_from) == ("correction", before.in_force_from)


def test_a_draft_that_was_overtaken_by_a_publication_is_brought_up_to_date(
    author: Editor, approver: Editor, kb: KnowledgeBase
) -> None:
    first, second = begin(author), begin(author)
    assert "There is a draft of this section already" in author.go(f"/workspace/drafts/new?section={KEY}").main
    write(author, first, **{"1.text": "The first change."})
    write(author, second, **{"2.text": "The second change."})
    approved(author, approver, first)
    published(approver, first)
    author.go(second)
    assert "Something has been published since this draft was started" in author.main
    author.press("Bring it up to date")
    assert "The draft has what was published meanwhile" in author.main
    approved(author, approver, second)
    published(approver, second)
    assert [p.text for p in kb.section(KEY).paragraphs[:2]] == ["The first change.", "The second change."]


def test_where_two_changes_meet_a_person_is_shown_both(author: Editor, approver: Editor) -> None:
    first, second = begin(author), begin(author)
    write(author, first, **{"1.text": "The first change."})
    write(author, second, **{"1.text": "The second change."})
    approved(author, approver, first)
    published(approver, first)
    author.go(second).press("Bring it up to date")
    assert "Two changes met in 1 place" in author.main
    assert "The first change." in author.main
    assert "The second change." in author.main


def test_a_draft_from_a_learning_point_links_the_learning_to_what_changed(
    app: Starlette, author: Editor, approver: Editor, kb: KnowledgeBase
) -> None:
    point = next(line for line in kb.workspace.desk(Actor("x", frozenset({Role.AUTHOR}))).learning if not line.answered)
    author.go("/workspace/drafts/new").press(
        "Start from the learning", point=f"{point.review}/{point.ordinal}", section=KEY
    )
    address = str(author.page.url).partition("/edit")[0].removeprefix("http://127.0.0.1")
    write(author, address, **{"1.text": "What was learnt is said here."})
    approved(author, approver, address)
    published(approver, address)
    reader = Editor(client := stranger(app), client.get(f"/reviews/{point.review}"))
    assert "What was learnt is said here." in reader.main


def test_a_draft_is_given_up_with_a_reason_and_taken_back(author: Editor) -> None:
    address = begin(author)
    author.go(address).press("Give it up", why="")
    assert "There is a problem" in author.main
    author.press("Give it up", why="Not needed after all.")
    assert "can be taken back for 30 days" in author.main
    author.press("Make it a draft again")
    assert "It is a draft again" in author.main


def test_which_paragraph_is_which_is_corrected_before_approval(
    author: Editor, approver: Editor, kb: KnowledgeBase
) -> None:
    first = kb.section(KEY).paragraphs[0]
    address = begin(author)
    author.go("/workspace/drafts/new").press(
        "Start from this text", section=KEY, words="Altogether other words than ever stood here.\n\nAnd a second."
    )
    address = str(author.page.url).partition("/edit")[0].removeprefix("http://127.0.0.1")
    write(author, address)
    author.go(f"{address}/matching")
    assert "New" in author.main
    author.press("Change", pid=first.pid)
    assert "Changed. Look at the others too." in author.main
    approved(author, approver, address)
    published(approver, address)
    assert kb.section(KEY).paragraphs[0].pid == first.pid


def test_a_day_that_cannot_be_read_keeps_everything_else_that_was_typed(author: Editor) -> None:
    address = begin(author)
    author.go(f"{address}/edit").press("Save and close", change_note="Kept.", in_force_from="next spring")
    assert author.page.status_code == 400
    assert "“next spring” is not a day that can be read" in author.main
    assert author.tree.xpath("//input[@id='in_force_from']/@value") == ["next spring"]
    assert "Kept." in author.go(address).main


def test_words_for_a_draft_that_is_over_meanwhile_stay_on_the_page(kb: KnowledgeBase, author: Editor) -> None:
    address = begin(author)
    author.go(f"{address}/edit")
    kb.workspace.withdraw(Actor("Ann Weber", frozenset({Role.AUTHOR})), address.rpartition("/")[2], "Not needed.")
    author.press("Save and close", change_note="Typed too late.")
    assert author.page.status_code == 400
    assert "Start a new one" in author.main
    assert author.tree.xpath("//textarea[@id='change_note']")[0].text.strip() == "Typed too late."


def test_a_picture_is_attached_described_and_taken_off(author: Editor, tmp_path: Path) -> None:
    address = begin(author)
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
    author.page = author.client.post(f"{address}/files", data={"description": ""}, files={"file": ("f.png", png)})
    assert "Say in words what the file shows" in author.main
    sent = {"file": ("C:\\secret\\flow chart.png", png)}
    author.page = author.client.post(f"{address}/files", data={"description": "First, ring."}, files=sent)
    assert "flow chart.png" in author.main
    assert "secret" not in author.page.text
    link = next(a for a in author.tree.xpath("//main//a/@href") if "/files/" in a)
    answer = author.client.get(link)
    assert answer.content == png
    assert answer.headers["content-disposition"].startswith("attachment")
    assert author.client.get(link.replace(address, "").replace("/files", "/files")).status_code == 404
    digest = link.rpartition("/")[2]
    author.go(f"{address}/edit").press("Save and close", remove=digest)
    assert "flow chart.png" not in author.go(f"{address}/edit").main


def test_a_new_section_is_found_by_its_number_the_moment_it_is_published(
    app: Starlette, author: Editor, approver: Editor
) -> None:
    author.go("/workspace/drafts/new").press("Start with nothing", how="new", title="Baby sling safety", number="8.97")
    address = str(author.page.url).partition("/edit")[0].removeprefix("http://127.0.0.1")
    author.press("Add", **{"0.add": "paragraph"})
    write(author, address, **{"0.text": "Keep the face in view."})
    approved(author, approver, address)
    published(approver, address)
    reader = Editor(client := stranger(app), client.get("/search?q=8.97"))
    assert "8.97 Baby sling safety" in reader.main


def test_a_new_contact_is_rung_from_the_moment_it_is_published(
    app: Starlette, author: Editor, approver: Editor
) -> None:
    author.go("/workspace/drafts/new").press("Start with nothing", how="contact", title="Sling line")
    address = str(author.page.url).partition("/edit")[0].removeprefix("http://127.0.0.1")
    author.press("Add", **{"0.add": "paragraph"})
    details = {"role": "Advice on slings", "telephone": "01632 960999", "opening_hours": "24/7", "area": "West Sussex"}
    write(author, address, **{"0.text": "They answer at any hour.", **details})
    approved(author, approver, address)
    published(approver, address)
    reader = Editor(client := stranger(app), client.get("/sections/sling-line"))
    assert "01632 960999" in reader.main


def test_opening_hours_that_cannot_be_read_are_refused_before_approval(author: Editor) -> None:
    author.go("/workspace/drafts/new").press("Start with nothing", how="contact", title="Sling line")
    address = str(author.page.url).partition("/edit")[0].removeprefix("http://127.0.0.1")
    author.press("Add", **{"0.add": "paragraph"})
    write(author, address, **{"0.text": "They answer.", "telephone": "1", "opening_hours": "now and then", "role": "x"})
    assert "It could not be published as it is" in author.main
    author.press("Ask for approval")
    assert author.page.status_code == 400


def test_the_draft_of_another_is_on_the_list_with_who_wrote_it(kb: KnowledgeBase, author: Editor) -> None:
    kb.workspace.start(Actor("Ann Weber", frozenset({Role.AUTHOR})), TextInForce(KEY))
    assert "Written by Ann Weber" in author.go("/workspace/drafts").main
