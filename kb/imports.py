"""Foreign documents into the record: what was read becomes drafts, revisions and review proposals.

`KnowledgeBase.import_documents` delegates here. Reading happens in the sandbox; this module gives every section its
key, resolves links between them, and writes each file in a transaction of its own: whole or not at all. Run again, it
passes over what is there already, so an interrupted import goes on where it stopped.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from kb import desk
from procedures.errors import Mendable
from procedures.importers.reading import ReadAttachment, Reading, ReadReview, ReadSection, Refusal, Unplaced
from procedures.markup import relink
from procedures.model import Importance, NumberAlias, Paragraph, SectionKind
from procedures.publication import AttachedFile, Proposal
from procedures.record import Record
from procedures.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Release:
    """How imported text is published at once: from which day, by whom, and what changed for the reader."""

    in_force_from: date
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class ImportedSection:
    """What became of one file read as a section.

    `outcome` is `published`, `draft` or `unchanged`; `revision` is None for a draft. `metadata` is what the source said
    about the text.
    """

    file: str
    key: str
    number: str | None
    title: str
    revision: int | None
    outcome: str
    metadata: Mapping[str, Any]
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """All that came of an import."""

    sections: tuple[ImportedSection, ...]
    reviews: tuple[ReadReview, ...]
    attachments: tuple[ReadAttachment, ...]
    unplaced: tuple[Unplaced, ...]
    refused: tuple[Refusal, ...]


def read_all(paths: Sequence[Path], progress: Callable[[str], None]) -> Reading:
    """Read every file that `paths` name, calling `progress` with its name. Raises `Invalid` for a missing path."""
    # Imported here because they bring parsers for Word and PDF, which nothing else needs.
    from procedures.importers.files import find
    from procedures.importers.sandbox import Sandbox

    reading = Reading()
    with Sandbox() as sandbox:
        for found in find(paths):
            if isinstance(found, Refusal):
                reading += Reading(refused=(found,))
                progress(found.file)
            else:
                reading += sandbox.read(found)
                progress(found.name)
    return reading


class Import:
    """One import being written: the keys given so far, and what came of each file."""

    def __init__(self, record: Record, reading: Reading, release: Release | None) -> None:
        """Give every section its key before anything is written, so that links can be resolved."""
        self._record = record
        self._reading = reading
        self._release = release
        self._refused: list[Refusal] = list(reading.refused)
        self._keys = self._give_keys()
        self._by_address = self._addresses()

    def write(self, begin: Callable[[], AbstractContextManager[Transaction]], today: date) -> Imported:
        """Write each section and review in a transaction that `begin` opens; a refused one does not stop the rest."""
        written: list[ImportedSection] = []
        reviews: list[ReadReview] = []
        for section in self._reading.sections:
            if section.file in self._keys:
                try:
                    with begin() as transaction:
                        written.append(self._write_section(transaction, section, today))
                except Mendable as error:
                    self._refused.append(Refusal(section.file, str(error)))
        for review in self._reading.reviews:
            with begin() as transaction:
                key = desk.propose_review(transaction, review)
            reviews.append(replace(review, review=replace(review.review, key=key)))
        used = self._used_attachments()
        self._refused += [
            Refusal(
                each.file, "No page that was read refers to this file, so it was left out. Import it with its page."
            )
            for each in self._reading.attachments
            if each not in used
        ]
        return Imported(
            tuple(written), self._reading.reviews, tuple(used), self._reading.unplaced, tuple(self._refused)
        )

    def _write_section(self, transaction: Transaction, section: ReadSection, today: date) -> ImportedSection:
        proposal = self._proposal(section, transaction.newest(self._keys[section.file]))
        prepared = transaction.prepared(proposal)
        metadata = _metadata(section)
        revision: int | None
        same = transaction.same_text(proposal, prepared)
        if same is not None:
            revision, outcome = same, "unchanged"
        elif self._release is None:
            desk.save_draft(transaction, proposal, section.file)
            revision, outcome = None, "draft"
        else:
            published = transaction.publish(proposal, today, imported={"file": section.file, **metadata})
            revision, outcome = published.revision, "published"
            self._keep_printed_numbers(transaction, section, proposal, prepared.paragraphs)
        return ImportedSection(
            section.file,
            proposal.section,
            section.number,
            section.title,
            revision,
            outcome,
            metadata,
            prepared.paragraphs,
        )

    def _proposal(self, section: ReadSection, newest: int | None) -> Proposal:
        release = self._release
        return Proposal(
            section=self._keys[section.file],
            title=section.title,
            body=relink(section.body, lambda href: self._resolved(section, href)),
            change_note=release.note if release else "Brought in by import.",
            in_force_from=release.in_force_from if release else date.max,
            author=release.by if release else "import",
            number=section.number,
            importance=Importance.MAJOR,
            based_on=newest,
            reviewed_on=_first_day(section.reviewed_on),
            review_due=_last_day(section.review_due),
            attachments=tuple(_attached(each) for each in self._wanted(section)),
        )

    def _keep_printed_numbers(
        self, transaction: Transaction, section: ReadSection, proposal: Proposal, found: Sequence[Paragraph]
    ) -> None:
        for paragraph, printed in zip(found, section.printed_numbers, strict=True):
            if printed and printed != paragraph.number:
                note = f"Printed beside this paragraph in {section.file}."
                first = proposal.in_force_from
                transaction.record_alias(NumberAlias(printed, proposal.section, paragraph.pid, first, None, note))

    def _give_keys(self) -> dict[str, str]:
        """Give each file the key of the section it is, known by its title, or a new one made from it."""
        known = self._titles()
        given: dict[str, str] = {}
        holders: dict[str, ReadSection] = {}
        for section in self._reading.sections:
            key = known.get(slug(section.title)) or slug(section.title)
            holder = holders.setdefault(key, section)
            if holder is section:
                given[section.file] = key
                continue
            same = (holder.body, holder.number) == (section.body, section.number)
            what = "the same text" if same else "another text or number: import only the one that applies"
            self._refused.append(Refusal(section.file, f"It has the same title as '{holder.file}' and {what}."))
        return given

    def _titles(self) -> dict[str, str]:
        """Map the titles of procedures to their keys; of two sections, the one that has the title now has it."""
        procedures = [r for k, r in self._record.revisions.items() if self._record.kinds[k] is SectionKind.PROCEDURE]
        earlier = {slug(r.title): r.section for revisions in procedures for r in revisions}
        return {**earlier, **{slug(revisions[-1].title): revisions[-1].section for revisions in procedures}}

    def _addresses(self) -> dict[str, str]:
        """Map every name a page may be linked by to the key of its section."""
        found: dict[str, str] = {}
        for section in self._reading.sections:
            key = self._keys.get(section.file)
            for address in (section.file, *section.addresses) if key else ():
                found.setdefault(_address(address), str(key))
                found.setdefault(_last_part(address), str(key))
        return found

    def _resolved(self, section: ReadSection, href: str) -> str | None:
        """Point a link at a section of the manual or an attached file; None where it leads nowhere any more."""
        wanted = self._attachment(section, href)
        if wanted:
            return f"attachment:{sha256(wanted.content).hexdigest()}"
        key = self._by_address.get(_address(href)) or self._by_address.get(_last_part(href))
        if key:
            return f"section:{key}"
        return href if urlsplit(href).scheme in {"http", "https", "mailto"} else None

    def _attachment(self, section: ReadSection, href: str) -> ReadAttachment | None:
        if href not in section.wants:
            return None
        name = unquote(_last_part(href)).casefold()
        same_name = [a for a in self._reading.attachments if PurePosixPath(a.file).name.casefold() == name]
        beside = [a for a in same_name if PurePosixPath(a.file).parent == PurePosixPath(section.file).parent]
        return next(iter(beside or same_name), None)

    def _wanted(self, section: ReadSection) -> list[ReadAttachment]:
        found = [self._attachment(section, href) for href in section.wants]
        own = [each for each in self._reading.attachments if each.file == section.file]
        return list(dict.fromkeys([*own, *(each for each in found if each)]))

    def _used_attachments(self) -> list[ReadAttachment]:
        wanted = [each for section in self._reading.sections for each in self._wanted(section)]
        return list(dict.fromkeys(wanted))


def slug(title: str) -> str:
    """Make a key from a title: small letters, digits and single dashes."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower().replace("’", "").replace("'", "")).strip("-") or "section"


def _metadata(section: ReadSection) -> dict[str, Any]:
    return {
        "reviewed_on": section.reviewed_on,
        "review_due": section.review_due,
        "review_lines": list(section.review_lines),
        "amendments": [asdict(amendment) for amendment in section.amendments],
        "remarks": list(section.remarks),
        "printed_numbers": [number for number in section.printed_numbers if number],
    }


def _attached(read: ReadAttachment) -> AttachedFile:
    return AttachedFile(read.filename, read.media_type, read.content, read.text_equivalent)


def _address(address: str) -> str:
    parts = urlsplit(address)
    return unquote(parts.netloc + parts.path).strip("/").casefold()


def _last_part(address: str) -> str:
    return unquote(urlsplit(address).path).rstrip("/").rpartition("/")[2].casefold()


def _first_day(partial: str | None) -> date | None:
    """Read an ISO day or month; a month stands for its first day."""
    return date.fromisoformat(partial if len(partial) > len("2024-04") else f"{partial}-01") if partial else None


def _last_day(partial: str | None) -> date | None:
    """Read an ISO day or month; a month stands for its last day, so that nothing is overdue too soon."""
    first = _first_day(partial)
    if first is None or (partial and len(partial) > len("2024-04")):
        return first
    return first.replace(day=monthrange(first.year, first.month)[1])
