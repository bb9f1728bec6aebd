"""With its column files and without them an engine gives the same answers: ranking, counts, marks and spellings."""

import random
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.columns import Columns
from index.facets import MUST, Choice, Facet, Filters
from index.matchers import Matchers
from index.passage import Manner, Naming, Passage, Standing
from index.query import Expansion, parse
from index.whoosh_engine import WhooshEngine
from kb import indexing
from kb.service import KnowledgeBase
from kb.settings import Settings
from tests.contracts.manual import passage
from tests.procedures.texts import NOW

Pair = tuple[WhooshEngine, WhooshEngine]
Sample = tuple[Pair, list[frozenset[str]], list[str]]

WORDS = [
    "baby",
    "bruise",
    "bruised",
    "child",
    "children",
    "neglect",
    "police",
    "refer",
    "referral",
    "the",
    "not",
    "must",
    "today",
    "home",
    "8.14",
    "s.47",
]
MANUAL = [f"r@{number}" for number in range(60)]
QUERIES = st.lists(
    st.sampled_from([*WORDS, "brusie", "neglcet", "chil", '"not bruised"', '"the child must"', "-home"]), max_size=16
)
FILTERS = st.sets(
    st.sampled_from(
        [
            MUST,
            Choice(Facet.PART, "3"),
            Choice(Facet.AREA, "East Sussex"),
            Choice(Facet.AREA, "Atlantis"),
            Choice(Facet.KIND, "term"),
        ]
    ),
    max_size=3,
)
EXPANSION = Expansion("child", "a person under 18", 0, 1, ("baby", "not bruised", "refer"), "s-3")


def paired(engine: WhooshEngine, folder: Path) -> Pair:
    """Return the engine, and another on a copy of its folder that has no column files."""
    shutil.copytree(folder, folder.with_name("without"))
    for file in folder.with_name("without").glob("generation-*/*.columns"):
        file.unlink()
    other = WhooshEngine(folder.with_name("without"))
    assert {type(segment.contents) for segment in engine._snapshot().segments} == {Columns}
    assert {type(segment.contents) for segment in other._snapshot().segments} == {Matchers}
    return engine, other


def a_passage(chance: random.Random, number: int) -> Passage:
    def words(most: int) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(0, most)))

    section = f"s-{number // 10}"
    made = passage(f"r@{number // 5}#{number}", words(20), title=words(4), heading=words(3), document=section)
    naming = Naming(f"s-{chance.randrange(30)}", chance.choice(list(Manner)), words(5))
    return replace(
        made,
        kind=chance.choice(["section", "section", "term"]),
        part=chance.randint(1, 4),
        area=chance.choice([None, "East Sussex", "West Sussex"]),
        place=number,
        standing=chance.choice(list(Standing)),
        namings=(naming,) if chance.random() < 0.2 else (),
    )


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    chance, folder = random.Random(5), tmp_path_factory.mktemp("generated") / "index"  # noqa: S311
    passages = [a_passage(chance, number) for number in range(300)]
    engine = WhooshEngine(folder)
    engine.rebuild(passages[:200], 1)
    engine.apply(passages[200:260], 2)
    engine.apply(passages[260:], 3)
    return paired(engine, folder)


@given(QUERIES, FILTERS, st.sets(st.sampled_from(MANUAL), min_size=20), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_search_of_any_revisions_has_one_answer(
    generated: Pair, typed: list[str], filters: Filters, revisions: set[str], expanded: bool
) -> None:
    query = parse(" ".join(typed))
    if expanded and query.words:
        query = replace(query, expansions=(EXPANSION,))
    one, other = (
        engine.search(query, frozenset(revisions), filters=frozenset(filters), limit=10) for engine in generated
    )
    assert one == other
    beginnings = [engine.suggest(" ".join(typed), frozenset(revisions)) for engine in generated]
    assert beginnings[0] == beginnings[1]


@pytest.fixture(scope="module")
def sample(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample manual in both, what is searched on three days, and every title and heading in it."""
    folder = tmp_path_factory.mktemp("sample") / "index"
    with KnowledgeBase.open(Settings(data=sample_folder)) as kb:
        record = kb._store.record()
        passages = list(indexing.all_passages(kb._store, record))
        days = [date(2016, 5, 1), date(2021, 3, 3), date(2026, 11, 1)]
        searched = [indexing.searched(record, day, NOW, day != days[0]) for day in days]
    engine = WhooshEngine(folder)
    engine.rebuild(passages, 1)
    return (
        paired(engine, folder),
        searched,
        sorted({each.title for each in passages} | {each.heading for each in passages}),
    )


def test_the_sample_has_one_answer_to_each_search(sample: Sample) -> None:
    (one, other), searched, wordings = sample
    for number, text in enumerate(
        [*wordings[::12], "baby went blue and floppy", '"was not brought"', "brusing neglact"]
    ):
        revisions = searched[number % len(searched)]
        assert one.search(parse(text), revisions) == other.search(parse(text), revisions), text
