"""Which paragraph is which: ids that stay with their words, and comparisons that leave nothing out."""

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.align import SAME_PARAGRAPH, Difference, How, ParagraphChange, align, compare
from procedures.model import Paragraph

RING = "Ring the front door the same day and write down what you said"
EXAMINE = "A senior paediatrician examines the baby unclothed and draws every mark"
RECORD = "Record the time the place and the name of every adult who was there"

texts = st.lists(st.sampled_from(["ring now", "ring the police now", "record it", "ask again", "ask the father"]))
wordings = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=12).map(" ".join)


def paragraph(pid: str, ordinal: int, text: str) -> Paragraph:
    return Paragraph(pid, ordinal, f"8.38.{ordinal}", (), text, f"<p>{text}</p>")


def a_text(**by_pid: str) -> tuple[Paragraph, ...]:
    return tuple(paragraph(pid, place, text) for place, (pid, text) in enumerate(by_pid.items(), start=1))


@st.composite
def revisions(draw: st.DrawFn) -> tuple[Paragraph, ...]:
    pids = draw(st.lists(st.sampled_from([f"p{n}" for n in range(9)]), unique=True))
    return tuple(paragraph(pid, place, draw(wordings)) for place, pid in enumerate(pids, start=1))


def what_became(changes: tuple[ParagraphChange, ...]) -> dict[str, Difference]:
    return {change.pid: change.change for change in changes}


# Which recorded paragraph a new one is


def test_unchanged_text_keeps_its_id_wherever_it_has_moved_to() -> None:
    found = align({"a": RING, "b": EXAMINE, "c": RECORD}, {}, [RECORD, RING, EXAMINE])
    assert [(m.pid, m.how) for m in found] == [(pid, How.UNCHANGED) for pid in "cab"]


def test_a_reworded_paragraph_keeps_its_id_and_says_how_much_was_kept() -> None:
    (found,) = align({"a": RING}, {}, [RING + " and to whom"])
    assert (found.pid, found.how) == ("a", How.REWORDED)
    assert 0.8 < found.likeness < 1


def test_a_paragraph_of_which_less_than_half_is_left_is_a_new_one() -> None:
    (found,) = align({"a": RING}, {}, ["Ring somebody else tomorrow if there is time to spare for it then"])
    assert (found.pid, found.how) == (None, How.NEW)


def test_a_paragraph_that_returns_gets_its_old_id_back() -> None:
    kept, returned = align({"a": RING}, {"b": EXAMINE}, [RING, EXAMINE])
    assert (kept.pid, kept.how, returned.pid, returned.how) == ("a", How.UNCHANGED, "b", How.RETURNED)


def test_a_text_that_shares_nothing_is_all_new() -> None:
    assert [m.how for m in align({"a": RING}, {}, ["Other words entirely", "Nothing alike"])] == [How.NEW, How.NEW]


def test_of_two_likely_paragraphs_the_more_alike_takes_the_id() -> None:
    rougher, closer = align({"a": RING}, {}, [RING + " and when and why and where", RING + " today"])
    assert (rougher.pid, closer.pid) == (None, "a")


def test_equal_paragraphs_each_keep_an_id_of_their_own() -> None:
    assert [m.pid for m in align({"a": RING, "b": RING}, {}, [RING, RING, RING])] == ["a", "b", None]


@settings(max_examples=200, deadline=None)
@given(texts, texts, texts)
def test_no_id_is_given_twice_and_every_given_id_was_known(
    previous: list[str], earlier: list[str], new: list[str]
) -> None:
    known = {f"new{n}": text for n, text in enumerate(previous)}
    gone = {f"old{n}": text for n, text in enumerate(earlier)}
    found = align(known, gone, new)
    given = [m.pid for m in found if m.pid]
    assert len(found) == len(new)
    assert len(given) == len(set(given))
    assert set(given) <= {*known, *gone}
    for match, text in zip(found, new, strict=True):
        if match.how is How.UNCHANGED:
            assert match.pid
            assert known[match.pid] == text
        elif match.how is How.RETURNED:
            assert match.pid
            assert gone[match.pid] == text
        elif match.how is How.REWORDED:
            assert match.pid in known
            assert match.likeness >= SAME_PARAGRAPH
        else:
            assert match.pid is None
            assert text not in {t for p, t in known.items() if p not in given}


@given(st.lists(wordings, unique=True))
def test_aligning_a_text_with_itself_changes_nothing(new: list[str]) -> None:
    known = {f"p{n}": text for n, text in enumerate(new)}
    assert [m.pid for m in align(known, {}, new)] == list(known)


# What became of each paragraph


def test_each_kind_of_change_is_told_apart() -> None:
    older = a_text(a="one", b="two", c="three", d="four", e="five")
    newer = a_text(new="fresh", a="one", c="three changed", e="five", d="four")
    assert what_became(compare(older, newer)) == {
        "new": Difference.ADDED,
        "a": Difference.RENUMBERED,
        "b": Difference.REMOVED,
        "c": Difference.REWORDED,
        "e": Difference.MOVED,
        "d": Difference.RENUMBERED,
    }


def test_a_paragraph_in_its_place_under_its_number_is_the_same() -> None:
    assert what_became(compare(a_text(a="one", b="two"), a_text(a="one", c="three"))) == {
        "a": Difference.SAME,
        "b": Difference.REMOVED,
        "c": Difference.ADDED,
    }


def test_moving_one_paragraph_to_the_end_is_one_move() -> None:
    changes = compare(a_text(a="1", b="2", c="3", d="4"), a_text(b="2", c="3", d="4", a="1"))
    assert [c.pid for c in changes if c.change is Difference.MOVED] == ["a"]


def test_the_comparison_follows_the_newer_text_with_removed_paragraphs_where_they_stood() -> None:
    changes = compare(a_text(first="0", a="1", gone="2", b="3"), a_text(a="1", b="3", c="4"))
    assert [c.pid for c in changes] == ["first", "a", "gone", "b", "c"]


def test_a_reworded_paragraph_shows_the_words_that_went_and_came() -> None:
    (change,) = compare(a_text(a="Ring the same day if worried"), a_text(a="Ring at once if worried"))
    assert [(run.change, run.text) for run in change.words] == [
        ("kept", "Ring"),
        ("removed", "the same day"),
        ("added", "at once"),
        ("kept", "if worried"),
    ]


@given(revisions())
def test_a_text_compared_with_itself_is_all_the_same(text: tuple[Paragraph, ...]) -> None:
    assert [c.change for c in compare(text, text)] == [Difference.SAME] * len(text)


@settings(max_examples=200, deadline=None)
@given(revisions(), revisions())
def test_every_paragraph_of_both_texts_appears_once_and_in_order(
    older: tuple[Paragraph, ...], newer: tuple[Paragraph, ...]
) -> None:
    changes = compare(older, newer)
    assert Counter(c.pid for c in changes) == Counter({p.pid for p in (*older, *newer)})
    assert tuple(c.newer for c in changes if c.newer) == newer
    assert {c.older for c in changes if c.older} == set(older)
    for change in changes:
        assert (change.older is None) == (change.change is Difference.ADDED)
        assert (change.newer is None) == (change.change is Difference.REMOVED)
        if change.older and change.newer:
            assert (change.change is Difference.REWORDED) == (change.older.text != change.newer.text)


@settings(max_examples=200, deadline=None)
@given(revisions(), revisions())
def test_what_is_not_moved_stands_in_the_same_order_in_both(
    older: tuple[Paragraph, ...], newer: tuple[Paragraph, ...]
) -> None:
    stayed = {Difference.SAME, Difference.RENUMBERED}
    places = [c.older.ordinal for c in compare(older, newer) if c.change in stayed and c.older]
    assert all(before < after for before, after in pairwise(places))


@settings(max_examples=200, deadline=None)
@given(wordings, wordings)
def test_the_word_runs_rebuild_both_texts(older: str, newer: str) -> None:
    (change,) = compare(a_text(a=older), a_text(a=newer))
    if change.change is Difference.REWORDED:
        for side, text in (("removed", older), ("added", newer)):
            runs = [run.text for run in change.words if run.change in ("kept", side)]
            assert " ".join(runs).split() == text.split()
        assert all(before.change != after.change for before, after in pairwise(change.words))
