"""Gates and circuits against the slow reference, and against Qiskit with its global phase."""

import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketch
import reference
from conftest import trials

QASM = sorted((Path(__file__).parent.parent / "qasm").glob("*.qasm"))
BOUND = 1e-12


def _spread(circuit: ketch.Circuit) -> ketch.Circuit:
    """A beginning in which every amplitude differs."""
    for qubit in range(circuit.qubits):
        circuit.u(0.3 + qubit, 0.7 * qubit, 0.2, qubit)
    return circuit


def _spread_reference(qubits: int) -> reference.Matrix:
    state = reference.zero(qubits)
    for qubit in range(qubits):
        state = reference.gate(state, "u", (0.3 + qubit, 0.7 * qubit, 0.2), (qubit,))
    return state


@pytest.mark.parametrize("name", sorted(reference.GATES))
def test_every_gate_on_every_choice_of_qubits(name: str, engine: ketch.Engine) -> None:
    angles, own = reference.shape(name)
    turns = [0.4 + 0.3 * i for i in range(angles)]
    qubits = max(own, 3)
    start = _spread_reference(qubits)
    for choice in itertools.permutations(range(qubits), own):
        circuit = _spread(ketch.Circuit(qubits))
        getattr(circuit, name)(*turns, *choice)
        expected = reference.gate(start, name, turns, choice)
        assert abs(engine.run(circuit).state - expected).max() < BOUND, choice


@pytest.mark.parametrize("name", ["x", "rz", "swap", "u", "rzz", "iswap", "ch"])
@pytest.mark.parametrize("values", [(1, 1), (0, 1), (1, 0), (0, 0)])
def test_controls_act_on_their_values(
    name: str, values: tuple[int, int], engine: ketch.Engine
) -> None:
    angles, own = reference.shape(name)
    turns = [0.4 + 0.3 * i for i in range(angles)]
    start = _spread_reference(4)
    for choice in itertools.permutations(range(4), own + 2):
        under = dict(zip(choice[own:], values, strict=True))
        circuit = _spread(ketch.Circuit(4))
        circuit.controlled(name, *turns, *choice[:own], controls=under)
        controls, matrix = reference.GATES[name]
        whole = under | dict.fromkeys(choice[:controls], 1)
        expected = reference.apply(start, matrix(*turns), choice[controls:own], whole)
        assert abs(engine.run(circuit).state - expected).max() < BOUND, choice


def _random_unitary(size: int, seed: int) -> reference.Matrix:
    draw = numpy.random.default_rng(seed)
    numbers = draw.normal(size=(size, size)) + 1j * draw.normal(size=(size, size))
    return numpy.linalg.qr(numbers)[0]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_a_matrix_acts_as_numpys_product(count: int, engine: ketch.Engine) -> None:
    qubits = list(range(6))[::-1][:count]
    matrix = _random_unitary(2**count, count)
    circuit = _spread(ketch.Circuit(7)).unitary(matrix, qubits, controls={6: 0})
    expected = reference.apply(_spread_reference(7), matrix, qubits, {6: 0})
    assert abs(engine.run(circuit).state - expected).max() < BOUND


@pytest.mark.parametrize("count", [1, 2, 5, 10])
def test_a_diagonal_multiplies_amplitudes(count: int, engine: ketch.Engine) -> None:
    qubits = list(range(10))[::-1][:count]
    diagonal = numpy.exp(1j * numpy.arange(2**count))
    circuit = _spread(ketch.Circuit(10)).diagonal(diagonal, qubits)
    index = numpy.arange(2**10)
    place = sum(((index >> q) & 1) << bit for bit, q in enumerate(qubits))
    expected = _spread_reference(10) * diagonal[place]
    assert abs(engine.run(circuit).state - expected).max() < BOUND


@st.composite
def _circuits(draw: Any) -> tuple[int, list[tuple[str, list[float], list[int]]]]:
    qubits = draw(st.integers(1, 6))
    names = [name for name in sorted(reference.GATES) if reference.shape(name)[1] <= qubits]
    steps = []
    for name in draw(st.lists(st.sampled_from(names), max_size=30)):
        angles, own = reference.shape(name)
        turns = draw(st.lists(st.floats(-7, 7), min_size=angles, max_size=angles))
        steps.append((name, turns, draw(st.permutations(range(qubits)))[:own]))
    return qubits, steps


@settings(max_examples=trials(60, 2000), deadline=None)
@given(_circuits())
def test_random_circuits_agree_with_the_reference(
    made: tuple[int, list[tuple[str, list[float], list[int]]]],
) -> None:
    qubits, steps = made
    circuit, expected = ketch.Circuit(qubits), reference.zero(qubits)
    for name, angles, wires in steps:
        getattr(circuit, name)(*angles, *wires)
        expected = reference.gate(expected, name, angles, wires)
    assert abs(ketch.run(circuit).state - expected).max() < BOUND
    single = ketch.run(circuit, precision="single").state
    assert single.dtype == numpy.complex64
    assert abs(single - expected).max() < 1e-5


def _unmeasured(path: Path) -> str:
    """The text without its measurements, which must be its last statements."""
    text = re.sub(r"//[^\n]*", "", path.read_text())
    statements = [word.split()[0] for word in re.split(r"[;{}]", text) if word.split()]
    if {"if", "reset"} & set(statements) or any(word.startswith("if(") for word in statements):
        pytest.skip("its outcome is random")
    tail = list(itertools.dropwhile(lambda word: word != "measure", statements))
    if set(tail) - {"measure", "barrier"}:
        pytest.skip("its outcome is random")
    return re.sub(r"\bmeasure\b[^;]*;", "", text)


def _by_command(text: str, work: Path) -> Any:
    """The state that `ketch run` writes."""
    out = work / "state.npy"
    command = [sys.executable, "-m", "ketch", "run", "-", "--state", str(out)]
    subprocess.run(command, input=text, text=True, check=True, capture_output=True)
    return numpy.load(out)


@pytest.mark.parametrize("path", QASM, ids=lambda path: path.stem)
def test_files_agree_with_qiskit(path: Path, engine: ketch.Engine, tmp_path: Path) -> None:
    qasm2 = pytest.importorskip("qiskit.qasm2", reason="qiskit, the peer, is not installed")
    from qiskit.quantum_info import Statevector

    text = _unmeasured(path)
    try:
        peer = qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    except qasm2.QASM2ParseError as error:
        pytest.skip(f"qiskit does not read it: {error}")
    expected = Statevector(peer).data
    assert abs(engine.run(ketch.Circuit.from_qasm(text)).state - expected).max() < BOUND
    assert abs(_by_command(text, tmp_path) - expected).max() < BOUND


def test_there_are_files_to_compare() -> None:
    assert len(QASM) >= 30
