"""Small texts for tests to publish, and the instants they are published at."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from procedures.model import ContactDetails, SectionKind
from procedures.publication import Proposal

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def day(number: int) -> date:
    """Count days from today."""
    return TODAY + timedelta(days=number)


def a_text(key: str = "brue", *paragraphs: str, **facts: Any) -> Proposal:
    """Propose a text with these paragraphs; every fact has a harmless value unless it is given."""
    html = "".join(f"<div><p>{words}</p></div>" for words in paragraphs or ("Ring for help.",))
    given: dict[str, Any] = {
        "section": key,
        "title": "Brief Resolved Unexpected Event (BRUE)",
        "body": html,
        "change_note": "First issue.",
        "in_force_from": TODAY,
        "author": "Author",
        "approver": "Approver",
        "number": "8.38",
        **facts,
    }
    return Proposal(**given)


def a_contact(key: str = "front-door", hours: str = "Mo-Fr 09:00-17:00; PH off", **facts: Any) -> Proposal:
    """Propose a contact."""
    details = ContactDetails(telephone="01632 960100", opening_hours=hours, role="front door", area="West Sussex")
    return a_text(
        key,
        **{"title": "Front door", "number": None, "section_kind": SectionKind.CONTACT, "contact": details, **facts},
    )
