"""What every address of the workspace looks like, in one place; `routes` holds the matching table.

Pages and templates of the workspace call it. Ids of drafts are hexadecimal and sections' keys small letters, digits and
dashes, so nothing else can get into an address.
"""

from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

HOME = "/workspace"
SIGN_IN = "/workspace/sign-in"
SIGN_OUT = "/workspace/sign-out"
ACCOUNT = "/workspace/account"
PASSWORD = "/workspace/account/password"  # noqa: S105 - a path
SESSIONS = "/workspace/account/sessions"
DRAFTS = "/workspace/drafts"
NEW = "/workspace/drafts/new"
RELEASE = "/workspace/release"
PUBLISHED = "/workspace/release/published"
LINKS = "/workspace/links"
OVERRIDES = "/workspace/overrides"
WAITING = "/workspace/waiting"


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


def published(references: Iterable[str]) -> str:
    """Address the page that says what has just been published: `brue@5`."""
    return f"{PUBLISHED}?{urlencode([('revision', reference) for reference in references])}"


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
