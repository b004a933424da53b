"""The table of gates: C's table has the same, methods and stubs are made of it."""

import ast
import importlib.util
import inspect
import pydoc
import sys
from pathlib import Path

import numpy
import pytest

import ketch
import reference
from ketch._gate_table import CIRCUIT_ALIASES, GATES, KET_ALIASES, Gate
from ketch._native import circuits

STUBS = Path(__file__).parent.parent.parent / "ffi" / "gate_stubs.py"
EACH = pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)


def test_c_has_the_same_gates_of_the_same_shapes() -> None:
    ours = {gate.name: (len(gate.qubits), len(gate.angles)) for gate in GATES}
    theirs = {}
    for number in range(1000):
        name = circuits.gate_name(number)
        shape = circuits.gate_shape(number)
        if min(shape) >= 0 and name not in ("measure", "reset", "fence"):
            theirs[name] = shape
    assert ours == theirs and len(GATES) >= 49


def test_the_stub_is_written_from_the_table() -> None:
    spec = importlib.util.spec_from_file_location("gate_stubs", STUBS)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.STUB.read_text() == module.stub(), "run: python ffi/gate_stubs.py"


def test_the_stub_knows_every_method() -> None:
    tree = ast.parse(STUBS.parent.joinpath("ketch", "_gates.pyi").read_text())
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            owner = {"CircuitGates": ketch.Circuit, "KetGates": ketch.ket}[node.name]
            for one in node.body:
                if isinstance(one, ast.FunctionDef):
                    names = [argument.arg for argument in one.args.args]
                    method = getattr(owner, one.name)
                    assert list(inspect.signature(method).parameters) == names
                    assert (method.__doc__ or "").startswith(ast.get_docstring(one) or "?")


def test_every_gate_of_the_reference_is_there() -> None:
    for name in reference.GATES:
        (gate,) = [gate for gate in GATES if gate.name == name]
        assert (len(gate.angles), len(gate.qubits)) == reference.shape(name)


@EACH
def test_a_method_adds_its_gate(gate: Gate) -> None:
    own, angles = range(len(gate.qubits)), [0.1 * (i + 1) for i in range(len(gate.angles))]
    by_name = ketch.Circuit(5).gates([gate.name], own, angles)
    named = dict(zip(gate.arguments, [*angles, *own], strict=True))
    for circuit in (
        getattr(ketch.Circuit(5), gate.name)(*angles, *own),
        getattr(ketch.Circuit(5), gate.name)(**named),
        getattr(ketch.Circuit(5), gate.name)(*angles, *([qubit] for qubit in own)),
    ):
        number = circuits.gate_number(gate.name)
        assert circuit._gates == by_name._gates == number.to_bytes(4, sys.byteorder)
        assert circuit._wires == by_name._wires and circuit._angles == by_name._angles
    with pytest.raises(TypeError, match=gate.name):
        getattr(ketch.Circuit(5), gate.name)(*angles, *own, 4)


class _WithoutPython(ketch.Circuit):
    """A circuit whose gates all have to be recorded by C functions."""

    _OTHERS = ()


@EACH
def test_plain_gates_are_recorded_without_python(gate: Gate) -> None:
    own, angles = range(len(gate.qubits)), [0.1 * (i + 1) for i in range(len(gate.angles))]
    circuit = getattr(_WithoutPython(5), gate.name)(*angles, *own)
    wanted = ketch.Circuit(5).gates([gate.name], own, angles)
    for part in ("_gates", "_wires", "_angles"):
        assert getattr(circuit, part) == getattr(wanted, part)
    for wrong in ([*angles, *own][:-1], [*angles, *own, 4], [*angles, *own[:-1], 5]):
        with pytest.raises(IndexError):
            getattr(circuit, gate.name)(*wrong)
    assert circuit._counts == wanted._counts


def test_angles_that_are_whole_numbers_or_of_numpy_are_recorded_without_python() -> None:
    circuit = _WithoutPython(1).rx(1, 0).rx(numpy.float64(0.25), 0).rx(2**53 + 1, 0)
    wanted = ketch.Circuit(1).rx([1.0, 0.25, float(2**53 + 1)], 0)
    assert circuit._angles == wanted._angles
    for wrong in (True, "1", 10**400, 1j, float("inf"), float("nan"), None):
        with pytest.raises(IndexError):
            circuit.rx(wrong, 0)  # type: ignore[arg-type]
    for qubit in (True, 0.0, -1, 1, 2**63, -(2**63) - 1):
        with pytest.raises(IndexError):
            circuit.h(qubit)  # type: ignore[arg-type]
    assert circuit._counts == (3, 3, 3)


@EACH
def test_kets_method_does_the_same(gate: Gate) -> None:
    own, angles = range(len(gate.qubits)), [0.1 * (i + 1) for i in range(len(gate.angles))]
    start = "+" * 5
    named = dict(zip(gate.arguments, [*angles, *own], strict=True))
    registers = [getattr(ketch.ket(start), gate.ket_name)(*angles, *own)]
    registers.append(getattr(ketch.ket(start), gate.ket_name)(**named))
    circuit = getattr(ketch.Circuit(5).h(range(5)), gate.name)(*angles, *own)
    for register in registers:
        assert abs(register.amplitudes - ketch.run(circuit).state).max() < 1e-14


def test_two_gates_of_ket_have_second_names() -> None:
    assert KET_ALIASES == {"CNOT": "CX", "CPHASE": "CZ"}
    assert ketch.ket.CNOT is ketch.ket.CX and ketch.ket.CPHASE is ketch.ket.CZ


def test_circuits_methods_have_their_usual_other_names() -> None:
    stub = STUBS.parent.joinpath("ketch", "_gates.pyi").read_text()
    for alias, name in CIRCUIT_ALIASES.items():
        assert getattr(ketch.Circuit, alias) is getattr(ketch.Circuit, name)
        assert f"    {alias} = {name}\n" in stub
    assert {"cnot", "toffoli", "fredkin", "i", "global_phase"} < set(CIRCUIT_ALIASES)


@EACH
def test_help_tells_what_a_gate_is(gate: Gate) -> None:
    for owner, name in ((ketch.Circuit, gate.name), (ketch.ket, gate.ket_name)):
        method = getattr(owner, name)
        assert method.__name__ == name and method.__qualname__.endswith(f".{name}")
        text = pydoc.plain(pydoc.render_doc(method))
        arguments = ", ".join(gate.arguments)
        assert f"{name}(self, {arguments})" in text
        assert gate.meaning in text and "Returns" in text
