"""The circuits that are measured, by name. Each draws its random numbers from its own name, so that
a name means the same gates everywhere.

ghz-N         h, then a chain of cx
qft-N         the textbook's, with the swaps at its end
rcz-N-D       D layers: a random u3 on every qubit, then cz on neighbours, as bricks are laid
rcx-N-D       D layers: one of h t s rx ry rz on every qubit, then cx on randomly drawn pairs
ansatz-N-L    L layers: ry and rz on every qubit, then a ring of cx
ising-N-S     S Trotter steps: cx rz cx around the ring, then rx on every qubit
qv-N[-D]      quantum volume: D layers (N) of random pairs, each of them 8 random u3 and 3 cx
small-N-G     G gates: random u3, or cx on a random pair
NAME#I        another circuit of that name: one with random numbers of its own for each I
NAME+prep     a random u3 on every qubit first
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from inspect import signature
from math import pi
from random import Random
from typing import NamedTuple


class Gate(NamedTuple):
    """A gate by its OpenQASM 2 name."""

    name: str
    angles: tuple[float, ...]
    qubits: tuple[int, ...]


class Circuit:
    """Gates on qubits, and the random numbers that they are drawn with."""

    def __init__(self, name: str, qubits: int) -> None:
        self.name = name
        self.qubits = qubits
        self.gates: list[Gate] = []
        self.random = Random(name.partition("+")[0])

    def add(self, name: str, *qubits: int, angles: Sequence[float] = ()) -> None:
        """Appends a gate."""
        self.gates.append(Gate(name, tuple(angles), qubits))

    def angle(self) -> float:
        """A random angle."""
        return self.random.uniform(-pi, pi)

    def add_u3(self, qubit: int) -> None:
        """Appends a random gate on one qubit."""
        self.add("u3", qubit, angles=(self.random.uniform(0, pi), self.angle(), self.angle()))

    def pairs(self) -> list[tuple[int, int]]:
        """All qubits (but one where their number is odd) in random pairs."""
        order = list(range(self.qubits))
        self.random.shuffle(order)
        return list(zip(order[::2], order[1::2], strict=False))

    def qasm(self) -> str:
        """As OpenQASM 2."""
        lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{self.qubits}];"]
        for name, angles, qubits in self.gates:
            given = f"({','.join(map(repr, angles))})" if angles else ""
            lines.append(f"{name}{given} {','.join(f'q[{qubit}]' for qubit in qubits)};")
        return "\n".join(lines) + "\n"

    def rotations(self) -> int:
        """How many rotations it needs at least: gates on one qubit that are not diagonal, those
        that follow each other on a qubit counted once."""
        last = [""] * self.qubits
        count = 0
        for name, _, qubits in self.gates:
            if len(qubits) > 1:
                for qubit in qubits:
                    last[qubit] = ""
            elif name not in DIAGONAL:
                count += last[qubits[0]] != "rotation"
                last[qubits[0]] = "rotation"
        return count


DIAGONAL = {"rz", "s", "t", "u1"}


def _ghz(circuit: Circuit) -> None:
    circuit.add("h", 0)
    for qubit in range(circuit.qubits - 1):
        circuit.add("cx", qubit, qubit + 1)


def _qft(circuit: Circuit) -> None:
    for target in reversed(range(circuit.qubits)):
        circuit.add("h", target)
        for control in reversed(range(target)):
            circuit.add("cu1", control, target, angles=(pi / 2 ** (target - control),))
    for qubit in range(circuit.qubits // 2):
        circuit.add("swap", qubit, circuit.qubits - 1 - qubit)


def _rcz(circuit: Circuit, layers: int) -> None:
    for layer in range(layers):
        for qubit in range(circuit.qubits):
            circuit.add_u3(qubit)
        for qubit in range(layer % 2, circuit.qubits - 1, 2):
            circuit.add("cz", qubit, qubit + 1)


def _rcx(circuit: Circuit, layers: int) -> None:
    for _ in range(layers):
        for qubit in range(circuit.qubits):
            name = circuit.random.choice(["h", "t", "s", "rx", "ry", "rz"])
            angles = (circuit.angle(),) if name.startswith("r") else ()
            circuit.add(name, qubit, angles=angles)
        for pair in circuit.pairs():
            circuit.add("cx", *pair)


def _ansatz(circuit: Circuit, layers: int) -> None:
    for _ in range(layers):
        for qubit in range(circuit.qubits):
            circuit.add("ry", qubit, angles=(circuit.angle(),))
            circuit.add("rz", qubit, angles=(circuit.angle(),))
        for qubit in range(circuit.qubits):
            circuit.add("cx", qubit, (qubit + 1) % circuit.qubits)


def _ising(circuit: Circuit, steps: int) -> None:
    time, coupling, field = 0.1, 1.0, 0.7
    for _ in range(steps):
        for qubit in range(circuit.qubits):
            neighbour = (qubit + 1) % circuit.qubits
            circuit.add("cx", qubit, neighbour)
            circuit.add("rz", neighbour, angles=(2 * coupling * time,))
            circuit.add("cx", qubit, neighbour)
        for qubit in range(circuit.qubits):
            circuit.add("rx", qubit, angles=(2 * field * time,))


def _qv(circuit: Circuit, layers: int | None = None) -> None:
    for _ in range(circuit.qubits if layers is None else layers):
        for one, two in circuit.pairs():
            for entangler in ((one, two), (two, one), (one, two), ()):
                circuit.add_u3(one)
                circuit.add_u3(two)
                if entangler:
                    circuit.add("cx", *entangler)


def _small(circuit: Circuit, gates: int) -> None:
    for _ in range(gates):
        if circuit.random.random() < 0.5:
            circuit.add_u3(circuit.random.randrange(circuit.qubits))
        else:
            circuit.add("cx", *circuit.random.sample(range(circuit.qubits), 2))


_FAMILIES: dict[str, Callable[..., None]] = {
    "ghz": _ghz,
    "qft": _qft,
    "rcz": _rcz,
    "rcx": _rcx,
    "ansatz": _ansatz,
    "ising": _ising,
    "qv": _qv,
    "small": _small,
}


def _lengths(family: Callable[..., None]) -> range:
    """How many sizes a name of the family has: at least, up to one more than at most."""
    known = signature(family).parameters.values()
    return range(sum(it.default is it.empty for it in known), len(known) + 1)


def build(name: str) -> Circuit:
    """The circuit of a name; ValueError where there is none."""
    found = re.fullmatch(r"([a-z]+)((?:-\d+)+)(#\d+)?(\+prep)?", name)
    family = _FAMILIES.get(found[1]) if found else None
    sizes = [int(size) for size in found[2][1:].split("-")] if found else []
    if not family or len(sizes) not in _lengths(family):
        raise ValueError(f"no such circuit: given {name}, allowed:\n{__doc__}")
    circuit = Circuit(name, sizes[0])
    if found and found[4]:
        random, circuit.random = circuit.random, Random("prep:" + name)
        for qubit in range(circuit.qubits):
            circuit.add_u3(qubit)
        circuit.random = random
    family(circuit, *sizes[1:])
    return circuit


def sized(family: str, qubits: int, gates: int) -> str:
    """The name of the circuit that has about so many gates."""
    two = len(build(f"{family}-{qubits}-2").gates)  # layers take turns in length
    return f"{family}-{qubits}-{max(1, round(2 * gates / two))}"
