"""Circuits beside Qiskit's: inverse, control, power, compose, OpenQASM both ways."""

from collections.abc import Iterator
from random import Random
from typing import Any

import numpy
import pytest

import dense
import ketch
import reference
from conftest import figure, trials
from dense import run_matrix
from reference import Matrix

qiskit: Any = pytest.importorskip("qiskit", reason="Qiskit is not installed")
qasm2: Any = pytest.importorskip("qiskit.qasm2")
library: Any = pytest.importorskip("qiskit.circuit.library")
operators: Any = pytest.importorskip("qiskit.quantum_info")

# Gates that have a method of the same name and arguments there.
NAMES = [name for name in reference.GATES if hasattr(qiskit.QuantumCircuit, name)]
# Those of ours that qelib1.inc does not have.
FURTHER = [
    qasm2.CustomInstruction(name, angles, qubits, gate, builtin=True)
    for name, angles, qubits, gate in (
        ("cs", 0, 2, library.CSGate),
        ("csdg", 0, 2, library.CSdgGate),
        ("ccz", 0, 3, library.CCZGate),
        ("iswap", 0, 2, library.iSwapGate),
        ("ryy", 1, 2, library.RYYGate),
        ("rzx", 1, 2, library.RZXGate),
        ("ecr", 0, 2, library.ECRGate),
    )
]


def _both(random: Random, qubits: int, count: int, matrices: bool) -> tuple[ketch.Circuit, Any]:
    """A random circuit, ours and theirs."""
    ours, theirs = ketch.Circuit(qubits), qiskit.QuantumCircuit(qubits)
    names = [name for name in NAMES if reference.shape(name)[1] <= qubits]
    for _ in range(count):
        name = random.choice(names)
        turns, wires = reference.shape(name)
        arguments: list[Any] = [random.uniform(-3, 3) for _ in range(turns)]
        arguments += random.sample(range(qubits), wires)
        getattr(ours, name)(*arguments)
        getattr(theirs, name)(*arguments)
    if matrices:
        own, wire = dense.unitary(random, 2), random.randrange(qubits)
        ours.unitary(own, wire)
        theirs.unitary(own, [wire])
    return ours, theirs


def _matrix(circuit: Any) -> Matrix:
    found: Matrix = operators.Operator(circuit).data
    return found


def _close(one: Matrix, other: Matrix) -> bool:
    return one.shape == other.shape and bool(abs(one - other).max() < 1e-7)


def _equal_up_to_phase(one: Matrix, other: Matrix) -> bool:
    overlap = numpy.vdot(one, other)
    return _close(one * (overlap / abs(overlap)), other)


def _cases() -> Iterator[tuple[int, Random]]:
    for seed in range(trials(200, 1000)):
        yield seed, Random(seed)


def test_most_gates_are_compared() -> None:
    assert len(NAMES) >= 36


def test_inverses_powers_and_compositions_are_qiskits() -> None:
    for seed, random in _cases():
        ours, theirs = _both(random, random.randint(1, 4), 10, True)
        assert _close(run_matrix(ours), _matrix(theirs)), seed
        assert _close(run_matrix(ours.inverse()), _matrix(theirs.inverse())), seed
        exponent = random.randint(-2, 3)
        assert _close(run_matrix(ours.power(exponent)), _matrix(theirs.power(exponent))), seed
        small, their_small = _both(random, random.randint(1, ours.qubits), 4, False)
        chosen = random.sample(range(ours.qubits), small.qubits)
        composed = ours.compose(small, chosen)
        assert _close(run_matrix(composed), _matrix(theirs.compose(their_small, chosen))), seed
        assert composed.depth() == theirs.compose(their_small, chosen).depth(), seed
        assert composed.count_ops() == dict(theirs.compose(their_small, chosen).count_ops()), seed
    figure("P24", "random circuits inverted, raised and composed as Qiskit does", seed + 1)


def test_controls_are_qiskits() -> None:
    for seed, random in _cases():
        ours, theirs = _both(random, random.randint(1, 3), 3, seed % 10 == 0)
        count = random.randint(1, 2)
        value = random.randrange(2**count)
        controlled = theirs.control(count, ctrl_state=value, annotated=True)
        assert _close(run_matrix(ours.control(count, value)), _matrix(controlled)), seed
    figure("P24", "random circuits controlled as Qiskit does", seed + 1)


def test_texts_are_read_by_qiskit_and_its_texts_by_us() -> None:
    known = [*qasm2.LEGACY_CUSTOM_INSTRUCTIONS, *FURTHER]
    for seed, random in _cases():
        ours, theirs = _both(random, random.randint(1, 4), 10, False)
        text = ours.to_qasm()
        read = qasm2.loads(text, custom_instructions=known)
        assert _close(_matrix(read), run_matrix(ours)), (seed, text)
        again = ketch.Circuit.from_qasm(text)
        assert again == ours and again.to_qasm() == text, (seed, text)
        text = qasm2.dumps(theirs)
        found = run_matrix(ketch.Circuit.from_qasm(text))
        assert _equal_up_to_phase(found, _matrix(theirs)), (seed, text)
    figure("P24", "random circuits written for Qiskit and read from it", seed + 1)
