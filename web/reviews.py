"""The pages of the case reviews, and of each with the paragraphs its learning changed.

`app` routes to them. They add nothing to what was published about a review.
"""

from starlette.requests import Request
from starlette.responses import Response

from procedures.model import AREAS, Review
from web.render import Site


def reviews(request: Request) -> Response:
    """List every review, by area; within one, in the service's order."""
    site = Site.of(request)
    return site.answer(request, "reviews.html", areas=_by_area(site.kb.reviews()))


def review(request: Request) -> Response:
    """Show a review, what was learnt, and every paragraph that answers it."""
    site = Site.of(request)
    view = site.kb.review(request.path_params["key"])
    return site.answer(request, "review.html", view=view)


def _by_area(found: tuple[Review, ...]) -> list[tuple[str, list[Review]]]:
    """Group reviews under the areas of Sussex, then under the partnerships of other places."""
    groups: dict[str, list[Review]] = {area: [] for area in AREAS}
    for each in found:
        groups.setdefault(each.area or each.partnership, []).append(each)
    return [(place, members) for place, members in groups.items() if members]
