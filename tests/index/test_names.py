"""What sections are called elsewhere is found word by word and phrase by phrase, with the weight of its manner."""

from index.names import Names
from index.passage import Manner, Naming
from index.ranking import SETTINGS

NAMES = Names(
    [
        ("term@1", Naming("brue", Manner.NAME, "Funny turn, funny turn")),
        ("term@1", Naming("burns", Manner.MEANING, "a turn for the worse")),
        ("recognition@2", Naming("brue", Manner.SIGNPOST, "A turn: funny or not, see BRUE")),
    ],
    str.lower,
)


def test_a_word_is_found_each_time_a_naming_has_it() -> None:
    assert list(NAMES.find(("turn",))) == [
        ("term@1", "brue", SETTINGS.name_weight),
        ("term@1", "brue", SETTINGS.name_weight),
        ("term@1", "burns", SETTINGS.meaning_weight),
        ("recognition@2", "brue", SETTINGS.signpost_weight),
    ]


def test_a_phrase_is_found_where_its_words_stand_in_a_row() -> None:
    assert list(NAMES.find(("funny", "turn"))) == [("term@1", "brue", SETTINGS.name_weight)] * 2
    assert list(NAMES.find(("turn", "funny", "or"))) == [("recognition@2", "brue", SETTINGS.signpost_weight)]
    assert list(NAMES.find(("worse", "turn"))) == list(NAMES.find(("unheard", "of"))) == []


def test_lengths_are_kept_by_revision_so_that_others_do_not_count() -> None:
    assert NAMES.lengths["term@1"] == {"brue": 4 * SETTINGS.name_weight, "burns": 5 * SETTINGS.meaning_weight}
    assert NAMES.lengths["recognition@2"] == {"brue": 7 * SETTINGS.signpost_weight}
