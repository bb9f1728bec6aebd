"""Foreign documents into the record: what was read becomes drafts, revisions and review proposals.

`KnowledgeBase.import_documents` delegates here. Reading happens in the sandbox; this module gives every section its
key, resolves links between them, and writes each file in a transaction of its own: whole or not at all. Run again, it
passes over what is there already, so an interrupted import goes on where it stopped.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import sha256
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from kb import desk
from procedures.errors import Mendable, Refused
from procedures.importers.links import PageLinks, beside, last_part, scheme_of
from procedures.importers.reading import ReadAttachment, Reading, ReadReview, ReadSection, Refusal, Unplaced
from procedures.markup import links, relink
from procedures.model import Event, Importance, NumberAlias, Paragraph, SectionKind
from procedures.publication import AttachedFile, Proposal
from procedures.record import Record
from procedures.transaction import Transaction

MOST_PARAGRAPHS = 2_000
"""Beyond this a page is no section, and telling its paragraphs apart from the earlier ones would take minutes."""

MOST_ATTACHED = 500_000_000
"""Bytes of pictures and downloads one import may bring: they are held together until their pages are written."""

_MONTH = len("2024-04")


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
    kept = 0
    with Sandbox() as sandbox:
        for found in find(paths):
            if isinstance(found, Refusal):
                reading += Reading(refused=(found,))
                progress(found.file)
            else:
                read = sandbox.read(found)
                kept += sum(len(attachment.content) for attachment in read.attachments)
                if kept > MOST_ATTACHED:
                    reason = "The pictures and downloads of this import are too many. Bring the rest separately."
                    read = Reading(refused=(Refusal(found.name, reason),))
                reading += read
                progress(found.name)
    return reading


class Import:
    """One import being written: the keys given so far, and what came of each file."""

    def __init__(
        self,
        record: Record,
        reading: Reading,
        release: Release | None,
        imported: Iterable[Event],
        content: Callable[[str], bytes],
    ) -> None:
        """Give every section its key before anything is written, so that links can be resolved.

        `imported` are the log's earlier imports: their pages can still be linked to. `content` gives the bytes of a
        file by its hash.
        """
        self._record = record
        self._reading = reading
        self._release = release
        self._refused: list[Refusal] = list(reading.refused)
        self._keys = self._give_keys()
        self._content = content
        self._links = PageLinks()
        for event in imported:
            self._links.add(event.subject, event.payload["source"].get("addresses", ()))
        for section in reading.sections:
            if section.file in self._keys:
                self._links.add(self._keys[section.file], (section.file, *section.addresses))

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
        return Imported(tuple(written), tuple(reviews), tuple(used), self._reading.unplaced, tuple(self._refused))

    def _write_section(self, transaction: Transaction, section: ReadSection, today: date) -> ImportedSection:
        if len(section.printed_numbers) > MOST_PARAGRAPHS:
            raise Refused(f"It has over {MOST_PARAGRAPHS} paragraphs. Divide it into sections and import those.")
        files = self._files(section)
        proposal = self._proposal(section, files, transaction.newest(self._keys[section.file]))
        prepared = transaction.prepared(proposal)
        dropped = [h for h in links(section.body) if self._resolved(section, files, h) is None]
        metadata = {**_metadata(section), "links_dropped": dropped}
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

    def _proposal(self, section: ReadSection, files: Mapping[str, AttachedFile], newest: int | None) -> Proposal:
        release = self._release
        return Proposal(
            section=self._keys[section.file],
            title=section.title,
            body=relink(section.body, lambda href: self._resolved(section, files, href)),
            change_note=release.note if release else "Brought in by import.",
            in_force_from=release.in_force_from if release else date.max,
            author=release.by if release else "import",
            number=section.number,
            importance=Importance.MAJOR,
            based_on=newest,
            reviewed_on=_first_day(section.reviewed_on),
            review_due=_last_day(section.review_due),
            attachments=tuple(files.values()),
        )

    def _keep_printed_numbers(
        self, transaction: Transaction, section: ReadSection, proposal: Proposal, found: Sequence[Paragraph]
    ) -> None:
        """Let the numbers the source printed lead to their paragraphs, whatever number those have here."""
        held = {(a.section, a.number): a.pid for a in self._record.aliases}  # the newest of each
        for paragraph, printed in zip(found, section.printed_numbers, strict=True):
            known = held.get((proposal.section, printed or ""), paragraph.pid if printed == paragraph.number else None)
            if printed and known != paragraph.pid:
                note = f"Printed beside this paragraph in {section.file}."
                first = proposal.in_force_from
                transaction.record_alias(NumberAlias(printed, proposal.section, paragraph.pid, first, None, note))

    def _give_keys(self) -> dict[str, str]:
        """Give each file the key of the section it is, known by its title, or a new one made from it."""
        known = self._titles()
        taken = {*self._record.revisions, *self._record.reviews}
        given: dict[str, str] = {}
        holders: dict[str, ReadSection] = {}
        for section in self._reading.sections:
            name = slug(section.title)
            holder = holders.setdefault(name, section)
            if holder is section:
                given[section.file] = known.get(name) or _free(name, taken)
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

    def _resolved(self, section: ReadSection, files: Mapping[str, AttachedFile], href: str) -> str | None:
        """Point a link at a section of the manual or an attached file; None where it leads nowhere any more."""
        if href in files:
            return f"attachment:{sha256(files[href].content).hexdigest()}"
        key = self._links.section(section.file, href)
        if key:
            return f"section:{key}"
        return href if scheme_of(href) in {"http", "https", "mailto"} else None

    def _files(self, section: ReadSection) -> dict[str, AttachedFile]:
        """Find the files a section has, by the link that wants each; its own (a Word file's pictures) by their names.

        A file that is not among those read now, but was attached before, stays attached.
        """
        newest = self._record.revisions.get(self._keys[section.file], ())[-1:]
        before = {a.filename.casefold(): a for r in newest for a in self._record.attachments.get(r.id, ())}
        found = {a.filename: _attached(a) for a in self._reading.attachments if a.file == section.file}
        for href in section.wants:
            read = self._attachment(section, href)
            kept = before.get(last_part(href))
            if read:
                found[href] = _attached(read)
            elif kept:
                content = self._content(kept.hash)
                found[href] = AttachedFile(kept.filename, kept.media_type, content, kept.text_equivalent)
        return found

    def _attachment(self, section: ReadSection, href: str) -> ReadAttachment | None:
        """Find the file a link wants: at its very path, else the only one of its name."""
        path = beside(section.file, href)
        exact = [a for a in self._reading.attachments if a.file.casefold() == path]
        named = [a for a in self._reading.attachments if PurePosixPath(a.file).name.casefold() == last_part(href)]
        return exact[0] if exact else named[0] if len(named) == 1 else None

    def _used_attachments(self) -> list[ReadAttachment]:
        sections = self._reading.sections
        wanted = [self._attachment(section, href) for section in sections for href in section.wants]
        own = [a for a in self._reading.attachments if a.file in {section.file for section in sections}]
        return list(dict.fromkeys([*own, *(each for each in wanted if each)]))


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
        "printed_numbers": list(section.printed_numbers),
        "addresses": [section.file, *section.addresses],
    }


def _attached(read: ReadAttachment) -> AttachedFile:
    return AttachedFile(read.filename, read.media_type, read.content, read.text_equivalent)


def _free(name: str, taken: Collection[str]) -> str:
    """Make a key nothing has yet."""
    tries = (f"{name}-{number}" if number > 1 else name for number in count(1))
    return next(key for key in tries if key not in taken)


def _first_day(partial: str | None) -> date | None:
    """Read an ISO day or month; a month stands for its first day."""
    if partial is None:
        return None
    try:
        return date.fromisoformat(partial if len(partial) > _MONTH else f"{partial}-01")
    except ValueError:
        return date.fromisoformat(f"{partial[:_MONTH]}-01")  # a day that month does not have: 31 September


def _last_day(partial: str | None) -> date | None:
    """Read an ISO day or month; a month stands for its last day, so that nothing is overdue too soon."""
    first = _first_day(partial)
    if first is None or (partial and len(partial) > _MONTH):
        return first
    return first.replace(day=monthrange(first.year, first.month)[1])
