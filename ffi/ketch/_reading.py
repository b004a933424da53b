"""C circuits read back into records."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ._native import circuits
from ._native.handles import CircuitHandle
from ._operation import Operation, with_parameters
from ._recording import Recording

_ALWAYS = 0, 0, 0
_make = partial(tuple.__new__, Operation)


def read_shape(made: Recording, circuit: CircuitHandle, names: Sequence[str]) -> None:
    """Begins with the C circuit's qubits, registers, and parameters, which have these names."""
    registers = circuits.registers(circuit)
    begins = bool(registers) and registers[0][0] == "c"
    made._begin(circuits.qubits(circuit), registers[0][1] if begins else 0)
    for name, size in registers[begins:]:
        made._put_register(name, size)
    for name, size in circuits.qubit_registers(circuit):
        made._put_qubit_register(name, size)
    made._parameters = {name: index for index, name in enumerate(names)}


def read_records(made: Recording, circuit: CircuitHandle, numbering: Sequence[int]) -> None:
    """Records all that the C circuit has, after what is there. numbering: what its parameters are
    numbered in the record."""
    reader = circuits.Reader(circuit)
    index, under = 0, _ALWAYS
    while True:
        more = under, made._operations, _make
        while (end := reader.many(made, index, *more)) > index:
            index = end
        if index == reader.length:
            break
        condition, name, arguments = reader.operation(index)
        if condition != under:
            under = condition
            made._put("condition", under)
        else:
            operation = made._mark(name, arguments)
            made._operations.append(with_parameters(operation, numbering))
            index += 1
    if under != _ALWAYS:
        made._put("condition", _ALWAYS)
