"""Parameters: expressions, binding, the same plan for all values, pickles, refusals."""

import asyncio
import copy
import json
import pickle
from math import inf, nan, pi
from pathlib import Path
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
    assert repr(2 * theta - 0.5) == "2.0 * theta - 0.5"
    assert (repr(-theta), repr(0 * theta)) == ("-theta", "0.0 * theta")
    assert pickle.loads(pickle.dumps(2 * theta + 1)) == 2 * theta + 1
    with pytest.raises(AttributeError):
        theta.factor = 2.0  # type: ignore[misc]


def test_sums_of_parameters_are_expressions() -> None:
    a, b, c = Parameter("a"), Parameter("b"), Parameter("c")
    assert (a - b / 2 + 0.1).terms == {"a": 1.0, "b": -0.5}
    assert (a - b / 2 + 0.1).offset == 0.1
    assert repr(2 * (a - b) + c - 0.5) == "2.0 * a - 2.0 * b + c - 0.5"
    assert repr(1 - (a + b)) == "-a - b + 1.0"
    assert a + b == b + a == ketch.ParameterExpression({"a": 1, "b": 1}) != a + c
    assert a + a == 2 * a and type(a + a) is Parameter
    assert len({a + b, b + a, a - b}) == 2
    assert sum([a, b, c]) == a + b + c
    for one in (a + b, 2 * a - b + 0.3):
        assert pickle.loads(pickle.dumps(one)) == one
        assert copy.deepcopy(one) == one
    with pytest.raises(AttributeError):
        (a + b).offset = 1.0


def test_what_cancels_stays_a_parameter() -> None:
    a, b = Parameter("a"), Parameter("b")
    assert a - a == 0 * a == Parameter("a", 0) and repr(a - a) == "0.0 * a"
    assert (a + b - b).terms == {"a": 1.0, "b": 0.0}
    assert ketch.Circuit(1).rx(a - a, 0).parameters == ("a",)


def test_what_is_not_linear_is_refused() -> None:
    a, b = Parameter("a"), Parameter("b")
    for wrong in (lambda: a * b, lambda: a / b, lambda: 1 / a, lambda: (a + b) * a, lambda: a**2):
        with pytest.raises(TypeError):
            wrong()
    none: Any = {}
    with pytest.raises(ketch.RangeError, match="at least one parameter"):
        ketch.ParameterExpression(none)
    with pytest.raises(TypeError, match="given list, allowed a mapping"):
        ketch.ParameterExpression([1])  # type: ignore[arg-type]
    with pytest.raises(ketch.RangeError, match="offset is not finite: given inf"):
        (a + 1e308) + (b + 1e308)
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
    wrong += [{"a": 1, Parameter("a"): 1, "b": 2}, {"a": 1, "b": 2, ketch.Parameters("c", 1): [3]}]
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


# ---- sums


NAMES = "abcd"
COMBINATION = st.tuples(
    st.dictionaries(st.sampled_from(NAMES), st.floats(-3, 3), max_size=4), st.floats(-3, 3)
)
ONES = ["rx", "ry", "rz", "p", "u1"]


def _expression(factors: dict[str, float], offset: float) -> Any:
    return sum((f * Parameter(name) for name, f in factors.items()), start=offset)


def _number(factors: dict[str, float], offset: float, values: dict[str, float]) -> float:
    return offset + sum(f * values[name] for name, f in factors.items())


def _mixed(angles: list[Any]) -> ketch.Circuit:
    """Gates of several kinds, with and without controls, by these angles."""
    circuit = ketch.Circuit(3).h(range(3))
    for i, angle in enumerate(angles):
        getattr(circuit, ONES[i % len(ONES)])(angle, i % 3)
        circuit.u(angle, angles[0], 0.25, (i + 1) % 3).cx(i % 3, (i + 1) % 3)
        circuit.controlled("ry", angle, (i + 2) % 3, controls={i % 3: i % 2})
    return circuit


@settings(max_examples=60, deadline=None)
@given(
    combinations=st.lists(COMBINATION, min_size=1, max_size=6),
    numbers=st.lists(VALUES.filter(lambda x: abs(x) < 100), min_size=4, max_size=4),
    order=st.permutations(NAMES),
)
def test_combinations_are_as_the_numbers_that_they_give(
    combinations: list[tuple[dict[str, float], float]], numbers: list[float], order: list[str]
) -> None:
    values = dict(zip(NAMES, numbers, strict=True))
    open_circuit = _mixed([_expression(*each) for each in combinations])
    want = ketch.run(_mixed([_number(*each, values) for each in combinations]))
    given_values = {name: values[name] for name in open_circuit.parameters}
    assert _off(ketch.run(open_circuit, values=given_values), want) < 1e-12
    assert _off(ketch.run(open_circuit.bind(given_values)), want) < 1e-12
    parts = open_circuit
    for name in order:
        if name in open_circuit.parameters:
            before = parts.parameters
            parts = parts.bind({name: values[name]})
            assert parts.parameters == tuple(each for each in before if each != name)
    assert parts.parameters == ()
    assert _off(ketch.run(parts), want) < 1e-12


def test_a_partly_bound_circuit_is_run_with_the_rest(engine: ketch.Engine) -> None:
    a, b, c = Parameter("a"), Parameter("b"), Parameter("c")
    circuit = ketch.Circuit(2).h([0, 1]).rx(a - 2 * b + c, 0).rzz(b, 0, 1).ry(c + 1, 1).rx(a, 1)
    want = engine.run(circuit, values=[0.1, 0.2, 0.3])
    part = circuit.bind({"b": 0.2})
    assert (circuit.parameters, part.parameters) == (("a", "b", "c"), ("a", "c"))
    assert _off(engine.run(part, values=[0.1, 0.3]), want) < 1e-14
    assert _off(engine.run(part, values={a: 0.1, c: 0.3}), want) < 1e-14
    assert circuit.bind({}).parameters == circuit.parameters
    longer = part.rx(b, 0)
    assert longer.parameters == ("a", "c", "b")
    with pytest.raises(ketch.RangeError, match="given a, b, allowed a, c"):
        circuit.bind({"b": 0.2}).bind({"a": 0.1, "b": 0.2})
    for bad in ({"b": nan}, {"b": 1e308}, [0.1], {"b": 0.2, b: 0.2}):
        with pytest.raises(ketch.RangeError):
            circuit.bind(bad)  # type: ignore[arg-type]
    assert _off(engine.run(circuit, values=[0.1, 0.2, 0.3]), want) == 0


def test_the_gradient_of_a_sum_has_a_part_for_each_parameter(engine: ketch.Engine) -> None:
    """<Z> after ry(a - 2 b) is cos(a - 2 b)."""
    a, b = Parameter("a"), Parameter("b")
    program = engine.prepare(ketch.Circuit(1).ry(a - 2 * b, 0))

    def expectation(x: float, y: float) -> float:
        return program.run([x, y], observe=[{0: 1}]).observed[0]

    x, y, step = 0.7, 0.2, 1e-5
    slope = numpy.sin(x - 2 * y)
    by_a = (expectation(x + step, y) - expectation(x - step, y)) / (2 * step)
    by_b = (expectation(x, y + step) - expectation(x, y - step)) / (2 * step)
    assert by_a == pytest.approx(-slope, abs=1e-9)
    assert by_b == pytest.approx(2 * slope, abs=1e-9)


def test_stored_sums_load_again() -> None:
    a, b = Parameter("a"), Parameter("b")
    circuit = ketch.Circuit(2).h(0).rx(a + 2 * b - 0.5, 0).cp(b, 0, 1)
    stored = json.loads(json.dumps(circuit.__getstate__()))
    from_text = ketch.Circuit.__new__(ketch.Circuit)
    from_text.__setstate__(stored)
    want = ketch.run(circuit, values=[0.3, 0.7])
    for twin in (from_text, pickle.loads(pickle.dumps(circuit)), circuit.copy()):
        assert twin.parameters == ("a", "b")
        assert _off(ketch.run(twin, values=[0.3, 0.7]), want) == 0
    assert stored["format"] == 2
    assert ketch.Circuit(1).rx(a, 0).__getstate__()["format"] == 1


def test_a_saved_run_of_sums_goes_on(engine: ketch.Engine, tmp_path: Path) -> None:
    circuit = ketch.Circuit(3).h(range(3))
    w = ketch.Parameters("w", 6)
    for i in range(6):
        circuit.rx(w[i] - 0.5 * w[(i + 1) % 6], i % 3).cx(i % 3, (i + 1) % 3)
    values = {w: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}
    stopped = engine.run(circuit, values=values, hook=lambda step: step.done > 6, hook_every=2)
    assert stopped.stopped
    stopped.save(tmp_path / "run")
    loaded = engine.load(tmp_path / "run")
    engine.resume(loaded)
    assert _off(loaded, engine.run(circuit, values=values, hook_every=2)) == 0


# ---- vectors


def test_vectors_are_sequences_of_parameters() -> None:
    w = ketch.Parameters("w", 12)
    assert (len(w), w.name, repr(w)) == (12, "w", "Parameters('w', 12)")
    assert w[0] == w[-12] == Parameter("w[0]") and w[numpy.int64(11)] == Parameter("w[11]")
    assert w[2:6:2] == (Parameter("w[2]"), Parameter("w[4]"))
    assert list(w) == [w[i] for i in range(12)] and w[3] in w and Parameter("w[12]") not in w
    assert w == ketch.Parameters("w", 12) != ketch.Parameters("w", 11)
    assert hash(w) == hash(pickle.loads(pickle.dumps(w)))
    for bad in (12, -13):
        with pytest.raises(ketch.BadIndexError, match=f"given {bad}, allowed -12..11"):
            w[bad]
    for count in (0, -1, 2**20 + 1):
        with pytest.raises(ketch.RangeError, match=f"given {count}, allowed 1..1048576"):
            ketch.Parameters("w", count)
    for name, count in ((1, 2), ("w", 2.0), ("w", True)):
        with pytest.raises(TypeError):
            ketch.Parameters(name, count)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        w.name = "v"


def test_values_of_a_vector_are_given_at_once(engine: ketch.Engine) -> None:
    w, a = ketch.Parameters("w", 4), Parameter("a")
    circuit = ketch.Circuit(4).ry(w, range(4)).rx(a, 0).rz(w[1] + w[2], [1, 2]).rx(w[0], 3)
    numbers = [0.1, 0.2, 0.3, 0.4]
    assert circuit.parameters == ("w[0]", "w[1]", "w[2]", "w[3]", "a")
    want = engine.run(circuit, values=[*numbers, 0.5])
    ways: list[Any] = [
        {w: numbers, a: 0.5},
        {"w": numbers, "a": 0.5},
        {"w": tuple(numbers), a: 0.5},
    ]
    ways += [{w: numpy.array(numbers), "a": 0.5}, dict(zip(w, numbers, strict=True)) | {a: 0.5}]
    for values in ways:
        assert _off(engine.run(circuit, values=values), want) == 0
        assert _off(engine.run(circuit.bind(values)), want) < 1e-14
    part = circuit.bind({w[1]: 0.2})
    for values in ways[:4]:
        assert _off(engine.run(part, values=values), want) < 1e-14
    assert circuit.bind({w: numbers}).parameters == ("a",)


@pytest.mark.parametrize(
    ("values", "kind", "text"),
    [
        ({"w": [1, 2, 3], "a": 0}, ketch.RangeError, "values of w: given 3, allowed 4"),
        ({"w": [1, 2, 3, 4, 5], "a": 0}, ketch.RangeError, "values of w: given 5, allowed 4"),
        ({ketch.Parameters("w", 5): [0] * 4}, ketch.RangeError, "given 4, allowed 5"),
        ({ketch.Parameters("v", 2): [0, 1]}, ketch.RangeError, "given v.0., allowed w.0., w.1.,"),
        ({ketch.Parameters("w", 4): 1.0}, TypeError, "given float, allowed a sequence of float"),
        ({"w": [1, 2, 3, "x"], "a": 0}, TypeError, "given str, allowed float"),
        ({"w": [1, 2, 3, 4], "w[0]": 1, "a": 0}, ketch.RangeError, "given w.0. twice"),
        ({"v": [1, 2, 3, 4], "a": 0}, ketch.RangeError, "given v, allowed w.0."),
        ({"w": 1.0, "a": 0}, ketch.RangeError, "given w, allowed w.0."),
        ({"w": [1, 2, 3, 4], "a": [1.0]}, TypeError, "given list, allowed float"),
    ],
)
def test_wrong_values_of_vectors_are_refused(values: Any, kind: type[Exception], text: str) -> None:
    w = ketch.Parameters("w", 4)
    circuit = ketch.Circuit(4).ry(w, range(4)).rx(Parameter("a"), 0)
    for call in (lambda: ketch.run(circuit, values=values), lambda: circuit.bind(values)):
        with pytest.raises(kind, match=text):
            call()
