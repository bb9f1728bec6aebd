"""The fields of the service's answers as JSON, for the command line and the API: what scripts elsewhere rely on.

`shapes` fills them, mypy holds it to them, and the API's description is made from them, so the three cannot drift
apart. Days are ISO dates, instants ISO timestamps; `docs/commands.md` says the same in words. Changing a field breaks
somebody's script.
"""

from typing import Literal

from typing_extensions import TypedDict


class Place(TypedDict):
    """A section by the name it has on the day asked about."""

    key: str
    number: str | None
    title: str
    url: str


class Destination(TypedDict):
    """A place a query names outright, and why."""

    kind: str
    key: str
    number: str | None
    title: str
    url: str
    why: str


class Passage(TypedDict):
    """A paragraph that answers a query; a review, contact or term has no paragraph ids."""

    pid: str | None
    number: str | None
    text: str


class Result(TypedDict):
    """A section, review, contact or term with its best passages."""

    kind: str
    key: str
    number: str | None
    title: str
    url: str
    passages: list[Passage]


class Expanded(TypedDict):
    """A word of the query that was also looked for under other words."""

    term: str
    sense: str


class Search(TypedDict):
    """The answer to a search."""

    query: str
    on: str
    seen: str | None
    total: int
    destinations: list[Destination]
    results: list[Result]
    did_you_mean: str | None
    expanded: list[Expanded]


class FacetChoice(TypedDict):
    """A value to narrow a search by; `count` is how many results it would leave, given the other facets."""

    value: str
    count: int
    chosen: bool


class Facet(TypedDict):
    """What a search can be narrowed by."""

    facet: str
    choices: list[FacetChoice]


class NotUsed(TypedDict):
    """A choice that means nothing in this manual, and so did not narrow the search."""

    facet: str
    value: str


class UrgentLine(TypedDict):
    """The opening of a paragraph that says what to do at once."""

    pid: str
    number: str
    text: str


class ActNow(TypedDict):
    """What a section tells a reader to do at once, where a search speaks of something urgent."""

    key: str
    title: str
    lines: list[UrgentLine]


class NarrowedSearch(Search):
    """The answer to a search, and what it can be narrowed by."""

    act_now: list[ActNow]
    order: str
    facets: list[Facet]
    not_used: list[NotUsed]


class Paragraph(TypedDict):
    """A numbered paragraph; `heading` joins the headings above it with " > "."""

    pid: str
    number: str
    heading: str
    text: str


class Learning(TypedDict):
    """A learning point shown beside a section's paragraphs."""

    review: str
    title: str
    text: str
    action: str
    status: str
    illustrative: bool
    revision: int
    paragraphs: list[str]


class ChangedParagraphs(TypedDict):
    """The paragraphs of one revision that answer a learning point."""

    section: str
    revision: int
    in_force_from: str
    paragraphs: list[str]


class Traced(TypedDict):
    """A learning point and every paragraph it changed."""

    text: str
    themes: list[str]
    action: str
    status: str
    illustrative: bool
    changes: list[ChangedParagraphs]


class TracedFromReview(Traced):
    """The same, with the review it comes from."""

    review: str


class Section(TypedDict):
    """A section's text on a day."""

    key: str
    kind: str
    number: str | None
    title: str
    status: str
    revision: int | None
    in_force_from: str | None
    in_force_to: str | None
    published_at: str | None
    reviewed_on: str | None
    review_due: str | None
    successor: str | None
    paragraphs: list[Paragraph]
    learning: list[Learning] | list[Traced]


class RevisionHeader(TypedDict):
    """One revision in a section's history."""

    revision: int
    number: str | None
    title: str
    kind: str
    in_force_from: str
    published_at: str
    as_recorded_by_source: bool
    note: str
    status: str


class History(TypedDict):
    """Every revision of a section, newest first."""

    key: str
    revisions: list[RevisionHeader]


class Side(TypedDict):
    """A paragraph in one of two texts compared."""

    number: str
    text: str


ParagraphChange = TypedDict(
    "ParagraphChange",
    {
        "pid": str,
        "change": Literal["same", "added", "removed", "moved", "reworded", "renumbered"],
        "from": Side | None,
        "to": Side | None,
    },
)
"""What became of a paragraph between two revisions."""

Comparison = TypedDict("Comparison", {"key": str, "from": int, "to": int, "paragraphs": list[ParagraphChange]})
"""Two revisions of a section, paragraph by paragraph."""


class ReviewTrace(TypedDict):
    """What became of a review's learning."""

    review: str
    learning: list[Traced]


class SectionTrace(TypedDict):
    """The learning that changed a section."""

    section: str
    learning: list[TracedFromReview]


# What only the API answers with


class Part(TypedDict):
    """A part of the manual and its sections in force."""

    number: int
    title: str
    sections: list[Place]


class ParagraphNow(TypedDict):
    """Where a paragraph stands now, or stood last (`current` false)."""

    paragraph: Paragraph
    section: Place
    revision: int
    current: bool
    last_in_force: str | None
    status: str


class Number(TypedDict):
    """What carries, or carried on a day, a printed number."""

    number: str
    on: str
    section: Place
    pid: str | None
    note: str


class ReviewSummary(TypedDict):
    """A review in a list. Dates are a year, a month or a day."""

    key: str
    title: str
    name: str
    partnership: str
    area: str | None
    kind: str
    incident: str | None
    concluded: str | None
    published: str | None
    themes: list[str]
    url: str


class Review(ReviewSummary):
    """A review, its learning and every paragraph that answers it."""

    dates_note: str
    summary: str
    good_practice: list[str]
    source: str
    learning: list[Traced]


class Theme(TypedDict):
    """A theme with the sections in force and the reviews that carry it."""

    key: str
    title: str
    url: str
    sections: list[Place]
    reviews: list[ReviewSummary]


class Answered(TypedDict):
    """A review whose learning a text answers."""

    key: str
    title: str
    illustrative: bool


class Update(TypedDict):
    """One publication."""

    section: Place
    revision: int
    title: str
    importance: str
    status: str
    in_force_from: str
    published_at: str
    note: str
    answers: list[Answered]


class Sense(TypedDict):
    """One meaning of a term, and the key of the section about it."""

    meaning: str
    section: str | None


class Term(TypedDict):
    """An entry of the glossary."""

    key: str
    term: str
    kind: str
    also: list[str]
    definition: str
    senses: list[Sense]
    sections: list[Place]


class Contact(TypedDict):
    """A contact at this moment; `instead` is the key of the one that answers while it is closed."""

    key: str
    title: str
    area: str | None
    role: str
    telephone: str
    example: bool
    opening_hours: str
    is_open: bool
    changes_at: str | None
    instead: str | None
    url: str
