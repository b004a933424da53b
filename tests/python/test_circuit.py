"""Recording: single gates, sequences, registers, conditions, copies, pickles, texts."""

import io
import os
import pickle
import sys
import time
import timeit
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import ketch
from conftest import figure
from ketch._ketch import ffi, lib
from ketch._native import base, circuits

BELL = """OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg a[1]; creg b[2];
h q[0]; cx q[0],q[1]; measure q[0] -> a[0]; measure q[1] -> b[1];"""


def _same(a: ketch.Circuit, b: ketch.Circuit) -> None:
    one, two = ketch.run(a, seed=1), ketch.run(b, seed=1)
    assert numpy.array_equal(one.state, two.state)
    assert numpy.array_equal(one.bits, two.bits)
    assert one.counts == two.counts


def test_every_method_returns_the_circuit() -> None:
    circuit = ketch.Circuit(3, 3)
    assert circuit.h(0).cx(0, 1).rz(0.3, 2).measure([0, 1, 2], [0, 1, 2]) is circuit
    assert len(circuit) == 6
    assert repr(circuit) == "Circuit(3 qubits, 3 bits, 6 steps)"
    assert (circuit.qubits, circuit.bits) == (3, 3)


def test_a_sequence_adds_one_gate_for_each_element() -> None:
    many = ketch.Circuit(3).h([0, 1, 2]).cx([0, 1], [1, 2]).rx([0.1, 0.2], [0, 1]).rz(0.5, range(3))
    many.ccx(0, 1, [2]).u(0.1, [0.2, 0.3], 0.4, 1).rzz(0.7, 0, numpy.array([1, 2]))
    one = ketch.Circuit(3).h(0).h(1).h(2).cx(0, 1).cx(1, 2).rx(0.1, 0).rx(0.2, 1)
    one.rz(0.5, 0).rz(0.5, 1).rz(0.5, 2).ccx(0, 1, 2).u(0.1, 0.2, 0.4, 1).u(0.1, 0.3, 0.4, 1)
    one.rzz(0.7, 0, 1).rzz(0.7, 0, 2)
    assert len(many) == len(one)
    _same(many, one)
    assert len(ketch.Circuit(2).h([])) == 0


def test_numpys_numbers_are_taken_as_pythons() -> None:
    circuit = ketch.Circuit(numpy.int64(2)).h(numpy.int32(1)).rx(numpy.float32(0.5), 0).rx(1, 0)
    _same(circuit, ketch.Circuit(2).h(1).rx(0.5, 0).rx(1.0, 0))


def test_many_gates_are_added_in_one_call() -> None:
    circuit = ketch.Circuit(3).gates(["h", "cx", "rz", "u"], [0, 0, 1, 2, 1], [0.3, 0.1, 0.2, 0.4])
    _same(circuit, ketch.Circuit(3).h(0).cx(0, 1).rz(0.3, 2).u(0.1, 0.2, 0.4, 1))
    with pytest.raises(ketch.BadIndexError, match=r"gates\[1\] \(x\), qubit"):
        circuit.gates(["h", "x"], [0, 3])
    with pytest.raises(ketch.RangeError):
        circuit.gates(["h", "cx"], [0, 1])
    assert len(circuit) == 4


def _least_time(call: Callable[[], object]) -> float:
    """Of one call, in microseconds. Rounds are short, so that some are not interrupted."""
    return 1e6 * min(timeit.repeat(call, number=20, repeat=300)) / 20


def _times_in_c() -> tuple[float, float]:
    """Of C's calls for one gate and for 64."""
    circuit, error = circuits.create(4, 0), base.struct("ketch_error")
    h, rx = circuits.gate_number("h"), circuits.gate_number("rx")
    gates, qubits = ffi.new("int32_t[]", [rx] * 64), ffi.new("int32_t[]", [0, 1, 2, 3] * 16)
    angles = ffi.new("double[]", [0.1] * 64)
    one = _least_time(lambda: lib.ketch_circuit_gate(circuit[0], h, qubits, angles, error))
    arrays = gates, qubits, 64, angles, 64
    many = _least_time(lambda: lib.ketch_circuit_gates(circuit[0], 64, *arrays, error))
    return one, many


def test_gates_are_added_in_microseconds() -> None:
    circuit, qubits = ketch.Circuit(4), [0, 1, 2, 3] * 16
    one, many = _least_time(lambda: circuit.h(0)), _least_time(lambda: circuit.rx(0.1, qubits))
    one_in_c, many_in_c = _times_in_c()
    figure("P23", "a call that adds one gate, at most 1 us over C's", one - one_in_c, "us")
    figure("P23", "a call that adds 64 gates, over C's", many - many_in_c, "us")
    figure("P23", "C's call that adds 64 gates", many_in_c, "us")
    assert one - one_in_c < 1 and many < 100


def test_many_gates_in_one_call_are_checked_as_one_is() -> None:
    circuit = ketch.Circuit(3)
    nan = float("nan")
    wrong: list[tuple[type[Exception], Callable[[], object]]] = [
        (ketch.BadIndexError, lambda: circuit.h([0, 1, 3])),
        (ketch.BadIndexError, lambda: circuit.h([0, -1])),
        (TypeError, lambda: circuit.h([0, 1.0])),  # type: ignore[list-item]
        (TypeError, lambda: circuit.h([0, True])),
        (ketch.RangeError, lambda: circuit.cx([0, 1], [1, 1])),
        (ketch.RangeError, lambda: circuit.cx([0, 1], 1)),
        (ketch.RangeError, lambda: circuit.rx([0.1, nan], [0, 1])),
        (ketch.RangeError, lambda: circuit.rx(nan, [0, 1])),
        (ketch.RangeError, lambda: circuit.rx([0.1, 0.2], [0, 1, 2])),
    ]
    for kind, call in wrong:
        with pytest.raises(kind):
            call()
    assert len(circuit) == 0
    same = ketch.Circuit(3).cx(0, 1).cx(1, 2).rx(0.5, 0).rx(0.5, 2).rx(1.0, 0).rx(2.0, 1)
    circuit.cx([0, 1], [1, 2]).rx(0.5, [0, 2]).rx([1, 2], [0, 1]).h([])
    _same(circuit.measure_all(), same.measure_all())


def test_what_is_refused_changes_nothing() -> None:
    circuit = ketch.Circuit(2, 1).h(0)
    before = pickle.dumps(circuit)
    refused = [
        lambda: circuit.h(2),
        lambda: circuit.cx(0, 0),
        lambda: circuit.rx(float("nan"), 0),
        lambda: circuit.cx([0, 1], [1, 1]),
        lambda: circuit.unitary([[1, 1], [0, 1]], 0),
        lambda: circuit.measure(0, 1),
        lambda: circuit.measure_all(),
        lambda: circuit.reset(5),
        lambda: circuit.barrier(5),
        lambda: circuit.controlled("x", 0, controls=[0]),
        lambda: circuit.condition("no", 1),
    ]
    for call in refused:
        with pytest.raises(ketch.Error):
            call()
    assert pickle.dumps(circuit) == before


def test_several_measurements_or_resets_are_added_all_or_none() -> None:
    circuit = ketch.Circuit(3, 2)
    calls = (
        lambda: circuit.measure([0, 1], [0, 5]),
        lambda: circuit.measure([0, 7], [0, 1]),
        lambda: circuit.measure([0, -1], [0, 1]),
        lambda: circuit.reset([0, 1, 3]),
    )
    for call in calls:
        with pytest.raises(ketch.BadIndexError):
            call()
        assert len(circuit) == 0
    assert len(circuit.measure([0, 1], [0, 1]).reset([0, 1, 2])) == 5


def test_a_register_of_any_name_follows_those_of_a_text() -> None:
    circuit = ketch.Circuit.from_qasm(BELL).add_register("c", 1)
    assert list(circuit.registers) == ["a", "b", "c"]
    with pytest.raises(ketch.RangeError):
        circuit.add_register("b", 1)
    with pytest.raises(ketch.RangeError):
        circuit.add_register("c", 1)
    assert ketch.run(circuit, shots=1).shots == 1


def test_counts_are_written_as_qiskit_writes_them() -> None:
    circuit = ketch.Circuit(3, 2).x(0).measure(0, 0)
    circuit.add_register("out", 3).x(2).measure([0, 2], [2, 4])
    assert circuit.registers == {"c": range(0, 2), "out": range(2, 5)}
    assert ketch.run(circuit, shots=10).counts == {"101 01": 10}
    assert ketch.run(circuit).counts == {"101 01": 1}


def test_measure_all_makes_a_register_where_there_is_none() -> None:
    circuit = ketch.Circuit(3).x(1).measure_all()
    assert circuit.registers == {"meas": range(3)}
    assert ketch.run(circuit, shots=7).counts == {"010": 7}


def test_a_condition_holds_for_what_is_added_inside() -> None:
    for value, outcome in ((0, "00 01"), (1, "10 01")):
        circuit = ketch.Circuit(2, 2).x(0).measure(0, 0).add_register("d", 2)
        with circuit.condition("c", value):
            circuit.x(1)
        circuit.measure(1, 3)
        assert ketch.run(circuit, shots=5).counts == {outcome: 5}, value
    with pytest.raises(ketch.RangeError), circuit.condition(0, 1), circuit.condition(1, 1):
        pass
    assert ketch.run(circuit.copy().x(0), shots=1).counts == {"10 01": 1}


def test_a_copy_grows_by_itself() -> None:
    circuit = ketch.Circuit(2).h(0)
    other = circuit.copy().cx(0, 1)
    assert (len(circuit), len(other)) == (1, 2)
    _same(circuit, ketch.Circuit(2).h(0))
    _same(other, ketch.Circuit(2).h(0).cx(0, 1))


def test_a_changed_circuit_is_planned_anew(engine: ketch.Engine) -> None:
    circuit = ketch.Circuit(1).x(0)
    assert abs(engine.run(circuit).state[1]) == 1
    assert abs(engine.run(circuit.x(0)).state[0]) == 1
    first = engine.prepare(circuit)._planned
    assert engine.prepare(circuit, precision="complex128")._planned is first
    assert engine.prepare(circuit, precision="single")._planned is not first


def test_a_text_and_a_file_give_the_same_circuit(tmp_path: Path) -> None:
    circuit = ketch.Circuit.from_qasm(BELL)
    assert set(ketch.run(circuit, shots=100, seed=1).counts) == {"00 0", "10 1"}
    path = tmp_path / "bell.qasm"
    path.write_text(BELL)
    _same(ketch.Circuit.from_qasm_file(path), circuit)
    _same(ketch.Circuit.from_qasm(BELL.encode()), circuit)


def test_includes_come_from_the_caller() -> None:
    text = 'OPENQASM 2.0; include "qelib1.inc"; include "mine.inc"; qreg q[1]; flip q[0];'
    mine = "gate flip a { x a; }"
    with pytest.raises(ketch.QasmError):
        ketch.Circuit.from_qasm(text)
    for includes in ({"mine.inc": mine}, lambda name: mine if name == "mine.inc" else None):
        circuit = pickle.loads(pickle.dumps(ketch.Circuit.from_qasm(text, includes=includes)))
        assert abs(ketch.run(circuit).state[1]) == 1
    with pytest.raises(ZeroDivisionError):
        ketch.Circuit.from_qasm(text, includes=lambda name: str(1 / 0))


def test_errors_of_a_file_begin_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "bad.qasm"
    path.write_text("OPENQASM 2.0;\nqreg 5[2];\n")
    with pytest.raises(ketch.QasmError) as caught:
        ketch.Circuit.from_qasm_file(path)
    assert str(caught.value).startswith(f"{path}:2:")
    assert (caught.value.line, caught.value.column) == (2, 6)
    with pytest.raises(FileNotFoundError):
        ketch.Circuit.from_qasm_file(tmp_path / "none.qasm")


def test_texts_have_a_limit_and_files_are_regular(tmp_path: Path) -> None:
    path, pipe = tmp_path / "c.qasm", tmp_path / "pipe"
    text = 'include "qelib1.inc"; qreg q[2]; h q[0];'
    path.write_text(text)
    os.mkfifo(pipe)
    for read in (
        lambda size: ketch.Circuit.from_qasm(text, text_limit=size),
        lambda size: ketch.Circuit.from_qasm_file(path, text_limit=size),
    ):
        circuit = read(len(text))
        assert len(pickle.loads(pickle.dumps(circuit))) == len(circuit) == 1
        with pytest.raises(ketch.QasmError, match="text_limit allows more"):
            read(len(text) - 1)
        with pytest.raises(ketch.RangeError, match="text_limit"):
            read(0)
    for other in (pipe, "/dev/zero"):
        with pytest.raises(OSError, match="Not a regular file"):
            ketch.Circuit.from_qasm_file(other)


def test_a_drawing_is_a_text_that_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = ketch.Circuit({"a": 2}, 1).h(0).rx(ketch.Parameter("theta"), 0).cx(0, 1).measure(1, 0)
    picture = circuit.draw()
    assert isinstance(picture, str) and repr(picture) == str(picture) and "┌" in picture
    assert "theta" in picture and "a[1]" in picture
    assert type(pickle.loads(pickle.dumps(picture))) is str
    assert circuit.draw("text") == picture
    plain = circuit.draw(ascii=True)
    assert plain.isascii() and "theta" in plain
    for width in (25, 30):
        folded = circuit.draw(width=width)
        assert max(map(len, folded.splitlines())) <= width
        assert len(folded.splitlines()) > len(picture.splitlines())
    monkeypatch.setenv("COLUMNS", "25")
    assert max(map(len, circuit.draw().splitlines())) <= 25
    assert circuit.draw(width=0) == picture
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert circuit.draw(width=0) == plain


def test_notebooks_show_the_beginning_of_a_long_circuit() -> None:
    assert "more" not in ketch.Circuit(1).h(0)._repr_html_()
    html = ketch.Circuit(1).rx(ketch.Parameter("<a>"), [0] * 1001)._repr_html_()
    assert "and 501 more instructions" in html and "&lt;a&gt;" in html and "<a>" not in html


def test_a_wrong_drawing_is_refused() -> None:
    circuit = ketch.Circuit(1).h(0)
    for wrong, kind in (
        ({"output": "png"}, ketch.RangeError),
        ({"width": -1}, ketch.RangeError),
        ({"width": 2**31}, ketch.RangeError),
        ({"width": 10.0}, TypeError),
        ({"width": True}, TypeError),
    ):
        with pytest.raises(kind):
            circuit.draw(**wrong)  # type: ignore[call-overload]


def test_a_text_says_what_it_cannot_say() -> None:
    a = ketch.Parameter("a")
    conditional = ketch.Circuit(1, 2)
    with conditional.condition(0, 1):
        conditional.x(0)
    for circuit in (
        ketch.Circuit(1).x(0).unitary([[0, 1], [1, 0]], 0),
        ketch.Circuit(1).x(0).diagonal([1, -1], 0),
        ketch.Circuit(1).x(0).permutation([1, 0], 0),
        ketch.Circuit(3).x(0).pauli_rotation(0.5, "XYZ", [0, 1, 2]),
        ketch.Circuit(1).x(0).gphase(0.5),
        ketch.Circuit(1).x(0).fence(),
        ketch.Circuit(1).x(0).rx(a, 0),
        ketch.Circuit(2).x(0).controlled("x", 0, controls={1: 0}),
        ketch.Circuit(1, 2).x(0).append(conditional),
    ):
        with pytest.raises(ketch.GateError, match="1") as caught:
            circuit.to_qasm()
        assert caught.value.status == "GATE" and "allowed" in str(caught.value)


def test_a_text_of_everything_it_can_say_is_read_as_an_equal_circuit() -> None:
    circuit = ketch.Circuit({"a": 2, "b": 1}, {"m": 1, "n": 2}).h([0, 1, 2]).barrier(0, 2).barrier()
    circuit.rx(0.1 + 0.2, 0).u(1e-300, -5e10, 1 / 3, 1).measure([0, 1], [0, 2]).reset(0)
    with circuit.condition("n", 2):
        circuit.x(0).cx(0, 1)
    text = circuit.to_qasm()
    again = ketch.Circuit.from_qasm(text)
    assert again == circuit and again.to_qasm() == text
    assert again.registers == circuit.registers
    assert again.qubit_registers == circuit.qubit_registers


def test_a_long_text_is_read_fast() -> None:
    line = "cx q[3],q[17];\nrz(0.25) q[11];\nu3(0.1,pi/4,-0.3) q[0];\nh q[19];\n"
    line += "measure q[0] -> c[0];\n"
    text = 'include "qelib1.inc"; qreg q[20]; creg c[1];\n' + line * (20_000_000 // len(line))
    begun = time.process_time()
    circuit = ketch.Circuit.from_qasm(text)
    seconds = time.process_time() - begun
    assert len(circuit) == 5 * (20_000_000 // len(line))
    figure(
        "P7",
        "a text of 20 MB is read by from_qasm, a fifth of it measurements",
        20 / seconds,
        "MB/s",
    )
    assert seconds < 4
