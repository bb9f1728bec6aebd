"""What the project aims at, and what was measured of it: the first table of `docs/performance.md`.

A target is about all classes of query together (the geometric mean of their ratios) where it does not name one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean, geometric_mean
from typing import Any

from tests.benchmarks.tables import ALL, rarer, ratios, slower

Measured = Mapping[str, Mapping[str, Any]]
"""What each benchmark has kept, by its name: engines, pages, collections."""


@dataclass(frozen=True, slots=True)
class Target:
    """An aim, its bound (`least` where more is better), how it is read off the figures, and how it is written."""

    aim: str
    bound: float
    of: Callable[[Measured], float]
    written: str = "×{:.2f}"
    least: bool = False

    def row(self, measured: Measured) -> list[str]:
        """Say what was aimed at, what was measured, and whether that reaches it."""
        try:
            value = self.of(measured)
        except (KeyError, ZeroDivisionError):
            return [self.aim, self._bound, "not measured", ""]
        reached = value >= self.bound if self.least else value <= self.bound
        return [self.aim, self._bound, self.written.format(value), "yes" if reached else "**no**"]

    @property
    def _bound(self) -> str:
        return f"at {'least' if self.least else 'most'} {self.written.format(self.bound)}"


def rows(measured: Measured) -> Iterator[list[str]]:
    """Go through all targets."""
    for target in TARGETS:
        yield target.row(measured)


def _ratio(size: str, other: str, kind: str = ALL) -> Callable[[Measured], float]:
    return lambda measured: ratios(measured["engines"][size], other)[kind]


def _past(size: str) -> Callable[[Measured], float]:
    def beside_today(measured: Measured) -> float:
        ours = measured["engines"][size]["ours"]
        return float(ours["past day"]["p50"] / ours["today"]["p50"])

    return beside_today


def _growth(measured: Measured) -> float:
    """How many times the median grows from 6,000 to 500,000 passages, on the mean of the classes."""
    small, large = (measured["engines"][size]["classes"] for size in ("6,000", "500,000"))
    return geometric_mean(large[kind]["ours"]["p50"] / small[kind]["ours"]["p50"] for kind in small)


def _better(than: str) -> Callable[[Measured], float]:
    def mean_difference(measured: Measured) -> float:
        return fmean(each["ndcg"]["ours"] - each["ndcg"][than] for each in measured["collections"].values())

    return mean_difference


TARGETS = (
    Target("6,000 passages, of FTS5’s time", 0.5, _ratio("6,000", "FTS5")),
    Target("6,000 passages, of FTS5’s, natural language alone", 0.5, _ratio("6,000", "FTS5", "natural language")),
    Target("6,000 passages, of Xapian’s", 0.6, _ratio("6,000", "Xapian")),
    Target("6,000 passages, of tantivy’s (as near as can be got)", 1.0, _ratio("6,000", "tantivy")),
    Target("50,000 passages, of FTS5’s time", 0.1, _ratio("50,000", "FTS5")),
    Target("50,000 passages, of FTS5’s, natural language alone", 0.1, _ratio("50,000", "FTS5", "natural language")),
    Target("50,000 passages, of Xapian’s", 0.6, _ratio("50,000", "Xapian")),
    Target("50,000 passages, of tantivy’s (as near as can be got)", 1.0, _ratio("50,000", "tantivy")),
    Target("500,000 passages, of FTS5’s time", 0.1, _ratio("500,000", "FTS5")),
    Target("A past day, of today’s time, 6,000 passages", 1.2, _past("6,000")),
    Target("A past day, of today’s time, 50,000 passages", 1.2, _past("50,000")),
    Target("The median’s growth from 6,000 to 500,000 passages", 5, _growth),
    Target(
        "Published to found, 6,000 passages, median",
        50,
        lambda measured: float(measured["engines"]["6,000"]["index"]["ours"]["publish_ms"]["p50"]),
        "{:.0f} ms",
    ),
    Target(
        "Memory of a worker, 6,000 passages",
        150,
        lambda measured: float(measured["pages"]["6,000"]["memory_mb"]["ours"]),
        "{:.0f} MB",
    ),
    Target("The search page, of a bare page’s time, sample", 1.5, lambda measured: slower(measured["pages"]["sample"])),
    Target("The search page, 6,000 passages", 1.5, lambda measured: slower(measured["pages"]["6,000"])),
    Target("Requests a second, bare page’s of ours, sample", 1.5, lambda measured: rarer(measured["pages"]["sample"])),
    Target("Requests a second, 6,000 passages", 1.5, lambda measured: rarer(measured["pages"]["6,000"])),
    Target("Public collections, nDCG@10 above FTS5’s", 0.0, _better("FTS5"), "{:+.3f}", least=True),
    Target("Public collections, nDCG@10 above bm25s’s", 0.0, _better("bm25s"), "{:+.3f}", least=True),
)
