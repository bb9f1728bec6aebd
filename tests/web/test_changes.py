"""History, comparison, updates and reviews: what changed, when, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

if TYPE_CHECKING:
    from kb.service import KnowledgeBase
    from tests.web.conftest import Reader


def test_the_history_lists_every_revision_newest_first_with_its_days(read: Reader) -> None:
    page = read("/sections/brue/history")
    titles = [" ".join(h.text_content().split()) for h in page.all("//ol//h2")]
    assert titles == [
        "Revision 4 In force",
        "Revision 3 Superseded",
        "Revision 2 Superseded",
        "Revision 1 Superseded",
    ]
    assert "In force from 1 March 2018 to 31 May 2021" in page.main
    assert "approved by Policies and procedures sub-group" in page.main
    assert page.links()["What changed since revision 3"] == "/sections/brue/compare?from=3&to=4"


def test_the_form_of_the_history_offers_the_last_change(read: Reader) -> None:
    page = read("/sections/brue/history")
    chosen = [option.get("value") for option in page.all("//option[@selected]")]
    assert chosen == ["3", "4"]


def test_a_comparison_names_every_change_in_words_and_counts_them(read: Reader) -> None:
    page = read("/sections/brue/compare?from=1&to=4")
    assert "reworded" in page.main
    assert "added" in page.main
    assert "removed" in page.main
    tags = {tag.text_content() for tag in page.all("//*[@class='app-change__tag']")}
    assert {"Reworded", "Added", "Removed"} <= tags
    for change in page.all("//*[contains(@class, 'app-change--added')]"):
        assert change.xpath(".//ins")
    for change in page.all("//*[contains(@class, 'app-change--removed')]"):
        assert change.xpath(".//del")
    assert "The title changed from 8.36 Apparent Life-Threatening Event (ALTE)" in page.main


def test_two_days_can_be_compared_as_well_as_two_revisions(read: Reader) -> None:
    page = read("/sections/brue/compare?from=1%20May%202016&to=2025-01-01")
    assert "From Revision 1, in force from 1 April 2015 To Revision 4" in page.main


def test_a_comparison_with_itself_folds_everything_away(read: Reader) -> None:
    page = read("/sections/brue/compare?from=4&to=4")
    assert "35 unchanged" in page.main
    assert len(page.all("//main//details")) == 1


@pytest.mark.parametrize("query", ["", "?from=1", "?to=2", "?from=&to="])
def test_half_a_comparison_leads_to_the_form_that_asks(client: TestClient, query: str) -> None:
    answer = client.get(f"/sections/brue/compare{query}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "/sections/brue/history")


def test_updates_are_listed_by_day_with_what_changed(read: Reader, kb: KnowledgeBase) -> None:
    page = read("/updates")
    days = [h.text_content() for h in page.all("//h2")]
    assert days[0] == "9 November 2026"
    assert kb.updates(1)[0].revision.change_note in page.main


def test_a_review_shows_its_three_dates_and_why_they_lie_apart(read: Reader) -> None:
    page = read("/reviews/west-sussex-2016-child-s")
    assert "Incident 2016 Review concluded 2017 Published 2023" in page.main
    assert "not published until the criminal proceedings had ended" in page.main


def test_a_review_leads_to_every_paragraph_it_changed_marked_illustrative(read: Reader) -> None:
    page = read("/reviews/west-sussex-2016-child-s")
    answers = page.all("//*[@class='app-answer']")
    assert answers
    for answer in answers:
        assert "Illustrative link" in answer.text_content()
    assert any("/sections/brue#p-" in link for link in page.links().values())
