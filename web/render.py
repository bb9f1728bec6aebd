"""Templates turned into pages: the Jinja environment and the one method that answers with HTML.

Every page goes through `Site.answer`. Text is escaped unless `prose` declared it safe, and a name
missing from a template is an error, never a blank on a page.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cache, lru_cache, partial
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from index.engine import Hit
from index.facets import Choice, Facet
from kb import addresses
from kb.addresses import When
from kb.service import KnowledgeBase
from kb.views import FacetChoice
from web import filters, wording
from web.assets import Assets
from web.explaining import Explaining, Words
from web.prose import excerpt
from web.security import ASKED_AGAIN, NOT_KEPT

_COMPONENTS = {  # the GOV.UK components our templates use, by the names they use them under
    "breadcrumbs": "govukBreadcrumbs",
    "button": "govukButton",
    "checkboxes": "govukCheckboxes",
    "details": "govukDetails",
    "error-summary": "govukErrorSummary",
    "generic-header": "govukGenericHeader",
    "input": "govukInput",
    "pagination": "govukPagination",
    "radios": "govukRadios",
    "select": "govukSelect",
    "skip-link": "govukSkipLink",
    "tag": "govukTag",
    "textarea": "govukTextarea",
    "warning-text": "govukWarningText",
}
_FURNITURE = {"generic-header", "select", "skip-link"}  # there is nothing in them that anybody has typed
_REMEMBERED = 256
_ROWS = 8192  # paragraphs of a manual of two hundred sections
_BOXES = 1024
_RESULTS = 4096  # about a kilobyte each, as passages
_PASSAGES = 4096
_HOLE = "\ue001"  # of Unicode's private use; ours is always the last of its kind
_PIECES = 100  # pieces of a template sent together: about one section
_FILTERS: dict[str, Callable[..., Any]] = {
    "choice_name": lambda value, facet: filters.name(Choice(facet, value)),
    "clock": wording.clock,
    "day": wording.day,
    "excerpt": excerpt,
    "london_day": wording.london_day,
    "moment": wording.moment,
    "partial_day": wording.partial_day,
    "rfc3339": wording.rfc3339,
    "sentence": wording.sentence,
    "size": wording.size,
    "slug": addresses.slug,
    "soon": wording.soon,
}


class Site:
    """What every page is made with: the knowledge base and the templates."""

    def __init__(self, kb: KnowledgeBase, assets: Assets) -> None:
        """Prepare the templates; each is compiled when it is first used."""
        self.kb = kb
        self._environment = _environment()
        self._words: tuple[str, Words] | None = None
        self._environment.globals.update(
            # A paragraph is drawn alike whenever its text, its learning and what is explained in it are the same.
            paragraph_row=lru_cache(maxsize=_ROWS)(self.macro("macros/paragraph.html", "row")),
        )
        # As filters, since a call takes a template ten times as long, and a page of results has a hundred of them.
        self._environment.filters.update(
            filter_boxes=partial(_boxes, _around(self.macro("macros/checkbox.html", "box"), _BOXES)),
            passages=partial(_passages, _around(self.macro("macros/passage.html", "passage"), _PASSAGES)),
            result_heading=lru_cache(maxsize=_RESULTS)(self.macro("macros/result_heading.html", "heading")),
        )
        self._environment.globals.update(asset=assets.address, is_sample=lambda: kb.is_sample, site_name=kb.site_name)

    @classmethod
    def of(cls, request: Request) -> "Site":
        """Find the site a request came to."""
        site = request.app.state.site
        assert isinstance(site, cls)  # noqa: S101 - tells mypy what create_app put there
        return site

    def answer(
        self,
        template: str,
        *,
        status: int = 200,
        keep: str = ASKED_AGAIN,
        hidden: bool = False,
        media_type: str = "text/html",
        **context: Any,
    ) -> Response:
        """Answer with a page; `hidden` keeps it out of search engines.

        A page that may be kept is compared with the one the reader already has, whatever the time
        printed on it.
        """
        now = self.kb.now().replace(second=0, microsecond=0)  # pages tell the minute
        html = self._environment.get_template(template).render(now=now, hidden=hidden, **context)
        response = Response(html, status, {"Cache-Control": keep}, media_type)
        if hidden:
            response.headers["X-Robots-Tag"] = "noindex"
        if keep != ASKED_AGAIN:
            return response
        return tagged(response, html.replace(wording.moment(now), ""))

    def stream(self, template: str, **context: Any) -> Response:
        """Answer with a page too long to be made at once: sent while it is made, and kept out of search engines."""
        made = self._environment.get_template(template).stream(now=self.kb.now(), hidden=True, **context)
        made.enable_buffering(_PIECES)
        headers = {"Cache-Control": NOT_KEPT, "X-Robots-Tag": "noindex"}
        return StreamingResponse(made, headers=headers, media_type="text/html")

    def explaining(self, section: str) -> Explaining:
        """Begin to explain words on the page of a section."""
        head = self.kb.head()
        if self._words is None or self._words[0] != head:
            self._words = (head, Words.of(self.kb.glossary()))
        return Explaining(self._words[1], section, self.macro("macros/term.html", "button"))

    def macro(self, template: str, name: str) -> Callable[..., Markup]:
        """Return a macro of ours, for HTML that must be there before its page is."""
        macro: Callable[..., Markup] = getattr(self._environment.get_template(template).module, name)
        return macro


def _environment() -> jinja2.Environment:
    """Make the environment of our templates, strict about names."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # otherwise each page asks the disk for the age of every file it is made of
    )
    environment.globals.clear()  # of Jinja's own we use none, and each import of a macro goes through all there are
    environment.globals.update(to=addresses, govuk=_components())
    environment.filters.update(_FILTERS)
    return environment


@cache
def _components() -> dict[str, Callable[..., Markup]]:
    """Load GOV.UK's macros; they test for names that are not there, so not by our strict rules."""
    package = "govuk_frontend_jinja"
    loader = jinja2.PrefixLoader({package: jinja2.PackageLoader(package)})
    lenient = jinja2.Environment(loader=loader, autoescape=True, auto_reload=False)
    found: dict[str, Callable[..., Markup]] = {}
    for component, macro in _COMPONENTS.items():
        template = lenient.get_template(f"{package}/components/{component}/macro.html")
        drawn: Callable[..., Markup] = getattr(template.module, macro)
        found[component.replace("-", "_")] = _remembered(drawn) if component in _FURNITURE else drawn
    return found


def _remembered(drawn: Callable[[Any], Markup]) -> Callable[..., Markup]:
    """Draw a component once for the same parameters: their macros take longer than all the rest of a page."""
    known: OrderedDict[str, Markup] = OrderedDict()

    def again(params: Any) -> Markup:
        key = repr(params)
        html = known.get(key)  # asked for once: another thread may take it out
        if html is None:
            html = known[key] = drawn(params)
            if len(known) > _REMEMBERED:
                known.popitem(last=False)
        return html

    return again


def _around(macro: Callable[..., Markup], most: int) -> Callable[..., tuple[str, str]]:
    """Draw what stands before and after what differs from page to page, once for the same facts.

    The macro is given a last argument for what differs, and must not write any other after it.
    """

    @lru_cache(maxsize=most)
    def drawn(*facts: Any) -> tuple[str, str]:
        before, hole, after = str(macro(*facts, _HOLE)).rpartition(_HOLE)
        assert hole, f"{macro} does not write its last argument"  # noqa: S101
        return before, after

    return drawn


def _boxes(box: Callable[..., tuple[str, str]], choices: Iterable[FacetChoice], prefix: str, facet: Facet) -> Markup:
    """Draw checkboxes with their counts."""
    pieces: list[str] = []
    for value, count, checked in choices:
        before, after = box(prefix, facet, value, checked)
        pieces += (before, str(count), after)
    return _joined(pieces)


def _passages(passage: Callable[..., tuple[str, str]], hits: Iterable[Hit], kind: str, key: str, when: When) -> Markup:
    """Draw the passages of a result with their excerpts."""
    pieces: list[str] = []
    for found, _, marks in hits:
        before, after = passage(kind, key, found.pid, found.number, found.heading, found.area, when)
        pieces += (before, excerpt(found.text, marks), after)
    return _joined(pieces)


def _joined(pieces: Iterable[str]) -> Markup:
    return Markup("".join(pieces))  # noqa: S704  # what macros and `excerpt` have escaped, and numbers


def tagged(response: Response, content: str) -> Response:
    """Give an answer the tag by which a reader's copy of its content is known again."""
    response.headers["ETag"] = f'W/"{hashlib.sha256(content.encode()).hexdigest()[:20]}"'
    return response
