"""Whatever is typed: never an error, the named place first, and only text that applies on the day."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.access import Actor
from kb.service import KnowledgeBase
from kb.settings import Settings
from kb.views import SearchView
from tests.conftest import SetClock
from tests.procedures.texts import a_text, day

TYPED = st.text() | st.lists(
    st.sampled_from(
        ["BRUE", "ALTE", "8.38", "-", '"', "*", "~", "[a TO z]", "p-", "8.", "non-mobile", "AND", "(", "é"]
    ),
    max_size=20,
).map(" ".join)


@pytest.fixture(scope="module")
def manual(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """The sample for the whole module: nothing here writes to it."""
    folder = Path(shutil.copytree(sample_folder, tmp_path_factory.mktemp("search") / "data"))
    with KnowledgeBase.open(Settings(data=folder), SetClock()) as opened:
        yield opened


def first(view: SearchView) -> tuple[str, str]:
    destination = view.destinations[0]
    return destination.key, destination.why


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TYPED, st.none() | st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.booleans())
def test_any_text_is_answered_from_the_text_of_that_day(
    manual: KnowledgeBase, typed: str, asked: date | None, as_seen: bool
) -> None:
    on, seen = (None, asked and min(asked, manual.today())) if as_seen else (asked, None)
    view = manual.search(typed, on=on, seen=seen)
    listed = {s.key: s for part in manual.contents(on, seen) for s in part.sections}
    for result in view.results:
        if result.kind == "section":
            shown = manual.section(result.key, on=on, seen=seen)
            assert result.key in listed
            assert (result.number, result.title) == (shown.number, shown.title)
            assert {hit.passage.pid for hit in result.hits} <= {p.pid for p in shown.paragraphs}
            texts = {p.pid: p.text for p in shown.paragraphs}
            assert all(texts[hit.passage.pid or ""] == hit.passage.text for hit in result.hits)
    assert view.total >= len(view.results)
    assert len(view.results) <= view.limit
    assert manual.suggest(typed) is not None


# Destinations


@pytest.mark.parametrize("typed", ["8.38", "section 8.38", "§8.38", "8.38.", " 8.38 "])
def test_a_number_leads_to_its_section_however_it_is_cited(manual: KnowledgeBase, typed: str) -> None:
    assert first(manual.search(typed)) == ("brue", "8.38 is the number of this section.")


def test_every_number_and_title_in_force_finds_its_section_first(manual: KnowledgeBase) -> None:
    for part in manual.contents():
        for section in part.sections:
            for typed in (section.number, section.title, section.title.lower(), section.title.upper()):
                assert manual.search(typed or "").destinations[0].key == section.key, typed


def test_a_title_without_what_stands_in_brackets_is_exact_too(manual: KnowledgeBase) -> None:
    assert first(manual.search("brief resolved unexpected event"))[0] == "brue"


def test_a_paragraph_number_and_id_lead_to_the_paragraph(manual: KnowledgeBase) -> None:
    paragraph = manual.section("brue").paragraphs[5]
    for typed in ("8.38.6", "para 8.38.6", paragraph.pid, paragraph.pid.upper()):
        destination = manual.search(typed).destinations[0]
        assert (destination.key, destination.pid) == ("brue", paragraph.pid), typed


@pytest.mark.parametrize(
    ("typed", "key", "now"), [("8.36", "brue", "8.38"), ("8.19", "parental-substance-misuse", "8.26")]
)
def test_an_old_number_leads_to_its_section_and_says_what_it_is_now(
    manual: KnowledgeBase, typed: str, key: str, now: str
) -> None:
    assert first(manual.search(typed)) == (key, f"{typed} was the number of this section. It is now {now}.")


def test_on_its_own_day_an_old_number_is_the_number(manual: KnowledgeBase) -> None:
    view = manual.search("8.36", on=date(2019, 1, 1))
    assert first(view) == ("brue", "8.36 is the number of this section.")
    (other,) = manual.search("8.38", on=date(2019, 1, 1)).destinations
    assert (other.key, other.why) == (
        "brue",
        "Nothing carried 8.38 on 1 January 2019; at another time this section did.",
    )


def test_a_retired_name_finds_what_took_its_place_and_says_why(manual: KnowledgeBase) -> None:
    view = manual.search("ALTE")
    key, why = first(view)
    assert key == "brue"
    assert why.startswith("“ALTE” is ")
    assert " name " in why
    assert "brue" in [r.key for r in view.results if r.kind == "section"][:1]
    assert [e.term for e in view.expanded] == ["ALTE"]
    assert view.expanded[0].sense


def test_an_acronym_says_what_it_stands_for(manual: KnowledgeBase) -> None:
    assert first(manual.search("brue")) == ("brue", "BRUE stands for brief resolved unexpected event.")


def test_an_expansion_can_be_taken_off(manual: KnowledgeBase) -> None:
    assert manual.search("ALTE", without=frozenset({"ALTE"})).expanded == ()


def test_a_review_is_found_by_its_name_but_not_before_the_site_knew_it(manual: KnowledgeBase) -> None:
    assert first(manual.search("Child S"))[0] == "west-sussex-2016-child-s"
    view = manual.search("Child S", seen=date(2016, 1, 1))
    assert [d for d in view.destinations if d.kind == "review"] == []
    assert [r for r in view.results if r.kind == "review"] == []


# Words


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("baby went blue and floppy", "brue"),
        ("brusing non mobile", "bruising-non-mobile"),
        ("can I share without consent", "information-sharing"),
        ("mum on drugs", "parental-substance-misuse"),
        ("make a referral", "making-a-referral"),
        ("toxicology", "brue"),
    ],
)
def test_everyday_words_find_the_section_that_answers(manual: KnowledgeBase, typed: str, key: str) -> None:
    view = manual.search(typed)
    ranked = [d.key for d in view.destinations] + [r.key for r in view.results if r.kind == "section"]
    assert key in ranked[:2]


def test_a_misspelt_word_is_found_and_a_better_spelling_offered(manual: KnowledgeBase) -> None:
    view = manual.search("brusing")
    assert view.did_you_mean == "bruising"
    assert "bruising-non-mobile" in {r.key for r in view.results}
    assert manual.search("bruising").did_you_mean is None


def test_the_pages_of_a_search_follow_on_without_repeats(manual: KnowledgeBase) -> None:
    pages = [manual.search("child", offset=offset, limit=3) for offset in range(0, 30, 3)]
    found = [(r.kind, r.key) for page in pages for r in page.results]
    assert len(found) == len(set(found)) == min(pages[0].total, 30)
    assert manual.search("BRUE", offset=3).destinations == ()
    assert manual.search("child", offset=-5).results == manual.search("child").results


def test_text_of_a_day_is_found_on_that_day_only(manual: KnowledgeBase) -> None:
    then, now = manual.search("ALTE is", on=date(2016, 1, 1)), manual.search("ALTE is")
    assert {h.passage.revision.split("#")[0] for r in then.results if r.kind == "section" for h in r.hits} <= {
        "brue@1",
        "information-sharing@1",
    }
    assert all("brue@1" not in h.passage.revision for r in now.results for h in r.hits)


def test_a_title_that_changed_still_finds_the_section_and_says_from_when_it_had_it(
    kb: KnowledgeBase, editor: Actor
) -> None:
    kb.publish(editor, a_text("fizz", title="Zithers", number="8.99", in_force_from=day(-9)))
    kb.publish(editor, a_text("fizz", title="Harps", number="8.99", based_on=1))
    assert first(kb.search("zithers")) == ("fizz", "It was called “Zithers” from 14 November 2026.")
    assert first(kb.search("harps")) == ("fizz", "This is its title.")
