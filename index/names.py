"""What sections are called outside their own text: by the terms that lead to them and the lines that point there.

A section on dangerous sleep need not say "fell asleep on the sofa"; the editors' everyday words for it do. `snapshot`
keeps the `Names` of each segment. They bear on which section answers, never on which words are marked, completed or
corrected, and each belongs to the revision of the passage that has it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from index.analysis import words
from index.passage import Manner, Naming
from index.ranking import SETTINGS

_WEIGHTS: Mapping[Manner, float] = {
    Manner.NAME: SETTINGS.name_weight,
    Manner.MEANING: SETTINGS.meaning_weight,
    Manner.SIGNPOST: SETTINGS.signpost_weight,
}


class Names:
    """The namings of the passages of a segment. `lengths` are weighted word counts by revision and section key."""

    def __init__(self, namings: Iterable[tuple[str, Naming]], stem: Callable[[str], str]) -> None:
        """Take namings, each with the revision of the passage that has it."""
        self.lengths: dict[str, dict[str, float]] = {}
        self._wordings: list[tuple[str, str, float, tuple[str, ...]]] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        read = lru_cache(None)(lambda text: tuple(stem(word) for word in words(text)))  # revisions repeat each other
        for revision, naming in namings:
            self._add(revision, naming, read(naming.words))

    def _add(self, revision: str, naming: Naming, stems: tuple[str, ...]) -> None:
        weight = _WEIGHTS[naming.manner]
        for stem in stems:
            self._places[stem].append(len(self._wordings))
        self._wordings.append((revision, naming.document, weight, stems))
        lengths = self.lengths.setdefault(revision, {})
        lengths[naming.document] = lengths.get(naming.document, 0.0) + weight * len(stems)

    def find(self, stems: tuple[str, ...]) -> Iterator[tuple[str, str, float]]:
        """Yield (revision, section key, weight) for each time a naming has a stem, or several in a row."""
        for number in self._occurrences(stems):
            revision, section, weight, _ = self._wordings[number]
            yield revision, section, weight

    def _occurrences(self, stems: tuple[str, ...]) -> Iterable[int]:
        """Return the number of a wording for each time it has the stems."""
        places = [self._places.get(stem, []) for stem in stems]
        return places[0] if len(stems) == 1 else self._in_a_row(stems, set(places[0]).intersection(*places[1:]))

    def _in_a_row(self, stems: tuple[str, ...], candidates: Iterable[int]) -> Iterator[int]:
        for number in candidates:
            wording = self._wordings[number][3]
            for at in range(len(wording)):
                if wording[at : at + len(stems)] == stems:
                    yield number
