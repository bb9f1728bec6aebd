"""Footnotes brought to where their markers stand.

`structure` asks for the notes of a document, and lets them into its paragraphs. A marker without a note stays as it was
written, and a note without a marker is handed back; no note is ever told twice.
"""

import re
from dataclasses import dataclass, field

from procedures.importers.page.flow import Block, Box, Flow, Kind, Marker

MARK = re.compile("\ue000(\\d+)\ue001")
"""Where a footnote marker stood, by its place in `Flow.markers`."""

_BRACKETED = re.compile(r"\[\s*(\ue000\d+\ue001)\s*\]")
_LEADING = re.compile(r"\s*\[?\s*\ue000(\d+)\ue001\s*\]?[\s.:]*")
_NOTE_ANCHOR = re.compile(
    r"_?(?:(?:foot|end)?note|fn|ftn|edn|sdfootnote|sdendnote)[-_:]?(\d{1,3}|[ivxlc]+)(?:sym)?", re.IGNORECASE
)
_BACK = re.compile(r"\s*(?:<a href=\"[^\"]*\">\s*[↩↑^⏎]\ufe0e?\s*</a>|[↩↑^⏎]\ufe0e?)\s*$")
_LINK = re.compile(r"</?a\b[^>]*>")
_HEADING = re.compile(r"(?:foot|end)?notes?:?|references:?", re.IGNORECASE)


@dataclass(slots=True)
class _Note:
    key: str
    anchors: frozenset[str]
    html: list[str]
    original: str
    used: bool = False


@dataclass(slots=True)
class Notes:
    """The notes of one document, and which of them have found their marker.

    `apart` has words that belong to no note: the heading over them, markers that point to a note once more.
    """

    markers: list[Marker]
    notes: list[_Note] = field(default_factory=list)
    apart: list[str] = field(default_factory=list)
    _named: dict[str, list[_Note]] = field(default_factory=dict)

    def add(self, note: _Note) -> None:
        """Take in a note, to be found by its anchors and by its key."""
        self.notes.append(note)
        for name in (*(f"#{anchor}" for anchor in note.anchors), note.key):
            self._named.setdefault(name, []).append(note)

    def plain(self, text: str) -> str:
        """Write the markers in a text as they were."""
        return MARK.sub(lambda found: self.markers[int(found.group(1))].text, text)

    def plain_html(self, html: str) -> str:
        """Write the markers in a piece of HTML as they were."""
        return MARK.sub(lambda found: self.markers[int(found.group(1))].html, html)

    def fill(self, html: str) -> str:
        """Let the notes into a paragraph, each where its first marker stands."""
        return MARK.sub(self._in_place, _BRACKETED.sub(r"\1", html)) if "\ue000" in html else html

    def left_over(self) -> list[str]:
        """List the notes no marker stood for, as they were written."""
        return [self.plain(note.original) for note in self.notes if not note.used]

    def _in_place(self, found: re.Match[str]) -> str:
        marker = self.markers[int(found.group(1))]
        named = self._named.get(f"#{marker.target}") or self._named.get(marker.key)
        if not named:
            return marker.html
        note = next((note for note in named if not note.used), None)
        if note is None:
            self.apart.append(marker.text)
            return ""
        note.used = True
        text = self.plain_html("<br>".join(note.html))
        linked = found.string.rfind("<a ", 0, found.start()) > found.string.rfind("</a>", 0, found.start())
        return f"<small>{_LINK.sub('', text) if linked else text}</small>"


def find_notes(flow: Flow) -> Notes:
    """Take the blocks that are footnotes out of a document."""
    notes = Notes(flow.markers)
    if not flow.markers and not any(block.footing for block in flow.blocks):
        return notes
    places = _places(flow)
    extent: Box | None = None
    last = -2
    for block in flow.blocks:
        if block.taken or block.kind is not Kind.TEXT:
            continue
        around = extent if extent and extent.holds(block.seq) else None
        key = _key_of(block, flow.markers, places, follows=not around and last == block.seq - 1)
        if key is not None:
            extent = _extent(block) or around
            notes.add(_note(key, block))
            last = block.seq
        elif around:
            _continue(notes.notes[-1], block)
            last = block.seq
    _take_headings(flow, notes)
    return notes


@dataclass(frozen=True, slots=True)
class _Places:
    """Where markers stand: the keys met inside a text, the last block each key opens, all that is linked to."""

    inner: set[str]
    last_opened: dict[str, int]
    opened_twice: set[str]
    targets: set[str]


def _places(flow: Flow) -> _Places:
    found = _Places(set(), {}, set(), {marker.target for marker in flow.markers if marker.target})
    for block in flow.blocks:
        opening = _LEADING.match(block.text)
        for place in MARK.finditer(block.text):
            key = flow.markers[int(place.group(1))].key
            if not opening or block.kind is not Kind.TEXT or place.start() >= opening.end():
                found.inner.add(key)
                continue
            if key in found.last_opened:
                found.opened_twice.add(key)
            found.last_opened[key] = block.seq
    return found


def _key_of(block: Block, markers: list[Marker], places: _Places, *, follows: bool) -> str | None:
    """Name the note a block is, by its opening marker or by its anchor; None where it is no note."""
    opening = _LEADING.match(block.text)
    if opening:
        marker = markers[int(opening.group(1))]
        twice = marker.key in places.opened_twice and places.last_opened[marker.key] == block.seq
        back = "ref" in (marker.target or "").lower()
        known = block.footing or follows or back or twice or marker.key in places.inner
        return marker.key if known and block.text[opening.end() :].strip() else None
    if block.box.name != "li" or not (block.footing or places.targets.intersection(block.anchors)):
        return None
    keys = (found.group(1).lower() for name in block.anchors if (found := _NOTE_ANCHOR.fullmatch(name)))
    return next(keys, None)


def _extent(block: Block) -> Box | None:
    """Find the box a note opens; what else stands there belongs to it, as far as the next note."""
    box = block.box
    opens = box.opened == block.seq and (box.name == "li" or (box.name == "div" and block.anchors))
    return box if opens else None


def _note(key: str, block: Block) -> _Note:
    block.taken = True
    html = _BACK.sub("", _LEADING.sub("", block.html, count=1) if _LEADING.match(block.html) else _unmarked(block.html))
    return _Note(key, frozenset(block.anchors), [html], block.text)


def _unmarked(html: str) -> str:
    """Drop an opening marker that stands inside a link or other element."""
    return re.sub(r"^((?:<[^>]*>)+)\s*\[?\ue000\d+\ue001\]?[\s.:]*", r"\1", html)


def _continue(note: _Note, block: Block) -> None:
    block.taken = True
    note.html.append(_BACK.sub("", block.html))
    note.original += "\n" + block.text


def _take_headings(flow: Flow, notes: Notes) -> None:
    """Take the word "Footnotes" away with the notes it stood over; the words are kept apart."""
    for block, following in zip(flow.blocks, flow.blocks[1:], strict=False):
        is_note = following.taken and following.kind is Kind.TEXT
        if not block.taken and is_note and notes.notes and _HEADING.fullmatch(block.text):
            block.taken = True
            notes.apart.append(block.text)
