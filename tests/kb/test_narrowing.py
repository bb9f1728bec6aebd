"""A narrowed search tells the truth: counts hold, odd choices are named, days and orders are kept, nothing is stale."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from index.facets import MUST, Choice, Facet
from kb.access import Actor
from kb.service import KnowledgeBase
from kb.settings import Settings
from kb.views import Order, SearchView
from tests.conftest import SetClock
from tests.procedures.texts import a_text, day

SECTIONS, CONTACTS = Choice(Facet.KIND, "section"), Choice(Facet.KIND, "contact")
EAST = Choice(Facet.AREA, "East Sussex")


@pytest.fixture(scope="module")
def manual(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """The sample for the whole module: nothing here writes to it."""
    folder = Path(shutil.copytree(sample_folder, tmp_path_factory.mktemp("narrowing") / "data"))
    with KnowledgeBase.open(Settings(data=folder), SetClock()) as opened:
        yield opened


def counts(view: SearchView) -> dict[Choice, int]:
    return {Choice(facet.facet, each.value): each.results for facet in view.facets for each in facet.choices}


def sections(view: SearchView) -> list[str]:
    return [result.number or "" for result in view.results if result.kind == "section"]


@pytest.mark.parametrize("on", [None, date(2019, 6, 1), date(2016, 5, 1)])
@pytest.mark.parametrize("typed", ["baby", "child police", "share information"])
def test_every_choice_offered_leaves_just_as_many_results_as_it_says(
    manual: KnowledgeBase, typed: str, on: date | None
) -> None:
    offered = counts(manual.search(typed, on=on))
    assert len(offered) > 10
    for choice, count in offered.items():
        assert manual.search(typed, on=on, filters=frozenset({choice}), limit=1).total == count > 0


def test_a_past_day_is_narrowed_by_the_text_of_that_day(manual: KnowledgeBase) -> None:
    view = manual.search("baby", on=date(2016, 5, 1), filters=frozenset({SECTIONS}))
    assert view.total == len(view.results) == counts(view)[SECTIONS]
    assert {result.kind for result in view.results} == {"section"}
    assert view.total < manual.search("baby", filters=frozenset({SECTIONS})).total


def test_what_must_be_done_is_found_alone(manual: KnowledgeBase) -> None:
    view = manual.search("child", filters=frozenset({MUST}))
    assert view.results
    assert all("must" in hit.passage.text.lower() for result in view.results for hit in result.hits)


def test_an_area_leaves_its_own_text_and_what_is_for_all(manual: KnowledgeBase) -> None:
    view = manual.search("front door", filters=frozenset({EAST}), limit=50)
    areas = {hit.passage.area for result in view.results for hit in result.hits}
    assert areas == {None, "East Sussex"}


def test_choices_that_mean_nothing_are_left_out_and_named(manual: KnowledgeBase) -> None:
    odd = [Choice(Facet.AREA, "Kent"), Choice(Facet.PART, "eight"), Choice(Facet.MUST, "no"), Choice(Facet.KIND, "x")]
    odd += [Choice(Facet.THEME, "toxicology"), Choice(Facet.AGENCY, "\ud800")]
    view = manual.search("baby", filters=frozenset({*odd, SECTIONS}))
    assert set(view.ignored) == set(odd)
    assert view.filters == {SECTIONS}
    assert view.results == manual.search("baby", filters=frozenset({SECTIONS})).results


def test_a_theme_or_agency_of_earlier_texts_is_known(manual: KnowledgeBase) -> None:
    view = manual.search("baby", filters=frozenset({Choice(Facet.THEME, "Toxicology")}))
    assert view.ignored == ()
    assert view.total


def test_the_newest_text_in_force_comes_first_and_what_has_no_day_comes_last(manual: KnowledgeBase) -> None:
    view = manual.search("child", order=Order.NEWEST, limit=1000)
    days = [result.since for result in view.results]
    told = [each for each in days if each]
    assert told == sorted(told, reverse=True)
    assert days == told + [None] * (len(days) - len(told))
    assert {r.key for r in view.results} == {r.key for r in manual.search("child", limit=1000).results}


def test_sections_can_come_in_the_order_of_their_numbers(manual: KnowledgeBase) -> None:
    found = sections(manual.search("child", order=Order.NUMBER, limit=1000))
    assert found == sorted(found, key=lambda number: [int(part) for part in number.split(".")])
    assert len(found) > 3


def test_a_choice_that_leaves_nothing_says_what_there_is_without(manual: KnowledgeBase) -> None:
    view = manual.search("baby", filters=frozenset({CONTACTS, MUST}))
    assert (view.total, view.without_filters) == (0, manual.search("baby").total)
    assert manual.search("baby").without_filters is None
    assert manual.search("zzqqxx", filters=frozenset({CONTACTS})).without_filters == 0


def test_only_areas_of_the_manual_are_offered(manual: KnowledgeBase) -> None:
    areas = {choice.value for choice in counts(manual.search("child")) if choice.facet is Facet.AREA}
    assert areas == {"East Sussex", "West Sussex", "Brighton & Hove"}


def test_the_words_the_manual_knows_are_named_where_it_has_not_all_of_them(manual: KnowledgeBase) -> None:
    assert manual.search('"purple bruise" floppy').known_words == ("bruise", "floppy")
    assert manual.search("bruise floppy").known_words == ()


def test_a_search_asked_again_after_a_publication_shows_what_was_published(kb: KnowledgeBase, editor: Actor) -> None:
    def titles(typed: str, on: date | None = None) -> list[str]:
        part = frozenset({Choice(Facet.PART, "8")})
        return [result.title for result in kb.search(typed, on=on, filters=part, order=Order.NEWEST).results]

    assert titles("zithers") == []
    kb.publish(editor, a_text("fizz", title="Zithers", number="8.99", in_force_from=day(-2)))
    assert titles("zithers") == ["Zithers"]
    kb.publish(editor, a_text("fizz", title="Harps", number="8.99", in_force_from=day(-1), based_on=1))
    assert (titles("zithers"), titles("harps")) == ([], ["Harps"])
    assert titles("zithers", day(-2)) == ["Zithers"]


def test_a_search_asked_again_when_the_day_has_turned_is_answered_from_the_new_day(
    kb: KnowledgeBase, editor: Actor, clock: SetClock
) -> None:
    kb.publish(editor, a_text("fizz", title="Zithers", number="8.99", in_force_from=day(1)))
    assert kb.search("zithers").results == ()
    clock.forward(days=1)
    assert [result.title for result in kb.search("zithers").results] == ["Zithers"]
