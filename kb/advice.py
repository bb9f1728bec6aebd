"""Advice beside a text that is being written: what a careful colleague would point out, each with its cure.

`kb.workspace` asks it for a draft. Pure: it reads blocks and what the manual holds, changes nothing, forbids nothing,
and prefers to be silent: a warning that is often wrong is soon read by nobody.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from index.analysis import STOP_WORDS
from index.vocabulary import Vocabulary
from kb.drafting import Content
from procedures.blocks import Block, BlockKind, body_of
from procedures.markup import contents, links, paragraphs, references
from procedures.model import POINTER_HEADINGS, Paragraph, Revision, RevisionKind, in_force
from procedures.record import Record

LONGEST = 220
"""Words of a paragraph that a reader in a hurry still takes in."""

NO_DESCRIPTION = "No description came with it."
"""How the text of an imported file ends that nobody has described."""

_ACRONYM = re.compile(r"\b[A-Z](?:[A-Z&]{0,5}[A-Z])s?\b(?!\.\w)")
_EVERYDAY = frozenset(
    ["AM", "CCTV", "DVD", "EU", "GP", "HIV", "HM", "ID", "IQ", "KC", "NHS", "OK", "PDF", "PE", "PM", "TV", "UK", "USA"]
)
_ROMAN = re.compile(r"[IVXLC]+")
_MUST = re.compile(r"\bmust\b(?! not be\b)", re.IGNORECASE)
_LINK_TYPED = re.compile(r"\[[^\[\]\n]{1,200}\]\([^()\s]{0,200}\)")
_NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_AMOUNT = {word: number for number, word in enumerate(_NUMBERS, start=1)}
_TIMESCALE = re.compile(
    r"\bwithin (?P<number>\d{1,3}|"
    + "|".join(sorted(_NUMBERS, key=len, reverse=True))
    + r") (?P<unit>(?:working |school |calendar )?"
    r"(?:hour|day|week|month)s?) (?:of|after|from) (?P<what>[^.,;:()\n]{3,80})",
    re.IGNORECASE,
)
_ALIKE = 0.5
"""Least share of the words before a timescale that two sentences must have in common to speak of one thing."""


class Rule(StrEnum):
    """What a piece of advice is about."""

    LINK = "link"
    ACRONYM = "acronym"
    SOURCE = "source"
    DESCRIPTION = "description"
    TIMESCALE = "timescale"
    HEADING = "heading"
    LENGTH = "length"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice. `place` is its block's, from 0; None where it is about the text as a whole."""

    rule: Rule
    place: int | None
    what: str
    cure: str


@dataclass(frozen=True, slots=True)
class Timescale:
    """A timescale as a sentence gives it: the words before it, the number, its unit and what it counts from."""

    before: frozenset[str]
    number: int
    unit: str
    since: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the manual holds around a draft of `section` on the day it is to apply, as known now."""

    section: str
    record: Record
    vocabulary: Vocabulary
    others: Mapping[str, tuple[Paragraph, ...]]
    on: date
    known_at: datetime


def advise(content: Content, around: Surroundings) -> tuple[Advice, ...]:
    """Give all advice on a text, in the order of its blocks."""
    found = [
        *_headings(content.blocks),
        *_descriptions(content),
        *(advice for place, block in enumerate(content.blocks) for advice in _on_block(place, block, content, around)),
    ]
    return tuple(sorted(found, key=lambda advice: -1 if advice.place is None else advice.place))


def _on_block(place: int, block: Block, content: Content, around: Surroundings) -> Iterator[Advice]:
    if block.is_empty:
        what = "This paragraph is empty." if block.is_paragraph else "This heading has no words."
        yield Advice(Rule.EMPTY, place, what, "Write in it, or delete it.")
        return
    if not block.is_paragraph:
        return
    body = body_of((block,))
    paragraph = paragraphs(body, None)[0]
    yield from _links(place, body, content, around)
    html = contents(body)[0].html
    yield from _acronyms(place, _spoken(html), content, around.vocabulary)
    yield from _sources(place, html)
    yield from _timescales(place, paragraph.text, around)
    length = len(paragraph.text.split())
    if length > LONGEST:
        what = f"This paragraph has {length} words."
        yield Advice(Rule.LENGTH, place, what, f"Divide it: readers take in up to {LONGEST} words at a time.")


# Links


def _links(place: int, body: str, content: Content, around: Surroundings) -> Iterator[Advice]:
    for reference in references(body):
        broken = _broken(reference.kind, reference.key, content, around)
        if broken:
            yield Advice(Rule.LINK, place, *broken)
    for href in links(body):
        if ":" not in href:
            yield Advice(
                Rule.LINK, place, f"The link to “{href}” leads nowhere.", "Begin it with https:// or section:."
            )
    for typed in _LINK_TYPED.finditer(paragraphs(body, None)[0].text):
        what = f"“{typed.group()}” is not a link yet."
        yield Advice(Rule.LINK, place, what, "Let its address begin with https://, mailto:, section: or paragraph:.")


def _broken(kind: str, key: str, content: Content, around: Surroundings) -> tuple[str, str] | None:
    if kind == "attachment":
        there = key in {file.hash for file in content.attachments}
        return None if there else ("The file of this link is not attached.", "Attach it, or take the link out.")
    if kind == "paragraph":
        return _broken_paragraph(key, content, around)
    return broken_section(around.record, key, around.section, around.on, around.known_at)


def broken_section(record: Record, key: str, own: str, on: date, known_at: datetime) -> tuple[str, str] | None:
    """Say what is wrong with a link to a section or contact and how to mend it; None where it leads to a text."""
    target = record.redirects.get(key, key)
    if target == own:
        return None
    if target not in record.revisions:
        return f"There is no section “{key}”.", "Search for the section that is meant, or take the link out."
    standing = in_force(record.revisions[target], on, known_at)
    if standing is not None and standing.kind is not RevisionKind.WITHDRAWAL:
        return None
    if standing is None:
        return f"“{key}” is not in force on that day.", "Link to what applies then, or take the link out."
    successor = _successor(record, standing, on, known_at)
    cure = f"Link to its successor instead: section:{successor}." if successor else "Take the link out."
    return f"“{standing.title}” is withdrawn.", cure


def _successor(record: Record, withdrawn: Revision, on: date, known_at: datetime) -> str | None:
    """Follow successors to one whose text is in force."""
    seen: set[str] = set()
    key = withdrawn.successor
    while key and key not in seen and key in record.revisions:
        seen.add(key)
        standing = in_force(record.revisions[key], on, known_at)
        if standing is None:
            return None
        if standing.kind is not RevisionKind.WITHDRAWAL:
            return key
        key = standing.successor
    return None


def _broken_paragraph(pid: str, content: Content, around: Surroundings) -> tuple[str, str] | None:
    own = {block.pid for block in content.blocks}
    if pid in own or any(pid == p.pid for found in around.others.values() for p in found):
        return None
    section = around.record.pids.get(pid)
    if section is None:
        return f"There is no paragraph “{pid}”.", "Search for the paragraph that is meant, or take the link out."
    if section == around.section:
        return f"Paragraph {pid} is not in this text any more.", "Link to another paragraph, or take the link out."
    return f"Paragraph {pid} is no longer in force.", f"Link to its section instead: section:{section}."


# Words


def _acronyms(place: int, text: str, content: Content, vocabulary: Vocabulary) -> Iterator[Advice]:
    """Point out acronyms the glossary lacks, but not in footnotes and lists of documents: publishers have names."""
    if text.isupper() or _heading_above(content.blocks, place) in POINTER_HEADINGS:
        return
    told = {found.group(1) for block in content.blocks for found in re.finditer(r"\(([A-Z][A-Z&]*s?)\)", _words(block))}
    for acronym in dict.fromkeys(_ACRONYM.findall(text)):
        singular = acronym.removesuffix("s")
        known = {acronym, singular} & (_EVERYDAY | told) or _ROMAN.fullmatch(singular) or vocabulary.meanings(acronym)
        if not known:
            cure = f"Write it out the first time, followed by ({singular}), or add it to the glossary."
            yield Advice(Rule.ACRONYM, place, f"The glossary does not know “{acronym}”.", cure)


def _words(block: Block) -> str:
    return " ".join(part.text for part in block.parts)


def _spoken(html: str) -> str:
    """Read the words of a paragraph without its footnotes."""
    return " ".join(p.text for p in paragraphs(f"<div>{re.sub(r'<small>.*?</small>', ' ', html)}</div>", None))


def _heading_above(blocks: Sequence[Block], place: int) -> str | None:
    headings = (block for block in reversed(blocks[:place]) if block.kind is BlockKind.HEADING)
    return next((_words(heading) for heading in headings), None)


def _sources(place: int, html: str) -> Iterator[Advice]:
    if _MUST.search(_spoken(html)) and "<small>" not in html:
        cure = "Add the law or guidance that requires it as a footnote, ^[like this], or write “should”."
        yield Advice(Rule.SOURCE, place, "This says “must” without a source.", cure)


def timescales(text: str) -> Iterator[Timescale]:
    """Read the timescales of a text: "within 10 working days of the conference"."""
    for found in _TIMESCALE.finditer(text):
        sentence = re.split(r"[.\n]", text[: found.start()])[-1]
        number = found["number"].lower()
        since = " ".join(word for word in re.findall(r"\w+", found["what"].lower()) if word not in STOP_WORDS)
        yield Timescale(
            frozenset(_content_words(sentence)),
            _AMOUNT.get(number) or int(number),
            found["unit"].lower().removesuffix("s"),
            since,
        )


def _content_words(text: str) -> set[str]:
    return {word[:6] for word in re.findall(r"[a-z]+", text.lower()) if word not in STOP_WORDS}


def _timescales(place: int, text: str, around: Surroundings) -> Iterator[Advice]:
    mine = [*timescales(text)]
    if not mine:
        return
    for key, others in around.others.items():
        if key == around.section:
            continue
        for paragraph in others:
            for theirs in timescales(paragraph.text) if "ithin " in paragraph.text else ():
                for own in mine:
                    if _differ(own, theirs):
                        what = (
                            f"Here it is {own.number} {own.unit}s of {own.since}; "
                            f"paragraph {paragraph.number} says {theirs.number} {theirs.unit}s."
                        )
                        cure = f"Find out which is right and change the other: paragraph:{paragraph.pid}."
                        yield Advice(Rule.TIMESCALE, place, what, cure)


def _differ(one: Timescale, other: Timescale) -> bool:
    if (one.since, one.unit) != (other.since, other.unit) or one.number == other.number:
        return False
    either = one.before | other.before
    return bool(either) and len(one.before & other.before) / len(either) >= _ALIKE


# The whole


def _headings(blocks: Sequence[Block]) -> Iterator[Advice]:
    above: BlockKind | None = None
    for place, block in enumerate(blocks):
        if block.is_paragraph:
            continue
        following = blocks[place + 1] if place + 1 < len(blocks) else None
        if block.kind is BlockKind.SUBHEADING and above is None:
            cure = "Put a heading above it, or make it a heading."
            yield Advice(Rule.HEADING, place, "This subheading has no heading above it.", cure)
        if following is None or (not following.is_paragraph and following.kind <= block.kind):
            yield Advice(
                Rule.HEADING, place, "Nothing stands under this heading.", "Write what belongs there, or delete it."
            )
        above = above or block.kind


def _descriptions(content: Content) -> Iterator[Advice]:
    for file in content.attachments:
        words = file.text_equivalent.strip()
        if not words or words.endswith(NO_DESCRIPTION):
            cure = "Say in words what it shows, for whoever cannot see it."
            yield Advice(Rule.DESCRIPTION, None, f"The file “{file.filename}” has no description.", cure)
