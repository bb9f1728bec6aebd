"""A draft as its readers will see it, on the day it comes into force.

`kb.workspace` gives it to the page that shows sections, so that editors look at the very page readers get. Nothing here
writes, and nothing is made that the public could ask for.
"""

from sqlalchemy import Connection, func, select

from kb.drafting import Draft, DraftFile
from kb.impact import referrers
from kb.reading import Moment, learning_for, name_today
from kb.views import SectionView
from procedures.model import Attachment, Period, Revision, RevisionKind, Status
from procedures.publication import Prepared, Proposal
from procedures.record import Record
from procedures.schema.tables import files


def preview(
    record: Record, draft: Draft, proposal: Proposal, prepared: Prepared, attached: tuple[Attachment, ...], at: Moment
) -> SectionView:
    """Show what a draft would become. `at` is on the day it comes into force."""
    revisions = record.revisions.get(draft.section, ())
    revision = _revision(proposal, prepared, len(revisions) + 1, at)
    standing = frozenset(p.pid for p in prepared.paragraphs)
    status = Status.COMING if at.on > at.today else Status.IN_FORCE
    successor = proposal.successor
    return SectionView(
        key=draft.section,
        kind=draft.facts.section_kind,
        revision=revision,
        period=Period(revision, revision.in_force_from, None),
        status=Status.WITHDRAWN if proposal.kind is RevisionKind.WITHDRAWAL else status,
        paragraphs=prepared.paragraphs,
        on=at.on,
        seen=None,
        is_today=at.on == at.today,
        revisions=len(revisions) + 1,
        coming=None,
        successor=name_today(record, successor, at) if successor and successor in record.revisions else None,
        learning=learning_for(record, revision, set(standing)),
        referred_from=tuple(each.section for each in referrers(record, draft.section, standing, at)),
        notices=tuple(notice for notice in record.notices if notice.shown_on(at.on, draft.section)),
        attachments=attached,
        redacted=None,
        unreviewed=False,
    )


def attachment(connection: Connection, file: DraftFile) -> Attachment:
    """Show a file of a draft as one of a revision."""
    size = connection.scalar(select(func.length(files.c.content)).where(files.c.hash == file.hash))
    return Attachment(file.hash, file.filename, file.media_type, size or 0, file.text_equivalent)


def _revision(proposal: Proposal, prepared: Prepared, number: int, at: Moment) -> Revision:
    return Revision(
        id=0,
        section=proposal.section,
        revision=number,
        kind=proposal.kind,
        number=proposal.number,
        title=proposal.title,
        body_hash=prepared.body_hash,
        content_hash=prepared.content_hash,
        change_note=proposal.change_note,
        importance=proposal.importance,
        author=proposal.author,
        approver=proposal.approver,
        based_on=proposal.based_on,
        in_force_from=proposal.in_force_from,
        published_at=at.now,
        reviewed_on=proposal.reviewed_on,
        review_due=proposal.review_due,
        agencies=proposal.agencies,
        themes=proposal.themes,
        withdrawal_reason=proposal.withdrawal_reason,
        successor=proposal.successor,
        contact=proposal.contact,
    )
