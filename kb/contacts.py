"""Whom to ring now: the contacts in force, whether each answers at this moment, and who answers instead.

`KnowledgeBase` delegates here. Numbers of the sample are marked as examples, the national ones aside.
"""

from collections.abc import Mapping

from kb.reading import Moment
from kb.views import ContactNow
from procedures.contacts import answering
from procedures.errors import NotFound
from procedures.model import AREAS, Revision, SectionKind
from procedures.record import Record

NATIONAL_NUMBERS = frozenset({"999", "101", "111"})
"""Numbers that are real wherever they stand."""


def contacts_now(record: Record, at: Moment) -> tuple[ContactNow, ...]:
    """List the contacts a page offers to ring: front doors by area, then the others by role and title."""
    current = _current(record, at)
    found = [_shown(record, revision, current, at, follow=True) for revision in current.values()]
    return tuple(sorted(found, key=_order))


def contact_now(record: Record, key: str, at: Moment) -> ContactNow:
    """Show one contact as it stands now. Raises `NotFound`."""
    current = _current(record, at)
    revision = current.get(record.redirects.get(key, key))
    if revision is None:
        raise NotFound(f"There is no contact '{key}' in force. Look in the list of contacts.")
    return _shown(record, revision, current, at, follow=True)


def _current(record: Record, at: Moment) -> dict[str, Revision]:
    in_force = record.in_force(at.today, at.now)
    return {k: r for k, r in in_force.items() if record.kinds[k] is SectionKind.CONTACT and r.contact}


def _shown(
    record: Record, revision: Revision, current: Mapping[str, Revision], at: Moment, *, follow: bool
) -> ContactNow:
    details = revision.contact
    if details is None:
        raise NotFound(f"'{revision.title}' has no telephone number. Look in the list of contacts.")
    state = answering(details.opening_hours, at.now)
    other = current.get(details.out_of_hours or "") if follow and not state.is_open else None
    return ContactNow(
        key=revision.section,
        title=revision.title,
        area=details.area,
        role=details.role,
        telephone=details.telephone,
        example=record.is_sample and details.telephone not in NATIONAL_NUMBERS,
        opening_hours=details.opening_hours,
        is_open=state.is_open,
        changes_at=state.changes_at,
        instead=_shown(record, other, current, at, follow=False) if other else None,
    )


def _order(contact: ContactNow) -> tuple[bool, str, int, str]:
    area = AREAS.index(contact.area) if contact.area in AREAS else len(AREAS)
    return (contact.role != "front door", contact.role, area, contact.title)
