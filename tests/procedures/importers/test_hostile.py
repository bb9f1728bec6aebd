"""Files made to do harm: each is read or refused with a plain sentence, soon, and the import goes on.

They go the whole way: found, read in the sandbox by the real readers. Bounds are wide, for the machines are noisy.
"""

import re
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import docx
import pytest

from procedures.importers.files import find
from procedures.importers.reading import Reading, Refusal
from procedures.importers.sandbox import SECONDS, Sandbox

BOUND = SECONDS + 25  # seconds for any file, on a machine that does other things
PAGE = (
    b"<html><head><title>8.1 Neglect</title></head><body><h1>8.1 Neglect</h1><p>Refer without delay.</p></body></html>"
)
LAUGHS = (
    b'<!DOCTYPE lolz [<!ENTITY a "ha ha ha ha ha ha ha ha ha ha ">'
    + b"".join(b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("k")))
    + b"]>"
)
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


def imported(sandbox: Sandbox, *paths: Path) -> Reading:
    """Read everything under the paths as an import does."""
    reading = Reading()
    for item in find(paths):
        began = time.monotonic()
        reading += Reading(refused=(item,)) if isinstance(item, Refusal) else sandbox.read(item)
        assert time.monotonic() - began < BOUND
    return reading


def is_plain(sentence: str) -> bool:
    return bool(re.fullmatch(r"\S.{5,400}\.", sentence)) and "Traceback" not in sentence


def in_page(body: bytes) -> bytes:
    return PAGE.replace(b"<p>Refer", body + b"<p>Refer")


def word(
    change: Callable[[bytes], bytes] = bytes, part: str = "word/document.xml", more: dict[str, bytes] | None = None
) -> bytes:
    """Make a Word file whose `part` has been changed, with `more` parts beside it."""
    whole, changed = BytesIO(), BytesIO()
    document = docx.Document()
    document.add_heading("8.1 Neglect", 1)
    document.add_paragraph("Refer without delay.")
    document.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(source.read(name)) if name == part else source.read(name))
        for name, content in (more or {}).items():
            target.writestr(name, content)
    return changed.getvalue()


def in_word(xml: bytes) -> bytes:
    return word(lambda part: part.replace(b"<w:body>", b"<w:body>" + xml))


def laughing(declarations: bytes) -> bytes:
    def change(part: bytes) -> bytes:
        head, _, rest = part.partition(b"?>")
        return head + b"?>" + declarations.replace(b"lolz", b"w:document") + rest.replace(b"Refer", b"&a; Refer", 1)

    return word(change)


def pdf(*objects: bytes) -> bytes:
    """Make a PDF of numbered objects; its first is the catalogue."""
    content, places = b"%PDF-1.7\n", []
    for number, thing in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return content + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


def pdf_drawing(drawing: bytes, filters: bytes, pages: int = 1) -> bytes:
    kids = b"3 0 R " * pages
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(drawing), filters, drawing),
    )


def deflated(size: int, times: int = 1) -> bytes:
    squeezed = zlib.compressobj(9)
    block = bytes(1 << 20)
    packed = b"".join(squeezed.compress(block) for _ in range(size >> 20)) + squeezed.flush()
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    return packed


def nested_zip() -> bytes:
    content = bytes(1_000_000)
    for depth in range(8):
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(4):
                archive.writestr(f"{depth}-{copy}.zip", content)
        content = packed.getvalue()
    return content


REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "word bomb": ("flat.docx", lambda: in_word(b"<w:p><w:r><w:t>" + b"A" * 90_000_000 + b"</w:t></w:r></w:p>")),
    "word bomb of many paragraphs": ("many.docx", lambda: in_word(b"<w:p><w:r><w:t>A</w:t></w:r></w:p>" * 1_200_000)),
    "word of many parts": ("parts.docx", lambda: word(more={f"word/{n}.xml": b"<x/>" for n in range(3_000)})),
    "laughs in word": ("laughs.docx", lambda: laughing(LAUGHS)),
    "external entity in word": ("external.docx", lambda: laughing(EXTERNAL)),
    "entities in 16 bits": (
        "wide.docx",
        lambda: word(lambda _: (LAUGHS + b"<lolz>&j;</lolz>").decode().encode("utf-16")),
    ),
    "laughs in xml": ("laughs.xml", lambda: LAUGHS + b"<lolz>&j;</lolz>"),
    "nested zip": ("nested.zip", nested_zip),
    "pdf bomb": ("bomb.pdf", lambda: pdf_drawing(deflated(1 << 28), b"/FlateDecode")),
    "pdf bomb in a bomb": ("twice.pdf", lambda: pdf_drawing(deflated(1 << 28, 2), b"/FlateDecode/FlateDecode")),
    "svg with a script": (
        "logo.svg",
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    ),
    "script": ("site.js", lambda: b"alert(document.cookie)"),
    "program called a page": ("page.html", lambda: b"MZ\x90\0" + bytes(500)),
    "program called a picture": ("logo.png", lambda: b"\x7fELF\2\1\1\0" + bytes(500)),
    "zip called a word file": ("manual.docx", lambda: b"PK\3\4" + bytes(500)),
    "old word file": ("manual.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)),
    "empty": ("empty.html", bytes),
    "empty word file": ("empty.docx", bytes),
    "zeros": ("zeros.html", lambda: bytes(1_000_000)),
    "noise": ("noise.pdf", lambda: bytes(range(256)) * 1_000),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_only_do_harm_is_refused_with_a_plain_sentence(case: str, sandbox: Sandbox, tmp_path: Path) -> None:
    name, made = REFUSED[case]
    (tmp_path / name).write_bytes(made())
    reading = imported(sandbox, tmp_path / name)
    assert reading.refused
    assert reading == Reading(refused=reading.refused)
    assert [refused.reason for refused in reading.refused if not is_plain(refused.reason)] == []


READ_OR_REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "20,000 elements deep": ("deep.html", lambda: in_page(b"<div>" * 20_000)),
    "200,000 elements deep": ("deeper.html", lambda: in_page(b"<div>" * 200_000 + b"x" + b"</div>" * 200_000)),
    "tables in tables": ("tables.html", lambda: in_page(b"<table><tr><td>" * 3_000 + b"x")),
    "lists in lists": ("lists.html", lambda: in_page(b"<ul><li>x" * 5_000)),
    "inline in inline": ("inline.html", lambda: in_page(b"<b><i><a href='x'>" * 20_000 + b"x")),
    "250,000 attributes": (
        "attributes.html",
        lambda: in_page(b"<p %s>x</p>" % b" ".join(b"a%d=1" % n for n in range(250_000))),
    ),
    "a word of 5 MB": ("word.html", lambda: in_page(b"<p>" + b"a" * 5_000_000 + b"</p>")),
    "opening brackets": ("brackets.html", lambda: in_page(b"<" * 400_000)),
    "comments": ("comments.html", lambda: b"<!---->" * 100_000 + PAGE),
    "open comments": ("open.html", lambda: in_page(b"<!--" * 200_000)),
    "open scripts": ("scripts.html", lambda: in_page(b"<script>" * 100_000)),
    "blanks": ("blanks.html", lambda: in_page(b"<p>" + b" \n" * 1_000_000 + b"x</p>")),
    "wide spans": ("spans.html", lambda: in_page(b"<table><tr><td colspan=99999999 rowspan=99999999>x</table>")),
    "laughs called a page": ("laughs.html", lambda: LAUGHS + b"<lolz>&j;</lolz>"),
    "laughs in a page": ("laughs.html", lambda: LAUGHS.replace(b"lolz", b"html") + in_page(b"<p>&j;</p>")),
    "external entity in a page": (
        "external.html",
        lambda: EXTERNAL.replace(b"DOCTYPE x", b"DOCTYPE html") + in_page(b"&a;"),
    ),
    "30,000 notes": ("notes.html", lambda: in_page(b"<a href='#fn1'>[1]</a>" * 30_000)),
    "1 million digits": ("digits.html", lambda: in_page(b"<p>8." + b"1." * 500_000 + b"</p>")),
    "20,000 paragraphs": ("long.html", lambda: in_page(b"<p>Refer without delay.</p>" * 20_000)),
    "word in word": (
        "deep.docx",
        lambda: in_word(b"<w:sdt><w:sdtContent>" * 3_000 + b"</w:sdtContent></w:sdt>" * 3_000),
    ),
    "pages of one page": ("pages.pdf", lambda: pdf_drawing(zlib.compress(b"q Q " * 200_000), b"/FlateDecode", 20_000)),
    "pdf in a circle": (
        "circle.pdf",
        lambda: pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[2 0 R]>>"),
    ),
    "a review without end": ("review.txt", lambda: b"Serious case review of Child Z. " * 300_000),
}


@pytest.mark.parametrize("case", READ_OR_REFUSED)
def test_what_is_only_monstrous_is_read_or_refused_and_the_next_file_is_read(
    case: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    name, made = READ_OR_REFUSED[case]
    (tmp_path / name).write_bytes(made())
    (tmp_path / "zz.html").write_bytes(PAGE)
    reading = imported(sandbox, tmp_path)
    assert "zz.html" in reading.sections[-1].file
    assert [refused.reason for refused in reading.refused if not is_plain(refused.reason)] == []
    assert "root:" not in repr(reading)


def test_no_script_of_a_page_comes_into_the_manual(sandbox: Sandbox, tmp_path: Path) -> None:
    tricks = b"<script>alert(1)</script><p onclick='alert(2)'><a href='javascript:alert(3)'>go</a></p>"
    tricks += b"<p><img src=x onerror=alert(4)>x</p><iframe src='javascript:alert(5)'></iframe>"
    (tmp_path / "page.html").write_bytes(in_page(tricks))
    bodies = [section.body for section in imported(sandbox, tmp_path).sections]
    assert bodies
    assert not re.search(r"<script|onclick|onerror|javascript:", " ".join(bodies))


@pytest.mark.parametrize("name", ["page.html", "manual.docx", "form.pdf", "logo.png", "manual.zip"])
def test_a_file_of_200_mb_is_refused_at_once(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    with (tmp_path / name).open("wb") as file:
        file.write(PAGE)
        file.truncate(200_000_001)
    (refused,) = imported(sandbox, tmp_path / name).refused
    assert "larger than" in refused.reason


def test_a_hostile_zip_costs_only_its_hostile_entries(sandbox: Sandbox, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "manual.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.html", PAGE)
        archive.writestr("../2.html", PAGE)
        archive.writestr("bomb.html", bytes(40_000_000))
        archive.writestr("bomb.pdf", pdf_drawing(deflated(1 << 28), b"/FlateDecode"))
        archive.writestr("9.html", PAGE)
    reading = imported(sandbox, tmp_path)
    assert [section.file.rpartition("/")[2] for section in reading.sections] == ["1.html", "9.html"]
    assert len(reading.refused) == 3
