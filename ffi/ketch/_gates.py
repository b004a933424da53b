"""The classes that hold the gate methods. The type checker reads _gates.pyi, which
ffi/gate_stubs.py writes from the same table."""

from __future__ import annotations

from ._gate_methods import add_methods, functions
from ._gate_table import CIRCUIT_ALIASES, GATES, KET_ALIASES
from ._native.circuits import Recorder


class CircuitGates(Recorder):
    """A method for every gate: angles (radians) first, then qubits, controls first among them. An
    argument may be a sequence: then the gate is added once for each of its elements, and single
    values go with every one of them."""

    _OTHERS = functions()


class KetGates(Recorder):
    """A method for every gate: angles (radians) first, then qubits, controls first among them."""

    _OTHERS = CircuitGates._OTHERS


add_methods(CircuitGates, [(gate.name, gate) for gate in GATES], sequences=True)
add_methods(KetGates, [(gate.ket_name, gate) for gate in GATES], sequences=False)
for _owner, _aliases in ((CircuitGates, CIRCUIT_ALIASES), (KetGates, KET_ALIASES)):
    for _alias, _name in _aliases.items():
        setattr(_owner, _alias, getattr(_owner, _name))
