"""One file read for what it is: its content decides, its name does not, and whatever is wrong is said in a sentence.

What pages, Word files and reviews turn into is the matter of their own readers; here small ones stand in for them.
"""

import zipfile
from dataclasses import replace
from io import BytesIO

import docx
import pypdf
import pytest

from procedures.errors import Invalid
from procedures.importers import reader
from procedures.importers.reader import Kind, kind_of, read
from procedures.importers.reading import Reading, ReadSection, SourceFile, Unplaced

PAGE = b"<!DOCTYPE html><html><head><title>Neglect</title></head><body><p>Refer.</p></body></html>"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)
REVIEW = "This is a review of Child Z."


def word(text: str = "Refer.") -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    packed = BytesIO()
    document.save(packed)
    return packed.getvalue()


def pdf(text: str = "", password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(600, 800)
    font = writer._add_object(
        pypdf.generic.DictionaryObject(
            {
                pypdf.generic.NameObject("/Type"): pypdf.generic.NameObject("/Font"),
                pypdf.generic.NameObject("/Subtype"): pypdf.generic.NameObject("/Type1"),
                pypdf.generic.NameObject("/BaseFont"): pypdf.generic.NameObject("/Helvetica"),
            }
        )
    )
    fonts = pypdf.generic.DictionaryObject({pypdf.generic.NameObject("/F1"): font})
    page[pypdf.generic.NameObject("/Resources")] = pypdf.generic.DictionaryObject(
        {pypdf.generic.NameObject("/Font"): fonts}
    )
    drawing = pypdf.generic.DecodedStreamObject()
    drawing.set_data(f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode())
    page[pypdf.generic.NameObject("/Contents")] = writer._add_object(drawing)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    packed = BytesIO()
    writer.write(packed)
    return packed.getvalue()


def office(*parts: str) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in parts:
            archive.writestr(part, "<x/>")
    return packed.getvalue()


def section(file: SourceFile, title: str) -> Reading:
    found = ReadSection(file.name, None, title, "<div><p>Refer.</p></div>", (None,), remarks=("There was a comment.",))
    return Reading(sections=(found,), unplaced=(Unplaced(file.name, "left over"),))


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "read_page", lambda file: section(file, "page"))
    monkeypatch.setattr(reader, "read_word", lambda file: section(file, "word"))
    monkeypatch.setattr(reader, "read_review", lambda file: section(file, "review"))
    monkeypatch.setattr(reader, "is_review", lambda text: "review of Child Z" in text)


def title(name: str, content: bytes) -> str:
    (found,) = read(SourceFile(name, content)).sections
    return found.title


def refusal(name: str, content: bytes) -> str:
    reading = read(SourceFile(name, content))
    assert reading == Reading(refused=reading.refused)
    (refused,) = reading.refused
    assert refused.file == name
    return refused.reason


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PAGE, Kind.PAGE),
        (b"\xef\xbb\xbf \r\n<!-- saved from url --><HTML>", Kind.PAGE),
        (b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x' 'y'><html xmlns='z'>", Kind.PAGE),
        ("<p>Caf\u00e9".encode("utf-16"), Kind.PAGE),
        ("<p>Caf\u00e9 \u2013".encode("windows-1252"), Kind.PAGE),
        (b"<p>A page may hold a \0 by mistake.</p>", Kind.PAGE),
        (word(), Kind.WORD),
        (pdf(), Kind.PDF),
        (b"\n\n%PDF-1.4", Kind.PDF),
        (PNG, Kind.PNG),
        (b"\xff\xd8\xff\xe0", Kind.JPEG),
        (b"GIF89a\0", Kind.GIF),
        (b"BMI of a child", Kind.TEXT),
        (b"MZ is no word", Kind.TEXT),
        ("A caf\u00e9 \u2013 in Hove".encode("windows-1252"), Kind.TEXT),
        (b"3 < 4 and 5 > 4", Kind.TEXT),
        (b"", Kind.EMPTY),
        (b" \r\n\t", Kind.EMPTY),
        (bytes(5000), Kind.UNKNOWN),
        (bytes(range(256)) * 9, Kind.UNKNOWN),
        (b"MZ\x90\0\3\0", Kind.PROGRAM),
        (b"\x7fELF\2\1\1\0", Kind.PROGRAM),
        (b"#!/bin/sh\n<html>", Kind.PROGRAM),
        (b"{\\rtf1 text}", Kind.RICH_TEXT),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), Kind.OLD_OFFICE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), Kind.LOCKED),
        (office("[Content_Types].xml", "xl/workbook.xml"), Kind.OTHER_OFFICE),
        (office("mimetype", "content.xml"), Kind.OTHER_OFFICE),
        (office("page.html"), Kind.ARCHIVE),
        (b"Rar!\x1a\7\0", Kind.ARCHIVE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", Kind.DRAWING),
        (b"<?xml version='1.0'?><!DOCTYPE svg><svg>", Kind.DRAWING),
        (b"<?xml version='1.0'?><feed>", Kind.XML),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related;", Kind.WEB_ARCHIVE),
        (b"RIFF\0\0\0\0WEBP", Kind.PICTURE),
    ],
)
def test_a_file_is_known_by_its_content_whatever_its_name(content: bytes, kind: Kind) -> None:
    assert kind_of(SourceFile("manual.bin", content)) is kind


def test_a_fragment_of_a_page_is_known_by_its_name() -> None:
    assert kind_of(SourceFile("neglect.html", b"Skip to <my-text>content</my-text>")) is Kind.PAGE


@pytest.mark.parametrize("name", ["page.js", "macro.vbs", "run.BAT"])
def test_text_that_runs_is_a_program(name: str) -> None:
    assert "programs are never kept" in refusal(name, b"alert(1)")


def test_every_kind_is_either_read_or_refused_with_a_cure() -> None:
    read_kinds = {*reader._TEXTS, *reader._PICTURES}
    assert read_kinds | set(reader._CURES) == set(Kind)
    assert not read_kinds & set(reader._CURES)


def test_pages_and_word_files_become_sections_unless_they_are_reviews() -> None:
    assert title("neglect.html", PAGE) == "page"
    assert title("neglect.docx", word()) == "word"
    assert title("z.html", PAGE.replace(b"Refer.", REVIEW.encode())) == "review"
    assert title("z.docx", word(REVIEW)) == "review"
    assert title("z.pdf", pdf(REVIEW)) == "review"
    assert title("z.txt", REVIEW.encode()) == "review"


def test_words_in_the_scripts_of_a_page_do_not_make_it_a_review() -> None:
    scripts = f"<script>{REVIEW}</script><style>{REVIEW}</style>".encode()
    assert title("neglect.html", PAGE.replace(b"<body>", b"<body>" + scripts)) == "page"


def test_plain_text_that_is_no_review_is_refused_with_the_cure() -> None:
    assert refusal("notes.txt", b"Some notes.") == (
        "It is plain text, and no review. Save the section as a web page (.html) or Word file (.docx)."
    )


def test_a_misleading_name_is_said_and_the_content_is_read() -> None:
    reading = read(SourceFile("manual/neglect.docx", PAGE))
    (found,) = reading.sections
    assert (found.title, found.file) == ("page", "manual/neglect.docx")
    assert found.remarks == ("There was a comment.", "The file is called .docx but is a web page.")
    assert reading.unplaced == (Unplaced("manual/neglect.docx", "left over"),)


def test_a_review_of_a_misleading_name_is_read_and_keeps_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_ending(file: SourceFile) -> Reading:
        if not file.name.endswith(".pdf"):
            raise Invalid(f"'{file.name}' is no PDF.")
        return Reading(unplaced=(Unplaced(file.name, "left over"),))

    monkeypatch.setattr(reader, "read_review", by_ending)
    assert read(SourceFile("z.txt", pdf(REVIEW))).unplaced == (Unplaced("z.txt", "left over"),)
    assert refusal("z", REVIEW.encode()) == "'z' is no PDF."


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a/chart.png", PNG, "image/png"),
        ("chart.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("chart.gif", b"GIF89a\0", "image/gif"),
        ("chart.html", b"GIF89a<script>alert(1)</script>", "image/gif"),
    ],
)
def test_pictures_are_kept_as_what_they_are(name: str, content: bytes, media_type: str) -> None:
    (kept,) = read(SourceFile(name, content)).attachments
    filename = name.rpartition("/")[2]
    assert (kept.file, kept.filename, kept.media_type, kept.content) == (name, filename, media_type, content)
    assert kept.text_equivalent == f"Image {filename}. No description came with it."


@pytest.mark.parametrize("name", ["form.pdf", "form.docx"])
def test_a_pdf_that_is_no_review_is_kept_for_download(name: str) -> None:
    content = pdf("Referral form")
    (kept,) = read(SourceFile(name, content)).attachments
    assert (kept.filename, kept.media_type, kept.content) == (name, "application/pdf", content)
    assert kept.text_equivalent == f"PDF {name}. No description came with it."


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "Open it in Word and save it as .docx."),
        ("locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("locked.pdf", pdf("secret", password="x"), "password"),
        ("broken.pdf", b"%PDF-1.7\nrubbish", "damaged"),
        ("broken.docx", word()[:500], "damaged"),
        ("empty.html", b"", "It is empty."),
        ("logo.svg", b"<svg><script/></svg>", "which can hold programs"),
        ("zip.docx", office("page.html"), "It is an archive"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(name: str, content: bytes, sentence: str) -> None:
    assert sentence in refusal(name, content)


def test_what_a_reader_objects_to_is_passed_on_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def object_to(file: SourceFile) -> Reading:
        raise Invalid("It has no title.")

    monkeypatch.setattr(reader, "read_page", object_to)
    assert refusal("neglect.html", PAGE) == "It has no title."


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), UnicodeError(), AssertionError()])
def test_whatever_a_reader_trips_over_is_a_refusal(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def trip(file: SourceFile) -> Reading:
        raise error

    monkeypatch.setattr(reader, "read_page", trip)
    assert refusal("neglect.html", PAGE).startswith("It ")


def test_a_lack_of_memory_is_the_sandbox_to_explain(monkeypatch: pytest.MonkeyPatch) -> None:
    def starve(file: SourceFile) -> Reading:
        raise MemoryError

    monkeypatch.setattr(reader, "read_page", starve)
    with pytest.raises(MemoryError):
        read(SourceFile("neglect.html", PAGE))


def test_reading_twice_gives_the_same() -> None:
    file = SourceFile("neglect.html", PAGE)
    assert read(file) == read(replace(file))
