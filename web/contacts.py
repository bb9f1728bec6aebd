"""Whom to ring: the contacts as pages show them, and the numbers to ring now.

Called by the pages that carry the numbers. Which contact answers at this moment is the service's
word; here it is only gathered and put in order.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from kb.service import KnowledgeBase
from kb.views import ContactNow
from procedures.errors import NotFound
from procedures.model import AREAS
from web.area import asked, choices, own_first
from web.render import Site

FRONT_DOOR = "front door"
_ORDER = {FRONT_DOOR: 0, "out of hours": 1, "designated officer": 2}
_PLACES = (*((area, area) for area in AREAS), ("The whole of Sussex", None))


def contacts(request: Request) -> Response:
    """List every contact by area, whom to ring first at the top of each, then those for the whole of Sussex."""
    site = Site.of(request)
    found = sorted(site.kb.contacts_now(), key=lambda contact: _ORDER.get(contact.role, len(_ORDER)))
    own = asked(request)
    places = own_first(_PLACES, own, lambda place: place[1])
    groups = [(place, [c for c in found if c.area == area]) for place, area in places]
    return site.answer(
        "contacts.html",
        hidden=own is not None,
        doors=front_doors(site.kb, own),
        areas=choices(request),
        groups=[(place, group) for place, group in groups if group],
    )


def front_doors(kb: KnowledgeBase, own_area: str | None = None) -> tuple[ContactNow, ...]:
    """Name the front door of each area, the reader's own first."""
    found = (contact for contact in kb.contacts_now() if contact.role == FRONT_DOOR)
    return own_first(found, own_area, lambda contact: contact.area)


def card_for(site: Site) -> Callable[[str], str]:
    """Return what draws the card of a contact that a text places by reference."""
    draw = site.macro("macros/contact.html", "card")
    now = site.kb.now()

    def card(key: str) -> str:
        try:
            return str(draw(site.kb.contact(key), now))
        except NotFound:
            return ""

    return card
