"""Writes the figures kept last into `docs/performance.md`, between its two marks, and draws the plot beside it.

Run it as `python -m tests.benchmarks.document` after `make bench` on a quiet machine. What the document says about the
figures is written by hand and stays.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks import plot, results, tables, targets

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- figures: written by tests/benchmarks/document.py -->", "<!-- end of the figures -->"


def main() -> None:
    """Write the figures into the document and draw the plot."""
    measured = {name: results.kept(name) for name in ("engines", "pages", "collections")}
    measured["engines"] = dict(sorted(measured["engines"].items(), key=lambda each: each[1]["passages"]))
    place = DOCS / "performance.md"
    before, _, rest = place.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    place.write_text("\n".join([f"{before}{BEGIN}", "", *_figures(measured), "", f"{END}{after}"]), encoding="utf-8")
    (DOCS / "images" / "performance.svg").write_text(plot.svg(measured["engines"]), encoding="utf-8")


def _figures(measured: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield from _machine(next(iter(measured["engines"].values())))
    yield "### Aims\n"
    yield from tables.table(["", "aim", "measured", "reached"], targets.rows(measured))
    yield "\n### Engines\n"
    for name, figures in measured["engines"].items():
        yield from tables.race(name, figures)
        yield f"\nMeasured on {figures['day']}. {figures['origin']}\n"
    yield "### The search page\n"
    yield from tables.pages(measured["pages"])
    yield "### Public test collections\n"
    yield from tables.collections(measured["collections"])


def _machine(figures: Mapping[str, Any]) -> Iterator[str]:
    about = figures["machine"]
    yield (
        f"Measured on {figures['day']} on {about['cores']} cores ({about['processor']}) with {about['memory']}, "
        f"{about['system']}, with {about['versions']}.\n"
    )


if __name__ == "__main__":
    main()
