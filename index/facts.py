"""What is known of the passages of a segment whatever their words: whose each is, where it stands, how long it is.

Read from the stored records, once for the column file and again where there is none. What many passages share (a title,
a revision, a set of facets) is held once, and each passage has its number.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from sys import intern
from typing import Any

import numpy as np

from index.analysis import words
from index.facets import Choice, Facet, choices_of
from index.passage import Manner, Naming, Passage, Standing
from index.ranking import SETTINGS, Group
from index.sparse import Bools, Floats, Ints, Numbers

FIELDS = ("title", "heading", "text")

FIELD_WEIGHTS = (SETTINGS.title_weight, SETTINGS.heading_weight, SETTINGS.text_weight)

_NAMING_WEIGHTS = {
    Manner.NAME: SETTINGS.name_weight,
    Manner.MEANING: SETTINGS.meaning_weight,
    Manner.SIGNPOST: SETTINGS.signpost_weight,
}
_FIELD_NAMES = tuple(field.name for field in fields(Passage))
_TEXT = _FIELD_NAMES.index("text")
_STANDINGS = {standing.value: standing for standing in Standing}
_READER = json.JSONDecoder()
_SHARED = 120  # characters: titles, headings and names, which a section's passages share, but hardly a text
_NO_PASSAGE = Passage("", "", "", "", "", "", "")
_NOT_AT_ONCE = 1 << 32  # beyond any place in a document


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of the records of a segment, in their order.

    The first lists hold what is shared, each thing once; the arrays of the same name in the singular say which of them
    a record has. A record that is no passage has no revision (-1). `reading` says where a passage comes among those of
    its document that answer alike. The `naming_*` arrays are about the wordings in `namings`, and say which revision
    has each and which section it is for.
    """

    position: int
    keys: list[str]
    revisions: list[str]
    groups: list[Group]
    titles: list[str]
    headings: list[str]
    choices: list[tuple[Choice, ...]]
    namings: list[str]
    named: list[str]
    revision: Ints
    group: Ints
    title: Ints
    heading: Ints
    choice: Ints
    length: Floats
    prior: Floats
    pointer: Bools
    reading: Ints
    naming_revision: Ints
    naming_named: Ints
    naming_weight: Floats


def to_record(passage: Passage) -> str:
    """Return what is stored for a passage: its fields and the lengths of the indexed ones in
    words.
    """
    lengths = [len(words(getattr(passage, field))) for field in FIELDS]
    return json.dumps({"passage": [getattr(passage, name) for name in _FIELD_NAMES], "lengths": lengths})


def to_position_record(position: int) -> str:
    """Return what is stored for the position the index has reached."""
    return json.dumps({"position": position})


def to_passage(record: str) -> Passage:
    """Return the passage of a record."""
    found, _ = _READER.raw_decode(record)  # half the time of `loads`, which looks for what we never write
    return _to_passage(found["passage"])


def text_of(record: str) -> str:
    """Return the text of the passage of a record; one that is no passage has none."""
    passage = json.loads(record).get("passage")
    return str(passage[_TEXT]) if passage else ""


def facts_of(records: Iterable[str]) -> Facts:
    """Read the facts of stored records. Raises ValueError, KeyError or TypeError for damaged ones."""
    reading = _Reading()
    for record in records:
        reading.add(json.loads(record))
    return reading.facts()


def choice_lists(choices: Iterable[Sequence[Choice]]) -> list[list[list[str]]]:
    """Return sets of choices as plain lists, for storing."""
    return [[[choice.facet.value, choice.value] for choice in some] for some in choices]


def choices_from(lists: Iterable[Iterable[Sequence[str]]]) -> list[tuple[Choice, ...]]:
    """Return the sets of choices of such lists."""
    return [tuple(Choice(Facet(facet), value) for facet, value in some) for some in lists]


def _to_passage(stored: Sequence[Any]) -> Passage:
    values: list[Any] = [intern(value) if type(value) is str and len(value) <= _SHARED else value for value in stored]
    *_, agencies, themes, _, standing, namings = values
    named = tuple(Naming(key, Manner(manner), text) for key, manner, text in namings)
    values[-5:-3], values[-2:] = (tuple(agencies), tuple(themes)), (_STANDINGS[standing], named)
    return Passage(*values)


class _Reading:
    """The facts as far as they have been read."""

    def __init__(self) -> None:
        self._position = 0
        self._keys: list[str] = []
        self._rows: list[tuple[float, ...]] = []
        self._namings: list[tuple[str, int, int, float]] = []
        self._revisions, self._groups, self._titles = Numbers(), Numbers(), Numbers()
        self._headings, self._choices, self._named = Numbers(), Numbers(), Numbers()

    def add(self, record: Any) -> None:
        if "position" in record:
            self._position = max(self._position, int(record["position"]))
            self._take(_NO_PASSAGE, (0, 0, 0), -1, ())
        else:
            passage = _to_passage(record["passage"])
            self._take(passage, record["lengths"], self._revisions[passage.revision], choices_of(passage))

    def _take(self, passage: Passage, lengths: Sequence[int], revision: int, choices: tuple[Choice, ...]) -> None:
        self._keys.append(passage.key)
        weighted = (weight * length for weight, length in zip(FIELD_WEIGHTS, lengths, strict=True))
        self._rows.append(
            (
                revision,
                self._groups[passage.kind, passage.document],
                self._titles[passage.title],
                self._headings[passage.heading],
                self._choices[choices],
                sum(weighted),
                SETTINGS.prior(passage.kind, passage.standing),
                passage.standing is Standing.POINTER,
                passage.place + (0 if passage.standing is Standing.ACT_NOW else _NOT_AT_ONCE),
            )
        )
        for naming in passage.namings:
            weight = _NAMING_WEIGHTS[naming.manner]
            self._namings.append((naming.words, revision, self._named[naming.document], weight))

    def facts(self) -> Facts:
        columns = np.array(self._rows, np.float64).reshape(-1, 9).T
        revision, group, title, heading, choice = columns[:5].astype(np.int64)
        wordings, revisions, named, weights = zip(*self._namings, strict=True) if self._namings else ((), (), (), ())
        return Facts(
            position=self._position,
            keys=self._keys,
            revisions=list(self._revisions),
            groups=list(self._groups),
            titles=list(self._titles),
            headings=list(self._headings),
            choices=list(self._choices),
            namings=list(wordings),
            named=list(self._named),
            revision=revision,
            group=group,
            title=title,
            heading=heading,
            choice=choice,
            length=columns[5].copy(),
            prior=columns[6].copy(),
            pointer=columns[7].astype(np.bool_),
            reading=columns[8].astype(np.int64),
            naming_revision=np.array(revisions, np.int64),
            naming_named=np.array(named, np.int64),
            naming_weight=np.array(weights, np.float64),
        )
