"""What the elements of a page are for: which tables and lists only lay the page out, and what is furniture.

`flow` asks before it walks into an element. Everything is found in one pass over the page, so that no question costs
more than a look at a set. No text is read beyond the few characters a printed number takes.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from bs4.element import NavigableString, PageElement, Tag

from procedures.importers.page.review_dates import is_review_label, read_review_line
from procedures.importers.page.runs import NUMBER

_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_LEADING_NUMBER = re.compile(r"\s*\d{1,2}(?:\.\d{1,3}){2,4}\.?(?:\s|$)")
_NOTES = re.compile(r"(?i)\b(?:(?:foot|end)-?notes?|fn|ftn|_ftn|edn|note)(?:\b|[-_:\d])")
_CONTROLS = frozenset({"button", "noscript", "option", "select", "textarea"})
_FURNITURE_ROLES = frozenset({"banner", "contentinfo", "navigation", "search"})
_FURNITURE_NAME = re.compile(
    r"(?:(?:site|global|page|main|top|left|right|side|sub)[-_]?)?"
    r"(?:header|footer|nav(?:bar|igation)?|menu|side-?bar|search(?:[-_]?(?:box|form|bar))?|bread-?crumbs?"
    r"|tool-?bar|banner)|.*(?:cookie|skip-?(?:to|link)|bread-?crumb|translation-nav|related-nav).*"
    r"|(?:(?:site|page|user|website)[-_]?)?feedback(?:[-_]?(?:form|link|box|bar|banner|panel|button|widget))?"
)
_FURNITURE_INSIDE = re.compile(
    r"(?:(?:site|page)[-_]?)?(?:search[-_]?(?:box|form|bar)?|bread-?crumbs?|skip-?(?:to-?|link).*)"
)
_ROWS_LOOKED_AT = 400
_NODES_LOOKED_AT = 120
_LONGEST_NUMBER = 24


class Shape:
    """One pass over a page: where its headings, tables and rows are."""

    def __init__(self, body: Tag, main: Tag, head: Tag | None, *, named: bool = False) -> None:
        self._main = main
        self._whole = main is body
        self._headed: set[int] = set()
        self._tabled: set[int] = set()
        kept = [main, *main.parents, *(head.parents if head is not None else ())]
        self._kept = {id(tag) for tag in kept}
        self._rows: dict[int, list[Tag]] = {}
        self._laid_out: set[int] = set()
        self._named = named
        self._between: set[int] = set()
        self._look_around(body, head)

    def lays_out(self, table: Tag) -> bool:
        """Say whether a table only places things on the page: its cells are then read as if they stood free."""
        if table.attrs.get("role") == "presentation" or id(table) in self._headed:
            return True
        rows = [_cells(row) for row in self._rows.get(id(table), [])[:_ROWS_LOOKED_AT]]
        heads = any(cell.name == "th" for row in rows for cell in row)
        if id(table) in self._tabled and not heads:
            return True
        words = [[short_text(cell, 220) for cell in row] for row in rows]
        filled = [[word for word in row if word != ""] for row in words]
        if all(len(row) <= 1 for row in filled):
            return True
        numbers = [row[0] for row in filled if row and row[0] and NUMBER.fullmatch(row[0])]
        if any(number.count(".") > 1 for number in numbers) or (not heads and len(numbers) * 2 > len(filled)):
            return True
        return all(_is_review(row) for row in filled if row)

    def lists_paragraphs(self, tag: Tag) -> bool:
        """Say whether a list is only the frame of headed blocks, numbered paragraphs or footnotes."""
        items = [item for item in tag.contents if isinstance(item, Tag) and item.name == "li"]
        found = (
            id(tag) in self._headed
            or any(_LEADING_NUMBER.match(_opening(item)) for item in items[:3])
            or any(_NOTES.search(str(item.attrs.get("id") or "")) for item in items[:1])
        )
        if found:
            self._laid_out.add(id(tag))
        return found

    def in_layout(self, item: Tag) -> bool:
        """Say whether a list item belongs to a list that is only a frame."""
        return id(item.parent) in self._laid_out

    def is_furniture(self, tag: Tag, *, in_main: bool) -> bool | None:
        """Tell the furniture of a site: True for what must still be accounted for, None for what is left out.

        What stands amid the guidance of a page is accounted for: a class may say "header" and mean the guidance's own.
        """
        if id(tag) in self._kept:
            return False
        outside = self._whole or not in_main
        if outside and self._looks_like_furniture(tag):
            return True if id(tag) in self._between else None
        return tag.name in {"nav", "footer"} or tag.name in _CONTROLS or self._is_named(tag, _FURNITURE_INSIDE)

    def _look_around(self, body: Tag, head: Tag | None) -> None:
        """Take note of every element; where the main content has no name, of furniture between texts too.

        Its heading counts as the text before; what lies in furniture does not count.
        """
        inside: set[int] = set()
        waiting: list[int] = []
        begun = False
        for node in body.descendants:
            if isinstance(node, Tag):
                self._note(node)
                begun = begun or node is head
                if self._named:
                    continue
                if id(node.parent) in inside:
                    inside.add(id(node))
                elif id(node) not in self._kept and node.name not in _HEADINGS and self._looks_like_furniture(node):
                    inside.add(id(node))
                    waiting += [id(node)] if begun else []
            elif not self._named and type(node) is NavigableString and id(node.parent) not in inside and node.strip():
                begun = begun or head is None
                self._between.update(waiting)
                waiting.clear()

    def _looks_like_furniture(self, tag: Tag) -> bool:
        return tag.name in {"nav", "footer", "header"} or self._is_named(tag, _FURNITURE_NAME)

    def _is_named(self, tag: Tag, names: re.Pattern[str]) -> bool:
        if not tag.attrs:
            return False
        if tag.attrs.get("role") in _FURNITURE_ROLES:
            return True
        return any(_matches(names, token) for token in hint_of(tag).split())

    def _note(self, tag: Tag) -> None:
        name = tag.name
        if name in _HEADINGS:
            _climb(tag, self._headed)
        elif name == "table":
            _climb(tag, self._tabled)
        elif name == "tr":
            table = tag.parent if tag.parent and tag.parent.name == "table" else tag.parent and tag.parent.parent
            self._rows.setdefault(id(table), []).append(tag)


def short_text(tag: Tag, longest: int = _LONGEST_NUMBER) -> str | None:
    """Read the text of an element if it is no longer than this; however much it holds, little more is looked at."""
    found = ""
    for text in _first_texts(tag):
        found += text
        if len(found) > longest * 3:
            return None
    found = " ".join(found.split())
    return found if len(found) <= longest else None


def hint_of(tag: Tag) -> str:
    """Read what an element calls itself: its id and classes, in small letters."""
    classes = tag.attrs.get("class") or ()
    names = classes if isinstance(classes, str) else " ".join(classes)
    return f"{tag.attrs.get('id') or ''} {names}".strip().lower()


@lru_cache(maxsize=4096)
def _matches(names: re.Pattern[str], token: str) -> bool:
    return names.fullmatch(token) is not None


def _climb(tag: Tag, seen: set[int]) -> None:
    """Mark all that is around an element; what is marked already has its surroundings marked too."""
    for parent in tag.parents:
        if id(parent) in seen:
            return
        seen.add(id(parent))


def _cells(row: Tag) -> list[Tag]:
    return [cell for cell in row.contents if isinstance(cell, Tag) and cell.name in {"td", "th"}]


def _opening(item: Tag) -> str:
    return next((text for text in _first_texts(item) if not text.isspace()), "")


def _first_texts(tag: Tag) -> Iterator[str]:
    """Yield the texts among the first nodes of an element; its own `descendants` would first walk to its end."""
    stack: list[PageElement] = [tag]
    for _ in range(_NODES_LOOKED_AT):
        if not stack:
            return
        node = stack.pop()
        if isinstance(node, Tag):
            stack.extend(reversed(node.contents[:_NODES_LOOKED_AT]))
        elif type(node) is NavigableString:
            yield str(node)


def _is_review(row: list[str | None]) -> bool:
    line = " ".join(cell or "?" * 300 for cell in row)
    return read_review_line(line) is not None or is_review_label(line)
