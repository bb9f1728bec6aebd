"""What a publication would do, shown before the last click; and the two things search must keep after it.

`kb.workspace` asks it. What search would find is tried out in a copy of the manual in a folder of its own, deleted
afterwards: neither the record nor the index is touched, and what would take too long is left out and said.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import TemporaryDirectory

from index.engine import IndexFault
from index.evaluate import Judgement, Report, evaluate
from index.whoosh_engine import WhooshEngine
from kb import search
from kb.indexing import catch_up
from kb.reading import Moment, name_of, number_order
from kb.search import Sources
from kb.telling import binding
from kb.terms import vocabulary_of
from kb.views import Order, SectionName
from procedures.align import Difference, ParagraphChange
from procedures.errors import Mendable
from procedures.model import LearningPoint, Revision, RevisionKind, SectionKind, in_force
from procedures.record import Record
from procedures.store import Store
from procedures.transaction import Transaction

MOST_PASSAGES = 20_000
"""Paragraphs in force a trial may have: copying and asking an index of more takes longer than somebody waits."""

EVALUATED = 30
"""Results asked for when a query is scored, as `KnowledgeBase.evaluate` asks."""

TRIED = "being-tried-"
"""How the names of the folders begin in which a publication is tried out."""

_MOVED = 0.005
"""Least change of a query's score that is worth a line."""


@dataclass(frozen=True, slots=True)
class Referrer:
    """A section in force that links here: to which paragraphs, and which of those would no longer stand."""

    section: SectionName
    pids: tuple[str, ...]
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Renumbered:
    """A paragraph that stays and whose printed number moves."""

    pid: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CalledOut:
    """A change that binds somebody; `binds` names what: must or should, a time limit, a number."""

    change: ParagraphChange
    binds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """A learning point that this text answers when it is published."""

    review: str
    review_title: str
    ordinal: int
    point: LearningPoint


@dataclass(frozen=True, slots=True)
class Ranked:
    """A judged query whose score moves: nDCG@10 from 0 to 1, before and after."""

    query: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What search would do with the text: queries that gain, queries that lose, and what must not be published.

    `refusals` are sentences; `left_out` says why nothing was tried, None where it was.
    """

    gains: tuple[Ranked, ...] = ()
    losses: tuple[Ranked, ...] = ()
    refusals: tuple[str, ...] = ()
    left_out: str | None = None


@dataclass(frozen=True, slots=True)
class Impact:
    """Everything a publication would do. `changes` has every paragraph of both texts in order."""

    changes: tuple[ParagraphChange, ...]
    called_out: tuple[CalledOut, ...]
    renumbered: tuple[Renumbered, ...]
    referrers: tuple[Referrer, ...]
    answers: tuple[Answered, ...]
    trial: Trial


def called_out(changes: Sequence[ParagraphChange]) -> tuple[CalledOut, ...]:
    """List the changes that bind somebody, in the order of the text."""
    worded = {Difference.ADDED, Difference.REMOVED, Difference.REWORDED}
    found = (CalledOut(change, binding(change)) for change in changes if change.change in worded)
    return tuple(each for each in found if each.binds)


def renumbered(changes: Sequence[ParagraphChange]) -> tuple[Renumbered, ...]:
    """List the paragraphs that stay and get another number."""
    return tuple(
        Renumbered(change.pid, change.older.number, change.newer.number)
        for change in changes
        if change.older and change.newer and change.older.number != change.newer.number
    )


def referrers(record: Record, key: str, staying: frozenset[str], at: Moment) -> tuple[Referrer, ...]:
    """List the sections in force that link to a section or its paragraphs; `staying` are those that will stand."""
    found: list[Referrer] = []
    for other, revision in record.in_force(at.on, at.known_at).items():
        if other == key:
            continue
        pids: dict[str, None] = {}
        whole = False
        for kind, target in record.references.get(revision.id, ()):
            if kind == "paragraph" and record.pids.get(target) == key:
                pids[target] = None
            whole = whole or (kind in {"section", "contact"} and record.redirects.get(target, target) == key)
        if pids or whole:
            found.append(Referrer(name_of(revision), tuple(pids), tuple(p for p in pids if p not in staying)))
    return tuple(sorted(found, key=lambda each: (number_order(each.section.number), each.section.title)))


def refusals(sources: Sources, keys: Sequence[str], at: Moment) -> tuple[str, ...]:
    """Say which of these sections would not be found first by its title or its number on a day. None is good news."""
    return tuple(sentence for key in keys for sentence in _refusals(sources, key, at))


def tried_out(
    store: Store,
    data: Path,
    publish: Callable[[Transaction], Sequence[Revision]],
    today: date,
    judgements: Sequence[Judgement],
    at: Moment,
) -> Trial:
    """Publish in a copy of the manual and see what search makes of it, on the day when all of it is in force.

    `data` holds the copy for that time.
    """
    if sum(len(store.paragraphs(r)) for r in store.record().in_force(at.on, at.known_at).values()) > MOST_PASSAGES:
        return Trial(
            left_out=f"The manual has over {MOST_PASSAGES} paragraphs, so what search finds was not tried out."
        )
    with TemporaryDirectory(dir=data, prefix=TRIED, ignore_cleanup_errors=True) as folder:
        store.backup(Path(folder) / "manual.db")
        _copy_index(data / "index", Path(folder) / "index")
        with Store.open(Path(folder) / "manual.db") as copy:
            before = copy.record()
            try:
                with copy.write("trial", lambda: at.now) as transaction:
                    revisions = publish(transaction)
                    known_at = transaction.at
            except Mendable as refusal:
                return Trial(left_out=f"What search finds was not tried out. {refusal}")
            return _compared(copy, Path(folder) / "index", before, revisions, judgements, today, known_at)


def _compared(
    copy: Store,
    index: Path,
    before: Record,
    revisions: Sequence[Revision],
    judgements: Sequence[Judgement],
    today: date,
    known_at: datetime,
) -> Trial:
    engine = WhooshEngine(index)
    try:
        old, new = (
            Sources(copy, each, engine, vocabulary_of(each.terms.values()), _nothing)
            for each in (before, copy.record())
        )
        days = {revision.section: max(revision.in_force_from, today) for revision in revisions}
        refused = [
            sentence
            for section, day in days.items()
            for sentence in refusals(new, (section,), Moment(day, known_at, today, known_at))
        ]
        moved: list[Ranked] = []
        if judgements:
            catch_up(copy, engine)
            at = Moment(max(days.values()), known_at, today, known_at)
            moved = _moved(_report(old, judgements, at), _report(new, judgements, at))
        return Trial(
            gains=tuple(each for each in moved if each.after > each.before),
            losses=tuple(each for each in moved if each.after < each.before),
            refusals=tuple(refused),
        )
    except IndexFault:
        return Trial(refusals=tuple(refused), left_out="The search index failed, so no queries were tried.")
    finally:
        engine.close()


def _copy_index(index: Path, into: Path) -> None:
    """Copy the index. Where somebody writes to it meanwhile, the half copy goes, and one is made from the record."""
    try:
        copytree(index, into)
    except OSError:
        rmtree(into, ignore_errors=True)


def _report(sources: Sources, judgements: Sequence[Judgement], at: Moment) -> Report:
    current = sources.record.in_force(at.on, at.known_at).items()
    known = {r.title for key, r in current if sources.record.kinds[key] is SectionKind.PROCEDURE}

    def titles(text: str) -> list[str]:
        found = search.answer(
            sources,
            text,
            at,
            without=frozenset(),
            filters=frozenset(),
            order=Order.RELEVANCE,
            offset=0,
            limit=EVALUATED,
        )
        named = [d.title for d in found.destinations if d.kind == "section"]
        return list(dict.fromkeys([*named, *(r.title for r in found.results if r.kind == "section")]))

    return evaluate(judgements, titles, known)


def _moved(before: Report, after: Report) -> list[Ranked]:
    """List the queries whose score moves, those that lose or gain most first."""
    then = {score.judgement.q: score.ndcg for score in before.scores}
    moved = [
        Ranked(score.judgement.q, then.get(score.judgement.q, 0.0), score.ndcg)
        for score in after.scores
        if abs(then.get(score.judgement.q, 0.0) - score.ndcg) > _MOVED
    ]
    return sorted(moved, key=lambda each: -abs(each.after - each.before))


def _refusals(sources: Sources, key: str, at: Moment) -> Iterator[str]:
    revision = in_force(sources.record.revisions.get(key, ()), at.on, at.known_at)
    if revision is None or revision.kind is RevisionKind.WITHDRAWAL:
        return
    for what, words in (("title", revision.title), ("number", revision.number)):
        found = search.destinations(sources, words, at) if words else ()
        if words and (not found or found[0].key != key):
            leads = f"leads to “{found[0].title}”" if found else "leads nowhere"
            yield f"Whoever searches for the {what} of '{key}' would not find it first: it {leads}. Choose another."


def _nothing() -> None:
    """Mend nothing: an index that was just made and fails is left out of the answer."""
