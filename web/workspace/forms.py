"""The form of a draft, read: every field into the content of a draft, and the buttons that change its blocks.

`editing` calls it for everything the editor's form sends. Whatever was typed comes through: a field that cannot be read
(a day that is none) keeps what the draft had, and is handed back with what was typed and what is wrong with it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from starlette.datastructures import FormData

from kb.days import read_day
from kb.drafting import Answer, Content, Draft, DraftFile
from procedures import blocks as operations
from procedures.blocks import Block, BlockKind, Blocks, heading, paragraph
from procedures.errors import Invalid
from procedures.model import ContactDetails, Importance, RevisionKind, SectionKind
from procedures.notation import Part, joined
from web.workspace.door import text_of

MOST_BLOCKS = 2_000

_DAYS = ("in_force_from", "reviewed_on", "review_due")
_ANSWER = re.compile(r"([a-z0-9-]{1,200})/([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field that could not be read: what was typed, and why not."""

    typed: str
    why: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form says: the content, the version it was written from, and the fields that could not be read."""

    content: Content
    version: int
    wrong: Mapping[str, Wrong] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changed:
    """Blocks after a button: `place` is where to go on, `what` the name of what was done."""

    blocks: Blocks
    place: int
    what: str


def read(fields: FormData, draft: Draft) -> Typed:
    """Read the form of a draft. Raises `Invalid` for what no form of ours would have sent."""
    before = draft.content
    days, wrong = _days(fields, before)
    content = replace(
        before,
        title=_line(fields, "title"),
        change_note=_words(fields, "change_note").strip(),
        importance=Importance.MINOR if text_of(fields, "importance") == Importance.MINOR else Importance.MAJOR,
        attachments=_attachments(fields, before.attachments),
        answers=_answers(fields),
        in_force_from=days["in_force_from"],
        reviewed_on=days["reviewed_on"],
        review_due=days["review_due"],
        agencies=_lines(fields, "agencies"),
        themes=_lines(fields, "themes"),
    )
    if draft.facts.section_kind is SectionKind.CONTACT:
        content = replace(content, contact=_contact(fields))
    else:
        content = replace(content, number=_line(fields, "number") or None)
    if draft.facts.kind is RevisionKind.WITHDRAWAL:
        successor = _line(fields, "successor") or None
        content = replace(content, withdrawal_reason=_words(fields, "withdrawal_reason").strip(), successor=successor)
    else:
        content = replace(content, blocks=_blocks(fields))
    return Typed(content, _number(text_of(fields, "version"), "version"), wrong)


def change(blocks: Blocks, button: str, fields: FormData) -> Changed:
    """Do what a button beside a block says: "up:3", "add:3". Raises `Refused` where it cannot be done, or `Invalid`."""
    name, _, place = button.partition(":")
    operation = _OPERATIONS.get(name)
    if operation is None:
        raise Invalid("There is no such button. Open the draft again.")
    return operation(blocks, _number(place, "place"), fields)


# Fields


def _days(fields: FormData, before: Content) -> tuple[dict[str, date | None], dict[str, Wrong]]:
    days: dict[str, date | None] = {}
    wrong: dict[str, Wrong] = {}
    for name in _DAYS:
        typed = _line(fields, name)
        try:
            days[name] = read_day(typed) if typed else None
        except Invalid as error:
            days[name] = getattr(before, name)
            wrong[name] = Wrong(typed, str(error))
    return days, wrong


def _attachments(fields: FormData, before: Sequence[DraftFile]) -> tuple[DraftFile, ...]:
    """Keep the files that were not ticked to be removed, each with its description."""
    gone = set(fields.getlist("remove"))
    return tuple(
        replace(file, text_equivalent=_words(fields, f"file.{file.hash}") or file.text_equivalent)
        for file in before
        if file.hash not in gone
    )


def _answers(fields: FormData) -> tuple[Answer, ...]:
    chosen = [_ANSWER.fullmatch(value) for value in fields.getlist("answers") if isinstance(value, str) and value]
    return tuple(dict.fromkeys(Answer(found[1], int(found[2])) for found in chosen if found))


def _contact(fields: FormData) -> ContactDetails:
    return ContactDetails(
        telephone=_line(fields, "telephone"),
        opening_hours=_line(fields, "opening_hours"),
        role=_line(fields, "role"),
        area=_line(fields, "area") or None,
        out_of_hours=_line(fields, "out_of_hours") or None,
    )


def _blocks(fields: FormData) -> Blocks:
    count = _number(text_of(fields, "blocks"), "count")
    if count > MOST_BLOCKS:
        raise Invalid(f"A section has up to {MOST_BLOCKS} blocks. Divide it into two.")
    return tuple(_block(fields, place) for place in range(count))


def _block(fields: FormData, place: int) -> Block:
    kinds = {kind.value: kind for kind in BlockKind}
    kind = kinds.get(text_of(fields, f"{place}.kind"))
    if kind is None:
        raise Invalid("A part of the form is missing. Open the draft again.")
    texts = [value for value in fields.getlist(f"{place}.text") if isinstance(value, str)]
    kept = [value == "1" for value in fields.getlist(f"{place}.kept")]
    parts = tuple(Part(_unix(text), as_is) for text, as_is in zip(texts, kept, strict=False)) or (Part(""),)
    if kind is not BlockKind.PARAGRAPH:
        return Block(kind, parts[:1])
    return Block(kind, parts, _line(fields, f"{place}.pid") or None, _line(fields, f"{place}.area") or None)


def _line(fields: FormData, name: str) -> str:
    return " ".join(text_of(fields, name).split())


def _lines(fields: FormData, name: str) -> tuple[str, ...]:
    """Read one entry a line, each once."""
    lines = (" ".join(line.split()) for line in text_of(fields, name).splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def _words(fields: FormData, name: str) -> str:
    return _unix(text_of(fields, name))


def _unix(text: str) -> str:
    """Undo what every browser does to the ends of lines."""
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def _number(typed: str, what: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", typed):
        raise Invalid(f"The form has no {what}. Open the draft again.")
    return int(typed)


# Buttons


def _up(blocks: Blocks, place: int, _: FormData) -> Changed:
    return Changed(operations.move(blocks, place, -1), max(place - 1, 0), "moved")


def _down(blocks: Blocks, place: int, _: FormData) -> Changed:
    return Changed(operations.move(blocks, place, 1), min(place + 1, len(blocks) - 1), "moved")


def _split(blocks: Blocks, place: int, _: FormData) -> Changed:
    return Changed(operations.split_at_marks(blocks, place), place + 1, "split")


def _join(blocks: Blocks, place: int, _: FormData) -> Changed:
    return Changed(operations.join(blocks, place), place - 1, "joined")


def _delete(blocks: Blocks, place: int, _: FormData) -> Changed:
    rest = operations.delete(blocks, place)
    return Changed(rest, min(place, max(len(rest) - 1, 0)), "deleted")


def _add(blocks: Blocks, place: int, fields: FormData) -> Changed:
    """Add what was chosen after a block; a list, a table or a note belongs into the paragraph itself."""
    what = text_of(fields, f"{place}.add")
    if what in _WITHIN and place < len(blocks) and blocks[place].is_paragraph:
        return Changed(_extended(blocks, place, _WITHIN[what]), place, "added")
    new = _NEW.get(what, _NEW["paragraph"])()
    at = min(place + 1, len(blocks))
    return Changed(operations.add(blocks, at, new), at, "added")


def _extended(blocks: Blocks, place: int, words: str) -> Blocks:
    block = blocks[place]
    last = block.parts[-1]
    if words == _NOTE and not last.kept:
        parts = (*block.parts[:-1], Part(f"{last.text} {words}".strip()))
    else:
        parts = (Part(words),) if block.is_empty else joined(block.parts, (Part(words),))
    return (*blocks[:place], replace(block, parts=parts), *blocks[place + 1 :])


_OPERATIONS: Mapping[str, Callable[[Blocks, int, FormData], Changed]] = {
    "up": _up,
    "down": _down,
    "split": _split,
    "join": _join,
    "delete": _delete,
    "add": _add,
}
_NEW: Mapping[str, Callable[[], Block]] = {
    "paragraph": lambda: paragraph(""),
    "heading": lambda: heading(""),
    "subheading": lambda: heading("", BlockKind.SUBHEADING),
    "East Sussex": lambda: paragraph("", area="East Sussex"),
    "West Sussex": lambda: paragraph("", area="West Sussex"),
    "Brighton & Hove": lambda: paragraph("", area="Brighton & Hove"),
}
_NOTE = "^[The law or guidance that says so]"
_WITHIN = {
    "list": "- First point\n- Second point",
    "table": "Table: What it is about\n| Who | By when |\n| --- | --- |\n| Somebody | Some day |",
    "note": _NOTE,
}
"""What is put into a paragraph to be written over: how the notation looks."""
