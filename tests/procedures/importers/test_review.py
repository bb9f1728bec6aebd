"""Reading published reviews: what a document says of a case is proposed, each fact with its sentence; the rest is kept.

The published response to the review of Child S is read where it is at hand; all other documents are our own.
"""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import procedures
from procedures.importers import reader
from procedures.importers.reading import ReadReview, SourceFile
from procedures.importers.review.facts import pseudonyms
from procedures.importers.review.passage import sentences
from procedures.importers.review.read import is_review
from procedures.importers.review.text import plain_text
from procedures.model import Action, LearningStatus
from tests.procedures.importers.review_documents import (
    ACTION_TITLES,
    ACTIONS,
    EXECUTIVE_SUMMARY,
    PRACTICE_REVIEW,
    PROCEDURE,
    SEVEN_MINUTES,
    THEMATIC,
    about,
    as_html,
    as_pdf,
    as_word,
    kept,
    lost,
    read,
    review_of,
)

SAMPLE = Path(procedures.__file__).parent / "sample"
SAMPLE_RESPONSE = SAMPLE / "documents" / "response-child-s.txt"
PUBLISHED_RESPONSE = os.environ.get("KB_REVIEW_DOCUMENT")


# The response to the review of Child S: as published, and in our own words


@pytest.fixture(params=["ours", "published"])
def child_s(request: pytest.FixtureRequest) -> ReadReview:
    if request.param == "ours":
        return read(SAMPLE_RESPONSE.read_bytes()).reviews[0]
    if not PUBLISHED_RESPONSE:
        pytest.skip("KB_REVIEW_DOCUMENT does not name the published response to the review of Child S")
    return read(Path(PUBLISHED_RESPONSE).read_bytes()).reviews[0]


def test_child_s_has_its_partnership_name_and_kind(child_s: ReadReview) -> None:
    review = child_s.review
    assert review.key == "west-sussex-2016-child-s"
    assert (review.partnership, review.area) == ("West Sussex Safeguarding Children Partnership", "West Sussex")
    assert (review.name, review.kind) == ("Child S", "serious case review")


def test_child_s_was_published_late_because_of_criminal_proceedings(child_s: ReadReview) -> None:
    review = child_s.review
    assert (review.incident, review.concluded, review.published) == ("2016", "2017", "2023")
    assert "criminal proceedings" in review.dates_note


def test_child_s_tells_what_happened(child_s: ReadReview) -> None:
    assert "cocaine and amphetamines" in child_s.review.summary


def test_child_s_covers_the_themes_of_the_published_learning(child_s: ReadReview) -> None:
    assert {theme for point in child_s.review.learning for theme in point.themes} >= {
        "Parental substance misuse",
        "Parental mental ill health",
        "Role of fathers and partners",
        "Professional curiosity",
        "Escalation",
        "Information sharing",
        "Recognition of BRUE",
    }
    assert {theme for point in child_s.review.learning for theme in point.themes} <= set(child_s.review.themes)


@pytest.mark.parametrize(
    ("word", "action", "theme"),
    [
        ("mobile access", Action.SYSTEM_CHANGE, "IT and records access"),
        ("second question", Action.TRAINING, "Professional curiosity"),
        ("role of men", Action.TRAINING, "Role of fathers and partners"),
        ("guidance", Action.GUIDANCE_IN_PLACE, "Information sharing"),
        ("rolling programme of audits", Action.AUDIT, "Information sharing"),
        ("Brief Resolved Unexpected Event", Action.PROCEDURE_REVISED, "Recognition of BRUE"),
        ("presentations", Action.TRAINING, "Parental mental ill health"),
    ],
)
def test_child_s_has_each_answer(child_s: ReadReview, word: str, action: Action, theme: str) -> None:
    points = about(child_s.review, word)
    assert [(point.action, point.status) for point in points] == [(action, LearningStatus.COMPLETE)]
    assert theme in points[0].themes
    assert points[0].evidence


def test_child_s_says_how_many_practitioners_were_trained(child_s: ReadReview) -> None:
    assert any("300" in point.evidence and "role of men" in point.evidence for point in child_s.review.learning)


def test_child_s_has_three_kinds_of_good_practice(child_s: ReadReview) -> None:
    toxicology, response, escalation = child_s.review.good_practice
    assert "toxicology" in toxicology
    assert "swiftly" in toxicology
    assert "child protection response" in response
    assert "positive" in response
    assert "one agency" in escalation


# Other forms of reviews


def test_a_seven_minute_briefing_is_read_box_by_box() -> None:
    review = review_of(SEVEN_MINUTES)
    assert (review.key, review.name) == ("brighton-hove-2015-baby-liam", "Baby Liam")
    assert (review.area, review.incident, review.concluded) == ("Brighton & Hove", "2015-10", None)
    assert review.summary.startswith("Baby Liam lived with his mother")
    assert review.good_practice == (
        "The midwife kept visiting although the door was often shut",
        "The nursery passed on its worries on the same day",
    )
    assert [point.themes for point in review.learning] == [
        ("Role of fathers and partners",),
        ("Care-leaver parents",),
        ("Disguised compliance",),
        ("Pre-birth planning",),
    ]


def test_what_has_changed_answers_the_one_point_with_its_theme_and_is_open_while_it_is_only_planned() -> None:
    fathers, _, _, protocol = review_of(SEVEN_MINUTES).learning
    assert (fathers.action, fathers.status) == (Action.TRAINING, LearningStatus.OPEN)
    assert fathers.evidence == "Training on including fathers will be offered from next spring."
    assert (protocol.action, protocol.status) == (Action.PROCEDURE_REVISED, LearningStatus.COMPLETE)


def test_an_answer_that_two_points_could_claim_stays_a_point_of_its_own() -> None:
    text = (
        "Learning briefing: Child K\n\nRecommendations\n\n- Schools should ask about neglect.\n"
        "- Nurseries should ask about neglect.\n\nWhat has changed\n\n- The neglect toolkit was revised.\n"
    )
    assert [point.action for point in review_of(text).learning] == [
        Action.NONE,
        Action.NONE,
        Action.PROCEDURE_REVISED,
    ]


def test_an_executive_summary_has_its_numbered_recommendations_open_and_its_dates_to_the_day() -> None:
    review = review_of(EXECUTIVE_SUMMARY)
    assert (review.incident, review.concluded, review.published) == ("2014-05", "2017-11-03", "2018-06-12")
    assert [(point.action, point.status) for point in review.learning] == [
        (Action.NONE, LearningStatus.OPEN),
        (Action.PROCEDURE_REVISED, LearningStatus.OPEN),
        (Action.AUDIT, LearningStatus.OPEN),
    ]
    assert review.learning[0].text.startswith("The Board should make sure")
    assert all(point.evidence == "" for point in review.learning)


def test_an_old_board_is_not_called_a_partnership_unless_the_document_does() -> None:
    assert review_of(EXECUTIVE_SUMMARY).partnership == "Norfolk Safeguarding Children Board"
    renamed = "\nThe Norfolk Safeguarding Children Board is now the Safeguarding Children Partnership.\n"
    assert review_of(EXECUTIVE_SUMMARY + renamed).partnership == "Norfolk Safeguarding Children Partnership"


def test_a_practice_review_has_each_response_with_its_recommendation() -> None:
    review = review_of(PRACTICE_REVIEW)
    assert (review.kind, review.key) == ("local child safeguarding practice review", "pan-wessex-2019-child-delta")
    assert [(point.action, point.status) for point in review.learning] == [
        (Action.PROCEDURE_REVISED, LearningStatus.COMPLETE),
        (Action.TRAINING, LearningStatus.OPEN),
        (Action.SYSTEM_CHANGE, LearningStatus.COMPLETE),
    ]
    first = review.learning[0]
    assert first.text.endswith("It should name the risks of leaving young children alone.")
    assert first.evidence == "The threshold guidance was revised and launched in June 2021."


def test_a_numbered_heading_makes_one_point_of_the_paragraph_below_it() -> None:
    page = (
        "<h1>Serious case review: Child Q</h1><h2>Recommendation 1</h2><p>Schools should share information.</p>"
        "<h3>Action taken</h3><p>The schools' policy was updated.</p>"
        "<h2>Recommendation 2</h2><p>Staff need supervision.</p>"
    )
    first, second = review_of(page, "review.html").learning
    assert (first.text, first.evidence) == ("Schools should share information.", "The schools' policy was updated.")
    assert (second.action, second.themes) == (Action.NONE, ("Supervision",))


def test_a_thematic_briefing_has_the_name_of_its_title_and_no_child() -> None:
    review = review_of(THEMATIC)
    assert (review.kind, review.name) == ("thematic review", "Thematic learning briefing: injuries to babies under one")
    assert (review.incident, review.concluded, review.published, review.year) == (None, None, None, None)
    assert "Non-mobile infants and bruising" in review.themes


@pytest.mark.parametrize("form", ["html", "docx"])
def test_a_table_of_actions_is_read_row_by_row(form: str) -> None:
    content = as_html(ACTION_TITLES, ACTIONS) if form == "html" else as_word(ACTION_TITLES, ACTIONS)
    review = review_of(content, f"response.{form}")
    assert (review.name, review.kind, review.area) == ("Child T", "rapid review", "East Sussex")
    assert [(point.themes, point.action, point.status) for point in review.learning] == [
        (("Professional curiosity",), Action.TRAINING, LearningStatus.COMPLETE),
        (("Domestic abuse",), Action.SYSTEM_CHANGE, LearningStatus.OPEN),
        (("Voice of the child",), Action.AUDIT, LearningStatus.COMPLETE),
    ]
    assert review.learning[0].evidence == "Workshops on curiosity were held for 120 staff."


def test_two_actions_beside_one_recommendation_both_answer_it() -> None:
    table = (
        "<h1>Response to the serious case review: Child Q</h1><table><tr><th>Recommendation</th><th>Action</th></tr>"
        "<tr><td rowspan='2'>Staff should know of escalation.</td><td>Training was delivered.</td></tr>"
        "<tr><td>The protocol was revised.</td></tr></table>"
    )
    (point,) = review_of(table, "response.html").learning
    assert point.evidence == "Training was delivered. The protocol was revised."


def test_a_pdf_is_read_like_the_text_it_was_made_from() -> None:
    pdf = as_pdf([SEVEN_MINUTES.replace("•", "-").splitlines()])
    of_pdf, of_text = review_of(pdf, "briefing.pdf"), review_of(SEVEN_MINUTES)
    assert of_pdf == of_text


def test_running_heads_and_page_numbers_of_a_pdf_do_not_break_its_sentences() -> None:
    pages = [
        [
            "Serious case review: Child S",
            "The review found that information was shared by every service that",
            "Page 1",
        ],
        ["Serious case review: Child S", "knew the family.", "Page 2"],
        ["Serious case review: Child S", "Staff should use supervision.", "Page 3"],
    ]
    reading = read(as_pdf(pages), "report.pdf")
    assert "The review found that information was shared by every service that knew the family." in kept(reading)
    assert {"Page 1", "Page 2", "Page 3"} <= {rest.text for rest in reading.unplaced}
    assert reading.reviews[0].review.name == "Child S"


def test_a_sentence_that_a_page_break_left_in_two_paragraphs_is_whole_again() -> None:
    page = "<h1>Serious case review: Child S</h1><p>The review found that the Group</p><p>shared information.</p>"
    assert "The review found that the Group shared information." in kept(read(page, "report.html"))


# Names, partnerships, dates


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("the parents of child S. The", ["Child S"]),
        ("Child S's mother", ["Child S"]),
        ("SERIOUS CASE REVIEW: CHILD S", ["Child S"]),
        ("Siblings W & X", ["Siblings W & X"]),
        ("Child A and Child B", ["Child A and Child B"]),
        ("Baby Liam and Family U", ["Baby Liam and Family U"]),
        ("Child Delta was 20 months old", ["Child Delta"]),
        ("Child Protection and Family Court", []),
        ("a child I know, a child 2 years old", []),
        ("A CHILD AT RISK", []),
    ],
)
def test_pseudonyms_are_told_from_other_words(text: str, names: list[str]) -> None:
    assert pseudonyms(text) == names


def test_of_two_pseudonyms_the_titles_wins() -> None:
    text = "Serious case review: Child A\n\nChild B lived next door. Child B died in 2015. Child B was six.\n"
    assert review_of(text).name == "Child A"


def test_a_document_that_names_nobody_is_called_as_its_title_is() -> None:
    text = "Learning from a rapid review\n\nThe review found neglect.\n"
    assert review_of(text).name == "Learning from a rapid review"


def test_a_document_without_dates_gets_none() -> None:
    review = review_of("Serious case review: Child C\n\nChild C died after the Children Act 1989 came in.\n")
    assert (review.incident, review.concluded, review.published, review.key) == (None, None, None, "child-c")


def test_a_national_review_is_the_panels() -> None:
    review = review_of("National review: babies at home\n\nThe Child Safeguarding Practice Review Panel wrote it.\n")
    assert (review.kind, review.partnership) == ("national review", "Child Safeguarding Practice Review Panel")
    assert review.area is None


def test_publication_after_a_trial_told_of_in_the_next_sentence_takes_its_year() -> None:
    review = review_of(
        "Serious case review: Child C\n\nChild C died on 3 April 2019. "
        "The review was not published until the trial had finished. The trial ended in May 2022.\n"
    )
    assert (review.incident, review.published) == ("2019-04-03", "2022")
    assert review.dates_note == "The review was not published until the trial had finished."


@pytest.mark.parametrize(
    ("words", "iso"),
    [
        ("31 January 2019", "2019-01-31"),
        ("the 2nd of Sept 2018", "2018-09-02"),
        ("late 2017", "2017"),
        ("12/05/2014", "2014-05-12"),
        ("spring 2023", "2023"),
        ("31 February 2019", None),
    ],
)
def test_dates_are_read_as_far_as_they_go(words: str, iso: str | None) -> None:
    assert review_of(f"Serious case review: Child C\n\nChild C died in {words}.\n").incident == iso


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("There was good practice, including: a swift test of blood; a kind word and a full record.", 3),
        ("Strengths included early visits to the home, a named nurse, and a full record.", 3),
        ("It was good practice that the nurse and the teacher met.", 1),
        ("It was not good practice to wait.", 0),
    ],
)
def test_a_list_of_good_practice_is_split_and_a_sentence_is_not(sentence: str, parts: int) -> None:
    assert len(review_of(f"Serious case review: Child C\n\n{sentence}\n").good_practice) == parts


# What is a review, and what is not


@pytest.mark.parametrize("text", [SEVEN_MINUTES, EXECUTIVE_SUMMARY, PRACTICE_REVIEW, THEMATIC])
def test_every_form_of_review_is_known_for_one(text: str) -> None:
    assert is_review(text)


def test_a_response_is_known_for_a_review_in_text_html_and_word() -> None:
    assert is_review(SAMPLE_RESPONSE.read_text("utf-8"))
    assert is_review(plain_text(SourceFile("a.html", as_html(ACTION_TITLES, ACTIONS))))
    assert is_review(plain_text(SourceFile("a.docx", as_word(ACTION_TITLES, ACTIONS))))


def test_a_procedure_is_no_review_even_if_it_is_about_reviews() -> None:
    assert not is_review(PROCEDURE)
    assert not is_review(PROCEDURE + "It was revised after the serious case review of Child S.")
    assert not is_review("")


SECTIONS = sorted(
    place for place in (SAMPLE / "sections").glob("*/*.html") if b"withdrawal-reason" not in place.read_bytes()
)


@pytest.mark.parametrize("place", SECTIONS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_no_section_of_the_sample_is_taken_for_a_review_on_a_page_as_manuals_print_it(place: Path) -> None:
    text = place.read_text("utf-8")
    title, number = re.search(r"<title>(.*)</title>", text), re.search(r'name="number" content="(.*)"', text)
    assert title
    assert number
    page = text.replace("<body>", f"<body><h1>{number[1]} {title[1]}</h1>")
    assert reader.read(SourceFile(place.name, page.encode())).reviews == ()


def test_few_sections_of_the_sample_read_like_a_review_even_without_their_number() -> None:
    taken = {
        place.parent.name for place in SECTIONS if is_review(plain_text(SourceFile(place.name, place.read_bytes())))
    }
    assert taken <= {"fathers-and-partners", "practice-reviews"}, "both are about what reviews found"


# Nothing invented, nothing lost

SENTENCES = [
    "Child S was seven months old in 2016.",
    "The review found that information was not shared with Dr. Moss, e.g. by letter.",
    "Training on curiosity was delivered to 300 staff.",
    "Good practice was seen, including: a swift test; a kind word and a full record.",
    "Recommendation 1: The protocol should be revised.",
    "Response: It was revised in June 2020.",
    "Publication was delayed until the trial ended in 2023.",
    "the sentence with no capital goes on",
    "West Sussex Safeguarding Children Board (WSSCB), now the Safeguarding Children Partnership, agreed.",
    "Nobody asked who else was at home!",
    "What we learned",
    "Good practice",
    "Actions taken",
    "Background",
    "1. Staff must be seen alone; and then?",
    "• a point with no end",
    "Status: complete",
    "Page 3 of 9",
    "Lunch was at noon (nobody came).",
    "“Quite,” she said. ‘No.’ The end",
]
PAGE_NUMBER = re.compile(r"(?:Page )?\d+(?: of \d+)?")
odd_lines = st.one_of(st.sampled_from(SENTENCES), st.text("aA1.;: -–(", max_size=30))


@given(lines=st.lists(odd_lines, min_size=1, max_size=25), gap=st.sampled_from(["\n", "\n\n", " "]))
@settings(max_examples=200, deadline=None)
def test_every_sentence_of_a_text_is_kept(lines: list[str], gap: str) -> None:
    text = f"Serious case review: Child S{gap}{gap.join(lines)}"
    reading = read(text)
    numbers = {line.strip() for line in text.splitlines() if PAGE_NUMBER.fullmatch(line.strip())}
    assert numbers <= {rest.text for rest in reading.unplaced}
    words = " ".join(word for line in text.splitlines() if line.strip() not in numbers for word in line.split())
    assert lost(words, reading) == ""


@given(rows=st.lists(st.tuples(*[st.sampled_from(SENTENCES)] * 3), min_size=1, max_size=6), headed=st.booleans())
@settings(max_examples=100, deadline=None)
def test_every_cell_of_a_table_is_kept(rows: list[tuple[str, str, str]], headed: bool) -> None:
    table = [("Learning", "Action", "Status"), *rows] if headed else rows
    reading = read(as_html(["Serious case review"], table), "review.html")
    assert [cell for row in table for cell in row if lost(cell, reading)] == []


@pytest.mark.parametrize("text", [SEVEN_MINUTES, EXECUTIVE_SUMMARY, PRACTICE_REVIEW, THEMATIC, PROCEDURE])
def test_every_proposed_text_is_the_documents_own(text: str) -> None:
    review = review_of(text)
    proposed = [*review.good_practice, *sentences(review.summary), *sentences(review.dates_note)]
    for point in review.learning:
        proposed += [*sentences(point.text), *sentences(point.evidence)]
    assert [said for said in proposed if said not in " ".join(text.split())] == []


@pytest.mark.parametrize("text", [SEVEN_MINUTES, EXECUTIVE_SUMMARY, PRACTICE_REVIEW, THEMATIC])
def test_every_proposed_fact_has_its_sentence(text: str) -> None:
    proposal = read(text).reviews[0]
    fields = {evidence.field for evidence in proposal.evidence}
    for name in (
        "name",
        "partnership",
        "area",
        "incident",
        "concluded",
        "published",
        "summary",
        "dates_note",
        "source",
    ):
        assert bool(getattr(proposal.review, name)) == (name in fields)
    for place in range(len(proposal.review.learning)):
        assert {f"learning[{place}].{name}" for name in ("text", "action", "status")} <= fields
    assert {f"good_practice[{place}]" for place in range(len(proposal.review.good_practice))} <= fields
    assert {f"themes[{place}]" for place in range(len(proposal.review.themes))} <= fields
    assert [e.sentence for e in proposal.evidence if e.sentence not in " ".join(text.split())] == []


def test_text_around_and_inside_tables_of_a_page_and_its_footnotes_is_kept() -> None:
    page = "<h1>Serious case review: Child S</h1>before<table><tr><td>x<table><tr><td>in</table>y</table>after<p>1 note"
    assert {"before", "x", "in", "y", "after", "1 note"} <= set(kept(read(page, "a.html")))


def test_every_paragraph_of_a_word_file_is_kept() -> None:
    content = as_word(["Serious case review: Child S"], [], ["Child S died in 2016.", "Nobody came."])
    assert {"Child S died in 2016.", "Nobody came."} <= set(kept(read(content, "a.docx")))
