"""What a circuit has recorded, how C checks it, and how a C circuit is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from ._arguments import column, common_length, indices, interleave
from ._errors import Error
from ._gate_methods import Angles, Qubits
from ._gates import CircuitGates
from ._native import circuits
from ._native.circuits import Draft
from ._native.handles import CircuitHandle
from ._parameter import ParameterExpression, angles, bound_turn, turn_of

if TYPE_CHECKING:
    from typing_extensions import Self

# A classical register: name, first bit, size.
Register = tuple[str, int, int]


class Operation(NamedTuple):
    """Something that is not a plain gate: how many gates, qubits and angles were recorded before
    it, its name, and numbers (and names of gates and registers) as C gets them."""

    gates: int
    wires: int
    angles: int
    name: str
    arguments: tuple[Any, ...]


class Recorded(NamedTuple):
    """A circuit as it stood. Its arrays (of int32 and double) and its list grow on with the
    circuit; the counts (of gates, qubits, angles, operations) say how much of them is its own.
    text: an OpenQASM text that it began with, the texts of its includes, and its limit."""

    text: tuple[str, dict[str, str], int] | None
    shape: tuple[int, int, int]
    bits: int
    registers: tuple[Register, ...]
    parameters: tuple[str, ...]
    conditional: bool
    gates: bytearray
    wires: bytearray
    angles: bytearray
    operations: list[Operation]
    counts: tuple[int, int, int, int]


# Operations that progress counts.
_STEPS = {"measure", "reset", "unitary", "diagonal", "controlled", "parametric"}


class Recording(CircuitGates):
    """Plain gates as the three arrays of a Recorder, and operations between them, after a C circuit
    that a text gave or after nothing."""

    def _begin(
        self,
        shape: tuple[int, int, int],
        registers: list[Register],
        base: CircuitHandle | None = None,
        text: tuple[str, dict[str, str], int] | None = None,
    ) -> None:
        """Goes on from a C circuit, which nobody changes from now on, and the text that it is of;
        None: from an empty one."""
        self._base = base
        self._text = text
        self._shape = shape  # at the beginning: qubits, bits, steps
        self._bits = shape[1]
        self._registers = registers
        self._record(shape[0], bytearray(), bytearray(), bytearray())
        self._operations: list[Operation] = []
        self._conditional = False
        self._parameters: dict[str, int] = {}

    @property
    def _version(self) -> int:
        """Grows with every addition."""
        return len(self._gates) + len(self._operations)

    def _recorded(self) -> Recorded:
        operations = self._operations
        counts = *self._counts, len(operations)
        return Recorded(
            self._text,
            self._shape,
            self._bits,
            tuple(self._registers),
            tuple(self._parameters),
            self._conditional,
            self._gates,
            self._wires,
            self._angles,
            operations,
            counts,
        )

    def _count(self) -> int:
        counted = sum(operation.name in _STEPS for operation in self._operations)
        return self._shape[2] + self._counts[0] + counted

    # ---- adding

    def _at(self, name: str, values: Any) -> list[int]:
        return indices(name, values, self._qubits)

    def _mark(self, name: str, arguments: tuple[Any, ...]) -> Operation:
        """An operation after all that was recorded."""
        return Operation(*self._counts, name, arguments)

    def _operate(self, name: str, *arguments: Any, check: bool = True) -> Self:
        """Records an operation; check: C checks it first."""
        if check:
            self._try(lambda circuit: circuits.add_operation(circuit, name, arguments))
        self._operations += (self._mark(name, arguments),)
        return self

    def _operate_each(self, name: str, each: Iterable[tuple[int, ...]]) -> Self:
        """Records an operation for each arguments, a qubit and perhaps a bit: all or none."""
        marks = [self._mark(name, arguments) for arguments in each]
        for mark in marks:
            self._check_places(name, mark.arguments)
        self._operations += marks
        return self

    def _check_places(self, name: str, places: tuple[int, ...]) -> None:
        limits = self._qubits, self._bits
        if not all(0 <= place < limit for place, limit in zip(places, limits, strict=False)):
            self._try(lambda circuit: circuits.add_operation(circuit, name, places))

    def _append(self, gates: list[int], wires: list[int], angles: list[float]) -> Self:
        add = circuits.add_gate if len(gates) == 1 else circuits.add_gates
        self._try(lambda circuit: add(circuit, gates, wires, angles))
        return self._extend(gates, wires, angles)

    def _try(self, add: Callable[[CircuitHandle], None]) -> None:
        """Lets C check an addition on an empty circuit of the same shape. Where it is refused, on
        the circuit itself, so that the text names the gate's number."""
        try:
            add(circuits.create(self._qubits, self._bits))
            return
        except Error:
            pass
        add(self._build())

    def _add_each(self, gate: int, given: Sequence[Angles], qubits: Sequence[Qubits]) -> None:
        turns = [column("angle", angle, angles) for angle in given]
        wires = [column("qubit", qubit, self._at) for qubit in qubits]
        count = common_length([*turns, *wires])
        if any(issubclass(kind, ParameterExpression) for kind in set(map(type, chain(*turns)))):
            self._add_parametric(circuits.gate_name(gate), turns, wires, count)
            return
        add = self._extend if self._are_right(turns, wires) else self._append
        add([gate] * count, interleave(wires, count), interleave(turns, count))

    def _are_right(self, turns: Sequence[Sequence[float]], wires: Sequence[Sequence[int]]) -> bool:
        """Whether C would take gates on these columns of angles and qubits; false where only C can
        say. It saves the making of a circuit that C checks them on."""
        sets = [set(column) for column in wires]
        every = sets[0] if len(sets) == 1 else set().union(*sets)
        return (
            len(every) == sum(map(len, sets)) > 0
            and min(every) >= 0
            and max(every) < self._qubits
            and all(map(isfinite, chain(*turns)))
        )

    # ---- parameters

    def _add_parametric(
        self, gate: str, turns: Sequence[Any], wires: Sequence[Any], count: int
    ) -> None:
        """A gate `count` times, some of whose angles are parameters: all or none."""
        before = len(self._operations), dict(self._parameters)
        own, own_turns = len(wires), len(turns)
        all_wires, all_turns = interleave(wires, count), interleave(turns, count)
        try:
            for i in range(count):
                qubits = all_wires[i * own : (i + 1) * own]
                self._parametric(gate, qubits, all_turns[i * own_turns : (i + 1) * own_turns])
        except Error:
            del self._operations[before[0] :]
            self._parameters = before[1]
            raise

    def _parametric(
        self,
        gate: str,
        qubits: list[int],
        turns: Sequence[Any],
        controls: Sequence[int] = (),
        values: Sequence[int] = (),
    ) -> Self:
        """A gate some of whose angles are parameters. C checks it with their offsets first."""
        offsets = [t.offset if isinstance(t, ParameterExpression) else t for t in turns]
        tried = gate, qubits, offsets, controls, values
        self._try(lambda circuit: circuits.add_operation(circuit, "controlled", tried))
        numbered = [turn_of(turn, self._parameters) for turn in turns]
        rest = qubits, numbered, controls, values
        return self._operate("parametric", gate, *rest, check=False)

    # ---- C's circuit

    def _build(self) -> CircuitHandle:
        """A C circuit with all that was recorded."""
        return self._draft(self._recorded()).whole()

    def _draft(self, recorded: Recorded) -> Draft:
        """The circuit as it stood, in C."""
        draft = circuits.draft()
        if self._base is None:
            draft.begin(*self._shape[:2])
        else:
            draft.begin_with(self._base)
        if recorded.parameters:
            circuits.add_parameters(draft.circuit, len(recorded.parameters))
        begin, end = (0, 0, 0), recorded.counts
        for operation in recorded.operations[: end[3]]:
            if operation[:3] != begin:
                draft.add(self, begin, begin := operation[:3])
            circuits.add_operation(draft.circuit, operation.name, operation.arguments)
        draft.end(self, begin, end[:3])
        return draft


def bound(
    operation: Operation, numbers: Sequence[float | None], numbering: Sequence[int]
) -> Operation:
    """An operation with numbers in place of parameters. Those that have None stay, under the
    numbers of `numbering`."""
    if operation.name != "parametric":
        return operation
    gate, qubits, turns, *under = operation.arguments
    found = [bound_turn(turn, numbers, numbering) for turn in turns]
    if any(turn[0] >= 0 for turn in found):
        return operation._replace(arguments=(gate, qubits, found, *under))
    offsets = [turn[2] for turn in found]
    return operation._replace(name="controlled", arguments=(gate, qubits, offsets, *under))
