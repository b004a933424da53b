"""A slow, obvious simulator: textbook matrices, one gate at a time, one index at a time."""

import cmath
from collections.abc import Sequence
from functools import reduce
from math import cos, pi, sin, sqrt

import numpy
from numpy.typing import NDArray

Matrix = NDArray[numpy.complex128]


def _m(*rows: Sequence[complex]) -> Matrix:
    return numpy.array(rows, numpy.complex128)


def e(angle: float) -> complex:
    """e^(i angle)."""
    return cmath.exp(1j * angle)


def _u(theta: float, phi: float, lam: float) -> Matrix:
    c, s = cos(theta / 2), sin(theta / 2)
    return _m((c, -e(lam) * s), (e(phi) * s, e(phi + lam) * c))


X, Y, Z = _m((0, 1), (1, 0)), _m((0, -1j), (1j, 0)), _m((1, 0), (0, -1))
ONE = numpy.eye(2, dtype=numpy.complex128)


def _exp(theta: float, pauli: Matrix) -> Matrix:
    """exp(-i theta pauli / 2)."""
    return cos(theta / 2) * numpy.eye(len(pauli)) - 1j * sin(theta / 2) * pauli


SX = 0.5 * _m((1 + 1j, 1 - 1j), (1 - 1j, 1 + 1j))
SWAP = _m((1, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0), (0, 0, 0, 1))
# name: (controls, matrix of the rest by its angles). In a matrix the first qubit is the lowest bit.
GATES = {
    "id": (0, lambda: ONE),
    "x": (0, lambda: X),
    "y": (0, lambda: Y),
    "z": (0, lambda: Z),
    "h": (0, lambda: (X + Z) / sqrt(2)),
    "s": (0, lambda: numpy.diag([1, 1j])),
    "sdg": (0, lambda: numpy.diag([1, -1j])),
    "t": (0, lambda: numpy.diag([1, e(pi / 4)])),
    "tdg": (0, lambda: numpy.diag([1, e(-pi / 4)])),
    "sx": (0, lambda: SX),
    "sxdg": (0, lambda: SX.conj().T),
    "u1": (0, lambda a: numpy.diag([1, e(a)])),
    "u2": (0, lambda a, b: _u(pi / 2, a, b)),
    "u3": (0, _u),
    "u": (0, _u),
    "p": (0, lambda a: numpy.diag([1, e(a)])),
    "rx": (0, lambda a: _exp(a, X)),
    "ry": (0, lambda a: _exp(a, Y)),
    "rz": (0, lambda a: _exp(a, Z)),
    "cx": (1, lambda: X),
    "cy": (1, lambda: Y),
    "cz": (1, lambda: Z),
    "ch": (1, lambda: (X + Z) / sqrt(2)),
    "cs": (1, lambda: numpy.diag([1, 1j])),
    "csdg": (1, lambda: numpy.diag([1, -1j])),
    "csx": (1, lambda: SX),
    "crx": (1, lambda a: _exp(a, X)),
    "cry": (1, lambda a: _exp(a, Y)),
    "crz": (1, lambda a: _exp(a, Z)),
    "cu1": (1, lambda a: numpy.diag([1, e(a)])),
    "cp": (1, lambda a: numpy.diag([1, e(a)])),
    "cu3": (1, lambda a, b, c: _u(a, b, c)),
    "cu": (1, lambda a, b, c, d: e(d) * _u(a, b, c)),
    "swap": (0, lambda: SWAP),
    "cswap": (1, lambda: SWAP),
    "iswap": (0, lambda: _m((1, 0, 0, 0), (0, 0, 1j, 0), (0, 1j, 0, 0), (0, 0, 0, 1))),
    "ccx": (2, lambda: X),
    "ccz": (2, lambda: Z),
    "c3x": (3, lambda: X),
    "c3sqrtx": (3, lambda: SX),
    "c4x": (4, lambda: X),
    "rxx": (0, lambda a: _exp(a, numpy.kron(X, X))),
    "ryy": (0, lambda a: _exp(a, numpy.kron(Y, Y))),
    "rzz": (0, lambda a: _exp(a, numpy.kron(Z, Z))),
    "rzx": (0, lambda a: _exp(a, numpy.kron(X, Z))),
    "ecr": (0, lambda: (numpy.kron(ONE, X) - numpy.kron(X, Y)) / sqrt(2)),
}


def shape(name: str) -> tuple[int, int]:
    """How many angles and qubits a gate has."""
    controls, matrix = GATES[name]
    angles = matrix.__code__.co_argcount
    return angles, controls + len(matrix(*[0.0] * angles)).bit_length() - 1


def apply(
    state: Matrix, matrix: Matrix, targets: Sequence[int], controls: dict[int, int]
) -> Matrix:
    """The state after a matrix on targets (the first is the lowest bit) where controls hold."""
    out = numpy.zeros_like(state)
    for index, amplitude in enumerate(state):
        if any((index >> qubit) & 1 != value for qubit, value in controls.items()):
            out[index] += amplitude
            continue
        column = sum(((index >> q) & 1) << bit for bit, q in enumerate(targets))
        rest = index & ~sum(1 << q for q in targets)
        for row in range(len(matrix)):
            place = rest | sum(((row >> bit) & 1) << q for bit, q in enumerate(targets))
            out[place] += matrix[row, column] * amplitude
    return out


def gate(state: Matrix, name: str, angles: Sequence[float], qubits: Sequence[int]) -> Matrix:
    """The state after a named gate, its controls first among the qubits."""
    controls, matrix = GATES[name]
    return apply(state, matrix(*angles), qubits[controls:], dict.fromkeys(qubits[:controls], 1))


def zero(qubits: int) -> Matrix:
    """|0...0>."""
    state = numpy.zeros(2**qubits, numpy.complex128)
    state[0] = 1
    return state


PAULIS = {"I": ONE, "X": X, "Y": Y, "Z": Z}


def pauli_sum(pairs: Sequence[tuple[str, complex]], qubits: int) -> Matrix:
    """The matrix of a sum of labels with coefficients, by tensor products."""
    total = numpy.zeros((2**qubits, 2**qubits), numpy.complex128)
    for label, coefficient in pairs:
        total += coefficient * reduce(numpy.kron, [PAULIS[letter] for letter in label])
    return total
