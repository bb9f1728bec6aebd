"""The pages of the case reviews and of their themes, each with the paragraphs its learning changed.

`app` routes to them. They add nothing to what was published about a review.
"""

from dataclasses import dataclass
from typing import Self

from starlette.requests import Request
from starlette.responses import Response

from kb.addresses import slug
from procedures.model import AREAS, Review
from web import forms
from web.render import Site


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which reviews a reader asked for; an empty choice means all."""

    theme: str
    partnership: str
    year: str

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read the choices from an address."""
        return cls(*(forms.words(request, name) for name in ("theme", "partnership", "year")))

    def admits(self, review: Review) -> bool:
        """Say whether a review is one of those asked for."""
        return (
            (not self.theme or slug(self.theme) in {slug(name) for name in _themes(review)})
            and self.partnership in {"", review.partnership}
            and self.year in {"", review.year}
        )

    @property
    def any(self) -> bool:
        """Whether anything was chosen at all."""
        return bool(self.theme or self.partnership or self.year)


def reviews(request: Request) -> Response:
    """List the reviews, by area; a theme, a partnership or a year can be chosen."""
    site, chosen = Site.of(request), Chosen.of(request)
    found = site.kb.reviews()
    kept = tuple(review for review in found if chosen.admits(review))
    choices = {
        "theme": {slug(name): name for review in found for name in _themes(review)},
        "partnership": {review.partnership: review.partnership for review in found},
        "year": {review.year: review.year for review in found if review.year},
    }
    return site.answer(
        "reviews.html",
        hidden=chosen.any,
        areas=_by_area(kept),
        chosen=chosen,
        count=len(kept),
        selects=[
            ("theme", "Theme", _options(choices["theme"], slug(chosen.theme))),
            ("partnership", "Partnership", _options(choices["partnership"], chosen.partnership)),
            ("year", "Year", _options(dict(sorted(choices["year"].items(), reverse=True)), chosen.year, ordered=True)),
        ],
    )


def review(request: Request) -> Response:
    """Show a review, what was learnt, and every paragraph that answers it."""
    site = Site.of(request)
    view = site.kb.review(request.path_params["key"])
    return site.answer("review.html", view=view)


def themes(request: Request) -> Response:
    """List the themes with how many sections and reviews are about each."""
    site = Site.of(request)
    return site.answer("themes.html", themes=site.kb.themes())


def theme(request: Request) -> Response:
    """Show the sections and the learning about a theme together."""
    site = Site.of(request)
    return site.answer("theme.html", view=site.kb.theme(request.path_params["key"]))


def _themes(review: Review) -> tuple[str, ...]:
    return (*review.themes, *(name for point in review.learning for name in point.themes))


def _by_area(found: tuple[Review, ...]) -> list[tuple[str, list[Review]]]:
    """Group reviews under the areas of Sussex, then under the partnerships of other places."""
    groups: dict[str, list[Review]] = {area: [] for area in AREAS}
    for each in found:
        groups.setdefault(each.area or each.partnership, []).append(each)
    return [(place, members) for place, members in groups.items() if members]


def _options(choices: dict[str, str], chosen: str, *, ordered: bool = False) -> list[dict[str, object]]:
    """Name the choices in the form GOV.UK's select takes, "All" first."""
    pairs = list(choices.items()) if ordered else sorted(choices.items(), key=lambda pair: pair[1].casefold())
    return [{"value": "", "text": "All"}, *({"value": v, "text": t, "selected": v == chosen} for v, t in pairs)]
