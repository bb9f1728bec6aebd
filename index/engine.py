"""What any search engine of this project must do, whatever it is built on.

`kb` drives an engine through this protocol alone. `tests/contracts` holds the suite every
implementation passes. Which revisions a search may see is decided by the record and passed in, so
an engine holds no dates and a publication only ever adds passages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from index.facets import Choice, Filters
from index.passage import Passage
from index.query import Query

Order = tuple[frozenset[tuple[str, str]], ...]
"""Sets of (kind, document): the first set comes first. Within a set, and after the last, the better answer does."""


class IndexFault(Exception):
    """Raised when the index cannot be opened, read or written. The cure is always the same: rebuild
    it.
    """


class Hit(NamedTuple):
    """A passage that answers; `marks` are the (start, end) character ranges of `passage.text` that
    matched.
    """

    passage: Passage
    score: float
    marks: tuple[tuple[int, int], ...]


class Group(NamedTuple):
    """A section, review, contact or term with its best passages, best first."""

    kind: str
    document: str
    score: float
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a search found: one page of groups, how many groups there are in all, and a better
    spelling if one helps.

    `counts` says how many groups each choice would leave, given what is chosen in the other facets.
    `known` has the words typed that the text has, where nothing was found with all of them.
    """

    groups: tuple[Group, ...]
    total: int
    did_you_mean: str | None
    counts: Mapping[Choice, int] = field(default_factory=dict)
    known: tuple[str, ...] = ()


class Engine(Protocol):
    """A search engine over passages."""

    def search(
        self,
        query: Query,
        revisions: frozenset[str],
        *,
        filters: Filters = frozenset(),
        order: Order = (),
        limit: int = 10,
        offset: int = 0,
        per_group: int = 3,
    ) -> Ranking:
        """Rank the passages of `revisions` that pass the filters, grouped by document, the best
        answer first unless another order is given. Never raises for a query.

        Passages of the kind `WORDING` are never among them: they only lead to the sections they have words for.
        """

    def suggest(self, text: str, revisions: frozenset[str], *, limit: int = 8) -> tuple[str, ...]:
        """Complete what is being typed, from the titles, headings and words of `revisions` only."""

    def apply(self, passages: Iterable[Passage], position: int) -> None:
        """Add passages and record that the index has reached `position` (an event's `seq`), both or
        neither.

        Applying the same passages twice does no harm. Raises `IndexFault`.
        """

    def rebuild(self, passages: Iterable[Passage], position: int) -> None:
        """Fill a new index and put it in the old one's place in one step; readers never see it half
        full.

        Raises `IndexFault`; the old index then still stands.
        """

    def position(self) -> int:
        """Return the `seq` the index has reached; 0 for an empty one. Raises `IndexFault`."""

    def holds(self, position: int) -> bool:
        """Say whether the index is in memory, as it is on the disk, and has reached a position. Reads none of it."""

    def keys(self) -> frozenset[str]:
        """Return the key of every passage held, for checking against the record. Raises
        `IndexFault`.
        """

    def close(self) -> None:
        """Let go of every file."""
