"""What every address of the workspace looks like, in one place; `routes` holds the matching table.

Pages and templates of the workspace call it. Ids of drafts are hexadecimal and sections' keys small letters, digits and
dashes, so nothing else can get into an address.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

HOME = "/workspace"
SIGN_IN = "/workspace/sign-in"
SIGN_OUT = "/workspace/sign-out"
ACCOUNT = "/workspace/account"
PASSWORD = "/workspace/account/password"  # noqa: S105 - a path
SESSIONS = "/workspace/account/sessions"
DESK = "/workspace/desk"
REVIEWS_DUE = "/workspace/desk/reviews-due"
BROKEN_LINKS = "/workspace/desk/broken-links"
IMPORTED = "/workspace/desk/imported"
FEEDBACK = "/workspace/feedback"
SEARCHES = "/workspace/searches"
DRAFTS = "/workspace/drafts"
NEW = "/workspace/drafts/new"
RELEASE = "/workspace/release"
PUBLISHED = "/workspace/release/published"
LINKS = "/workspace/links"
OVERRIDES = "/workspace/overrides"
WAITING = "/workspace/waiting"
REDACTIONS = "/workspace/redactions"
NEW_REDACTION = "/workspace/redactions/new"
LOG = "/workspace/log"
LOG_FILE = "/workspace/log.csv"
LEARNING = "/workspace/learning"
ACCOUNTS = "/workspace/accounts"
NEW_ACCOUNT = "/workspace/accounts/new"


def sign_in(then: str = "") -> str:
    """Address the page for signing in, which leads on to where somebody was going."""
    return f"{SIGN_IN}?{urlencode({'next': then})}" if then and then != HOME else SIGN_IN


def draft(draft_id: str, step: str = "", *, done: str = "", at: int | None = None, fragment: str = "") -> str:
    """Address a draft, or a page or action of it; `done` names what was just done, `at` the block it was done to."""
    path = f"{DRAFTS}/{quote(draft_id, safe='')}" + (f"/{step}" if step else "")
    pairs = [*([("done", done)] if done else []), *([("at", str(at))] if at is not None else [])]
    fragment = fragment or ("" if at is None else f"b{at}")
    return path + (f"?{urlencode(pairs)}" if pairs else "") + (f"#{fragment}" if fragment else "")


def beside(draft_id: str | None) -> str:
    """Address the page to be on after an action that could not be done: the draft's, where it was one of a draft."""
    return draft(draft_id) if draft_id else HOME


def version(draft_id: str, number: int) -> str:
    """Address an earlier version of a draft."""
    return draft(draft_id, f"versions/{number}")


def begin(key: str, how: str = "") -> str:
    """Address the form that starts a draft from a section."""
    return f"{NEW}?{urlencode({'section': key, **({'from': how} if how else {})})}"


def searched(number: int, step: str = "", *, done: str = "") -> str:
    """Address a search that led nowhere by its number, or an action of it; its words are in no address."""
    return f"{SEARCHES}/{number}" + (f"/{step}" if step else "") + _done(done)


def published(references: Iterable[str]) -> str:
    """Address the page that says what has just been published: `brue@5`."""
    return f"{PUBLISHED}?{urlencode([('revision', reference) for reference in references])}"


def redaction(request: str, step: str = "", *, done: str = "") -> str:
    """Address a request to redact, or what can be done with it."""
    return f"{REDACTIONS}/{quote(request, safe='')}" + (f"/{step}" if step else "") + _done(done)


def new_redaction(kind: str, target: str) -> str:
    """Address the form for a request, started from a paragraph, a revision or a file; words come into no address."""
    return f"{NEW_REDACTION}?{urlencode({'kind': kind, 'target': target})}"


def log(chosen: Mapping[str, str], before: int | None = None) -> str:
    """Address a page of the log, narrowed as it was."""
    pairs = [(name, chosen[name]) for name in ("who", "action", "subject") if chosen.get(name)]
    pairs += [("before", str(before))] if before else []
    return LOG + (f"?{urlencode(pairs)}" if pairs else "")


def log_entry(seq: int | str) -> str:
    """Address one event of the log."""
    return f"{LOG}/{seq}"


def learning(review: str, ordinal: int, step: str = "", *, done: str = "", section: str = "") -> str:
    """Address a learning point, or what can be done with it; `section` is the one to choose paragraphs from."""
    path = f"{LEARNING}/{quote(review, safe='')}/{ordinal}" + (f"/{step}" if step else "")
    pairs = [(name, value) for name, value in (("section", section), ("done", done)) if value]
    return path + (f"?{urlencode(pairs)}" if pairs else "")


def account(account_id: int, step: str = "", *, done: str = "") -> str:
    """Address somebody's account, or what can be done with it. By its id: a name may have any letter."""
    return f"{ACCOUNTS}/{account_id}" + (f"/{step}" if step else "") + _done(done)


def inside(typed: str) -> str:
    """Make an address that came with a request into a path of the workspace; anything else leads home.

    It is rebuilt from its path and its query, so it can lead to no other site.
    """
    try:
        parts = urlsplit(typed)
        query = urlencode(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        return HOME
    if parts.path != HOME and not parts.path.startswith(f"{HOME}/"):
        return HOME
    return quote(parts.path, safe="/") + (f"?{query}" if query else "")


def _done(what: str) -> str:
    return f"?{urlencode({'done': what})}" if what else ""
