"""How a paragraph is cited: one line that says what was read, when it applied, where it is and when it was read.

`reading` shows it, and hands the same line to the script that copies it. It decides nothing about what is in force.
"""

from datetime import date

from kb.views import SectionView
from web import standing, wording

NUMBER, ADDRESS = "{number}", "{address}"
"""What stands for a paragraph's number and address in a line that is to serve for every paragraph of a page."""


def citation(source: str, view: SectionView, number: str, address: str, today: date) -> str:
    """Cite a paragraph of the text being shown."""
    name = f"{number} {view.title}" if view.number else f"{view.title}, paragraph {number}"
    return ", ".join((source, name, f"revision {view.revision.revision}", _days(view), address, _read(today)))


def _days(view: SectionView) -> str:
    if view.is_today and view.period:
        return f"in force from {wording.day(view.period.start)}"
    since = standing.since(view)
    return since[:1].lower() + since[1:]


def _read(today: date) -> str:
    return f"read {wording.day(today)}"
