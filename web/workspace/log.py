"""The log as people read it: who did what to what, the newest first, and as a file for a spreadsheet.

`routes` leads here. `kb.audit` says who may see it; here an event becomes a line with a link to what it was about.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from kb import addresses as public
from kb.access import Deed
from kb.audit import ACTIONS, Entry, Wanted
from procedures.errors import Mendable, NotFound
from web import forms
from web.workspace import addresses
from web.workspace.door import Visit
from web.workspace.uploads import handed_over

PAGE = 50

_OF_A_REVIEW = {"review", "link", "unlink", "decide learning"}
_OF_A_PERSON = {
    *("add account", "change roles", "disable account", "enable account"),
    *("reset password", "change password", "revoke session"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """An event with the name and the address of what it was about, and the words that were given with it."""

    entry: Entry
    name: str
    address: str | None
    words: str


def events(visit: Visit) -> Response:
    """List events, the newest first; a person, an action and a subject can be chosen."""
    audit, asked = visit.site.kb.audit, visit.request.query_params
    wanted = Wanted(
        asked.get("who") or None, asked.get("action") or None, _subject(visit, forms.words(visit.request, "subject"))
    )
    before = forms.number(visit.request, "before")
    found = audit.entries(visit.actor, wanted, before=before, limit=PAGE + 1)
    choices = audit.choices(visit.actor)
    newest = audit.entries(visit.actor, limit=1)
    return visit.answer(
        "log.html",
        lines=lines(visit, found[:PAGE]),
        newest=newest[0] if newest else None,
        chosen=asked,
        before=before,
        older=found[PAGE - 1].seq if len(found) > PAGE else None,
        who=choices.who,
        actions=sorted(((name, ACTIONS.get(name, name)) for name in choices.actions), key=lambda pair: pair[1]),
    )


def event(visit: Visit) -> Response:
    """Show one event whole."""
    entry = visit.site.kb.audit.entry(visit.actor, visit.request.path_params["number"])
    details = {name: _written(value) for name, value in json.loads(entry.details).items()}
    return visit.answer("event.html", line=lines(visit, [entry])[0], details=details)


def export(visit: Visit) -> Response:
    """Hand the whole log over as CSV."""
    kb = visit.site.kb
    return handed_over(f"log-{kb.today().isoformat()}.csv", "text/csv", kb.audit.export_csv(visit.actor).encode())


def _subject(visit: Visit, typed: str) -> str | None:
    """Read what events are wanted about: a section by its number too, anything else as the log names it."""
    if not typed:
        return None
    try:
        return visit.site.kb.resolve(typed).key
    except Mendable:
        return typed


def lines(visit: Visit, entries: Sequence[Entry]) -> list[Line]:
    """Write events as lines."""
    naming = _Naming(visit)
    return [naming.line(entry) for entry in entries]


class _Naming:
    """Names what events are about, each thing once."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._sections: dict[str, str | None] = {}
        self._reviews = {review.key: review.title for review in visit.site.kb.reviews()}
        accounts = visit.site.kb.accounts.list(visit.actor) if visit.may(Deed.READ_ACCOUNTS) else ()
        self._accounts = {account.name: account.id for account in accounts}

    def line(self, entry: Entry) -> Line:
        """Write an event as a line."""
        told = json.loads(entry.details)
        name, address = self._subject(entry, told)
        words = (told.get(field) for field in ("reason", "words", "change_note"))
        return Line(entry, name, address, next((each for each in words if each and isinstance(each, str)), ""))

    def _subject(self, entry: Entry, told: dict[str, Any]) -> tuple[str, str | None]:
        key = entry.subject
        if entry.action in _OF_A_REVIEW:
            return self._learning(key, told), public.review(key) if key in self._reviews else None
        if entry.action in _OF_A_PERSON:
            return key, addresses.account(self._accounts[key]) if key in self._accounts else None
        if entry.action == "term":
            return key, public.term(key)
        if key == "manual":
            revisions = told.get("revisions")
            return ", ".join(map(str, revisions)) if isinstance(revisions, list) else "", None
        return self._section(key, told.get("revision"))

    def _learning(self, key: str, told: dict[str, Any]) -> str:
        """Name a review, its learning point and the text it was linked to, as far as the event tells."""
        found = self._reviews.get(key, key)
        if isinstance(told.get("learning"), int):
            found += f", learning point {told['learning']}"
        if "section" in told:
            found += f", and {self._section(told['section'], told.get('revision'))[0]}"
        if "status" in told:
            found += f", now {told['status']}"
        return found

    def _section(self, key: str, revision: object) -> tuple[str, str | None]:
        if key not in self._sections:
            self._sections[key] = self._title(key)
        title = self._sections[key]
        if title is None:
            return key, None
        if isinstance(revision, int):
            return f"{title}, revision {revision}", public.revision(key, revision)
        return title, public.section(key)

    def _title(self, key: str) -> str | None:
        try:
            section = self._visit.site.kb.history(key).section
        except NotFound:  # a draft of a section that was never published
            return None
        return f"{section.number} {section.title}" if section.number else section.title


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
