"""What every address of the site looks like, in one place.

The pages, the templates and the command line call these functions instead of writing addresses themselves; `web.app`
holds the matching routes. Nothing here asks whether what an address leads to exists.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class When:
    """The day a reader asked about: what was in force `on` it, or what the site had `seen` by it."""

    on: date | None = None
    seen: date | None = None

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The days as they stand in an address, those that were given."""
        days = (("on", self.on), ("seen", self.seen))
        return [(name, day.isoformat()) for name, day in days if day]


TODAY = When()


def section(key: str, when: When = TODAY, pid: str | None = None) -> str:
    """Address a section, on a day where one was asked about, and a paragraph in it."""
    return _address(f"/sections/{quote(key)}", when.pairs, pid)


def revision(key: str, number: int, pid: str | None = None) -> str:
    """Address one revision for good, and a paragraph in it."""
    return _address(f"/sections/{quote(key)}/revisions/{number}", [], pid)


def history(key: str) -> str:
    """Address the list of a section's revisions."""
    return f"/sections/{quote(key)}/history"


def compare(key: str, older: int | None = None, newer: int | None = None) -> str:
    """Address a comparison of two revisions, or the form that asks which."""
    pairs = [("from", str(older)), ("to", str(newer))] if older and newer else []
    return _address(f"/sections/{quote(key)}/compare", pairs)


def paragraph(pid: str) -> str:
    """Address a paragraph for good, wherever it stands."""
    return f"/p/{quote(pid)}"


def number(printed: str, on: date | None = None) -> str:
    """Address whatever carries, or carried on a day, a printed number."""
    return _address(f"/n/{quote(printed)}", When(on).pairs)


def file(digest: str) -> str:
    """Address an attached file by the hash of its bytes."""
    return f"/files/{quote(digest)}"


def review(key: str) -> str:
    """Address a review."""
    return f"/reviews/{quote(key)}"


def theme(name: str) -> str:
    """Address a theme by its name."""
    return f"/themes/{quote(slug(name))}"


def slug(name: str) -> str:
    """Spell a name as an address has it: "Role of fathers and partners" is role-of-fathers-and-partners."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")


def term(key: str) -> str:
    """Address a term in the glossary."""
    return f"/glossary#{quote(key)}"


def contents(when: When = TODAY) -> str:
    """Address the contents, on a day where one was asked about."""
    return _address("/sections", When(when.on).pairs)


def since(key: str | None = None, day: str = "") -> str:
    """Address what has changed since a day, in one section or in all; without a day, the form that asks for one."""
    path = f"/sections/{quote(key)}/since" if key else "/updates/since"
    return _address(path, [("day", day)] if day else [])


def citing(pid: str, revision: int | None = None) -> str:
    """Address the page that says how to cite a paragraph, as it stands today or in one revision."""
    return _address(paragraph(pid), [("cite", str(revision or ""))])


def feedback(key: str, pid: str | None = None, *, thanks: bool = False) -> str:
    """Address the form that asks whether a section, or a paragraph of it, was useful, or the thanks for sending it."""
    pairs = [("section", key), *([("paragraph", pid)] if pid else []), *([("thanks", "1")] if thanks else [])]
    return _address("/feedback", pairs)


def printed_part(number: int) -> str:
    """Address a whole part of the manual on one page."""
    return f"/print/parts/{number}"


def search(
    words: str,
    when: When = TODAY,
    without: frozenset[str] = frozenset(),
    page: int = 1,
    narrowed: Iterable[tuple[str, str]] = (),
) -> str:
    """Address a page of search results, `narrowed` by filters and in an order where they were asked for."""
    pairs = [("q", words), *narrowed, *when.pairs, *(("without", term) for term in sorted(without))]
    return _address("/search", pairs + ([("page", str(page))] if page > 1 else []))


def result(kind: str, key: str, when: When = TODAY, pid: str | None = None) -> str:
    """Address whatever a search found, by its kind."""
    match kind:
        case "review":
            return review(key)
        case "term":
            return term(key)
        case "contact":
            return section(key)  # a number to ring is always today's
        case _:
            return section(key, when, pid)


def _address(path: str, pairs: list[tuple[str, str]], fragment: str | None = None) -> str:
    query = f"?{urlencode(pairs)}" if pairs else ""
    return path + query + (f"#{fragment}" if fragment else "")
