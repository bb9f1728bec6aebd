"""The filter panel of the search page: what each choice is called, how it is ticked and how it is taken off again.

`finding` calls it. Which choices there are and how many results each would leave, the service has counted.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from index.facets import Choice, Facet
from kb.views import FacetChoice, FacetView, Order, SearchView
from procedures.model import PARTS

SHOWN = 8
"""Choices of a facet shown at first; the rest is one press away."""

MOST_NAMED = 6
"""Choices without meaning that are named: an address can have hundreds."""

_NAMES = {
    Facet.KIND: "Type",
    Facet.MUST: "Legal duties",
    Facet.AREA: "Area",
    Facet.PART: "Part of the manual",
    Facet.AGENCY: "Agency",
    Facet.THEME: "Theme",
}
_HINTS = {Facet.AREA: "What is for all areas is always included."}
_KINDS = {"section": "Procedures", "review": "Reviews", "contact": "Contacts", "term": "Glossary"}
_OPEN = frozenset({Facet.KIND, Facet.MUST, Facet.AREA})
_ORDERS = {
    Order.RELEVANCE: "Best answer first",
    Order.NEWEST: "Newest in force first",
    Order.NUMBER: "Number in the manual",
}


class Group(NamedTuple):
    """One facet as the panel shows it: its choices, each a checkbox, and those kept behind "more"."""

    facet: Facet
    name: str
    hint: str
    chosen: int
    is_open: bool
    shown: Sequence[FacetChoice]
    more: Sequence[FacetChoice]


def panel(view: SearchView) -> list[Group]:
    """Make the groups of the panel; a facet that could not narrow these results is left out."""
    return [_group(facet) for facet in view.facets if _narrows(facet, view.total)]


def orders(chosen: Order) -> list[dict[str, Any]]:
    """Make the items of the select that orders results."""
    return [{"value": order.value, "text": text, "selected": order is chosen} for order, text in _ORDERS.items()]


def name(choice: Choice) -> str:
    """Say what a choice is called."""
    match choice.facet:
        case Facet.KIND:
            return _KINDS.get(choice.value, choice.value)
        case Facet.MUST:
            return "Legal “must” only"
        case Facet.PART if choice.value.isdecimal():
            return f"{choice.value}. {PARTS.get(int(choice.value), 'Part ' + choice.value)}"
        case _:
            return choice.value


def left_out(ignored: Iterable[Choice], order: str | None) -> str | None:
    """Say in a sentence which choices of an address mean nothing here; None where all of them do."""
    odd = [f"{_NAMES[choice.facet].lower()} “{choice.value}”" for choice in ignored]
    odd += [f"order “{order}”"] if order else []
    if not odd:
        return None
    told = odd[:MOST_NAMED] + (["and others"] if len(odd) > MOST_NAMED else [])
    return f"Not used, because this manual has no such thing: {', '.join(told)}."


def _narrows(facet: FacetView, total: int) -> bool:
    return any(choice.chosen or choice.results < total for choice in facet.choices)


def _group(facet: FacetView) -> Group:
    first, others = facet.choices[:SHOWN], facet.choices[SHOWN:]
    chosen = sum(choice.chosen for choice in facet.choices)
    return Group(
        facet=facet.facet,
        name=_NAMES[facet.facet],
        hint=_HINTS.get(facet.facet, ""),
        chosen=chosen,
        is_open=bool(chosen) or facet.facet in _OPEN,
        shown=first + tuple(choice for choice in others if choice.chosen),
        more=tuple(choice for choice in others if not choice.chosen),
    )
