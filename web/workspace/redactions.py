"""Redaction by two people: what waits, asking, looking at what would go, agreeing or turning it down, what was done.

`routes` leads here. Words that are to go are sent in forms only, never in an address; what is removed and what stays is
for `kb.redaction` to say, and the page shows all of it before anybody agrees.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.responses import Response

from kb.accounts import folded
from kb.redaction import KEPT, STILL_HELD, Elsewhere, Kind, Place, Plan
from kb.views import SectionName
from procedures.errors import Invalid, Mendable, Refused
from procedures.markup import TOMBSTONE
from web.prose import excerpt
from web.workspace import addresses
from web.workspace.door import Visit, go
from web.workspace.drafts import sections
from web.workspace.log import lines

MOST_EVENTS = 30
"""Events of the log that are named one by one: a common word stands in hundreds."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A text that would give way to a tombstone, with every revision (KEY@N) it stands in."""

    text: str
    is_heading: bool
    revisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nameable:
    """Something of a section that a request can be started from: what it is called, and how it begins."""

    kind: Kind
    target: str
    name: str
    words: str


def waiting(visit: Visit) -> Response:
    """List the requests that wait for a second person, and what was removed before."""
    redactions = visit.site.kb.redactions
    return visit.answer(
        "redactions.html",
        requests=redactions.waiting(visit.actor),
        removed=redactions.done(visit.actor),
        still_held=STILL_HELD,
        kept=KEPT,
    )


def ask(visit: Visit, error: str = "", at: str = "target") -> Response:
    """Show the form that asks for a redaction, started from a paragraph, a revision or a file where one is named."""
    asked = visit.request.query_params
    section = asked.get("section", "")
    values = {name: visit.field(name) for name in ("kind", "target", "reason")}
    if not visit.fields and asked.get("kind") in set(Kind) - {Kind.WORDS}:
        values |= {"kind": asked["kind"], "target": asked.get("target", "")}
    return visit.answer(
        "redaction_new.html",
        status=400 if error else 200,
        error=error,
        at=at,
        values=values,
        begins=_begins(visit, values["target"]) if values["kind"] == Kind.PARAGRAPH else "",
        section=section,
        sections=sections(visit),
        nameable=_nameable(visit, section) if section else [],
    )


def request(visit: Visit) -> Response:
    """Ask for a redaction, and show what it would remove."""
    kind = visit.field("kind")
    if kind not in set(Kind):
        return ask(visit, "Choose what is to be removed.", "kind")
    try:
        if not visit.field("target").strip():
            raise Invalid("Say exactly what is to be removed.")
        made = visit.site.kb.redactions.request(
            visit.actor, Kind(kind), visit.field("target").strip(), visit.field("reason")
        )
    except Refused as error:  # what is refused is a reason that is missing, or says too much
        return ask(visit, str(error), "reason")
    except Mendable as error:
        return ask(visit, str(error))
    return go(addresses.redaction(made.id, done="asked"))


def plan(visit: Visit, error: str = "", at: str = "decide") -> Response:
    """Show everything a request would remove, and everything with the same words that stays."""
    found = visit.site.kb.redactions.plan(visit.actor, _id(visit))
    told = [int(each.key) for each in found.elsewhere if each.table == "events"]
    return visit.answer(
        "redaction.html",
        status=400 if error else 200,
        error=error,
        at=at,
        plan=found,
        removed=_removed(found.places),
        own=folded(found.request.requested_by) == folded(visit.actor.name),
        drafts=_drafts(found),
        told=lines(visit, [visit.site.kb.audit.entry(visit.actor, seq) for seq in told[:MOST_EVENTS]]),
        untold=len(told[MOST_EVENTS:]),
        stays=[each for each in found.elsewhere if each.table not in {"drafts", "draft_versions", "events"}],
        still_held=STILL_HELD,
        why=visit.field("why"),
    )


def agree(visit: Visit) -> Response:
    """Remove for good what was shown, as the second person."""
    try:
        at_once = visit.site.kb.redactions.agree(visit.actor, _id(visit), visit.field("fingerprint"))
    except Refused as error:
        return plan(visit, str(error))
    return go(f"{addresses.REDACTIONS}?done={'agreed' if at_once else 'agreed-later'}")


def refuse(visit: Visit) -> Response:
    """Turn a request down, or take one's own back, with a reason."""
    try:
        visit.site.kb.redactions.refuse(visit.actor, _id(visit), visit.field("why"))
    except Refused as error:
        return plan(visit, str(error), "why")
    return go(f"{addresses.REDACTIONS}?done=refused")


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["key"])


def _begins(visit: Visit, target: str) -> str:
    """Say how the paragraph that a request is started from begins; nothing where none is named."""
    try:
        found = visit.site.kb.paragraph(visit.site.kb.resolve(target).pid or "").paragraph
    except Mendable:
        return ""
    return f"{found.number} {excerpt(found.text, ()).striptags()}"


def _removed(places: Iterable[Place]) -> list[Removed]:
    """Gather the places by what stands there, since one text often stands in many revisions."""
    found: dict[tuple[str, bool], list[str]] = {}
    for place in places:
        found.setdefault((place.text, place.pid is None), []).append(place.revision)
    return [Removed(text, heading, tuple(dict.fromkeys(refs))) for (text, heading), refs in found.items()]


def _drafts(found: Plan) -> list[Elsewhere]:
    """Name each draft once, whether it has the words now or in an earlier version."""
    named = {each.key: each for each in found.elsewhere if each.table == "draft_versions"}
    return list((named | {each.key: each for each in found.elsewhere if each.table == "drafts"}).values())


def _nameable(visit: Visit, section: str) -> list[Nameable]:
    """List what of the text in force can be named without typing: the revision, its paragraphs, its files."""
    view = visit.site.kb.section(section)
    name = SectionName(view.key, view.number, view.title)
    whole = f"{name.number} {name.title}" if name.number else name.title
    found = [Nameable(Kind.REVISION, view.revision.ref, f"The whole text of {whole}, {view.revision.ref}", "")]
    found += [Nameable(Kind.FILE, file.hash, f"The file {file.filename}", "") for file in view.attachments]
    found += [
        Nameable(Kind.PARAGRAPH, p.pid, f"Paragraph {p.number}", excerpt(p.text, (), 160).striptags())
        for p in view.paragraphs
        if p.text != TOMBSTONE
    ]
    return found
