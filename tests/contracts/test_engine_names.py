"""What a search engine must make of the words that passages have for other sections; `conftest` names the engines."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from index.engine import Engine
from index.facets import Choice, Facet
from index.passage import WORDING, Manner, Naming, Passage
from index.query import parse
from tests.contracts.conftest import Factory
from tests.contracts.manual import IN_FORCE, documents, hits, passage


def term(key: str, *namings: Naming) -> Passage:
    return replace(passage(f"{key}@1#1", "A word of the field."), kind="term", namings=namings)


EVERYDAY = term(
    "gone-blue",
    Naming("brue", Manner.NAME, "turned a funny colour"),
    Naming("brue", Manner.MEANING, "an alarming spell that has passed"),
)
SIGNPOST = replace(
    passage("recognition@1#1", "A toddler with burns: see Neglect."),
    namings=(Naming("neglect", Manner.SIGNPOST, "A toddler with burns: see Neglect."),),
)
NAMED = IN_FORCE | {EVERYDAY.revision, SIGNPOST.revision}


@pytest.fixture
def named(filled: Engine) -> Engine:
    filled.apply([EVERYDAY, SIGNPOST], 8)
    return filled


@pytest.mark.parametrize("text", ["baby turned a funny colour", "alarming spell", "seen by a doctor, funny coloured"])
def test_a_section_is_found_by_what_it_is_called_and_what_that_means(named: Engine, text: str) -> None:
    assert documents(named, text, NAMED)[0] == "brue"


def test_a_section_is_found_by_the_lines_that_lead_to_it(named: Engine) -> None:
    assert set(documents(named, "burnt toddler", NAMED)) == {"recognition", "neglect"}


def test_a_section_known_by_its_names_only_shows_its_first_paragraph_unmarked(named: Engine) -> None:
    (hit,) = hits(named.search(parse("colour"), NAMED))
    assert (hit.passage.key, hit.marks) == ("brue@1#1", ())


def test_a_name_is_met_word_for_word_where_it_is_quoted(named: Engine) -> None:
    assert documents(named, '"turned a funny colour"', NAMED) == []  # a phrase must stand in the text itself
    assert documents(named, "baby -colour", NAMED)[:1] == ["bruising"]


def test_a_word_that_only_a_name_has_is_not_taken_for_a_slip(named: Engine) -> None:
    filled = named.search(parse("colour"), NAMED)
    assert filled.did_you_mean is None
    named.apply([passage("paint@1#1", "The colours of a paint box.")], 9)
    assert named.search(parse("funny colour"), NAMED | {"paint@1"}).did_you_mean is None


def test_names_that_revisions_not_asked_for_have_change_nothing(filled: Engine) -> None:
    queries = [parse(text) for text in ("baby turned a funny colour", "burnt toddler", "alarming spell", "baby record")]
    before = [filled.search(query, IN_FORCE) for query in queries]
    filled.apply([EVERYDAY, SIGNPOST], 8)
    assert [filled.search(query, IN_FORCE) for query in queries] == before
    assert [filled.suggest(text, IN_FORCE) for text in ("fun", "alar")] == [(), ()]


def test_a_name_of_what_is_not_searched_finds_nothing(named: Engine) -> None:
    astray = term("astray", Naming("withdrawn", Manner.NAME, "an unheard-of muddle"))
    named.apply([astray], 9)
    assert documents(named, "muddle", NAMED | {astray.revision}) == []
    assert documents(named, "colour", NAMED - {"brue@1"}) == []


def test_names_come_back_with_their_passage(named: Engine) -> None:
    found = {hit.passage for hit in hits(named.search(parse("toddler word"), NAMED))}
    assert {EVERYDAY, SIGNPOST} <= found


def test_of_two_sections_called_by_a_word_the_one_of_which_more_was_asked_for_is_first(filled: Engine) -> None:
    brue = term("calling", Naming("brue", Manner.NAME, "which number do I phone"))
    neglect = term("staring", Naming("neglect", Manner.NAME, "never looks up from her phone screen"))
    filled.apply([brue, neglect], 8)
    seen = IN_FORCE | {brue.revision, neglect.revision}
    assert documents(filled, "who can I phone", seen)[:2] == ["brue", "neglect"]
    assert documents(filled, "she never looks up from that phone", seen)[:2] == ["neglect", "brue"]


def test_everyday_words_lead_to_their_section_and_are_no_result_themselves(filled: Engine) -> None:
    spoken = replace(
        term("jittery", Naming("brue", Manner.NAME, "jittery little mite")), kind=WORDING, title="jittery little mite"
    )
    filled.apply([spoken], 8)
    seen = IN_FORCE | {spoken.revision}
    found = filled.search(parse("jittery mite"), seen)
    assert [group.document for group in found.groups] == ["brue"]
    assert found.counts[Choice(Facet.KIND, "section")] == found.total == 1
    assert Choice(Facet.KIND, WORDING) not in found.counts
    assert filled.suggest("jitt", seen)[0] == "jittery little mite"
    assert filled.search(parse("jitery "), seen).did_you_mean == "jittery"
    assert filled.suggest("jitt", IN_FORCE) == ()
    assert filled.search(parse("jitery "), IN_FORCE).did_you_mean is None


WORDS = ["jab", "cot", "nit", "den", "sip", "wag", "hem", "ore", "yam"]


def _some_manual(chance: random.Random) -> list[Passage]:
    """Make sections with words of `WORDS`, and terms with wordings for them."""
    sections = [
        passage(f"s{number}@1#{place}", " ".join(chance.choices(WORDS, k=chance.randint(1, 12))))
        for number in range(6)
        for place in range(chance.randint(1, 3))
    ]
    terms = [
        replace(
            term(
                f"t{number}",
                *(
                    Naming(f"s{chance.randrange(7)}", chance.choice([*Manner]), " ".join(chance.choices(WORDS, k=3)))
                    for _ in range(chance.randint(1, 3))
                ),
            ),
            kind=chance.choice(["term", WORDING]),
        )
        for number in range(6)
    ]
    return [*sections, *terms]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_not_searched_changes_no_score_order_count_or_spelling(
    make: Factory, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    everything = _some_manual(chance)
    seen = frozenset(each.revision for each in everything if chance.random() < 0.6)
    whole, part = make(tmp_path / "whole"), make(tmp_path / "part")
    half = len(everything) // 2
    for position, some in ((1, everything[:half]), (2, everything[half:])):
        whole.apply(some, position)
        part.apply([each for each in some if each.revision in seen], position)
    for _ in range(25):
        text = " ".join(chance.choices([*WORDS, "jaab", "coot"], k=chance.randint(1, 4))) + chance.choice(["", " "])
        assert whole.search(parse(text), seen) == part.search(parse(text), seen), text
        assert whole.suggest(text, seen) == part.suggest(text, seen)
    whole.close()
    part.close()


def test_everyday_words_for_a_section_that_is_not_searched_are_neither_completed_nor_offered(filled: Engine) -> None:
    spoken = replace(
        term("jittery", Naming("gone", Manner.NAME, "jittery mite")), kind=WORDING, title="jittery mite", text="jittery"
    )
    filled.apply([spoken], 8)
    seen = IN_FORCE | {spoken.revision}
    assert filled.suggest("jitt", seen) == ()
    found = filled.search(parse("jitery "), seen)
    assert (found.did_you_mean, found.total) == (None, 0)
