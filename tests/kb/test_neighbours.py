"""Where a reader can go on from a section: the next in the contents, those it refers to, those like it."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING

from procedures.publication import Proposal

if TYPE_CHECKING:
    from kb.access import Actor
    from kb.service import KnowledgeBase


def publish(kb: KnowledgeBase, editor: Actor, key: str, number: str, words: str, **changes: object) -> None:
    body = f"<div><p>{words}</p></div>"
    fields = {"number": number, "approver": editor.name, **changes}
    day = changes.pop("in_force_from", kb.today())
    fields.pop("in_force_from", None)
    proposal = Proposal(key, key.title(), body, "New.", day, "Somebody", **fields)  # type: ignore[arg-type]
    kb.publish(editor, proposal)


def test_sections_follow_one_another_by_number_not_by_letter(empty_kb: KnowledgeBase, editor: Actor) -> None:
    for key, number in (("c", "8.10"), ("a", "8.2"), ("b", "8.9"), ("d", "9.1")):
        publish(empty_kb, editor, key, number, "Words.")
    around = {key: empty_kb.neighbours(empty_kb.section(key)) for key in "abcd"}
    names = {k: (n.before and n.before.key, n.after and n.after.key) for k, n in around.items()}
    assert names == {"a": (None, "b"), "b": ("a", "c"), "c": ("b", "d"), "d": ("c", None)}


def test_what_stands_around_a_past_text_is_of_its_day(kb: KnowledgeBase) -> None:
    then = kb.neighbours(kb.section("brue", on=date(2019, 1, 1)))
    assert then.after is not None
    assert then.after.key == "bruising-non-mobile"  # BRUE was 8.36 then, and the bruising section 8.37
    assert "local-contacts" not in {section.key for section in then.refers_to}  # it came in 2020
    assert then.similar == ()
    ordered = [section.key for part in kb.contents() for section in part.sections]
    today = kb.neighbours(kb.section("brue"))
    assert today.after is not None
    assert today.after.key == ordered[ordered.index("brue") + 1] != "bruising-non-mobile"


def test_the_sections_a_text_refers_to_are_named_once_in_its_order(kb: KnowledgeBase) -> None:
    found = [section.key for section in kb.neighbours(kb.section("brue")).refers_to]
    assert found == [*dict.fromkeys(found)]
    assert "brue" not in found
    assert found[0] == "making-a-referral"


def test_a_contact_has_no_place_in_the_contents(kb: KnowledgeBase) -> None:
    around = kb.neighbours(kb.section("west-sussex-front-door"))
    assert (around.before, around.after, around.similar) == (None, None, ())


SUBJECTS = {
    "dog": "A dangerous dog in the home bites. Ask about the dog, its breed, the owner and earlier bites.",
    "bite": "Bites on a child may come from a dog or a person. Measure the bites, ask the owner of the dog.",
    "money": "The treasurer pays each invoice for conference rooms. No invoice, no rooms: ask the treasurer.",
    "rooms": "Conference rooms: the secretary books rooms, the treasurer gets the invoice. Rooms need an invoice.",
}


def test_sections_of_like_words_are_similar_and_linked_ones_are_not_repeated(
    empty_kb: KnowledgeBase, editor: Actor
) -> None:
    for place, (key, words) in enumerate(SUBJECTS.items(), 1):
        publish(empty_kb, editor, key, f"8.{place}", words)
    similar = {key: [s.key for s in empty_kb.neighbours(empty_kb.section(key)).similar] for key in SUBJECTS}
    assert similar == {"dog": ["bite"], "bite": ["dog"], "money": ["rooms"], "rooms": ["money"]}
    linked = SUBJECTS["dog"] + ' See <a href="section:bite">bites</a>.'
    publish(empty_kb, editor, "dog", "8.1", linked, based_on=1)
    around = empty_kb.neighbours(empty_kb.section("dog"))
    assert ([s.key for s in around.refers_to], around.similar) == (["bite"], ())
    assert empty_kb.neighbours(empty_kb.section("bite")).similar == ()  # it is referred to from there


def test_likeness_is_worked_out_once_for_the_texts_in_force(kb: KnowledgeBase) -> None:
    kb.neighbours(kb.section("brue"))
    begun = time.perf_counter()
    for _ in range(20):
        kb.neighbours(kb.section("brue"))
    assert (time.perf_counter() - begun) / 20 < 0.05
