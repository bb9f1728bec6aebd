"""The measures of search quality, held to figures worked out by hand."""

import json
from collections.abc import Sequence
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.evaluate import Judgement, evaluate, ndcg, read_judgements

TITLES = ["Bruising", "Neglect", "BRUE", "Strategy"]


def report(relevant: dict[str, int], found: Sequence[str], kind: str = "lay") -> dict[str, object]:
    return evaluate([Judgement("q", kind, relevant)], lambda _: found, TITLES).as_dict()


def test_the_ideal_order_scores_one() -> None:
    scored = report({"Bruising": 3, "Neglect": 1}, ["Bruising", "Neglect", "BRUE"])
    assert (scored["ndcg@10"], scored["recall@3"], scored["mrr@10"], scored["zero_results"]) == (1, 1, 1, 0)


def test_ndcg_is_the_formula_worked_by_hand() -> None:
    gained = 3 / log2(2) + 7 / log2(4)
    ideal = 7 / log2(2) + 3 / log2(3)
    assert ndcg(["Neglect", "BRUE", "Bruising"], {"Bruising": 3, "Neglect": 2}) == pytest.approx(gained / ideal)


@given(st.permutations(TITLES), st.dictionaries(st.sampled_from(TITLES), st.integers(1, 3), min_size=1))
def test_ndcg_is_between_0_and_1(found: list[str], relevant: dict[str, int]) -> None:
    assert 0 < ndcg(found, relevant) <= 1
    assert ndcg([], relevant) == 0


def test_what_comes_after_the_tenth_place_does_not_count() -> None:
    late = [f"other {n}" for n in range(10)] + ["Bruising"]
    assert report({"Bruising": 3}, late)["ndcg@10"] == report({"Bruising": 3}, late)["mrr@10"] == 0


@pytest.mark.parametrize(
    ("relevant", "recall"),
    [({"Bruising": 3, "Neglect": 2}, 0.0), ({"Neglect": 2}, 1.0), ({"Bruising": 3, "BRUE": 3, "Neglect": 2}, 0.0)],
)
def test_recall_is_asked_only_where_there_is_one_right_answer(relevant: dict[str, int], recall: float) -> None:
    scored = report(relevant, ["Neglect", "BRUE", "Strategy", "Bruising"])
    assert scored["recall@3"] == recall


def test_the_mean_of_recall_leaves_out_the_queries_it_is_not_asked_of() -> None:
    asked = [Judgement("a", "lay", {"Bruising": 3}), Judgement("b", "lay", {"Bruising": 3, "BRUE": 3})]
    assert evaluate(asked, lambda _: ["Bruising"], TITLES).as_dict()["recall@3"] == 1.0


def test_the_first_right_answer_is_one_of_the_top_grade_if_there_is_one() -> None:
    assert report({"Bruising": 3, "Neglect": 1}, ["Neglect", "Bruising"])["mrr@10"] == 0.5
    assert report({"BRUE": 2, "Neglect": 1}, ["Neglect", "BRUE"])["mrr@10"] == 1.0


def test_titles_the_manual_lacks_are_listed_and_not_held_against_it() -> None:
    asked = [Judgement("a", "lay", {"Bruising": 3, "Lost": 3}), Judgement("b", "lay", {"Gone": 1})]
    scored = evaluate(asked, lambda _: ["Bruising"], TITLES).as_dict()
    assert scored["unknown_titles"] == ["Gone", "Lost"]
    assert (scored["queries"], scored["ndcg@10"], scored["recall@3"]) == (1, 1.0, 1.0)


def test_the_report_breaks_down_by_kind_and_shows_the_worst_first() -> None:
    answers = {"good": ["Neglect"], "bad": [], "fair": [*TITLES[1:], "a", "b", "c"]}
    asked = [Judgement(q, "typo" if q == "bad" else "lay", {"Neglect": 1, "BRUE": 3}) for q in answers]
    scored = evaluate(asked, answers.__getitem__, TITLES).as_dict()
    assert scored["by_kind"]["typo"]["zero_results"] == 1.0
    assert scored["by_kind"]["lay"]["queries"] == 2
    assert [worst["q"] for worst in scored["worst"]] == ["bad", "good", "fair"]
    assert scored["worst"][0] == {
        "q": "bad",
        "kind": "typo",
        "ndcg@10": 0.0,
        "expected": ["BRUE", "Neglect"],
        "found": [],
    }
    assert scored["worst"][2]["found"] == ["Neglect", "BRUE", "Strategy", "a", "b"]
    assert json.loads(json.dumps(scored)) == scored


def test_no_queries_make_an_empty_report() -> None:
    scored = evaluate([], lambda _: [], TITLES).as_dict()
    assert (scored["queries"], scored["ndcg@10"], scored["by_kind"], scored["worst"]) == (0, 0.0, {}, [])


def test_judgements_are_read_a_line_each() -> None:
    lines = ['{"q": "blue baby", "kind": "lay", "relevant": {"BRUE": 3}}', "", "  \n"]
    assert read_judgements(lines) == [Judgement("blue baby", "lay", {"BRUE": 3})]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2: it is not JSON"),
        ("[]", "line 2: it is not an object"),
        ('{"kind": "lay", "relevant": {"a": 1}}', 'line 2: "q" must be the text of a query'),
        ('{"q": " ", "kind": "lay", "relevant": {"a": 1}}', 'line 2: "q" must be the text of a query'),
        ('{"q": "a", "relevant": {"a": 1}}', 'line 2: "kind" must be a text'),
        ('{"q": "a", "kind": "lay", "relevant": {}}', 'line 2: "relevant" must name'),
        ('{"q": "a", "kind": "lay", "relevant": ["a"]}', 'line 2: "relevant" must name'),
        ('{"q": "a", "kind": "lay", "relevant": {"a": 4}}', 'line 2: the grade of "a" must be'),
        ('{"q": "a", "kind": "lay", "relevant": {"a": true}}', 'line 2: the grade of "a" must be'),
    ],
)
def test_a_line_that_is_no_judgement_is_named_with_its_reason(line: str, reason: str) -> None:
    with pytest.raises(ValueError, match="^" + reason.replace("(", r"\(")):
        read_judgements(["", line])


def test_the_interval_holds_the_mean_and_narrows_with_more_queries() -> None:
    asked = [Judgement(f"q{n}", "lay", {"Bruising": 3}) for n in range(400)]
    found = {each.q: ["Bruising"] if n % 2 else ["Neglect", "Bruising"] for n, each in enumerate(asked)}
    few, many = (evaluate(asked[:n], found.__getitem__, TITLES) for n in (16, 400))
    for report in (few, many):
        low, high = report.interval()
        assert low < report.as_dict()["ndcg@10"] < high
    assert (few.interval()[1] - few.interval()[0]) > 3 * (many.interval()[1] - many.interval()[0])
    assert evaluate(asked[1:2], found.__getitem__, TITLES).interval() == (1.0, 1.0)
    assert evaluate([], found.__getitem__, TITLES).interval() == (0.0, 0.0)
