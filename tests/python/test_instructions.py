"""Circuits as rows of instructions: reading, slices, depth, counts, equality."""

import copy
import gc
import itertools
import pickle
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dense
import ketch
from conftest import figure
from test_stored import everything

SEEDS = st.integers(0, 2**32)


def test_an_instruction_tells_what_was_added() -> None:
    a = ketch.Parameter("a")
    circuit = (
        ketch.Circuit(4, 2).h(0).rx(2 * a, 1).controlled("u", 0.1, 0.2, 0.3, 2, controls={3: 0})
    )
    circuit.unitary([[0, 1j], [1j, 0]], 1).diagonal([1, -1], 2, controls=[0]).measure(3, 1)
    with circuit.condition("c", 2):
        circuit.cx(0, 1).reset(2)
    circuit.barrier(1, 2).barrier().fence().gphase(0.5)
    told = [(one.name, one.angles, one.qubits, one.bits, one.controls) for one in circuit]
    assert told == [
        ("h", (), (0,), (), {}),
        ("rx", (2 * a,), (1,), (), {}),
        ("u", (0.1, 0.2, 0.3), (2,), (), {3: 0}),
        ("unitary", (), (1,), (), {}),
        ("diagonal", (), (2,), (), {0: 1}),
        ("measure", (), (3,), (1,), {}),
        ("cx", (), (0, 1), (), {}),
        ("reset", (), (2,), (), {}),
        ("barrier", (), (1, 2), (), {}),
        ("barrier", (), (0, 1, 2, 3), (), {}),
        ("fence", (), (), (), {}),
        ("gphase", (0.5,), (), (), {}),
    ]
    assert [one.condition for one in circuit] == [None] * 6 + [(0, 2, 2)] * 2 + [None] * 4
    matrix, diagonal = circuit[3].matrix, circuit[4].numbers
    assert matrix is not None and numpy.array_equal(matrix, [[0, 1j], [1j, 0]])
    assert diagonal is not None and numpy.array_equal(diagonal, [1, -1])
    assert circuit[0].matrix is None and circuit[0].numbers is None and circuit[0].letters is None
    assert circuit[4].matrix is None


def test_instructions_have_texts() -> None:
    circuit = ketch.Circuit(2, 1).rx(ketch.Parameter("a"), 0).controlled("x", 0, controls={1: 0})
    with circuit.condition(0, 1):
        circuit.measure(0, 0)
    assert list(map(repr, circuit)) == [
        "Instruction('rx', angles=(a,), qubits=(0,))",
        "Instruction('x', qubits=(0,), controls={1: 0})",
        "Instruction('measure', qubits=(0,), bits=(0,), condition=(0, 1, 1))",
    ]


def test_len_counts_all_and_steps_what_progress_counts() -> None:
    circuit = ketch.Circuit(2, 1)
    assert bool(circuit) and len(circuit) == 0 and circuit.steps == 0
    circuit.h(0).barrier().fence().measure(0, 0).reset(1).rx(ketch.Parameter("a"), 0)
    circuit.add_register("d", 1)
    with circuit.condition("d", 0):
        circuit.x(0)
    assert (len(circuit), circuit.steps) == (7, 5)
    assert repr(circuit) == "Circuit(2 qubits, 2 bits, 5 steps)"


def test_an_index_is_a_place_among_the_instructions() -> None:
    for circuit in everything():
        each = list(circuit)
        assert len(each) == len(circuit)
        for index in range(len(circuit)):
            assert circuit[index] == each[index] == circuit[index - len(circuit)]
        assert circuit[numpy.int64(0)] == each[0]
        for wrong in (len(circuit), -len(circuit) - 1, 2**70):
            with pytest.raises(ketch.BadIndexError, match=f"given {wrong}"):
                circuit[wrong]
        with pytest.raises(TypeError):
            circuit["0"]  # type: ignore[call-overload]
    with pytest.raises(IndexError, match="the circuit is empty"):
        ketch.Circuit(1)[0]


def test_an_instruction_keeps_what_it_was() -> None:
    circuit = ketch.Circuit(2).rz(0.5, 0)
    first, seen = circuit[0], repr(circuit[0])
    iterator = iter(circuit)
    for _ in range(100):
        circuit.cx(0, 1).rx(ketch.Parameter("a"), 0)
    assert repr(first) == seen and len(list(iterator)) == 1
    assert [one.name for one in circuit[:3]] == ["rz", "cx", "rx"]
    del circuit
    gc.collect()
    assert repr(first) == seen


def test_threads_read_one_circuit_at_once() -> None:
    for _ in range(20):
        circuit = dense.circuit_of(1, 3, 200)
        wanted = list(map(repr, circuit.copy()))
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda each: list(map(repr, each)), [circuit] * 4))
        assert found == [wanted] * 4


def test_adding_while_iterating_ends() -> None:
    circuit = ketch.Circuit(1).x(0).y(0)
    for one in circuit:
        circuit.append(one)
    assert [one.name for one in circuit] == ["x", "y", "x", "y"]


def test_instructions_pickle_copy_and_compare() -> None:
    for circuit in everything():
        for one, other in itertools.product(circuit, circuit):
            assert (one == other) == (repr(one) == repr(other) and _numbers(one) == _numbers(other))
        for one in circuit:
            for twin in (pickle.loads(pickle.dumps(one)), copy.copy(one), copy.deepcopy(one)):
                assert twin == one and hash(twin) == hash(one) and repr(twin) == repr(one)
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                assert pickle.loads(pickle.dumps(one, protocol)) == one
    assert ketch.Circuit(1).x(0)[0] != "x" and ketch.Circuit(1).x(0)[0] != ketch.Circuit(1).y(0)[0]


def _numbers(one: ketch.Instruction) -> bytes:
    return b"" if one.numbers is None else one.numbers.tobytes()


@settings(deadline=None, max_examples=50)
@given(SEEDS, st.integers(-20, 20), st.integers(-20, 20), st.sampled_from([1, 1, 2, -1, -3]))
def test_slices_are_those_of_a_list(seed: int, start: int, stop: int, step: int) -> None:
    circuit = dense.circuit_of(seed, 3, 12, parameters=[ketch.Parameter("a")])
    part = circuit[start:stop:step]
    assert list(part) == list(circuit)[start:stop:step]
    assert (part.qubits, part.bits, part.parameters) == (3, 0, circuit.parameters)
    by_one = ketch.Circuit(3)
    for one in list(circuit)[start:stop:step]:
        by_one.append(one)
    assert list(by_one) == list(part)


def test_slices_keep_registers_and_conditions() -> None:
    circuit = ketch.Circuit({"a": 2, "b": 1}, {"c": 1, "d": 2}).x(0).measure(0, 0)
    with circuit.condition("c", 1):
        circuit.x(1).add_register("e", 1).y(1)
    circuit.z(1).measure(1, 3)
    for begin, end in itertools.combinations(range(len(circuit) + 1), 2):
        part = circuit[begin:end]
        assert list(part) == list(circuit)[begin:end]
        assert part.registers == circuit.registers
        assert part.qubit_registers == circuit.qubit_registers
        ketch.run(part)
    assert circuit[:] == circuit and len(circuit[3:3]) == 0


def _slow_depth(circuit: ketch.Circuit) -> int:
    """The longest path, wire by wire."""
    levels: dict[object, int] = {}
    for one in circuit:
        wires: list[object] = [*one.qubits, *one.controls, *(("bit", bit) for bit in one.bits)]
        if one.condition:
            first, count, _ = one.condition
            wires += [("bit", first + i) for i in range(count)]
        if one.name == "fence":
            wires += range(circuit.qubits)
        level = max((levels.get(wire, 0) for wire in wires), default=0)
        for wire in wires:
            levels[wire] = level + (one.name not in ("barrier", "fence"))
    return max(levels.values(), default=0)


@settings(deadline=None, max_examples=50)
@given(SEEDS)
def test_depth_is_the_longest_path(seed: int) -> None:
    circuit = dense.circuit_of(seed, 4, 20)
    assert circuit.depth() == _slow_depth(circuit)


def test_depth_of_bits_and_conditions() -> None:
    assert ketch.Circuit(2).depth() == 0
    circuit = ketch.Circuit(3, 2).h(0).measure(0, 1).x(1)
    with circuit.condition("c", 1):
        circuit.x(1)
    assert circuit.depth() == _slow_depth(circuit) == 3
    assert ketch.Circuit(2).x(0).barrier().x(1).depth() == 2
    for circuit in everything():
        assert circuit.depth() == _slow_depth(circuit)


def test_ops_are_counted_by_name() -> None:
    circuit = ketch.Circuit(3, 1).h([0, 1]).cx(0, 1).controlled("h", 2, controls=[0]).fence()
    circuit.rx(ketch.Parameter("a"), 0).measure(0, 0).add_register("d", 1)
    assert circuit.count_ops() == {"h": 3, "cx": 1, "fence": 1, "measure": 1, "rx": 1}
    assert next(iter(circuit.count_ops())) == "h" and ketch.Circuit(1).count_ops() == {}
    for circuit in everything():
        names = [one.name for one in circuit]
        assert circuit.count_ops() == {name: names.count(name) for name in names}


# ---- equality


def test_equal_circuits_have_the_same_instructions() -> None:
    for one, other in itertools.combinations(everything(), 2):
        assert one != other
    for circuit in everything():
        for twin in (circuit.copy(), pickle.loads(pickle.dumps(circuit)), circuit[:]):
            assert twin == circuit and (twin != circuit) is False
            assert twin.x(0) != circuit
    assert ketch.Circuit(1) != 1 and ketch.Circuit(1) != ketch.Circuit(2)
    assert ketch.Circuit(1) != ketch.Circuit(1, 1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(ketch.Circuit(1))


def test_names_of_registers_do_not_count_and_those_of_parameters_do() -> None:
    assert ketch.Circuit({"a": 2}, {"b": 1, "c": 2}).x(0) == ketch.Circuit(2, 3).x(0)
    a, b = ketch.Parameter("a"), ketch.Parameter("b")
    assert ketch.Circuit(1).rx(a, 0) == ketch.Circuit(1).rx(ketch.Parameter("a"), 0)
    assert ketch.Circuit(1).rx(a, 0) != ketch.Circuit(1).rx(b, 0)
    assert ketch.Circuit(1).rx(a, 0) != ketch.Circuit(1).rx(2 * a, 0)


def test_equality_is_of_what_happens_and_not_of_how_it_was_recorded() -> None:
    one, other = ketch.Circuit(2, 1), ketch.Circuit(2, 1)
    with one.condition("c", 1):
        one.x(0).x(1)
    with other.condition(0, 1):
        other.x(0)
    with other.condition(0, 1):
        other.x(1)
    assert one == other
    assert ketch.Circuit(2).h([0, 1]) == ketch.Circuit(2).h(0).h(1)
    assert ketch.Circuit(2).controlled("x", 0, controls=[1]) != ketch.Circuit(2).cx(1, 0)
    assert ketch.Circuit(2).x(0).x(1) != ketch.Circuit(2).x(1).x(0)


# ---- registers and names


def test_registers_are_named_by_mappings() -> None:
    circuit = ketch.Circuit({"data": 2, "flag": 1}, {"out": 2, "more": 1})
    assert (circuit.qubits, circuit.bits) == (3, 3)
    assert circuit.qubit_registers == {"data": range(0, 2), "flag": range(2, 3)}
    assert circuit.registers == {"out": range(0, 2), "more": range(2, 3)}
    circuit.x(circuit.qubit_registers["flag"]).measure(2, 2)
    assert ketch.run(circuit, shots=2).counts == {"1 00": 2}
    for twin in (circuit.copy(), pickle.loads(pickle.dumps(circuit)), circuit[:]):
        assert twin.qubit_registers == circuit.qubit_registers
        assert twin.registers == circuit.registers
    assert ketch.Circuit(2, {}).bits == 0 and ketch.Circuit(2).qubit_registers == {}
    assert ketch.Circuit({"q": 1}, 2).registers == {"c": range(2)}


def test_wrong_registers_are_refused() -> None:
    wrong: list[tuple[type[Exception], tuple[object, ...]]] = [
        (ketch.RangeError, ({},)),
        (ketch.RangeError, ({"a": 0},)),
        (ketch.RangeError, ({"a": -1, "b": 2},)),
        (ketch.RangeError, ({"a": 58, "b": 1},)),
        (ketch.RangeError, ({"a": 2**31},)),
        (ketch.RangeError, (1, {"a": 0})),
        (ketch.RangeError, (1, {"a": 2**20, "b": 1})),
        (TypeError, ({1: 1},)),
        (TypeError, ({"a": 1.0},)),
        (TypeError, ({"a": True},)),
        (TypeError, (1, {None: 1})),
        (TypeError, (["a"],)),
    ]
    for kind, arguments in wrong:
        with pytest.raises(kind):
            ketch.Circuit(*arguments)  # type: ignore[arg-type]


def test_a_text_gives_its_names() -> None:
    text = 'include "qelib1.inc"; qreg a[2]; qreg b[1]; creg c[1]; creg d[2]; x a[1]; x b[0];'
    circuit = ketch.Circuit.from_qasm(text)
    assert circuit.qubit_registers == {"a": range(0, 2), "b": range(2, 3)}
    assert circuit.registers == {"c": range(0, 1), "d": range(1, 3)}
    assert circuit == ketch.Circuit(3, 3).x(1).x(2)


def test_gates_have_other_names() -> None:
    circuit = ketch.Circuit(3).i(0).not_(0).hadamard(1).v(0).vdg(0).phase(0.5, 0).cnot(0, 1)
    circuit.cphase(0.5, 0, 1).toffoli(0, 1, 2).ccnot(0, 1, 2).fredkin(0, 1, 2).global_phase(0.5)
    same = ketch.Circuit(3).id(0).x(0).h(1).sx(0).sxdg(0).p(0.5, 0).cx(0, 1)
    same.cp(0.5, 0, 1).ccx(0, 1, 2).ccx(0, 1, 2).cswap(0, 1, 2).gphase(0.5)
    assert circuit == same
    assert ketch.Circuit(2).controlled("cnot", 0, 1, controls=()) == ketch.Circuit(2).cx(0, 1)
    assert ketch.Circuit(2).gates(["not_", "cnot"], [0, 0, 1]) == ketch.Circuit(2).x(0).cx(0, 1)


@pytest.mark.parametrize("count", range(7))
def test_many_controls_make_a_named_gate_where_there_is_one(count: int) -> None:
    controls: Sequence[int] = range(count)
    a = ketch.Parameter("a")
    circuit = ketch.Circuit(7).mcx(controls, 6).mcz(controls, 6).mcp(0.5, controls, 6)
    circuit.mcp(a, controls, 6)
    names = [["x", "cx", "ccx", "c3x", "c4x"], ["z", "cz", "ccz"], ["p", "cp"], ["p", "cp"]]
    for one, known in zip(circuit, names, strict=True):
        assert one.name == (known[count] if count < len(known) else known[0])
        assert len(one.controls) + len(one.qubits) == count + 1
    same = ketch.Circuit(7)
    for name, angles in (("x", ()), ("z", ()), ("p", (0.5,)), ("p", (0.25,))):
        same.controlled(name, *angles, 6, controls=controls)
    start = ketch.Circuit(7).h(range(7))
    one, other = (ketch.run(start + each).state for each in (circuit.bind([0.25]), same))
    assert abs(one - other).max() < 1e-12
    open_controls = ketch.Circuit(3).mcx({0: 1, 1: 0}, 2)
    assert open_controls[0].name == "x" and open_controls[0].controls == {0: 1, 1: 0}


def test_wrong_controls_of_many_are_refused() -> None:
    circuit = ketch.Circuit(3)
    for controls, target, kind in (
        ([0, 0], 1, ketch.RangeError),
        ([0, 1], 1, ketch.RangeError),
        ([0, 3], 1, ketch.BadIndexError),
        ([0], 3, ketch.BadIndexError),
        ({0: 2}, 1, ketch.RangeError),
        ([0.5], 1, TypeError),
    ):
        for add in (circuit.mcx, circuit.mcz, lambda *both: circuit.mcp(0.5, *both)):
            with pytest.raises(kind):
                add(controls, target)  # type: ignore[arg-type, operator]
    with pytest.raises(ketch.RangeError):
        circuit.mcp(float("nan"), [0], 1)
    assert len(circuit) == 0


def test_a_million_instructions_are_iterated_in_a_second() -> None:
    circuit = ketch.Circuit(20)
    qubits = list(range(20)) * 12500
    circuit.h(qubits).rz(0.5, qubits).cx(qubits, qubits[1:] + qubits[:1]).x(qubits)
    begun = time.process_time()
    count = sum(1 for _ in circuit)
    first = time.process_time() - begun
    begun = time.process_time()
    names = sum(one.name == "cx" for one in circuit)
    second = time.process_time() - begun
    assert count == 1_000_000 and names == 250_000
    figure("P23", "iterating 1e6 instructions, the first time", first, "s")
    figure("P23", "iterating 1e6 instructions and reading their names", second, "s")
    assert first < 1 and second < 4
