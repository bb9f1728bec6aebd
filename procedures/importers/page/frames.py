"""Lists and tables written anew: whatever stood in the source, items stand in lists here, and cells in rows.

`flow` tells a `Frames` which elements begin and end and hands it each run of text. Loose text in a list or table gets
an item or a row of its own, so that a parser reading the result moves nothing about.
"""

import re
from dataclasses import dataclass

from bs4.element import Tag

from procedures.importers.page.runs import tidy

_ITEMS = frozenset({"li", "td", "th", "caption"})
_ROW_PARENTS = frozenset({"table", "thead", "tbody", "tfoot"})
_ENDS_IMPLIED = {
    "li": frozenset({"li"}),
    "td": frozenset({"td"}),
    "th": frozenset({"td"}),
    "tr": frozenset({"td", "tr"}),
    **dict.fromkeys(("thead", "tbody", "tfoot"), frozenset({"td", "tr", "tbody"})),
}
_DEEPEST = 24
"""Lists and tables inside one another that are still written as such; what lies deeper keeps its text, in place."""


@dataclass(slots=True)
class _Frame:
    """A list, table or part of one that is being written."""

    name: str
    start: int
    text_start: int
    implied: bool = False
    runs: int = 0
    bare: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A whole list or table: its HTML and text, the items of a list, the cells of each row."""

    name: str
    html: str
    text: str
    items: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]


class Frames:
    """The list or table being written, with all that is open inside it."""

    def __init__(self) -> None:
        self._frames: list[_Frame] = []
        self._tables = 0
        self._begin()

    def _begin(self) -> None:
        self._out: list[str] = []
        self._text: list[str] = []
        self._items: list[tuple[str, str]] = []
        self._rows: list[list[str]] = []

    @property
    def are_open(self) -> bool:
        """Whether a list or table is being written."""
        return bool(self._frames)

    def enter(self, tag: Tag) -> int:
        """Begin a list, a table or a part of one, if it fits here; the answer tells `leave` where to go back to."""
        name = "ul" if tag.name == "menu" else tag.name
        ends = _ENDS_IMPLIED.get(name, frozenset())
        while self._frames and self._frames[-1].implied and self._frames[-1].name in ends:
            self._pop()
        depth = len(self._frames)
        if depth < _DEEPEST:
            self._enter(name, tag)
            began = self._frames[depth:]
            if began and began[0].name == "tbody" and began[0].implied:
                return depth + 1  # the rows that follow go into the same body, so that cells may span them
        return depth

    def leave(self, depth: int) -> Written | None:
        """End what began at this depth; the answer is the whole, once the outermost list or table has ended."""
        if not self._frames:
            return None
        last = self._frames[0].name
        while len(self._frames) > depth:
            self._pop()
        return None if self._frames else self._whole(last)

    def place(self, html: str, text: str) -> None:
        """Put a run of text where the writing stands."""
        self._need_item(self._frames[-1].name)
        frame = self._frames[-1]
        if frame.name == "caption":
            self._out.append(html if not frame.runs else f"<br>{html}")
        elif not frame.runs:
            frame.bare = len(self._out)
            self._out.append(html)
        else:
            self._promote(frame)
            self._out.append(f"<p>{html}</p>")
        frame.runs += 1
        self._text.append(f"{text}\n")

    def _enter(self, name: str, tag: Tag) -> None:
        top = self._frames[-1].name if self._frames else ""
        if name in {"ul", "ol", "table"}:
            self._need_item(top)
            self._push(name, f"<{name}>")
        elif name == "li":
            if top not in {"ul", "ol"}:
                self._need_item(top)
                self._push("ul", "<ul>", implied=True)
            self._push("li", "<li>")
        elif name in {"thead", "tbody", "tfoot"} and top == "table":
            self._push(name, "<thead>" if name == "thead" else "<tbody>")
        elif name == "caption" and top == "table" and self._out[-1] == "<table>":
            self._push(name, "<caption>")
        elif name == "tr" and top in _ROW_PARENTS:
            self._need_body(top)
            self._push(name, "<tr>")
        elif name in {"td", "th"} and (top in _ROW_PARENTS or top == "tr"):
            self._need_row(top)
            self._push(name, f"<{name}{_spans(tag)}>")

    def _need_item(self, top: str) -> None:
        """Make sure that what comes stands in an item or a cell."""
        if top in {"ul", "ol"}:
            self._push("li", "<li>", implied=True)
        elif top in _ROW_PARENTS or top == "tr":
            self._need_row(top)
            self._push("td", "<td>", implied=True)

    def _need_row(self, top: str) -> None:
        if top != "tr":
            self._need_body(top)
            self._push("tr", "<tr>", implied=True)

    def _need_body(self, top: str) -> None:
        if top == "table":
            self._push("tbody", "<tbody>", implied=True)

    def _push(self, name: str, opening: str, *, implied: bool = False) -> None:
        if name == "table":
            self._tables += 1
            if self._frames:
                self._promote(self._frames[-1])
        if name == "tr" and self._tables == 1:
            self._rows.append([])
        self._frames.append(_Frame(name, len(self._out), len(self._text), implied))
        self._out.append(opening)

    def _pop(self) -> None:
        frame = self._frames.pop()
        if len(self._out) == frame.start + 1 and frame.name not in {"td", "th"}:
            del self._out[frame.start :]
        else:
            self._out.append("</tbody>" if frame.name == "tfoot" else f"</{frame.name}>")
        if frame.name == "li" and len(self._frames) == 1:
            text = tidy("".join(self._text[frame.text_start :]))
            self._items += [("".join(self._out[frame.start + 1 : -1]), text)] if text else []
        elif frame.name in {"td", "th"} and self._tables == 1 and self._rows:
            self._rows[-1].append(tidy("".join(self._text[frame.text_start :])))
        self._tables -= frame.name == "table"

    def _whole(self, name: str) -> Written | None:
        text = tidy("".join(self._text))
        rows = tuple(tuple(row) for row in self._rows)
        whole = Written(name, "".join(self._out), text, tuple(self._items), rows) if text else None
        self._begin()
        return whole

    def _promote(self, frame: _Frame) -> None:
        """Make a paragraph of the bare text that opens an item, now that more follows it."""
        if frame.bare is not None:
            self._out[frame.bare] = f"<p>{self._out[frame.bare]}</p>"
            frame.bare = None


def _spans(tag: Tag) -> str:
    found = ""
    for name in ("colspan", "rowspan"):
        value = str(tag.attrs.get(name) or "")
        if re.fullmatch(r"[1-9]\d{0,2}", value) and value != "1":
            found += f' {name}="{value}"'
    scope = str(tag.attrs.get("scope") or "").lower()
    return f'{found} scope="{scope}"' if tag.name == "th" and scope in {"row", "col", "rowgroup", "colgroup"} else found
