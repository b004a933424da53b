"""States: amplitudes in memory, what is read from them, and views that NumPy can use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import ref

from .._ketch import ffi, lib
from .base import Pointer, call, failure, places, struct
from .core import SINGLE
from .handles import (
    NULL,
    ArenaHandle,
    BlockHandle,
    EngineHandle,
    ResultHandle,
    StateHandle,
    ViewHandle,
)
from .observables import sum_places

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from .observables import Numbers

_state_place = places("state")
_block_place = places("block")

# Arrays by address. No callbacks: an interrupt that came in one would be lost.
_adopted: dict[int, ref[NDArray[Any]]] = {}


# ---- making and setting


def create(arena: ArenaHandle, qubits: int, precision: int) -> StateHandle:
    """|0...0>."""
    place: StateHandle = _state_place()
    call(lib.ketch_state_create, place, arena[0], qubits, precision)
    return place


def adopt(arena: ArenaHandle, array: NDArray[Any], precision: int) -> StateHandle:
    """A state in the memory of an array, which must live as long as the state."""
    place: StateHandle = _state_place()
    data = ffi.from_buffer("char[]", array, require_writable=True)
    qubits = array.size.bit_length() - 1
    call(lib.ketch_state_adopt, place, arena[0], qubits, precision, data, array.nbytes)
    _forget_dead()
    _adopted[int(ffi.cast("uintptr_t", data))] = ref(array)
    return place


def _forget_dead() -> None:
    """Takes out arrays that are gone, at every 64th array: their number is bounded."""
    if len(_adopted) % 64 == 63:
        for address in [address for address, array in list(_adopted.items()) if array() is None]:
            _adopted.pop(address, None)


def share(state: ViewHandle) -> StateHandle:
    """A reference of its own on the state that a hook or a result shows."""
    place: StateHandle = _state_place()
    lib.ketch_py_share_state(place, state)
    return place


def of_result(result: ResultHandle) -> StateHandle:
    """The state of a result, with a reference of its own."""
    return share(lib.ketch_circuit_result_state(result))


def shape(state: StateHandle) -> tuple[int, int]:
    """Qubits and precision."""
    return lib.ketch_state_qubits(state[0]), lib.ketch_state_precision(state[0])


def set_ket(state: StateHandle, ket: str) -> None:
    """Sets it from characters 0 1 + -."""
    call(lib.ketch_state_set_ket, state[0], ket.encode("utf-8", "replace"))


def set_amplitudes(
    state: StateHandle, values: NDArray[Any], precision: int, normalise: bool
) -> None:
    """Sets it from contiguous amplitudes of that precision."""
    data = ffi.from_buffer(values) if values.size else NULL
    call(lib.ketch_state_set_amplitudes, state[0], data, values.size, precision, int(normalise))


# ---- views


def lease(block: BlockHandle, data: Pointer, size: int) -> memoryview:
    """A block's memory as read-only bytes that own the block's place."""
    # The destructor has nothing to end, but keeps the place as long as `held`. It is a function in
    # C that needs no memory, as every destructor here.
    held = ffi.gc(ffi.cast("char *", data), (block,).__contains__)
    return memoryview(ffi.buffer(held, size)).toreadonly()


def shared_block(block: Pointer) -> BlockHandle:
    """A block with a reference of its own."""
    place: BlockHandle = _block_place()
    lib.ketch_py_share_block(place, block)
    return place


def view(state: StateHandle) -> NDArray[Any]:
    """The amplitudes, read-only, without a copy. They never change: a state with views is moved
    to other memory before it is written. Adopted memory changes."""
    import numpy

    pointer = state[0]
    block: BlockHandle = _block_place()
    call(lib.ketch_state_block, block, pointer)
    if not block[0]:
        return _view_adopted(pointer)
    single = lib.ketch_state_precision(pointer) == SINGLE
    size = (8 if single else 16) << lib.ketch_state_qubits(pointer)
    held = lease(block, lib.ketch_block_data(block[0]), size)
    return numpy.frombuffer(held, numpy.complex64 if single else numpy.complex128)


def _view_adopted(state: Pointer) -> NDArray[Any]:
    data = ffi.new("const void **")
    call(lib.ketch_state_amplitudes, data, state)
    array = _adopted[int(ffi.cast("uintptr_t", data[0]))]()
    assert array is not None  # whoever has the state has the array
    found: NDArray[Any] = array.reshape(-1).view()
    found.flags.writeable = False
    return found


# ---- reading


def _read(
    function: Callable[..., int], out: Sequence[object], engine: EngineHandle | None, *rest: object
) -> None:
    """A reduction on the engine's workers, or on this thread where the engine is busy or closed:
    the bits are the same."""
    error = struct("ketch_error")
    status = function(*out, engine[0] if engine else NULL, *rest, error)
    if engine and status in (lib.KETCH_BUSY, lib.KETCH_FORKED):
        status = function(*out, NULL, *rest, error)
    if status < 0:
        raise failure(status, error)


def norm(engine: EngineHandle | None, state: StateHandle) -> float:
    """The norm."""
    found = ffi.new("double *")
    _read(lib.ketch_state_norm, (found,), engine, state[0])
    return float(found[0])


def inner(engine: EngineHandle | None, a: StateHandle, b: StateHandle) -> complex:
    """<a|b>."""
    found = ffi.new("double[2]")
    _read(lib.ketch_state_inner, (found,), engine, a[0], b[0])
    return complex(found[0], found[1])


def probabilities(
    engine: EngineHandle | None,
    state: StateHandle,
    qubits: Sequence[int],
    out: NDArray[numpy.float64],
) -> None:
    """Probabilities of the outcomes of some qubits."""
    place = ffi.from_buffer("double[]", out, require_writable=True), out.size
    wires = ffi.new("int32_t[]", qubits)
    _read(lib.ketch_state_probabilities, place, engine, state[0], len(qubits), wires)


def expectation(engine: EngineHandle | None, state: StateHandle, numbers: Numbers) -> float:
    """The expectation of a sum of Pauli strings."""
    return _read_sum(lib.ketch_state_pauli, engine, state, numbers)


def variance(engine: EngineHandle | None, state: StateHandle, numbers: Numbers) -> float:
    """The variance of a sum of Pauli strings."""
    return _read_sum(lib.ketch_state_variance, engine, state, numbers)


def _read_sum(
    function: Callable[..., int],
    engine: EngineHandle | None,
    state: StateHandle,
    numbers: Numbers,
) -> float:
    found = ffi.new("double *")
    _read(function, (found,), engine, state[0], len(numbers[1]), *sum_places(numbers))
    return float(found[0])


def reduced(
    engine: EngineHandle | None,
    state: StateHandle,
    qubits: Sequence[int],
    out: NDArray[numpy.complex128],
) -> None:
    """The reduced density matrix of some qubits."""
    place = ffi.from_buffer("double[]", out, require_writable=True), 2 * out.size
    wires = ffi.new("int32_t[]", qubits)
    _read(lib.ketch_state_reduced, place, engine, state[0], len(qubits), wires)


def sample(
    engine: EngineHandle | None,
    state: StateHandle,
    out: NDArray[numpy.uint64],
    seed: int,
    first: int,
) -> None:
    """Fills out with basis-state indices."""
    place = ffi.from_buffer("uint64_t[]", out, require_writable=True), out.size
    _read(lib.ketch_state_sample, place, engine, state[0], seed, first)


def measure(
    engine: EngineHandle | None, state: StateHandle, qubit: int, seed: int, count: int
) -> int:
    """Measures one qubit and collapses the state."""
    outcome = ffi.new("int32_t *")
    _read(lib.ketch_state_measure, (outcome,), engine, state[0], qubit, seed, count)
    return int(outcome[0])
