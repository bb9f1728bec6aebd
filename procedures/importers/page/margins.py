"""What stands around the guidance on a page: amendments, contents lists, review lines, buttons.

`structure` calls these before it builds paragraphs; each takes its blocks out of the flow and gives their words back as
metadata. A block is taken whole or not at all, so that nothing is lost between the two.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape

from procedures.importers.page.flow import Block, Box, Flow, Kind
from procedures.importers.page.review_dates import ReviewLine, first_date, has_date, is_review_label, read_review_line
from procedures.importers.page.runs import NUMBER
from procedures.importers.reading import Amendment

_AMENDMENTS = re.compile(
    r"(?:(?:show|hide|view|toggle)\s*(?:/\s*hide\s*)?)?amendments?(?:\s+\w+){0,4}\s*:?", re.IGNORECASE
)
_CONTENTS = re.compile(
    r"(?:table of |page )?contents(?: list)?:?|(?:in|on) this (?:section|chapter|page):?", re.IGNORECASE
)
_JUMP = re.compile(r"\(\s*jump to\s*\)", re.IGNORECASE)
_CONTROL = re.compile(
    r"(?:back to |return to |go to )?(?:the )?top(?: of (?:the )?page)?|toggle contrast"
    r"|print(?: this)?(?: page| section)?|(?:show|hide|view) amendments?|\(?jump to\)?|share(?: this)?(?: page)?"
    r"|skip to (?:main )?content|(?:expand|collapse) all",
    re.IGNORECASE,
)
_HAS_LEADING_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,3}){2,4}\.?(?:\s|$)")
_LEADING_DATE = re.compile(r"\s*(?:[:–—-]|$)\s*")
_LINE_BREAK = re.compile(r"<br>")
_TAGS = re.compile(r"<[^>]*>")
_MOST_OF_A_LIST = 0.6


def take_controls(blocks: list[Block]) -> list[str]:
    """Take the words of buttons and the like."""
    found = [block for block in blocks if not block.taken and len(block.text) < 40 and _CONTROL.fullmatch(block.text)]
    for block in found:
        block.taken = True
    return [block.text for block in found]


def take_contents(blocks: list[Block]) -> list[str]:
    """Take the contents list, with its heading: a list of links within the page, or one that says "(Jump to)"."""
    found: list[str] = []
    label: Block | None = None
    for block in blocks:
        if block.taken:
            continue
        if _is_contents(block, labelled=label is not None):
            if label is not None and not label.taken:
                label.taken = True
                found.append(label.text)
            block.taken = True
            found.append(block.text)
        else:
            label = block if len(block.text) < 40 and _CONTENTS.fullmatch(block.text) else None
    return ["\n".join(found)] if found else []


def take_review_lines(blocks: list[Block]) -> tuple[list[str], ReviewLine]:
    """Take the lines that say when the text was reviewed and will be again; the first date of each counts."""
    lines: list[str] = []
    reviewed_on = review_due = None
    for block, following in zip(blocks, [*blocks[1:], None], strict=False):
        if block.taken or block.kind not in {Kind.TEXT, Kind.HEADING}:
            continue
        for words, line in _review_lines(block, following):
            lines.append(words)
            reviewed_on = reviewed_on or line.reviewed_on
            review_due = review_due or line.review_due
    return lines, ReviewLine(reviewed_on, review_due)


def take_amendments(flow: Flow, blocks: list[Block]) -> tuple[list[Amendment], list[str]]:
    """Take the boxes that say what was amended and when; the second answer is their labels."""
    entries: list[Amendment] = []
    labels: list[str] = []
    region: _Region | None = None
    for place, block in enumerate(blocks):
        if block.taken:
            continue
        if _is_label(block, blocks[place + 1 : place + 2]):
            block.taken = True
            labels.append(block.text)
            region = _Region(block, flow.main, blocks[place + 1 : place + 2])
        elif (block.amending or (region and region.holds(block))) and not _ends_amendments(block):
            block.taken = True
            entries.extend(_entries(block, labels))
        else:
            region = None
    return entries, labels


class _Region:
    """How far a box of amendments reaches from its label."""

    def __init__(self, label: Block, main: Box | None, following: list[Block]) -> None:
        self._box: Box | None = None
        box: Box | None = label.box
        next_block = following[0] if following else None
        if next_block is None:
            return
        while box is not None and box is not main and not box.holds(next_block.seq):
            box = box.parent
        inner: Box | None = next_block.box
        while inner is not None and inner.parent is not None and inner.parent.opened > label.seq:
            inner = inner.parent
        if box is not None and box is not main and box.opened == label.seq:
            self._box = box
        elif inner is not None and inner.opened > label.seq:
            self._box = inner

    def holds(self, block: Block) -> bool:
        """Say whether a block belongs to the box; free prose does while it speaks of dates."""
        if self._box is not None:
            return self._box.holds(block.seq)
        return block.kind is not Kind.HEADING and has_date(" ".join(block.text.split()))


def lines_of(block: Block) -> list[tuple[str, str]]:
    """Part a run of text at its line breaks, as HTML and as text; in one piece where an element spans a break."""
    parts = _LINE_BREAK.split(block.html)
    if len(parts) == 1 or any(part.count("<") != 2 * part.count("</") for part in parts):
        return [(block.html, block.text)]
    return [(part.strip(), " ".join(unescape(_TAGS.sub("", part)).split())) for part in parts if part.strip()]


def _is_contents(block: Block, *, labelled: bool) -> bool:
    if block.kind is Kind.TABLE or block.kind is Kind.HEADING:
        return False
    if _JUMP.search(block.text):
        return True
    linked = block.jumps >= _MOST_OF_A_LIST * len(block.text.replace("\n", "")) and block.jumps > 0
    return linked and (labelled or len(block.items) > 1)


def _review_lines(block: Block, following: Block | None) -> Iterator[tuple[str, ReviewLine]]:
    """Find the review lines of a block and take them; what else the block says stays in it."""
    lines = lines_of(block) if "<br>" in block.html else []
    read = [(html, words, read_review_line(words)) for html, words in lines]
    whole = read_review_line(block.text)
    if whole and not (any(line for _, _, line in read) and _are_parted(read)):
        block.taken = True
        yield " ".join(block.text.split()), whole
        return
    if following and not following.taken and following.kind is Kind.TEXT and is_review_label(block.text):
        joined = f"{block.text} {following.text}"
        line = read_review_line(joined)
        if line:
            block.taken = following.taken = True
            yield joined, line
        return
    if not any(line for _, _, line in read):
        return
    kept = [(html, words) for html, words, line in read if not line]
    block.html, block.text = "<br>".join(html for html, _ in kept), "\n".join(words for _, words in kept)
    block.taken = not kept
    yield from ((words, line) for _, words, line in read if line)


def _are_parted(read: list[tuple[str, str, ReviewLine | None]]) -> bool:
    """Say whether lines are to be told one by one: all are review lines, or one has nothing to do with reviews."""
    others = [words for _, words, line in read if not line]
    return not others or any(not is_review_label(words) and not has_date(words) for words in others)


def _is_label(block: Block, following: list[Block]) -> bool:
    if block.kind in {Kind.LIST, Kind.TABLE} or len(block.text) > 60 or not _AMENDMENTS.fullmatch(block.text):
        return False
    certain = block.bold or block.aside or block.amending or block.text.isupper() or block.kind is Kind.HEADING
    return certain or len(block.text.split()) <= 2 or bool(following and has_date(following[0].text))


def _ends_amendments(block: Block) -> bool:
    if NUMBER.fullmatch(block.text) or _HAS_LEADING_NUMBER.match(block.text) or read_review_line(block.text):
        return True
    return block.kind is Kind.HEADING and not has_date(block.text)


def _entries(block: Block, labels: list[str]) -> Iterator[Amendment]:
    if block.kind is Kind.TABLE:
        yield from _table_entries(block, labels)
    elif block.items:
        yield from (_entry(text) for _, text in block.items)
    else:
        yield _entry(block.text)


def _table_entries(block: Block, labels: list[str]) -> Iterator[Amendment]:
    rows = [row for row in block.rows if any(row)]
    if sum(len(cell.split()) for row in rows for cell in row) != len(block.text.split()):
        # a caption or loose text: no words may be lost for the sake of columns
        yield _entry(block.text)
        return
    head = [cell.lower().strip(" :") for cell in rows[0]]
    column = next((place for place, cell in enumerate(head) if cell in {"date", "day", "when", "month"}), None)
    if column is not None:
        labels.append(" | ".join(cell for cell in rows[0] if cell))
        rows = rows[1:]
    for row in rows:
        dated = column if column is not None and column < len(row) else _date_cell(row)
        words = ": ".join(cell for place, cell in enumerate(row) if cell and place != dated)
        yield Amendment(row[dated] or None if dated is not None else None, words)


def _date_cell(row: tuple[str, ...]) -> int | None:
    return next((place for place, cell in enumerate(row) if len(cell) < 24 and has_date(cell)), None)


def _entry(text: str) -> Amendment:
    """Read the day of an amendment; one that opens it, as in "March 2022: links", is not said again in the text."""
    day = first_date(text)
    if day is None:
        return Amendment(None, text)
    if text.startswith(day):
        after = _LEADING_DATE.match(text, len(day))
        if after and after.group(0).strip():
            return Amendment(day, text[after.end() :])
    return Amendment(day, text)


def with_text(entry: Amendment, change: Callable[[str], str]) -> Amendment:
    """Pass the words of an amendment through a function."""
    return Amendment(change(entry.day) if entry.day else None, change(entry.text))
