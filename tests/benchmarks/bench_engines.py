"""How fast a search is, as ratios to SQLite's FTS5, tantivy and Xapian over the same passages in the same run.

`make bench` runs it over the sample manual, 6,000 and 50,000 passages; `make bench SIZE=500000`, and `make soak`, over
so many alone. The machine's own speed, and its other work, cancel out of a ratio; milliseconds hold for the run only.
The processes of the engines import this module: what they need not have in memory is imported where it is used.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.corpus import Corpus, generated_corpus, sample_corpus
from tests.benchmarks.race import Lengths, race

SIZES = (6_000, 50_000)
LARGE = 100_000
"""From so many passages on, fewer questions are asked: building alone takes minutes."""


def main() -> None:
    """Race over each corpus, print its tables and keep the figures."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    if not sys.argv[1:]:
        run(_sample())
    for size in sizes:
        run(generated_corpus(size))


def run(corpus: Corpus) -> dict[str, Any]:
    """Race over one corpus, print its tables, keep the figures and return them."""
    from tests.benchmarks import results, tables

    began = time.perf_counter()
    print(f"{corpus.name}: {corpus.origin}", flush=True)
    lengths = Lengths(20, 60, openings=2) if len(corpus.passages) >= LARGE else Lengths()
    with tempfile.TemporaryDirectory() as folder:
        figures = race(corpus, Path(folder), lengths, lambda words: print(words, flush=True))
    results.keep("engines", {corpus.name: figures})
    print("\n".join(["", *tables.race(corpus.name, figures), "", f"({time.perf_counter() - began:.0f} s)", ""]))
    return figures


def _sample() -> Corpus:
    from kb.access import Actor, Role
    from kb.service import KnowledgeBase
    from kb.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        with KnowledgeBase.open(Settings(data=Path(folder)), create=True) as kb:
            kb.load_sample(Actor("Benchmark", frozenset({Role.ADMINISTRATOR})), lambda _: None)
        return sample_corpus(Path(folder))


if __name__ == "__main__":
    main()
