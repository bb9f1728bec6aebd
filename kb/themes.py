"""Themes: what reviews keep finding, with the sections and the learning about each.

`KnowledgeBase` delegates here. A theme is a name that reviews, learning points and texts carry; two spellings with one
key are one theme, named as most of them name it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from kb.addresses import slug
from kb.reading import Moment, name_of, number_order
from kb.views import ThemedReview, ThemeView
from procedures.errors import NotFound
from procedures.model import Review, SectionKind
from procedures.record import Record


def themes(record: Record, at: Moment) -> tuple[ThemeView, ...]:
    """List every theme that a review or a text in force carries, in the order of the alphabet."""
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for name in _names(record, at):
        names[slug(name)][name] += 1
    found = (_view(record, at, key, spellings.most_common(1)[0][0]) for key, spellings in names.items())
    return tuple(sorted(found, key=lambda view: view.title.casefold()))


def theme(record: Record, key: str, at: Moment) -> ThemeView:
    """Show one theme. Raises `NotFound`."""
    for view in themes(record, at):
        if view.key == key:
            return view
    raise NotFound(f"There is no theme '{key}' in this manual. Look in the list of themes.")


def _names(record: Record, at: Moment) -> Iterator[str]:
    for revision in record.in_force(at.on, at.known_at).values():
        yield from revision.themes
    for review in record.reviews.values():
        yield from review.themes
        for point in review.learning:
            yield from point.themes


def _view(record: Record, at: Moment, key: str, title: str) -> ThemeView:
    sections = [
        revision
        for revision in record.in_force(at.on, at.known_at).values()
        if record.kinds[revision.section] is SectionKind.PROCEDURE and _carries(revision.themes, key)
    ]
    sections.sort(key=lambda revision: number_order(revision.number))
    reviews = sorted(record.reviews.values(), key=lambda review: review.published or review.year or "", reverse=True)
    themed = tuple(_themed(review, key) for review in reviews)
    return ThemeView(key, title, tuple(map(name_of, sections)), tuple(found for found in themed if found))


def _themed(review: Review, key: str) -> ThemedReview | None:
    points = tuple(point for point in review.learning if _carries(point.themes, key))
    return ThemedReview(review, points) if points or _carries(review.themes, key) else None


def _carries(themes_of_it: tuple[str, ...], key: str) -> bool:
    return key in {slug(name) for name in themes_of_it}
