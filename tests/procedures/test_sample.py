"""The sample manual: the same every time, true to its own rules, and safe to show."""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyphen
import pytest
from bs4 import BeautifulSoup

from procedures import sample
from procedures.align import Difference, compare
from procedures.contacts import LONDON, answering
from procedures.model import Action, Importance, Paragraph, Revision, RevisionKind, SectionKind
from procedures.record import Record
from procedures.store import Store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
CHILD_S = "west-sussex-2016-child-s"
FOLDER = Path(sample.__file__).parent
LISTED = Path(__file__).with_name("sample_sections.txt").read_text("utf-8").splitlines()
SECTIONS = [(number, key, title) for number, key, title in (line.split(maxsplit=2) for line in LISTED)]
"""Number, key and title of every section of the sample."""


def loaded(path: Path, progress: Callable[[str], None] = lambda _: None) -> Store:
    store = Store.open(path, create=True)
    with store.write("Tester", lambda: NOW) as transaction:
        sample.load(transaction, TODAY, progress)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with loaded(tmp_path_factory.mktemp("sample") / "manual.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def record(store: Store) -> Record:
    return store.record()


def texts(store: Store, *, of: SectionKind = SectionKind.PROCEDURE) -> Iterator[tuple[Revision, Paragraph]]:
    """Walk through every paragraph of every revision."""
    record = store.record()
    for key, revisions in record.revisions.items():
        if record.kinds[key] is of:
            for revision in revisions:
                yield from ((revision, paragraph) for paragraph in store.paragraphs(revision))


def current(store: Store) -> Iterator[tuple[Revision, Paragraph]]:
    newest = {revision.id for revision in store.record().in_force(TODAY, NOW).values()}
    return ((revision, paragraph) for revision, paragraph in texts(store) if revision.id in newest)


def everything_written() -> str:
    """Read all of the sample as one text."""
    return "\n".join(path.read_text("utf-8") for path in sorted(FOLDER.rglob("*")) if path.suffix in {".html", ".json"})


# Whole, and the same


def test_the_sample_is_whole(store: Store) -> None:
    assert store.verify() == []
    assert store.record().is_sample


def test_a_second_load_gives_the_same_ids_and_hashes_and_tells_its_progress_as_promised(
    store: Store, tmp_path: Path
) -> None:
    told: list[str] = []
    with loaded(tmp_path / "manual.db", told.append) as again:
        assert again.record().pids == store.record().pids
        assert again.head() == store.head()
    assert len(told) == sample.steps()


def test_all_73_sections_are_in_force_each_under_its_number_and_title_in_parts_1_to_13(record: Record) -> None:
    in_force = record.in_force(TODAY, NOW)
    found = {(r.number, k, r.title) for k, r in in_force.items() if record.kinds[k] is SectionKind.PROCEDURE}
    assert found == set(SECTIONS)
    assert len(found) == 73
    assert {r.part for r in in_force.values() if r.number} == set(range(1, 14))


def test_at_least_25_sections_have_a_history_and_each_revision_says_what_changed_for_the_reader(record: Record) -> None:
    histories = [r for k, r in record.revisions.items() if record.kinds[k] is SectionKind.PROCEDURE and len(r) > 1]
    assert len(histories) >= 25
    for revisions in histories:
        assert len({revision.change_note for revision in revisions}) == len(revisions)
        assert len({revision.published_at.date() for revision in revisions}) == len(revisions)


def test_the_history_has_a_renumbering_a_correction_a_withdrawal_with_a_successor_and_a_text_to_come(
    record: Record,
) -> None:
    every = [revisions for key, revisions in record.revisions.items() if record.kinds[key] is SectionKind.PROCEDURE]
    assert any(a.number != b.number and a.title == b.title for rs in every for a, b in itertools.pairwise(rs))
    assert any("correct" in r.change_note.lower() and r.importance is Importance.MINOR for rs in every for r in rs)
    gone = [rs[-1] for rs in every if rs[-1].kind is RevisionKind.WITHDRAWAL]
    assert gone
    assert all(r.successor in record.in_force(TODAY, NOW) and r.withdrawal_reason for r in gone)
    assert [r.section for rs in every for r in rs if r.in_force_from > TODAY]
    assert [notice for notice in record.notices if notice.until]


@pytest.mark.parametrize("key", ["brue", "information-sharing"])
def test_sections_with_a_history_have_three_revisions_or_more_that_really_differ(store: Store, key: str) -> None:
    revisions = store.record().section(key)
    assert len(revisions) >= 3
    for older, newer in itertools.pairwise(revisions):
        changes = Counter(c.change for c in compare(store.paragraphs(older), store.paragraphs(newer)))
        assert changes[Difference.REWORDED] + changes[Difference.ADDED] + changes[Difference.REMOVED] >= 2, newer.ref


def test_paragraphs_keep_their_ids_through_the_revisions_of_brue(store: Store) -> None:
    kept = [{p.pid for p in store.paragraphs(revision)} for revision in store.record().section("brue")]
    assert all(before & after for before, after in itertools.pairwise(kept))


def test_every_publication_is_marked_as_its_source_recorded_it_and_tells_what_changed(record: Record) -> None:
    for revisions in record.revisions.values():
        for revision in revisions:
            assert revision.as_recorded_by_source
            assert revision.published_at.date() <= revision.in_force_from
            assert len(revision.change_note) > 10
            assert revision.author
            assert revision.approver != revision.author


# Links


def test_every_link_to_a_section_contact_or_paragraph_leads_somewhere(record: Record) -> None:
    for references in record.references.values():
        for kind, key in references:
            if kind == "section":
                assert record.kinds[key] is SectionKind.PROCEDURE
            elif kind == "contact":
                assert record.kinds[key] is SectionKind.CONTACT
            else:
                assert key in record.pids


def test_every_section_links_to_others_and_every_one_but_the_appendices_is_linked_to(record: Record) -> None:
    in_force = record.in_force(TODAY, NOW)
    linked = {
        key: {name for kind, name in record.references.get(in_force[key].id, ()) if kind == "section"}
        for _, key, _ in SECTIONS
    }
    assert [key for key, links in linked.items() if len(links) < 3] == []
    assert {key for _, key, _ in SECTIONS} - set().union(*linked.values()) == set()


def test_older_numbers_lead_to_the_sections_that_carried_them(record: Record) -> None:
    carried = {(alias.number, alias.section) for alias in record.aliases}
    assert carried >= {
        ("8.20", "pre-birth-assessment"),
        ("8.33", "young-carers"),
        ("14.14", "domestic-abuse"),
        ("44.1", "unexplained-injuries"),
        ("15.6.6", "missing-children"),
    }
    assert all(alias.used_from and alias.note for alias in record.aliases)


def test_terms_and_notices_name_sections_that_exist(record: Record) -> None:
    named = {sense.section for term in record.terms.values() for sense in term.senses} - {None}
    named |= {notice.section for notice in record.notices} - {None}
    named |= {alias.section for alias in record.aliases}
    assert named <= set(record.revisions)


def test_links_to_the_outside_are_secure_and_lead_to_named_hosts() -> None:
    for address in re.findall(r'href="(http[^"]+)"', everything_written()):
        assert re.match(r"https://[a-z0-9.-]+\.(uk|org|net|com)/", address), address


# Learning


def test_the_review_of_child_s_stands_as_published(record: Record) -> None:
    review = record.reviews[CHILD_S]
    assert (review.name, review.area) == ("Child S", "West Sussex")
    assert (review.incident, review.concluded, review.published) == ("2016", "2017", "2023")
    assert review.title == "Child S, West Sussex (2016)"
    assert {"cocaine", "amphetamines"} <= set(re.findall(r"\w+", review.summary))
    assert review.good_practice


def test_the_review_has_all_four_kinds_of_answer_and_changed_brue(record: Record) -> None:
    review = record.reviews[CHILD_S]
    actions = {point.action for point in review.learning}
    assert {Action.PROCEDURE_REVISED, Action.GUIDANCE_IN_PLACE, Action.TRAINING, Action.SYSTEM_CHANGE} <= actions
    revised = [c.section for p in review.learning if p.action is Action.PROCEDURE_REVISED for c in p.changes]
    assert "brue" in revised


def test_every_link_from_a_real_review_to_the_sample_says_that_it_is_illustrative(store: Store) -> None:
    record = store.record()
    changes = [(r, c) for r in record.reviews.values() for point in r.learning for c in point.changes]
    assert len({change.section for _, change in changes}) >= 15
    for review, change in changes:
        assert change.illustrative
        assert change.pids
        revision = record.revision(change.section, change.revision)
        assert set(change.pids) <= {p.pid for p in store.paragraphs(revision)}
        asked = review.concluded or review.published or review.year
        assert asked
        assert revision.in_force_from.isoformat() > asked, "an answer comes after the question"


def test_reviews_are_told_apart_by_partnership_year_and_name_and_say_what_was_published(record: Record) -> None:
    found = record.reviews.values()
    assert len(found) >= 16
    assert len({(review.partnership, review.year, review.name) for review in found}) == len(found)
    assert sum(review.name == "Child E" for review in found) >= 3, "a name alone does not tell reviews apart"
    for review in found:
        assert review.summary
        assert review.source
        assert review.themes
        assert review.learning
        assert all(point.evidence for point in review.learning)


# Terms


def test_there_are_150_terms_or_more_of_every_kind_and_every_section_is_known_by_everyday_words(record: Record) -> None:
    terms = record.terms.values()
    assert len(terms) >= 150
    assert {term.kind for term in terms} == {"acronym", "retired name", "synonym", "everyday words", "glossary"}
    assert any(len(term.senses) > 1 for term in terms if term.kind == "acronym")
    everyday = {sense.section for term in terms if term.kind == "everyday words" for sense in term.senses}
    assert everyday >= {key for _, key, _ in SECTIONS}
    assert all(term.definition for term in terms if term.kind == "glossary")


# Contacts


def test_every_telephone_number_is_kept_for_drama_or_is_national(record: Record) -> None:
    for revisions in record.revisions.values():
        for revision in revisions:
            if revision.contact:
                number = revision.contact.telephone
                assert number in {"999", "101", "111"} or re.fullmatch(r"01632 960\d{3}", number), number


def test_no_other_telephone_number_stands_anywhere_in_the_text() -> None:
    for number in re.findall(r"(?<![\d./:-])(?:\+44|0)\d[\d ]{7,}\d", everything_written()):
        assert number.startswith("01632 960"), number


AREAS = ["east-sussex", "west-sussex", "brighton-hove"]


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize(
    "monday", ["2026-11-23", "2026-12-21", "2026-12-28", "2027-03-22", "2027-03-29", "2026-08-31", "2026-10-19"]
)
def test_at_every_quarter_of_an_hour_either_the_front_door_or_the_night_team_answers(
    record: Record, area: str, monday: str
) -> None:
    door, night = (record.section(f"{area}-{team}")[-1].contact for team in ("front-door", "out-of-hours"))
    assert door
    assert night
    assert door.out_of_hours == f"{area}-out-of-hours"
    start = datetime.fromisoformat(monday).replace(tzinfo=LONDON).astimezone(UTC)
    for quarter in range(7 * 24 * 4):
        at = start + timedelta(minutes=15 * quarter)
        is_open = [answering(team.opening_hours, at).is_open for team in (door, night)]
        assert sum(is_open) == 1, at.astimezone(LONDON)


# Words


def test_the_first_words_of_every_page_say_that_it_is_an_illustration() -> None:
    assert "illustration" in sample.NOTICE
    assert "do not follow" in sample.NOTICE.lower()


def test_every_duty_names_the_law_it_comes_from(store: Store) -> None:
    unsourced = [
        f"{revision.ref} {paragraph.number}: {sentence}"
        for revision, paragraph in texts(store)
        for sentence in re.findall(r"[^.]*\bmust\b[^.]*\.", paragraph.text)
        if "<small>" not in paragraph.html
    ]
    assert unsourced == []


SYLLABLES = pyphen.Pyphen(lang="en_GB")
READING_GRADE = 7.0
"""Flesch-Kincaid (Kincaid and others, 1975) by a hyphenation dictionary, which finds fewer syllables than an ear does:
the bound stands for about three grades more, the reading age of 14 to 15 of plain guidance for professionals."""


def sentences(paragraph: Paragraph) -> Iterator[str]:
    """Cut a paragraph's running text into sentences, leaving out footnotes and tables."""
    soup = BeautifulSoup(paragraph.html, "lxml")
    for aside in soup.find_all(["small", "table"]):
        aside.decompose()
    for block in soup.find_all(["p", "li"]):
        yield from filter(None, re.split(r"(?<=[.?!])\s+", block.get_text(" ", strip=True)))


def test_sentences_are_short_enough_to_be_read_in_a_hurry(store: Store) -> None:
    for revision, found in itertools.groupby(current(store), lambda pair: pair[0]):
        told = [sentence.split() for _, paragraph in found for sentence in sentences(paragraph)]
        words = [re.sub(r"\W", "", word) for sentence in told for word in sentence]
        syllables = sum(len(SYLLABLES.positions(word)) + 1 for word in words)
        assert [" ".join(sentence) for sentence in told if len(sentence) > 40] == [], revision.ref
        assert len(words) / len(told) < 16, revision.ref
        grade = 0.39 * len(words) / len(told) + 11.8 * syllables / len(words) - 15.59
        assert grade < READING_GRADE, revision.ref


def test_every_section_is_a_usable_piece_of_guidance_of_a_length_one_reads(store: Store) -> None:
    odd: list[str] = []
    for revision, found in itertools.groupby(current(store), lambda pair: pair[0]):
        texts = [paragraph.text for _, paragraph in found]
        words = sum(len(text.split()) for text in texts)
        if not (10 <= len(texts) <= 40 and 1450 <= words <= 2600):
            odd.append(f"{revision.ref}: {len(texts)} paragraphs, {words} words")
    assert odd == []


def test_no_paragraph_stands_twice_in_the_manual(store: Store) -> None:
    counted = Counter(re.sub(r"\W+", " ", paragraph.text.lower()).strip() for _, paragraph in current(store))
    assert [text for text, times in counted.items() if times > 1] == []


def test_paragraphs_are_of_a_length_to_be_cited(store: Store) -> None:
    long = [f"{r.ref} {p.number}" for r, p in current(store) if len(p.text.split()) > 220]
    assert long == []


AMERICAN = [
    "behavior", "color", "pediatric", "pediatrician", "organization", "recognize", "center", "counselor", "fetus",
    "anesthetic", "hospitalize", "hospitalized", "neighbor", "program", "practicing", "inquiry", "mom", "judgment",
    "organize", "authorize", "minimize", "prioritize", "summarize", "labor", "diapers", "crib", "analyze",
]  # fmt: skip


def test_the_spelling_is_british(store: Store) -> None:
    names_of_others = re.compile(r"American Academy of Pediatrics|, Pediatrics \d{4}")
    words = Counter(
        word for _, p in texts(store) for word in re.findall(r"[a-z]+", names_of_others.sub("", p.text).lower())
    )
    assert {word for word in AMERICAN if words[word]} == set()


def test_every_section_with_urgency_opens_with_what_to_do_now(store: Store) -> None:
    record = store.record()
    opening = {r.section: p.heading[0] for r, p in current(store) if p.ordinal == 1 and p.heading}
    urgent = [key for key, heading in opening.items() if heading == "Do this now"]
    assert len(urgent) >= 50
    for key in ("brue", "bruising-non-mobile", "immediate-protection", "self-harm", "fgm", "forced-marriage"):
        assert key in urgent
        newest = record.in_force(TODAY, NOW)[key]
        assert "contact:" in "".join(paragraph.html for paragraph in store.paragraphs(newest)), key


def test_every_form_opens_in_a_word_processor_and_stands_beside_its_section_in_words() -> None:
    attached = [file for proposal in sample.proposals() for file in proposal.attachments]
    assert attached
    for file in attached:
        assert file.content.startswith(b"{\\rtf1")
        assert file.content.count(b"{") == file.content.count(b"}")
        for number in range(1, 11):
            assert f"\n{number}. " in file.text_equivalent
            assert f"{number}. ".encode() in file.content
