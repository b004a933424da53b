"""Pictures of the measurements: ratios by row, time over qubits and gates, first runs, planning.
Their colours suit a light and a dark page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator, NullFormatter

import circuits
import report

GREY = "#7d8590"
COLOURS = {
    "ketch": "#e5484d",
    "prism-q": "#3b82f6",
    "qulacs": "#12a594",
    "qsim": "#d99800",
    "Aer": "#8e6ee6",
    "Lightning": "#7aa63c",
}
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ketch",
    "font.family": "sans-serif",
    "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
    "font.size": 10.5,
    **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), GREY),
    **dict.fromkeys(("axes.edgecolor", "grid.color"), GREY),
    "grid.alpha": 0.25,
    "grid.linewidth": 0.7,
    "axes.grid": True,
    "axes.facecolor": "none",
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "savefig.transparent": True,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
}


def draw(results: report.Results, folder: Path) -> None:
    """Writes a picture of all that was measured."""
    drawn = {"records": ("ratios", "scaling"), "first": ("first",), "planning": ("planning",)}
    by_name = {"ratios": ratios, "scaling": scaling, "first": first, "planning": planning}
    with matplotlib.rc_context(STYLE):  # type: ignore[arg-type]
        for name in (name for part, names in drawn.items() if results.get(part) for name in names):
            figure = by_name[name](results)
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")
            pyplot.close(figure)


def precisions(results: report.Results) -> list[str]:
    """The precisions that ketch was measured in."""
    return [p for p in results["options"]["precisions"] if "ketch" in report.rivals(results, p)]


def times(value: float, _: Any = None) -> str:
    """A tick of a ratio."""
    return f"{value:g}x"


# ---- ratios


def ratios(results: report.Results) -> Figure:
    """A panel for each precision: how many times longer a rival takes than ketch, row by row."""
    rows, threads = report.rows(results), results["options"]["threads"][0]
    shown = precisions(results)
    size = (11.0, 3.0 * max(1, len(shown)) + 0.6)
    figure, panels = pyplot.subplots(len(shown) or 1, sharex=True, figsize=size, squeeze=False)
    for panel, precision in zip(panels[:, 0], shown, strict=False):
        found = [report.cells(results, row, precision, threads) for row in rows]
        bars(panel, found)
        panel.set_title(f"{precision} precision, {threads} threads: time over ketch's time")
    panels[-1, 0].set_xticks(range(len(rows)), rows, rotation=35, ha="right")
    figure.tight_layout(h_pad=1.2)
    return figure


def bars(panel: Axes, found: list[dict[str, report.Cell]]) -> None:
    """A group of bars for each row; a cross where there is nothing to show."""
    names = [name for name in (found[0] if found else {}) if name != "ketch"]
    width = 0.82 / max(1, len(names))
    panel.set_yscale("log")
    for number, name in enumerate(names):
        offset = (number - (len(names) - 1) / 2) * width
        places, heights, missing = [], [], []
        for row, cells in enumerate(found):
            if cells["ketch"].gap or cells[name].gap:
                missing.append(row + offset)
            else:
                places.append(row + offset)
                heights.append(cells[name].again / cells["ketch"].again)
        # From 1 upwards, or downwards where ketch is the slower one.
        over = [height - 1 for height in heights]
        panel.bar(places, over, 0.9 * width, bottom=1, color=COLOURS[name], label=name)
        low = panel.get_xaxis_transform()
        style: Any = {"color": COLOURS[name], "markersize": 5, "markeredgewidth": 1.8}
        panel.plot(missing, [0.05] * len(missing), "x", transform=low, **style)
    panel.axhline(1, color=COLOURS["ketch"], linewidth=1.5)
    panel.grid(axis="x", visible=False)
    panel.yaxis.set_major_formatter(FuncFormatter(times))
    panel.yaxis.set_minor_formatter(NullFormatter())
    panel.set_xlim(-0.6, len(found) - 0.4)
    panel.legend(ncols=len(names) or 1, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1)


# ---- scaling


def scaling(results: report.Results) -> Figure:
    """Time over qubits and over gates, in both precisions."""
    shown = precisions(results)
    size = (11.0, 3.6 * max(1, len(shown)))
    figure, panels = pyplot.subplots(len(shown) or 1, 2, figsize=size, squeeze=False)
    for (left, right), precision in zip(panels, shown, strict=False):
        lines(left, results, precision, r"rcz-(\d+)-20")
        left.set_title(f"{precision} precision, 20 layers (rcz-N-20)")
        left.xaxis.set_major_locator(MultipleLocator(4))
        if left.lines:
            left.legend(loc="upper left")
        lines(right, results, precision, r"rcz-20-(\d+)")
        right.set_title(f"{precision} precision, 20 qubits (rcz-20-D)")
        if right.lines:
            right.set_xscale("log")
        right.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panels[-1, 0].set_xlabel("qubits")
    panels[-1, 1].set_xlabel("gates")
    figure.tight_layout(h_pad=1.5)
    return figure


def lines(panel: Axes, results: report.Results, precision: str, rows: str) -> None:
    """A line for each rival: over qubits where the rows differ in them, or else over gates. It ends
    at the size for which the rival is too slow."""
    threads = results["options"]["threads"][0]
    for name in reversed(report.rivals(results, precision)):
        points = []
        for record in results["records"]:
            kind = (record["rival"], record["precision"], record["threads"])
            if kind == (name, precision, threads) and re.fullmatch(rows, record["row"]):
                cell, circuit = report.Cell(record), circuits.build(record["row"])
                size = len(circuit.gates) if rows.startswith("rcz-20") else circuit.qubits
                points += [] if cell.gap else [(size, cell.again)]
        curve(panel, points, name)
    as_times(panel)


def plain(seconds: float) -> str:
    """A tick of a time: a power of ten."""
    unit, size = next(
        (it for it in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)) if seconds >= 0.99 * it[1]),
        ("ns", 1e-9),
    )
    return f"{seconds / size:.3g} {unit}"


# ---- first runs and planning


def first(results: report.Results) -> Figure:
    """A panel for each precision: the time of a first run by row, from the smallest circuits on."""
    view = report.first_view(results)
    rows, shown = report.rows(view), precisions(view)
    size = (11.0, 3.4 * max(1, len(shown)) + 0.6)
    figure, panels = pyplot.subplots(len(shown) or 1, sharex=True, figsize=size, squeeze=False)
    for panel, precision in zip(panels[:, 0], shown, strict=False):
        found = [report.cells(view, row, precision, 1) for row in rows]
        for name in reversed(report.rivals(view, precision)):
            cells = [(place, it[name].first) for place, it in enumerate(found) if not it[name].gap]
            curve(panel, cells, name)
        panel.set_title(f"{precision} precision, 1 thread: first runs of different circuits")
        as_times(panel)
        if panel.lines:
            panel.legend(loc="upper left")
    panels[-1, 0].set_xticks(range(len(rows)), rows, rotation=35, ha="right")
    figure.tight_layout(h_pad=1.2)
    return figure


def curve(panel: Axes, points: Iterable[tuple[float, float]], name: str, **style: Any) -> None:
    """A rival's times, or those of a family of circuits."""
    points = sorted(points)
    if points:
        wide = 2.4 if name == "ketch" else 1.4
        style = {"color": COLOURS.get(name), "linewidth": wide, "markersize": 3.5} | style
        panel.plot(*zip(*points, strict=True), "o-", label=name, **style)


def as_times(panel: Axes) -> None:
    """Times upwards, on a scale of factors."""
    if panel.lines:
        panel.set_yscale("log")
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))


def planning(results: report.Results) -> Figure:
    """Planning time a gate: over qubits with few gates and with many, and over gates."""
    figure, panels = pyplot.subplots(1, 3, sharey=True, figsize=(11.0, 3.6))
    kinds = (("about", 1_000, "qubits"), ("about", 100_000, "qubits"), ("qubits", 20, "gates"))
    colours = list(COLOURS.values())
    for panel, (fixed, value, over) in zip(panels, kinds, strict=True):
        found = [it for it in results["planning"] if it[fixed] == value]
        for number, family in enumerate(dict.fromkeys(it["family"] for it in found)):
            points = [
                (it[over], median(it["seconds"]) / it["gates"])
                for it in found
                if it["family"] == family
            ]
            curve(panel, points, family, color=colours[number % len(colours)])
        panel.set_title(f"{value:,} {'gates' if fixed == 'about' else 'qubits'}: time a gate")
        panel.set_xlabel(over)
        as_times(panel)
    panels[2].set_xscale("log")
    figure.legend(*panels[0].get_legend_handles_labels(), ncols=5, loc="lower left")
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    return figure
