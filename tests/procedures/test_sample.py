"""The sample manual: the same every time, true to its own rules, and safe to show."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from procedures import sample
from procedures.align import Difference, compare
from procedures.contacts import LONDON, answering
from procedures.model import Action, Paragraph, Revision, SectionKind
from procedures.record import Record
from procedures.store import Store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
TITLES = {
    "brue": "Brief Resolved Unexpected Event (BRUE)",
    "information-sharing": "Information Sharing and Confidentiality",
    "bruising-non-mobile": "Bruising in Children who are Not Independently Mobile",
    "parental-substance-misuse": "Parents who Misuse Substances",
    "making-a-referral": "Making a Referral to Children's Social Care",
    "local-contacts": "Local Contacts and Front Doors",
}
CHILD_S = "west-sussex-2016-child-s"
FOLDER = Path(sample.__file__).parent


def loaded(path: Path) -> Store:
    store = Store.open(path, create=True)
    with store.write("Tester", lambda: NOW) as transaction:
        sample.load(transaction, TODAY, lambda _: None)
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


def test_two_loads_give_every_paragraph_the_same_id_and_every_event_the_same_hash(store: Store, tmp_path: Path) -> None:
    with loaded(tmp_path / "manual.db") as again:
        assert again.record().pids == store.record().pids
        assert again.head() == store.head()


def test_progress_is_told_as_often_as_was_promised(tmp_path: Path) -> None:
    told: list[str] = []
    with Store.open(tmp_path / "manual.db", create=True) as store, store.write("Tester", lambda: NOW) as transaction:
        sample.load(transaction, TODAY, told.append)
    assert len(told) == sample.steps()


def test_the_six_sections_are_in_force_under_just_these_titles(record: Record) -> None:
    in_force = record.in_force(TODAY, NOW)
    assert {k: r.title for k, r in in_force.items() if record.kinds[k] is SectionKind.PROCEDURE} == TITLES


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
    changes = [c for r in record.reviews.values() for point in r.learning for c in point.changes]
    assert changes
    for change in changes:
        assert change.illustrative
        assert change.pids
        revision = record.revision(change.section, change.revision)
        assert set(change.pids) <= {p.pid for p in store.paragraphs(revision)}
        assert revision.in_force_from > date(2017, 1, 1), "an answer comes after the question"


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


def test_sentences_are_short_enough_to_be_read_in_a_hurry(store: Store) -> None:
    lengths: list[tuple[int, str]] = []
    for revision, paragraph in current(store):
        soup = BeautifulSoup(paragraph.html, "lxml")
        for aside in soup.find_all(["small", "table"]):
            aside.decompose()
        for block in soup.find_all(["p", "li"]):
            for sentence in re.split(r"(?<=[.?!])\s+", block.get_text(" ", strip=True)):
                lengths.append((len(sentence.split()), f"{revision.ref} {paragraph.number}: {sentence}"))
    assert [words for length, words in lengths if length > 40] == []
    assert sum(length for length, _ in lengths) / len(lengths) < 16


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
    for key in ("brue", "bruising-non-mobile"):
        first = store.paragraphs(record.section(key)[-1])[0]
        assert first.heading == ("Do this now",)
        assert "contact:" in "".join(p.html for p in store.paragraphs(record.section(key)[-1])[:6])
