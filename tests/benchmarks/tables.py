"""The figures as tables in Markdown: the same lines are printed by `make bench` and shown in `docs/performance.md`."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, geometric_mean
from typing import Any

Figures = Mapping[str, Any]

OTHERS = ("FTS5", "tantivy", "Xapian")
ALL = "all classes"


def race(name: str, figures: Figures) -> Iterator[str]:
    """Show a race: times and ratios by class, the index, and what only ours is asked."""
    yield f"**{_title(name, figures)}** Milliseconds, median / 95th percentile, and our median as a multiple."
    yield ""
    yield from table(["", "ours", *OTHERS, *(f"ours ÷ {other}" for other in OTHERS)], _classes(figures))
    yield ""
    heads = ["", "index s", "size MB", "memory MB", "of which index", "first answer ms", "published to found ms"]
    yield from table(heads, (_indexed(engine, each) for engine, each in figures["index"].items()))
    yield ""
    yield from table(["ours alone", "median ms", "95th", ""], _alone(figures["ours"]))
    if figures["missing"]:
        yield f"\nNot installed here, so not measured: {', '.join(figures['missing'])}."


def _title(name: str, figures: Figures) -> str:
    passages = f"{figures['passages']:,} passages"
    return f"The sample manual, {passages}." if name == "sample" else f"{passages}."


def ratios(figures: Figures, other: str, of: str = "p50") -> dict[str, float]:
    """Return our median as a multiple of another's, by class, and the geometric mean of all."""
    found = {kind: times["ours"][of] / times[other][of] for kind, times in figures["classes"].items() if other in times}
    return {**found, ALL: geometric_mean(found.values())} if found else {}


def _classes(figures: Figures) -> Iterator[list[str]]:
    multiples = {other: ratios(figures, other) for other in OTHERS}
    for kind, times in figures["classes"].items():
        yield [
            kind,
            *(_times(times.get(engine)) for engine in ("ours", *OTHERS)),
            *(_ratio(multiples[other].get(kind)) for other in OTHERS),
        ]
    yield [ALL, "", "", "", "", *(_ratio(multiples[other].get(ALL)) for other in OTHERS)]
    busy = (ratios(figures, other, "busy").get(ALL) for other in OTHERS)
    yield [f"{ALL}, processor’s time", "", "", "", "", *map(_ratio, busy)]


def _indexed(engine: str, figures: Figures) -> list[str]:
    publishing = figures["publish_ms"]
    return [
        engine,
        f"{figures['build_s']:.1f}",
        f"{figures['size_mb']:.1f}",
        f"{figures['memory_mb']:.0f}",
        f"{figures['memory_grown_mb']:.0f}",
        f"{figures['first_answer_ms']:.0f}"
        if figures["first_answer_ms"] >= 10
        else f"{figures['first_answer_ms']:.1f}",
        f"{publishing['p50']:.0f} / {publishing['p95']:.0f}",
    ]


def _alone(figures: Figures) -> Iterator[list[str]]:
    today = figures["today"]["p50"]
    for name, times in figures.items():
        beside = f"×{times['p50'] / today:.2f} of today" if name != "today" else "all classes, one passage a section"
        yield [name, f"{times['p50']:.2f}", f"{times['p95']:.2f}", beside]


def pages(figures: Figures) -> Iterator[str]:
    """Show the search page beside the bare one."""
    heads = ["", "ms, one reader", "bytes", "a second, eight readers", "ms then (median / 99th)", "memory MB"]
    for each in figures.values():
        yield f"**The search page, {each['passages']:,} passages.**"
        yield ""
        yield from table(heads, _servers(each))
        yield ""


def _servers(figures: Figures) -> Iterator[list[str]]:
    for name, times in figures["latency"].items():
        rate, size = figures["rate"].get(name), figures["bytes"].get(name)
        yield [
            name,
            _times(times),
            f"{size:,.0f}" if size else "",
            f"{rate['a_second']:,.0f}" if rate else "",
            f"{rate['p50']:.1f} / {rate['p99']:.1f}" if rate else "",
            f"{figures['memory_mb'][name]:.0f}" if name in figures["memory_mb"] else "",
        ]
    yield ["ours ÷ bare page", _ratio(slower(figures)), "", _ratio(rarer(figures)), "", ""]


def slower(figures: Figures) -> float:
    """How many times as long our page takes."""
    return float(figures["latency"]["ours"]["p50"] / figures["latency"]["bare page"]["p50"])


def rarer(figures: Figures) -> float:
    """How many times as many requests a second the bare page answers."""
    return float(figures["rate"]["bare page"]["a_second"] / figures["rate"]["ours"]["a_second"])


def collections(figures: Figures) -> Iterator[str]:
    """Show how good the answers are, by collection and on the mean."""
    engines = list(next(iter(figures.values()))["ndcg"])
    rows = [
        [name, f"{each['documents']:,}", str(each["queries"]), *(f"{each['ndcg'][engine]:.3f}" for engine in engines)]
        for name, each in figures.items()
    ]
    mean = [f"{fmean(each['ndcg'][engine] for each in figures.values()):.3f}" for engine in engines]
    yield from table(["nDCG@10", "documents", "queries", *engines], [*rows, ["mean", "", "", *mean]])


def _times(times: Figures | None) -> str:
    return f"{times['p50']:.2f} / {times['p95']:.2f}" if times else "–"


def _ratio(ratio: float | None) -> str:
    return f"×{ratio:.2f}" if ratio is not None and ratio < 10 else f"×{ratio:.0f}" if ratio is not None else "–"


def table(heads: Sequence[str], rows: Iterator[list[str]] | Sequence[list[str]]) -> Iterator[str]:
    """Lay a table out with columns as wide as what stands in them."""
    lines = [list(heads), *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    for number, line in enumerate(lines):
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        yield f"| {' | '.join(cells)} |"
        if number == 0:
            yield f"|{'|'.join(['-' * (widths[0] + 2), *('-' * (width + 1) + ':' for width in widths[1:])])}|"
