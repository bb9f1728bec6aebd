"""The text of a page in the order a reader meets it: headings, runs of text, lists and tables, each as a block.

`page` and `word` walk a parsed document with `blocks_of`; `structure` makes a section of what comes out. Every run of
visible text ends up in exactly one block. The walk goes step by step, never by recursion, so that a page nested twenty
thousand deep costs no more than its length. What a block means is decided elsewhere.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from html import escape

from bs4.element import (
    Comment,
    Declaration,
    Doctype,
    NavigableString,
    PageElement,
    ProcessingInstruction,
    Script,
    Stylesheet,
    Tag,
    TemplateString,
    XMLProcessingInstruction,
)

from procedures.importers.page.frames import Frames
from procedures.importers.page.runs import Leave, Run
from procedures.importers.page.shape import Shape, hint_of, short_text

_NOT_TEXT = (
    Comment,
    Declaration,
    Doctype,
    ProcessingInstruction,
    XMLProcessingInstruction,
    Script,
    Stylesheet,
    TemplateString,
)
_UNSEEN = frozenset({"script", "style", "template", "title", "head", "link", "meta", "colgroup", "col", "datalist"})
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        """address article aside audio blockquote body button canvas caption center dd details dialog div dl dt fieldset
        figcaption figure footer form header hgroup html iframe legend li main math menu nav noscript object ol optgroup
        option p pre section select summary svg table tbody td text textarea tfoot th thead tr ul video""",
    )
)
_WRAPPERS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "sub": "sub", "sup": "sup"}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset({"ul", "ol", "menu"})
_LONGEST_HEADING = 250
_NODES_IN_A_MARKER = 20
_DOWNLOAD = re.compile(
    r"(?i)[^?#]*\.(?:pdf|docx?|xlsx?|pptx?|rtf|odt|png|jpe?g|gif|svg|bmp|tiff?|vsdx?|zip)(?:[?#].*)?$"
)
_MARK_WORDS = r"(?:foot|end)?note\s*)?(?:\d{1,3}|[ivxlc]{1,7}|[a-z]|[*†‡]{1,3}"
_MARKER = re.compile(rf"\[(?:{_MARK_WORDS})\]", re.IGNORECASE)
_BARE_MARKER = re.compile(rf"[\[(]?(?:{_MARK_WORDS})[\])]?", re.IGNORECASE)
_NOTE_TARGET = re.compile(
    r"(?i)#(?:_?(?:foot|end)?notes?|_?[fe]d?t?n|_ftn|_edn|fn|en|ref|cite_note|sd?footnote)[-_:.]?\w*$"
)
_FOOTING = re.compile(r"(?:^|[\s_-])(?:(?:foot|end)[-_]?notes?|fns?\b|ftns?\b|_?ftn\d|_?edn\d|references)")
_AMENDING = re.compile(r"\bamend")
_HOST_TAIL = re.compile(r"\s*\((?:[a-z0-9-]+\.)+[a-z]{2,}\)(?=\s*$)", re.IGNORECASE)
_HOST_START = re.compile(r"\s*\(((?:[a-z0-9-]+\.)+[a-z]{2,})\)", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_ODD = re.compile("[\x80-\xa0\xad\ue000\ue001\x00-\x08\x0b\x0e-\x1f]")
_ODD_TABLE: dict[int, str | None] = {
    **dict.fromkeys((*range(9), 0x0B, *range(0x0E, 0x20), 0xAD)),
    **{code: bytes([code]).decode("windows-1252", "ignore") or None for code in range(0x80, 0xA0)},
    0xA0: " ",
    0xE000: "\ufffd",
    0xE001: "\ufffd",
}
"""Characters that are something else than they seem: control codes that Word meant as quotes, spaces that do not break,
and the two that stand for our own footnote markers."""


class Kind(Enum):
    """What a block is."""

    TEXT = "text"
    HEADING = "heading"
    LIST = "list"
    TABLE = "table"


@dataclass(slots=True, eq=False)
class Box:
    """An element that holds blocks, as the range of the blocks that lie in it.

    `furniture` is the outermost box of furniture around it, be it the box itself.
    """

    name: str
    hint: str
    parent: "Box | None"
    opened: int
    closed: int = sys.maxsize
    furniture: "Box | None" = None

    def holds(self, seq: int) -> bool:
        """Say whether the block of this place lies in the box."""
        return self.opened <= seq < self.closed


@dataclass(slots=True, eq=False)
class Block:
    """A heading, a run of text, a list or a table, with its words as clean HTML and as text.

    `items` has the HTML and text of each list item, `rows` the text of each cell; `jumps` counts the characters that
    are links within the page; `anchors` are the names other places link to this one by. `aside` lies in furniture,
    `footing` among footnotes, `amending` in a box of amendments, by the name of an element around it.
    """

    kind: Kind
    html: str
    text: str
    box: Box
    seq: int
    level: int = 0
    bold: bool = False
    anchors: tuple[str, ...] = ()
    jumps: int = 0
    items: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    aside: bool = False
    footing: bool = False
    amending: bool = False
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Marker:
    """A footnote marker: what names its note, and how it was written."""

    key: str
    target: str | None
    html: str
    text: str


@dataclass(slots=True)
class Flow:
    """All blocks of a document, with what was met on the way."""

    blocks: list[Block] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)
    wants: dict[str, None] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    main: Box | None = None


def blocks_of(body: Tag, main: Tag, shape: Shape) -> Flow:
    """Walk a document once; text outside `main` is met too and can be told by `Flow.main`."""
    walk = _Walk(main, shape)
    stack: list[tuple[Iterator[PageElement], Leave]] = [(iter(body.contents), walk.finish)]
    if body is main:
        walk.flow.main = walk.box
    while stack:
        children, leave = stack[-1]
        node = next(children, None)
        if node is None:
            stack.pop()
            leave()
        elif isinstance(node, Tag):
            done = walk.enter(node)
            if done is not None:
                stack.append((iter(node.contents), done))
        elif isinstance(node, NavigableString) and not isinstance(node, _NOT_TEXT):
            walk.text(node)
    return walk.flow


class _Walk:
    """Where the walk stands: the run of text being gathered, the list or table being written, the boxes around."""

    def __init__(self, main: Tag, shape: Shape) -> None:
        self.flow = Flow()
        self.box = Box("body", "", None, 0)
        self._main = main
        self._shape = shape
        self._run = Run()
        self._frames = Frames()
        self._zones = [0, 0, 0]
        self._heading = 0
        self._anchors: list[str] = []
        self._link: str | None = None
        self._linked = False
        self._in_link = self._jumping = self._jumps = 0

    def finish(self) -> None:
        """End the last run."""
        self._flush()

    def enter(self, tag: Tag) -> Leave | None:
        """Meet an element; the answer is what to do when it has been walked, or None where nothing in it is text."""
        name = tag.name
        if name in _UNSEEN:
            return None
        anchor = tag.attrs.get("id") or (tag.attrs.get("name") if name == "a" else None)
        if anchor:
            self._anchors.append(str(anchor))
        if name in _HEADINGS:
            return self._enter_heading(_HEADINGS[name])
        if name in _BLOCKS:
            return self._enter_block(tag, name)
        return self._enter_inline(tag, name)

    def text(self, node: NavigableString) -> None:
        """Take in a run of characters."""
        text = _SPACES.sub(" ", node)
        if _ODD.search(text):
            text = _SPACES.sub(" ", text.translate(_ODD_TABLE))
        if self._link is not None and "(" in text:
            text = self._without_host(text)
        if not text or text == " ":
            if text:
                self._run.space()
            return
        if not self._in_link:
            self._link = None
        if "[" not in text:
            self._words(text)
            return
        position = 0
        for found in _MARKER.finditer(text):
            self._words(text[position : found.start()])
            self._mark(found.group(0), None)
            position = found.end()
        self._words(text[position:])

    # -- inline -----------------------------------------------------------------------------------------------------

    def _enter_inline(self, tag: Tag, name: str) -> Leave | None:
        if name == "br":
            self._run.line_break()
        elif name == "img":
            self._image(tag)
        elif name == "hr":
            self._flush()
        elif name == "a":
            return self._enter_link(tag)
        elif name != "sup" or not self._take_marker(tag, None):
            return self._enter_wrapper(tag, name)
        return None

    def _enter_wrapper(self, tag: Tag, name: str) -> Leave:
        wrapper = _WRAPPERS.get(name)
        if name in {"abbr", "acronym"} and tag.attrs.get("title"):
            return self._run.wrap("abbr", f'<abbr title="{escape(_attribute(tag, "title"))}">')
        if wrapper is None and "bold" in str(tag.attrs.get("style", "")):
            wrapper = "strong"
        return self._run.wrap(wrapper, f"<{wrapper}>") if wrapper else self._run.leave

    def _enter_link(self, tag: Tag) -> Leave | None:
        href = " ".join(str(tag.attrs.get("href") or "").split())
        if not href:
            return self._run.leave
        noted = href.startswith("#") or _NOTE_TARGET.search(href)
        if noted and self._take_marker(tag, href.partition("#")[2]):
            return None
        if href.lower().startswith("file:"):
            href = href.replace("\\", "/").rsplit("/", 1)[-1]
        if _DOWNLOAD.match(href) and not href.startswith("data:"):
            self.flow.wants[href] = None
        self._link, self._linked = href, False
        self._in_link += 1
        jump = href.startswith("#")
        self._jumping += jump
        leave = self._run.wrap("a", f'<a href="{escape(href)}">')

        def done() -> None:
            self._in_link -= 1
            self._jumping -= jump
            leave()

        return done

    def _image(self, tag: Tag) -> None:
        source = str(tag.attrs.get("src") or "").strip()
        if source and not source.lower().startswith("data:"):
            self.flow.wants[source] = None
        words = _attribute(tag, "alt")
        if words:
            self._words(f" [{words}] ")

    def _take_marker(self, tag: Tag, target: str | None) -> bool:
        """Take a footnote marker whole, if this element is one."""
        words = short_text(tag, 16)
        if not words or not _BARE_MARKER.fullmatch(words):
            return False
        inside = (tag, *tag.find_all(True, limit=_NODES_IN_A_MARKER))
        href = next((str(inner.attrs["href"]) for inner in inside if inner.attrs.get("href")), "")
        bracketed = _MARKER.fullmatch(words) is not None
        if tag.name == "a" and not bracketed and not _NOTE_TARGET.search(href):
            return False
        for inner in inside:
            self._anchors.extend(str(inner.attrs[key]) for key in ("id", "name") if inner.attrs.get(key))
        self._mark(words, target or href.partition("#")[2] or None, raised=tag.name == "sup" and not bracketed)
        return True

    def _mark(self, words: str, target: str | None, *, raised: bool = False) -> None:
        key = re.sub(r"(?i)(?:foot|end)?note\s*(?=.)", "", words.strip("[]()")).lower()
        html = f"<sup>{escape(words)}</sup>" if raised else escape(words)
        self.flow.markers.append(Marker(key, target, html, words))
        self._words(f"\ue000{len(self.flow.markers) - 1}\ue001")

    def _without_host(self, text: str) -> str:
        """Drop the host a browser pastes after a link's title; it is kept in a list beside the text."""
        inside = self._in_link > 0
        found = _HOST_TAIL.search(text) if inside else _HOST_START.match(text)
        if not found or (inside and not self._linked and not text[: found.start()].strip()):
            return text
        if not inside and found.group(1).lower() not in (self._link or "").lower():
            return text
        self.flow.hosts.append(found.group(0).strip())
        return text[: found.start()] + text[found.end() :]

    def _words(self, text: str) -> None:
        if self._jumping:
            self._jumps += len(text)
        self._linked = True
        self._run.write(text)

    def _flush(self) -> None:
        """End the run of text: it becomes a block, or part of the list or table being written."""
        run = self._run.end()
        if run is None:
            return
        html, text, bold = run
        if self._frames.are_open:
            self._frames.place(html, text)
            return
        heading = self._heading if len(text) <= _LONGEST_HEADING else 0
        self._heading = -1 if self._heading else 0  # what else an unclosed heading swallowed is text
        kind = Kind.HEADING if heading > 0 else Kind.TEXT
        self._emit(Block(kind, html, text, self.box, len(self.flow.blocks), max(heading, 0), bold))

    def _emit(self, block: Block) -> None:
        block.anchors, self._anchors = tuple(self._anchors), []
        block.jumps, self._jumps = self._jumps, 0
        block.aside, block.footing, block.amending = (count > 0 for count in self._zones)
        self.flow.blocks.append(block)

    # -- blocks -----------------------------------------------------------------------------------------------------

    def _enter_heading(self, level: int) -> Leave:
        self._flush()
        if self._frames.are_open:
            leave = self._run.wrap("strong", "<strong>")

            def done() -> None:
                self._flush()
                leave()

            return done
        outer, self._heading = self._heading, level
        return lambda: self._leave_heading(outer)

    def _leave_heading(self, outer: int) -> None:
        self._flush()
        self._heading = outer

    def _enter_block(self, tag: Tag, name: str) -> Leave | None:
        self._flush()
        if self._frames.are_open:
            return self._enter_frame(tag)
        aside = self._shape.is_furniture(tag, in_main=self._main_is_open())
        if aside is None:
            return None
        if not aside and self._begins_frame(tag, name):
            return self._enter_frame(tag)
        return self._enter_box(tag, name, aside=aside)

    def _begins_frame(self, tag: Tag, name: str) -> bool:
        """Tell a list or table of the guidance from one that only lays paragraphs out."""
        if name in _LISTS:
            return not self._shape.lists_paragraphs(tag)
        if name == "table":
            return not self._shape.lays_out(tag)
        return name == "li" and not self._shape.in_layout(tag)

    def _enter_frame(self, tag: Tag) -> Leave:
        depth = self._frames.enter(tag)

        def done() -> None:
            self._flush()
            written = self._frames.leave(depth)
            if written:
                kind = Kind.TABLE if written.name == "table" else Kind.LIST
                block = Block(kind, written.html, written.text, self.box, len(self.flow.blocks))
                block.items, block.rows = written.items, written.rows
                self._emit(block)

        return done

    def _main_is_open(self) -> bool:
        return self.flow.main is not None and self.flow.main.closed == sys.maxsize

    def _enter_box(self, tag: Tag, name: str, *, aside: bool) -> Leave:
        if name == "p" and not aside and tag is not self._main:
            return self._flush
        box = self.box = Box(name, hint_of(tag), self.box, len(self.flow.blocks))
        box.furniture = (box.parent.furniture if box.parent else None) or (box if aside else None)
        zones = (aside, bool(_FOOTING.search(box.hint)), bool(_AMENDING.search(box.hint)))
        self._zones = [count + zone for count, zone in zip(self._zones, zones, strict=True)]
        if tag is self._main:
            self.flow.main = box

        def done() -> None:
            self._flush()
            self._zones = [count - zone for count, zone in zip(self._zones, zones, strict=True)]
            box.closed = len(self.flow.blocks)
            self.box = box.parent or box

        return done


def _attribute(tag: Tag, name: str) -> str:
    return " ".join(str(tag.attrs.get(name) or "").translate(_ODD_TABLE).split())
