"""The form in which a draft is written: shown, saved, saved by itself, and what happens when two people save.

`routes` leads here. Every button of the form saves first, so nothing typed can be lost by pressing one; script uses the
same address to save while somebody types, and says in words what is saved and what is not.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup
from starlette.responses import JSONResponse, Response

from kb.access import Deed
from kb.addresses import TODAY
from kb.advice import Advice
from kb.drafting import Content, Draft, Overtaken
from kb.overview import LearningLine
from kb.workspace import DraftView
from procedures.blocks import Block, BlockKind
from procedures.errors import NotFound, Refused
from procedures.markup import clean
from procedures.model import AREAS, RevisionKind, SectionKind
from procedures.notation import Part, part_html
from web import wording
from web.contacts import card_for
from web.prose import Surroundings
from web.security import NOT_KEPT
from web.workspace import addresses, forms
from web.workspace.door import Visit, go, wants_json

_ONLY_SAVE = {"save": "saved", "check": "advice", "done": ""}
"""The buttons that only save, and the place on the page they lead to."""


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part of a block: words to be edited, or markup that is kept as it came, as readers see it."""

    text: str
    kept: bool
    html: Markup | None


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block of the form, by the name its buttons give it."""

    place: int
    block: Block
    name: str
    parts: tuple[ShownPart, ...]
    advice: tuple[Advice, ...]


def edit(visit: Visit) -> Response:
    """Show the form of a draft."""
    view = _view(visit)
    if not view.draft.state.is_open:
        raise Refused(
            f"“{view.draft.content.title}” is {view.draft.state}, so it is not written on. Start a new draft."
        )
    return form(visit, view, view.draft.content)


def save(visit: Visit) -> Response:
    """Save what the form says and do what its button says."""
    view = _view(visit)
    button = visit.field("do") or "save"
    typed = forms.read(visit.fields, view.draft)
    if wants_json(visit.request):
        return _saved_by_itself(visit, view.draft, typed)
    place, problem = None, ""
    if button not in _ONLY_SAVE:
        try:
            changed = forms.change(typed.content.blocks, button, visit.fields)
            typed, place = replace(typed, content=replace(typed.content, blocks=changed.blocks)), changed.place
        except Refused as error:
            problem, place = str(error), int(button.partition(":")[2])
    try:
        saved = visit.site.kb.workspace.save(visit.actor, view.draft.id, typed.content, typed.version)
    except Overtaken as both:
        return _both(visit, both)
    except Refused as error:  # it was published or given up meanwhile: the words stay on the page
        return form(visit, view, typed.content, typed=typed, problem=str(error), at=place)
    if problem or typed.wrong:
        again = replace(typed, version=saved.version)
        return form(visit, _view(visit), typed.content, typed=again, problem=problem, at=place)
    return go(_onward(saved.id, button, place))


def _onward(draft_id: str, button: str, place: int | None) -> str:
    """Say where a button leads when all is saved."""
    done = button.partition(":")[0]
    if button == "done":
        return addresses.draft(draft_id, done="saved")
    if place is not None:
        return addresses.draft(draft_id, "edit", done=done, at=place)
    return addresses.draft(draft_id, "edit", done=done, fragment=_ONLY_SAVE[button])


def form(
    visit: Visit,
    view: DraftView,
    content: Content,
    *,
    typed: forms.Typed | None = None,
    problem: str = "",
    at: int | None = None,
    both: Overtaken | None = None,
) -> Response:
    """Show the form with a content in it; `problem` is what went wrong with the block `at`."""
    workspace = visit.site.kb.workspace
    advice = workspace.advice(visit.actor, view.draft.id, content)
    wrong = typed.wrong if typed else {}
    status = 409 if both else 400 if problem or wrong else 200
    return visit.answer(
        "edit.html",
        status=status,
        view=view,
        content=content,
        version=typed.version if typed else view.draft.version,
        days={name: _day(content, name, wrong) for name in ("in_force_from", "reviewed_on", "review_due")},
        wrong=wrong,
        problem=problem,
        at=at,
        unfolded=at if at is not None else _asked_place(visit),
        both=both,
        their_blocks=differing(both) if both else (),
        blocks=_shown(visit, content, advice),
        advice=advice,
        whole=[each for each in advice if each.place is None],
        areas=AREAS,
        learning=_learning(visit, content),
        is_contact=view.draft.facts.section_kind is SectionKind.CONTACT,
        is_withdrawal=view.draft.facts.kind is RevisionKind.WITHDRAWAL,
        is_correction=view.draft.facts.kind is RevisionKind.CORRECTION,
    )


def versions(visit: Visit) -> Response:
    """List the versions of a draft that are kept."""
    view = _view(visit)
    found = visit.site.kb.workspace.versions(visit.actor, view.draft.id)
    return visit.answer("versions.html", view=view, versions=found)


def version(visit: Visit) -> Response:
    """Show what an earlier version said."""
    view, number = _view(visit), visit.request.path_params["version"]
    content = visit.site.kb.workspace.version(visit.actor, view.draft.id, number)
    found = visit.site.kb.workspace.versions(visit.actor, view.draft.id)
    which = next((each for each in found if each.id == number), None)
    if which is None:
        raise NotFound("There is no such version. Look at the list of those there are.")
    return visit.answer("version.html", view=view, content=content, which=which, blocks=_shown(visit, content, ()))


def restore(visit: Visit) -> Response:
    """Take an earlier version back; what stands now stays among the versions."""
    draft = _view(visit).draft
    number = visit.request.path_params["version"]
    try:
        visit.site.kb.workspace.restore(visit.actor, draft.id, number, draft.version)
    except Overtaken as both:
        return _both(visit, both)
    return go(addresses.draft(draft.id, "edit", done="restored", fragment="saved"))


def differing(both: Overtaken) -> tuple[tuple[str, str, str], ...]:
    """List what differs between two texts: a name for it, the words of the other, one's own."""
    theirs, yours = both.theirs, both.yours
    found = [
        (label, str(getattr(theirs, name) or ""), str(getattr(yours, name) or ""))
        for name, label in (("title", "Title"), ("number", "Number"), ("change_note", "Change note"))
        if getattr(theirs, name) != getattr(yours, name)
    ]
    others, own = _named(theirs), _named(yours)
    for identity in dict.fromkeys((*others, *own)):
        name, their = others.get(identity, ("", None))
        mine_name, mine = own.get(identity, ("", None))
        if their != mine:
            found.append((wording.sentence(name or mine_name), _words(their), _words(mine)))
    return tuple(found)


def _view(visit: Visit) -> DraftView:
    return visit.site.kb.workspace.draft(visit.actor, visit.request.path_params["draft"])


def _saved_by_itself(visit: Visit, draft: Draft, typed: forms.Typed) -> Response:
    """Save for the script, and tell it in words what became of it."""
    headers = {"Cache-Control": NOT_KEPT}
    try:
        saved = visit.site.kb.workspace.save(visit.actor, draft.id, typed.content, typed.version)
    except Overtaken as both:
        return JSONResponse({"overtaken": f"{both} Press “Save” to see both."}, 409, headers)
    advice = visit.site.kb.workspace.advice(visit.actor, draft.id, saved.content)
    told = [{"place": each.place, "what": each.what, "cure": each.cure} for each in advice]
    wrong = {name: each.why for name, each in typed.wrong.items()}
    said = f"Saved at {wording.clock(visit.site.kb.now())}."
    return JSONResponse({"version": saved.version, "said": said, "advice": told, "wrong": wrong}, 200, headers)


def _asked_place(visit: Visit) -> int | None:
    """Read which block somebody is at, so that its buttons stay in reach."""
    typed = visit.request.query_params.get("at", "")
    return int(typed) if re.fullmatch("[0-9]{1,4}", typed) else None


def _both(visit: Visit, both: Overtaken) -> Response:
    """Show the text that somebody else saved first beside one's own, which is in the form and kept as a version."""
    view = _view(visit)
    typed = forms.Typed(both.yours, view.draft.version)
    return form(visit, view, both.yours, typed=typed, both=both)


def _day(content: Content, name: str, wrong: object) -> str:
    if isinstance(wrong, dict) and name in wrong:
        return str(wrong[name].typed)
    value = getattr(content, name)
    return wording.day(value) if value else ""


def _shown(visit: Visit, content: Content, advice: Sequence[Advice]) -> tuple[ShownBlock, ...]:
    surroundings = Surroundings(TODAY, card_for(visit.site))
    shown: list[ShownBlock] = []
    ordinal = 0
    for place, block in enumerate(content.blocks):
        ordinal += block.is_paragraph
        name = _block_name(block, f"{content.number}.{ordinal}" if content.number else str(ordinal))
        parts = tuple(_shown_part(part, surroundings) for part in block.parts)
        mine = tuple(each for each in advice if each.place == place)
        shown.append(ShownBlock(place, block, name, parts, mine))
    return tuple(shown)


def _shown_part(part: Part, surroundings: Surroundings) -> ShownPart:
    html = surroundings.present(clean(f"<div>{part_html(part)}</div>"))[0] if part.kept else None
    return ShownPart(part.text, part.kept, html)


def _block_name(block: Block, number: str) -> str:
    if block.is_paragraph:
        return f"paragraph {number}"
    what = "heading" if block.kind is BlockKind.HEADING else "lesser heading"
    words = block.parts[0].text.strip()
    return f"{what} “{words[:60]}”" if words else f"new {what}"


def _learning(visit: Visit, content: Content) -> tuple[LearningLine, ...]:
    """List the learning points that can be answered: open ones, and those this draft answers already."""
    if not visit.may(Deed.READ_DESK):
        return ()
    chosen = {(each.review, each.ordinal) for each in content.answers}
    lines = visit.site.kb.learning.points(visit.actor)
    return tuple(line for line in lines if not line.answered or (line.review, line.ordinal) in chosen)


def _named(content: Content) -> dict[str, tuple[str, Block]]:
    """Know the blocks of two texts again: by the id, else by the place among those of a kind without one."""
    named: dict[str, tuple[str, Block]] = {}
    nameless: Counter[str] = Counter()
    ordinal = 0
    for block in content.blocks:
        ordinal += block.is_paragraph
        nameless[block.kind] += block.pid is None
        name = _block_name(block, f"{content.number}.{ordinal}" if content.number else str(ordinal))
        named[block.pid or f"{block.kind}:{nameless[block.kind]}"] = (name, block)
    return named


def _words(block: Block | None) -> str:
    return "\n\n".join(part.text for part in block.parts) if block else ""
