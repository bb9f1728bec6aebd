"""A Word file becomes a section like a page does, and what Word hides in it (changes, comments, headers) is named."""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml

from procedures.errors import Invalid
from procedures.importers.reading import Reading, ReadSection, SourceFile
from procedures.importers.word.read import read_word
from procedures.markup import clean, paragraphs

NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BY = 'w:id="1" w:author="A. Editor" w:date="2024-03-05T10:00:00Z"'
REFUSAL = r"^It [^\n]*\.$"


def saved(document: Document) -> bytes:
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def read(document: Document | bytes) -> Reading:
    content = document if isinstance(document, bytes) else saved(document)
    reading = read_word(SourceFile("manual/Domestic abuse.docx", content))
    section = reading.sections[0]
    assert clean(section.body) == section.body
    assert len(paragraphs(section.body, None)) == len(section.printed_numbers)
    return reading


def section_of(document: Document | bytes) -> ReadSection:
    return read(document).sections[0]


def texts(section: ReadSection) -> list[str]:
    return [paragraph.text for paragraph in paragraphs(section.body, None)]


def repacked(content: bytes, change: Callable[[str, bytes], bytes], extra: dict[str, bytes] | None = None) -> bytes:
    """Pack a Word file anew, each part passed through a function."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, part in (extra or {}).items():
            new.writestr(name, part)
    return packed.getvalue()


def with_document(body: str) -> bytes:
    """Make a Word file of a document's inner XML."""
    whole = f"<w:document {NS}><w:body>{body}</w:body></w:document>".encode()
    return repacked(saved(docx.Document()), lambda name, part: whole if name == "word/document.xml" else part)


def png() -> BytesIO:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b""))
    return BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def test_headings_numbers_and_lists_of_a_word_file_become_a_section() -> None:
    document = docx.Document()
    document.add_heading("8.14 Domestic Abuse", 1)
    document.add_paragraph("Last reviewed in April 2024")
    document.add_heading("What to do", 2)
    document.add_paragraph("8.14.1 Refer at once if:")
    document.add_paragraph("a child is hurt", style="List Bullet")
    document.add_paragraph().add_run("Who to tell").bold = True
    document.add_paragraph("8.14.2 Tell the duty team.")
    table = document.add_table(2, 2)
    for cell, words in zip((cell for row in table.rows for cell in row.cells), "abcd", strict=True):
        cell.text = f"cell {words}"
    section = section_of(document)
    assert (section.number, section.title, section.reviewed_on) == ("8.14", "Domestic Abuse", "2024-04")
    assert section.printed_numbers == ("8.14.1", "8.14.2")
    assert texts(section) == [
        "Refer at once if:\n- a child is hurt",
        "Tell the duty team.\ncell a | cell b\ncell c | cell d",
    ]
    assert [paragraph.heading for paragraph in paragraphs(section.body, None)] == [
        ("What to do",),
        ("What to do", "Who to tell"),
    ]
    assert section.addresses == ("Domestic abuse.docx",)


def test_a_title_style_gives_the_title_and_a_file_without_one_is_called_by_its_name() -> None:
    document = docx.Document()
    document.add_heading("Domestic Abuse", 0)
    document.add_heading("1.1 Scope", 1)
    document.add_paragraph("Text.")
    assert section_of(document).title == "Domestic Abuse"
    plain = docx.Document()
    plain.add_paragraph("Text.")
    assert section_of(plain).title == "Domestic abuse"


def test_numbers_that_word_counts_are_written_out() -> None:
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="{start}"/><w:numFmt w:val="decimal"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for level, start, text in ((0, 8, "%1"), (1, 14, "%1.%2"), (2, 1, "%1.%2.%3"))
    )
    numbering = (
        f'<w:numbering {NS}><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
        '<w:num w:numId="7"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    ).encode()

    def paragraph(level: int, text: str) -> str:
        listed = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr>'
        return f"<w:p><w:pPr>{listed}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"

    content = with_document(
        paragraph(1, "Domestic Abuse").replace("<w:numPr>", '<w:pStyle w:val="Heading1"/><w:numPr>')
        + paragraph(2, "One.")
        + paragraph(2, "Two.")
    )
    section = section_of(repacked(content, lambda name, part: numbering if name == "word/numbering.xml" else part))
    assert (section.number, section.title) == ("8.14", "Domestic Abuse")
    assert section.printed_numbers == ("8.14.1", "8.14.2")
    assert texts(section) == ["One.", "Two."]


def test_tracked_changes_are_named_and_deleted_words_are_not_lost() -> None:
    section = section_of(
        with_document(
            f"<w:p><w:r><w:t>Ring </w:t></w:r><w:del {BY}><w:r><w:delText>the old </w:delText></w:r></w:del>"
            f"<w:ins {BY}><w:r><w:t>the new </w:t></w:r></w:ins><w:r><w:t>team.</w:t></w:r></w:p>"
            f"<w:p><w:moveFrom {BY}><w:r><w:t>Moved.</w:t></w:r></w:moveFrom></w:p>"
            f"<w:p><w:moveTo {BY}><w:r><w:t>Moved.</w:t></w:r></w:moveTo></w:p>"
        )
    )
    assert texts(section) == ["Ring the new team.", "Moved."]
    assert section.remarks == (
        "Tracked deletion by A. Editor on 2024-03-05: the old",
        "Tracked insertion by A. Editor on 2024-03-05: the new",
        "Tracked move away by A. Editor on 2024-03-05: Moved.",
        "Tracked move to by A. Editor on 2024-03-05: Moved.",
    )


def test_comments_headers_and_footers_are_named() -> None:
    document = docx.Document()
    run = document.add_paragraph("Text.").runs[0]
    document.add_comment(run, text="Is this so?", author="A. Editor")
    document.sections[0].header.paragraphs[0].text = "Draft 3"
    document.sections[0].footer.paragraphs[0].text = "Page foot"
    remarks = section_of(document).remarks
    assert re.fullmatch(r"Comment by A. Editor on \d{4}-\d\d-\d\d: Is this so\?", remarks[0])
    assert remarks[1:] == ("Page header: Draft 3", "Page footer: Page foot")


def test_footnotes_stand_where_their_markers_stood() -> None:
    notes = (
        f'<w:footnotes {NS}><w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>Act 1989.</w:t></w:r></w:p>'
        "</w:footnote></w:footnotes>"
    ).encode()
    content = with_document('<w:p><w:r><w:t>Duty</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>')
    section = section_of(repacked(content, lambda name, part: part, {"word/footnotes.xml": notes}))
    assert section.body == "<div><p>Duty<small>Act 1989.</small></p></div>"


def test_images_become_attachments_with_words_for_them() -> None:
    document = docx.Document()
    document.add_paragraph("See the chart:")
    document.add_picture(png())
    document.add_picture(png())
    properties = document.inline_shapes[0]._inline.docPr
    properties.set("descr", "Flow chart of a referral")
    reading = read(document)
    assert [(found.filename, found.media_type, found.text_equivalent) for found in reading.attachments] == [
        ("Domestic abuse-image-1.png", "image/png", "Flow chart of a referral"),
        ("Domestic abuse-image-2.png", "image/png", "Image from Domestic abuse.docx, no description."),
    ]
    assert reading.attachments[0].content == png().getvalue()
    assert reading.sections[0].wants == ("Domestic abuse-image-1.png", "Domestic abuse-image-2.png")
    assert "[Flow chart of a referral]" in " ".join(texts(reading.sections[0]))


def test_text_that_mammoth_passes_over_is_named_as_unplaced() -> None:
    drawing = '<a:data xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:t>In a diagram</a:t></a:data>'
    document = docx.Document()
    document.add_paragraph("Text.")
    content = repacked(saved(document), lambda name, part: part, {"word/diagrams/data1.xml": drawing.encode()})
    assert [found.text for found in read(content).unplaced] == ["In a diagram"]


def test_text_boxes_keep_their_words() -> None:
    document = docx.Document()
    document.add_paragraph("Text.")
    box = parse_xml(
        f'<w:p {NS} xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:pict><v:shape><v:textbox><w:txbxContent>'
        "<w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    document.element.body.insert(0, box)
    assert "In a box" in texts(section_of(document))


def broken(kind: str) -> bytes:
    document = docx.Document()
    document.add_paragraph("Text.")
    content = saved(document)
    entity = b'<!DOCTYPE x [<!ENTITY y "z">]>'
    return {
        "cut short": content[: len(content) // 2],
        "not a zip": b"PK\3\4 nothing",
        "empty": b"",
        "a zip of something else": repacked(content, lambda name, part: part).replace(b"document.xml", b"dokument.xml"),
        "broken XML": repacked(content, lambda name, part: part[:-40] if name.endswith("document.xml") else part),
        "no text": saved(docx.Document()),
        "a document type": repacked(content, lambda name, part: entity + part if name.endswith("s.xml") else part),
        "a bomb": repacked(content, lambda name, part: part, {"word/media/a.bin": b"\0" * 30_000_000}),
        "far too much": repacked(
            content,
            lambda name, part: part,
            {f"word/media/{place}.bin": bytes(range(256)) * 4_000 for place in range(60)},
        ),
        "far too many parts": repacked(content, lambda name, part: part, {f"a/{n}": b"" for n in range(2_001)}),
        "elements 20,000 deep": with_document("<w:p>" * 20_000 + "</w:p>" * 20_000),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "cut short",
        "not a zip",
        "empty",
        "a zip of something else",
        "broken XML",
        "no text",
        "a document type",
        "a bomb",
        "far too much",
        "far too many parts",
        "elements 20,000 deep",
    ],
)
def test_a_file_that_is_broken_or_harmful_is_refused_in_one_sentence(kind: str) -> None:
    with pytest.raises(Invalid, match=REFUSAL):
        read_word(SourceFile("a.docx", broken(kind)))


def test_the_words_of_an_equation_are_named() -> None:
    document = docx.Document()
    document.add_heading("8.14 Doses", 1)
    paragraph = document.add_paragraph("8.14.1 Work it out: ")
    math = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    equation = parse_xml(f'<m:oMath xmlns:m="{math}"><m:r><m:t>mathwords</m:t></m:r></m:oMath>')
    paragraph._p.insert(len(paragraph._p), equation)  # type: ignore[arg-type]  # lxml and python-docx differ on the class
    reading = read(document)
    assert "mathwords" in " ".join([*texts(reading.sections[0]), *(each.text for each in reading.unplaced)])
