"""Read one foreign file: say by its content what it is, and hand it to the reader for that.

`sandbox` calls `read` in its child process. Whatever a file holds, the answer is a reading: what cannot be read is in
it as a refusal with its reason; only a lack of memory is raised, for the sandbox to explain. Nothing here believes a
name's ending, opens a path, or keeps a file that could run.
"""

import html
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from procedures.errors import Invalid
from procedures.importers.files import open_archive, unpack
from procedures.importers.page.read import read_page
from procedures.importers.reading import ReadAttachment, Reading, Refusal, SourceFile
from procedures.importers.review.read import is_review, read_review
from procedures.importers.word.read import read_word

if TYPE_CHECKING:
    from pypdf import PageObject


_NUMBERED_HEADING = re.compile(rb"<h1\b[^>]{0,200}>(?:\s|&nbsp;|<[^>]{0,200}>){0,20}\d{1,2}\.\d{1,3}\b", re.IGNORECASE)
"""A page headed "10.1 ..." is a section of a manual, however much it speaks of reviews."""


class Kind(StrEnum):
    """What a file is by its content, in the words a user is told."""

    PAGE = "a web page"
    WORD = "a Word file"
    PDF = "a PDF"
    TEXT = "plain text"
    PNG = "a PNG picture"
    JPEG = "a JPEG picture"
    GIF = "a GIF picture"
    EMPTY = "empty"
    LOCKED = "an Office file locked with a password"
    OLD_OFFICE = "an Office file of before 2007 (.doc, .xls, .ppt)"
    RICH_TEXT = "a Rich Text file (.rtf)"
    OTHER_OFFICE = "an Office file that is not from Word"
    WEB_ARCHIVE = "a web page packed into one file (.mht)"
    DRAWING = "an SVG drawing"
    PICTURE = "a picture of an unusual kind"
    ARCHIVE = "an archive"
    XML = "an XML file"
    STYLES = "a style sheet"
    PROGRAM = "a program"
    UNKNOWN = "no document"


_CURES = {
    Kind.EMPTY: "It is empty.",
    Kind.LOCKED: "It is locked with a password. Save it again without one.",
    Kind.OLD_OFFICE: f"It is {Kind.OLD_OFFICE}. Open it in Word and save it as .docx.",
    Kind.RICH_TEXT: f"It is {Kind.RICH_TEXT}. Open it in Word and save it as .docx.",
    Kind.OTHER_OFFICE: f"It is {Kind.OTHER_OFFICE}. Save its text as .docx or .pdf.",
    Kind.WEB_ARCHIVE: f"It is {Kind.WEB_ARCHIVE}. Save the page as 'web page, complete' (.html).",
    Kind.DRAWING: f"It is {Kind.DRAWING}, which can hold programs. Save it as .png.",
    Kind.PICTURE: f"It is {Kind.PICTURE}. Save it as .png or .jpg.",
    Kind.ARCHIVE: f"It is {Kind.ARCHIVE}. Unpack it and name its folder.",
    Kind.XML: f"It is {Kind.XML}, not a page. Save it as .html or .docx.",
    Kind.STYLES: f"It is {Kind.STYLES} of a web page and holds no text.",
    Kind.PROGRAM: f"It is {Kind.PROGRAM}, and programs are never kept.",
    Kind.UNKNOWN: "It is neither a document nor a picture, or it is damaged.",
}

_ENDINGS = {
    Kind.PAGE: (".html", ".htm", ".xhtml", ".xht", ".shtml", ".asp", ".aspx", ".php", ".jsp"),
    Kind.WORD: (".docx", ".docm", ".dotx"),
    Kind.PDF: (".pdf",),
    Kind.TEXT: (".txt", ".text", ".md"),
}
"""The endings a kind may have; the one that readers know stands first."""

_PICTURES = {Kind.PNG: "image/png", Kind.JPEG: "image/jpeg", Kind.GIF: "image/gif"}

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLD_OFFICE),
    (b"{\\rtf", Kind.RICH_TEXT),
    (b"#!", Kind.PROGRAM),
    (b"MZ", Kind.PROGRAM),
    (b"\x7fELF", Kind.PROGRAM),
    (b"\xcf\xfa\xed\xfe", Kind.PROGRAM),
    (b"\xca\xfe\xba\xbe", Kind.PROGRAM),
    (b"RIFF", Kind.PICTURE),
    (b"II*\0", Kind.PICTURE),
    (b"MM\0*", Kind.PICTURE),
    (b"BM", Kind.PICTURE),
    (b"7z\xbc\xaf'\x1c", Kind.ARCHIVE),
    (b"Rar!\x1a", Kind.ARCHIVE),
    (b"\x1f\x8b", Kind.ARCHIVE),
    (b"\xfd7zXZ\0", Kind.ARCHIVE),
)
_PROGRAM_ENDINGS = {".bat", ".cmd", ".hta", ".js", ".jse", ".mjs", ".ps1", ".py", ".sh", ".vbe", ".vbs", ".wsf"}
_LOCKED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MAIN_PART = re.compile(r"word/document\d*\.xml")
_HEAD = 1 << 16
_LONGEST_ASKED = 500_000
"""Characters: a review says what it is long before."""
_PDF_HEAD = 1 << 10
"""Readers of PDF look for its mark this far in."""
_LARGEST_DRAWING = 10_000_000
"""Bytes a page of a PDF may unpack to: a page of text takes ten thousand, a detailed map a few million."""
_FIRST_PAGES = 10
"""Enough of a PDF to tell a review by; a long form is not read to its end for nothing."""

# Atomic, so that a file of comments and nothing else is passed over once, not in every way it can be divided.
_BEFORE_MARKUP = re.compile(r"(?>\s+|\ufeff|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_FIRST_TAG = re.compile(r"<(?:!doctype\s+)?([a-z][\w:-]*)", re.IGNORECASE)
_PAGE_TAGS = {
    *("html", "head", "body", "title", "meta", "link", "base", "style", "script"),
    *("article", "aside", "blockquote", "center", "div", "footer", "form", "header", "main", "nav", "pre", "section"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "dl", "li", "ol", "ul", "table", "tbody", "td", "thead", "tr"),
    *("a", "b", "br", "em", "font", "hr", "i", "img", "span", "strong"),
}
_ANY_TAG = re.compile(r"</?[a-z][^<>]{0,200}>", re.IGNORECASE)
# To the end where it is not closed, so that no part is looked through twice.
_UNSEEN = re.compile(r"<(title|script|style|noscript|template)\b.*?(?:</\1\b|\Z)", re.IGNORECASE | re.DOTALL)
_LINE_END = re.compile(r"</(?:\w+:)?(?:p|div|h[1-6]|li|td|th|tr)>|<(?:\w+:)?br\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_ENTITY = re.compile(rb"<!ENTITY")
_DOCTYPE = re.compile(rb"<!(?:ENTITY|DOCTYPE)")
_NOT_IN_TEXT = re.compile("[\0-\x08\x0e-\x19\x1c-\x1f]")


def read(file: SourceFile) -> Reading:
    """Read a file for what it is; whatever is wrong with it comes back as a refusal."""
    try:
        return _read(file)
    except Invalid as trouble:
        reason = str(trouble)
    except RecursionError:
        reason = "It has elements inside one another far deeper than any text. Save it again in a simpler form."
    except MemoryError:
        raise  # the sandbox knows how much there was
    except Exception as trouble:
        # Parsers of foreign formats raise whatever they trip over; the name helps whoever mends the reader.
        reason = f"It is damaged, or made in a way that cannot be read ({type(trouble).__name__}). Save it again."
    return Reading(refused=(Refusal(file.name, reason),))


def kind_of(file: SourceFile) -> Kind:
    """Say what a file is by its content, and by its name only where content leaves it open. May raise `Invalid`."""
    content = file.content
    if not content or content.isspace():
        return Kind.EMPTY
    if b"%PDF-" in content[:_PDF_HEAD]:
        return Kind.PDF
    if content.startswith((b"PK\3\4", b"PK\5\6")):
        return _kind_of_zip(content)
    text = _text(content)
    for magic, kind in _MAGIC:
        # Text may begin with the letters of some magic ("BMI of a child"), and then it is text.
        if content.startswith(magic) and not (magic.isalpha() and text is not None):
            return Kind.LOCKED if kind is Kind.OLD_OFFICE and _LOCKED_PACKAGE in content else kind
    return _kind_of_text(text if text is not None else _lenient(content), _ending(file), clean=text is not None)


def _read(file: SourceFile) -> Reading:
    kind = kind_of(file)
    if kind in _CURES:
        raise Invalid(_CURES[kind])
    if kind in _PICTURES:
        return _attachment(file, _PICTURES[kind], "Image")
    if not _NUMBERED_HEADING.search(file.content) and is_review(_TEXTS[kind](file.content)[:_LONGEST_ASKED]):
        return _read_review(file, kind)
    return _noted(_read_other(file, kind), file, kind)


def _read_review(file: SourceFile, kind: Kind) -> Reading:
    """Read a review; its reader goes by the ending, so a file of another name is lent the right one for that time."""
    if _fits(file, kind):
        return read_review(file)
    lent = SourceFile(file.name + _ENDINGS[kind][0], file.content)
    try:
        reading = read_review(lent)
    except Invalid as trouble:
        raise Invalid(str(trouble).replace(lent.name, file.name)) from trouble
    return Reading(
        reviews=tuple(replace(found, file=file.name) for found in reading.reviews),
        unplaced=tuple(replace(found, file=file.name) for found in reading.unplaced),
    )


def _read_other(file: SourceFile, kind: Kind) -> Reading:
    if kind is Kind.PAGE:
        return read_page(file)
    if kind is Kind.WORD:
        return read_word(file)
    if kind is Kind.PDF:
        return _attachment(file, "application/pdf", "PDF")
    raise Invalid("It is plain text, and no review. Save the section as a web page (.html) or Word file (.docx).")


def _noted(reading: Reading, file: SourceFile, kind: Kind) -> Reading:
    """Say in the sections what is odd about the name of their file."""
    if _fits(file, kind):
        return reading
    remark = f"The file is called {_ending(file)} but is {kind}." if _ending(file) else f"The file is {kind}."
    noted = tuple(replace(found, remarks=(*found.remarks, remark)) for found in reading.sections)
    return replace(reading, sections=noted)


def _attachment(file: SourceFile, media_type: str, what: str) -> Reading:
    filename = PurePosixPath(file.name).name
    equivalent = f"{what} {filename}. No description came with it."
    return Reading(attachments=(ReadAttachment(file.name, filename, media_type, file.content, equivalent),))


def _fits(file: SourceFile, kind: Kind) -> bool:
    return _ending(file) in _ENDINGS[kind]


def _ending(file: SourceFile) -> str:
    return PurePosixPath(file.name).suffix.lower()


def _kind_of_zip(content: bytes) -> Kind:
    names = open_archive(BytesIO(content)).NameToInfo
    if any(_MAIN_PART.fullmatch(name) for name in names):
        return Kind.WORD
    return Kind.OTHER_OFFICE if "[Content_Types].xml" in names or "mimetype" in names else Kind.ARCHIVE


def _kind_of_text(text: str, ending: str, *, clean: bool) -> Kind:
    """Tell pages and other text apart; unclean text has bytes in it that only a page is forgiven."""
    head = text[:_HEAD]
    first = _FIRST_TAG.match(head, _end_of(_BEFORE_MARKUP.match(head)))
    tag = first.group(1).lower() if first else ""
    if tag in _PAGE_TAGS or (ending in _ENDINGS[Kind.PAGE] and tag != "svg" and _ANY_TAG.search(text)):
        return Kind.PAGE
    if tag == "svg":
        return Kind.DRAWING
    if not clean:
        return Kind.UNKNOWN
    if tag:
        return Kind.XML
    return _kind_of_plain_text(head, ending)


def _kind_of_plain_text(head: str, ending: str) -> Kind:
    if "multipart/related" in head and "MIME-Version:" in head:
        return Kind.WEB_ARCHIVE
    if ending in _PROGRAM_ENDINGS:
        return Kind.PROGRAM
    return Kind.STYLES if ending == ".css" else Kind.TEXT


def _end_of(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _text(content: bytes) -> str | None:
    """Decode what is nothing but text; None for anything else."""
    text = _lenient(content)
    return None if _NOT_IN_TEXT.search(text) else text


def _lenient(content: bytes) -> str:
    """Decode what may be text, as far as it goes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1252", errors="replace")


def _plain(markup: str) -> str:
    """Take tags out of markup, quickly: only to ask whether it is a review, not to be kept."""
    body = _UNSEEN.sub("", markup[: 4 * _LONGEST_ASKED])
    return html.unescape(_TAG.sub("", _LINE_END.sub("\n", body)))


def _word_text(content: bytes) -> str:
    """Take the text out of a Word file, having made sure that its parts are safe to parse."""
    archive = open_archive(BytesIO(content))
    main = ""
    for entry in archive.infolist():
        part = unpack(archive, entry)
        _check_part(entry, part)
        if not main and _MAIN_PART.fullmatch(entry.filename):
            main = _plain(_lenient(part))
    return main


def _check_part(entry: zipfile.ZipInfo, part: bytes) -> None:
    # Office never declares entities. Markup in 16 bits a letter would hide them from us, not from the parser.
    declarations = _DOCTYPE if entry.filename.lower().endswith((".xml", ".rels")) else _ENTITY
    if declarations.search(part.replace(b"\0", b"")):
        raise Invalid("It holds XML declarations that Word never writes. Open it in Word and save it again.")


def _pdf_text(content: bytes) -> str:
    import pypdf
    from pypdf.errors import FileNotDecryptedError, LimitReachedError, PyPdfError

    try:
        with pypdf.apply_configuration(zlib_maximum_output_length=_LARGEST_DRAWING):
            return "\n".join(_page_text(page) for page in pypdf.PdfReader(BytesIO(content)).pages[:_FIRST_PAGES])
    except FileNotDecryptedError as trouble:
        raise Invalid(_CURES[Kind.LOCKED]) from trouble
    except LimitReachedError as trouble:
        raise Invalid("It unpacks to far more than any document. Save it again in a simpler form.") from trouble
    except PyPdfError as trouble:
        raise Invalid("It is a PDF, and damaged. Save it again and try once more.") from trouble


def _page_text(page: "PageObject") -> str:
    # Asked for text, pypdf passes over a drawing it cannot unpack; asked for the drawing, it says so.
    drawing = page.get_contents()
    return page.extract_text() if drawing is not None and len(drawing.get_data()) < _LARGEST_DRAWING else ""


_TEXTS: dict[Kind, Callable[[bytes], str]] = {
    Kind.PAGE: lambda content: _plain(_lenient(content)),
    Kind.WORD: _word_text,
    Kind.PDF: _pdf_text,
    Kind.TEXT: _lenient,
}
"""How to get at enough of a document's text to ask whether it is a review."""
