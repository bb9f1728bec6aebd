"""The plot of `docs/performance.md`: our median as a multiple of the others', class by class, drawn as SVG.

`document` calls it with the figures. A panel for each corpus; further left is faster, and the line is as fast as they
are. Engines differ by shape as well as by colour.
"""

from collections.abc import Iterator, Mapping
from html import escape
from math import ceil, floor, log10
from typing import Any

from tests.benchmarks.tables import OTHERS, ratios

WIDTH, LEFT, RIGHT = 820, 150, 24
ROW, HEAD, FOOT = 22, 44, 30
LEGEND = 56
INK, FAINT, PAPER = "#0b0c0c", "#b1b4b6", "#ffffff"
COLOURS = {"FTS5": "#1d70b8", "tantivy": "#d4351c", "Xapian": "#00703c"}


def svg(figures: Mapping[str, Any]) -> str:
    """Draw all corpora under each other."""
    panels = {_name(name, each): {other: ratios(each, other) for other in OTHERS} for name, each in figures.items()}
    every = [ratio for panel in panels.values() for engine in panel.values() for ratio in engine.values()]
    low, high = min(-1, floor(log10(min(every)))), max(1, ceil(log10(max(every))))
    heights = [HEAD + FOOT + ROW * len(_kinds(panel)) for panel in panels.values()]
    lines = [*_legend()]
    top = LEGEND
    for (name, panel), height in zip(panels.items(), heights, strict=True):
        lines += _panel(name, panel, top, low, high)
        top += height
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}" '
            'font-family="Arial, sans-serif" font-size="13" role="img" aria-labelledby="title">',
            '<title id="title">Our median time for ten marked results, as a multiple of three other engines’</title>',
            f'<rect width="{WIDTH}" height="{top}" fill="{PAPER}"/>',
            *lines,
            "</svg>",
            "",
        ]
    )


def _name(name: str, figures: Mapping[str, Any]) -> str:
    return f"{'The sample manual, ' if name == 'sample' else ''}{figures['passages']:,} passages"


def _kinds(panel: Mapping[str, Mapping[str, float]]) -> list[str]:
    return list(dict.fromkeys(kind for kinds in sorted(panel.values(), key=len, reverse=True) for kind in kinds))


def _legend() -> Iterator[str]:
    yield _text(LEFT, 20, "Our median, ten marked results, as a multiple of the others’", weight="bold")
    for place, other in enumerate(OTHERS):
        yield _mark(other, LEFT + 6 + 110 * place, 40)
        yield _text(LEFT + 18 + 110 * place, 44, f"of {other}’s")


def _panel(name: str, panel: Mapping[str, Mapping[str, float]], top: int, low: int, high: int) -> Iterator[str]:
    kinds = _kinds(panel)
    bottom = top + HEAD + ROW * len(kinds)

    def across(ratio: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (log10(ratio) - low) / (high - low)

    yield _text(8, top + 26, name, weight="bold")
    for power in range(low, high + 1):
        at, equal = across(10.0**power), power == 0
        yield _line(at, top + HEAD - 8, at, bottom, INK if equal else FAINT, 1.5 if equal else 1)
        label = f"×{10.0**power:g}" + (" (as fast)" if equal else "")
        yield _text(at, bottom + 16, label, anchor="middle")
    for place, kind in enumerate(kinds):
        middle = top + HEAD + ROW * place + ROW / 2
        yield _line(LEFT, middle, WIDTH - RIGHT, middle, FAINT, 0.5)
        yield _text(LEFT - 10, middle + 4, kind, anchor="end")
        for other, found in panel.items():
            if kind in found:
                yield _mark(other, across(found[kind]), middle, f"{kind}: ×{found[kind]:.2f} of {other}")


def _mark(other: str, x: float, y: float, says: str = "") -> str:
    colour, title = COLOURS[other], f"<title>{escape(says)}</title>" if says else ""
    match other:
        case "FTS5":
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}">{title}</circle>'
        case "tantivy":
            return f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{colour}">{title}</rect>'
    points = f"{x:.1f},{y - 6:.1f} {x - 6:.1f},{y + 5:.1f} {x + 6:.1f},{y + 5:.1f}"
    return f'<polygon points="{points}" fill="{colour}">{title}</polygon>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, words: str, anchor: str = "start", weight: str = "normal") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-weight="{weight}" fill="{INK}">{escape(words)}</text>'
