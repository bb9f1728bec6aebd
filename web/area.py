"""A reader's own area put first: the numbers to ring, and the local arrangements of a text.

The pages that have either call it. The area comes from the address (`?area=west-sussex`); nothing is remembered here,
nothing of another area is left out, and paragraphs keep their numbers.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request

from kb.addresses import slug
from procedures.model import AREAS

Placed = TypeVar("Placed")
_BY_SLUG = {slug(area): area for area in AREAS}


@dataclass(frozen=True, slots=True)
class Choice:
    """An area that can be put first, and the address of the page that does."""

    area: str
    slug: str
    address: str
    chosen: bool


def asked(request: Request) -> str | None:
    """Read the area from an address; anything that is none means that none was chosen."""
    return _BY_SLUG.get(request.query_params.get("area", ""))


def own_first(found: Iterable[Placed], area: str | None, area_of: Callable[[Placed], str | None]) -> tuple[Placed, ...]:
    """Put what belongs to an area before the rest, each in the order it had."""
    return tuple(sorted(found, key=lambda each: area is None or area_of(each) != area))


def choices(request: Request) -> tuple[Choice, ...]:
    """List the areas that this page could put first."""
    own = asked(request)
    return tuple(Choice(area, slug, _address(request, slug), area == own) for slug, area in _BY_SLUG.items())


def _address(request: Request, slug: str) -> str:
    url = request.url.include_query_params(area=slug)
    return f"{url.path}?{url.query}"
