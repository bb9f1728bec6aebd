"""What was published: the updates page, the feeds and the list of imported texts nobody has looked at.

`KnowledgeBase` delegates here. Each publication comes with the reviews whose learning it answers, as recorded; nothing
is guessed and nothing is written.
"""

from kb.addresses import slug
from kb.reading import Moment, name_of
from kb.views import ReviewName, Update
from procedures.model import Revision, SectionKind, status_of
from procedures.record import Record


def updates(
    record: Record, at: Moment, limit: int | None = None, section: str | None = None, theme: str | None = None
) -> tuple[Update, ...]:
    """List the publications of guidance, newest first; contacts are left out.

    `section` keeps those of one section, `theme` (its key) those of texts on one theme. Raises `NotFound`.
    """
    keys = [record.section(section)[0].section] if section else [*record.revisions]
    found = [
        revision
        for key in keys
        if record.kinds[key] is SectionKind.PROCEDURE
        for revision in record.revisions[key]
        if theme is None or theme in {slug(name) for name in revision.themes}
    ]
    found.sort(key=lambda revision: (revision.published_at, revision.id), reverse=True)
    answered = _answered(record)
    return tuple(_update(record, revision, at, answered) for revision in found[:limit])


def unreviewed(record: Record, at: Moment) -> tuple[Update, ...]:
    """List the texts published by import that nobody has looked at, by section."""
    found = (record.revision(key, number) for key, number in sorted(record.unreviewed))
    return tuple(_update(record, revision, at, {}) for revision in found)


def _update(
    record: Record, revision: Revision, at: Moment, answered: dict[tuple[str, int], tuple[ReviewName, ...]]
) -> Update:
    status = status_of(revision, record.section(revision.section), at.today, at.now)
    return Update(name_of(revision), revision, status, answered.get((revision.section, revision.revision), ()))


def _answered(record: Record) -> dict[tuple[str, int], tuple[ReviewName, ...]]:
    """Gather, for each revision, the reviews whose learning it answers."""
    found: dict[tuple[str, int], dict[str, ReviewName]] = {}
    for review in record.reviews.values():
        for point in review.learning:
            for change in point.changes:
                names = found.setdefault((change.section, change.revision), {})
                earlier = names.get(review.key)
                illustrative = change.illustrative and (earlier is None or earlier.illustrative)
                names[review.key] = ReviewName(review.key, review.title, illustrative)
    return {revision: tuple(names.values()) for revision, names in found.items()}
