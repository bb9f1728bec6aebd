"""The benchmarks' own pieces: that passages, queries and answers are what the figures take them for."""

from __future__ import annotations

import gzip
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from index.analysis import STOP_WORDS
from tests.benchmarks import corpus as corpora
from tests.benchmarks import plot, tables
from tests.benchmarks.corpus import SECTION, Corpus, Source, generated_corpus, installed
from tests.benchmarks.engines import ENGINES, Contestant, Ours, missing
from tests.benchmarks.judged import collections_in, score
from tests.benchmarks.questions import CLASSES, RARE, RAREST, Question, Words, draw
from tests.benchmarks.race import Times

if TYPE_CHECKING:
    from typing import Any

SUBJECTS = ("conference", "threshold", "guardian", "neglect", "chronology", "disclosure", "placement", "supervision")


def files() -> Iterator[Source]:
    """Some files of forty paragraphs each, all different."""
    for number, subject in enumerate(SUBJECTS):
        others = [SUBJECTS[(number + step) % len(SUBJECTS)] for step in (1, 2, 3)]
        yield Source(
            f"About {subject}",
            tuple(
                f"Paragraph {place} says how a {subject} and the {others[place % 3]} are written down by the "
                f"practitioner, with word{chr(97 + place % 26)}{chr(97 + number)} for every family visited."
                for place in range(40)
            ),
        )


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return generated_corpus(300, sources=files())


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Contestant:
    """Each engine that is installed, with the corpus in it."""
    if request.param in missing():
        pytest.skip(f"{request.param} is not installed: `make bench` brings it")
    folder = tmp_path_factory.mktemp(request.param)
    ENGINES[request.param](folder).build(corpus)
    opened = ENGINES[request.param](folder)
    opened.open()
    return opened


def keys(engine: Contestant, question: Question, limit: int = 1000) -> set[str]:
    return {found.key for found in engine.ask(question, limit)}


def test_the_same_seed_makes_the_same_passages(corpus: Corpus) -> None:
    again = generated_corpus(300, sources=files())
    assert again == corpus
    assert again.fingerprint == corpus.fingerprint
    assert generated_corpus(300, seed=9, sources=files()).earlier != corpus.earlier


def test_installed_text_is_read_as_paragraphs_in_the_same_order_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prose = "that is long enough to be a paragraph of its own"
    manual = f".TH LS 1\n.SH NAME\n\\fBls\\fP \\- a manual\n.I page\n{prose}\n.PP\ntoo short\n"
    written(tmp_path, {"man1/ls.1": manual, "library/a.py": f'"""A docstring {prose}."""\n'})
    written(tmp_path, {"doc/a/index.html": f"<p>A <b>web</b> page {prose}</p>", "doc/a/x.json": f'["{prose}"]'})
    (tmp_path / "doc" / "a" / "changelog.gz").write_bytes(gzip.compress(f"  * One {prose}\n  * Two {prose}\n".encode()))
    for name, folder in (("_MANUALS", "."), ("_DOCUMENTS", "doc"), ("_LIBRARY", "library")):
        monkeypatch.setattr(corpora, name, tmp_path / folder)
    read = list(installed(random.Random(8)))
    assert read == list(installed(random.Random(8)))
    assert {text.removesuffix(f" {prose}") for each in read for text in each.paragraphs} == {
        "ls - a manual page",
        f"A docstring {prose}.",
        "A web page",
        "* One",
        "Two",
    }


def test_too_little_text_is_recombined_and_said(corpus: Corpus) -> None:
    more = generated_corpus(400, sources=files())
    assert len(more.passages) == 400
    assert more.passages[:300] == corpus.passages
    assert "320 paragraphs of 8 files" in more.origin
    assert "80 recombined" in more.origin


def test_no_passage_stands_twice_and_no_section_is_long(corpus: Corpus) -> None:
    assert (
        len({passage.key for passage in corpus.passages}) == len({passage.text for passage in corpus.passages}) == 300
    )
    assert max(passage.place for passage in corpus.passages) < SECTION


def test_a_past_day_has_every_section_but_some_as_they_were(corpus: Corpus) -> None:
    assert len(corpus.past) == len(corpus.today)
    assert {passage.revision for passage in corpus.earlier} == corpus.past - corpus.today
    assert corpus.earlier


def test_queries_are_of_the_class_they_stand_under(corpus: Corpus) -> None:
    drawn = draw(corpus.passages, 20)
    words = Words(corpus.passages)
    texts = [re.findall(r"[a-z]+", passage.text.lower()) for passage in corpus.passages]
    assert list(drawn) == list(CLASSES)
    assert all(RAREST <= words.count[question.words[0]] <= RARE for question in drawn["rare"])
    assert all(question.words[0] in words.common for question in drawn["common"])
    assert all(len(set(question.words)) == 3 for question in drawn["three words"])
    assert all(STOP_WORDS & {*question.typed.split()} for question in drawn["natural language"])
    assert all(any(_in_a_row(question.words, text) for text in texts) for question in drawn["phrase"])
    assert all(not question.typed.endswith(" ") for question in drawn["prefix"])
    assert all(question.words[0] not in words.count for question in drawn["misspelt"])


def _in_a_row(words: tuple[str, ...], text: list[str]) -> bool:
    return any(tuple(text[at : at + len(words)]) == words for at in range(len(text)))


def test_no_query_is_drawn_twice(corpus: Corpus) -> None:
    for kind, questions in draw(corpus.passages, 40).items():
        assert len({question.typed for question in questions}) == len(questions) > 1, kind
    assert draw(corpus.passages, 40) == draw(corpus.passages, 40)


def test_all_engines_find_the_same_passages_for_a_rare_word(engine: Contestant, corpus: Corpus) -> None:
    if isinstance(engine, Ours):
        engine.stand("today", 1000)  # else it shows the best passage of each section only
    for word in ("wordaa", "wordce", "wordbh"):
        expected = {passage.key for passage in corpus.passages if word in passage.text}
        assert keys(engine, Question("rare", f"{word} ", (word,))) == expected != set()


def test_every_engine_answers_the_classes_it_takes_part_in(engine: Contestant, corpus: Corpus) -> None:
    if isinstance(engine, Ours):
        engine.stand()
    for kind, questions in draw(corpus.passages, 5).items():
        if kind not in engine.cannot | {"misspelt"}:
            assert all(engine.ask(question) for question in questions), kind


def test_answers_come_with_title_and_marked_snippet(engine: Contestant) -> None:
    first = engine.ask(Question("rare", "wordaa ", ("wordaa",)))[0]
    assert first.title == "About conference"
    assert re.search(r"<(mark|b)>wordaa</\1>", first.snippet)


def test_what_is_published_is_found_at_once(engine: Contestant, corpus: Corpus) -> None:
    passage = corpus.passages[0]
    new = type(passage)("new#1", "new", "section", "new", passage.title, "", f"{passage.text} quillwort")
    engine.publish([new])
    assert keys(engine, Question("rare", "quillwort ", ("quillwort",))) == {"new#1"}


CRANFIELD = {
    "cran.all.1400": ".I 1\n.T\nwings in slipstreams\n.A\nbrenckman\n.W\nlift of a wing\n.I 2\n.W\nslabs of brass\n",
    "cran.qry": ".I 007\n.W\nwhich slabs conduct\n.I 009\n.W\nlift in a slipstream\n",
    "cranqrel": "1 2 1\n1 1 -1\n2 1 4\n",
}
BEIR = {
    "corpus.jsonl": '{"_id": "d1", "title": "Wings", "text": "lift"}\n{"_id": "d2", "text": "brass slabs"}\n',
    "queries.jsonl": '{"_id": "q1", "text": "slabs"}\n{"_id": "q2", "text": "unjudged"}\n',
    "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td2\t2\nq1\td1\t0\n",
}


def written(folder: Path, contents: dict[str, str]) -> None:
    for name, text in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_collections_are_read_in_both_layouts_and_scored(tmp_path: Path) -> None:
    written(tmp_path / "cran", CRANFIELD)
    written(tmp_path / "some-beir", BEIR)
    cran, beir = collections_in(tmp_path)
    assert cran.queries == {"1": "which slabs conduct", "2": "lift in a slipstream"}
    assert cran.relevant == {"1": {"2": 4}, "2": {"1": 1}}
    assert cran.passages[0].title == "wings in slipstreams"
    assert beir.relevant == {"q1": {"d2": 2}}
    assert set(score(cran, tmp_path / "scores").values()) == {1.0}


def test_trecs_and_smarts_judgements_are_told_apart(tmp_path: Path) -> None:
    texts = {"X.ALL": ".I 1\n.W\nlens\n.I 2\n.W\nfish\n", "X.QRY": ".I 1\n.W\nlens\n"}
    written(tmp_path / "smart", {**texts, "X.REL": "   1   2  0  0.000\n"})
    written(tmp_path / "trec", {**texts, "X.REL": "1 0 2 1\n"})
    assert [list(each.relevant["1"]) for each in collections_in(tmp_path)] == [["2"], ["2"]]


def test_the_document_shows_a_ratio_for_each_class_and_a_dash_where_an_engine_cannot() -> None:
    times = {
        name: Times([milliseconds] * 30, answered=30).figures() for name, milliseconds in (("ours", 1.0), ("FTS5", 2.0))
    }
    index = {"build_s": 1.0, "size_mb": 1.0, "memory_mb": 60.0, "memory_grown_mb": 20.0, "first_answer_ms": 9.0}
    figures: dict[str, Any] = {
        "passages": 6000,
        "classes": {"rare": times, "misspelt": {"ours": times["ours"]}},
        "index": {"ours": {**index, "publish_ms": times["ours"]}},
        "ours": {"today": times["ours"], "past day": times["FTS5"]},
        "missing": ["tantivy", "Xapian"],
    }
    shown = "\n".join(tables.race("6,000", figures))
    assert re.search(r"rare +\| 1.00 / 1.00 \| 2.00 / 2.00 \| +– \| +– \| +×0.50 \| +– \| +– \|", shown)
    assert "×2.00 of today" in shown
    assert "Not installed here, so not measured: tantivy, Xapian." in shown
    drawing = ElementTree.fromstring(plot.svg({"6,000": figures}))  # noqa: S314  # our own
    assert "rare: ×0.50 of FTS5" in {title.text for title in drawing.iter("{http://www.w3.org/2000/svg}title")}


@pytest.mark.soak
def test_half_a_million_passages_are_searched_beside_the_other_engines(capsys: pytest.CaptureFixture[str]) -> None:
    from tests.benchmarks.bench_engines import run

    with capsys.disabled():
        sys.stdout.write("\n")
        small, large = run(generated_corpus(6_000)), run(generated_corpus(500_000))
        for kind, times in large["classes"].items():
            grown = times["ours"]["p50"] / small["classes"][kind]["ours"]["p50"]
            sys.stdout.write(f"{kind}: the median is ×{grown:.1f} of that of 6,000 passages.\n")
    assert all(times["ours"]["answered"] > 0.9 for times in large["classes"].values())
