"""The engines that take part, behind one small interface: ours, SQLite's FTS5, tantivy and Xapian.

`race` runs each in a process of its own. All index title and text with a stemmer, weigh a word of the title three times
where they can, put a commit on the disk before they say it is done, and answer with the keys, titles and marked
snippets of the best ten. An engine that is not installed is named by `missing`, and by nothing else.
"""

import importlib.metadata
import importlib.util
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

from index.passage import Passage
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.questions import Question

TITLE_WEIGHT = 3
SNIPPET = 300
"""Characters, as long as the site's excerpts; 50 words for FTS5, which counts those."""


class Found(NamedTuple):
    """One line of an answer."""

    key: str
    title: str
    snippet: str


class Contestant(Protocol):
    """An engine over a folder of its own."""

    cannot: ClassVar[frozenset[str]]
    """The classes of query it has nothing for."""

    def __init__(self, folder: Path) -> None: ...

    def build(self, corpus: Corpus) -> None:
        """Index the corpus from nothing."""

    def open(self) -> None:
        """Open what was built."""

    def ask(self, question: Question, limit: int = 10) -> list[Found]:
        """Return the best answers with marked snippets."""

    def publish(self, passages: Sequence[Passage]) -> None:
        """Add the passages of one section for good; the next question finds them."""


class Ours:
    """This project's engine. It groups by section, counts facets and checks spelling as well, as it always does."""

    cannot: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, folder: Path) -> None:
        from index.query import parse
        from index.whoosh_engine import WhooshEngine
        from web.prose import excerpt

        self._parse, self._excerpt = parse, excerpt
        self._folder = folder
        self._engine = WhooshEngine(folder / "index")
        self._days: dict[str, frozenset[str]] = {}
        self._day = "today"
        self._per_section = 1

    def build(self, corpus: Corpus) -> None:
        self._engine.rebuild([*corpus.passages, *corpus.earlier], 1)
        days = {"today": sorted(corpus.today), "past": sorted(corpus.past)}
        (self._folder / "days.json").write_text(json.dumps(days))

    def open(self) -> None:
        days = json.loads((self._folder / "days.json").read_text())
        self._days = {day: frozenset(revisions) for day, revisions in days.items()}
        self._engine.position()

    def stand(self, day: str = "today", per_section: int = 1) -> None:
        """Answer from now on as of a day, with so many passages of each section."""
        self._day, self._per_section = day, per_section

    def another_day(self) -> None:
        """Stand on a day that no search was about yet: one revision fewer was in force."""
        self._days["past"] -= {next(iter(self._days["past"]))}

    def ask(self, question: Question, limit: int = 10) -> list[Found]:
        visible = self._days[self._day]
        ranking = self._engine.search(self._parse(question.typed), visible, limit=limit, per_group=self._per_section)
        return [
            Found(hit.passage.key, hit.passage.title, self._excerpt(hit.passage.text, hit.marks))
            for group in ranking.groups
            for hit in group.hits
        ]

    def publish(self, passages: Sequence[Passage]) -> None:
        self._engine.apply(passages, self._engine.position() + 1)
        self._days["today"] |= {passage.revision for passage in passages}


class FullText:
    """SQLite's FTS5, with an index for prefixes of four letters and a log written ahead."""

    cannot: ClassVar[frozenset[str]] = frozenset({"misspelt"})

    _ASK = (
        "SELECT key, title, snippet(passage, 2, '<mark>', '</mark>', '…', 50) FROM passage"
        " WHERE passage MATCH ? ORDER BY bm25(passage, 0, 3, 1) LIMIT ?"
    )

    def __init__(self, folder: Path) -> None:
        self._file = folder / "passages.db"

    def build(self, corpus: Corpus) -> None:
        self.open()
        self._connection.execute("PRAGMA journal_mode = wal")
        self._connection.execute(
            "CREATE VIRTUAL TABLE passage"
            " USING fts5(key UNINDEXED, title, text, tokenize = 'porter unicode61', prefix = 4)"
        )
        self.publish(corpus.passages)
        self._connection.execute("INSERT INTO passage(passage) VALUES ('optimize')")
        self._connection.execute("PRAGMA wal_checkpoint(truncate)")

    def open(self) -> None:
        self._connection = sqlite3.connect(self._file, isolation_level=None)

    def ask(self, question: Question, limit: int = 10) -> list[Found]:
        rows = self._connection.execute(self._ASK, (_match(question), limit))
        return [Found(*row) for row in rows]

    def publish(self, passages: Iterable[Passage]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        rows = ((passage.key, passage.title, passage.text) for passage in passages)
        self._connection.executemany("INSERT INTO passage(key, title, text) VALUES (?, ?, ?)", rows)
        self._connection.execute("COMMIT")


def _match(question: Question) -> str:
    if question.kind == "phrase":
        return f'"{" ".join(question.words)}"'
    either = [f'"{word}"' for word in question.words]
    return " OR ".join(either) + (" *" if question.kind == "prefix" else "")


class Tantivy:
    """The Rust engine, through its own binding for Python."""

    cannot: ClassVar[frozenset[str]] = frozenset()

    _FIELDS = ("title", "text")

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._tantivy = tantivy
        self._folder = folder
        self._writer: Any = None
        filters = tantivy.Filter
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        self._analyzer = analyzer.filter(filters.lowercase()).filter(filters.stemmer("english")).build()

    def build(self, corpus: Corpus) -> None:
        schema = self._tantivy.SchemaBuilder()
        schema.add_text_field("key", stored=True, tokenizer_name="raw")
        for field in self._FIELDS:
            schema.add_text_field(field, stored=True, tokenizer_name="en_stem")
        self._use(self._tantivy.Index(schema.build(), path=str(self._folder)))
        self.publish(corpus.passages)
        self._writer.wait_merging_threads()

    def open(self) -> None:
        self._use(self._tantivy.Index.open(str(self._folder)))

    def _use(self, index: Any) -> None:
        self._index = index
        self._searcher = index.searcher()

    def ask(self, question: Question, limit: int = 10) -> list[Found]:
        query = self._query(question)
        hits = self._searcher.search(query, limit, count=False).hits
        snippets = self._tantivy.SnippetGenerator.create(self._searcher, query, self._index.schema, "text")
        snippets.set_max_num_chars(SNIPPET)
        documents = [self._searcher.doc(address) for _, address in hits]
        return [Found(d["key"][0], d["title"][0], snippets.snippet_from_doc(d).to_html()) for d in documents]

    def _query(self, question: Question) -> Any:
        *finished, last = question.words
        if question.kind == "phrase":
            return self._plain(f'"{" ".join(question.words)}"')
        if question.kind == "misspelt":
            stem = self._analyzer.analyze(last)[0]
            return self._either([self._query_of("fuzzy_term_query", field, stem) for field in self._FIELDS])
        if question.kind == "prefix":
            begun = [self._query_of("phrase_prefix_query", field, [last]) for field in self._FIELDS]
            return self._either([self._plain(" ".join(finished)), *begun])
        return self._plain(" ".join(question.words))

    def _plain(self, words: str) -> Any:
        return self._index.parse_query(words, list(self._FIELDS), field_boosts={"title": float(TITLE_WEIGHT)})

    def _query_of(self, kind: str, field: str, words: object) -> Any:
        return getattr(self._tantivy.Query, kind)(self._index.schema, field, words)

    def _either(self, queries: list[Any]) -> Any:
        should = self._tantivy.Occur.Should
        return self._tantivy.Query.boolean_query([(should, query) for query in queries])

    def publish(self, passages: Iterable[Passage]) -> None:
        if self._writer is None:
            self._writer = self._index.writer(64_000_000, 1)
        for passage in passages:
            texts = {field: [getattr(passage, field)] for field in ("key", *self._FIELDS)}
            self._writer.add_document(self._tantivy.Document(**texts))
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()


class Xapian:
    """The C++ engine, with its own list of spellings for words that are spelt wrong."""

    cannot: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, folder: Path) -> None:
        import xapian

        self._xapian = xapian
        self._path = str(folder / "xapian")
        self._stemmer = xapian.Stem("en")
        self._database: Any = None
        self._writer: Any = None

    def build(self, corpus: Corpus) -> None:
        self.publish(corpus.passages)

    def open(self) -> None:
        self._database = self._xapian.Database(self._path)
        self._parser = self._xapian.QueryParser()
        self._parser.set_stemmer(self._stemmer)
        self._parser.set_stemming_strategy(self._xapian.QueryParser.STEM_SOME)
        self._parser.set_database(self._database)

    def ask(self, question: Question, limit: int = 10) -> list[Found]:
        enquire = self._xapian.Enquire(self._database)
        enquire.set_query(self._query(question))
        matches = enquire.get_mset(0, limit)
        found = []
        for match in matches:
            key, title, text = match.document.get_data().decode().split("\0")
            found.append(Found(key, title, self._snippet(matches, text)))
        return found

    def _snippet(self, matches: Any, text: str) -> str:
        flags = self._xapian.MSet.SNIPPET_BACKGROUND_MODEL | self._xapian.MSet.SNIPPET_EXHAUSTIVE
        return str(matches.snippet(text, SNIPPET, self._stemmer, flags, "<mark>", "</mark>", "…").decode())

    def _query(self, question: Question) -> Any:
        words, parser = " ".join(question.words), self._xapian.QueryParser
        if question.kind == "phrase":
            return self._parser.parse_query(f'"{words}"', parser.FLAG_PHRASE)
        if question.kind == "prefix":
            return self._parser.parse_query(words, parser.FLAG_PARTIAL)
        if question.kind == "misspelt":
            suggested = self._database.get_spelling_suggestion(words, 2).decode()
            return self._parser.parse_query(suggested or words, 0)
        return self._parser.parse_query(words, 0)

    def publish(self, passages: Iterable[Passage]) -> None:
        if self._writer is None:
            self._writer = self._xapian.WritableDatabase(self._path, self._xapian.DB_CREATE_OR_OPEN)
        terms = self._xapian.TermGenerator()
        terms.set_stemmer(self._stemmer)
        terms.set_database(self._writer)
        terms.set_flags(self._xapian.TermGenerator.FLAG_SPELLING)
        for passage in passages:
            document = self._xapian.Document()
            document.set_data("\0".join((passage.key, passage.title, passage.text)))
            terms.set_document(document)
            terms.index_text(passage.title, TITLE_WEIGHT)
            terms.increase_termpos()
            terms.index_text(passage.text)
            self._writer.add_document(document)
        self._writer.commit()
        if self._database is not None:
            self._database.reopen()


ENGINES: dict[str, type[Contestant]] = {"ours": Ours, "FTS5": FullText, "tantivy": Tantivy, "Xapian": Xapian}
_PACKAGES = {"tantivy": "tantivy", "Xapian": "xapian"}


def missing() -> list[str]:
    """Name the engines that are not installed here."""
    return [name for name, package in _PACKAGES.items() if importlib.util.find_spec(package) is None]


def version(name: str) -> str:
    """Name an engine with its version."""
    match name:
        case "FTS5":
            return f"SQLite {sqlite3.sqlite_version}"
        case "tantivy":
            return f"tantivy {importlib.metadata.version('tantivy')}"
        case "Xapian":
            return f"Xapian {importlib.metadata.version('xapian-bindings-binary')}"
    return "this tree"
