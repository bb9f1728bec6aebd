"""The pages for somebody who read the manual before: what has changed since a day, in all of it or in one section.

`app` routes to them. What changed, and what of it matters most, is the service's finding (`kb.since`); here it is only
laid out under headings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kb import addresses
from kb.since import ChangedParagraph, Gravity, SectionSince
from procedures.errors import Invalid
from web import forms
from web.render import Site

_HEADINGS = {
    Gravity.ACT_NOW: "What to do at once",
    Gravity.DUTY: "Duties, numbers and time limits",
    Gravity.NEW: "New",
    Gravity.REMOVED: "No longer in the text",
    Gravity.REWORDED: "Reworded",
}


@dataclass(frozen=True, slots=True)
class Group:
    """The changed paragraphs of one gravity under their heading."""

    heading: str
    paragraphs: tuple[ChangedParagraph, ...]


def manual(request: Request) -> Response:
    """Ask for a day, or list what has changed in the whole manual since it."""
    site = Site.of(request)
    try:
        day = forms.day(request)
        found = site.kb.since(day) if day else ()
    except Invalid as error:
        return _again(request, error)
    return _answer(request, day=day, found=[(each, groups(each.paragraphs)) for each in found])


def section(request: Request) -> Response:
    """Ask for a day, or list what has changed in one section since it."""
    site, key = Site.of(request), request.path_params["key"]
    name = site.kb.history(key).section
    if name.key != key:
        return RedirectResponse(addresses.since(name.key, request.query_params.get("day", "")), 302)
    try:
        day = forms.day(request)
        found = site.kb.since_in_section(key, day) if day else None
    except Invalid as error:
        return _again(request, error, section=name)
    shown = [(found, groups(found.paragraphs))] if found else []
    return _answer(request, section=name, day=day, found=shown)


def groups(paragraphs: Sequence[ChangedParagraph]) -> tuple[Group, ...]:
    """Gather changed paragraphs under their headings, in the order in which they matter."""
    by_gravity = groupby(paragraphs, lambda each: each.gravity)
    return tuple(Group(_HEADINGS[gravity], tuple(members)) for gravity, members in by_gravity)


def _again(request: Request, error: Invalid, section: object = None) -> Response:
    """Show the form once more, with what was typed and why it could not be used."""
    return _answer(request, section=section, error=str(error), status=400)


def _answer(
    request: Request,
    *,
    section: object = None,
    day: date | None = None,
    found: Sequence[tuple[SectionSince, tuple[Group, ...]]] = (),
    error: str | None = None,
    status: int = 200,
) -> Response:
    return Site.of(request).answer(
        "since.html",
        status=status,
        hidden=True,
        section=section,
        day=day,
        typed=request.query_params.get("day", ""),
        found=found,
        changed=sum(len(each.paragraphs) for each, _ in found),
        error=error,
    )
