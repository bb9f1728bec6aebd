"""Where a paragraph sends its readers: the lines that lead to other sections.

`kb.indexing` asks, so that a section is also found by what other sections say when they point to it. It looks nothing
up and judges no link.
"""

from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import Tag

from procedures.model import POINTER_HEADINGS, Paragraph

LONGEST_LINE = 60
"""Words. A longer line tells a story of its own, in which the link is a detail."""

_LINK = "section:"


def signposts(paragraph: Paragraph) -> Iterator[tuple[str, str]]:
    """Yield (section key, line) for each line, item or row of a table that links to a section.

    Lists of related sections are left out: they say no more than the titles do.
    """
    if f'"{_LINK}' not in paragraph.html or not POINTER_HEADINGS.isdisjoint(paragraph.heading[:1]):
        return
    for link in BeautifulSoup(paragraph.html, "lxml").find_all("a", href=True):
        address = str(link["href"])
        line = " ".join(_line(link).get_text(" ").split())
        if address.startswith(_LINK) and len(line.split()) <= LONGEST_LINE:
            yield address.removeprefix(_LINK).partition("#")[0], line


def _line(link: Tag) -> Tag:
    return link.find_parent("tr") or link.find_parent(["li", "p"]) or link
