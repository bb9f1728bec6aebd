"""The editors' workspace: everything that is done with a draft, from its first word to its publication.

`KnowledgeBase.workspace` gives it; the workspace pages drive it and nothing below. Every method takes who asks first.
Each write is permission, rule, one transaction, catch up; the rules are in `kb.workflow`. Nothing it returns is public.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from index.engine import Engine
from index.evaluate import Judgement, read_judgements
from kb import drafting, feedback, impact, overview, workflow
from kb.access import Actor, Deed, require
from kb.advice import Advice, Surroundings, advise
from kb.beginnings import Beginning, Ground, NewSection, begun, read_foreign
from kb.clock import london_day
from kb.drafting import Content, Draft, DraftFile, Origin, Overtaken, State, Version, recognised
from kb.feedback import Feedback
from kb.impact import Answered, Impact, Trial
from kb.merging import Merged
from kb.overview import Desk, DraftLine, ReviewDates, line_of
from kb.preview import attachment, preview
from kb.reading import Moment, moment
from kb.search import Sources
from kb.terms import vocabulary_of
from kb.views import SectionView
from kb.workflow import Carried, Matched, Override, Step
from procedures import numbering
from procedures.align import compare
from procedures.blocks import body_of
from procedures.errors import Mendable, NotFound, Refused
from procedures.model import Revision, RevisionKind, in_force, waiting
from procedures.publication import AttachedFile, Prepared
from procedures.record import Record, read_record
from procedures.store import Store
from procedures.transaction import Transaction

_Done = TypeVar("_Done")

JUDGEMENTS = "judgements.jsonl"
"""The file in the data folder with graded queries that a publication is tried on, where there is one."""


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft with all that stands around it.

    `seal` is what an approval is given to; None, with the `problem` in a sentence, where it could not be published as
    it is. `matching` has every paragraph, and which recorded one it is. `current` is the text in force today, `held`
    the later texts that wait, `tied` those of other sections that wait for the numbers these give up. `stale` is set
    where something was published since it was started.
    """

    draft: Draft
    line: DraftLine
    steps: tuple[Step, ...]
    matching: tuple[Matched, ...]
    seal: str | None
    problem: str | None
    current: Revision | None
    held: tuple[Revision, ...]
    tied: tuple[Revision, ...]

    @property
    def stale(self) -> bool:
        """Whether it must be brought up to date before it can be published."""
        return self.line.stale


class Workspace:
    """What editors do. Made by `KnowledgeBase.workspace`."""

    def __init__(
        self, store: Store, engine: Engine, now: Callable[[], datetime], data: Path, catch_up: Callable[[], bool]
    ) -> None:
        """Take the parts; `data` is the manual's folder."""
        self._store = store
        self._engine = engine
        self._now = now
        self._data = data
        self._catch_up = catch_up

    # Reads

    def desk(self, actor: Actor) -> Desk:
        """Lay out the desk: what waits for this person, and what wants attention. Raises `Forbidden`."""
        require(actor, Deed.READ_DESK)
        with self._store.read() as connection:
            drafts, overrides = drafting.all_drafts(connection), workflow.overrides(connection)
        return overview.desk(self._store, self._store.record(), self._moment(), actor, drafts, overrides)

    def review_dates(self, actor: Actor) -> ReviewDates:
        """List every review date, and the texts without one. Raises `Forbidden`."""
        require(actor, Deed.READ_DESK)
        return overview.all_review_dates(self._store.record(), self._moment())

    def feedback(self, actor: Actor) -> tuple[Feedback, ...]:
        """List what readers have said about pages, newest first. Raises `Forbidden`."""
        require(actor, Deed.READ_FEEDBACK)
        with self._store.read() as connection:
            return feedback.listed(connection, self._now())

    def drafts(self, actor: Actor, state: State | None = None) -> tuple[DraftLine, ...]:
        """List the drafts, or those in one state, the one saved last first. Raises `Forbidden`."""
        require(actor, Deed.READ_DRAFTS)
        record = self._store.record()
        with self._store.read() as connection:
            return tuple(line_of(record, d) for d in drafting.all_drafts(connection) if state in (None, d.state))

    def draft(self, actor: Actor, draft_id: str) -> DraftView:
        """Show a draft with its steps, its paragraphs' matching and what hinders it. Raises `NotFound`."""
        require(actor, Deed.READ_DRAFTS)
        record, at = self._store.record(), self._moment()
        with self._store.read() as connection:
            draft = self._get(connection, draft_id)
            prepared, problem = self._prepared(connection, draft, at.today)
            steps = workflow.steps(connection, draft)
        revisions = record.revisions.get(draft.section, ())
        held = tuple(waiting(revisions, at.today, at.now))
        return DraftView(
            draft=draft,
            line=line_of(record, draft),
            steps=steps,
            matching=workflow.matching(draft, prepared, self._texts(record, draft.section)) if prepared else (),
            seal=workflow.seal_of(draft, prepared) if prepared and not problem else None,
            problem=problem,
            current=in_force(revisions, at.today, at.now),
            held=held,
            tied=numbering.tied(record.revisions, held, at.today, at.now),
        )

    def tied(self, actor: Actor, revision: Revision) -> tuple[Revision, ...]:
        """List the waiting revisions that can only be cancelled with this one: they change numbers. Or `Forbidden`."""
        require(actor, Deed.READ_DESK)
        at = self._moment()
        return numbering.tied(self._store.record().revisions, (revision,), at.today, at.now)

    def versions(self, actor: Actor, draft_id: str) -> tuple[Version, ...]:
        """List the versions of a draft that are kept, newest first. Raises `NotFound`."""
        require(actor, Deed.READ_DRAFTS)
        with self._store.read() as connection:
            return drafting.versions(connection, drafting.get(connection, draft_id).id)

    def version(self, actor: Actor, draft_id: str, version_id: int) -> Content:
        """Read what a version said. Raises `NotFound`."""
        require(actor, Deed.READ_DRAFTS)
        with self._store.read() as connection:
            return drafting.version(connection, draft_id, version_id)

    def advice(self, actor: Actor, draft_id: str, content: Content | None = None) -> tuple[Advice, ...]:
        """Advise on a draft as it is kept, or on `content` that is not saved yet. Raises `NotFound`."""
        require(actor, Deed.READ_DRAFTS)
        with self._store.read() as connection:
            draft = self._get(connection, draft_id)
        record, at = self._store.record(), self._moment()
        day = max((content or draft.content).in_force_from or at.today, at.today)
        others = {key: self._store.paragraphs(r) for key, r in record.in_force(day, at.now).items()}
        around = Surroundings(draft.section, record, vocabulary_of(record.terms.values()), others, day, at.now)
        return advise(content or draft.content, around)

    def preview(self, actor: Actor, draft_id: str) -> SectionView:
        """Show a draft as readers will see it on its day. Raises `NotFound`, and `Refused` for what cannot be shown."""
        require(actor, Deed.READ_DRAFTS)
        at = self._moment()
        with self._store.read() as connection:
            draft = self._get(connection, draft_id)
            proposal = workflow.proposal_of(connection, draft, at.today)
            prepared = Transaction(connection, actor.name, at.now).prepared(proposal)
            attached = tuple(attachment(connection, file) for file in draft.content.attachments)
        on = replace(at, on=max(proposal.in_force_from, at.today))
        return preview(self._store.record(), draft, proposal, prepared, attached, on)

    def impact(self, actor: Actor, draft_id: str, *, alone: bool = True) -> Impact:
        """Say what publishing a draft would do. Takes a second or two. Raises `NotFound` or `Refused`.

        Where it is not published `alone`, what search would make of it is left to `together`.
        """
        require(actor, Deed.READ_DRAFTS)
        record, at = self._store.record(), self._moment()
        with self._store.read() as connection:
            draft = self._get(connection, draft_id)
            proposal = workflow.proposal_of(connection, draft, at.today)
            prepared = Transaction(connection, actor.name, at.now).prepared(proposal)
        on = replace(at, on=max(proposal.in_force_from, at.today))
        older = in_force(record.revisions.get(draft.section, ()), on.on, at.now)
        changes = compare(self._store.paragraphs(older) if older else (), prepared.paragraphs)
        return Impact(
            changes=changes,
            called_out=impact.called_out(changes),
            renumbered=impact.renumbered(changes),
            referrers=impact.referrers(record, draft.section, frozenset(p.pid for p in prepared.paragraphs), on),
            answers=tuple(_answered(record, draft.content)),
            trial=self._trial(lambda t: [t.publish(proposal, at.today)], on) if alone else Trial(),
        )

    def together(self, actor: Actor, draft_ids: Sequence[str]) -> Trial:
        """Say what search would make of several drafts released together, as `release` does. Raises `NotFound`."""
        require(actor, Deed.READ_DRAFTS)
        at = self._moment()
        with self._store.read() as connection:
            chosen = [self._get(connection, draft_id) for draft_id in dict.fromkeys(draft_ids)]
        return self._trial(lambda t: workflow.release(t, chosen, at.today), at)

    def overrides(self, actor: Actor) -> tuple[Override, ...]:
        """List what was published without approval, reviewed or not, oldest first. Raises `Forbidden`."""
        require(actor, Deed.READ_DESK)
        with self._store.read() as connection:
            return workflow.overrides(connection)

    def file(self, actor: Actor, draft_id: str, digest: str) -> tuple[DraftFile, bytes]:
        """Return a file of a draft by the hash of its bytes. Raises `NotFound`."""
        require(actor, Deed.READ_DRAFTS)
        with self._store.read() as connection:
            draft = drafting.get(connection, draft_id)
        for file in draft.content.attachments:
            if file.hash == digest:
                return file, self._store.file(digest)
        raise NotFound("There is no such file in this draft. Go back to the draft and follow its link again.")

    # Writing

    def start(self, actor: Actor, beginning: Beginning) -> Draft:
        """Start a draft. Raises `Forbidden`, and what `kb.beginnings.begun` raises."""
        require(actor, Deed.SAVE_DRAFT)
        foreign = read_foreign(beginning)
        with self._store.write(actor.name, self._now) as transaction:
            record = self._store.record()
            section = None if isinstance(beginning, NewSection) else beginning.section
            ground = Ground(
                connection=transaction.connection,
                record=record,
                taken=drafting.sections_drafted(transaction.connection),
                texts=self._texts(record, section) if section else (),
                today=london_day(transaction.at),
                now=transaction.at,
            )
            facts, content = begun(beginning, ground, foreign)
            for file in foreign.files:
                transaction.keep_file(file)
            return drafting.begin(transaction, facts, content)

    def save(self, actor: Actor, draft_id: str, content: Content, expected_version: int) -> Draft:
        """Save what was typed; a draft in review or approved becomes a draft again where a character changed.

        Raises `Overtaken`, which has both texts, where somebody else saved first; what was typed is kept as a version.
        """
        require(actor, Deed.SAVE_DRAFT)
        with self._store.write(actor.name, self._now) as transaction:
            draft = self._get(transaction.connection, draft_id)
            saved = workflow.save(transaction, draft, content, expected_version)
        if isinstance(saved, Overtaken):
            raise saved
        if draft.state is not State.DRAFT:
            self._catch_up()
        return saved

    def restore(self, actor: Actor, draft_id: str, version_id: int, expected_version: int) -> Draft:
        """Take back an earlier version: its words become the newest one. Raises as `save` does."""
        return self.save(actor, draft_id, self.version(actor, draft_id, version_id), expected_version)

    def attach(self, actor: Actor, draft_id: str, file: AttachedFile, expected_version: int) -> Draft:
        """Add a file to a draft, in place of one of the same name. Raises as `save` does."""
        require(actor, Deed.SAVE_DRAFT)
        with self._store.write(actor.name, self._now) as transaction:
            digest = transaction.keep_file(file)
            draft = self._get(transaction.connection, draft_id)
        kept = tuple(each for each in draft.content.attachments if each.filename != file.filename)
        added = DraftFile(digest, file.filename, file.media_type, file.text_equivalent)
        return self.save(actor, draft_id, replace(draft.content, attachments=(*kept, added)), expected_version)

    # Review

    def submit(self, actor: Actor, draft_id: str) -> str:
        """Ask for approval and return the seal of the text. Raises `Refused` for what could not be published."""
        require(actor, Deed.SUBMIT)
        return self._step(actor, draft_id, lambda t, draft: workflow.submit(t, draft, london_day(t.at)))

    def take_back(self, actor: Actor, draft_id: str) -> None:
        """Make it a draft again from review, approval or withdrawal. Raises `Refused`."""
        require(actor, Deed.SUBMIT)
        self._step(actor, draft_id, workflow.take_back)

    def approve(self, actor: Actor, draft_id: str, seal: str) -> None:
        """Approve the text with the seal that was read. Raises `Refused` for its writers, `Conflict` for other text."""
        require(actor, Deed.APPROVE)
        self._step(actor, draft_id, lambda t, draft: workflow.approve(t, draft, seal, london_day(t.at)))

    def reject(self, actor: Actor, draft_id: str, reasons: str) -> None:
        """Send a text in review or approved back with reasons. Raises `Refused`."""
        require(actor, Deed.REJECT)
        self._step(actor, draft_id, lambda t, draft: workflow.reject(t, draft, reasons))

    def withdraw(self, actor: Actor, draft_id: str, reason: str) -> None:
        """Give a draft up; `take_back` brings it back for as long as it is kept. Raises `Refused`."""
        require(actor, Deed.DELETE_DRAFT)
        self._step(actor, draft_id, lambda t, draft: workflow.discard(t, draft, reason))

    def renew(self, actor: Actor, draft_id: str) -> tuple[Draft, Merged]:
        """Bring a stale draft up to date with what was published meanwhile; clashes are for a person to decide."""
        require(actor, Deed.SAVE_DRAFT)
        return self._step(actor, draft_id, workflow.renew)

    # Publishing

    def release(self, actor: Actor, draft_ids: Sequence[str]) -> tuple[Revision, ...]:
        """Publish approved drafts together, all or none. Raises `Refused` or `Conflict`; returned means durable."""
        require(actor, Deed.PUBLISH)
        with self._store.write(actor.name, self._now) as transaction:
            today = london_day(transaction.at)
            chosen = [self._get(transaction.connection, draft_id) for draft_id in dict.fromkeys(draft_ids)]
            for draft in chosen:
                _require_for(actor, draft)
            revisions = workflow.release(transaction, chosen, today)
            self._check_found(transaction, revisions, today)
        self._catch_up()
        return revisions

    def override(self, actor: Actor, draft_id: str, reason: str) -> Revision:
        """Publish at once without approval; it stays listed until another approver has reviewed it."""
        require(actor, Deed.OVERRIDE)
        with self._store.write(actor.name, self._now) as transaction:
            today = london_day(transaction.at)
            draft = self._get(transaction.connection, draft_id)
            _require_for(actor, draft)
            revision = workflow.override(transaction, draft, reason, today)
            self._check_found(transaction, (revision,), today)
        self._catch_up()
        return revision

    def review_override(self, actor: Actor, section: str, revision: int) -> None:
        """Record that this approver has read what was published without approval. Raises `NotFound` or `Refused`."""
        require(actor, Deed.REVIEW_OVERRIDE)
        with self._store.write(actor.name, self._now) as transaction:
            workflow.review_override(transaction, section, revision)
        self._catch_up()

    def carry(self, actor: Actor, draft_id: str, reason: str) -> Carried:
        """Publish an urgent approved change although a later text waits, and draft that anew with the change in it.

        `reason` is why the waiting revision is cancelled. All of it or nothing. Raises `Refused` or `Conflict`.
        """
        require(actor, Deed.PUBLISH)
        require(actor, Deed.CANCEL)
        with self._store.write(actor.name, self._now) as transaction:
            today = london_day(transaction.at)
            carried = workflow.carry(transaction, self._get(transaction.connection, draft_id), reason, today)
            self._check_found(transaction, (carried.revision,), today)
        self._catch_up()
        return carried

    # Readers

    def deal_with_feedback(self, actor: Actor, feedback_id: int) -> None:
        """Note that this editor has dealt with what a reader said. Raises `NotFound` or `Refused`."""
        require(actor, Deed.DECIDE_FEEDBACK)
        with self._store.write(actor.name, self._now) as transaction:
            feedback.deal_with(transaction.connection, feedback_id, actor.name, london_day(transaction.at))

    # Parts

    def _moment(self) -> Moment:
        now = self._now()
        return moment(now, london_day(now), None, None)

    def _get(self, connection: Connection, draft_id: str) -> Draft:
        """Read a draft; one that an import has just brought gets its paragraphs recognised."""
        draft = drafting.get(connection, draft_id)
        if draft.facts.origin is not Origin.IMPORT or draft.version > 1:
            return draft
        blocks = draft.content.blocks
        found = recognised(blocks, self._texts(self._store.record(), draft.section), body_of(blocks))
        return replace(draft, content=replace(draft.content, blocks=found))

    def _texts(self, record: Record, section: str) -> list[dict[str, str]]:
        """Read the section's texts by paragraph id, newest first."""
        revisions = record.revisions.get(record.redirects.get(section, section), ())
        return [{p.pid: p.text for p in self._store.paragraphs(revision)} for revision in reversed(revisions)]

    def _prepared(self, connection: Connection, draft: Draft, today: date) -> tuple[Prepared | None, str | None]:
        """Work out what a draft would become, as far as possible, and what hinders it."""
        reading = Transaction(connection, "", self._now())
        try:
            return workflow.check(reading, draft, today), None
        except Mendable as problem:
            hindered = str(problem)
        try:
            return reading.prepared(workflow.proposal_of(connection, draft, today)), hindered
        except Mendable:
            return None, hindered

    def _step(self, actor: Actor, draft_id: str, take: Callable[[Transaction, Draft], _Done]) -> _Done:
        with self._store.write(actor.name, self._now) as transaction:
            done = take(transaction, self._get(transaction.connection, draft_id))
        self._catch_up()
        return done

    def _check_found(self, transaction: Transaction, revisions: Sequence[Revision], today: date) -> None:
        """Refuse a publication after which a search for a section's title or number would not find it first."""
        record = read_record(transaction.connection, 0, "", self._store.record())
        sources = Sources(self._store, record, self._engine, vocabulary_of(record.terms.values()), lambda: None)
        for revision in revisions:
            at = Moment(max(revision.in_force_from, today), transaction.at, today, transaction.at)
            refusals = impact.refusals(sources, (revision.section,), at)
            if refusals:
                raise Refused(" ".join(refusals))

    def _trial(self, publish: Callable[[Transaction], Sequence[Revision]], at: Moment) -> Trial:
        judgements, trouble = self._judgements()
        trial = impact.tried_out(self._store, self._data, publish, at.today, judgements, at)
        return replace(trial, left_out=trial.left_out or trouble)

    def _judgements(self) -> tuple[tuple[Judgement, ...], str | None]:
        path = self._data / JUDGEMENTS
        try:
            return tuple(read_judgements(path.read_text("utf-8").splitlines())), None
        except FileNotFoundError:
            return (), None
        except (OSError, ValueError):
            return (), f"'{JUDGEMENTS}' cannot be read, so no queries were tried. Check it with: kb evaluate {path}"


def _require_for(actor: Actor, draft: Draft) -> None:
    """Ask for more than to publish where a draft withdraws a section or rolls one back."""
    if draft.facts.kind is RevisionKind.WITHDRAWAL:
        require(actor, Deed.WITHDRAW)
    if draft.facts.origin is Origin.OLD_TEXT:
        require(actor, Deed.ROLL_BACK)


def _answered(record: Record, content: Content) -> Iterator[Answered]:
    for answer in content.answers:
        review = record.reviews.get(answer.review)
        if review is not None and 0 < answer.ordinal <= len(review.learning):
            yield Answered(review.key, review.title, answer.ordinal, review.learning[answer.ordinal - 1])
