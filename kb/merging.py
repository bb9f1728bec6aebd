"""Two changes of one text put together: paragraph by paragraph where only one side changed, the rest for a person.

`kb.workflow` uses it to carry an urgent change into a revision that waits, and to bring a draft up to date with what
was published meanwhile. Pure: it reads blocks and ids, and never chooses between two people's words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from kb.drafting import Content
from procedures.blocks import Block, Blocks

ORDER = "order"
"""The name of a clash that says: one side moved paragraphs, and the merged text has them in the other side's order."""

_BY_PARAGRAPH = {"blocks"}


@dataclass(frozen=True, slots=True)
class Clash:
    """A place where both sides changed. The merged text has `theirs`; a person decides.

    `what` is a paragraph's id, the name of a field, or `ORDER`; the texts are in the notation, None where one side has
    none.
    """

    what: str
    before: str | None
    theirs: str | None
    ours: str | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The content both changes make together, and where they clash."""

    content: Content
    clashes: tuple[Clash, ...]


def merge(before: Content, theirs: Content, ours: Content, *, keep: frozenset[str] = frozenset()) -> Merged:
    """Put the change from `before` to `ours` into `theirs`. The fields named in `keep` stay as `theirs` has them."""
    blocks, clashes = _merged_blocks(before.blocks, theirs.blocks, ours.blocks)
    content = replace(theirs, blocks=blocks)
    for name in (field.name for field in fields(Content) if field.name not in _BY_PARAGRAPH | keep):
        old, their, our = (getattr(side, name) for side in (before, theirs, ours))
        if our in (old, their):
            continue
        if their == old:
            content = replace(content, **{name: our})
        else:
            clashes.append(Clash(name, *(None if value is None else str(value) for value in (old, their, our))))
    return Merged(content, tuple(clashes))


def _merged_blocks(before: Blocks, theirs: Blocks, ours: Blocks) -> tuple[Blocks, list[Clash]]:
    old, their, our = _by_pid(before), _by_pid(theirs), _by_pid(ours)
    clashes: list[Clash] = []
    merged: list[Block] = []
    for block in theirs:
        merged += _one(block, old, our, clashes)
    for place, block in enumerate(ours):
        if not block.is_paragraph or block.pid in their:
            continue
        if block.pid is None or block.pid not in old:
            merged.insert(_place_for(place, ours, merged), block)
        elif block != old[block.pid]:
            clashes.append(Clash(block.pid, _words(old[block.pid]), None, _words(block)))
    _add_headings(before, ours, merged)
    both = [pid for pid in old if pid in our]
    if both != [pid for pid in our if pid in old]:
        clashes.append(Clash(ORDER, None, None, None))
    return tuple(merged), clashes


def _one(block: Block, old: Mapping[str, Block], our: Mapping[str, Block], clashes: list[Clash]) -> list[Block]:
    """Say what becomes of one of their blocks."""
    if block.pid is None or block.pid not in old:
        return [block]
    before, ours = old[block.pid], our.get(block.pid)
    if ours in (before, block):
        return [block]
    if block == before:
        return [] if ours is None else [ours]
    clashes.append(Clash(block.pid, _words(before), _words(block), None if ours is None else _words(ours)))
    return [block]


def _add_headings(before: Blocks, ours: Blocks, merged: list[Block]) -> None:
    """Add the headings that only our side has; headings have no ids, so one that both have is left as theirs has it."""
    known = {(block.kind, block.html) for block in (*before, *merged) if not block.is_paragraph}
    for place, block in enumerate(ours):
        if not block.is_paragraph and (block.kind, block.html) not in known:
            merged.insert(_place_for(place, ours, merged), block)


def _place_for(place: int, ours: Blocks, merged: list[Block]) -> int:
    """Find the place after the nearest earlier block of ours that the merged text has; else the beginning."""
    for earlier in reversed(ours[:place]):
        for at, block in enumerate(merged):
            if block == earlier or (block.pid is not None and block.pid == earlier.pid):
                return at + 1
    return 0


def _by_pid(blocks: Blocks) -> dict[str, Block]:
    return {block.pid: block for block in blocks if block.pid}


def _words(block: Block) -> str:
    return "\n\n".join(part.text for part in block.parts)
