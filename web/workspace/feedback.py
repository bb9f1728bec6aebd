"""What readers say about pages, for the editors: what nobody has dealt with yet, and what somebody has.

`routes` leads here. What is kept of it, and for how long, is for `kb.feedback` to say.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.responses import Response

from kb.feedback import Feedback
from kb.views import SectionName
from procedures.errors import Mendable
from web.workspace import addresses
from web.workspace.door import Visit, go

MOST = 100
"""Most that a page shows; `kb feedback` lists all."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a reader said, with the name of the section it was said of."""

    feedback: Feedback
    section: SectionName


def feedback(visit: Visit, error: str = "") -> Response:
    """Show what readers say."""
    found = visit.site.kb.workspace.feedback(visit.actor)
    waiting = [each for each in found if _waits(each)]
    useful = Counter(each.opinion.section for each in found if each.opinion.useful)
    return visit.answer(
        "feedback.html",
        status=400 if error else 200,
        error=error,
        total=len(waiting),
        waiting=_named(visit, waiting[:MOST]),
        useful=[(_name(visit, key), times) for key, times in useful.most_common(MOST)],
        done_with=_named(visit, [each for each in found if each.dealt_with][:MOST]),
    )


def deal_with(visit: Visit) -> Response:
    """Note that what a reader said is dealt with."""
    try:
        visit.site.kb.workspace.deal_with_feedback(visit.actor, visit.request.path_params["number"])
    except Mendable as error:
        return feedback(visit, str(error))
    return go(f"{addresses.FEEDBACK}?done=dealt-with")


def to_deal_with(visit: Visit) -> list[Said]:
    """List what nobody has dealt with, newest first."""
    return _named(visit, [each for each in visit.site.kb.workspace.feedback(visit.actor) if _waits(each)])


def _waits(each: Feedback) -> bool:
    return not each.opinion.useful and each.dealt_with is None


def _named(visit: Visit, found: Iterable[Feedback]) -> list[Said]:
    names: dict[str, SectionName] = {}
    return [Said(each, names.setdefault(key := each.opinion.section, _name(visit, key))) for each in found]


def _name(visit: Visit, key: str) -> SectionName:
    return visit.site.kb.history(key).section
