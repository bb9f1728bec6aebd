"""What a review learnt and praised, and what answered it: learning points and good practice out of the outline.

`review` asks for both and makes the record. Every text is the document's own; an answer belongs to a point because a
label, a table's row, a number or a theme that only this point has says so, else it is a point of its own.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from procedures.importers.review import cues
from procedures.importers.review.cues import Section
from procedures.importers.review.outline import Line
from procedures.importers.review.passage import Form
from procedures.model import Action, LearningStatus

_NUMBERED = re.compile(r"\b(recommendation|finding|learning point|lesson|action) (\d{1,2}[a-z]?)\b", re.I)
_LIST_FOLLOWS = re.compile(r",?\s(?:including|included|includes|include|such as|namely)(?:\sthat)?:?\s|:\s", re.I)
_FEWEST_WORDS = 3
_MOST_ANSWERED = 200
"""Points that answers are looked up for: more is no list of recommendations, and each look goes over all."""
_ACTS = {Section.LEARNING, Section.ANSWERS, Section.OTHER}


@dataclass(frozen=True, slots=True)
class GoodPractice:
    """One thing done well, and the sentences that say so."""

    text: str
    lines: tuple[Line, ...]


@dataclass(slots=True)
class Point:
    """A learning point in the making: the sentences that state it, answer it and give its state."""

    said: list[Line]
    answers: list[Line] = field(default_factory=list)
    states: list[Line] = field(default_factory=list)
    about: frozenset[str] = field(init=False)
    """The themes of the point itself."""

    def __post_init__(self) -> None:
        self.about = frozenset(themes_of(self.said))

    @property
    def is_unanswered(self) -> bool:
        """Say whether it is a recommendation that has no answer yet."""
        return self.said[0].section is Section.LEARNING and not self.answers

    @property
    def text(self) -> str:
        """The point in the document's words."""
        return " ".join(line.said for line in self.said)

    @property
    def label(self) -> str:
        """The number the document gives it: 'recommendation 2'."""
        return self.said[0].at.label

    def themes(self, heading: Line | None) -> dict[str, Line]:
        """Name its themes, each with the sentence it shows in; its heading's where its own words show none."""
        return themes_of([*self.said, *self.answers]) or themes_of([heading] if heading else [])

    def action(self) -> tuple[Action, Line]:
        """Say of which kind the answer is, and which sentence says so."""
        own = [line for line in self.said if _tells_action(line)]
        for line in [*self.answers, *own]:
            found = action_of(line.said)
            if found is not Action.NONE:
                return found, line
        return Action.NONE, (self.answers or self.said)[0]

    def status(self) -> tuple[LearningStatus, Line]:
        """Say whether the document calls the answer done, and which sentence decides it."""
        for lines in (self.states, self.answers):
            if lines:
                is_complete = any(_is_done(line.said) for line in lines) and not any(
                    _is_pending(line) for line in lines
                )
                return LearningStatus.COMPLETE if is_complete else LearningStatus.OPEN, lines[0]
        done = next((line for line in self.said if _is_answer(line)), None)
        return (LearningStatus.COMPLETE, done) if done else (LearningStatus.OPEN, self.said[0])

    def evidence(self) -> list[Line]:
        """List the sentences that say what was or will be done; a recommendation alone says nothing of that."""
        return self.answers or [line for line in self.said if _is_answer(line) or _is_pending_action(line)]


def themes_of(lines: Iterable[Line]) -> dict[str, Line]:
    """Name the themes sentences are about, in the order they come up, each with the first sentence it shows in."""
    found: dict[str, Line] = {}
    for line in lines:
        text = cues.BOILERPLATE.sub("", line.said)
        places = {theme: match.end() for theme, pattern in cues.THEMES.items() if (match := pattern.search(text))}
        for theme in sorted(places, key=lambda name: places[name]):
            found.setdefault(theme, line)
    return found


def action_of(text: str) -> Action:
    """Say which kind of answer a sentence names first."""
    places = [(match.start(), action) for action, pattern in cues.ACTIONS.items() if (match := pattern.search(text))]
    return min(places, key=lambda place: place[0])[1] if places else Action.NONE


def _before_advice(text: str) -> str:
    advice = cues.ADVICE.search(text)
    return text[: advice.start()] if advice else text


def _is_done(text: str) -> bool:
    told = _before_advice(text)
    return bool(cues.DONE.search(told)) and not cues.PENDING.search(told) and not cues.NEGATED.search(told)


def _is_pending(line: Line) -> bool:
    return bool(cues.PENDING.search(line.said))


def _is_pending_action(line: Line) -> bool:
    return _is_pending(line) and action_of(line.said) is not Action.NONE


def _is_answer(line: Line) -> bool:
    """Say whether a sentence tells that something of the known kinds was done."""
    return _is_done(line.said) and action_of(_before_advice(line.said)) is not Action.NONE


def _tells_action(line: Line) -> bool:
    """Say whether the kind of answer may be read off the words of the point itself: what is only found has none."""
    stated = line.at.explicit or line.section is Section.ANSWERS or bool(cues.ADVICE.search(line.said))
    return stated or _is_answer(line) or _is_pending(line)


def find_good_practice(lines: Sequence[Line]) -> list[GoodPractice]:
    """Find what the review praises: under a heading on it, or in sentences that call it so."""
    found: list[GoodPractice] = []
    for _, passage in groupby(_told(lines), key=lambda line: line.run):
        group = list(passage)
        if group[0].section is Section.GOOD_PRACTICE and group[0].form is Form.ITEM:
            found.append(GoodPractice(_ended(" ".join(line.said for line in group)), tuple(group)))
            continue
        praise = [line for line in group if line.section is Section.GOOD_PRACTICE or _is_praise(line.text)]
        found += [GoodPractice(part, (line,)) for line in praise for part in _parts(line.said)]
    return found


def _told(lines: Sequence[Line]) -> list[Line]:
    """Leave out titles, headings and furniture, and the sentence that opens a list, which is its heading."""
    opening = {line.at.heading for line in lines}
    return [
        line
        for line in lines
        if line.form in (Form.PROSE, Form.ITEM) and not line.is_title and line.number not in opening
    ]


def _is_praise(text: str) -> bool:
    return bool(cues.GOOD_PRACTICE.search(text)) and not cues.NOT_GOOD_PRACTICE.search(text)


def _parts(text: str) -> list[str]:
    """Split 'There was good practice, including: a; b and c' into its items; a sentence with no list stays whole."""
    opening = _LIST_FOLLOWS.search(text)
    if not opening and ";" not in text:
        return [_ended(text)]
    listed = text[opening.end() :] if opening else text
    *parts, last = listed.split("; " if ";" in listed else ", ")
    if parts and not last.startswith("and "):
        before, joined, after = last.rpartition(" and ")
        parts += [before, after] if joined else [last]
    else:
        parts.append(last.removeprefix("and "))
    if any(len(part.split()) < _FEWEST_WORDS for part in parts):
        parts = [listed]
    return [_ended(part.removeprefix("and ")) for part in parts]


def _ended(text: str) -> str:
    return text.strip().removesuffix(".").rstrip(";, ")


def find_learning(lines: Sequence[Line]) -> list[Point]:
    """Find the learning points in their order, each with its answers; what is praised is not learning."""
    praised = {line.number for practice in find_good_practice(lines) for line in practice.lines}
    gatherer = _Gatherer(is_response=any(line.is_title and cues.RESPONSE.search(line.text) for line in lines))
    for _, passage in groupby(_told(lines), key=lambda line: line.run):
        group = [line for line in passage if line.number not in praised]
        if group:
            gatherer.take(group)
    return gatherer.points


class _Gatherer:
    def __init__(self, is_response: bool) -> None:
        self.points: list[Point] = []
        self._is_response = is_response

    def take(self, passage: list[Line]) -> None:
        """Make of a passage a point, an answer to one, or neither."""
        first = passage[0]
        if first.section is Section.STATUS:
            if self._answers_last(first):
                self.points[-1].states += passage
        elif first.at.answers_last and self._answers_last(first):
            self.points[-1].answers += passage
        elif first.section is Section.LEARNING and (first.at.explicit or first.form is Form.ITEM):
            self._learn(passage)
        elif first.section is Section.ANSWERS and (first.at.explicit or first.form is Form.ITEM):
            self._answer(passage)
        elif first.section in _ACTS:
            for line in passage:
                self._hear(line)

    def _answers_last(self, line: Line) -> bool:
        """Say whether there is a point just before for a line to answer: in its table, if it is in one."""
        if not self.points:
            return False
        last = self.points[-1].said[0]
        return (last.cell and last.cell.table) == (line.cell and line.cell.table)

    def _learn(self, passage: list[Line]) -> None:
        label = passage[0].at.label
        if label and self.points and self.points[-1].label == label:
            # More text under one numbered heading: what was done about it, or a remark that finds no place.
            self.points[-1].answers += [line for line in passage if _is_answer(line)]
            return
        clauses = passage[0].said.split("; ")
        if not label and len(passage) == 1 and all(len(clause.split()) >= _FEWEST_WORDS for clause in clauses):
            self.points += [Point([replace(passage[0], said=clause)]) for clause in clauses]
        elif len(passage[0].said.split()) >= _FEWEST_WORDS or themes_of(passage):
            answers = [line for line in passage[1:] if _is_answer(line)]
            self.points.append(Point([line for line in passage if line not in answers], answers))

    def _answer(self, passage: list[Line]) -> None:
        point = self._numbered(passage) or self._of_same_theme(passage)
        if point:
            point.answers += passage
        elif len(passage[0].said.split()) >= _FEWEST_WORDS:
            self.points.append(Point(passage))

    def _numbered(self, passage: list[Line]) -> Point | None:
        """Find the point an answer names by its number."""
        named = {" ".join(match.groups()).lower() for line in passage for match in _NUMBERED.finditer(line.text)}
        return next((point for point in self.points[:_MOST_ANSWERED] if point.label in named), None)

    def _of_same_theme(self, passage: list[Line]) -> Point | None:
        """Find the one unanswered recommendation that shares a theme with an answer; of two, neither."""
        about = themes_of(passage).keys()
        points = self.points[:_MOST_ANSWERED]
        alike = [point for point in points if point.is_unanswered and about & point.about]
        return alike[0] if len(alike) == 1 else None

    def _hear(self, line: Line) -> None:
        """Judge a sentence of running text by what it says."""
        acts = _is_answer(line) or _is_pending_action(line)
        has_theme = bool(themes_of([line]))
        if line.section is Section.ANSWERS:
            if has_theme or acts:
                self._answer([line])
        elif self._is_learning(line, has_theme, acts):
            self.points.append(Point([line]))

    def _is_learning(self, line: Line, has_theme: bool, acts: bool) -> bool:
        advises = bool(cues.ADVICE.search(line.text))
        if line.section is Section.LEARNING:
            return has_theme or advises
        finds = bool(cues.FOUND.search(line.text))
        return (has_theme and (advises or finds or acts)) or (self._is_response and acts)
