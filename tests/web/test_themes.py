"""Reviews by theme, partnership and year; themes; updates; A to Z; contacts by area."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from procedures.model import EVERYDAY, Importance, RevisionKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb.service import KnowledgeBase
    from procedures.model import Revision
    from tests.web.conftest import Reader


def test_reviews_can_be_chosen_by_theme_partnership_and_year(read: Reader, kb: KnowledgeBase) -> None:
    found = kb.reviews()
    for review in found:
        chosen = {"theme": review.themes[0], "partnership": review.partnership, "year": review.year or ""}
        page = read(f"/reviews?{urlencode(chosen)}")
        assert review.title in page.links()
    page = read("/reviews?theme=Toxicology")
    shown = set(page.links()) & {review.title for review in found}
    carrying = {r.title for r in found if "Toxicology" in {*r.themes, *(t for p in r.learning for t in p.themes)}}
    assert shown == carrying


def test_a_choice_that_leaves_no_review_says_so_and_leads_back(read: Reader) -> None:
    page = read("/reviews?theme=Escalation&year=1901")
    assert "No review has all of these" in page.main
    assert page.links()["Show all reviews"] == "/reviews"


def test_a_theme_shows_the_sections_in_force_and_the_reviews_about_it_together(read: Reader, kb: KnowledgeBase) -> None:
    page = read("/themes/recognition-of-brue")
    assert page.links()["Brief Resolved Unexpected Event (BRUE)"] == "/sections/brue"
    assert page.links()["Child S, West Sussex (2016)"] == "/reviews/west-sussex-2016-child-s"
    points = [p.text for p in kb.theme("recognition-of-brue").reviews[0].points]
    assert points
    assert all(text in page.main for text in points)


def test_every_theme_of_the_list_has_its_page(read: Reader, kb: KnowledgeBase) -> None:
    links = read("/themes").links()
    for theme in kb.themes():
        assert read(links[theme.title]).status == 200


def test_a_review_leads_to_its_themes(read: Reader) -> None:
    assert (
        read("/reviews/west-sussex-2016-child-s").links()["Professional curiosity"] == "/themes/professional-curiosity"
    )


def test_updates_of_a_day_show_major_changes_first(read: Reader, publish: Callable[..., Revision]) -> None:
    publish(date(2026, 11, 23), change_note="The major one.")
    publish(date(2026, 11, 23), importance=Importance.MINOR, change_note="The minor one.")
    page = read("/updates")
    assert page.main.index("The major one.") < page.main.index("The minor one.")
    assert "The minor one." not in read("/updates?only=major").main


def test_updates_say_what_changed_and_which_review_asked_for_it(read: Reader) -> None:
    pages = [read(f"/updates?page={number}") for number in range(1, 6)]
    told = "Answers learning from Child S, West Sussex (2016) (illustrative)"
    assert any(told in page.main for page in pages)
    links = {words: address for page in pages for words, address in page.links().items()}
    assert links["What changed in Brief Resolved Unexpected Event (BRUE), revision 4"] == (
        "/sections/brue/compare?from=3&to=4"
    )


def test_a_page_of_updates_that_is_not_there_leads_to_the_first(read: Reader) -> None:
    assert read("/updates?page=900").text == read("/updates").text


def test_the_a_to_z_lists_every_section_and_the_names_it_is_looked_for_under(read: Reader, kb: KnowledgeBase) -> None:
    page = read("/a-z")
    for part in kb.contents():
        for section in part.sections:
            assert page.links()[section.title] == f"/sections/{section.key}"
    assert "ALTE: see 8.38 Brief Resolved Unexpected Event (BRUE)" in page.main


def test_contacts_stand_under_their_area_the_front_door_first(read: Reader, kb: KnowledgeBase) -> None:
    page = read("/contacts")
    for area in ("east-sussex", "west-sussex", "brighton-hove"):
        headings = page.all(f"//h2[@id='{area}']/following-sibling::div[1]//h3")
        assert headings[0].text_content() == "Front door"
    for contact in kb.contacts_now():
        assert page.all(f"//*[@id='{contact.key}']"), contact.key


def test_everyday_words_stand_in_the_glossary_under_every_section_in_force_they_lead_to(
    read: Reader, kb: KnowledgeBase
) -> None:
    page = read("/glossary")
    folds = {fold.findtext("summary/span"): fold for fold in page.all("//main//details")}
    everyday = [entry for entry in kb.glossary() if entry.term.kind == EVERYDAY]
    assert any(len(entry.sections) > 1 for entry in everyday)
    for entry in everyday:
        for section in entry.sections:
            fold = folds[f"{section.number} {section.title}"]
            assert entry.term.term in [(term.text or "").strip() for term in fold.iter("dt")]
            assert f"/sections/{section.key}" in [link.get("href") for link in fold.iter("a")]
        assert len(page.all(f"//*[@id='{entry.term.key}']")) == 1


def test_everyday_words_of_a_withdrawn_section_stand_among_the_terms(
    read: Reader, publish: Callable[..., Revision]
) -> None:
    publish(date(2026, 11, 23), kind=RevisionKind.WITHDRAWAL, body="", withdrawal_reason="Joined with another.")
    page = read("/glossary")
    (entry,) = page.all("//*[@id='floppy-baby']")
    assert not entry.xpath("ancestor::details")
    assert "Everyday words" in entry.text_content()
    assert not page.all("//details//a[@href='/sections/brue']")
