"""The editors' desk: drafts, and reviews that a reader of documents proposes. Working matter, outside the record.

`imports` and `KnowledgeBase` call it. Nothing here is ever shown to the public or given to an index: these tables are
read by nobody else. What becomes of a draft or a proposal is written to the record by a `Transaction`.
"""

import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from kb.plain import plain
from procedures.errors import NotFound, Refused
from procedures.importers.reading import Evidence, ReadReview
from procedures.model import Action, LearningPoint, LearningStatus, Review
from procedures.publication import Proposal
from procedures.record import Record
from procedures.schema.tables import draft_contributors, drafts, review_proposals
from procedures.transaction import Transaction


@dataclass(frozen=True, slots=True)
class ProposedReview:
    """A review read from a document, waiting for a person: its facts, where each came from, and what it may be already.

    `status` is `proposed`, `accepted` or `rejected`; `known` are the keys of recorded reviews of the same partnership
    and name.
    """

    review: Review
    evidence: tuple[Evidence, ...]
    source: str
    status: str
    known: tuple[str, ...] = ()


def save_draft(transaction: Transaction, proposal: Proposal, source: str | None) -> str:
    """Keep a proposal as a draft, in place of the one from the same source; return the draft's id.

    A draft that somebody has worked on since has no source any more, and stays.
    """
    connection = transaction.connection
    mine = (drafts.c.section == proposal.section) & (drafts.c.source == source)
    helped = draft_contributors.c.draft.in_(select(drafts.c.id).where(mine))
    connection.execute(delete(draft_contributors).where(helped))
    connection.execute(delete(drafts).where(mine))
    draft_id = secrets.token_hex(16)
    content = {name: value for name, value in asdict(proposal).items() if name != "attachments"}
    content["attachments"] = [
        {
            "file": transaction.keep_file(file),
            "filename": file.filename,
            "media_type": file.media_type,
            "text_equivalent": file.text_equivalent,
        }
        for file in proposal.attachments
    ]
    connection.execute(
        insert(drafts).values(
            id=draft_id,
            section=proposal.section,
            content=_json(content),
            author=proposal.author,
            source=source,
            saved_at=transaction.at.isoformat(),
        )
    )
    name, since = transaction.actor, transaction.at.isoformat()
    connection.execute(
        insert(draft_contributors).values(draft=draft_id, folded=name.casefold(), name=name, since=since)
    )
    return draft_id


def propose_review(transaction: Transaction, read: ReadReview) -> str:
    """Keep a review that was read for a person to decide on, and return its key.

    The same document again takes the place of its earlier proposal, unless that is decided already. Another document
    whose review would have the same key (there is more than one "Child E") gets a key of its own.
    """
    connection, table = transaction.connection, review_proposals.c
    for key in (read.review.key if number == 1 else f"{read.review.key}-{number}" for number in count(1)):
        held = connection.execute(select(review_proposals).where(table.key == key)).first()
        if held is None or held.source == read.file:
            break
    if held is not None and held.status != "proposed":
        return key
    connection.execute(delete(review_proposals).where(table.key == key))
    connection.execute(
        insert(review_proposals).values(
            key=key,
            content=_json({**asdict(read.review), "key": key}),
            evidence=_json([asdict(each) for each in read.evidence]),
            source=read.file,
            status="proposed",
            saved_at=transaction.at.isoformat(),
        )
    )
    return key


def proposed_reviews(connection: Connection, record: Record) -> tuple[ProposedReview, ...]:
    """List every review that was read, those waiting first."""
    waiting_first = (review_proposals.c.status != "proposed", review_proposals.c.key)
    return tuple(
        _proposed(row, record) for row in connection.execute(select(review_proposals).order_by(*waiting_first))
    )


def proposed_review(connection: Connection, key: str, record: Record) -> ProposedReview:
    """Return one review that was read. Raises `NotFound`."""
    row = connection.execute(select(review_proposals).where(review_proposals.c.key == key)).first()
    if row is None:
        raise NotFound(f"No document has proposed a review '{key}'. List those that wait with: kb review list")
    return _proposed(row, record)


def decide(transaction: Transaction, key: str, status: str, record: Record) -> ProposedReview:
    """Mark a proposed review as accepted or rejected and return it. Raises `NotFound` or `Refused`."""
    found = proposed_review(transaction.connection, key, record)
    if found.status != "proposed":
        raise Refused(f"The review '{key}' has been {found.status} already. Nothing needs doing.")
    transaction.connection.execute(
        update(review_proposals)
        .where(review_proposals.c.key == key)
        .values(status=status, saved_at=transaction.at.isoformat())
    )
    return found


def accepted(proposed: ProposedReview, record: Record, into: str | None, new: bool) -> Review:
    """Work out the review to record: added `into` a recorded one, or as read. Raises `NotFound` or `Refused`."""
    if into is not None and new:
        raise Refused("A review is either added to a recorded one or a new one. Leave out --into or --new.")
    if into is not None:
        known = record.reviews.get(into)
        if known is None:
            raise NotFound(f"There is no recorded review '{into}'. Look at the reviews there are.")
        return merged(known, proposed.review)
    if proposed.known and not new:
        names = " or ".join(proposed.known)
        raise Refused(
            f"There is a recorded review of the same partnership and name: {names}. "
            f"Add this to it with --into {proposed.known[0]}, or say with --new that it is another review."
        )
    keys = (proposed.review.key if n == 1 else f"{proposed.review.key}-{n}" for n in count(1))
    return replace(proposed.review, key=next(key for key in keys if key not in record.reviews))


def merged(known: Review, read: Review) -> Review:
    """Add what was read to a recorded review: blanks filled, learning appended; nothing recorded changes."""
    texts = {plain(point.text) for point in known.learning}
    new = tuple(point for point in read.learning if plain(point.text) not in texts)
    return replace(
        known,
        incident=known.incident or read.incident,
        concluded=known.concluded or read.concluded,
        published=known.published or read.published,
        dates_note=known.dates_note or read.dates_note,
        themes=tuple(dict.fromkeys((*known.themes, *read.themes))),
        good_practice=tuple(dict.fromkeys((*known.good_practice, *read.good_practice))),
        learning=known.learning + new,
    )


def _proposed(row: Row[Any], record: Record) -> ProposedReview:
    content = json.loads(row.content)
    points = tuple(
        LearningPoint(
            text=point["text"],
            themes=tuple(point["themes"]),
            action=Action(point["action"]),
            status=LearningStatus(point["status"]),
            evidence=point["evidence"],
        )
        for point in content.pop("learning")
    )
    for name in ("themes", "good_practice"):
        content[name] = tuple(content[name])
    evidence = tuple(Evidence(**each) for each in json.loads(row.evidence))
    review = Review(learning=points, **content)
    known = tuple(key for key, each in record.reviews.items() if _same(each, review))
    return ProposedReview(review, evidence, row.source, row.status, known)


def _same(one: Review, other: Review) -> bool:
    """Say whether two records may be of one review: the same partnership and the same name, whatever the year."""
    return (_partnership(one), plain(one.name)) == (_partnership(other), plain(other.name))


def _partnership(review: Review) -> str:
    """Name a partnership whatever it was called: boards became partnerships in 2019."""
    words = {"local", "safeguarding", "children", "childrens", "child", "board", "partnership", "s"}
    return " ".join(word for word in plain(review.partnership).split() if word not in words)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_written)


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
