"""The words of one paragraph in a notation that an editor can read and type, and back to HTML.

`procedures.blocks` calls it; nothing here knows of paragraphs' ids or of a whole body. The notation, one thing a line:

    **strong**  *emphasis*  [words](section:brue)  ^[a footnote]  a new line for a new line
    - an item of a list, or 1. of a numbered one; two spaces more for a list inside it
    [contact:west-sussex-front-door]        alone on its line: that contact's card
    Table: what the table is about          its caption, then a line for each row
    | Who | By when |                       the first row, with a line of dashes under it, is the head
    | --- | --- |
    |! GP | the same day |                  a cell that begins with ! heads its row

A backslash before a mark makes it an ordinary character. What is typed wrongly is no error: it stands as it was typed.
`from_html` loses nothing: what this notation cannot say comes back as kept HTML, to be shown and not edited.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from procedures.markup import clean, paragraphs

_TARGET = re.compile(r"https?://[^\s<>\"]+|mailto:[^\s<>\"]+|(?:section|paragraph|contact|attachment):[a-z0-9-]+")
_TOKEN = re.compile(
    r"\\(?P<plain>[!-/:-@\[-`{-~])|(?P<stars>\*+)|(?P<note>\^\[)|(?P<open>\[)"
    r"|\]\((?P<target>(?:\\.|[^\\()\s])*)\)|(?P<close>\])|(?P<line>\n)"
)
_SPECIAL = re.compile(r"[\\*\[\]]")
_LINE_START = re.compile(r"^(-(?= )|\||Table(?=:))|^(\d{1,3})\.(?= )")
_ITEM = re.compile(r"(?P<indent> *)(?P<mark>[-*]|\d{1,3}\.) +(?P<words>\S.*)")
_CONTACT = re.compile(r"\[contact:([a-z0-9-]+)\]")
_CAPTION = re.compile(r"Table: *(.*)")
_DASHES = re.compile(r"\|[\s|:-]*-[\s|:-]*")
_CELL = re.compile(r"((?:\\.|[^\\|]|\\$)*)(?:\||$)")
_BLOCK_EDGE = re.compile(r"\s*(</?(?:br|caption|div|li|ol|p|table|tbody|td|th|thead|tr|ul)\b[^>]*>)\s*")
_SPACE_INSIDE_START = re.compile(r"((?:<(?:strong|em|a)\b[^>]*>)+)\s+")
_SPACE_INSIDE_END = re.compile(r"\s+((?:</(?:strong|em|a)>)+)")
_BLOCKS = {"ol", "p", "table", "ul"}
_WIDTH = 2
"""Spaces by which a list inside a list stands further in."""
_MOST_STARS = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a paragraph: `text` in the notation; or, where `kept`, clean HTML the notation cannot say."""

    text: str
    kept: bool = False


class _Inexpressible(Exception):
    """Raised for markup the notation has no words for."""


def to_html(text: str) -> str:
    """Turn notation into the HTML of a paragraph. Whatever was typed, every word of it comes out."""
    return tidied("".join(_RENDER[kind](lines) for kind, lines in _runs(_lines(text))))


def line_to_html(text: str) -> str:
    """Turn one line of notation, a heading's words, into HTML; a new line counts as a space."""
    return tidied(_inline(" ".join(text.split())))


def from_html(html: str) -> tuple[Part, ...]:
    """Turn the clean HTML of a paragraph into parts. Turned back, they say the same in the same order."""
    parts: list[Part] = []
    for piece in _pieces(_parse(tidied(html))):
        part = _part_of(piece)
        parts = [*parts[:-1], *joined(parts[-1:], (part,))] if part else parts
    return tuple(parts)


def line_from_html(html: str) -> Part:
    """Turn the clean HTML of a heading into a part."""
    tidy = tidied(html)
    try:
        text = "".join(_said(child) for child in _parse(tidy).children)
    except _Inexpressible:
        return Part(tidy, kept=True)
    return Part(text) if line_to_html(text) == tidy else Part(tidy, kept=True)


def literal(text: str) -> str:
    """Write plain words so that the notation takes every character as it is."""
    return "\n".join(_line_start(_SPECIAL.sub(r"\\\g<0>", line)) for line in text.split("\n"))


def joined(first: Sequence[Part], second: Sequence[Part]) -> tuple[Part, ...]:
    """Put two runs of parts together, in one text where that changes nothing."""
    if not first or not second or first[-1].kept or second[0].kept:
        return (*first, *second)
    text = "\n\n".join(filter(None, (first[-1].text, second[0].text)))
    if to_html(text) != to_html(first[-1].text) + to_html(second[0].text):
        return (*first, *second)
    return (*first[:-1], Part(text), *second[1:])


def part_html(part: Part) -> str:
    """Return a part's HTML. Kept HTML that would break out of its paragraph is reduced to its words."""
    if not part.kept:
        return to_html(part.text)
    found = clean(f"<div>{part.text}</div>")
    inside = paragraphs(found, None)
    if len(inside) == 1 and found.startswith("<div>"):
        return inside[0].html
    return to_html(literal("\n\n".join(each.text for each in inside)))


def tidied(html: str) -> str:
    """Give HTML the one layout that this module compares: no space at the edges of elements, heads of tables named."""
    html = re.sub(r"\s+", " ", html)
    before = ""
    while before != html:
        before = html
        html = _SPACE_INSIDE_START.sub(r" \1", _SPACE_INSIDE_END.sub(r"\1 ", html))
    html = re.sub(r" +", " ", _BLOCK_EDGE.sub(r"\1", html)).strip()
    return _with_heads(html) if "<table" in html else html


# From notation to HTML


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.expandtabs().replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def _kind(line: str, before: str) -> str:
    """Say what a line belongs to; `before` is what the line before it belonged to."""
    if not line.strip():
        return "blank"
    if line.lstrip().startswith("|") or (_CAPTION.fullmatch(line) and before != "table"):
        return "table"
    if _ITEM.fullmatch(line) or (before == "list" and line.startswith(" ")):
        return "list"
    return "contact" if _CONTACT.fullmatch(line.strip()) else "text"


def _runs(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    run: list[str] = []
    before = "blank"
    for line in [*lines, ""]:
        kind = _kind(line, before)
        if run and (kind != before or kind == "contact"):
            yield before, run
            run = []
        if kind != "blank":
            run.append(line)
        before = kind


def _paragraph(lines: Sequence[str]) -> str:
    return f"<p>{_inline(chr(10).join(line.strip() for line in lines))}</p>"


def _card(lines: Sequence[str]) -> str:
    found = _CONTACT.fullmatch(lines[0].strip())
    return f'<p data-contact="{found.group(1)}"></p>' if found else _paragraph(lines)


@dataclass(slots=True)
class _Item:
    indent: int
    tag: str
    words: str
    inner: "list[_Item]" = field(default_factory=list)


def _list(lines: Sequence[str]) -> str:
    top: list[_Item] = []
    path: list[_Item] = []
    for line in lines:
        found = _ITEM.fullmatch(line)
        if not found:
            path[-1].words += "\n" + line.strip()
            continue
        item = _Item(len(found["indent"]), "ul" if found["mark"] in "-*" else "ol", found["words"])
        while path and path[-1].indent >= item.indent:
            path.pop()
        (path[-1].inner if path else top).append(item)
        path.append(item)
    return _list_html(top)


def _list_html(items: Sequence[_Item]) -> str:
    html, tag = "", ""
    for item in items:
        if item.tag != tag:
            html += f"</{tag}><{item.tag}>" if tag else f"<{item.tag}>"
            tag = item.tag
        html += f"<li>{_inline(item.words)}{_list_html(item.inner)}</li>"
    return f"{html}</{tag}>" if tag else ""


def _table(lines: Sequence[str]) -> str:
    caption = _CAPTION.fullmatch(lines[0])
    rows = [line.strip() for line in (lines[1:] if caption else lines)]
    if not rows:
        return _paragraph(lines)
    html = f"<caption>{_inline(caption.group(1))}</caption>" if caption and caption.group(1) else ""
    headed = len(rows) > 1 and _DASHES.fullmatch(rows[1])
    if headed:
        html += f"<thead>{_row(rows[0], head=True)}</thead>"
    body = "".join(_row(row) for row in (rows[2:] if headed else rows))
    return f"<table>{html}{f'<tbody>{body}</tbody>' if body else ''}</table>"


def _row(line: str, *, head: bool = False) -> str:
    cells = [cell.strip() for cell in _CELL.findall(line[1:])]
    cells = cells[:-1] if len(cells) > 1 and not cells[-1] else cells
    return f"<tr>{''.join(_cell(cell, head) for cell in cells)}</tr>"


def _cell(words: str, head: bool) -> str:
    if head:
        return f'<th scope="col">{_inline(words)}</th>'
    if words.startswith("!"):
        return f'<th scope="row">{_inline(words[1:].strip())}</th>'
    return f"<td>{_inline(words)}</td>"


_RENDER = {"text": _paragraph, "list": _list, "table": _table, "contact": _card}


@dataclass(slots=True)
class _Open:
    """A mark that waits for its end: how it was typed, and the HTML since; `holds` names elements it may not hold."""

    mark: str
    html: list[str] = field(default_factory=list)
    holds: set[str] = field(default_factory=set)


class _Inline:
    """Reads marks inside words, in one pass: a mark without its end stands as it was typed."""

    def __init__(self) -> None:
        self._open = [_Open("")]

    def read(self, text: str) -> str:
        at = 0
        for token in _TOKEN.finditer(text):
            self._words(text[at : token.start()])
            at = token.end()
            self._token(token, text)
        self._words(text[at:])
        while len(self._open) > 1:
            self._give_up()
        return "".join(self._open[0].html)

    def _token(self, token: re.Match[str], text: str) -> None:
        if token["plain"]:
            self._words(token["plain"])
        elif token["stars"]:
            self._stars(token, text)
        elif token["note"] or token["open"]:
            self._open.append(_Open(token.group()))
        elif token["line"]:
            self._open[-1].html.append("<br/>")
        else:
            self._bracket(token)

    def _stars(self, token: re.Match[str], text: str) -> None:
        run = token["stars"]
        before, after = text[max(token.start() - 1, 0) : token.start()], text[token.end() : token.end() + 1]
        if len(run) > _MOST_STARS:
            self._words(run)
            return
        marks = [run]
        if len(run) == _MOST_STARS:
            marks = ["*", "**"] if self._open[-1].mark == "*" else ["**", "*"]
        for mark in marks:
            if before.strip() and self._has_open(mark):
                self._close(mark, "em" if mark == "*" else "strong")
            elif after.strip():
                self._open.append(_Open(mark))
            else:
                self._words(mark)

    def _bracket(self, token: re.Match[str]) -> None:
        target = token["target"]
        mark = next((each.mark for each in reversed(self._open) if each.mark in {"[", "^["}), None)
        if mark is None:
            self._words(token.group())
            return
        while self._open[-1].mark != mark:
            self._give_up()
        held = self._open[-1]
        address = re.sub(r"\\(.)", r"\1", target or "")
        if not "".join(held.html).strip():
            self._give_up()
            self._words(token.group())
        elif mark == "[" and target is not None and _TARGET.fullmatch(address) and not held.holds:
            self._close(mark, "a", f' href="{escape(address)}"')
        elif mark == "^[" and "small" not in held.holds:
            self._close(mark, "small")
            self._words("" if target is None else f"({target})")
        else:
            self._give_up()
            self._words(token.group())

    def _has_open(self, mark: str) -> bool:
        for each in reversed(self._open):
            if each.mark in {mark, "[", "^["}:
                return each.mark == mark and bool("".join(each.html).strip())
        return False

    def _close(self, mark: str, tag: str, attributes: str = "") -> None:
        while self._open[-1].mark != mark:
            self._give_up()
        done = self._open.pop()
        self._open[-1].html.append(f"<{tag}{attributes}>{''.join(done.html)}</{tag}>")
        self._open[-1].holds |= done.holds | ({tag} & {"a", "small"})

    def _give_up(self) -> None:
        """Take the innermost open mark for ordinary characters."""
        done = self._open.pop()
        self._words(done.mark)
        self._open[-1].html += done.html
        self._open[-1].holds |= done.holds

    def _words(self, words: str) -> None:
        if words:
            self._open[-1].html.append(escape(words, quote=False))


def _inline(text: str) -> str:
    return _Inline().read(text)


# From HTML to notation


def _parse(html: str) -> Tag:
    body = BeautifulSoup(f"<html><body>{html}</body></html>", "lxml").body
    if body is None:
        raise _Inexpressible
    return body


def _pieces(soup: Tag) -> Iterator[Tag]:
    """Walk what a paragraph is made of; loose words become a `p`."""
    loose: list[Tag | NavigableString] = []
    for node in [*soup.children]:
        if isinstance(node, Tag) and (node.name in _BLOCKS or node.find(list(_BLOCKS))):
            yield from _wrapped(loose)
            loose = []
            yield node
        elif isinstance(node, Tag | NavigableString):
            loose.append(node)
    yield from _wrapped(loose)


def _wrapped(nodes: Sequence[Tag | NavigableString]) -> Iterator[Tag]:
    written = (node.decode() if isinstance(node, Tag) else node.output_ready() for node in nodes)
    html = "".join(written).strip()
    found = _parse(f"<p>{html}</p>").find("p") if html else None
    if isinstance(found, Tag):
        yield found


def _part_of(piece: Tag) -> Part | None:
    html = tidied(piece.decode())
    if piece.name == "p" and not piece.get("data-contact") and not piece.contents:
        return None
    try:
        text = _block(piece)
    except _Inexpressible:
        return Part(html, kept=True)
    return Part(text) if text and to_html(text) == html else Part(html, kept=True)


def _block(piece: Tag) -> str:
    if piece.name == "p":
        key = piece.get("data-contact")
        return f"[contact:{key}]" if key else _said_lines(piece.children)
    if piece.name in {"ul", "ol"}:
        return "\n".join(_items(piece, 0))
    if piece.name == "table":
        return "\n".join(_rows(piece))
    raise _Inexpressible


def _items(found: Tag, depth: int) -> Iterator[str]:
    for place, item in enumerate(found.children, start=1):
        if not isinstance(item, Tag) or item.name != "li":
            raise _Inexpressible
        children = [*item.children]
        inner = [c for c in children if isinstance(c, Tag) and c.name in {"ul", "ol"}]
        words = children[: len(children) - len(inner)]
        mark = "-" if found.name == "ul" else f"{place}."
        indent = " " * depth
        lines = _said_lines(words).split("\n")
        yield f"{indent}{mark} {lines[0]}"
        yield from (f"{indent}{' ' * _WIDTH}{line}" for line in lines[1:])
        for each in inner:
            yield from _items(each, depth + _WIDTH)


def _rows(table: Tag) -> Iterator[str]:
    caption = table.find("caption", recursive=False)
    if isinstance(caption, Tag):
        yield f"Table: {''.join(_said(child) for child in caption.children)}"
    for part in table.find_all(True, recursive=False):
        rows = part.find_all("tr", recursive=False) if part.name in {"thead", "tbody"} else []
        for row in rows:
            cells = row.find_all(["td", "th"], recursive=False)
            yield "".join(_cell_said(cell, head=part.name == "thead") for cell in cells) + " |"
        if part.name == "thead" and rows:
            yield "|" + " --- |" * len(rows[0].find_all(["td", "th"], recursive=False))


def _cell_said(cell: Tag, *, head: bool) -> str:
    words = "".join(_said(child) for child in cell.children).replace("|", "\\|")
    words = f"\\{words}" if words.startswith("!") else words
    mark = "|! " if cell.name == "th" and not head else "| "
    return f" {mark}{words}".rstrip() if words else f" {mark}".rstrip()


def _said_lines(nodes: Iterable[PageElement]) -> str:
    words = "".join(_said(node) for node in nodes)
    return "\n".join(_line_start(line) for line in words.split("\n"))


def _said(node: PageElement) -> str:
    if isinstance(node, NavigableString):
        return _SPECIAL.sub(r"\\\g<0>", str(node))
    if not isinstance(node, Tag):
        raise _Inexpressible
    inner = "".join(_said(child) for child in node.children)
    match node.name:
        case "strong":
            return f"**{inner}**"
        case "em":
            return f"*{inner}*"
        case "br":
            return "\n"
        case "small":
            return f"^[{inner}]"
        case "a" if node.get("href"):
            target = re.sub(r"[()\\]", r"\\\g<0>", str(node["href"]))
            return f"[{inner}]({target})"
    raise _Inexpressible


def _line_start(line: str) -> str:
    return _LINE_START.sub(lambda found: f"{found[2]}\\." if found[2] else _escaped(found[1]), line)


def _escaped(mark: str) -> str:
    return "Table\\" if mark == "Table" else f"\\{mark}"


def _with_heads(html: str) -> str:
    """Name what each head cell of a table heads, and let a first row of nothing but head cells be the table's head."""
    soup = _parse(html)
    for table in soup.find_all("table"):
        _gather_rows(table)
        for cell in table.find_all("th", attrs={"scope": False}):
            cell["scope"] = "col" if cell.find_parent("thead") else "row"
    return soup.decode_contents()


def _gather_rows(table: Tag) -> None:
    rows = table.find_all("tr", recursive=False)
    if rows and not table.find(["thead", "tbody"], recursive=False):
        body = BeautifulSoup("", "lxml").new_tag("tbody")
        rows[0].insert_before(body)
        for row in rows:
            body.append(row)
    body_tag = table.find("tbody", recursive=False)
    first = body_tag.find("tr", recursive=False) if isinstance(body_tag, Tag) else None
    if isinstance(first, Tag) and isinstance(body_tag, Tag) and not table.find("thead", recursive=False):
        cells = first.find_all(True, recursive=False)
        if len(body_tag.find_all("tr", recursive=False)) > 1 and cells and all(cell.name == "th" for cell in cells):
            head = BeautifulSoup("", "lxml").new_tag("thead")
            body_tag.insert_before(head)
            head.append(first)
