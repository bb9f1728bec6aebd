"""The log on its pages: every event once, newest first, in words with a way to its subject, and as a file."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.access import Actor, Role
from kb.beginnings import NewSection, TextInForce
from kb.service import KnowledgeBase
from kb.settings import Settings
from tests.conftest import SetClock
from tests.web.editors import ANN, Editor, another, sample
from web.app import create_app
from web.workspace import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette


@pytest.fixture(scope="module")
def kb(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """The sample manual, once for all tests here."""
    data = Path(shutil.copytree(sample_folder, tmp_path_factory.mktemp("workspace") / "data"))
    with KnowledgeBase.open(Settings(data=data), SetClock()) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(kb: KnowledgeBase) -> Starlette:
    return create_app(kb)


@pytest.fixture(scope="module")
def author(app: Starlette) -> Editor:
    return sample(app, Role.AUTHOR)


def lines(editor: Editor) -> list[str]:
    return [" ".join(line.text_content().split()) for line in editor.tree.xpath("//main//ol/li")]


def test_every_event_is_on_one_page_of_the_log_with_the_newest_first(author: Editor, kb: KnowledgeBase) -> None:
    seen: list[int] = []
    author.go(addresses.LOG)
    assert kb.head() in author.main
    while True:
        seen += [int(line.split()[0]) for line in lines(author)]
        older = author.tree.xpath("//a[@rel='next']/@href")
        if not older:
            break
        author.go(older[0])
    assert seen == list(range(kb.health().head, 0, -1))
    assert author.tree.xpath("//a[@rel='prev']/@href") == [addresses.LOG]


def test_an_event_is_in_plain_words_with_its_reason_and_leads_to_what_it_was_about(
    author: Editor, kb: KnowledgeBase
) -> None:
    draft = kb.workspace.start(ANN, TextInForce("brue"))
    kb.workspace.withdraw(ANN, draft.id, "It is <b>not</b> needed.")
    new = kb.workspace.start(ANN, NewSection("Of a draft alone", "8.97"))
    kb.workspace.withdraw(ANN, new.id, "Nor this.")
    author.go(addresses.LOG)
    first, second = lines(author)[:2]
    assert first.endswith("Ann Weber gave a draft up: of-a-draft-alone “Nor this.”")
    assert second.endswith(
        "Ann Weber gave a draft up: 8.38 Brief Resolved Unexpected Event (BRUE) “It is <b>not</b> needed.”"
    )
    assert "Of a draft alone" not in author.page.text, "a draft's own words are for those who may read drafts"
    assert "/sections/brue" in author.tree.xpath("//main//ol/li[2]//a/@href")
    linked = next(line for line in lines(author) if "linked learning" in line)
    assert "learning point" in linked
    assert ", revision " in linked
    assert next(line for line in lines(author) if "recorded a review" in line).endswith(": Child S, West Sussex (2016)")
    for line in author.tree.xpath("//main//ol/li")[:12]:
        for address in line.xpath(".//a/@href"):
            assert author.client.get(address).status_code == 200, address


def test_events_are_narrowed_and_the_choice_goes_along_to_older_ones(author: Editor, kb: KnowledgeBase) -> None:
    author.go(addresses.LOG).press("Show these events", action="term", subject="")
    assert all("recorded a term" in line for line in lines(author))
    first = lines(author)[0]
    author.go(author.tree.xpath("//a[@rel='next']/@href")[0])
    assert all("recorded a term" in line for line in lines(author))
    assert first not in lines(author)
    author.go(addresses.LOG).press("Show these events", subject="8.38", action="publish")
    assert all(": Procedures editor published: 8.38 " in line for line in lines(author))
    assert len(lines(author)) == len(kb.history("brue").entries)
    author.go(addresses.LOG).press("Show these events", subject="nobody at all")
    assert lines(author) == ["No event is like that. Choose fewer."]
    for odd in ("before=x", "before=0", "before=99999999999", "who=%00", "action=&subject=%ff", "subject=" + "x" * 999):
        assert author.go(f"{addresses.LOG}?{odd}").page.status_code == 200, odd


def test_one_event_is_shown_as_it_is_recorded(author: Editor, kb: KnowledgeBase) -> None:
    head = kb.health().head
    author.go(addresses.log_entry(head))
    assert kb.head() in author.main
    assert author.go(addresses.log_entry(head + 1)).page.status_code == 404


def test_the_whole_log_is_handed_over_as_a_file(app: Starlette, kb: KnowledgeBase, author: Editor) -> None:
    kb.accounts.add(Actor("=HYPERLINK(1)", frozenset({Role.ADMINISTRATOR})), "Somebody", [Role.AUDITOR])
    otto = another(app, kb, "Otto Auditor", Role.AUDITOR)
    otto.go(otto.go(addresses.LOG).tree.xpath("//a[@download]/@href")[0])
    headers = otto.page.headers
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''log-2026-11-23.csv"
    assert (headers["cache-control"], headers["content-type"]) == ("no-store", "text/csv; charset=utf-8")
    rows = list(csv.reader(io.StringIO(otto.page.text)))
    assert len(rows) == kb.health().head + 1
    assert rows[-1][-1] == kb.head()
    assert "'=HYPERLINK(1)" in {row[2] for row in rows}
    assert not author.go(addresses.LOG).tree.xpath("//a[@download]")
    assert "may not export the log" in author.go(addresses.LOG_FILE).main
