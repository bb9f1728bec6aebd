"""Asking for approval, giving and refusing it, and which paragraph is which: a draft between two people.

`routes` leads here. The service decides what may be done; a refusal is shown above the draft it is about, in its words.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from kb.drafting import Overtaken
from kb.merging import Clash
from kb.workspace import DraftView
from procedures.blocks import match_to
from procedures.errors import Invalid, Mendable
from web.workspace import addresses
from web.workspace.door import Visit, go
from web.workspace.drafts import overview


def submit(visit: Visit) -> Response:
    """Ask for approval."""
    return _stepped(visit, visit.site.kb.workspace.submit, "submitted")


def take_back(visit: Visit) -> Response:
    """Make it a draft again."""
    return _stepped(visit, visit.site.kb.workspace.take_back, "taken-back")


def approve(visit: Visit) -> Response:
    """Approve exactly the text that was shown."""
    seal = visit.field("seal")
    return _stepped(visit, visit.site.kb.workspace.approve, "approved", seal)


def reject(visit: Visit) -> Response:
    """Send it back with reasons."""
    return _stepped(visit, visit.site.kb.workspace.reject, "rejected", visit.field("reasons"), at="reasons")


def give_up(visit: Visit) -> Response:
    """Give the draft up; it can be taken back for a month."""
    return _stepped(visit, visit.site.kb.workspace.withdraw, "given-up", visit.field("why"), at="why")


def renew(visit: Visit) -> Response:
    """Bring a draft up to date with what was published meanwhile, and show where both changed."""
    draft_id = visit.request.path_params["draft"]
    try:
        draft, merged = visit.site.kb.workspace.renew(visit.actor, draft_id)
    except Mendable as error:
        return overview(visit, str(error))
    if merged.clashes:
        return clashes(visit, draft.id, merged.clashes)
    return go(addresses.draft(draft_id, done="renewed"))


def clashes(visit: Visit, draft_id: str, found: tuple[Clash, ...]) -> Response:
    """Show the places where two changes met, for a person to decide."""
    view = visit.site.kb.workspace.draft(visit.actor, draft_id)
    return visit.answer("clashes.html", view=view, clashes=found)


def matching(visit: Visit, error: str = "") -> Response:
    """Show which recorded paragraph each paragraph is, for a person to correct."""
    view = _view(visit)
    return visit.answer(
        "matching.html", status=400 if error else 200, view=view, error=error, known=_known(visit, view)
    )


def match(visit: Visit) -> Response:
    """Correct which recorded paragraph one is."""
    draft = _view(visit).draft
    place, pid = visit.field("place"), visit.field("pid")
    if not re.fullmatch(r"[0-9]{1,4}", place):
        raise Invalid("There is no such paragraph. Open the draft again.")
    try:
        blocks = match_to(draft.content.blocks, int(place), pid or None)
        version = int(visit.field("version")) if visit.field("version").isdecimal() else draft.version
        visit.site.kb.workspace.save(visit.actor, draft.id, replace(draft.content, blocks=blocks), version)
    except Overtaken:
        return matching(visit, "Somebody else has saved this draft meanwhile. Look at the paragraphs again.")
    except Mendable as error:
        return matching(visit, str(error))
    return go(addresses.draft(draft.id, "matching", done="matched", fragment=f"m{place}"))


def _stepped(visit: Visit, step: Callable[..., Any], done: str, *given: str, at: str = "steps") -> Response:
    draft_id = visit.request.path_params["draft"]
    try:
        step(visit.actor, draft_id, *given)
    except Mendable as error:
        return overview(visit, str(error), at)
    return go(addresses.draft(draft_id, done=done))


def _view(visit: Visit) -> DraftView:
    return visit.site.kb.workspace.draft(visit.actor, visit.request.path_params["draft"])


def _known(visit: Visit, view: DraftView) -> list[tuple[str, str, str]]:
    """List the recorded paragraphs there are to choose from: those of the text in force, and those matched already."""
    current = visit.site.kb.section(view.draft.section).paragraphs if view.current else ()
    known = {p.pid: (p.pid, p.number, p.text) for p in current}
    for each in view.matching:
        if each.pid and each.pid not in known:
            known[each.pid] = (each.pid, "Earlier:", each.before or "")
    return list(known.values())
