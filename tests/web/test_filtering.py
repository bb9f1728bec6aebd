"""Narrowing a search on the page: what is offered, kept, taken off again, and said when it leaves nothing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from tests.web.conftest import Page, Reader

PANEL = "//form[@aria-label='Filter and sort']"
CHOSEN = "kind=section&area=East+Sussex&must=yes&order=newest"


def boxes(page: Page) -> dict[tuple[str, str], tuple[HtmlElement, int]]:
    """The checkboxes of the panel: (name, value) to the box and the number it is offered with."""
    found = {}
    for box in page.all(f"{PANEL}//input[@type='checkbox']"):
        words = page.all(f"//label[@for='{box.get('id')}']")[0].text_content().strip()
        found[(box.get("name", ""), box.get("value", ""))] = (box, int(words.rpartition("(")[2].rstrip(")")))
    return found


def results(page: Page) -> int:
    return int(page.all("//h1")[0].text_content().split()[0])


def pairs(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query)


def test_each_choice_leads_to_just_as_many_results_as_it_says(read: Reader) -> None:
    offered = boxes(read("/search?q=baby"))
    assert {name for name, _ in offered} >= {"kind", "must", "part", "agency", "theme"}
    for (name, value), (_, count) in offered.items():
        page = read(f"/search?q=baby&{name}={value.replace('&', '%26')}")
        assert results(page) == count > 0
        assert boxes(page)[(name, value)][0].get("checked") is not None


def test_the_panel_is_one_form_that_needs_no_script_and_keeps_the_search(read: Reader) -> None:
    page = read(f"/search?q=ALTE&on=2019-01-01&without=ALTE&{CHOSEN}")
    hidden = {(box.get("name"), box.get("value")) for box in page.all(f"{PANEL}/input[@type='hidden']")}
    assert hidden == {("q", "ALTE"), ("on", "2019-01-01"), ("without", "ALTE")}
    assert page.all(f"{PANEL}//option[@selected]")[0].get("value") == "newest"
    assert page.all(f"{PANEL}//button")[0].text_content().strip() == "Apply filters"
    assert page.all("//details[@class='app-filter'][not(@open)]/summary")[0].text_content().strip().startswith("Filter")


def test_what_was_chosen_can_be_taken_off_one_by_one_or_all_at_once(read: Reader) -> None:
    page = read(f"/search?q=baby&{CHOSEN}")
    links = page.links()
    assert pairs(links["Remove East Sussex"]) == [
        ("q", "baby"),
        ("kind", "section"),
        ("must", "yes"),
        ("order", "newest"),
    ]
    assert set(pairs(links["Remove Procedures"])) == {
        ("q", "baby"),
        ("area", "East Sussex"),
        ("must", "yes"),
        ("order", "newest"),
    }
    assert pairs(links["Clear all filters"]) == [("q", "baby"), ("order", "newest")]


def test_pages_days_spelling_and_expansions_keep_what_was_chosen(read: Reader) -> None:
    page = read("/search?q=child&kind=section&kind=term&order=newest&on=2019-01-01")
    (second,) = {a.get("href", "") for a in page.all("//a[@rel='next']")}
    chosen = {("kind", "section"), ("kind", "term"), ("order", "newest")}
    assert set(pairs(second)) == {("q", "child"), *chosen, ("on", "2019-01-01"), ("page", "2")}
    assert set(pairs(page.links()["Search the text in force today"])) == {("q", "child"), *chosen}
    carried = {(i.get("name"), i.get("value")) for i in page.all("//form[@class='app-days']/input[@type='hidden']")}
    assert carried == {("q", "child"), *chosen}
    misspelt = read("/search?q=toxicolgy&kind=section").links()["toxicology"]
    assert pairs(misspelt) == [("q", "toxicology"), ("kind", "section")]
    expanded = read("/search?q=ALTE&kind=section").links()["Search for “ALTE” only"]
    assert ("kind", "section") in pairs(expanded)


def test_a_long_facet_shows_its_commonest_choices_and_keeps_the_rest_behind_a_press(read: Reader) -> None:
    page = read("/search?q=baby")
    shown = page.all(f"{PANEL}//input[starts-with(@id, 'filter-theme')]")
    folded = page.all(f"{PANEL}//details//details//input[starts-with(@id, 'more-theme')]")
    assert len(shown) == 8
    assert folded
    counts = [boxes(page)[("theme", box.get("value", ""))][1] for box in [*shown, *folded]]
    assert counts == sorted(counts, reverse=True)
    last = folded[-1].get("value", "")
    chosen = read(f"/search?q=baby&theme={last}")
    assert chosen.all(f"{PANEL}//input[starts-with(@id, 'filter-theme')][@value='{last}'][@checked]")


def test_what_means_nothing_is_not_used_and_said_in_one_line(read: Reader) -> None:
    page = read("/search?q=baby&area=Kent&part=eight&must=maybe&order=sideways&kind=section")
    assert (
        "Not used, because this manual has no such thing: area “Kent”, legal duties “maybe”,"
        " part of the manual “eight”, order “sideways”." in page.main
    )
    assert results(page) == results(read("/search?q=baby&kind=section"))
    assert all("Kent" not in address for address in page.links().values())
    many = read("/search?q=baby" + "".join(f"&part=x{number}" for number in range(20))).main
    assert "part of the manual “x13”, and others." in many
    assert "Not used" not in read("/search?q=baby&kind=&area=&order=&colour=blue").main


def test_filters_that_leave_nothing_are_named_as_the_reason(read: Reader) -> None:
    without = results(read("/search?q=baby"))
    page = read("/search?q=baby&kind=contact&must=yes")
    words = f"{without} {'result' if without == 1 else 'results'} without them"
    assert f"Nothing with these filters; {words}." in page.main
    assert page.links()[words] == "/search?q=baby"
    assert "Remove Contacts" in page.links()
    assert "Numbers to ring now" in page.main


def test_a_shortcut_stays_though_filters_leave_nothing_below_it(read: Reader) -> None:
    page = read("/search?q=BRUE&kind=contact&must=yes")
    assert page.all("//*[@class='app-destination']")
    without = results(read("/search?q=BRUE"))
    assert page.links()[f"{without} results without them"] == "/search?q=BRUE"


def test_words_the_manual_knows_are_offered_where_it_has_not_all_of_them(read: Reader) -> None:
    page = read("/search?q=%22purple+bruise%22+floppy")
    assert "The manual has no paragraph with all of these. Try: bruise, floppy" in page.main
    assert page.links()["floppy"] == "/search?q=floppy"
    assert "Numbers to ring now" in page.main
    assert "check the spelling" not in page.main


def test_results_come_by_number_or_by_day_where_that_is_asked_for(read: Reader) -> None:
    page = read("/search?q=child&kind=section&order=number")
    titles = [title.text_content().split()[0] for title in page.all("//h2[contains(@class, 'app-result')]/a")]
    assert titles == sorted(titles, key=lambda number: [int(part) for part in number.split(".")])
    newest = read("/search?q=child&kind=section&order=newest").all("//p[@class='app-since']")
    days = [datetime.strptime(day.text_content().partition("since ")[2], "%d %B %Y") for day in newest]  # noqa: DTZ007
    assert days == sorted(days, reverse=True)


def test_a_page_beyond_the_last_leads_to_the_first_with_the_same_filters(client: TestClient) -> None:
    answer = client.get("/search?q=baby&kind=section&page=900", follow_redirects=False)
    assert answer.headers["location"] == "/search?q=baby&kind=section"


@given(
    name=st.sampled_from(["kind", "must", "area", "part", "agency", "theme", "order"]),
    values=st.lists(st.text(max_size=30), max_size=50),
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_filter_whatever_it_says_fails(client: TestClient, name: str, values: list[str]) -> None:
    assert client.get("/search", params=[("q", "baby"), *((name, value) for value in values)]).status_code == 200
