"""Every address of the workspace, with the deed it takes. `web.app` adds them to the site.

Read it to know who may go where. Only signing in and out are outside the door.
"""

from starlette.routing import Route

from kb.access import Deed
from web.workspace import (
    accounts,
    addresses,
    approval,
    desk,
    drafts,
    editing,
    feedback,
    learning,
    links,
    log,
    previewing,
    publishing,
    redactions,
    searches,
    signing,
)
from web.workspace.door import action, page

LONGEST = 3_000_000
"""Bytes of a form: twice the longest section, written in percent signs."""

LONGEST_WITH_FILE = 26_000_000

_DRAFT = addresses.DRAFTS + "/{draft}"
_SEARCH = addresses.SEARCHES + "/{number:int}"
_REDACTION = addresses.REDACTIONS + "/{key}"
_POINT = addresses.LEARNING + "/{key}/{number:int}"
_ACCOUNT = addresses.ACCOUNTS + "/{number:int}"


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
        page(addresses.DESK, desk.desk, Deed.READ_DESK),
        page(addresses.REVIEWS_DUE, desk.reviews_due, Deed.READ_DESK),
        page(addresses.BROKEN_LINKS, desk.broken_links, Deed.READ_DESK),
        page(addresses.IMPORTED, desk.imported, Deed.READ_DESK),
        action(addresses.IMPORTED + "/{key}/{number:int}", desk.look, Deed.LOOK),
        page(addresses.FEEDBACK, feedback.feedback, Deed.READ_FEEDBACK),
        action(addresses.FEEDBACK + "/{number:int}", feedback.deal_with, Deed.DECIDE_FEEDBACK),
        page(addresses.SEARCHES, searches.searches, Deed.READ_SEARCHES),
        page(_SEARCH, searches.search, Deed.READ_SEARCHES),
        action(_SEARCH + "/lead", searches.lead, Deed.RECORD_TERM),
        action(_SEARCH + "/set-aside", searches.set_aside, Deed.DECIDE_SEARCH),
        action(_SEARCH + "/delete", searches.delete, Deed.DECIDE_SEARCH),
        page(addresses.DRAFTS, drafts.drafts, Deed.READ_DRAFTS),
        page(addresses.NEW, drafts.ask, Deed.SAVE_DRAFT),
        action(addresses.NEW, drafts.start, Deed.SAVE_DRAFT),
        page(addresses.LINKS, links.links, Deed.READ_DRAFTS),
        page(addresses.RELEASE, publishing.ask, Deed.READ_DRAFTS),
        action(addresses.RELEASE, publishing.release, Deed.PUBLISH),
        page(addresses.PUBLISHED, publishing.published, Deed.READ_DRAFTS),
        action(addresses.WAITING + "/{key}/{number:int}", publishing.cancel, Deed.CANCEL),
        action(addresses.OVERRIDES + "/{key}/{number:int}", publishing.review_override, Deed.REVIEW_OVERRIDE),
        page(addresses.LEARNING, learning.points, Deed.READ_DESK),
        page(_POINT, learning.point, Deed.READ_DESK),
        action(_POINT + "/link", learning.link, Deed.LINK_LEARNING),
        action(_POINT + "/unlink", learning.unlink, Deed.UNLINK_LEARNING),
        action(_POINT + "/status", learning.decide, Deed.DECIDE_LEARNING),
        page(addresses.REDACTIONS, redactions.waiting, Deed.READ_REDACTIONS),
        page(addresses.NEW_REDACTION, redactions.ask, Deed.REQUEST_REDACTION),
        action(addresses.NEW_REDACTION, redactions.request, Deed.REQUEST_REDACTION),
        page(_REDACTION, redactions.plan, Deed.READ_REDACTIONS),
        action(_REDACTION + "/agree", redactions.agree, Deed.AGREE_REDACTION),
        action(_REDACTION + "/refuse", redactions.refuse, Deed.REQUEST_REDACTION),
        page(addresses.LOG, log.events, Deed.READ_LOG),
        page(addresses.LOG_FILE, log.export, Deed.EXPORT_LOG),
        page(addresses.LOG + "/{number:int}", log.event, Deed.READ_LOG),
        page(addresses.ACCOUNTS, accounts.accounts, Deed.READ_ACCOUNTS),
        page(addresses.NEW_ACCOUNT, accounts.ask, Deed.MANAGE_ACCOUNTS),
        action(addresses.NEW_ACCOUNT, accounts.add, Deed.MANAGE_ACCOUNTS),
        page(_ACCOUNT, accounts.account, Deed.READ_ACCOUNTS),
        action(_ACCOUNT + "/roles", accounts.set_roles, Deed.MANAGE_ACCOUNTS),
        action(_ACCOUNT + "/disable", accounts.disable, Deed.MANAGE_ACCOUNTS),
        action(_ACCOUNT + "/enable", accounts.enable, Deed.MANAGE_ACCOUNTS),
        action(_ACCOUNT + "/reset", accounts.reset, Deed.MANAGE_ACCOUNTS),
        action(_ACCOUNT + "/sessions", accounts.revoke, Deed.MANAGE_ACCOUNTS),
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
