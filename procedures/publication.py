"""What it takes for a text to become a revision: the rules, the paragraph ids and the hash an approval is bound to.

`store` calls `check` and `prepare` inside the transaction that writes the revision, so that nothing can change between
the question and the answer. Nothing here touches a database or a clock.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from procedures.align import How, Match, align
from procedures.contacts import check_hours
from procedures.errors import Conflict, Invalid, Refused
from procedures.markup import clean, make_pid, paragraphs, with_pids
from procedures.model import (
    Action,
    ContactDetails,
    Importance,
    LearningPoint,
    LearningStatus,
    Paragraph,
    Revision,
    RevisionKind,
    SectionKind,
    waiting,
)

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NUMBER = re.compile(r"\d{1,2}(\.\d{1,3}){1,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that belongs to a revision, with the text equivalent for a reader who cannot see it."""

    filename: str
    media_type: str
    content: bytes
    text_equivalent: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text put forward to become the next revision of a section.

    `body` is HTML, cleaned on the way; its paragraphs carry ids where the text was edited here, and none where it was
    imported or pasted (they are then aligned, unless `matched` says that a person has decided which paragraph is
    which). `author` names everybody who helped to write, joined with commas. `based_on` is the revision it was written
    from. `published_at` is given only for a publication *recorded by the source*; otherwise the store's clock decides.
    """

    section: str
    title: str
    body: str
    change_note: str
    in_force_from: date
    author: str
    number: str | None = None
    section_kind: SectionKind = SectionKind.PROCEDURE
    kind: RevisionKind = RevisionKind.TEXT
    importance: Importance = Importance.MAJOR
    approver: str | None = None
    based_on: int | None = None
    published_at: datetime | None = None
    reviewed_on: date | None = None
    review_due: date | None = None
    agencies: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    withdrawal_reason: str | None = None
    successor: str | None = None
    contact: ContactDetails | None = None
    attachments: tuple[AttachedFile, ...] = ()
    matched: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A proposal ready to be written: its body with every paragraph's id, and how each came by it."""

    body: str
    body_hash: str
    content_hash: str
    paragraphs: tuple[Paragraph, ...]
    matches: tuple[Match, ...]


def check(
    proposal: Proposal, revisions: Sequence[Revision], numbers: Mapping[str, str], today: date, now: datetime
) -> None:
    """Raise for a proposal that breaks a rule of the manual.

    `revisions` are those the section has, `numbers` the numbers other sections carry from the proposal's day on (number
    to key), `today` the London day and `now` the instant of publication. Raises `Invalid`, `Refused` or `Conflict`.
    """
    _check_words(proposal)
    _check_number(proposal)
    if proposal.section_kind is SectionKind.CONTACT and proposal.kind is not RevisionKind.WITHDRAWAL:
        _check_contact(proposal)
    if proposal.published_at is not None and proposal.published_at > now:
        raise Refused("The source says this was published in the future. Correct its publication date.")
    _check_base(proposal, revisions)
    held_back = [r for r in waiting(revisions, today, now) if r.in_force_from > proposal.in_force_from]
    if held_back:
        later = held_back[0]
        raise Refused(
            f"{later.ref} waits to come into force on {later.in_force_from.isoformat()} and would undo this change. "
            f"Cancel {later.ref} first, then publish this, then publish the later text again with this change in it."
        )
    if proposal.kind is RevisionKind.WITHDRAWAL and any(
        r.in_force_from > proposal.in_force_from and r.cancelled_at is None for r in revisions
    ):
        raise Refused("A later text would stay in force, so this withdrawal would do nothing. Give it a later day.")
    # Last, since a section's own later text, while it waits, may be why another carries the number.
    if proposal.section_kind is SectionKind.PROCEDURE and proposal.kind is not RevisionKind.WITHDRAWAL:
        check_free(proposal.number, numbers)


def prepare(proposal: Proposal, revision: int, texts: Sequence[Mapping[str, str]], taken: Collection[str]) -> Prepared:
    """Give every paragraph its permanent id and work out the hashes.

    `revision` is the number the proposal will have; `texts` the paragraph texts by id of the section's revisions,
    newest first; `taken` all ids ever given in the manual. Raises `Refused` for ids that are not this section's.
    """
    body = clean(proposal.body)
    found = paragraphs(body, proposal.number)
    if proposal.kind is not RevisionKind.WITHDRAWAL and not found:
        raise Refused("There is no text to publish. Write at least one paragraph, or withdraw the section.")
    matches = _match(found, texts, guess=not proposal.matched)
    pids: list[str] = []
    for ordinal, match in enumerate(matches, start=1):
        pids.append(match.pid or _new_pid(proposal.section, revision, ordinal, {*taken, *pids}))
    body = with_pids(body, pids)
    body_hash = hashlib.sha256(body.encode()).hexdigest()
    named = tuple(replace(paragraph, pid=pid) for paragraph, pid in zip(found, pids, strict=True))
    return Prepared(body, body_hash, _content_hash(proposal, body_hash), named, tuple(matches))


def check_free(number: str | None, numbers: Mapping[str, str]) -> None:
    """Raise `Refused` for a number another section carries: `numbers` leads from number to key."""
    holder = numbers.get(number or "")
    if holder:
        raise Refused(
            f"{number} is the number of '{holder}' on that day or later. Choose another, or renumber that one first."
        )


def check_decision(point: LearningPoint, reason: str) -> None:
    """Raise `Refused` where an answer to a learning point would not say what was done, or nobody would know why."""
    if not reason.strip():
        raise Refused("A change of status needs its reason. Say in a sentence why.")
    if point.status is LearningStatus.COMPLETE and point.action is Action.NONE:
        raise Refused("What is complete has been done somehow. Choose what was done.")
    if point.status is not LearningStatus.OPEN and not point.evidence.strip():
        raise Refused(f"What is {point.status} needs its evidence. Say in a sentence what shows it.")


def _check_words(proposal: Proposal) -> None:
    if not _KEY.fullmatch(proposal.section):
        raise Invalid(f"'{proposal.section}' cannot be a key. Use small letters, digits and single dashes.")
    if not proposal.title.strip():
        raise Refused("The section has no title. Give it one.")
    if not proposal.change_note.strip():
        raise Refused("There is no change note. Say in a sentence what changed for the reader.")
    if proposal.kind is RevisionKind.WITHDRAWAL and not (proposal.withdrawal_reason or "").strip():
        raise Refused("A withdrawal needs its reason. Say why the section no longer applies.")
    if proposal.approver is not None and f", {proposal.approver}, ".casefold() in f", {proposal.author}, ".casefold():
        raise Refused("Nobody approves what they helped to write. Let somebody else approve this text.")
    if proposal.successor == proposal.section:
        raise Refused("A section cannot be its own successor. Name the section that replaces it, or none.")


def _check_number(proposal: Proposal) -> None:
    if proposal.section_kind is SectionKind.CONTACT:
        return
    number = proposal.number or ""
    if not _NUMBER.fullmatch(number) or number.startswith("0"):
        raise Invalid(f"'{number}' is not a section number. Give a part and a place, like 8.14.")


def _check_contact(proposal: Proposal) -> None:
    if proposal.contact is None:
        raise Refused("A contact needs a telephone number and opening hours. Add them.")
    check_hours(proposal.contact.opening_hours)


def _check_base(proposal: Proposal, revisions: Sequence[Revision]) -> None:
    newest = max((r.revision for r in revisions), default=None)
    if proposal.based_on != newest:
        based = f"revision {proposal.based_on}" if proposal.based_on else "no earlier revision"
        stands = f"revision {newest}" if newest else "no revision yet"
        raise Conflict(
            f"This was written from {based} of '{proposal.section}', which now has {stands}. "
            "Compare the two, carry your change into the newest and publish again."
        )
    if newest is None and proposal.kind is not RevisionKind.TEXT:
        raise Refused(f"'{proposal.section}' has no text yet, so there is nothing to correct or withdraw.")
    if proposal.kind is RevisionKind.CORRECTION:
        base = next(r for r in revisions if r.revision == newest)
        if base.cancelled_at is not None or base.kind is RevisionKind.WITHDRAWAL:
            raise Refused(
                f"{base.ref} was cancelled or is a withdrawal, so it cannot be corrected. Publish a new text."
            )
        if base.in_force_from != proposal.in_force_from:
            raise Refused(f"A correction keeps the day of what it corrects: {base.in_force_from.isoformat()}.")


def _match(found: Sequence[Paragraph], texts: Sequence[Mapping[str, str]], *, guess: bool) -> list[Match]:
    known = {pid for text in texts for pid in text}
    given = [p.pid for p in found if p.pid]
    if guess and not given and texts:
        gone: dict[str, str] = {}
        for text in texts[1:]:
            gone.update({pid: words for pid, words in text.items() if pid not in texts[0] and pid not in gone})
        return align(texts[0], gone, [p.text for p in found])
    if len(given) != len(set(given)):
        raise Refused("Two paragraphs carry the same id. Remove the copy and add its text as a new paragraph.")
    strangers = sorted(set(given) - known)
    if strangers:
        raise Refused(f"{strangers[0]} is not a paragraph of this section. Add the text as a new paragraph.")
    newest = texts[0] if texts else {}
    return [_given_match(p, newest) for p in found]


def _given_match(paragraph: Paragraph, newest: Mapping[str, str]) -> Match:
    if not paragraph.pid:
        return Match(None, How.NEW, 0.0)
    if paragraph.pid not in newest:
        return Match(paragraph.pid, How.RETURNED, 1.0)
    how = How.UNCHANGED if newest[paragraph.pid] == paragraph.text else How.REWORDED
    return Match(paragraph.pid, how, 1.0)


def _new_pid(section: str, revision: int, ordinal: int, taken: Collection[str]) -> str:
    attempt = 0
    while (pid := make_pid(section, revision, ordinal, attempt)) in taken:
        attempt += 1
    return pid


def _content_hash(proposal: Proposal, body_hash: str) -> str:
    content = {
        **asdict(proposal),
        "body": body_hash,
        "attachments": [
            (a.filename, a.media_type, hashlib.sha256(a.content).hexdigest(), a.text_equivalent)
            for a in proposal.attachments
        ],
    }
    for name in ("author", "approver", "based_on", "published_at", "matched"):
        del content[name]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
