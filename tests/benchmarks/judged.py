"""Public test collections, read from a folder, and how well each engine answers them.

`bench_collections` calls it. Two layouts are read: the one of Cranfield and its age (`cran.all.1400`, `cran.qry`,
`cranqrel`; MED, CISI and CACM have the same), and BEIR's (`corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`), in which
many of today are given out. No collection is part of the project: most say nothing of who may pass them on.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from index.analysis import STOP_WORDS
from index.evaluate import CUT_OFF, ndcg
from index.passage import Passage
from index.query import MAX_TERMS, parse
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.engines import FullText, Ours
from tests.benchmarks.questions import Question

_DOCUMENT = re.compile(r"^\.I\s+(\S+)\s*$", re.MULTILINE)
_FIELD = re.compile(r"^\.([A-Z])\s*$", re.MULTILINE)
_WORD = re.compile(r"\w+")
_CRANFIELD_COLUMNS = 3
_CRANFIELD_WORST = 5
"""Cranfield's judges wrote 1 for a complete answer and 4 for least interest; 5, and -1, for none."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents as passages, queries by their id, and for each the documents that answer it, graded."""

    name: str
    passages: tuple[Passage, ...]
    queries: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, int]]


def collections_in(folder: Path) -> Iterator[Collection]:
    """Read every collection in the folder and in the folders in it."""
    for place in sorted({folder, *(path for path in folder.iterdir() if path.is_dir())}):
        if (place / "corpus.jsonl").is_file():
            yield _beir(place)
        elif texts := _find(place, ".all"):
            yield _smart(place.name, texts, _find(place, ".qry", "query"), _find(place, ".rel", "qrel"))


def _beir(place: Path) -> Collection:
    documents, queries = (_lines(place / name) for name in ("corpus.jsonl", "queries.jsonl"))
    relevant: dict[str, dict[str, int]] = {}
    with (place / "qrels" / "test.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if int(row["score"]) > 0:
                relevant.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    passages = tuple(_passage(each["_id"], each.get("title", ""), each["text"]) for each in documents)
    return Collection(place.name, passages, {each["_id"]: each["text"] for each in queries}, relevant)


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _find(place: Path, *parts: str) -> Path | None:
    """Find the file that has one of the parts in its name: each collection spells them in its own way."""
    names = sorted(path for path in place.iterdir() if path.is_file() and path.suffix != ".readme")
    return next((path for part in parts for path in names if part in path.name.lower()), None)


def _smart(name: str, texts: Path, asked: Path | None, judged: Path | None) -> Collection:
    if asked is None or judged is None:
        raise ValueError(f"{name} has documents, but no queries (.qry) or no judgements (.rel, qrel).")
    passages = tuple(_passage(key, fields.get("T", ""), fields.get("W", "")) for key, fields in _records(texts))
    # The queries of Cranfield carry numbers of their own; its judgements count them from 1.
    queries = {str(at): fields.get("W", "") for at, (_, fields) in enumerate(_records(asked), start=1)}
    return Collection(name, passages, queries, _judgements(judged))


def _records(path: Path) -> list[tuple[str, dict[str, str]]]:
    """Read `.I number` and the fields that follow, each under a line with its letter."""
    _, *pieces = _DOCUMENT.split(path.read_text(encoding="latin-1"))
    found = []
    for key, body in zip(pieces[::2], pieces[1::2], strict=True):
        _, *fields = _FIELD.split(body)
        found.append(
            (key, {name: " ".join(text.split()) for name, text in zip(fields[::2], fields[1::2], strict=True)})
        )
    return found


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    """Read lines of Cranfield (query, document, code), TREC (query, 0, document, grade) or SMART (query, document)."""
    rows = [line.split() for line in path.read_text(encoding="latin-1").splitlines() if line.strip()]
    trec = all(len(row) > _CRANFIELD_COLUMNS and row[1] == "0" for row in rows)
    relevant: dict[str, dict[str, int]] = {}
    for row in rows:
        query, document = str(int(row[0])), row[2] if trec else row[1]
        code = int(row[2]) if len(row) == _CRANFIELD_COLUMNS else _CRANFIELD_WORST - 1
        if 0 < code < _CRANFIELD_WORST:
            relevant.setdefault(query, {})[str(int(document))] = _CRANFIELD_WORST - code
    return relevant


def _passage(key: str, title: str, text: str) -> Passage:
    return Passage(key=key, revision="all", kind="section", document=key, title=title, heading="", text=text)


def score(collection: Collection, folder: Path) -> dict[str, float]:
    """Return the mean nDCG@10 of every engine over the queries that have an answer.

    Ours reads the first 32 words of a query, more than people type and fewer than some of these ask with: so FTS5
    is asked once more with no more than ours has read.
    """
    everything = frozenset({"all"})
    corpus = Corpus(collection.name, collection.passages, (), everything, everything, "")
    queries = {key: text for key, text in collection.queries.items() if key in collection.relevant}
    read = {key: " ".join(term.word for term in parse(text).words) for key, text in queries.items()}
    answers = {
        "ours": _asked(Ours, corpus, queries, folder / "ours"),
        "FTS5": _asked(FullText, corpus, queries, folder / "whole"),
        f"FTS5, first {MAX_TERMS} words": _asked(FullText, corpus, read, folder / "read"),
        **_bm25s(corpus, queries),
    }
    return {
        name: fmean(ndcg(found[key], collection.relevant[key]) for key in queries) for name, found in answers.items()
    }


def _asked(
    engine: type[Ours | FullText], corpus: Corpus, queries: Mapping[str, str], folder: Path
) -> dict[str, Sequence[str]]:
    folder.mkdir(parents=True)
    asked = engine(folder)
    asked.build(corpus)
    asked.open()
    return {key: [found.key for found in asked.ask(_question(text), CUT_OFF)] for key, text in queries.items()}


def _question(text: str) -> Question:
    words = dict.fromkeys(word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS)
    return Question("natural language", f"{text} ", tuple(words))


def _bm25s(corpus: Corpus, queries: Mapping[str, str]) -> dict[str, dict[str, Sequence[str]]]:
    """Ask bm25s as its own documents show it, with stems; nothing where it is not installed."""
    try:
        import bm25s
        import Stemmer
    except ImportError:
        return {}
    stemmer = Stemmer.Stemmer("english")

    def tokens(texts: list[str]) -> object:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    keys = [passage.key for passage in corpus.passages]
    retriever = bm25s.BM25()
    retriever.index(tokens([f"{passage.title} {passage.text}" for passage in corpus.passages]), show_progress=False)
    wanted = min(CUT_OFF, len(keys))
    places, _ = retriever.retrieve(tokens(list(queries.values())), k=wanted, show_progress=False)
    return {"bm25s": {key: [keys[place] for place in row] for key, row in zip(queries, places, strict=True)}}
