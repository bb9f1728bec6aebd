"""The API: the same reads as the site, described truly, and never an answer that says the fault is ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from web.api import BASE, READS, Read
from web.app import create_app

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from kb.service import KnowledgeBase

KNOWN = {
    "key": {"reviews": "west-sussex-2016-child-s", "themes": "escalation", "sections": "brue"},
    "revision": {"": "2"},
    "number": {"": "8.38.1"},
}
ASKED = {"search": {"q": "baby went blue"}, "compare": {"from": "1", "to": "2021-01-01"}}
WALKS = [(read, GenerationMode.POSITIVE) for read in READS]
WALKS += [(read, GenerationMode.NEGATIVE) for read in READS if {*read.takes} - {*KNOWN, "pid"}]
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


@pytest.fixture
def description(client: TestClient) -> dict[str, Any]:
    """Read the description as it is served."""
    found: dict[str, Any] = client.get(f"{BASE}/openapi.json").json()
    return found


def address_of(path: str, pid: str) -> str:
    """Write a path of the description with values the sample has."""
    first = path.removeprefix(BASE).split("/")[1]
    for name, values in KNOWN.items():
        path = path.replace(f"{{{name}}}", values.get(first, values.get("", "")))
    return path.replace("{pid}", pid)


def test_the_description_is_valid_openapi_and_names_every_read(description: dict[str, Any]) -> None:
    validate(description)
    assert description["openapi"].startswith("3.1")
    assert len(description["paths"]) == len(READS)


def test_every_read_answers_in_the_shape_it_describes(
    client: TestClient, kb: KnowledgeBase, description: dict[str, Any]
) -> None:
    pid = kb.section("brue").paragraphs[0].pid
    schema = schemathesis.openapi.from_dict(description)
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        name = operation.definition.raw["operationId"]
        answer = client.get(address_of(operation.path, pid), params=ASKED.get(name, {}))
        assert answer.status_code == 200, operation.path
        operation.validate_response(answer)
        assert answer.json()["notice"].startswith("This is an illustration")


@pytest.mark.parametrize(("read", "mode"), WALKS, ids=lambda it: str(it.name if isinstance(it, Read) else it.value))
def test_whatever_is_asked_the_answer_is_as_described_and_never_a_fault_of_ours(
    kb: KnowledgeBase, read: Read, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_asgi(f"{BASE}/openapi.json", create_app(kb))
    operation = schema[BASE + read.path.replace(":int", "")]["GET"]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def walk(case: Case[Any]) -> None:
        case.call_and_validate(checks=CHECKS)

    walk()


def test_a_list_is_given_in_pages_that_join_without_gap_or_repetition(client: TestClient) -> None:
    whole = client.get(f"{BASE}/glossary", params={"per_page": 100}).json()
    joined = []
    for page in range(1, -(-whole["page"]["total"] // 7) + 1):
        joined += client.get(f"{BASE}/glossary", params={"per_page": 7, "page": page}).json()["data"]
    assert joined[:100] == whole["data"]
    assert len(joined) == whole["page"]["total"]


def test_a_search_is_narrowed_and_ordered_as_on_the_page(client: TestClient) -> None:
    def asked(**chosen: str) -> dict[str, Any]:
        found: dict[str, Any] = client.get(f"{BASE}/search", params={"q": "information sharing", **chosen}).json()
        return found

    everything, reviews = asked(), asked(kind="review", part="99")
    kinds = {c["value"]: c["count"] for f in everything["data"]["facets"] if f["facet"] == "kind" for c in f["choices"]}
    assert reviews["page"]["total"] == kinds["review"] < everything["page"]["total"]
    assert {result["kind"] for result in reviews["data"]["results"]} == {"review"}
    assert reviews["data"]["not_used"] == [{"facet": "part", "value": "99"}]
    in_order = asked(order="number", kind="section", per_page="50")["data"]["results"]
    parts = [int(result["number"].split(".")[0]) for result in in_order]
    assert parts == sorted(parts)
    assert "relevance, newest, number" in client.get(f"{BASE}/search?q=baby&order=size").json()["detail"]


def test_an_answer_already_had_is_not_sent_again(client: TestClient) -> None:
    first = client.get(f"{BASE}/sections/brue")
    again = client.get(f"{BASE}/sections/brue", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_search_is_not_stored_on_its_way(client: TestClient) -> None:
    assert client.get(f"{BASE}/search?q=BRUE").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/sections/nope", 404),
        ("/nothing", 404),
        ("/sections/brue?on=never", 400),
        ("/reviews?per_page=101", 400),
        ("/reviews?page=%C2%B2", 400),
        ("/search", 400),
        ("/sections/brue/revisions/99999999999999999999999", 404),
    ],
)
def test_an_error_is_a_problem_document_that_says_what_to_do(client: TestClient, address: str, status: int) -> None:
    answer = client.get(BASE + address)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"].endswith(".")


def test_the_api_is_read_only_and_says_which_methods_it_takes(client: TestClient) -> None:
    answer = client.post(f"{BASE}/sections/brue")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].replace(" ", "").split(",")) == {"GET", "HEAD"}
