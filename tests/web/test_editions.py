"""A section's page is kept while its edition stays the same: so nothing a page shows may change without its edition.

Everything that can be written is written here, and the pages of sections near and far are drawn before and after.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from kb.service import KnowledgeBase
from procedures.model import Change, ContactDetails, Notice, NumberAlias, SectionKind, Sense, Term
from procedures.publication import AttachedFile, Proposal
from procedures.transaction import Redaction, Transaction

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.conftest import SetClock

TODAY = date(2026, 11, 23)
_SIMILAR = re.compile(r"<h3[^>]*>Similar sections</h3>.*?</div>", re.DOTALL)


def next_text(kb: KnowledgeBase, key: str, **changes: object) -> Proposal:
    """Write the next text of a section, like the one before."""
    newest = kb.history(key).entries[0].revision
    text = Proposal(
        section=key,
        title=newest.title,
        number=newest.number,
        body="<h2>Do this now</h2><div><p>Another text.</p></div>",
        change_note="Something changed.",
        in_force_from=TODAY,
        author="Somebody else",
        approver="The editor",
        based_on=newest.revision,
        contact=newest.contact,
        section_kind=SectionKind.CONTACT if newest.contact else SectionKind.PROCEDURE,
    )
    return replace(text, **changes)  # type: ignore[arg-type]


Write = Callable[[KnowledgeBase, Transaction], object]


def publishing(key: str, **changes: object) -> Write:
    return lambda kb, t: t.publish(next_text(kb, key, **changes), TODAY)


def redacting(kb: KnowledgeBase, t: Transaction) -> None:
    body = kb.section("brue").revision.body_hash
    t.redact(Redaction("r-1", "brue", "An identifying detail.", "One person", {body: "<p>Less.</p>"}))


DOORS = ContactDetails("01632 960999", "24/7", "front door", "East Sussex")
WRITES: dict[str, Write] = {
    "a text": publishing("brue"),
    "a text that refers to others": publishing(
        "brue", body='<div><p>See <a href="section:neglect">neglect</a>.</p></div>'
    ),
    "a title": publishing("brue", title="Brief Resolved Unexpected Events (BRUE)"),
    "a text to come": publishing("brue", in_force_from=date(2027, 1, 1)),
    "a file": publishing("brue", attachments=(AttachedFile("form.pdf", "application/pdf", b"%PDF-1", "A form."),)),
    "a contact": publishing("east-sussex-front-door", contact=DOORS),
    "a notice above one section": lambda _, t: t.record_notice(Notice("Roads are closed.", TODAY, None, "brue")),
    "a notice above all": lambda _, t: t.record_notice(Notice("Roads are closed.", TODAY, None)),
    "a term": lambda _, t: t.record_term(Term("lado", "LADO", "acronym", (Sense("an officer"),), (), "An officer.")),
    "an old number": lambda _, t: t.record_alias(NumberAlias("99.1", "brue", None, None, None, "")),
    "an old key": lambda _, t: t.record_redirect("old-brue", "brue"),
    "a link from a review": lambda kb, t: t.link_learning(
        kb.reviews()[0].key, 1, Change("neglect", 1, (kb.revision("neglect", 1).paragraphs[0].pid,), False)
    ),
    "a review": lambda kb, t: t.record_review(replace(kb.reviews()[0], name="Another name")),
    "a redaction": redacting,
}


def drawn(kb: KnowledgeBase, client: TestClient, keys: list[str]) -> dict[str, tuple[str, str]]:
    """Return the edition of each section and its page, made now, without what may be a minute behind."""
    return {
        key: (kb.head(key), _SIMILAR.sub("", client.get(f"/sections/{key}", params={"area": ""}).text)) for key in keys
    }


@pytest.mark.parametrize("written", WRITES)
def test_no_page_changes_without_its_edition(written: str, kb: KnowledgeBase, client: TestClient) -> None:
    around = ["brue", "neglect", "east-sussex-front-door", *(s.key for s in kb.section("brue").referred_from)]
    far = [section.key for part in kb.contents() for section in part.sections][::15]
    keys = list(dict.fromkeys([*around, *far]))
    before = drawn(kb, client, keys)
    with kb._store.write("The editor", kb.now) as transaction:
        WRITES[written](kb, transaction)
    kb.catch_up()
    after = drawn(kb, client, keys)
    stale = [key for key in keys if before[key][0] == after[key][0] and before[key][1] != after[key][1]]
    assert stale == []


def test_a_text_published_anew_leaves_the_pages_of_other_sections_as_they_are(kb: KnowledgeBase) -> None:
    keys = [section.key for part in kb.contents() for section in part.sections]
    before = {key: kb.head(key) for key in keys}
    body = kb._store.body(kb.section("brue").revision) or ""
    with kb._store.write("The editor", kb.now) as transaction:
        transaction.publish(next_text(kb, "brue", body=body + "<p>More.</p>"), TODAY)
    assert [key for key in keys if kb.head(key) != before[key]] == ["brue"]


def test_an_edition_changes_when_a_number_opens_or_closes_and_when_a_text_comes_into_force(
    kb: KnowledgeBase, clock: SetClock
) -> None:
    editions = [kb.head("missing-children")]
    for _ in range(2):
        clock.forward(hours=9)  # noon, then nine in the evening
        editions.append(kb.head("missing-children"))
    clock.instant = clock.instant.replace(year=2027, month=4)
    editions.append(kb.head("missing-children"))
    assert len(set(editions)) == 4
