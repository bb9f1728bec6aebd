"""Whatever is typed or linked to us, a reader gets a plain page that says what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from procedures.errors import Fault
from web.app import create_app

if TYPE_CHECKING:
    from kb.service import KnowledgeBase
    from tests.web.conftest import Reader

ODD = [
    "/search?q=%00",
    "/search?q=%00%ff%fe",
    "/search?q=" + "a" * 20_000,
    "/search?q=" + "%F0%9F%91%B6" * 300,
    "/search?q=%22%22%22+-+*+%5Ba+TO+z%5D+w*",
    "/search?q=baby&page=0",
    "/search?q=baby&page=-1",
    "/search?q=baby&page=999999999999999999999",
    "/search?q=baby&page=%D9%A3",
    "/search?q=baby&page=900",
    "/search?q=baby&without=%00&without=",
    "/search?q=baby&on=tomorrow",
    "/search?q=baby&on=0001-01-01",
    "/search?q=baby&seen=9999-12-31",
    "/search?q=baby&on=%00",
    "/search?q=baby&on=" + "9" * 5000,
    "/search?on=2020-01-01",
    "/sections/%00",
    "/sections/BRUE",
    "/sections/..%2f..%2fetc%2fpasswd",
    "/sections/" + "k" * 5000,
    "/sections/brue?on=2020-02-30",
    "/sections/brue?on=1999-01-01",
    "/sections/brue?seen=1999-01-01",
    "/sections/brue?on=2100-12-31&seen=2100-12-31",
    "/sections/brue/revisions/0",
    "/sections/brue/revisions/99999999999999999999999",
    "/sections/brue/revisions/one",
    "/sections/brue/compare",
    "/sections/brue/compare?from=1",
    "/sections/brue/compare?from=x&to=y",
    "/sections/brue/compare?from=9999&to=1",
    "/sections/brue/compare?from=2016-01-01&to=1/1/2026",
    "/sections/brue/compare?from=1990-01-01&to=4",
    "/sections/nope/history",
    "/p/%00",
    "/p/p-",
    "/p/" + "p" * 3000,
    "/n/",
    "/n/8.36.9999999999999",
    "/n/eight",
    "/n/8.36?on=never",
    "/reviews/%E2%98%83",
    "/suggest?q=%00",
    "/suggest?q=" + "b" * 20_000,
    "/suggest",
    "/updates/since?day=%00",
    "/updates/since?day=0001-01-01",
    "/sections/brue/since?day=" + "9" * 5000,
    "/sections/%00/since?day=2020-01-01",
    "/sections/brue?area=%00",
    "/sections/brue?area=" + "a" * 5000,
    "/contacts?area=%E2%98%83",
    "/p/%00?cite=%00",
    "/feedback?section=%00",
    "/feedback?section=brue&paragraph=%00",
    "/feedback?thanks",
    "/print/parts/0",
    "/print/parts/99999999999999999999",
    "/static/0/../../app.py",
    "/static/0/nothing.css",
    "/.env",
]


@pytest.mark.parametrize("address", ODD, ids=lambda address: address[:60])
def test_odd_addresses_get_a_page_and_never_a_failure(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code in {200, 400, 404}
    assert "Traceback" not in answer.text


@given(words=st.text(max_size=60), on=st.text(max_size=12), page=st.text(max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_search_whatever_its_words_fails(client: TestClient, words: str, on: str, page: str) -> None:
    for name, value in (("q", words), ("on", on), ("page", page)):
        answer = client.get("/search", params={"q": "baby", name: value})
        assert answer.status_code in {200, 400}


def test_what_is_typed_comes_back_as_words_and_never_as_markup(read: Reader) -> None:
    page = read("/search?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert not page.all("//main//script")
    assert page.all("//input[@id='q']")[0].get("value") == "<script>alert(1)</script>"


@pytest.mark.parametrize("written", ["2016-05-01", "1 May 2016", "1/5/2016", "1st May 2016", " 01.05.2016 "])
def test_a_day_can_be_written_as_people_write_it(client: TestClient, written: str) -> None:
    answer = client.get("/sections/brue", params={"on": written})
    assert "It is what applied on 1 May 2016." in answer.text


def test_a_day_that_cannot_be_read_is_answered_with_how_to_write_it(read: Reader) -> None:
    page = read("/sections/brue?on=32/1/2020")
    assert page.status == 400
    assert "“32/1/2020” is not a day that can be read. Write it like 3 March 2021" in page.main
    assert page.links()["Show this page without a date"] == "/sections/brue"
    assert page.all("//main//form[@role='search']")


def test_a_page_beyond_the_last_leads_to_the_first(client: TestClient) -> None:
    answer = client.get("/search?q=baby&page=900", follow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["location"] == "/search?q=baby"


def test_an_unknown_key_is_answered_in_a_sentence_with_a_search_box(read: Reader) -> None:
    page = read("/sections/nope")
    assert page.status == 404
    assert page.all("//main//form[@role='search']")
    assert "If a child is in danger now, ring 999." in page.main


def test_sending_to_a_page_that_is_only_read_is_refused_plainly(client: TestClient) -> None:
    answer = client.post("/search", data={"q": "x"})
    assert answer.status_code == 405
    assert "<h1" in answer.text


@pytest.mark.parametrize(
    ("failure", "status"), [(Fault("The disk is full. Ring the help desk."), 503), (ZeroDivisionError(), 500)]
)
def test_our_own_failures_show_a_sentence_and_nothing_of_the_machine(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    reader = TestClient(create_app(kb), raise_server_exceptions=False)
    monkeypatch.setattr(kb, "glossary", fail)
    answer = reader.get("/glossary")
    assert answer.status_code == status
    assert "Something has gone wrong" in answer.text
    assert "ZeroDivision" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
