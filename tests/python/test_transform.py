"""Circuits made of circuits, beside dense matrices: inverse, power, repeat, control, append."""

import pickle
from collections.abc import Callable
from random import Random

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dense
import ketch
from dense import ENGINE, circuit_of, matrix, run_matrix
from reference import Matrix

SEEDS = st.integers(0, 2**32)
QUBITS = st.integers(1, 4)
A, B = ketch.Parameter("a"), ketch.Parameter("b")
VALUES = {"a": 0.3, "b": -1.1}
MANY = settings(deadline=None, max_examples=60)


def _close(one: Matrix, other: Matrix) -> bool:
    return one.shape == other.shape and bool(abs(one - other).max() < 1e-12)


def _at(own: Matrix, qubits: list[int], count: int) -> Matrix:
    """A matrix on some of so many qubits."""
    whole = numpy.eye(2**count, dtype=numpy.complex128)
    for column in range(2**count):
        whole[:, column] = dense.reference.apply(whole[:, column], own, qubits, {})
    return whole


@MANY
@given(SEEDS, QUBITS)
def test_runs_do_what_the_instructions_say(seed: int, qubits: int) -> None:
    circuit = circuit_of(seed, qubits, 8)
    assert _close(run_matrix(circuit), matrix(circuit))


@MANY
@given(SEEDS, QUBITS)
def test_the_inverse_undoes_the_circuit(seed: int, qubits: int) -> None:
    circuit = circuit_of(seed, qubits, 8)
    inverse = circuit.inverse()
    assert _close(run_matrix(inverse), matrix(circuit).conj().T)
    assert _close(matrix(inverse), matrix(circuit).conj().T)
    assert len(inverse) == len(circuit)


@MANY
@given(SEEDS, st.integers(1, 3), st.integers(-3, 3))
def test_a_power_is_the_matrixs_power(seed: int, qubits: int, exponent: int) -> None:
    circuit = circuit_of(seed, qubits, 5)
    power = circuit.power(exponent)
    assert _close(run_matrix(power), numpy.linalg.matrix_power(matrix(circuit), exponent))
    if exponent >= 0:
        assert circuit.repeat(exponent) == power
        assert len(power) == exponent * len(circuit)


@MANY
@given(SEEDS, st.integers(1, 3), st.integers(1, 3), st.data())
def test_control_is_a_block_of_the_matrix(
    seed: int, qubits: int, count: int, data: st.DataObject
) -> None:
    circuit = circuit_of(seed, qubits, 5)
    value = data.draw(st.integers(0, 2**count - 1))
    wanted = numpy.eye(2 ** (count + qubits), dtype=numpy.complex128)
    places = [value + (index << count) for index in range(2**qubits)]
    wanted[numpy.ix_(places, places)] = matrix(circuit)
    bits = [value >> i & 1 for i in range(count)]
    for values in (value, bits, tuple(bits), numpy.array(bits)):
        controlled = circuit.control(count, values=values)  # type: ignore[arg-type]
        assert _close(run_matrix(controlled), wanted)
    assert _close(matrix(controlled), wanted)
    if value == 2**count - 1:
        assert circuit.control(count) == controlled


def test_six_qubits() -> None:
    for seed in range(3):
        circuit = circuit_of(seed, 4, 6)
        assert _close(run_matrix(circuit.control(2, 1)), matrix(circuit.control(2, 1)))
        six = circuit_of(seed, 6, 10)
        assert _close(run_matrix(six.inverse()), matrix(six).conj().T)


@MANY
@given(SEEDS, st.integers(1, 4), st.data())
def test_compose_puts_a_circuit_on_chosen_qubits(
    seed: int, qubits: int, data: st.DataObject
) -> None:
    one = circuit_of(seed, qubits, 4)
    count = data.draw(st.integers(1, qubits))
    other = circuit_of(seed + 1, count, 5)
    chosen = data.draw(st.permutations(range(qubits)))[:count]
    both = one.compose(other, qubits=chosen)
    wanted = _at(matrix(other), list(chosen), qubits) @ matrix(one)
    assert _close(run_matrix(both), wanted) and _close(matrix(both), wanted)
    assert one.copy().append(other, chosen) == both
    assert one.compose(other) == one.compose(other, range(count))


@MANY
@given(SEEDS, st.integers(1, 3))
def test_a_circuit_is_the_sum_of_its_parts(seed: int, qubits: int) -> None:
    circuit = circuit_of(seed, qubits, 10, parameters=[A, B])
    cut = seed % 7
    assert circuit[:cut] + circuit[cut:] == circuit
    one_by_one = ketch.Circuit(qubits)
    for one in circuit:
        one_by_one.append(one)
    assert list(one_by_one) == list(circuit)


@MANY
@given(SEEDS, st.integers(1, 3))
def test_parameters_stay_open(seed: int, qubits: int) -> None:
    circuit = circuit_of(seed, qubits, 6, parameters=[A, B]).rx(A - B, 0).rz(0.5 * B, 0)
    made: list[Callable[[ketch.Circuit], ketch.Circuit]] = [
        ketch.Circuit.inverse,
        lambda c: c.power(-2),
        lambda c: c.control(1, 0),
        lambda c: c.repeat(2),
        lambda c: c + c,
        lambda c: c[::-1],
        lambda c: ketch.Circuit(qubits).compose(c),
    ]
    for make in made:
        parametric = make(circuit)
        assert set(parametric.parameters) == {"a", "b"}
        bound = matrix(make(circuit.bind(VALUES)))
        assert _close(run_matrix(parametric, VALUES), bound)
        assert _close(matrix(parametric, VALUES), bound)
        assert _close(matrix(parametric.bind({"b": -1.1}), VALUES), bound)


def test_parameters_of_one_name_are_one() -> None:
    one, other = ketch.Circuit(2).rx(A, 0), ketch.Circuit(1).rz(B, 0).rx(2 * A, 0)
    both = one.compose(other, [1])
    assert both.parameters == ("a", "b")
    assert [gate.angles for gate in both] == [(A,), (B,), (2 * A,)]
    assert other.compose(one[0]).parameters == ("b", "a")
    assert ketch.Circuit(1).append(other[0]).parameters == ("b",)
    assert ketch.Circuit(1).append(other[0]).append(other[1]).parameters == ("b", "a")


def test_append_takes_the_circuit_itself() -> None:
    circuit = ketch.Circuit(2, 1).rx(A, 0).unitary(dense.reference.X, 1).measure(0, 0)
    twice = circuit.copy()
    assert twice.append(twice) is twice
    assert twice == circuit.repeat(2) == circuit + circuit
    assert len(twice) == 6
    assert twice.append(twice, [1, 0])[6].qubits == (1,)


def test_measurements_and_conditions_go_along() -> None:
    part = ketch.Circuit(2, 3).x(0).measure(0, 1)
    with part.condition([1, 2], 1):
        part.x(1).measure(1, 0)
    whole = ketch.Circuit(3, 5).append(part, [2, 0], bits=[0, 2, 3])
    assert [one.condition for one in whole] == [None, None, (2, 2, 1), (2, 2, 1)]
    assert [one.bits for one in whole] == [(), (2,), (), (0,)]
    assert ketch.run(whole.x(1), shots=3).counts == {"00101": 3}
    assert ketch.run(part.repeat(2), shots=3).counts == {"001": 3}
    with pytest.raises(ketch.RangeError, match="2"):
        whole.append(part, [2, 0], bits=[0, 3, 2])
    assert len(whole) == 5


def test_what_is_appended_inside_a_condition_is_under_it() -> None:
    circuit, part = ketch.Circuit(2, 2).x(0).measure(0, 0), ketch.Circuit(2).h(1).rx(A, 1)
    with circuit.condition("c", 1):
        circuit.append(part).append(part[0])
    circuit.append(part)
    under = [one.condition for one in circuit]
    assert under == [None, None, *[(0, 2, 1)] * 3, None, None]
    with pytest.raises(ketch.RangeError, match="inside a condition"), circuit.condition("c", 0):
        circuit.append(circuit)
    with pytest.raises(ketch.RangeError, match="inside a condition"), circuit.condition("c", 0):
        circuit.append(circuit[2])
    assert len(circuit) == 7 and [one.condition for one in circuit] == under


def test_an_instruction_is_put_on_chosen_qubits_and_bits() -> None:
    source = ketch.Circuit(5, 3).controlled("cx", 0, 1, controls={2: 0}).measure(4, 2)
    source.unitary(dense.reference.SWAP, [3, 1], controls=[0]).barrier().barrier(
        1, 2
    ).fence().reset(3)
    with source.condition("c", 5):
        source.rz(0.5, 4)
    circuit = ketch.Circuit(3, 3)
    circuit.append(source[0], [2, 1, 0]).append(source[1], 1, 0).append(source[2], [0, 2, 1])
    circuit.append(source[3]).append(source[4], [2, 0]).append(source[5]).append(source[6], 0)
    circuit.append(source[7], 1)
    told = [(one.name, one.qubits, one.bits, one.controls, one.condition) for one in circuit]
    assert told == [
        ("cx", (2, 1), (), {0: 0}, None),
        ("measure", (1,), (0,), {}, None),
        ("unitary", (0, 2), (), {1: 1}, None),
        ("barrier", (0, 1, 2), (), {}, None),
        ("barrier", (2, 0), (), {}, None),
        ("fence", (), (), {}, None),
        ("reset", (0,), (), {}, None),
        ("rz", (1,), (), {}, (0, 3, 5)),
    ]
    source.append(source[3], [4, 3, 2, 1, 0])
    assert source[8].qubits == (4, 3, 2, 1, 0)
    single = ketch.Circuit(3).append(pickle.loads(pickle.dumps(source[0])))
    assert single[0] == source[0]


def test_what_is_measured_reset_or_conditional_has_no_inverse() -> None:
    conditional = ketch.Circuit(1, 1).x(0)
    with conditional.condition("c", 1):
        conditional.x(0)
    circuits = [ketch.Circuit(1, 1).x(0).measure(0, 0), ketch.Circuit(1).x(0).reset(0), conditional]
    for circuit in circuits:
        for make in (
            circuit.inverse,
            lambda c=circuit: c.power(2),
            lambda c=circuit: c.power(-1),
            lambda c=circuit: c.control(),
        ):
            before = circuit.copy()
            with pytest.raises(ketch.GateError, match="1") as caught:
                make()
            assert caught.value.status == "GATE"
            assert circuit == before
        assert len(circuit.repeat(3)) == 6


def test_wrong_arguments_are_refused_and_change_nothing() -> None:
    circuit, part = ketch.Circuit(2, 1).h(0), ketch.Circuit(2, 1).cx(0, 1).measure(0, 0)
    before = pickle.dumps(circuit)
    wrong: list[tuple[type[Exception], str, Callable[[], object]]] = [
        (ketch.RangeError, "given 1, allowed 2", lambda: circuit.append(part, [0])),
        (ketch.RangeError, "given 3, allowed 2", lambda: circuit.append(part, [0, 1, 1])),
        (ketch.BadIndexError, "given 2", lambda: circuit.append(part, [0, 2])),
        (ketch.BadIndexError, "given -1", lambda: circuit.append(part, [0, -1])),
        (ketch.RangeError, "twice", lambda: circuit.append(part, [1, 1])),
        (ketch.BadIndexError, "given 1", lambda: circuit.append(part, bits=[1])),
        (ketch.RangeError, "given 2, allowed 1", lambda: circuit.append(part, bits=[0, 0])),
        (Exception, "qubits", lambda: circuit.append(ketch.Circuit(3).h(0))),
        (Exception, "bits", lambda: circuit.append(ketch.Circuit(2, 2).h(0))),
        (TypeError, "given str", lambda: circuit.append("h")),  # type: ignore[arg-type]
        (TypeError, "given float", lambda: circuit.append(part, [0, 1.0])),  # type: ignore[list-item]
        (ketch.RangeError, "given 1, allowed 2", lambda: circuit.append(part[0], [0])),
        (ketch.RangeError, "given", lambda: circuit.append(part[0], [0, 0])),
        (ketch.BadIndexError, "given 5", lambda: circuit.append(part[0], [0, 5])),
        (ketch.RangeError, "given 0, allowed 1", lambda: circuit.append(part[1], bits=[])),
        (ketch.BadIndexError, "given 7", lambda: circuit.append(part[1], bits=7)),
        (ketch.BadIndexError, "given", lambda: ketch.Circuit(1, 1).append(part[0])),
        (ketch.RangeError, "different sizes", lambda: circuit + ketch.Circuit(2)),
        (TypeError, "unsupported", lambda: circuit + 1),  # type: ignore[operator]
        (TypeError, "given float", lambda: circuit.power(0.5)),  # type: ignore[arg-type]
        (ketch.RangeError, "given", lambda: circuit.power(2**63)),
        (ketch.RangeError, "given -1", lambda: circuit.repeat(-1)),
        (TypeError, "given bool", lambda: circuit.repeat(True)),
        (ketch.OutOfMemoryError, "given", lambda: circuit.repeat(2**62)),
        (ketch.OutOfMemoryError, "given", lambda: circuit.power(-(2**63))),
        (ketch.RangeError, "given -1", lambda: circuit.control(-1)),
        (ketch.RangeError, "58", lambda: circuit.control(57)),
        (ketch.RangeError, "given 4", lambda: circuit.control(2, values=4)),
        (ketch.RangeError, "given -1", lambda: circuit.control(2, values=-1)),
        (ketch.RangeError, "given 1, allowed 2", lambda: circuit.control(2, values=[1])),
        (ketch.RangeError, "given 2", lambda: circuit.control(2, values=[1, 2])),
        (TypeError, "given float", lambda: circuit.control(1, values=0.5)),  # type: ignore[arg-type]
    ]
    for kind, text, call in wrong:
        with pytest.raises(kind, match=text):
            call()
        assert pickle.dumps(circuit) == before
    assert len(ketch.Circuit(1).x(0).control(0)) == 1


def test_appending_costs_what_is_appended() -> None:
    part = ketch.Circuit(2).h(0).cx(0, 1)
    small, large = ketch.Circuit(2), ketch.Circuit(2).h([0, 1] * 500_000)

    def least(circuit: ketch.Circuit) -> float:
        import timeit

        return min(timeit.repeat(lambda: circuit.append(part), number=5, repeat=40)) / 5

    assert least(large) < 20 * least(small)


def test_the_results_of_transformations_are_circuits_of_their_own() -> None:
    circuit = ketch.Circuit({"a": 1, "b": 1}, {"c": 1}).s(0).rx(A, 1)
    inverse = circuit.inverse()
    assert inverse.qubit_registers == circuit.qubit_registers
    assert inverse.registers == circuit.registers
    inverse.x(0).add_register("d", 1).measure(0, 1)
    assert len(circuit) == 2 and circuit.bits == 1
    ENGINE.run(inverse, values=[0.5])
    assert type(circuit.inverse()) is ketch.Circuit and circuit.control().qubits == 3


def test_random_sequences_of_transformations() -> None:
    for seed in range(20):
        random = Random(seed)
        circuit, wanted = ketch.Circuit(3), numpy.eye(8, dtype=numpy.complex128)
        for _ in range(6):
            part = circuit_of(random.randrange(2**30), 2, 3)
            own = matrix(part)
            for _ in range(2):
                if random.random() < 0.5:
                    part, own = part.inverse(), own.conj().T
                else:
                    part, own = part.power(2), own @ own
            qubits = random.sample(range(3), 2)
            circuit.append(part, qubits)
            wanted = _at(own, qubits, 3) @ wanted
        assert _close(run_matrix(circuit), wanted), seed
