"""The site: every address it answers, and how it is started.

Read `routes` to know the site. `kb serve` finds `serve` by its entry point; tests call
`create_app`. Nothing here looks into the text of the procedures.
"""

import copy
import logging
import socket
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from uvicorn.config import LOGGING_CONFIG

from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.errors import KnowledgeBaseError, Mendable
from web import changes, contacts, finding, machines, problems, reading, reference, reviews
from web.assets import Assets
from web.render import Site
from web.security import Headers

_log = logging.getLogger("uvicorn.error")


def routes(assets: Assets) -> list[Route]:
    """List every address of the site."""
    return [
        Route("/", finding.home),
        Route("/search", finding.search),
        Route("/suggest", finding.suggest),
        Route("/sections", reading.contents),
        Route("/sections/{key}", reading.section),
        Route("/sections/{key}/revisions/{number:int}", reading.revision),
        Route("/sections/{key}/history", changes.history),
        Route("/sections/{key}/compare", changes.compare),
        Route("/p/{pid}", reading.paragraph),
        Route("/n/{number}", reading.number),
        Route("/files/{digest}", reading.file),
        Route("/reviews", reviews.reviews),
        Route("/reviews/{key}", reviews.review),
        Route("/updates", changes.updates),
        Route("/contacts", contacts.contacts),
        Route("/glossary", reference.glossary),
        Route("/about", reference.about),
        Route("/health", machines.health),
        Route("/robots.txt", machines.robots),
        Route("/static/{hash}/{name}", assets.serve),
    ]


def create_app(kb: KnowledgeBase) -> Starlette:
    """Make the site over a knowledge base that somebody else opens and closes."""
    assets = Assets()
    app = Starlette(
        routes=routes(assets),
        middleware=[Middleware(Headers, hidden=lambda: kb.is_sample)],
        exception_handlers={
            KnowledgeBaseError: problems.explained,
            HTTPException: problems.refused,
            Exception: problems.unforeseen,
        },
    )
    app.state.site = Site(kb, assets)
    return app


def serve(settings: Settings) -> None:
    """Run the site until it is stopped. Raises `Mendable` where it cannot start."""
    listening = _listen(settings.host, settings.port)
    with listening, KnowledgeBase.open(settings) as kb:
        config = uvicorn.Config(
            create_app(kb), log_config=_logging(), server_header=False, lifespan="off"
        )  # from here on the log is set up
        port = listening.getsockname()[1]
        _log.info("%s: http://%s:%d", kb.site_name, settings.host, port)
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything is opened, so that a taken one is said in a sentence."""
    try:
        return socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        raise Mendable(
            f"The site cannot listen on {host}, port {port}: {error.strerror or error}."
            " Stop what uses it, or choose another with --port or KB_PORT."
        ) from error


class WithoutQueries(logging.Filter):
    """Cuts the query string off every logged address: searches may hold the name of a child."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record; none is dropped."""
        if isinstance(record.args, tuple):
            record.args = tuple(part.split("?", 1)[0] if isinstance(part, str) else part for part in record.args)
        return True


def _logging() -> dict[str, Any]:
    """Log as uvicorn does, without query strings."""
    config = copy.deepcopy(LOGGING_CONFIG)
    config["filters"] = {"without_queries": {"()": WithoutQueries}}
    config["handlers"]["access"]["filters"] = ["without_queries"]
    return config
