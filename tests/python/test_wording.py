"""Wrong calls, and what a user reads of each: a golden text, one traceback, Python's own words."""

import ast
import os
import re
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import ketch
from ketch import Circuit, Engine, PauliSum, glia

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden" / "python_errors.txt"
HEAD = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; '
ENGINE = Engine(threads=1)
A, W = ketch.Parameter("a"), ketch.Parameters("w", 3)
MEASURED = Circuit(1, 1).measure(0, 0)
OPEN = Circuit(1).rx(A, 0)
BELL = Circuit(2).h(0).cx(0, 1)
NET = glia.Network.from_arrays(["S0", "O0"], [[0, 60], [0, 0]], mode="compat")
EPISODES = [(glia.create_sequence_from_array([[200.0]], ["S0"]), "O0")]

# What each call is told by, and a function that makes it.
CALLS: dict[str, Callable[[], object]] = {
    # circuits
    "Circuit()": lambda: Circuit(),  # type: ignore[call-arg]
    "Circuit(0)": lambda: Circuit(0),
    "Circuit(59)": lambda: Circuit(59),
    "Circuit(3.0)": lambda: Circuit(3.0),  # type: ignore[arg-type]
    "Circuit([3])": lambda: Circuit([3]),  # type: ignore[arg-type]
    "Circuit(1, -1)": lambda: Circuit(1, -1),
    "Circuit({1: 2})": lambda: Circuit({1: 2}),  # type: ignore[dict-item]
    "Circuit({'q': 0})": lambda: Circuit({"q": 0}),
    "h()": lambda: Circuit(2).h(),  # type: ignore[call-arg]
    "h(2)": lambda: Circuit(2).h(2),
    "x(0).h(-1)": lambda: Circuit(2).x(0).h(-1),
    "h(0.5)": lambda: Circuit(2).h(0.5),  # type: ignore[arg-type]
    "h('0')": lambda: Circuit(2).h("0"),  # type: ignore[arg-type]
    "h(None)": lambda: Circuit(2).h(None),  # type: ignore[arg-type]
    "h({0, 1})": lambda: Circuit(2).h({0, 1}),  # type: ignore[arg-type]
    "h([0, [1]])": lambda: Circuit(2).h([0, [1]]),  # type: ignore[list-item]
    "h([0, 1, 5])": lambda: Circuit(2).h([0, 1, 5]),
    "cx([0, 1], [1, 1])": lambda: Circuit(2).cx([0, 1], [1, 1]),
    "cx(1, 1)": lambda: Circuit(2).cx(1, 1),
    "cx([0, 1], [1, 2, 0])": lambda: Circuit(3).cx([0, 1], [1, 2, 0]),
    "rx(0)": lambda: Circuit(2).rx(0),  # type: ignore[call-arg]
    "rx(0, 0.5)": lambda: Circuit(2).rx(0, 0.5),  # type: ignore[arg-type]
    "rx('a', 0)": lambda: Circuit(2).rx("a", 0),  # type: ignore[arg-type]
    "rx(nan, 0)": lambda: Circuit(2).rx(float("nan"), 0),
    "rx([1, nan], 0)": lambda: Circuit(2).rx([1.0, float("nan")], 0),
    "rx([a, 1], [0, 2])": lambda: Circuit(2).rx([A, 1.0], [0, 2]),
    "u(0, inf, 0, 0)": lambda: Circuit(2).u(0, float("inf"), 0, 0),
    "rx(1j, 0)": lambda: Circuit(2).rx(1j, 0),  # type: ignore[arg-type]
    "rx(a * a, 0)": lambda: Circuit(2).rx(A * A, 0),  # type: ignore[operator]
    "hadamart(0)": lambda: Circuit(2).hadamart(0),  # type: ignore[attr-defined]
    "gates(['foo'], [0])": lambda: Circuit(2).gates(["foo"], [0]),
    "gates('xs', [0])": lambda: Circuit(2).gates("xs", [0]),
    "gates(['rx'], [0], ['a'])": lambda: Circuit(2).gates(["rx"], [0], ["a"]),  # type: ignore[list-item]
    "gates(['h'], [0, 1])": lambda: Circuit(2).gates(["h"], [0, 1]),
    "gates(['rx'], [0])": lambda: Circuit(2).gates(["rx"], [0]),
    "gates(['h', 'cx'], [0, 1])": lambda: Circuit(2).gates(["h", "cx"], [0, 1]),
    "gates(['h', 'cx'], [0, 1, 1])": lambda: Circuit(2).gates(["h", "cx"], [0, 1, 1]),
    "gates(['measure'], [0])": lambda: Circuit(2).gates(["measure"], [0]),
    "controlled('foo', 0, controls=1)": lambda: Circuit(2).controlled("foo", 0, controls=1),
    "controlled('x', controls=1)": lambda: Circuit(2).controlled("x", controls=1),
    "controlled('x', 0, controls=0)": lambda: Circuit(2).controlled("x", 0, controls=0),
    "controlled('x', 0, controls=5)": lambda: Circuit(2).controlled("x", 0, controls=5),
    "controlled('x', 0, controls='1')": lambda: Circuit(2).controlled("x", 0, controls="1"),  # type: ignore[arg-type]
    "controlled('x', 0, controls={1: 2})": lambda: Circuit(2).controlled("x", 0, controls={1: 2}),
    "unitary([[1, 1], [0, 1]], 0)": lambda: Circuit(1).unitary([[1, 1], [0, 1]], 0),
    "unitary(eye(3), [0, 1])": lambda: Circuit(2).unitary(numpy.eye(3), [0, 1]),
    "unitary(eye(2), [0, 1])": lambda: Circuit(2).unitary(numpy.eye(2), [0, 1]),
    "unitary(eye(128), range(7))": lambda: Circuit(7).unitary(numpy.eye(128), range(7)),
    "unitary([[1], [0, 1]], 0)": lambda: Circuit(1).unitary([[1], [0, 1]], 0),
    "unitary([[nan, 0], [0, 1]], 0)": lambda: Circuit(1).unitary([[numpy.nan, 0], [0, 1]], 0),
    "diagonal([1, 2], 0)": lambda: Circuit(1).diagonal([1, 2], 0),
    "permutation([0, 0], 0)": lambda: Circuit(1).permutation([0, 0], 0),
    "permutation([0, 1, 2], 0)": lambda: Circuit(1).permutation([0, 1, 2], 0),
    "pauli_rotation(1, 'XQ', [0, 1])": lambda: Circuit(2).pauli_rotation(1, "XQ", [0, 1]),
    "pauli_rotation(1, 'X', [0, 1])": lambda: Circuit(2).pauli_rotation(1, "X", [0, 1]),
    "initialize([1, 1])": lambda: Circuit(1).initialize([1, 1]),
    "initialize([1, 0, 0])": lambda: Circuit(1).initialize([1, 0, 0]),
    "initialize('0x')": lambda: Circuit(2).initialize("0x"),
    "measure(0, 2)": lambda: Circuit(2, 2).measure(0, 2),
    "measure(0)": lambda: Circuit(2, 2).measure(0),  # type: ignore[call-arg]
    "measure([0, 1], 0)": lambda: Circuit(2, 2).measure([0, 1], 0),
    "measure_all() with 1 bit": lambda: Circuit(2, 1).measure_all(),
    "barrier([0, 5])": lambda: Circuit(2).barrier([0, 5]),
    "condition('x', 1)": lambda: Circuit(2, 2).condition("x", 1),
    "condition([1, 0], 1)": lambda: Circuit(2, 2).condition([1, 0], 1),
    "condition('c', -1)": lambda: Circuit(2, 2).condition("c", -1),
    "condition('c', 4)": lambda: Circuit(2, 2).condition("c", 4).__enter__(),
    "measure(0, 0).inverse()": lambda: MEASURED.inverse(),
    "append(3 qubits)": lambda: BELL.copy().append(Circuit(3).h(0)),
    "append(3 qubits, [0, 1])": lambda: BELL.copy().append(Circuit(3).h(0), [0, 1]),
    "append('h')": lambda: BELL.copy().append("h"),  # type: ignore[arg-type]
    "bell[5]": lambda: BELL[5],
    "bell['a']": lambda: BELL["a"],  # type: ignore[call-overload]
    "control(-1)": lambda: BELL.control(-1),
    "control(2, values=[1])": lambda: BELL.control(2, values=[1]),
    "power(0.5)": lambda: BELL.power(0.5),  # type: ignore[arg-type]
    "repeat(-1)": lambda: BELL.repeat(-1),
    "draw(width='a')": lambda: BELL.draw(width="a"),  # type: ignore[call-overload]
    "draw('latex')": lambda: BELL.draw("latex"),  # type: ignore[call-overload]
    "unitary to_qasm()": lambda: Circuit(1).unitary(numpy.eye(2), 0).to_qasm(),
    # texts
    "from_qasm: hh": lambda: Circuit.from_qasm(HEAD + "hh q[0];"),
    "from_qasm: q[2]": lambda: Circuit.from_qasm(HEAD + "h q[2];"),
    "from_qasm: no ;": lambda: Circuit.from_qasm(HEAD + "h q[0]"),
    "from_qasm: include": lambda: Circuit.from_qasm('OPENQASM 2.0; include "my.inc";'),
    "from_qasm: includes lack it": lambda: Circuit.from_qasm(
        HEAD + 'include "my.inc";', includes={"your.inc": ""}
    ),
    "from_qasm: includes=5": lambda: Circuit.from_qasm(HEAD, includes=5),  # type: ignore[arg-type]
    "from_qasm: an include of 5": lambda: Circuit.from_qasm(
        HEAD + 'include "m";',
        includes={"m": 5},  # type: ignore[dict-item]
    ),
    "from_qasm: limit": lambda: Circuit.from_qasm(HEAD + "x q; x q;", limit=3),
    "from_qasm_file(absent)": lambda: Circuit.from_qasm_file("absent.qasm"),
    "from_qasm_file(5)": lambda: Circuit.from_qasm_file(5),  # type: ignore[arg-type]
    "from_qasm_file(folder)": lambda: Circuit.from_qasm_file("/"),
    # runs
    "run()": lambda: ketch.run(),  # type: ignore[call-arg]
    "run('h')": lambda: ketch.run("h"),  # type: ignore[arg-type]
    "run(shot=3)": lambda: ketch.run(BELL, shot=3),  # type: ignore[call-arg]
    "run(shots=0)": lambda: ketch.run(MEASURED, shots=0),
    "run(shots=1e3)": lambda: ketch.run(MEASURED, shots=1e3),  # type: ignore[arg-type]
    "run(seed=-1)": lambda: ketch.run(MEASURED, seed=-1),
    "run(seed='a')": lambda: ketch.run(MEASURED, seed="a"),  # type: ignore[arg-type]
    "run(precision='half')": lambda: ketch.run(BELL, precision="half"),  # type: ignore[arg-type]
    "run(open)": lambda: ketch.run(OPEN),
    "run(open, values=[1, 2])": lambda: ketch.run(OPEN, values=[1, 2]),
    "run(open, values={'b': 1})": lambda: ketch.run(OPEN, values={"b": 1}),
    "run(open, values={2 * a: 1})": lambda: ketch.run(OPEN, values={2 * A: 1}),
    "run(open, values='1')": lambda: ketch.run(OPEN, values="1"),
    "run(open, values=nan)": lambda: ketch.run(OPEN, values=float("nan")),
    "run(open of two, values=1)": lambda: ketch.run(
        OPEN.copy().ry(ketch.Parameter("b"), 0), values=1
    ),
    "run(bell, values=[1])": lambda: ketch.run(BELL, values=[1]),
    "run(values={w: [1, 2]})": lambda: ketch.run(Circuit(3).ry(W, range(3)), values={W: [1, 2]}),
    "run(observe='nrm')": lambda: ketch.run(BELL, observe="nrm"),  # type: ignore[arg-type]
    "run(observe=['nrom'])": lambda: ketch.run(BELL, observe=["nrom"]),  # type: ignore[list-item]
    "run(observe=['ZZ'])": lambda: ketch.run(BELL, observe=["ZZ"]),  # type: ignore[list-item]
    "run(observe=[5])": lambda: ketch.run(BELL, observe=[5]),  # type: ignore[list-item]
    "run(observe=[[5]])": lambda: ketch.run(BELL, observe=[[5]]),
    "run(observe=[[0, 0]])": lambda: ketch.run(BELL, observe=[[0, 0]]),
    "run(observe=[{(0, 5): 1}])": lambda: ketch.run(BELL, observe=[{(0, 5): 1}]),
    "run(observe=[{'XQ': 1}])": lambda: ketch.run(BELL, observe=[{"XQ": 1}]),
    "run(observe=[{'X': 1}])": lambda: ketch.run(BELL, observe=[{"X": 1}]),
    "run(observe=[{'XX': 1j}])": lambda: ketch.run(BELL, observe=[{"XX": 1j}]),
    "run(observe=[{0: 'a'}])": lambda: ketch.run(BELL, observe=[{0: "a"}]),  # type: ignore[list-item, dict-item]
    "run(observe=[{0: nan}])": lambda: ketch.run(BELL, observe=[{0: float("nan")}]),
    "run(hook=3)": lambda: ketch.run(BELL, hook=3),  # type: ignore[arg-type]
    "run(hook of 0 arguments)": lambda: ketch.run(Circuit(1).fence(), hook=lambda: None),  # type: ignore[arg-type, misc]
    "run(hook giving 'yes')": lambda: ketch.run(Circuit(1).fence(), hook=lambda step: "yes"),  # type: ignore[arg-type, return-value]
    "run(hook_every=0)": lambda: ketch.run(BELL, hook_every=0),
    "run(timeout=-1)": lambda: ketch.run(BELL, timeout=-1),
    "run(timeout='1')": lambda: ketch.run(BELL, timeout="1"),  # type: ignore[arg-type]
    "run(stop=True)": lambda: ketch.run(BELL, stop=True),  # type: ignore[arg-type]
    "run(save='')": lambda: ketch.run(BELL, save=""),
    "run(save='/absent/x')": lambda: ketch.run(BELL, save="/absent/x"),
    "run(save_every=1)": lambda: ketch.run(BELL, save_every=1),
    "run(costs='abacus')": lambda: ketch.run(BELL, costs="abacus"),
    # engines and states
    "Engine(threads=0)": lambda: Engine(threads=0),
    "Engine(threads=1000)": lambda: Engine(threads=1000),
    "Engine(threads='2')": lambda: Engine(threads="2"),  # type: ignore[arg-type]
    "Engine(memory='many')": lambda: Engine(memory="many"),
    "Engine(kernels='sse')": lambda: Engine(kernels="sse"),
    "Engine(2)": lambda: Engine(2),  # type: ignore[misc]
    "state('0x')": lambda: ENGINE.state("0x"),
    "state('')": lambda: ENGINE.state(""),
    "state(0)": lambda: ENGINE.state(0),
    "state([1, 0, 0])": lambda: ENGINE.state([1, 0, 0]),
    "state([1, 1])": lambda: ENGINE.state([1, 1]),
    "state([0, 0])": lambda: ENGINE.state([0, 0]),
    "state(['a', 'b'])": lambda: ENGINE.state(["a", "b"]),
    "adopt([1, 0])": lambda: ENGINE.adopt([1, 0]),  # type: ignore[arg-type]
    "adopt(ints)": lambda: ENGINE.adopt(numpy.array([1, 0])),
    "apply of 2 qubits on 3": lambda: ENGINE.apply(BELL, ENGINE.state(3)),
    "apply on an array": lambda: ENGINE.apply(BELL, numpy.array([1, 0, 0, 0])),  # type: ignore[arg-type]
    "probabilities([3])": lambda: ENGINE.state(2).probabilities([3]),
    "probabilities([0, 0])": lambda: ENGINE.state(2).probabilities([0, 0]),
    "state.measure(5)": lambda: ENGINE.state(2).measure(5),
    "state.sample(0)": lambda: ENGINE.state(2).sample(0),
    "state.inner(other size)": lambda: ENGINE.state(2).inner(ENGINE.state(3)),
    "state.inner(single)": lambda: ENGINE.state(2).inner(ENGINE.state(2, precision="single")),
    "state.expectation('XXX')": lambda: ENGINE.state(2).expectation("XXX"),
    "state.expectation(5)": lambda: ENGINE.state(2).expectation(5),  # type: ignore[arg-type]
    "reduced_density_matrix(13)": lambda: ENGINE.state(13).reduced_density_matrix(range(13)),
    "load(absent)": lambda: ENGINE.load("absent.run"),
    "load(a device)": lambda: ENGINE.load(os.devnull),
    "resume(5)": lambda: ENGINE.resume(5),  # type: ignore[arg-type]
    "prepare('h')": lambda: ENGINE.prepare("h"),  # type: ignore[arg-type]
    # sums, parameters, kets
    "PauliSum(5)": lambda: PauliSum(5),  # type: ignore[arg-type]
    "PauliSum('XQ')": lambda: PauliSum("XQ"),
    "PauliSum({'X': 1, 'XX': 1})": lambda: PauliSum({"X": 1, "XX": 1}),
    "PauliSum({0: 1})": lambda: PauliSum({0: 1}),
    "PauliSum({(0, 'Q'): 1})": lambda: PauliSum({(0, "Q"): 1}),
    "PauliSum('X') + PauliSum('XX')": lambda: PauliSum("X") + PauliSum("XX"),
    "Variance(5)": lambda: ketch.Variance(5),  # type: ignore[arg-type]
    "Parameter(5)": lambda: ketch.Parameter(5),  # type: ignore[arg-type]
    "Parameters('w', 0)": lambda: ketch.Parameters("w", 0),
    "w[3]": lambda: W[3],
    "float(a)": lambda: float(A),  # type: ignore[arg-type]
    "ket('0x')": lambda: ketch.ket("0x"),
    "ket('')": lambda: ketch.ket(""),
    "ket('0').H(1)": lambda: ketch.ket("0").H(1),
    "ket('0').RX(a, 0)": lambda: ketch.ket("0").RX(A, 0),  # type: ignore[arg-type]
    "ket('0').M(1)": lambda: ketch.ket("0").M(1),
    "ket('0') - ket('0')": lambda: ketch.ket("0") - ketch.ket("0"),
    "ket('0') + ket('00')": lambda: ketch.ket("0") + ketch.ket("00"),
    # evolutions
    "evolve(net, (), data)": lambda: glia.evolve(NET, (), EPISODES),
    "evolve(net, data, ())": lambda: glia.evolve(NET, EPISODES, ()),
    "evolve(net, data, [(sequence, 'O1')])": lambda: glia.evolve(
        NET, EPISODES, [(EPISODES[0][0], "O1")]
    ),
    "evolve('absent.net', data, data)": lambda: glia.evolve("absent.net", EPISODES, EPISODES),
    "evolve(net, data, data, 5)": lambda: glia.evolve(NET, EPISODES, EPISODES, 5),  # type: ignore[arg-type]
    "evolve(net, data, data, fitness=5)": lambda: glia.evolve(
        NET,
        EPISODES,
        EPISODES,
        fitness=5,  # type: ignore[arg-type]
    ),
    "evolve(net, data, data, fitness of nan)": lambda: glia.evolve(
        NET, EPISODES, EPISODES, fitness=lambda _: float("nan")
    ),
    "evolve(net, data, data, fitness of text)": lambda: glia.evolve(
        NET,
        EPISODES,
        EPISODES,
        fitness=lambda _: "1",  # type: ignore[arg-type,return-value]
    ),
    "EvolutionConfig(population=0)": lambda: glia.EvolutionConfig(population=0),
    "EvolutionConfig(sigma_w=-1)": lambda: glia.EvolutionConfig(sigma_w=-1),
    "EvolutionConfig(patience=0)": lambda: glia.EvolutionConfig(patience=0),
    "create_evo_config(sigma_v=1)": lambda: glia.create_evo_config(sigma_v=1),
    "Population(net).tell([1])": lambda: glia.Population(NET).tell([1]),
    "Population(net).tell([nan] * 8)": lambda: glia.Population(NET).tell([numpy.nan] * 8),
    "Population(net).best": lambda: glia.Population(NET).best,
}


def _caught(name: str) -> BaseException:
    with pytest.raises((ketch.Error, TypeError, OSError, AttributeError)) as caught:
        CALLS[name]()
    return caught.value


def _told(name: str) -> str:
    error = _caught(name)
    return f"{name}\n    {type(error).__name__}: {error}\n"


def test_errors_are_as_in_the_golden_text() -> None:
    """KETCH_GOLDEN=1 writes the text anew."""
    found = "".join(map(_told, CALLS))
    if os.environ.get("KETCH_GOLDEN"):
        GOLDEN.write_text(found)
    assert len(CALLS) >= 80
    assert found.split("\n") == GOLDEN.read_text().split("\n")


# What no message may have: names of C's functions, arguments and files, and of private classes.
CS_WORDS = re.compile(
    r"ketch_\w+|\bNULL\b|resolver|_count\b|fence_every|of the call|program|CircuitGates"
    r"|Operations\.|Runner\.|Recording|_native|\bqubits\[\d+\] and"
)


@pytest.mark.parametrize("name", CALLS)
def test_an_error_has_one_traceback_and_pythons_words(name: str) -> None:
    error = _caught(name)
    lines = traceback.format_exception(error)
    assert sum(line.startswith("Traceback") for line in lines) == 1
    assert not any("During handling" in line or "direct cause" in line for line in lines)
    assert not CS_WORDS.search(str(error))
    if isinstance(error, ketch.Error):
        assert not CS_WORDS.search(error.argument + error.given + error.allowed)


def _raises_in_handlers(tree: ast.AST) -> list[ast.Raise]:
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    return [node for each in handlers for node in ast.walk(each) if isinstance(node, ast.Raise)]


def test_no_exception_is_raised_while_another_one_is_handled() -> None:
    found = 0
    for path in sorted((ROOT / "ffi" / "ketch").rglob("*.py")):
        for node in _raises_in_handlers(ast.parse(path.read_text())):
            assert node.exc is None or node.cause is not None, f"{path.name}:{node.lineno}"
            found += 1
    assert found > 5


# ---- what a user means


def test_one_thing_stands_for_a_sequence_of_one() -> None:
    def circuit() -> Circuit:
        return Circuit(2)

    flip = [[0, 1], [1, 0]]
    under = circuit().controlled("x", 0, controls=[1])
    assert circuit().controlled("x", 0, controls=1) == under
    assert circuit().controlled("x", 0, controls=numpy.int64(1)) == under  # type: ignore[arg-type]
    assert circuit().mcx(1, 0) == circuit().cx(1, 0)
    assert circuit().mcp(0.5, numpy.array(1), 0) == circuit().cp(0.5, 1, 0)
    listed = circuit().unitary(flip, [0], controls=[1])
    assert circuit().unitary(flip, 0, controls=1) == listed
    assert circuit().barrier([0, 1]) == circuit().barrier(0, 1)
    assert circuit().barrier(numpy.arange(2)) == circuit().barrier(0, 1)
    assert circuit().barrier([0], 1) == circuit().barrier(0, 1)
    assert circuit().barrier([]) == circuit() != circuit().barrier()
    assert circuit().gates("rx", 1, 0.5) == circuit().rx(0.5, 1)
    assert circuit().gates("cx", [0, 1]) == circuit().cx(0, 1)


@pytest.mark.parametrize("values", [1, 1.0, numpy.float64(1), numpy.array(1.0), numpy.array([1.0])])
def test_a_number_is_the_value_of_one_parameter(values: float) -> None:
    wanted = ketch.run(OPEN, values=[1.0]).state
    assert (ketch.run(OPEN, values=values).state == wanted).all()
    assert (ENGINE.prepare(OPEN).run(values).state == wanted).all()
    assert OPEN.bind(values) == Circuit(1).rx(1.0, 0)


def test_arrays_are_taken_where_numbers_are() -> None:
    wires, angles = numpy.arange(3), numpy.array([0.1, 0.2, 0.3])
    circuit = Circuit(3).h(wires).rx(angles, wires).gates(["h", "h"], wires[:2])
    assert circuit == Circuit(3).h([0, 1, 2]).rx([0.1, 0.2, 0.3], [0, 1, 2]).h([0, 1])
    asks: list[ketch.Observable] = [wires[:2], {numpy.int64(1): numpy.float64(0.5)}]
    result = ketch.run(circuit, observe=asks)
    assert result.observed[0].shape == (4,)
    assert Circuit(3).mcx(wires[1:], 0) == Circuit(3).ccx(1, 2, 0)


def test_new_seeds_fit_a_double() -> None:
    seeds = [ketch.run(MEASURED).seed for _ in range(50)]
    assert len(set(seeds)) == 50
    assert all(0 <= seed < 2**53 and int(float(seed)) == seed for seed in seeds)


def test_hook_every_is_checked_after_a_run_without_it_too() -> None:
    circuit = Circuit(2).h(0).cx(0, 1)
    ketch.run(circuit)
    with pytest.raises(ketch.RangeError, match="hook_every"):
        ketch.run(circuit, hook_every=0)
