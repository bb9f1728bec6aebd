"""One race: every engine that is installed over the same passages, asked the same questions in turn.

`bench_engines` runs it for each corpus. Each engine lives in a process of its own, so that none pays for another's
garbage and memory can be told apart; what is timed is timed inside that process. Ten questions go to one engine, then
the same ten to the next, and who begins changes each time: other work on the machine slows all alike, and the ratios
stand. No question is asked twice, so no answer is a remembered one; the first questions of each class only warm up.
"""

import gc
import multiprocessing
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from tests.benchmarks.corpus import Corpus
from tests.benchmarks.engines import ENGINES, missing
from tests.benchmarks.questions import Question, draw, mixed

BATCH = 10
PUBLICATIONS = 20
REMEMBERED = 200
"""Questions after which memory is read."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many questions of each class warm up, how many are timed, and how often each engine is opened."""

    warming: int = 40
    timed: int = 120
    openings: int = 5


class Answered(NamedTuple):
    """What an answer took, waited and worked, and how many lines it had."""

    ms: float
    busy: float
    lines: int


@dataclass(slots=True)
class Times:
    """How long one engine took for one kind of question, in milliseconds, and how many had an answer.

    `busy` is the processor's time for the same: it leaves out what other work on the machine took.
    """

    ms: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    answered: int = 0

    def add(self, answer: "Answered") -> None:
        """Count an answer."""
        self.ms.append(answer.ms)
        self.busy.append(answer.busy)
        self.answered += answer.lines > 0

    def figures(self) -> dict[str, float]:
        """Median, 95th percentile, median of the processor's time and share of questions with an answer."""
        return {
            "p50": median(self.ms),
            "busy": median(self.busy or self.ms),
            "p95": quantiles(self.ms, n=20)[-1] if len(self.ms) > 1 else self.ms[0],
            "answered": self.answered / len(self.ms),
        }


class Lane:
    """One engine in a process of its own. Use it in a `with` statement."""

    def __init__(self, name: str, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")  # nothing of this process is in the other's memory
        self.name = name
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(theirs, name, folder), daemon=True)
        self._process.start()

    def __enter__(self) -> "Lane":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._pipe.send(None)
        self._process.join(60)
        self._process.kill()

    def call(self, work: str, *arguments: Any) -> Any:
        """Have the engine do something over there. Raises RuntimeError where it fails."""
        self._pipe.send((work, arguments))
        done, result = self._pipe.recv()
        if not done:
            raise RuntimeError(f"{self.name}: {result}")
        return result


class _Driver:
    """The other end of a lane: what can be asked of it, timed there."""

    def __init__(self, name: str, folder: Path) -> None:
        self.engine: Any = ENGINES[name](folder)

    def build(self, corpus: Corpus) -> float:
        """Return the seconds it took."""
        return _timed(lambda: self.engine.build(corpus)) / 1000

    def open(self) -> float:
        return _timed(self.engine.open)

    def time(self, questions: Sequence[Question], limit: int = 10) -> list[Answered]:
        """Ask each question."""
        return [_answered(self.engine, question, limit) for question in questions]

    def publish(self, passages: Sequence[Any], question: Question) -> float:
        """Publish, and ask until the answer has the new passages."""
        return _timed(lambda: self._publish(passages, question))

    def _publish(self, passages: Sequence[Any], question: Question) -> None:
        self.engine.publish(passages)
        keys = {passage.key for passage in passages}
        while not keys & {found.key for found in self.engine.ask(question)}:
            pass

    def do(self, method: str, *arguments: Any) -> Any:
        return getattr(self.engine, method)(*arguments)

    def memory(self) -> float:
        """Return the resident megabytes of this process."""
        gc.collect()
        return resident("self")


def _run(pipe: Connection, name: str, folder: Path) -> None:
    driver = _Driver(name, folder)
    while message := pipe.recv():
        work, arguments = message
        try:
            pipe.send((True, getattr(driver, work)(*arguments)))
        except Exception as error:  # whatever it is, it is said where it is waited for
            pipe.send((False, repr(error)))


def _timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return (time.perf_counter() - before) * 1000


def _answered(engine: Any, question: Question, limit: int) -> Answered:
    before, worked = time.perf_counter(), time.thread_time()
    found = engine.ask(question, limit)
    return Answered((time.perf_counter() - before) * 1000, (time.thread_time() - worked) * 1000, len(found))


def resident(process: int | str) -> float:
    """Return the resident megabytes of a process."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def race(corpus: Corpus, folder: Path, lengths: Lengths, say: Say) -> dict[str, Any]:
    """Run all that is measured over one corpus and return the figures."""
    absent = missing()
    names = [name for name in ENGINES if name not in absent]
    questions = draw(corpus.passages, lengths.warming + 2 * lengths.timed)
    index: dict[str, dict[str, Any]] = {name: _indexed(name, corpus, folder, say) for name in names}
    for name in names:
        index[name] |= _opened(name, folder / name, questions, lengths.openings)
    with ExitStack() as running:
        lanes = [running.enter_context(Lane(name, folder / name)) for name in names]
        for lane in lanes:
            lane.call("open")
        classes = {kind: _class(kind, lanes, asked, lengths, say) for kind, asked in questions.items()}
        say("  asking ours alone: of a past day, as the site asks, a second time")
        fresh = list(mixed({kind: asked[lengths.warming + lengths.timed :] for kind, asked in questions.items()}))
        ours = {name: times.figures() for name, times in _other_ways(lanes[0], fresh).items()}
    for name in names:
        say(f"  publishing: {name}")
        index[name]["publish_ms"] = _published(name, folder / name, corpus)
    return {
        "origin": corpus.origin,
        "fingerprint": corpus.fingerprint,
        "passages": len(corpus.passages),
        "missing": absent,
        "index": index,
        "classes": classes,
        "ours": ours,
    }


def _indexed(name: str, corpus: Corpus, folder: Path, say: Say) -> dict[str, Any]:
    place = folder / name
    place.mkdir(parents=True)
    with Lane(name, place) as lane:
        seconds = lane.call("build", corpus)
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / 1024 / 1024
    say(f"  indexed: {name} in {seconds:.1f} s, {size:.1f} MB")
    return {"build_s": seconds, "size_mb": size}


def _opened(name: str, place: Path, questions: Mapping[str, Sequence[Question]], openings: int) -> dict[str, float]:
    """Open in fresh processes: how long until the first answer, and what memory it takes after two hundred."""
    mix = [question for question in mixed(questions) if question.kind not in ENGINES[name].cannot]
    first = []
    for number in range(openings):
        with Lane(name, place) as lane:
            before = lane.call("memory")
            first.append(lane.call("open") + lane.call("time", [mix[number]])[0].ms)
            if number == openings - 1:
                lane.call("time", mix[:REMEMBERED])
                after = lane.call("memory")
    return {"first_answer_ms": median(first), "memory_mb": after, "memory_grown_mb": after - before}


def _class(
    kind: str, lanes: Sequence[Lane], questions: Sequence[Question], lengths: Lengths, say: Say
) -> dict[str, dict[str, float]]:
    """Ask the engines that can answer it one class in turn, ten questions at a time; the first questions warm up."""
    say(f"  asking: {kind}")
    able = [lane for lane in lanes if kind not in ENGINES[lane.name].cannot]
    times = {lane.name: Times() for lane in able}
    for turn, at in enumerate(range(0, min(lengths.warming + lengths.timed, len(questions)), BATCH)):
        begins = turn % len(able)
        for lane in [*able[begins:], *able[:begins]]:
            for answer in lane.call("time", questions[at : at + BATCH]):
                if at >= min(lengths.warming, len(questions) // 4):
                    times[lane.name].add(answer)
    return {name: each.figures() for name, each in times.items()}


def _other_ways(lane: Lane, questions: Sequence[Question]) -> dict[str, Times]:
    """Ask ours what only it is asked: the same of today and of a past day; as the site asks, and that a second time."""
    half = len(questions) // 2
    times = {name: Times() for name in ("today", "past day", "as the site asks", "the same again")}

    def ask(name: str, day: str, per_section: int, batch: Sequence[Question]) -> None:
        lane.call("do", "stand", day, per_section)
        for answer in lane.call("time", batch):
            times[name].add(answer)

    lane.call("do", "stand", "past")
    lane.call("time", [Question("common", "children ", ("children",))])  # a day's first search is timed by itself
    for turn, at in enumerate(range(0, half, BATCH)):
        for name, day in [("today", "today"), ("past day", "past")][:: -1 if turn % 2 else 1]:
            ask(name, day, 1, questions[at : at + BATCH])
        for name in ("as the site asks", "the same again"):
            ask(name, "today", 3, questions[half + at : half + at + BATCH])
    times["another day, first search"] = _first_of_a_day(lane, questions[:PUBLICATIONS])
    return times


def _first_of_a_day(lane: Lane, questions: Sequence[Question]) -> Times:
    times = Times()
    lane.call("do", "stand", "past", 1)
    for question in questions:
        lane.call("do", "another_day")
        times.add(lane.call("time", [question])[0])
    return times


def _published(name: str, place: Path, corpus: Corpus) -> dict[str, float]:
    """Publish sections one after the other, each with a word nobody has used, and look for it at once."""
    section = [passage for passage in corpus.passages if passage.kind == "section"][:25]
    copy = place.with_name(f"{name}-publishing")
    shutil.copytree(place, copy)
    times = Times()
    with Lane(name, copy) as lane:
        lane.call("open")
        lane.call("time", [Question("common", "children ", ("children",))])
        for number in range(PUBLICATIONS):
            word = "newly" + "abcdefghijklmnopqrst"[number] * 3
            new = [
                replace(passage, key=f"{word}#{place}", revision=word, document=word, text=f"{passage.text} {word}")
                for place, passage in enumerate(section)
            ]
            times.ms.append(lane.call("publish", new, Question("rare", f"{word} ", (word,))))
            times.answered += 1
    shutil.rmtree(copy)
    return times.figures()
