"""What reading a foreign file yields: sections, reviews, attachments, and what found no place.

The readers make these, the sandbox carries them between processes, and `kb` turns them into drafts, revisions and
review proposals. The law they keep: every run of text in a file's main content is in a paragraph, in the metadata, or
unplaced.
"""

from dataclasses import dataclass

from procedures.model import Review


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: its name as the user knows it (a path, or a path inside a zip) and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Amendment:
    """An entry of a page's amendments box, in the source's own words; `day` is as written, None where none is given."""

    day: str | None
    text: str


@dataclass(frozen=True, slots=True)
class ReadSection:
    """A page or a Word file read as one section.

    `number` is printed in its heading, None where there is none. `body` is clean body markup (see `procedures.markup`);
    its links are as the source had them until `kb` resolves them. `printed_numbers` has the number the source printed
    beside each paragraph, None where it printed none. `reviewed_on` and `review_due` are ISO dates or months as far as
    the source's review lines could be read; `review_lines` are those lines themselves, `remarks` other text kept about
    the page (tracked changes, comments, contents lists). `addresses` are the names other
    pages may link to it by: its address, its file name, its page code. `wants` are the files (images, downloads) it
    refers to, as written.
    """

    file: str
    number: str | None
    title: str
    body: str
    printed_numbers: tuple[str | None, ...]
    reviewed_on: str | None = None
    review_due: str | None = None
    review_lines: tuple[str, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    remarks: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a reader proposes a fact of a review: the `field`, what it `value`s, and the sentence it came from."""

    field: str
    value: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ReadReview:
    """A review as its reader proposes it, each fact with its sentence; a person confirms it."""

    file: str
    review: Review
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class ReadAttachment:
    """A file to be kept as it is: an image, a form, a flowchart."""

    file: str
    filename: str
    media_type: str
    content: bytes
    text_equivalent: str


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Text of a file that found no place in a section or its metadata."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not read, and why, in one plain sentence."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that came of reading one file or many."""

    sections: tuple[ReadSection, ...] = ()
    reviews: tuple[ReadReview, ...] = ()
    attachments: tuple[ReadAttachment, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    refused: tuple[Refusal, ...] = ()

    def __add__(self, other: "Reading") -> "Reading":
        """Join two readings."""
        return Reading(
            self.sections + other.sections,
            self.reviews + other.reviews,
            self.attachments + other.attachments,
            self.unplaced + other.unplaced,
            self.refused + other.refused,
        )
