"""The passages of a web page, or of a Word file that mammoth made one of: text between the edges of its blocks.

`text` calls `from_markup`. Headings keep their level and cells their place in the table; everything else of the
markup is forgotten, scripts and styles with their content. Nothing is cleaned here, since nothing of it is kept.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

from procedures.errors import Invalid
from procedures.importers.review.passage import Cell, Form, Passage, paragraphs, passage_of, squeezed

MOST_PASSAGES = 20_000
_LARGEST_MARKUP = 10_000_000
_WIDEST_SPAN = 20
_SPACE = re.compile(r"\s+")
_HEADING_TAGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BLOCK_TAGS = {
    *_HEADING_TAGS,
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt"),
    *("fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "html", "legend", "li", "main", "nav"),
    *("ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
}
_ITEM_TAGS = ("li", "dd")
_SILENT_TAGS = {"head", "noscript", "script", "style", "template"}


def from_markup(markup: str, name: str) -> list[Passage]:
    """Read a page into passages; `name` is the file's, for the sentence of a refusal."""
    if len(markup) > _LARGEST_MARKUP:
        raise Invalid(f"'{name}' is a larger page than any review.")
    reader = _PageReader()
    for event, node in _events(BeautifulSoup(markup, "lxml")):
        reader.take(event, node)
    return reader.finish()


def _events(root: Tag) -> Iterator[tuple[str, Tag | str]]:
    """Walk a page without recursion: hostile pages nest deeper than Python calls."""
    path: list[tuple[Tag, Iterator[object]]] = [(root, iter(root.children))]
    while path:
        node = next(path[-1][1], None)
        if node is None:
            yield "end", path.pop()[0]
        elif isinstance(node, Tag) and node.name not in _SILENT_TAGS:
            yield "start", node
            path.append((node, iter(node.children)))
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            yield "text", str(node)


@dataclass(slots=True)
class _Table:
    number: int
    row: int = -1
    column: int = -1
    carried: dict[int, int] = field(default_factory=dict)
    """For each column, how many rows to come are taken by a cell from above."""
    taken: set[int] = field(default_factory=set)

    def begin_row(self) -> None:
        self.row, self.column = self.row + 1, -1
        self.taken = {column for column, rows in self.carried.items() if rows > 0}
        self.carried = {column: rows - 1 for column, rows in self.carried.items() if rows > 0}

    def begin_cell(self, tag: Tag) -> None:
        self.column += 1
        while self.column in self.taken:
            self.column += 1
        rows, columns = _span(tag, "rowspan"), _span(tag, "colspan")
        if rows > 1:
            self.carried |= {self.column + place: rows - 1 for place in range(columns)}
        self.taken |= {self.column + place for place in range(1, columns)}


def _span(tag: Tag, attribute: str) -> int:
    value = str(tag.get(attribute, "1")).strip()
    return max(1, min(int(value), _WIDEST_SPAN)) if value.isascii() and value[:3].isdigit() else 1


class _PageReader:
    """Gathers the text of a page between the edges of its blocks."""

    def __init__(self) -> None:
        self._found: list[Passage] = []
        self._words: list[str] = []
        self._open: Counter[str] = Counter()
        self._tables: list[_Table] = []
        self._count = 0

    def take(self, event: str, node: Tag | str) -> None:
        if isinstance(node, str):
            self._words.append(_SPACE.sub(" ", node))
        elif event == "start":
            self._begin(node)
        else:
            self._end(node)

    def finish(self) -> list[Passage]:
        self._flush()
        return _rejoined(self._found)

    def _begin(self, tag: Tag) -> None:
        if tag.name == "br":
            self._words.append("\n")
        if tag.name not in _BLOCK_TAGS:
            return
        self._flush()
        self._open[tag.name] += 1
        if tag.name == "table":
            self._tables.append(_Table(self._count))
            self._count += 1
        elif tag.name == "tr" and self._tables:
            self._tables[-1].begin_row()
        elif tag.name in ("td", "th") and self._tables:
            self._tables[-1].begin_cell(tag)

    def _end(self, tag: Tag) -> None:
        if tag.name not in _BLOCK_TAGS:
            return
        self._flush()
        self._open[tag.name] -= 1
        if tag.name == "table":
            self._tables.pop()

    def _flush(self) -> None:
        lines = [squeezed(line) for line in "".join(self._words).split("\n")]
        self._words = []
        if len(self._found) > MOST_PASSAGES:
            return  # `passages` refuses the file; there is no need to read the rest of it first
        self._found += [self._formed(text) for text in paragraphs(lines)]

    def _formed(self, text: str) -> Passage:
        table = self._tables[-1] if self._tables else None
        cell = Cell(table.number, table.row, table.column) if table and table.row >= 0 else None
        level = max((level for tag, level in _HEADING_TAGS.items() if self._open[tag]), default=0)
        if level:
            return Passage(text, Form.HEADING, level, cell)
        if any(self._open[tag] for tag in _ITEM_TAGS):
            return Passage(text, Form.ITEM, cell=cell)
        return passage_of(text, cell)


def _rejoined(passages: list[Passage]) -> list[Passage]:
    """Put sentences together that a page break of the original left in two paragraphs."""
    found: list[Passage] = []
    for passage in passages:
        last = found[-1] if found else None
        goes_on = passage.form is Form.PROSE and passage.text[0].islower()
        if last and goes_on and _is_open(last) and last.cell == passage.cell:
            found[-1] = Passage(f"{last.text} {passage.text}", Form.PROSE, cell=last.cell)
        else:
            found.append(passage)
    return found


def _is_open(passage: Passage) -> bool:
    stands_alone = passage.form is Form.ITEM or passage.level > 0
    return not stands_alone and not passage.text.endswith((".", "!", "?", ":"))
