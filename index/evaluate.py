"""How good a ranking is, as numbers: graded queries scored by the usual measures.

`kb evaluate` and the relevance tests call it with a function that searches. It is pure: it opens no
index and knows no manual, only titles.

nDCG@10 has gain 2^grade - 1 and discount log2(place + 1), and its ideal is the judged titles of the
manual in order of grade (Järvelin and Kekäläinen 2002, gains after Burges 2005). MRR@10 looks for
the first title of grade 3, or of any grade where none has 3. Recall@3 is asked only of queries that
have one right answer: exactly one title of grade 3, or only one judged title at all.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from statistics import fmean
from typing import Any

import numpy as np

CUT_OFF = 10
RECALL_CUT_OFF = 3
TOP_GRADE = 3

_DRAWN, _SEED = 1_000, 8
_WORST_SHOWN = 10
_FOUND_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Judgement:
    """A query, its kind (free text to report by), and the titles that answer it, graded 1 to 3."""

    q: str
    kind: str
    relevant: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Score:
    """What one query scored; `recall` is None where it is not asked for."""

    judgement: Judgement
    found: tuple[str, ...]
    ndcg: float
    reciprocal_rank: float
    recall: bool | None


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of all queries that could be scored, and the judged titles the manual lacks."""

    scores: tuple[Score, ...]
    unknown_titles: tuple[str, ...]

    def interval(self) -> tuple[float, float]:
        """Return between which means of nDCG@10 chance alone leads: the middle 95 of 100 means of queries drawn again.

        The percentile bootstrap (Efron 1979), as Sakai (2006) has it for search; drawn from a fixed seed. A difference
        that stays within is no difference. 0 and 0 where nothing was scored.
        """
        scores = np.array([score.ndcg for score in self.scores])
        if not scores.size:
            return 0.0, 0.0
        drawn = np.random.default_rng(_SEED).integers(scores.size, size=(_DRAWN, scores.size))
        low, high = np.percentile(scores[drawn].mean(axis=1), [2.5, 97.5]).tolist()
        return round(low, 4), round(high, 4)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for printing and as JSON."""
        kinds = sorted({score.judgement.kind for score in self.scores})
        worst = sorted(self.scores, key=lambda score: score.ndcg)[:_WORST_SHOWN]
        return {
            **_measures(self.scores),
            "unknown_titles": list(self.unknown_titles),
            "by_kind": {
                kind: _measures([each for each in self.scores if each.judgement.kind == kind]) for kind in kinds
            },
            "worst": [_shown(score) for score in worst],
        }


def read_judgements(lines: Iterable[str]) -> list[Judgement]:
    """Read one judgement a line, as JSON: {"q": text, "kind": text, "relevant": {title: 1 to 3}}.

    Empty lines are skipped. Raises ValueError naming the line and what is wrong with it.
    """
    judgements = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                judgements.append(_judgement(json.loads(line)))
            except ValueError as error:
                reason = "it is not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
                message = f"line {number}: {reason}"
                raise ValueError(message) from error
    return judgements


def evaluate(
    judgements: Iterable[Judgement],
    ranked: Callable[[str], Sequence[str]],
    known: Collection[str],
) -> Report:
    """Score a ranking: `ranked` returns section titles for a query, best first, each once.

    Titles not in `known` are listed and left out of the judgements; a query left without any is not
    scored.
    """
    scores = []
    unknown: set[str] = set()
    for judgement in judgements:
        unknown.update(title for title in judgement.relevant if title not in known)
        relevant = {title: grade for title, grade in judgement.relevant.items() if title in known}
        if relevant:
            asked = Judgement(judgement.q, judgement.kind, relevant)
            scores.append(_score(asked, tuple(ranked(judgement.q))))
    return Report(tuple(scores), tuple(sorted(unknown)))


def ndcg(found: Sequence[str], relevant: Mapping[str, int]) -> float:
    """Return the normalised discounted cumulative gain of the first 10 titles, in [0, 1]."""
    gained = _discounted([relevant.get(title, 0) for title in found[:CUT_OFF]])
    ideal = _discounted(sorted(relevant.values(), reverse=True)[:CUT_OFF])
    return gained / ideal if ideal else 0.0


def _discounted(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 1) for place, grade in enumerate(grades, start=1))


def _score(judgement: Judgement, found: tuple[str, ...]) -> Score:
    relevant = judgement.relevant
    best = {title for title, grade in relevant.items() if grade == TOP_GRADE} or set(relevant)
    only = best if len(best) == 1 else set(relevant) if len(relevant) == 1 else set()
    first = next((place for place, title in enumerate(found[:CUT_OFF], 1) if title in best), None)
    return Score(
        judgement,
        found,
        ndcg=ndcg(found, relevant),
        reciprocal_rank=1 / first if first else 0.0,
        recall=not only.isdisjoint(found[:RECALL_CUT_OFF]) if only else None,
    )


def _measures(scores: Sequence[Score]) -> dict[str, Any]:
    recalls = [score.recall for score in scores if score.recall is not None]
    return {
        "queries": len(scores),
        "ndcg@10": _mean([score.ndcg for score in scores]),
        "recall@3": _mean(recalls),
        "mrr@10": _mean([score.reciprocal_rank for score in scores]),
        "zero_results": _mean([not score.found for score in scores]),
    }


def _mean(values: Sequence[float]) -> float:
    return round(fmean(values), 4) if values else 0.0


def _shown(score: Score) -> dict[str, Any]:
    return {
        "q": score.judgement.q,
        "kind": score.judgement.kind,
        "ndcg@10": round(score.ndcg, 4),
        "expected": sorted(score.judgement.relevant, key=lambda t: -score.judgement.relevant[t]),
        "found": list(score.found[:_FOUND_SHOWN]),
    }


def _judgement(value: object) -> Judgement:
    if not isinstance(value, dict):
        raise ValueError("it is not an object")
    q, kind, relevant = (value.get(name) for name in ("q", "kind", "relevant"))
    if not (isinstance(q, str) and q.strip()):
        raise ValueError('"q" must be the text of a query')
    if not isinstance(kind, str):
        raise ValueError('"kind" must be a text')
    if not (isinstance(relevant, dict) and relevant):
        raise ValueError('"relevant" must name at least one title with its grade')
    for title, grade in relevant.items():
        if type(grade) is not int or not 1 <= grade <= TOP_GRADE:
            message = f'the grade of "{title}" must be 1, 2 or 3'
            raise ValueError(message)
    return Judgement(q, kind, relevant)
