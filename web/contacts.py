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
from web.render import Site

FRONT_DOOR = "front door"


def contacts(request: Request) -> Response:
    """List every contact, the front doors first."""
    site = Site.of(request)
    found = site.kb.contacts_now()
    others = tuple(contact for contact in found if contact.role != FRONT_DOOR)
    return site.answer(request, "contacts.html", doors=front_doors(site.kb), others=others)


def front_doors(kb: KnowledgeBase) -> tuple[ContactNow, ...]:
    """Name the front door of each area."""
    return tuple(contact for contact in kb.contacts_now() if contact.role == FRONT_DOOR)


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
