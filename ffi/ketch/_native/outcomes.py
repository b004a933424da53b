"""What a circuit's result has beside its state: classical bits, counts, observables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._ketch import ffi, lib
from .base import call, struct
from .handles import NULL, ResultHandle
from .states import lease, shared_block

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray


def bits(result: ResultHandle) -> NDArray[numpy.uint8]:
    """The classical bits, a row for each shot, read-only, without a copy."""
    import numpy

    outcomes = struct("ketch_outcomes")
    call(lib.ketch_circuit_result_outcomes, outcomes, result)
    shape = outcomes.shots, outcomes.bits
    size = outcomes.shots * outcomes.bits
    if not size:
        empty = numpy.zeros(shape, numpy.uint8)
        empty.flags.writeable = False
        return empty
    rows = lease(shared_block(outcomes.block), outcomes.rows, size)
    return numpy.frombuffer(rows, numpy.uint8).reshape(shape)


def counts(result: ResultHandle) -> list[tuple[int, int]]:
    """The row of a first example and the count of each distinct outcome."""
    distinct = ffi.new("uint64_t *")
    call(lib.ketch_circuit_result_counts, distinct, NULL, NULL, 0, result)
    capacity = distinct[0]
    examples, found = ffi.new("uint64_t[]", capacity), ffi.new("uint64_t[]", capacity)
    call(lib.ketch_circuit_result_counts, distinct, examples, found, capacity, result)
    return list(zip(examples, found, strict=True))


def observed(result: ResultHandle, index: int, count: int) -> NDArray[numpy.float64]:
    """The numbers of one observable."""
    import numpy

    found = numpy.empty(count, numpy.float64)
    place = ffi.from_buffer("double[]", found, require_writable=True)
    call(lib.ketch_circuit_result_observed, place, count, index, result)
    return found
