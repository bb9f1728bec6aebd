"""Blocks made into a section: what is metadata, what is a heading, which paragraphs carry which number and area.

`page` and `word` call `section_of` with the flow of a document. Every block goes to exactly one place: the title, the
metadata, a heading, a paragraph or the unplaced texts. No file is opened here and no HTML is parsed but for the one
clean at the end.
"""

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from procedures.importers.page import margins
from procedures.importers.page.flow import Block, Box, Flow, Kind
from procedures.importers.page.headline import Headline, read_headline
from procedures.importers.page.notes import MARK, Notes, find_notes
from procedures.importers.page.runs import NUMBER
from procedures.importers.reading import ReadSection, Unplaced
from procedures.markup import clean

_LEADING_NUMBER = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,3}){1,4})\.?(?:\s+|$)")
_DATE_LIKE = re.compile(r"\d\d?\.\d\d\.\d\d")
_GUIDANCE_BOX = re.compile(
    r"(?:related|local|national|further|useful)\s+(?:guidance|information|documents?|links|chapters?|policies)\s*:?",
    re.IGNORECASE,
)
_DOUBTFUL = re.compile(
    r'href="(?!(?:https?://[\w-]+(?:\.[\w-]+)+(?:[/?#][^"<>\s\\]*)?|mailto:[\w.+-]+@[\w.-]+|(?![^"/?#]*:)[^"<>\s\\]*)")'
    r"|&(?:#|quot;)|[^\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
"""What might not survive `clean` letter for letter: odd links and odd characters. All else is written clean, since
cleaning costs more than reading; the tests hold that `clean` leaves every body as it is."""
_DOUBLE_SPACE = re.compile("  +")
_STRONG = re.compile(r"</?strong>")
_AREA = r"(?P<area>brighton(?:\s*(?:and|&)\s*hove)?|east\s+sussex|west\s+sussex)"
_AREA_ALONE = re.compile(rf"(?:for |in )?{_AREA}\s*:?", re.IGNORECASE)
_AREA_OPENS = re.compile(rf"{_AREA}\b", re.IGNORECASE)
_AREA_LABEL = re.compile(rf"{_AREA}\s*[:–—-]\s*\S", re.IGNORECASE)
_BOLD_HEADING_LEVEL = 7
_LONGEST_BOLD_HEADING = 120
_FEWEST_TWO_PART = 3


@dataclass(slots=True)
class _Heading:
    html: str
    text: str
    level: int


@dataclass(slots=True)
class _Paragraph:
    number: str | None
    parts: list[str]
    area: str | None = None
    extent: Box | None = None
    joins: bool = False


@dataclass(slots=True)
class _Builder:
    """The section as far as it has been built."""

    number: str | None
    two_parts: bool
    pieces: list[_Heading | _Paragraph] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    current: _Paragraph | None = None
    pending: tuple[str, Block] | None = None
    area: str | None = None
    area_level: int = 0

    def add(self, block: Block) -> None:
        """Give a block its place among headings and paragraphs."""
        if block.kind is Kind.TEXT and NUMBER.fullmatch(block.text):
            self._number(block)
        elif block.kind is Kind.HEADING or self._is_heading(block):
            self._heading(block)
        elif block.kind is Kind.TEXT:
            self._text(block)
        else:
            self._list_or_table(block)

    def finish(self) -> None:
        """Say of a number still waiting for its words that it has none."""
        if self.pending:
            self.remarks.append(f"Paragraph {self.pending[0]} has no text.")
        self.pending = None

    def _number(self, block: Block) -> None:
        self.finish()
        self.pending = (block.text.rstrip("."), block)
        self.current = None

    def _heading(self, block: Block) -> None:
        if self.pending and not _same_row(self.pending[1], block):
            self.finish()
        level = block.level or _BOLD_HEADING_LEVEL
        area = _area(_AREA_ALONE.fullmatch(block.text))
        if area:
            self.area, self.area_level = area, level
        elif level <= self.area_level:
            self.area, self.area_level = None, 0
        self.pieces.append(_Heading(block.html, block.text, level))
        self.current = None

    def _text(self, block: Block) -> None:
        part = f"<p>{block.html}</p>"
        leading = self._leading_number(block)
        if self.pending and leading and not _is_beside(self.pending[1], block):
            self.finish()
        if self.pending:
            number, row = self.pending
            self.pending = None
            self._begin(_Paragraph(number, [part], extent=_extent(row, block)))
        elif leading:
            html = _without_number(block.html, leading)
            self._begin(_Paragraph(leading["number"], [f"<p>{html}</p>"], extent=_row_of(block)))
        elif self._continues(block):
            self._join(part)
        elif _AREA_ALONE.fullmatch(block.text):
            self._area_label(block, part)
        else:
            own_area = _area(_AREA_LABEL.match(block.text))
            self._begin(_Paragraph(None, [part], own_area or self.area, _term(block)), own_area)

    def _begin(self, paragraph: _Paragraph, own_area: str | None = None) -> None:
        """Begin a paragraph; the area named by a label ends where numbered text goes on."""
        if paragraph.number and self.area_level == _BOLD_HEADING_LEVEL:
            self.area, self.area_level = None, 0
        paragraph.area = own_area or self.area
        self.pieces.append(paragraph)
        self.current = paragraph

    def _join(self, part: str) -> None:
        if self.current is not None:
            self.current.parts.append(part)
            self.current.joins = False

    def _continues(self, block: Block) -> bool:
        current = self.current
        if current is None:
            return False
        if current.joins and not _AREA_ALONE.fullmatch(block.text):
            return True
        return current.extent is not None and (
            current.extent.holds(block.seq) or (current.extent.name == "dt" and block.box.name == "dd")
        )

    def _area_label(self, block: Block, part: str) -> None:
        self.area, self.area_level = _area(_AREA_ALONE.fullmatch(block.text)), _BOLD_HEADING_LEVEL
        paragraph = _Paragraph(None, [part], self.area, joins=True)
        self.pieces.append(paragraph)
        self.current = paragraph

    def _list_or_table(self, block: Block) -> None:
        areas = [_area(_AREA_OPENS.match(text)) for _, text in block.items]
        if block.kind is Kind.LIST and len(set(areas)) > 1 and None not in areas:
            self._area_list(block, areas)
        elif self.current is not None and not self.pending:
            self._join(block.html)
        else:
            number = self.pending[0] if self.pending else None
            self.pending = None
            self._begin(_Paragraph(number, [block.html]))

    def _area_list(self, block: Block, areas: list[str | None]) -> None:
        name = block.html[1:3]
        for (html, _), area in zip(block.items, areas, strict=True):
            number = self.pending[0] if self.pending else None
            self.pending = None
            self.pieces.append(_Paragraph(number, [f"<{name}><li>{html}</li></{name}>"], area))
        self.current = None

    def _is_heading(self, block: Block) -> bool:
        """Tell a bold line that serves as a heading, or the name of a box of guidance."""
        if block.kind is not Kind.TEXT or self.pending or self._continues(block):
            return False
        if len(block.text) > _LONGEST_BOLD_HEADING or _AREA_ALONE.fullmatch(block.text):
            return False
        if _GUIDANCE_BOX.fullmatch(block.text):
            return True
        return block.bold and not block.text.endswith((".", ";", ",", "!", "?")) and not self._leading_number(block)

    def _leading_number(self, block: Block) -> re.Match[str] | None:
        found = _LEADING_NUMBER.match(block.text)
        if not found:
            return None
        number = found["number"]
        expected = self.number is not None and number.startswith(f"{self.number}.")
        if number.count(".") == 1:
            return found if expected or (self.two_parts and self.number is None) else None
        return found if expected or not _DATE_LIKE.fullmatch(number) else None


def section_of(
    flow: Flow, file: str, title: str | None = None, *, headed_first: bool = False
) -> tuple[ReadSection, tuple[Unplaced, ...]]:
    """Make a section of a document.

    `title` serves where the document has no heading of its own; `headed_first` says that its first heading is surely
    its title, as in Word, and not the name of a site.
    """
    inside = [block for block in flow.blocks if flow.main is None or flow.main.holds(block.seq)]
    head, heading = _headline(flow, inside, title, headed_first=headed_first)
    entries, labels = margins.take_amendments(flow, inside)
    contents = margins.take_contents(inside)
    controls = margins.take_controls(inside)
    notes = find_notes(flow)
    lines, dates = margins.take_review_lines(inside)
    builder = _built(head, inside, notes)
    body = _body(builder.pieces, notes, carried=MARK.findall(heading))
    left_out = [*controls, *labels, *([head.rest] if head.rest else []), *notes.apart]
    remarks = [*contents, *builder.remarks, *_listed("Words of the page's controls and labels", left_out)]
    remarks += _listed("Hosts pasted after links", flow.hosts)
    section = ReadSection(
        file=file,
        number=head.number,
        title=MARK.sub("", head.title).strip() or PurePosixPath(file).stem,
        body=body,
        printed_numbers=_numbers_of(builder.pieces, body),
        reviewed_on=dates.reviewed_on,
        review_due=dates.review_due,
        review_lines=tuple(notes.plain(line) for line in lines),
        amendments=tuple(margins.with_text(entry, notes.plain) for entry in entries),
        remarks=tuple(notes.plain(remark) for remark in remarks),
    )
    return section, tuple(Unplaced(file, text) for text in _unplaced(flow, inside, notes))


def _built(head: Headline, blocks: list[Block], notes: Notes) -> _Builder:
    """Build headings and paragraphs of the blocks that nothing else has taken."""
    builder = _Builder(head.number, _counts_in_twos(blocks))
    for block in blocks:
        if block.taken or block.aside:
            continue
        if not MARK.sub("", block.text).strip():
            block.html = notes.plain_html(block.html)  # a marker that stands alone marks nothing
        builder.add(block)
    builder.finish()
    return builder


def _unplaced(flow: Flow, inside: list[Block], notes: Notes) -> list[str]:
    """List what found no place: text beside the main content, furniture inside it, notes without a marker."""
    outside = "\n".join(block.text for block in flow.blocks if not block.taken and _is_outside(flow, block))
    asides: dict[Box | None, list[str]] = {}
    for block in inside:
        if not block.taken and block.aside:
            asides.setdefault(block.box.furniture, []).append(block.text)
    texts = [outside, *("\n".join(words) for words in asides.values())]
    return [notes.plain(text) for text in texts if text] + notes.left_over()


def _headline(flow: Flow, inside: list[Block], title: str | None, *, headed_first: bool) -> tuple[Headline, str]:
    """Take the heading of the document: its first h1, rather one with a number; else its first heading."""
    heads = [block for block in flow.blocks if block.kind is Kind.HEADING and block.level == 1 and not block.aside]
    numbered = [block for block in heads if read_headline(block.text).number]
    own, own_numbered = ([b for b in some if not _is_outside(flow, b)] for some in (heads, numbered))
    chosen = next(iter([*([] if headed_first else own_numbered), *own, *heads]), None)
    if chosen is None and title is None:
        first = inside[0] if inside else None
        short = first is not None and len(first.text) <= _LONGEST_BOLD_HEADING
        chosen = first if first and (first.kind is Kind.HEADING or (first.bold and short)) else None
    if chosen is None:
        return read_headline(title or ""), ""
    chosen.taken = True
    head = read_headline(chosen.text)
    if not head.title:
        after = (b for b in inside if b.seq > chosen.seq and not b.taken and not b.aside)
        following = next((b for b in after if b.kind is Kind.HEADING), None)
        if following:
            following.taken = True
            return Headline(head.number, following.text, head.rest), following.text
        return Headline(head.number, read_headline(title or "").title, head.rest), ""
    return head, chosen.text


def _is_outside(flow: Flow, block: Block) -> bool:
    return flow.main is not None and not flow.main.holds(block.seq)


def _counts_in_twos(blocks: list[Block]) -> bool:
    """Say whether paragraphs count 1.1, 1.2, 1.3: one such opening may be an amount, several are numbers."""
    openings = (_LEADING_NUMBER.match(block.text) for block in blocks if block.kind is Kind.TEXT)
    return len({found["number"] for found in openings if found}) >= _FEWEST_TWO_PART


def _body(pieces: list[_Heading | _Paragraph], notes: Notes, carried: list[str]) -> str:
    """Write headings and paragraphs; a note marked in a heading goes to the end of the paragraph under it."""
    levels = sorted({piece.level for piece in pieces if isinstance(piece, _Heading)})
    written: list[str] = []
    opened = False
    for piece in pieces:
        if isinstance(piece, _Heading):
            carried = [*carried, *MARK.findall(piece.html)]
            opened = opened or piece.level < _BOLD_HEADING_LEVEL
            name = "h2" if piece.level == levels[0] or not opened else "h3"
            words = _STRONG.sub("", MARK.sub("", piece.html)).strip()
            written.append(f"<{name}>{words}</{name}>")
            continue
        area = f' data-area="{piece.area.replace("&", "&amp;")}"' if piece.area else ""
        if carried:
            piece.parts.append("<p>" + "".join(f"\ue000{place}\ue001" for place in carried) + "</p>")
            carried = []
        written.append(notes.fill(f"<div{area}>{''.join(piece.parts)}</div>"))
    if carried:
        notes.apart.extend(notes.plain(f"\ue000{place}\ue001") for place in carried)
    body = _DOUBLE_SPACE.sub(" ", "\n".join(written).replace("<br>", "<br/>"))
    return clean(body) if _DOUBTFUL.search(body) else body


def _numbers_of(pieces: list[_Heading | _Paragraph], body: str) -> tuple[str | None, ...]:
    numbers = [piece.number for piece in pieces if isinstance(piece, _Paragraph)]
    count = sum(line.startswith("<div") for line in body.split("\n"))
    return tuple((numbers + [None] * count)[:count])


def _listed(name: str, words: list[str]) -> list[str]:
    return [f"{name}: {' · '.join(words)}"] if words else []


def _without_number(html: str, number: re.Match[str]) -> str:
    """Drop the number that opens a paragraph, inside whatever elements it stands."""
    opening = rf"^((?:<[^>]*>|\s)*){re.escape(number['number'])}\.?((?:</[^>]*>)*)(?:\s|<br>)*"
    return re.sub(opening, r"\1\2", html, count=1)


def _area(found: re.Match[str] | None) -> str | None:
    if not found:
        return None
    name = found["area"].lower()
    return "Brighton & Hove" if name.startswith("b") else "East Sussex" if name.startswith("e") else "West Sussex"


def _row_of(block: Block) -> Box | None:
    """Find the row or item a paragraph begins in; what else stands there belongs to it."""
    box: Box | None = block.box
    for _ in range(3):
        if box is not None and box.name in {"tr", "li", "dd"}:
            return box if box.opened == block.seq else None
        box = box.parent if box is not None else None
    return None


def _extent(number: Block, block: Block) -> Box | None:
    """Find how far the paragraph of a number that stands alone reaches: its row, else the element beside it."""
    row = _row_of(number)
    if row is not None and row.holds(block.seq):
        return row
    box: Box = block.box
    if box.opened <= number.seq:
        return None
    while box.parent is not None and box.parent.opened > number.seq:
        box = box.parent
    return box


def _same_row(number: Block, block: Block) -> bool:
    row = _row_of(number)
    return row is not None and row.holds(block.seq)


def _is_beside(number: Block, block: Block) -> bool:
    """Say whether a text stands beside a number by its markup, whatever it opens with."""
    return _same_row(number, block) or (number.box.name == "dt" and block.box.name == "dd")


def _term(block: Block) -> Box | None:
    return block.box if block.box.name == "dt" else None
