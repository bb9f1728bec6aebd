"""Which sections are most alike by their words: for "Similar sections" below a text.

`kb.neighbours` asks; `KnowledgeBase` holds the one `Likeness`, which remembers what it has read. How words are compared
is in `index.likeness`.
"""

import html
import re
from collections.abc import Mapping
from threading import Lock

from index.likeness import Counts, Weights, count, most_alike, weigh
from index.sparse import Numbers
from procedures.model import Revision
from procedures.record import Record
from procedures.store import Store

_TAG = re.compile(r"<[^>]*>")


class Likeness:
    """Compares sections in force. A text is read once; weights are made again when another text comes into force."""

    def __init__(self) -> None:
        """Start without having read anything."""
        self._reading = Lock()
        self._numbers = Numbers()
        self._texts: dict[tuple[str, str], Counts] = {}
        self._weights: tuple[frozenset[int], Weights] = (frozenset(), {})
        self._record: Record | None = None

    def most_alike(self, store: Store, in_force: Mapping[str, Revision], key: str) -> list[str]:
        """Order the keys of the sections most like one, the most alike first; sections hardly alike are left out."""
        return most_alike(self._weights_of(store, in_force), key)

    def _weights_of(self, store: Store, in_force: Mapping[str, Revision]) -> Weights:
        texts = frozenset(revision.id for revision in in_force.values())
        with self._reading:
            self._forget_what_was_redacted(store.record())
            known, weights = self._weights
            if known != texts:
                wanted = {key: (revision.body_hash, revision.title) for key, revision in in_force.items()}
                self._texts = {text: self._read(store, in_force[key], text) for key, text in wanted.items()}
                weights = weigh({key: self._texts[text] for key, text in wanted.items()})
                self._weights = (texts, weights)
        return weights

    def _forget_what_was_redacted(self, record: Record) -> None:
        """Begin anew after a redaction: neither the text nor its words are to stay in memory."""
        if self._record and record.redacted_since(self._record):
            self._numbers, self._texts, self._weights = Numbers(), {}, (frozenset(), {})
        self._record = record

    def _read(self, store: Store, revision: Revision, text: tuple[str, str]) -> Counts:
        if text in self._texts:
            return self._texts[text]
        plain = html.unescape(_TAG.sub(" ", store.body(revision) or ""))
        return count(plain, revision.title, self._numbers)
