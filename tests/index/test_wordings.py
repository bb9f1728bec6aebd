"""Words, phrases and counts are read off rows of numbered words; namings keep their weight and their revision."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.columns import columns_of
from index.facts import to_record
from index.passage import Manner, Naming, Passage
from index.ranking import SETTINGS
from index.snapshot import Segment
from index.wordings import Reader, Wordings

TEXTS = st.lists(st.lists(st.sampled_from("abc"), max_size=6).map(" ".join), max_size=6)


def read(texts: list[str]) -> Wordings:
    reader = Reader(str.lower)
    for text in texts:
        reader.read(text)
    return reader.wordings()


@given(TEXTS, st.lists(st.sampled_from("abcd"), min_size=1, max_size=3).map(tuple))
def test_a_phrase_is_found_each_time_its_words_stand_in_a_row_of_one_text(
    texts: list[str], stems: tuple[str, ...]
) -> None:
    rows = [text.split() for text in texts]
    expected = [
        number for number, row in enumerate(rows) for at in range(len(row)) if tuple(row[at : at + len(stems)]) == stems
    ]
    assert sorted(read(texts).find(stems).tolist()) == expected


@given(TEXTS, st.data())
def test_words_are_counted_in_the_texts_chosen_only(texts: list[str], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    words = [word for text, each in zip(texts, chosen, strict=True) if each for word in text.split()]
    assert read(texts).count(np.array(chosen, np.bool_)) == {word: words.count(word) for word in set(words)}


def test_a_text_added_again_is_the_same_text() -> None:
    reader = Reader(str.lower)
    assert reader.read("Baby’s first s. 47") == [(0, 6), (7, 12), (13, 18)]
    reader.again(0)
    assert reader.wordings().words == ["baby", "first", "s47"]
    assert reader.wordings().find(("first", "s47")).tolist() == [0, 1]


def naming(key: str, manner: Manner, text: str) -> Naming:
    return Naming(key, manner, text)


def test_a_naming_is_had_once_with_the_weight_of_its_manner_and_the_words_that_tell() -> None:
    passages = [
        Passage(
            *("term@1#1", "term@1", "term", "t", "Turn", "", ""),
            namings=(
                naming("brue", Manner.NAME, "Funny turn, funny turn"),
                naming("burns", Manner.MEANING, "a turn for the worse"),
            ),
        ),
        Passage(
            *("recognition@2#1", "recognition@2", "section", "r", "A turn for children", "", ""),
            namings=(naming("brue", Manner.SIGNPOST, "A turn: funny or not, see BRUE"),),
        ),
    ]
    segment = Segment("one", columns_of([to_record(each) for each in passages], str.lower))
    namings = segment.namings
    assert namings.having(("turn",)).tolist() == [0, 1, 2]
    assert namings.having(("funny", "turn")).tolist() == [0]
    assert namings.having(("worse", "turn")).tolist() == namings.having(("unheard",)).tolist() == []
    assert namings.weights.tolist() == [SETTINGS.name_weight, SETTINGS.meaning_weight, SETTINGS.signpost_weight]
    told = [(number, namings.stems[stem]) for number, stem in zip(*namings.telling, strict=True)]
    assert sorted(told) == [
        *((0, "funny"), (0, "turn"), (1, "turn"), (1, "worse")),
        *((2, "brue"), (2, "funny"), (2, "not"), (2, "see"), (2, "turn")),
    ]
    assert segment.titled("turn").tolist() == [0, 1]
    assert (segment.titled("for").tolist(), segment.title_sizes.tolist()) == ([], [1.0, 2.0])
