"""Random circuits of everything there is, on every kernel set, against plain NumPy."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple
from unittest import mock

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketch
import reference
from conftest import trials
from ketch._native import programs
from ketch._native.core import KERNELS

BITS = 8
BOUNDS = {"double": 1e-12, "single": 2e-5}


class Op(NamedTuple):
    """kind: a gate's name, or unitary, diagonal, measure, reset, barrier, fence. angles: also the
    seed of a matrix. under: (first bit, how many, value) of a condition."""

    kind: str
    qubits: Sequence[int] = ()
    controls: dict[int, int] | None = None
    angles: Sequence[float] = ()
    under: tuple[int, int, int] | None = None


def _numbers(op: Op) -> reference.Matrix:
    """The matrix of an Op, or the diagonal of one."""
    draw = numpy.random.default_rng(int(op.angles[0]))
    size = 2 ** len(op.qubits)
    if op.kind == "diagonal":
        return numpy.exp(1j * draw.uniform(-4, 4, size))
    return numpy.linalg.qr(draw.normal(size=(size, size)) + 1j * draw.normal(size=(size, size)))[0]


@st.composite
def _ops(draw: Callable[..., Any], qubits: int) -> Op:
    kinds = ["gate"] * 12 + ["unitary", "diagonal", "measure", "reset", "barrier", "fence"]
    kind = draw(st.sampled_from(kinds))
    wires = draw(st.permutations(range(qubits)))
    if kind in ("measure", "reset"):
        return Op(kind, wires[:1])
    if kind in ("barrier", "fence"):
        return Op(kind)
    if kind == "gate":
        names = [name for name in sorted(reference.GATES) if reference.shape(name)[1] <= qubits]
        kind = draw(st.sampled_from(names))
        turns, own = reference.shape(kind)
        angles = draw(st.lists(st.floats(-7, 7), min_size=turns, max_size=turns))
    else:
        own = draw(st.integers(1, min(qubits, 5 if kind == "unitary" else 10)))
        angles = [draw(st.integers(0, 1000))]
    more = draw(st.integers(0, min(2, qubits - own)))
    controls = {wire: draw(st.integers(0, 1)) for wire in wires[own : own + more]}
    under = None
    if draw(st.integers(0, 9)) == 0:
        count = draw(st.integers(1, 3))
        under = draw(st.integers(0, BITS - count)), count, draw(st.integers(0, 2**count - 1))
    return Op(kind, wires[:own], controls, angles, under)


@st.composite
def _programs(draw: Callable[..., Any]) -> tuple[int, list[Op]]:
    qubits = draw(st.integers(1, 14))
    spread = [Op("u", (qubit,), {}, (1.1 + qubit, 0.3, 0.2)) for qubit in range(qubits)]
    least = draw(st.sampled_from([0, 20]))
    ops = draw(st.lists(_ops(qubits), min_size=least, max_size=40))
    return qubits, (spread if draw(st.booleans()) else []) + ops


# ---- the engine's side


def _add(circuit: ketch.Circuit, op: Op) -> None:
    if op.kind in ("unitary", "diagonal"):
        getattr(circuit, op.kind)(_numbers(op), list(op.qubits), controls=op.controls)
    elif op.kind in reference.GATES:
        circuit.controlled(op.kind, *op.angles, *op.qubits, controls=op.controls or {})
    else:
        getattr(circuit, op.kind)(*op.qubits)


def _record(qubits: int, ops: list[Op]) -> ketch.Circuit:
    """Each measurement has a bit of its own; one before each reset tells what the reset saw."""
    circuit, measured = ketch.Circuit(qubits, BITS), 0
    for op in ops:
        if op.kind in ("measure", "reset"):
            if measured == BITS:
                continue
            circuit.measure(op.qubits[0], measured)
            measured += 1
            if op.kind == "measure":
                continue
        if op.under:
            first, count, value = op.under
            with circuit.condition(range(first, first + count), value):
                _add(circuit, op)
        else:
            _add(circuit, op)
    return circuit


# ---- NumPy's side


def _apply(state: reference.Matrix, op: Op) -> None:
    fixed, qubits, matrix = dict(op.controls or {}), op.qubits, None
    if op.kind in reference.GATES:
        own, made = reference.GATES[op.kind]
        fixed |= dict.fromkeys(qubits[:own], 1)
        qubits, matrix = qubits[own:], made(*op.angles)
    elif op.kind in ("unitary", "diagonal"):
        matrix = _numbers(op)
    if matrix is None:
        return
    index = numpy.arange(state.size)
    for qubit, value in (fixed | dict.fromkeys(qubits, 0)).items():
        index = index[(index >> qubit) & 1 == value]
    rows = [
        index + sum(((row >> bit) & 1) << qubit for bit, qubit in enumerate(qubits))
        for row in range(len(matrix))
    ]
    block = state[rows]
    state[rows] = matrix @ block if matrix.ndim == 2 else matrix[:, None] * block


def _follow(qubits: int, ops: list[Op], bits: Sequence[int]) -> reference.Matrix:
    """The state after the outcomes that a run had."""
    state, seen = reference.zero(qubits), [0] * BITS
    measured = 0
    for op in ops:
        if op.kind in ("measure", "reset"):
            if measured == BITS:
                continue
            seen[measured] = int(bits[measured])
            parts = state.reshape(-1, 2, 2 ** op.qubits[0])
            parts[:, 1 - seen[measured]] = 0
            state /= numpy.linalg.norm(state)
            if op.kind == "reset" and seen[measured]:
                parts[:] = parts[:, ::-1].copy()
            measured += 1
        elif op.under is None or _holds(seen, *op.under):
            _apply(state, op)
    return state


def _holds(seen: list[int], first: int, count: int, value: int) -> bool:
    return sum(bit << i for i, bit in enumerate(seen[first : first + count])) == value


# ---- the test


SMALL_TILES = partial(programs.create, tile_bits=7, run_bits=5)


@pytest.mark.parametrize("kernel_engine", KERNELS, indirect=True)
@settings(max_examples=trials(30, 1000), deadline=None)
@given(made=_programs(), seed=st.integers(0, 2**32))
def test_random_circuits_of_everything_agree_with_numpy(
    kernel_engine: ketch.Engine, made: tuple[int, list[Op]], seed: int
) -> None:
    qubits, ops = made
    chosen = programs.create
    for create in (chosen, SMALL_TILES):
        for precision, bound in BOUNDS.items():
            with mock.patch.object(programs, "create", create):
                r = kernel_engine.run(_record(qubits, ops), seed=seed, precision=precision)
            expected = _follow(qubits, ops, r.bits[0])
            assert abs(r.state - expected).max() < bound
