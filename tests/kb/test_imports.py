"""Bringing documents in: whole, once, linked, and never unnoticed."""

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kb.access import Actor, Role
from kb.cli import app
from kb.imports import Imported, Release
from kb.service import KnowledgeBase
from procedures.errors import Forbidden, Invalid, NotFound, Refused

AUTHOR = Actor("Procedures editor", frozenset({Role.AUTHOR}))
CHAIR = Actor("Chair", frozenset({Role.APPROVER}))
RELEASE = Release(date(2026, 11, 1), "Procedures editor", "Brought in unchanged.")

DOGS = """<html><head><title>Dangerous Dogs</title></head><body><div id="content"><h1>8.80 Dangerous Dogs</h1>
<p>Last reviewed in April 2024</p><p>Date of next review: April 2026</p>
<h2>What it is</h2>
<table><tr><td>8.80.1</td><td>A dog at home is dangerous where there is a lasting failure to muzzle it.</td></tr>
<tr><td>8.80.4</td><td>Refer as <a href="referrals.html">Making enquiries</a> says. See the
<a href="map.png">body map</a>.</td></tr></table></div></body></html>"""
REFERRALS = """<html><body><main><h1>4.9 Making Enquiries</h1><h2>First</h2>
<p>4.9.1 Ring the front door about <a href="dogs.html">dangerous dogs</a>.</p></main></body></html>"""
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
RESPONSE = """The Eastshire Safeguarding Children Partnership
Response to the Serious Case Review - Child Q
In 2018 Child Q, aged 3 months, was seriously injured. The review concluded in 2019 and was published in 2020.
The review found learning about information sharing.
Training on professional curiosity was delivered to 120 practitioners.
The procedures were revised to make clear what to do about bruising in babies.
"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "dogs.html").write_text(DOGS)
    (folder / "referrals.html").write_text(REFERRALS)
    (folder / "map.png").write_bytes(PNG)
    return folder


def bring(kb: KnowledgeBase, folder: Path, release: Release | None = RELEASE) -> Imported:
    return kb.import_documents(AUTHOR, [folder], release, lambda _: None)


def test_pages_become_sections_that_are_found_at_once(kb: KnowledgeBase, pages: Path) -> None:
    done = bring(kb, pages)
    assert done.refused == ()
    assert {(s.key, s.number, s.outcome, s.revision) for s in done.sections} == {
        ("dangerous-dogs", "8.80", "published", 1),
        ("making-enquiries", "4.9", "published", 1),
    }
    assert kb.search("muzzle").results[0].key == "dangerous-dogs"
    view = kb.section("dangerous-dogs")
    assert view.revision.review_due == date(2026, 4, 30)
    assert [p.number for p in view.paragraphs] == ["8.80.1", "8.80.2"]
    assert kb.check().problems == ()


def test_links_between_pages_lead_to_sections_and_downloads_become_attachments(kb: KnowledgeBase, pages: Path) -> None:
    bring(kb, pages)
    dogs, enquiries = kb.section("dangerous-dogs"), kb.section("making-enquiries")
    assert 'href="section:making-enquiries"' in dogs.paragraphs[1].html
    assert 'href="section:dangerous-dogs"' in enquiries.paragraphs[0].html
    assert [a.filename for a in dogs.attachments] == ["map.png"]
    assert kb.file(dogs.attachments[0].hash)[1] == PNG
    assert {s.key for s in dogs.referred_from} == {"making-enquiries"}


def test_a_number_the_source_printed_still_finds_its_paragraph(kb: KnowledgeBase, pages: Path) -> None:
    bring(kb, pages)
    second = kb.section("dangerous-dogs").paragraphs[1]
    found = kb.number("8.80.4")
    assert (found.section.key, found.pid) == ("dangerous-dogs", second.pid)


def test_the_same_pages_again_change_nothing(kb: KnowledgeBase, pages: Path) -> None:
    bring(kb, pages)
    head = kb.health().head
    again = bring(kb, pages)
    assert {s.outcome for s in again.sections} == {"unchanged"}
    assert kb.health().head == head


def test_only_a_page_whose_text_changed_makes_a_revision_and_its_paragraphs_keep_their_ids(
    kb: KnowledgeBase, pages: Path
) -> None:
    bring(kb, pages)
    before = kb.section("dangerous-dogs").paragraphs
    (pages / "dogs.html").write_text(DOGS.replace("a lasting failure", "a continuing, lasting failure"))
    again = bring(kb, pages, Release(date(2026, 11, 20), "Procedures editor", "Reworded."))
    outcomes = {s.key: s.outcome for s in again.sections}
    assert outcomes == {"dangerous-dogs": "published", "making-enquiries": "unchanged"}
    after = kb.section("dangerous-dogs")
    assert after.revision.revision == 2
    assert [p.pid for p in after.paragraphs] == [p.pid for p in before]


def test_what_an_import_published_is_listed_until_an_approver_has_looked(kb: KnowledgeBase, pages: Path) -> None:
    bring(kb, pages)
    assert {u.revision.ref for u in kb.unreviewed()} == {"dangerous-dogs@1", "making-enquiries@1"}
    with pytest.raises(Forbidden):
        kb.look(AUTHOR, "dangerous-dogs", 1)
    kb.look(CHAIR, "dangerous-dogs", 1)
    assert {u.revision.ref for u in kb.unreviewed()} == {"making-enquiries@1"}
    with pytest.raises(Refused):
        kb.look(CHAIR, "dangerous-dogs", 1)


def test_without_publishing_nothing_is_public(kb: KnowledgeBase, pages: Path) -> None:
    done = bring(kb, pages, None)
    assert {s.outcome for s in done.sections} == {"draft"}
    assert all(s.revision is None and s.paragraphs for s in done.sections)
    assert kb.health().head == kb._store.head()[0]
    with pytest.raises(NotFound):
        kb.section("dangerous-dogs")
    assert all(result.key != "dangerous-dogs" for result in kb.search("muzzle").results)
    assert "muzzle" not in kb.suggest("muzzl")


def test_a_title_the_manual_has_already_is_the_same_section(kb: KnowledgeBase, pages: Path) -> None:
    (pages / "dogs.html").unlink()
    (pages / "referrals.html").write_text(
        REFERRALS.replace("4.9 Making Enquiries", "2.1 Information Sharing and Confidentiality").replace(
            "4.9.1", "2.1.1"
        )
    )
    (section,) = bring(kb, pages).sections
    assert (section.key, section.revision) == ("information-sharing", 5)


def test_two_pages_of_one_title_and_different_text_are_not_mixed(kb: KnowledgeBase, pages: Path) -> None:
    (pages / "dogs-old.html").write_text(DOGS.replace("a lasting failure", "an old failure"))
    done = bring(kb, pages)
    assert [s.key for s in done.sections].count("dangerous-dogs") == 1
    assert [r.reason for r in done.refused if "same title" in r.reason]


def test_a_section_that_breaks_a_rule_is_refused_and_the_rest_goes_on(kb: KnowledgeBase, pages: Path) -> None:
    (pages / "clash.html").write_text(DOGS.replace("8.80 Dangerous Dogs", "8.38 Something Else"))
    done = bring(kb, pages)
    assert {s.key for s in done.sections} == {"dangerous-dogs", "making-enquiries"}
    (refused,) = done.refused
    assert "8.38 is the number of 'brue'" in refused.reason


def test_a_path_that_is_not_there_is_said_before_anything_is_done(kb: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        bring(kb, tmp_path / "nowhere")


def test_a_review_waits_for_a_person(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "response.txt").write_text(RESPONSE)
    done = kb.import_documents(AUTHOR, [tmp_path / "response.txt"], None, lambda _: None)
    (read,) = done.reviews
    assert (read.review.name, read.review.incident) == ("Child Q", "2018")
    assert read.evidence
    (waiting,) = kb.proposed_reviews()
    assert (waiting.status, waiting.known) == ("proposed", ())
    key = waiting.review.key
    with pytest.raises(NotFound):
        kb.review(key)
    kb.accept_review(AUTHOR, key)
    assert kb.review(key).review.name == "Child Q"
    with pytest.raises(Refused):
        kb.reject_review(AUTHOR, key)


def test_a_review_the_manual_knows_is_offered_before_a_new_one_is_made(kb: KnowledgeBase, tmp_path: Path) -> None:
    text = RESPONSE.replace("Eastshire", "West Sussex").replace("Child Q", "Child S").replace("2018", "2016")
    (tmp_path / "response.txt").write_text(text)
    kb.import_documents(AUTHOR, [tmp_path / "response.txt"], None, lambda _: None)
    (waiting,) = kb.proposed_reviews()
    known = "west-sussex-2016-child-s"
    assert waiting.known == (known,)
    with pytest.raises(Refused, match="--into west-sussex-2016-child-s"):
        kb.accept_review(AUTHOR, waiting.review.key)
    before = kb.review(known).review
    after = kb.accept_review(AUTHOR, waiting.review.key, into=known)
    assert after.learning[: len(before.learning)] == before.learning or [
        point.text for point in after.learning[: len(before.learning)]
    ] == [point.text for point in before.learning]
    assert after.summary == before.summary
    assert len(kb.review(known).learning) > len(before.learning)
    assert kb.review(known).learning[2].changes


def test_a_rejected_review_does_not_come_back(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "response.txt").write_text(RESPONSE)
    kb.import_documents(AUTHOR, [tmp_path / "response.txt"], None, lambda _: None)
    key = kb.proposed_reviews()[0].review.key
    kb.reject_review(AUTHOR, key)
    kb.import_documents(AUTHOR, [tmp_path / "response.txt"], None, lambda _: None)
    assert [each.status for each in kb.proposed_reviews()] == ["rejected"]


def test_the_command_prints_what_became_of_every_file(folder: Path, pages: Path) -> None:
    (pages / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (pages / "empty.html").write_text("")
    command = ["import", str(pages), "--data", str(folder), "--json", "--publish"]
    named = ["--in-force-from", "2026-11-01", "--by", "Procedures editor", "--note", "Brought in."]
    result = CliRunner().invoke(app, command + named)
    assert result.exit_code == 0, result.stderr
    shape = json.loads(result.stdout)
    assert set(shape) == {"sections", "reviews", "attachments", "unplaced", "refused"}
    for section in shape["sections"]:
        assert {"key", "number", "title", "revision", "metadata", "paragraphs"} <= set(section)
        for paragraph in section["paragraphs"]:
            assert set(paragraph) == {"pid", "number", "heading", "text"}
    assert {Path(r["file"]).name for r in shape["refused"]} == {"broken.pdf", "empty.html"}
    assert all(r["reason"] for r in shape["refused"])


def test_publishing_asks_for_a_day_a_name_and_a_note(folder: Path, pages: Path) -> None:
    with pytest.raises(Invalid):
        CliRunner().invoke(app, ["import", str(pages), "--data", str(folder), "--publish"], catch_exceptions=False)


def test_a_reader_sees_that_nobody_has_reviewed_an_imported_text(kb: KnowledgeBase, pages: Path) -> None:
    bring(kb, pages)
    assert kb.section("dangerous-dogs").unreviewed
    assert [entry.unreviewed for entry in kb.history("dangerous-dogs").entries] == [True]
    kb.look(CHAIR, "dangerous-dogs", 1)
    assert not kb.section("dangerous-dogs").unreviewed


def test_pages_saved_with_folders_of_their_own_keep_their_own_pictures(kb: KnowledgeBase, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    for number, content in (("90", PNG), ("91", PNG + b"other")):
        link = f"<a href='{number}_files/map.png'>the map</a>"
        page = (
            f"<html><body><main><h1>8.{number} Page {number}</h1><p>8.{number}.1 See {link}.</p></main></body></html>"
        )
        (folder / f"{number}.html").write_text(page)
        (folder / f"{number}_files").mkdir()
        (folder / f"{number}_files" / "map.png").write_bytes(content)
    done = bring(kb, folder)
    assert done.refused == ()
    held = [kb.file(kb.section(f"page-{number}").attachments[0].hash)[1] for number in ("90", "91")]
    assert held == [PNG, PNG + b"other"]


def test_a_page_alone_keeps_its_links_and_pictures_and_is_unchanged(kb: KnowledgeBase, pages: Path) -> None:
    bring(kb, pages)
    again = kb.import_documents(AUTHOR, [pages / "dogs.html"], RELEASE, lambda _: None)
    assert [(s.key, s.outcome) for s in again.sections] == [("dangerous-dogs", "unchanged")]


def test_a_link_to_another_site_stays_one_whatever_its_last_part(kb: KnowledgeBase, pages: Path) -> None:
    text = REFERRALS.replace('href="dogs.html"', 'href="https://example.org/dogs.html"')
    (pages / "referrals.html").write_text(text)
    bring(kb, pages)
    assert 'href="https://example.org/dogs.html"' in kb.section("making-enquiries").paragraphs[0].html


def test_a_printed_number_leads_to_its_paragraph_even_where_another_is_computed_so(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    rows = "<p>An opening.</p><p>9.3.1 First.</p><p>9.3.3 Third.</p>"
    (tmp_path / "gaps.html").write_text(f"<html><body><main><h1>9.3 Gaps</h1>{rows}</main></body></html>")
    bring(kb, tmp_path)
    bring(kb, tmp_path)
    found = {p.pid: p.text for p in kb.section("gaps").paragraphs}
    assert found[kb.number("9.3.1").pid or ""] == "First."
    assert found[kb.number("9.3.3").pid or ""] == "Third."
    assert [a.number for a in kb._store.record().aliases if a.section == "gaps"] == ["9.3.1"]


@pytest.mark.parametrize("odd", ["http://[bad", "http://[bad/a.png"])
def test_an_address_that_cannot_be_read_stops_nothing(kb: KnowledgeBase, pages: Path, odd: str) -> None:
    (pages / "referrals.html").write_text(REFERRALS.replace("dogs.html", odd))
    done = bring(kb, pages)
    assert {s.key for s in done.sections} == {"dangerous-dogs", "making-enquiries"}


def test_a_day_no_month_has_is_read_as_its_month(kb: KnowledgeBase, pages: Path) -> None:
    (pages / "dogs.html").write_text(DOGS.replace("Date of next review: April 2026", "Next review 31 September 2027"))
    bring(kb, pages)
    due = kb.section("dangerous-dogs").revision.review_due
    assert due is not None
    assert (due.year, due.month) == (2027, 9)


def test_a_page_with_a_number_in_its_heading_is_a_section_however_much_it_speaks_of_reviews(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    text = RESPONSE.replace("\n", "</p><p>")
    page = f"<html><body><main><h1>10.2 Learning from Practice</h1><p>10.2.1 {text}</p></main></body></html>"
    (tmp_path / "reviews.html").write_text(page)
    done = bring(kb, tmp_path)
    assert [s.key for s in done.sections] == ["learning-from-practice"]


def test_a_new_section_never_takes_the_key_of_another(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "brue.html").write_text("<html><body><main><h1>8.99 BRUE</h1><p>8.99.1 Words.</p></main></body></html>")
    (section,) = bring(kb, tmp_path).sections
    assert section.key == "brue-2"
    assert kb.section("brue").revision.revision == 4


def test_two_documents_of_one_review_wait_side_by_side(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(RESPONSE)
    (tmp_path / "b.txt").write_text(RESPONSE.replace("120", "80"))
    folder = tmp_path / "reviews"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).rename(folder / name)
    done = kb.import_documents(AUTHOR, [folder], None, lambda _: None)
    waiting = kb.proposed_reviews()
    assert len(waiting) == 2
    assert {read.review.key for read in done.reviews} == {each.review.key for each in waiting}
    first = kb.accept_review(AUTHOR, waiting[0].review.key)
    assert kb.proposed_review(waiting[1].review.key).known == (first.key,)
    other = kb.accept_review(AUTHOR, waiting[1].review.key, new=True)
    assert other.key != first.key
