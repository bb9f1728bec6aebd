"""A whole part of the manual on one page, to be printed: every section in force, each with the day it applies from.

`app` routes to it. A part can be long, so it is sent while it is being made, one section after another: other readers
wait for one section at most, and no whole part is ever held in memory.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from kb.addresses import TODAY
from kb.views import PartView, SectionView
from procedures.errors import NotFound
from web import standing
from web.contacts import card_for
from web.prose import Prose, Surroundings, lay_out
from web.render import Site
from web.security import ASKED_AGAIN


@dataclass(frozen=True, slots=True)
class Printed:
    """A section as a printed part shows it; its notes are numbered on from those before, from `first_note`."""

    view: SectionView
    since: str
    prose: Prose
    first_note: int


def part(request: Request) -> Response:
    """Show a part of the manual as it is in force today. Raises `NotFound`."""
    site, found = Site.of(request), _part(request)
    return site.stream("print_part.html", part=found, printed=_printed(site, found), address=_address(request, found))


def pages(request: Request) -> Response:
    """Style the pages of a printed part: each names its section's number, and since when it applies."""
    site, found = Site.of(request), _part(request)
    views = (site.kb.section(section.key) for section in found.sections)
    rules = (_rule(view.key, f"{view.number} – {standing.since(view)}") for view in views)
    return Response("".join(rules), media_type="text/css", headers={"Cache-Control": ASKED_AGAIN})


def _part(request: Request) -> PartView:
    number = request.path_params["number"]
    for found in Site.of(request).kb.contents():
        if found.number == number and found.sections:
            return found
    raise NotFound(f"Part {number} of this manual has no section in force. Choose another part in the contents.")


def _printed(site: Site, found: PartView) -> Iterator[Printed]:
    first_note = 1
    around = Surroundings(TODAY, card_for(site))
    for section in found.sections:
        view = site.kb.section(section.key)
        prose = lay_out(view.paragraphs, (), around, first_note=first_note)
        yield Printed(view, standing.since(view), prose, first_note)
        first_note += len(prose.notes)


def _rule(key: str, words: str) -> str:
    escaped = re.sub(r"[^\w .–]", lambda sign: f"\\{ord(sign[0]):x} ", words)
    return f'#s-{key}{{page:s-{key}}}@page s-{key}{{@top-left{{content:"{escaped}"}}}}\n'


def _address(request: Request, found: PartView) -> str:
    return f"{request.url.netloc}/print/parts/{found.number}"
