"""Word files (.docx) read as sections, into the same structure as pages.

`reader` hands each file over as bytes, inside the sandbox. mammoth turns the document into HTML, which goes the way of
any page; what mammoth passes over (tracked changes, comments, headers, drawings with text) is read from the package and
named. Nothing is fetched, and no macro is looked at.
"""

import logging
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from html import unescape
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from bs4 import BeautifulSoup

from procedures.errors import Invalid
from procedures.importers.page.flow import blocks_of
from procedures.importers.page.shape import Shape
from procedures.importers.page.structure import section_of
from procedures.importers.reading import ReadAttachment, Reading, ReadSection, SourceFile, Unplaced
from procedures.importers.word.package import WordPackage, open_package

log = logging.getLogger(__name__)

_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='title'] => h1:fresh"
_ENDINGS = {"image/jpeg": "jpg", "image/svg+xml": "svg", "image/x-emf": "emf", "image/x-wmf": "wmf"}
_INLINE = re.compile(r"</?(?:a|abbr|em|strong|sub|sup)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class _Images:
    """The images of a document, kept as attachments while mammoth meets them."""

    file: SourceFile
    kept: list[ReadAttachment] = field(default_factory=list)

    def keep(self, image: Any) -> dict[str, str]:
        """Keep one image; the answer is what its place in the text says."""
        name = PurePosixPath(self.file.name).name
        kind = str(image.content_type or "application/octet-stream")
        ending = _ENDINGS.get(kind, re.sub(r"[^a-z0-9]", "", kind.rpartition("/")[2].lower()))
        try:
            with image.open() as stream:
                content = bytes(stream.read())
        except Exception as error:  # an image kept outside the file, or not there at all: the text goes on without it
            log.info("an image of a Word file could not be opened: %s", type(error).__name__)
            return {}
        filename = f"{PurePosixPath(name).stem}-image-{len(self.kept) + 1}.{ending}"
        words = " ".join(str(image.alt_text or "").split()) or f"Image from {name}, no description."
        self.kept.append(ReadAttachment(self.file.name, filename, kind, content, words))
        return {"src": filename}


def read_word(file: SourceFile) -> Reading:
    """Read a Word file as one section; raises `Invalid` where it is none, is damaged or holds no text."""
    package = open_package(file.content)
    # Told before numbers are written into the text, for those are no one's change.
    told = [*package.changes(), *package.comments(), *package.headers()]
    images = _Images(file)
    body = BeautifulSoup(_as_html(package.numbered(), images), "lxml").body
    if body is None:
        raise Invalid("It has no text. A section needs at least a paragraph.")
    flow = blocks_of(body, body, Shape(body, body, None))
    section, unplaced = section_of(flow, file.name, headed_first=True)
    if not section.printed_numbers:
        raise Invalid("It has no guidance in it: no paragraph was found under a heading.")
    unplaced = (*unplaced, *_missed(package, section, unplaced))
    section = replace(
        section,
        remarks=(*section.remarks, *told),
        addresses=(PurePosixPath(file.name.replace("\\", "/")).name,),
        wants=tuple(flow.wants),
    )
    return Reading((section,), attachments=tuple(images.kept), unplaced=unplaced)


def _as_html(document: BytesIO, images: _Images) -> str:
    import mammoth

    try:
        result = mammoth.convert_to_html(
            document,
            style_map=_STYLES,
            include_embedded_style_map=False,
            convert_image=mammoth.images.img_element(images.keep),
        )
    except MemoryError:
        raise
    except Exception as error:  # a broken document makes mammoth raise whatever its parts raise
        raise Invalid("It is damaged, or not a Word document. Open it in Word and save it again.") from error
    return str(result.value)


def _missed(package: WordPackage, section: ReadSection, unplaced: tuple[Unplaced, ...]) -> list[Unplaced]:
    """Find the paragraphs mammoth passed over, by their words: text in drawings, charts and the like."""
    told = [unescape(_TAG.sub(" ", _INLINE.sub("", section.body))), section.title, section.number or ""]
    told += [*section.review_lines, *section.remarks, *(number or "" for number in section.printed_numbers)]
    told += [f"{entry.day or ''} {entry.text}" for entry in section.amendments]
    told += [text.text for text in unplaced]
    known = Counter(word for text in told for word in _WORD.findall(text))
    missed: list[Unplaced] = []
    for text in package.paragraphs():
        words = Counter(_WORD.findall(text))
        if words - known:
            missed.append(Unplaced(section.file, " ".join(text.split())))
        known -= words
    return missed
