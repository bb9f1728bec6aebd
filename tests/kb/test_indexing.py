"""The index is a copy that is always level with the log, or is made so, and never names one text by another's name."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.engine import Engine
from index.passage import WORDING
from index.query import parse
from index.whoosh_engine import WhooshEngine
from kb import indexing
from kb.clock import london_day
from kb.indexing import all_passages, review_name, revision_name, searched, term_name
from kb.service import KnowledgeBase
from procedures import sample
from procedures.model import RevisionKind, Sense, Term
from procedures.publication import Proposal
from procedures.store import Store
from tests.procedures.texts import NOW, TODAY, a_contact, a_text, day


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "manual.db", create=True) as opened:
        yield opened


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = WhooshEngine(tmp_path / "index")
    yield opened
    opened.close()


def write(store: Store, *proposals: Proposal) -> None:
    with store.write("Editor", lambda: NOW) as transaction:
        for proposal in proposals:
            transaction.publish(proposal, TODAY)


def wanted(store: Store) -> set[str]:
    return {passage.key for passage in all_passages(store, store.record())}


def test_every_kind_of_event_brings_the_index_level(store: Store, engine: Engine) -> None:
    write(store, a_text(), a_contact())
    assert indexing.catch_up(store, engine), "an empty index is made from the whole record"
    assert engine.keys() == wanted(store)
    with store.write("Editor", lambda: NOW) as transaction:
        transaction.publish(a_text("brue", "Other.", based_on=1, in_force_from=day(5)), TODAY)
        transaction.cancel("brue", 2, "No.", TODAY)
        transaction.record_review(sample.reviews()[0])
        transaction.record_term(sample.terms()[0])
    assert not indexing.catch_up(store, engine), "and then only follows the log"
    assert engine.keys() == wanted(store)
    assert engine.position() == store.head()[0]
    assert not indexing.catch_up(store, engine)


def test_applying_what_is_known_already_does_no_harm(store: Store, engine: Engine) -> None:
    write(store, a_text("brue", "One.", "Two."))
    indexing.catch_up(store, engine)
    record = store.record()
    engine.apply(all_passages(store, record), record.head)
    assert engine.keys() == wanted(store)


def test_an_index_ahead_of_the_log_is_made_again(store: Store, engine: Engine) -> None:
    write(store, a_text())
    engine.rebuild([], 99)
    assert indexing.catch_up(store, engine)
    assert engine.position() == 1
    assert engine.keys() == wanted(store)


def test_the_index_made_again_equals_the_one_that_followed_the_log(kb: KnowledgeBase) -> None:
    followed = kb._engine.keys()
    kb.rebuild_index()
    assert kb._engine.keys() == followed


def test_passages_are_paragraphs_whole_contacts_learning_and_terms(kb: KnowledgeBase) -> None:
    record = kb._store.record()
    found = list(all_passages(kb._store, record))
    assert len({p.key for p in found}) == len(found)
    in_brue = [p for p in found if p.revision == revision_name(record, record.revision("brue", 4))]
    assert [(p.pid, p.number, p.text) for p in in_brue] == [
        (p.pid, p.number, p.text) for p in kb.section("brue").paragraphs
    ]
    assert {p.kind for p in found} == {"section", "contact", "review", "term", WORDING}
    (contact,) = (p for p in found if p.document == "east-sussex-front-door")
    assert "01632 960101" in contact.text
    assert all(p.text for p in found)


def test_a_name_in_the_index_is_bound_to_its_content(store: Store, tmp_path: Path) -> None:
    write(store, a_text("brue", "One."))
    with Store.open(tmp_path / "other.db", create=True) as other:
        write(other, a_text("brue", "Two."))
        names = [revision_name(s.record(), s.record().revision("brue", 1)) for s in (store, other)]
    assert len(set(names)) == 2
    assert all(name.startswith("brue@1#") for name in names)


def test_names_of_reviews_and_terms_change_with_their_words(kb: KnowledgeBase) -> None:
    review, term = kb.reviews()[0], kb.glossary()[0].term
    assert review_name(review) != review_name(replace(review, summary="Other."))
    sense = replace(term.senses[0], section="other")
    changed = (
        replace(term, definition="Other."),
        replace(term, also=("other",)),
        replace(term, senses=(sense,)),
    )
    assert len({term_name(each) for each in (term, *changed)}) == 4


def test_a_section_is_found_by_the_words_its_terms_have_as_they_are_now(store: Store, engine: Engine) -> None:
    write(store, a_text("brue", "One."), a_text("burns", "Two.", number="8.2"))
    term = Term("spell", "funny spell", "everyday words", (Sense("a scare", (), "brue"),), (), "")
    for each, wanted_first in ((term, "brue"), (replace(term, senses=(Sense("a scare", (), "burns"),)), "burns")):
        with store.write("Editor", lambda: NOW) as transaction:
            transaction.record_term(each)
        indexing.catch_up(store, engine)
        ranking = engine.search(parse("a funny spell"), searched(store.record(), TODAY, NOW, True))
        assert [group.document for group in ranking.groups if group.kind == "section"] == [wanted_first]


def test_a_section_is_found_by_the_lines_of_other_sections_that_lead_to_it(store: Store, engine: Engine) -> None:
    line = 'A toddler with a scald: see <a href="section:burns">Two</a>, not <a href="section:brue">this</a>.'
    write(store, a_text("brue", line), a_text("burns", "Two.", number="8.2"))
    indexing.catch_up(store, engine)
    ranking = engine.search(parse("scalded toddler"), searched(store.record(), TODAY, NOW, False))
    assert [group.document for group in ranking.groups] == ["brue", "burns"]


def test_a_search_sees_one_revision_of_each_section_and_none_of_a_withdrawn_one(store: Store) -> None:
    write(store, a_text(in_force_from=day(-9)), a_text("brue", "Two.", based_on=1, in_force_from=day(3)))
    write(store, a_text("gone", number="8.1", in_force_from=day(-9)))
    gone = {"kind": RevisionKind.WITHDRAWAL, "withdrawal_reason": "Merged.", "body": ""}
    write(store, a_text("gone", number="8.1", based_on=1, in_force_from=day(-3), **gone))
    record = store.record()
    seen = {on: {n.split("#")[0] for n in searched(record, day(on), NOW, False)} for on in (-10, -9, 0, 3)}
    assert seen == {-10: set(), -9: {"brue@1", "gone@1"}, 0: {"brue@1"}, 3: {"brue@2"}}
    assert london_day(NOW) == TODAY
