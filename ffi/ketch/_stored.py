"""The form in which circuits are stored: plain numbers, texts and lists, so that a pickle or a JSON
text of it can be read by every later version. A gate is stored by a number that stands for its name
in a list that is stored with it, never by C's number.
"""

from __future__ import annotations

from array import array
from typing import Any, Literal

from ._errors import failed
from ._gate_table import GATES
from ._native.circuits import gate_name, gate_number
from ._recording import Operation, Recorded, Recording

# Since 2, angles may be sums of several parameters. A circuit is stored in the first form that has
# all it needs, so that earlier versions read it where they can.
FORMAT = 2

_OPERATIONS = {
    *("controlled", "parametric", "unitary", "diagonal", "measure", "reset"),
    *("barrier", "fence", "condition", "register"),
}
_NAMES = {gate.name for gate in GATES}


def describe(circuit: Recorded) -> dict[str, Any]:
    """The stored form."""
    gates, wires, angles, operations = circuit.counts
    own = _numbers("i", circuit.gates, gates)
    numbers = list(dict.fromkeys(own))
    places = {number: place for place, number in enumerate(numbers)}
    kept = circuit.operations[:operations]
    return {
        "format": 2 if any(map(_has_sum, kept)) else 1,
        "text": list(circuit.text) if circuit.text else None,
        "shape": list(circuit.shape),
        "bits": circuit.bits,
        "registers": [list(register) for register in circuit.registers],
        "parameters": list(circuit.parameters),
        "conditional": circuit.conditional,
        "names": [gate_name(number) for number in numbers],
        "gates": [places[number] for number in own],
        "qubits": _numbers("i", circuit.wires, wires),
        "angles": _numbers("d", circuit.angles, angles),
        "operations": [[*each[:4], *each.arguments] for each in kept],
    }


def _has_sum(operation: Operation) -> bool:
    """Whether an angle has more than one parameter."""
    return operation.name == "parametric" and any(len(turn) > 3 for turn in operation.arguments[2])


def _numbers(kind: Literal["i", "d"], numbers: bytearray, count: int) -> list[Any]:
    """The first of the numbers that a Recorder has."""
    found: array[Any] = array(kind)
    found.frombytes(bytes(numbers[: count * found.itemsize]))
    return found.tolist()


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
    gates = [numbers[place] for place in stored["gates"]]
    circuit._extend(gates, list(stored["qubits"]), list(stored["angles"]))
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
