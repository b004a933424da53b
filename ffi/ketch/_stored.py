"""The form in which circuits are stored: plain numbers, texts and lists, so that a pickle or a JSON
text of it can be read by every later version. A gate is stored by a number that stands for its name
in a list that is stored with it, never by C's number.
"""

from __future__ import annotations

from typing import Any

from ._errors import failed
from ._gate_table import GATES
from ._native.circuits import gate_name, gate_number
from ._recording import Operation, Recording

FORMAT = 1

_OPERATIONS = {
    *("controlled", "parametric", "unitary", "diagonal", "measure", "reset"),
    *("barrier", "fence", "condition", "register"),
}
_NAMES = {gate.name for gate in GATES}


def describe(circuit: Recording, text: list[Any] | None) -> dict[str, Any]:
    """The stored form. text: of a circuit that began with an OpenQASM text, that text, its includes
    and its limit."""
    numbers = list(dict.fromkeys(circuit._gates))
    places = {number: place for place, number in enumerate(numbers)}
    return {
        "format": FORMAT,
        "text": text,
        "shape": list(circuit._shape),
        "bits": circuit._bits,
        "registers": [list(register) for register in circuit._registers],
        "parameters": list(circuit._parameters),
        "conditional": circuit._conditional,
        "names": [gate_name(number) for number in numbers],
        "gates": [places[number] for number in circuit._gates],
        "qubits": list(circuit._wires),
        "angles": list(circuit._angles),
        "operations": [[*operation[:4], *operation.arguments] for operation in circuit._operations],
    }


def check_format(stored: dict[str, Any]) -> None:
    """Refuses what a later version stored."""
    found = stored.get("format")
    if type(found) is not int or not 1 <= found <= FORMAT:
        what = "a circuit stored in a form that this version does not know"
        raise failed("VERSION", "format", found, f"1..{FORMAT}", what)


def restore(circuit: Recording, stored: dict[str, Any]) -> None:
    """Fills in what was recorded; the circuit has been begun with the shape or the text."""
    for name in stored["names"]:
        if name not in _NAMES:
            allowed = "the names of Circuit's gate methods"
            raise failed("GATE", "names", repr(name), allowed, "unknown gate in a stored circuit")
    numbers = [gate_number(name) for name in stored["names"]]
    circuit._gates = [numbers[place] for place in stored["gates"]]
    circuit._wires, circuit._angles = list(stored["qubits"]), list(stored["angles"])
    circuit._operations = [_operation(row) for row in stored["operations"]]
    circuit._bits, circuit._conditional = stored["bits"], stored["conditional"]
    circuit._registers = [(name, first, size) for name, first, size in stored["registers"]]
    circuit._parameters = {name: index for index, name in enumerate(stored["parameters"])}


def _operation(row: list[Any]) -> Operation:
    gates, wires, angles, name, *arguments = row
    if name not in _OPERATIONS:
        what = "unknown operation in a stored circuit"
        raise failed("CORRUPT", "operations", repr(name), ", ".join(sorted(_OPERATIONS)), what)
    return Operation(gates, wires, angles, name, tuple(arguments))
