"""Makers of the gate methods of `Circuit` and of `ket`, from the table of gates.

The methods are C functions of `Recorder`: they record what is plainly right by themselves, in one
step that neither a signal nor another thread divides. Calls with keywords, sequences, parameters or
wrong arguments go to Python functions, which give them to `_add_each`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeAlias

from ._arguments import Array, Qubits
from ._gate_table import GATES, Gate
from ._native.circuits import Recorder, gate_number
from ._parameter import ParameterExpression

# One angle or several, in radians.
Angles: TypeAlias = float | ParameterExpression | Sequence[float | ParameterExpression] | Array
Function: TypeAlias = Callable[..., Any]


class _Adds(Protocol):
    """What the Python functions need."""

    def _add_each(self, gate: int, angles: Sequence[Angles], qubits: Sequence[Qubits]) -> None:
        """One gate of any shape, or one for each element of sequences; refuses what is wrong."""


# ---- Python functions


def _function(gate: Gate) -> Function:
    """The function for what the C function does not record."""
    number, turns = gate_number(gate.name), len(gate.angles)
    assert number >= 0, gate.name

    def split(self: _Adds, arguments: tuple[Any, ...]) -> _Adds:
        self._add_each(number, arguments[:turns], arguments[turns:])
        return self

    def add1(self: _Adds, a: Any) -> _Adds:
        return split(self, (a,))

    def add2(self: _Adds, a: Any, b: Any) -> _Adds:
        return split(self, (a, b))

    def add3(self: _Adds, a: Any, b: Any, c: Any) -> _Adds:
        return split(self, (a, b, c))

    def add4(self: _Adds, a: Any, b: Any, c: Any, d: Any) -> _Adds:
        return split(self, (a, b, c, d))

    def add5(self: _Adds, a: Any, b: Any, c: Any, d: Any, e: Any) -> _Adds:
        return split(self, (a, b, c, d, e))

    def add6(self: _Adds, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> _Adds:
        return split(self, (a, b, c, d, e, f))

    methods: list[Function] = [add1, add2, add3, add4, add5, add6]
    return _renamed(methods[len(gate.arguments) - 1], gate)


def _renamed(function: Function, gate: Gate) -> Function:
    """The function under the gate's name, its arguments with the names that the table says."""
    names = "self", *gate.arguments
    code = function.__code__
    function.__code__ = code.replace(
        co_varnames=names + code.co_varnames[len(names) :], co_name=gate.name
    )
    function.__name__, function.__qualname__ = gate.name, f"Circuit.{gate.name}"
    return function


def functions() -> tuple[Function | None, ...]:
    """The Python functions of all gates, by C's numbers."""
    found = {gate_number(gate.name): _function(gate) for gate in GATES}
    return tuple(found.get(number) for number in range(max(found) + 1))


# ---- methods


def _described(gate: Gate, name: str, sequences: bool) -> str:
    """The docstring of a gate's method, with its signature."""
    more = ", or a sequence of them" if sequences else ""
    angle = "float or Parameter" if sequences else "float"
    parts = [f"{name}({', '.join(('self', *gate.arguments))})\n--\n\n", gate.meaning]
    parts.append("\n\nParameters\n----------")
    if gate.angles:
        parts.append(f"\n{', '.join(gate.angles)} : {angle}{more}\n    In radians.")
    if gate.qubits:
        parts.append(f"\n{', '.join(gate.qubits)} : int{more}")
    owner = "Circuit" if sequences else "ket"
    return "".join([*parts, f"\n\nReturns\n-------\n{owner}\n    Itself, so that calls chain.\n"])


def add_methods(owner: type[Recorder], gates: Iterable[tuple[str, Gate]], sequences: bool) -> None:
    """Gives a class a method of that name for each gate. sequences: whether the text says that
    arguments may be sequences."""
    rows = tuple((name, gate_number(g.name), _described(g, name, sequences)) for name, g in gates)
    Recorder._define_methods(owner, rows)
