"""Operations: what circuits record beside plain gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ._native.circuits import Turn
from ._parameter import renumbered, terms_of


class Operation(NamedTuple):
    """Something that is not a plain gate: how many gates, qubits and angles were recorded before
    it, its name, and numbers (and names of gates and registers) as C gets them."""

    gates: int
    wires: int
    angles: int
    name: str
    arguments: tuple[Any, ...]

    def after(self, counts: tuple[int, int, int]) -> Operation:
        """The same after so many more gates, qubits and angles."""
        gates, wires, angles = counts
        place = self.gates + gates, self.wires + wires, self.angles + angles
        return Operation(*place, self.name, self.arguments)


# Operations that are no gates, measurements, resets, barriers or fences.
SETTINGS = frozenset({"condition", "register", "qubit_register"})

# Operations that progress does not count.
NO_STEPS = SETTINGS | {"barrier", "fence"}

# Where the qubits of an operation are among its arguments; its further controls are the last but
# one, the values of these the last.
_QUBITS_AT = {
    **dict.fromkeys(("controlled", "parametric"), 1),
    **dict.fromkeys(("unitary", "diagonal", "permutation", "multiplexer", "pauli_rotation"), 0),
}


def qubits_of(operation: Operation) -> list[int]:
    """All its qubits: its own, then its further controls."""
    arguments = operation.arguments
    if operation.name in _QUBITS_AT:
        return [*arguments[_QUBITS_AT[operation.name]], *arguments[-2]]
    if operation.name == "barrier":
        return list(arguments[0])
    return list(arguments[:1])


def with_qubits(operation: Operation, qubits: list[int]) -> Operation:
    """The same on other qubits, as many and in the order of `qubits_of`."""
    arguments = list(operation.arguments)
    if operation.name in _QUBITS_AT:
        at = _QUBITS_AT[operation.name]
        own = len(arguments[at])
        arguments[at], arguments[-2] = qubits[:own], qubits[own:]
    elif operation.name == "barrier":
        arguments[0] = qubits
    else:
        arguments[:1] = qubits
    return operation._replace(arguments=tuple(arguments))


def with_bits(operation: Operation, bits: list[int]) -> Operation:
    """The same with other classical bits, as many as it writes."""
    if not bits:
        return operation
    return operation._replace(arguments=(operation.arguments[0], *bits))


# ---- parameters


def turns_of(operation: Operation) -> list[Turn]:
    """Its angles that may have parameters."""
    if operation.name == "parametric":
        return list(operation.arguments[2])
    return [operation.arguments[2]] if operation.name == "pauli_rotation" else []


def with_turns(operation: Operation, turns: list[Turn]) -> Operation:
    """The same with other such angles. One of a gate without parameters is a number."""
    arguments = list(operation.arguments)
    arguments[2] = turns if operation.name == "parametric" else turns[0]
    name = operation.name
    if name == "parametric" and all(turn[0] < 0 for turn in turns):
        name, arguments[2] = "controlled", [turn[2] for turn in turns]
    return operation._replace(name=name, arguments=tuple(arguments))


def parameters_of(operation: Operation) -> list[int]:
    """The numbers of its parameters."""
    return sorted({number for turn in turns_of(operation) for number, _ in terms_of(turn)})


def with_parameters(operation: Operation, numbers: Sequence[int] | Mapping[int, int]) -> Operation:
    """The same where parameter i is numbers[i]."""
    turns = [renumbered(turn, numbers) for turn in turns_of(operation)]
    return with_turns(operation, turns) if turns else operation
