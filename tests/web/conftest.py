"""What the tests of the site share: a page read as a tree, and a section changed before the reader's eyes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest
from lxml import html
from lxml.html import HtmlElement
from starlette.testclient import TestClient

from kb.access import Actor
from kb.service import KnowledgeBase
from procedures.model import Revision
from procedures.publication import Proposal
from web.app import create_app


@dataclass(frozen=True)
class Page:
    """A page as a reader meets it."""

    status: int
    tree: HtmlElement
    headers: dict[str, str]

    @property
    def text(self) -> str:
        """All words of the page, single-spaced."""
        return " ".join(self.tree.text_content().split())

    @property
    def main(self) -> str:
        """The words of its main part."""
        return " ".join(self.all("//main")[0].text_content().split())

    def all(self, path: str) -> list[HtmlElement]:
        """Find elements."""
        found = self.tree.xpath(path)
        assert isinstance(found, list)
        return [element for element in found if isinstance(element, HtmlElement)]

    def links(self) -> dict[str, str]:
        """Every link: its words and where it leads; of equal words, the last."""
        return {" ".join(a.text_content().split()): a.get("href", "") for a in self.all("//a")}


Reader = Callable[[str], Page]


ALONE = {"kb", "client", "clock", "folder"}
"""A test that asks for one of these, itself or through another fixture, may change the manual or the hour."""


@pytest.fixture
def read(request: pytest.FixtureRequest) -> Reader:
    """Read a page, following where it leads: of the test's own manual, or of the visitor's where it only looks."""
    reader = request.getfixturevalue("visitor" if ALONE.isdisjoint(request.fixturenames) else "client")
    return lambda address: _page(reader, address)


@pytest.fixture(scope="session")
def visitor(visited: KnowledgeBase) -> Iterator[TestClient]:
    """A reader of the sample who only looks: one for all tests that change nothing."""
    with TestClient(create_app(visited), base_url="http://127.0.0.1") as reader:
        yield reader


@pytest.fixture(scope="session")
def look(visitor: TestClient) -> Reader:
    """Read a page as the visitor does."""
    return lambda address: _page(visitor, address)


def _page(client: TestClient, address: str) -> Page:
    answer = client.get(address)
    return Page(answer.status_code, html.document_fromstring(answer.text), dict(answer.headers))


@pytest.fixture
def publish(kb: KnowledgeBase, editor: Actor) -> Callable[..., Revision]:
    """Publish the next text of the BRUE section, in force from a day."""

    def publishing(in_force_from: date, **changes: object) -> Revision:
        newest = kb.history("brue").entries[0].revision
        proposal = Proposal(
            section="brue",
            title=newest.title,
            number=newest.number,
            body="<h2>Do this now</h2><div><p>A new text.</p></div>",
            change_note="Something changed.",
            in_force_from=in_force_from,
            author="Somebody else",
            approver=editor.name,
            based_on=newest.revision,
        )
        return kb.publish(editor, replace(proposal, **changes))  # type: ignore[arg-type]

    return publishing
