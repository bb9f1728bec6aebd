"""What machines ask for: the state of the service, and what robots may read.

`app` routes to them. Nothing here is a page.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from kb import addresses
from procedures.errors import Fault
from web.render import Site
from web.security import NOT_KEPT

STANDING_PAGES = (
    "/", "/sections", "/a-z", "/reviews", "/themes", "/updates", "/glossary", "/contacts", "/about", "/accessibility",
)  # fmt: skip


def health(request: Request) -> Response:
    """State whether all is well, and the head of the log so that it can be kept elsewhere."""
    try:
        state = Site.of(request).kb.health()
    except Fault as error:
        return JSONResponse({"ok": False, "problems": [str(error)]}, 503, {"Cache-Control": NOT_KEPT})
    body = {
        "ok": state.ok,
        "head": state.head,
        "head_hash": state.head_hash,
        "index_position": state.index_position,
        "sections_in_force": state.sections_in_force,
        "problems": list(state.problems),
    }
    return JSONResponse(body, 200 if state.ok else 503, {"Cache-Control": NOT_KEPT})


def robots(request: Request) -> Response:
    """Keep robots out of the sample altogether, and out of searches and old texts elsewhere.

    A robot must be let in to read the header that says "noindex", so the sample is not disallowed.
    """
    rules = "Disallow: /search\nDisallow: /suggest\nDisallow: /api/\n"
    return PlainTextResponse(f"User-agent: *\n{rules}\nSitemap: {request.base_url}sitemap.xml\n")


def sitemap(request: Request) -> Response:
    """List the pages of current text for search engines: no old text, no draft, nothing that is still to come."""
    site = Site.of(request)
    names = [name for part in site.kb.contents() for name in part.sections]
    sections = [(addresses.section(name.key), site.kb.section(name.key).revision.in_force_from) for name in names]
    reviews = [(addresses.review(review.key), None) for review in site.kb.reviews()]
    return site.answer(
        "sitemap.xml",
        media_type="application/xml",
        base=str(request.base_url).rstrip("/"),
        pages=[*((page, None) for page in STANDING_PAGES), *sections, *reviews],
    )
