"""One section from its first day to its last, and what a reader sees on each."""

from datetime import UTC, date, datetime

import pytest

from kb.access import Actor
from kb.service import KnowledgeBase
from procedures.errors import NotFound, Refused
from procedures.model import RevisionKind, Status
from procedures.publication import Proposal
from tests.conftest import SetClock

TITLE = "Babies Found in Cupboards"
OPENING = "If you find a baby in a cupboard, do this without delay: "


def a_text(words: str, in_force_from: date, **facts: object) -> Proposal:
    given: dict[str, object] = {
        "section": "cupboards",
        "number": "8.50",
        "title": TITLE,
        "body": f"<div>{OPENING}{words}</div><div>Write down the time.</div>",
        "change_note": "What changed.",
        "in_force_from": in_force_from,
        "author": "Author",
        "approver": "Sub-group",
        **facts,
    }
    return Proposal(**given)  # type: ignore[arg-type]


def test_the_life_of_a_section(empty_kb: KnowledgeBase, editor: Actor, clock: SetClock) -> None:  # noqa: PLR0915
    kb = empty_kb

    def on_the(day: int, month: int) -> None:
        clock.instant = datetime(2027, month, day, 12, 0, tzinfo=UTC)

    def read(key: str = "cupboards", *, on: date | None = None, seen: date | None = None) -> str:
        paragraphs = kb.section(key, on=on, seen=seen).paragraphs
        return paragraphs[0].text.removeprefix(OPENING) if paragraphs else ""

    def found(words: str) -> list[str]:
        return [r.key for r in kb.search(words).results]

    # In January the sub-group agrees a new section; it is published with a slip of the pen.
    on_the(11, 1)
    kb.publish(editor, a_text("Ring 998 at once.", date(2027, 1, 11)))
    assert read() == "Ring 998 at once."
    assert found("cupboards") == ["cupboards"]
    pid = kb.section("cupboards").paragraphs[0].pid

    # Two days later somebody sees it. A correction counts from the day of what it corrects ...
    on_the(13, 1)
    kb.publish(editor, a_text("Ring 999 at once.", date(2027, 1, 11), kind=RevisionKind.CORRECTION, based_on=1))
    assert read() == "Ring 999 at once."
    assert read(on=date(2027, 1, 12)) == "Ring 999 at once."
    # ... but what the site showed on the day between can still be proved.
    assert read(seen=date(2027, 1, 12)) == "Ring 998 at once."
    assert [e.status for e in kb.history("cupboards").entries] == [Status.IN_FORCE, Status.SUPERSEDED]

    # In February the text of April is published ahead. Nobody finds it yet; everybody sees that it comes.
    on_the(8, 2)
    kb.publish(editor, a_text("Ring 999 and open every cupboard.", date(2027, 4, 1), based_on=2, number="8.51"))
    assert read() == "Ring 999 at once."
    coming = kb.section("cupboards").coming
    assert coming
    assert (coming.revision, coming.in_force_from) == (3, date(2027, 4, 1))
    assert read(on=date(2027, 4, 1)) == "Ring 999 and open every cupboard."
    assert kb.search("8.51").destinations == ()

    # An urgent change in March must not be undone by it in April.
    on_the(1, 3)
    urgent = a_text("Ring 999 first, whatever else.", date(2027, 3, 1), based_on=3)
    with pytest.raises(Refused, match="Cancel cupboards@3 first"):
        kb.publish(editor, urgent)
    kb.cancel(editor, "cupboards", 3, "To carry the urgent change.")
    kb.publish(editor, urgent)
    kb.publish(
        editor,
        a_text("Ring 999 first, then open every cupboard.", date(2027, 4, 1), based_on=4, number="8.51"),
    )
    assert read() == "Ring 999 first, whatever else."

    # April comes without anybody doing anything. The number changes; the old one still leads here.
    on_the(1, 4)
    assert read() == "Ring 999 first, then open every cupboard."
    assert kb.section("cupboards").number == "8.51"
    assert kb.search("8.50").destinations[0].why == "8.50 was the number of this section. It is now 8.51."
    assert kb.number("8.50", date(2027, 2, 1)).section.key == "cupboards"

    # The paragraph that everybody cites is still the same paragraph.
    assert kb.paragraph(pid).paragraph.text == OPENING + "Ring 999 first, then open every cupboard."

    # In June it is merged into another section and withdrawn, with a reason and the way on.
    on_the(1, 6)
    kb.publish(
        editor,
        a_text(
            "Look everywhere, cupboards too.", date(2027, 6, 1), section="searches", title="Searches", number="8.52"
        ),
    )
    kb.publish(
        editor,
        a_text(
            "",
            date(2027, 6, 1),
            body="",
            based_on=5,
            number="8.51",
            kind=RevisionKind.WITHDRAWAL,
            withdrawal_reason="Merged into Searches.",
            successor="searches",
        ),
    )
    gone = kb.section("cupboards")
    assert (gone.status, gone.revision.withdrawal_reason) == (Status.WITHDRAWN, "Merged into Searches.")
    assert gone.successor
    assert gone.successor.key == "searches"
    assert found("cupboards") == ["searches"]
    assert [s.key for part in kb.contents() for s in part.sections] == ["searches"]
    paragraph = kb.paragraph(pid)
    assert (paragraph.current, paragraph.last_in_force) == (False, date(2027, 5, 31))

    # Years on, each day's text can still be read, as it applied and as the site showed it.
    clock.instant = datetime(2031, 1, 1, tzinfo=UTC)
    days = {
        date(2027, 1, 12): ("Ring 999 at once.", "Ring 998 at once."),
        date(2027, 2, 28): ("Ring 999 at once.", "Ring 999 at once."),
        date(2027, 3, 31): ("Ring 999 first, whatever else.", "Ring 999 first, whatever else."),
        date(2027, 5, 31): ("Ring 999 first, then open every cupboard.",) * 2,
        date(2027, 6, 1): ("", ""),
    }
    for day, (applied, shown) in days.items():
        assert read(on=day) == applied
        assert read(seen=day) == shown
    with pytest.raises(NotFound, match="first applied on 11 January 2027"):
        read(on=date(2027, 1, 10))

    # And the log tells the whole story, unbroken.
    assert kb.check().problems == ()
    told = [(event.action, event.at.month) for event in kb._store.events()]
    assert told == [
        ("publish", 1),
        ("publish", 1),
        ("publish", 2),
        ("cancel", 3),
        ("publish", 3),
        ("publish", 3),
        ("publish", 6),
        ("withdraw", 6),
    ]
