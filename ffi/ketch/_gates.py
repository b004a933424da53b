"""The classes that hold the gate methods. The type checker reads _gates.pyi, which
ffi/gate_stubs.py writes from the same table."""

from __future__ import annotations

from ._gate_methods import KetRecorder, Method, Recorder, circuit_method, ket_method
from ._gate_table import GATES, KET_ALIASES


class CircuitGates(Recorder):
    """A method for every gate: angles (radians) first, then qubits, controls first among them. An
    argument may be a sequence: then the gate is added once for each of its elements, and single
    values go with every one of them."""


class KetGates(KetRecorder):
    """A method for every gate: angles (radians) first, then qubits, controls first among them."""


def _put(owner: type, name: str, method: Method) -> None:
    method.__name__, method.__qualname__ = name, f"{owner.__name__}.{name}"
    setattr(owner, name, method)


for _gate in GATES:
    _method = circuit_method(_gate)
    _put(CircuitGates, _gate.name, _method)
    _put(KetGates, _gate.ket_name, ket_method(_gate, _method))
for _alias, _name in KET_ALIASES.items():
    setattr(KetGates, _alias, getattr(KetGates, _name))
