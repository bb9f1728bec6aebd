"""The body of a revision: clean HTML in, numbered paragraphs out, page HTML on request.

A body is a run of `h2`, `h3` and top-level `div`s, and each `div` is one numbered paragraph. `store` calls `clean` at
the way in, `paragraphs` reads a stored body, and `web` calls `present` at the way out, which cleans again: text that
slipped into the database by another door is still harmless. Nothing here knows an address or a database.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import nh3
from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from procedures.errors import Invalid
from procedures.model import AREAS, Paragraph

_ATTRIBUTES = {
    "a": {"href"},
    "abbr": {"title"},
    "div": {"id", "data-area"},
    "p": {"data-contact"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_INLINE = {"a", "abbr", "br", "em", "small", "strong", "sub", "sup"}
_BLOCKS = {"caption", "div", "li", "ol", "p", "table", "tbody", "td", "th", "thead", "tr", "ul"}
_HEADINGS = {"h2", "h3"}
_REFERENCES = {"section", "paragraph", "contact", "attachment"}
_SCHEMES = {"http", "https", "mailto"} | _REFERENCES
_DEEPEST = 100
"""Elements inside one another: guidance needs ten or so, and what reads markup slows down or fails on thousands."""
_ROUNDS = 9
_REMEMBERED = 64
"""Texts read or cleaned last: one that is written is read a dozen times, and each takes hundredths of a second."""
TOMBSTONE = "This text has been removed."
"""What stands in the place of a paragraph or heading that was redacted."""
_TAG = re.compile(r'<(/?)(?!br\b)[a-z][^">]*(?:"[^"]*"[^">]*)*>')
_UNEXPLAINED = ["a", "abbr", "button", "caption", "small", "th"]
_ROLES = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "th": "columnheader"}
_WIDE = 3
"""Columns from which on a table does not fit a telephone without breaking words."""
_LINE_ENDS = {"caption", "li", "p", "tr"}
_PID = re.compile(r"p-[2-9a-hjkmnp-z]{6,8}")
_DIV = re.compile(r'<div((?: data-area="[^"]*")?)(?: id="[^"]*")?([^>]*)>')
_PID_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Reference:
    """A link out of a paragraph to a `section`, `paragraph`, `contact` or `attachment` by its key."""

    pid: str | None
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Element:
    """A top-level element of a body, `h2`, `h3` or `div`, and the clean HTML inside it."""

    name: str
    html: str
    pid: str | None
    area: str | None


@dataclass(frozen=True, slots=True)
class Presented:
    """A paragraph as page HTML, and its footnotes as clean HTML in the order of their markers."""

    html: str
    notes: tuple[str, ...]


@lru_cache(_REMEMBERED)
def clean(html: str) -> str:
    """Reduce any HTML to the body markup: allowed elements only, loose top-level content gathered into paragraphs.

    Each heading and paragraph stands on a line of its own. Cleaning clean HTML changes nothing. Raises `Invalid` for
    elements nested far deeper than any text needs.
    """
    for _ in range(_ROUNDS):
        # What is lifted out of odd markup can read differently the next time.
        before, html = html, _gathered(html)
        if html == before:
            return html
    raise Invalid("The text is marked up too oddly to be read. Paste it as plain text and try once more.")


@lru_cache(_REMEMBERED)
def paragraphs(body: str, number: str | None) -> tuple[Paragraph, ...]:
    """Read the numbered paragraphs of a stored body; `number` is the section's printed number.

    A contact has no number, so its paragraphs count 1, 2, 3.
    """
    found: list[Paragraph] = []
    headings: dict[str, str] = {}
    for node in _children(_parse(body)):
        if not isinstance(node, Tag):
            continue
        if node.name in _HEADINGS:
            headings = {} if node.name == "h2" else {k: v for k, v in headings.items() if k == "h2"}
            headings[node.name] = text_of(node)
            continue
        ordinal = len(found) + 1
        area = node.get("data-area")
        found.append(
            Paragraph(
                pid=str(node.get("id") or ""),
                ordinal=ordinal,
                number=f"{number}.{ordinal}" if number else str(ordinal),
                heading=tuple(headings.values()),
                text=text_of(node),
                html=node.decode_contents().strip(),
                area=str(area) if area else None,
            )
        )
    return tuple(found)


def contents(body: str) -> tuple[Element, ...]:
    """List the headings and paragraphs of a clean body in order."""
    return tuple(
        Element(node.name, node.decode_contents().strip(), _attribute(node, "id"), _attribute(node, "data-area"))
        for node in _children(_parse(body))
        if isinstance(node, Tag)
    )


def with_pids(body: str, pids: list[str]) -> str:
    """Write paragraph ids into a clean body, one for each paragraph in order."""
    lines = body.split("\n")
    places = [place for place, line in enumerate(lines) if _DIV.match(line)]
    for place, pid in zip(places, pids, strict=True):
        lines[place] = _DIV.sub(rf'<div\1 id="{pid}"\2>', lines[place], count=1)
    return "\n".join(lines)


def make_pid(section: str, first_revision: int, ordinal: int, attempt: int = 0) -> str:
    """Derive a paragraph's permanent id from where it first stood; `attempt` moves on from one already taken."""
    digest = hashlib.sha256(f"{section}\n{first_revision}\n{ordinal}\n{attempt}".encode()).digest()
    value = int.from_bytes(digest, "big")
    letters = []
    for _ in range(6):
        value, place = divmod(value, len(_PID_LETTERS))
        letters.append(_PID_LETTERS[place])
    return "p-" + "".join(letters)


def references(body: str) -> list[Reference]:
    """List the links of a body to sections, paragraphs, contacts and attachments, in order, each once a paragraph."""
    found: dict[Reference, None] = {}
    for paragraph in _paragraph_tags(_parse(body)):
        pid = str(paragraph.get("id")) if paragraph.get("id") else None
        for tag in paragraph.find_all(["a", "p"]):
            reference = _reference(tag)
            if reference:
                found[Reference(pid, *reference)] = None
    return list(found)


def present(
    html: str,
    *,
    address: Callable[[str, str], str | None],
    contact_card: Callable[[str], str],
    first_note: int,
    explained: Mapping[str, str] | None = None,
) -> Presented:
    """Turn a paragraph's clean HTML into page HTML.

    `address(kind, key)` gives the address of a section, paragraph, contact or attachment, or None where there is none
    (the words then stand without a link); `contact_card(key)` gives page HTML for a contact placed by reference;
    footnotes are numbered from `first_note`; `explained` gives page HTML to take the place of a word where it first
    stands in running text.
    """
    soup = _parse(_sanitise(html))
    for word, explanation in (explained or {}).items():
        _explain(soup, word, explanation)
    for placed in soup.find_all("p", attrs={"data-contact": True}):
        placed.replace_with(_parse(contact_card(str(placed["data-contact"]))))
    for link in soup.find_all("a", href=True):
        reference = _reference(link)
        if reference:
            _point(link, address(*reference))
    for table in soup.find_all("table"):
        _name_columns(table)
    notes = [_lift_note(soup, note, first_note + i) for i, note in enumerate(soup.find_all("small"))]
    return Presented(soup.decode(formatter="minimal").strip(), tuple(notes))


def links(body: str) -> list[str]:
    """List the addresses a body's links have, in order."""
    return [str(link["href"]) for link in _parse(body).find_all("a", href=True)]


def relink(body: str, resolve: Callable[[str], str | None]) -> str:
    """Point the links of a body elsewhere: `resolve` gives each new address, or None where the words stand alone."""
    soup = _parse(body)
    for link in soup.find_all("a", href=True):
        _point(link, resolve(str(link["href"])))
    return "\n".join(node.decode() for node in _children(soup) if isinstance(node, Tag))


def strike(body: str, chosen: Callable[[str | None, str, str], bool]) -> str:
    """Put the tombstone in the place of each paragraph and heading that is `chosen`; ids and numbers stay.

    `chosen` is asked with the paragraph's id (None for a heading), its text, and what its links and abbreviations say
    besides.
    """
    soup = _parse(body)
    for node in [node for node in _children(soup) if isinstance(node, Tag)]:
        pid = str(node.get("id") or "") if node.name == "div" else None
        if chosen(pid, text_of(node), _beside(node)):
            node.string = TOMBSTONE
            if pid is not None:
                node.contents[0].wrap(_parse("<p></p>").find_all("p")[0])
    return "\n".join(node.decode() for node in _children(soup) if isinstance(node, Tag))


def text_of(node: Tag) -> str:
    """Read the plain text of an element: a line for each paragraph, list item and table row, notes in brackets."""
    lines = (re.sub(r"\s+", " ", line).strip(" |") for line in "".join(_text_pieces(node)).split("\n"))
    return "\n".join(line for line in lines if line)


def _beside(node: Tag) -> str:
    return " ".join(str(tag.get(name, "")) for tag in node.find_all(["a", "abbr"]) for name in ("href", "title"))


def _sanitise(html: str) -> str:
    sanitised = nh3.clean(
        html,
        tags=_INLINE | _BLOCKS | _HEADINGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes=_SCHEMES,
        link_rel=None,
        clean_content_tags={"script", "style", "title"},
    )
    depth = 0
    for tag in _TAG.finditer(sanitised):
        depth += -1 if tag.group(1) else 1
        if depth > _DEEPEST:
            raise Invalid(f"The text has elements more than {_DEEPEST} deep. Paste it as plain text and try once more.")
    return sanitised


def _gathered(html: str) -> str:
    pieces: list[str] = []
    for node in _children(_parse(_sanitise(html))):
        if isinstance(node, Tag) and node.name in _HEADINGS:
            pieces.append(f"<{node.name}>{_collapse(node.decode_contents()).strip()}</{node.name}>")
        elif isinstance(node, Tag):
            paragraph = _collapse(_without_inner_divs(node)).strip()
            pieces.append(paragraph if node.name == "div" else f"<div>{paragraph}</div>")
        elif node.strip():
            pieces.append(f"<div><p>{_collapse(node.output_ready()).strip()}</p></div>")
    return "\n".join(pieces)


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("div", "id"):
        return value if _PID.fullmatch(value) else None
    if name == "data-area":
        return value if value in AREAS else None
    if name == "data-contact":
        return value if re.fullmatch(r"[a-z0-9-]+", value) else None
    return value


def _parse(html: str) -> Tag:
    body = BeautifulSoup(f"<html><body>{html}</body></html>", "lxml").body
    if body is None:
        raise Invalid("The text could not be read as HTML. Save it again as a web page and try once more.")
    body.hidden = True
    return body


def _children(soup: Tag) -> list[Tag | NavigableString]:
    return [node for node in soup.children if isinstance(node, Tag | NavigableString)]


def _paragraph_tags(soup: Tag) -> list[Tag]:
    return [node for node in _children(soup) if isinstance(node, Tag) and node.name == "div"]


def _attribute(node: Tag, name: str) -> str | None:
    return str(node[name]) if node.get(name) else None


def _without_inner_divs(node: Tag) -> str:
    """Lift inner `div`s away: only the outermost one makes a paragraph."""
    for inner in node.find_all("div"):
        inner.unwrap()
    return node.decode()


def _collapse(html: str) -> str:
    return re.sub(r"\s+", " ", html)


def _reference(tag: Tag) -> tuple[str, str] | None:
    if tag.name == "p":
        return ("contact", str(tag["data-contact"])) if tag.get("data-contact") else None
    kind, _, key = str(tag.get("href", "")).partition(":")
    return (kind, key) if kind in _REFERENCES else None


def _point(link: Tag, address: str | None) -> None:
    if address is None:
        link.unwrap()
    else:
        link["href"] = address


def _explain(soup: Tag, word: str, explanation: str) -> None:
    """Put an explanation in the place of a word, once, and not inside a link, a footnote or another explanation."""
    whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    for piece in soup.find_all(string=whole):
        if piece.find_parent(_UNEXPLAINED) is None:
            before, after = whole.split(str(piece), maxsplit=1)
            inside = _parse(explanation)
            piece.replace_with(before, *list(inside.contents), after)
            return


def _name_columns(table: Tag) -> None:
    """Tell each cell of a wide table its column, so that a narrow page can show a row as a list and lose nothing.

    Roles are written out, since browsers forget what a table is once it is not laid out as one. A table with cells that
    span others is left alone.
    """
    rows = [row.find_all(["th", "td"], recursive=False) for row in table.find_all("tr")]
    columns = [text_of(cell) for cell in rows[0]] if rows and table.thead else []
    spans = table.find(["th", "td"], colspan=True) or table.find(["th", "td"], rowspan=True)
    if len(columns) < _WIDE or spans or any(len(cells) != len(columns) for cells in rows):
        return
    table["role"] = "table"
    for name, role in _ROLES.items():
        for tag in table.find_all(name):
            tag["role"] = role
    for cells in rows[1:]:
        for cell, column in zip(cells, columns, strict=True):
            cell["role"] = "cell" if cell.name == "td" else "rowheader"
            cell["data-column"] = column


def _lift_note(soup: Tag, note: Tag, number: int) -> str:
    text = note.decode_contents().strip()
    marker = _parse(
        f'<sup><a id="note-ref-{number}" href="#note-{number}" aria-label="Note {number}">{number}</a></sup>'
    )
    note.replace_with(marker)
    return text


def _text_pieces(node: Tag) -> Iterator[str]:
    for child in _children(node):
        if isinstance(child, NavigableString):
            yield str(child)
            continue
        if child.name == "br":
            yield "\n"
        elif child.name == "small":
            yield " ("
            yield from _text_pieces(child)
            yield ")"
        else:
            yield "\n- " if child.name == "li" else ""
            yield from _text_pieces(child)
            yield "\n" if child.name in _LINE_ENDS else " | " if child.name in {"td", "th"} else ""
