"""Stored circuits: what a pickle names, and that one made before still loads."""

import copy
import json
import pickle
import pickletools
from pathlib import Path
from typing import Any

import numpy
import pytest

import ketch
from ketch import _stored
from ketch._native import circuits

STORED = [Path(__file__).parent / "data" / f"circuit-{form}.pickle" for form in (1, 2)]
TEXT = """OPENQASM 2.0; include "qelib1.inc"; include "mine.inc"; qreg q[3]; creg a[1]; creg b[2];
flip q[0]; cx q[0],q[1]; measure q[0] -> a[0];"""


def everything() -> list[ketch.Circuit]:
    """Circuits with all that can be recorded; the stored file has these."""
    one = ketch.Circuit(4, 2).h([0, 1, 2, 3]).cx(0, 1).u(0.1, 0.2, 0.3, 2).rzz(0.4, 1, 3)
    one.unitary([[0, 1j], [1j, 0]], 1, controls={0: 0}).diagonal([1, -1, 1j, 1], [2, 3])
    one.controlled("rx", 0.5, 0, controls=[1, 2]).barrier(0, 1).barrier().fence()
    one.add_register("out", 3).measure([0, 1], [0, 4]).reset(0)
    with one.condition("out", 2):
        one.x(3).controlled("y", 2, controls={3: 0})
    one.sdg(1).c3x(0, 1, 2, 3).measure([1, 2], [1, 2])
    a, b = ketch.Parameter("a"), ketch.Parameter("b")
    two = ketch.Circuit(2).ry(2 * a + 0.1, 0).controlled("rz", b, 1, controls=[0]).cx(0, 1).rx(a, 1)
    includes = {"mine.inc": "gate flip x { h x; }"}
    three = ketch.Circuit.from_qasm(TEXT, includes=includes, limit=1000).t(2).measure(1, 2)
    return [one, two, three]


def more() -> list[ketch.Circuit]:
    """Circuits with all that came with the second form."""
    a, b = ketch.Parameter("a"), ketch.Parameter("b")
    one = ketch.Circuit({"x": 3, "y": 1}, {"m": 2, "c": 1}).h([0, 1, 2, 3]).gphase(0.25)
    one.rx(a - 2 * b + 0.5, 0).permutation([2, 0, 3, 1], [1, 3], controls={0: 0})
    one.multiplexer([[[1, 0], [0, 1]], [[0, 1j], [1j, 0]]], 2, [0], controls=[1])
    one.pauli_rotation(0.5, "XYZ", [3, 1, 0]).pauli_rotation(a + b, "ZIX", [0, 1, 2], controls=[3])
    return [one.measure([0, 1], [2, 0])]


def _outcome(circuit: ketch.Circuit) -> tuple[Any, ...]:
    values = [0.3, 0.7] if circuit.parameters else None
    r = ketch.run(circuit, seed=5, values=values)
    return r.state.tobytes(), r.bits.tobytes(), r.counts, len(circuit), circuit.registers


def _names(data: bytes) -> set[str]:
    """What a pickle names: "module name" of classes and functions."""
    found, texts = set(), []
    for opcode, argument, _ in pickletools.genops(data):
        if isinstance(argument, str):
            texts.append(argument)
        if opcode.name == "GLOBAL":
            found.add(str(argument))
        if opcode.name == "STACK_GLOBAL":
            found.add(" ".join(texts[-2:]))
    return found


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_name_public_classes_alone(protocol: int) -> None:
    things = [*everything(), 2 * ketch.Parameter("a"), ketch.RunOptions, ketch.run]
    things += [ketch.run(ketch.Circuit(1)).position, ketch.ket, ketch.FileError("no", "IO")]
    for thing in things:
        data = pickle.dumps(thing, protocol)
        ours = {name for name in _names(data) if name.startswith("ketch")}
        assert ours and all(name.startswith("ketch ") for name in ours), ours
        assert protocol < 2 or ours == _names(data)
        assert type(pickle.loads(data)) is type(thing)


def test_a_stored_circuit_is_numbers_and_texts() -> None:
    for circuit in [*everything(), *more()]:
        state = circuit.__getstate__()
        again = json.loads(json.dumps(state))
        twin = ketch.Circuit.__new__(ketch.Circuit)
        twin.__setstate__(again)
        assert _outcome(twin) == _outcome(circuit)


def test_a_circuit_that_was_stored_before_still_loads() -> None:
    for path, made in zip(STORED, (everything(), more()), strict=True):
        for old, new in zip(pickle.loads(path.read_bytes()), made, strict=True):
            assert _outcome(old) == _outcome(new)
            assert old.parameters == new.parameters and old == new
            assert (old.registers, old.qubit_registers) == (new.registers, new.qubit_registers)


def test_the_first_form_is_used_where_it_suffices() -> None:
    for form, made in ((1, everything()[:2]), (2, more())):
        assert [circuit.__getstate__()["format"] for circuit in made] == [form] * len(made)


def test_gates_are_stored_by_name_and_not_by_cs_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = ketch.Circuit(2).x(0).cx(0, 1)
    state = circuit.__getstate__()
    assert state["names"] == ["x", "cx"] and state["gates"] == [0, 1]
    swapped = {"x": "y", "cx": "cz"}
    number = circuits.gate_number
    monkeypatch.setattr(_stored, "gate_number", lambda name: number(swapped[name]))
    twin = pickle.loads(pickle.dumps(circuit))
    monkeypatch.undo()
    assert twin._gates == ketch.Circuit(2).y(0).cz(0, 1)._gates


def test_what_cannot_be_read_is_refused() -> None:
    circuit = ketch.Circuit(2).x(0).fence()
    for change, kind, status in (
        ({"format": 3}, ketch.FileError, "VERSION"),
        ({"format": None}, ketch.FileError, "VERSION"),
        ({"names": ["frob"]}, ketch.GateError, "GATE"),
        ({"operations": [[0, 0, 0, "frob"]]}, ketch.FileError, "CORRUPT"),
    ):
        twin = ketch.Circuit.__new__(ketch.Circuit)
        with pytest.raises(kind) as caught:
            twin.__setstate__(circuit.__getstate__() | change)
        assert caught.value.status == status


def test_copies_are_their_own() -> None:
    for circuit in everything():
        for twin in (copy.copy(circuit), copy.deepcopy(circuit), circuit.copy()):
            assert _outcome(twin) == _outcome(circuit)
            twin.x(0)
            assert len(twin) == len(circuit) + 1


def test_a_circuit_that_goes_on_after_it_was_loaded() -> None:
    circuit = pickle.loads(pickle.dumps(everything()[1]))
    circuit.rx(ketch.Parameter("c"), 0).rx(ketch.Parameter("a"), 1)
    assert circuit.parameters == ("a", "b", "c")
    assert numpy.isfinite(ketch.run(circuit, values=[1, 2, 3]).state).all()


if __name__ == "__main__":
    STORED[1].write_bytes(pickle.dumps(more(), 2))
