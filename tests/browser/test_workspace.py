"""The workspace in a real browser: a text goes from a Word file to every reader, with script and without it."""

from __future__ import annotations

import io
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import docx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from kb.access import Role
from kb.accounts import SAMPLE_SIGN_INS
from kb.beginnings import TextInForce
from kb.feedback import Opinion, Reason
from kb.redaction import Kind
from kb.service import KnowledgeBase
from kb.settings import Settings
from tests.conftest import MONDAY_3_AM, SetClock
from tests.kb.people import OPERATOR
from tests.kb.readers import search_in_vain, tomorrow
from tests.web.editors import ANN
from web.app import create_app

PHONE, DESK = 320, 1280
WAYS = {each.role: each for each in SAMPLE_SIGN_INS}
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>"\'><svg onload=alert(3)>{{7*7}}'
ATTRIBUTES = "[...document.querySelectorAll('*')].flatMap((each) => each.getAttributeNames())"


@dataclass
class Office:
    """A running site of this test's own, its knowledge base and its clock, and the people at their browsers."""

    kb: KnowledgeBase
    clock: SetClock
    address: str
    chromium: Browser
    contexts: list[BrowserContext]

    def visitor(self, *, width: int = DESK, javascript: bool = True) -> Page:
        """Open a browser that shares nothing with another."""
        context = self.chromium.new_context(
            base_url=self.address,
            java_script_enabled=javascript,
            locale="en-GB",
            viewport={"width": width, "height": 900},
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        return context.new_page()

    def editor(self, role: Role, *, width: int = DESK, javascript: bool = True) -> Page:
        """Open a browser and sign in to the sample."""
        page = self.visitor(width=width, javascript=javascript)
        page.goto("/workspace/drafts")
        sign_in(page, role)
        expect(page.get_by_role("heading", level=1)).to_have_text("Drafts")
        return page


@pytest.fixture
def office(sample_folder: Path, tmp_path: Path, chromium: Browser) -> Iterator[Office]:
    data = Path(shutil.copytree(sample_folder, tmp_path / "office"))
    clock = SetClock(MONDAY_3_AM)
    contexts: list[BrowserContext] = []
    with KnowledgeBase.open(Settings(data=data), clock) as kb, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(kb), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield Office(kb, clock, f"http://127.0.0.1:{listening.getsockname()[1]}", chromium, contexts)
        for context in contexts:
            context.close()
        server.should_exit = True
        thread.join(timeout=10)


def sign_in(page: Page, role: Role) -> None:
    page.get_by_label("Your name").fill(WAYS[role].name)
    page.get_by_label("Password").fill(WAYS[role].password)
    page.get_by_role("button", name="Sign in").click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def begin(page: Page, section: str = "bruising-non-mobile") -> str:
    """Start a draft from the text in force, and return its address."""
    page.goto(f"/workspace/drafts/new?section={section}")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("A draft is started")).to_be_visible()
    return re.sub(r"/edit.*", "", page.url)


def unfold(page: Page, paragraph: str) -> None:
    page.locator("fieldset", has_text=paragraph).locator("summary", has_text="Move, divide").first.click()


def a_word_file(kb: KnowledgeBase) -> bytes:
    """Write the text in force in Word, as an editor's colleague would, with one paragraph changed and one added."""
    view = kb.section("bruising-non-mobile")
    file = docx.Document()
    file.add_heading(f"{view.number} {view.title}", 1)
    heading: tuple[str, ...] = ()
    for place, paragraph in enumerate(view.paragraphs):
        for level, words in enumerate(paragraph.heading, start=2):
            if paragraph.heading[: level - 1] != heading[: level - 1]:
                file.add_heading(words, level)
        heading = paragraph.heading
        text = paragraph.text.split("\n")[0]
        file.add_paragraph(text + (" Write down who you spoke to." if place == 0 else ""))
        if place == 0:
            file.add_paragraph("You must photograph nothing yourself, on Kodachrome or otherwise.")
    content = io.BytesIO()
    file.save(content)
    return content.getvalue()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_two_people_bring_a_word_file_to_every_reader(office: Office, javascript: bool) -> None:
    author = office.editor(Role.AUTHOR, javascript=javascript)
    author.get_by_role("button", name="Start a draft").click()
    author.get_by_text("From a Word file").click()
    part = author.locator("details", has_text="From a Word file")
    part.locator("select").select_option("bruising-non-mobile")
    file = {"name": "Bruising (tracked).docx", "mimeType": "application/msword", "buffer": a_word_file(office.kb)}
    part.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    press(author, "Start from the file")

    expect(author.get_by_text("A draft is started")).to_be_visible()
    author.get_by_label("Change note").fill("Nobody photographs a bruise themselves.")
    author.get_by_role("button", name="Save and close").first.click()
    author.get_by_role("link", name="Which paragraph is which").click()
    expect(author.locator("main")).to_contain_text("New")
    expect(author.locator("main")).to_contain_text("of the words kept")
    author.get_by_role("link", name="Back to the draft").click()
    press(author, "Ask for approval")
    expect(author.get_by_text("Approval is asked for")).to_be_visible()

    approver = office.editor(Role.APPROVER, javascript=javascript)
    approver.get_by_role("link", name="8.37 Bruising").click()
    approver.get_by_role("link", name="Compare with what is in force").click()
    expect(approver.locator("ins").first).to_be_visible()
    expect(approver.locator("main")).to_contain_text("Must or should")
    approver.get_by_role("link", name="Back to the draft").click()
    press(approver, "Approve “8.37 Bruising")
    approver.get_by_role("button", name="Look at what it would do, and publish").click()
    expect(approver.locator("main")).to_contain_text("Sections that link here")
    press(approver, "Publish “8.37 Bruising")
    expect(approver.get_by_role("heading", level=1)).to_have_text("Published")

    reader = office.visitor(javascript=javascript)
    reader.goto("/sections/bruising-non-mobile")
    expect(reader.locator("main")).to_contain_text("You must photograph nothing yourself, on Kodachrome or otherwise.")
    reader.goto("/search?q=kodachrome")
    expect(reader.locator(".app-result").first).to_contain_text("8.37")
    reader.goto("/updates")
    expect(reader.locator("main")).to_contain_text("Nobody photographs a bruise themselves.")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_blocks_are_moved_divided_joined_added_and_deleted_by_keyboard(office: Office, javascript: bool) -> None:
    author = office.editor(Role.AUTHOR, javascript=javascript)
    begin(author)
    first, second = (author.locator("textarea[name='1.text']"), author.locator("textarea[name='2.text']"))
    words = [first.input_value(), second.input_value()]

    unfold(author, "Paragraph 8.37.1")
    author.locator("button[value='down:1']").press("Enter")
    expect(author.get_by_text("Moved down. Saved.")).to_be_visible()
    assert author.evaluate("document.activeElement.id") == "b2"
    assert [first.input_value(), second.input_value()] == words[::-1]

    second.fill("One half.\n---\nThe other half.")
    author.locator("button[value='split:2']").press("Enter")
    assert author.evaluate("document.activeElement.id") == "b3"
    assert author.locator("textarea[name='3.text']").input_value() == "The other half."

    author.locator("button[value='join:3']").press("Enter")
    assert second.input_value() == "One half.\n\nThe other half."

    author.locator("select[name='2.add']").select_option("list")
    author.locator("button[value='add:2']").press("Enter")
    assert second.input_value().endswith("- First point\n- Second point")

    author.locator("select[name='2.add']").select_option("West Sussex")
    author.locator("button[value='add:2']").press("Enter")
    assert author.locator("select[name='3.area']").input_value() == "West Sussex"

    author.locator("button[value='delete:3']").press("Enter")
    expect(author.get_by_text("An earlier version has it")).to_be_visible()
    author.locator("button[value='up:2']").or_(author.locator("summary").first).first.wait_for(state="attached")


def test_what_cannot_be_done_to_a_block_is_said_beside_it_and_nothing_is_lost(office: Office) -> None:
    author = office.editor(Role.AUTHOR, javascript=False)
    begin(author)
    author.locator("textarea[name='2.text']").fill("Words that were typed.")
    unfold(author, "Paragraph 8.37.2")
    author.locator("button[value='split:2']").click()
    expect(author.locator(".govuk-error-message")).to_contain_text("Type --- on a line of its own")
    assert author.locator("textarea[name='2.text']").input_value() == "Words that were typed."


def test_what_is_typed_is_saved_by_itself_and_advice_comes_beside_it(office: Office) -> None:
    author = office.editor(Role.AUTHOR)
    address = begin(author)
    author.locator("textarea[name='1.text']").fill("Everybody must do this. See [here](section:nowhere-at-all).")
    expect(author.locator("[data-said]")).to_have_text("Not saved yet.")
    expect(author.locator("[data-said]")).to_have_text(re.compile("Saved at"), timeout=10_000)
    expect(author.locator("[data-advice='1']")).to_contain_text("There is no section “nowhere-at-all”.")
    author.locator("textarea[name='1.text']").press_sequentially(" More.")
    author.close(run_before_unload=False)  # the browser is gone

    again = office.editor(Role.AUTHOR)
    again.goto(f"{address}/edit")
    assert again.locator("textarea[name='1.text']").input_value().startswith("Everybody must do this.")
    again.goto(f"{address}/versions")
    expect(again.get_by_role("link", name="Version 2")).to_be_visible()


def test_whoever_goes_on_to_the_preview_sees_what_they_have_just_typed(office: Office) -> None:
    author = office.editor(Role.AUTHOR)
    begin(author)
    author.locator("textarea[name='1.text']").fill("Typed a moment ago.")
    author.get_by_role("link", name="Preview").click()
    expect(author.locator("main")).to_contain_text("Typed a moment ago.")
    expect(author.get_by_text("Draft: not published")).to_be_visible()


def test_a_draft_that_is_published_meanwhile_takes_no_more_words_and_says_so(office: Office) -> None:
    author = office.editor(Role.AUTHOR)
    draft_id = begin(author).rpartition("/")[2]
    office.kb.workspace.withdraw(ANN, draft_id, "Given up by somebody else.")
    author.get_by_label("Change note").fill("Typed into what is over.")
    expect(author.locator("[data-said]")).to_contain_text("Not saved.", timeout=10_000)
    assert author.get_by_label("Change note").input_value() == "Typed into what is over."


def test_without_a_network_what_is_typed_stays_and_is_saved_when_it_is_back(office: Office) -> None:
    author = office.editor(Role.AUTHOR)
    begin(author)
    tries: list[str] = []
    author.on("request", lambda request: tries.append(request.url) if request.method == "POST" else None)
    author.context.set_offline(True)
    author.get_by_label("Change note").fill("Typed on a train.")
    said = author.locator("[data-said]")
    expect(said).to_contain_text("the site cannot be reached", timeout=10_000)
    author.wait_for_timeout(1000)
    assert len(tries) <= 2
    author.context.set_offline(False)
    expect(said).to_have_text(re.compile("^Saved at"), timeout=20_000)


def test_a_session_that_ends_while_somebody_types_loses_nothing(office: Office) -> None:
    author = office.editor(Role.AUTHOR)
    address = begin(author)
    office.clock.instant += timedelta(minutes=31)
    author.get_by_label("Change note").fill("Typed after the session had ended.")
    said = author.locator("[data-said]")
    expect(said).to_contain_text("Not saved. You have done nothing here for 30 minutes", timeout=10_000)
    with author.context.expect_page() as opened:
        said.get_by_role("link", name="Sign in again in a new tab").click()
    sign_in(opened.value, Role.AUTHOR)
    author.get_by_label("Change note").press_sequentially(" And on.")
    expect(said).to_have_text(re.compile("^Saved at"), timeout=20_000)
    author.goto(address)
    expect(author.locator("main")).to_contain_text("Typed after the session had ended. And on.")


def test_without_script_what_was_typed_comes_through_signing_in_again(office: Office) -> None:
    author = office.editor(Role.AUTHOR, javascript=False)
    address = begin(author)
    office.clock.instant += timedelta(minutes=31)
    author.get_by_label("Change note").fill("Typed after the session had ended.")
    author.get_by_role("button", name="Save", exact=True).first.click()
    expect(author.get_by_text("What you had typed is kept on this page")).to_be_visible()
    sign_in(author, Role.AUTHOR)
    press(author, "Go on with what I had typed")
    author.goto(address)
    expect(author.locator("main")).to_contain_text("Typed after the session had ended.")


def test_the_second_of_two_people_sees_both_texts_before_a_word_is_lost(office: Office) -> None:
    first, second = office.editor(Role.AUTHOR, javascript=False), office.editor(Role.AUTHOR, javascript=False)
    address = begin(first)
    second.goto(f"{address}/edit")
    first.locator("textarea[name='1.text']").fill("What the first wrote.")
    first.get_by_role("button", name="Save", exact=True).first.click()
    second.locator("textarea[name='1.text']").fill("What the second wrote.")
    second.get_by_role("button", name="Save", exact=True).first.click()
    expect(second.get_by_role("alert")).to_contain_text("saved this draft before you")
    expect(second.locator("main")).to_contain_text("What the first wrote.")
    assert second.locator("textarea[name='1.text']").input_value() == "What the second wrote."
    second.goto(f"{address}/versions")
    expect(second.get_by_text("Kept aside")).to_be_visible()
    second.get_by_role("link", name="Kept aside").click()
    press(second, "Take this version back")
    assert second.locator("textarea[name='1.text']").input_value() == "What the second wrote."


def test_saving_by_itself_never_runs_over_somebody_else(office: Office) -> None:
    first, second = office.editor(Role.AUTHOR), office.editor(Role.AUTHOR)
    address = begin(first)
    second.goto(f"{address}/edit")
    first.get_by_label("Change note").fill("The first.")
    expect(first.locator("[data-said]")).to_have_text(re.compile("^Saved at"), timeout=10_000)
    second.get_by_label("Change note").fill("The second.")
    expect(second.locator("[data-said]")).to_contain_text("Press “Save” to see both", timeout=10_000)
    second.get_by_role("button", name="Save", exact=True).first.click()
    expect(second.get_by_role("alert")).to_contain_text("saved this draft before you")


def test_a_link_is_found_by_search_and_put_into_the_text(office: Office) -> None:
    author = office.editor(Role.AUTHOR)
    begin(author)
    block = author.locator("fieldset", has_text="Paragraph 8.37.1").first
    words = block.locator("textarea")
    words.fill("See ")
    words.press("End")
    block.locator("summary", has_text="Put in a link").press("Enter")
    expect(block.locator("input:focus")).to_be_visible()
    author.keyboard.type("BRUE")
    block.get_by_role("button", name=re.compile("^8.38 ")).first.press("Enter", timeout=60_000)
    assert re.fullmatch(r"See \[8\.38 [^]]+\]\(section:brue\)", words.input_value())
    author.goto("/workspace/links?q=BRUE")
    expect(author.locator("main")).to_contain_text("(section:brue)")


def test_pasted_from_word_the_text_keeps_its_lists(office: Office) -> None:
    author = office.editor(Role.AUTHOR)
    author.goto("/workspace/drafts/new")
    author.get_by_text("From text that you paste").click()
    author.locator("#words").evaluate(
        """(box) => {
          const data = new DataTransfer();
          data.setData("text/html", "<h1>Fire</h1><p>Get <b>out</b>.</p><ul><li>Ring 999</li></ul><p>Stay out.</p>");
          box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
          box.value = "Fire Get out. Ring 999 Stay out.";
        }"""
    )
    author.locator("#number-paste").fill("8.99")
    author.wait_for_timeout(50)
    press(author, "Start from this text")
    assert author.get_by_label("Title").input_value() == "Fire"
    assert author.locator("textarea[name='0.text']").input_value() == "Get **out**.\n\n- Ring 999"


def test_hostile_words_and_file_names_do_nothing_anywhere(office: Office) -> None:
    author = office.editor(Role.AUTHOR)
    fired: list[str] = []

    def told(dialog: Dialog) -> None:
        fired.append(dialog.message)
        dialog.dismiss()

    author.on("dialog", told)
    complaints: list[str] = []
    author.on("console", lambda message: complaints.append(message.text))
    address = begin(author)
    author.get_by_label("Title").fill(HOSTILE)
    author.get_by_label("Change note").fill(HOSTILE)
    author.locator("#themes").fill(HOSTILE)
    author.locator("textarea[name='1.text']").fill(f"{HOSTILE} [x](javascript:alert(4)) [y](section:brue) ^[{HOSTILE}]")
    author.locator("textarea[name='2.text']").fill(
        f"Table: {HOSTILE}\n| {HOSTILE} | b |\n| --- | --- |\n| c | {HOSTILE} |"
    )
    author.get_by_role("button", name="Save and close").first.click()
    author.get_by_text("Attach a file").click()
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
    name = "a<img src=x onerror=alert(5)>\u202e.png"
    author.locator("#file").set_input_files({"name": name, "mimeType": "image/png", "buffer": png})
    author.get_by_label("What it shows, in words").fill(HOSTILE)
    press(author, "Attach the file")
    for step in ("", "/edit", "/preview", "/compare", "/matching", "/versions", "/impact"):
        author.goto(address + step)
        assert "onerror" not in author.evaluate(
            "[...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames()).join()"
        )
    author.goto("/workspace/drafts")
    author.goto(f"{address}/edit")
    author.get_by_label("Change note").press_sequentially(" x")
    expect(author.locator("[data-said]")).to_have_text(re.compile("^Saved at"), timeout=10_000)
    author.wait_for_timeout(200)
    assert fired == []
    assert [line for line in complaints if "Content Security Policy" in line or "Refused" in line] == []
    assert author.evaluate("document.querySelectorAll('main img, main svg, main script').length") == 0


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_what_readers_search_for_in_vain_is_led_to_its_answer(office: Office, javascript: bool) -> None:
    reader = office.visitor(javascript=javascript)
    for _ in range(2):
        reader.goto("/search?q=gallivanting+wombat")
        expect(reader.get_by_role("heading", level=1)).to_contain_text("Nothing found")
    tomorrow(office.kb, office.clock)
    for _ in range(3):
        reader.goto("/search?q=bruise+on+a+baby")
    reader.get_by_role("link", name="8.37 Bruising").first.click()
    reader.goto("/search?q=fgm")

    author = office.editor(Role.AUTHOR, javascript=javascript)
    author.get_by_role("link", name="Desk", exact=True).click()
    author.get_by_role("link", name="gallivanting wombat").click()
    author.get_by_label("Which section answers it?").select_option("brue")
    author.get_by_label("When they search for just these words").check()
    press(author, "Lead readers there")
    expect(author.locator("main")).to_contain_text("Place 1")
    reader.goto("/search?q=gallivanting+wombat")
    expect(reader.locator(".app-destination").first).to_contain_text("8.38")
    office.kb.searches.close()
    with office.kb._store.read() as connection:
        tallies = connection.exec_driver_sql("SELECT words, shown, opened FROM search_tallies ORDER BY words").all()
    assert tallies == [("bruise on a baby", 3, 1), ("fgm", 1, 0), ("gallivanting wombat", 1, 0)]


PAGES = ("", "/edit", "/edit?done=down&at=2#b2", "/preview", "/compare", "/matching", "/versions", "/impact")


@pytest.mark.parametrize("width", [PHONE, pytest.param(DESK, marks=pytest.mark.soak)])
def test_every_page_of_the_workspace_is_accessible_and_never_scrolls_sideways(
    office: Office, axe: Callable[[Page], list[str]], width: int
) -> None:
    draft = office.kb.workspace.start(ANN, TextInForce("bruising-non-mobile"))
    author = office.visitor(width=width)
    author.goto("/workspace/sign-in")
    addresses = [f"/workspace/drafts/{draft.id}{step}" for step in PAGES]
    addresses += ["/workspace/drafts", "/workspace/drafts/new", "/workspace/release", "/workspace/links?q=bruise"]
    addresses += ["/workspace/account", "/workspace/account/password"]
    search_in_vain(office.kb, office.clock, "gallivanting wombat")
    office.kb.keep_feedback(Opinion("brue", 4, False, Reason.WRONG, "The form has another name."))
    addresses += ["/workspace/desk", "/workspace/desk/reviews-due", "/workspace/desk/broken-links"]
    addresses += ["/workspace/desk/imported", "/workspace/feedback", "/workspace/searches", "/workspace/searches/1"]
    asked = office.kb.redactions.request(ANN, Kind.WORDS, "toxicology", "Order of the court.")
    addresses += [f"/workspace/redactions{step}" for step in ("", "/new?section=brue", f"/{asked.id}")]
    addresses += ["/workspace/learning", "/workspace/learning/west-sussex-2016-child-s/6?section=brue"]
    addresses += ["/workspace/log", "/workspace/log/1", "/workspace/accounts", "/workspace/accounts/2"]
    addresses += ["/workspace/accounts/new"]
    office.kb.accounts.set_roles(OPERATOR, WAYS[Role.AUTHOR].name, [Role.AUTHOR, Role.ADMINISTRATOR])
    assert axe(author) == []
    sign_in(author, Role.AUTHOR)
    for address in addresses:
        author.goto(address)
        author.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        assert axe(author) == [], address
        assert author.evaluate("document.documentElement.scrollWidth") <= width, address
