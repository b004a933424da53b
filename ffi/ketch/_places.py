"""Where an error lies: C's numbered arguments in the words of Python's gate methods."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ._errors import Error, reword
from ._gate_table import GATES, Gate
from ._native.circuits import gate_name

_GATES = {gate.name: gate for gate in GATES}
_MANY = re.compile(r"gate (\d+) of the call \((\w+)\)")
_PLACE = re.compile(r"\b(qubits|angles)\[(\d+)\]")


@contextmanager
def told_by_method(gate: int, columns: Sequence[Any] = ()) -> Iterator[None]:
    """Errors inside name the arguments of the gate's method. columns: its arguments, in order,
    where each may be a list with an element for each gate."""
    try:
        yield
    except Error as error:
        row, many = _GATES[gate_name(gate)], _MANY.match(error.message)
        element = f"[{many[1]}]" if many else ""
        lists = {
            name
            for name, column in zip(row.arguments, columns, strict=False)
            if isinstance(column, list)
        }
        _rename(error, row, {name: name + element for name in lists})
        reword(error, _MANY.sub(row.name, error.message))
        raise


@contextmanager
def told_by_list() -> Iterator[None]:
    """Errors inside name an element of the sequence `gates`."""
    try:
        yield
    except Error as error:
        many = _MANY.match(error.message)
        if many:
            _rename(error, _GATES[many[2]], {})
            reword(error, _MANY.sub(f"gates[{many[1]}] ({many[2]})", error.message))
        reword(error, error.message.replace("for all gates of the call", "for all gates"))
        raise


def _rename(error: Error, gate: Gate, names: dict[str, str]) -> None:
    """Puts the names of a gate's arguments in place of C's. names: of some, what to call them."""
    found: list[str] = []

    def name(place: re.Match[str]) -> str:
        of = gate.qubits if place[1] == "qubits" else gate.angles
        found.append(of[int(place[2])])
        return names.get(found[-1], found[-1])

    reword(error, _PLACE.sub(name, error.message))
    if found:
        error.argument = found[-1]
