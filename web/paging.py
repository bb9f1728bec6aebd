"""Which pages of a long list to offer, in the form GOV.UK's pagination takes.

The search page and the updates page call it. It counts nothing and fetches nothing.
"""

from collections.abc import Callable
from typing import Any


def pages(address: Callable[[int], str], page: int, last: int, label: str) -> dict[str, Any] | None:
    """Offer the first, the last and the neighbours of a page; None where there is one page only."""
    if last < 2:
        return None
    near = sorted({1, last, *range(max(1, page - 1), min(last, page + 1) + 1)})
    items: list[dict[str, Any]] = []
    for before, number in zip([0, *near], near, strict=False):
        if number - before > 1:
            items.append({"ellipsis": True})
        items.append({"number": number, "href": address(number), "current": number == page})
    shown: dict[str, Any] = {"items": items, "landmarkLabel": label}
    if page > 1:
        shown["previous"] = {"href": address(page - 1)}
    if page < last:
        shown["next"] = {"href": address(page + 1)}
    return shown
