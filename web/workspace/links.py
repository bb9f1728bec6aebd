"""Finding what to link to: sections and paragraphs by search, each with the notation that links to it.

`routes` leads here; without script an editor copies the notation, with it a press puts it into the text. Only text in
force can be found.
"""

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from procedures.notation import literal
from web import forms
from web.prose import excerpt
from web.security import NOT_KEPT
from web.workspace.door import Visit, wants_json

MOST = 8


@dataclass(frozen=True, slots=True)
class Target:
    """Something to link to: what it is called, how it is linked to, and how it begins."""

    name: str
    notation: str
    words: str


def links(visit: Visit) -> Response:
    """Show the sections and paragraphs that a search finds, each with its notation."""
    words = forms.words(visit.request)
    found = _found(visit, words) if words else []
    if wants_json(visit.request):
        told = [{"name": each.name, "notation": each.notation, "words": each.words} for each in found]
        return JSONResponse(told, headers={"Cache-Control": NOT_KEPT})
    return visit.answer("links.html", words=words, found=found)


def _found(visit: Visit, words: str) -> list[Target]:
    view = visit.site.kb.search(words, limit=MOST)
    found = {
        d.pid or d.key: _target(d.kind, d.key, d.number, d.title, d.pid, "")
        for d in view.destinations
        if d.kind in {"section", "contact", "paragraph"}
    }
    for result in view.results:
        if result.kind not in {"section", "contact"}:
            continue
        found.setdefault(result.key, _target(result.kind, result.key, result.number, result.title, None, ""))
        for hit in result.hits if result.kind == "section" else ():
            passage = hit.passage
            if passage.pid:
                name = passage.number or passage.pid
                text = excerpt(passage.text, ()).striptags()
                found.setdefault(passage.pid, _target("paragraph", result.key, name, result.title, passage.pid, text))
    return list(found.values())


def _target(kind: str, key: str, number: str | None, title: str, pid: str | None, words: str) -> Target:
    name = f"{number} {title}" if number else title
    if kind == "contact":
        return Target(name, f"[contact:{key}]", words)
    shown = number if pid and number else name
    return Target(name, f"[{literal(shown)}]({'paragraph:' + pid if pid else 'section:' + key})", words)
