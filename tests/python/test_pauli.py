"""Sums of Pauli strings: their algebra against dense matrices, their forms, and what is refused."""

import copy
import pickle
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketch
import reference
from conftest import trials
from ketch import PauliSum
from reference import PAULIS
from reference import pauli_sum as dense

BOUND = 1e-12
LABELS = {"XZIY": 0.5, "ZZII": -1}
ENERGY = PauliSum(LABELS)


NUMBERS = st.complex_numbers(max_magnitude=8, allow_subnormal=False)


def sums(qubits: int, numbers: Any = NUMBERS) -> Any:
    """(label, coefficient) pairs, with equal labels among them."""
    labels = st.text("IXYZ", min_size=qubits, max_size=qubits)
    return st.lists(st.tuples(labels, numbers), max_size=6)


def pairs_of_sums() -> Any:
    """A number of qubits and two sums of that many."""
    return st.integers(1, 4).flatmap(lambda n: st.tuples(st.just(n), sums(n), sums(n)))


def _close(op: PauliSum, matrix: reference.Matrix) -> bool:
    found = op.to_matrix()
    return found.shape == matrix.shape and abs(found - matrix).max() < BOUND * (
        1 + abs(matrix).max()
    )


# ---- algebra


@settings(max_examples=trials(100, 2000), deadline=None)
@given(pairs_of_sums(), NUMBERS)
def test_the_algebra_is_that_of_dense_matrices(made: Any, number: complex) -> None:
    qubits, one, two = made
    a, b = PauliSum(one, qubits=qubits), PauliSum(two, qubits=qubits)
    left, right, eye = dense(one, qubits), dense(two, qubits), numpy.eye(2**qubits)
    assert _close(a, left) and len(a) == len(one)
    assert _close(a + b, left + right) and _close(a - b, left - right)
    assert _close(a * b, left @ right) and a @ b == a * b
    assert _close(-a, -left) and +a == a
    assert _close(number * a, number * left) and a * number == number * a
    assert _close(a + number, left + number * eye) and _close(number - a, number * eye - left)
    assert _close(number + a, left + number * eye) and _close(a - number, left - number * eye)
    assert _close(a.adjoint(), left.conj().T) and a.dagger() == a.adjoint()
    assert _close(a.simplify(), left)
    if number:
        assert _close(a / number, left / number)
    for result in (a + b, a * b, number * a, a.adjoint(), a.simplify(), a + number):
        assert result.qubits == qubits


@settings(max_examples=trials(50, 1000), deadline=None)
@given(st.integers(1, 3).flatmap(lambda n: st.tuples(st.just(n), sums(n))), st.integers(0, 5))
def test_powers_are_those_of_dense_matrices(made: Any, exponent: int) -> None:
    qubits, one = made
    a, matrix = PauliSum(one, qubits=qubits) / 8, dense(one, qubits) / 8
    expected = numpy.linalg.matrix_power(matrix, exponent)
    bound = BOUND * max(1, numpy.linalg.norm(matrix, 2) ** exponent)
    assert abs((a**exponent).to_matrix() - expected).max() < bound


SMALL = st.sampled_from([1, -1, 0.5, 1j, -2j, 1 + 1j])  # whose products and sums are exact


@settings(max_examples=trials(100, 2000), deadline=None)
@given(st.integers(1, 3).flatmap(lambda n: st.tuples(st.just(n), sums(n, SMALL), sums(n, SMALL))))
def test_predicates_are_those_of_dense_matrices(made: Any) -> None:
    qubits, one, two = made
    a, b = PauliSum(one, qubits=qubits), PauliSum(two, qubits=qubits)
    left, right = dense(one, qubits), dense(two, qubits)
    assert a.is_hermitian == (left == left.conj().T).all()
    assert a.commutes(b) == (left @ right == right @ left).all()
    assert (a == b) == (left == right).all()
    assert a.commutes(a) and a == a.simplify() and hash(a) == hash(a.simplify())
    assert a == PauliSum(one[::-1], qubits=qubits)


def test_products_of_single_letters_have_the_phases_of_the_matrices() -> None:
    for one in "IXYZ":
        for two in "IXYZ":
            ((label, phase),) = PauliSum(one) * PauliSum(two)
            assert (phase * PAULIS[label] == PAULIS[one] @ PAULIS[two]).all(), one + two


def test_what_commutes_up_to_rounding_commutes() -> None:
    a = PauliSum({"X": 0.1, "Y": 0.2, "Z": 0.3})
    assert a.commutes(a * (1 / 3)) and a.commutes(a @ a) and not a.commutes(PauliSum("X"))


def test_simplify_adds_equal_strings_in_their_order_and_drops_zeros() -> None:
    terms = [("Z", 1), ("X", 2), ("Z", 3), ("Y", 1e-9), ("I", 1), ("I", -1)]
    assert list(PauliSum(terms).simplify()) == [("Z", 4), ("X", 2), ("Y", 1e-9)]
    assert list(PauliSum(terms).simplify(1e-9)) == [("Z", 4), ("X", 2)]
    assert len(PauliSum(terms)) == 6
    assert PauliSum(terms).to_dict() == {"Z": 4, "X": 2, "Y": 1e-9, "I": 0}


def test_real_divisors_divide_each_part_and_numpys_numbers_are_numbers() -> None:
    a = PauliSum({"X": 1, "Z": 1j})
    assert list(a / 3) == [("X", 1 / 3), ("Z", 1j / 3)]
    assert numpy.float64(2) * a == 2 * a == a * numpy.int64(2) == a / numpy.complex64(0.5)
    assert sum([a, a]) == 2 * a and len(sum([a])) == 2
    assert a + 0 == a and list(a + 1)[-1] == ("I", 1)


def test_a_sum_never_changes() -> None:
    with pytest.raises(AttributeError):
        ENERGY.qubits = 3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        ENERGY._qubits = 3
    for part in (ENERGY.x_masks, ENERGY.z_masks, ENERGY.coefficients, (-ENERGY).coefficients):
        with pytest.raises(ValueError, match="read-only"):
            part[0] = 0
    masks = numpy.array([1], numpy.uint64)
    made = PauliSum.from_masks(masks, masks, numpy.ones(1))
    masks[0] = 2
    assert list(made) == [(((0, "Y"),), 1)]


# ---- forms


def test_the_rightmost_letter_is_qubit_0() -> None:
    assert ENERGY.qubits == 4
    assert ENERGY.x_masks.tolist() == [0b1001, 0] and ENERGY.z_masks.tolist() == [0b0101, 0b1100]
    assert ENERGY.coefficients.tolist() == [0.5, -1]


def test_all_forms_give_the_same_sum() -> None:
    pairs = [((0, "Y"), (2, "Z"), (3, "X")), ((3, "Z"), (2, "Z"))]
    sparse = PauliSum({pairs[0]: 0.5, pairs[1]: -1})
    assert sparse.qubits is None and sparse != ENERGY
    for other in (
        PauliSum(sparse, qubits=4),
        PauliSum([("XZIY", 0.5), ["ZZII", -1]]),
        PauliSum.from_list(LABELS.items()),
        PauliSum(ENERGY),
        PauliSum({"XZIY": 0.5, pairs[1]: -1}),
        PauliSum([(list(pairs[0]), 0.5), ([[2, "Z"], (3, "Z"), (1, "I")], -1)], qubits=4),
        PauliSum.from_masks([0b1001, 0], [0b0101, 0b1100], [0.5, -1], qubits=4),
        PauliSum(numpy.array([("XZIY", 0.5), ("ZZII", -1)], object).tolist()),
        0.5 * PauliSum("XZIY") + PauliSum({(3, "Z"): -1}) * PauliSum({(2, "Z"): 1}),
    ):
        assert other == ENERGY and other.qubits == 4
    assert PauliSum({(3, "Z"): 1}) == PauliSum({((3, "Z"),): 1}) == PauliSum.from_z({3: 1})
    assert PauliSum.from_z({(0, 2): 1, (): 3}) == PauliSum({((0, "Z"), (2, "Z")): 1, (): 3})
    assert PauliSum([]).qubits is None and len(PauliSum({}, qubits=3)) == 0


@settings(max_examples=trials(50, 1000), deadline=None)
@given(st.integers(1, 58).flatmap(lambda n: st.tuples(st.just(n), sums(n))))
def test_written_and_read_again_a_sum_is_the_same(made: Any) -> None:
    qubits, one = made
    a = PauliSum(one, qubits=qubits)
    assert list(a) == one
    assert list(PauliSum(list(a), qubits=qubits)) == one
    sparse = PauliSum.from_masks(a.x_masks, a.z_masks, a.coefficients)
    assert sparse.qubits is None and list(PauliSum(sparse, qubits=qubits)) == one
    assert list(PauliSum(list(sparse), qubits=qubits)) == one
    for again in (pickle.loads(pickle.dumps(a)), copy.copy(a), copy.deepcopy(a)):
        assert list(again) == one and again.qubits == qubits
    if len(a) <= 6:
        assert eval(repr(a), {"PauliSum": PauliSum}) == (a if one else PauliSum([]))


def test_the_text_of_a_long_sum_is_short() -> None:
    assert repr(ENERGY) == "PauliSum({'XZIY': 0.5, 'ZZII': -1.0})"
    assert repr(PauliSum([("X", 1), ("X", 2j)])) == "PauliSum([('X', 1.0), ('X', 2j)])"
    long = PauliSum([("X" * 50, 1 / 3)] * 100_000)
    assert len(repr(long)) < 600 and repr(long).endswith("... and 99994 more])")


def test_the_matrix_is_there_for_numpy() -> None:
    matrix = numpy.asarray(ENERGY)
    assert matrix.dtype == numpy.complex128
    assert (matrix == dense(list(LABELS.items()), 4)).all()
    assert numpy.asarray(ENERGY, numpy.complex64).dtype == numpy.complex64
    assert numpy.linalg.eigvalsh(ENERGY)[0] == pytest.approx(-(1.25**0.5))  # the two anticommute
    assert PauliSum({(1, "Z"): 1}).to_matrix().shape == (4, 4)
    assert PauliSum({(): 2}).to_matrix().tolist() == [[2, 0], [0, 2]]
    with pytest.raises(ValueError, match="copy"):
        ENERGY.__array__(copy=False)


# ---- beside Qiskit


def test_sums_are_as_qiskits() -> None:
    quantum_info = pytest.importorskip("qiskit.quantum_info", reason="qiskit is not installed")
    draw = numpy.random.default_rng(5)
    for _ in range(50):
        qubits = int(draw.integers(1, 7))
        lists = []
        for _ in range(2):
            labels = [
                "".join(draw.choice(list("IXYZ"), qubits)) for _ in range(draw.integers(1, 9))
            ]
            numbers = draw.normal(size=len(labels)) + 1j * draw.normal(size=len(labels))
            lists.append(list(zip(labels, numbers.tolist(), strict=True)))
        a, b = map(PauliSum.from_list, lists)
        c, d = map(quantum_info.SparsePauliOp.from_list, lists)
        assert list(PauliSum(c.to_list())) == list(a)
        for ours, theirs in (
            (a, c),
            (a + b, c + d),
            (a @ b, c @ d),
            (a**2, c.power(2)),
            (a.adjoint(), c.adjoint()),
            (a.simplify(), c.simplify()),
        ):
            assert abs(ours.to_matrix() - theirs.to_matrix()).max() < 1e-12


# ---- refused

Case = tuple[Callable[[], object], type[Exception], str]
NAN, HUGE = float("nan"), 10**400
REFUSED: list[Case] = [
    (lambda: PauliSum(""), ketch.RangeError, "1..58"),
    (lambda: PauliSum("X" * 59), ketch.RangeError, "1..58"),
    (lambda: PauliSum("XxZ"), ketch.RangeError, "'x' at position 1 of 'XxZ'"),
    (lambda: PauliSum({"XZ": 1, "X\u2200": 1}), ketch.RangeError, "position 1 of"),
    (lambda: PauliSum({"XZ": 1, "X": 1}), ketch.RangeError, "labels of one length"),
    (lambda: PauliSum({"XZ": 1, (2, "X"): 1}), ketch.BadIndexError, "0..1"),
    (lambda: PauliSum({(58, "X"): 1}), ketch.BadIndexError, "0..57"),
    (lambda: PauliSum({(-1, "X"): 1}), ketch.BadIndexError, "0..57"),
    (lambda: PauliSum({(2**40, "X"): 1}), ketch.BadIndexError, "0..57"),
    (lambda: PauliSum({(1.0, "X"): 1}), TypeError, "allowed int"),
    (lambda: PauliSum({(True, "X"): 1}), TypeError, "allowed int"),
    (lambda: PauliSum({(0, "W"): 1}), ketch.RangeError, "'W' on qubit 0"),
    (lambda: PauliSum({(0, ""): 1}), ketch.RangeError, "'' on qubit 0"),
    (lambda: PauliSum({(0, "XY"): 1}), ketch.RangeError, "'XY' on qubit 0"),
    (lambda: PauliSum({((0, "X"), (0, "I")): 1}), ketch.RangeError, "twice"),
    (lambda: PauliSum({(0, 1): 1}), TypeError, "from_z"),
    (lambda: PauliSum({0: 1}), TypeError, "from_z"),
    (lambda: PauliSum({((0, "X"), 1): 1}), TypeError, "a string of a wrong form"),
    (lambda: PauliSum({b"XX": 1}), TypeError, "a string of a wrong form"),
    (lambda: PauliSum(3), TypeError, "pairs"),  # type: ignore[arg-type]
    (lambda: PauliSum(["XX"]), TypeError, "pair"),  # type: ignore[list-item]
    (lambda: PauliSum([("X", 1, 2)]), TypeError, "pair"),  # type: ignore[list-item]
    (lambda: PauliSum({"X": "1"}), TypeError, "coefficient"),  # type: ignore[dict-item]
    (lambda: PauliSum({"X": True}), TypeError, "coefficient"),
    (lambda: PauliSum({"X": None}), TypeError, "coefficient"),  # type: ignore[dict-item]
    (lambda: PauliSum({"X": ketch.Parameter("a")}), TypeError, "coef"),  # type: ignore[dict-item]
    (lambda: PauliSum({"X": NAN}), ketch.RangeError, "finite"),
    (lambda: PauliSum({"X": complex(0, NAN)}), ketch.RangeError, "finite"),
    (lambda: PauliSum({"X": HUGE}), ketch.RangeError, "finite"),
    (lambda: ENERGY * HUGE, ketch.RangeError, "finite"),
    (lambda: ENERGY * float("inf"), ketch.RangeError, "finite"),
    (lambda: HUGE - ENERGY, ketch.RangeError, "finite"),
    (lambda: ENERGY + NAN, ketch.RangeError, "finite"),
    (lambda: PauliSum({"X": 1}, qubits=2), ketch.RangeError, "labels of 1 letter, allowed 2"),
    (lambda: PauliSum({(3, "X"): 1}, qubits=3), ketch.BadIndexError, "0..2"),
    (lambda: PauliSum({}, qubits=0), ketch.RangeError, "1..58"),
    (lambda: PauliSum({}, qubits=59), ketch.RangeError, "1..58"),
    (lambda: PauliSum({}, qubits="3"), TypeError, "allowed int"),  # type: ignore[arg-type]
    (lambda: PauliSum.from_z({(0, 0): 1}), ketch.RangeError, "twice"),
    (lambda: PauliSum.from_z({58: 1}), ketch.BadIndexError, "0..57"),
    (lambda: PauliSum.from_z({"Z": 1}), TypeError, "qubit"),
    (lambda: PauliSum.from_z([0]), TypeError, "dict"),  # type: ignore[arg-type]
    (lambda: PauliSum.from_masks([1], [1, 2], [1]), ketch.RangeError, "one length"),
    (lambda: PauliSum.from_masks([[1]], [[1]], [1]), ketch.RangeError, "one length"),
    (lambda: PauliSum.from_masks([-1], [1], [1]), ketch.RangeError, "0 or more"),
    (lambda: PauliSum.from_masks([0.5], [1], [1]), TypeError, "int"),
    (lambda: PauliSum.from_masks([1 << 58], [1], [1]), ketch.BadIndexError, "0..57"),
    (lambda: PauliSum.from_masks([1], [4], [1], qubits=2), ketch.BadIndexError, "0..1"),
    (lambda: PauliSum.from_masks([1], [1], ["1"]), TypeError, "coefficient"),
    (lambda: ENERGY + PauliSum("X"), ketch.RangeError, "labels of 1 letter, allowed 4"),
    (lambda: ENERGY * PauliSum("X"), ketch.RangeError, "labels of 1 letter, allowed 4"),
    (lambda: ENERGY - PauliSum({(4, "X"): 1}), ketch.BadIndexError, "0..3"),
    (lambda: PauliSum({(4, "X"): 1}) @ ENERGY, ketch.BadIndexError, "0..3"),
    (lambda: ENERGY.commutes(PauliSum("X")), ketch.RangeError, "labels of 1 letter"),
    (lambda: ENERGY.commutes("XZIY"), TypeError, "PauliSum"),  # type: ignore[arg-type]
    (lambda: ENERGY + "X", TypeError, "operand"),
    (lambda: "X" - ENERGY, TypeError, "operand"),
    (lambda: ENERGY @ 2, TypeError, "operand"),
    (lambda: ENERGY * None, TypeError, "operand"),
    (lambda: ENERGY * True, TypeError, "operand"),
    (lambda: 2 / ENERGY, TypeError, "operand"),
    (lambda: ENERGY / ENERGY, TypeError, "operand"),
    (lambda: ENERGY / 0, ZeroDivisionError, "zero"),
    (lambda: ENERGY / NAN, ketch.RangeError, "finite"),
    (lambda: ENERGY**-1, ketch.RangeError, "exponent"),
    (lambda: ENERGY**0.5, TypeError, "exponent"),  # type: ignore[operator]
    (lambda: ENERGY.simplify(-1), ketch.RangeError, "tolerance"),
    (lambda: ENERGY.simplify(NAN), ketch.RangeError, "tolerance"),
    (lambda: ENERGY.simplify("0"), TypeError, "tolerance"),  # type: ignore[arg-type]
    (lambda: PauliSum("X" * 13).to_matrix(), ketch.RangeError, "1..12"),
    (lambda: PauliSum({(12, "X"): 1}).to_matrix(), ketch.RangeError, "1..12"),
]


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@pytest.mark.parametrize(("call", "kind", "text"), REFUSED)
def test_what_is_no_sum_is_refused(
    call: Callable[[], object], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert text in str(caught.value)


def test_labels_of_other_lengths_are_a_mismatch() -> None:
    for call in (lambda: PauliSum({"X": 1, "XX": 1}), lambda: ENERGY + PauliSum("X")):
        with pytest.raises(ketch.RangeError) as caught:
            call()
        assert caught.value.status == "MISMATCH"


# ---- speed


def _best(call: Callable[[], object]) -> float:
    times = []
    for _ in range(7):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times)


def test_sums_are_made_and_multiplied_fast() -> None:
    draw = numpy.random.default_rng(1)
    terms = {"".join(draw.choice(list("IXYZ"), 20)): 0.5 for _ in range(1000)}
    assert _best(lambda: PauliSum(terms)) < 5e-3
    one, two = (PauliSum(list(terms.items())[first : first + 100]) for first in (0, 100))
    assert _best(lambda: one * two) < 20e-3
