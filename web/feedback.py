"""“Is this page useful?”: the form behind the question, and the one thing a reader can send to this site.

`app` routes to it. A page elsewhere must not fill the editors' list through a reader's browser: `web.origins` refuses
what another site sends. What is kept is `kb.feedback`.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kb import addresses
from kb.feedback import LONGEST, Opinion, Reason
from kb.views import SectionView
from procedures.errors import Invalid
from procedures.model import Paragraph
from web.render import Site
from web.security import NOT_KEPT

LARGEST = 16_000
"""Bytes of a form: room for 1,200 characters of any script, with the names of the fields."""

_FIELDS = ("section", "revision", "paragraph", "useful", "reason", "words")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sent, as it was typed."""

    section: str = ""
    revision: str = ""
    paragraph: str = ""
    useful: str = ""
    reason: str = ""
    words: str = ""


def ask(request: Request) -> Response:
    """Show the form for a page, or thank for what was sent from it."""
    asked = request.query_params
    if "thanks" in asked:
        view = Site.of(request).kb.section(asked.get("section", ""))
        return _answer(request, "feedback_thanks.html", view=view)
    return _form(request, Sent(section=asked.get("section", ""), paragraph=asked.get("paragraph", ""), useful="no"))


async def send(request: Request) -> Response:
    """Keep what a reader says about a page, and lead on to the thanks."""
    sent = _read(await _body(request))
    return await run_in_threadpool(_keep, request, sent)


def _keep(request: Request, sent: Sent) -> Response:
    view, paragraph = _subject(request, sent)
    try:
        opinion = Opinion(
            view.key,
            view.revision.revision,
            sent.useful == "yes",
            _reason(sent),
            sent.words.replace("\r\n", "\n").strip(),
            paragraph.pid if paragraph else None,
        )
    except Invalid as error:
        return _form(request, sent, str(error))
    Site.of(request).kb.keep_feedback(opinion)
    return RedirectResponse(addresses.feedback(view.key, thanks=True), 303, {"Cache-Control": NOT_KEPT})


def _form(request: Request, sent: Sent, error: str | None = None) -> Response:
    view, paragraph = _subject(request, sent)
    return _answer(
        request,
        "feedback.html",
        status=400 if error else 200,
        view=view,
        paragraph=paragraph,
        sent=sent,
        reasons=tuple(Reason),
        longest=LONGEST,
        error=error,
    )


def _subject(request: Request, sent: Sent) -> tuple[SectionView, Paragraph | None]:
    """Find the text that was read: the revision named, else today's. Raises `NotFound`."""
    kb = Site.of(request).kb
    named = sent.revision.isascii() and sent.revision.isdecimal() and len(sent.revision) < 7
    view = kb.revision(sent.section, int(sent.revision)) if named else kb.section(sent.section)
    return view, next((p for p in view.paragraphs if p.pid == sent.paragraph), None)


def _reason(sent: Sent) -> Reason | None:
    return next((reason for reason in Reason if reason == sent.reason), None) if sent.useful != "yes" else None


async def _body(request: Request) -> bytes:
    """Read what was sent, and no more than a form can hold."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Invalid(f"That is too much to send at once. Go back and use up to {LONGEST} characters.")
    return body


def _read(body: bytes) -> Sent:
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    except ValueError:
        fields = {}
    return Sent(**{name: fields.get(name, [""])[0].replace("\0", "") for name in _FIELDS})


def _answer(request: Request, template: str, **context: Any) -> Response:
    return Site.of(request).answer(template, keep=NOT_KEPT, hidden=True, **context)
