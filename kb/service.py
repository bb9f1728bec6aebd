"""The knowledge base: everything a reader can ask and an editor can do, in one object.

The site, the command line and the tests drive `KnowledgeBase` and nothing below it. It is a table of contents: each
read names a moment, takes one record and delegates; each write is permission, rule, one transaction, catch up. Nothing
else in the program does those four in sequence.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from index.engine import Engine, IndexFault
from index.evaluate import Judgement, Report, evaluate
from index.facets import Filters
from index.vocabulary import Vocabulary
from index.whoosh_engine import WhooshEngine
from kb import care, contacts, desk, feedback, imports, indexing, learning, reading, search, themes, updates
from kb.access import Actor, Deed, require
from kb.accounts import Accounts
from kb.audit import Audit
from kb.clock import Clock, SystemClock, london_day
from kb.desk import ProposedReview
from kb.editions import Editions
from kb.feedback import Feedback, Opinion
from kb.imports import Imported, Release
from kb.learning import LearningDesk
from kb.level import LevelIndex
from kb.likeness import Likeness
from kb.neighbours import Neighbours, neighbours_of
from kb.reading import Moment
from kb.redaction import Redactions
from kb.references import Target, resolve
from kb.searches import Searches
from kb.settings import Settings
from kb.since import SectionSince, changed_in_section, changed_since
from kb.terms import vocabulary_of
from kb.views import (
    ComparisonView,
    ContactNow,
    GlossaryEntry,
    Health,
    HistoryView,
    NumberView,
    Order,
    ParagraphView,
    PartView,
    ReviewView,
    SearchView,
    SectionView,
    ThemeView,
    TracedLearning,
    Update,
)
from kb.workspace import Workspace
from procedures import sample
from procedures.errors import Fault, Refused
from procedures.model import Attachment, Review, Revision, Term
from procedures.publication import Proposal
from procedures.record import Record
from procedures.store import Store

EVALUATED = 30
"""Results asked for in an evaluation: enough for ten sections when reviews, contacts and terms stand between."""


class KnowledgeBase:
    """One manual: its record, its index and what people can do with them."""

    def __init__(self, settings: Settings, store: Store, engine: Engine, clock: Clock) -> None:
        """Take the parts; use `KnowledgeBase.open`."""
        self.settings = settings
        self._store = store
        self._engine = engine
        self._clock = clock
        self._vocabulary: tuple[Mapping[str, Term], Vocabulary] | None = None
        self._likeness = Likeness()
        self._editions = Editions()
        self._index = LevelIndex(store, engine)
        self.accounts = Accounts(store, self.now, self.catch_up, settings.host)
        self.redactions = Redactions(store, self.now, self.catch_up)
        self.audit = Audit(store)
        self.learning = LearningDesk(store, self.now, self.catch_up)
        self.searches = Searches(store, self.now, self.catch_up, self.search)

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None, *, create: bool = False) -> "KnowledgeBase":
        """Open the manual in the data folder, bringing an older one up to date and its index level with it.

        Raises `NotFound` where there is none and `create` is not asked for, and what `Store.open` raises.
        """
        store = Store.open(settings.database, create=create)
        found = cls(settings, store, WhooshEngine(settings.index), clock or SystemClock())
        found.index_was_rebuilt = found.catch_up() or found._rebuilt_for_another_history()
        return found

    @classmethod
    def make(cls, settings: Settings, fill: Callable[["KnowledgeBase"], None]) -> None:
        """Make a new manual, filled before anybody can see it: it is there whole, or not at all.

        Raises `Refused` where somebody else has made one meanwhile.
        """
        settings.data.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=settings.data, prefix="being-made-") as folder:
            made = settings.model_copy(update={"data": Path(folder)})
            with cls.open(made, create=True) as found:
                fill(found)
            try:
                os.link(made.database, settings.database)
            except FileExistsError as error:
                raise Refused(
                    f"Somebody else has made a manual in '{settings.data}' meanwhile. Use that one."
                ) from error
        with cls.open(settings):
            pass  # makes the search index

    index_was_rebuilt = False
    """Whether the index had to be made again at opening: worth a word to whoever opened it."""

    def __enter__(self) -> Self:
        """Give the knowledge base itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything."""
        self.close()

    def close(self) -> None:
        """Let go of the index and the database."""
        self.searches.close()
        self._engine.close()
        self._store.close()

    # What is what, and when

    @property
    def site_name(self) -> str:
        """The name shown on every page."""
        return self.settings.site_name

    @property
    def is_sample(self) -> bool:
        """Whether this is the sample manual, which must say so everywhere."""
        return self._store.record().is_sample

    def head(self, section: str | None = None) -> str:
        """Return what changes with everything that is published; for a section, only with what its page shows."""
        record = self._store.record()
        return record.head_hash if section is None else self._editions.of(record, section, self._moment())

    def now(self) -> datetime:
        """Return the present instant."""
        return self._clock.now()

    def today(self) -> date:
        """Return the day it is in London."""
        return london_day(self.now())

    @property
    def workspace(self) -> Workspace:
        """What editors do: drafts, review, approval and release."""
        return Workspace(self._store, self._engine, self.now, self.settings.data, self.catch_up)

    # Reads

    def search(
        self,
        text: str,
        *,
        on: date | None = None,
        seen: date | None = None,
        without: frozenset[str] = frozenset(),
        filters: Filters = frozenset(),
        order: Order = Order.RELEVANCE,
        offset: int = 0,
        limit: int = 10,
    ) -> SearchView:
        """Answer whatever was typed, from the text of a day. Never raises for a query."""
        record = self._index.searchable()
        sources = search.Sources(self._store, record, self._engine, self._known_words(record), self._index.mend)
        at = self._moment(on, seen)
        return search.answer(
            sources, text, at, without=without, filters=filters, order=order, offset=max(offset, 0), limit=limit
        )

    def is_ready_to_search(self) -> bool:
        """Say whether a search of today's text has nobody to wait for and the index in memory."""
        return self._index.is_searchable()

    def suggest(self, text: str) -> tuple[str, ...]:
        """Complete what is being typed, from the text in force."""
        at = self._moment()
        try:
            return self._engine.suggest(text, indexing.searched(self._store.record(), at.on, at.known_at, True))
        except IndexFault:
            return ()

    def section(self, key: str, *, on: date | None = None, seen: date | None = None) -> SectionView:
        """Show a section's text on a day, or as the site showed it on a day. Raises `NotFound`."""
        return reading.section_on(self._store, self._store.record(), key, self._moment(on, seen))

    def resolve(self, reference: str, *, on: date | None = None, seen: date | None = None) -> Target:
        """Follow a key, a number, a paragraph id, a review's key or `KEY@N`. Raises `NotFound` or `Invalid`."""
        return resolve(self._store, self._store.record(), reference, self._moment(on, seen))

    def reach(self, target: Target, *, on: date | None = None, seen: date | None = None) -> SectionView:
        """Show the section a reference leads to: the revision it names, or the text its paragraph stands in."""
        if target.revision is not None:
            return self.revision(target.key, target.revision)
        if target.pid is not None and on is None and seen is None:
            return self.revision(target.key, self.paragraph(target.pid).revision)
        return self.section(target.key, on=on, seen=seen)

    def revision(self, key: str, number: int) -> SectionView:
        """Show one revision of a section, whenever it applied. Raises `NotFound`."""
        return reading.revision_view(self._store, self._store.record(), key, number, self._moment())

    def paragraph(self, pid: str) -> ParagraphView:
        """Find where a paragraph stands now, or stood last. Raises `NotFound`."""
        return reading.paragraph_now(self._store, self._store.record(), pid, self._moment())

    def neighbours(self, view: SectionView) -> Neighbours:
        """Find the sections around one that is being shown, as of its day."""
        at = self._moment(view.on, view.seen)
        return neighbours_of(self._store, self._store.record(), view, at, self._likeness)

    def since(self, day: date) -> tuple[SectionSince, ...]:
        """List the sections that changed since a day, what matters most first. Raises `Invalid` for a day to come."""
        return changed_since(self._store, self._store.record(), day, self._moment())

    def since_in_section(self, key: str, day: date) -> SectionSince:
        """Say what changed in a section since a day. Raises `NotFound`, and `Invalid` for a day to come."""
        return changed_in_section(self._store, self._store.record(), key, day, self._moment())

    def number(self, number: str, on: date | None = None) -> NumberView:
        """Find what carries a number today, or carried it on a day. Raises `NotFound`."""
        return reading.number_on(self._store, self._store.record(), number, on, self._moment())

    def contents(self, on: date | None = None, seen: date | None = None) -> tuple[PartView, ...]:
        """List the sections in force on a day by part."""
        return reading.contents(self._store.record(), self._moment(on, seen))

    def history(self, key: str) -> HistoryView:
        """List every revision of a section, newest first. Raises `NotFound`."""
        return reading.history(self._store.record(), key, self._moment())

    def compare(self, key: str, older: int | date, newer: int | date) -> ComparisonView:
        """Compare two revisions of a section, each named by number or by a day it applied. Raises `NotFound`."""
        return reading.compare(self._store, self._store.record(), key, older, newer, self._moment())

    def updates(
        self, limit: int | None = 20, *, section: str | None = None, theme: str | None = None
    ) -> tuple[Update, ...]:
        """List the newest publications of guidance: all, of one section, or on one theme. Raises `NotFound`."""
        return updates.updates(self._store.record(), self._moment(), limit, section, theme)

    def themes(self) -> tuple[ThemeView, ...]:
        """List the themes of reviews and texts in the order of the alphabet."""
        return themes.themes(self._store.record(), self._moment())

    def theme(self, key: str) -> ThemeView:
        """Show the sections and the learning about a theme. Raises `NotFound`."""
        return themes.theme(self._store.record(), key, self._moment())

    def reviews(self) -> tuple[Review, ...]:
        """List the reviews, newest first."""
        found = self._store.record().reviews.values()
        return tuple(sorted(found, key=lambda r: (r.published or r.year or "", r.key), reverse=True))

    def review(self, key: str) -> ReviewView:
        """Follow a review to every paragraph it changed. Raises `NotFound`."""
        return learning.review_view(self._store, self._store.record(), key, self._moment())

    def trace_section(self, key: str) -> list[tuple[str, TracedLearning]]:
        """List the learning that changed a section, each with the key of its review. Raises `NotFound`."""
        return learning.section_trace(self._store, self._store.record(), key, self._moment())

    def proposed_reviews(self) -> tuple[ProposedReview, ...]:
        """List the reviews that documents have proposed, those waiting first."""
        with self._store.read() as connection:
            return desk.proposed_reviews(connection, self._store.record())

    def proposed_review(self, key: str) -> ProposedReview:
        """Show a proposed review with its evidence and the records it may be already. Raises `NotFound`."""
        with self._store.read() as connection:
            return desk.proposed_review(connection, key, self._store.record())

    def feedback(self) -> tuple[Feedback, ...]:
        """List what readers have said about pages, newest first."""
        with self._store.write("kb", self.now) as transaction:
            return feedback.kept(transaction.connection, transaction.at)

    def unreviewed(self) -> tuple[Update, ...]:
        """List the texts published by import that no approver has looked at."""
        return updates.unreviewed(self._store.record(), self._moment())

    def contacts_now(self) -> tuple[ContactNow, ...]:
        """List whom to ring now."""
        return contacts.contacts_now(self._store.record(), self._moment())

    def contact(self, key: str) -> ContactNow:
        """Show one contact as it stands now. Raises `NotFound`."""
        return contacts.contact_now(self._store.record(), key, self._moment())

    def glossary(self) -> tuple[GlossaryEntry, ...]:
        """List the terms in the order of the alphabet, with the sections they are about."""
        return reading.glossary(self._store.record(), self._moment())

    def file(self, digest: str) -> tuple[Attachment, bytes]:
        """Return a file attached to a published revision, by the hash of its bytes. Raises `NotFound`."""
        return reading.file(self._store, self._store.record(), digest)

    def evaluate(self, judgements: Sequence[Judgement]) -> Report:
        """Score the search on graded queries: destinations, then results; procedure sections only, each once."""
        known = {s.title for part in self.contents() for s in part.sections}
        return evaluate(judgements, self._ranked_titles, known)

    # Writes

    def load_sample(self, actor: Actor, progress: Callable[[str], None]) -> None:
        """Write the sample manual into an empty record. Raises `Refused` where there is one already."""
        require(actor, Deed.LOAD_SAMPLE)
        if self._store.head()[0]:
            raise Refused(
                f"There is a manual in '{self.settings.data}' already, and it was left as it is. "
                "Name another folder with --data, or use this one as it stands."
            )
        with self._store.write(actor.name, self.now) as transaction:
            sample.load(transaction, london_day(transaction.at), progress)
            self.accounts.add_sample(transaction)
        self.catch_up()

    def publish(self, actor: Actor, proposal: Proposal) -> Revision:
        """Publish a text. Raises `Forbidden`, and what `procedures.publication` raises; acknowledged means durable."""
        require(actor, Deed.PUBLISH)
        with self._store.write(actor.name, self.now) as transaction:
            revision = transaction.publish(proposal, london_day(transaction.at))
        self.catch_up()
        return revision

    def cancel(
        self, actor: Actor, section: str, revision: int, reason: str, also: Sequence[tuple[str, int]] = ()
    ) -> None:
        """Cancel a revision not yet in force, `also` others with it. Raises `Forbidden`, `NotFound` or `Refused`."""
        require(actor, Deed.CANCEL)
        with self._store.write(actor.name, self.now) as transaction:
            transaction.cancel(section, revision, reason, london_day(transaction.at), also)
        self.catch_up()

    def import_documents(
        self, actor: Actor, paths: Sequence[Path], release: Release | None, progress: Callable[[str], None]
    ) -> Imported:
        """Read foreign documents into drafts, or publish them at once with a `release`; reviews wait for a person.

        Each file is in whole or not at all; run again, it goes on. Raises `Forbidden`, or `Invalid` for a missing path.
        """
        require(actor, Deed.IMPORT)
        reading = imports.read_all(paths, progress)
        earlier = [event for event in self._store.events() if event.action == "import"]
        work = imports.Import(self._store.record(), reading, release, earlier, self._store.file)
        done = work.write(lambda: self._store.write(actor.name, self.now), self.today())
        self.catch_up()
        return done

    def look(self, actor: Actor, section: str, revision: int) -> None:
        """Record that an approver has looked at an imported text. Raises `Forbidden`, `NotFound` or `Refused`."""
        require(actor, Deed.LOOK)
        with self._store.write(actor.name, self.now) as transaction:
            transaction.look(section, revision)
        self.catch_up()

    def accept_review(self, actor: Actor, key: str, into: str | None = None, *, new: bool = False) -> Review:
        """Make a proposed review a recorded one, `into` an existing record or as a `new` one.

        Where a record of the same partnership and name exists, one of the two must be chosen. Raises `Forbidden`,
        `NotFound` or `Refused`.
        """
        require(actor, Deed.DECIDE_REVIEW)
        with self._store.write(actor.name, self.now) as transaction:
            record = self._store.record()
            review = desk.accepted(desk.decide(transaction, key, "accepted", record), record, into, new)
            transaction.record_review(review)
        self.catch_up()
        return review

    def reject_review(self, actor: Actor, key: str) -> None:
        """Decide that a proposed review is not to be recorded. Raises `Forbidden`, `NotFound` or `Refused`."""
        require(actor, Deed.DECIDE_REVIEW)
        with self._store.write(actor.name, self.now) as transaction:
            desk.decide(transaction, key, "rejected", self._store.record())

    def record_review(self, actor: Actor, review: Review) -> None:
        """Write a review, in place of an earlier record of the same key. Raises `Forbidden`."""
        require(actor, Deed.RECORD_REVIEW)
        with self._store.write(actor.name, self.now) as transaction:
            transaction.record_review(review)
        self.catch_up()

    def keep_feedback(self, opinion: Opinion) -> None:
        """Keep what a reader, whoever it is, says about a page. Raises `NotFound` or `Refused`."""
        with self._store.write("reader", self.now) as transaction:
            feedback.keep(transaction.connection, self._store.record(), opinion, transaction.at)

    # Care

    def catch_up(self) -> bool:
        """Bring the index level with the log; say whether it had to be made again.

        A failing index is left for the next search or the next start: it can delay a search, never a publication.
        """
        return self._index.catch_up()

    def rebuild_index(self) -> int:
        """Make the index again from the record and return how many passages it has. Raises `Fault`."""
        try:
            return indexing.rebuild(self._store, self._engine)
        except IndexFault as error:
            raise Fault(f"The index could not be made again: {error}. Check the disk and try once more.") from error

    def check(self) -> care.Check:
        """Check that the record is whole and the index level with it; sweep away what killed processes have left."""
        care.sweep(self.settings.data, self.now())
        return care.check(self._store, self._engine, self._moment())

    def backup(self, target: Path) -> care.Check:
        """Copy the record to a new file and prove the copy good. Raises `Refused`, `Invalid` or `Fault`."""
        return care.back_up(self._store, target)

    @classmethod
    def restore(cls, settings: Settings, source: Path) -> care.Restored:
        """Put a backup in the place of the record, and make the index again. Raises `Invalid`, `Refused` or `Fault`."""
        done = care.restore(source, settings.database)
        with cls.open(settings) as found:
            found.rebuild_index()
        return done

    def health(self) -> Health:
        """Say in a moment whether the service is well: the log, the index and the text in force."""
        return care.health(self._store.record(), self._engine, self._moment())

    def _moment(self, on: date | None = None, seen: date | None = None) -> Moment:
        now = self.now()
        return reading.moment(now, london_day(now), on, seen)

    def _rebuilt_for_another_history(self) -> bool:
        at = self._moment()
        try:
            if not indexing.lacks_text(self._store, self._engine, at.on, at.known_at):
                return False
        except IndexFault:
            pass
        self._index.mend()
        return True

    def _known_words(self, record: Record) -> Vocabulary:
        known = self._vocabulary
        if known is None or known[0] is not record.terms:  # most publications leave the terms as they are
            known = self._vocabulary = (record.terms, vocabulary_of(record.terms.values()))
        return known[1]

    def _ranked_titles(self, text: str) -> list[str]:
        found = self.search(text, limit=EVALUATED)
        titles = [d.title for d in found.destinations if d.kind == "section"]
        titles += [r.title for r in found.results if r.kind == "section"]
        return list(dict.fromkeys(titles))
