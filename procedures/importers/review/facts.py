"""Whom a review is about, whose it is, of which kind, and when: the facts of its head, each with its sentence.

`review` asks for each of them. A fact is found or it is None: nothing is concluded from what a document leaves out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from procedures.importers.review import cues
from procedures.importers.review.cues import Section
from procedures.importers.review.outline import Line
from procedures.importers.review.passage import Form

Lines = Sequence[Line]

_KNOWN = {"west sussex": "West Sussex", "east sussex": "East Sussex"} | dict.fromkeys(
    ("brighton and hove", "brighton & hove"), "Brighton & Hove"
)
_INITIALS = {
    **dict.fromkeys(("WSSCP", "WSSCB", "WSLSCB"), "West Sussex"),
    **dict.fromkeys(("ESSCP", "ESSCB", "ESLSCB"), "East Sussex"),
    **dict.fromkeys(("BHSCP", "BHLSCB", "B&HLSCB"), "Brighton & Hove"),
}
_BODY = re.compile(
    r"(?P<kind>(?:Local |Integrated )?Safeguarding Child(?:ren(?:['’]s|s['’])?)? (?P<what>Partnership|Board)"
    r"|(?:Integrated )?Safeguarding (?P<short>Partnership|Board))\b",
    re.I,
)
_NAME_WORD = re.compile(r"[A-Z][\w'’.-]*|&|and|of|upon|the|on", re.ASCII)
_JOINING = {"and", "&", "of", "upon", "the", "on"}
_OPENERS = {"the", "our", "this", "a", "by", "for", "from", "in", "following", "published", "commissioned", "and", "of"}
_MOST_NAME_WORDS = 8
_LONGEST_NAME = 120
_RENAMED = cues.cue("now; became; become; replaced by; succeeded by; formerly; previously; replaced; renamed; since")

_WHO = r"\b(?P<who>(?i:child(?:ren)?|baby|infant|family|siblings?|young person|adolescent|twins?))\s"
_LETTERED = re.compile(_WHO + r"(?P<which>[A-Z]{1,2}\d?(?:(?:,\s?|\s(?:and|&|\+)\s)[A-Z]{1,2}\d?)?|\d{1,2})(?![\w-])")
_GIVEN_NAME = re.compile(r"\b(?P<who>Child|Baby|Infant|Family|Young Person)\s(?P<which>[A-Z][a-z]{2,})\b")
_NOT_NAMES = {
    *("abuse", "act", "adoption", "and", "assessment", "background", "care", "centre", "centres", "court", "criminal"),
    *("death", "deaths", "development", "employment", "exploitation", "first", "focused", "friends", "group", "health"),
    *("help", "home", "house", "hub", "hubs", "intervention", "justice", "law", "learning", "liaison", "life", "line"),
    *(
        "mental",
        "network",
        "nurse",
        "poverty",
        "practice",
        "practitioner",
        "programme",
        "protection",
        "review",
        "rights",
    ),
    *("safeguarding", "safety", "services", "sexual", "social", "solutions", "support", "team", "the", "therapy"),
    *("time", "trafficking", "unit", "views", "victim", "visits", "was", "welfare", "wellbeing", "with", "worker"),
    *("workers",),
}

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?)?{_MONTH},?\s(?P<year>(?:19|20)\d\d)\b"
    r"|\b(?P<figures>\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d)\b"
    r"|\b(?P<iso>(?:19|20)\d\d-\d\d(?:-\d\d)?)\b"
    r"|(?<![\w£$,.-])(?P<only>(?:19|20)\d\d)(?![\d%]|[,.]\d)",
    re.I,
)
_IN_A_TITLE = re.compile(
    r"\b(?:act|together|education|guidance|regulations|rules|framework|strategy|code),?\s\(?$", re.I
)
_REVIEW_WORD = cues.cue("review; report; scr; lcspr; briefing; overview; response; it; this; document")
_PROCEEDINGS = cues.cue("COURT")
_ENDED = cues.cue("COURT ... ENDED; until ... COURT; ENDED ... COURT")
_DELAYED = cues.cue(
    "publi* ... delay*; delay* ... publi*; not ... published ... until; publi* ... postponed; "
    "publi* ... withheld; publi* ... deferred; could not be published; unable to publish; "
    "publi* ... held back; not be published; not published until; only be published; "
    "publi* ... after ... proceedings; publi* ... on hold"
)
_WHEN = {
    "another": cues.cue(
        "COURT ... ENDED; COURT; commissioned; began; started; born; known to; period; moved; since; referred; revised"
    ),
    "published": cues.cue("published; publication; date of report; report date"),
    "concluded": cues.cue("concluded; completed; finished; signed off; date of review"),
    "incident": cues.HARM,
}
"""To which words a date belongs; those nearest to it in the sentence have it, and of equals the first here."""
_MANY_CASES = {"thematic review", "national review"}
_OPENING = 15
_SHORT_TITLE = 3
_MOST_IN_A_SENTENCE = 10
"""Dates or partnerships: what has more is a list, and the tenth would tell no more than the first."""
_TELLS_THE_STORY = {Section.OTHER, Section.STORY}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a document says, and the line that says it."""

    value: str
    line: Line


def find_kind(lines: Lines) -> Fact | None:
    """Find the kind of review: the title's word for it, else the word used most."""
    for some in ([line for line in lines if line.is_title], lines):
        said = [(kind, line) for line in some for kind in kinds(line.text)]
        if said:
            count = Counter(kind for kind, _ in said)
            most = max(count, key=lambda kind: count[kind])
            return Fact(most, next(line for kind, line in said if kind == most))
    return None


def kinds(text: str) -> list[str]:
    """List the kinds of review a text speaks of."""
    without_panel = cues.PANEL.sub("", text)
    found = [kind for kind, pattern in cues.KINDS.items() if pattern.search(without_panel)]
    return ["national review"] if "national review" in found else found


def find_name(lines: Lines) -> Fact | None:
    """Find the pseudonym: the title's, else the one used clearly most; a review of many cases has its title's name."""
    titles = [line for line in lines if line.is_title]
    in_title = [fact for line in titles for fact in _pseudonyms(line)]
    if in_title:
        return in_title[0]
    if _MANY_CASES.intersection(kind for line in titles for kind in kinds(line.text)):
        return _title(lines)
    everywhere = [fact for line in lines for fact in _pseudonyms(line)]
    ranked = Counter(fact.value for fact in everywhere).most_common(2)
    title = _title(lines)
    if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1] or title is None):
        return next(fact for fact in everywhere if fact.value == ranked[0][0])
    return title


def pseudonyms(text: str) -> list[str]:
    """List what a text calls the children it is about: 'Child S', 'Siblings W & X', 'Baby Liam'."""
    shouted = text.isupper()
    found = [m for m in _LETTERED.finditer(text) if _is_lettered(m, shouted)]
    found += [m for m in _GIVEN_NAME.finditer(text) if m["which"].lower() not in _NOT_NAMES]
    names: list[str] = []
    end = 0
    for match in sorted(found, key=lambda m: m.start()):
        between = text[end : match.start()]
        name = f"{match['who'].title()} {match['which']}"
        if names and between.strip() in ("and", "&"):
            names[-1] += f"{between}{name}"
        else:
            names.append(name)
        end = match.end()
    return names


def _is_lettered(match: re.Match[str], shouted: bool) -> bool:
    """Tell 'child S' from 'a child I know', 'a child 2 years old' and 'CHILD AT RISK'."""
    if shouted:
        return len(match["which"]) == 1 or not match["which"].isalpha()
    return not match["who"].islower() or (match["which"] not in ("I", "A") and not match["which"].isdigit())


def _pseudonyms(line: Line) -> list[Fact]:
    return [Fact(name, line) for name in pseudonyms(line.text)]


def _title(lines: Lines) -> Fact | None:
    titles = [line for line in lines if line.is_title and not _DATE.fullmatch(line.text)]
    best = [line for line in titles if not _BODY.search(line.text)] or titles
    return Fact(best[0].text, best[0]) if best else None


def find_title(lines: Lines) -> Fact | None:
    """Find the line of the title that names the document: the one that speaks of a review, response or briefing."""
    titles = [line for line in lines if line.is_title]
    named = [line for line in titles if _REVIEW_WORD.search(line.text)]
    best = named or titles
    return Fact(best[0].text, best[0]) if best else None


@dataclass(frozen=True, slots=True)
class _Body:
    area: str
    name: str
    is_board: bool
    line: Line


def find_partnership(lines: Lines) -> tuple[Fact | None, Fact | None]:
    """Find the partnership and its area; an old Board is its partnership only where the document says so."""
    bodies = [body for line in lines for body in _bodies(line)]
    named = [body for body in bodies if body.area]
    if not named:
        return _national(lines), _area_alone(lines)
    best = _most_named([body for body in named if body.line.is_title] or named)
    now = best if not best.is_board else _renamed(best, bodies)
    return Fact(now.name, now.line), Fact(now.area, now.line) if now.area else None


def _most_named(bodies: list[_Body]) -> _Body:
    area = Counter(body.area for body in bodies).most_common(1)[0][0]
    return next(body for body in bodies if body.area == area)


def _renamed(board: _Body, bodies: list[_Body]) -> _Body:
    for body in bodies:
        boards = [other for other in bodies if other.line is body.line and other.is_board and other.area == board.area]
        if not body.is_board and boards and body.area in (board.area, "") and _RENAMED.search(body.line.text):
            return _Body(board.area, body.name if body.area else f"{board.area} {body.name}", False, body.line)
    return board


def _bodies(line: Line) -> list[_Body]:
    found = [_body(line, match) for match in islice(_BODY.finditer(line.text), _MOST_IN_A_SENTENCE)]
    for initials, area in _INITIALS.items():
        if not found and re.search(rf"(?<!\w){re.escape(initials)}(?!\w)", line.text):
            what = "Board" if initials.endswith("B") else "Partnership"
            found.append(_Body(area, f"{area} Safeguarding Children {what}", what == "Board", line))
    return found


def _body(line: Line, match: re.Match[str]) -> _Body:
    before = line.text[max(0, match.start() - _LONGEST_NAME) : match.start()].split(" ")
    words: list[str] = []
    while before and len(words) < _MOST_NAME_WORDS and (not before[-1] or _NAME_WORD.fullmatch(before[-1])):
        words.insert(0, before.pop())
    area = _area([word for word in words if word])
    what = (match["what"] or match["short"]).title()
    if area in _KNOWN.values():
        return _Body(area, f"{area} Safeguarding Children {what}", what == "Board", line)
    return _Body(area, f"{area} {match['kind']}".strip(), what == "Board", line)


def _area(words: list[str]) -> str:
    while words and words[0].lower() in _OPENERS:
        words = words[1:]
    while words and words[-1].lower() in _JOINING:
        words = words[:-1]
    area = " ".join(words)
    if area.isupper():
        area = " ".join(word.lower() if word.lower() in _JOINING else word.title() for word in words)
    return _KNOWN.get(area.lower(), area)


def _national(lines: Lines) -> Fact | None:
    for line in lines:
        panel = cues.PANEL.search(line.text)
        if panel and any("national review" in kinds(other.text) for other in lines):
            return Fact(panel[0], line)
    return None


def _area_alone(lines: Lines) -> Fact | None:
    for line in lines:
        for spelling, area in _KNOWN.items():
            if spelling in line.text.lower():
                return Fact(area, line)
    return None


@dataclass(frozen=True, slots=True)
class Dates:
    """When it happened, was concluded and was published, and the sentences on why publication had to wait."""

    incident: Fact | None
    concluded: Fact | None
    published: Fact | None
    notes: tuple[Line, ...]


def find_dates(lines: Lines) -> Dates:
    """Find the three dates a review has."""
    notes = tuple(line for line in lines if _DELAYED.search(line.text) and line.form is not Form.FURNITURE)
    found = {field: _first(lines, field) for field in ("incident", "concluded", "published")}
    published = found["published"] or _published_alone(lines) or _after_proceedings(lines, notes)
    return Dates(found["incident"], found["concluded"], published, notes)


def _first(lines: Lines, field: str) -> Fact | None:
    for line in lines:
        of_this_review = _REVIEW_WORD.search(line.text) or ":" in line.text
        of_the_story = line.section in _TELLS_THE_STORY and not line.is_title
        if of_the_story if field == "incident" else of_this_review:
            for start, end, value in _dates(line.text):
                if _nearest(line.text, start, end) == field:
                    return Fact(value, line)
    return None


def _nearest(text: str, start: int, end: int) -> str | None:
    """Say to which words a date belongs."""
    gaps = [
        (_gap(match, start, end), order, field)
        for order, (field, pattern) in enumerate(_WHEN.items())
        for match in pattern.finditer(text)
    ]
    return min(gaps)[2] if gaps else None


def _gap(match: re.Match[str], start: int, end: int) -> int:
    return start - match.end() if match.end() <= start else max(0, match.start() - end)


def _published_alone(lines: Lines) -> Fact | None:
    """Take a date that stands alone in the opening for the day of publication."""
    for line in lines:
        if line.number < _OPENING and (found := _dates(line.text)) and len(line.text.split()) <= _SHORT_TITLE:
            return Fact(found[0][2], line)
    return None


def _after_proceedings(lines: Lines, notes: Iterable[Line]) -> Fact | None:
    """Where publication waited for a court case, take the year that ended for the year of publication."""
    waited = [line for line in notes if _PROCEEDINGS.search(line.text)]
    ended = [line for line in lines if _ENDED.search(line.text)] if waited else []
    for line in [*waited, *ended]:
        if found := _dates(line.text):
            return Fact(found[-1][2][:4], line)
    return None


def _dates(text: str) -> list[tuple[int, int, str]]:
    """List the dates of a text as ISO; the year in the name of an act or of guidance is none."""
    return [
        (match.start(), match.end(), value)
        for match in islice(_DATE.finditer(text), _MOST_IN_A_SENTENCE)
        if not _IN_A_TITLE.search(text, max(0, match.start() - 20), match.start()) and (value := _iso(match))
    ]


def _iso(match: re.Match[str]) -> str | None:
    if match["only"]:
        return match["only"]
    if match["iso"]:
        year, month, day = (*match["iso"].split("-"), None)[:3]
    elif match["figures"]:
        day, month, year = re.split("[/.]", match["figures"])
    else:
        year, month, day = match["year"], str(_MONTHS.index(match["month"][:3].lower()) + 1), match["day"]
    return _checked(int(year or 0), int(month or 0), int(day) if day else None)


def _checked(year: int, month: int, day: int | None) -> str | None:
    try:
        return date(year, month, day or 1).isoformat()[: 10 if day else 7]
    except ValueError:
        return None
