"""The JSON API: the same reads as the site, for other systems.

`app` adds `routes()` to its table. Each read is one row of `READS`: its address, what it takes, what it answers with;
the routes and the description in `openapi` are both made from that row, so neither can say what the other does not do.
Success is `{"data": ...}`, with `page` where there are several; an error is a problem document (RFC 9457), made by
`problems`. Nothing here writes.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from index.facets import Facet
from kb import contract, shapes
from kb.addresses import When
from kb.service import KnowledgeBase
from kb.views import Order
from procedures.errors import Invalid
from procedures.sample import NOTICE
from web import forms
from web.render import Site, tagged
from web.security import ASKED_AGAIN, NOT_KEPT
from web.turns import Turns

BASE = "/api/v1"
PER_PAGE = 20
MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Which stretch of a list was asked for; `number` counts from 1."""

    number: int
    size: int

    @classmethod
    def of(cls, request: Request) -> "Page":
        """Read it from an address. Raises `Invalid`."""
        return cls(
            _whole_number(request, "page", 1, forms.LAST_PAGE),
            _whole_number(request, "per_page", PER_PAGE, MOST_PER_PAGE),
        )

    @property
    def offset(self) -> int:
        """How many entries stand before it."""
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list, and how long the list is."""

    data: object
    page: Page
    total: int


Answer = Callable[[KnowledgeBase, Request], object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read:
    """One read of the API: `shape` is what `data` holds, `takes` names its parameters as `openapi` describes them.

    What is not `kept` is not to be stored on its way: a query may hold a child's name.
    """

    path: str
    name: str
    summary: str
    shape: Any
    answer: Answer
    takes: tuple[str, ...] = ()
    kept: bool = True


def routes(turns: Turns) -> list[Route]:
    """List the addresses of the reads; searches take turns."""
    searching = {read.path: turns.take(partial(_endpoint, read)) for read in READS if not read.kept}
    return [Route(BASE + read.path, searching.get(read.path) or partial(_endpoint, read)) for read in READS]


def _endpoint(read: Read, request: Request) -> Response:
    kb = Site.of(request).kb
    found = read.answer(kb, request)
    body: dict[str, object] = {"notice": NOTICE if kb.is_sample else None, "data": found}
    if isinstance(found, Listed):
        pages = -(-found.total // found.page.size)
        body["data"] = found.data
        body["page"] = {"page": found.page.number, "per_page": found.page.size, "total": found.total, "pages": pages}
    answer = as_json(body)
    if not read.kept:
        answer.headers["Cache-Control"] = NOT_KEPT
    return answer


def as_json(content: object) -> Response:
    """Answer with JSON, tagged so that it need not be sent to who has it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return tagged(Response(text, headers={"Cache-Control": ASKED_AGAIN}, media_type="application/json"), text)


def _search(kb: KnowledgeBase, request: Request) -> Listed:
    asked, when, page = forms.words(request), forms.when(request), Page.of(request)
    if not asked:
        raise Invalid("A search needs words. Add ?q= and what to look for.")
    view = kb.search(
        asked,
        on=when.on,
        seen=when.seen,
        without=forms.without(request),
        filters=forms.filters(request),
        order=_order(request),
        offset=page.offset,
        limit=page.size,
    )
    return Listed(shapes.narrowed_search(view), page, view.total)


def _order(request: Request) -> Order:
    try:
        return forms.order(request)
    except ValueError:
        raise Invalid(f"'order' is one of {', '.join(Order)}. Correct it, or leave it out.") from None


def _contents(kb: KnowledgeBase, request: Request) -> list[contract.Part]:
    when = forms.when(request)
    return [shapes.part(part, when) for part in kb.contents(when.on, when.seen)]


def _section(kb: KnowledgeBase, request: Request) -> contract.Section:
    when = forms.when(request)
    return shapes.section(kb.section(request.path_params["key"], on=when.on, seen=when.seen))


def _revision(kb: KnowledgeBase, request: Request) -> contract.Section:
    return shapes.section(kb.revision(request.path_params["key"], request.path_params["revision"]))


def _comparison(kb: KnowledgeBase, request: Request) -> contract.Comparison:
    older, newer = (forms.revision_or_day(request, side) for side in ("from", "to"))
    return shapes.comparison(kb.compare(request.path_params["key"], older, newer))


def _number(kb: KnowledgeBase, request: Request) -> contract.Number:
    on = forms.when(request).on
    return shapes.number(kb.number(request.path_params["number"], on), When(on))


def _learning(kb: KnowledgeBase, request: Request) -> contract.SectionTrace:
    key = kb.history(request.path_params["key"]).section.key
    return shapes.section_trace(key, kb.trace_section(key))


def _updates(kb: KnowledgeBase, request: Request) -> Listed:
    section, theme = (request.query_params.get(name) or None for name in ("section", "theme"))
    return _listed(request, kb.updates(None, section=section, theme=theme), shapes.update)


def _listed(request: Request, found: Sequence[T], shape: Callable[[T], object]) -> Listed:
    page = Page.of(request)
    return Listed([shape(each) for each in found[page.offset : page.offset + page.size]], page, len(found))


def _whole_number(request: Request, name: str, default: int, most: int) -> int:
    typed = request.query_params.get(name, str(default))
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 6 and 1 <= int(typed) <= most):
        raise Invalid(f"'{name}' is a whole number from 1 to {most}. Correct it, or leave it out.")
    return int(typed)


DAYS = ("on", "seen")
PAGES = ("page", "per_page")

READS = (
    Read(
        "/search",
        "search",
        "Search the text of a day",
        contract.NarrowedSearch,
        _search,
        ("q", *DAYS, "without", *Facet, "order", *PAGES),
        kept=False,
    ),
    Read("/sections", "contents", "The contents of the manual on a day, by part", list[contract.Part], _contents, DAYS),
    Read("/sections/{key}", "section", "A section's text on a day", contract.Section, _section, ("key", *DAYS)),
    Read(
        "/sections/{key}/revisions",
        "history",
        "Every revision of a section, newest first",
        contract.History,
        lambda kb, request: shapes.history(kb.history(request.path_params["key"])),
        ("key",),
    ),
    Read(
        "/sections/{key}/revisions/{revision:int}",
        "revision",
        "One revision of a section, whenever it applied",
        contract.Section,
        _revision,
        ("key", "revision"),
    ),
    Read(
        "/sections/{key}/compare",
        "compare",
        "Two revisions of a section, paragraph by paragraph",
        contract.Comparison,
        _comparison,
        ("key", "from", "to"),
    ),
    Read(
        "/sections/{key}/learning",
        "learning",
        "The learning from reviews that changed a section",
        contract.SectionTrace,
        _learning,
        ("key",),
    ),
    Read(
        "/paragraphs/{pid}",
        "paragraph",
        "Where a paragraph stands now, or stood last",
        contract.ParagraphNow,
        lambda kb, request: shapes.paragraph_now(kb.paragraph(request.path_params["pid"])),
        ("pid",),
    ),
    Read(
        "/numbers/{number}",
        "number",
        "What carries a printed number today, or carried it on a day",
        contract.Number,
        _number,
        ("number", "on"),
    ),
    Read(
        "/reviews",
        "reviews",
        "The reviews, newest first",
        list[contract.ReviewSummary],
        lambda kb, request: _listed(request, kb.reviews(), shapes.review_summary),
        PAGES,
    ),
    Read(
        "/reviews/{key}",
        "review",
        "A review, its learning and every paragraph that answers it",
        contract.Review,
        lambda kb, request: shapes.whole_review(kb.review(request.path_params["key"])),
        ("key",),
    ),
    Read(
        "/themes",
        "themes",
        "The themes of reviews and sections",
        list[contract.Theme],
        lambda kb, request: _listed(request, kb.themes(), shapes.theme),
        PAGES,
    ),
    Read(
        "/themes/{key}",
        "theme",
        "The sections and reviews on one theme",
        contract.Theme,
        lambda kb, request: shapes.theme(kb.theme(request.path_params["key"])),
        ("key",),
    ),
    Read(
        "/updates",
        "updates",
        "What was published, newest first",
        list[contract.Update],
        _updates,
        ("section", "theme", *PAGES),
    ),
    Read(
        "/glossary",
        "glossary",
        "The terms and what they mean",
        list[contract.Term],
        lambda kb, request: _listed(request, kb.glossary(), shapes.term),
        PAGES,
    ),
    Read(
        "/contacts",
        "contacts",
        "Whom to ring, and whether they answer at this moment",
        list[contract.Contact],
        lambda kb, _: [shapes.contact(found) for found in kb.contacts_now()],
    ),
)
