"""Everything the knowledge base can refuse or fail at, in one tree.

Every layer raises these; `web` maps them to pages once and `kb.cli` to exit statuses once. The message of each is a
plain sentence or two for the person at the screen: what happened, and what to do next.

    KnowledgeBaseError
    +-- Mendable            the user can put it right (exit status 2)
    |   +-- NotFound        no such section, number, paragraph, review or revision
    |   +-- Invalid         a date, reference or file that cannot be read as one
    |   +-- Refused         a rule of the manual says no
    |   |   +-- Conflict    the text has moved on since it was read
    |   +-- Forbidden       this actor may not do this
    |       +-- SignedOut   nobody is signed in any more: sign in, and go on
    +-- Fault               ours to mend (exit status 1)
"""


class KnowledgeBaseError(Exception):
    """The root of the tree; never raised itself."""


class Mendable(KnowledgeBaseError):
    """Something the user can put right; nothing has been changed."""


class NotFound(Mendable):
    """Raised when a reference is well formed and leads nowhere."""


class Invalid(Mendable):
    """Raised when what was given cannot be read as what it should be."""


class Refused(Mendable):
    """Raised when a rule of the manual forbids what was asked."""


class Conflict(Refused):
    """Raised when a change was made from a text that is no longer the newest."""


class Forbidden(Mendable):
    """Raised when the actor's role does not cover the action."""


class SignedOut(Forbidden):
    """Raised when a session is not there, or is over; its words say why."""


class Fault(KnowledgeBaseError):
    """Raised when the record, the index or the machine lets us down."""
