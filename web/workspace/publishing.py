"""The last click: what a publication would do, several drafts together, the urgent way, and what waits or was urgent.

`routes` leads here. Everything a person should know before the click is on the page with the button.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from kb.drafting import State
from kb.impact import Impact
from kb.workspace import DraftView
from procedures.errors import Mendable
from procedures.model import Revision
from web.changes import WORDS
from web.workspace import addresses
from web.workspace.approval import clashes
from web.workspace.door import Visit, go
from web.workspace.drafts import overview

MOST_TOGETHER = 50


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A draft with what its publication would do; `problem` says why that could not be worked out."""

    view: DraftView
    impact: Impact | None
    problem: str


def impact(visit: Visit) -> Response:
    """Show what publishing one draft would do."""
    return visit.answer("impact.html", each=_foreseen(visit, visit.request.path_params["draft"]), words=WORDS)


def ask(visit: Visit, error: str = "") -> Response:
    """Show the approved drafts to choose from; or for those chosen, what would happen, and the button."""
    workspace = visit.site.kb.workspace
    approved = workspace.drafts(visit.actor, State.APPROVED)
    asked = visit.fields.getlist("draft") or visit.request.query_params.getlist("draft")
    chosen = [str(each) for each in dict.fromkeys(asked)][:MOST_TOGETHER]
    foreseen = [_foreseen(visit, draft_id, alone=len(chosen) == 1) for draft_id in chosen]
    desk = workspace.desk(visit.actor)
    return visit.answer(
        "release.html",
        status=400 if error else 200,
        error=error,
        approved=approved,
        chosen=foreseen,
        together=workspace.together(visit.actor, chosen) if len(chosen) > 1 else None,
        words=WORDS,
        coming=[(each, workspace.tied(visit.actor, each.revision)) for each in desk.coming],
        overrides=[each for each in desk.overrides if not each.reviewed_by],
        today=visit.site.kb.today(),
    )


def release(visit: Visit) -> Response:
    """Publish the drafts that were chosen, all or none."""
    chosen = [value for value in visit.fields.getlist("draft") if isinstance(value, str)]
    try:
        revisions = visit.site.kb.workspace.release(visit.actor, chosen[: MOST_TOGETHER + 1])
    except Mendable as error:
        return ask(visit, str(error))
    return _published(revisions)


def published(visit: Visit) -> Response:
    """Show what has just been published, and where readers find it."""
    kb = visit.site.kb
    named = visit.request.query_params.getlist("revision")[:MOST_TOGETHER]
    targets = [kb.resolve(reference) for reference in named]
    revisions = [kb.revision(each.key, each.revision).revision for each in targets if each.revision]
    return visit.answer("published.html", revisions=revisions, today=kb.today())


def override(visit: Visit) -> Response:
    """Publish at once without approval, with a reason."""
    draft_id = visit.request.path_params["draft"]
    try:
        revision = visit.site.kb.workspace.override(visit.actor, draft_id, visit.field("urgent"))
    except Mendable as error:
        return overview(visit, str(error), "urgent")
    return _published([revision])


def carry(visit: Visit) -> Response:
    """Publish an urgent change and carry it into the text that waits."""
    draft_id = visit.request.path_params["draft"]
    try:
        carried = visit.site.kb.workspace.carry(visit.actor, draft_id, visit.field("carry"))
    except Mendable as error:
        return overview(visit, str(error), "carry")
    if carried.merged.clashes:
        return clashes(visit, carried.draft.id, carried.merged.clashes)
    return go(addresses.draft(carried.draft.id, done="carried"))


def review_override(visit: Visit) -> Response:
    """Record that an approver has read what was published urgently."""
    path = visit.request.path_params
    try:
        visit.site.kb.workspace.review_override(visit.actor, path["key"], path["number"])
    except Mendable as error:
        return ask(visit, str(error))
    return go(f"{addresses.RELEASE}?done=reviewed")


def cancel(visit: Visit) -> Response:
    """Cancel a revision that waits to come into force, with those that were named beside it."""
    path = visit.request.path_params
    named = [str(each).rpartition("@") for each in visit.fields.getlist("also")][:MOST_TOGETHER]
    also = [(key, int(number)) for key, _, number in named if re.fullmatch(r"[0-9]{1,4}", number)]
    try:
        visit.site.kb.cancel(visit.actor, path["key"], path["number"], visit.field("reason").strip(), also)
    except Mendable as error:
        return ask(visit, str(error))
    return go(f"{addresses.RELEASE}?done={'cancelled-together' if also else 'cancelled'}")


def _foreseen(visit: Visit, draft_id: str, *, alone: bool = True) -> Foreseen:
    workspace = visit.site.kb.workspace
    view = workspace.draft(visit.actor, draft_id)
    try:
        return Foreseen(view, workspace.impact(visit.actor, draft_id, alone=alone), "")
    except Mendable as error:
        return Foreseen(view, None, str(error))


def _published(revisions: Sequence[Revision]) -> Response:
    return go(addresses.published([revision.ref for revision in revisions]))
