"""What a reader typed, read once and kindly: words, days and page numbers from an address.

The pages call it before they ask the service anything. A day that cannot be read is refused in a sentence (`kb.days`);
everything else that is odd is tidied or left out.
"""

import re
from datetime import date

from starlette.requests import Request

from index.facets import Choice, Facet, Filters
from kb.addresses import When
from kb.days import read_day
from kb.views import Order

LONGEST_WORDS = 256
LAST_PAGE = 1000
MOST_WITHOUT = 16
MOST_CHOICES = 32
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def words(request: Request, name: str = "q") -> str:
    """Read what was typed into a box: one line, no control characters, no longer than a query."""
    typed = _CONTROLS.sub(" ", request.query_params.get(name, ""))
    return " ".join(typed[: 4 * LONGEST_WORDS].split())[:LONGEST_WORDS]


def without(request: Request) -> frozenset[str]:
    """Read the terms that a search must take as they stand."""
    typed = request.query_params.getlist("without")[:MOST_WITHOUT]
    return frozenset(_CONTROLS.sub(" ", term)[:LONGEST_WORDS] for term in typed if term)


def filters(request: Request) -> Filters:
    """Read the choices that narrow a search; whether the manual has them is for the service to say."""
    chosen: set[Choice] = set()
    for facet in Facet:
        typed = request.query_params.getlist(facet.value)[:MOST_CHOICES]
        values = (_CONTROLS.sub(" ", value).strip()[:LONGEST_WORDS] for value in typed)
        chosen.update(Choice(facet, value) for value in values if value)
    return frozenset(chosen)


def order(request: Request) -> Order:
    """Read what is to come first among results. Raises ValueError for anything else."""
    return Order(request.query_params.get("order", "").strip() or Order.RELEVANCE)


def when(request: Request) -> When:
    """Read the day asked about; an empty box means today. Raises `Invalid`."""
    return When(_optional_day(request, "on"), _optional_day(request, "seen"))


def day(request: Request) -> date | None:
    """Read the day a reader last read the manual; an empty box means none. Raises `Invalid`."""
    return _optional_day(request, "day")


def page_number(request: Request) -> int:
    """Read the page of results asked for; anything that is not one means the first."""
    typed = request.query_params.get("page", "")
    number = int(typed) if re.fullmatch(r"[0-9]{1,6}", typed) else 1
    return number if 1 <= number <= LAST_PAGE else 1


def number(request: Request, name: str) -> int | None:
    """Read a number; anything that is not one is none."""
    typed = request.query_params.get(name, "")
    return int(typed) if re.fullmatch(r"[0-9]{1,6}", typed) else None


def revision_or_day(request: Request, name: str) -> int | date:
    """Read one side of a comparison: the number of a revision, or a day. Raises `Invalid`."""
    typed = request.query_params.get(name, "").strip()
    return int(typed) if re.fullmatch(r"[0-9]{1,4}", typed) else read_day(typed)


def _optional_day(request: Request, name: str) -> date | None:
    typed = request.query_params.get(name, "").strip()
    return read_day(typed) if typed else None
