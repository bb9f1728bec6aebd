"""A text as blocks that a plain form can edit: headings and numbered paragraphs, and back to the body markup.

`kb` turns the text in force, an import or a paste into blocks, lets people work on them and publishes what
`body_of` makes. Paragraph ids ride along: whoever edits never sees the id, and it is never given to another paragraph.
Every operation returns new blocks; a block is named by its place, counted from 0. Nothing here knows a database.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from procedures.errors import Invalid, Refused
from procedures.markup import clean, contents
from procedures.model import AREAS
from procedures.notation import Part, from_html, joined, line_from_html, line_to_html, literal, part_html

SPLIT_MARK = "---"
"""What an editor types on a line of its own where a paragraph is to be divided."""

_PID = re.compile(r"p-[2-9a-hjkmnp-z]{6,8}")
_BULLET = re.compile(r"\s*(?:[-*•▪·–]|(\d{1,3})[.)])\s+(?=\S)")
_HEADING = re.compile(r"(#{1,3})\s+(\S.*)")


class BlockKind(StrEnum):
    """What a block is. The value is the name of its element in the body markup."""

    HEADING = "h2"
    SUBHEADING = "h3"
    PARAGRAPH = "div"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, or one numbered paragraph with its lists and tables.

    `parts` hold its words in the notation of `procedures.notation`; a heading has one part. `pid` is None for a
    paragraph that is new; `area` is set where it is a local arrangement. Raises `Invalid` for an id or area there
    cannot be.
    """

    kind: BlockKind
    parts: tuple[Part, ...] = (Part(""),)
    pid: str | None = None
    area: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no form of ours would have sent."""
        if self.pid is not None and not _PID.fullmatch(self.pid):
            raise Invalid("That is not a paragraph id. Open the draft again.")
        if self.area is not None and self.area not in AREAS:
            raise Invalid(f"There is no area of that name. Choose {', '.join(AREAS[:-1])} or {AREAS[-1]}.")
        if not self.is_paragraph and (self.pid or self.area or len(self.parts) != 1):
            raise Invalid("A heading is one line of words, without an id and an area.")

    @property
    def is_paragraph(self) -> bool:
        """Whether it is a numbered paragraph."""
        return self.kind is BlockKind.PARAGRAPH

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it for a reader."""
        return not any(part.text.strip() for part in self.parts)

    @property
    def html(self) -> str:
        """What is inside it, as clean HTML."""
        if self.is_paragraph:
            return "".join(part_html(part) for part in self.parts)
        part = self.parts[0]
        return part.text if part.kept else line_to_html(part.text)


Blocks = tuple[Block, ...]


def paragraph(text: str, pid: str | None = None, area: str | None = None) -> Block:
    """Make a numbered paragraph of words in the notation."""
    return Block(BlockKind.PARAGRAPH, (Part(text),), pid, area)


def heading(text: str, kind: BlockKind = BlockKind.HEADING) -> Block:
    """Make a heading."""
    return Block(kind, (Part(text),))


def blocks_of(body: str) -> Blocks:
    """Turn a clean body into blocks. Turned back it has the same words, marks, ids and areas in the same order."""
    found: list[Block] = []
    for element in contents(body):
        kind = BlockKind(element.name)
        if kind is BlockKind.PARAGRAPH:
            found.append(Block(kind, from_html(element.html) or (Part(""),), element.pid, element.area))
        else:
            found.append(Block(kind, (line_from_html(element.html),)))
    return tuple(found)


def body_of(blocks: Sequence[Block]) -> str:
    """Turn blocks into a clean body; what is empty stays empty and is still there."""
    return clean("\n".join(_element(block) for block in blocks))


def blocks_of_plain(text: str) -> Blocks:
    """Turn pasted plain words into blocks: a paragraph for each run of lines, its bullets a list of it.

    A line that begins with # is a heading. No other character means anything but itself.
    """
    found: list[Block] = []
    for chunk in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line.strip() for line in chunk.split("\n") if line.strip()]
        while lines and (head := _HEADING.fullmatch(lines[0])):
            kind = BlockKind.SUBHEADING if len(head[1]) > len("##") else BlockKind.HEADING
            found.append(heading(literal(head[2]), kind))
            lines = lines[1:]
        if not lines:
            continue
        new = paragraph(_plain_words(lines))
        if _BULLET.match(lines[0]) and found and found[-1].is_paragraph:
            found[-1] = replace(found[-1], parts=joined(found[-1].parts, new.parts))
        else:
            found.append(new)
    return tuple(found)


# Operations


def add(blocks: Blocks, place: int, block: Block) -> Blocks:
    """Put a block at a place, before what stands there; at the length of `blocks` it comes last."""
    if not 0 <= place <= len(blocks):
        raise Invalid("There is no such place in the text. Open the draft again.")
    return (*blocks[:place], block, *blocks[place:])


def delete(blocks: Blocks, place: int) -> Blocks:
    """Take a block out."""
    _at(blocks, place)
    return (*blocks[:place], *blocks[place + 1 :])


def move(blocks: Blocks, place: int, by: int) -> Blocks:
    """Move a block up (`by` below 0) or down; at an end it stays there."""
    moved = _at(blocks, place)
    rest = delete(blocks, place)
    return add(rest, min(max(place + by, 0), len(rest)), moved)


def split(blocks: Blocks, place: int, offset: int, part: int = 0) -> Blocks:
    """Divide a paragraph before a character of one of its parts. The first half keeps the id; the other is new.

    Raises `Refused` where one half would have no words or the place is inside kept markup.
    """
    block = _at(blocks, place)
    if not 0 <= part < len(block.parts) or (block.parts[part].kept and offset):
        raise Refused("This part is kept as it came and cannot be divided. Divide before or after it.")
    cut = block.parts[part].text
    before = (*block.parts[:part], *_words(cut[:offset], block.parts[part].kept))
    after = (*_words(cut[offset:], block.parts[part].kept), *block.parts[part + 1 :])
    if not block.is_paragraph or not before or not after:
        raise Refused("Divide a paragraph where there are words before and after.")
    return (*blocks[:place], replace(block, parts=before), replace(block, parts=after, pid=None), *blocks[place + 1 :])


def split_at_marks(blocks: Blocks, place: int) -> Blocks:
    """Divide a paragraph wherever a line says `SPLIT_MARK`. Raises `Refused` where none does."""
    for number, part in enumerate(_at(blocks, place).parts):
        mark = re.search(rf"^{SPLIT_MARK}[ \t]*\r?$", part.text, re.MULTILINE)
        if mark and not part.kept:
            parts = list(blocks[place].parts)
            parts[number] = Part(part.text[: mark.start()] + part.text[mark.end() :])
            unmarked = (*blocks[:place], replace(blocks[place], parts=tuple(parts)), *blocks[place + 1 :])
            divided = split(unmarked, place, mark.start(), number)
            try:
                return split_at_marks(divided, place + 1)
            except Refused:
                return divided
    raise Refused(f"Type {SPLIT_MARK} on a line of its own where the paragraph is to be divided.")


def join(blocks: Blocks, place: int) -> Blocks:
    """Join a block to the one before it, whose id stays. Raises `Refused` for blocks that cannot be one."""
    second = _at(blocks, place)
    first = _at(blocks, place - 1) if place else None
    if first is None or first.kind is not second.kind:
        raise Refused("A paragraph is joined to the paragraph right before it. Move it there first.")
    if first.area != second.area:
        raise Refused("These paragraphs are for different areas, so they stay apart. Give them one area first.")
    if first.is_paragraph:
        parts = joined(first.parts, second.parts)
    elif first.parts[0].kept or second.parts[0].kept:
        raise Refused("This heading is kept as it came and cannot be joined.")
    else:
        parts = (Part(f"{first.parts[0].text} {second.parts[0].text}".strip()),)
    one = replace(first, parts=parts, pid=first.pid or second.pid)
    return (*blocks[: place - 1], one, *blocks[place + 1 :])


def match_to(blocks: Blocks, place: int, pid: str | None) -> Blocks:
    """Say which recorded paragraph a block is, or with None that it is new; another that had the id becomes new."""
    block = _at(blocks, place)
    if not block.is_paragraph:
        raise Refused("Only a numbered paragraph can be matched to an earlier one.")
    freed = [replace(each, pid=None) if pid is not None and each.pid == pid else each for each in blocks]
    freed[place] = replace(block, pid=pid)
    return tuple(freed)


def _element(block: Block) -> str:
    if not block.is_paragraph:
        return f"<{block.kind}>{block.html}</{block.kind}>"
    pid = f' id="{block.pid}"' if block.pid else ""
    area = f' data-area="{block.area.replace("&", "&amp;")}"' if block.area else ""
    return f"<div{pid}{area}>{block.html}</div>"


def _at(blocks: Blocks, place: int) -> Block:
    if not 0 <= place < len(blocks):
        raise Invalid("There is no such block in the text. Open the draft again.")
    return blocks[place]


def _words(text: str, kept: bool) -> tuple[Part, ...]:
    return (Part(text if kept else text.strip("\n"), kept),) if text.strip() else ()


def _plain_words(lines: Sequence[str]) -> str:
    """Write lines in the notation: bullets as items, other lines that follow on as one."""
    words: list[str] = []
    for line in lines:
        bullet = _BULLET.match(line)
        if bullet:
            mark = f"{bullet[1]}." if bullet[1] else "-"
            words.append(f"{mark} {literal(line[bullet.end() :])}")
        elif words:
            words[-1] += f" {literal(line)}"
        else:
            words.append(literal(line))
    return "\n".join(words)
