"""The text of a section made ready for a page: chapters, rows, footnotes and excerpts.

Called by `reading` and `finding`. The clean HTML of the record becomes page HTML here and nowhere
else, so this is the one place that declares text safe to show; it writes no HTML of its own.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby

from markupsafe import Markup, escape

from kb import addresses
from kb.addresses import When
from kb.views import Learning
from procedures.markup import present
from procedures.model import URGENT_HEADING, Paragraph
from web.area import own_first
from web.explaining import Explaining

EXCERPT = 300
RUN_UP = 100
LONGEST_WORD = 40
_CARD = "\ue000"  # of Unicode's private use: no text of ours has it
_BREAK = re.compile(r"[.?!:]\s| • |\n")
_SPACE = re.compile(r"\s")
_MARK, _UNMARK = "\N{START OF TEXT}", "\N{END OF TEXT}"  # stand for the tags while the text is escaped


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph as the page shows it, with the learning that changed it."""

    paragraph: Paragraph
    html: Markup
    learning: tuple[Learning, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The rows under one lesser heading, or under none."""

    heading: str | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The blocks under one main heading; `slug` is its place on the page."""

    heading: str | None
    slug: str
    blocks: tuple[Block, ...]

    @property
    def urgent(self) -> bool:
        """Whether this is what a reader must do at once."""
        return self.heading == URGENT_HEADING


@dataclass(frozen=True, slots=True)
class Prose:
    """A whole text: its chapters, and the footnotes listed at its foot."""

    chapters: tuple[Chapter, ...]
    notes: tuple[Markup, ...]

    @property
    def urgent(self) -> Chapter | None:
        """What to do at once, where the text opens with it."""
        return self.chapters[0] if self.chapters and self.chapters[0].urgent else None

    @property
    def rest(self) -> tuple[Chapter, ...]:
        """Everything else, in its order."""
        return self.chapters[1:] if self.urgent else self.chapters


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a text needs from the page around it: the day its links lead to, cards for contacts, words explained."""

    when: When
    contact_card: Callable[[str], str]
    explaining: Explaining | None = None

    def present(self, html: str, first_note: int = 1, text: str = "") -> tuple[Markup, tuple[Markup, ...]]:
        """Make clean HTML into page HTML and the notes that belong to it; words of its `text` may be explained."""
        words = self.explaining.first_words(text) if self.explaining else ()
        shown, notes = _presented(html, self.when, first_note, words)
        if _CARD in shown:  # a contact's card changes by the hour: only its place is remembered
            pieces = shown.split(_CARD)
            shown = _safe("".join(self.contact_card(p) if place % 2 else p for place, p in enumerate(pieces)))
        return shown, notes


def lay_out(
    paragraphs: Sequence[Paragraph],
    learning: Sequence[Learning],
    around: Surroundings,
    *,
    own_area: str | None = None,
    first_note: int = 1,
) -> Prose:
    """Lay a text out: rows gathered under their headings, footnotes numbered through.

    Local arrangements that follow one another begin with those of the reader's own area.
    """
    rows: list[Row] = []
    notes: list[Markup] = []
    for paragraph in paragraphs:
        html, found = around.present(paragraph.html, len(notes) + first_note, paragraph.text)
        notes.extend(found)
        why = tuple(point for point in learning if paragraph.pid in point.pids)
        rows.append(Row(paragraph, html, why))
    return Prose(_chapters(_own_area_first(rows, own_area)), _notes(notes, around))


def excerpt(text: str, marks: Sequence[tuple[int, int]], length: int = EXCERPT) -> Markup:
    """Cut a long text around the words that matched, given in order, at the ends of words, and mark them."""
    for sign, shown_as in (("\n- ", " • "), (" | ", " · "), (_MARK, " "), (_UNMARK, " ")):
        text = text.replace(sign, shown_as)  # as long as what it replaces: the marks still fit
    start, end = _window(text, marks, length)
    pieces = ["… "] if start > 0 else []
    place = start
    for left, right in marks:
        if place <= left and right <= end:
            pieces += [text[place:left], _MARK, text[left:right], _UNMARK]
            place = right
    pieces += [text[place:end], " …" if end < len(text) else ""]
    escaped = str(escape("".join(pieces)))  # once: piece by piece it takes most of the time
    return _safe(escaped.replace(_MARK, "<mark>").replace(_UNMARK, "</mark>"))


@lru_cache(maxsize=8192)
def _presented(
    html: str, when: When, first_note: int, explained: tuple[tuple[str, str], ...]
) -> tuple[Markup, tuple[Markup, ...]]:
    """Present a paragraph once: its text never changes, and nothing of the page around it is in it."""
    shown = present(
        html,
        address=partial(_address, when),
        contact_card=lambda key: f"{_CARD}{key}{_CARD}",
        first_note=first_note,
        explained=dict(explained),
    )
    return _safe(shown.html), tuple(_safe(note) for note in shown.notes)


def _address(when: When, kind: str, key: str) -> str | None:
    """Lead to other sections on the same day, and to contacts as they are now."""
    match kind:
        case "section":
            return addresses.section(key, when)
        case "contact":
            return addresses.section(key)
        case "paragraph":
            return addresses.paragraph(key)
        case "attachment":
            return addresses.file(key)
        case _:
            return None


def _safe(html: str) -> Markup:
    """Declare safe what `procedures.markup.present` has just cleaned, or what has been escaped here."""
    return Markup(html)  # noqa: S704


def _notes(notes: Sequence[Markup], around: Surroundings) -> tuple[Markup, ...]:
    """Notes hold links too, so they are presented like any text; a note has no notes."""
    return tuple(around.present(note)[0] for note in notes)


def _chapters(rows: Sequence[Row]) -> tuple[Chapter, ...]:
    chapters: list[Chapter] = []
    for heading, group in groupby(rows, lambda row: row.paragraph.heading[:1]):
        chosen = heading[0] if heading else None
        blocks = groupby(group, lambda row: row.paragraph.heading[1:2])
        gathered = tuple(Block(sub[0] if sub else None, tuple(members)) for sub, members in blocks)
        chapters.append(Chapter(chosen, _slug(chosen, len(chapters) + 1), gathered))
    return tuple(chapters)


def _own_area_first(rows: Sequence[Row], own_area: str | None) -> list[Row]:
    runs = groupby(rows, lambda row: (row.paragraph.heading, row.paragraph.area is not None))
    return [row for (_, local), run in runs for row in (_sorted(run, own_area) if local else run)]


def _sorted(run: Iterable[Row], own_area: str | None) -> tuple[Row, ...]:
    return own_first(run, own_area, lambda row: row.paragraph.area)


def _slug(heading: str | None, place: int) -> str:
    """Name a heading's place; `place` keeps two headings of the same words apart."""
    spelt = re.sub(r"[^a-z0-9]+", "-", (heading or "text").lower()).strip("-")
    return f"h-{place}-{spelt}"


def _window(text: str, marks: Sequence[tuple[int, int]], length: int) -> tuple[int, int]:
    """Choose the stretch of text that shows most of the marks, from a little before the first."""
    if len(text) <= length:
        return 0, len(text)
    starts = [left for left, _ in marks] or [0]
    best = max(starts, key=lambda at: sum(at <= left < at + length * 0.8 for left in starts))
    start = _opening(text, max(0, min(best, len(text) - length)))
    end = min(len(text), start + length)
    return start, _word_end(text, end)


def _opening(text: str, place: int) -> int:
    """Step back to the start of the sentence or list item, or of a word where that is far off."""
    nearest = max(0, place - RUN_UP)
    breaks = [found.end() for found in _BREAK.finditer(text, nearest, place)]
    if nearest == 0 and not breaks:
        return 0
    if breaks:
        return breaks[-1]
    space = _SPACE.search(text, nearest, place)
    return space.end() if space else place


def _word_end(text: str, place: int) -> int:
    """Step back to the end of a word, unless a single word fills the line."""
    if place == len(text):
        return place
    cut = max(text.rfind(" ", 0, place), text.rfind("\n", 0, place))
    return cut if cut > place - LONGEST_WORD else place
