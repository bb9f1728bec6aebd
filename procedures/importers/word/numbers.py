"""The numbers Word counts by itself, written out: a paragraph numbered 8.14.6 by its style says so in its text.

`package` applies this to a document before mammoth reads it, which knows lists but not such numbers. Plain lists
("1.", "a)") are left as they are.
"""

import re
from dataclasses import dataclass, field

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,3}){1,4}\.?")
_DEEPEST_STYLE = 20


@dataclass(slots=True)
class _Level:
    start: int
    decimal: bool
    text: str


@dataclass(slots=True)
class _List:
    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The numbered lists of a document, counted on as its paragraphs are met."""

    def __init__(self, numbering: etree._Element, styles: etree._Element | None) -> None:
        self._lists = {_value(n, "abstractNumId"): _List(_levels(n)) for n in numbering.iter(f"{W}abstractNum")}
        self._numbers: dict[str, str] = {}
        self._starts: dict[str, dict[int, int]] = {}
        for number in numbering.iter(f"{W}num"):
            key = _value(number, "numId")
            self._numbers[key] = _child_value(number, "abstractNumId")
            self._starts[key] = {
                _whole(_value(override, "ilvl"), 0): _whole(_child_value(override, "startOverride"), 1)
                for override in number.iter(f"{W}lvlOverride")
                if override.find(f"{W}startOverride") is not None
            }
        self._styles = (
            {_value(style, "styleId"): style for style in styles.iter(f"{W}style")} if styles is not None else {}
        )

    def write_into(self, document: etree._Element) -> None:
        """Write the numbers of paragraphs into their text, and take those paragraphs out of their lists."""
        for paragraph in document.iter(f"{W}p"):
            place = self._place(paragraph)
            text = self._count(*place) if place else ""
            if text and _NUMBER.fullmatch(text):
                _write(paragraph, text)

    def _place(self, paragraph: etree._Element) -> tuple[str, int] | None:
        """Find the list and level of a paragraph, from itself or from its style."""
        holder = paragraph.find(f"{W}pPr")
        number = level = ""
        for _ in range(_DEEPEST_STYLE):
            if holder is None:
                break
            properties = holder.find(f"{W}numPr")
            if properties is not None:
                number = number or _child_value(properties, "numId")
                level = level or _child_value(properties, "ilvl")
            if number:
                break
            style = self._styles.get(_child_value(holder, "pStyle") or _child_value(holder.getparent(), "basedOn"))
            holder = _properties(style)
        return (number, _whole(level, 0)) if number in self._numbers else None

    def _count(self, number: str, level: int) -> str:
        counted = self._lists.get(self._numbers[number])
        if counted is None or level not in counted.levels:
            return ""
        for restarted, start in self._starts.pop(number, {}).items():
            counted.counts[restarted] = start - 1
        counted.counts[level] = counted.counts.get(level, counted.levels[level].start - 1) + 1
        for deeper in [place for place in counted.counts if place > level]:
            del counted.counts[deeper]
        return re.sub(r"%(\d)", lambda place: _shown(counted, int(place.group(1)) - 1), counted.levels[level].text)


def _shown(counted: _List, level: int) -> str:
    found = counted.levels.get(level)
    if found is None or not found.decimal:
        return "?"
    return str(counted.counts.get(level, found.start))


def _levels(abstract: etree._Element) -> dict[int, _Level]:
    return {
        _whole(_value(level, "ilvl"), 0): _Level(
            _whole(_child_value(level, "start"), 1),
            _child_value(level, "numFmt") in {"decimal", ""},
            _child_value(level, "lvlText"),
        )
        for level in abstract.iter(f"{W}lvl")
    }


def _properties(style: etree._Element | None) -> etree._Element | None:
    """Find the paragraph properties of a style; one without has an empty stand-in that leads to its base."""
    if style is None:
        return None
    found = style.find(f"{W}pPr")
    return found if found is not None else etree.SubElement(style, f"{W}pPr")


def _write(paragraph: etree._Element, number: str) -> None:
    run = etree.Element(f"{W}r")
    text = etree.SubElement(run, f"{W}t")
    text.text = f"{number} "
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        paragraph.insert(0, run)
        return
    properties.addnext(run)
    for listed in properties.findall(f"{W}numPr"):
        properties.remove(listed)


def _value(element: etree._Element, name: str) -> str:
    return str(element.get(W + name) or "")


def _child_value(element: etree._Element | None, name: str) -> str:
    child = element.find(W + name) if element is not None else None
    return _value(child, "val") if child is not None else ""


def _whole(value: str, otherwise: int) -> int:
    return int(value) if re.fullmatch(r"\d{1,6}", value) else otherwise
