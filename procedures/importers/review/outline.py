"""The sentences of a review document, each knowing what the part of the document it stands in is about.

`review` asks for the outline of a file's passages and reads facts and learning off it. What headings, labels
("Recommendation 2:"), columns of tables and sentences that open a list say about what follows is settled here; what
the sentences themselves say is not looked at.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from procedures.importers.review import cues
from procedures.importers.review.cues import Section
from procedures.importers.review.passage import PARAGRAPH_NUMBER, Cell, Form, Passage, sentences

_NUMBERED_LABEL = re.compile(
    r"(?P<key>(?:key )?(?:recommendation|finding|learning point|learning|lesson|action|theme|key message))\s*"
    r"(?:no\.?\s*)?(?P<number>\d{1,2}[a-z]?)\s*(?:[:.)–—-]\s*|$)",
    re.I,
)
_KEY_LABEL = re.compile(r"(?P<key>[A-Za-z][\w ,'’()-]{1,50}):\s+(?=\S)")
_ITEM_NUMBER = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+" + f"|{PARAGRAPH_NUMBER.pattern}")
_NAMES_A_DOCUMENT = cues.cue(
    "review*; briefing*; report; partnership; board; child; baby; executive summary; response to"
)
_LONGEST_TITLE = 8
_LONGEST_KEY = 6
_LONGEST_COLUMN_HEAD = 8
_WORDS = 20
_FEW_WORDS = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """What the place of a sentence tells of it.

    `heading` is the number of the line that announces it, `label` the name of the point it belongs to ("Recommendation
    2"). `explicit` says that a label or a column, not only a heading somewhere above, tells what it is; `answers_last`
    that it answers the point just before.
    """

    section: Section = Section.OTHER
    heading: int | None = None
    label: str = ""
    explicit: bool = False
    answers_last: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence in its place; `number` counts the lines of the document, `run` what belongs together in it.

    `said` is the text without the label or number it opens with.
    """

    number: int
    run: int
    text: str
    said: str
    form: Form
    at: Standing
    cell: Cell | None = None
    is_title: bool = False

    @property
    def section(self) -> Section:
        """What the part of the document it stands in is about."""
        return self.at.section


def outline(passages: Iterable[Passage]) -> tuple[Line, ...]:
    """Lay out the sentences of a document, furniture and headings included."""
    return tuple(_Outline(list(passages)).lines())


def section_of(text: str) -> Section:
    """Say what a heading, a label or a column's head announces."""
    return next((section for section, pattern in cues.SECTIONS.items() if pattern.search(text)), Section.OTHER)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line before it is numbered; `opens` where it begins something of its own."""

    text: str
    said: str
    form: Form
    at: Standing
    opens: bool = True


class _Outline:
    def __init__(self, passages: list[Passage]) -> None:
        self._passages = passages
        self._titles = _title_passages(passages)
        self._columns = _columns(passages)
        self._next = 0
        """The number of the first line of the passage at hand."""
        self._level = 0
        self._above = Standing()
        """What the headings so far say of what comes below them."""
        self._list: Standing | None = None
        """What the sentence that opened a list says of its items."""

    def lines(self) -> Iterator[Line]:
        run = number = 0
        for place, passage in enumerate(self._passages):
            self._next = number
            for piece in self._pieces(place, passage):
                run += piece.opens
                is_title = place in self._titles
                yield Line(number, run, piece.text, piece.said, piece.form, piece.at, passage.cell, is_title)
                number += 1

    def _pieces(self, place: int, passage: Passage) -> Iterator[_Piece]:
        if place in self._titles or passage.form is Form.FURNITURE:
            yield from (_Piece(text, text, passage.form, Standing()) for text in sentences(passage.text))
        elif passage.cell in self._columns.heads:
            yield _Piece(passage.text, passage.text, Form.HEADING, Standing(self._columns.section(passage.cell)))
        elif self._is_heading(passage):
            self._go_below(passage)
            yield _Piece(passage.text, passage.text, Form.HEADING, Standing(self._above.section))
        else:
            yield from self._sentences(passage)

    def _sentences(self, passage: Passage) -> Iterator[_Piece]:
        """Yield the sentences of a passage; a label within it ('Response: ...') opens something new."""
        form = Form.ITEM if passage.form is Form.ITEM else Form.PROSE
        number = _ITEM_NUMBER.match(passage.text)
        at, start, opens = self._by_place(passage), number.end() if number else 0, True
        for text in sentences(passage.text):
            label = _NUMBERED_LABEL.match(text) or _key_label(text)
            if label:
                at, start, opens = self._labelled(label), label.end(), True
            yield _Piece(text, text[start:] or text, form, at, opens)
            start, opens = 0, False

    def _is_heading(self, passage: Passage) -> bool:
        """Tell headings from what only looks like one: a short cell, a recommendation with no full stop."""
        label = _NUMBERED_LABEL.match(passage.text)
        says_more = label and not passage.level and len(passage.text[label.end() :].split()) >= _FEW_WORDS
        in_column = self._columns.section(passage.cell) is not Section.OTHER
        return passage.form is Form.HEADING and not says_more and not in_column

    def _go_below(self, heading: Passage) -> None:
        """Take what a heading says of all that comes until the next."""
        section = section_of(heading.text)
        label = _NUMBERED_LABEL.match(heading.text)
        if section is Section.OTHER and self._divides(heading):
            section = self._above.section
        else:
            self._level = heading.level
        kept = self._above.label if section is Section.ANSWERS else ""
        name = _name(label) if label else kept
        self._above = Standing(section, self._next, name, bool(name), bool(name) and section is Section.ANSWERS)
        self._list = None

    def _divides(self, heading: Passage) -> bool:
        """Say whether a heading that announces nothing itself divides the section it stands in."""
        if heading.level and self._level:
            return heading.level > self._level
        return any(theme.search(heading.text) for theme in cues.THEMES.values())

    def _labelled(self, label: re.Match[str]) -> Standing:
        section = section_of(label["key"])
        heading = self._above.heading if section is self._above.section else None
        return Standing(section, heading, _name(label), True, section is Section.ANSWERS)

    def _by_place(self, passage: Passage) -> Standing:
        """Say what its column, the list it is in or the heading above tells of a passage."""
        column = self._columns.section(passage.cell)
        if column is not Section.OTHER:
            return Standing(column, self._above.heading, "", True, column is Section.ANSWERS)
        if passage.form is Form.ITEM:
            return self._list or self._above
        self._list = None
        if passage.text.endswith(":") and (section := section_of(passage.text)) is not Section.OTHER:
            self._list = Standing(section, self._next + len(sentences(passage.text)) - 1)
        return self._above


@dataclass(frozen=True, slots=True)
class _Columns:
    """What the columns of the document's tables hold, where their heads say so."""

    sections: dict[tuple[int, int], Section]
    heads: set[Cell | None]

    def section(self, cell: Cell | None) -> Section:
        return self.sections.get((cell.table, cell.column), Section.OTHER) if cell else Section.OTHER


def _columns(passages: list[Passage]) -> _Columns:
    sections: dict[tuple[int, int], Section] = {}
    heads: set[Cell | None] = set()
    tables: dict[int, list[Passage]] = {}
    for passage in passages:
        if passage.cell:
            tables.setdefault(passage.cell.table, []).append(passage)
    for number, table in tables.items():
        first = {p.cell: section_of(p.text) for p in table if p.cell and p.cell.row == 0 and _is_head(p)}
        if len(first) != len([p for p in table if p.cell and p.cell.row == 0]) or not _names_columns(first.values()):
            continue
        heads |= first.keys()
        sections |= {(number, cell.column): section for cell, section in _as_columns(first).items()}
    return _Columns(sections, heads)


def _is_head(passage: Passage) -> bool:
    return len(passage.text.split()) <= _LONGEST_COLUMN_HEAD and not passage.text.endswith(".")


def _names_columns(sections: Iterable[Section]) -> bool:
    told = {Section.GOOD_PRACTICE, Section.STATUS, Section.ANSWERS, Section.LEARNING}
    found = list(sections)
    return len(found) > 1 and any(section in told for section in found)


def _as_columns(heads: dict[Cell, Section]) -> Mapping[Cell, Section]:
    """Take the first column of actions for the points where no column has the learning; the rest is aside."""
    found = {cell: Section.ASIDE if section is Section.OTHER else section for cell, section in heads.items()}
    if Section.LEARNING not in found.values():
        actions = next((cell for cell, section in found.items() if section is Section.ANSWERS), None)
        found |= {actions: Section.LEARNING} if actions else {}
    return found


def _title_passages(passages: list[Passage]) -> set[int]:
    """Find the lines a document opens with before its first sentence or section."""
    found: set[int] = set()
    for place, passage in enumerate(passages[: _LONGEST_TITLE * 3]):
        if passage.form is Form.FURNITURE:
            continue
        opens = section_of(passage.text) is not Section.OTHER and not _NAMES_A_DOCUMENT.search(passage.text)
        is_text = passage.form is Form.ITEM or passage.text.endswith((".", ":")) or len(passage.text.split()) > _WORDS
        if is_text or (found and opens) or passage.cell or len(found) == _LONGEST_TITLE:
            break
        found.add(place)
    return found


def _key_label(text: str) -> re.Match[str] | None:
    """Find a label such as 'What we did:', where the label tells what it opens."""
    label = _KEY_LABEL.match(text)
    known = label and len(label["key"].split()) <= _LONGEST_KEY and section_of(label["key"]) is not Section.OTHER
    return label if known else None


def _name(label: re.Match[str]) -> str:
    number = label.groupdict().get("number")
    return f"{label['key']} {number}".lower() if number else ""
