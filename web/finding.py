"""The pages that find: home, search and its suggestions.

`app` routes to them. They ask the service and choose the page; how results are ranked, expanded or
corrected is no business of theirs.
"""

from dataclasses import dataclass, replace
from itertools import islice

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from index.facets import Choice, Facet, Filters
from kb import addresses
from kb.addresses import TODAY, When
from kb.views import ContactNow, Order, SearchView
from procedures.errors import NotFound
from procedures.model import Importance, Status
from web import filters, forms
from web.contacts import front_doors
from web.paging import pages
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
        "home.html",
        doors=front_doors(site.kb),
        parts=site.kb.contents(),
        news=tuple(islice(major, NEWS)),
    )


def search(request: Request) -> Response:
    """Show the results of a search, or the empty box."""
    site, asked = Site.of(request), Asked.of(request)
    if not asked.words:
        return site.answer("search_start.html", keep=NOT_KEPT, asked=asked)
    view = site.kb.search(
        asked.words,
        on=asked.when.on,
        seen=asked.when.seen,
        without=asked.without,
        filters=asked.filters,
        order=asked.order,
        offset=(asked.page - 1) * PAGE,
        limit=PAGE,
    )
    asked = replace(asked, filters=view.filters)
    if asked.page > 1 and not view.results:
        return RedirectResponse(asked.address(), 302, {"Cache-Control": NOT_KEPT})
    found = bool(view.results or view.destinations)
    response = site.answer(
        "search.html" if found else "search_nothing.html",
        keep=NOT_KEPT,
        hidden=True,
        asked=asked,
        view=view,
        contacts=_contacts(site, view),
        expanded=_expanded(view),
        doors=() if found else front_doors(site.kb),
        pages=pages(lambda page: asked.address(page=page), asked.page, _last_page(view), "Pages of results"),
        groups=filters.panel(view),
        orders=filters.orders(asked.order),
        chosen=[(filters.name(choice), asked.address(off=choice)) for choice in asked.choices],
        left_out=filters.left_out(view.ignored, asked.odd_order),
    )
    response.background = BackgroundTask(_noted, site, view)  # once the reader has been answered
    return response


def suggest(request: Request) -> Response:
    """Answer the search box with ways to go on, as JSON."""
    words = forms.words(request)
    found = Site.of(request).kb.suggest(words) if words else ()
    return JSONResponse(list(found), headers={"Cache-Control": NOT_KEPT})


async def _noted(site: Site, view: SearchView) -> None:
    """Count what came of a search. It takes no thread for that: counting is quick, and waits for nothing."""
    site.kb.searches.note(view)


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as its address states it; `odd_order` is an order it names that there is not."""

    words: str
    when: When
    without: frozenset[str]
    page: int
    filters: Filters
    order: Order
    odd_order: str | None

    @classmethod
    def of(cls, request: Request) -> "Asked":
        """Read a search from its address."""
        order, odd_order = Order.RELEVANCE, None
        try:
            order = forms.order(request)
        except ValueError:
            odd_order = forms.words(request, "order")
        return cls(
            forms.words(request),
            forms.when(request),
            forms.without(request),
            forms.page_number(request),
            forms.filters(request),
            order,
            odd_order,
        )

    def address(
        self,
        *,
        words: str | None = None,
        page: int = 1,
        less: str | None = None,
        off: Choice | None = None,
    ) -> str:
        """Address this search with other words, another page, `less` one expansion or with one filter taken `off`."""
        without = self.without | {less} if less else self.without
        return addresses.search(words or self.words, self.when, without, page, self._narrowed(off))

    @property
    def choices(self) -> list[Choice]:
        """The filters in the order of the panel."""
        places = list(Facet)
        return sorted(self.filters, key=lambda choice: (places.index(choice.facet), choice.value))

    @property
    def unfiltered(self) -> str:
        """The address of this search without any filter."""
        return addresses.search(self.words, self.when, self.without, narrowed=self._ordered)

    @property
    def today(self) -> str:
        """The address of this search in the text in force today."""
        return addresses.search(self.words, TODAY, self.without, narrowed=self._narrowed())

    @property
    def all_but_filters(self) -> list[tuple[str, str]]:
        """What a form that chooses filters and order must carry along."""
        return [("q", self.words), *self.when.pairs, *(("without", term) for term in sorted(self.without))]

    @property
    def all_but_days(self) -> list[tuple[str, str]]:
        """What a form that chooses a day must carry along."""
        without = [("without", term) for term in sorted(self.without)]
        return [("q", self.words), *self._narrowed(), *without]

    @property
    def _ordered(self) -> list[tuple[str, str]]:
        return [("order", self.order.value)] if self.order is not Order.RELEVANCE else []

    def _narrowed(self, off: Choice | None = None) -> list[tuple[str, str]]:
        return [(choice.facet.value, choice.value) for choice in self.choices if choice != off] + self._ordered


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


def _last_page(view: SearchView) -> int:
    return min(-(-view.total // PAGE), forms.LAST_PAGE)
