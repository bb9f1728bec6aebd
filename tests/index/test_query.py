"""What a typed query means: any text is one, and nothing in it can do harm."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.query import MAX_CHARACTERS, MAX_TERMS, Query, parse

GRAMMAR = st.text(alphabet="ab -\"“'’.&é\u00ad\u202e\x00\n😀", max_size=60)
ANYTHING = st.one_of(st.text(max_size=400), GRAMMAR)


def words(query: Query) -> list[str]:
    return [term.word for term in query.words]


@given(ANYTHING)
def test_any_text_is_a_query_within_limits(text: str) -> None:
    query = parse(text)
    terms = len(query.words) + sum(map(len, query.phrases + query.excluded))
    assert len(query.text) <= MAX_CHARACTERS
    assert terms <= MAX_TERMS


@given(ANYTHING)
def test_reading_a_query_again_gives_the_same_query(text: str) -> None:
    once = parse(text)
    again = parse(once.text)
    assert replace(again, unfinished=None) == replace(once, unfinished=None)


@given(ANYTHING)
def test_every_word_is_where_it_says_it_is(text: str) -> None:
    query = parse(text)
    for term in query.words:
        assert query.text[term.start : term.end].lower() == term.word
        assert term.word


@given(ANYTHING)
def test_what_is_shown_has_no_control_or_bidirectional_characters(text: str) -> None:
    shown = parse(text).text
    assert shown == " ".join(shown.split())
    assert not set(shown) & set("\x00\u202e\u2066\u00ad\ud800")


@given(st.text(alphabet="abc -", min_size=1, max_size=40).filter(lambda text: any(c.isalpha() for c in text)))
def test_a_query_with_a_word_in_it_always_looks_for_something(text: str) -> None:
    assert parse(text).words


def test_words_come_in_order_in_lower_case_without_outer_punctuation() -> None:
    assert words(parse("Baby went (BLUE), and: floppy!")) == ["baby", "went", "blue", "and", "floppy"]


@pytest.mark.parametrize("word", ["non-mobile", "8.14.6", "s.47", "a&e", "children's", "p-7f3k2m"])
def test_marks_inside_a_word_belong_to_it(word: str) -> None:
    assert words(parse(word)) == [word]
    assert parse(word).excluded == ()


def test_words_in_quotes_are_a_phrase() -> None:
    query = parse('neglect "was not brought" “position of trust”')
    assert query.phrases == (("was", "not", "brought"), ("position", "of", "trust"))
    assert words(query) == ["neglect"]


def test_a_quote_without_a_partner_is_ignored() -> None:
    query = parse('"was not" brought "today')
    assert query.phrases == (("was", "not"),)
    assert words(query) == ["brought", "today"]
    assert words(parse('5" cut')) == ["5", "cut"]


def test_a_dash_before_a_word_or_phrase_excludes_it() -> None:
    query = parse('bruise -adult -"care home" -Mr.X')
    assert words(query) == ["bruise"]
    assert query.excluded == (("adult",), ("care", "home"), ("mr.x",))


@pytest.mark.parametrize("text", ["bruise - adult", "bruise --adult", "bruise —adult", "bruise-adult"])
def test_other_dashes_exclude_nothing(text: str) -> None:
    assert parse(text).excluded == ()
    assert "adult" in " ".join(words(parse(text)))


def test_a_query_of_exclusions_alone_is_read_as_plain_words() -> None:
    query = parse('-adult -"care home"')
    assert words(query) == ["adult", "care", "home"]
    assert query.excluded == query.phrases == ()


@pytest.mark.parametrize("text", ["", " ", '"', '""', "-", '-""', "...", "\x00", "\u202e"])
def test_nothing_to_look_for_is_an_empty_query(text: str) -> None:
    query = parse(text)
    assert (query.words, query.phrases, query.excluded, query.unfinished) == ((), (), (), None)


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        ("non mob", "mob"),
        ("non mob ", None),
        ("mob\n", None),
        ("mob?", None),
        ("what -mob", None),
        ('"non mob"', None),
        ('"non mob', "mob"),
        ("a " * MAX_TERMS + "mob", None),
    ],
)
def test_the_last_word_may_still_be_being_typed(text: str, unfinished: str | None) -> None:
    assert parse(text).unfinished == unfinished


def test_a_pasted_page_is_cut_and_not_refused() -> None:
    query = parse("word " * 100_000)
    assert len(query.text) <= MAX_CHARACTERS
    assert len(query.words) == MAX_TERMS
