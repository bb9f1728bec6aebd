"""What readers searched for in vain: the list, and one search with what it finds and what can be made of it.

`routes` leads here. A search is addressed by a number, never by its words: addresses are logged. What it finds, before
and after, is measured by `kb.searches`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.responses import Response

from kb.access import Deed
from kb.unanswered import State, Unanswered
from kb.views import SectionName
from procedures.errors import Invalid, Mendable, NotFound
from web.workspace import addresses
from web.workspace.door import Visit, go
from web.workspace.drafts import sections

MOST = 100
"""Most that a list shows; `kb searches` lists all."""


@dataclass(frozen=True, slots=True)
class Led:
    """A search that was led to a section."""

    search: Unanswered
    section: SectionName


def searches(visit: Visit) -> Response:
    """Show the searches that led nowhere, those to decide on first."""
    found = visit.site.kb.searches.listed(visit.actor)
    waiting = [each for each in found if each.state is State.OPEN]
    return visit.answer(
        "searches.html",
        total=len(waiting),
        waiting=waiting[:MOST],
        gaps=[each for each in found if each.state is State.GAP][:MOST],
        led=_led(visit, found)[:MOST],
        aside=[each for each in found if each.state is State.OUT_OF_SCOPE][:MOST],
    )


def search(visit: Visit, error: str = "", at: str = "") -> Response:
    """Show one search: how often, what it finds today, and what can be made of it."""
    looked = visit.site.kb.searches.look(visit.actor, visit.request.path_params["number"])
    chosen = {name: visit.field(name) for name in ("words", "section", "how")}
    return visit.answer(
        "search.html",
        status=400 if error else 200,
        error=error,
        at=at,
        looked=looked,
        search=looked.search,
        chosen={**chosen, "words": chosen["words"] or looked.search.query},
        sections=sections(visit) if visit.may(Deed.RECORD_TERM) else [],
    )


def lead(visit: Visit) -> Response:
    """Lead a search to a section, by a best answer or by everyday words."""
    number, kb = visit.request.path_params["number"], visit.site.kb
    make = {"answer": kb.searches.make_answer, "term": kb.searches.make_term}.get(visit.field("how"))
    if make is None:
        return search(visit, "Choose when readers are led to the section.", "how")
    try:
        make(visit.actor, number, visit.field("words"), visit.field("section"))
    except NotFound as error:
        return search(visit, str(error), "section")
    except Mendable as error:
        return search(visit, str(error), "words")
    return go(addresses.searched(number, done="led"))


def set_aside(visit: Visit) -> Response:
    """Note a gap to write, or that a search is out of scope; or put it back on the list."""
    number = visit.request.path_params["number"]
    state = {"gap": State.GAP, "out-of-scope": State.OUT_OF_SCOPE, "open": State.OPEN}.get(visit.field("as"))
    try:
        if state is None:
            raise Invalid("Choose what is to become of this search.")
        visit.site.kb.searches.set_aside(visit.actor, number, state)
    except Mendable as error:
        return search(visit, str(error), "other")
    return go(f"{addresses.SEARCHES}?done={visit.field('as')}")


def delete(visit: Visit) -> Response:
    """Delete the words of a search."""
    visit.site.kb.searches.delete(visit.actor, visit.request.path_params["number"])
    return go(f"{addresses.SEARCHES}?done=deleted")


def _led(visit: Visit, found: Iterable[Unanswered]) -> list[Led]:
    led = [(each, each.decision.section) for each in found if each.decision and each.decision.section]
    return [Led(each, visit.site.kb.history(section).section) for each, section in led]
