"""Redaction: what should never have been published is gone everywhere, and history is whole without it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st

from index.engine import IndexFault
from kb import level
from kb.access import Actor, Role
from kb.plain import haystack, holds, plain
from kb.redaction import KEPT, Kind, Plan
from kb.service import KnowledgeBase
from procedures.errors import Conflict, Invalid, KnowledgeBaseError, NotFound, Refused
from procedures.markup import TOMBSTONE, clean, paragraphs, strike
from procedures.publication import AttachedFile, Proposal
from procedures.store import Store, _engine
from procedures.transaction import Redaction
from tests.conftest import SetClock
from tests.procedures.texts import NOW, TODAY, a_contact, a_text, day

ANN = Actor("Ann", frozenset({Role.AUTHOR, Role.APPROVER}))
BEA = Actor("Bea", frozenset({Role.APPROVER}))
NAME = "Xanthippe Quillfeather"
COURT = "Order of the court."
LEAFLET = AttachedFile("leaflet.pdf", "application/pdf", b"%PDF " + NAME.encode(), "A leaflet.")


def write(kb: KnowledgeBase, *proposals: Proposal) -> None:
    for proposal in proposals:
        kb.publish(BEA, proposal)


@pytest.fixture
def manual(empty_kb: KnowledgeBase) -> KnowledgeBase:
    """Three revisions of a section and another section, with a name where it should not be."""
    write(
        empty_kb,
        a_text("brue", "Ring for help.", f"Ask as {NAME} was asked.", "Write it down.", attachments=(LEAFLET,)),
        a_text("brue", "Ring now.", f"Ask as {NAME} was asked.", "Write it down.", based_on=1),
        a_text("brue", "Ring now.", "<em>X</em>anthippe\n Quillfeather again, <em>Ask</em> her.", "Stop.", based_on=2),
        a_text("other", f"Ask as {NAME} was asked.", "Something else.", number="8.9", title="Other"),
    )
    return empty_kb


def asked(kb: KnowledgeBase, kind: Kind, target: str, reason: str = COURT) -> Plan:
    return kb.redactions.plan(BEA, kb.redactions.request(ANN, kind, target, reason).id)


def redacted(kb: KnowledgeBase, kind: Kind, target: str) -> Plan:
    plan = asked(kb, kind, target)
    assert kb.redactions.agree(BEA, plan.request.id, plan.fingerprint)
    return plan


def texts(kb: KnowledgeBase, key: str, revision: int) -> list[str]:
    return [paragraph.text for paragraph in kb.revision(key, revision).paragraphs]


def on_disk(kb: KnowledgeBase) -> bytes:
    """Read every file of the manual: database, write-ahead file and index."""
    return b"".join(path.read_bytes() for path in kb.settings.data.rglob("*") if path.is_file())


# What is taken out


def test_words_are_taken_out_of_every_revision_that_has_them_and_nothing_else_is(manual: KnowledgeBase) -> None:
    before = [manual.revision("brue", number).paragraphs for number in (1, 2, 3)]
    plan = redacted(manual, Kind.WORDS, "xanthippe  QUILLFEATHER")
    assert [place.revision for place in plan.places] == ["brue@1", "brue@2", "brue@3", "other@1"]
    assert texts(manual, "brue", 1) == ["Ring for help.", TOMBSTONE, "Write it down."]
    assert texts(manual, "brue", 2) == ["Ring now.", TOMBSTONE, "Write it down."]
    assert texts(manual, "brue", 3) == ["Ring now.", TOMBSTONE, "Stop."]
    assert texts(manual, "other", 1) == [TOMBSTONE, "Something else."]
    after = [manual.revision("brue", number).paragraphs for number in (1, 2, 3)]
    for one, other in zip(before, after, strict=True):
        assert [(p.pid, p.number) for p in one] == [(p.pid, p.number) for p in other], "citations still lead here"
    assert manual.check().problems == ()


def test_words_are_found_in_headings_links_and_abbreviations_and_only_as_whole_words(empty_kb: KnowledgeBase) -> None:
    write(
        empty_kb,
        a_text(
            "brue",
            "x",
            body='<h2>About Ann</h2><div>Planning.</div><div><a href="mailto:ann@example.org">Write</a>.</div>'
            '<div>The <abbr title="Ann’s own word">AOW</abbr>.</div><h3>Annual</h3><div>Ann.</div>',
        ),
    )
    plan = redacted(empty_kb, Kind.WORDS, "ann")
    assert len(plan.places) == 4
    view = empty_kb.section("brue")
    assert [p.text for p in view.paragraphs] == ["Planning.", TOMBSTONE, TOMBSTONE, TOMBSTONE]
    assert [p.heading for p in view.paragraphs] == [(TOMBSTONE,)] * 3 + [(TOMBSTONE, "Annual")]


def test_a_paragraph_is_taken_out_wherever_it_stands_or_its_words_do(manual: KnowledgeBase) -> None:
    pid = manual.revision("brue", 2).paragraphs[1].pid
    plan = redacted(manual, Kind.PARAGRAPH, pid)
    assert [place.revision for place in plan.places] == ["brue@1", "brue@2", "other@1"]
    assert texts(manual, "other", 1) == [TOMBSTONE, "Something else."]
    assert texts(manual, "brue", 3)[1].startswith("Xanthippe"), "other words: a request for words would find them"
    assert manual.check().problems == ()


def test_a_paragraph_can_be_named_by_its_number(manual: KnowledgeBase) -> None:
    plan = redacted(manual, Kind.PARAGRAPH, "8.38.3")
    assert [(place.revision, place.text) for place in plan.places] == [("brue@3", "Stop.")]


def test_a_whole_revision_goes_and_those_that_share_paragraphs_are_named(manual: KnowledgeBase) -> None:
    plan = redacted(manual, Kind.REVISION, "brue@2")
    assert plan.whole == ("brue@2",)
    assert plan.also_in == ("brue@1", "brue@3", "other@1")
    view = manual.revision("brue", 2)
    assert (view.paragraphs, view.redacted) == ((), COURT)
    assert len(texts(manual, "brue", 1)) == 3
    assert manual.check().problems == ()


def test_a_file_goes_and_its_name_and_place_stay(manual: KnowledgeBase) -> None:
    (attached,) = manual.revision("brue", 1).attachments
    assert manual.file(attached.hash)[1] == LEAFLET.content
    plan = redacted(manual, Kind.FILE, "leaflet.pdf")
    assert plan.files == ("leaflet.pdf (brue@1)",)
    with pytest.raises(NotFound, match="has been removed"):
        manual.file(attached.hash)
    assert [each.filename for each in manual.revision("brue", 1).attachments] == ["leaflet.pdf"]
    assert manual.check().problems == ()
    with pytest.raises(NotFound, match="nothing to remove"):
        asked(manual, Kind.FILE, attached.hash)


def test_a_contacts_words_are_taken_out_too(empty_kb: KnowledgeBase) -> None:
    write(empty_kb, a_contact(body=f"<div>Ask for {NAME}.</div><div>Or ring again.</div>"))
    redacted(empty_kb, Kind.WORDS, NAME)
    assert texts(empty_kb, "front-door", 1) == [TOMBSTONE, "Or ring again."]
    assert empty_kb.search(NAME).total == 0
    assert empty_kb.search("ring again").total == 1
    assert empty_kb.check().problems == ()


def test_one_text_can_be_redacted_again_and_at_last_whole(manual: KnowledgeBase) -> None:
    redacted(manual, Kind.WORDS, "Ring now")
    redacted(manual, Kind.WORDS, NAME)
    assert texts(manual, "brue", 2) == [TOMBSTONE, TOMBSTONE, "Write it down."]
    redacted(manual, Kind.REVISION, "brue@2")
    assert texts(manual, "brue", 2) == []
    assert manual.check().problems == ()


# Nowhere any more


def test_what_was_removed_is_in_no_file_no_search_and_no_memory(manual: KnowledgeBase, clock: SetClock) -> None:
    with KnowledgeBase.open(manual.settings, clock) as other:
        for kb in (manual, other):
            assert kb.search("quillfeather").total == 2
            assert kb.suggest("quillf")
            assert texts(kb, "other", 1)[0].startswith("Ask as")
        assert b"uillfeather" in on_disk(manual)
        redacted(manual, Kind.WORDS, NAME)
        redacted(manual, Kind.FILE, "leaflet.pdf")
        for kb in (manual, other):
            found = kb.search("quillfeather")
            assert (found.total, found.did_you_mean) == (0, None)
            assert kb.search("quillfeathr").did_you_mean is None
            assert kb.suggest("quillf") == ()
            assert kb.search("removed").total == 0, "and the tombstone is not found as if it were guidance"
            assert texts(kb, "other", 1)[0] == TOMBSTONE
            assert kb.search("something else").total == 1
            assert kb.health().ok
    assert b"uillfeather" not in on_disk(manual)
    assert b"UILLFEATHER" not in on_disk(manual).upper()


def test_while_the_index_cannot_be_made_again_search_is_silent_about_it(
    manual: KnowledgeBase, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise IndexFault("the disk is full")

    redacted(manual, Kind.FILE, "leaflet.pdf")
    assert manual.search("quillfeather").total
    monkeypatch.setattr(manual._engine, "rebuild", fails)
    redacted(manual, Kind.WORDS, NAME)
    assert manual.search("quillfeather").total == 0
    monkeypatch.undo()
    with KnowledgeBase.open(manual.settings, clock) as again:
        assert again.check().problems == ()
    assert b"uillfeather" not in on_disk(manual)


def test_while_the_index_is_made_again_search_is_silent_about_it(
    manual: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(level, "PATIENCE", 1e9)
    plan = asked(manual, Kind.WORDS, NAME)
    assert manual.search("quillfeather").total
    with manual._store.write("Bea", manual.now) as transaction:
        transaction.redact(plan.redaction)  # and whoever agreed is about to make the index again
    assert manual.search("quillfeather").total == 0


def test_what_was_redacted_does_not_stay_in_memory(manual: KnowledgeBase) -> None:
    held = manual.revision("other", 1).paragraphs
    body = manual._store.body(manual.revision("other", 1).revision)
    assert body
    manual.neighbours(manual.section("other"))
    assert "quillfeather" in manual._likeness._numbers
    redacted(manual, Kind.WORDS, NAME)
    manual.search("something else")
    manual.neighbours(manual.section("other"))
    assert "quillfeather" not in manual._likeness._numbers
    before = paragraphs.cache_info().misses, clean.cache_info().misses
    assert paragraphs(body, "8.9")[0].text == held[0].text
    clean(body)
    assert (paragraphs.cache_info().misses, clean.cache_info().misses) == (before[0] + 1, before[1] + 1)
    assert not any(NAME in p.text for found in manual._store._paragraphs.values() for p in found)


def test_a_redaction_whose_index_was_not_brought_level_is_followed_at_the_next_start(
    manual: KnowledgeBase, clock: SetClock
) -> None:
    plan = asked(manual, Kind.WORDS, NAME)
    with manual._store.write("Bea", manual.now) as transaction:
        transaction.redact(plan.redaction)
    with KnowledgeBase.open(manual.settings, clock) as again:
        assert again.search("quillfeather").total == 0
        assert again.check().problems == ()


def test_a_removed_text_cannot_be_published_again_by_accident(manual: KnowledgeBase) -> None:
    redacted(manual, Kind.WORDS, NAME)
    pids = [p.pid for p in manual.revision("brue", 3).paragraphs]
    again = [f"Ask as {NAME} was asked.", "Something else."]
    ids = [p.pid for p in manual.revision("other", 1).paragraphs]
    body = "".join(f'<div id="{pid}"><p>{text}</p></div>' for pid, text in zip(ids, again, strict=True))
    with pytest.raises(Refused, match="have had removed"):
        write(manual, a_text("other", body=body, number="8.9", title="Other", based_on=1))
    text = "".join(f'<div id="{pid}">Now {number}.</div>' for number, pid in enumerate(pids))
    write(manual, a_text("brue", body=text, based_on=3))
    assert texts(manual, "brue", 4) == ["Now 0.", "Now 1.", "Now 2."]


def test_where_the_words_stay_is_said_drafts_that_can_be_cleaned_and_the_log_that_cannot(
    manual: KnowledgeBase, tmp_path: Path
) -> None:
    page = tmp_path / "9.1.html"
    page.write_text(f"<html><title>9.1 New</title><body><h1>9.1 New</h1><p>As {NAME} said.</p></body></html>")
    manual.import_documents(ANN, [page], None, lambda _: None)
    write(manual, a_text("third", "Nothing.", number="8.11", title=f"For {NAME}"))
    plan = asked(manual, Kind.WORDS, NAME)
    stays = {(each.table, each.for_good) for each in plan.elsewhere}
    assert stays == {("drafts", False), ("events", True)}
    (draft,) = [each for each in plan.elsewhere if each.table == "drafts"]
    assert draft.section == "new"


# Two people and a reason


def test_whoever_asked_does_not_agree_under_any_spelling(manual: KnowledgeBase) -> None:
    plan = asked(manual, Kind.WORDS, NAME)
    for name in ("Ann", "ANN"):
        with pytest.raises(Refused, match="somebody else"):
            manual.redactions.agree(Actor(name, frozenset({Role.APPROVER})), plan.request.id, plan.fingerprint)
    assert manual.search("quillfeather").total == 2


def test_the_second_person_agrees_to_what_they_have_seen(manual: KnowledgeBase) -> None:
    plan = asked(manual, Kind.WORDS, NAME)
    write(manual, a_text("third", f"{NAME} again.", number="8.11", title="Third"))
    with pytest.raises(Conflict, match="has changed since you looked"):
        manual.redactions.agree(BEA, plan.request.id, plan.fingerprint)
    newer = manual.redactions.plan(BEA, plan.request.id)
    assert len(newer.places) == len(plan.places) + 1
    manual.redactions.agree(BEA, plan.request.id, newer.fingerprint)
    with pytest.raises(NotFound):
        manual.redactions.agree(BEA, plan.request.id, newer.fingerprint)
    assert manual.redactions.waiting(BEA) == ()


def test_the_log_tells_who_asked_who_agreed_and_why_but_not_what(manual: KnowledgeBase) -> None:
    head = manual.health().head
    plan = redacted(manual, Kind.WORDS, NAME)
    asked_for, done = manual._store.events(head)
    assert (asked_for.actor, asked_for.action) == ("Ann", "request redaction")
    assert (done.actor, done.action, done.payload["requested_by"]) == ("Bea", "redact", "Ann")
    assert (done.payload["reason"], done.payload["request"]) == (COURT, plan.request.id)
    assert len(done.payload["bodies"]) == 4
    assert "uillfeather" not in f"{asked_for.payload} {done.payload}"


def test_what_was_removed_is_listed_with_both_names_and_without_the_words(manual: KnowledgeBase) -> None:
    redacted(manual, Kind.WORDS, NAME)
    redacted(manual, Kind.FILE, "leaflet.pdf")
    redacted(manual, Kind.REVISION, "brue@2")
    whole, file, words = manual.redactions.done(BEA)
    assert (words.requested_by, words.approved_by, words.reason, words.at) == ("Ann", "Bea", COURT, manual.now())
    assert (words.parts, words.whole) == (("brue@1", "brue@2", "brue@3", "other@1"), ())
    assert (file.files, file.parts) == (("leaflet.pdf (brue@1)",), ())
    assert (whole.whole, whole.parts) == (("brue@2",), ())
    assert "uillfeather" not in str(manual.redactions.done(BEA))


@pytest.mark.parametrize(
    ("kind", "target", "reason", "why"),
    [
        (Kind.WORDS, NAME, " ", "needs its reason"),
        (Kind.WORDS, NAME, f"It names {NAME.upper()}.", "repeats what is to be removed"),
        (Kind.WORDS, "Nobody Here", COURT, "nothing to remove"),
        (Kind.WORDS, "a!", COURT, "at least 3 letters"),
        (Kind.PARAGRAPH, "p-222222", COURT, "nothing called"),
        (Kind.PARAGRAPH, "brue", COURT, "not a paragraph"),
        (Kind.REVISION, "brue", COURT, "not a revision"),
        (Kind.REVISION, "brue@9", COURT, "no revision 9"),
        (Kind.FILE, "nothing.pdf", COURT, "No revision has a file"),
    ],
)
def test_what_cannot_be_asked_for_is_said_plainly_and_leaves_nothing(
    manual: KnowledgeBase, kind: Kind, target: str, reason: str, why: str
) -> None:
    before = manual.health()
    with pytest.raises(KnowledgeBaseError, match=why):
        manual.redactions.request(ANN, kind, target, reason)
    assert manual.health() == before
    assert manual.redactions.waiting(ANN) == ()


def test_two_files_of_one_name_must_be_told_apart(manual: KnowledgeBase) -> None:
    other = AttachedFile("leaflet.pdf", "application/pdf", b"%PDF other", "Another.")
    write(manual, a_text("third", "See it.", number="8.11", title="Third", attachments=(other,)))
    with pytest.raises(Invalid, match="2 files"):
        asked(manual, Kind.FILE, "leaflet.pdf")


def test_a_request_that_is_refused_or_too_old_is_gone_with_its_words(manual: KnowledgeBase, clock: SetClock) -> None:
    plan = asked(manual, Kind.WORDS, "write it down")
    with pytest.raises(Refused, match="Say in a sentence"):
        manual.redactions.refuse(BEA, plan.request.id, " ")
    with pytest.raises(Refused, match="repeats"):
        manual.redactions.refuse(BEA, plan.request.id, "Why not write it down?")
    manual.redactions.refuse(BEA, plan.request.id, "It names nobody.")
    assert manual._store.events()[-1].action == "refuse redaction"
    asked(manual, Kind.WORDS, "write it down")
    clock.instant += KEPT + timedelta(seconds=1)
    assert manual.redactions.waiting(BEA) == ()
    assert manual._store.forget()
    assert b"write it down" not in on_disk(manual)


# What vouches for it


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE bodies SET html = replace(html, 'Stop', 'Go')", "has been altered"),
        ("UPDATE bodies SET html = NULL WHERE html LIKE '%Stop%'", "gone without a recorded redaction"),
        ("UPDATE redactions SET approved_by = 'Cem'", "not as the log tells it"),
        ("UPDATE redactions SET left_hash = NULL", "not as the log tells it"),
        ("UPDATE redactions SET reason = 'Because.'", "not as the log tells it"),
        ("DELETE FROM redactions", "has been altered"),
        ("UPDATE files SET content = x''", "has been altered"),
    ],
)
def test_a_redaction_altered_behind_the_programs_back_is_found(manual: KnowledgeBase, sql: str, found: str) -> None:
    redacted(manual, Kind.WORDS, NAME)
    with closing(sqlite3.connect(manual.settings.database)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute(sql)
    assert any(found in problem for problem in manual.check().problems)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE bodies SET html = 'Mine'",
        "UPDATE bodies SET html = NULL",
        "UPDATE files SET content = x''",
        "UPDATE redactions SET reason = 'Because.'",
        "DELETE FROM redactions",
    ],
)
def test_the_database_takes_nothing_out_but_in_the_transaction_that_says_why(manual: KnowledgeBase, sql: str) -> None:
    redacted(manual, Kind.WORDS, NAME)
    redacted(manual, Kind.REVISION, "brue@1")
    with closing(sqlite3.connect(manual.settings.database)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(sql)


def test_a_redaction_of_an_older_version_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "manual.db"
    with Store.open(path, create=True) as store, store.write("Bea", lambda: NOW) as transaction:
        transaction.publish(a_text("brue", f"{NAME}."), TODAY)
        (digest,) = transaction.connection.exec_driver_sql("SELECT hash FROM bodies").one()
        transaction.redact(Redaction("1", "brue", COURT, "Ann", {digest: None}))
        told = transaction.connection.exec_driver_sql("SELECT * FROM redactions").one()
    old = tmp_path / "old.db"
    migrate(old, "0003")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(old)) as target, target:
        for table in ("events", "sections", "bodies", "revisions", "paragraphs", "placements"):
            rows = source.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608
            marks = ", ".join("?" * len(rows[0]))
            target.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)  # noqa: S608
        row = (digest, told.reason, told.requested_by, told.approved_by, told.seq)
        target.execute("INSERT INTO redactions VALUES (?, ?, ?, ?, ?)", row)
    with Store.open(old) as store:
        assert store.verify() == []
        assert store.record().redactions == {digest: COURT}


def migrate(path: Path, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", "procedures:schema")
    config.set_main_option("path_separator", "os")
    engine = _engine(path)
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


# Finding it

WORDS = st.lists(st.sampled_from(["ann", "Anna", "B.", "x", "über", "é", "2"]), min_size=1, max_size=3)
WRAPS: dict[str, Callable[[str], str]] = {
    "plain": lambda t: t,
    "emphasis": lambda t: f"<em>{t[:1]}</em>{t[1:]}",
    "list": lambda t: f"see<ul><li>{t}</li><li>y</li></ul>",
    "table": lambda t: f"z<table><tr><td>{t}</td><td>w</td></tr></table>",
    "note": lambda t: f"v<small>{t}</small>",
    "break": lambda t: f"u<br>{t}",
}


@given(st.lists(st.tuples(WORDS, st.sampled_from(sorted(WRAPS))), min_size=1, max_size=4), WORDS)
def test_no_text_that_has_the_words_is_passed_over(parts: list[tuple[list[str], str]], wanted: list[str]) -> None:
    body = clean("".join(f"<div>{WRAPS[how](' '.join(words))}</div>" for words, how in parts))
    words = frozenset({plain(" ".join(wanted))})
    has: list[Any] = [p for p in paragraphs(body, None) if holds(plain(p.text), words)]
    letters = haystack(body).replace(" ", "")
    assert not has or any(each.replace(" ", "") in letters for each in words)
    struck = strike(body, lambda _, text, __: holds(plain(text), words))
    left = [p.text for p in paragraphs(struck, None)]
    assert left.count(TOMBSTONE) == len(has)
    assert clean(struck) == struck


def test_a_text_waiting_to_come_into_force_is_redacted_too(manual: KnowledgeBase) -> None:
    write(manual, a_text("brue", f"{NAME} soon.", based_on=3, in_force_from=day(9)))
    plan = redacted(manual, Kind.WORDS, NAME)
    assert "brue@4" in [place.revision for place in plan.places]
    assert texts(manual, "brue", 4) == [TOMBSTONE]
