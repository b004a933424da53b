"""Circuits as rows of instructions, which are decoded when they are asked for."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, islice, pairwise, repeat
from struct import unpack_from
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ._gate_table import GATES
from ._native.circuits import Recorder, gate_number
from ._operation import SETTINGS, Operation, parameters_of, with_parameters
from ._parameter import ParameterExpression, angle_from

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

# Bits that something depends on: the first, how many, and the number that they must read as.
ConditionBits: TypeAlias = tuple[int, int, int]

_NAMES = {gate_number(gate.name): gate.name for gate in GATES}
_QUBITS = [0] * (max(_NAMES) + 1)
_ANGLES = [0] * (max(_NAMES) + 1)
for _gate in GATES:
    _QUBITS[gate_number(_gate.name)] = len(_gate.qubits)
    _ANGLES[gate_number(_gate.name)] = len(_gate.angles)


class Fields(NamedTuple):
    """What an instruction is, decoded. angles: numbers, or as C gets angles with parameters;
    numbers: of a matrix, a diagonal or a table, as C gets them; letters: of a Pauli rotation."""

    name: str
    qubits: tuple[int, ...]
    angles: tuple[Any, ...] = ()
    controls: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    bits: tuple[int, ...] = ()
    numbers: tuple[float, ...] = ()
    letters: str = ""


def _of_gate(gate: str, qubits: Any, angles: Any, controls: Any = (), values: Any = ()) -> Fields:
    return Fields(gate, tuple(qubits), tuple(angles), tuple(controls), tuple(values))


def _of_numbers(name: str) -> Callable[..., Fields]:
    def fields(qubits: Any, numbers: Any, tolerance: float, controls: Any, values: Any) -> Fields:
        under = tuple(controls), tuple(values)
        return Fields(name, tuple(qubits), (), *under, (), tuple(numbers))

    return fields


def _of_table(qubits: Any, table: Any, controls: Any, values: Any) -> Fields:
    under = tuple(controls), tuple(values)
    return Fields("permutation", tuple(qubits), (), *under, (), tuple(table))


def _of_letters(qubits: Any, letters: str, angle: Any, controls: Any, values: Any) -> Fields:
    under = tuple(controls), tuple(values)
    return Fields("pauli_rotation", tuple(qubits), (angle,), *under, letters=letters)


# The fields of each operation, from its arguments.
_FIELDS: dict[str, Callable[..., Fields]] = {
    "controlled": _of_gate,
    "parametric": _of_gate,
    "unitary": _of_numbers("unitary"),
    "diagonal": _of_numbers("diagonal"),
    "multiplexer": _of_numbers("multiplexer"),
    "permutation": _of_table,
    "pauli_rotation": _of_letters,
    "measure": lambda qubit, bit: Fields("measure", (qubit,), bits=(bit,)),
    "reset": lambda qubit: Fields("reset", (qubit,)),
    "barrier": lambda qubits: Fields("barrier", tuple(qubits)),
    "fence": lambda: Fields("fence", ()),
}


class Entry(NamedTuple):
    """An operation among the instructions. place: the index of the instruction that it is, or of
    the next one; operation: None for those in SETTINGS; condition: in force from here on; others:
    how many instructions up to here are no plain gates."""

    place: int
    operation: Operation | None
    condition: ConditionBits | None
    others: int


class Instructions:
    """An index of a circuit's records. It grows as the circuit does and does not change otherwise:
    an instruction is a place in it. Several threads may use it."""

    __slots__ = ("_arrays", "_entries", "_gates", "_lock", "_starts", "names", "qubits")

    def __init__(self, circuit: Recorder) -> None:
        self.qubits: int = circuit._qubits
        self.names: tuple[str, ...] = ()  # of the circuit's parameters
        self._arrays = circuit._wires, circuit._angles
        self._gates = array("i")  # the numbers of plain gates
        self._starts = array("q", [0]), array("q", [0])  # of their qubits, and of their angles
        self._entries: list[Entry] = []  # one for each operation
        self._lock = Lock()

    @classmethod
    def single(
        cls, qubits: int, operation: Operation, condition: ConditionBits | None, names: Any
    ) -> Instructions:
        """The index of one operation on so many qubits."""
        made = cls.__new__(cls)
        made.qubits, made.names = qubits, tuple(names)
        made._arrays = bytearray(), bytearray()
        made._gates, made._starts = array("i"), (array("q", [0]), array("q", [0]))
        made._entries, made._lock = [Entry(0, operation, condition, 1)], Lock()
        return made

    def __len__(self) -> int:
        return len(self._gates) + (self._entries[-1].others if self._entries else 0)

    # ---- growing

    def knows(self, circuit: Recorder, operations: list[Operation]) -> bool:
        """Whether it has all that was recorded."""
        known = 4 * len(self._gates), len(self._entries)
        return known == (len(circuit._gates), len(operations))

    def grow(self, circuit: Recorder, operations: list[Operation], names: Iterable[str]) -> None:
        """Takes in what was recorded since; names: of the parameters. What an interrupt left half
        done is done again."""
        with self._lock:
            self.names = tuple(names)
            self._grow_gates(circuit)
            self._entries += self._new_entries(operations)

    def _grow_gates(self, circuit: Recorder) -> None:
        known, count = len(self._gates), circuit._counts[0]
        fresh = array("i", bytes(circuit._gates[4 * known : 4 * count]))
        for starts, sizes in zip(self._starts, (_QUBITS, _ANGLES), strict=True):
            del starts[known + 1 :]
            counted = accumulate(map(sizes.__getitem__, fresh), initial=starts[-1])
            starts.extend(islice(counted, 1, None))
        self._gates.extend(fresh)

    def _new_entries(self, operations: list[Operation]) -> list[Entry]:
        found: list[Entry] = []
        last = self._entries[-1] if self._entries else Entry(0, None, None, 0)
        for operation in operations[len(self._entries) :]:
            place, condition, others = operation.gates + last.others, last.condition, last.others
            if operation.name == "condition":
                first, count, value = operation.arguments
                condition = (first, count, value) if count else None
            if operation.name in SETTINGS:
                last = Entry(place, None, condition, others)
            else:
                last = Entry(place, operation, condition, others + 1)
            found.append(last)
        return found

    # ---- reading

    def _entry(self, index: int) -> Entry | None:
        """The last operation up to that instruction."""
        entries = self._entries
        at = bisect_right(entries, index, key=_place) if entries else 0
        return entries[at - 1] if at else None

    def operation(self, index: int) -> Operation | None:
        """The operation that the instruction is; None: a plain gate."""
        entry = self._entry(index)
        return entry.operation if entry and entry.place == index else None

    def condition(self, index: int) -> ConditionBits | None:
        """What it is done under."""
        entry = self._entry(index)
        return entry.condition if entry else None

    def gates_before(self, index: int) -> int:
        """How many plain gates there are before it."""
        entry = self._entry(index - 1)
        return index - (entry.others if entry else 0)

    def name(self, index: int) -> str:
        """The gate's name."""
        operation = self.operation(index)
        return _name(operation) if operation else _NAMES[self._gates[self.gates_before(index)]]

    def fields(self, index: int) -> Fields:
        """What it is."""
        operation = self.operation(index)
        if operation:
            return _FIELDS[operation.name](*operation.arguments)
        gate = self.gates_before(index)
        return Fields(_NAMES[self._gates[gate]], self._wires(gate), self._turns(gate))

    def _wires(self, gate: int) -> tuple[int, ...]:
        start, end = self._starts[0][gate : gate + 2]
        return unpack_from(f"{end - start}i", self._arrays[0], 4 * start)

    def _turns(self, gate: int) -> tuple[float, ...]:
        start, end = self._starts[1][gate : gate + 2]
        return unpack_from(f"{end - start}d", self._arrays[1], 8 * start)

    def as_operation(self, index: int) -> Operation:
        """The instruction as an operation, plain gates too."""
        operation = self.operation(index)
        if operation:
            return operation
        fields = self.fields(index)
        own = list(fields.qubits), list(fields.angles)
        return Operation(0, 0, 0, "controlled", (fields.name, *own, [], []))

    def starts(self, index: int) -> tuple[int, int, int]:
        """How many plain gates, qubits and angles of them are recorded before it."""
        gate = self.gates_before(index)
        return gate, self._starts[0][gate], self._starts[1][gate]

    def part(self, begin: int, end: int) -> list[Operation]:
        """The operations among the instructions begin..end-1 as they were recorded, and the
        conditions that these need."""
        before = self._entry(begin - 1)
        in_force = before.condition if before else None
        found = [self._mark(begin, in_force)] if in_force else []
        low = bisect_right(self._entries, begin - 1, key=_place)
        high = bisect_right(self._entries, end - 1, key=_place)
        for entry in self._entries[low:high]:
            if entry.operation:
                found.append(entry.operation)
            elif entry.condition != in_force:
                in_force = entry.condition
                found.append(self._mark(entry.place, in_force))
        return [*found, self._mark(end, None)] if in_force else found

    def _mark(self, index: int, condition: ConditionBits | None) -> Operation:
        """A condition in force from an instruction on; None: no more."""
        return Operation(*self.starts(index), "condition", condition or (0, 0, 0))

    def entries(self) -> list[Entry]:
        """One for each operation."""
        return list(self._entries)

    def wires(self, begin: int, end: int | None) -> Iterator[list[int]]:
        """The qubits of each of the plain gates begin..end-1; None: of all from `begin` on."""
        starts = self._starts[0][begin : len(self._gates) + 1 if end is None else end + 1]
        wires = array("i", bytes(self._arrays[0][4 * starts[0] : 4 * starts[-1]])).tolist()
        for start, stop in pairwise(starts):
            yield wires[start - starts[0] : stop - starts[0]]

    def counts(self) -> dict[str, int]:
        """How many there are of each name, the most first."""
        found: dict[str, int] = {}
        for number in set(self._gates):
            found[_NAMES[number]] = self._gates.count(number)
        for entry in self._entries:
            if entry.operation:
                name = _name(entry.operation)
                found[name] = found.get(name, 0) + 1
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _place(entry: Entry) -> int:
    return entry.place


def _name(operation: Operation) -> str:
    if operation.name in ("controlled", "parametric"):
        return str(operation.arguments[0])
    return operation.name


class Instruction:
    """A gate, measurement, reset, barrier or fence of a circuit: what `circuit[i]` and iteration
    give. It keeps what it was when the circuit changes, and `Circuit.append` takes it.

    Examples
    --------
    >>> circuit = ketch.Circuit(2, 1).h(0).controlled("rx", 0.5, 1, controls={0: 0}).measure(1, 0)
    >>> [instruction.name for instruction in circuit]
    ['h', 'rx', 'measure']
    >>> circuit[1]
    Instruction('rx', angles=(0.5,), qubits=(1,), controls={0: 0})
    """

    __slots__ = ("_circuit", "_index")
    _circuit: Instructions
    _index: int

    def __init__(self, circuit: Instructions, index: int) -> None:
        self._circuit = circuit
        self._index = index

    def _fields(self) -> Fields:
        return self._circuit.fields(self._index)

    @property
    def name(self) -> str:
        """The gate's name; or "unitary", "diagonal", "permutation", "multiplexer",
        "pauli_rotation", "measure", "reset", "barrier", "fence"."""
        return self._circuit.name(self._index)

    @property
    def angles(self) -> tuple[float | ParameterExpression, ...]:
        """Its angles in radians."""
        names = self._circuit.names
        return tuple(_angle(turn, names) for turn in self._fields().angles)

    @property
    def qubits(self) -> tuple[int, ...]:
        """Its own qubits, those of `controls` not among them; of a barrier of all qubits, all."""
        fields = self._fields()
        every = fields.name == "barrier" and not fields.qubits
        return tuple(range(self._circuit.qubits)) if every else fields.qubits

    @property
    def bits(self) -> tuple[int, ...]:
        """The classical bit that a measurement writes."""
        return self._fields().bits

    @property
    def controls(self) -> dict[int, int]:
        """Its further controls, beyond those of a gate like cx: the value, 0 or 1, that each qubit
        must have."""
        fields = self._fields()
        return dict(zip(fields.controls, fields.values, strict=True))

    @property
    def condition(self) -> tuple[int, int, int] | None:
        """The classical bits under which it is done: the first, how many, and the number that they
        must read as. None: it is always done."""
        return self._circuit.condition(self._index)

    @property
    def numbers(self) -> NDArray[Any] | None:
        """The matrix of a unitary, shape (2**k, 2**k); the numbers of a diagonal, (2**k,); the
        matrices of a multiplexer, (2**s, 2, 2); the table of a permutation, (2**k,)."""
        fields = self._fields()
        return _array(fields) if fields.numbers else None

    @property
    def matrix(self) -> NDArray[numpy.complex128] | None:
        """The matrix of a unitary, shape (2**k, 2**k)."""
        return self.numbers if self.name == "unitary" else None

    @property
    def letters(self) -> str | None:
        """The letters of a Pauli rotation; letter i acts on qubits[i]."""
        return self._fields().letters or None

    def _key(self) -> tuple[object, ...]:
        fields = self._fields()
        under = tuple(sorted(self.controls.items()))
        rest = fields.bits, fields.numbers, fields.letters, self.condition
        return fields.name, self.angles, self.qubits, under, *rest

    def _alone(self) -> tuple[Operation, tuple[str, ...]]:
        """It as an operation on its own parameters alone, and the names of these."""
        operation = self._circuit.as_operation(self._index)
        numbers = parameters_of(operation)
        renumbered = {number: place for place, number in enumerate(numbers)}
        names = self._circuit.names
        return with_parameters(operation, renumbered), tuple(names[i] for i in numbers)

    def __getstate__(self) -> tuple[Any, ...]:
        operation, names = self._alone()
        return self._circuit.qubits, operation.name, operation.arguments, self.condition, names

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        qubits, name, arguments, condition, names = state
        operation = Operation(0, 0, 0, name, arguments)
        self._circuit = Instructions.single(qubits, operation, condition, names)
        self._index = 0

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Instruction) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        names = "angles", "qubits", "bits", "controls", "condition", "letters"
        parts = [f"{name}={value}" for name in names if (value := getattr(self, name))]
        return f"Instruction({', '.join([repr(self.name), *parts])})"


def _angle(turn: Any, names: tuple[str, ...]) -> float | ParameterExpression:
    """An angle as a caller gives it."""
    return turn if isinstance(turn, float | int) else angle_from(turn, names)


def _array(fields: Fields) -> NDArray[Any]:
    import numpy

    if fields.name == "permutation":
        return numpy.array(fields.numbers, numpy.int64)
    pairs = numpy.array(fields.numbers, numpy.float64).view(numpy.complex128)
    size = 2 ** len(fields.qubits)
    shapes = {"unitary": (size, size), "diagonal": (size,), "multiplexer": (size // 2, 2, 2)}
    return pairs.reshape(shapes[fields.name])


def each(circuit: Instructions) -> Iterator[Instruction]:
    """Those that there are now, in order."""
    return map(Instruction, repeat(circuit), range(len(circuit)))
