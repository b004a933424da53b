"""Gates and circuits: a C circuit is made of what a Python one has recorded."""

from __future__ import annotations

import ctypes
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from .. import _errors as errors
from .. import _ketch
from .._ketch import ffi, lib
from .base import (
    Pointer,
    address_of,
    call,
    failure,
    locked,
    optional_text,
    places,
    struct,
    text,
    whole_text,
)
from .handles import NULL, CircuitHandle

QUBITS_MAX: int = lib.KETCH_QUBITS_MAX
BITS_MAX: int = lib.KETCH_BITS_MAX
PARAMETERS_MAX: int = lib.KETCH_PARAMETERS_MAX

# An angle as C gets it: a parameter's number or -1, factor, offset, and further terms where it has
# some, each a parameter's number and a factor.
Turn: TypeAlias = tuple[int, float, float] | tuple[int, float, float, tuple[tuple[int, float], ...]]


# ---- gates


@lru_cache(maxsize=256)
def gate_number(name: str) -> int:
    """The gate of that name, or -1. Numbers are those of the library that is running."""
    return int(lib.ketch_gate_find(name.encode("utf-8", "replace")))


def gate_name(gate: int) -> str:
    """The name of a gate; "?" for a number that is none."""
    return optional_text(lib.ketch_gate_name(gate)) or "?"


def gate_shape(gate: int) -> tuple[int, int]:
    """How many qubits and angles it has; -1: any number, or no such gate."""
    return lib.ketch_gate_qubits(gate), lib.ketch_gate_params(gate)


# ---- circuits

_circuit_place = places("circuit")


def create(qubits: int, bits: int) -> CircuitHandle:
    """An empty circuit."""
    place: CircuitHandle = _circuit_place()
    call(lib.ketch_circuit_create, place, qubits, bits)
    return place


def new_place() -> CircuitHandle:
    """A place for C to put a circuit in."""
    place: CircuitHandle = _circuit_place()
    return place


def qubits(circuit: CircuitHandle) -> int:
    """How many it has."""
    return int(lib.ketch_circuit_qubits(circuit[0]))


def registers(circuit: CircuitHandle) -> list[tuple[str, int]]:
    """Name and size of each classical register."""
    return _registers(lib.ketch_circuit_register, circuit)


def qubit_registers(circuit: CircuitHandle) -> list[tuple[str, int]]:
    """The same of the registers of qubits."""
    return _registers(lib.ketch_circuit_qubit_register, circuit)


def _registers(function: Callable[..., Pointer], circuit: CircuitHandle) -> list[tuple[str, int]]:
    size = ffi.new("int32_t *")
    found: list[tuple[str, int]] = []
    while name := function(circuit[0], len(found), NULL, size):
        found.append((text(name), size[0]))
    return found


# ---- plain gates


def add_gate(
    circuit: CircuitHandle, gates: Sequence[int], qubits: Sequence[int], angles: Sequence[float]
) -> None:
    """Adds one gate: as add_gates, but an error tells its number in the circuit."""
    if gate_shape(gates[0]) != (len(qubits), len(angles)):
        add_gates(circuit, gates, qubits, angles)
    own = ffi.new("int32_t[]", qubits), ffi.new("double[]", angles)
    call(lib.ketch_circuit_gate, circuit[0], gates[0], *own)


def add_gates(
    circuit: CircuitHandle, gates: Sequence[int], qubits: Sequence[int], angles: Sequence[float]
) -> None:
    """Adds plain gates, all in one call: all or none."""
    numbers = ffi.from_buffer("int32_t[]", array("i", gates))
    wires = ffi.from_buffer("int32_t[]", array("i", qubits))
    turns = ffi.from_buffer("double[]", array("d", angles))
    counted = len(numbers), numbers, wires, len(wires), turns, len(turns)
    call(lib.ketch_circuit_gates, circuit[0], *counted)


def add_parameters(circuit: CircuitHandle, count: int) -> None:
    """Adds so many parameters."""
    if count:
        call(lib.ketch_circuit_add_parameters, circuit[0], count)


class Randomness(NamedTuple):
    """Whether a circuit measures, and whether it measures or resets."""

    measures: bool
    draws: bool


# By what the planning of a draft answers.
RANDOMNESS = {0: Randomness(False, False), 1: Randomness(False, True), 3: Randomness(True, True)}

# ---- drafts: C circuits that are planned and forgotten

setattr(_ketch, "Recorder", locked("ketch_py_make_recorder", ctypes.py_object)())  # noqa: B010
Recorder = _ketch.Recorder

# How much of a record: its first gates, and their qubits and angles.
Extent: TypeAlias = tuple[int, int, int]


class Draft:
    """A C circuit that is made of what was recorded: the last part of a record is added when it is
    planned, or asked for. Its memory is kept for the next one.

    Drafts are taken from a queue by atomic steps: a draft that an interrupt loses is only garbage.
    """

    __slots__ = ("_addresses", "_error", "_last", "circuit")

    def __init__(self) -> None:
        self.circuit: CircuitHandle = _circuit_place()
        self._error = struct("ketch_error")
        self._addresses = address_of(self.circuit), address_of(self._error)

    def begin(self, qubits: int, bits: int) -> None:
        """Begins an empty circuit."""
        self._check(lib.ketch_circuit_create(self.circuit, qubits, bits, self._error))

    def add(self, record: Recorder, begin: Extent, end: Extent) -> None:
        """Adds the gates of a part of a record."""
        self._check(record._copy_to(*self._addresses, begin, end))

    def end(self, record: Recorder, begin: Extent, end: Extent) -> None:
        """Says which part is the last."""
        self._last = record, begin, end

    def whole(self) -> CircuitHandle:
        """The circuit."""
        self.add(*self._last)
        return self.circuit

    @property
    def address(self) -> int:
        """The address of the circuit's place."""
        return self._addresses[0]

    def give(self) -> None:
        """Keeps it for the next circuit, where C has ended the last one."""
        del self._last
        _drafts.append(self)

    def plan(self, program: int, options: int, arena: int) -> Randomness:
        """Plans the circuit and ends it, with the addresses of a place for the program, of options
        and of the arena."""
        record, begin, end = self._last
        status = record._plan(*self._addresses, program, options, arena, begin, end)
        if status < 0:
            self._check(status)
        self.give()
        return RANDOMNESS[status]

    def _check(self, status: int) -> None:
        if status < 0:
            raise failure(status, self._error)


_drafts: deque[Draft] = deque(maxlen=16)


def draft() -> Draft:
    """A draft, without a circuit."""
    try:
        return _drafts.pop()
    except IndexError:
        return Draft()


# ---- operations: everything else that can be added, by the name that stored circuits use


def _under(controls: Sequence[int], values: Sequence[int]) -> tuple[object, ...]:
    return len(controls), ffi.new("int32_t[]", controls), ffi.new("uint8_t[]", values)


def _controlled(
    circuit: Pointer,
    gate: str,
    qubits: Sequence[int],
    angles: Sequence[float],
    controls: Sequence[int],
    values: Sequence[int],
) -> None:
    own = ffi.new("int32_t[]", qubits), ffi.new("double[]", angles)
    under = _under(controls, values)
    call(lib.ketch_circuit_controlled, circuit, gate_number(gate), *own, *under)


def _turns(turns: Sequence[Turn]) -> tuple[Pointer, list[Pointer]]:
    """C's angles, and the terms that they refer to, which the caller keeps as long."""
    if max(map(len, turns)) == 3:
        return ffi.new("ketch_angle[]", turns), []
    made, kept = ffi.new("ketch_angle[]", [turn[:3] for turn in turns]), []
    for angle, (_, _, _, *more) in zip(made, turns, strict=True):
        if more:
            kept.append(ffi.new("ketch_term[]", more[0]))
            angle.terms, angle.term_count = kept[-1], len(more[0])
    return made, kept


def _parametric(
    circuit: Pointer,
    gate: str,
    qubits: Sequence[int],
    angles: Sequence[Turn],
    controls: Sequence[int],
    values: Sequence[int],
) -> None:
    turns, kept = _turns(angles)
    own, under = (ffi.new("int32_t[]", qubits), turns), _under(controls, values)
    call(lib.ketch_circuit_parametric, circuit, gate_number(gate), *own, *under)
    del kept


def _matrix(add: Callable[..., int]) -> Callable[..., None]:
    """The operation for a dense matrix or a diagonal; numbers are re, im pairs."""

    def operation(
        circuit: Pointer,
        qubits: Sequence[int],
        numbers: Sequence[float],
        tolerance: float,
        controls: Sequence[int],
        values: Sequence[int],
    ) -> None:
        wires, matrix = ffi.new("int32_t[]", qubits), ffi.new("double[]", numbers)
        call(add, circuit, len(qubits), wires, matrix, tolerance, *_under(controls, values))

    return operation


def _permutation(
    circuit: Pointer,
    qubits: Sequence[int],
    table: Sequence[int],
    controls: Sequence[int],
    values: Sequence[int],
) -> None:
    own = len(qubits), ffi.new("int32_t[]", qubits), ffi.new("uint64_t[]", table)
    call(lib.ketch_circuit_permutation, circuit, *own, *_under(controls, values))


def _multiplexer(
    circuit: Pointer,
    qubits: Sequence[int],
    numbers: Sequence[float],
    tolerance: float,
    controls: Sequence[int],
    values: Sequence[int],
) -> None:
    """The first of the qubits is the target, the others select."""
    target, *selects = qubits
    own = target, len(selects), ffi.new("int32_t[]", selects), ffi.new("double[]", numbers)
    call(lib.ketch_circuit_multiplexer, circuit, *own, tolerance, *_under(controls, values))


def _pauli_rotation(
    circuit: Pointer,
    qubits: Sequence[int],
    letters: str,
    turn: Turn,
    controls: Sequence[int],
    values: Sequence[int],
) -> None:
    own = len(qubits), ffi.new("int32_t[]", qubits), letters.encode("utf-8", "replace")
    turns, kept = _turns([turn])
    call(lib.ketch_circuit_pauli_rotation, circuit, turns, *own, *_under(controls, values))
    del kept


def _named(add: Callable[..., int]) -> Callable[..., None]:
    return lambda circuit, name, size: call(add, circuit, name.encode(), size)


def _barrier(circuit: Pointer, qubits: Sequence[int]) -> None:
    call(lib.ketch_circuit_barrier, circuit, len(qubits), ffi.new("int32_t[]", qubits))


def _plain(add: Callable[..., int]) -> Callable[..., None]:
    return lambda circuit, *numbers: call(add, circuit, *numbers)


_OPERATIONS: dict[str, Callable[..., None]] = {
    "controlled": _controlled,
    "parametric": _parametric,
    "unitary": _matrix(lib.ketch_circuit_unitary),
    "diagonal": _matrix(lib.ketch_circuit_diagonal),
    "permutation": _permutation,
    "multiplexer": _multiplexer,
    "pauli_rotation": _pauli_rotation,
    "measure": _plain(lib.ketch_circuit_measure),
    "reset": _plain(lib.ketch_circuit_reset),
    "barrier": _barrier,
    "fence": _plain(lib.ketch_circuit_fence),
    "condition": _plain(lib.ketch_circuit_condition),
    "register": _named(lib.ketch_circuit_add_register),
    "qubit_register": _named(lib.ketch_circuit_name_qubits),
}


def add_operation(circuit: CircuitHandle, name: str, arguments: Sequence[Any]) -> None:
    """Adds an operation by its name."""
    _OPERATIONS[name](circuit[0], *arguments)


def initialize(circuit: CircuitHandle, qubits: Sequence[int], amplitudes: Sequence[float]) -> None:
    """Adds what prepares a state, whose amplitudes are re, im pairs."""
    own = len(qubits), ffi.new("int32_t[]", qubits), ffi.new("double[]", amplitudes)
    call(lib.ketch_circuit_initialize, circuit[0], *own)


def initialize_ket(circuit: CircuitHandle, qubits: Sequence[int], ket: str) -> None:
    """Adds what prepares a product state."""
    own = len(qubits), ffi.new("int32_t[]", qubits), ket.encode("utf-8", "replace")
    call(lib.ketch_circuit_initialize_ket, circuit[0], *own)


# ---- circuits made of circuits


def append(
    circuit: CircuitHandle,
    other: CircuitHandle,
    qubits: Sequence[int] | None,
    bits: Sequence[int] | None,
) -> None:
    """Adds another circuit, whose qubit i goes to qubits[i] and bit i to bits[i]; None: to i."""
    wires = NULL if qubits is None else ffi.new("int32_t[]", qubits)
    places = NULL if bits is None else ffi.new("int32_t[]", bits)
    call(lib.ketch_circuit_append, circuit[0], other[0], wires, places)


def inverse(place: CircuitHandle, circuit: CircuitHandle) -> None:
    """Makes the inverse."""
    call(lib.ketch_circuit_inverse, place, circuit[0])


def power(place: CircuitHandle, circuit: CircuitHandle, exponent: int) -> None:
    """Makes a power."""
    call(lib.ketch_circuit_power, place, circuit[0], exponent)


def repeat(place: CircuitHandle, circuit: CircuitHandle, count: int) -> None:
    """Makes the circuit that does one so many times."""
    call(lib.ketch_circuit_repeat, place, circuit[0], count)


def control(
    place: CircuitHandle, circuit: CircuitHandle, count: int, values: Sequence[int] | None
) -> None:
    """Makes the circuit under so many controls; values None: all 1."""
    wanted = NULL if values is None else ffi.new("uint8_t[]", values)
    call(lib.ketch_circuit_control, place, circuit[0], count, wanted)


def equal(a: CircuitHandle, b: CircuitHandle) -> bool:
    """Whether both have the same records on as many qubits, bits and parameters."""
    return bool(lib.ketch_circuit_equal(a[0], b[0]))


# ---- circuits read back


class Reader:
    """What a C circuit has, record by record."""

    def __init__(self, circuit: CircuitHandle) -> None:
        self._circuit = circuit
        self._error = struct("ketch_error")
        self._addresses = address_of(circuit), address_of(self._error)
        self._record = struct("ketch_record")
        self.length: int = lib.ketch_circuit_length(circuit[0])

    def many(
        self,
        record: Recorder,
        index: int,
        condition: tuple[int, int, int],
        operations: list[Any],
        make: Callable[[tuple[Any, ...]], Any],
    ) -> int:
        """Records what there is from `index` on under this condition (count 0: none): plain gates,
        and as operations, which `make` makes of tuples, gates under controls, measurements, resets,
        barriers and fences. Gives the index of the first record that is something else, or that was
        not looked at."""
        end = record._read_from(*self._addresses, index, condition, operations, make)
        if end < 0:
            raise failure(end, self._error)
        return end

    def operation(self, index: int) -> tuple[tuple[int, int, int], str, tuple[Any, ...]]:
        """The condition, and a record as an operation: its name and arguments."""
        found = self._record
        call(lib.ketch_circuit_read, self._circuit[0], index, found)
        count = found.condition_count
        under = (found.condition_first, count, found.condition_value) if count else (0, 0, 0)
        name = gate_name(found.gate)
        return under, *_READERS.get(name, _read_gate)(name, found)


def _own(found: Pointer) -> list[int]:
    return list(ffi.unpack(found.qubits, found.qubit_count))


def _further(found: Pointer) -> tuple[list[int], list[int]]:
    """Its further controls and their values."""
    own, count = found.qubit_count, found.control_count
    return ffi.unpack(found.qubits + own, count), ffi.unpack(found.values + 0, count)


def _angle(angle: Pointer) -> Turn:
    """As `_parametric` takes it."""
    count = angle.term_count
    if not count:
        return angle.parameter, angle.factor, angle.offset
    more = tuple((term.parameter, term.factor) for term in ffi.unpack(angle.terms, count))
    return angle.parameter, angle.factor, angle.offset, more


def _read_gate(name: str, found: Pointer) -> tuple[str, tuple[Any, ...]]:
    turns = [_angle(found.angles[i]) for i in range(found.angle_count)]
    return "parametric", (name, _own(found), turns, *_further(found))


def _read_numbers(name: str, found: Pointer) -> tuple[str, tuple[Any, ...]]:
    numbers = ffi.unpack(found.numbers, found.number_count)
    return name, (_own(found), numbers, _TAKEN, *_further(found))


def _read_table(name: str, found: Pointer) -> tuple[str, tuple[Any, ...]]:
    table = [int(number) for number in ffi.unpack(found.numbers, found.number_count)]
    return name, (_own(found), table, *_further(found))


def _read_letters(name: str, found: Pointer) -> tuple[str, tuple[Any, ...]]:
    letters = "".join("IXYZ"[int(n)] for n in ffi.unpack(found.numbers, found.number_count))
    return name, (_own(found), letters, _angle(found.angles[0]), *_further(found))


# The tolerance of a matrix that was checked before.
_TAKEN = 1e300
_READERS: dict[str, Callable[[str, Pointer], tuple[str, tuple[Any, ...]]]] = {
    **dict.fromkeys(("unitary", "diagonal", "multiplexer"), _read_numbers),
    "permutation": _read_table,
    "pauli_rotation": _read_letters,
}


# ---- OpenQASM


class _Includes:
    """The texts that a parse asked for, alive until it ends, and the exception of its resolver."""

    def __init__(self, resolve: Callable[[str], bytes | None]) -> None:
        self.resolve = resolve
        self.texts: list[Pointer] = []
        self.failure: BaseException | None = None


def _resolver_raised(kind: object, exception: BaseException, traceback: Any) -> None:
    if traceback is not None:
        ffi.from_handle(traceback.tb_frame.f_locals["user"]).failure = exception


@ffi.def_extern(name="ketch_py_resolve", error=NULL, onerror=_resolver_raised)  # type: ignore[untyped-decorator]
def _resolve(name: Pointer, length: Pointer, user: Pointer) -> Any:
    includes: _Includes = ffi.from_handle(user)
    found = includes.resolve(text(name))
    if found is None:
        return NULL
    includes.texts.append(ffi.new("char[]", found))
    length[0] = len(found)
    return includes.texts[-1]


_resolver = ffi.addressof(lib, "ketch_py_call_resolve")


def parse(
    source: bytes, resolve: Callable[[str], bytes | None] | None, limit: int, text_limit: int
) -> CircuitHandle:
    """The circuit of an OpenQASM text; a limit of 0 is C's."""
    place: CircuitHandle = _circuit_place()
    options = struct("ketch_parse_options")
    options.limit, options.text_limit = limit, text_limit
    includes = _Includes(resolve or (lambda name: None))
    user = ffi.new_handle(includes)  # alive for the whole call
    if resolve:
        options.resolve, options.user = _resolver, user
    raised: BaseException
    try:
        call(lib.ketch_py_parse, place, source, len(source), options)
        return place
    except errors.Error as error:
        raised = includes.failure or error
    raise raised


def qasm(circuit: CircuitHandle) -> str:
    """The circuit as an OpenQASM text."""
    return whole_text(lib.ketch_circuit_qasm, circuit[0])


# ---- pictures


def draw(circuit: CircuitHandle, width: int, ascii: bool, parameters: Sequence[str]) -> str:
    """The circuit as a picture of that many columns; 0: not folded."""
    options = struct("ketch_draw_options")
    options.width, options.ascii = width, ascii
    names = [ffi.new("char[]", name.encode("utf-8", "replace")) for name in parameters]
    options.parameters = pointers = ffi.new("char *[]", names)
    picture = whole_text(lib.ketch_circuit_draw, circuit[0], options)
    del pointers
    return picture
