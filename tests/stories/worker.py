"""A process that works on a manual until it is killed; `test_crash` starts it and reads what it acknowledges.

worker.py publish FOLDER    publishes without end, printing each revision once `publish` has returned
worker.py rebuild FOLDER    makes the index again without end, printing a line each time
worker.py release FOLDER    writes, approves and releases two sections together without end, printing each save and
                            each release once it has returned
worker.py edition FOLDER    publishes the next edition of the BRUE section for every line it is sent, printing what its
                            text says once `publish` has returned
"""

import sys
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

from kb.access import Actor, Role
from kb.beginnings import TextInForce
from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.blocks import paragraph
from procedures.errors import NotFound
from procedures.publication import Proposal

EDITOR = Actor("Editor", frozenset({Role.APPROVER}))
WRITER = Actor("Writer", frozenset({Role.AUTHOR}))
PAIR = ("section1", "section2")
SECTIONS = 4


def a_revision(key: str, revision: int) -> Proposal:
    """Write the text a revision must have: its own name is in it, so that it can be looked for."""
    return Proposal(
        section=key,
        number=f"8.{key.removeprefix('section')}",
        title=f"Title of {key}",
        body=f"<div>Word{key}x{revision} stands here.</div><div>This stays.</div>",
        change_note="The next one.",
        in_force_from=date(2020, 1, 1),
        author="Author",
        approver="Approver",
        based_on=revision - 1 or None,
    )


def publish(kb: KnowledgeBase) -> None:
    """Publish to each section in turn."""
    for turn in count():
        key = f"section{1 + turn % SECTIONS}"
        told = f"{key}@{kb.publish(EDITOR, a_revision(key, 1 + _revisions(kb, key))).revision}"
        print(told, flush=True)  # noqa: T201


def rebuild(kb: KnowledgeBase) -> None:
    """Make the index again and again."""
    while True:
        print(kb.rebuild_index(), flush=True)  # noqa: T201


def release(kb: KnowledgeBase) -> None:
    """Release two sections together, each time with the same new word in both."""
    for key in PAIR:
        if not _revisions(kb, key):
            kb.publish(EDITOR, a_revision(key, 1))
    while True:
        word = f"Release{_revisions(kb, PAIR[0]) + 1}"
        drafts = [kb.workspace.start(WRITER, TextInForce(key)) for key in PAIR]
        for draft in drafts:
            content = replace(draft.content, blocks=(paragraph(f"{word} of {draft.section}."),), change_note=word)
            saved = kb.workspace.save(WRITER, draft.id, content, draft.version)
            print(f"saved {draft.id} {saved.version} {word}", flush=True)  # noqa: T201
            kb.workspace.approve(EDITOR, draft.id, kb.workspace.submit(WRITER, draft.id))
        revisions = kb.workspace.release(EDITOR, [draft.id for draft in drafts])
        print("released", *(revision.ref for revision in revisions), flush=True)  # noqa: T201


def edition(kb: KnowledgeBase) -> None:
    """Publish an edition each time one is asked for; a paragraph names it, so that it can be looked for."""
    for _ in sys.stdin:
        newest = kb.history("brue").entries[0].revision
        mark = f"Edition {newest.revision + 1}."
        kept = "".join(f"<div>{p.html}</div>" for p in kb.section("brue").paragraphs[:-1])
        proposal = Proposal(
            section="brue",
            number=newest.number,
            title=newest.title,
            body=f"{kept}<div><p>{mark}</p></div>",
            change_note="Published under load.",
            in_force_from=kb.today(),
            author="Author",
            approver=EDITOR.name,
            based_on=newest.revision,
        )
        kb.publish(EDITOR, proposal)
        print(mark, flush=True)  # noqa: T201


def _revisions(kb: KnowledgeBase, key: str) -> int:
    try:
        return len(kb.history(key).entries)
    except NotFound:
        return 0


if __name__ == "__main__":
    print("started", flush=True)  # noqa: T201
    with KnowledgeBase.open(Settings(data=Path(sys.argv[2])), create=True) as opened:
        {"publish": publish, "rebuild": rebuild, "release": release, "edition": edition}[sys.argv[1]](opened)
