"""Saved pages of today's procedure manuals, read as sections.

`kb import` hands each page over as bytes, inside the sandbox. The page is parsed once, walked once and cleaned once;
nothing is fetched, no script is run, and text that finds no place in the section is named, never dropped.
"""

import codecs
import re
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag
from bs4.exceptions import ParserRejectedMarkup

from procedures.errors import Invalid
from procedures.importers.page.flow import blocks_of
from procedures.importers.page.headline import read_headline
from procedures.importers.page.shape import Shape, hint_of, short_text
from procedures.importers.page.structure import section_of
from procedures.importers.reading import Reading, SourceFile

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"(?i)<(?:meta[^>]{0,300}charset|\?xml[^>]{0,100}encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})")
_WESTERN = re.compile(r"utf-?(?:7|8|16.*)|(?:us-)?ascii|(?:iso-?8859|latin)-?1|(?:windows|cp)-?1252|unicode.*")
_TABLES = re.compile(r"iso8859-\d+|cp\d+|koi8-[ru]|mac-\w+|gb\w+|big5\w*|euc_\w+|shift_jis\w*")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=(?:\(\d+\))?\s*(\S{1,500})\s*-->", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_INTERNAL_DTD = re.compile(
    r"\A((?:\s|<!--.*?-->)*+)<!DOCTYPE[^<>\[]{0,500}"
    r"\[(?:\s|<!--.*?-->|<![a-z]++(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>|<\?[^>]*>|%[\w.-]+;)*+\]\s*>",
    re.IGNORECASE | re.DOTALL,
)
_PAGE_CODE = re.compile(r"[ypqzhlstox]+k[ypqzhlstox]+")
_MAIN_NAME = re.compile(r"(?:main|page|article)?[-_]?(?:content|main)(?:[-_]?(?:area|body|content|inner|wrapper))?")
_SITE_NAME = re.compile(r"\s+(?:[|»·]|[-–—](?=\s))\s+.*")
_MOST_OF_A_PAGE = 0.6
_HEADS_LOOKED_AT = 20


def read_page(file: SourceFile) -> Reading:
    """Read a saved page as one section; raises `Invalid` where it is no page with content."""
    name = PurePosixPath(file.name.replace("\\", "/")).name
    text = _decoded(file)
    soup = _parsed(text)
    body = soup.body
    if body is None:
        raise Invalid("It has no text to read. Open it in a browser, and save it again if it looks right there.")
    main, head, named = _main_content(body)
    flow = blocks_of(body, main, Shape(body, main, head, named=named))
    section, unplaced = section_of(flow, file.name, _title(soup))
    if not section.printed_numbers:
        raise Invalid("It has no guidance in it: no paragraph was found under a heading.")
    addresses = _addresses(soup, text, name)
    return Reading((replace(section, addresses=addresses, wants=tuple(flow.wants)),), unplaced=unplaced)


def decode(content: bytes) -> str:
    """Turn the bytes of a page into text: by its mark, by what it declares, else as UTF-8 with Windows bytes among it.

    Never fails. A byte that is no UTF-8 is read as Windows meant it, so that curly quotes survive a wrong declaration.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "windows_bytes" if encoding == "utf-8" else "replace")
    for encoding, start in (("utf-16-le", b"<\0"), ("utf-16-be", b"\0<")):
        if content.lstrip().startswith(start):
            return content.decode(encoding, "replace")
    declared = _DECLARED.search(content[:4096])
    encoding = declared.group(1).decode("ascii") if declared else "utf-8"
    if not _WESTERN.fullmatch(encoding.lower()) and not _is_utf_8(content):
        try:
            known = codecs.lookup(encoding).name
        except LookupError:
            known = ""
        if _TABLES.fullmatch(known):
            return content.decode(known, "replace")
    return content.decode("utf-8", "windows_bytes")


def _windows_bytes(error: UnicodeError) -> tuple[str, int]:
    """Read one byte that is no UTF-8 as windows-1252, as browsers do; five bytes there stand for themselves."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start : error.start + 1]
    return byte.decode("windows-1252", "ignore") or byte.decode("latin-1"), error.start + 1


codecs.register_error("windows_bytes", _windows_bytes)


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(file: SourceFile) -> str:
    if not file.content.strip():
        raise Invalid("It is empty.")
    text = decode(file.content)
    if "\0" in text[:2000] or file.content.startswith((b"%PDF-", b"PK\x03\x04")) or not re.search(r"<[a-zA-Z!]", text):
        raise Invalid("It is not a web page. Save the page from a browser as HTML and try once more.")
    return text


def _parsed(text: str) -> BeautifulSoup:
    try:
        # An XML declaration would make BeautifulSoup doubt that it is given a page.
        page = _XML_DECLARATION.sub("", text, count=1)
        return BeautifulSoup(_INTERNAL_DTD.sub(r"\1<!DOCTYPE html>", page, count=1), "lxml")
    except (ParserRejectedMarkup, RecursionError, AssertionError) as error:
        raise Invalid("It could not be read as a web page. Save it again from a browser.") from error


def _main_content(body: Tag) -> tuple[Tag, Tag | None, bool]:
    """Find the element that holds the guidance, and its heading: by name, else around the heading, else all.

    The third answer says whether it was found by name.
    """
    mains: list[Tag] = []
    named: list[Tag] = []
    heads: list[Tag] = []
    for tag in body.descendants:
        if not isinstance(tag, Tag):
            continue
        if tag.name == "h1":
            heads.append(tag)
        elif tag.name == "main" or tag.attrs.get("role") == "main":
            mains.append(tag)
        elif tag.name == "article" or (tag.name in {"div", "section", "td"} and tag.attrs and _is_named_main(tag)):
            named.append(tag)
    head = _best_head(heads[:_HEADS_LOOKED_AT])
    around = {id(parent) for parent in head.parents} if head else set()
    found = next((tag for tag in [*mains, *named] if id(tag) in around), mains[0] if mains else None)
    if found is not None and short_text(found, 300) not in {"", short_text(head, 300) if head else ""}:
        return found, head, True
    return (_around(head, body) if head else body), head, False


def _best_head(heads: list[Tag]) -> Tag | None:
    """Choose the heading of the guidance: one with a number, rather than the name of the site in its header."""
    free = [head for head in heads if not head.find_parent(["header", "nav", "footer"])]
    numbered = [head for head in free or heads if read_headline(short_text(head, 300) or "").number]
    return next(iter([*numbered, *free, *heads]), None)


def _is_named_main(tag: Tag) -> bool:
    return any(_MAIN_NAME.fullmatch(token) for token in hint_of(tag).split())


def _around(head: Tag, body: Tag) -> Tag:
    """Climb from the heading to the element that holds most of the page's text."""
    whole = len(body.get_text())
    node, held = head, len(head.get_text())
    while node is not body and node.parent is not None and held < _MOST_OF_A_PAGE * whole:
        parent = node.parent
        held += sum(len(child.get_text()) for child in parent.children if child is not node)
        node = parent
    return body if node is head else node


def _title(soup: BeautifulSoup) -> str | None:
    title = soup.title
    words = " ".join(title.get_text().split()) if title else ""
    return _SITE_NAME.sub("", words) or None


def _addresses(soup: BeautifulSoup, text: str, name: str) -> tuple[str, ...]:
    """Collect the names by which other pages may link to this one."""
    found: list[str] = []
    head = soup.head
    for tag in head.find_all(["link", "meta"]) if head else []:
        if "canonical" in (tag.attrs.get("rel") or ()):
            found.append(str(tag.attrs.get("href") or ""))
        elif tag.attrs.get("property") == "og:url":
            found.append(str(tag.attrs.get("content") or ""))
    saved = _SAVED_FROM.search(text[:4000])
    found += [saved.group(1)] if saved else []
    names: dict[str, None] = {}
    for address in filter(None, map(_path_of, found)):
        names[address] = None
        names.update((part, None) for part in address.split("/") if _PAGE_CODE.fullmatch(part))
    names[name] = None
    stem = PurePosixPath(name).stem
    names.update((part, None) for part in re.split(r"[^a-z]+", stem) if len(part) > 3 and _PAGE_CODE.fullmatch(part))
    return tuple(names)


def _path_of(address: str) -> str:
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
