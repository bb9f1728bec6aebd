"""Narrowing and ordering a search: from what a reader chose to what an engine takes, and from its counts to a panel.

`kb.search` calls it. What a choice is called on a page is for `web` to say; which passages answer a choice is for
`index.facets`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from index.engine import Order as Places
from index.facets import MUST, Choice, Facet, Filters
from kb.reading import number_order
from kb.views import FacetChoice, FacetView, Order
from procedures.model import AREAS, PARTS, Revision, SectionKind
from procedures.record import Record

KINDS = ("section", "review", "contact", "term")


def meant(record: Record, filters: Filters) -> tuple[Filters, tuple[Choice, ...]]:
    """Tell the choices that mean something in this manual, at whatever time, from those that mean nothing."""
    if not filters:
        return filters, ()
    known = filters & frozenset(_choices(record))
    return known, tuple(sorted(filters - known))


def facets(counts: Mapping[Choice, int], filters: Filters) -> tuple[FacetView, ...]:
    """List the facets a search can be narrowed by, each with its choices in a steady order.

    Reviews come from other parts of the country too. What is for all areas is for all of ours: only ours are offered.
    """
    gathered: dict[Facet, list[FacetChoice]] = {facet: [] for facet in Facet}
    for choice, count in counts.items():
        facet, value = choice
        is_elsewhere = facet is Facet.AREA and value not in AREAS
        if (is_chosen := choice in filters) or (count and not is_elsewhere):
            gathered[facet].append(FacetChoice(value, count, is_chosen))
    return tuple(
        FacetView(facet, tuple(sorted(choices, key=_PLACES[facet]))) for facet, choices in gathered.items() if choices
    )


def places(order: Order, record: Record, current: Mapping[str, Revision]) -> Places:
    """Put the sections in force in the order asked for; what has no day and no number comes after them."""
    if order is Order.RELEVANCE:
        return ()
    drawers: dict[Any, set[tuple[str, str]]] = defaultdict(set)
    for revision in current.values():
        is_contact = record.kinds[revision.section] is SectionKind.CONTACT
        document = ("contact" if is_contact else "section", revision.section)
        if order is Order.NEWEST:
            drawers[revision.in_force_from].add(document)
        elif revision.number:
            drawers[number_order(revision.number)].add(document)
    return tuple(frozenset(drawers[each]) for each in sorted(drawers, reverse=order is Order.NEWEST))


def _choices(record: Record) -> Iterator[Choice]:
    """Name everything that any text, review or contact of the record could be chosen by."""
    yield MUST
    yield from (Choice(Facet.KIND, kind) for kind in KINDS)
    yield from (Choice(Facet.AREA, area) for area in AREAS)
    yield from (Choice(Facet.PART, str(part)) for part in PARTS)
    for revisions in record.revisions.values():
        for revision in revisions:
            if revision.part is not None:
                yield Choice(Facet.PART, str(revision.part))
            yield from (Choice(Facet.AGENCY, agency) for agency in revision.agencies)
            yield from (Choice(Facet.THEME, theme) for theme in revision.themes)
    for review in record.reviews.values():
        themes = {*review.themes, *(theme for point in review.learning for theme in point.themes)}
        yield from (Choice(Facet.THEME, theme) for theme in themes)


def _place_in(known: tuple[str, ...]) -> Callable[[FacetChoice], Any]:
    return lambda choice: (known.index(choice.value) if choice.value in known else len(known), choice.value)


def _commonest_first(choice: FacetChoice) -> Any:
    return -choice.results, choice.value.casefold()


_PLACES: Mapping[Facet, Callable[[FacetChoice], Any]] = {
    Facet.KIND: _place_in(KINDS),
    Facet.MUST: _commonest_first,
    Facet.AREA: _place_in(AREAS),
    Facet.PART: lambda choice: int(choice.value),
    Facet.AGENCY: _commonest_first,
    Facet.THEME: _commonest_first,
}
