"""What is read of states and asked of runs with sums of Pauli strings, against dense matrices."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketch
from conftest import trials
from ketch import PauliSum, Probabilities, Variance
from reference import Matrix
from reference import pauli_sum as dense

ENGINE = ketch.Engine(threads=2)
BOUNDS = {"double": 1e-12, "single": 2e-5}


def _random(qubits: int, seed: int) -> Matrix:
    draw = numpy.random.default_rng(seed)
    psi = draw.normal(size=2**qubits) + 1j * draw.normal(size=2**qubits)
    return psi / numpy.linalg.norm(psi)


def _sums(qubits: int) -> Any:
    labels = st.text("IXYZ", min_size=qubits, max_size=qubits)
    return st.lists(st.tuples(labels, st.floats(-4, 4)), max_size=8)


CASES = st.tuples(
    st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), _sums(n))),
    st.integers(0, 2**32),
    st.sampled_from(sorted(BOUNDS)),
)


def _partial_trace(psi: Matrix, qubits: list[int]) -> Matrix:
    """By sums over all pairs of indices that agree outside the qubits."""
    size = 2 ** len(qubits)
    rho = numpy.zeros((size, size), numpy.complex128)
    mask = sum(1 << qubit for qubit in qubits)
    place = [sum((i >> q & 1) << b for b, q in enumerate(qubits)) for i in range(len(psi))]
    for i, amplitude in enumerate(psi):
        for j, other in enumerate(psi):
            if i & ~mask == j & ~mask:
                rho[place[i], place[j]] += amplitude * other.conjugate()
    return rho


# ---- states


@settings(max_examples=trials(100, 3000), deadline=None)
@given(CASES)
def test_expectation_and_variance_are_those_of_dense_matrices(case: Any) -> None:
    (qubits, terms), seed, precision = case
    psi, op = _random(qubits, seed), PauliSum(terms, qubits=qubits)
    state = ENGINE.state(psi, precision=precision)
    matrix = dense(terms, qubits)
    mean = numpy.vdot(psi, matrix @ psi).real
    square = numpy.linalg.norm(matrix @ psi) ** 2
    scale = sum(abs(number) for _, number in terms)
    assert state.expectation(op) == pytest.approx(mean, abs=BOUNDS[precision] * (scale + 1))
    bound = BOUNDS[precision] * (scale**2 + 1)
    assert state.variance(op) == pytest.approx(square - mean**2, abs=bound)


@settings(max_examples=trials(60, 1000), deadline=None)
@given(st.integers(1, 6), st.data(), st.integers(0, 2**32), st.sampled_from(sorted(BOUNDS)))
def test_a_reduced_density_matrix_is_the_partial_trace(
    qubits: int, data: Any, seed: int, precision: str
) -> None:
    wires = data.draw(st.permutations(range(qubits)))[: data.draw(st.integers(1, qubits))]
    psi = _random(qubits, seed)
    rho = ENGINE.state(psi, precision=precision).reduced_density_matrix(wires)
    assert rho.dtype == numpy.complex128
    assert (rho == rho.conj().T).all()
    assert abs(rho - _partial_trace(psi, wires)).max() < BOUNDS[precision]


@settings(max_examples=trials(60, 1000), deadline=None)
@given(st.integers(1, 8), st.data(), st.integers(0, 2**32), st.sampled_from(sorted(BOUNDS)))
def test_entropy_is_that_of_the_schmidt_coefficients(
    qubits: int, data: Any, seed: int, precision: str
) -> None:
    wires = data.draw(st.permutations(range(qubits)))[: data.draw(st.integers(0, qubits))]
    psi = _random(qubits, seed)
    others = [qubit for qubit in range(qubits) if qubit not in wires]
    axes = [qubits - 1 - qubit for qubit in [*wires, *others]]
    table = psi.reshape([2] * qubits).transpose(axes).reshape(2 ** len(wires), -1)
    weights = numpy.linalg.svd(table, compute_uv=False) ** 2
    weights = weights[weights > 0]
    expected = -(weights * numpy.log2(weights)).sum()
    bound = 30 * BOUNDS[precision]
    state = ENGINE.state(psi, precision=precision)
    assert state.entropy(wires) == pytest.approx(expected, abs=bound)
    assert state.entropy(others) == pytest.approx(expected, abs=bound)


@settings(max_examples=trials(30, 500), deadline=None)
@given(st.integers(1, 8), st.integers(0, 2**32), st.sampled_from(sorted(BOUNDS)))
def test_fidelity_is_the_squared_overlap(qubits: int, seed: int, precision: str) -> None:
    a, b = _random(qubits, seed), _random(qubits, seed + 1)
    one, two = (ENGINE.state(psi, precision=precision) for psi in (a, b))
    bound = BOUNDS[precision]
    assert one.fidelity(two) == pytest.approx(abs(numpy.vdot(a, b)) ** 2, abs=bound)
    assert one.fidelity(two) == pytest.approx(two.fidelity(one), abs=bound)
    assert one.fidelity(one) == pytest.approx(1, abs=bound)


def test_known_states_have_known_entropies(engine: ketch.Engine) -> None:
    ghz = engine.state(engine.run(ketch.Circuit(3).h(0).cx(0, 1).cx(1, 2)).state)
    assert ghz.entropy([0, 1]) == pytest.approx(1, abs=1e-12)
    assert ghz.entropy([]) == ghz.entropy([2, 0, 1]) == 0
    assert str(engine.state("0+1").entropy(1)) == "0.0"
    pairs = ketch.Circuit(14).h(range(7)).cx(range(7), range(7, 14))
    wide = engine.state(engine.run(pairs, precision="single").state, precision="single")
    assert wide.entropy(range(4)) == pytest.approx(4, abs=1e-4)
    assert wide.entropy(range(13)) == pytest.approx(1, abs=1e-4)  # of the other qubit


def _expect(psi: Matrix, label: str) -> float:
    """Of one label, without its matrix."""
    qubits = len(label)
    index = numpy.arange(len(psi))
    image, factor = index.copy(), numpy.ones(len(psi), numpy.complex128)
    for position, letter in enumerate(label):
        qubit = qubits - 1 - position
        sign = 1 - 2 * (index >> qubit & 1)
        image ^= (letter in "XY") << qubit
        factor *= {"I": 1, "X": 1, "Y": 1j * sign, "Z": sign}[letter]
    return float(numpy.vdot(psi[image], factor * psi).real)


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("qubits", [13, 16])
def test_sums_on_many_qubits_are_what_numpy_computes(
    engine: ketch.Engine, qubits: int, precision: str
) -> None:
    draw = numpy.random.default_rng(qubits)
    terms = {}
    for weight in [1, 2, 3, 4, qubits] * 12:
        letters = ["I"] * qubits
        for place in draw.choice(qubits, weight, replace=False):
            letters[place] = str(draw.choice(list("XYZ")))
        terms["".join(letters)] = float(draw.normal())
    op, circuit = PauliSum(terms), _circuit(qubits, 5)
    result = engine.run(circuit, precision=precision, observe=[op, *[{t: 1} for t in terms]])
    state = engine.state(result.state, precision=precision)
    psi = result.state.astype(numpy.complex128)
    means = [_expect(psi, label) for label in terms]
    mean = sum(value * number for value, number in zip(means, terms.values(), strict=True))
    bound = BOUNDS[precision]
    assert result.observed[1:] == pytest.approx(means, abs=bound)
    assert result.observed[0] == pytest.approx(mean, abs=bound * len(terms))
    assert state.expectation(op) == pytest.approx(mean, abs=bound * len(terms))
    assert [state.expectation(label) for label in terms] == pytest.approx(means, abs=bound)


def test_readings_are_as_qiskits(engine: ketch.Engine) -> None:
    info = pytest.importorskip("qiskit.quantum_info", reason="qiskit is not installed")
    draw = numpy.random.default_rng(9)
    for seed in range(50):
        qubits = int(draw.integers(2, 7))
        labels = ["".join(draw.choice(list("IXYZ"), qubits)) for _ in range(8)]
        terms = list(zip(labels, draw.normal(size=8).tolist(), strict=True))
        psi, theirs = _random(qubits, seed), info.SparsePauliOp.from_list(terms)
        state, vector = engine.state(psi), info.Statevector(psi)
        mean = vector.expectation_value(theirs).real
        square = vector.expectation_value(theirs.power(2)).real
        assert state.expectation(terms) == pytest.approx(mean, abs=1e-12)
        assert state.variance(terms) == pytest.approx(square - mean**2, abs=1e-11)
        kept = sorted(draw.permutation(qubits)[: qubits // 2].tolist())
        rho = info.partial_trace(vector, [q for q in range(qubits) if q not in kept])
        assert abs(state.reduced_density_matrix(kept) - rho.data).max() < 1e-12
        assert state.entropy(kept) == pytest.approx(info.entropy(rho, base=2), abs=1e-11)
        other = _random(qubits, seed + 100)
        fidelity = info.state_fidelity(vector, info.Statevector(other))
        assert state.fidelity(engine.state(other)) == pytest.approx(fidelity, abs=1e-12)


def test_every_form_of_a_sum_gives_the_same_number(engine: ketch.Engine) -> None:
    state = engine.state(_random(4, 3))
    expected = numpy.vdot(state, dense([("ZIIZ", 0.5), ("IZII", -1)], 4) @ state)
    forms: list[Any] = [
        {(0, 3): 0.5, 2: -1},
        {"ZIIZ": 0.5, "IZII": -1},
        {((3, "Z"), (0, "Z")): 0.5, (2, "Z"): -1},
        [("ZIIZ", 0.5), ("IZII", -1)],
        PauliSum.from_z({(0, 3): 0.5, 2: -1}),
        PauliSum({"ZIIZ": 0.5, "IZII": -1}),
        PauliSum([("ZIIZ", 1), ("IZII", -1 + 1j), ("ZIIZ", -0.5), ("IZII", -1j)]),
    ]
    for form in forms:
        assert state.expectation(form) == pytest.approx(expected.real, abs=1e-13)
        assert Variance(form).op == PauliSum(Variance(form).op)
        assert state.variance(form) == pytest.approx(state.variance(forms[0]), abs=1e-13)
    assert state.expectation("XYZI") == state.expectation({"XYZI": 1})
    assert state.expectation({}) == state.expectation(PauliSum([])) == state.variance({}) == 0


def test_imaginary_parts_that_are_rounding_are_none(engine: ketch.Engine) -> None:
    state = engine.state("+0")
    a = PauliSum({"XX": 0.1 + 0.2j, "YZ": 0.3, "IX": 0.7j})
    hermitian = a @ a.adjoint() + PauliSum({"II": 1e-16j})
    assert hermitian.is_hermitian
    expected = numpy.vdot(state, a.to_matrix() @ a.to_matrix().conj().T @ state).real
    assert state.expectation(hermitian) == pytest.approx(expected)


def test_a_register_has_expectations() -> None:
    register = ketch.ket("00").H(0).CNOT(0, 1)
    assert register.expectation({"XX": 1, "YY": 2, "ZZ": 4}) == pytest.approx(3)
    assert register.expectation({(0, 1): 1}) == pytest.approx(1)
    with pytest.raises(ketch.RangeError, match="labels of 3 letters"):
        register.expectation("XXX")


# ---- runs


def _circuit(qubits: int, seed: int, bits: int = 0) -> ketch.Circuit:
    draw = numpy.random.default_rng(seed)
    circuit = ketch.Circuit(qubits, bits)
    for _ in range(2):
        for qubit in range(qubits):
            circuit.u(*draw.uniform(0, 3, 3).tolist(), qubit)
        for qubit in range(qubits - 1):
            circuit.cx(qubit, qubit + 1)
    return circuit


@settings(max_examples=trials(60, 1000), deadline=None)
@given(CASES)
def test_a_run_observes_what_its_state_has(case: Any) -> None:
    (qubits, terms), seed, precision = case
    op = PauliSum(terms, qubits=qubits)
    asked: list[ketch.Observable] = [op, "norm", Variance(op), Probabilities(0), {0: 1.0}]
    result = ENGINE.run(_circuit(qubits, seed), precision=precision, observe=asked)
    state = ENGINE.state(result.state, precision=precision)
    mean, norm, variance, two, z = result.observed
    scale = 1 + sum(abs(number) for _, number in terms)
    bound = BOUNDS[precision]
    assert mean == pytest.approx(state.expectation(op), abs=bound * scale)
    assert variance == pytest.approx(state.variance(op), abs=bound * scale**2)
    assert norm == pytest.approx(1, abs=bound) and two == pytest.approx(state.probabilities(0))
    assert z == pytest.approx(state.expectation({0: 1}), abs=bound)


def test_short_forms_and_classes_ask_the_same(engine: ketch.Engine) -> None:
    circuit, op = _circuit(7, 1), {"XZIYIIX": 0.5, "ZZIIIII": -1}
    sparse = {((0, "X"), (3, "Y"), (5, "Z"), (6, "X")): 0.5, ((5, "Z"), (6, "Z")): -1}
    asked: list[ketch.Observable] = ["norm", [1, 3], [2], {(0, 1): 2.0}, op, sparse]
    classes: list[ketch.Observable] = [
        ketch.Norm(),
        Probabilities([1, 3]),
        Probabilities(2),
        PauliSum.from_z({(0, 1): 2}),
        PauliSum(op),
        PauliSum(sparse),
    ]
    others: list[Any] = [
        numpy.str_("norm"),
        numpy.array([1, 3]),
        (2,),
        MappingProxyType({(0, 1): 2.0}),
        MappingProxyType(op),
        {key: numpy.float64(number) for key, number in sparse.items()},
    ]
    one = engine.run(circuit, observe=asked).observed
    for same in (classes, others):
        two = engine.run(circuit, observe=same).observed
        assert all(numpy.all(a == b) for a, b in zip(one, two, strict=True))
    assert one[4] == pytest.approx(one[5])


def test_a_sum_is_observed_in_every_way_to_run(engine: ketch.Engine) -> None:
    circuit, op = _circuit(4, 3, 4), PauliSum({"XZIY": 0.5, "ZZII": -1})
    asked: list[ketch.Observable] = [op, Variance(op)]
    expected = engine.run(circuit, observe=asked).observed
    assert engine.prepare(circuit).run(observe=asked).observed == expected
    assert engine.apply(circuit, engine.state(4), observe=asked).observed == expected
    shots = engine.run(circuit.measure_all(), shots=10, observe=asked).observed
    assert shots == pytest.approx(expected)
    stop = ketch.Stop()
    stop.set()
    stopped = engine.run(_circuit(17, 4), observe=[{"X" * 17: 1}], stop=stop)
    straight = engine.run(_circuit(17, 4), observe=[{"X" * 17: 1}]).observed
    assert engine.resume(stopped).observed == straight


def test_a_saved_run_keeps_what_was_asked(engine: ketch.Engine, tmp_path: Any) -> None:
    path, op = tmp_path / "run.ketch", PauliSum({"XZIY": 0.5, "ZZII": -1})
    result = engine.run(_circuit(4, 3), observe=[op, Variance(op), Probabilities([0])])
    result.save(path)
    again = engine.load(path).observed
    assert again[:2] == result.observed[:2] and (again[2] == result.observed[2]).all()


# ---- small classes


def test_observables_are_constants() -> None:
    import pickle

    variance = Variance({"X": 2})
    for one in (ketch.Norm(), Probabilities([2, 0]), variance):
        again = pickle.loads(pickle.dumps(one))
        assert again == one and hash(again) == hash(one) and again != "norm"
        with pytest.raises(AttributeError, match="never changes"):
            one.qubits = 1  # type: ignore[union-attr]
    assert repr(ketch.Norm()) == "Norm()" and repr(Probabilities(2)) == "Probabilities((2,))"
    assert repr(variance) == "Variance(PauliSum({'X': 2.0}))"
    assert Probabilities(numpy.array([1, 0])).qubits == (1, 0) != Probabilities([0, 1]).qubits
    assert Probabilities([0, 1]) != Probabilities([1, 0])


# ---- refused

NAN = float("nan")
WRONG: list[tuple[Any, type[Exception], str]] = [
    ({"XX": 1}, ketch.RangeError, "labels of 2 letters, allowed 3"),
    (PauliSum("XXXX"), ketch.RangeError, "labels of 4 letters, allowed 3"),
    ({(3, "X"): 1}, ketch.BadIndexError, "given 3, allowed 0..2"),
    ({((0, "X"), (0, "Y")): 1}, ketch.RangeError, "twice"),
    ({"XAX": 1}, ketch.RangeError, "'A' at position 1"),
    ({"XIX": NAN}, ketch.RangeError, "finite"),
    ({"XIX": 1j, "ZZZ": 1}, ketch.RangeError, "1j of 'XIX', allowed real"),
    ({(1, "Y"): 1 + 2j}, ketch.RangeError, "(1+2j) of ((1, 'Y'),), allowed real"),
    (PauliSum("XII") * PauliSum("YII"), ketch.RangeError, "1j of 'ZII', allowed real"),
    ({3: 1.0}, ketch.BadIndexError, "given 3"),
    ({(0, 0): 1.0}, ketch.RangeError, "twice"),
    ({0: NAN}, ketch.RangeError, "finite"),
    ({0: "1"}, TypeError, "coefficient"),
    ({0: 1, "XXX": 1}, TypeError, "a string of a wrong form"),
]


@pytest.mark.parametrize(("op", "kind", "text"), WRONG)
def test_wrong_sums_are_refused_everywhere(
    engine: ketch.Engine, op: Any, kind: type[Exception], text: str
) -> None:
    state, circuit = engine.state(3), ketch.Circuit(3).h(0)
    calls: list[Callable[[], object]] = [
        lambda: state.expectation(op),
        lambda: state.variance(op),
        lambda: engine.run(circuit, observe=[op]),
        lambda: engine.run(circuit, observe=[Variance(op)]),
        lambda: ketch.ket("000").expectation(op),
    ]
    for call in calls:
        with pytest.raises(kind) as caught:
            call()
        assert text in str(caught.value)
    assert state.expectation({0: 1}) == 1  # both are as before
    assert engine.run(circuit, observe=[{1: 1}]).observed == [pytest.approx(1)]


def test_one_observable_stands_for_a_list_of_it() -> None:
    circuit = ketch.Circuit(2).ry(0.7, 0).cx(0, 1)
    several: list[Any] = [
        "norm", ketch.Norm(), PauliSum({"XX": 0.5}), {"ZZ": 2}, {(0, 1): 0.5}, Variance({"XI": 1}),
        Probabilities([0, 1]), 1, numpy.int64(0),
    ]  # fmt: skip
    for one in several:
        found, wanted = (ketch.run(circuit, observe=each).observed for each in (one, [one]))
        assert len(found) == 1 and numpy.array_equal(found[0], wanted[0])
        assert ketch.Engine().prepare(circuit).run(observe=one).observed[0] is not None
    with ketch.Pool(engines=1) as pool:
        assert [r.observed for r in pool.map([circuit] * 3, observe="norm")] == [[1.0]] * 3


REFUSED: list[tuple[Callable[[ketch.Engine], object], type[Exception], str]] = [
    (lambda e: e.state(3).expectation([0]), TypeError, "pair"),
    (lambda e: e.state(3).expectation("norm"), ketch.RangeError, "'n'"),
    (lambda e: e.state(3).expectation(None), TypeError, "pairs"),
    (lambda e: e.state(3).variance(3), TypeError, "pairs"),
    (lambda e: e.run(ketch.Circuit(3), observe={1, 2}), TypeError, "list of observables"),
    (lambda e: e.run(ketch.Circuit(3), observe="nrm"), TypeError, "norm"),
    (lambda e: e.run(ketch.Circuit(3), observe=3), ketch.BadIndexError, "0..2"),
    (lambda e: e.run(ketch.Circuit(3), observe=["XXX"]), TypeError, "observe"),
    (lambda e: e.run(ketch.Circuit(3), observe=[Probabilities(3)]), ketch.BadIndexError, "0..2"),
    (lambda e: e.run(ketch.Circuit(3), observe=[Probabilities((0, 0))]), ketch.RangeError, "0"),
    (lambda e: e.run(ketch.Circuit(3), observe=[None]), TypeError, "int"),
    (lambda e: Probabilities("0"), TypeError, "int"),
    (lambda e: Probabilities([0.5]), TypeError, "int"),
    (lambda e: Variance("XA"), ketch.RangeError, "'A'"),
    (lambda e: e.state(3).reduced_density_matrix(3), ketch.BadIndexError, "0..2"),
    (lambda e: e.state(3).reduced_density_matrix(-1), ketch.BadIndexError, "0..2"),
    (lambda e: e.state(3).reduced_density_matrix([1, 1]), ketch.RangeError, "1"),
    (lambda e: e.state(13).reduced_density_matrix(range(13)), ketch.RangeError, "12"),
    (lambda e: e.state(3).reduced_density_matrix("0"), TypeError, "int"),
    (lambda e: e.state(3).reduced_density_matrix(None), TypeError, "int"),
    (lambda e: e.state(3).entropy(3), ketch.BadIndexError, "0..2"),
    (lambda e: e.state(3).entropy(2**40), ketch.BadIndexError, "0..2"),
    (lambda e: e.state(3).entropy([1, 1]), ketch.RangeError, "1"),
    (lambda e: e.state(3).entropy([0, 1, 2, 2]), ketch.RangeError, "0..3"),
    (lambda e: e.state(3).entropy("0"), TypeError, "int"),
    (lambda e: e.state(3).fidelity(e.state(2)), ketch.RangeError, "2"),
    (lambda e: e.state(3).fidelity(e.state(3, precision="single")), ketch.RangeError, ""),
    (lambda e: e.state(3).fidelity(e.state(3).amplitudes()), TypeError, "State"),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED)
def test_wrong_readings_are_refused(
    engine: ketch.Engine, call: Callable[[Any], object], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind) as caught:
        call(engine)
    assert text in str(caught.value)


def test_statuses_tell_kinds_apart(engine: ketch.Engine) -> None:
    state = engine.state(3)
    for op, status in (
        ("XX", "MISMATCH"),
        ({(3, "X"): 1}, "INDEX"),
        ({((0, "X"), (0, "X")): 1}, "DUPLICATE"),
        ({"XAX": 1}, "RANGE"),
        ({"XXX": 1j}, "RANGE"),
        ({"XXX": NAN}, "NONFINITE"),
    ):
        with pytest.raises(ketch.Error) as caught:
            state.expectation(op)  # type: ignore[arg-type]
        assert caught.value.status == status
