"""Drafts in a list, what a draft can be started from, and one draft at a glance with what can be done next.

`routes` leads here. Files that come in are read by `procedures` in its limited child process, never in this one.
"""

import re
from dataclasses import dataclass

from starlette.responses import Response

from kb.access import Deed
from kb.beginnings import (
    Beginning,
    Correction,
    FromFile,
    FromLearning,
    NewSection,
    OldText,
    Pasted,
    TextInForce,
    Withdrawal,
)
from kb.drafting import State
from kb.overview import DraftLine
from kb.views import SectionName
from procedures.errors import Invalid, Mendable
from procedures.model import ContactDetails, RevisionKind
from web.workspace import addresses, uploads
from web.workspace.door import Visit, go

_ASKED = ("section", "how", "title", "number", "words", "successor", "revision", "point")
_MARKUP = re.compile(r"<(?:p|div|h[1-6]|ul|ol|li|table|br|span|html|body)\b", re.IGNORECASE)
_HEADINGS = {
    State.DRAFT: "Being written",
    State.IN_REVIEW: "In review",
    State.APPROVED: "Approved, not yet published",
    State.PUBLISHED: "Published in the last 30 days",
    State.WITHDRAWN: "Given up in the last 30 days",
}


@dataclass(frozen=True, slots=True)
class Group:
    """The drafts in one state, under its heading."""

    state: State
    heading: str
    drafts: tuple[DraftLine, ...]


def home(visit: Visit) -> Response:
    """Lead to what somebody can use: the desk, else the accounts, else their own."""
    if visit.may(Deed.READ_DESK):
        return go(addresses.DESK)
    return go(addresses.ACCOUNTS if visit.may(Deed.READ_ACCOUNTS) else addresses.ACCOUNT)


def drafts(visit: Visit) -> Response:
    """List the drafts by state."""
    lines = visit.site.kb.workspace.drafts(visit.actor)
    groups = (Group(state, _HEADINGS[state], tuple(each for each in lines if each.state is state)) for state in State)
    return visit.answer("drafts.html", groups=[group for group in groups if group.drafts])


def ask(visit: Visit, error: str = "", at: str = "section") -> Response:
    """Show what a draft can be started from."""
    asked = visit.request.query_params
    fields = visit.fields or asked
    values = {name: str(fields.get(name, "")) for name in _ASKED}
    values["how"] = values["how"] or str(asked.get("from", "")) or ("in-force" if values["section"] else "")
    return visit.answer(
        "new.html",
        status=400 if error else 200,
        error=error,
        at=at,
        values=values,
        sections=sections(visit),
        learning=[line for line in visit.site.kb.learning.points(visit.actor) if not line.answered],
        open_for=_open_drafts(visit, values["section"]),
    )


def start(visit: Visit) -> Response:
    """Start a draft from what was chosen."""
    how = visit.field("how")
    try:
        draft = visit.site.kb.workspace.start(visit.actor, _beginning(visit, how))
    except Mendable as error:
        return ask(visit, str(error))
    return go(addresses.draft(draft.id, "edit", done="begun"))


def overview(visit: Visit, error: str = "", at: str = "steps", status: int = 400) -> Response:
    """Show a draft at a glance: where it stands, what it has gone through, what can be done next."""
    workspace = visit.site.kb.workspace
    view = workspace.draft(visit.actor, visit.request.path_params["draft"])
    draft = view.draft
    return visit.answer(
        "draft.html",
        status=status if error else 200,
        error=error,
        at=at,
        view=view,
        draft=draft,
        helped=draft.is_helped_by(visit.actor.name),
        later=[r for r in view.held if r.in_force_from > (draft.content.in_force_from or visit.site.kb.today())],
        is_withdrawal=draft.facts.kind is RevisionKind.WITHDRAWAL,
        today=visit.site.kb.today(),
        sent=visit.fields,
    )


def attach(visit: Visit) -> Response:
    """Add a file to a draft."""
    draft_id = visit.request.path_params["draft"]
    try:
        file = uploads.attachment(visit.fields, visit.field("description"))
        version = visit.site.kb.workspace.draft(visit.actor, draft_id).draft.version
        visit.site.kb.workspace.attach(visit.actor, draft_id, file, version)
    except Mendable as error:
        return overview(visit, str(error), "file")
    return go(addresses.draft(draft_id, "edit", done="attached", fragment="saved"))


def file(visit: Visit) -> Response:
    """Hand over a file of a draft to be kept, never to be run or shown among our pages."""
    path = visit.request.path_params
    found, content = visit.site.kb.workspace.file(visit.actor, path["draft"], path["digest"])
    return uploads.handed_over(found.filename, found.media_type, content)


def _beginning(visit: Visit, how: str) -> Beginning:
    """Read what was chosen. Raises `Invalid` for what is missing."""
    number = visit.field("number").strip() or None
    if how == "new":
        return NewSection(visit.field("title"), number)
    if how == "contact":
        return NewSection(visit.field("title"), None, ContactDetails("", "24/7", "", None, None))
    section = visit.field("section").strip()
    if how == "word":
        name, content = uploads.sent(visit.fields)
        return FromFile(name, content, section or None, visit.field("title"), number)
    if how == "paste":
        words = visit.field("markup") or visit.field("words")
        return Pasted(words, bool(_MARKUP.search(words)), section or None, visit.field("title"), number)
    if not section:
        raise Invalid("Choose the section that is to be changed.")
    return _change_of(visit, how, section)


def _change_of(visit: Visit, how: str, section: str) -> Beginning:
    match how:
        case "in-force":
            return TextInForce(section)
        case "correction":
            return Correction(section)
        case "withdrawal":
            return Withdrawal(section, visit.field("successor").strip() or None)
        case "old":
            return OldText(section, _number(visit.field("revision"), "the revision to go back to"))
        case "learning":
            review, _, ordinal = visit.field("point").partition("/")
            return FromLearning(section, review, _number(ordinal, "the learning point"))
    raise Invalid("Choose what is to be done.")


def _number(typed: str, what: str) -> int:
    if not re.fullmatch(r"\s*[0-9]{1,4}\s*", typed):
        raise Invalid(f"Give the number of {what}, such as 3.")
    return int(typed)


def sections(visit: Visit) -> list[SectionName]:
    """List every section in force, and the contacts, for a person to choose from."""
    kb = visit.site.kb
    found = [section for part in kb.contents() for section in part.sections]
    return found + [SectionName(contact.key, None, contact.title) for contact in kb.contacts_now()]


def _open_drafts(visit: Visit, section: str) -> list[DraftLine]:
    """List the drafts of a section there are already: nobody should start a second without knowing."""
    lines = visit.site.kb.workspace.drafts(visit.actor) if section else ()
    return [each for each in lines if each.section.key == section and each.state.is_open]
