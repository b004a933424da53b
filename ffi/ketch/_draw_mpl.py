"""Circuits drawn with matplotlib: `draw`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from . import _plot
from ._arguments import whole
from ._shapes import Drawable, Shape, columns, cut, runs, shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FOLD = 25  # columns in a line
INCHES = 0.55  # of the distance of two wires
INCHES_MAX = 160.0  # of a figure's side; larger circuits are drawn smaller
BOX = 0.66  # a box's height; all lengths are in distances of wires
LARGE, SMALL = 23.0, 14.5  # font sizes at a distance of one inch
LARGE_WIDTH, SMALL_WIDTH = 0.2, 0.13  # of a character
GAP = 0.26  # between columns
LINE_GAP = 1.0  # between lines
CONDITION_SIDE = 0.2  # from a measurement's line to that of its condition

HADAMARD, FLIP, PHASE, TURN = "#fa4d56", "#002d9c", "#33b1ff", "#9f1853"
OTHER, MEASURE, RESET, CLASSICAL = "#bb8bff", "#a8a8a8", "#000000", "#778899"
COLOURS = {
    "h": HADAMARD,
    **dict.fromkeys(("x", "swap"), FLIP),
    **dict.fromkeys(("z", "s", "sdg", "t", "tdg", "p", "u1", "rz", "rzz", "gphase"), PHASE),
    **dict.fromkeys(("y", "rx", "ry", "sx", "sxdg", "rxx", "ryy", "rzx"), TURN),
    **{"diagonal": PHASE, "measure": MEASURE, "reset": RESET},
}
DARK = {FLIP, TURN, RESET}  # with white text on them


class Drawn(Protocol):
    """A circuit, as far as a drawing needs it."""

    @property
    def qubits(self) -> int:
        """How many qubits."""

    @property
    def qubit_registers(self) -> Mapping[str, range]:
        """Their registers."""

    @property
    def registers(self) -> Mapping[str, range]:
        """The classical registers."""

    def __iter__(self) -> Iterator[Drawable]: ...


def draw(circuit: Drawn, *, fold: int | None = None, ax: Axes | None = None) -> Figure:
    """Draw a circuit.

    Parameters
    ----------
    circuit : Circuit
    fold : int, optional
        How many columns a line has before the next one begins. None: 25. 0: all.
    ax : matplotlib.axes.Axes, optional
        Where to draw. None: a new figure of the size that the circuit needs.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError
        Where matplotlib is not installed: ``pip install ketch[plot]``.
    """
    fold = FOLD if fold is None else whole("fold", fold, "0..2^31 - 1", 0)
    sheet = Sheet.of(circuit, fold or 2**31)
    if ax is not None:
        _draw_on(ax, sheet)
        root: Figure = ax.figure.figure  # of a part of a figure: the whole
        return root
    pyplot = _plot.pyplot()
    size = INCHES * min(1.0, INCHES_MAX / (INCHES * max(sheet.width, sheet.height)))
    figure = _plot.figure(sheet.width * size, sheet.height * size)
    figure.set_facecolor("white")
    _draw_on(figure.add_axes((0.0, 0.0, 1.0, 1.0)), sheet)
    if "inline" in pyplot.get_backend():
        pyplot.close(figure)  # a notebook shows what a cell returns, and would show it twice
    return figure


# ---- where everything is


class Place(NamedTuple):
    """Where a shape is: its line, and the middle of its column."""

    line: int
    x: float


class Sheet(NamedTuple):
    """A circuit laid out. names: of the qubits; registers: name and bits of each; phase: the text
    of gates that have no place; ends: how long the wires of each line are."""

    names: list[str]
    registers: list[tuple[str, range]]
    phase: str
    shapes: list[Shape]
    places: list[Place]
    ends: list[float]
    left: float
    width: float
    height: float

    @classmethod
    def of(cls, circuit: Drawn, fold: int) -> Sheet:
        """Lays a circuit out."""
        names, registers = qubit_names(circuit), list(circuit.registers.items())
        spans = [bits for _, bits in registers]
        every = [shape(instruction, len(names), spans) for instruction in circuit]
        phases = [each.detail for each in every if each.kind == "phase"]
        shapes = [each for each in every if each.kind != "phase"]
        rows = [_rows(each, len(names), spans) for each in shapes]
        at = columns(rows, len(names) + len(registers))
        places, ends = _places(shapes, at, fold)
        longest = max(len(cut(text)) for text in [*names, *(name for name, _ in registers)])
        left = 0.5 + LARGE_WIDTH * longest
        lines = len(ends) * (len(names) + len(registers) + LINE_GAP) - LINE_GAP
        height = lines + 1.0 + bool(phases)
        phase = f"global phase: {cut(' + '.join(phases))}" if phases else ""
        return cls(
            names, registers, phase, shapes, places, ends, left, left + max(ends) + 0.4, height
        )

    def y(self, line: int, row: int) -> float:
        """The height of a wire; it falls from line to line."""
        return -(line * (len(self.names) + len(self.registers) + LINE_GAP) + row)


def qubit_names(circuit: Drawn) -> list[str]:
    """The names of the wires: q0, q1, ..., but of the qubits of a named register a[0], a[1], ..."""
    names = [f"q{qubit}" for qubit in range(circuit.qubits)]
    for name, qubits in circuit.qubit_registers.items():
        if name != "q" or len(qubits) < len(names):
            names[qubits.start : qubits.stop] = [f"{cut(name)}[{i}]" for i in range(len(qubits))]
    return names


def _rows(each: Shape, qubits: int, registers: Sequence[range]) -> tuple[int, int]:
    """The first and the last row that a shape covers: wires, then registers."""
    rows = each.qubits
    lowest = [qubits + _register_of(bit, registers) for bit in each.bits]
    lowest += [qubits + part.register for part in each.condition]
    return rows[0], max([rows[-1], *lowest])


def _register_of(bit: int, registers: Sequence[range]) -> int:
    return next(place for place, bits in enumerate(registers) if bit in bits)


def _places(
    shapes: Sequence[Shape], at: Sequence[int], fold: int
) -> tuple[list[Place], list[float]]:
    """Where shapes are whose columns are known, and how long each line is."""
    widths = [0.0] * (max(at, default=0) + 1)
    for each, column in zip(shapes, at, strict=True):
        widths[column] = max(widths[column], _whole_width(each))
    middles, ends = [], []
    for column, width in enumerate(widths):
        if column % fold == 0:
            ends.append(GAP)
        middles.append(ends[-1] + width / 2)
        ends[-1] += width + GAP
    return [Place(c // fold, middles[c]) for c in at], ends


def _width(each: Shape) -> float:
    """How wide a shape is."""
    if each.kind == "dots":
        return 0.4 + SMALL_WIDTH * len(each.detail)
    if each.kind == "barrier":
        return 0.36
    marks = 0.3 if each.kind == "box" and len(each.targets) > 1 else 0.0
    label = LARGE_WIDTH * len(each.label) + 0.2 + marks
    return max(BOX, label, SMALL_WIDTH * len(each.detail) + 0.2 + marks)


def _whole_width(each: Shape) -> float:
    """How wide a shape is with the text below its condition."""
    texts = [SMALL_WIDTH * len(part.text) for part in each.condition]
    moved = 2 * CONDITION_SIDE if each.bits and texts else 0.0
    return max(_width(each), max(texts, default=0.0) + moved)


# ---- drawing


def _draw_on(ax: Axes, sheet: Sheet) -> None:
    ax.set_xlim(-sheet.left, sheet.width - sheet.left)
    ax.set_ylim(sheet.y(0, 0) + 0.8 + bool(sheet.phase) - sheet.height, 0.8 + bool(sheet.phase))
    ax.set_aspect("equal")
    ax.axis("off")
    pen = Pen(ax, sheet)
    if sheet.phase:
        pen.text(-sheet.left + 0.3, 1.0, sheet.phase, SMALL, ha="left")
    for line, end in enumerate(sheet.ends):
        _draw_wires(pen, sheet, line, end)
    for each, place in zip(sheet.shapes, sheet.places, strict=True):
        _draw_shape(pen, sheet, each, place)


class Pen:
    """Draws on axes, in distances of wires."""

    def __init__(self, ax: Axes, sheet: Sheet) -> None:
        from matplotlib import patches

        self._ax = ax
        self._patches = patches
        extent = ax.get_window_extent()
        dots = min(extent.width / sheet.width, extent.height / sheet.height)
        self._inch = dots / ax.figure.dpi

    def text(self, x: float, y: float, text: str, size: float, **how: Any) -> None:
        """Writes a text, centred unless it is said how. A $ is a $."""
        how = {"ha": "center", "color": "black", "zorder": 6, **how}
        how |= {"va": "center", "fontfamily": "DejaVu Sans", "clip_on": True}
        self._ax.text(x, y, text, fontsize=size * self._inch, parse_math=False, **how)

    def line(self, xs: Sequence[float], ys: Sequence[float], colour: str, **how: Any) -> None:
        """A line through points."""
        how = {"zorder": 2, "linewidth": 2.2 * self._inch} | how
        self._ax.plot(xs, ys, color=colour, solid_capstyle="butt", **how)

    def double(self, xs: Sequence[float], ys: Sequence[float], zorder: int) -> None:
        """A classical line."""
        across = (0.035, 0.0) if xs[0] == xs[1] else (0.0, 0.035)
        for side in (-1, 1):
            moved = [x + side * across[0] for x in xs], [y + side * across[1] for y in ys]
            self.line(*moved, CLASSICAL, zorder=zorder, linewidth=1.6 * self._inch)

    def box(self, x: float, low: float, high: float, width: float, colour: str) -> None:
        """A box around wires from the height `low` to `high`."""
        corner = x - width / 2, low - BOX / 2
        self.patch("Rectangle", corner, width, high - low + BOX, colour=colour, zorder=4)

    def dot(self, x: float, y: float, colour: str, filled: bool = True) -> None:
        """A control's dot, or ring."""
        how = {"facecolor": colour if filled else "white", "linewidth": 2.2 * self._inch}
        self.patch("Circle", (x, y), 0.12, colour=colour, zorder=5, **how)

    def arc(self, x: float, y: float, width: float) -> None:
        """The upper half of a circle."""
        how = {"theta2": 180.0, "linewidth": 2.2 * self._inch, "zorder": 5}
        self.patch("Arc", (x, y), width, width, colour="black", **how)

    def patch(self, kind: str, *arguments: Any, colour: str, **how: Any) -> None:
        """A patch of matplotlib's."""
        how = {"facecolor": colour, "edgecolor": colour, "linewidth": 0.0} | how
        self._ax.add_patch(getattr(self._patches, kind)(*arguments, **how))


def _draw_wires(pen: Pen, sheet: Sheet, line: int, end: float) -> None:
    for row, name in enumerate(sheet.names):
        y = sheet.y(line, row)
        pen.line([0, end], [y, y], "black", zorder=1)
        pen.text(-0.15, y, name, LARGE, ha="right")
    for place, (name, bits) in enumerate(sheet.registers):
        y = sheet.y(line, len(sheet.names) + place)
        pen.double([0, end], [y, y], 1)
        pen.text(-0.15, y, cut(name), LARGE, ha="right")
        pen.line([0.06, 0.16], [y - 0.12, y + 0.12], CLASSICAL, zorder=1)
        pen.text(0.1, y + 0.28, str(len(bits)), SMALL)


def _draw_shape(pen: Pen, sheet: Sheet, each: Shape, place: Place) -> None:
    if each.condition:
        _draw_condition(pen, sheet, each, place)
    ys = {qubit: sheet.y(place.line, qubit) for qubit in each.qubits}
    _SHAPES.get(each.kind, _draw_gate)(pen, sheet, each, place, ys)


Heights = Mapping[int, float]


def _draw_gate(pen: Pen, sheet: Sheet, each: Shape, place: Place, ys: Heights) -> None:
    """Controls, the line through them, and the targets."""
    colour = COLOURS.get(each.gate, OTHER)
    x = place.x
    if each.kind == "dots" and each.detail:
        x += 0.2 - _width(each) / 2
    if len(ys) > 1:
        pen.line([x, x], [min(ys.values()), max(ys.values())], colour, zorder=3)
    for qubit, value in each.controls.items():
        pen.dot(x, ys[qubit], colour, bool(value))
    if each.kind == "box":
        _draw_boxes(pen, each, x, ys, colour)
        return
    for qubit in each.targets:
        _TARGET_MARKS[each.kind](pen, x, ys[qubit], colour)
    if each.detail:
        highest = max(ys.values())
        y = highest - 0.5 if len(ys) > 1 else highest + 0.25
        pen.text(x + 0.15, y, each.detail, SMALL, ha="left")


def _draw_boxes(pen: Pen, each: Shape, x: float, ys: Heights, colour: str) -> None:
    """A box for each run of neighbouring targets. Where there are several targets, each has
    its mark beside its wire."""
    ink = "white" if colour in DARK else "black"
    width, several = _width(each), len(each.targets) > 1
    for first, last in runs(each.targets):
        pen.box(x, ys[last], ys[first], width, colour)
        middle, right = (ys[first] + ys[last]) / 2, x + 0.15 * several
        lift = 0.13 if each.detail else 0.0
        pen.text(right, middle + lift, each.label, LARGE * (0.85 if lift else 1), color=ink)
        if each.detail:
            pen.text(right, middle - 0.18, each.detail, SMALL, color=ink)
    if several:
        for mark, qubit in zip(each.marks, each.targets, strict=True):
            pen.text(x - width / 2 + 0.15, ys[qubit], mark, SMALL, color=ink)


def _draw_plus(pen: Pen, x: float, y: float, colour: str) -> None:
    pen.patch("Circle", (x, y), 0.26, colour=colour, zorder=4)
    for xs, heights in (([x - 0.16, x + 0.16], [y, y]), ([x, x], [y - 0.16, y + 0.16])):
        pen.line(xs, heights, "white", zorder=5)


def _draw_cross(pen: Pen, x: float, y: float, colour: str) -> None:
    for side in (-0.15, 0.15):
        pen.line([x - 0.15, x + 0.15], [y - side, y + side], colour, zorder=4)


def _draw_dot(pen: Pen, x: float, y: float, colour: str) -> None:
    pen.dot(x, y, colour)


_TARGET_MARKS = {"flip": _draw_plus, "swap": _draw_cross, "dots": _draw_dot}


def _draw_measure(pen: Pen, sheet: Sheet, each: Shape, place: Place, ys: Heights) -> None:
    x, (y,) = place.x, ys.values()
    for bit in each.bits:
        spans = [bits for _, bits in sheet.registers]
        register = _register_of(bit, spans)
        below = sheet.y(place.line, len(sheet.names) + register)
        pen.double([x, x], [y, below + 0.2], 3)
        tip = [(x - 0.12, below + 0.22), (x + 0.12, below + 0.22), (x, below + 0.02)]
        pen.patch("Polygon", tip, colour=CLASSICAL, zorder=4)
        pen.text(x + 0.1, below - 0.24, str(bit - spans[register].start), SMALL)
    pen.box(x, y, y, BOX, MEASURE)
    pen.arc(x, y - 0.14, 0.42)
    pen.line([x, x + 0.22], [y - 0.14, y + 0.2], "black", zorder=5)


def _draw_barrier(pen: Pen, sheet: Sheet, each: Shape, place: Place, ys: Heights) -> None:
    for first, last in runs(each.targets):
        low, high = ys[last] - 0.5, ys[first] + 0.5
        corner = place.x - 0.14, low
        pen.patch("Rectangle", corner, 0.28, high - low, colour="#c8c8c8", alpha=0.6, zorder=3)
        pen.line([place.x] * 2, [low, high], "black", linestyle="--", zorder=4)


def _draw_fence(pen: Pen, sheet: Sheet, each: Shape, place: Place, ys: Heights) -> None:
    low, high = min(ys.values()) - 0.5, max(ys.values()) + 0.4
    pen.line([place.x] * 2, [low, high], "black", linestyle=":", zorder=4)
    pen.text(place.x, high + 0.15, each.label, SMALL)


def _draw_condition(pen: Pen, sheet: Sheet, each: Shape, place: Place) -> None:
    """A classical line from the shape to each register that the condition reads."""
    x = place.x - (CONDITION_SIDE if each.bits else 0.0)
    top = sheet.y(place.line, each.qubits[-1])
    for part in each.condition:
        y = sheet.y(place.line, len(sheet.names) + part.register)
        pen.double([x, x], [top, y], 2)
        pen.dot(x, y, CLASSICAL)
        pen.text(x, y - 0.3, part.text, SMALL)


_SHAPES = {"measure": _draw_measure, "barrier": _draw_barrier, "fence": _draw_fence}
