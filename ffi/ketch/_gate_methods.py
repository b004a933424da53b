"""Makers of the gate methods of `Circuit` and of `ket`, from the table of gates.

Recording touches only Python lists, by statements without calls between them: neither a signal nor
another thread can come between a gate and its qubits. A method adds what is plainly right by
itself; `_add_each` gets what is a sequence, a parameter, or wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from threading import RLock
from typing import Any, TypeAlias

from ._gate_table import Gate
from ._native.circuits import gate_number
from ._parameter import Parameter, has_parameter

Qubits: TypeAlias = int | Sequence[int]
Angles: TypeAlias = float | Parameter | Sequence[float | Parameter]
Code: TypeAlias = tuple[int]
Method: TypeAlias = Callable[..., Any]


class Recorder:
    """What the methods of Circuit use."""

    _qubits: int
    _gates: list[int]
    _wires: list[int]
    _angles: list[float]

    def _add_each(self, code: Code, angles: Sequence[Angles], qubits: Sequence[Qubits]) -> None:
        """One gate of any shape, or one for each element of sequences; refuses what is wrong."""
        raise NotImplementedError


class KetRecorder:
    """What the methods of ket use."""

    _circuit: Recorder
    _lock: RLock


# ---- makers of methods, by how many angles and qubits the gate has; argument names come later


def _turns0_qubits1(code: Code) -> Method:
    def add(self: Recorder, qubit: Qubits) -> Recorder:
        if type(qubit) is int and 0 <= qubit < self._qubits:
            self._wires += (qubit,)
            self._gates += code
        else:
            self._add_each(code, (), (qubit,))
        return self

    return add


def _turns1_qubits1(code: Code) -> Method:
    def add(self: Recorder, angle: Angles, qubit: Qubits) -> Recorder:
        if (
            type(qubit) is int
            and 0 <= qubit < self._qubits
            and type(angle) is float
            and isfinite(angle)
        ):
            self._angles += (angle,)
            self._wires += (qubit,)
            self._gates += code
        else:
            self._add_each(code, (angle,), (qubit,))
        return self

    return add


def _turns0_qubits2(code: Code) -> Method:
    def add(self: Recorder, a: Qubits, b: Qubits) -> Recorder:
        if type(a) is int and type(b) is int and 0 <= a < self._qubits > b >= 0 and a != b:
            self._wires += (a, b)
            self._gates += code
        else:
            self._add_each(code, (), (a, b))
        return self

    return add


def _turns1_qubits2(code: Code) -> Method:
    def add(self: Recorder, angle: Angles, a: Qubits, b: Qubits) -> Recorder:
        if (
            type(a) is type(b) is int
            and 0 <= a < self._qubits > b >= 0
            and a != b
            and type(angle) is float
            and isfinite(angle)
        ):
            self._angles += (angle,)
            self._wires += (a, b)
            self._gates += code
        else:
            self._add_each(code, (angle,), (a, b))
        return self

    return add


def _turns0_qubits3(code: Code) -> Method:
    def add(self: Recorder, a: Qubits, b: Qubits, c: Qubits) -> Recorder:
        if (
            type(a) is type(b) is type(c) is int
            and 0 <= a < self._qubits > b >= 0 <= c < self._qubits
            and a != b != c != a
        ):
            self._wires += (a, b, c)
            self._gates += code
        else:
            self._add_each(code, (), (a, b, c))
        return self

    return add


def _turns3_qubits1(code: Code) -> Method:
    def add(self: Recorder, a: Angles, b: Angles, c: Angles, qubit: Qubits) -> Recorder:
        if (
            type(qubit) is int
            and 0 <= qubit < self._qubits
            and type(a) is type(b) is type(c) is float
            and isfinite(a + b + c)
        ):
            self._angles += (a, b, c)
            self._wires += (qubit,)
            self._gates += code
        else:
            self._add_each(code, (a, b, c), (qubit,))
        return self

    return add


_QUICK = {
    (0, 1): _turns0_qubits1,
    (1, 1): _turns1_qubits1,
    (0, 2): _turns0_qubits2,
    (1, 2): _turns1_qubits2,
    (0, 3): _turns0_qubits3,
    (3, 1): _turns3_qubits1,
}


def _rare(code: Code, turns: int, count: int) -> Method:
    """For shapes that few gates have: all arguments go to `_add_each`."""

    def add3(self: Recorder, a: Any, b: Any, c: Any) -> Recorder:
        return split(self, (a, b, c))

    def add4(self: Recorder, a: Any, b: Any, c: Any, d: Any) -> Recorder:
        return split(self, (a, b, c, d))

    def add5(self: Recorder, a: Any, b: Any, c: Any, d: Any, e: Any) -> Recorder:
        return split(self, (a, b, c, d, e))

    def add6(self: Recorder, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Recorder:
        return split(self, (a, b, c, d, e, f))

    def split(self: Recorder, arguments: tuple[Any, ...]) -> Recorder:
        self._add_each(code, arguments[:turns], arguments[turns:])
        return self

    methods: dict[int, Method] = {3: add3, 4: add4, 5: add5, 6: add6}
    return methods[count]


# ---- methods


def _described(gate: Gate, sequences: bool) -> str:
    """The docstring of a gate's method."""
    more = ", or a sequence of them" if sequences else ""
    angle = "float or Parameter" if sequences else "float"
    parts = [gate.meaning, "\n\nParameters\n----------"]
    if gate.angles:
        parts.append(f"\n{', '.join(gate.angles)} : {angle}{more}\n    In radians.")
    parts.append(f"\n{', '.join(gate.qubits)} : int{more}")
    owner = "Circuit" if sequences else "ket"
    return "".join([*parts, f"\n\nReturns\n-------\n{owner}\n    Itself, so that calls chain.\n"])


def circuit_method(gate: Gate) -> Method:
    """The method of Circuit: its arguments get the names that the table says."""
    number = gate_number(gate.name)
    assert number >= 0, gate.name
    turns, count = len(gate.angles), len(gate.arguments)
    make = _QUICK.get((turns, len(gate.qubits)))
    method = make((number,)) if make else _rare((number,), turns, count)
    names = "self", *gate.arguments
    code = method.__code__
    method.__code__ = code.replace(
        co_varnames=names + code.co_varnames[len(names) :], co_name=gate.name
    )
    method.__annotations__ = {}  # the stub has them
    method.__doc__ = _described(gate, sequences=True)
    return method


def ket_method(gate: Gate, add: Method) -> Method:
    """The method of ket, which records by that of Circuit."""

    def method(self: KetRecorder, *arguments: Any, **named: Any) -> KetRecorder:
        for value in (*arguments, *named.values()):
            if has_parameter(value):
                allowed = "numbers; parameters are for Circuit, whose runs take values"
                raise TypeError(f"a ket takes no Parameter: given {value}, allowed {allowed}")
        with self._lock:
            add(self._circuit, *arguments, **named)
        return self

    method.__text_signature__ = f"(self, {', '.join(gate.arguments)})"  # type: ignore[attr-defined]
    method.__doc__ = _described(gate, sequences=False)
    return method
