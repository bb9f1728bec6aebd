"""Learning points and what answers them: all in a list, one with its links made and withdrawn, and its status.

`routes` leads here. Links lead to paragraphs that were chosen on a page showing them, in the revision that was shown.
"""

import re
from functools import partial
from urllib.parse import urlencode

from starlette.responses import Response

from kb.addresses import slug
from kb.overview import LearningLine
from procedures.errors import Invalid, Mendable
from procedures.model import Action, Change, LearningStatus
from web import forms
from web.paging import pages
from web.workspace import addresses
from web.workspace.door import Visit, go
from web.workspace.drafts import sections

PAGE = 30

_CHOICES = ("review", "theme", "status", "answered")
_REVISION = re.compile(r"([a-z0-9-]{1,200})@([0-9]{1,6})")
_ACTIONS = {
    Action.PROCEDURE_REVISED: "This manual was revised",
    Action.GUIDANCE_IN_PLACE: "Guidance was in place already",
    Action.TRAINING: "Training",
    Action.SYSTEM_CHANGE: "A system was changed",
    Action.AUDIT: "An audit",
    Action.NONE: "Nothing yet",
}
_STATUSES = {
    LearningStatus.OPEN: "Open: something is still to be done",
    LearningStatus.COMPLETE: "Complete: it is done, and the evidence shows it",
    LearningStatus.DECLINED: "Declined: it will not be done, and the evidence says why",
}


def points(visit: Visit) -> Response:
    """List the learning points; a review, a theme, a status and whether the manual answers can be chosen."""
    found = visit.site.kb.learning.points(visit.actor)
    chosen = {name: forms.words(visit.request, name) for name in _CHOICES}
    kept = [line for line in found if _admits(chosen, line)]
    last = max(1, -(-len(kept) // PAGE))
    page = min(forms.page_number(visit.request), last)
    return visit.answer(
        "learning.html",
        lines=kept[(page - 1) * PAGE : page * PAGE],
        count=len(kept),
        chosen=chosen,
        reviews=sorted({(line.review, line.review_title) for line in found}, key=lambda pair: pair[1].casefold()),
        themes=sorted({slug(name): name for line in found for name in line.point.themes}.items()),
        pages=pages(partial(_page, chosen), page, last, "Pages of learning"),
    )


def point(visit: Visit, error: str = "", at: str = "point") -> Response:
    """Show a learning point, with the forms that link it, withdraw a link and say what has become of it."""
    review, ordinal = _which(visit)
    view = visit.site.kb.learning.point(visit.actor, review, ordinal)
    section = visit.field("section") or visit.request.query_params.get("section", "")
    shown = visit.site.kb.section(section) if section else None
    return visit.answer(
        "point.html",
        status=400 if error else 200,
        error=error,
        at=at,
        view=view,
        sent=visit.fields,
        section=section,
        shown=shown,
        ticked=visit.fields.getlist("pid"),
        sections=sections(visit),
        actions=_ACTIONS,
        statuses=_STATUSES,
    )


def link(visit: Visit) -> Response:
    """Link the point to the paragraphs that are ticked, or to the whole of the text that was shown."""
    review, ordinal = _which(visit)
    try:
        change = _change(visit)
        if not change.pids and not visit.field("whole"):
            raise Invalid("Tick the paragraphs that answer it, or the text as a whole.")
        if change.pids and visit.field("whole"):
            raise Invalid("Choose the text as a whole or some of its paragraphs.")
        visit.site.kb.learning.link(visit.actor, review, ordinal, change.section, change.revision, change.pids)
    except Mendable as error:
        return point(visit, str(error), "paragraphs")
    return go(addresses.learning(review, ordinal, done="linked"))


def unlink(visit: Visit) -> Response:
    """Withdraw the links that are ticked, with a reason."""
    review, ordinal = _which(visit)
    try:
        change = _change(visit)
        if not change.pids and not visit.field("whole"):
            raise Invalid("Tick the links that are to be withdrawn.")
        visit.site.kb.learning.unlink(visit.actor, review, ordinal, change, visit.field("reason"))
    except Mendable as error:
        return point(visit, str(error), "links")
    return go(addresses.learning(review, ordinal, done="unlinked"))


def decide(visit: Visit) -> Response:
    """Say what has become of the point."""
    review, ordinal = _which(visit)
    try:
        action, status = visit.field("what"), visit.field("status")
        if action not in set(Action) or status not in set(LearningStatus):
            raise Invalid("Choose what was done, and how far it has come.")
        visit.site.kb.learning.decide(
            visit.actor,
            review,
            ordinal,
            visit.field("mark"),
            action=Action(action),
            status=LearningStatus(status),
            evidence=visit.field("evidence"),
            reason=visit.field("reason"),
        )
    except Mendable as error:
        return point(visit, str(error), "status")
    return go(addresses.learning(review, ordinal, done="decided"))


def _which(visit: Visit) -> tuple[str, int]:
    path = visit.request.path_params
    return path["key"], path["number"]


def _change(visit: Visit) -> Change:
    """Read which revision and which of its paragraphs a form is about. Raises `Invalid`."""
    named = _REVISION.fullmatch(visit.field("revision"))
    if named is None:
        raise Invalid("The form has no revision. Open the learning point again.")
    pids = [each for each in visit.fields.getlist("pid") if isinstance(each, str)]
    return Change(named[1], int(named[2]), tuple(dict.fromkeys(pids)), illustrative=False)


def _admits(chosen: dict[str, str], line: LearningLine) -> bool:
    return (
        chosen["review"] in {"", line.review}
        and (not chosen["theme"] or slug(chosen["theme"]) in {slug(name) for name in line.point.themes})
        and chosen["status"] in {"", line.point.status}
        and chosen["answered"] in {"", "yes" if line.answered else "no"}
    )


def _page(chosen: dict[str, str], page: int) -> str:
    pairs = {name: value for name, value in chosen.items() if value}
    return f"{addresses.LEARNING}?{urlencode({**pairs, 'page': page})}"
