"""What changed since a reader last read: every changed paragraph, and what matters most first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from kb.since import Became, Gravity, SectionSince
from procedures.errors import Invalid, NotFound
from procedures.model import Importance, RevisionKind
from procedures.publication import Proposal

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb.access import Actor
    from kb.service import KnowledgeBase
    from procedures.model import Revision
    from tests.conftest import SetClock

    Publish = Callable[..., Revision]

FIRST = (
    "<h2>Do this now</h2><div><p>Ring the front door.</p></div>"
    "<h2>More</h2><div><p>You should write it down and keep the note with the child’s record.</p></div>"
    "<div><p>Tell the doctor within 2 hours if the child has been seen by somebody else.</p></div>"
    "<div><p>Be kind to the family, and listen to what the children themselves have to say.</p></div>"
    "<div><p>This one will go.</p></div>"
)


@pytest.fixture
def publish(empty_kb: KnowledgeBase, editor: Actor) -> Publish:
    """Publish the next text of a section, in force today."""

    def publishing(body: str = FIRST, key: str = "one", number: str = "1.1", **changes: object) -> Revision:
        known = {name.key for part in empty_kb.contents() for name in part.sections}
        newest = empty_kb.history(key).entries[0].revision.revision if key in known else None
        fields = {
            "section": key,
            "title": key.title(),
            "body": body,
            "change_note": "It changed.",
            "in_force_from": empty_kb.today(),
            "author": "Somebody",
            "number": number,
            "approver": editor.name,
            "based_on": newest,
            **changes,
        }
        return empty_kb.publish(editor, Proposal(**fields))  # type: ignore[arg-type]

    return publishing


def rewritten(section: SectionSince) -> list[tuple[Gravity, str]]:
    texts = [(each.gravity, each.change.newer or each.change.older) for each in section.paragraphs]
    return [(gravity, text.text) for gravity, text in texts if text]


def test_changed_paragraphs_come_in_the_order_in_which_they_matter(
    empty_kb: KnowledgeBase, publish: Publish, clock: SetClock
) -> None:
    publish()
    day = empty_kb.today()
    clock.forward(days=10)
    body = (
        FIRST.replace("listen to what the children", "listen to everything the children")
        .replace(
            "<div><p>This one will go.</p></div>", "<div><p>Entirely other words stand here instead now.</p></div>"
        )
        .replace("2 hours", "1 hour")
        .replace("should write", "must write")
        .replace("Ring the front door.", "Ring the front door today.")
    )
    publish(body)
    clock.forward(days=1)
    found = empty_kb.since_in_section("one", day.replace(day=day.day + 1))
    assert found.became is Became.CHANGED
    assert rewritten(found) == [
        (Gravity.ACT_NOW, "Ring the front door today."),
        (Gravity.DUTY, "You must write it down and keep the note with the child’s record."),
        (Gravity.DUTY, "Tell the doctor within 1 hour if the child has been seen by somebody else."),
        (Gravity.NEW, "Entirely other words stand here instead now."),
        (Gravity.REMOVED, "This one will go."),
        (Gravity.REWORDED, "Be kind to the family, and listen to everything the children themselves have to say."),
    ]
    assert [each.duties for each in found.paragraphs[1:3]] == [("must or should",), ("a time limit", "a number")]
    assert [revision.revision for revision in found.paragraphs[0].revisions] == [2]


def test_each_paragraph_names_the_revisions_that_changed_it_and_no_other(
    empty_kb: KnowledgeBase, publish: Publish, clock: SetClock
) -> None:
    publish()
    clock.forward(days=1)
    day = empty_kb.today()
    for words in ("kind and fair", "kind, fair and patient"):
        clock.forward(days=1)
        publish(FIRST.replace("Be kind", f"Be {words}"), importance=Importance.MINOR)
    clock.forward(days=1)
    publish(FIRST.replace("Be kind", "Be kind, fair and patient").replace("2 hours", "1 hour"))
    found = empty_kb.since_in_section("one", day)
    by_text = {each.change.newer.text[:4]: each for each in found.paragraphs if each.change.newer}
    assert [revision.revision for revision in by_text["Be k"].revisions] == [2, 3]
    assert [revision.revision for revision in by_text["Tell"].revisions] == [4]
    assert (by_text["Be k"].major, by_text["Tell"].major) == (False, True)
    assert [revision.revision for revision in found.revisions] == [2, 3, 4]


def test_a_text_that_was_corrected_afterwards_counts_as_changed(
    empty_kb: KnowledgeBase, publish: Publish, clock: SetClock
) -> None:
    first = publish()
    clock.forward(days=5)
    read = empty_kb.today()
    clock.forward(days=5)
    publish(FIRST.replace("2 hours", "1 hour"), kind=RevisionKind.CORRECTION, in_force_from=first.in_force_from)
    assert [each.gravity for each in empty_kb.since_in_section("one", read).paragraphs] == [Gravity.DUTY]


def test_what_is_published_on_the_day_itself_is_not_taken_for_read(
    empty_kb: KnowledgeBase, publish: Publish, clock: SetClock
) -> None:
    publish()
    clock.forward(days=1)
    publish(FIRST.replace("2 hours", "1 hour"))
    assert len(empty_kb.since_in_section("one", empty_kb.today()).paragraphs) == 1
    clock.forward(days=1)
    assert empty_kb.since_in_section("one", empty_kb.today()).became is Became.SAME


def test_a_coming_text_is_not_told_of_before_its_day(
    empty_kb: KnowledgeBase, publish: Publish, clock: SetClock
) -> None:
    publish()
    clock.forward(days=1)
    day = empty_kb.today()
    publish(FIRST.replace("2 hours", "1 hour"), in_force_from=date(2027, 1, 1))
    assert empty_kb.since(day) == ()


def test_the_whole_manual_names_new_withdrawn_and_changed_sections_major_first(
    empty_kb: KnowledgeBase, publish: Publish, clock: SetClock
) -> None:
    for key, number in (("one", "1.1"), ("two", "1.2"), ("three", "1.3"), ("four", "1.4")):
        publish(key=key, number=number)
    clock.forward(days=2)
    day = empty_kb.today()
    clock.forward(days=2)
    publish(FIRST.replace("kind", "fair"), "one", "1.1", importance=Importance.MINOR)
    publish(FIRST.replace("Ring", "Call"), "two", "1.2")
    publish("", "three", "1.3", kind=RevisionKind.WITHDRAWAL, withdrawal_reason="Joined with two.", successor="two")
    publish(FIRST, "five", "1.5")
    found = empty_kb.since(day)
    assert [(each.section.key, each.became.value, each.major) for each in found] == [
        ("three", "withdrawn", True),
        ("five", "new", True),
        ("two", "changed", True),
        ("one", "changed", False),
    ]


def test_nothing_is_compared_where_nothing_was_published(
    empty_kb: KnowledgeBase, publish: Publish, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    clock.forward(days=1)

    def unwanted(*_: object) -> None:
        raise AssertionError("a text was read")

    monkeypatch.setattr(type(empty_kb._store), "paragraphs", unwanted)
    assert empty_kb.since(empty_kb.today()) == ()
    assert empty_kb.since_in_section("one", empty_kb.today()).became is Became.SAME


def test_a_day_to_come_and_an_unknown_section_are_refused_in_a_sentence(kb: KnowledgeBase) -> None:
    with pytest.raises(Invalid, match="has not come yet"):
        kb.since(date(2027, 1, 1))
    with pytest.raises(NotFound):
        kb.since_in_section("nope", date(2025, 1, 1))


def test_before_the_first_text_everything_is_new(kb: KnowledgeBase) -> None:
    found = kb.since(date(2000, 1, 1))
    assert {each.became for each in found} == {Became.NEW}
    assert len(found) == sum(len(part.sections) for part in kb.contents())
