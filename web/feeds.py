"""Atom feeds of what was published: the whole manual, one section, one theme.

`app` routes to them. A feed carries major changes, those that readers should see (minor ones are on the updates page),
and says so when a change that was announced is cancelled.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from kb import addresses
from kb.views import Update
from procedures.model import Importance
from web.render import Site

NEWEST = 30
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """A publication as a feed carries it. `id` never changes (RFC 4287, 4.2.6), wherever the site is served."""

    update: Update
    id: str
    changed: datetime

    @classmethod
    def of(cls, update: Update) -> "Entry":
        """Name a publication for good, by its text and place."""
        revision = update.revision
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"{revision.ref} {revision.content_hash}")
        return cls(update, name.urn, revision.cancelled_at or revision.published_at)


def manual(request: Request) -> Response:
    """Feed the changes to the whole manual."""
    return _feed(request, "Changes to the manual", "/updates", Site.of(request).kb.updates(None))


def section(request: Request) -> Response:
    """Feed the changes to one section."""
    site, key = Site.of(request), request.path_params["key"]
    name = site.kb.history(key).section
    title = f"{name.number or ''} {name.title}".strip()
    return _feed(request, f"Changes to {title}", addresses.section(name.key), site.kb.updates(None, section=key))


def theme(request: Request) -> Response:
    """Feed the changes to texts on a theme."""
    site, key = Site.of(request), request.path_params["key"]
    title = site.kb.theme(key).title
    return _feed(request, f"Changes about {title}", addresses.theme(title), site.kb.updates(None, theme=key))


def _feed(request: Request, title: str, page: str, found: tuple[Update, ...]) -> Response:
    entries = [Entry.of(update) for update in found if update.revision.importance is Importance.MAJOR]
    entries.sort(key=lambda entry: entry.changed, reverse=True)
    return Site.of(request).answer(
        "updates.atom",
        media_type="application/atom+xml",
        title=title,
        page=page,
        path=request.url.path,
        base=str(request.base_url).rstrip("/"),
        entries=entries[:NEWEST],
        updated=max((entry.changed for entry in entries), default=_NEVER),
    )
