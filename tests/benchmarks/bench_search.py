"""How fast a search is, as a ratio to SQLite's FTS5 on the same passages in the same run.

`make bench` runs it. The machine's own speed cancels out of a ratio; the milliseconds are printed beside it and hold
for this run only. Passages are recombined sentences of the sample manual, so words are as frequent as in real guidance,
and each section has a part, agencies and themes to be counted by. Each round asks for one result more than the one
before, since an answer that was given already is remembered; how fast that is stands on a line of its own.
"""

import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from index.facets import MUST, Choice, Facet
from index.passage import Passage
from index.query import parse
from index.whoosh_engine import WhooshEngine
from procedures import sample
from procedures.markup import clean, paragraphs

PASSAGES = 6_000
"""About three times what a whole manual holds."""

FILTERS = frozenset({MUST, Choice(Facet.THEME, "theme 1"), Choice(Facet.THEME, "theme 2")})
QUERIES_EACH = 60
ROUNDS = 5


def main() -> None:
    """Build both indexes, ask both the same questions in turn, and print the table."""
    chance = random.Random(8)
    texts = [words for proposal in sample.proposals() for words in _texts(proposal.body)]
    sentences = sorted({s.strip() for text in texts for s in re.split(r"(?<=[.:])\s", text) if len(s) > 20})
    passages = list(_passages(chance, sentences))
    with tempfile.TemporaryDirectory() as folder:
        engine = WhooshEngine(Path(folder))
        built = _timed(lambda: engine.rebuild(passages, 1))
        full_text = _full_text(passages)
        visible = frozenset(passage.revision for passage in passages)
        print(f"{PASSAGES} passages; built in {built:.1f} s\n")
        print(f"{'queries':<18}{'ours p50':>10}{'p95':>8}{'FTS5 p50':>10}{'p95':>8}   ratio of medians")
        for kind, queries in _queries(chance, passages).items():
            ours, theirs = _race(
                queries,
                lambda text, limit: engine.search(parse(text), visible, limit=limit),
                lambda text, limit: _ask(full_text, text, limit),
            )
            ratio = median(ours) / median(theirs)
            figures = (median(ours), quantiles(ours, n=20)[-1], median(theirs), quantiles(theirs, n=20)[-1])
            print(f"{kind:<18}{figures[0]:>10.2f}{figures[1]:>8.2f}{figures[2]:>10.2f}{figures[3]:>8.2f}   {ratio:.1f}")
        some = [text for queries in _queries(chance, passages).values() for text in queries]
        narrowed = [_timed(partial(_narrowed, engine, text, visible)) for text in some]
        again = [_timed(partial(_narrowed, engine, text, visible)) for text in some]
        print(f"{'any, two filters':<18}{1000 * median(narrowed):>10.2f}{1000 * quantiles(narrowed, n=20)[-1]:>8.2f}")
        print(f"{'the same again':<18}{1000 * median(again):>10.2f}{1000 * quantiles(again, n=20)[-1]:>8.2f}")
        print("\nMilliseconds of this run. FTS5 returns ten bare rows; ours groups, marks and checks spelling as well.")
        engine.close()


def _texts(body: str) -> list[str]:
    return [paragraph.text for paragraph in paragraphs(clean(body), None)]


def _passages(chance: random.Random, sentences: list[str]) -> Iterator[Passage]:
    for number in range(PASSAGES):
        section = f"section-{number // 25}"
        text = " ".join(chance.choices(sentences, k=chance.randint(1, 5)))
        title = " ".join(chance.choice(sentences).split()[:5])
        kind = number // 25  # all paragraphs of a section have the same
        yield Passage(
            key=f"{section}#{number}",
            revision=section,
            kind="section",
            document=section,
            title=title,
            heading="What to do",
            text=text,
            pid=f"p-{number}",
            part=kind % 13 + 1,
            area=("East Sussex", "West Sussex", None, None)[number % 4],
            agencies=tuple(f"agency {kind % 12 + n}" for n in range(4)),
            themes=tuple(f"theme {kind * (n + 1) % 40}" for n in range(3)),
        )


def _queries(chance: random.Random, passages: list[Passage]) -> dict[str, list[str]]:
    def some(least: int, most: int) -> list[str]:
        return [_words(chance, chance.choice(passages).text, chance.randint(least, most)) for _ in range(QUERIES_EACH)]

    return {"one word": some(1, 1), "two or three": some(2, 3), "natural language": some(6, 8)}


def _words(chance: random.Random, text: str, count: int) -> str:
    words = re.findall(r"[a-z]{4,}", text.lower()) or ["child"]
    start = chance.randrange(len(words))
    return " ".join(words[start : start + count])


def _full_text(passages: list[Passage]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE passage USING fts5(title, text, tokenize = 'porter unicode61')")
    connection.executemany("INSERT INTO passage VALUES (?, ?)", [(p.title, p.text) for p in passages])
    return connection


def _ask(connection: sqlite3.Connection, text: str, limit: int) -> None:
    either = " OR ".join(f'"{word}"' for word in text.split())
    connection.execute(
        "SELECT title, text FROM passage WHERE passage MATCH ? ORDER BY bm25(passage, 3.0, 1.0) LIMIT ?",
        (either, limit),
    ).fetchall()


def _narrowed(engine: WhooshEngine, text: str, visible: frozenset[str]) -> None:
    engine.search(parse(text), visible, filters=FILTERS)


def _race(
    queries: list[str], ours: Callable[[str, int], object], theirs: Callable[[str, int], object]
) -> tuple[list[float], list[float]]:
    """Ask both every query, taking turns, and return the milliseconds of each; the first round warms up."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS + 1):
        for text in queries:
            for place, ask in enumerate((ours, theirs)):
                spent = 1000 * _timed(partial(ask, text, 10 + number))
                if number:
                    times[place].append(spent)
    return times


def _timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


if __name__ == "__main__":
    main()
