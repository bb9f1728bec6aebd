"""What a draft can be started from, and the content it then begins with.

`kb.workspace` calls `begun` in a transaction, and `read_foreign` before one: reading foreign text takes a second. An
imported draft needs no beginning; it is on the desk already. Nothing here writes.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from itertools import count

from sqlalchemy import Connection

from kb.drafting import Answer, Content, DraftFile, Facts, Origin, recognised
from kb.imports import slug
from kb.workflow import content_of
from procedures.blocks import Blocks, blocks_of, blocks_of_plain, body_of
from procedures.errors import Invalid, NotFound, Refused
from procedures.importers.links import scheme_of
from procedures.importers.reading import Reading, SourceFile
from procedures.markup import clean, relink
from procedures.model import ContactDetails, Revision, RevisionKind, SectionKind, in_force
from procedures.publication import AttachedFile
from procedures.record import Record

MOST_PASTED = 2_000_000
"""Characters: five times the longest section there is, with a word processor's marks around every word."""

_PASTED = "pasted"
_TITLE = re.compile(r"<h1\b", re.IGNORECASE)
_SCHEMES = {"http", "https", "mailto", "section", "paragraph", "contact"}


@dataclass(frozen=True, slots=True)
class TextInForce:
    """Start from the section as it is in force today."""

    section: str


@dataclass(frozen=True, slots=True)
class Correction:
    """Correct the section's newest revision: the correction keeps its day."""

    section: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Withdraw the section, naming the one that takes its place, if any."""

    section: str
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class OldText:
    """Roll back: a new revision with the text of an earlier one."""

    section: str
    revision: int


@dataclass(frozen=True, slots=True)
class Pasted:
    """Start from pasted words: `html`, or plain. For a section there is, or with a title for a new one."""

    words: str
    html: bool
    section: str | None = None
    title: str = ""
    number: str | None = None


@dataclass(frozen=True, slots=True)
class FromFile:
    """Start from a Word file or a saved page, called `name`. For a section there is, or for a new one."""

    name: str
    content: bytes
    section: str | None = None
    title: str = ""
    number: str | None = None


@dataclass(frozen=True, slots=True)
class NewSection:
    """Start from nothing; the section's key is made from its title. A contact has details instead of a number."""

    title: str
    number: str | None = None
    contact: ContactDetails | None = None


@dataclass(frozen=True, slots=True)
class FromLearning:
    """Start from a learning point (counted from 1): a section is changed to answer it, and will be linked to it."""

    section: str
    review: str
    ordinal: int


Beginning = TextInForce | Correction | Withdrawal | OldText | Pasted | FromFile | NewSection | FromLearning


@dataclass(frozen=True, slots=True)
class Foreign:
    """What foreign text was read as; `title` and `number` are its own, where it gives them."""

    blocks: Blocks = ()
    title: str = ""
    number: str | None = None
    files: tuple[AttachedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a beginning is worked out from: the record, the keys drafts have already, a section's texts, the day."""

    connection: Connection
    record: Record
    taken: Collection[str]
    texts: Sequence[Mapping[str, str]]
    today: date
    now: datetime


def begun(beginning: Beginning, ground: Ground, foreign: Foreign) -> tuple[Facts, Content]:
    """Work out what a draft begins with; `foreign` is what `read_foreign` read. Raises `NotFound` or `Refused`."""
    match beginning:
        case NewSection():
            found = _new(beginning, ground)
        case Pasted() | FromFile():
            found = _from_foreign(beginning, ground, foreign)
        case Withdrawal():
            found = _withdrawal(beginning, ground)
        case Correction():
            found = _correction(beginning, ground)
        case OldText():
            found = _old_text(beginning, ground)
        case FromLearning():
            found = _from_learning(beginning, ground)
        case TextInForce():
            found = _in_force(beginning.section, ground, Origin.IN_FORCE)
    return found


def read_foreign(beginning: Beginning) -> Foreign:
    """Read what a beginning brings from elsewhere, in the sandbox; most bring nothing. Raises `Invalid`."""
    match beginning:
        case Pasted(html=False):
            _check_length(beginning)
            return Foreign(blocks_of_plain(beginning.words))
        case Pasted():
            _check_length(beginning)
            return _read_page(beginning)
        case FromFile():
            return _read_file(beginning)
    return Foreign()


def _check_length(pasted: Pasted) -> None:
    if len(pasted.words) > MOST_PASTED:
        raise Invalid("That is too much to paste at once. Paste one section, or bring it in by import.")


def _read_page(pasted: Pasted) -> Foreign:
    words = pasted.words
    has_title = pasted.section is not None or pasted.title.strip()
    if has_title and not _TITLE.search(words):
        words = f"<h1>{_PASTED}</h1>{words}"  # else the first heading would be taken for the title, and out of the text
    reading = _in_sandbox(SourceFile(f"{_PASTED}.html", f"<!doctype html>{words}".encode()))
    body = reading.sections[0].body if reading.sections else clean(pasted.words)
    title = reading.sections[0].title if reading.sections else ""
    kept = relink(body, lambda href: href if scheme_of(href) in _SCHEMES else None)
    return Foreign(blocks_of(clean(kept)), "" if title == _PASTED else title)


def _read_file(file: FromFile) -> Foreign:
    reading = _in_sandbox(SourceFile(file.name, file.content))
    if not reading.sections:
        why = reading.refused[0].reason if reading.refused else "It has no text that could be a section."
        raise Invalid(f"The file could not be read. {why}")
    section = reading.sections[0]
    files = {
        each.filename: AttachedFile(each.filename, each.media_type, each.content, each.text_equivalent)
        for each in reading.attachments
    }
    addresses = {name: f"attachment:{sha256(each.content).hexdigest()}" for name, each in files.items()}
    kept = relink(section.body, lambda href: addresses.get(href) or (href if scheme_of(href) in _SCHEMES else None))
    return Foreign(blocks_of(clean(kept)), section.title, section.number, tuple(files.values()))


def _in_sandbox(source: SourceFile) -> Reading:
    # Imported here because it brings parsers that nothing else needs.
    from procedures.importers.sandbox import Sandbox

    with Sandbox() as sandbox:
        return sandbox.read(source)


def _in_force(section: str, ground: Ground, origin: Origin) -> tuple[Facts, Content]:
    revisions = ground.record.section(section)
    current = in_force(revisions, ground.today, ground.now)
    if current is None or current.kind is RevisionKind.WITHDRAWAL:
        raise Refused(f"'{section}' is not in force today. Start from one of its earlier texts instead.")
    return _facts(ground, revisions, origin), content_of(ground.connection, current)


def _correction(beginning: Correction, ground: Ground) -> tuple[Facts, Content]:
    revisions = ground.record.section(beginning.section)
    newest = revisions[-1]
    if newest.cancelled_at is not None or newest.kind is RevisionKind.WITHDRAWAL:
        raise Refused(f"{newest.ref} was cancelled or is a withdrawal, so there is nothing to correct.")
    facts = _facts(ground, revisions, Origin.CORRECTION, RevisionKind.CORRECTION)
    return facts, replace(content_of(ground.connection, newest), in_force_from=newest.in_force_from)


def _withdrawal(beginning: Withdrawal, ground: Ground) -> tuple[Facts, Content]:
    facts, content = _in_force(beginning.section, ground, Origin.WITHDRAWAL)
    content = replace(content, blocks=(), attachments=(), review_due=None, successor=beginning.successor)
    return replace(facts, kind=RevisionKind.WITHDRAWAL), content


def _old_text(beginning: OldText, ground: Ground) -> tuple[Facts, Content]:
    revisions = ground.record.section(beginning.section)
    old = ground.record.revision(beginning.section, beginning.revision)
    if old.kind is RevisionKind.WITHDRAWAL or old.body_hash in ground.record.redactions:
        raise Refused(f"{old.ref} has no text to go back to. Choose another revision.")
    # The number stays today's: an old one may be another section's by now.
    content = replace(content_of(ground.connection, old), number=revisions[-1].number, review_due=None)
    return _facts(ground, revisions, Origin.OLD_TEXT), content


def _from_learning(beginning: FromLearning, ground: Ground) -> tuple[Facts, Content]:
    review = ground.record.reviews.get(beginning.review)
    if review is None or not 0 < beginning.ordinal <= len(review.learning):
        raise NotFound("There is no such learning point. Look at the review.")
    facts, content = _in_force(beginning.section, ground, Origin.LEARNING)
    note = f"Answers learning from {review.title}."
    return facts, replace(content, change_note=note, answers=(Answer(beginning.review, beginning.ordinal),))


def _from_foreign(beginning: Pasted | FromFile, ground: Ground, foreign: Foreign) -> tuple[Facts, Content]:
    if not foreign.blocks:
        raise Refused("There are no words in it. Copy the text once more.")
    origin = Origin.PASTE if isinstance(beginning, Pasted) else Origin.IMPORT
    files = tuple(
        DraftFile(sha256(each.content).hexdigest(), each.filename, each.media_type, each.text_equivalent)
        for each in foreign.files
    )
    if beginning.section is not None:
        facts, content = _in_force(beginning.section, ground, origin)
        blocks = recognised(foreign.blocks, ground.texts, body_of(foreign.blocks))
        names = {file.filename for file in files}
        kept = tuple(each for each in content.attachments if each.filename not in names)
        return facts, replace(content, blocks=blocks, attachments=(*kept, *files))
    title = beginning.title.strip() or foreign.title
    facts, content = _new(NewSection(title, beginning.number or foreign.number), ground)
    return replace(facts, origin=origin), replace(content, blocks=foreign.blocks, attachments=files)


def _new(beginning: NewSection, ground: Ground) -> tuple[Facts, Content]:
    title = beginning.title.strip()
    if not title:
        raise Refused("The section has no title. Give it one.")
    name = slug(title)
    taken = {*ground.record.revisions, *ground.record.reviews, *ground.record.redirects, *ground.taken}
    keys = (name if number == 1 else f"{name}-{number}" for number in count(1))
    kind = SectionKind.CONTACT if beginning.contact else SectionKind.PROCEDURE
    facts = Facts(next(key for key in keys if key not in taken), Origin.NEW, None, kind)
    return facts, Content(title=title, number=beginning.number, contact=beginning.contact)


def _facts(
    ground: Ground, revisions: Sequence[Revision], origin: Origin, kind: RevisionKind = RevisionKind.TEXT
) -> Facts:
    newest = revisions[-1]
    return Facts(newest.section, origin, newest.revision, ground.record.kinds[newest.section], kind)
