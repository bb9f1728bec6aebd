"""The plain text of a review document, in passages: headings, paragraphs, list items, cells of tables.

`review` calls `passages`, and whoever sorts files calls `plain_text` to ask what a file is about. Text,
HTML, Word and PDF all end as the same passages. Nothing here knows what a review says, keeps markup or opens a path;
a file that cannot be read raises `Invalid` with a sentence for the person who chose it.
"""

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from bs4.dammit import UnicodeDammit

from procedures.errors import Invalid
from procedures.importers.reading import SourceFile
from procedures.importers.review.markup import MOST_PASSAGES, from_markup
from procedures.importers.review.passage import Form, Passage, from_lines, squeezed

if TYPE_CHECKING:
    from pypdf import PdfReader

_LARGEST_FILE = 50_000_000
_LONGEST_TEXT = 1_000_000
"""Characters: the longest national review has half of this."""
_MOST_PAGES = 1_000
_LARGEST_UNPACKED = 100_000_000
_LARGEST_PART = 10_000_000
_MOST_PARTS = 2_000
_RUNNING = 3
_MOST_DRAWN = 20_000_000
"""Bytes of drawing on all pages of a PDF together; pypdf reads about a million a second."""
_PDF_LIMITS: dict[str, Any] = {
    # Pages of text unpack to some ten thousand bytes; pypdf's own limits (75 MB a stream) would allow minutes of work.
    "array_based_stream_maximum_output_length": 5_000_000,
    "lzw_maximum_output_length": 5_000_000,
    "run_length_maximum_output_length": 5_000_000,
    "zlib_maximum_output_length": 5_000_000,
    "stream_parsing_work_maximum_count": 500_000,
    "xform_maximum_invocations_per_extraction": 500,
}

_NUMBER = re.compile(r"\d+")


def passages(file: SourceFile) -> tuple[Passage, ...]:
    """Read a file into passages, in its own order. Raises `Invalid` where that cannot be done."""
    if not file.content:
        raise Invalid(f"'{file.name}' is empty.")
    if len(file.content) > _LARGEST_FILE:
        raise Invalid(f"'{file.name}' is larger than {_LARGEST_FILE // 1_000_000} MB, more than a review has.")
    found = tuple(_of_form(file))
    if not found:
        raise Invalid(f"'{file.name}' has no text in it.")
    if len(found) > MOST_PASSAGES or sum(len(passage.text) for passage in found) > _LONGEST_TEXT:
        raise Invalid(f"'{file.name}' has more text than any review.")
    return found


def plain_text(file: SourceFile) -> str:
    """Give a file's text, a line for each passage. Raises `Invalid` as `passages` does."""
    return "\n".join(passage.text for passage in passages(file))


def _of_form(file: SourceFile) -> Iterable[Passage]:
    suffix = PurePath(file.name).suffix.lower()
    if suffix not in _READERS:
        raise Invalid(f"'{file.name}' is not a text, HTML, Word (.docx) or PDF file.")
    if file.content.lstrip()[:5] == b"%PDF-":
        true: tuple[str, ...] = (".pdf",)
    elif file.content.startswith(b"PK\x03\x04"):
        true = (".docx",)
    else:
        true = (".txt", ".html", ".htm")
    if suffix not in true:
        raise Invalid(f"'{file.name}' is not a {suffix} file, whatever its name says: it looks like {true[0]}.")
    return _READERS[suffix](file)


# Plain text


def _from_text(file: SourceFile) -> Iterable[Passage]:
    try:
        text = file.content.decode("utf-16" if file.content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = file.content.decode("windows-1252", errors="replace")
    if "\x00" in text:
        raise Invalid(f"'{file.name}' is not a text file: it has bytes no text has.")
    return from_lines(text.splitlines())


# HTML and Word


def _from_html(file: SourceFile) -> Iterable[Passage]:
    markup = UnicodeDammit(file.content, is_html=True).unicode_markup
    if markup is None:
        raise Invalid(f"'{file.name}' is not a web page: no encoding makes text of it.")
    return from_markup(markup, file.name)


def _from_word(file: SourceFile) -> Iterable[Passage]:
    # By way of HTML and not mammoth's raw text, which forgets what is a heading and which cells share a row.
    import mammoth

    _check_package(file)
    no_images = mammoth.images.img_element(lambda image: {})
    try:
        markup: str = mammoth.convert_to_html(io.BytesIO(file.content), convert_image=no_images).value
    except Exception as error:  # a broken document makes mammoth raise whatever its parts raise
        raise Invalid(f"'{file.name}' is damaged, or not a Word document.") from error
    return from_markup(markup, file.name)


def _check_package(file: SourceFile) -> None:
    """Refuse a .docx that would unpack without end, or whose XML could: mammoth expands entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as package:
            parts = package.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
                raise Invalid(f"'{file.name}' unpacks to far more than a document has.")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_part(file, part, package)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise Invalid(f"'{file.name}' is damaged, or not a Word document.") from error


def _check_part(file: SourceFile, part: zipfile.ZipInfo, package: zipfile.ZipFile) -> None:
    if part.file_size > _LARGEST_PART:
        raise Invalid(f"'{file.name}' unpacks to far more than a document has.")
    if b"<!DOCTYPE" in package.read(part).replace(b"\x00", b""):
        raise Invalid(f"'{file.name}' declares a document type, which no Word document does.")


# PDF


def _from_pdf(file: SourceFile) -> Iterable[Passage]:
    pages = _pdf_pages(file)
    if not any(line.strip() for page in pages for line in page):
        raise Invalid(f"'{file.name}' has no text in it: it may be a scan, whose text must be recognised first.")
    furniture = _printed_on_every_page(pages)
    lines = [squeezed(line) for page in pages for line in page]
    yield from (Passage(line, Form.FURNITURE) for line in dict.fromkeys(lines) if _unnumbered(line) in furniture)
    yield from from_lines(line for line in lines if _unnumbered(line) not in furniture)


def _pdf_pages(file: SourceFile) -> list[list[str]]:
    """Take the lines of each page; whatever a hostile file makes pypdf raise, the reader sees one sentence."""
    import pypdf
    from pypdf.errors import FileNotDecryptedError, LimitReachedError

    try:
        with pypdf.apply_configuration(**_PDF_LIMITS):
            return _lines_of_pages(pypdf.PdfReader(io.BytesIO(file.content)), file.name)
    except Invalid:
        raise
    except FileNotDecryptedError as error:
        raise Invalid(f"'{file.name}' is locked with a password: save it without one first.") from error
    except LimitReachedError as error:
        raise Invalid(f"'{file.name}' unpacks to far more than a document has.") from error
    except Exception as error:
        raise Invalid(f"'{file.name}' is damaged, or not a PDF document.") from error


def _lines_of_pages(reader: "PdfReader", name: str) -> list[list[str]]:
    if len(reader.pages) > _MOST_PAGES:
        raise Invalid(f"'{name}' has more pages than any review.")
    found: list[list[str]] = []
    drawn = written = 0
    for page in reader.pages:
        # The same heavy page can stand in a file a thousand times.
        drawn += len(contents.get_data()) if (contents := page.get_contents()) else 0
        if drawn > _MOST_DRAWN or written > _LONGEST_TEXT:
            raise Invalid(f"'{name}' unpacks to far more than a document has.")
        text = page.extract_text()
        written += len(text)
        found.append(text.splitlines())
    return found


def _printed_on_every_page(pages: list[list[str]]) -> set[str]:
    """Find running heads and feet: what stands first or last on three pages or more, but for its numbers."""
    edges: Counter[str] = Counter()
    for page in pages:
        lines = [_unnumbered(squeezed(line)) for line in page if line.strip()]
        edges.update({lines[0], lines[-1]} if lines else set())
    return {line for line, count in edges.items() if count >= _RUNNING}


def _unnumbered(line: str) -> str:
    return _NUMBER.sub("0", line)


_READERS: dict[str, Callable[[SourceFile], Iterable[Passage]]] = {
    ".txt": _from_text,
    ".html": _from_html,
    ".htm": _from_html,
    ".docx": _from_word,
    ".pdf": _from_pdf,
}
