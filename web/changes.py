"""The pages about change: a section's history, two revisions compared, the latest updates.

`app` routes to them. What changed is the service's finding; here it is counted and shown.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kb import addresses
from kb.views import HistoryView
from procedures.align import Difference, ParagraphChange
from procedures.model import Importance
from web import forms, wording
from web.paging import pages
from web.render import Site

PAGE = 30

WORDS = {  # in the order of the counts above a comparison
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
    return site.answer("history.html", view=view, choices=_choices(view))


def compare(request: Request) -> Response:
    """Show what changed between two revisions, given by number or by day."""
    site, key = Site.of(request), request.path_params["key"]
    if not (request.query_params.get("from") and request.query_params.get("to")):
        return RedirectResponse(addresses.history(key), 302)
    older = forms.revision_or_day(request, "from")
    newer = forms.revision_or_day(request, "to")
    view = site.kb.compare(key, older, newer)
    return site.answer(
        "compare.html",
        hidden=True,
        view=view,
        counts=counts(view.paragraphs),
        runs=runs(view.paragraphs),
        words=WORDS,
    )


def updates(request: Request) -> Response:
    """List what was published by day, major changes first within each."""
    site, page = Site.of(request), forms.page_number(request)
    only_major = request.query_params.get("only") == "major"
    found = [u for u in site.kb.updates(None) if not only_major or u.revision.importance is Importance.MAJOR]
    last = max(1, -(-len(found) // PAGE))
    by_day = groupby(
        found[(page - 1) * PAGE : page * PAGE], lambda update: wording.london_day(update.revision.published_at)
    )
    days = [(day, sorted(group, key=lambda u: u.revision.importance is not Importance.MAJOR)) for day, group in by_day]
    if page > last:
        return RedirectResponse("/updates", 302)
    address = partial(_updates_address, only_major)
    return site.answer(
        "updates.html",
        days=days,
        page=page,
        major=only_major,
        pages=pages(address, page, last, "Pages of updates"),
    )


def _updates_address(only_major: bool, page: int) -> str:
    pairs = {"only": "major"} if only_major else {}
    return f"/updates?{urlencode({**pairs, 'page': page})}"


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


def counts(paragraphs: Sequence[ParagraphChange]) -> list[str]:
    """Count the paragraphs by what became of them: "3 reworded", "1 added"."""
    counted = Counter(paragraph.change for paragraph in paragraphs)
    return [f"{counted[change]} {words}" for change, words in WORDS.items() if counted[change]]


def runs(paragraphs: Sequence[ParagraphChange]) -> list[tuple[bool, tuple[ParagraphChange, ...]]]:
    """Gather neighbours that did not change, so that a page can fold them away together."""
    found = groupby(paragraphs, lambda paragraph: paragraph.change in _UNCHANGED)
    return [(same, tuple(group)) for same, group in found]
