"""Networks of spiking neurons: made, read, set, ticked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy

from .._ketch import ffi, lib
from .base import Pointer, call, fields, places, struct
from .handles import NULL, ArenaHandle, BlockHandle, NetHandle
from .states import lease

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float32]
    Indices = NDArray[numpy.uint32]

VALUE: int = lib.KETCH_GLIA_VALUE
THRESHOLD: int = lib.KETCH_GLIA_THRESHOLD
LEAK: int = lib.KETCH_GLIA_LEAK
RESTING: int = lib.KETCH_GLIA_RESTING
DELTA: int = lib.KETCH_GLIA_DELTA
ON_DECK: int = lib.KETCH_GLIA_ON_DECK

RESET: int = lib.KETCH_GLIA_RESET
REFRACTORY: int = lib.KETCH_GLIA_REFRACTORY
DRIVE: int = lib.KETCH_GLIA_DRIVE
EXCITATION: int = lib.KETCH_GLIA_EXCITATION
INHIBITION: int = lib.KETCH_GLIA_INHIBITION
WAIT: int = lib.KETCH_GLIA_WAIT

# Numbers of neurons by name; only clean networks have the last ones.
FIELDS = {
    "values": VALUE,
    "thresholds": THRESHOLD,
    "leaks": LEAK,
    "restings": RESTING,
    "delta": DELTA,
    "on_deck": ON_DECK,
    "resets": RESET,
    "refractory": REFRACTORY,
    "drives": DRIVE,
    "excitation": EXCITATION,
    "inhibition": INHIBITION,
    "wait": WAIT,
}

MODES = {"compat": int(lib.KETCH_GLIA_COMPAT), "clean": int(lib.KETCH_GLIA_CLEAN)}

_net_place = places("glia_net")
_block_place = places("block")

# Ids are bytes in C. Those of files need not be UTF-8, and go there and back unchanged.
_ENCODING = "utf-8", "surrogateescape"


def encode(text: str) -> bytes:
    """A text for C."""
    return text.encode(*_ENCODING)


def decode(text: bytes) -> str:
    """A text of C."""
    return text.decode(*_ENCODING)


def floats_of(array: Floats) -> Pointer:
    pointer: Pointer = ffi.from_buffer("float[]", array)
    return pointer


def indices_of(array: Indices) -> Pointer:
    pointer: Pointer = ffi.from_buffer("uint32_t[]", array)
    return pointer


# ---- networks


def net_create(arena: ArenaHandle, mode: int, tau_e: float = 0.0, tau_i: float = 0.0) -> NetHandle:
    """A network without neurons. tau_e, tau_i: time constants in ticks, of a clean one."""
    place: NetHandle = _net_place()
    options = struct("ketch_glia_net_options")
    options.mode, options.tau_e, options.tau_i = mode, tau_e, tau_i
    call(lib.ketch_glia_net_create, place, arena[0], options)
    return place


def net_copy(net: NetHandle) -> NetHandle:
    """A copy in the same arena, its state included."""
    place: NetHandle = _net_place()
    call(lib.ketch_glia_net_copy, place, net[0], NULL)
    return place


def net_info(net: NetHandle) -> dict[str, int]:
    """The fields of ketch_glia_net_info."""
    info = struct("ketch_glia_net_info")
    call(lib.ketch_glia_net_get_info, info, net[0])
    return fields(info)


def ids(net: NetHandle) -> list[str]:
    """All ids in tick order."""
    length, capacity = ffi.new("size_t *"), 0
    while True:
        buffer = ffi.new("char[]", capacity)
        call(lib.ketch_py_glia_ids, buffer, capacity, length, net[0])
        if length[0] <= capacity:
            whole = decode(bytes(ffi.buffer(buffer, length[0])))
            return whole.split("\0")[:-1]
        capacity = length[0]


def add_neuron(net: NetHandle, name: bytes, threshold: float, leak: float, resting: float) -> None:
    """Adds a neuron, or sets one."""
    call(lib.ketch_glia_add_neuron, net[0], name, threshold, leak, resting)


def add_neurons(
    net: NetHandle, names: Sequence[bytes], thresholds: Floats, leaks: Floats, restings: Floats
) -> None:
    """Adds neurons; a failure leaves those before it."""
    text = b"".join(name + b"\0" for name in names)
    numbers = floats_of(thresholds), floats_of(leaks), floats_of(restings)
    call(lib.ketch_py_glia_add_neurons, net[0], len(names), text, *numbers)


def add_synapses(net: NetHandle, sources: Indices, targets: Indices, weights: Floats) -> None:
    """Adds synapses or sets their weights, all or none."""
    ends = indices_of(sources), indices_of(targets)
    call(lib.ketch_glia_add_synapses, net[0], weights.size, *ends, floats_of(weights))


def add_delayed(
    net: NetHandle,
    sources: Indices,
    targets: Indices,
    weights: Floats,
    delays: NDArray[numpy.uint8],
) -> None:
    """Adds synapses with delays to a clean network, all or none."""
    ends = indices_of(sources), indices_of(targets), floats_of(weights)
    ticks = ffi.from_buffer("uint8_t[]", delays)
    call(lib.ketch_glia_add_delayed, net[0], weights.size, *ends, ticks)


def delays_of(net: NetHandle, sources: Indices, targets: Indices) -> NDArray[numpy.uint8]:
    """Delays of synapses, in ticks."""
    delays = numpy.empty(sources.size, numpy.uint8)
    ends = indices_of(sources), indices_of(targets)
    pointer = ffi.from_buffer("uint8_t[]", delays)
    call(lib.ketch_glia_get_delays, pointer, sources.size, *ends, net[0])
    return delays


def reset(net: NetHandle) -> None:
    """Brings back the state of the beginning."""
    call(lib.ketch_glia_reset, net[0])


def clear_synapses(net: NetHandle) -> None:
    """Removes all synapses."""
    call(lib.ketch_glia_clear_synapses, net[0])


def get_field(net: NetHandle, field: int, first: int, count: int) -> Floats:
    """A number of some neurons."""
    numbers = numpy.empty(count, numpy.float32)
    call(lib.ketch_glia_get, floats_of(numbers), net[0], field, first, count)
    return numbers


def set_field(net: NetHandle, field: int, first: int, numbers: Floats) -> None:
    """Sets a number of some neurons."""
    call(lib.ketch_glia_set, net[0], field, first, numbers.size, floats_of(numbers))


# ---- leases


def _leased(block: BlockHandle, data: Pointer, count: int, kind: Any) -> NDArray[Any]:
    """Numbers in a block, which they keep, as a read-only array."""
    if not count:
        return numpy.empty(0, kind)
    held = lease(block, ffi.cast("void *", data), count * numpy.dtype(kind).itemsize)
    return numpy.frombuffer(held, kind)


def view_field(net: NetHandle, field: int) -> Floats:
    """A number of all neurons, read-only, without a copy. It never changes: a network with views
    is moved to other memory before it is written."""
    block: BlockHandle = _block_place()
    numbers, count = ffi.new("float **"), ffi.new("uint64_t *")
    call(lib.ketch_glia_lease, block, numbers, count, net[0], field)
    return _leased(block, numbers[0], count[0], numpy.float32)


def view_synapses(net: NetHandle) -> tuple[NDArray[Any], ...]:
    """Where the synapses of each source begin, their targets, weights and, but where all are 1,
    delays: as view_field."""
    block: BlockHandle = _block_place()
    rows = struct("ketch_glia_rows")
    call(lib.ketch_glia_lease_synapses, block, rows, net[0])
    if not block[0]:
        return numpy.zeros(1, _ROWS[0]), numpy.empty(0, _ROWS[1]), numpy.empty(0, _ROWS[2])
    counts = rows.neurons + 1, *[rows.synapses] * 3
    arrays = rows.begin, rows.targets, rows.weights, rows.delays
    kinds = zip(arrays, counts, _ROWS, strict=True)
    return tuple(_leased(block, data, count, kind) for data, count, kind in kinds if data)


_ROWS = numpy.int32, numpy.int32, numpy.float32, numpy.uint8


def due(net: NetHandle, delays: int, count: int) -> Floats:
    """What spikes under way bring, shape (delays, 2, count): in the next tick, in the one after it,
    ...; as sums of weights >= 0, and of others."""
    sums = numpy.empty((delays, 2, count), numpy.float32)
    for later, (excitation, inhibition) in enumerate(sums):
        both = floats_of(excitation), floats_of(inhibition)
        call(lib.ketch_glia_get_due, *both, net[0], later)
    return sums


def set_due(net: NetHandle, sums: Floats) -> None:
    """Sets what spikes under way bring."""
    for later, (excitation, inhibition) in enumerate(sums):
        call(lib.ketch_glia_set_due, net[0], later, floats_of(excitation), floats_of(inhibition))


# ---- synapses and ticks


def synapses(net: NetHandle) -> tuple[Indices, Indices, Floats]:
    """Sources, targets and weights of all synapses."""
    count = net_info(net)["synapses"]
    sources, targets = (numpy.empty(count, numpy.uint32) for _ in range(2))
    weights = numpy.empty(count, numpy.float32)
    arrays = indices_of(sources), indices_of(targets), floats_of(weights)
    call(lib.ketch_glia_get_synapses, *arrays, count, net[0])
    return sources, targets, weights


def inject(net: NetHandle, neurons: Sequence[int], amounts: Sequence[float]) -> None:
    """Injects amounts, in this order."""
    call(lib.ketch_glia_inject, net[0], len(neurons), neurons, amounts)


def step(net: NetHandle, ticks: int) -> None:
    """Makes ticks."""
    call(lib.ketch_glia_step, net[0], ticks)


def fired(net: NetHandle, capacity: int) -> list[int]:
    """The neurons that fired in the last tick; capacity: how many there are at most."""
    count, neurons = ffi.new("uint64_t *"), ffi.new("uint32_t[]", capacity)
    call(lib.ketch_glia_get_fired, neurons, capacity, count, net[0])
    return ffi.unpack(neurons, count[0]) if count[0] else []
