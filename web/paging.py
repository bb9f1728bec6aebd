"""Which pages of a long list to offer; `macros/pages.html` draws them.

The search page, the updates page and the list of learning call it. It counts nothing and fetches nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages on offer: each with its address, and none where some are left out; `label` names the list."""

    label: str
    current: int
    links: tuple[tuple[int, str | None], ...]
    previous: str | None
    next: str | None


def pages(address: Callable[[int], str], page: int, last: int, label: str) -> Pages | None:
    """Offer the first, the last and the neighbours of a page; None where there is one page only."""
    if last < 2:
        return None
    near = sorted({1, last, *range(max(1, page - 1), min(last, page + 1) + 1)})
    links: list[tuple[int, str | None]] = []
    for before, number in zip([0, *near], near, strict=False):
        if number - before > 1:
            links.append((number - 1, None))
        links.append((number, address(number)))
    return Pages(
        label, page, tuple(links), address(page - 1) if page > 1 else None, address(page + 1) if page < last else None
    )
