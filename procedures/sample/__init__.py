"""The sample manual: its files (see README.md beside this module) read into proposals, reviews, terms and notices.

`kb init --sample` calls `load` with a transaction on an empty record. Nothing here writes to disk, and everything
comes out the same every time.
"""

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from bs4 import BeautifulSoup

from procedures.errors import Fault
from procedures.model import (
    Action,
    Change,
    ContactDetails,
    Importance,
    LearningPoint,
    LearningStatus,
    Notice,
    NumberAlias,
    Review,
    RevisionKind,
    SectionKind,
    Sense,
    Term,
)
from procedures.publication import AttachedFile, Proposal
from procedures.transaction import Transaction

NOTICE = (
    "This is an illustration written to show how the software works. "
    "It is not the partnership's published text: do not follow it in practice."
)
"""The plain statement every page of the sample carries."""

_FOLDER = files("procedures.sample")


def load(transaction: Transaction, today: date, progress: Callable[[str], None]) -> None:
    """Write the whole sample in order of publication, calling `progress` with a few words after each step."""
    transaction.append("sample", "manual", {"notice": NOTICE})
    for proposal in proposals():
        revision = transaction.publish(proposal, today)
        progress(f"{revision.number or 'contact'} {revision.title}")
    for term in terms():
        transaction.record_term(term)
    progress("terms")
    for alias in _aliases():
        transaction.record_alias(alias)
    for notice in _notices():
        transaction.record_notice(notice)
    for review in reviews():
        _load_review(transaction, review)
        progress(review.title)


def steps() -> int:
    """Count how often `load` calls `progress`."""
    return len(proposals()) + len(reviews()) + 1


def proposals() -> list[Proposal]:
    """Read every revision of every contact and section, in order of publication."""
    found: list[tuple[str, str, int, Proposal]] = []
    for folder in ("contacts", "sections"):
        for section in sorted(_folders(folder), key=lambda place: place.name):
            for revision in range(1, 1 + sum(1 for _ in section.iterdir())):
                proposal = _proposal(section, revision)
                found.append((str(proposal.published_at), section.name, revision, proposal))
    return [proposal for *_, proposal in sorted(found, key=lambda row: row[:3])]


def terms() -> list[Term]:
    """Read the terms."""
    return [
        Term(
            key="-".join("".join(c if c.isalnum() else " " for c in row["term"].lower()).split()),
            term=row["term"],
            kind=row["kind"],
            senses=tuple(
                Sense(s["meaning"], tuple(s.get("expands_to", ())), s.get("section")) for s in row.get("senses", ())
            ),
            also=tuple(row.get("also", ())),
            definition=row.get("definition", ""),
            urgent=row.get("urgent", False),
        )
        for row in _json("terms.json")
    ]


def reviews() -> list[Review]:
    """Read the reviews; the paragraphs a change names stand as ordinals until `load` knows their ids."""
    return [_review(json.loads(place.read_text("utf-8"))) for place in sorted(_files("reviews"), key=lambda p: p.name)]


def _load_review(transaction: Transaction, review: Review) -> None:
    transaction.record_review(review)
    for ordinal, point in enumerate(review.learning, start=1):
        for change in point.changes:
            pids = transaction.placed(change.section, change.revision)
            named = tuple(pids[int(place) - 1] for place in change.pids)
            transaction.link_learning(review.key, ordinal, Change(change.section, change.revision, named, True))


def _proposal(section: Traversable, revision: int) -> Proposal:
    soup = BeautifulSoup((section / f"{revision}.html").read_text("utf-8"), "lxml")
    head = {str(tag["name"]): str(tag["content"]) for tag in soup.find_all("meta", attrs={"name": True})}
    kind = head.get("kind", "text")
    title, body = soup.title, soup.body
    if title is None or body is None or "published" not in head:
        raise Fault(f"The sample file {section.name}/{revision}.html lacks a title, a body or its publication date.")
    return Proposal(
        section=section.name,
        section_kind=SectionKind.CONTACT if "telephone" in head else SectionKind.PROCEDURE,
        kind=RevisionKind.TEXT if kind == "contact" else RevisionKind(kind),
        number=head.get("number"),
        title=title.get_text(strip=True),
        body=body.decode_contents(),
        change_note=head["change-note"],
        importance=Importance(head.get("importance", "major")),
        author=head["author"],
        approver=head.get("approver"),
        based_on=revision - 1 or None,
        in_force_from=date.fromisoformat(head["in-force-from"]),
        published_at=datetime.fromisoformat(head["published"]),
        reviewed_on=_day(head.get("reviewed-on")),
        review_due=_day(head.get("review-due")),
        agencies=_listed(head.get("agencies")),
        themes=_listed(head.get("themes")),
        withdrawal_reason=head.get("withdrawal-reason"),
        successor=head.get("successor"),
        contact=_contact(head) if "telephone" in head else None,
        attachments=tuple(_attached(name) for name in _listed(head.get("attachments"))),
    )


def _attached(name: str) -> AttachedFile:
    """Read a form people take away, and the text that stands beside it for who cannot open it."""
    words = f"{name.rpartition('.')[0]}.txt"
    folder = _FOLDER / "files"
    return AttachedFile(name, "application/rtf", (folder / name).read_bytes(), (folder / words).read_text("utf-8"))


def _contact(head: dict[str, str]) -> ContactDetails:
    return ContactDetails(
        telephone=head["telephone"],
        opening_hours=head["opening-hours"],
        role=head.get("role", "other"),
        area=head.get("area"),
        out_of_hours=head.get("out-of-hours"),
    )


def _review(row: dict[str, Any]) -> Review:
    return Review(
        key=row["key"],
        partnership=row["partnership"],
        name=row["name"],
        area=row.get("area"),
        kind=row["kind"],
        incident=row.get("incident"),
        concluded=row.get("concluded"),
        published=row.get("published"),
        dates_note=row.get("dates_note", ""),
        summary=row["summary"],
        themes=tuple(row["themes"]),
        good_practice=tuple(row.get("good_practice", ())),
        source=row["source"],
        learning=tuple(_learning(point) for point in row["learning"]),
    )


def _learning(row: dict[str, Any]) -> LearningPoint:
    return LearningPoint(
        text=row["text"],
        themes=tuple(row["themes"]),
        action=Action(row["action"]),
        status=LearningStatus(row["status"]),
        evidence=row["evidence"],
        changes=tuple(
            Change(c["section"], c["revision"], tuple(str(place) for place in c["paragraphs"]), True)
            for c in row.get("changes", ())
        ),
    )


def _aliases() -> Iterable[NumberAlias]:
    for row in _json("aliases.json"):
        first, last = _day(row.get("used_from")), _day(row.get("used_until"))
        yield NumberAlias(row["number"], row["section"], None, first, last, row["note"])


def _notices() -> Iterable[Notice]:
    for row in _json("notices.json"):
        yield Notice(row["text"], date.fromisoformat(row["from"]), _day(row.get("to")), row.get("section"))


def _json(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((_FOLDER / name).read_text("utf-8"))
    return rows


def _folders(name: str) -> Iterable[Traversable]:
    return (place for place in (_FOLDER / name).iterdir() if place.is_dir())


def _files(name: str) -> Iterable[Traversable]:
    return (place for place in (_FOLDER / name).iterdir() if place.name.endswith(".json"))


def _listed(words: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (words or "").split(";") if word.strip())


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
