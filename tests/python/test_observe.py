"""What is asked of a run's final state."""

from collections.abc import Callable

import numpy
import pytest

import ketch

SUM = {(0, 1): 0.5, (16, 3, 2): -1.25, (4,): 2, (): 0.75}


def _circuit(qubits: int, seed: int, bits: int = 0) -> ketch.Circuit:
    draw = numpy.random.default_rng(seed)
    circuit = ketch.Circuit(qubits, bits)
    for _ in range(2):
        for qubit in range(qubits):
            circuit.ry(float(draw.uniform(0, 3)), qubit)
        for qubit in range(qubits - 1):
            circuit.cx(qubit, qubit + 1)
    return circuit


def _weights(state: numpy.ndarray) -> numpy.ndarray:
    return abs(state.astype(numpy.complex128)) ** 2


def _expect(weights: numpy.ndarray, terms: dict) -> float:
    index = numpy.arange(len(weights))
    total = 0.0
    for qubits, coefficient in terms.items():
        sign = numpy.ones(len(weights))
        for qubit in qubits if isinstance(qubits, tuple) else (qubits,):
            sign *= 1 - 2 * (index >> qubit & 1)
        total += coefficient * float((weights * sign).sum())
    return total


@pytest.mark.parametrize("precision", ["double", "single"])
def test_observed_is_what_numpy_computes(engine: ketch.Engine, precision: str) -> None:
    plain = engine.run(_circuit(17, 1), precision=precision)
    asked = ["norm", SUM, [16, 2], {3: 1.0}, (5,), range(17)]
    result = engine.run(_circuit(17, 1), precision=precision, observe=asked)
    norm, total, two, single, one, everything = result.observed
    weights = _weights(result.state)
    index = numpy.arange(2**17)
    assert (plain.state == result.state).all() and plain.observed == []
    assert norm == pytest.approx(weights.sum() ** 0.5, abs=1e-13)
    assert total == pytest.approx(_expect(weights, SUM), abs=1e-13)
    assert single == pytest.approx(_expect(weights, {3: 1.0}), abs=1e-13)
    expected = numpy.bincount((index >> 16) | (index >> 2 & 1) << 1, weights)
    assert two == pytest.approx(expected, abs=1e-13)
    assert one == pytest.approx(numpy.bincount(index >> 5 & 1, weights), abs=1e-13)
    assert everything == pytest.approx(weights, abs=1e-15)


def test_observed_with_shots_is_of_the_state_before_them(engine: ketch.Engine) -> None:
    circuit = _circuit(5, 2, 5).measure(range(5), range(5))
    state = engine.run(_circuit(5, 2)).state
    result = engine.run(circuit, shots=50, seed=1, observe=[{0: 1.0}])
    assert result.observed == [pytest.approx(_expect(_weights(state), {0: 1}), abs=1e-13)]
    collapsed = engine.run(circuit, seed=1, observe=[{0: 1.0}])
    assert collapsed.observed == [pytest.approx(1 - 2 * int(collapsed.bits[0, 0]))]


def test_every_way_to_run_observes(engine: ketch.Engine) -> None:
    circuit = _circuit(4, 3)
    (expected,) = engine.run(circuit, observe=["norm"]).observed
    assert engine.prepare(circuit).run(observe=["norm"]).observed == [expected]
    assert engine.apply(circuit, engine.state(4), observe=["norm"]).observed == [expected]
    assert ketch.run(circuit, observe=["norm"]).observed == [expected]
    assert engine.run(circuit).observed == []


def test_observed_of_a_stopped_run_is_there_at_its_end(engine: ketch.Engine) -> None:
    circuit = _circuit(17, 4)
    straight = engine.run(circuit, observe=["norm", SUM]).observed
    stop = ketch.Stop()
    stop.set()
    result = engine.run(circuit, observe=["norm", SUM], stop=stop)
    with pytest.raises(ketch.SuspendedError):
        _ = result.observed
    assert engine.resume(result).observed == straight


def test_the_expectation_of_a_state_is_what_numpy_computes(engine: ketch.Engine) -> None:
    state = engine.state(_circuit_state(engine))
    weights = _weights(state.amplitudes())
    assert state.expectation(SUM) == pytest.approx(_expect(weights, SUM), abs=1e-13)
    assert state.expectation({}) == 0
    assert state.expectation({(): 3}) == pytest.approx(3)
    found = state.expectation(SUM)
    engine.close()
    assert state.expectation(SUM) == found


def _circuit_state(engine: ketch.Engine) -> numpy.ndarray:
    return engine.run(_circuit(17, 5)).state


CASES: list[tuple[Callable[[ketch.Engine], object], type[Exception]]] = [
    (lambda e: e.run(_circuit(3, 1), observe="nrm"), TypeError),
    (lambda e: e.run(_circuit(3, 1), observe=["energy"]), TypeError),
    (lambda e: e.run(_circuit(3, 1), observe=[{3: 1.0}]), IndexError),
    (lambda e: e.run(_circuit(3, 1), observe=[{(0, 0): 1.0}]), ValueError),
    (lambda e: e.run(_circuit(3, 1), observe=[{-1: 1.0}]), IndexError),
    (lambda e: e.run(_circuit(3, 1), observe=[[0, 3]]), IndexError),
    (lambda e: e.run(_circuit(3, 1), observe=[[1, 1]]), ValueError),
    (lambda e: e.run(_circuit(3, 1), observe=[{0: float("nan")}]), ValueError),
    (lambda e: e.run(ketch.Circuit(1, 1).h(0).reset(0), shots=2, observe=["norm"]), ValueError),
    (lambda e: e.state(3).expectation([0]), TypeError),
    (lambda e: e.state(3).expectation({0: "1"}), TypeError),
]


@pytest.mark.parametrize(("call", "kind"), CASES)
def test_wrong_observables_are_refused(
    engine: ketch.Engine, call: Callable[[ketch.Engine], object], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        call(engine)
