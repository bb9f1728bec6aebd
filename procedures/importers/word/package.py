"""A Word file opened with care: its parts checked and parsed, automatic numbers written out, loose texts listed.

`word` opens each file here before mammoth sees it. Parts are parsed without entities and without the network, a part
that declares a document type is refused, and nothing is written to disk.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from posixpath import normpath

from lxml import etree

from procedures.errors import Invalid
from procedures.importers.files import open_archive, unpack
from procedures.importers.word.numbers import Numbering

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT = {f"{W}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"}
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DRAWN_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_UNPACKED_LIMIT = 50_000_000
_DAMAGED = "It is damaged, or not a Word document. Open it in Word and save it again."
_CHANGES = {"ins": "insertion", "del": "deletion", "moveFrom": "move away", "moveTo": "move to"}
_GONE = frozenset({f"{W}del", f"{W}moveFrom", _FALLBACK})
_SPACE = frozenset({f"{W}tab", f"{W}br", f"{W}cr"})


@dataclass(frozen=True, slots=True)
class WordPackage:
    """The parts of a Word file: the document, parsed, and all other parts as bytes."""

    parts: dict[str, bytes]
    main: str
    document: etree._Element

    def numbered(self) -> BytesIO:
        """Pack the file again with automatic paragraph numbers, such as 8.14.6, written out as text."""
        numbering, styles = (self._part(name) for name in ("numbering.xml", "styles.xml"))
        if numbering is not None:
            Numbering(numbering, styles).write_into(self.document)
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in self.parts.items():
                archive.writestr(name, etree.tostring(self.document) if name == self.main else content)
        packed.seek(0)
        return packed

    def changes(self) -> list[str]:
        """Name each tracked change with its words."""
        found: list[str] = []
        for part in (self.document, *self._parts("footnotes.xml", "endnotes.xml")):
            elements = (element for element in part.iter(*(W + name for name in _CHANGES)) if _outermost(element))
            for told, run in groupby(elements, _change):
                words = " ".join("".join(_own_text(element, gone=True) for element in run).split())
                found += [f"{told}: {words}"] if words else []
        return found

    def comments(self) -> list[str]:
        """List the comments with their authors."""
        found = (comment for part in self._parts("comments.xml") for comment in part.iter(f"{W}comment"))
        return [f"Comment{_by(comment)}: {' '.join(_text(comment).split())}" for comment in found]

    def headers(self) -> list[str]:
        """List the different headers and footers of the printed page."""
        found: dict[str, None] = {}
        for name in self.parts:
            kind = re.search(r"/(header|footer)\d*\.xml$", name)
            words = " ".join(_text(self._parsed(name)).split()) if kind else ""
            if kind and words:
                found[f"Page {kind.group(1)}: {words}"] = None
        return list(found)

    def paragraphs(self) -> Iterator[str]:
        """Yield the visible text of each paragraph, those in notes, text boxes and diagrams too."""
        for part in (self.document, *self._parts("footnotes.xml", "endnotes.xml")):
            for paragraph in part.iter(f"{W}p"):
                if not any(parent.tag in _GONE for parent in paragraph.iterancestors()):
                    yield _own_text(paragraph, gone=False)
        for name in self.parts:
            if re.search(r"/(?:diagrams/data|charts/chart)\d*\.xml$", name):
                yield " ".join(str(text.text or "") for text in self._parsed(name).iter(_DRAWN_TEXT))

    def _parts(self, *names: str) -> list[etree._Element]:
        return [part for name in names if (part := self._part(name)) is not None]

    def _part(self, name: str) -> etree._Element | None:
        path = f"{self.main.rpartition('/')[0]}/{name}"
        return self._parsed(path) if path in self.parts else None

    def _parsed(self, name: str) -> etree._Element:
        return _parse(self.parts[name])


def open_package(content: bytes) -> WordPackage:
    """Open the bytes of a Word file. Raises `Invalid` for what is none, is damaged, or would unpack without end."""
    archive = open_archive(BytesIO(content))
    if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED_LIMIT:
        raise Invalid("It unpacks to more than 50 MB. Shrink its pictures and try once more.")
    parts = {entry.filename: unpack(archive, entry) for entry in archive.infolist() if not entry.is_dir()}
    for name, part in parts.items():
        if name.lower().endswith((".xml", ".rels")) and b"<!DOCTYPE" in part.replace(b"\0", b""):
            raise Invalid("It declares a document type, which Word never does. Open it in Word and save it again.")
    main = _main_part(parts)
    return WordPackage(parts, main, _parse(parts[main]))


def _main_part(parts: dict[str, bytes]) -> str:
    if "_rels/.rels" in parts:
        for relation in _parse(parts["_rels/.rels"]).iter(_RELATION):
            target = normpath(str(relation.get("Target") or "").lstrip("/"))
            if str(relation.get("Type") or "").endswith("/officeDocument") and target in parts:
                return target
    if "word/document.xml" in parts:
        return "word/document.xml"
    raise Invalid(_DAMAGED)


def _parse(part: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True)
    try:
        # The strict form of the format differs by this name; mammoth reads either.
        return etree.fromstring(part.replace(_STRICT, _TRANSITIONAL), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Invalid(_DAMAGED) from error


def _change(element: etree._Element) -> str:
    return f"Tracked {_CHANGES[etree.QName(element).localname]}{_by(element)}"


def _outermost(element: etree._Element) -> bool:
    """Leave a deletion inside an insertion to be told once, with what is around it."""
    tags = {W + name for name in _CHANGES}
    return not any(parent.tag in tags or parent.tag == _FALLBACK for parent in element.iterancestors())


def _by(element: etree._Element) -> str:
    author, day = element.get(f"{W}author"), str(element.get(f"{W}date") or "")[:10]
    return (f" by {author}" if author else "") + (f" on {day}" if day else "")


def _text(element: etree._Element) -> str:
    return "\n".join(_own_text(paragraph, gone=True) for paragraph in element.iter(f"{W}p"))


def _own_text(element: etree._Element, *, gone: bool) -> str:
    """Read the text of an element, but not of paragraphs inside it; deleted text only where `gone` is asked for."""
    texts: list[str] = []
    waiting = list(reversed(element))
    while waiting:
        node = waiting.pop()
        if node.tag in _TEXT or (gone and node.tag == f"{W}delText"):
            texts.append(str(node.text or ""))
        elif node.tag in _SPACE:
            texts.append(" ")
        elif node.tag != f"{W}p" and node.tag != _FALLBACK and (gone or node.tag not in _GONE):
            waiting.extend(reversed(node))
    return "".join(texts)
