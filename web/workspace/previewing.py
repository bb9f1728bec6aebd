"""A draft as readers will see it, and against what is in force: read by its writers and whoever approves it.

`routes` leads here. The preview is made with the very template and the very facts of a section's page, so that nobody
approves one thing and readers see another.
"""

from dataclasses import replace

from starlette.responses import Response

from kb.addresses import TODAY
from kb.impact import called_out, renumbered
from kb.views import SectionView
from procedures.align import compare
from procedures.errors import Mendable, NotFound
from procedures.model import RevisionKind
from web import changes, reading
from web.workspace.door import Visit
from web.workspace.drafts import overview


def preview(visit: Visit) -> Response:
    """Show a draft as readers will see it on its day."""
    draft_id = visit.request.path_params["draft"]
    workspace = visit.site.kb.workspace
    try:
        view = workspace.preview(visit.actor, draft_id)
    except Mendable as error:
        return overview(visit, str(error))
    draft = workspace.draft(visit.actor, draft_id).draft
    # Not "today's text": what only that has (asking whether it is useful, remembering it) would lead nowhere.
    shown = reading.shown(visit.request, replace(view, is_today=False), TODAY)
    banner = shown["banner"] if view.revision.kind is RevisionKind.WITHDRAWAL else None
    return visit.answer("preview.html", **{**shown, "banner": banner}, draft=draft)


def comparison(visit: Visit) -> Response:
    """Show what a draft changes, paragraph by paragraph, what binds somebody first."""
    draft_id = visit.request.path_params["draft"]
    workspace = visit.site.kb.workspace
    view = workspace.draft(visit.actor, draft_id)
    try:
        new = workspace.preview(visit.actor, draft_id)
    except Mendable as error:
        return overview(visit, str(error))
    old = _in_force(visit, new)
    found = compare(old.paragraphs if old else (), new.paragraphs)
    return visit.answer(
        "comparison.html",
        view=view,
        new=new,
        old=old,
        called_out=called_out(found),
        renumbered=renumbered(found),
        counts=changes.counts(found),
        runs=changes.runs(found),
        words=changes.WORDS,
    )


def _in_force(visit: Visit, new: SectionView) -> SectionView | None:
    """Find the text that is in force on the draft's day, for as long as it is not published."""
    try:
        return visit.site.kb.section(new.key, on=new.on)
    except NotFound:
        return None
