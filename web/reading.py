"""The pages that are read: a section in force today, on a day, as the site showed it, for good.

`app` routes to them. They lay out what the service found; which text is in force is its word.
"""

from datetime import date
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kb import addresses
from kb.addresses import TODAY, When
from kb.views import ContactNow, NumberView, ParagraphView, SectionView
from procedures.errors import NotFound
from procedures.model import SectionKind
from web import area, citing, forms, standing
from web.contacts import card_for, front_doors
from web.prose import Surroundings, lay_out
from web.render import Site
from web.security import ASKED_AGAIN


def contents(request: Request) -> Response:
    """List every section in force, part by part."""
    site, when = Site.of(request), forms.when(request)
    parts = site.kb.contents(when.on, when.seen)
    return site.answer("contents.html", hidden=when != TODAY, parts=parts, when=when)


def section(request: Request) -> Response:
    """Show a section: today's text, or that of the day asked about."""
    site, when = Site.of(request), forms.when(request)
    key = request.path_params["key"]
    view = site.kb.section(key, on=when.on, seen=when.seen)
    if view.key != key:
        return RedirectResponse(addresses.section(view.key, when), 302)
    return _show(request, view, when)


def revision(request: Request) -> Response:
    """Show one revision of a section, at its permanent address."""
    view = Site.of(request).kb.revision(request.path_params["key"], request.path_params["number"])
    return _show(request, view, TODAY)


def paragraph(request: Request) -> Response:
    """Lead to where a paragraph stands, or say what became of it; or how to link to it and cite it."""
    site = Site.of(request)
    view = site.kb.paragraph(request.path_params["pid"])
    pid = view.paragraph.pid
    if "cite" in request.query_params:
        return _cite(request, view)
    if view.current:
        return RedirectResponse(addresses.section(view.section.key, pid=pid), 302)
    html, notes = Surroundings(TODAY, card_for(site)).present(view.paragraph.html)
    return site.answer("paragraph_gone.html", hidden=True, view=view, html=html, notes=notes)


def _cite(request: Request, found: ParagraphView) -> Response:
    """Show the link to a paragraph and its citation, as text to copy."""
    site, pid = Site.of(request), found.paragraph.pid
    view = site.kb.revision(found.section.key, forms.number(request, "cite") or found.revision)
    stood = next((p for p in view.paragraphs if p.pid == pid), None)
    if stood is None:
        raise NotFound(f"{pid} is not in revision {view.revision.revision}. Go to the paragraph: /p/{pid}")
    html, notes = Surroundings(TODAY, card_for(site)).present(stood.html)
    path = addresses.paragraph(pid) if view.is_today else addresses.revision(view.key, view.revision.revision, pid)
    address = f"{request.url.netloc}{path}"
    return site.answer(
        "citing.html",
        hidden=True,
        view=view,
        paragraph=stood,
        link=f"{request.url.scheme}://{address}",
        citation=citing.citation(site.kb.site_name, view, stood.number, address, site.kb.today()),
        html=html,
        notes=notes,
    )


def number(request: Request) -> Response:
    """Lead to what carries a number today, or say what carried it on a day and where that is now."""
    site, on = Site.of(request), forms.when(request).on
    view = site.kb.number(request.path_params["number"], on)
    today = site.kb.section(view.section.key)
    if on is None and _carries(today, view):
        return RedirectResponse(addresses.section(today.key, pid=view.pid), 302)
    then = _text_on(site, view.section.key, on or view.on)
    return site.answer("number.html", hidden=True, view=view, today=today, then=then, on=on)


def _carries(today: SectionView, view: NumberView) -> bool:
    if view.pid is None:
        return today.number == view.number
    return any(p.pid == view.pid and p.number == view.number for p in today.paragraphs)


def _text_on(site: Site, key: str, on: date) -> SectionView | None:
    """Find the text of a day; a number can be older than the recorded texts."""
    try:
        return site.kb.section(key, on=on)
    except NotFound:
        return None


def file(request: Request) -> Response:
    """Hand over an attached file to be kept, never to be run or shown among our pages."""
    attachment, content = Site.of(request).kb.file(request.path_params["digest"])
    name = quote(attachment.filename)
    return Response(
        content,
        media_type=attachment.media_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": ASKED_AGAIN},
    )


def _show(request: Request, view: SectionView, when: When) -> Response:
    hidden = not view.is_today or area.asked(request) is not None
    return Site.of(request).answer("section.html", hidden=hidden, **shown(request, view, when))


def shown(request: Request, view: SectionView, when: When) -> dict[str, Any]:
    """Gather everything the page of a section shows; the preview of a draft shows the same."""
    site, own = Site.of(request), area.asked(request)
    explaining = site.explaining(view.key)
    return {
        "view": view,
        "when": when,
        "prose": lay_out(view.paragraphs, view.learning, Surroundings(when, card_for(site), explaining), own_area=own),
        "explained": tuple(explaining.used.values()),
        "banner": standing.banner(view, when),
        "since": standing.since(view),
        "overdue": standing.is_overdue(view, site.kb.today()),
        "doors": front_doors(site.kb, own),
        "areas": area.choices(request),
        "contact": _contact(site, view),
        "whole": tuple(learning for learning in view.learning if not learning.pids),
        "permanent": _permanent(request, view),
        "citation": _citation(request, view),
        "around": site.kb.neighbours(view),
        "today": site.kb.today(),
    }


def _citation(request: Request, view: SectionView) -> str:
    """Write the citation that serves for every paragraph of a page, with places for its number and address."""
    site = Site.of(request)
    return citing.citation(site.kb.site_name, view, citing.NUMBER, citing.ADDRESS, site.kb.today())


def _contact(site: Site, view: SectionView) -> ContactNow | None:
    """Find the present number for a contact's page: even an old text shows today's number."""
    if view.kind != SectionKind.CONTACT:
        return None
    try:
        return site.kb.contact(view.key)
    except NotFound:
        return None


def _permanent(request: Request, view: SectionView) -> str:
    """Write the permanent address of what is shown, to be printed with it."""
    path = addresses.revision(view.key, view.revision.revision)
    return f"{request.url.netloc}{path}"
