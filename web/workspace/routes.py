"""Every address of the workspace, with the deed it takes. `web.app` adds them to the site.

Read it to know who may go where. Only signing in and out are outside the door.
"""

from starlette.routing import Route

from kb.access import Deed
from web.workspace import addresses, approval, drafts, editing, links, previewing, publishing, signing
from web.workspace.door import action, page

LONGEST = 3_000_000
"""Bytes of a form: twice the longest section, written in percent signs."""

LONGEST_WITH_FILE = 26_000_000

_DRAFT = addresses.DRAFTS + "/{draft}"


def routes() -> list[Route]:
    """List every address of the workspace."""
    return [
        Route(addresses.SIGN_IN, signing.ask),
        Route(addresses.SIGN_IN, signing.sign_in, methods=["POST"]),
        Route(addresses.SIGN_OUT, signing.sign_out, methods=["POST"]),
        page(addresses.HOME, drafts.home, None),
        page(addresses.ACCOUNT, signing.account, None),
        action(addresses.SESSIONS, signing.end_session, None),
        page(addresses.PASSWORD, signing.ask_password, None),
        action(addresses.PASSWORD, signing.change_password, None),
        page(addresses.DRAFTS, drafts.drafts, Deed.READ_DRAFTS),
        page(addresses.NEW, drafts.ask, Deed.SAVE_DRAFT),
        action(addresses.NEW, drafts.start, Deed.SAVE_DRAFT),
        page(addresses.LINKS, links.links, Deed.READ_DRAFTS),
        page(addresses.RELEASE, publishing.ask, Deed.READ_DRAFTS),
        action(addresses.RELEASE, publishing.release, Deed.PUBLISH),
        page(addresses.PUBLISHED, publishing.published, Deed.READ_DRAFTS),
        action(addresses.WAITING + "/{key}/{number:int}", publishing.cancel, Deed.CANCEL),
        action(addresses.OVERRIDES + "/{key}/{number:int}", publishing.review_override, Deed.REVIEW_OVERRIDE),
        page(_DRAFT, drafts.overview, Deed.READ_DRAFTS),
        page(_DRAFT + "/edit", editing.edit, Deed.SAVE_DRAFT),
        action(_DRAFT + "/edit", editing.save, Deed.SAVE_DRAFT),
        page(_DRAFT + "/preview", previewing.preview, Deed.READ_DRAFTS),
        page(_DRAFT + "/compare", previewing.comparison, Deed.READ_DRAFTS),
        page(_DRAFT + "/matching", approval.matching, Deed.READ_DRAFTS),
        action(_DRAFT + "/matching", approval.match, Deed.SAVE_DRAFT),
        page(_DRAFT + "/versions", editing.versions, Deed.READ_DRAFTS),
        page(_DRAFT + "/versions/{version:int}", editing.version, Deed.READ_DRAFTS),
        action(_DRAFT + "/versions/{version:int}", editing.restore, Deed.SAVE_DRAFT),
        page(_DRAFT + "/impact", publishing.impact, Deed.READ_DRAFTS),
        action(_DRAFT + "/files", drafts.attach, Deed.SAVE_DRAFT),
        page(_DRAFT + "/files/{digest}", drafts.file, Deed.READ_DRAFTS),
        action(_DRAFT + "/submit", approval.submit, Deed.SUBMIT),
        action(_DRAFT + "/take-back", approval.take_back, Deed.SUBMIT),
        action(_DRAFT + "/approve", approval.approve, Deed.APPROVE),
        action(_DRAFT + "/reject", approval.reject, Deed.REJECT),
        action(_DRAFT + "/give-up", approval.give_up, Deed.DELETE_DRAFT),
        action(_DRAFT + "/renew", approval.renew, Deed.SAVE_DRAFT),
        action(_DRAFT + "/carry", publishing.carry, Deed.PUBLISH),
        action(_DRAFT + "/override", publishing.override, Deed.OVERRIDE),
    ]


def longest(path: str) -> int:
    """Say how many bytes may be sent to a path of the site: files are longer than forms."""
    return LONGEST_WITH_FILE if path == addresses.NEW or path.endswith("/files") else LONGEST
