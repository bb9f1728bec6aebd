"""The search engine on Whoosh 2.7.4, and the only module that imports it.

`kb` opens one `WhooshEngine` per process. Whoosh holds analysis, schema, postings, positions,
stored fields and the commit; what a query means, how passages are scored, counted and marked is
decided in `interpret`, `scoring`, `facets` and `marks`, which `answers` calls. Whoever writes a commit
puts a file of `columns` beside each new segment, and searches are answered from those; where one is
missing or damaged, Whoosh's own matchers answer until there is a good one.

What is deliberately not used, each for a reason that was measured: Whoosh's query parser (raises on
odd queries), its scorers (slow), `Searcher.refresh()` (brings old documents back in the forks),
memory maps (a file cut short would kill the process), and one reader for several threads (its
posting files have one reading position). Instead, each commit becomes an immutable `Snapshot` in
memory; threads keep the one they started with for as long as they need it.
"""

import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock
from time import sleep
from typing import Any

from whoosh.analysis import Analyzer, Token
from whoosh.fields import STORED, TEXT, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile, StructFile
from whoosh.index import TOC, EmptyIndexError, FileIndex
from whoosh.lang.snowball.english import EnglishStemmer
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from index.analysis import regular, words
from index.answers import Answers
from index.columns import Columns, columns_of, from_bytes, to_bytes
from index.engine import IndexFault, Order, Ranking
from index.facets import Filters
from index.facts import FIELDS, to_position_record, to_record
from index.generations import Generations, sync_folder
from index.matchers import Matchers
from index.passage import Passage
from index.query import Query
from index.snapshot import Segment, Snapshot

MAX_SEGMENTS = 8
"""A search looks into each segment in turn, and every commit adds one: beyond this many the small
ones are merged.
"""

_NAME = "MAIN"
_COLUMNS = "columns"  # a file whose name begins like those of its segment goes when Whoosh deletes them
_LONGEST_WORD = 64  # letters; longer "words" are data, and Whoosh has limits of its own
_BUFFER_MEGABYTES = 256  # a rebuild of 50,000 passages sorts its postings in memory
_OPEN_ATTEMPTS = 5
_OPEN_PAUSE = 0.02  # seconds; a writer deletes what a commit replaced within a few milliseconds

_stemmer = EnglishStemmer()


def stem(word: str) -> str:
    """Return the stem (Porter's second algorithm for English) of a folded word."""
    return _stem_of(word[:_LONGEST_WORD])


@lru_cache(16384)  # what people type is in there too: with words cut short, it never takes more than about 10 MB
def _stem_of(word: str) -> str:
    kept: str = _stemmer.stem(regular(word))
    return kept


class StemmingAnalyzer(Analyzer):  # type: ignore[misc]  # whoosh has no types
    """The words of a text for Whoosh. Indexes name this class by its import path: renaming it needs
    a new FORMAT.
    """

    def __call__(self, value: str, **_: object) -> Iterator[Token]:
        """Yield one token, changed for each word, as Whoosh expects."""
        token = Token(positions=True, removestops=False, mode="index", boost=1.0)
        for place, word in enumerate(words(value)):
            token.text = stem(word)
            token.pos = place
            yield token


SCHEMA = Schema(
    **{name: TEXT(analyzer=StemmingAnalyzer(), phrase=True) for name in FIELDS},
    record=STORED(),
)


class DurableStorage(FileStorage):  # type: ignore[misc]  # whoosh has no types
    """Whoosh's files in one folder, made to survive a power cut and a full disk.

    Stock Whoosh never calls fsync, so a power cut can take the whole index; it leaves files open
    and its lock taken when a write fails. Here every file is synced as it is closed and names are
    synced at each rename (5.4 to 8.4 ms for a small commit). `Generations.lock` already keeps other
    writers out, so Whoosh's own lock lives and dies with this object.
    """

    def __init__(self, folder: Path, durable: bool = True) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self._durable = durable
        self._created: list[StructFile] = []
        self._scratch: list[DurableStorage] = []

    def create_file(self, name: str, **options: Any) -> StructFile:
        """Create a file that is synced when it is closed."""
        created = super().create_file(name, **options)
        if self._durable:
            created.onclose = _sync_file
        self._created.append(created)
        return created

    def open_file(self, name: str, **options: Any) -> BufferFile:
        """Read a file whole: no descriptor stays open, and what happens to the file later does not
        matter.
        """
        return BufferFile((Path(self.folder) / name).read_bytes(), name=name, **options)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename a file for good: this is what makes a commit."""
        super().rename_file(oldname, newname, safe=safe)
        if self._durable:
            sync_folder(Path(self.folder))

    def keep(self, name: str, content: bytes) -> None:
        """Put a file there, whole or not at all."""
        created = self.create_file(f"{name}.new")
        created.write(content)
        created.close()
        self.rename_file(f"{name}.new", name)

    def lock(self, name: str) -> Any:
        """Return a lock that nobody else holds, or can leave behind."""
        return Lock()

    def temp_storage(self, name: str | None = None) -> "DurableStorage":
        """Return the storage for what a commit needs only while it is made."""
        folder = Path(self.folder) / (name or "scratch.tmp")
        folder.mkdir(mode=0o700, exist_ok=True)
        self._scratch.append(DurableStorage(folder, durable=False))
        return self._scratch[-1]

    def release(self) -> None:
        """Close whatever a failed write left open. Never raises."""
        for scratch in self._scratch:
            scratch.release()
        for created in self._created:
            with suppress(OSError, ValueError):
                created.file.close()
        self._created.clear()


def _sync_file(created: StructFile) -> None:
    created.flush()
    os.fsync(created.fileno())


class _WhooshPostings:
    """The postings of a Whoosh segment; one thread at a time, since its file has one reading
    position.
    """

    def __init__(self, reader: SegmentReader) -> None:
        self._reader = reader
        self._reading = Lock()

    def frequencies(self, field: str, word_stem: str) -> list[tuple[int, float]]:
        with _faults("read"), self._reading:
            return [(at.id(), at.weight()) for at in self._walk(field, word_stem)]

    def positions(self, field: str, word_stem: str) -> list[tuple[int, Sequence[int]]]:
        with _faults("read"), self._reading:
            return [(at.id(), at.value_as("positions")) for at in self._walk(field, word_stem)]

    def _walk(self, field: str, word_stem: str) -> Iterator[Any]:
        if (field, word_stem) in self._reader:
            matcher = self._reader.postings(field, word_stem)
            while matcher.is_active():
                yield matcher
                matcher.next()


class WhooshEngine:
    """An `Engine` over a folder, which it may create. Safe to share between threads and
    processes.
    """

    def __init__(self, folder: Path) -> None:
        self._generations = Generations(folder)
        self._opening = Lock()
        self._commit: _Commit | None = None

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
        """Rank the passages of `revisions`; see `Engine.search`. Raises `IndexFault` for a damaged
        index only.
        """
        return self._answers().search(query, revisions, filters, order, (offset, limit, per_group))

    def suggest(self, text: str, revisions: frozenset[str], *, limit: int = 8) -> tuple[str, ...]:
        """Complete what is being typed; see `Engine.suggest`. Raises `IndexFault` for a damaged
        index only.
        """
        return self._answers().view(revisions).suggester.complete(text, limit)

    def apply(self, passages: Iterable[Passage], position: int) -> None:
        """Add passages and the position in one commit; see `Engine.apply`.

        The position never goes back, so a slower process cannot undo what a faster one has done.
        """
        given = list(passages)
        with _faults("written"), self._generations.lock():
            generation = self._generations.current()
            if generation is None:
                self._replace(given, position, None)
                return
            snapshot = self._snapshot()
            new = {passage.key: passage for passage in given if not snapshot.holds(passage.key)}
            if new or position > snapshot.position:
                _write(generation, new.values(), position)
                _keep_columns(generation, snapshot)

    def rebuild(self, passages: Iterable[Passage], position: int) -> None:
        """Fill a new generation and point to it; see `Engine.rebuild`. The only way for a position
        to go back.
        """
        given = list(passages)
        with _faults("written"), self._generations.lock():
            old = None
            with suppress(IndexFault, ValueError):  # a damaged pointer is no reason not to replace it
                old = self._generations.current()
            self._replace(given, position, old)

    def position(self) -> int:
        """Return the `seq` the index has reached, 0 for an empty one. Raises `IndexFault`."""
        return self._snapshot().position

    def holds(self, position: int) -> bool:
        """Say whether the index is in memory as it is on the disk; see `Engine.holds`."""
        commit = self._commit
        try:
            return commit is not None and commit.is_whole_at(position) and self._generations.current() == commit.folder
        except (IndexFault, OSError, ValueError):
            return False

    def keys(self) -> frozenset[str]:
        """Return the key of every passage held. Raises `IndexFault`."""
        return frozenset().union(*(segment.keys for segment in self._snapshot().segments))

    def close(self) -> None:
        """Let go of what is held in memory; no file is ever left open. A later call opens the index
        again.
        """
        with self._opening:
            self._commit = None

    def _replace(self, passages: Iterable[Passage], position: int, old: Path | None) -> None:
        new = self._generations.create()
        try:
            _write(new, {passage.key: passage for passage in passages}.values(), position)
            _keep_columns(new)
            self._generations.use(new)
        except BaseException:
            with suppress(IndexFault, OSError, ValueError):
                if self._generations.current() != new:
                    shutil.rmtree(new, ignore_errors=True)
            raise
        self._generations.discard_except([new] if old is None else [new, old])

    def _snapshot(self) -> Snapshot:
        """Return the state of the last commit."""
        return self._answers().snapshot

    def _answers(self) -> Answers:
        """Return the answers of the last commit, reading it if it is not the one already read."""
        with _faults("opened"), self._opening:
            for _ in range(_OPEN_ATTEMPTS):
                generation = self._generations.current()
                if generation is None:
                    return Answers(Snapshot([]), stem)
                try:
                    self._commit = _latest_commit(generation, self._commit)
                except (FileNotFoundError, EmptyIndexError) as error:
                    # A writer may have replaced the commit between finding its name and reading it.
                    missing = error
                    sleep(_OPEN_PAUSE)
                else:
                    return self._commit.answers
            raise missing


class _Commit:
    """A commit of a generation, read into memory."""

    def __init__(self, folder: Path, index: FileIndex, before: "_Commit | None") -> None:
        """Read the last commit of `index`; segments that `before` has already read are carried
        over.
        """
        contents = TOC.read(index.storage, _NAME, schema=SCHEMA)
        self.folder = folder
        self.index = index
        self.number: int = contents.generation
        files = {each.segment_id(): folder / f"{each.segment_id()}.{_COLUMNS}" for each in contents.segments}
        stamps = {name: _stamp(file) for name, file in files.items()}
        kept = before.answers.snapshot.segments if before else ()
        known = {segment.name: segment for segment in kept if isinstance(segment.contents, Columns)}
        segments = [
            known.get(segment.segment_id()) or _read_segment(index.storage, segment) for segment in contents.segments
        ]
        self.answers: Answers = Answers(Snapshot(segments), stem)
        self._names = [str(folder / TOC._filename(_NAME, self.number + step)) for step in (0, 1)]
        lacking = [each.name for each in segments if not isinstance(each.contents, Columns)]
        self._lacking = {files[name]: stamps[name] for name in lacking}

    def is_whole_at(self, position: int) -> bool:
        """Tell whether it stands at a position, is the latest, and has all in memory that a search asks for."""
        return self.answers.snapshot.position == position and not self._lacking and self.is_latest()

    def is_latest(self) -> bool:
        """Tell whether nothing was committed to its generation since, and no columns it lacks have come.

        A commit writes the table of contents of the next number, then deletes the one before it. Listing the folder,
        as Whoosh does, takes ten times as long, and every search asks.
        """
        if any(_stamp(file) != before for file, before in self._lacking.items()):
            return False
        this, following = self._names
        return os.path.exists(this) and not os.path.exists(following)  # noqa: PTH110  # a Path takes as long again


def _stamp(file: Path) -> tuple[int, int] | None:
    """Return what tells the file of a name from the one before it; None if there is none."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def _latest_commit(folder: Path, before: _Commit | None) -> _Commit:
    """Return the last commit of a generation, which may be the one already read."""
    if before is None or before.folder != folder:
        return _Commit(folder, FileIndex(DurableStorage(folder), schema=SCHEMA), None)
    return before if before.is_latest() else _Commit(folder, before.index, before)


def _read_segment(storage: DurableStorage, segment: Any) -> Segment:
    name = segment.segment_id()
    columns = _read_columns(storage, name)
    if columns:
        return Segment(name, columns)
    reader = SegmentReader(storage, SCHEMA, segment)
    return Segment(name, Matchers(_records(reader), _WhooshPostings(reader), stem))


def _records(reader: SegmentReader) -> list[str]:
    return [stored["record"] for _, stored in reader.iter_docs()]


def _read_columns(storage: DurableStorage, name: str) -> Columns | None:
    """Return the columns of a segment; None where there are none, or damaged ones, or those of another segment."""
    made_from = _checksum(storage, name)
    with suppress(Exception):  # damaged files can raise anything, and the index can do without this one
        return from_bytes((Path(storage.folder) / f"{name}.{_COLUMNS}").read_bytes(), made_from)
    return None


def _keep_columns(generation: Path, before: Snapshot | None = None) -> None:
    """Put a column file beside each segment of the last commit of a generation that has none.

    Whether those of `before` have one is known. A full disk is no fault: the index can do without, and the next commit
    makes up for it. Nor is it worth a sync: after a power cut the checksums tell a torn file.
    """
    storage = DurableStorage(generation, durable=False)
    there = {each.name for each in before.segments if isinstance(each.contents, Columns)} if before else set()
    try:
        for segment in TOC.read(storage, _NAME, schema=SCHEMA).segments:
            name = segment.segment_id()
            if name not in there:
                columns = columns_of(_records(SegmentReader(storage, SCHEMA, segment)), stem)
                storage.keep(f"{name}.{_COLUMNS}", to_bytes(columns, _checksum(storage, name)))
    except OSError:
        pass
    finally:
        storage.release()


def _checksum(storage: DurableStorage, name: str) -> int:
    """Return what tells the content of Whoosh's files of a segment from any other."""
    found = 0
    for file in sorted(Path(storage.folder).glob(f"{name}.*")):
        if file.name.split(".")[1] != _COLUMNS:
            found = zlib.crc32(file.read_bytes(), found)
    return found


def _write(generation: Path, passages: Iterable[Passage], position: int) -> None:
    """Commit passages and position to a generation, old or new. If that fails, the last commit stands as it
    was.

    A failed writer is abandoned rather than cancelled: cancelling writes, and fails again on a full
    disk. Whatever it leaves in the folder is deleted by the next commit.
    """
    storage = DurableStorage(generation)
    try:
        if not storage.list():
            TOC.create(storage, SCHEMA, _NAME)
        writer = FileIndex(storage, schema=SCHEMA).writer(limitmb=_BUFFER_MEGABYTES, compound=False)
        for passage in sorted(passages, key=lambda each: (each.document, each.kind, each.key)):  # as they are numbered
            texts = {name: getattr(passage, name) for name in FIELDS}
            writer.add_document(**texts, record=to_record(passage))
        writer.add_document(record=to_position_record(position))
        writer.commit(mergetype=_merge_small_segments)
    finally:
        storage.release()


def _merge_small_segments(writer: SegmentWriter, segments: list[Any]) -> list[Any]:
    """Return the segments to keep as they are, after merging the others into the one being written.

    The largest is kept while it outweighs all others together, so that a publication rarely costs a
    rewrite of everything.
    """
    if len(segments) < MAX_SEGMENTS:
        return segments
    *small, largest = sorted(segments, key=lambda segment: segment.doc_count_all())
    kept = [largest] if largest.doc_count_all() > sum(each.doc_count_all() for each in small) else []
    for segment in small if kept else segments:
        reader = SegmentReader(writer.storage, SCHEMA, segment)
        writer.add_reader(reader)
        reader.close()
    return kept


@contextmanager
def _faults(doing: str) -> Iterator[None]:
    """Turn whatever goes wrong with the files into an `IndexFault`: damaged pickles can raise
    anything.
    """
    try:
        yield
    except IndexFault:
        raise
    except Exception as error:
        message = f"the search index could not be {doing}: {error!r}"
        raise IndexFault(message) from error
