"""Who may do what: one table, asked before every write.

`KnowledgeBase` calls `require` first in each write; nothing else in the program decides about permission.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from procedures.errors import Forbidden


class Role(StrEnum):
    """What a person is trusted with."""

    AUTHOR = "author"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Deed(StrEnum):
    """Something that changes the record."""

    PUBLISH = "publish"
    CANCEL = "cancel"
    RECORD_REVIEW = "record a review"
    LINK_LEARNING = "link learning to a section"
    IMPORT = "import documents"
    LOOK = "look at what an import has published"
    DECIDE_REVIEW = "decide on a proposed review"
    LOAD_SAMPLE = "load the sample manual"


WHO_MAY: Mapping[Deed, frozenset[Role]] = {
    Deed.PUBLISH: frozenset({Role.APPROVER}),
    Deed.CANCEL: frozenset({Role.APPROVER}),
    Deed.RECORD_REVIEW: frozenset({Role.AUTHOR, Role.APPROVER}),
    Deed.LINK_LEARNING: frozenset({Role.AUTHOR, Role.APPROVER}),
    Deed.IMPORT: frozenset({Role.AUTHOR}),
    Deed.LOOK: frozenset({Role.APPROVER}),
    Deed.DECIDE_REVIEW: frozenset({Role.AUTHOR, Role.APPROVER}),
    Deed.LOAD_SAMPLE: frozenset({Role.ADMINISTRATOR}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts, under the name the log will carry."""

    name: str
    roles: frozenset[Role]


def require(actor: Actor, deed: Deed) -> None:
    """Raise `Forbidden` unless one of the actor's roles covers the deed."""
    if not actor.roles & WHO_MAY[deed]:
        roles = " or ".join(sorted(WHO_MAY[deed]))
        raise Forbidden(f"{actor.name} may not {deed}. Ask somebody with the role {roles}.")
