"""The pages one looks things up in: the glossary, and what this site is.

`app` routes to them.
"""

from starlette.requests import Request
from starlette.responses import Response

from web.render import Site


def glossary(request: Request) -> Response:
    """List every term with what it means and the sections about it."""
    site = Site.of(request)
    entries = sorted(site.kb.glossary(), key=lambda entry: entry.term.term.casefold())
    return site.answer(request, "glossary.html", entries=entries)


def about(request: Request) -> Response:
    """Say what this site is, how to read "must" and "should", and how to cite it."""
    return Site.of(request).answer(request, "about.html", host=request.url.netloc)
