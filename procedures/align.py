"""Which paragraph is which: between a source's new text and the record, and between two recorded revisions.

`align` guesses, for text that comes without paragraph ids (imports, pastes), which recorded paragraph each new one is;
the store keeps its answer with the revision and never asks again. `compare` does not guess: it reads the recorded ids.
Nothing here touches a database.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from procedures.model import Paragraph

SAME_PARAGRAPH = 0.5
"""Least share of words kept, in order, for a reworded paragraph to keep its id: below half, a reader citing the old
paragraph would not recognise the new one."""


REACH = 200
"""How far a reworded paragraph is looked for from its old place in a text of more paragraphs than this: comparing each
with every other would take minutes, and sections have a few dozen."""


class How(StrEnum):
    """How a paragraph of a new text came by its id."""

    UNCHANGED = "unchanged"
    REWORDED = "reworded"
    RETURNED = "returned"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Match:
    """The recorded paragraph a new one was taken for; `pid` None means that it is new.

    `likeness` is the share of words kept, 0 to 1.
    """

    pid: str | None
    how: How
    likeness: float


class Difference(StrEnum):
    """What became of a paragraph between two revisions."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    REWORDED = "reworded"
    RENUMBERED = "renumbered"


@dataclass(frozen=True, slots=True)
class WordRun:
    """A run of words in a reworded paragraph: `kept`, `removed` or `added`."""

    change: str
    text: str


@dataclass(frozen=True, slots=True)
class ParagraphChange:
    """One paragraph in both texts; `older` is None where it was added, `newer` where it was removed."""

    pid: str
    change: Difference
    older: Paragraph | None
    newer: Paragraph | None
    words: tuple[WordRun, ...] = ()


def align(previous: Mapping[str, str], earlier: Mapping[str, str], texts: Sequence[str]) -> list[Match]:
    """Match new paragraph texts to recorded ones.

    `previous` maps the ids of the revision before, in order, to their texts; `earlier` those of older revisions that
    are gone from it. Equal text keeps its id, text that returns gets its old id back, and of the rest the most alike
    pairs are taken first, down to `SAME_PARAGRAPH`. Each id is given once.
    """
    matches: dict[int, Match] = {}
    _match_equal(previous, texts, matches, How.UNCHANGED)
    _match_equal(earlier, texts, matches, How.RETURNED)
    _match_alike(previous, texts, matches)
    return [matches.get(i, Match(None, How.NEW, 0.0)) for i in range(len(texts))]


def compare(older: Sequence[Paragraph], newer: Sequence[Paragraph]) -> tuple[ParagraphChange, ...]:
    """Say what became of every paragraph, in the order of the newer text, removed ones after what they followed."""
    before = {p.pid: p for p in older}
    after = {p.pid: p for p in newer}
    moved = _moved([p.pid for p in older if p.pid in after], [p.pid for p in newer if p.pid in before])
    removed_after: dict[str | None, list[Paragraph]] = defaultdict(list)
    anchor: str | None = None
    for paragraph in older:
        if paragraph.pid in after:
            anchor = paragraph.pid
        else:
            removed_after[anchor].append(paragraph)
    changes = [_removed(p) for p in removed_after[None]]
    for paragraph in newer:
        changes.append(_change(before.get(paragraph.pid), paragraph, paragraph.pid in moved))
        changes.extend(_removed(p) for p in removed_after[paragraph.pid])
    return tuple(changes)


def _words(text: str) -> list[str]:
    return re.findall(r"\S+", text)


def _match_equal(known: Mapping[str, str], texts: Sequence[str], matches: dict[int, Match], how: How) -> None:
    taken = {match.pid for match in matches.values()}
    by_text: dict[str, list[str]] = defaultdict(list)
    for pid, text in known.items():
        if pid not in taken:
            by_text[text].append(pid)
    for i, text in enumerate(texts):
        if i not in matches and by_text[text]:
            matches[i] = Match(by_text[text].pop(0), how, 1.0)


def _match_alike(previous: Mapping[str, str], texts: Sequence[str], matches: dict[int, Match]) -> None:
    taken = {match.pid for match in matches.values()}
    pairs: list[tuple[float, int, int, str]] = []
    reach = REACH if len(texts) > REACH else len(texts) + len(previous)
    for i, text in enumerate(texts):
        if i in matches:
            continue
        matcher = SequenceMatcher(None, autojunk=False)
        matcher.set_seq2(_words(text))
        for order, (pid, old) in enumerate(previous.items()):
            if pid in taken or abs(order - i) > reach:
                continue
            matcher.set_seq1(_words(old))
            if matcher.quick_ratio() >= SAME_PARAGRAPH:
                pairs.append((-matcher.ratio(), abs(order - i), i, pid))
    for negative_likeness, _, i, pid in sorted(pairs):
        if i not in matches and pid not in taken and -negative_likeness >= SAME_PARAGRAPH:
            matches[i] = Match(pid, How.REWORDED, round(-negative_likeness, 3))
            taken.add(pid)


def _moved(old_order: list[str], new_order: list[str]) -> set[str]:
    """Name the ids outside the longest run that both texts have in the same order (patience sorting)."""
    place = {pid: i for i, pid in enumerate(old_order)}
    tails: list[int] = []
    tail_pids: list[str] = []
    before: dict[str, str | None] = {}
    for pid in new_order:
        at = bisect_left(tails, place[pid])
        before[pid] = tail_pids[at - 1] if at else None
        tails[at : at + 1] = [place[pid]]
        tail_pids[at : at + 1] = [pid]
    kept: set[str] = set()
    pid_in_run = tail_pids[-1] if tail_pids else None
    while pid_in_run is not None:
        kept.add(pid_in_run)
        pid_in_run = before[pid_in_run]
    return set(new_order) - kept


def _removed(paragraph: Paragraph) -> ParagraphChange:
    return ParagraphChange(paragraph.pid, Difference.REMOVED, paragraph, None)


def _change(older: Paragraph | None, newer: Paragraph, moved: bool) -> ParagraphChange:
    if older is None:
        return ParagraphChange(newer.pid, Difference.ADDED, None, newer)
    if older.text != newer.text:
        return ParagraphChange(newer.pid, Difference.REWORDED, older, newer, _word_runs(older.text, newer.text))
    if moved:
        return ParagraphChange(newer.pid, Difference.MOVED, older, newer)
    change = Difference.SAME if older.number == newer.number else Difference.RENUMBERED
    return ParagraphChange(newer.pid, change, older, newer)


def _word_runs(older: str, newer: str) -> tuple[WordRun, ...]:
    old_words, new_words = _words(older), _words(newer)
    runs: list[WordRun] = []
    matcher = SequenceMatcher(None, old_words, new_words, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            runs.append(WordRun("kept", " ".join(old_words[old_start:old_end])))
            continue
        if old_end > old_start:
            runs.append(WordRun("removed", " ".join(old_words[old_start:old_end])))
        if new_end > new_start:
            runs.append(WordRun("added", " ".join(new_words[new_start:new_end])))
    return tuple(runs)
