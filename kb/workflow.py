"""The way of a draft: written, in review, approved, published. Every rule of it, and the event for each step.

`kb.workspace` calls these functions, each inside one transaction, after `kb.access` has said that the actor may. A text
is published only by way of an approval from somebody who did not help to write it, bound by a seal to every character
readers will see; or by an override, which says why and stays listed until an approver has reviewed it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import Connection, select

from kb import drafting
from kb.drafting import Content, Draft, DraftFile, Facts, Origin, State
from kb.merging import Merged, merge
from procedures import numbering
from procedures.align import How
from procedures.blocks import blocks_of, body_of
from procedures.errors import Conflict, NotFound, Refused
from procedures.model import Change, Importance, Revision, RevisionKind, SectionKind, in_force, waiting
from procedures.publication import AttachedFile, Prepared, Proposal
from procedures.record import read_revisions
from procedures.schema.tables import attachments, bodies, events, files
from procedures.transaction import Transaction

SUBMIT, TAKE_BACK, APPROVE, REJECT = "submit draft", "take back draft", "approve draft", "reject draft"
VOID, DISCARD, RELEASE, CARRY = "void approval", "withdraw draft", "release", "carry change"
OVERRIDE, REVIEW_OVERRIDE = "override", "review override"
STEPS = (SUBMIT, TAKE_BACK, APPROVE, REJECT, VOID, DISCARD, CARRY, OVERRIDE)
"""What the log says of drafts."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step a draft has taken, from the log; `words` are the reasons that were given."""

    at: datetime
    actor: str
    action: str
    words: str


@dataclass(frozen=True, slots=True)
class Matched:
    """Which recorded paragraph a paragraph of a draft is: what the approver is shown and a person can correct.

    `place` is its block's, from 0; `pid` is None where it is new. `likeness` is the share of words kept, 0 to 1;
    `before` the recorded words, None for a new one.
    """

    place: int
    number: str
    pid: str | None
    how: How
    likeness: float
    before: str | None
    now: str


@dataclass(frozen=True, slots=True)
class Override:
    """A text that was published without approval; `reviewed_by` is None while it waits to be reviewed."""

    section: str
    revision: int
    by: str
    at: datetime
    reason: str
    contributors: tuple[str, ...]
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """An urgent change that was published, and the draft of the text that waited, with the change in it."""

    revision: Revision
    draft: Draft
    merged: Merged


# What a draft would become


def proposal_of(connection: Connection, draft: Draft, today: date, approver: str | None = None) -> Proposal:
    """Put a draft forward as the next revision. Raises `Refused` for what is empty or a day that has passed."""
    content = draft.content
    for number, block in enumerate((b for b in content.blocks if b.is_paragraph), start=1):
        if block.is_empty:
            raise Refused(f"Paragraph {number} is empty. Write in it, or delete it.")
    if any(block.is_empty for block in content.blocks):
        raise Refused("There is a heading without words. Write it, or delete it.")
    start = content.in_force_from or today
    if start < today and draft.facts.kind is not RevisionKind.CORRECTION:
        raise Refused(f"{start.isoformat()} has passed. Choose today or a later day for it to come into force.")
    return Proposal(
        section=draft.section,
        section_kind=draft.facts.section_kind,
        kind=draft.facts.kind,
        title=content.title,
        number=content.number,
        body=body_of(content.blocks),
        change_note=content.change_note,
        importance=content.importance,
        in_force_from=start,
        author=", ".join(draft.contributors),
        approver=approver,
        based_on=draft.facts.based_on,
        reviewed_on=content.reviewed_on,
        review_due=content.review_due,
        agencies=content.agencies,
        themes=content.themes,
        contact=content.contact,
        withdrawal_reason=content.withdrawal_reason,
        successor=content.successor,
        attachments=tuple(_attached(connection, file) for file in content.attachments),
        matched=True,
    )


def seal_of(draft: Draft, prepared: Prepared) -> str:
    """Bind everything readers will see, and which paragraph is which, into one hash."""
    whole: dict[str, Any] = {
        "section": [draft.section, draft.facts.section_kind, draft.facts.kind],
        "content": drafting.as_plain(draft.content),
        "body": prepared.body_hash,
        "paragraphs": [(p.pid, m.how, p.number) for p, m in zip(prepared.paragraphs, prepared.matches, strict=True)],
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def check(transaction: Transaction, draft: Draft, today: date) -> Prepared:
    """Apply every rule of publication but that of later texts, and say what the draft would become.

    A number may be taken that another open draft gives up. Raises what `procedures.publication` raises.
    """
    proposal = proposal_of(transaction.connection, draft, today)
    giving = drafting.sections_leaving(transaction.connection, proposal.number)
    return transaction.checked(proposal, today, renumbered=giving)


def matching(draft: Draft, prepared: Prepared, texts: Sequence[dict[str, str]]) -> tuple[Matched, ...]:
    """Say of every paragraph which recorded one it is. `texts` are the section's by id, newest first."""
    known: dict[str, str] = {}
    for text in texts:
        known = {**text, **known}
    places = [place for place, block in enumerate(draft.content.blocks) if block.is_paragraph]
    found = zip(places, prepared.paragraphs, prepared.matches, strict=True)
    return tuple(
        Matched(
            place=place,
            number=paragraph.number,
            pid=match.pid,
            how=match.how,
            likeness=_likeness(known[match.pid], paragraph.text) if match.pid else 0.0,
            before=known[match.pid] if match.pid else None,
            now=paragraph.text,
        )
        for place, paragraph, match in found
    )


# Steps


def save(transaction: Transaction, draft: Draft, content: Content, expected_version: int) -> Draft | drafting.Overtaken:
    """Keep what was typed. Changed words take a draft in review or approved back, and its approval is void."""
    _check_open(draft)
    saved = drafting.save(transaction, draft, content, expected_version)
    if isinstance(saved, Draft) and saved.version != draft.version and draft.state is not State.DRAFT:
        _tell(transaction, draft, VOID, version=saved.version)
    return saved


def submit(transaction: Transaction, draft: Draft, today: date) -> str:
    """Ask for approval and return the seal. Raises `Refused` for what could not be published as it is."""
    _check_state(draft, State.DRAFT)
    seal = seal_of(draft, check(transaction, draft, today))
    drafting.set_state(transaction, draft, State.IN_REVIEW)
    _tell(transaction, draft, SUBMIT, seal=seal)
    return seal


def take_back(transaction: Transaction, draft: Draft) -> None:
    """Make it a draft again, also one that was withdrawn; an approval is void."""
    _check_state(draft, State.IN_REVIEW, State.APPROVED, State.WITHDRAWN)
    _reopen(transaction, draft)
    _tell(transaction, draft, TAKE_BACK)


def approve(transaction: Transaction, draft: Draft, seal: str, today: date) -> None:
    """Approve the text with this seal. Raises `Refused` for whoever helped to write it, `Conflict` for other text."""
    _check_state(draft, State.IN_REVIEW)
    if draft.is_helped_by(transaction.actor):
        raise Refused("Nobody approves what they helped to write. Ask another approver.")
    if seal != seal_of(draft, check(transaction, draft, today)):
        raise Conflict("The text has changed since you read it. Read it again before you approve it.")
    drafting.record_approval(transaction, draft, seal)
    drafting.set_state(transaction, draft, State.APPROVED)
    _tell(transaction, draft, APPROVE, seal=seal)


def reject(transaction: Transaction, draft: Draft, reasons: str) -> None:
    """Send it back with reasons. Raises `Refused` without any."""
    _check_state(draft, State.IN_REVIEW, State.APPROVED)
    _check_words(reasons, "Say why, so that whoever wrote it knows what to change.")
    _reopen(transaction, draft)
    _tell(transaction, draft, REJECT, words=reasons.strip())


def discard(transaction: Transaction, draft: Draft, reason: str) -> None:
    """Withdraw a draft: it is not to be published. It can be taken back for as long as it is kept."""
    _check_open(draft)
    _check_words(reason, "Say in a sentence why this draft is given up.")
    drafting.void_approval(transaction.connection, draft.id)
    drafting.set_state(transaction, draft, State.WITHDRAWN)
    _tell(transaction, draft, DISCARD, words=reason.strip())


def release(transaction: Transaction, chosen: Sequence[Draft], today: date) -> tuple[Revision, ...]:
    """Publish approved drafts together: all, or none where one is refused. Two sections may change numbers."""
    if not chosen:
        raise Refused("No draft was chosen. Choose at least one that is approved.")
    together = frozenset(draft.section for draft in chosen)
    revisions = [_publish_approved(transaction, draft, today, together=together) for draft in chosen]
    transaction.check_numbers(revisions)
    transaction.append(
        RELEASE, "manual", {"drafts": [draft.id for draft in chosen], "revisions": [r.ref for r in revisions]}
    )
    return tuple(revisions)


def override(transaction: Transaction, draft: Draft, reason: str, today: date) -> Revision:
    """Publish at once without approval. Raises `Refused` without a reason, or for a later day."""
    _check_open(draft)
    _check_words(reason, "An urgent publication needs its reason. Say in a sentence why it cannot wait.")
    if draft.content.in_force_from not in (None, today) and draft.facts.kind is not RevisionKind.CORRECTION:
        raise Refused("What comes into force on a later day is not urgent. Have it approved.")
    revision = _publish(transaction, draft, today, None)
    _tell(
        transaction,
        draft,
        OVERRIDE,
        words=reason.strip(),
        revision=revision.revision,
        contributors=list(draft.contributors),
    )
    return revision


def review_override(transaction: Transaction, section: str, revision: int) -> None:
    """Record that an approver has read what was published without approval. Raises `NotFound` or `Refused`."""
    found = next((o for o in overrides(transaction.connection) if (o.section, o.revision) == (section, revision)), None)
    if found is None:
        raise NotFound(f"{section}@{revision} was not published without approval. Nothing needs doing.")
    if found.reviewed_by:
        raise Refused(f"{found.reviewed_by} has reviewed {section}@{revision} already. Nothing needs doing.")
    if transaction.actor.casefold() in {name.casefold() for name in (found.by, *found.contributors)}:
        raise Refused("Whoever wrote or published it does not review it. Ask another approver.")
    transaction.append(REVIEW_OVERRIDE, section, {"revision": revision})


def carry(transaction: Transaction, draft: Draft, reason: str, today: date) -> Carried:
    """Publish an urgent approved change although a later text waits: cancel that, publish, and draft it anew.

    The new draft has the waiting text with the change merged in; it must be approved again. Until then the section
    keeps its number, so texts of others that wait for that (`numbering.tied`) are cancelled too and drafted anew as
    they were. Raises `Refused` where no later text waits or more than one does.
    """
    revisions = read_revisions(transaction.connection, draft.section).get(draft.section, ())
    later = [
        r for r in waiting(revisions, today, transaction.at) if r.in_force_from > (draft.content.in_force_from or today)
    ]
    if len(later) != 1:
        raise Refused(
            "More than one later text waits. Cancel all but one first."
            if later
            else "No later text waits, so there is nothing to carry the change into. Publish it."
        )
    before = in_force(revisions, today, transaction.at)
    held = later[0]
    if before is not None and draft.facts.based_on not in {before.revision, held.revision}:
        raise _stale(draft, revisions)
    tied = numbering.tied(read_revisions(transaction.connection), later, today, transaction.at)
    also = [(each.section, each.revision) for each in tied]
    transaction.cancel(draft.section, held.revision, reason, today, also)
    revision = _publish_approved(transaction, draft, today, based_on=revisions[-1].revision)
    ours = content_of(transaction.connection, revision)
    theirs = _waiting_content(transaction.connection, held)
    base = content_of(transaction.connection, before) if before else Content(title=ours.title)
    own = frozenset({"change_note", "in_force_from", "importance", "reviewed_on", "answers"})
    merged = merge(base, theirs, ours, keep=own)
    anew = _draft_anew(transaction, held, merged.content, draft.facts.section_kind)
    for each in tied:
        _draft_anew(transaction, each, _waiting_content(transaction.connection, each))
    _tell(transaction, draft, CARRY, words=reason.strip(), revision=revision.revision, into=anew.id)
    return Carried(revision, anew, merged)


def renew(transaction: Transaction, draft: Draft) -> tuple[Draft, Merged]:
    """Bring a draft up to date with what was published since it was started. Raises `Refused` where it is already."""
    _check_open(draft)
    revisions = read_revisions(transaction.connection, draft.section).get(draft.section, ())
    newest = revisions[-1] if revisions else None
    if newest is None or newest.revision == draft.facts.based_on:
        raise Refused("Nothing has been published since this draft was started. Nothing needs doing.")
    base = next((r for r in revisions if r.revision == draft.facts.based_on), None)
    before = content_of(transaction.connection, base) if base else Content(title=draft.content.title)
    own = frozenset({"change_note", "in_force_from", "importance", "answers"})
    theirs = content_of(transaction.connection, newest)
    kept = {name: getattr(draft.content, name) for name in own}
    merged = merge(before, replace(theirs, **kept), draft.content, keep=own)
    facts = replace(draft.facts, based_on=newest.revision)
    return drafting.write(transaction, draft, facts, merged.content), merged


# From the record


def content_of(connection: Connection, revision: Revision) -> Content:
    """Read a revision as the content of a draft: a new note, and a day still to be chosen. None of a redacted text."""
    html = connection.scalar(select(bodies.c.html).where(bodies.c.hash == revision.body_hash))
    rows = connection.execute(
        select(attachments).where(attachments.c.revision_id == revision.id).order_by(attachments.c.place)
    )
    return Content(
        title=revision.title,
        number=revision.number,
        blocks=blocks_of(html or ""),
        importance=Importance.MAJOR,
        reviewed_on=revision.reviewed_on,
        review_due=revision.review_due,
        agencies=revision.agencies,
        themes=revision.themes,
        contact=revision.contact,
        attachments=tuple(DraftFile(row.file, row.filename, row.media_type, row.text_equivalent) for row in rows),
    )


def _waiting_content(connection: Connection, held: Revision) -> Content:
    """Read a waiting revision with all that was decided about its publication."""
    return replace(
        content_of(connection, held),
        in_force_from=held.in_force_from,
        change_note=held.change_note,
        importance=held.importance,
        withdrawal_reason=held.withdrawal_reason,
        successor=held.successor,
    )


def _draft_anew(
    transaction: Transaction, held: Revision, content: Content, section_kind: SectionKind = SectionKind.PROCEDURE
) -> Draft:
    """Keep what waited as a draft, from the newest revision of its section."""
    kind = held.kind if held.kind is RevisionKind.WITHDRAWAL else RevisionKind.TEXT
    newest = transaction.newest(held.section)
    return drafting.begin(transaction, Facts(held.section, Origin.CARRIED, newest, section_kind, kind), content)


def steps(connection: Connection, draft: Draft) -> tuple[Step, ...]:
    """List the steps a draft has taken, oldest first, reasons with them."""
    query = select(events).where(events.c.subject == draft.section, events.c.action.in_(STEPS)).order_by(events.c.seq)
    rows = ((row, json.loads(row.payload)) for row in connection.execute(query))
    return tuple(
        Step(datetime.fromisoformat(row.at), row.actor, row.action, payload.get("words", ""))
        for row, payload in rows
        if draft.id in (payload["draft"], payload.get("into"))
    )


def overrides(connection: Connection) -> tuple[Override, ...]:
    """List what was published without approval, oldest first."""
    query = select(events).where(events.c.action.in_([OVERRIDE, REVIEW_OVERRIDE])).order_by(events.c.seq)
    found: dict[tuple[str, int], Override] = {}
    for row in connection.execute(query):
        payload, at = json.loads(row.payload), datetime.fromisoformat(row.at)
        which = (row.subject, int(payload["revision"]))
        if row.action == OVERRIDE:
            found[which] = Override(*which, row.actor, at, payload["words"], tuple(payload["contributors"]))
        else:
            found[which] = replace(found[which], reviewed_by=row.actor, reviewed_at=at)
    return tuple(found.values())


def _publish_approved(
    transaction: Transaction,
    draft: Draft,
    today: date,
    based_on: int | None = None,
    together: frozenset[str] = frozenset(),
) -> Revision:
    _check_state(draft, State.APPROVED)
    approval = draft.approval
    if approval is None or draft.is_helped_by(approval.approver):
        raise Refused("This text is not approved by somebody who did not help to write it. Have it approved.")
    return _publish(transaction, draft, today, approval, based_on, together)


def _publish(
    transaction: Transaction,
    draft: Draft,
    today: date,
    approval: drafting.Approval | None,
    based_on: int | None = None,
    together: frozenset[str] = frozenset(),
) -> Revision:
    """Make a draft a revision, bound to the seal of its approval, and tie the learning it answers to it."""
    revisions = read_revisions(transaction.connection, draft.section).get(draft.section, ())
    if based_on is None and draft.facts.based_on != (revisions[-1].revision if revisions else None):
        raise _stale(draft, revisions)
    proposal = proposal_of(transaction.connection, draft, today, approval.approver if approval else None)
    proposal = replace(proposal, based_on=based_on or proposal.based_on)
    prepared = transaction.prepared(proposal)
    if approval is not None and approval.seal != seal_of(draft, prepared):
        raise Conflict(f"The draft of '{draft.section}' is not as it was approved. Have it approved again.")
    revision = transaction.publish(proposal, today, together=together)
    matches = zip(prepared.paragraphs, prepared.matches, strict=True)
    changed = tuple(p.pid for p, match in matches if match.how is not How.UNCHANGED)
    for answer in draft.content.answers:
        pids = () if len(changed) == len(prepared.paragraphs) else changed
        change = Change(draft.section, revision.revision, pids, _is_sample(transaction.connection))
        transaction.link_learning(answer.review, answer.ordinal, change)
    drafting.set_state(transaction, draft, State.PUBLISHED)
    return revision


def _stale(draft: Draft, revisions: Sequence[Revision]) -> Conflict:
    newest = revisions[-1]
    return Conflict(
        f"{newest.ref} has been published since this draft of '{draft.section}' was started. "
        "Bring the draft up to date, and have it approved again."
    )


def _reopen(transaction: Transaction, draft: Draft) -> None:
    drafting.void_approval(transaction.connection, draft.id)
    drafting.set_state(transaction, draft, State.DRAFT)


def _tell(transaction: Transaction, draft: Draft, action: str, **payload: Any) -> None:
    transaction.append(action, draft.section, {"draft": draft.id, **payload})


def _check_state(draft: Draft, *allowed: State) -> None:
    if draft.state not in allowed:
        wanted = "” or “".join(allowed)
        raise Refused(f"The draft of '{draft.section}' has the state “{draft.state}”, and this needs “{wanted}”.")


def _check_open(draft: Draft) -> None:
    if not draft.state.is_open:
        raise Refused(f"The draft of '{draft.section}' is {draft.state} already. Start a new one.")


def _check_words(words: str, otherwise: str) -> None:
    if not words.strip():
        raise Refused(otherwise)


def _likeness(before: str, now: str) -> float:
    return round(SequenceMatcher(None, before.split(), now.split(), autojunk=False).ratio(), 3)


def _is_sample(connection: Connection) -> bool:
    return connection.execute(select(events.c.seq).where(events.c.action == "sample")).first() is not None


def _attached(connection: Connection, file: DraftFile) -> AttachedFile:
    content = connection.scalar(select(files.c.content).where(files.c.hash == file.hash))
    if content is None:
        raise NotFound(f"The file '{file.filename}' is not there any more. Attach it again.")
    return AttachedFile(file.filename, file.media_type, bytes(content), file.text_equivalent)
