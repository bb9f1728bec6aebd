"""The search finds: what the manual itself promises holds without exception, and graded queries hold a floor.

`judgements.jsonl` is this project's own: queries of the kinds professionals type, graded by hand against the sample.
The first 119 were at hand while the ranking was made; the other 240 were written and graded before the search had been
asked any of them.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.evaluate import Report, read_judgements
from kb.service import KnowledgeBase
from kb.settings import Settings
from kb.views import PartView, SectionName

JUDGEMENTS = Path(__file__).with_name("judgements.jsonl")
FLOOR_NDCG = 0.90
"""Just under what was reached (0.912); raise it when the search gets better. The first 119 alone had 0.952 before the
others were there, and 0.93 since everyday words became many; all of them had 0.86."""
FLOOR_LAY = 0.86
"""The same for everyday words (0.870), which are the hard part."""
FLOOR_RECALL = 0.94


@pytest.fixture(scope="module")
def manual(sample_folder: Path) -> Iterator[KnowledgeBase]:
    """The sample, only read."""
    with KnowledgeBase.open(Settings(data=sample_folder)) as opened:
        yield opened


def sections(parts: tuple[PartView, ...]) -> list[SectionName]:
    return [section for part in parts for section in part.sections]


def first_section(kb: KnowledgeBase, text: str) -> str | None:
    """The key of the first section a reader sees, destinations first."""
    view = kb.search(text)
    places = [d.key for d in view.destinations if d.kind == "section"]
    places += [r.key for r in view.results if r.kind == "section"]
    return places[0] if places else None


def test_every_title_finds_its_section_first(manual: KnowledgeBase) -> None:
    for section in sections(manual.contents()):
        assert first_section(manual, section.title) == section.key


def test_every_number_of_a_section_or_paragraph_finds_it_first(manual: KnowledgeBase) -> None:
    for section in sections(manual.contents()):
        for paragraph in manual.section(section.key).paragraphs:
            destination = manual.search(paragraph.number).destinations[0]
            assert (destination.key, destination.pid) == (section.key, paragraph.pid)
        assert first_section(manual, section.number or "") == section.key


def test_every_number_and_title_a_section_ever_had_still_finds_it(manual: KnowledgeBase) -> None:
    today = {section.number: section.key for section in sections(manual.contents())}
    for section in sections(manual.contents()):
        for entry in manual.history(section.key).entries:
            number = entry.revision.number
            assert first_section(manual, number or "") == today.get(number, section.key)  # 8.14 had another holder once
            assert first_section(manual, entry.revision.title) == section.key
    assert first_section(manual, "8.19") == "parental-substance-misuse"


def test_every_acronym_or_old_name_with_one_meaning_finds_its_section_first(manual: KnowledgeBase) -> None:
    asked = 0
    for entry in manual.glossary():
        about = {sense.section for sense in entry.term.senses}
        if entry.term.kind in {"acronym", "retired name"} and len(about) == 1 and None not in about:
            asked += 1
            assert first_section(manual, entry.term.term) in about
    assert asked > 20


def test_a_slip_in_a_word_of_five_letters_or_more_of_a_title_still_finds_the_section(manual: KnowledgeBase) -> None:
    for section in sections(manual.contents()):
        for word in re.findall(r"[A-Za-z]{5,}", section.title):
            slipped = section.title.replace(word, word[:3] + word[4] + word[3] + word[5:])
            found = [result.key for result in manual.search(slipped).results]
            assert section.key in found[:3], slipped


@pytest.fixture(scope="module")
def report(manual: KnowledgeBase) -> Report:
    return manual.evaluate(read_judgements(JUDGEMENTS.read_text("utf-8").splitlines()))


def test_graded_queries_hold_the_floor(report: Report) -> None:
    scored = report.as_dict()
    worst = [(w["q"], w["found"][:3]) for w in scored["worst"]]
    assert scored["unknown_titles"] == []
    assert scored["queries"] >= 359
    assert scored["ndcg@10"] >= FLOOR_NDCG, worst
    assert scored["by_kind"]["lay"]["ndcg@10"] >= FLOOR_LAY, worst
    assert scored["recall@3"] >= FLOOR_RECALL, worst
    assert scored["zero_results"] == 0.0, worst
