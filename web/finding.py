"""The pages that find: home, search and its suggestions.

`app` routes to them. They ask the service and choose the page; how results are ranked, expanded or
corrected is no business of theirs.
"""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kb import addresses
from kb.addresses import When
from kb.views import ContactNow, SearchView
from procedures.errors import NotFound
from procedures.model import Importance, Status
from web import forms
from web.contacts import front_doors
from web.render import Site
from web.security import NOT_KEPT

PAGE = 10
NEWS = 5


def home(request: Request) -> Response:
    """Show the search box, the numbers to ring now, the contents and what changed lately."""
    site = Site.of(request)
    told = {Status.IN_FORCE, Status.COMING, Status.WITHDRAWN}
    major = (u for u in site.kb.updates() if u.revision.importance is Importance.MAJOR and u.status in told)
    return site.answer(
        request,
        "home.html",
        doors=front_doors(site.kb),
        parts=site.kb.contents(),
        news=tuple(islice(major, NEWS)),
    )


def search(request: Request) -> Response:
    """Show the results of a search, or the empty box."""
    site, asked = Site.of(request), Asked.of(request)
    if not asked.words:
        return site.answer(request, "search_start.html", keep=NOT_KEPT, asked=asked)
    view = site.kb.search(
        asked.words,
        on=asked.when.on,
        seen=asked.when.seen,
        without=asked.without,
        offset=(asked.page - 1) * PAGE,
        limit=PAGE,
    )
    if asked.page > 1 and not view.results:
        return RedirectResponse(asked.address(page=1), 302, {"Cache-Control": NOT_KEPT})
    return site.answer(
        request,
        "search.html" if view.results or view.destinations else "search_nothing.html",
        keep=NOT_KEPT,
        hidden=True,
        asked=asked,
        view=view,
        contacts=_contacts(site, view),
        expanded=_expanded(view),
        doors=front_doors(site.kb),
        pages=_pages(asked, view.total),
    )


def suggest(request: Request) -> Response:
    """Answer the search box with ways to go on, as JSON."""
    words = forms.words(request)
    found = Site.of(request).kb.suggest(words) if words else ()
    return JSONResponse(list(found), headers={"Cache-Control": NOT_KEPT})


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as its address states it."""

    words: str
    when: When
    without: frozenset[str]
    page: int

    @classmethod
    def of(cls, request: Request) -> "Asked":
        """Read a search from its address."""
        return cls(
            forms.words(request),
            forms.when(request),
            forms.without(request),
            forms.page_number(request),
        )

    def address(self, *, words: str | None = None, page: int = 1, less: str | None = None) -> str:
        """Address this search with other words, another page, or `less` one expansion."""
        without = self.without | {less} if less else self.without
        return addresses.search(words or self.words, self.when, without, page)


def _contacts(site: Site, view: SearchView) -> dict[str, ContactNow]:
    """Gather the contacts among what was found: their numbers are shown with them."""
    keys = [place.key for place in view.destinations if place.kind == "contact"]
    keys += [result.key for result in view.results if result.kind == "contact"]
    found: dict[str, ContactNow] = {}
    for key in keys:
        try:
            found[key] = site.kb.contact(key)
        except NotFound:
            continue  # withdrawn since the day that was searched: shown without a number
    return found


def _expanded(view: SearchView) -> dict[str, list[str]]:
    """Gather what each word was also searched for as."""
    gathered: dict[str, list[str]] = {}
    for each in view.expanded:
        gathered.setdefault(each.term, []).append(each.sense)
    return gathered


def _pages(asked: Asked, total: int) -> dict[str, Any] | None:
    """Say which pages there are, in the form GOV.UK's pagination takes; None for a single page."""
    last = min(-(-total // PAGE), forms.LAST_PAGE)
    if last < 2:
        return None
    near = sorted({1, last, *range(max(1, asked.page - 1), min(last, asked.page + 1) + 1)})
    items: list[dict[str, Any]] = []
    for before, number in zip([0, *near], near, strict=False):
        if number - before > 1:
            items.append({"ellipsis": True})
        here = number == asked.page
        items.append({"number": number, "href": asked.address(page=number), "current": here})
    shown: dict[str, Any] = {"items": items, "landmarkLabel": "Pages of results"}
    if asked.page > 1:
        shown["previous"] = {"href": asked.address(page=asked.page - 1)}
    if asked.page < last:
        shown["next"] = {"href": asked.address(page=asked.page + 1)}
    return shown
