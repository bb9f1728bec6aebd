"""What a reader must know of a text before relying on it: where it stands, in sentences.

Called by `reading` for the lines under a section's title and the banner above it. It words what
the service has decided and decides nothing about what is in force.
"""

from dataclasses import dataclass
from datetime import date

from kb import addresses
from kb.addresses import When
from kb.views import SectionView
from procedures.model import Period, RevisionKind, Status
from web import wording

NOT_TODAY = "This is not the text in force today"


@dataclass(frozen=True, slots=True)
class Banner:
    """A message above a text. `loud` means that following the text could be a mistake."""

    heading: str
    text: str
    loud: bool
    link: str | None = None
    link_text: str | None = None


def banner(view: SectionView, when: When) -> Banner | None:
    """Word the banner a text needs; None for the text in force today, asked for plainly."""
    today = addresses.section(view.key)
    if view.revision.kind is RevisionKind.WITHDRAWAL:
        return _withdrawal(view, today)
    if view.status is not Status.IN_FORCE:
        text = f"{_asked(when)} {_why(view)}"
        return Banner(NOT_TODAY, text.strip(), True, today, "Read the text in force today")
    if when.pairs:
        text = f"{_asked(when)} It is still in force today."
        return Banner("The same text is in force today", text, False, today, "Read it undated")
    return None


def since(view: SectionView) -> str:
    """Word the days on which the shown text applies."""
    if view.status is Status.COMING:
        return f"Comes into force on {wording.day(view.revision.in_force_from)}"
    if view.revision.kind is RevisionKind.WITHDRAWAL:
        return f"Withdrawn on {wording.day(view.revision.in_force_from)}"
    if view.period is None:
        return "Never in force"
    if view.period.until is None:
        opening = "In force since" if view.status is Status.IN_FORCE else "Shown as in force since"
        return f"{opening} {wording.day(view.period.start)}"
    return sentence_of_days("In force", view.period)


def sentence_of_days(opening: str, period: Period) -> str:
    """Word a run of days with both its ends."""
    start = wording.day(period.start)
    if period.until is None:
        return f"{opening} from {start}"
    if period.until == period.start:
        return f"{opening} on {start} only"
    return f"{opening} from {start} to {wording.day(period.until)}"


def is_overdue(view: SectionView, today: date) -> bool:
    """Say whether the review of the text in force should already have been done."""
    due = view.revision.review_due
    return view.status is Status.IN_FORCE and due is not None and due < today


def _asked(when: When) -> str:
    if when.seen and when.on:
        seen = f", as this site knew on {wording.day(when.seen)}"
        return f"It is what applied on {wording.day(when.on)}{seen}."
    if when.seen:
        return f"It is what this site showed on {wording.day(when.seen)}."
    return f"It is what applied on {wording.day(when.on)}." if when.on else ""


def _why(view: SectionView) -> str:
    match view.status:
        case Status.COMING:
            return f"It comes into force on {wording.day(view.revision.in_force_from)}."
        case Status.CANCELLED:
            return "It was published but cancelled, and must not be followed."
        case _ if view.period is None:
            return "It was replaced before it came into force."
        case _ if view.period.until is None:  # the end was not known on the day of `seen`
            return "It has been replaced since."
        case _:
            return f"{sentence_of_days('It was in force', view.period)}."


def _withdrawal(view: SectionView, today: str) -> Banner:
    reason = (view.revision.withdrawal_reason or "").strip().rstrip(".")
    tense = "will be" if view.status is Status.COMING else "was"
    days = f"This section {tense} withdrawn on {wording.day(view.revision.in_force_from)}."
    text = f"{days} {wording.sentence(reason)}." if reason else days
    if view.successor:
        name = " ".join(filter(None, (view.successor.number, view.successor.title)))
        link = addresses.section(view.successor.key)
        return Banner("Withdrawn", text, True, link, f"Use {name} instead")
    if view.is_today:
        return Banner("Withdrawn", text, True)
    return Banner("Withdrawn", text, True, today, "See where it stands today")
