"""Two changes of one text put together: block by block where only one side changed, the rest for a person.

`kb.workflow` uses it to carry an urgent change into a revision that waits, and to bring a draft up to date with what
was published meanwhile. What one side wrote, took out, moved or renamed is carried; where both did, theirs stands and
the clash is named, as is what has come under another heading than it was written under. Pure: it reads blocks and ids,
and never chooses between two people's words.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import count

from kb.drafting import Content
from procedures.blocks import Block, BlockKind, Blocks

ORDER = "order"
"""The name of a clash that says: both sides moved blocks, each its own way; the texts are how each block begins."""

HEADING = "heading"
"""The name of a clash about a heading, which has no id, or about what stands under another: the texts are both."""

_BY_PARAGRAPH = {"blocks"}


@dataclass(frozen=True, slots=True)
class Clash:
    """A place where both sides changed. The merged text has `theirs`; a person decides.

    `what` is a paragraph's id, the name of a field, `HEADING` or `ORDER`; the texts are in the notation, None where one
    side has none.
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
    old = _named(before, {})
    their, our = _named(theirs, old), _named(ours, old)
    clashes: list[Clash] = []
    merged = {name: block for name in (old | their | our) if (block := _one(name, old, their, our, clashes))}
    first, second = (our, their) if _only_ours_moved(old, their, our, clashes) else (their, our)
    order = [name for name in first if name in merged]
    for name in second:
        if name in merged and name not in order:
            order.insert(_place_for(name, second, order), name)
    result = {name: merged[name] for name in order}
    return tuple(result.values()), [*clashes, *_astray(result, old, their, our)]


def _one(
    name: str, old: Mapping[str, Block], their: Mapping[str, Block], our: Mapping[str, Block], clashes: list[Clash]
) -> Block | None:
    """Say what becomes of one block, None where it goes; where both sides changed it, theirs stands for now."""
    before, theirs, ours = (side.get(name) for side in (old, their, our))
    if ours in (before, theirs):
        return theirs
    if theirs == before:
        return ours
    what = next(block.pid for block in (before, theirs, ours) if block) or HEADING
    clashes.append(Clash(what, *(_words(block) if block else None for block in (before, theirs, ours))))
    return theirs


def _only_ours_moved(
    old: Mapping[str, Block], their: Mapping[str, Block], our: Mapping[str, Block], clashes: list[Clash]
) -> bool:
    """Say whether the merged text takes our order. Where both sides moved things, theirs stands for now."""
    everywhere = old.keys() & their.keys() & our.keys()
    before, theirs, ours = ([name for name in side if name in everywhere] for side in (old, their, our))
    if ours in (before, theirs):
        return False
    if theirs != before:
        clashes.append(
            Clash(ORDER, *("\n".join(_words(old[name])[:60] for name in side) for side in (before, theirs, ours)))
        )
    return theirs == before


def _astray(
    merged: Mapping[str, Block], old: Mapping[str, Block], their: Mapping[str, Block], our: Mapping[str, Block]
) -> Iterator[Clash]:
    """Name what stands under a heading neither side had it under: one wrote below a heading, the other took it out."""
    sides = [_under(side) for side in (their, our)]
    for name, heading in _under(merged).items():
        if heading not in [side[name] for side in sides if name in side]:
            meant = our if name in our else their
            yield Clash(HEADING, *(_with_heading(name, side) for side in (old, merged, meant)))


def _under(blocks: Mapping[str, Block]) -> dict[str, str | None]:
    """Say of each block which heading it stands under, by their names."""
    found: dict[str, str | None] = {}
    main: str | None = None
    nearest: str | None = None
    for name, block in blocks.items():
        match block.kind:
            case BlockKind.HEADING:
                found[name], main, nearest = None, name, name
            case BlockKind.SUBHEADING:
                found[name], nearest = main, name
            case BlockKind.PARAGRAPH:
                found[name] = nearest
    return found


def _with_heading(name: str, side: Mapping[str, Block]) -> str | None:
    if name not in side:
        return None
    return "\n\n".join(_words(side[each]) for each in (_under(side)[name], name) if each)


def _place_for(name: str, side: Mapping[str, Block], order: Sequence[str]) -> int:
    """Find the place after the nearest earlier block of a side that is in an order; else the beginning."""
    names = list(side)
    earlier = (each for each in reversed(names[: names.index(name)]) if each in order)
    return next((order.index(each) + 1 for each in earlier), 0)


def _named(blocks: Blocks, old: Mapping[str, Block]) -> dict[str, Block]:
    """Give every block a name by which it is known in the other texts: its id, or that of the heading of old it is."""
    headings = _recognised(blocks, old)
    named: dict[str, Block] = {}
    for place, block in enumerate(blocks):
        name = block.pid or headings.get(place)
        if name is None or name in named:
            new = (f"{block.kind} {number} {block.html}" for number in count(1))
            name = next(each for each in new if each not in named and each not in old)
        named[name] = block
    return named


def _recognised(blocks: Blocks, old: Mapping[str, Block]) -> dict[int, str]:
    """Say which headings of old the headings of a text are, by place: by their words, or what they stand above."""
    waiting = {
        name: (block, above) for (name, block), above in zip(old.items(), _above(old.values(), old), strict=True)
    }
    found: dict[int, str] = {}
    for alike in _ALIKE:
        for place, above in enumerate(_above(blocks, old)):
            if blocks[place].is_paragraph or place in found:
                continue
            key = alike(blocks[place], above)
            same = (name for name, each in waiting.items() if not each[0].is_paragraph and alike(*each) == key)
            name = next(same, None)
            if name is not None:
                found[place] = name
                del waiting[name]
    return found


def _above(blocks: Collection[Block], old: Mapping[str, Block]) -> list[str | None]:
    """Say of each block above which paragraph of old it stands."""
    found: list[str | None] = []
    next_one: str | None = None
    for block in reversed(list(blocks)):
        found.append(next_one)
        next_one = block.pid if block.pid in old else next_one
    return found[::-1]


_ALIKE: tuple[Callable[[Block, str | None], object], ...] = (
    lambda block, above: (block.kind, block.html, above),
    lambda block, above: (block.kind, block.html),
    lambda block, above: (block.html, above),
    lambda block, above: (block.kind, above),
)
"""How a heading is known again, the surest way first."""


def _words(block: Block) -> str:
    return "\n\n".join(part.text for part in block.parts)
