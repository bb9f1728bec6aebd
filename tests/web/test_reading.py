"""A section as it is read: what applies, since when, why, whom to ring, and where it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from procedures.model import RevisionKind
from procedures.publication import Proposal
from web.app import create_app

if TYPE_CHECKING:
    from kb.access import Actor
    from kb.service import KnowledgeBase
    from tests.conftest import SetClock
    from tests.web.conftest import Reader

    Publish = Callable[..., object]


def test_a_section_says_at_once_since_when_it_applies(read: Reader) -> None:
    page = read("/sections/brue")
    assert page.all("//h1")[0].text_content().strip() == "8.38 Brief Resolved Unexpected Event (BRUE)"
    status = page.all("//h1/following-sibling::ul[1]")[0].text_content()
    assert "In force since 2 September 2024" in status
    assert "Next review due 31 August 2027" in status
    assert "Revision 4 of 4" in status
    assert "not the text in force today" not in page.text


def test_what_to_do_now_comes_before_everything_else(read: Reader) -> None:
    page = read("/sections/brue")
    assert page.all("//h2")[0].text_content().strip() == "Do this now"


def test_every_paragraph_has_its_number_as_a_link_to_itself(read: Reader, kb: KnowledgeBase) -> None:
    page = read("/sections/brue")
    for paragraph in kb.section("brue").paragraphs:
        holder = page.all(f"//*[@id='{paragraph.pid}']")[0]
        number = holder.xpath("./a")[0]
        assert number.text_content() == paragraph.number
        assert number.get("href") == f"#{paragraph.pid}"
        assert number.get("title") == "Link to this paragraph"


OLD = {
    "/sections/brue?on=2019-01-01": "It was in force from 1 March 2018 to 31 May 2021.",
    "/sections/brue?seen=2019-01-01": "It is what this site showed on 1 January 2019. It has been replaced since.",
    "/sections/brue/revisions/2": "It was in force from 1 March 2018 to 31 May 2021.",
}


@pytest.mark.parametrize("address", OLD)
def test_an_old_text_cannot_be_taken_for_todays(read: Reader, address: str) -> None:
    page = read(address)
    assert "This is not the text in force today" in page.main
    assert OLD[address] in page.main
    assert "In force since" not in page.main
    assert page.links()["Read the text in force today"] == "/sections/brue"
    assert "Do this now (not today’s text)" in page.main
    assert "not in force today)" in page.all("//title")[0].text_content()
    assert "noindex" in page.headers["x-robots-tag"]


def test_a_past_day_whose_text_still_applies_says_so_calmly(read: Reader) -> None:
    page = read("/sections/brue?on=2025-01-01")
    assert "The same text is in force today" in page.main
    assert "This is not the text" not in page.text


def test_links_in_an_old_text_stay_on_its_day(read: Reader) -> None:
    page = read("/sections/brue?on=2022-01-01")
    leading = [
        a.get("href") for a in page.all("//*[@class='app-split__main']//a[starts-with(@href, '/sections/info')]")
    ]
    assert leading
    assert all(link == "/sections/information-sharing?on=2022-01-01" for link in leading)


def test_a_coming_change_is_announced_and_its_text_marked(read: Reader, publish: Publish) -> None:
    publish(date(2027, 1, 1))
    today = read("/sections/brue")
    assert "A change comes into force on 1 January 2027." in today.main
    assert "A new text." not in today.text
    coming = read("/sections/brue/revisions/5")
    assert "This is not the text in force today" in coming.main
    assert "It comes into force on 1 January 2027." in coming.main


def test_a_cancelled_text_says_that_it_must_not_be_followed(
    read: Reader, publish: Publish, kb: KnowledgeBase, editor: Actor
) -> None:
    publish(date(2027, 1, 1))
    kb.cancel(editor, "brue", 5, "Published too early.")
    page = read("/sections/brue/revisions/5")
    assert "It was published but cancelled, and must not be followed." in page.main
    assert "Never in force" in page.main


def test_a_withdrawn_section_says_why_and_names_its_successor(read: Reader, publish: Publish) -> None:
    publish(
        date(2026, 11, 23),
        kind=RevisionKind.WITHDRAWAL,
        body="",
        withdrawal_reason="joined with another section",
        successor="bruising-non-mobile",
    )
    page = read("/sections/brue")
    assert page.status == 200
    assert "This section was withdrawn on 23 November 2026. Joined with another section." in page.main
    link = page.links()["Use 8.37 Bruising in Children who are Not Independently Mobile instead"]
    assert link == "/sections/bruising-non-mobile"
    assert "noindex" in page.headers["x-robots-tag"]


def test_an_overdue_review_is_said_plainly(read: Reader, clock: SetClock) -> None:
    clock.forward(days=365)
    assert "Review overdue since 31 August 2027" in read("/sections/brue").main


def test_learning_stands_beside_the_paragraph_it_changed_and_says_illustrative(read: Reader) -> None:
    page = read("/sections/brue")
    reasons = page.all("//details[contains(., 'Why this says so')]")
    assert reasons
    for reason in reasons:
        assert "Child S, West Sussex (2016)" in reason.text_content()
        assert "illustrative link" in reason.xpath("./summary")[0].text_content()
        assert reason.xpath(".//a/@href") == ["/reviews/west-sussex-2016-child-s"] * len(reason.xpath(".//a"))


def test_every_footnote_leads_to_its_note_and_back(read: Reader) -> None:
    page = read("/sections/brue")
    markers = page.all("//sup/a")
    assert len(markers) == 7
    for place, marker in enumerate(markers, 1):
        assert (marker.get("href"), marker.get("id")) == (f"#note-{place}", f"note-ref-{place}")
        assert page.all(f"//li[@id='note-{place}']//a[@href='#note-ref-{place}']")


def test_local_arrangements_name_their_area(read: Reader) -> None:
    page = read("/sections/brue")
    areas = [area.text_content() for area in page.all("//p[@class='app-area']")]
    assert areas == ["East Sussex", "West Sussex", "Brighton & Hove"]


@pytest.mark.parametrize(
    "address", ["/", "/sections/brue", "/sections/brue?on=2016-01-01", "/contacts", "/search?q=zzqq"]
)
def test_at_night_the_numbers_to_ring_are_those_that_answer(read: Reader, address: str) -> None:
    block = read(address).all("//section[@aria-labelledby='ring-now']")[0]
    text = " ".join(block.text_content().split())
    assert "999" in text
    for area in ("East Sussex", "West Sussex", "Brighton & Hove"):
        assert area in text
    assert "01632 960202 example number Emergency Duty Team (West Sussex). Front door opens at 9am today." in text


def test_in_office_hours_the_front_door_itself_is_named(read: Reader, clock: SetClock) -> None:
    clock.forward(hours=8)
    block = read("/sections/brue").all("//section[@aria-labelledby='ring-now']")[0]
    text = " ".join(block.text_content().split())
    assert "01632 960201 example number Integrated Front Door (IFD). Open now, until" in text


def test_no_sample_number_can_be_dialled_by_a_slip(read: Reader) -> None:
    for address in ("/", "/sections/brue", "/contacts", "/sections/west-sussex-front-door"):
        assert not read(address).all("//a[starts-with(@href, 'tel:')]")


def test_notices_stand_above_the_text_on_their_days_only(read: Reader) -> None:
    assert "COVID-19" in read("/sections/making-a-referral?on=2020-05-01").main
    assert "COVID-19" not in read("/sections/making-a-referral").main


def test_a_paragraph_is_found_wherever_it_stands(client: TestClient, kb: KnowledgeBase) -> None:
    pid = kb.section("brue").paragraphs[0].pid
    answer = client.get(f"/p/{pid}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, f"/sections/brue#{pid}")


def test_a_paragraph_that_is_gone_shows_what_it_last_said_and_where(read: Reader, kb: KnowledgeBase) -> None:
    gone = next(c.older for c in kb.compare("brue", 1, 4).paragraphs if c.older and not c.newer)
    page = read(f"/p/{gone.pid}")
    assert "This paragraph is no longer in the manual" in page.main
    assert "Do not follow it." in page.main
    assert page.links()["Read the text in force today"] == "/sections/brue"
    assert any(link.endswith(f"#{gone.pid}") and "/revisions/" in link for link in page.links().values())


def test_a_number_leads_to_what_carries_it_today(client: TestClient) -> None:
    answer = client.get("/n/8.38", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "/sections/brue")


def test_an_old_number_says_what_it_was_and_what_that_is_now(read: Reader) -> None:
    page = read("/n/8.36?on=2016-05-01")
    assert page.all("//h1")[0].text_content() == "8.36 on 1 May 2016"
    assert "8.36 was Apparent Life-Threatening Event (ALTE)." in page.main
    assert page.links()["8.38 Brief Resolved Unexpected Event (BRUE)"] == "/sections/brue"


def test_the_foot_of_a_section_tells_how_to_find_it_again(read: Reader) -> None:
    assert "Permanent address: 127.0.0.1/sections/brue/revisions/4" in read("/sections/brue").main


def test_an_unchanged_page_is_not_sent_twice(client: TestClient, clock: SetClock) -> None:
    first = client.get("/sections/brue")
    assert first.headers["cache-control"] == "no-cache"
    clock.forward(minutes=5)
    again = client.get("/sections/brue", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    clock.forward(hours=8)  # the front doors have opened meanwhile
    later = client.get("/sections/brue", headers={"If-None-Match": first.headers["etag"]})
    assert later.status_code == 200


def test_outside_the_sample_only_todays_text_is_open_to_search_engines(empty_kb: KnowledgeBase, editor: Actor) -> None:
    body = "<div><p>A text.</p></div>"
    first = Proposal("one", "One", body, "New.", date(2026, 11, 23), "Somebody", number="1.1", approver=editor.name)
    empty_kb.publish(editor, first)
    coming = replace(first, body=body.replace("A text", "Another"), in_force_from=date(2027, 1, 1), based_on=1)
    empty_kb.publish(editor, coming)
    reader = TestClient(create_app(empty_kb))
    assert "x-robots-tag" not in reader.get("/sections/one").headers
    assert "noindex" not in reader.get("/sections/one").text
    pid = empty_kb.section("one").paragraphs[0].pid
    for address in (
        "/sections/one/revisions/2",
        "/sections/one?on=2027-02-01",
        "/sections/one?seen=2026-11-23",
        "/sections/one?area=west-sussex",
        "/sections/one/compare?from=1&to=2",
        "/sections/one/since",
        "/updates/since?day=2026-11-23",
        "/contacts?area=west-sussex",
        "/feedback?section=one",
        "/print/parts/1",
        f"/p/{pid}?cite=",
    ):
        answer = reader.get(address)
        assert (answer.status_code, answer.headers["x-robots-tag"]) == (200, "noindex"), address
        assert '<meta name="robots" content="noindex">' in answer.text


def test_a_manual_with_nothing_in_it_still_has_its_pages(empty_kb: KnowledgeBase) -> None:
    reader = TestClient(create_app(empty_kb))
    for address in ("/", "/search?q=x", "/sections", "/reviews", "/updates", "/contacts", "/glossary", "/about"):
        answer = reader.get(address)
        assert answer.status_code == 200, address
        assert "Sample." not in answer.text
