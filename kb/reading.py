"""A section on a day: its text, its dates and what stands around it. And its history, and two revisions compared.

`KnowledgeBase` delegates its reads here. Every function takes the store and the record it read, so that one answer
comes from one state of the record; nothing here writes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from kb.clock import end_of_day
from kb.days import in_words
from kb.views import (
    ComparisonView,
    GlossaryEntry,
    HistoryEntry,
    HistoryView,
    Learning,
    NumberView,
    ParagraphView,
    PartView,
    SectionName,
    SectionView,
)
from procedures.align import compare as compare_paragraphs
from procedures.errors import Invalid, NotFound
from procedures.model import (
    PARTS,
    Attachment,
    Paragraph,
    Period,
    Revision,
    RevisionKind,
    SectionKind,
    Status,
    in_force,
    periods,
    status_of,
    waiting,
)
from procedures.record import Record
from procedures.store import Store


@dataclass(frozen=True, slots=True)
class Moment:
    """What a reader asks about: the text that applies `on` a day, as `known_at` an instant; `today` is the real day.

    `seen` is set where the reader asked what the site showed on a past day.
    """

    on: date
    known_at: datetime
    today: date
    now: datetime
    seen: date | None = None

    @property
    def is_today(self) -> bool:
        """Whether this is the text in force today, as known now."""
        return self.on == self.today and self.seen is None


def moment(now: datetime, today: date, on: date | None, seen: date | None) -> Moment:
    """Work out what a reader's two dates mean; `seen` alone asks for the text of that day as shown on that day.

    Raises `Invalid` for a `seen` still to come.
    """
    if seen and seen > today:
        raise Invalid(
            f"{in_words(seen)} has not come yet, so the site has shown nothing on it. Give a day up to today."
        )
    known_at = min(end_of_day(seen), now) if seen else now
    return Moment(on or seen or today, known_at, today, now, seen)


def name_of(revision: Revision) -> SectionName:
    """Name a section as one of its revisions does."""
    return SectionName(revision.section, revision.number, revision.title)


def name_today(record: Record, key: str, at: Moment) -> SectionName:
    """Name a section as it is called today, else as it was last, or will first be, called. Raises `NotFound`."""
    revisions = record.section(key)
    laid_out = [p for p in periods(revisions, at.now) if p.revision.kind is not RevisionKind.WITHDRAWAL]
    begun = [p.revision for p in laid_out if p.start <= at.today]
    coming = [p.revision for p in laid_out if p.start > at.today]
    return name_of((begun[-1:] or coming[:1] or list(revisions[-1:]))[0])


def number_order(number: str | None) -> tuple[int, ...]:
    """Give the order of a printed number: 8.9 comes before 8.10."""
    return tuple(int(part) for part in number.split(".")) if number else ()


def section_on(store: Store, record: Record, key: str, at: Moment) -> SectionView:
    """Show a section's text on a day. Raises `NotFound` where it had none yet."""
    revisions = record.section(key)
    revision = in_force(revisions, at.on, at.known_at)
    if revision is None:
        first = min((p.start for p in periods(revisions, at.now)), default=None)
        if first is None:
            raise NotFound(
                f"'{revisions[-1].title}' ({key}) was cancelled before it came into force. Its history says when."
            )
        raise NotFound(
            f"'{revisions[-1].title}' was not in force on {in_words(at.on)}"
            f"{f' as this site knew it on {in_words(at.seen)}' if at.seen else ''}. "
            f"It {'comes into force' if first > at.today else 'first applied'} on {in_words(first)}: "
            "choose that day or a later one."
        )
    return _view(store, record, revision, at)


def revision_view(store: Store, record: Record, key: str, number: int, at: Moment) -> SectionView:
    """Show one revision of a section, whenever it applied. Raises `NotFound`."""
    return _view(store, record, record.revision(key, number), at)


def paragraph_now(store: Store, record: Record, pid: str, at: Moment) -> ParagraphView:
    """Find where a paragraph stands today, or the text it last stood in. Raises `NotFound`."""
    if pid not in record.pids:
        raise NotFound(f"There is no paragraph '{pid}' in this manual. Check the reference, or search for its words.")
    revisions = record.section(record.pids[pid])
    laid_out = [p for p in periods(revisions, at.now) if p.start <= at.today]
    for age, period in enumerate(reversed(laid_out)):
        found = next((p for p in store.paragraphs(period.revision) if p.pid == pid), None)
        if found:
            status = Status.SUPERSEDED if age else Status.IN_FORCE
            return ParagraphView(
                name_of(period.revision), found, age == 0, period.revision.revision, period.until, status
            )
    for revision in reversed(revisions):
        found = next((p for p in store.paragraphs(revision) if p.pid == pid), None)
        if found:
            status = status_of(revision, revisions, at.today, at.now)
            return ParagraphView(name_of(revision), found, False, revision.revision, None, status)
    raise NotFound(f"The text of paragraph '{pid}' has been removed. The section's history says why.")


def number_on(store: Store, record: Record, number: str, on: date | None, at: Moment) -> NumberView:
    """Find what carried a number on a day (None: today, or else when it was last used). Raises `NotFound`."""
    found = list(_carriers(store, record, number, at))
    chosen = [(period, view) for period, view in found if _covers(period, on or at.today)]
    if not chosen and on is None:
        chosen = [(period, view) for period, view in found if period[0] is None or period[0] <= at.today]
    if not chosen:
        raise NotFound(
            f"Nothing in this manual carried the number {number} on {in_words(on or at.today)}. "
            "Check the number and the day, or search for its words."
        )
    # What a source printed beside a paragraph is what people cite: it comes before the number computed for another.
    newest = max(enumerate(chosen), key=lambda each: (each[1][0][0] or date.min, bool(each[1][1].note), each[0]))
    return newest[1][1]


def contents(record: Record, at: Moment) -> tuple[PartView, ...]:
    """List the sections in force on a day by part."""
    return record.once(("contents", at.on, record.settled(at.known_at)), lambda: _contents(record, at))


def _contents(record: Record, at: Moment) -> tuple[PartView, ...]:
    sections = [r for k, r in record.in_force(at.on, at.known_at).items() if record.kinds[k] is SectionKind.PROCEDURE]
    sections.sort(key=lambda revision: number_order(revision.number))
    parts = sorted({*PARTS, *(r.part for r in sections if r.part)})
    return tuple(
        PartView(part, PARTS.get(part, f"Part {part}"), tuple(name_of(r) for r in sections if r.part == part))
        for part in parts
    )


def history(record: Record, key: str, at: Moment) -> HistoryView:
    """List every revision of a section, newest first. Raises `NotFound`."""
    revisions = record.section(key)
    laid_out = {p.revision.id: p for p in periods(revisions, at.now)}
    entries = (
        HistoryEntry(
            r,
            status_of(r, revisions, at.today, at.now),
            laid_out.get(r.id),
            (r.section, r.revision) in record.unreviewed,
        )
        for r in reversed(revisions)
    )
    return HistoryView(name_today(record, key, at), tuple(entries))


def compare(store: Store, record: Record, key: str, older: int | date, newer: int | date, at: Moment) -> ComparisonView:
    """Compare two revisions of a section, each named by its number or by a day it applied. Raises `NotFound`."""
    chosen = [_chosen(record, key, which, at) for which in (older, newer)]
    before, after = (store.paragraphs(revision) for revision in chosen)
    return ComparisonView(name_today(record, key, at), chosen[0], chosen[1], compare_paragraphs(before, after))


def glossary(record: Record, at: Moment) -> tuple[GlossaryEntry, ...]:
    """List the terms in the order of the alphabet, with the sections they are about."""
    terms = sorted(record.terms.values(), key=lambda term: term.term.casefold())
    return tuple(
        GlossaryEntry(
            term,
            tuple(
                name_today(record, key, at)
                for key in dict.fromkeys(s.section for s in term.senses)
                if key and key in record.revisions
            ),
        )
        for term in terms
    )


def file(store: Store, record: Record, digest: str) -> tuple[Attachment, bytes]:
    """Return a file attached to a published revision, by the hash of its bytes. Raises `NotFound`.

    A file that only a draft has is not there for anybody who asks by its hash.
    """
    for attached in record.attachments.values():
        for attachment in attached:
            if attachment.hash == digest:
                return attachment, store.file(digest)
    raise NotFound("There is no such file in this manual. Go back to the section and follow its link again.")


def learning_for(record: Record, revision: Revision, standing: set[str]) -> tuple[Learning, ...]:
    """List the learning answered by this text or one before it, with the paragraphs of it that still stand."""
    return tuple(
        Learning(
            review.key,
            review.title,
            point,
            tuple(pid for pid in change.pids if pid in standing),
            change.revision,
            change.illustrative,
        )
        for review in record.reviews.values()
        for point in review.learning
        for change in point.changes
        if change.section == revision.section
        and change.revision <= revision.revision
        and record.revision(change.section, change.revision).cancelled_at is None
    )


def _view(store: Store, record: Record, revision: Revision, at: Moment) -> SectionView:
    revisions = record.section(revision.section)
    laid_out = periods(revisions, at.known_at)
    coming = waiting(revisions, at.today, at.now)
    found = store.paragraphs(revision)
    successor = revision.successor
    return SectionView(
        key=revision.section,
        kind=record.kinds[revision.section],
        revision=revision,
        period=next((p for p in laid_out if p.revision.id == revision.id), None),
        status=status_of(revision, revisions, at.today, at.now),
        paragraphs=found,
        on=at.on,
        seen=at.seen,
        is_today=in_force(revisions, at.today, at.now) is revision and at.seen is None,
        revisions=len(revisions),
        coming=coming[0] if coming else None,
        successor=name_today(record, successor, at) if successor and successor in record.revisions else None,
        # When a past showing is asked for, learning is left out: its links were recorded later.
        learning=learning_for(record, revision, {p.pid for p in found}) if at.seen is None else (),
        referred_from=_referrers(record, revision.section, at),
        notices=tuple(n for n in record.notices if n.shown_on(at.on, revision.section)),
        attachments=record.attachments.get(revision.id, ()),
        redacted=record.redactions.get(revision.body_hash),
        unreviewed=(revision.section, revision.revision) in record.unreviewed,
    )


def _referrers(record: Record, key: str, at: Moment) -> tuple[SectionName, ...]:
    found = [
        revision
        for other, revision in record.in_force(at.on, at.known_at).items()
        if other != key
        and any(_leads_to(record, reference, key) for reference in record.references.get(revision.id, ()))
    ]
    return tuple(name_of(r) for r in sorted(found, key=lambda r: (number_order(r.number), r.title)))


def _leads_to(record: Record, reference: tuple[str, str], key: str) -> bool:
    kind, target = reference
    return (record.pids.get(target) if kind == "paragraph" else record.redirects.get(target, target)) == key


_Days = tuple[date | None, date | None]


def _carriers(store: Store, record: Record, number: str, at: Moment) -> Iterator[tuple[_Days, NumberView]]:
    for key, revisions in record.revisions.items():
        for period in periods(revisions, at.known_at):
            if period.revision.kind is RevisionKind.WITHDRAWAL:
                continue
            paragraph = _numbered(store, period, number)
            if period.revision.number == number or paragraph:
                days = (period.start, period.until)
                yield days, _number_view(number, period.start, name_today(record, key, at), paragraph, "")
    for alias in record.aliases:
        if alias.number == number:
            on = alias.used_from or at.today
            view = NumberView(number, on, name_today(record, alias.section, at), alias.pid, alias.note)
            yield (alias.used_from, alias.used_until), view


def _numbered(store: Store, period: Period, number: str) -> Paragraph | None:
    if not period.revision.number or not number.startswith(period.revision.number + "."):
        return None
    return next((p for p in store.paragraphs(period.revision) if p.number == number), None)


def _number_view(number: str, on: date, section: SectionName, paragraph: Paragraph | None, note: str) -> NumberView:
    return NumberView(number, on, section, paragraph.pid if paragraph else None, note)


def _covers(days: _Days, on: date) -> bool:
    start, until = days
    return (start is None or start <= on) and (until is None or on <= until)


def _chosen(record: Record, key: str, which: int | date, at: Moment) -> Revision:
    if isinstance(which, int):
        return record.revision(key, which)
    revision = in_force(record.section(key), which, at.now)
    if revision is None:
        raise NotFound(f"'{key}' was not in force on {in_words(which)}. Its history lists the days it was.")
    return revision
