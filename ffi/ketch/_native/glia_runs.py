"""Sequences of injections, and runs of networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from .._ketch import ffi, lib
from .base import Pointer, call, fields, places, struct
from .glia import decode, floats_of
from .handles import NULL, EngineHandle, NetHandle, ResultHandle, SequenceHandle
from .runs import FENCE, Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

_sequence_place = places("glia_sequence")

# ---- sequences


def sequence_create() -> SequenceHandle:
    """A sequence without events."""
    place: SequenceHandle = _sequence_place()
    call(lib.ketch_glia_sequence_create, place)
    return place


def sequence_clear(sequence: SequenceHandle) -> None:
    """Removes all events."""
    call(lib.ketch_glia_sequence_clear, sequence[0])


def sequence_add(sequence: SequenceHandle, tick: int, name: bytes, amount: float) -> None:
    """Adds an event."""
    call(lib.ketch_glia_sequence_add, sequence[0], tick, name, amount)


def sequence_add_all(
    sequence: SequenceHandle,
    ticks: NDArray[numpy.uint32],
    names: bytes,
    places: NDArray[numpy.uint32],
    amounts: NDArray[numpy.float32],
) -> None:
    """Adds events; a failure leaves those before it. names: ids, each with its NUL; places: where
    those of the events begin."""
    indices = ffi.from_buffer("uint32_t[]", ticks), names, ffi.from_buffer("uint32_t[]", places)
    call(lib.ketch_py_glia_add_events, sequence[0], ticks.size, *indices, floats_of(amounts))


def sequence_set_loop(sequence: SequenceHandle, loop: bool) -> None:
    """Whether it begins again."""
    call(lib.ketch_glia_sequence_set_loop, sequence[0], int(loop))


def sequence_set_duration(sequence: SequenceHandle, ticks: int) -> None:
    """For how many ticks it is meant."""
    call(lib.ketch_glia_sequence_set_duration, sequence[0], ticks)


def sequence_info(sequence: SequenceHandle) -> dict[str, int]:
    """The fields of ketch_glia_sequence_info."""
    info = struct("ketch_glia_sequence_info")
    call(lib.ketch_glia_sequence_get_info, info, sequence[0])
    return fields(info)


def sequence_events(sequence: SequenceHandle) -> list[tuple[int, str, float]]:
    """Tick, id and amount of each event."""
    tick, name, amount = ffi.new("uint64_t *"), ffi.new("char **"), ffi.new("float *")
    found = []
    for index in range(sequence_info(sequence)["events"]):
        call(lib.ketch_glia_sequence_get_event, tick, name, amount, sequence[0], index)
        found.append((tick[0], decode(ffi.string(name[0])), amount[0]))
    return found


# ---- runs


def run_double(
    net: NetHandle, sequence: SequenceHandle | None, ticks: int, neurons: int
) -> tuple[NDArray[numpy.float64], NDArray[numpy.uint64]]:
    """Voltages and counts after ticks in double precision."""
    values, counts = numpy.zeros(neurons), numpy.zeros(neurons, numpy.uint64)
    pointers = ffi.from_buffer("double[]", values), ffi.from_buffer("uint64_t[]", counts)
    fed = NULL if sequence is None else sequence[0]
    call(lib.ketch_glia_run_double, *pointers, net[0], fed, ticks)
    return values, counts


def feed(
    sequence: SequenceHandle | None, ticks: int, record: bool, strict: bool, fence_every: int
) -> Pointer:
    """What a network is run with."""
    made = struct("ketch_glia_feed")
    made.sequence = sequence[0] if sequence else NULL
    made.ticks, made.record, made.strict = ticks, record, strict
    made.fence_every = fence_every
    return made


def look_at_net(step: Pointer) -> object | None:
    """FENCE at a fence of a network's run; None: a tick."""
    return FENCE if lib.ketch_glia_step_net(step) else None


def run(net: NetHandle, feed: Pointer, frame: Frame, engine: EngineHandle) -> int:
    """Runs a network; gives the status."""
    return int(lib.ketch_py_glia_run(frame.place, engine[0], net[0], feed, frame.run, frame.error))


def load(frame: Frame, engine: EngineHandle, net: NetHandle, path: bytes) -> None:
    """Loads a saved run of a network into a frame's place."""
    call(lib.ketch_glia_load, frame.place, engine[0], net[0], path)


def result_info(result: ResultHandle) -> dict[str, int]:
    """The fields of ketch_glia_result_info."""
    info = struct("ketch_glia_result_info")
    call(lib.ketch_glia_result_get_info, info, result)
    return fields(info)


def result_counts(result: ResultHandle) -> NDArray[numpy.uint64]:
    """How often each neuron has fired."""
    counts = numpy.empty(result_info(result)["neurons"], numpy.uint64)
    call(lib.ketch_glia_result_counts, _from(counts, "uint64_t[]"), 0, counts.size, result)
    return counts


def result_spikes(result: ResultHandle) -> NDArray[numpy.uint32]:
    """Ticks and neurons of recorded spikes, shape (spikes, 2)."""
    spikes = numpy.empty((result_info(result)["recorded"], 2), numpy.uint32)
    pointer = _from(spikes, "ketch_glia_spike[]")
    call(lib.ketch_glia_result_spikes, pointer, 0, len(spikes), result)
    return spikes


def _from(array: NDArray[Any], kind: str) -> Pointer:
    pointer: Pointer = ffi.from_buffer(kind, array)
    return pointer
