"""The words of the manual as plain records, and the one function that says which text is in force.

Every other module speaks in these records. Nothing here reads a clock, a file or a database: days and instants come in
as arguments. A *day* is a `date` as the editors mean it (London); an *instant* is an aware UTC `datetime`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from procedures.errors import Invalid

PARTS = {
    1: "Working with children and families",
    2: "Information sharing",
    3: "Recognition and referral",
    4: "Response to referrals",
    5: "Conferences",
    6: "The child protection plan",
    7: "Complaints and professional disagreements",
    8: "Children in specific circumstances",
    9: "Organisational guidance",
    10: "Practice reviews",
    11: "Child death",
    12: "The safeguarding partnership",
    13: "Appendices",
}

URGENT_HEADING = "Do this now"
"""The heading of what a reader must do at once; a section with urgency opens with it."""

POINTER_HEADINGS = frozenset({"Related sections", "Key documents"})
"""Headings over paragraphs that only lead elsewhere."""

AREAS = ("East Sussex", "West Sussex", "Brighton & Hove")

_PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


class SectionKind(StrEnum):
    """What a section is: a page of guidance, or a contact (versioned by the same mechanism)."""

    PROCEDURE = "procedure"
    CONTACT = "contact"


class RevisionKind(StrEnum):
    """Why a revision exists. A correction takes the in-force day of what it corrects; a withdrawal has no text."""

    TEXT = "text"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


class Importance(StrEnum):
    """Whether readers are told of a change (major) or it only tidies (minor)."""

    MAJOR = "major"
    MINOR = "minor"


class Status(StrEnum):
    """Where a revision stands on a day, as known at an instant."""

    IN_FORCE = "in force"
    COMING = "coming into force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """The kinds of answer a partnership gives to a piece of learning."""

    PROCEDURE_REVISED = "procedure revised"
    GUIDANCE_IN_PLACE = "guidance in place"
    TRAINING = "training"
    SYSTEM_CHANGE = "system change"
    AUDIT = "audit"
    NONE = "none"


class LearningStatus(StrEnum):
    """How far the answer to a learning point has come."""

    OPEN = "open"
    COMPLETE = "complete"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """What a contact has besides its text.

    `opening_hours` is in OpenStreetMap notation, London time; `out_of_hours` is the key of the contact that answers
    when this one is closed.
    """

    telephone: str
    opening_hours: str
    role: str
    area: str | None = None
    out_of_hours: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """The header of one immutable revision; its text is kept apart, by `body_hash`.

    `revision` counts from 1 within a section; `number` is the printed section number ("8.38"), None for contacts.
    `published_at` is when readers could see it: the store's clock, or the source's where `as_recorded_by_source`.
    """

    id: int
    section: str
    revision: int
    kind: RevisionKind
    number: str | None
    title: str
    body_hash: str
    content_hash: str
    change_note: str
    importance: Importance
    author: str
    approver: str | None
    based_on: int | None
    in_force_from: date
    published_at: datetime
    as_recorded_by_source: bool = False
    reviewed_on: date | None = None
    review_due: date | None = None
    agencies: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    withdrawal_reason: str | None = None
    successor: str | None = None
    contact: ContactDetails | None = None
    cancelled_at: datetime | None = None

    @property
    def ref(self) -> str:
        """The permanent name of this revision, as a person types it: `brue@3`."""
        return f"{self.section}@{self.revision}"

    @property
    def part(self) -> int | None:
        """The part of the manual (1 to 13) the printed number belongs to."""
        return int(self.number.split(".")[0]) if self.number else None


@dataclass(frozen=True, slots=True)
class Period:
    """A run of days, both ends included, on which one revision is in force; `until` None means no end is known."""

    revision: Revision
    start: date
    until: date | None


def in_force(revisions: Iterable[Revision], on: date, known_at: datetime) -> Revision | None:
    """Say which of one section's revisions applies on a day, as known at an instant.

    Candidates are those published by `known_at`, in force from `on` or before, and not cancelled as known then; the
    greatest `(in_force_from, revision)` wins, so a correction, carrying the day of what it corrects, wins by its
    number. A winning withdrawal means that no text is in force. This is the only implementation of the rule.
    """
    candidates = (
        revision
        for revision in revisions
        if revision.published_at <= known_at
        and revision.in_force_from <= on
        and (revision.cancelled_at is None or revision.cancelled_at > known_at)
    )
    return max(candidates, key=lambda r: (r.in_force_from, r.revision), default=None)


def periods(revisions: Sequence[Revision], known_at: datetime) -> list[Period]:
    """Lay out, as known at an instant, which revision is in force from which day to which, oldest first."""
    found: list[Period] = []
    for day in sorted({r.in_force_from for r in revisions}):
        winner = in_force(revisions, day, known_at)
        if winner is None or (found and found[-1].revision is winner):
            continue
        if found:
            found[-1] = Period(found[-1].revision, found[-1].start, date.fromordinal(day.toordinal() - 1))
        found.append(Period(winner, day, None))
    return found


def status_of(revision: Revision, revisions: Sequence[Revision], on: date, known_at: datetime) -> Status:
    """Say where a revision of a section stands on a day, as known at an instant."""
    if revision.cancelled_at is not None and revision.cancelled_at <= known_at:
        return Status.CANCELLED
    period = next((p for p in periods(revisions, known_at) if p.revision.id == revision.id), None)
    if period is None or (period.until is not None and period.until < on):
        return Status.SUPERSEDED
    if period.start > on:
        return Status.COMING
    return Status.WITHDRAWN if revision.kind is RevisionKind.WITHDRAWAL else Status.IN_FORCE


def waiting(revisions: Sequence[Revision], on: date, known_at: datetime) -> list[Revision]:
    """List the revisions published but not yet in force, soonest first."""
    return [p.revision for p in periods(revisions, known_at) if p.start > on]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One numbered paragraph of one revision: the unit of citation and of search.

    `number` is computed from its place ("8.38.6"); `heading` is the path of headings above it; `text` is plain text,
    footnotes included; `html` is clean; `area` is set where the paragraph is a local arrangement.
    """

    pid: str
    ordinal: int
    number: str
    heading: tuple[str, ...]
    text: str
    html: str
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The paragraphs of one revision that answer a learning point; no paragraphs means the revision as a whole.

    `illustrative` marks a link from a real review to sample text and is shown wherever the link is.
    """

    section: str
    revision: int
    pids: tuple[str, ...]
    illustrative: bool


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """Something a review learnt or recommended, and what was done about it."""

    text: str
    themes: tuple[str, ...]
    action: Action
    status: LearningStatus
    evidence: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """A published case review. Dates are partial ISO dates: a year, a month or a day."""

    key: str
    partnership: str
    name: str
    area: str | None
    kind: str
    incident: str | None
    concluded: str | None
    published: str | None
    dates_note: str
    summary: str
    themes: tuple[str, ...]
    good_practice: tuple[str, ...]
    source: str
    learning: tuple[LearningPoint, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a date that is not a year, a month or a day."""
        for value in (self.incident, self.concluded, self.published):
            if value is not None and not _PARTIAL_DATE.fullmatch(value):
                raise Invalid(f"'{value}' is not a year, a month (2017-11) or a day (2017-11-30).")

    @property
    def year(self) -> str | None:
        """The year that tells reviews of one name apart: of the incident, else concluded, else published."""
        dated = self.incident or self.concluded or self.published
        return dated[:4] if dated else None

    @property
    def title(self) -> str:
        """How the review is named to a reader: partnership area, name and year."""
        year = f" ({self.year})" if self.year else ""
        return f"{self.name}, {self.area or self.partnership}{year}"


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a term; `section` is the key of the section about it, `expands_to` what a search also tries."""

    meaning: str
    expands_to: tuple[str, ...] = ()
    section: str | None = None


EVERYDAY = "everyday words"
"""The kind of a term that is how people speak of something: for the search, and no word of the field."""


@dataclass(frozen=True, slots=True)
class Term:
    """A glossary entry, acronym, synonym, everyday phrase or retired name: one record for all of them.

    Who types an `urgent` one is shown at once what its sections say to do now.
    """

    key: str
    term: str
    kind: str
    senses: tuple[Sense, ...]
    also: tuple[str, ...]
    definition: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A dated message above one section, or above all where `section` is None; `until` is the last day it is shown."""

    text: str
    start: date
    until: date | None
    section: str | None = None

    def shown_on(self, day: date, section: str | None) -> bool:
        """Say whether a reader of `section` sees it on `day`."""
        return self.start <= day and (self.until is None or day <= self.until) and self.section in (None, section)


@dataclass(frozen=True, slots=True)
class NumberAlias:
    """A number a section or paragraph carried before the recorded history, or in a source that printed another."""

    number: str
    section: str
    pid: str | None
    used_from: date | None
    used_until: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file kept by the hash of its bytes, with the text equivalent a reader who cannot see it needs."""

    hash: str
    filename: str
    media_type: str
    size: int
    text_equivalent: str


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log; `hash` covers everything before it, `hash_before` included."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    payload: dict[str, Any]
    hash_before: str
    hash: str
