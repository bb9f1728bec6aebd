"""What the service answers with: plain records, ready to be shown as a page, as JSON or in a terminal.

`kb.service` makes them; `web` and `kb.cli` show them. They hold no HTML beyond the clean HTML of paragraphs and know
no address: `web` decides what a link to a section looks like.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from index.engine import Hit
from index.facets import Choice, Facet, Filters
from procedures.align import ParagraphChange
from procedures.model import (
    Attachment,
    LearningPoint,
    Notice,
    Paragraph,
    Period,
    Review,
    Revision,
    Status,
    Term,
)


@dataclass(frozen=True, slots=True)
class SectionName:
    """Enough to link to a section: its key and what it is called on the day asked about."""

    key: str
    number: str | None
    title: str


@dataclass(frozen=True, slots=True)
class ContactNow:
    """A contact and whether it answers at this moment; `instead` is its out-of-hours contact while it is closed.

    `changes_at` is when it next opens or closes, None if never.
    """

    key: str
    title: str
    area: str | None
    role: str
    telephone: str
    example: bool
    opening_hours: str
    is_open: bool
    changes_at: datetime | None
    instead: "ContactNow | None"


@dataclass(frozen=True, slots=True)
class Learning:
    """A learning point with the review it comes from, as shown beside the paragraphs it changed.

    `pids` are those of its paragraphs that stand in the text being shown; empty for the section as a whole.
    """

    review_key: str
    review_title: str
    point: LearningPoint
    pids: tuple[str, ...]
    revision: int
    illustrative: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section's text on a day, as known at an instant, with all that a reader needs around it.

    `on` is the day asked about and `seen` the day whose knowledge was used (None: today's). `status` says where the
    shown revision stands today. `period` is None where the revision never applied on any day as now known.
    `paragraphs` is empty for a withdrawal and for redacted text (`redacted` then gives the reason). `unreviewed` is set
    where an import published the text and no approver has looked.
    """

    key: str
    kind: str
    revision: Revision
    period: Period | None
    status: Status
    paragraphs: tuple[Paragraph, ...]
    on: date
    seen: date | None
    is_today: bool
    revisions: int
    coming: Revision | None
    successor: SectionName | None
    learning: tuple[Learning, ...]
    referred_from: tuple[SectionName, ...]
    notices: tuple[Notice, ...]
    attachments: tuple[Attachment, ...]
    redacted: str | None
    unreviewed: bool

    @property
    def number(self) -> str | None:
        """The printed number of the shown revision."""
        return self.revision.number

    @property
    def title(self) -> str:
        """The title of the shown revision."""
        return self.revision.title


@dataclass(frozen=True, slots=True)
class ParagraphView:
    """Where a paragraph stands today, or the last revision it stood in (`current` False).

    `status` is where that revision stands today: a paragraph can also be coming, or have been cancelled.
    """

    section: SectionName
    paragraph: Paragraph
    current: bool
    revision: int
    last_in_force: date | None
    status: Status


@dataclass(frozen=True, slots=True)
class NumberView:
    """What carried a number on a day: a section, and its paragraph where the number names one."""

    number: str
    on: date
    section: SectionName
    pid: str | None
    note: str


@dataclass(frozen=True, slots=True)
class PartView:
    """A part of the manual and its sections in force, in the order of their numbers."""

    number: int
    title: str
    sections: tuple[SectionName, ...]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One revision in a section's history and where it stands today.

    `unreviewed` is set where an import published it and no approver has looked.
    """

    revision: Revision
    status: Status
    period: Period | None
    unreviewed: bool


@dataclass(frozen=True, slots=True)
class HistoryView:
    """Every revision of a section, newest first; `section` is its present, or else last, name."""

    section: SectionName
    entries: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """Two revisions of a section, paragraph by paragraph, in the order of the later text."""

    section: SectionName
    older: Revision
    newer: Revision
    paragraphs: tuple[ParagraphChange, ...]


@dataclass(frozen=True, slots=True)
class ChangedParagraphs:
    """The paragraphs of one revision that answer a learning point, where they stand today, if they do.

    `pids` are all that are linked, none for the revision as a whole; `paragraphs` are those whose text is still there.
    """

    section: SectionName
    revision: int
    in_force_from: date
    status: Status
    pids: tuple[str, ...]
    paragraphs: tuple[Paragraph, ...]
    standing: tuple[str, ...]
    illustrative: bool


@dataclass(frozen=True, slots=True)
class TracedLearning:
    """A learning point and every paragraph it changed."""

    point: LearningPoint
    changes: tuple[ChangedParagraphs, ...]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review and its trace."""

    review: Review
    learning: tuple[TracedLearning, ...]


@dataclass(frozen=True, slots=True)
class ReviewName:
    """Enough to link to a review that a text answers; `illustrative` where every link to it is."""

    key: str
    title: str
    illustrative: bool


@dataclass(frozen=True, slots=True)
class Update:
    """One publication, as the updates list shows it, with the reviews whose learning it answers."""

    section: SectionName
    revision: Revision
    status: Status
    answers: tuple[ReviewName, ...] = ()


@dataclass(frozen=True, slots=True)
class ThemedReview:
    """A review that carries a theme, with those of its learning points that do."""

    review: Review
    points: tuple[LearningPoint, ...]


@dataclass(frozen=True, slots=True)
class ThemeView:
    """A theme with the sections in force and the reviews that carry it."""

    key: str
    title: str
    sections: tuple[SectionName, ...]
    reviews: tuple[ThemedReview, ...]


@dataclass(frozen=True, slots=True)
class Destination:
    """A place the query names outright; `why` is the sentence that says so. `pid` is set for a paragraph."""

    kind: str
    key: str
    number: str | None
    title: str
    why: str
    pid: str | None = None


class Result(NamedTuple):
    """A section, review, contact or term that answers, with its best passages.

    `since` is the day a section's text applies from, None for what is not a section.
    """

    kind: str
    key: str
    number: str | None
    title: str
    hits: tuple[Hit, ...]
    since: date | None


@dataclass(frozen=True, slots=True)
class Expanded:
    """A word of the query that was also looked for under other words; `term` can be asked for `without`."""

    term: str
    sense: str


class Order(StrEnum):
    """What comes first among results. The value is its name in an address."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    NUMBER = "number"


class FacetChoice(NamedTuple):
    """A choice to narrow a search by, and how many results it would leave, given those of the other facets."""

    value: str
    results: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetView:
    """A respect in which results differ, with its choices."""

    facet: Facet
    choices: tuple[FacetChoice, ...]


@dataclass(frozen=True, slots=True)
class ActNow:
    """What a section tells a reader to do at once: the opening of each such paragraph, with its pid and number."""

    section: SectionName
    lines: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class SearchView:
    """The answer to a search: destinations first, then results; `total` counts results on every page.

    `notice` tells the reader what had to be done differently (an index being rebuilt, say), None normally. `filters`
    are the choices that were followed, `ignored` those this manual does not have. Where nothing was found,
    `without_filters` counts what there is without them (None where none were chosen), and `known_words` has the words
    of the query that the text has. `act_now` stands above all else, where the query speaks of something urgent.
    """

    query: str
    on: date
    seen: date | None
    is_today: bool
    total: int
    destinations: tuple[Destination, ...]
    results: tuple[Result, ...]
    did_you_mean: str | None
    expanded: tuple[Expanded, ...]
    offset: int
    limit: int
    notice: str | None
    filters: Filters = frozenset()
    ignored: tuple[Choice, ...] = ()
    order: Order = Order.RELEVANCE
    facets: tuple[FacetView, ...] = ()
    without_filters: int | None = None
    known_words: tuple[str, ...] = ()
    act_now: tuple[ActNow, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the service, for whoever watches it."""

    ok: bool
    head: int
    head_hash: str
    index_position: int
    sections_in_force: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    """A term as the glossary shows it, with the sections its senses are about."""

    term: Term
    sections: tuple[SectionName, ...]
