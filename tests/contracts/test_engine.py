"""What a search engine of this project must find, and what it must never show; `conftest` names the engines."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.engine import Engine, Ranking
from index.query import Expansion, parse
from tests.contracts.manual import HOSTILE, IN_FORCE, MANUAL, documents, found, hits, passage

Factory = Callable[[Path], Engine]


class TestFinding:
    def test_an_empty_index_is_at_0_and_finds_nothing(self, engine: Engine) -> None:
        assert engine.position() == 0
        assert engine.keys() == frozenset()
        assert engine.search(parse("child"), IN_FORCE) == Ranking((), 0, None)
        assert engine.suggest("chi", IN_FORCE) == ()

    def test_a_word_finds_the_paragraphs_that_have_it_whole(self, filled: Engine) -> None:
        first = hits(filled.search(parse("crawl"), IN_FORCE))[0].passage
        assert first == MANUAL[0]

    @pytest.mark.parametrize("text", ["bruise", "bruises", "BRUISED", "bruising?", "“bruising”"])
    def test_other_forms_of_a_word_find_it(self, filled: Engine, text: str) -> None:
        assert documents(filled, text)[0] == "bruising"

    def test_a_title_finds_its_section_first(self, filled: Engine) -> None:
        for each in MANUAL:
            assert documents(filled, each.title)[0] == each.document

    def test_a_scene_in_plain_words_finds_the_section_that_answers_most_of_it(self, filled: Engine) -> None:
        assert documents(filled, "baby went blue and floppy")[0] == "brue"

    def test_results_are_counted_and_come_in_pages(self, filled: Engine) -> None:
        whole = filled.search(parse("working day child"), IN_FORCE, limit=50)
        pages = [filled.search(parse("working day child"), IN_FORCE, limit=1, offset=at) for at in range(9)]
        assert whole.total == len(whole.groups) > 2
        assert {page.total for page in pages} == {whole.total}
        assert [group for page in pages for group in page.groups] == list(whole.groups)

    def test_a_section_shows_its_best_passages_only(self, filled: Engine) -> None:
        groups = filled.search(parse("bruising"), IN_FORCE, per_group=1).groups
        assert [len(group.hits) for group in groups] == [1]

    def test_words_that_say_nothing_do_not_count_unless_there_are_no_others(self, filled: Engine) -> None:
        assert documents(filled, "what is the LADO") == ["allegations"]
        assert "brue" in documents(filled, "is an")

    def test_an_age_says_whom_a_search_is_about_and_not_what(self, engine: Engine) -> None:
        ages = passage("ages@1#1", "A child who is 14 years old, or older than 14 years, may be old enough in a year.")
        missing = passage("missing@1#1", "A child who stays out until midnight is missing.")
        engine.apply([ages, missing], 1)
        seen = frozenset({"ages@1", "missing@1"})
        assert documents(engine, "14 year old out until midnight", seen)[0] == "missing"
        assert documents(engine, "14 year old", seen)[0] == "ages"

    def test_the_same_search_gives_the_same_answer(self, filled: Engine, make: Factory, tmp_path: Path) -> None:
        other = make(tmp_path / "other")
        other.rebuild(reversed(MANUAL), 7)
        query = parse("child baby record working day neglect")
        assert other.search(query, IN_FORCE) == filled.search(query, IN_FORCE)


class TestPhrasesAndExclusions:
    def test_a_phrase_is_found_word_for_word_with_its_small_words(self, filled: Engine) -> None:
        assert found(filled, '"was not brought"') == ["neglect@1#1"]
        assert found(filled, '"position of trust"') == ["allegations@1#2"]
        assert found(filled, '"trust of position"') == []

    def test_a_phrase_narrows_what_other_words_find(self, filled: Engine) -> None:
        assert found(filled, 'neglect "at home"') == ["neglect@1#2"]

    def test_an_excluded_word_or_phrase_takes_its_passages_away(self, filled: Engine) -> None:
        assert set(found(filled, "working day")) == {"allegations@1#1", "strategy@1#1", "bruising@1#2"}
        assert set(found(filled, "working day -allegation")) == {"strategy@1#1", "bruising@1#2"}
        assert set(found(filled, 'working day -"next working day"')) == {"allegations@1#1", "strategy@1#1"}

    def test_excluding_everything_is_read_as_plain_words(self, filled: Engine) -> None:
        assert found(filled, "-crawl") == ["bruising@1#1"]


class TestMarks:
    def test_marks_point_at_the_words_that_matched(self, filled: Engine) -> None:
        hit = hits(filled.search(parse("bruised babies"), IN_FORCE))[0]
        assert [hit.passage.text[start:end] for start, end in hit.marks] == ["bruise", "baby", "baby"]

    def test_a_phrase_is_marked_in_one_piece(self, filled: Engine) -> None:
        hit = hits(filled.search(parse('"was not brought"'), IN_FORCE))[0]
        assert [hit.passage.text[start:end] for start, end in hit.marks] == ["was not brought"]

    @given(words=st.lists(st.sampled_from(" ".join(each.text for each in MANUAL).split()), min_size=1, max_size=5))
    @settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_marks_are_in_order_apart_and_inside_the_text(self, filled: Engine, words: list[str]) -> None:
        for hit in hits(filled.search(parse(" ".join(words)), IN_FORCE)):
            ends = [place for mark in hit.marks for place in mark]
            assert ends == sorted(ends)
            assert all(0 <= start < end <= len(hit.passage.text) for start, end in hit.marks)


class TestExactThenExpandedThenFuzzy:
    def test_an_exact_match_is_above_any_number_of_expanded_ones(self, engine: Engine) -> None:
        engine.apply(
            [
                passage("far@1#1", "The word alte stands once in this long paragraph about quite other things " * 3),
                *(passage(f"near@1#{n}", "brue brue brue", title="Brue", heading="Brue") for n in range(9)),
            ],
            1,
        )
        query = replace(parse("alte "), expansions=(Expansion("ALTE", "an older name", 0, 1, ("brue",)),))
        groups = engine.search(query, frozenset({"far@1", "near@1"})).groups
        assert [group.document for group in groups] == ["far", "near"]

    def test_an_expansion_is_found_where_the_words_typed_are_not(self, filled: Engine) -> None:
        expansion = Expansion("ALTE", "an older name", 0, 1, ("brief resolved unexpected event", "lado"))
        query = replace(parse("alte"), expansions=(expansion,))
        ranking = filled.search(query, IN_FORCE)
        assert [group.document for group in ranking.groups] == ["brue", "allegations"]
        assert ranking.did_you_mean is None

    def test_a_known_word_is_never_corrected(self, filled: Engine) -> None:
        filled.apply([passage("boat@1#1", "A day out in a punt.")], 8)
        visible = IN_FORCE | {"boat@1"}
        assert documents(filled, "punt", visible) == ["boat"]
        assert filled.search(parse("punt"), visible).did_you_mean is None

    @pytest.mark.parametrize(
        ("typed", "meant", "document"),
        [
            ("brusing", "bruising", "bruising"),
            ("stratagy meeting", None, "strategy"),
            ("breif event", "brief event", "brue"),
            ('neglact "at home"', 'neglect "at home"', "neglect"),
        ],
    )
    def test_a_slip_of_the_finger_still_finds_and_offers_the_right_word(
        self, filled: Engine, typed: str, meant: str | None, document: str
    ) -> None:
        ranking = filled.search(parse(typed), IN_FORCE)
        assert ranking.groups[0].document == document
        assert meant is None or ranking.did_you_mean == meant

    def test_a_word_still_being_typed_is_completed(self, filled: Engine) -> None:
        assert documents(filled, "undr") == ["brue"]
        assert filled.search(parse("undr"), IN_FORCE).did_you_mean is None
        assert documents(filled, "undr ") == []

    def test_right_spelling_offers_nothing(self, filled: Engine) -> None:
        assert filled.search(parse("baby bruise"), IN_FORCE).did_you_mean is None
        assert filled.search(parse("qqqqqqqq"), IN_FORCE).did_you_mean is None


class TestOnlyTheRevisionsAskedFor:
    CANARY = passage(
        "secret@2#1", "The zanzibar paragraph about a crawling baby.", title="Zanzibar", heading="Zanzibars"
    )

    @pytest.mark.parametrize(
        "text", ["zanzibar", "zanzibra", "zanz", '"zanzibar paragraph"', "baby crawling", "-zanzibar"]
    )
    def test_other_text_is_in_no_result_count_suggestion_or_spelling(self, filled: Engine, text: str) -> None:
        before = (filled.search(parse(text), IN_FORCE), filled.suggest(text, IN_FORCE))
        filled.apply([self.CANARY], 8)
        after = (filled.search(parse(text), IN_FORCE), filled.suggest(text, IN_FORCE))
        assert after == before
        assert "anzibar" not in repr(after[0].groups) + repr(after[1])
        assert "zanzibar" not in (after[0].did_you_mean or "") or "zanzibar" in text

    def test_it_is_there_once_it_is_asked_for(self, filled: Engine) -> None:
        filled.apply([self.CANARY], 8)
        visible = IN_FORCE | {"secret@2"}
        assert documents(filled, "zanzibar", visible) == ["secret"]
        assert filled.search(parse("zanzibra "), visible).did_you_mean == "zanzibar"
        assert filled.suggest("zan", visible)[0] == "Zanzibar"

    def test_a_publication_changes_no_search_that_does_not_ask_for_it(self, filled: Engine) -> None:
        before = filled.search(parse("bruise baby"), IN_FORCE)
        filled.apply([passage("bruising@2#1", "Any bruise on any baby: bruise, bruise, baby.", title="Bruising")], 8)
        assert filled.search(parse("bruise baby"), IN_FORCE) == before
        newer = (IN_FORCE - {"bruising@1"}) | {"bruising@2"}
        assert found(filled, "bruise", newer) == ["bruising@2#1"]

    def test_unknown_revisions_and_none_at_all_find_nothing(self, filled: Engine) -> None:
        for revisions in (frozenset[str](), frozenset({"nothing@9"})):
            assert filled.search(parse("child"), revisions) == Ranking((), 0, None)
            assert filled.suggest("child", revisions) == ()


class TestSuggesting:
    def test_titles_come_first_then_headings_then_words(self, filled: Engine) -> None:
        assert filled.suggest("re", IN_FORCE)[:2] == ("Brief Resolved Unexpected Event (BRUE)", "Reporting")
        assert "record" in filled.suggest("re", IN_FORCE)

    def test_an_acronym_on_the_way_comes_before_longer_titles(self, filled: Engine) -> None:
        filled.apply([replace(passage("brue-term@1#1", "An event.", title="BRUE"), kind="term")], 8)
        found = filled.suggest("bru", IN_FORCE | {"brue-term@1"})
        assert found[:2] == ("BRUE", "Bruising in Children who are Not Independently Mobile")

    def test_the_last_word_is_completed_after_others(self, filled: Engine) -> None:
        assert "blue and floppy" in filled.suggest("blue and flo", IN_FORCE)

    @pytest.mark.parametrize("text", HOSTILE)
    def test_nothing_typed_can_break_it(self, filled: Engine, text: str) -> None:
        suggestions = filled.suggest(text, IN_FORCE, limit=5)
        assert len({each.casefold() for each in suggestions}) == len(suggestions) <= 5


class TestHostileQueries:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_every_known_trick_is_just_a_query(self, filled: Engine, text: str) -> None:
        started = time.monotonic()
        filled.search(parse(text), IN_FORCE)
        assert time.monotonic() - started < 1

    @given(text=st.text(max_size=300))
    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_text_is_just_a_query(self, filled: Engine, text: str) -> None:
        ranking = filled.search(parse(text), IN_FORCE, limit=3)
        assert ranking.total >= len(ranking.groups)
        filled.suggest(text, IN_FORCE)

    def test_any_text_can_be_indexed(self, engine: Engine) -> None:
        engine.apply([passage(f"odd@1#{n}", text, title=text, heading=text) for n, text in enumerate(HOSTILE)], 1)
        assert len(engine.keys()) == len(HOSTILE)
        for text in HOSTILE:
            engine.search(parse(text), frozenset({"odd@1"}))
