"""Drafts as they are kept: what people type, every version of it, and who helped to write.

`kb.workflow` and `kb.workspace` call it inside a transaction. Drafts live in tables of their own and in no index; their
words are in no message, log or error of this program. Nothing typed is lost: every save is a version that can be listed
and taken back for `KEPT`, and so is what somebody typed who was overtaken by another.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import JSON, Connection, Row, delete, exists, func, insert, select, type_coerce, update

from procedures.align import align
from procedures.blocks import Blocks, blocks_of, match_to
from procedures.errors import Conflict, NotFound
from procedures.markup import clean, paragraphs
from procedures.model import ContactDetails, Importance, RevisionKind, SectionKind
from procedures.schema.tables import LARGEST_ID, draft_approvals, draft_contributors, draft_versions, drafts
from procedures.transaction import Transaction

KEPT = timedelta(days=30)
"""How long a version is kept after it was replaced, and a draft after it was published or withdrawn; then a save of
any draft deletes it."""


class State(StrEnum):
    """Where a draft stands. Only a draft is written on: a changed word takes it back to this from any other."""

    DRAFT = "draft"
    IN_REVIEW = "in review"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether it can still become a revision."""
        return self in {State.DRAFT, State.IN_REVIEW, State.APPROVED}


class Origin(StrEnum):
    """What a draft was started from."""

    IN_FORCE = "the text in force"
    CORRECTION = "a correction"
    WITHDRAWAL = "a withdrawal"
    OLD_TEXT = "an earlier text"
    IMPORT = "an import"
    PASTE = "pasted text"
    NEW = "nothing"
    LEARNING = "a learning point"
    CARRIED = "a waiting revision"


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file of a draft, by the hash of its bytes, with the text for a reader who cannot see it."""

    hash: str
    filename: str
    media_type: str
    text_equivalent: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A learning point, counted from 1 within its review, that this text answers."""

    review: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Content:
    """Everything of a draft that a form edits and that readers will see: an approval covers all of it.

    `in_force_from` None means the day it is published. `answers` become links from learning to the paragraphs that
    changed. A withdrawal has no blocks, but a reason and perhaps a successor.
    """

    title: str
    number: str | None = None
    blocks: Blocks = ()
    change_note: str = ""
    importance: Importance = Importance.MAJOR
    in_force_from: date | None = None
    reviewed_on: date | None = None
    review_due: date | None = None
    agencies: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    contact: ContactDetails | None = None
    attachments: tuple[DraftFile, ...] = ()
    withdrawal_reason: str | None = None
    successor: str | None = None
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a draft is of, decided when it was started. `based_on` is the newest revision it takes account of."""

    section: str
    origin: Origin
    based_on: int | None = None
    section_kind: SectionKind = SectionKind.PROCEDURE
    kind: RevisionKind = RevisionKind.TEXT


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a draft, when, and the seal of the very text that was approved."""

    approver: str
    at: datetime
    seal: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it stands. `version` counts its saves; `contributors` are all who helped to write it."""

    id: str
    facts: Facts
    content: Content
    version: int
    state: State
    saved_at: datetime
    contributors: tuple[str, ...]
    approval: Approval | None

    @property
    def section(self) -> str:
        """The key of its section."""
        return self.facts.section

    def is_helped_by(self, name: str) -> bool:
        """Say whether somebody helped to write it."""
        return name.casefold() in {contributor.casefold() for contributor in self.contributors}


@dataclass(frozen=True, slots=True)
class Version:
    """A version that was saved, without its words. `version` None: it was kept aside, for somebody else was first."""

    id: int
    version: int | None
    at: datetime
    actor: str


class Overtaken(Conflict):
    """Raised when somebody else saved a draft first: both texts are here, and `yours` is kept among the versions."""

    def __init__(self, draft: Draft, by: str, yours: Content) -> None:
        """Take the draft as it stands, who saved it, and what was about to be saved."""
        super().__init__(
            f"{by} has saved this draft since you opened it. Nothing of yours is lost: "
            "compare the two texts, carry over what is to stay, and save again."
        )
        self.draft = draft
        self.by = by
        self.at = draft.saved_at
        self.theirs = draft.content
        self.yours = yours


_FACTS = TypeAdapter(Facts)
_CONTENT = TypeAdapter(Content)
_BY_TIME = (draft_contributors.c.since, draft_contributors.c.name)


def begin(transaction: Transaction, facts: Facts, content: Content) -> Draft:
    """Keep a new draft. Its id cannot be guessed."""
    draft_id = secrets.token_hex(16)
    transaction.connection.execute(
        insert(drafts).values(
            id=draft_id,
            section=facts.section,
            content=_kept(facts, content),
            author=transaction.actor,
            source=None,
            saved_at=transaction.at.isoformat(),
        )
    )
    _remember(transaction, draft_id, 1, content)
    return get(transaction.connection, draft_id)


def save(transaction: Transaction, draft: Draft, content: Content, expected_version: int) -> Draft | Overtaken:
    """Keep what was typed as the next version, or aside where somebody else was first.

    Returns the conflict instead of raising it, so that what was kept aside is committed. The same words again change
    nothing; other words make an approval void.
    """
    _forget(transaction.connection, transaction.at)
    if content == draft.content:
        return draft
    if draft.version != expected_version:
        _keep_version(transaction, draft.id, None, content)
        return Overtaken(draft, _saved_by(transaction.connection, draft), content)
    return write(transaction, draft, draft.facts, content)


def write(transaction: Transaction, draft: Draft, facts: Facts, content: Content) -> Draft:
    """Put a new version in a draft's place. It is a draft again, and no longer what an import brought."""
    void_approval(transaction.connection, draft.id)
    transaction.connection.execute(
        update(drafts)
        .where(drafts.c.id == draft.id)
        .values(
            content=_kept(facts, content),
            version=draft.version + 1,
            state=State.DRAFT,
            source=None,
            saved_at=transaction.at.isoformat(),
        )
    )
    if draft.version == 1 and not versions(transaction.connection, draft.id):
        _keep_version(transaction, draft.id, 1, draft.content, "import", draft.saved_at)
    _remember(transaction, draft.id, draft.version + 1, content)
    return get(transaction.connection, draft.id)


def set_state(transaction: Transaction, draft: Draft, state: State) -> None:
    """Move a draft to a state; what is done is kept from now on for `KEPT`."""
    at = draft.saved_at if state.is_open else transaction.at
    values = {"state": state, "saved_at": at.isoformat()}
    transaction.connection.execute(update(drafts).where(drafts.c.id == draft.id).values(values))


def void_approval(connection: Connection, draft_id: str) -> None:
    """Take a draft's approval away."""
    connection.execute(delete(draft_approvals).where(draft_approvals.c.draft == draft_id))


def record_approval(transaction: Transaction, draft: Draft, seal: str) -> None:
    """Write down that the actor approved the text with this seal."""
    transaction.connection.execute(
        insert(draft_approvals).values(
            draft=draft.id,
            folded=transaction.actor.casefold(),
            approver=transaction.actor,
            seal=seal,
            at=transaction.at.isoformat(),
        )
    )


def get(connection: Connection, draft_id: str) -> Draft:
    """Read a draft. Raises `NotFound`."""
    row = connection.execute(select(drafts).where(drafts.c.id == draft_id)).first()
    if row is None:
        raise NotFound("There is no such draft. It may have been published or withdrawn a month ago: look at the desk.")
    helpers = connection.execute(
        select(draft_contributors.c.name).where(draft_contributors.c.draft == draft_id).order_by(*_BY_TIME)
    ).scalars()
    approval = connection.execute(select(draft_approvals).where(draft_approvals.c.draft == draft_id)).first()
    return _draft(row, tuple(helpers), approval)


def all_drafts(connection: Connection) -> tuple[Draft, ...]:
    """Read every draft, the one saved last first."""
    helpers: dict[str, list[str]] = {}
    for row in connection.execute(select(draft_contributors).order_by(*_BY_TIME)):
        helpers.setdefault(row.draft, []).append(row.name)
    approvals = {row.draft: row for row in connection.execute(select(draft_approvals))}
    rows = connection.execute(select(drafts).order_by(drafts.c.saved_at.desc(), drafts.c.id))
    return tuple(_draft(row, helpers.get(row.id, ()), approvals.get(row.id)) for row in rows)


def sections_leaving(connection: Connection, number: str | None) -> frozenset[str]:
    """List the sections whose open drafts give them another number than this one."""
    kept = type_coerce(drafts.c.content, JSON)
    written = func.coalesce(kept["content", "number"].as_string(), kept["number"].as_string())
    open_states = [state for state in State if state.is_open]
    rows = connection.execute(select(drafts.c.section, written).where(drafts.c.state.in_(open_states)))
    return frozenset(section for section, own in rows if own != number)


def sections_drafted(connection: Connection) -> frozenset[str]:
    """List the sections of all drafts: their keys are taken."""
    return frozenset(connection.scalars(select(drafts.c.section)))


def versions(connection: Connection, draft_id: str) -> tuple[Version, ...]:
    """List the versions of a draft that are kept, newest first."""
    rows = connection.execute(
        select(draft_versions).where(draft_versions.c.draft == draft_id).order_by(draft_versions.c.id.desc())
    )
    return tuple(Version(row.id, row.version, datetime.fromisoformat(row.at), row.actor) for row in rows)


def version(connection: Connection, draft_id: str, version_id: int) -> Content:
    """Read what one version said. Raises `NotFound`."""
    versions = draft_versions.c
    query = select(versions.content).where(versions.draft == draft_id, versions.id == version_id)
    words = connection.scalar(query) if version_id <= LARGEST_ID else None
    if words is None:
        raise NotFound("There is no such version. Versions are kept for 30 days: look at the list of those there are.")
    return _CONTENT.validate_json(words)


def as_plain(content: Content) -> dict[str, Any]:
    """Write content as plain values, in one way only: what a seal is made over."""
    plain: dict[str, Any] = _CONTENT.dump_python(content, mode="json")
    return plain


def recognised(blocks: Blocks, texts: Sequence[Mapping[str, str]], body: str) -> Blocks:
    """Give blocks without ids those of the recorded paragraphs they are taken for; a person can correct each.

    `texts` are the section's texts by paragraph id, newest first; `body` is what the blocks make.
    """
    if not texts or any(block.pid for block in blocks):
        return blocks
    gone: dict[str, str] = {}
    for text in texts[1:]:
        gone.update({pid: words for pid, words in text.items() if pid not in texts[0] and pid not in gone})
    matches = align(texts[0], gone, [p.text for p in paragraphs(body, None)])
    places = [place for place, block in enumerate(blocks) if block.is_paragraph]
    for place, match in zip(places, matches, strict=True):
        blocks = match_to(blocks, place, match.pid)
    return blocks


def _draft(row: Row[Any], helpers: Sequence[str], approved: Row[Any] | None) -> Draft:
    facts, content = _read_row(json.loads(row.content))
    return Draft(
        id=row.id,
        facts=facts,
        content=content,
        version=row.version,
        state=State(row.state),
        saved_at=datetime.fromisoformat(row.saved_at),
        contributors=tuple(helpers),
        approval=Approval(approved.approver, datetime.fromisoformat(approved.at), approved.seal) if approved else None,
    )


def _read_row(kept: Mapping[str, Any]) -> tuple[Facts, Content]:
    if "facts" in kept:
        return _FACTS.validate_python(kept["facts"]), _CONTENT.validate_python(kept["content"])
    return _read_imported(kept)


def _read_imported(kept: Mapping[str, Any]) -> tuple[Facts, Content]:
    """Read a draft as an import writes it: the fields of a proposal, its day and note still to be chosen."""
    facts = {name: kept[name] for name in ("section", "based_on", "section_kind", "kind")}
    names = {"title", "number", "reviewed_on", "review_due", "agencies", "themes", "contact", "importance"}
    content = _CONTENT.validate_python(
        {
            **{name: kept[name] for name in names},
            "attachments": [
                {("hash" if name == "file" else name): value for name, value in file.items()}
                for file in kept["attachments"]
            ],
        },
    )
    return _FACTS.validate_python({**facts, "origin": Origin.IMPORT}), replace(
        content, blocks=blocks_of(clean(kept["body"]))
    )


def _remember(transaction: Transaction, draft_id: str, number: int, content: Content) -> None:
    """Keep a version, and that the actor helped to write."""
    _keep_version(transaction, draft_id, number, content)
    name = transaction.actor
    mine = select(draft_contributors).where(
        draft_contributors.c.draft == draft_id, draft_contributors.c.folded == name.casefold()
    )
    if transaction.connection.execute(mine).first() is None:
        transaction.connection.execute(
            insert(draft_contributors).values(
                draft=draft_id, folded=name.casefold(), name=name, since=transaction.at.isoformat()
            )
        )


def _keep_version(
    transaction: Transaction,
    draft_id: str,
    number: int | None,
    content: Content,
    actor: str | None = None,
    at: datetime | None = None,
) -> None:
    transaction.connection.execute(
        insert(draft_versions).values(
            draft=draft_id,
            version=number,
            at=(at or transaction.at).isoformat(),
            actor=actor or transaction.actor,
            content=_json(as_plain(content)),
        )
    )


def _saved_by(connection: Connection, draft: Draft) -> str:
    own = (draft_versions.c.draft == draft.id) & (draft_versions.c.version == draft.version)
    return connection.scalar(select(draft_versions.c.actor).where(own)) or "Somebody else"


def _forget(connection: Connection, at: datetime) -> None:
    """Delete what has been kept long enough: versions replaced that long ago, and drafts that were done by then."""
    before = (at - KEPT).isoformat()
    done = drafts.c.state.in_([State.PUBLISHED, State.WITHDRAWN]) & (drafts.c.saved_at < before)
    gone = list(connection.scalars(select(drafts.c.id).where(done)))
    mine, later = draft_versions.c, draft_versions.alias().c
    replaced = exists().where(
        later.draft == mine.draft, later.id > mine.id, later.version.is_not(None), later.at < before
    )
    aside = mine.version.is_(None) & (mine.at < before)
    connection.execute(delete(draft_versions).where(replaced | aside | mine.draft.in_(gone)))
    for table in (draft_contributors, draft_approvals):
        connection.execute(delete(table).where(table.c.draft.in_(gone)))
    connection.execute(delete(drafts).where(drafts.c.id.in_(gone)))


def _kept(facts: Facts, content: Content) -> str:
    return _json({"facts": _FACTS.dump_python(facts, mode="json"), "content": as_plain(content)})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
