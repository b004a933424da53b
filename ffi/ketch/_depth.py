"""How deep circuits are."""

from __future__ import annotations

from collections.abc import Iterator

from ._instructions import Entry, Instructions


def depth(instructions: Instructions, bits: int) -> int:
    """How many instructions the longest path has. Barriers and fences order instructions and are
    not counted."""
    levels = [0] * (instructions.qubits + bits)
    for wires, counted in _wires(instructions):
        if wires:
            level = max(map(levels.__getitem__, wires)) + counted
            for wire in wires:
                levels[wire] = level
    return max(levels)


def _wires(instructions: Instructions) -> Iterator[tuple[list[int], bool]]:
    """For each instruction its qubits and then bits, which are numbered on from the qubits, and
    whether it is counted."""
    under: list[int] = []
    done = 0
    for entry in instructions.entries():
        end = entry.place - entry.others + (entry.operation is not None)
        for wires in instructions.wires(done, end):
            yield wires + under if under else wires, True
        done = end
        under = _bits(instructions, entry)
        if entry.operation:
            yield _of_operation(instructions, entry) + under, not _only_orders(entry)
    for wires in instructions.wires(done, None):
        yield wires + under if under else wires, True


def _bits(instructions: Instructions, entry: Entry) -> list[int]:
    """Those of the condition in force."""
    first, count, _ = entry.condition or (0, 0, 0)
    return list(range(instructions.qubits + first, instructions.qubits + first + count))


def _only_orders(entry: Entry) -> bool:
    return entry.operation is not None and entry.operation.name in ("barrier", "fence")


def _of_operation(instructions: Instructions, entry: Entry) -> list[int]:
    """The qubits and the written bit of an operation."""
    fields = instructions.fields(entry.place)
    if _only_orders(entry) and not fields.qubits:
        return list(range(instructions.qubits))
    written = [instructions.qubits + bit for bit in fields.bits]
    return [*fields.qubits, *fields.controls, *written]
