"""Files a review may come in: each is read, or refused in one sentence, whatever it was made to do to its reader."""

import contextlib
import io
import time
import zipfile

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.errors import Invalid
from tests.procedures.importers.review_documents import (
    as_pdf,
    kept,
    read,
    review_of,
)


def bomb() -> bytes:
    """Make a page that unpacks to 100 MB out of some hundred thousand bytes."""
    return as_pdf([], stream=b"0" * 100_000_000)


def locked() -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(as_pdf([["Child S"]])))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word_with(part: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(part, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b"  \n ", "has no text"),
        ("a.txt", b"Child S\x00", "not a text file"),
        ("a.txt", as_pdf([["Child S"]]), "looks like .pdf"),
        ("a.pdf", b"Child S", "looks like .txt"),
        ("a.doc", b"Child S", "is not a text, HTML, Word"),
        ("a.pdf", as_pdf([[]]), "may be a scan"),
        ("a.pdf", as_pdf([["Child S"]])[:60], "damaged"),
        ("a.pdf", b"%PDF-1.7\n" + b"\xff" * 500, "damaged"),
        ("a.docx", b"PK\x03\x04 not a zip", "damaged"),
        ("a.docx", word_with("x.xml", b"<a/>"), "damaged"),
        ("a.docx", word_with("word/document.xml", b"<!DOCTYPE a><a/>"), "document type"),
        ("a.docx", word_with("word/document.xml", b" " * 20_000_000), "unpacks"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(name: str, content: bytes, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        read(content, name)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_pdf_that_unpacks_without_end_is_refused() -> None:
    with pytest.raises(Invalid, match="unpacks"):
        read(bomb(), "bomb.pdf")


def test_a_pdf_with_one_heavy_page_many_times_is_refused() -> None:
    pages = b"[" + b"4 0 R " * 900 + b"]"
    heavy = as_pdf([], stream=b"q Q\n" * 100_000).replace(b"[4 0 R]/Count 1", pages + b"/Count 900", 1)
    with pytest.raises(Invalid):
        read(heavy, "heavy.pdf")


def test_a_locked_pdf_is_refused_with_the_way_out() -> None:
    with pytest.raises(Invalid, match="password"):
        read(locked(), "locked.pdf")


@given(at=st.integers(0, 700), junk=st.binary(min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_damaged_pdf_is_read_or_refused_never_an_error(at: int, junk: bytes) -> None:
    whole = as_pdf([["Serious case review: Child S", "Child S died in 2016."]])
    with contextlib.suppress(Invalid):
        read(whole[:at] + junk + whole[at + len(junk) :], "damaged.pdf")


def test_a_page_nested_deeper_than_python_calls_is_read() -> None:
    page = "<div>" * 5_000 + "Serious case review: Child S" + "</div>" * 5_000
    assert "Serious case review: Child S" in kept(read(page, "deep.html"))


def test_a_sentence_of_many_cues_and_no_end_is_read_in_moments() -> None:
    began = time.perf_counter()
    review_of("Serious case review: Child S\n\n" + "information procedure will should " * 10_000)
    assert time.perf_counter() - began < 10
