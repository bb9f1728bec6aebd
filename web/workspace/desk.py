"""The desk: what waits for whoever is signed in, what is on its way, and what in the manual wants attention.

`routes` leads here. `kb.overview` works out what there is; the desk shows the beginning of long lists, and these pages
the whole of them.
"""

from collections import Counter
from dataclasses import dataclass

from starlette.responses import Response

from kb import addresses as public
from kb.drafting import State
from kb.overview import BrokenLink, Errand, Pile, ReviewDue, Task
from kb.unanswered import State as SearchState
from kb.views import SectionName
from procedures.errors import Mendable
from procedures.model import LearningStatus
from web.workspace import addresses, feedback
from web.workspace.door import Visit, go

MOST = 5
"""Lines of a long list that the desk shows."""

_STATES = {State.DRAFT: "being written", State.IN_REVIEW: "in review", State.APPROVED: "approved, not yet published"}
_TO_DO = {
    Errand.WRITE: "Go on writing",
    Errand.REVIEW: "Review",
    Errand.PUBLISH: "Publish",
    Errand.REVIEW_OVERRIDE: "Read what was published urgently:",
}


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something that waits for one person: what it is in words, and where it is done."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class LinksOf:
    """A section in force with its links that lead nowhere."""

    section: SectionName
    links: tuple[BrokenLink, ...]


def desk(visit: Visit) -> Response:
    """Show everything an editor's day begins with."""
    workspace = visit.site.kb.workspace
    found = workspace.desk(visit.actor)
    states = Counter(line.state for line in found.drafts)
    searches = visit.site.kb.searches.listed(visit.actor)
    today = visit.site.kb.today()
    return visit.answer(
        "desk.html",
        todo=_todo(found.tasks),
        drafts=[(state, words, states[state]) for state, words in _STATES.items() if states[state]],
        coming=found.coming,
        overrides=[(visit.site.kb.history(each.section).section, each) for each in found.overrides],
        unreviewed=found.unreviewed,
        searches=[each for each in searches if each.state is SearchState.OPEN],
        gaps=[each for each in searches if each.state is SearchState.GAP],
        feedback=feedback.to_deal_with(visit),
        overdue=[each for each in found.due if each.overdue],
        soon=[each for each in found.due if not each.overdue],
        piles=[pile for pile in found.piles if pile.month >= today.replace(day=1)],
        broken=_by_section(found.broken),
        answered=sum(line.answered for line in found.learning),
        unanswered=sum(not line.answered for line in found.learning),
        still_open=sum(line.point.status is LearningStatus.OPEN for line in found.learning if not line.answered),
        most=MOST,
    )


def reviews_due(visit: Visit) -> Response:
    """Show by which day each text in force is to be reviewed, month by month."""
    dates = visit.site.kb.workspace.review_dates(visit.actor)
    overdue = [each for each in dates.due if each.overdue]
    coming = [each for each in dates.due if not each.overdue]
    return visit.answer("reviews_due.html", overdue=overdue, months=_by_month(coming), undated=dates.undated)


def broken_links(visit: Visit) -> Response:
    """Show every link of the text in force that leads nowhere, with what to do about it."""
    return visit.answer("broken_links.html", broken=_by_section(visit.site.kb.workspace.desk(visit.actor).broken))


def imported(visit: Visit, error: str = "") -> Response:
    """Show the texts that an import has published and nobody has looked at."""
    waiting = visit.site.kb.unreviewed()
    return visit.answer("imported.html", status=400 if error else 200, error=error, waiting=waiting)


def look(visit: Visit) -> Response:
    """Record that an approver has looked at such a text."""
    path = visit.request.path_params
    try:
        visit.site.kb.look(visit.actor, path["key"], path["number"])
    except Mendable as error:
        return imported(visit, str(error))
    return go(f"{addresses.IMPORTED}?done=looked")


def _todo(tasks: tuple[Task, ...]) -> list[ToDo]:
    """Word the tasks, each with the page where it is done; a whole import to look at is one line."""
    to_look_at = sum(task.errand is Errand.LOOK for task in tasks)
    found = [_line(task) for task in tasks if task.errand is not Errand.LOOK]
    if to_look_at:
        texts = "1 text that was" if to_look_at == 1 else f"{to_look_at} texts that were"
        found.append(ToDo(f"Look at {texts} published by import", addresses.IMPORTED))
    return found


def _line(task: Task) -> ToDo:
    words = f"{_TO_DO[task.errand]} {task.section.number or ''} {task.section.title or '(no title yet)'}"
    return ToDo(" ".join(words.split()), _place(task))


def _place(task: Task) -> str:
    if task.draft is None:
        return addresses.RELEASE if task.revision else public.section(task.section.key)
    if task.errand is Errand.PUBLISH:
        return f"{addresses.RELEASE}?draft={task.draft.id}"
    return addresses.draft(task.draft.id, "edit" if task.errand is Errand.WRITE else "")


def _by_section(broken: tuple[BrokenLink, ...]) -> list[LinksOf]:
    sections = dict.fromkeys(link.section for link in broken)
    return [LinksOf(section, tuple(link for link in broken if link.section == section)) for section in sections]


def _by_month(due: list[ReviewDue]) -> list[tuple[Pile, list[ReviewDue]]]:
    months = Counter(each.due.replace(day=1) for each in due)
    return [
        (Pile(month, number), [each for each in due if each.due.replace(day=1) == month])
        for month, number in sorted(months.items())
    ]
