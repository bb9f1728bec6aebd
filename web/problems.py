"""The page for everything that goes wrong: what happened, and what to do next. The API gets it as JSON (RFC 9457).

`app` hands the handlers to Starlette; the errors themselves are `procedures.errors`, whose messages
are written for the reader. A page never shows more of a failure than its sentence.
"""

import logging
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from procedures.errors import (
    Conflict,
    Fault,
    Forbidden,
    KnowledgeBaseError,
    NotFound,
)
from web.render import Site
from web.security import NOT_KEPT, completed

_log = logging.getLogger("uvicorn.error")

_STATUSES: dict[type[KnowledgeBaseError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Fault: 503,
}
_HEADINGS = {
    400: "That did not work",
    403: "You cannot do this",
    404: "Page not found",
    405: "That did not work",
    409: "The text has moved on",
    500: "Something has gone wrong",
    503: "Something has gone wrong",
}
_NO_PAGE = (
    "There is no page at this address. If you typed it, check it. If you followed a link, search for what you need."
)
_NO_METHOD = "This page can be read, not sent to."
_NO_FORM = "What was sent could not be read. Go back, and send it once more."
_OUR_FAULT = (
    "The fault is ours. Try again in a minute."
    " If a child needs help now, ring your area’s front door, or 999 in danger."
)


def explained(request: Request, error: Exception) -> Response:
    """Show the sentence of one of our own errors."""
    if isinstance(error, Fault):
        _log.error("a page could not be made", exc_info=error)
    kinds = (status for kind, status in _STATUSES.items() if isinstance(error, kind))
    return _page(request, next(kinds, 400), str(error))


def refused(request: Request, error: Exception) -> Response:
    """Word what Starlette refuses: an unknown address or method."""
    status = error.status_code if isinstance(error, HTTPException) else 400
    answer = _page(request, status, {400: _NO_FORM, 405: _NO_METHOD}.get(status, _NO_PAGE))
    answer.headers.update((isinstance(error, HTTPException) and error.headers) or {})
    return answer


def unforeseen(request: Request, error: Exception) -> Response:
    """Answer for a failure nobody foresaw; Starlette has it logged. Made outside the middleware."""
    hidden = Site.of(request).kb.is_sample
    return completed(_page(request, 500, _OUR_FAULT), hidden=hidden)


def _page(request: Request, status: int, message: str) -> Response:
    heading = _HEADINGS.get(status, _HEADINGS[400])
    if request.url.path.startswith("/api/"):
        document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": message}
        return JSONResponse(document, status, {"Cache-Control": NOT_KEPT}, "application/problem+json")
    return Site.of(request).answer(
        "problem.html",
        status=status,
        keep=NOT_KEPT,
        hidden=request.url.path.startswith("/workspace"),
        heading=heading,
        message=message,
        dated="on" in request.query_params or "seen" in request.query_params,
        undated=request.url.path,
    )
