"""Who may do what: one table, asked before every write and before every look at what is not public.

Every method of the service that takes an `Actor` calls `require` first; nothing else in the program decides about
permission. A rule that needs more than roles (nobody approves what they helped to write) is a rule of its subject.
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
    """Something that is not everybody's: every change, and every look at what is not public."""

    # What is read
    READ_DESK = "read the desk"
    READ_DRAFTS = "read drafts"
    READ_FEEDBACK = "read what readers say"
    READ_SEARCHES = "read what readers search for in vain"
    READ_LOG = "read the log"
    EXPORT_LOG = "export the log"
    READ_ACCOUNTS = "look at accounts and sessions"
    READ_REDACTIONS = "look at requests to redact"
    # Writing
    SAVE_DRAFT = "save a draft"
    DELETE_DRAFT = "delete a draft"
    SUBMIT = "submit a draft for approval"
    APPROVE = "approve a draft"
    REJECT = "reject a draft"
    # Publishing
    PUBLISH = "publish"
    OVERRIDE = "publish urgently without approval"
    REVIEW_OVERRIDE = "review an urgent publication"
    CANCEL = "cancel"
    WITHDRAW = "withdraw a section"
    ROLL_BACK = "roll a section back"
    # Redaction
    REQUEST_REDACTION = "ask for a redaction"
    AGREE_REDACTION = "agree to a redaction"
    # What came from elsewhere
    RECORD_REVIEW = "record a review"
    LINK_LEARNING = "link learning to a section"
    UNLINK_LEARNING = "withdraw a link from learning"
    DECIDE_LEARNING = "change the status of learning"
    IMPORT = "import documents"
    LOOK = "look at what an import has published"
    DECIDE_REVIEW = "decide on a proposed review"
    DECIDE_FEEDBACK = "decide on what readers say"
    DECIDE_SEARCH = "decide on a search that led nowhere"
    RECORD_TERM = "record a term"
    # People
    MANAGE_ACCOUNTS = "manage accounts"
    LOAD_SAMPLE = "load the sample manual"


_AUTHOR = frozenset({Role.AUTHOR})
_APPROVER = frozenset({Role.APPROVER})
_EDITOR = _AUTHOR | _APPROVER
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
_AUDITOR = frozenset({Role.AUDITOR})

WHO_MAY: Mapping[Deed, frozenset[Role]] = {
    Deed.READ_DESK: _EDITOR | _AUDITOR,
    Deed.READ_DRAFTS: _EDITOR | _AUDITOR,
    Deed.READ_FEEDBACK: _EDITOR | _AUDITOR,
    Deed.READ_SEARCHES: _EDITOR | _AUDITOR,
    Deed.READ_LOG: _EDITOR | _ADMINISTRATOR | _AUDITOR,
    Deed.EXPORT_LOG: _APPROVER | _ADMINISTRATOR | _AUDITOR,
    Deed.READ_ACCOUNTS: _ADMINISTRATOR | _AUDITOR,
    Deed.READ_REDACTIONS: _EDITOR | _AUDITOR,
    Deed.SAVE_DRAFT: _AUTHOR,
    Deed.DELETE_DRAFT: _AUTHOR,
    Deed.SUBMIT: _AUTHOR,
    Deed.APPROVE: _APPROVER,
    Deed.REJECT: _APPROVER,
    Deed.PUBLISH: _APPROVER,
    Deed.OVERRIDE: _APPROVER,
    Deed.REVIEW_OVERRIDE: _APPROVER,
    Deed.CANCEL: _APPROVER,
    Deed.WITHDRAW: _APPROVER,
    Deed.ROLL_BACK: _APPROVER,
    Deed.REQUEST_REDACTION: _EDITOR,
    Deed.AGREE_REDACTION: _APPROVER,
    Deed.RECORD_REVIEW: _EDITOR,
    Deed.LINK_LEARNING: _EDITOR,
    Deed.UNLINK_LEARNING: _EDITOR,
    Deed.DECIDE_LEARNING: _EDITOR,
    Deed.IMPORT: _AUTHOR,
    Deed.LOOK: _APPROVER,
    Deed.DECIDE_REVIEW: _EDITOR,
    Deed.DECIDE_FEEDBACK: _EDITOR,
    Deed.DECIDE_SEARCH: _EDITOR,
    Deed.RECORD_TERM: _EDITOR,
    Deed.MANAGE_ACCOUNTS: _ADMINISTRATOR,
    Deed.LOAD_SAMPLE: _ADMINISTRATOR,
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
