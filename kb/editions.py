"""What the page of a section depends on, told as a short string: while it stays the same, so does the page.

`KnowledgeBase.head` answers with it, so that a page can be kept over publications that do not touch it. It takes in
everything a page shows but its own making: the section's own texts, and all that surrounds them. What is left out is
named here: "Similar sections", which weigh every text of the manual against every other, may be a minute behind.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from kb.contacts import contacts_now
from kb.neighbours import led_to
from kb.reading import Moment, name_today
from procedures.model import SectionKind
from procedures.record import Record


class Editions:
    """Remembers, for one state of the record and one minute, what has been told already."""

    def __init__(self) -> None:
        """Start with nothing told."""
        self._state: tuple[str, datetime] | None = None
        self._around = ""
        self._told: dict[str, str] = {}

    def of(self, record: Record, key: str, at: Moment) -> str:
        """Tell the edition of a section; of one there is not, that of its surroundings."""
        state = (record.head_hash, at.now.replace(second=0, microsecond=0))
        if state != self._state:
            self._state, self._told, self._around = state, {}, _digest(_surroundings(record, at))
        if key not in record.revisions and key not in record.redirects:
            return self._around
        if key not in self._told:
            self._told[key] = _digest((self._around, *_own(record, key)))
        return self._told[key]


def _own(record: Record, key: str) -> Iterator[object]:
    """List what a page shows of its section alone: its revisions, files and redactions."""
    for revision in record.revisions.get(record.redirects.get(key, key), ()):
        yield revision
        yield record.attachments.get(revision.id, ())
        yield record.references.get(revision.id, ())
        yield record.redactions.get(revision.body_hash), record.left.get(revision.body_hash)
        yield (revision.section, revision.revision) in record.unreviewed


def _surroundings(record: Record, at: Moment) -> Iterator[object]:
    """List what any page may show beside its text: names, who refers to whom, learning, words, notices and numbers."""
    yield at.today, record.is_sample, record.reviews, record.terms, record.notices, record.redirects
    current = record.in_force(at.today, at.now)
    for key in record.revisions:
        revision = current.get(key)
        yield key, record.kinds[key], name_today(record, key, at), revision is None
        if revision is not None:
            yield sorted(led_to(record, revision)), revision.body_hash in record.redactions
            yield revision.contact if record.kinds[key] is SectionKind.CONTACT else None
    yield contacts_now(record, at)


def _digest(facts: Iterable[object]) -> str:
    """Make facts a short string; they are frozen records, so equal facts read alike."""
    return hashlib.blake2b("\n".join(map(repr, facts)).encode(), digest_size=16).hexdigest()
