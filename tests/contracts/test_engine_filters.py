"""What a search engine must do about filters, counts and order; `conftest` names the engines."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.engine import Engine, Ranking
from index.facets import MUST, Choice, Facet, Filters
from index.passage import Passage
from index.query import parse
from tests.contracts.manual import IN_FORCE, passage

Factory = Callable[[Path], Engine]

EAST, WEST = Choice(Facet.AREA, "East Sussex"), Choice(Facet.AREA, "West Sussex")
POLICE, HEALTH = Choice(Facet.AGENCY, "Police"), Choice(Facet.AGENCY, "Health")
REVIEWS, SECTIONS = Choice(Facet.KIND, "review"), Choice(Facet.KIND, "section")
BRUISING, NEGLECT = Choice(Facet.THEME, "Bruising"), Choice(Facet.THEME, "Neglect")

FACETED = [
    replace(
        passage("bruising@1#1", "A bruised baby must be seen by a doctor today."),
        part=8,
        agencies=("Health", "Police"),
        themes=("Bruising",),
    ),
    replace(
        passage("bruising@1#2", "In the east, ring about the baby."),
        part=8,
        area="East Sussex",
        agencies=("Health", "Police"),
        themes=("Bruising",),
    ),
    replace(
        passage("neglect@1#1", "In the west, a neglected baby is seen at home."),
        part=3,
        area="West Sussex",
        agencies=("Health",),
        themes=("Neglect",),
    ),
    replace(
        passage("review@1#1", "The baby must have been cold."), kind="review", area="West Sussex", themes=("Neglect",)
    ),
    replace(passage("baby@1#1", "A baby is a child under one."), kind="term"),
]
VISIBLE = frozenset(each.revision for each in FACETED)


@pytest.fixture
def faceted(engine: Engine) -> Engine:
    engine.apply(FACETED, 1)
    return engine


def search(engine: Engine, *choices: Choice, text: str = "baby", revisions: frozenset[str] = VISIBLE) -> Ranking:
    return engine.search(parse(text), revisions, filters=frozenset(choices), limit=99, per_group=99)


def documents(ranking: Ranking) -> set[str]:
    return {group.document for group in ranking.groups}


class TestFilters:
    def test_a_choice_leaves_the_passages_that_have_it(self, faceted: Engine) -> None:
        assert documents(search(faceted, SECTIONS)) == {"bruising", "neglect"}
        assert documents(search(faceted, POLICE)) == {"bruising"}
        assert documents(search(faceted, Choice(Facet.PART, "3"))) == {"neglect"}
        assert documents(search(faceted, NEGLECT)) == {"neglect", "review"}

    def test_choices_of_one_facet_widen_and_those_of_others_narrow(self, faceted: Engine) -> None:
        assert documents(search(faceted, BRUISING, NEGLECT)) == {"bruising", "neglect", "review"}
        assert documents(search(faceted, BRUISING, NEGLECT, REVIEWS)) == {"review"}
        assert documents(search(faceted, POLICE, NEGLECT)) == set()

    def test_what_is_for_all_areas_is_for_each_of_them(self, faceted: Engine) -> None:
        found = search(faceted, EAST)
        assert documents(found) == {"bruising", "baby"}
        keys = {hit.passage.key for group in found.groups for hit in group.hits}
        assert keys == {"bruising@1#1", "bruising@1#2", "baby@1#1"}
        assert documents(search(faceted, WEST)) == {"bruising", "neglect", "review", "baby"}

    def test_a_legal_duty_is_a_paragraph_of_guidance_that_says_must(self, faceted: Engine) -> None:
        found = search(faceted, MUST)
        assert [hit.passage.key for group in found.groups for hit in group.hits] == ["bruising@1#1"]

    def test_a_choice_nothing_has_leaves_nothing_and_says_so(self, faceted: Engine) -> None:
        found = search(faceted, Choice(Facet.THEME, "Dragons"))
        assert (found.groups, found.total) == ((), 0)
        assert found.counts[Choice(Facet.THEME, "Dragons")] == 0
        assert found.counts[BRUISING] == 1

    def test_filters_change_neither_score_nor_spelling(self, faceted: Engine) -> None:
        every = {group.document: group.score for group in search(faceted).groups}
        assert [group.score for group in search(faceted, NEGLECT, REVIEWS).groups] == [every["review"]]
        assert search(faceted, POLICE, text="brused").did_you_mean == "bruised"

    def test_other_revisions_are_in_no_count(self, faceted: Engine) -> None:
        before = search(faceted)
        secret = replace(passage("secret@2#1", "A baby must."), themes=("Zanzibar",), agencies=("Police",), part=8)
        faceted.apply([secret], 2)
        assert search(faceted) == before
        assert search(faceted, revisions=VISIBLE | {"secret@2"}).counts[Choice(Facet.THEME, "Zanzibar")] == 1

    def test_a_search_of_other_revisions_is_filtered_and_counted_by_those(self, faceted: Engine) -> None:
        faceted.apply([replace(passage("neglect@2#1", "A baby at home."), part=4, themes=("Home",))], 2)
        then, now = (
            search(faceted, SECTIONS),
            search(faceted, SECTIONS, revisions=VISIBLE - {"neglect@1"} | {"neglect@2"}),
        )
        assert then.counts[Choice(Facet.PART, "3")] == 1
        assert Choice(Facet.PART, "3") not in now.counts
        assert now.counts[Choice(Facet.THEME, "Home")] == 1


class TestCounts:
    def test_each_choice_says_how_many_documents_it_would_leave(self, faceted: Engine) -> None:
        assert search(faceted).counts == {
            SECTIONS: 2,
            REVIEWS: 1,
            Choice(Facet.KIND, "term"): 1,
            EAST: 2,
            WEST: 4,
            Choice(Facet.PART, "8"): 1,
            Choice(Facet.PART, "3"): 1,
            HEALTH: 2,
            POLICE: 1,
            BRUISING: 1,
            NEGLECT: 2,
            MUST: 1,
        }

    def test_what_is_chosen_in_a_facet_does_not_change_its_own_counts(self, faceted: Engine) -> None:
        found = search(faceted, NEGLECT)
        assert (found.counts[BRUISING], found.counts[NEGLECT]) == (1, 2)
        assert found.counts[SECTIONS] == 1
        assert found.counts[HEALTH] == 1

    @given(data=st.data())
    @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_choosing_gives_just_what_was_counted(
        self, make: Factory, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
    ) -> None:
        engine = make(tmp_path_factory.mktemp("counted"))
        passages = data.draw(st.lists(_passages, min_size=1, max_size=12).map(_numbered))
        engine.apply(passages, 1)
        revisions = frozenset(each.revision for each in passages)
        text = data.draw(st.sampled_from(["baby", "baby bruise", '"a bruise"', "baby -home", "nothing"]))
        chosen: Filters = frozenset(data.draw(st.sets(st.sampled_from(_CHOICES), max_size=4)))
        counts = search(engine, *chosen, text=text, revisions=revisions).counts
        for choice, count in counts.items():
            instead = {other for other in chosen if other.facet is not choice.facet} | {choice}
            assert search(engine, *instead, text=text, revisions=revisions).total == count, choice
        assert chosen <= counts.keys()
        engine.close()


class TestOrder:
    def test_groups_come_in_the_order_given_and_alike_ones_by_score(self, faceted: Engine) -> None:
        best = [group.document for group in search(faceted).groups]
        order = (frozenset({("term", "baby")}), frozenset({("section", "neglect"), ("section", "bruising")}))
        found = [group.document for group in faceted.search(parse("baby"), VISIBLE, order=order).groups]
        alike = [document for document in best if document in {"neglect", "bruising"}]
        assert found == ["baby", *alike, "review"]

    def test_pages_follow_the_order(self, faceted: Engine) -> None:
        order = (frozenset({("review", "review")}),)
        pages = [faceted.search(parse("baby"), VISIBLE, order=order, limit=1, offset=at) for at in range(4)]
        whole = faceted.search(parse("baby"), VISIBLE, order=order)
        assert [group for page in pages for group in page.groups] == list(whole.groups)
        assert whole.groups[0].document == "review"


class TestKnownWords:
    def test_where_nothing_has_it_all_the_words_the_text_knows_are_named(self, filled: Engine) -> None:
        assert filled.search(parse('"crawling dragons" floppy -zebra the'), IN_FORCE).known == ("crawling", "floppy")
        assert filled.search(parse("crawl"), IN_FORCE).known == ()
        assert filled.search(parse("qqqq zzzz"), IN_FORCE).known == ()


class TestRemembering:
    def test_no_answer_outlives_a_publication_or_a_rebuild(self, faceted: Engine) -> None:
        newer = VISIBLE | {"bruising@2"}
        before = search(faceted, POLICE, revisions=newer)
        faceted.apply([replace(passage("bruising@2#1", "One more baby."), document="second", agencies=("Police",))], 2)
        assert search(faceted, POLICE, revisions=newer).total == before.total + 1
        faceted.rebuild(FACETED[:1], 3)
        assert search(faceted, revisions=newer).total == 1

    def test_a_publication_by_another_process_is_seen_too(self, faceted: Engine, make: Factory, folder: Path) -> None:
        newer = VISIBLE | {"new@1"}
        before = search(faceted, revisions=newer).total
        make(folder).apply([passage("new@1#1", "A new baby.")], 2)
        assert search(faceted, revisions=newer).total == before + 1

    def test_filters_order_and_window_are_told_apart(self, faceted: Engine) -> None:
        query, order = parse("baby"), (frozenset({("term", "baby")}),)
        plain = faceted.search(query, VISIBLE)
        for other in (
            faceted.search(query, VISIBLE, filters=frozenset({POLICE})),
            faceted.search(query, VISIBLE, order=order),
            faceted.search(query, VISIBLE, limit=1),
            faceted.search(query, VISIBLE, offset=1),
            faceted.search(query, VISIBLE, per_group=1),
            faceted.search(query, VISIBLE - {"baby@1"}),
            faceted.search(parse("baby bruise"), VISIBLE),
        ):
            assert other != plain
        assert faceted.search(query, VISIBLE) == plain


_AREAS, _AGENCIES, _THEMES = ("East Sussex", "West Sussex"), ("Police", "Health"), ("Bruising", "Neglect", "Home")
_CHOICES = [
    MUST,
    *(Choice(Facet.KIND, kind) for kind in ("section", "review", "term")),
    *(Choice(Facet.AREA, area) for area in (*_AREAS, "Atlantis")),
    *(Choice(Facet.PART, part) for part in ("3", "8")),
    *(Choice(Facet.AGENCY, agency) for agency in _AGENCIES),
    *(Choice(Facet.THEME, theme) for theme in _THEMES),
]
_passages = st.builds(
    Passage,
    key=st.just(""),
    revision=st.just(""),
    kind=st.sampled_from(["section", "review", "term"]),
    document=st.sampled_from("abcde"),
    title=st.just("A title"),
    heading=st.just(""),
    text=st.sampled_from(["A baby.", "The baby must be seen.", "It must be seen: a bruise.", "A baby at home."]),
    part=st.sampled_from([None, 3, 8]),
    area=st.sampled_from([None, *_AREAS]),
    agencies=st.lists(st.sampled_from(_AGENCIES), unique=True).map(tuple),
    themes=st.lists(st.sampled_from(_THEMES), unique=True).map(tuple),
)


def _numbered(passages: list[Passage]) -> list[Passage]:
    return [replace(each, key=f"r@{place}#1", revision=f"r@{place}") for place, each in enumerate(passages)]
