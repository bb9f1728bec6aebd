"""What readers and editors rely on: the right text on every day, and a way from every old name to it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from kb.access import WHO_MAY, Actor, Deed, Role
from kb.service import KnowledgeBase
from procedures.align import Difference
from procedures.errors import Conflict, Forbidden, KnowledgeBaseError, NotFound, Refused
from procedures.model import RevisionKind, Status
from tests.conftest import SetClock
from tests.procedures.texts import NOW, TODAY, a_contact, a_text, day

CHILD_S = "west-sussex-2016-child-s"


def found(kb: KnowledgeBase, words: str, on: date | None = None) -> set[str]:
    """List the sections a search leads to, by either way."""
    view = kb.search(words, limit=50, on=on)
    return {r.key for r in view.results if r.kind == "section"} | {d.key for d in view.destinations}


def words_of(kb: KnowledgeBase, key: str, **days: date) -> str:
    return " ".join(p.text for p in kb.section(key, **days).paragraphs)


# Reading


def test_a_section_shows_the_text_in_force_today_with_its_dates(kb: KnowledgeBase) -> None:
    view = kb.section("brue")
    assert (view.number, view.title, view.status) == (
        "8.38",
        "Brief Resolved Unexpected Event (BRUE)",
        Status.IN_FORCE,
    )
    assert (view.revision.revision, view.revisions, view.is_today) == (4, 4, True)
    assert view.period
    assert (view.period.start, view.period.until) == (date(2024, 9, 2), None)
    assert view.paragraphs[0].number == "8.38.1"


@pytest.mark.parametrize(
    ("on", "revision", "number"),
    [("2015-04-01", 1, "8.36"), ("2018-02-28", 1, "8.36"), ("2018-03-01", 2, "8.36"), ("2024-09-01", 3, "8.38")],
)
def test_a_section_on_a_past_day_is_the_text_that_applied_then(
    kb: KnowledgeBase, on: str, revision: int, number: str
) -> None:
    view = kb.section("brue", on=date.fromisoformat(on))
    assert (view.revision.revision, view.number, view.is_today, view.status) == (
        revision,
        number,
        False,
        Status.SUPERSEDED,
    )


def test_what_the_site_showed_on_a_day_leaves_out_what_was_published_later(kb: KnowledgeBase) -> None:
    back_dated = a_text("brue", "Back-dated words.", based_on=4, in_force_from=date(2025, 1, 1))
    kb.publish(Actor("Editor", frozenset(Role)), back_dated)
    a_day = date(2025, 6, 1)
    assert "Back-dated" in words_of(kb, "brue", on=a_day)
    assert "Back-dated" not in words_of(kb, "brue", seen=a_day)
    assert "Back-dated" in words_of(kb, "brue", on=a_day, seen=TODAY)
    assert kb.section("brue", seen=a_day).seen == a_day


def test_before_its_first_day_a_section_says_from_when_it_applied(kb: KnowledgeBase) -> None:
    with pytest.raises(NotFound, match="1 April 2015"):
        kb.section("brue", on=date(2015, 3, 31))
    with pytest.raises(NotFound, match="no section 'nothing'"):
        kb.section("nothing")


def test_the_contents_list_the_sections_of_a_day_by_part_in_the_order_of_their_numbers(kb: KnowledgeBase) -> None:
    parts = kb.contents()
    assert [part.number for part in parts] == list(range(1, 14))
    numbers = [s.number for s in parts[7].sections]
    assert numbers[:4] == ["8.1", "8.8", "8.14", "8.26"]
    assert [n for n in numbers if n in {"8.37", "8.38"}] == ["8.37", "8.38"]
    then = [s.number for part in kb.contents(on=date(2015, 6, 1)) for s in part.sections]
    assert {"2.1", "8.12", "8.36"} <= set(then)
    assert not {"8.14", "8.38"} & set(then)


def test_the_history_lists_every_revision_newest_first_with_where_it_stands(kb: KnowledgeBase) -> None:
    view = kb.history("brue")
    assert [(e.revision.revision, e.status) for e in view.entries] == [
        (4, Status.IN_FORCE),
        (3, Status.SUPERSEDED),
        (2, Status.SUPERSEDED),
        (1, Status.SUPERSEDED),
    ]
    assert all(e.revision.change_note and e.period for e in view.entries)


def test_two_revisions_are_compared_by_number_or_by_a_day_they_applied(kb: KnowledgeBase) -> None:
    by_number = kb.compare("brue", 2, 3)
    assert by_number == kb.compare("brue", date(2018, 3, 1), date(2021, 6, 1))
    assert {c.change for c in by_number.paragraphs} > {Difference.REWORDED, Difference.ADDED, Difference.REMOVED}
    with pytest.raises(NotFound, match="revisions 1 to 4"):
        kb.compare("brue", 1, 9)
    with pytest.raises(NotFound, match="not in force on 1 January 2001"):
        kb.compare("brue", date(2001, 1, 1), 2)


def test_a_paragraph_is_found_where_it_stands_today_and_else_where_it_stood_last(kb: KnowledgeBase) -> None:
    standing = kb.section("brue").paragraphs[5]
    assert kb.paragraph(standing.pid).paragraph == standing
    assert kb.paragraph(standing.pid).current
    removed = next(c for c in kb.compare("brue", 2, 3).paragraphs if c.change is Difference.REMOVED)
    gone = kb.paragraph(removed.pid)
    assert (gone.current, gone.revision, gone.last_in_force) == (False, 2, date(2021, 5, 31))
    with pytest.raises(NotFound):
        kb.paragraph("p-999999")


@pytest.mark.parametrize(
    ("number", "on", "key"),
    [
        ("8.38", None, "brue"),
        ("8.36", None, "brue"),
        ("8.36", "2019-01-01", "brue"),
        ("8.19", None, "parental-substance-misuse"),
        ("8.19", "2010-01-01", "parental-substance-misuse"),
        ("2.1", "2016-01-01", "information-sharing"),
    ],
)
def test_a_number_leads_to_what_carries_it_or_carried_it(
    kb: KnowledgeBase, number: str, on: str | None, key: str
) -> None:
    assert kb.number(number, date.fromisoformat(on) if on else None).section.key == key


def test_a_paragraph_number_leads_to_the_paragraph_it_named_then(kb: KnowledgeBase) -> None:
    then = kb.section("brue", on=date(2019, 1, 1)).paragraphs[3]
    assert kb.number("8.36.4", date(2019, 1, 1)).pid == then.pid
    assert kb.number("8.38.4").pid == kb.section("brue").paragraphs[3].pid


@pytest.mark.parametrize(("number", "on"), [("8.38", date(2019, 1, 1)), ("9.99", None), ("8.38.99", None)])
def test_a_number_nobody_carried_that_day_is_not_guessed(kb: KnowledgeBase, number: str, on: date | None) -> None:
    with pytest.raises(NotFound, match="Check the number and the day"):
        kb.number(number, on)


def test_a_section_names_those_that_refer_to_it(kb: KnowledgeBase) -> None:
    assert "bruising-non-mobile" in {name.key for name in kb.section("brue").referred_from}


def test_the_updates_are_the_publications_of_guidance_newest_first(kb: KnowledgeBase) -> None:
    updates = kb.updates(5)
    published = [u.revision.published_at for u in updates]
    assert published == sorted(published, reverse=True)
    assert (updates[0].section.key, updates[0].status) == ("missing-children", Status.COMING)


def test_a_notice_stands_above_its_section_on_its_days_only(kb: KnowledgeBase) -> None:
    assert "COVID" in kb.section("making-a-referral", on=date(2020, 4, 1)).notices[0].text
    assert kb.section("making-a-referral").notices == ()
    assert kb.section("information-sharing").notices


# Whom to ring


def test_front_doors_come_first_and_closed_ones_name_who_answers_instead(kb: KnowledgeBase, clock: SetClock) -> None:
    doors = kb.contacts_now()[:3]
    assert [d.area for d in doors] == ["East Sussex", "West Sussex", "Brighton & Hove"]
    for door in doors:  # it is three o'clock in the morning
        assert not door.is_open
        assert door.instead
        assert door.instead.is_open
    clock.forward(hours=9)
    assert [(d.is_open, d.instead) for d in kb.contacts_now()[:3]] == [(True, None)] * 3


def test_sample_numbers_are_marked_as_examples_and_999_is_not(kb: KnowledgeBase) -> None:
    assert {c.telephone for c in kb.contacts_now() if not c.example} == {"999", "101"}
    assert kb.contact("police-emergency").is_open
    with pytest.raises(NotFound):
        kb.contact("brue")


# Learning


def test_a_review_leads_to_every_paragraph_it_changed_and_back(kb: KnowledgeBase) -> None:
    view = kb.review(CHILD_S)
    changed = {p.pid for t in view.learning for c in t.changes if c.section.key == "brue" for p in c.paragraphs}
    back = {p.pid for key, t in kb.trace_section("brue") for c in t.changes for p in c.paragraphs if key == CHILD_S}
    assert changed == back != set()
    beside = {pid for entry in kb.section("brue").learning for pid in entry.pids}
    assert beside == changed & {p.pid for p in kb.section("brue").paragraphs}
    assert all(entry.illustrative for entry in kb.section("brue").learning)


def test_learning_is_not_shown_beside_texts_older_than_its_answer(kb: KnowledgeBase) -> None:
    assert kb.revision("brue", 1).learning == ()
    assert kb.revision("brue", 2).learning


def test_the_glossary_is_in_the_order_of_the_alphabet_and_names_sections(kb: KnowledgeBase) -> None:
    terms = [entry.term.term.casefold() for entry in kb.glossary()]
    assert terms == sorted(terms)
    alte = next(entry for entry in kb.glossary() if entry.term.term == "ALTE")
    assert [s.key for s in alte.sections] == ["brue"]


# Writing


def test_a_publication_is_in_force_and_in_the_search_at_once(kb: KnowledgeBase, editor: Actor) -> None:
    kb.publish(editor, a_text("fizz", "Look for xylophones.", title="Musical instruments", number="8.99"))
    assert found(kb, "xylophones") == {"fizz"}
    assert found(kb, "8.99") == found(kb, "musical instruments") == {"fizz"}
    assert "8.99" in {s.number for part in kb.contents() for s in part.sections}
    assert kb.check().problems == ()


def test_text_that_lies_ahead_is_announced_but_never_found_before_its_day(
    kb: KnowledgeBase, editor: Actor, clock: SetClock
) -> None:
    coming = a_text(
        "brue", "Look for xylophones.", based_on=4, in_force_from=day(9), title="Fizzing yodels", number="8.77"
    )
    revision = kb.publish(editor, coming)
    view = kb.section("brue")
    assert view.coming == revision
    assert "xylophones" not in words_of(kb, "brue")
    (pid,) = (p.pid for p in kb.revision("brue", 5).paragraphs)
    for words in ("xylophones", "fizzing yodels"):
        assert "brue" not in found(kb, words), words
    for words in ("8.77", "8.77.1", pid):
        whys = [d.why for d in kb.search(words).destinations]
        assert not [why for why in whys if "was" in why or "no longer" in why], whys
    standing = view.paragraphs[0].pid
    assert [d.title for d in kb.search(standing).destinations] == [view.title], (
        "the title of today, not of the text ahead"
    )
    assert kb.search("xylophones").did_you_mean is None
    assert kb.suggest("xylo") == ()
    assert kb.history("brue").entries[0].status is Status.COMING
    assert found(kb, "xylophones", on=day(9)) == {"brue"}
    clock.forward(days=9)
    assert found(kb, "xylophones") == found(kb, "fizzing yodels") == {"brue"}
    assert kb.section("brue").coming is None


def test_a_coming_text_can_be_cancelled_and_its_section_goes_on_as_before(kb: KnowledgeBase, editor: Actor) -> None:
    kb.publish(editor, a_text("brue", "Look for xylophones.", based_on=4, in_force_from=day(9)))
    kb.cancel(editor, "brue", 5, "Not agreed.")
    assert kb.section("brue").coming is None
    assert kb.section("brue", on=day(9)).revision.revision == 4
    assert kb.history("brue").entries[0].status is Status.CANCELLED
    for number, reason in ((4, "In force."), (5, "Again."), (9, "Not there.")):
        with pytest.raises((Refused, NotFound)):
            kb.cancel(editor, "brue", number, reason)


def test_a_section_that_was_cancelled_before_it_ever_applied_says_so_plainly(kb: KnowledgeBase, editor: Actor) -> None:
    kb.publish(editor, a_text("fizz", "Xylophones.", number="8.99", in_force_from=day(9)))
    kb.cancel(editor, "fizz", 1, "Not agreed.")
    with pytest.raises(NotFound, match="cancelled before it came into force"):
        kb.section("fizz")
    assert found(kb, "xylophones") == set()
    assert kb.history("fizz").entries[0].status is Status.CANCELLED
    assert kb.check().problems == ()


def test_a_withdrawn_section_is_gone_from_search_and_contents_and_names_its_successor(
    kb: KnowledgeBase, editor: Actor
) -> None:
    withdrawal = a_text(
        "bruising-non-mobile",
        title="Bruising in Children who are Not Independently Mobile",
        body="",
        number="8.37",
        based_on=2,
        kind=RevisionKind.WITHDRAWAL,
        withdrawal_reason="Merged with BRUE.",
        successor="brue",
    )
    kb.publish(editor, withdrawal)
    view = kb.section("bruising-non-mobile")
    assert (view.status, view.paragraphs) == (Status.WITHDRAWN, ())
    assert view.successor
    assert (view.successor.key, view.revision.withdrawal_reason) == ("brue", "Merged with BRUE.")
    assert "8.37" not in {s.number for part in kb.contents() for s in part.sections}
    results = kb.search("bruise on a baby not independently mobile", limit=50).results
    assert "bruising-non-mobile" not in {r.key for r in results}
    assert "bruising-non-mobile" in found(kb, "bruise", on=day(-1))
    (destination,) = kb.search("8.37").destinations
    assert "no longer in force" in destination.why


def test_a_change_made_from_an_old_text_is_refused_and_changes_nothing(kb: KnowledgeBase, editor: Actor) -> None:
    before = kb.health()
    with pytest.raises(Conflict):
        kb.publish(editor, a_text("brue", "Old.", based_on=3))
    assert kb.health() == before


def test_learning_can_be_recorded_and_tied_to_a_change(kb: KnowledgeBase, editor: Actor) -> None:
    review = kb.review(CHILD_S).review
    kb.record_review(editor, review)
    pid = kb.section("brue").paragraphs[0].pid
    kb.learning.link(editor, CHILD_S, 7, "brue", 4, (pid,))
    changes = kb.review(CHILD_S).learning[6].changes
    assert [(c.section.key, c.revision, c.standing, c.illustrative) for c in changes] == [("brue", 4, (pid,), True)]
    for ordinal, pids in ((99, ()), (1, ("p-999999",))):
        with pytest.raises(NotFound):
            kb.learning.link(editor, CHILD_S, ordinal, "brue", 4, pids)


def attempt(kb: KnowledgeBase, actor: Actor, deed: Deed) -> str:
    """Try a deed; say whether it was done, forbidden, or refused for another reason."""
    deeds: dict[Deed, Callable[[], object]] = {
        Deed.PUBLISH: lambda: kb.publish(actor, a_text("brue", "Text.", based_on=4)),
        Deed.CANCEL: lambda: kb.cancel(actor, "brue", 4, "Why."),
        Deed.RECORD_REVIEW: lambda: kb.record_review(actor, kb.review(CHILD_S).review),
        Deed.LINK_LEARNING: lambda: kb.learning.link(actor, CHILD_S, 1, "brue", 4),
        Deed.LOAD_SAMPLE: lambda: kb.load_sample(actor, lambda _: None),
    }
    try:
        deeds[deed]()
    except Forbidden as error:
        return str(error)
    except KnowledgeBaseError:
        return "refused"
    return "done"


@pytest.mark.parametrize("deed", [Deed.PUBLISH, Deed.CANCEL, Deed.RECORD_REVIEW, Deed.LINK_LEARNING, Deed.LOAD_SAMPLE])
def test_only_the_roles_named_for_it_may_do_a_thing(kb: KnowledgeBase, deed: Deed) -> None:
    before = kb.health()
    for role in set(Role) - WHO_MAY[deed]:
        answer = attempt(kb, Actor("Somebody", frozenset({role})), deed)
        assert answer.startswith(f"Somebody may not {deed}. Ask somebody with the role")
    assert "may not" in attempt(kb, Actor("Nobody", frozenset()), deed)
    assert kb.health() == before
    assert attempt(kb, Actor("Somebody", WHO_MAY[deed]), deed) in {"done", "refused"}


def test_the_sample_is_only_loaded_into_an_empty_manual(kb: KnowledgeBase, editor: Actor) -> None:
    with pytest.raises(Refused, match="There is a manual in"):
        kb.load_sample(editor, lambda _: None)


def test_an_empty_manual_answers_everything_without_fuss(empty_kb: KnowledgeBase, editor: Actor) -> None:
    assert empty_kb.search("BRUE").total == 0
    assert empty_kb.suggest("br") == ()
    lists = (empty_kb.updates, empty_kb.reviews, empty_kb.glossary, empty_kb.contacts_now)
    assert [len(each()) for each in lists] == [0, 0, 0, 0]
    assert all(part.sections == () for part in empty_kb.contents())
    assert empty_kb.check().problems == ()
    assert empty_kb.health().ok
    assert not empty_kb.is_sample
    empty_kb.publish(editor, a_contact())
    assert found(empty_kb, "front door") | {c.key for c in empty_kb.contacts_now()} == {"front-door"}


def test_it_is_the_day_in_london_that_decides(kb: KnowledgeBase, editor: Actor, clock: SetClock) -> None:
    kb.publish(editor, a_text("brue", "Summer words.", based_on=4, in_force_from=date(2027, 7, 1)))
    clock.instant = NOW.replace(year=2027, month=6, day=30, hour=22, minute=59)
    assert kb.section("brue").revision.revision == 4
    clock.forward(minutes=1)
    assert kb.today() == date(2027, 7, 1)
    assert kb.section("brue").revision.revision == 5
    assert kb.today() - timedelta(days=1) == date(2027, 6, 30)
