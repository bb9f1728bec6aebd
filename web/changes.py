"""The pages about change: a section's history, two revisions compared, the latest updates.

`app` routes to them. What changed is the service's finding; here it is counted and shown.
"""

from collections import Counter
from itertools import groupby

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kb import addresses
from kb.views import ComparisonView, HistoryView
from procedures.align import Difference, ParagraphChange
from web import forms, wording
from web.render import Site

_IN_WORDS = {  # in the order of the counts above a comparison
    Difference.REWORDED: "reworded",
    Difference.ADDED: "added",
    Difference.REMOVED: "removed",
    Difference.MOVED: "moved",
    Difference.RENUMBERED: "renumbered only",
    Difference.SAME: "unchanged",
}

_UNCHANGED = {Difference.SAME, Difference.RENUMBERED}


def history(request: Request) -> Response:
    """List every revision of a section, and offer to compare two."""
    site = Site.of(request)
    view = site.kb.history(request.path_params["key"])
    if view.section.key != request.path_params["key"]:
        return RedirectResponse(addresses.history(view.section.key), 302)
    return site.answer(request, "history.html", view=view, choices=_choices(view))


def compare(request: Request) -> Response:
    """Show what changed between two revisions, given by number or by day."""
    site, key = Site.of(request), request.path_params["key"]
    if not (request.query_params.get("from") and request.query_params.get("to")):
        return RedirectResponse(addresses.history(key), 302)
    older = forms.revision_or_day(request, "from")
    newer = forms.revision_or_day(request, "to")
    view = site.kb.compare(key, older, newer)
    return site.answer(
        request,
        "compare.html",
        hidden=True,
        view=view,
        counts=_counts(view),
        runs=_runs(view),
        words=_IN_WORDS,
    )


def updates(request: Request) -> Response:
    """List the latest publications by day."""
    site = Site.of(request)
    latest = site.kb.updates(limit=50)
    by_day = groupby(latest, lambda update: wording.london_day(update.revision.published_at))
    days = [(day, tuple(group)) for day, group in by_day]
    return site.answer(request, "updates.html", days=days)


def _choices(view: HistoryView) -> list[dict[str, str]]:
    """Name the revisions for the form that compares two, in the form GOV.UK's select takes."""
    revisions = [entry.revision for entry in view.entries]
    return [
        {
            "value": str(each.revision),
            "text": f"Revision {each.revision}, from {wording.day(each.in_force_from)}",
        }
        for each in revisions
    ]


def _counts(view: ComparisonView) -> list[str]:
    """Count the paragraphs by what became of them: "3 reworded", "1 added"."""
    counted = Counter(paragraph.change for paragraph in view.paragraphs)
    return [f"{counted[change]} {words}" for change, words in _IN_WORDS.items() if counted[change]]


def _runs(view: ComparisonView) -> list[tuple[bool, tuple[ParagraphChange, ...]]]:
    """Gather neighbours that did not change, so that a page can fold them away together."""
    runs = groupby(view.paragraphs, lambda paragraph: paragraph.change in _UNCHANGED)
    return [(same, tuple(group)) for same, group in runs]
