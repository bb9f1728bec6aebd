"""What a search engine must make of the words that passages have for other sections; `conftest` names the engines."""

from dataclasses import replace

import pytest

from index.engine import Engine
from index.facets import Choice, Facet
from index.passage import WORDING, Manner, Naming, Passage
from index.query import parse
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
