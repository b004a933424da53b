"""What a circuit has recorded, how C checks it, and how a C circuit is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from ._arguments import Qubits, column, common_length, indices, interleave
from ._errors import Error
from ._gate_methods import Angles
from ._gates import CircuitGates
from ._instructions import Instructions
from ._native import circuits
from ._native.circuits import Draft
from ._native.handles import CircuitHandle
from ._operation import Operation, turns_of, with_turns
from ._parameter import ParameterExpression, angles, bound_turn, turn_of
from ._places import told_by_method

if TYPE_CHECKING:
    from typing_extensions import Self

# A classical register: name, first bit, size.
Register = tuple[str, int, int]


class Recorded(NamedTuple):
    """A circuit as it stood. Its arrays (of int32 and double) and its list grow on with the
    circuit; the counts (of gates, qubits, angles, operations) say how much of them is its own.
    shape: its qubits, and the bits that it began with."""

    shape: tuple[int, int]
    bits: int
    registers: tuple[Register, ...]
    qubit_registers: tuple[Register, ...]
    parameters: tuple[str, ...]
    conditional: bool
    gates: bytearray
    wires: bytearray
    angles: bytearray
    operations: list[Operation]
    counts: tuple[int, int, int, int]


class Recording(CircuitGates):
    """Plain gates as the three arrays of a Recorder, and operations between them."""

    def _begin(self, qubits: int, bits: int) -> None:
        """An empty circuit; bits form a register "c"."""
        self._shape = qubits, bits
        self._bits = bits
        self._registers: list[Register] = [("c", 0, bits)] if bits else []
        self._qubit_registers: list[Register] = []
        self._record(qubits, bytearray(), bytearray(), bytearray())
        self._operations: list[Operation] = []
        self._conditional = False
        self._parameters: dict[str, int] = {}
        self._indexed: Instructions | None = None
        self._plans: dict[Any, Any] = {}  # programs, by what they were made with

    @property
    def _version(self) -> int:
        """Grows with every addition."""
        return len(self._gates) + len(self._operations)

    def _recorded(self) -> Recorded:
        operations = self._operations
        counts = *self._counts, len(operations)
        return Recorded(
            self._shape,
            self._bits,
            tuple(self._registers),
            tuple(self._qubit_registers),
            tuple(self._parameters),
            self._conditional,
            self._gates,
            self._wires,
            self._angles,
            operations,
            counts,
        )

    def _instructions(self) -> Instructions:
        """The index of all that was recorded."""
        found = self._indexed
        if found is None:
            found = self._indexed = Instructions(self)
        if not found.knows(self, self._operations):
            found.grow(self, self._operations, self._parameters)
        return found

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

    def _put(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Records an operation that is known to be right."""
        self._operations.append(self._mark(name, arguments))

    def _add_qubit_register(self, name: str, size: int) -> None:
        """Names the next qubits; C checks it first."""
        arguments = name, size
        self._try(lambda circuit: circuits.add_operation(circuit, "qubit_register", arguments))
        self._put_qubit_register(name, size)

    def _put_register(self, name: str, size: int) -> None:
        self._put("register", (name, size))
        self._registers.append((name, self._bits, size))
        self._bits += size

    def _put_qubit_register(self, name: str, size: int) -> None:
        self._put("qubit_register", (name, size))
        first = sum(size for _, _, size in self._qubit_registers)
        self._qubit_registers.append((name, first, size))

    def _add_gates(self, gates: list[int], wires: list[int], angles: list[float]) -> Self:
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
            with told_by_method(gate):
                self._add_parametric(circuits.gate_name(gate), turns, wires, count)
            return
        gates = [gate] * count, interleave(wires, count), interleave(turns, count)
        if self._are_right(turns, wires):
            self._extend(*gates)
            return
        with told_by_method(gate, [*turns, *wires]):
            self._add_gates(*gates)

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
        draft.begin(*self._shape)
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
    turns = [bound_turn(turn, numbers, numbering) for turn in turns_of(operation)]
    return with_turns(operation, turns) if turns else operation
