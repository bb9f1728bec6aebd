"""The pages one looks things up in: A to Z, glossary, and what this site is.

`app` routes to them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response

from kb.views import GlossaryEntry, SectionName
from procedures.model import EVERYDAY
from web.render import Site


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the A to Z: words a reader may look under, and where they lead.

    `see` is False for a section's own title.
    """

    words: str
    sections: tuple[SectionName, ...]
    see: bool

    @property
    def letter(self) -> str:
        """The letter it stands under; "0–9" for what starts with none."""
        first = next((sign for sign in self.words if sign.isalnum()), "0").upper()
        return first if first.isalpha() else "0–9"


def a_to_z(request: Request) -> Response:
    """List every section by its title, and the names people look for it under."""
    site = Site.of(request)
    titles = (Heading(name.title, (name,), False) for part in site.kb.contents() for name in part.sections)
    headings = [*titles, *_other_names(site.kb.glossary())]
    headings.sort(key=lambda heading: (heading.letter, heading.words.casefold()))
    letters = [(letter, list(group)) for letter, group in groupby(headings, lambda heading: heading.letter)]
    return site.answer("a_to_z.html", letters=letters)


def glossary(request: Request) -> Response:
    """List the terms of the field with what they mean, and everyday words by the sections in force they lead to."""
    site = Site.of(request)
    in_force = {name.key for part in site.kb.contents() for name in part.sections}
    terms: list[GlossaryEntry] = []
    everyday: dict[SectionName, list[tuple[GlossaryEntry, bool]]] = {}
    for entry in sorted(site.kb.glossary(), key=lambda entry: entry.term.term.casefold()):
        sections = [name for name in entry.sections if name.key in in_force] if entry.term.kind == EVERYDAY else []
        for place, name in enumerate(sections):
            everyday.setdefault(name, []).append((entry, place == 0))
        if not sections:
            terms.append(entry)
    by_title = sorted(everyday.items(), key=lambda led: led[0].title)
    return site.answer("glossary.html", terms=terms, everyday=by_title)


def about(request: Request) -> Response:
    """Say what this site is, how to read "must" and "should", and how to cite it."""
    return Site.of(request).answer("about.html", host=request.url.netloc)


def accessibility(request: Request) -> Response:
    """Say how far everybody can use this site, what was tested, and what is not right yet."""
    return Site.of(request).answer("accessibility.html")


def _other_names(entries: tuple[GlossaryEntry, ...]) -> Iterator[Heading]:
    """Name the terms that a section is about; everyday words are for the search, not for a list."""
    for entry in entries:
        if entry.sections and entry.term.kind != EVERYDAY:
            yield Heading(entry.term.term, entry.sections, True)
