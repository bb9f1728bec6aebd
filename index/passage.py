"""The passage: the unit of search.

`kb` makes passages from the record and hands them to an engine; `web` shows the ones that come
back. A passage never changes once indexed, and carries no dates: it belongs to a *revision name*,
and each search says which names it may see.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

WORDING = "wording"
"""The kind of a passage that is never a result: it has words for sections, and helps to spell and complete them."""


class Standing(StrEnum):
    """What a passage does for a reader: says what to do at once, guides, or only points elsewhere."""

    ACT_NOW = "act now"
    GUIDANCE = "guidance"
    POINTER = "pointer"


class Manner(StrEnum):
    """How a passage speaks of a section: names it, says what the name means, or sends readers there."""

    NAME = "name"
    MEANING = "meaning"
    SIGNPOST = "signpost"


class Naming(NamedTuple):
    """Words a passage has for a section (or contact), by its key, which may not have them itself."""

    document: str
    manner: Manner
    words: str


@dataclass(frozen=True, slots=True)
class Passage:
    """One numbered paragraph with its lists and tables, one learning point, one contact or one term.

    `revision` is the name searches choose by; it never stands for another text. `document` is the key of the section,
    review, contact or term that results are grouped by; `key` is unique and never used for other content; `pid` and
    `number` are None where a passage is not a paragraph of a section; `place` is where it stands in its document. A
    section is found by the `namings` of other passages too: the words of a term lead to the section it is about.
    """

    key: str
    revision: str
    kind: str
    document: str
    title: str
    heading: str
    text: str
    pid: str | None = None
    number: str | None = None
    section_number: str | None = None
    part: int | None = None
    area: str | None = None
    agencies: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    place: int = 0
    standing: Standing = Standing.GUIDANCE
    namings: tuple[Naming, ...] = ()
