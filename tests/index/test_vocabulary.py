"""Acronyms, old names and spellings: what they lead to, and what they never touch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.query import Query, parse
from index.vocabulary import Entry, Lexicon, Sense, Vocabulary

BRUE = Entry(
    "BRUE",
    "acronym",
    ("ALTE", "blue spell"),
    (Sense("brief resolved unexpected event", ("brief resolved unexpected event",), "brue"),),
)
SCR = Entry(
    "SCR",
    "acronym",
    ("case review",),
    (
        Sense("serious case review", ("serious case review", "child safeguarding practice review")),
        Sense("summary care record", ("summary care record",)),
    ),
)
S47 = Entry("S47", "acronym", ("section 47",), (Sense("enquiry under section 47", ("section 47 enquiry",)),))
DO = Entry("LADO", "acronym", ("DO",), (Sense("local authority designated officer"),))
OUR_WORDS = Entry(
    "social services", "retired name", (), (Sense("children's social care", ("children's social care",)),)
)
VOCABULARY = Vocabulary(
    [BRUE, SCR, S47, DO, OUR_WORDS, Entry("review", "synonym", (), (Sense("look again", ("audit",)),))]
)


def expand(text: str, *without: str) -> Query:
    return VOCABULARY.expand(parse(text), frozenset(without))


def terms(query: Query) -> list[str]:
    return [expansion.term for expansion in query.expansions]


def test_an_acronym_is_also_looked_for_in_full_and_by_its_other_names() -> None:
    (expansion,) = expand("baby with BRUE now").expansions
    assert (expansion.term, expansion.meaning) == ("BRUE", "brief resolved unexpected event")
    assert (expansion.start, expansion.end) == (2, 3)
    assert expansion.alternatives == ("brief resolved unexpected event", "ALTE", "blue spell")


def test_a_retired_name_leads_to_the_name_in_use() -> None:
    (expansion,) = expand("alte").expansions
    assert expansion.alternatives[0] == "BRUE"
    assert "ALTE" not in expansion.alternatives


def test_a_term_of_several_words_is_found_as_a_whole() -> None:
    (expansion,) = expand("ring social services today").expansions
    assert (expansion.start, expansion.end) == (1, 3)


def test_the_longest_term_wins() -> None:
    assert terms(expand("case review")) == ["SCR", "SCR"]
    assert terms(expand("review")) == ["review"]


def test_every_sense_of_an_ambiguous_acronym_is_offered_and_can_be_removed_alone() -> None:
    assert [each.meaning for each in expand("scr").expansions] == ["serious case review", "summary care record"]
    assert [each.meaning for each in expand("scr", "Summary care record").expansions] == ["serious case review"]


@pytest.mark.parametrize("text", ["s47", "S47", "S.47", "s. 47", "S 47", "section 47", "Section-47", "SECTION 47"])
def test_dots_spaces_case_and_hyphens_make_no_difference(text: str) -> None:
    assert terms(expand(text)) == ["S47"]


@pytest.mark.parametrize("text", ["BRUEs", "blue spells", "SCRs"])
def test_plurals_make_no_difference(text: str) -> None:
    assert expand(text).expansions


def test_a_removed_term_stays_as_a_word_that_is_known() -> None:
    query = expand("alte", "brue")
    assert query.expansions == ()
    assert query.words[0].known


def test_an_everyday_word_is_no_acronym_unless_it_is_written_like_one() -> None:
    assert terms(expand("what do I do")) == []
    assert terms(expand("tell the DO")) == ["LADO"]
    assert terms(expand("WHAT DO I DO")) == []
    assert terms(expand("do")) == ["LADO"]


def test_quoted_and_excluded_words_are_taken_literally() -> None:
    assert terms(expand('"brue" baby -scr')) == []


def test_words_outside_the_vocabulary_are_left_as_they_are() -> None:
    query = parse("baby went blue")
    assert VOCABULARY.expand(query) == query
    assert Vocabulary([]).expand(query) == query


def test_meanings_are_of_the_whole_query_only() -> None:
    assert VOCABULARY.meanings("brue?") == (BRUE,)
    assert VOCABULARY.meanings("Blue spell") == (BRUE,)
    assert VOCABULARY.meanings("a blue spell") == ()
    assert VOCABULARY.meanings("") == VOCABULARY.meanings("...") == ()


@given(st.text(max_size=80))
def test_any_query_can_be_expanded(text: str) -> None:
    query = VOCABULARY.expand(parse(text), frozenset({text}))
    assert all(0 <= each.start < each.end <= len(query.words) for each in query.expansions)
    VOCABULARY.meanings(text)


LEXICON = Lexicon({"bruising": 9, "bruise": 4, "brief": 3, "chief": 8, "child": 20, "paediatric": 2, "mum": 5, "47": 3})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("brusing", "bruising"),
        ("bruseing", "bruising"),
        ("breif", "brief"),
        ("paediactric", "paediatric"),
        ("Chidl", "child"),
    ],
)
def test_a_slip_is_put_right(typed: str, meant: str) -> None:
    assert LEXICON.correct(typed)[0] == meant


def test_of_two_equally_near_words_the_more_frequent_is_first() -> None:
    assert LEXICON.correct("brhief") == ("brief", "chief")[:1]
    assert LEXICON.correct("hief") == ("chief",)
    assert LEXICON.correct("bhief") == ("chief", "brief")


def test_short_words_allow_one_slip_and_long_ones_two() -> None:
    assert LEXICON.correct("bruiingx") == ("bruising",)
    assert LEXICON.correct("chxxd") == ()


@pytest.mark.parametrize("word", ["child", "CHILD", "mu", "m", "", "48", "s47", "4child", "x" * 100_000])
def test_known_short_numbered_and_endless_words_are_left_alone(word: str) -> None:
    assert LEXICON.correct(word) == ()


def test_completions_are_the_most_frequent_first() -> None:
    assert LEXICON.complete("br") == ("bruising", "bruise", "brief")
    assert LEXICON.complete("br", limit=1) == ("bruising",)
    assert LEXICON.complete("bruise") == ()


@given(st.text(max_size=20), st.dictionaries(st.text(min_size=1, max_size=12), st.integers(1, 9), max_size=8))
def test_only_known_words_are_ever_offered(word: str, counts: dict[str, int]) -> None:
    lexicon = Lexicon(counts)
    assert set(lexicon.correct(word)) <= set(counts)
    assert set(lexicon.complete(word)) <= set(counts)


def test_an_age_under_a_year_is_also_looked_for_as_a_baby_unless_the_reader_says_not_to() -> None:
    nothing = Vocabulary([])
    (expansion,) = nothing.expand(parse("small mark on a 3 month old's cheek")).expansions
    assert (expansion.term, expansion.alternatives) == ("3 month old", ("baby",))
    assert (expansion.start, expansion.end) == (4, 7)
    assert nothing.expand(parse("mark on a 3 month old"), frozenset({"3 month old"})).expansions == ()
    assert nothing.expand(parse("mark on a 3 month old"), frozenset({"baby"})).expansions == ()
    assert nothing.expand(parse("mark on a 3 month old -baby")).expansions == ()
    assert nothing.expand(parse('mark on a "3 month old"')).expansions == ()
    assert nothing.expand(parse("mark on a 3 year old")).expansions == ()
