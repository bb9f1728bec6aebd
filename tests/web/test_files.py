"""Files that belong to a section: forms, body maps, flowcharts."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256

import pytest
from starlette.testclient import TestClient

from kb.access import Actor
from kb.service import KnowledgeBase
from procedures.model import Revision
from procedures.publication import AttachedFile
from tests.web.conftest import Reader

BODY_MAP = AttachedFile("body map.png", "image/png", b"\x89PNG not really", "Front and back outline of a child's body.")
HASH = sha256(BODY_MAP.content).hexdigest()


def test_a_form_can_be_kept_and_its_words_read(
    read: Reader, publish: Callable[..., Revision], client: TestClient
) -> None:
    publish(date(2026, 11, 1), attachments=(BODY_MAP,))
    page = read("/sections/brue")
    assert page.links()["body map.png"] == f"/files/{HASH}"
    assert "Front and back outline" in page.main
    answer = client.get(f"/files/{HASH}")
    assert answer.content == BODY_MAP.content
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''body%20map.png"


def test_a_file_that_only_a_draft_has_is_not_there(client: TestClient, kb: KnowledgeBase, editor: Actor) -> None:
    with kb._store.write(editor.name, kb.now) as transaction:
        transaction.keep_file(BODY_MAP)
    assert client.get(f"/files/{HASH}").status_code == 404


@pytest.mark.parametrize("digest", ["nothing", "..%2f..%2fetc%2fpasswd", "0" * 64])
def test_an_unknown_file_is_a_plain_page(client: TestClient, digest: str) -> None:
    answer = client.get(f"/files/{digest}")
    assert answer.status_code == 404
    assert "<h1" in answer.text
