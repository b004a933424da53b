"""Circuits as dense matrices, slowly and obviously, and random circuits to compare with them."""

from collections.abc import Mapping, Sequence
from random import Random

import numpy

import ketch
import reference
from reference import Matrix

KINDS = range(6)
PAULIS = {"I": reference.ONE, "X": reference.X, "Y": reference.Y, "Z": reference.Z}
ENGINE = ketch.Engine(threads=1)


def _angle(angle: float | ketch.ParameterExpression, values: Mapping[str, float]) -> float:
    if not isinstance(angle, ketch.ParameterExpression):
        return angle
    return angle.offset + sum(factor * values[name] for name, factor in angle.terms.items())


def _pauli(letters: str) -> Matrix:
    """The product; the first letter is of the lowest bit."""
    product = numpy.eye(1, dtype=numpy.complex128)
    for letter in letters:
        product = numpy.kron(PAULIS[letter], product)
    return product


def _permuted(table: Sequence[int]) -> Matrix:
    matrix = numpy.zeros((len(table), len(table)), numpy.complex128)
    for state, image in enumerate(table):
        matrix[image, state] = 1
    return matrix


def _multiplexed(matrices: Sequence[Matrix]) -> Matrix:
    """Target lowest, then what selects."""
    size = 2 * len(matrices)
    matrix = numpy.zeros((size, size), numpy.complex128)
    for place, block in enumerate(matrices):
        matrix[2 * place : 2 * place + 2, 2 * place : 2 * place + 2] = block
    return matrix


def own_matrix(one: ketch.Instruction, values: Mapping[str, float]) -> tuple[int, Matrix]:
    """How many of its own qubits are controls, and the matrix on the others."""
    angles = [_angle(angle, values) for angle in one.angles]
    if one.name in reference.GATES:
        controls, matrix = reference.GATES[one.name]
        return controls, matrix(*angles)
    if one.name == "gphase":
        return 0, numpy.array([[reference.e(angles[0])]])
    if one.name == "pauli_rotation":
        assert one.letters
        return 0, reference._exp(angles[0], _pauli(one.letters))
    assert one.numbers is not None, one
    kinds = {"permutation": _permuted, "multiplexer": _multiplexed, "diagonal": numpy.diag}
    return 0, kinds.get(one.name, lambda numbers: numbers)(one.numbers)


def matrix(circuit: ketch.Circuit, values: Mapping[str, float] | None = None) -> Matrix:
    """The product of its instructions' matrices, of size 2^qubits."""
    product = numpy.eye(2**circuit.qubits, dtype=numpy.complex128)
    for one in circuit:
        if one.name in ("barrier", "fence"):
            continue
        count, own = own_matrix(one, values or {})
        controls = dict.fromkeys(one.qubits[:count], 1) | one.controls
        for column in range(len(product)):
            product[:, column] = reference.apply(
                product[:, column], own, one.qubits[count:], controls
            )
    return product


def run_matrix(circuit: ketch.Circuit, values: Mapping[str, float] | None = None) -> Matrix:
    """The same by runs on every basis state."""
    size = circuit.qubits
    columns = []
    for index in range(2**size):
        state = ENGINE.state(f"{index:0{size}b}")
        ENGINE.apply(circuit, state, values=values)
        columns.append(state.amplitudes().copy())
    return numpy.array(columns).T


# ---- random circuits


def unitary(random: Random, size: int) -> Matrix:
    """A random unitary matrix."""
    numbers = [random.gauss(0, 1) for _ in range(2 * size * size)]
    pairs = numpy.array(numbers).view(numpy.complex128).reshape(size, size)
    return numpy.linalg.qr(pairs)[0].astype(numpy.complex128)


def add_gate(
    circuit: ketch.Circuit,
    random: Random,
    names: Sequence[str],
    parameters: Sequence[ketch.Parameter] = (),
) -> None:
    """A named gate on random qubits, with further controls now and then."""
    name = random.choice([name for name in names if reference.shape(name)[1] <= circuit.qubits])
    turns, count = reference.shape(name)
    angles: list[float | ketch.ParameterExpression] = [random.uniform(-3, 3) for _ in range(turns)]
    if parameters and random.random() < 0.5:
        a, b = random.choices(parameters, k=2)
        angles = [random.choice([angle, 2 * a - 0.5, a - 0.25 * b + angle]) for angle in angles]
    more = random.choice((0, 0, 0, 1, 2))
    wires = random.sample(range(circuit.qubits), min(count + more, circuit.qubits))
    controls = {wire: random.randrange(2) for wire in wires[count:]}
    circuit.controlled(name, *angles, *wires[:count], controls=controls)


def add_numbers(circuit: ketch.Circuit, random: Random) -> None:
    """A gate that is given by numbers on random qubits, with a control now and then."""
    wires = random.sample(range(circuit.qubits), random.randint(1, min(3, circuit.qubits)))
    size = 2 ** len(wires)
    rest = [wire for wire in range(circuit.qubits) if wire not in wires]
    controls = {wire: random.randrange(2) for wire in rest[: random.randrange(2)]}
    kind = random.choice(KINDS)
    if kind == 0:
        circuit.unitary(unitary(random, size), wires, controls=controls)
    elif kind == 1:
        phases = [reference.e(random.uniform(-3, 3)) for _ in range(size)]
        circuit.diagonal(phases, wires, controls=controls)
    elif kind == 2:
        circuit.permutation(random.sample(range(size), size), wires, controls=controls)
    elif kind == 3 and len(wires) > 1:
        matrices = [unitary(random, 2) for _ in range(size // 2)]
        circuit.multiplexer(matrices, wires[0], wires[1:], controls=controls)
    elif kind == 4:
        letters = "".join(random.choices("IXYZ", k=len(wires)))
        circuit.pauli_rotation(random.uniform(-3, 3), letters, wires, controls=controls)
    else:
        circuit.controlled("gphase", random.uniform(-3, 3), controls=controls)


def circuit_of(
    seed: int,
    qubits: int,
    count: int,
    *,
    numbers: bool = True,
    parameters: Sequence[ketch.Parameter] = (),
) -> ketch.Circuit:
    """A random circuit of so many gates, with barriers and fences between them."""
    random, circuit = Random(seed), ketch.Circuit(qubits)
    for _ in range(count):
        if numbers and random.random() < 0.3:
            add_numbers(circuit, random)
        else:
            add_gate(circuit, random, list(reference.GATES), parameters)
        if random.random() < 0.1:
            circuit.barrier(*random.sample(range(qubits), random.randint(0, qubits)))
        if random.random() < 0.05:
            circuit.fence()
    return circuit
