"""Circuits drawn with matplotlib: what is drawn of each instruction, and where."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import pi
from typing import Any, NamedTuple

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketch
from ketch import _gate_table, _shapes

# ---- shapes and columns


class Record(NamedTuple):
    """An instruction, as a drawing sees it."""

    name: str
    angles: tuple[object, ...] = ()
    qubits: tuple[int, ...] = ()
    bits: tuple[int, ...] = ()
    controls: dict[int, int] = {}  # noqa: RUF012 # nobody changes it
    condition: tuple[int, int, int] | None = None
    letters: str | None = None


class Records:
    """A circuit of them."""

    def __init__(
        self,
        qubits: int,
        records: Sequence[Record],
        registers: dict[str, range] | None = None,
        names: dict[str, range] | None = None,
    ) -> None:
        self.qubits, self.records = qubits, records
        self.registers = registers or {}
        self.qubit_registers = names or {}

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40))
def test_a_shape_goes_to_the_first_column_that_is_free(ends: list[tuple[int, int]]) -> None:
    spans = [(min(pair), max(pair)) for pair in ends]
    found = _shapes.columns(spans, 10)
    for i, (first, last) in enumerate(spans):
        before = [j for j in range(i) if spans[j][0] <= last and first <= spans[j][1]]
        assert found[i] == max((found[j] + 1 for j in before), default=0)


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 20)))
def test_runs_are_neighbours(rows: set[int]) -> None:
    found = _shapes.runs(rows)
    assert [row for first, last in found for row in range(first, last + 1)] == sorted(rows)
    assert all(b[0] - a[1] > 1 for a, b in pairwise(found))


def test_gates_with_controls_of_their_own_are_known() -> None:
    for gate in _gate_table.GATES:
        own = sum(qubit.startswith("control") for qubit in gate.qubits)
        if own and gate.name not in ("rccx", "rc3x"):
            assert _shapes._OWN_CONTROLS[gate.name] == own, gate.name
        else:
            assert gate.name not in _shapes._UNDER, gate.name
    names = {gate.name for gate in _gate_table.GATES}
    assert set(_shapes._UNDER.values()) <= names


@pytest.mark.parametrize(
    ("angle", "text"),
    [
        *((0, "0"), (0.0, "0"), (pi, "π"), (-pi, "-π"), (pi / 2, "π/2"), (3 * pi / 4, "3π/4")),
        *((-2 * pi / 3, "-2π/3"), (4 * pi, "4π"), (0.3, "0.3"), (1.23456789, "1.235")),
        *((pi / 2 + 1e-9, "1.571"), (1e-300, "1e-300"), (7 * pi / 64, "7π/64")),
        (numpy.float64(pi), "π"),
        (ketch.Parameter("a"), "a"),
        (2 * ketch.Parameter("a") - 0.5, "2*a - 0.5"),
    ],
)
def test_angles_are_fractions_of_pi_where_they_are(angle: object, text: str) -> None:
    assert _shapes.angle_text(angle) == text


def test_a_condition_is_told_for_each_register() -> None:
    registers = [range(0, 4), range(4, 10)]
    parts = [
        ((0, 4, 5), [(0, "= 5")]),
        ((1, 2, 2), [(0, "[1..2] = 2")]),
        ((3, 1, 1), [(0, "[3] = 1")]),
        ((4, 6, 63), [(1, "= 63")]),
        ((2, 4, 0b0110), [(0, "[2..3] = 2"), (1, "[0..1] = 1")]),
        ((0, 10, 0b1000000001), [(0, "= 1"), (1, "= 32")]),
    ]
    for condition, expected in parts:
        assert _shapes.condition_parts(condition, registers) == expected


def test_kinds_of_shapes() -> None:
    kinds = {
        ("x", (0,)): "box",
        ("cx", (0, 1)): "flip",
        ("c4x", (0, 1, 2, 3, 4)): "flip",
        ("swap", (0, 1)): "swap",
        ("cswap", (0, 1, 2)): "swap",
        ("cz", (0, 1)): "dots",
        ("ccz", (0, 1, 2)): "dots",
        ("rzz", (0, 1)): "dots",
        ("cp", (0, 1)): "dots",
        ("ch", (0, 1)): "box",
        ("rccx", (0, 1, 2)): "box",
        ("barrier", ()): "barrier",
        ("gphase", ()): "phase",
    }
    for (name, qubits), kind in kinds.items():
        found = _shapes.shape(Record(name, (), qubits), 6, [])
        assert found.kind == kind, name
    shape = _shapes.shape(Record("gphase", (0.5,), (), (), {0: 1, 2: 0}), 6, [])
    assert (shape.kind, shape.detail, shape.controls) == ("dots", "P (0.5)", {0: 1, 2: 0})
    shape = _shapes.shape(Record("rzz", (0.5,), (0, 1), (), {2: 1}), 6, [])
    assert (shape.kind, shape.label, shape.detail) == ("box", "Rzz", "0.5")
    shape = _shapes.shape(Record("pauli_rotation", (0.5,), (0, 4, 2), letters="XZY"), 6, [])
    assert (shape.kind, shape.label, shape.detail) == ("box", "R", "0.5")
    assert dict(zip(shape.targets, shape.marks, strict=True)) == {0: "X", 4: "Z", 2: "Y"}
    shape = _shapes.shape(Record("multiplexer", (), (3, 1, 0)), 6, [])
    assert dict(zip(shape.targets, shape.marks, strict=True)) == {3: "t", 1: "0", 0: "1"}
    assert _shapes.shape(Record("fence"), 3, []).targets == (0, 1, 2)
    assert len(_shapes.cut("x" * 100)) == _shapes.LABEL_MAX


# ---- drawn circuits


def _drawn(circuit: Any, **options: Any) -> tuple[Any, dict[str, int], list[str]]:
    """The figure, how many patches of each class it has, and its texts."""
    from ketch import _draw_mpl

    figure = _draw_mpl.draw(circuit, **options)
    figure.canvas.draw()
    counts: dict[str, int] = {}
    for patch in figure.axes[0].patches:
        counts[type(patch).__name__] = counts.get(type(patch).__name__, 0) + 1
    return figure, counts, [text.get_text() for text in figure.axes[0].texts]


def test_a_drawing_has_a_patch_for_each_part(pyplot: Any) -> None:
    records = [
        Record("h", (), (0,)),
        Record("cx", (), (0, 1)),
        Record("rx", (pi / 2,), (2,)),
        Record("x", (), (2,), (), {0: 1, 1: 0}),
        Record("swap", (), (0, 2)),
        Record("unitary", (), (0, 1)),
        Record("unitary", (), (0, 2)),
        Record("barrier", (), (0, 2)),
    ]
    _, patches, texts = _drawn(Records(3, records))
    # 2 gates, 1 and 2 boxes of the matrices, 2 of the barrier; 3 controls, 2 targets of flips
    assert patches == {"Rectangle": 2 + 1 + 2 + 2, "Circle": 3 + 2}
    for text in ("q0", "q1", "q2", "H", "Rx", "π/2"):
        assert texts.count(text) == 1, text
    assert texts.count("Unitary") == 3 and texts.count("0") == 2 and texts.count("1") == 2


def test_controls_are_filled_or_open(pyplot: Any) -> None:
    figure, _, _ = _drawn(Records(4, [Record("h", (), (3,), (), {0: 1, 1: 0, 2: 1})]))
    from matplotlib.colors import to_hex
    from matplotlib.patches import Circle

    dots = [patch for patch in figure.axes[0].patches if isinstance(patch, Circle)]
    filled = {-dot.center[1]: to_hex(dot.get_facecolor()) != "#ffffff" for dot in dots}
    assert filled == {0: True, 1: False, 2: True}


def test_measurements_end_at_their_register(pyplot: Any) -> None:
    records = [Record("measure", (), (qubit,), (bit,)) for qubit, bit in ((0, 1), (1, 3))]
    registers = {"c": range(0, 2), "meas": range(2, 5)}
    figure, patches, texts = _drawn(Records(2, records, registers))
    assert patches == {"Polygon": 2, "Rectangle": 2, "Arc": 2}
    assert texts.count("c") == texts.count("meas") == 1
    tips = sorted(min(p.get_xy()[:, 1]) for p in figure.axes[0].patches if hasattr(p, "get_xy")
                  and type(p).__name__ == "Polygon")  # fmt: skip
    assert tips == pytest.approx([-2.98, -1.98])  # rows 3 and 2
    numbers = {t.get_text() for t in figure.axes[0].texts if t.get_position()[1] < -2.1}
    assert "1" in numbers  # bit 3 is meas[1], and bit 1 is c[1]


def test_conditions_have_a_dot_and_a_value(pyplot: Any) -> None:
    records = [Record("x", (), (0,), (), {}, (0, 2, 3)), Record("x", (), (1,), (), {}, (1, 2, 1))]
    _, patches, texts = _drawn(Records(2, records, {"c": range(2), "d": range(2, 4)}))
    assert patches == {"Rectangle": 2, "Circle": 3}
    assert {"= 3", "[1] = 1", "[0] = 0"} <= set(texts)


def test_names_of_registers_are_shown_as_they_are(pyplot: Any) -> None:
    circuit = Records(3, [], names={"a$b$": range(0, 1), "x_1": range(1, 3)})
    _, _, texts = _drawn(circuit)
    assert texts == ["a$b$[0]", "x_1[0]", "x_1[1]"]
    phase = Records(1, [Record("gphase", (pi,)), Record("gphase", (ketch.Parameter("t"),))])
    assert "global phase: π + t" in _drawn(phase)[2]


def test_drawings_are_folded(pyplot: Any) -> None:
    circuit = Records(2, [Record("h", (), (0,))] * 10)
    heights = []
    for fold, lines in ((None, 1), (0, 1), (10, 1), (4, 3), (1, 10)):
        figure, patches, texts = _drawn(circuit, fold=fold)
        assert patches == {"Rectangle": 10} and texts.count("q1") == lines
        heights.append(figure.get_size_inches()[1])
        bottom, top = figure.axes[0].get_ylim()
        ys = [patch.get_y() for patch in figure.axes[0].patches]
        assert bottom < min(ys) and max(ys) < top
    assert heights == sorted(heights) and heights[-1] > 5 * heights[0]
    with pytest.raises(ketch.RangeError, match="fold"):
        _drawn(circuit, fold=-1)


def test_a_drawing_on_axes_of_the_caller(pyplot: Any) -> None:
    figure, axes = pyplot.subplots(1, 2, figsize=(8, 3))
    from ketch import _draw_mpl

    drawn = _draw_mpl.draw(Records(2, [Record("cx", (), (0, 1))]), ax=axes[1])
    assert drawn is figure and len(axes[1].patches) == 2 and not axes[0].patches
    assert pyplot.get_fignums() == [figure.number]


def test_wide_and_tall_drawings_stay_within_what_can_be_saved(pyplot: Any) -> None:
    records = [Record("u", (0.1, 0.2, 0.3), (i % 40,)) for i in range(1000)]
    figure, patches, _ = _drawn(Records(40, records, {"c": range(40)}), fold=1)
    assert patches == {"Rectangle": 1000} and max(figure.get_size_inches()) <= 160.01
    assert not [text for text in figure.axes[0].texts if text.get_fontsize() <= 0]


def test_boxes_hold_their_texts(pyplot: Any) -> None:
    records = []
    for gate in _gate_table.GATES:
        angles = tuple(0.123456 + i for i in range(len(gate.angles)))
        records.append(Record(gate.name, angles, tuple(range(len(gate.qubits)))))
    records += [
        Record("pauli_rotation", (0.25,), (0, 1, 2), letters="XZY"),
        Record("reset", (), (1,)),
    ]
    figure, _, _ = _drawn(Records(5, records), fold=20)
    ax = figure.axes[0]
    from matplotlib.patches import Rectangle

    boxes = [p.get_window_extent() for p in ax.patches if isinstance(p, Rectangle)]
    for text in ax.texts:
        extent = text.get_window_extent()
        middle = (extent.x0 + extent.x1) / 2, (extent.y0 + extent.y1) / 2
        for box in boxes:
            if box.contains(*middle):
                assert box.x0 - 1 <= extent.x0 and extent.x1 <= box.x1 + 1, text.get_text()


def test_circuits_are_drawn_with_their_names(pyplot: Any) -> None:
    a = ketch.Parameter("a")
    circuit = ketch.Circuit({"data": 3, "flag": 1}, {"out": 2, "f": 1}).h(0).cx(0, 1)
    circuit.rx(2 * a + 0.5, 2).controlled("x", 3, controls={0: 0, 2: 1}).barrier()
    circuit.measure([0, 1], [0, 1])
    with circuit.condition("out", 2):
        circuit.x(3)
    figure = circuit.draw("mpl")
    axes = figure.axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert {"data[2]", "flag[0]", "out", "f", "Rx", "2*a + 0.5", "= 2"} <= set(texts)
    kinds = [type(patch).__name__ for patch in axes.patches]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        **{"Rectangle": 3 + 1 + 2, "Circle": 3 + 2 + 1, "Polygon": 2, "Arc": 2}
    }
    assert circuit.draw("mpl", width=2).get_size_inches()[1] > figure.get_size_inches()[1]
    _, ax = pyplot.subplots()
    assert circuit.draw("mpl", ax=ax) is ax.figure
