"""Fifty people at their browsers at once, over HTTP: whoever is told "saved" has their words kept, for good.

Each signs in, writes a draft of their own, then one of ten that five of them share. Where two save the same draft, the
second is shown both texts and saves again; nobody overwrites words they have not seen.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from httpx2 import Client, Limits

from kb.access import Actor, Role
from kb.accounts import _insert
from kb.beginnings import Pasted
from tests.conftest import serving
from tests.web.editors import PASSWORD, Editor
from web.app import create_app
from web.workspace import addresses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kb.service import KnowledgeBase

EDITORS, SHARED = 50, 10
ANN = Actor("Ann Weber", frozenset({Role.AUTHOR}))
TRIES = 5
"""How often one has another go: the site says that it is too busy after half a minute of waiting."""
TURNS = threading.Semaphore(10)
"""From one address no more than twenty sign-ins may be under way: to the limit on guessing they are all guesses."""


@dataclass
class Told:
    """What the site told people: by draft, the words it said were saved, each with the version they were written over,
    and the words it said were kept aside."""

    saved: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    aside: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@pytest.fixture
def served(empty_kb: KnowledgeBase) -> Iterator[str]:
    """The address of the site over an empty manual, with an account for each editor."""
    hashed = empty_kb.accounts._passwords.hashed(PASSWORD)  # once for all: it is not what this is about
    with empty_kb._store.write("Operator", empty_kb.now) as transaction:
        for number in range(EDITORS):
            _insert(transaction, f"Editor {number}", frozenset({Role.AUTHOR}), hashed)
    empty_kb.catch_up()
    with serving(create_app(empty_kb)) as address:
        yield address


def patiently(editor: Editor, act: Callable[[], Editor]) -> None:
    """Act, again and again while the site says that it was too busy and that nothing was changed."""
    for _ in range(TRIES):
        if act().page.status_code != 503:
            return
        assert "Nothing was changed: try again" in editor.main
    raise AssertionError(f"The site was too busy {TRIES} times.")


def write(editor: Editor, draft: str, words: str, told: Told) -> None:
    """Write words into the first paragraph of a draft and save until the site says that they are saved."""
    edit = addresses.draft(draft, "edit")
    while True:
        if editor.page.url.path != edit or editor.page.status_code == 503:
            patiently(editor, lambda: editor.go(edit))
        over = int(editor.tree.xpath("//form[@data-draft]/input[@name='version']/@value")[0])
        editor.press("Save", **{"0.text": words})
        if editor.page.status_code == 200:
            told.saved[draft].append((over, words))
            return
        if editor.page.status_code == 503:
            assert "Nothing was changed: try again" in editor.main
            continue
        assert editor.page.status_code == 409, editor.main
        assert "saved this draft before you" in editor.main
        both = [
            " ".join(each.text_content().split())
            for each in editor.tree.xpath("//main//*[@class='app-lines app-copy']")
        ]
        assert words in both
        assert len(both) == 2
        told.aside[draft].append(words)


def a_day(address: str, number: int, shared: str, told: Told) -> None:
    """Sign in, start and write a draft of one's own, then write the shared one."""
    # A connection of its own for each request: the site may close one that idled while its editor waited.
    alone = Limits(max_keepalive_connections=0)
    with Client(
        base_url=address, headers={"Origin": address}, follow_redirects=True, timeout=60, limits=alone
    ) as client:
        editor = Editor(client, client.get("/workspace/sign-in"))
        with TURNS:
            patiently(editor, lambda: editor.press("Sign in", name=f"Editor {number}", password=PASSWORD))
        title = f"Section {number}"
        asked = [("how", "paste"), ("title", title), ("number", f"9.{number + 1}"), ("words", "Nothing yet.")]
        patiently(editor, lambda: editor.send(addresses.NEW, asked))
        own = editor.page.url.path.split("/")[3]
        write(editor, own, f"Own words of {number}.", told)
        write(editor, shared, f"Shared words of {number}.", told)


def test_fifty_editors_at_once_lose_no_word_that_was_acknowledged(served: str, empty_kb: KnowledgeBase) -> None:
    work, told = empty_kb.workspace, Told()
    shared = [
        work.start(ANN, Pasted("Nothing yet.", False, None, f"Shared {number}", f"8.{number + 1}")).id
        for number in range(SHARED)
    ]
    with ThreadPoolExecutor(EDITORS) as people:
        days = [people.submit(a_day, served, number, shared[number % SHARED], told) for number in range(EDITORS)]
        for day in days:
            day.result()

    assert len(told.saved) == EDITORS + SHARED
    assert sum(map(len, told.saved.values())) == 2 * EDITORS
    assert told.aside, "nobody met anybody: this tried nothing"
    for draft, saved in told.saved.items():
        kept = {each.id: each.version for each in work.versions(ANN, draft)}
        words = {id_: work.version(ANN, draft, id_).blocks[0].parts[0].text for id_ in kept}
        numbered = {version: words[id_] for id_, version in kept.items() if version}
        # Each save was written over the version before it, which its writer had been shown, and is the next.
        assert {over + 1: text for over, text in saved} == {n: text for n, text in numbered.items() if n > 1}
        assert len({over for over, _ in saved}) == len(saved)
        assert work.draft(ANN, draft).draft.content.blocks[0].parts[0].text == numbered[max(numbered)]
        assert set(told.aside[draft]) <= {words[id_] for id_, version in kept.items() if version is None}
