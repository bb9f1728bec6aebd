"""The passages that the benchmarks search: the sample manual, or as many as wanted out of installed documentation.

`bench_engines` and `bench_pages` call it. The generator draws, with a fixed seed, from the manual pages and
`/usr/share/doc` of a Debian machine and from the docstrings of Python's own library: real prose and real lists about
many things, in paragraphs about as long as those of a procedure. The same machine gives the same passages; which files
a machine has differs, so a corpus says what it was made from and has a fingerprint. Nothing here is timed.
"""

import ast
import gzip
import hashlib
import random
import re
import sysconfig
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.passage import WORDING, Passage

SECTION = 25
"""Passages of a section, about as many as the sample's have."""

FIRST_SECTIONS = 4
"""How many sections a file gives before every other file has given as many: else the longest would fill a corpus."""

REWRITTEN = 10
"""Every tenth section has an earlier revision, which only a search as of a past day may find."""

SAMPLE_PAST = (2024, 1, 1)

_MANUALS = Path("/usr/share/man")
_DOCUMENTS = Path("/usr/share/doc")
_LIBRARY = Path(sysconfig.get_path("stdlib"))
_UNREADABLE = {".json", ".pdf", ".svg", ".png", ".js", ".css", ".jar", ".map", ".jpg", ".gif", ".db", ".woff2", ".xz"}

_BREAK = re.compile(r"\n\s*(?:\n|[-*+] )")
_HTML_BREAK = re.compile(r"</?(?:p|li|h\d|td|div|pre|dd|dt|br)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_ROFF_FONT = re.compile(r"\\f[A-Z]|\\f\([A-Z]{2}|\\s[-+]?\d")
_ROFF_SPACE = re.compile(r"^\.(?:PP|P|LP|TP|IP|HP|SH|SS|sp|RS|RE|Pp|It|Sh)\b.*$", re.MULTILINE)
_ROFF_WORDS = re.compile(r"^\.(?:BR|IR|B|I|RB|RI|BI|IB) (.*)$", re.MULTILINE)
_ROFF_OTHER = re.compile(r"^[.'].*$", re.MULTILINE)
_ROFF_SIGN = re.compile(r"\\\(..|\\\[[^\]]*\]|\\[&%e]")
_SENTENCE = re.compile(r"(?<=[.:;])\s+")


@dataclass(frozen=True, slots=True)
class Corpus:
    """Passages to search. `today` and `past` name the revisions in force now and on a past day; `origin` says where
    the words are from, in a sentence.

    `earlier` are texts no longer in force, and everyday words, which are no results: our engine holds them as well, the
    others need not.
    """

    name: str
    passages: tuple[Passage, ...]
    earlier: tuple[Passage, ...]
    today: frozenset[str]
    past: frozenset[str]
    origin: str

    @property
    def fingerprint(self) -> str:
        """The same for the same passages."""
        digest = hashlib.sha256()
        for passage in self.passages:
            digest.update(f"{passage.title}\0{passage.text}\0".encode())
        return digest.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Source:
    """Paragraphs of one file, under a title of their own."""

    title: str
    paragraphs: tuple[str, ...]


def sample_corpus(folder: Path) -> Corpus:
    """Make the passages of the sample manual in a data folder, just as the program indexes them."""
    from datetime import date

    from kb.clock import SystemClock, london_day
    from kb.indexing import all_passages, searched
    from procedures.store import Store

    now = SystemClock().now()
    with Store.open(folder / "manual.db") as store:
        record = store.record()
        found = list(all_passages(store, record))
        today = searched(record, london_day(now), now, True)
        past = searched(record, date(*SAMPLE_PAST), now, True)
    results = [passage for passage in found if passage.kind != WORDING]
    current = tuple(passage for passage in results if passage.revision in today)
    others = tuple(passage for passage in found if passage.kind == WORDING or passage.revision not in today)
    words, old = len(found) - len(results), len(results) - len(current)
    origin = (
        f"The sample manual: {len(current):,} passages in force; our engine also holds {old:,} of earlier revisions, "
        f"and the everyday words of {words:,} terms."
    )
    return Corpus("sample", current, others, today, past, origin)


def generated_corpus(size: int, seed: int = 8, sources: Iterator[Source] | None = None) -> Corpus:
    """Make `size` passages in sections of 25 from installed text; where that is not enough, of sentences recombined."""
    chance = random.Random(seed)
    read = list(_sections(sources or installed(chance), size))
    found = sum(len(each.paragraphs) for each in read)
    sections = [*read, *_recombined(chance, read or [*_of_the_sample()], size - found)]
    passages = tuple(passage for number, each in enumerate(sections) for passage in _passages(number, each))[:size]
    earlier = tuple(_earlier(chance, passages))
    replaced = {passage.document for passage in earlier}
    today = frozenset(passage.revision for passage in passages)
    kept = frozenset(passage.revision for passage in passages if passage.document not in replaced)
    past = kept | {passage.revision for passage in earlier}
    origin = (
        f"{min(found, size):,} paragraphs of {len({each.title for each in read}):,} files of installed documentation, "
        f"{max(0, size - found):,} recombined from {'their' if read else 'the sample’s'} sentences; our engine also "
        f"holds {len(earlier):,} of earlier revisions."
    )
    return Corpus(f"{size:,}", passages, earlier, today, past, origin)


def installed(chance: random.Random) -> Iterator[Source]:
    """Read installed documentation in a random order that the seed decides."""
    files = [
        *(path for place in sorted(_MANUALS.glob("man[1-8]")) for path in place.iterdir()),
        *(path for path in _DOCUMENTS.rglob("*") if not _UNREADABLE & set(path.suffixes)),
        *(path for path in _LIBRARY.rglob("*.py") if "site-packages" not in path.parts),
    ]
    files.sort()
    chance.shuffle(files)
    for path in files:
        if path.is_file() and not path.is_symlink():
            yield Source(_title(path), tuple(filter(_is_prose, _paragraphs(path))))


def _sections(sources: Iterator[Source], size: int) -> Iterator[Source]:
    """Cut files into sections until there are enough, each paragraph once; what long files have left comes last."""
    seen: set[str] = set()
    left: list[Source] = []
    for source in sources:
        new = [text for text in dict.fromkeys(source.paragraphs) if text not in seen]
        seen.update(new)
        pieces = [Source(source.title, tuple(new[at : at + SECTION])) for at in range(0, len(new), SECTION)]
        left += pieces[FIRST_SECTIONS:]
        for piece in pieces[:FIRST_SECTIONS]:
            size -= len(piece.paragraphs)
            yield piece
        if size <= 0:
            return
    for piece in left:
        size -= len(piece.paragraphs)
        yield piece
        if size <= 0:
            return


def _recombined(chance: random.Random, sections: Sequence[Source], size: int) -> Iterator[Source]:
    texts = [text for each in sections for text in each.paragraphs]
    sentences = sorted({s for text in texts for s in _SENTENCE.split(text) if len(s) > 20}) if size > 0 else []
    for _ in range(0, size, SECTION):
        made = tuple(" ".join(chance.choices(sentences, k=chance.randint(1, 3))) for _ in range(SECTION))
        yield Source(f"Recombined: {chance.choice(sections).title}", made)


def _of_the_sample() -> Iterator[Source]:
    """The sample's own text, for a machine that has no documentation."""
    from procedures import sample
    from procedures.markup import clean, paragraphs

    for proposal in sample.proposals():
        yield Source(proposal.title, tuple(each.text for each in paragraphs(clean(proposal.body), None)))


def _passages(number: int, section: Source) -> Iterator[Passage]:
    """Lay paragraphs out as a section of a manual, with things to be counted and filtered by."""
    name = f"section-{number}"
    for place, text in enumerate(section.paragraphs):
        yield Passage(
            key=f"{name}@2#{place}",
            revision=f"{name}@2",
            kind="section",
            document=name,
            title=section.title,
            heading="What to do" if place < SECTION // 2 else "Background",
            text=text,
            pid=f"p-{number}-{place}",
            number=f"{number % 13 + 1}.{number}.{place + 1}",
            section_number=f"{number % 13 + 1}.{number}",
            part=number % 13 + 1,
            area=("East Sussex", "West Sussex", None, None)[place % 4],
            agencies=tuple(f"agency {(number + n) % 12}" for n in range(4)),
            themes=tuple(f"theme {number * (n + 1) % 40}" for n in range(3)),
            place=place,
        )


def _earlier(chance: random.Random, passages: Sequence[Passage]) -> Iterator[Passage]:
    """Say every tenth section as it was before: a few words of each paragraph were others."""
    for passage in passages:
        if int(passage.document.partition("-")[2]) % REWRITTEN == 0:
            words = passage.text.split()
            for _ in range(2):
                words[chance.randrange(len(words))] = chance.choice(words)
            name = f"{passage.document}@1"
            yield replace(passage, key=f"{name}#{passage.place}", revision=name, text=" ".join(words))


def _title(path: Path) -> str:
    """Name a file as a reader might: its own name and that of the folder it is in."""
    words = re.split(r"[^A-Za-z0-9]+", f"{path.parent.name} {path.name.split('.')[0]}")
    return " ".join(dict.fromkeys(filter(None, words)))


def _paragraphs(path: Path) -> list[str]:
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    except (OSError, EOFError, ValueError):  # not a text
        return []
    if path.suffix == ".py":
        pieces = [piece for docstring in _docstrings(text) for piece in _BREAK.split(docstring)]
    elif ".html" in path.suffixes:
        pieces = _BREAK.split(_TAG.sub(" ", _HTML_BREAK.sub("\n\n", text)))
    elif path.is_relative_to(_MANUALS):
        pieces = _BREAK.split(_without_roff(text))
    else:
        pieces = _BREAK.split(text)
    return [" ".join(piece.split()) for piece in pieces]


def _docstrings(source: str) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in the tests of Python itself
            tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def _without_roff(text: str) -> str:
    text = _ROFF_SPACE.sub("\n", _ROFF_FONT.sub("", text))
    text = _ROFF_OTHER.sub("", _ROFF_WORDS.sub(r"\1", text))
    return _ROFF_SIGN.sub("", text.replace(r"\-", "-"))


def _is_prose(text: str) -> bool:
    """Keep what reads as a paragraph of English: 8 to 150 words, nearly all letters."""
    letters = sum(char.isascii() and (char.isalpha() or char == " ") for char in text)
    return 8 <= len(text.split()) <= 150 and letters > 0.8 * len(text)
