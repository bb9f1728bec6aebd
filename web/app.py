"""The site: every address it answers, and how it is started.

Read `routes` to know the site. `kb serve` finds `serve` by its entry point; tests call
`create_app`. Nothing here looks into the text of the procedures.
"""

import copy
import ctypes
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route
from starlette.types import Lifespan
from uvicorn.config import LOGGING_CONFIG
from uvicorn.supervisors import Multiprocess

from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.errors import KnowledgeBaseError
from web import (
    api,
    changes,
    contacts,
    feedback,
    feeds,
    finding,
    machines,
    openapi,
    printing,
    problems,
    reading,
    reference,
    reviews,
    since,
)
from web.arrivals import Arrivals
from web.assets import Assets
from web.freshness import NotModified, Pages
from web.listening import listen
from web.origins import SameOrigin
from web.render import Site
from web.security import Headers
from web.turns import Turns
from web.workspace import routes as workspace

_log = logging.getLogger("uvicorn.error")

_POOLS_AT_MOST = -8  # M_ARENA_MAX of malloc.h
_GARBAGE = (2_000, 20, 50)
"""Objects made before the youngest are looked through for garbage, and how often so before the older ones are."""


def routes(assets: Assets, pages: Pages) -> list[Route]:
    """List every address of the site; `pages` keeps those that are made once while nothing changes."""
    keep, turns = pages.keep, Turns()
    return [
        Route("/", keep(finding.home)),
        Route("/search", turns.take(finding.search)),
        Route("/suggest", turns.take(finding.suggest)),
        Route("/sections", keep(reading.contents)),
        Route("/sections/{key}", pages.keep_by_section(reading.section)),
        Route("/sections/{key}/revisions/{number:int}", keep(reading.revision)),
        Route("/sections/{key}/history", keep(changes.history)),
        Route("/sections/{key}/compare", keep(changes.compare)),
        Route("/sections/{key}/since", keep(since.section)),
        Route("/p/{pid}", reading.paragraph),
        Route("/n/{number}", reading.number),
        Route("/files/{digest}", reading.file),
        Route("/print/parts/{number:int}", printing.part),
        Route("/print/parts/{number:int}/pages.css", keep(printing.pages)),
        Route("/feedback", feedback.ask),
        Route("/feedback", feedback.send, methods=["POST"]),
        Route("/reviews", keep(reviews.reviews)),
        Route("/reviews/{key}", keep(reviews.review)),
        Route("/themes", keep(reviews.themes)),
        Route("/themes/{key}", keep(reviews.theme)),
        Route("/updates", keep(changes.updates)),
        Route("/updates/since", keep(since.manual)),
        Route("/updates.atom", keep(feeds.manual)),
        Route("/sections/{key}/updates.atom", keep(feeds.section)),
        Route("/themes/{key}/updates.atom", keep(feeds.theme)),
        Route("/contacts", keep(contacts.contacts)),
        Route("/glossary", keep(reference.glossary)),
        Route("/a-z", keep(reference.a_to_z)),
        Route("/about", keep(reference.about)),
        Route("/accessibility", keep(reference.accessibility)),
        Route("/api/v1/openapi.json", openapi.describe),
        *api.routes(turns),
        *workspace.routes(),
        Route("/health", machines.health),
        Route("/robots.txt", machines.robots),
        Route("/sitemap.xml", keep(machines.sitemap)),
        Route("/static/{hash}/{name}", assets.serve),
    ]


def create_app(kb: KnowledgeBase, lifespan: Lifespan[Starlette] | None = None) -> Starlette:
    """Make the site over a knowledge base; who opened it closes it, or `lifespan` does."""
    assets = Assets()
    pages = Pages(kb.head, kb.now)
    app = Starlette(
        routes=routes(assets, pages),
        lifespan=lifespan,
        middleware=[
            Middleware(Headers, hidden=lambda: kb.is_sample),
            Middleware(Arrivals, opened=kb.searches.opened),
            Middleware(NotModified),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=4),
            Middleware(SameOrigin, anybody={"/feedback"}, longest=workspace.longest),
        ],
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
    with listen(settings.host, settings.port, settings.workers) as listening:
        with KnowledgeBase.open(settings) as kb:  # what is wrong with the manual is said once, before any worker starts
            sign_ins = kb.accounts.sample_sign_ins()
        config = uvicorn.Config(
            partial(worker, settings),
            factory=True,
            workers=settings.workers,
            log_config=_logging(),
            server_header=False,
        )  # from here on the log is set up
        address = f"http://{settings.host}:{listening.getsockname()[1]}"
        _log.info("%s: %s", settings.site_name, address)
        for each in sign_ins:  # no secret: they open the sample alone, and only from this computer
            _log.info("To try the workspace, %s/workspace: “%s” with “%s”", address, each.name, each.password)
        if settings.workers == 1:
            uvicorn.Server(config).run(sockets=[listening])
        else:
            Multiprocess(config, sockets=[listening]).run()


def worker(settings: Settings) -> Starlette:
    """Open the manual in a process of its own and make the site over it; the two are closed together."""
    app = create_app(KnowledgeBase.open(settings), lifespan=_closing)
    _settle()
    return app


def _settle() -> None:
    """Prepare memory for the long run, now that the manual is open: it stays there for good."""
    # Looking through all of it for garbage stops every request for a tenth of a second or two, again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    # One pool for all threads, and what opening has left over given back: some ten of a hundred and seventy megabytes.
    with suppress(AttributeError, OSError):  # another C library than GNU's has other ways
        library = ctypes.CDLL(None)
        library.mallopt(_POOLS_AT_MOST, 1)
        library.malloc_trim(0)


@asynccontextmanager
async def _closing(app: Starlette) -> AsyncIterator[None]:
    with app.state.site.kb:
        yield


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
