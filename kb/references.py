"""What a person means by a reference: a key, a number, a paragraph id, a review's key, or `KEY@N`.

The command line asks this; search has its own, gentler reading of the same things.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from kb.reading import Moment, number_on
from procedures.errors import Invalid, NotFound
from procedures.record import Record
from procedures.store import Store

_REVISION = re.compile(r"([a-z0-9-]+)@(\d{1,6})", re.ASCII)
_NUMBER = re.compile(r"\d{1,2}(\.\d{1,3}){1,4}", re.ASCII)
_PID = re.compile(r"p-[a-z0-9]{6,8}")


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference leads to: a section (perhaps a revision or a paragraph of it) or a review."""

    kind: str
    key: str
    revision: int | None = None
    pid: str | None = None


def resolve(store: Store, record: Record, reference: str, at: Moment) -> Target:
    """Follow a reference. Raises `NotFound`, naming the nearest keys, or `Invalid` for an empty one."""
    words = reference.strip().lower()
    if not words:
        raise Invalid("No reference was given. Give a key, a number like 8.38, or a paragraph id like p-7f3k2m.")
    revision = _REVISION.fullmatch(words)
    if revision:
        found = record.revision(revision.group(1), int(revision.group(2)))
        return Target("section", found.section, found.revision)
    if _NUMBER.fullmatch(words):
        numbered = number_on(store, record, words, None if at.is_today else at.on, at)
        return Target("section", numbered.section.key, pid=numbered.pid)
    if _PID.fullmatch(words) and words in record.pids:
        return Target("section", record.pids[words], pid=words)
    key = record.redirects.get(words, words)
    if key in record.revisions:
        return Target("section", key)
    if words in record.reviews:
        return Target("review", words)
    raise NotFound(f"There is nothing called '{words}' in this manual. {_hint(record, words)}")


def _hint(record: Record, words: str) -> str:
    near = get_close_matches(words.lower(), [*record.revisions, *record.reviews], n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(near)}?" if near else f'Search for it: kb search "{words}"'
