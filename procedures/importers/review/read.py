"""Reading the published account of a case review: a proposal of the record, each fact with its sentence.

`kb` and the sandbox call `is_review` to tell a review from a procedure, and `read_review` to read one: a report, an
executive summary, a briefing, a partnership's response. A person confirms what is proposed. Nothing is invented: every
text is a sentence or clause of the document, and a sentence no rule takes is returned as unplaced.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from procedures.importers.reading import Evidence, Reading, ReadReview, SourceFile, Unplaced
from procedures.importers.review import cues
from procedures.importers.review.cues import Section
from procedures.importers.review.facts import (
    Fact,
    find_dates,
    find_kind,
    find_name,
    find_partnership,
    find_title,
    kinds,
    pseudonyms,
)
from procedures.importers.review.learning import GoodPractice, Point, find_good_practice, find_learning, themes_of
from procedures.importers.review.outline import Line, outline
from procedures.importers.review.passage import Form
from procedures.importers.review.text import passages
from procedures.model import LearningPoint, Review

_FEWEST_CUES = 3
_OPENING = 400
_LONGEST_STORY = 12
"""Sentences: a full report tells what happened over many pages, and a record sums it up."""
_PARAGRAPH_NUMBER = re.compile(r"(?m)^\s*\d{1,2}\.\d{1,2}\.\d{1,3}\b")
_LONGEST_SENTENCE = 2_000
"""Characters: what is longer is no sentence, and finds no place."""
_UNSLUGGED = re.compile(r"[^a-z0-9]+")
_UNKNOWN_KIND = "case review"


def is_review(text: str) -> bool:
    """Say whether a text is about a case review rather than a procedure; where that is not plain, it is not."""
    named = bool(kinds(text) or cues.BRIEFING.search(text))
    case = bool(pseudonyms(text) or cues.FOUND.search(text))
    about = _counted_for(text)
    return named and case and about >= _FEWEST_CUES and about > _counted_against(text)


def _counted_for(text: str) -> int:
    opening = text[:_OPENING]
    signs = (
        kinds(opening) or cues.BRIEFING.search(opening),
        pseudonyms(opening),
        kinds(text),
        pseudonyms(text),
        cues.FOUND.search(text),
        cues.GOOD_PRACTICE.search(text),
        cues.HARM.search(text),
        cues.REVIEWER.search(text),
        cues.NUMBERED_LEARNING.search(text),
    )
    return sum(map(bool, signs))


def _counted_against(text: str) -> int:
    rows = sum(1 for pattern in cues.PROCEDURE.values() if pattern.search(text))
    return rows + bool(_PARAGRAPH_NUMBER.search(text))


def read_review(file: SourceFile) -> Reading:
    """Read a document about a review into a proposal. Raises `Invalid` for a file that cannot be read."""
    lines = outline(passages(file))
    proposal = _Proposal(file, lines)
    review = proposal.review()
    return Reading(
        reviews=(ReadReview(file.name, review, tuple(proposal.evidence)),), unplaced=tuple(proposal.unplaced())
    )


class _Proposal:
    """Fills in a review field by field and keeps the evidence; a line given as evidence has found its place."""

    def __init__(self, file: SourceFile, lines: Sequence[Line]) -> None:
        self._file = file
        self._lines = lines
        self._told = [line for line in lines if len(line.text) <= _LONGEST_SENTENCE]
        self._placed: set[int] = set()
        self.evidence: list[Evidence] = []

    def review(self) -> Review:
        name = self._fact("name", find_name(self._told)) or PurePath(self._file.name).stem
        partnership_found, area_found = find_partnership(self._told)
        partnership = self._fact("partnership", partnership_found) or ""
        area = self._fact("area", area_found)
        kind = self._fact("kind", find_kind(self._told)) or _UNKNOWN_KIND
        dates = find_dates(self._told)
        practices, points = find_good_practice(self._told), find_learning(self._told)
        incident, concluded = self._fact("incident", dates.incident), self._fact("concluded", dates.concluded)
        published = self._fact("published", dates.published)
        story = self._story(practices, points, dates.notes)
        review = Review(
            key=_key(area or partnership, incident or concluded or published, name),
            partnership=partnership,
            name=name,
            area=area,
            kind=kind,
            incident=incident,
            concluded=concluded,
            published=published,
            dates_note=self._text("dates_note", dates.notes),
            summary=self._text("summary", story),
            good_practice=tuple(self._practice(place, practice) for place, practice in enumerate(practices)),
            learning=tuple(self._point(f"learning[{place}]", point) for place, point in enumerate(points)),
            themes=self._themes(story, practices, points),
            source=self._fact("source", find_title(self._told)) or self._file.name,
        )
        self._place_headings()
        return review

    def unplaced(self) -> Iterable[Unplaced]:
        """List the sentences no rule took, in the order of the document; what repeats is listed once."""
        left = dict.fromkeys(line.text for line in self._lines if line.number not in self._placed)
        return [Unplaced(self._file.name, text) for text in left]

    def _take(self, field: str, value: str, line: Line) -> None:
        self.evidence.append(Evidence(field, value, line.text))
        self._placed.add(line.number)

    def _fact(self, field: str, fact: Fact | None) -> str | None:
        if fact is None:
            return None
        self._take(field, fact.value, fact.line)
        return fact.value

    def _text(self, field: str, lines: Iterable[Line]) -> str:
        told = list(lines)
        for line in told:
            self._take(field, line.said, line)
        return " ".join(line.said for line in told)

    def _story(self, practices: list[GoodPractice], points: list[Point], notes: Iterable[Line]) -> list[Line]:
        """Take what happened: from the section on it, else from the sentences before the learning that tell it."""
        taken = {line.number for practice in practices for line in practice.lines}
        taken |= {line.number for point in points for line in [*point.said, *point.answers, *point.states]}
        start = min(taken, default=len(self._lines))
        taken |= {line.number for line in notes}
        told = [
            line
            for line in self._told
            if line.number not in taken and line.form in (Form.PROSE, Form.ITEM) and not line.is_title
        ]
        return [line for line in told if line.section is Section.STORY or (line.number < start and _tells(line))][
            :_LONGEST_STORY
        ]

    def _practice(self, place: int, practice: GoodPractice) -> str:
        for line in practice.lines:
            self._take(f"good_practice[{place}]", practice.text, line)
        return practice.text

    def _point(self, field: str, point: Point) -> LearningPoint:
        (action, action_line), (status, status_line) = point.action(), point.status()
        themes = point.themes(self._heading(point))
        for line in point.said:
            self._take(f"{field}.text", line.said, line)
        for theme, line in themes.items():
            self._take(f"{field}.themes", theme, line)
        self._take(f"{field}.action", action.value, action_line)
        self._take(f"{field}.status", status.value, status_line)
        for line in point.states:
            self._take(f"{field}.status", status.value, line)
        return LearningPoint(
            text=point.text,
            themes=tuple(themes),
            action=action,
            status=status,
            evidence=self._text(f"{field}.evidence", point.evidence()),
        )

    def _heading(self, point: Point) -> Line | None:
        number = point.said[0].at.heading
        return self._lines[number] if number is not None else None

    def _themes(self, story: list[Line], practices: list[GoodPractice], points: list[Point]) -> tuple[str, ...]:
        sources = [point.themes(self._heading(point)) for point in points]
        sources += [themes_of(line for practice in practices for line in practice.lines), themes_of(story)]
        found: dict[str, Line] = {}
        for source in sources:
            found |= {theme: line for theme, line in source.items() if theme not in found}
        for place, (theme, line) in enumerate(found.items()):
            self._take(f"themes[{place}]", theme, line)
        return tuple(found)

    def _place_headings(self) -> None:
        """Give the headings that told what the sentences below them are as evidence of that."""
        placed = [line for line in self._lines if line.number in self._placed]
        told = {line.at.heading: line.section for line in reversed(placed)}
        columns = {(line.cell.table, line.section) for line in placed if line.cell}
        for line in self._lines:
            is_column = line.cell is not None and (line.cell.table, line.section) in columns
            if line.number in told:
                self._take("heading", told[line.number].value, line)
            elif is_column and line.form is Form.HEADING:
                self._take("heading", line.section.value, line)


def _tells(line: Line) -> bool:
    """Say whether a sentence under no heading tells what happened; a line of a contents list is no sentence."""
    if line.section is not Section.OTHER or not line.text.endswith((".", "!", "?", "”", '"')):
        return False
    return bool(cues.HARM.search(line.text) or cues.STORY.search(line.text) or pseudonyms(line.text))


def _key(where: str, when: str | None, name: str) -> str:
    parts = (_UNSLUGGED.sub("-", part.lower()).strip("-") for part in (where, (when or "")[:4], name))
    return "-".join(part for part in parts if part)
