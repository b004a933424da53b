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
from ._operation import Operation, turns_of
from ._recording import Recorded, Recording

# Since 2, angles may be sums of several parameters, and there are permutations, multiplexers, Pauli
# rotations and registers of qubits. A circuit is stored in the first form that has all it needs, so
# that earlier versions read it where they can.
FORMAT = 2
_SINCE_2 = {"permutation", "multiplexer", "pauli_rotation", "qubit_register"}

_OPERATIONS = {
    *("controlled", "parametric", "unitary", "diagonal", "measure", "reset"),
    *("barrier", "fence", "condition", "register"),
    *_SINCE_2,
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
        "format": 2 if any(map(_is_new, kept)) else 1,
        "text": None,
        "shape": [*circuit.shape, 0],
        "bits": circuit.bits,
        "registers": [list(register) for register in circuit.registers],
        "qubit_registers": [list(register) for register in circuit.qubit_registers],
        "parameters": list(circuit.parameters),
        "conditional": circuit.conditional,
        "names": [gate_name(number) for number in numbers],
        "gates": [places[number] for number in own],
        "qubits": _numbers("i", circuit.wires, wires),
        "angles": _numbers("d", circuit.angles, angles),
        "operations": [[*each[:4], *each.arguments] for each in kept],
    }


def _is_new(operation: Operation) -> bool:
    """Whether the first form has no such operation, or no such angle."""
    return operation.name in _SINCE_2 or any(len(turn) > 3 for turn in turns_of(operation))


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
    """Adds what was recorded. The circuit has been begun with the shape; in the first form, with a
    text, which the counts of operations do not count."""
    for name in stored["names"]:
        if name not in _NAMES:
            allowed = "the names of Circuit's gate methods"
            raise failed("GATE", "names", repr(name), allowed, "unknown gate in a stored circuit")
    numbers = [gate_number(name) for name in stored["names"]]
    gates = [numbers[place] for place in stored["gates"]]
    before = circuit._counts
    circuit._extend(gates, list(stored["qubits"]), list(stored["angles"]))
    circuit._operations += [_operation(row).after(before) for row in stored["operations"]]
    circuit._bits, circuit._conditional = stored["bits"], stored["conditional"]
    circuit._registers = [(name, first, size) for name, first, size in stored["registers"]]
    circuit._qubit_registers = [
        (name, first, size)
        for name, first, size in stored.get("qubit_registers", circuit._qubit_registers)
    ]
    circuit._parameters = {name: index for index, name in enumerate(stored["parameters"])}


def _operation(row: list[Any]) -> Operation:
    gates, wires, angles, name, *arguments = row
    if name not in _OPERATIONS:
        what = "unknown operation in a stored circuit"
        raise failed("CORRUPT", "operations", repr(name), ", ".join(sorted(_OPERATIONS)), what)
    return Operation(gates, wires, angles, name, tuple(arguments))
