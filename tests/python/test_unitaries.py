"""Gates that are given by numbers: permutations, multiplexers, Pauli rotations, prepared states."""

import pickle
from collections.abc import Callable
from random import Random

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dense
import ketch
import reference
from dense import matrix, run_matrix
from reference import Matrix

SEEDS = st.integers(0, 2**32)
MANY = settings(deadline=None, max_examples=60)


def _close(one: Matrix, other: Matrix) -> bool:
    return one.shape == other.shape and bool(abs(one - other).max() < 1e-12)


def _controls(random: Random, qubits: int, wires: list[int]) -> dict[int, int]:
    """Some of the other qubits with a value each."""
    rest = [wire for wire in range(qubits) if wire not in wires]
    return {wire: random.randrange(2) for wire in rest[: random.randrange(3)]}


def _wanted(own: Matrix, wires: list[int], controls: dict[int, int], qubits: int) -> Matrix:
    whole = numpy.eye(2**qubits, dtype=numpy.complex128)
    for column in range(2**qubits):
        whole[:, column] = reference.apply(whole[:, column], own, wires, controls)
    return whole


@MANY
@given(SEEDS, st.integers(1, 6))
def test_a_permutation_moves_state_i_to_table_i(seed: int, qubits: int) -> None:
    random = Random(seed)
    wires = random.sample(range(qubits), random.randint(1, min(4, qubits)))
    size = 2 ** len(wires)
    table, controls = random.sample(range(size), size), _controls(random, qubits, wires)
    own = numpy.zeros((size, size), numpy.complex128)
    for state, image in enumerate(table):
        own[image, state] = 1
    given_table = random.choice([table, tuple(table), numpy.array(table)])
    circuit = ketch.Circuit(qubits).permutation(given_table, wires, controls=controls)
    wanted = _wanted(own, wires, controls, qubits)
    assert numpy.array_equal(run_matrix(circuit), wanted)
    assert numpy.array_equal(run_matrix(circuit.inverse()), wanted.T)
    (one,) = circuit
    assert one.numbers is not None and one.numbers.tolist() == table
    assert (one.name, one.qubits, one.controls) == ("permutation", tuple(wires), controls)


@MANY
@given(SEEDS, st.integers(2, 5))
def test_a_multiplexer_selects_a_matrix(seed: int, qubits: int) -> None:
    random = Random(seed)
    target, *selects = random.sample(range(qubits), random.randint(2, min(4, qubits)))
    controls = _controls(random, qubits, [target, *selects])
    count = 2 ** len(selects)
    matrices = numpy.array([dense.unitary(random, 2) for _ in range(count)])
    if random.random() < 0.3:
        matrices[random.randrange(count)] = numpy.eye(2)
    own = numpy.zeros((2 * count, 2 * count), numpy.complex128)
    for i, block in enumerate(matrices):
        own[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = block
    circuit = ketch.Circuit(qubits).multiplexer(matrices, target, selects, controls=controls)
    wanted = _wanted(own, [target, *selects], controls, qubits)
    assert _close(run_matrix(circuit), wanted)
    assert _close(run_matrix(circuit.inverse()), wanted.conj().T)
    (one,) = circuit
    assert one.numbers is not None and numpy.array_equal(one.numbers, matrices)
    assert (one.name, one.qubits, one.controls) == ("multiplexer", (target, *selects), controls)


@MANY
@given(SEEDS, st.integers(1, 5), st.floats(-7, 7), st.booleans())
def test_a_pauli_rotation_is_an_exponential(
    seed: int, qubits: int, angle: float, parametric: bool
) -> None:
    random = Random(seed)
    wires = random.sample(range(qubits), random.randint(1, qubits))
    letters, controls = (
        "".join(random.choices("IXYZ", k=len(wires))),
        _controls(random, qubits, wires),
    )
    product = numpy.eye(1, dtype=numpy.complex128)
    for letter in letters:
        product = numpy.kron(dense.PAULIS[letter], product)
    own = numpy.cos(angle / 2) * numpy.eye(len(product)) - 1j * numpy.sin(angle / 2) * product
    wanted = _wanted(own, wires, controls, qubits)
    turn = 2 * ketch.Parameter("a") + 0.5 if parametric else angle
    values = {"a": (angle - 0.5) / 2} if parametric else None
    circuit = ketch.Circuit(qubits).pauli_rotation(turn, letters, wires, controls=controls)
    assert _close(run_matrix(circuit, values), wanted)
    assert _close(run_matrix(circuit.inverse(), values), wanted.conj().T)
    assert circuit[0].angles == (turn,)
    if values:
        assert _close(run_matrix(circuit.bind(values)), wanted)


def test_pauli_rotations_with_a_name_are_that_gate() -> None:
    circuit = ketch.Circuit(3).pauli_rotation(0.5, "X", 1).pauli_rotation(0.5, "ZZ", [0, 2])
    circuit.pauli_rotation(ketch.Parameter("a"), "Y", 0).pauli_rotation(0.5, "ZX", [2, 1])
    same = ketch.Circuit(3).rx(0.5, 1).rzz(0.5, 0, 2).ry(ketch.Parameter("a"), 0).rzx(0.5, 2, 1)
    assert circuit == same
    (one,) = ketch.Circuit(3).pauli_rotation(0.5, "XYZ", [2, 1, 0])
    assert (one.name, one.letters, one.qubits) == ("pauli_rotation", "XYZ", (2, 1, 0))


def test_pauli_strings_of_many_qubits() -> None:
    letters = "XYZXYZXYZXYZ"
    circuit = ketch.Circuit(12).h(range(12)).pauli_rotation(0.7, letters, range(12))
    state = ketch.run(circuit + circuit.inverse()).state
    assert abs(state[0] - 1) < 1e-12


@MANY
@given(SEEDS, st.integers(1, 5))
def test_initialize_prepares_a_state_on_chosen_qubits(seed: int, qubits: int) -> None:
    random = Random(seed)
    wires = random.sample(range(qubits), random.randint(1, qubits))
    state = dense.unitary(random, 2 ** len(wires))[0]
    if random.random() < 0.3:
        state = numpy.eye(2 ** len(wires))[random.randrange(2 ** len(wires))]
    circuit = ketch.Circuit(qubits).h(wires).initialize(state, wires)
    wanted = numpy.zeros(2**qubits, numpy.complex128)
    for index, amplitude in enumerate(state):
        wanted[sum((index >> bit & 1) << wire for bit, wire in enumerate(wires))] = amplitude
    assert abs(ketch.run(circuit, seed=seed).state - wanted).max() < 1e-12
    assert {one.name for one in circuit[len(wires) :]} <= {
        "reset",
        "multiplexer",
        "x",
        "gphase",
        "unitary",
    } | set(reference.GATES)


def test_initialize_prepares_kets() -> None:
    circuit = ketch.Circuit(4).x(range(4)).initialize("+-10", [1, 2, 3, 0])
    found = ketch.run(circuit, seed=1).state
    own = {1: "0", 2: "1", 3: "-", 0: "+"}
    wanted = ketch.ket("".join(own[qubit] for qubit in (3, 2, 1, 0))).amplitudes
    assert abs(found - wanted).max() < 1e-12
    whole = ketch.Circuit(2).h([0, 1]).initialize("01")
    assert abs(ketch.run(whole, seed=2).state - [0, 1, 0, 0]).max() < 1e-12
    assert (
        abs(ketch.run(ketch.Circuit(2).initialize([0, 0, 1j, 0])).state - [0, 0, 1j, 0]).max()
        < 1e-12
    )
    state = ketch.run(ketch.Circuit(3).h(0).cx(0, 2)).state
    assert abs(ketch.run(ketch.Circuit(3).initialize(state)).state - state).max() < 1e-12


def test_shots_and_observables_of_a_prepared_state_come_from_one_run() -> None:
    circuit = ketch.Circuit(2, 2).initialize([0.6, 0, 0, 0.8j]).measure_all()
    result = ketch.run(circuit, shots=100_000, seed=1, observe=[{"ZI": 1.0}])
    assert set(result.counts) == {"00", "11"}
    assert abs(result.counts["00"] / 100_000 - 0.36) < 0.01
    assert abs(result.observed[0] - (0.36 - 0.64)) < 1e-12
    with ketch.Engine() as engine:
        assert engine.prepare(circuit).info["sampled"]
        state = engine.state([0.6, 0, 0, 0.8])
        left = ketch.Circuit(2).initialize("1", [0])
        seen = set()
        for seed in range(40):
            engine.apply(left, state.set_amplitudes([0.6, 0, 0, 0.8]), seed=seed)
            seen.add(tuple(abs(state.amplitudes()).round(12).tolist()))
        assert seen == {(0, 1, 0, 0), (0, 0, 0, 1)}


def test_matrices_have_up_to_six_qubits() -> None:
    own = dense.unitary(Random(1), 64)
    circuit = ketch.Circuit(6).unitary(own, [3, 1, 0, 5, 2, 4])
    assert _close(run_matrix(circuit), _wanted(own, [3, 1, 0, 5, 2, 4], {}, 6))
    found = circuit[0].matrix
    assert found is not None and numpy.array_equal(found, own)


def test_a_global_phase_is_kept_and_becomes_a_phase_under_control() -> None:
    a = ketch.Parameter("a")
    circuit = ketch.Circuit(1).h(0).global_phase(0.5).gphase(a)
    assert _close(
        run_matrix(circuit, {"a": 0.25}), numpy.exp(0.75j) * matrix(ketch.Circuit(1).h(0))
    )
    wanted = numpy.diag([1, numpy.exp(0.5j)])
    assert _close(
        run_matrix(ketch.Circuit(1).global_phase(0.5).control()), numpy.kron(numpy.eye(2), wanted)
    )
    assert ketch.Circuit(2).gphase([0.5, 0.25]) == ketch.Circuit(2).gphase(0.5).gphase(0.25)


def test_all_of_them_are_stored_copied_and_compared() -> None:
    circuit = ketch.Circuit({"a": 3, "b": 2}, 1).permutation([1, 2, 3, 0], [0, 4], controls=[1])
    circuit.multiplexer([numpy.eye(2), reference.X], 3, 1).initialize([0.6, 0.8j], 2)
    circuit.pauli_rotation(ketch.Parameter("w") - 0.5, "XYZ", [0, 1, 2], controls={4: 0})
    circuit.pauli_rotation(0.5, "XYZ", [4, 3, 2]).global_phase(0.1)
    for twin in (circuit.copy(), pickle.loads(pickle.dumps(circuit)), circuit[:]):
        assert twin == circuit and list(twin) == list(circuit)
        assert twin.qubit_registers == circuit.qubit_registers
        assert twin.bind([0.5]) == circuit.bind({"w": 0.5}) != circuit
    for one in circuit:
        assert pickle.loads(pickle.dumps(one)) == one
        assert ketch.Circuit(5, 1).append(one)[0] == one
        placed = ketch.Circuit(5).append(one, [*one.qubits, *one.controls][::-1])[0]
        assert [*placed.qubits, *placed.controls] == [*one.qubits, *one.controls][::-1]


def test_wrong_ones_are_refused_and_change_nothing() -> None:
    c = ketch.Circuit(4, 1).x(0)
    before = pickle.dumps(c)
    nan, one = float("nan"), [[1, 0], [0, 1]]
    wrong: list[tuple[type[Exception], str, Callable[[], object]]] = [
        (ketch.RangeError, "given 3, allowed 4", lambda: c.permutation([0, 1, 2], [0, 1])),
        (ketch.RangeError, "given 4", lambda: c.permutation([0, 1, 2, 4], [0, 1])),
        (ketch.RangeError, "given -1", lambda: c.permutation([0, 1, 2, -1], [0, 1])),
        (ketch.RangeError, "twice|permutation", lambda: c.permutation([0, 1, 2, 2], [0, 1])),
        (TypeError, "given float", lambda: c.permutation([0, 1.0], [0])),
        (ketch.RangeError, "0", lambda: c.permutation([0, 1, 2, 3], [0, 0])),
        (ketch.BadIndexError, "given 4", lambda: c.permutation([0, 1], [4])),
        (ketch.RangeError, "0", lambda: c.permutation([0], [])),
        (ketch.RangeError, "0", lambda: c.permutation([1, 0], [0], controls=[0])),
        (ketch.RangeError, "given 2", lambda: c.permutation([1, 0], [0], controls={1: 2})),
        (ketch.RangeError, "shape", lambda: c.multiplexer([one], 0, [1])),
        (ketch.GateError, "unitary|deviat", lambda: c.multiplexer([one, [[1, 1], [0, 1]]], 0, [1])),
        (ketch.RangeError, "0", lambda: c.multiplexer([one, one], 0, [0])),
        (ketch.BadIndexError, "given 4", lambda: c.multiplexer([one, one], 4, [0])),
        (ketch.RangeError, "finite", lambda: c.multiplexer([one, [[nan, 0], [0, 1]]], 0, [1])),
        (ketch.RangeError, "given -1", lambda: c.multiplexer([one, one], 0, [1], tolerance=-1)),
        (TypeError, "numbers", lambda: c.multiplexer(["a", "b"], 0, [1])),
        (ketch.RangeError, "given 'Q'", lambda: c.pauli_rotation(0.5, "XQ", [0, 1])),
        (ketch.RangeError, "given 'x'", lambda: c.pauli_rotation(0.5, "x", [0])),
        (ketch.RangeError, "given 1, allowed 2", lambda: c.pauli_rotation(0.5, "X", [0, 1])),
        (ketch.RangeError, "0", lambda: c.pauli_rotation(0.5, "XX", [0, 0])),
        (ketch.BadIndexError, "given 9", lambda: c.pauli_rotation(0.5, "XXZ", [0, 1, 9])),
        (ketch.RangeError, "finite", lambda: c.pauli_rotation(nan, "XXZ", [0, 1, 2])),
        (TypeError, "given list", lambda: c.pauli_rotation(0.5, ["X"], [0])),  # type: ignore[arg-type]
        (TypeError, "given str", lambda: c.pauli_rotation("a", "X", [0])),  # type: ignore[arg-type]
        (ketch.RangeError, "norm", lambda: c.initialize([1, 1], 0)),
        (ketch.RangeError, "norm", lambda: c.initialize([0, 0], 0)),
        (ketch.RangeError, "shape", lambda: c.initialize([1, 0, 0], [0, 1])),
        (ketch.RangeError, "shape", lambda: c.initialize([1, 0])),
        (ketch.RangeError, "given 3, allowed 2", lambda: c.initialize("010", [0, 1])),
        (ketch.RangeError, "given '2'", lambda: c.initialize("02", [0, 1])),
        (ketch.RangeError, "0", lambda: c.initialize("01", [0, 0])),
        (ketch.BadIndexError, "given 4", lambda: c.initialize("01", [0, 4])),
        (TypeError, "numbers", lambda: c.initialize([None, None], 0)),
        (ketch.RangeError, "finite", lambda: c.gphase(nan)),
    ]
    for kind, text, call in wrong:
        with pytest.raises(kind, match=text) as caught:
            call()
        assert kind is TypeError or "allowed" in str(caught.value), caught.value
        assert pickle.dumps(c) == before
    with pytest.raises(ketch.RangeError, match=r"gate 1\b"):
        c.permutation([0, 0], [1])


def test_too_many_qubits_are_refused() -> None:
    circuit = ketch.Circuit(12)
    wrong = [
        ("10", lambda: circuit.permutation(range(2**11), range(11))),
        ("9", lambda: circuit.multiplexer(numpy.array([numpy.eye(2)] * 1024), 0, range(1, 11))),
        ("10", lambda: circuit.initialize(numpy.eye(2**11)[0], range(11))),
        ("6", lambda: circuit.unitary(numpy.eye(128), range(7))),
    ]
    for most, call in wrong:
        with pytest.raises(ketch.RangeError, match=most):
            call()
    assert len(circuit) == 0
