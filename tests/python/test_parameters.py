"""Parameters: expressions, binding, the same plan for all values, pickles, refusals."""

import asyncio
import pickle
from math import inf, nan, pi
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketch
from ketch import Parameter
from ketch._native import programs


def _ansatz(qubits: int = 4) -> ketch.Circuit:
    a, b = Parameter("a"), Parameter("b")
    circuit = ketch.Circuit(qubits).h(range(qubits)).rx(2 * a, range(qubits))
    for qubit in range(qubits - 1):
        circuit.rzz(a, qubit, qubit + 1).cx(qubit, qubit + 1).rz(b + 0.5, qubit + 1)
        circuit.cx(qubit, qubit + 1).cry(-b / 2, qubit, qubit + 1).u(a, 0.3, 1 - b, qubit)
    return circuit


def _by_hand(a: float, b: float, qubits: int = 4) -> ketch.Circuit:
    circuit = ketch.Circuit(qubits).h(range(qubits)).rx(2 * a, range(qubits))
    for qubit in range(qubits - 1):
        circuit.rzz(a, qubit, qubit + 1).cx(qubit, qubit + 1).rz(b + 0.5, qubit + 1)
        circuit.cx(qubit, qubit + 1).cry(-b / 2, qubit, qubit + 1).u(a, 0.3, 1 - b, qubit)
    return circuit


def _off(one: ketch.Result, two: ketch.Result) -> float:
    return float(numpy.abs(numpy.asarray(one.state) - numpy.asarray(two.state)).max())


def test_parameters_make_linear_functions() -> None:
    theta = Parameter("theta")
    assert (theta.name, theta.factor, theta.offset) == ("theta", 1.0, 0.0)
    assert 2 * theta + 0.5 == Parameter("theta", 2, 0.5) == 0.5 + theta * 2
    assert (1 - theta) / 2 == Parameter("theta", -0.5, 0.5)
    assert -(theta - 1) == Parameter("theta", -1, 1)
    assert numpy.float64(2) * theta == 2 * theta
    assert theta == Parameter("theta") != Parameter("phi")
    assert len({theta, Parameter("theta"), 2 * theta}) == 2
    assert repr(theta) == "theta"
    assert repr(2 * theta - 0.5) == "2.0 * theta + -0.5"
    assert pickle.loads(pickle.dumps(2 * theta + 1)) == 2 * theta + 1
    with pytest.raises(AttributeError):
        theta.factor = 2.0


def test_what_is_not_linear_in_one_parameter_is_refused() -> None:
    a, b = Parameter("a"), Parameter("b")
    for wrong in (lambda: a + b, lambda: a * b, lambda: a - a, lambda: a / b, lambda: 1 / a):
        with pytest.raises(TypeError):
            wrong()
    for bad in (lambda: a * nan, lambda: a + inf, lambda: Parameter("a", inf)):
        with pytest.raises(ketch.RangeError):
            bad()
    with pytest.raises(TypeError):
        a + "1"  # type: ignore[operator]


def test_parameters_are_named_in_order_of_use() -> None:
    circuit = _ansatz()
    assert circuit.parameters == ("a", "b")
    assert len(circuit) == len(_by_hand(0, 0))
    assert ketch.Circuit(1).h(0).parameters == ()


VALUES = st.sampled_from([0.0, pi / 2, pi, 2 * pi, -pi, 1e-9, 1e3]) | st.floats(-10, 10)


@settings(max_examples=60, deadline=None)
@given(a=VALUES, b=VALUES, precision=st.sampled_from(["double", "single"]))
def test_a_bound_circuit_is_the_one_written_by_hand(a: float, b: float, precision: str) -> None:
    want = ketch.run(_by_hand(a, b), precision=precision)
    bound = 1e-12 if precision == "double" else 1e-5
    assert _off(ketch.run(_CIRCUIT, values=[a, b], precision=precision), want) < bound
    assert _off(ketch.run(_CIRCUIT.bind([a, b]), precision=precision), want) < bound


_CIRCUIT = _ansatz()


def test_values_are_given_by_name_or_in_order(engine: ketch.Engine) -> None:
    circuit, a, b = _ansatz(), Parameter("a"), Parameter("b")
    want = engine.run(circuit, values=[0.25, 0.5])
    prepared = engine.prepare(circuit)
    ways: list[Any] = [(0.25, 0.5), numpy.array([0.25, 0.5]), {"b": 0.5, "a": 0.25}]
    ways += [{a: 0.25, b: 0.5}, {"a": 0.25, b: 0.5}]
    for values in ways:
        assert _off(engine.run(circuit, values=values), want) == 0
        assert _off(prepared.run(values), want) == 0
    state = engine.state(4)
    engine.apply(circuit, state, values=ways[0])
    assert numpy.array_equal(state.amplitudes(), want.state)


def test_other_values_plan_nothing(engine: ketch.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    create = programs.create

    def counted(*arguments: Any, **options: Any) -> Any:
        made.append(arguments)
        return create(*arguments, **options)

    monkeypatch.setattr(programs, "create", counted)
    circuit = _ansatz()
    prepared = engine.prepare(circuit)
    plan = prepared.plan
    kept = []
    for i in range(20):
        kept.append(engine.run(circuit, values=[0.1 * i, 1.0]))
        prepared.run([0.1 * i, 1.0])
    assert prepared.plan == plan
    assert len(made) == 1
    for i in range(20):
        assert _off(kept[i], engine.run(_by_hand(0.1 * i, 1.0))) < 1e-12


def test_results_are_resumed_with_their_own_values(engine: ketch.Engine) -> None:
    circuit = _ansatz()
    calls: list[int] = []

    def hook(step: ketch.Step) -> bool:
        calls.append(step.done)
        return True

    stopped = engine.run(circuit, values=[0.3, 0.7], hook=hook, hook_every=5)
    assert stopped.stopped
    for i in range(5):
        engine.run(circuit, values=[i, i], hook_every=5)
    engine.resume(stopped)
    assert not stopped.stopped
    assert _off(stopped, engine.run(_by_hand(0.3, 0.7))) < 1e-12


def test_a_sequence_of_parameters_adds_a_gate_for_each() -> None:
    names = [Parameter(f"t{i}") for i in range(3)]
    circuit = ketch.Circuit(3).ry(names, range(3)).rz([0.5, names[0], 1], [0, 1, 2])
    circuit.controlled("rx", names[2], 0, controls={1: 0, 2: 1})
    assert circuit.parameters == ("t0", "t1", "t2")
    by_hand = ketch.Circuit(3).ry([0.1, 0.2, 0.3], range(3)).rz([0.5, 0.1, 1], [0, 1, 2])
    by_hand.controlled("rx", 0.3, 0, controls={1: 0, 2: 1})
    assert len(circuit) == len(by_hand)
    assert _off(ketch.run(circuit, values=[0.1, 0.2, 0.3]), ketch.run(by_hand)) < 1e-12


def test_copies_and_pickles_keep_parameters() -> None:
    circuit = _ansatz()
    longer = circuit.copy().rx(Parameter("c"), 0)
    assert (circuit.parameters, longer.parameters) == (("a", "b"), ("a", "b", "c"))
    for twin in (circuit.copy(), pickle.loads(pickle.dumps(circuit))):
        assert twin.parameters == circuit.parameters
        assert _off(ketch.run(twin, values=[1, 2]), ketch.run(circuit, values=[1, 2])) == 0
    closed = circuit.bind({"a": 1, "b": 2})
    assert closed.parameters == ()
    assert len(closed) == len(circuit)
    assert pickle.loads(pickle.dumps(closed)).parameters == ()


def test_a_circuit_of_a_text_takes_parameters() -> None:
    text = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; h q[0]; cx q[0],q[1];'
    circuit = ketch.Circuit.from_qasm(text).rx(Parameter("a"), 1)
    want = ketch.run(ketch.Circuit(2).h(0).cx(0, 1).rx(0.4, 1))
    assert _off(ketch.run(circuit, values=[0.4]), want) < 1e-12
    twin = pickle.loads(pickle.dumps(circuit))
    assert _off(ketch.run(twin, values={"a": 0.4}), want) < 1e-12


def test_shots_use_the_values(engine: ketch.Engine) -> None:
    circuit = ketch.Circuit(1, 1).ry(Parameter("a"), 0).measure(0, 0)
    assert engine.run(circuit, values=[pi], shots=50).counts == {"1": 50}
    assert engine.run(circuit, values=[0], shots=50).counts == {"0": 50}


def test_an_awaited_run_uses_the_values(engine: ketch.Engine) -> None:
    circuit = _ansatz()
    result = asyncio.run(engine.arun(circuit, values=[0.25, 0.5]))
    assert _off(result, engine.run(circuit, values=[0.25, 0.5])) == 0


def test_wrong_values_are_refused(engine: ketch.Engine) -> None:
    circuit = _ansatz()
    wrong: list[Any] = [None, [1], [1, 2, 3], {"a": 1}, {"a": 1, "c": 2}, {"a": 1, "b": 2, "c": 3}]
    for values in wrong:
        with pytest.raises(ketch.RangeError):
            engine.run(circuit, values=values)
    for bad in (nan, inf, -inf):
        with pytest.raises(ketch.RangeError):
            engine.run(circuit, values=[bad, 0])
        with pytest.raises(ketch.RangeError):
            circuit.bind([bad, 0])
    with pytest.raises(ketch.RangeError):
        engine.run(circuit, values=[1e308, 0])
    for kind in (["x", 0], {Parameter("a") * 2: 1, "b": 2}, {1: 1, 2: 2}):
        with pytest.raises(TypeError):
            engine.run(circuit, values=kind)  # type: ignore[arg-type]
    with pytest.raises(ketch.RangeError):
        engine.run(ketch.Circuit(1), values=[1])
    assert _off(engine.run(circuit, values=[1, 2]), engine.run(_by_hand(1, 2))) < 1e-12


def test_a_refused_gate_changes_nothing() -> None:
    circuit = ketch.Circuit(2)
    a, b = Parameter("a"), Parameter("b")
    for wrong in (
        lambda: circuit.rx(a, 2),
        lambda: circuit.rzz(a, 1, 1),
        lambda: circuit.rx([a, b], [0, 5]),
        lambda: circuit.controlled("rx", a, 0, controls=[0]),
        lambda: circuit.gates(["rx"], [0], [a]),  # type: ignore[list-item]
    ):
        with pytest.raises((ketch.Error, TypeError)):
            wrong()
    assert (len(circuit), circuit.parameters) == (0, ())
