"""Looking after the manual in a real browser: redaction by two without script; learning and accounts with it."""

from __future__ import annotations

import re

from playwright.sync_api import Dialog, Page, expect

from kb.access import Role
from procedures.markup import TOMBSTONE
from tests.browser import test_workspace
from tests.browser.test_workspace import WAYS, Office, press
from tests.kb.people import GOOD, OPERATOR

SAID = ".govuk-inset-text[role=status]"
HOSTILE = "<img src=x onerror=alert(1)>"

office = test_workspace.office


def test_without_script_one_asks_from_a_paragraph_and_another_removes_it_everywhere(office: Office) -> None:
    author = office.editor(Role.AUTHOR, javascript=False)
    author.get_by_role("link", name="Redactions").click()
    press(author, "Ask for something to be removed")
    author.get_by_label("Section").select_option("bruising-non-mobile")
    press(author, "Show what is in it")
    words = office.kb.section("bruising-non-mobile").paragraphs[3].text.split("\n")[0]
    author.get_by_role("link", name="Paragraph 8.37.4", exact=True).click()
    expect(author.get_by_label("A paragraph", exact=True)).to_be_checked()
    expect(author.locator("main")).to_contain_text(words[:60])
    author.get_by_label("Why").fill("Order of the court.")
    press(author, "Ask, and see what it would remove")
    expect(author.get_by_role("heading", name="You asked for this")).to_be_visible()

    approver = office.editor(Role.APPROVER, javascript=False)
    approver.set_default_timeout(60_000)  # the index is made again twice, on a machine that others use
    approver.goto(author.url)
    expect(approver.locator("main")).to_contain_text(words)
    press(approver, "Agree, and remove it for good")
    expect(approver.locator(SAID)).to_contain_text("It is removed")
    expect(approver.locator("main")).to_contain_text("Asked for by Sample author, agreed by Sample approver.")
    author.goto("/sections/bruising-non-mobile")
    expect(author.locator("main")).to_contain_text(TOMBSTONE)
    expect(author.locator("main")).not_to_contain_text(words)


def listening(page: Page) -> list[str]:
    """Note what runs that should not."""
    fired: list[str] = []

    def told(dialog: Dialog) -> None:
        fired.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", told)
    return fired


def test_with_script_learning_is_linked_and_unlinked_and_its_status_told(office: Office) -> None:
    author = office.editor(Role.AUTHOR)
    fired = listening(author)
    author.goto("/workspace/learning?review=west-sussex-2016-child-s")
    author.get_by_role("link", name=re.compile("^Learning point 7 of")).click()
    author.get_by_label("Section").select_option("brue")
    press(author, "Show its paragraphs")
    author.get_by_label(re.compile(r"8\.38\.2 ")).check()
    press(author, "Link them")
    expect(author.locator(SAID)).to_contain_text("Linked.")
    author.locator("summary", has_text="Withdraw a link").press("Enter")
    author.get_by_label(re.compile(r"8\.38\.2 ")).check()
    author.get_by_label("Why", exact=True).fill(HOSTILE)
    author.get_by_role("button", name="Withdraw", exact=True).click()
    expect(author.locator(SAID)).to_contain_text("The link is withdrawn.")
    author.get_by_label("Evidence", exact=True).fill(HOSTILE)
    author.get_by_label("Why it changes").fill(HOSTILE)
    press(author, "Change it")
    expect(author.locator(SAID)).to_contain_text("Changed.")
    for page in ("/workspace/log", "/reviews/west-sussex-2016-child-s"):
        author.goto(page)
        expect(author.locator("main")).to_contain_text(HOSTILE)
        assert author.evaluate("document.querySelectorAll('main img').length") == 0
    assert fired == []


def test_with_script_an_account_is_made_and_its_password_handed_on_once(office: Office) -> None:
    office.kb.accounts.set_roles(OPERATOR, WAYS[Role.AUTHOR].name, [Role.AUTHOR, Role.ADMINISTRATOR])
    administrator = office.editor(Role.AUTHOR)
    fired = listening(administrator)
    administrator.get_by_role("link", name="Accounts").click()
    press(administrator, "Make an account")
    administrator.get_by_label("Name", exact=True).fill(HOSTILE)
    administrator.get_by_label("Auditor").check()
    press(administrator, "Make the account")
    password = administrator.locator("main code").inner_text()
    assert password not in administrator.url
    administrator.get_by_role("link", name="Log", exact=True).click()
    expect(administrator.locator("main li").first).to_contain_text(HOSTILE)
    assert password not in administrator.content()

    auditor = office.visitor()
    auditor.goto("/workspace")
    auditor.get_by_label("Your name").fill(HOSTILE)
    auditor.get_by_label("Password").fill(password)
    press(auditor, "Sign in")
    auditor.get_by_label("The password you have now").fill(password)
    for label in ("The new password", "The new password once more"):
        auditor.get_by_label(label, exact=True).fill(GOOD)
    press(auditor, "Change the password")
    expect(auditor.locator(SAID)).to_contain_text("Your password is changed.")
    assert fired == []
    assert administrator.evaluate("document.querySelectorAll('main img').length") == 0
