"""What is asked of a run's final state, as C reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from .._ketch import ffi, lib
from .base import Pointer
from .handles import NULL

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Column: TypeAlias = Sequence[float] | NDArray[numpy.uint64] | NDArray[numpy.float64]
    # X masks (None: no X), Z masks and coefficients of the strings of a sum.
    Numbers: TypeAlias = tuple[Column | None, Column, Column]


def sum_places(numbers: Numbers) -> tuple[Any, Any, Any]:
    """Where C finds them: X masks, Z masks and coefficients."""
    x, z, coefficients = numbers
    masks = NULL if x is None else _place("uint64_t[]", x)
    return masks, _place("uint64_t[]", z), _place("double[]", coefficients)


def _place(kind: str, values: Column) -> Any:
    if isinstance(values, list):
        return ffi.new(kind, values)
    return ffi.from_buffer(kind, values)


class Observables:
    """C's list of observables. counts: how many probabilities each gives; 0: one number."""

    __slots__ = ("_kept", "array", "counts")

    def __init__(self, count: int) -> None:
        self.array: Pointer = ffi.new("ketch_observable[]", count)
        for one in self.array:
            one.size = ffi.sizeof("ketch_observable")
        self.counts = [0] * count
        self._kept: list[Any] = []

    def set_norm(self, index: int) -> None:
        """The norm."""
        self.array[index].kind = lib.KETCH_OBSERVE_NORM

    def set_probabilities(self, index: int, qubits: Sequence[int]) -> None:
        """Of the outcomes of these qubits."""
        self._set(index, lib.KETCH_OBSERVE_PROBABILITIES, len(qubits))
        self.array[index].qubits = self._keep("int32_t[]", qubits)
        self.counts[index] = 2 ** len(qubits)

    def set_expectation(self, index: int, numbers: Numbers) -> None:
        """The expectation of a sum of Pauli strings."""
        kind = lib.KETCH_OBSERVE_Z if numbers[0] is None else lib.KETCH_OBSERVE_PAULI
        self._set_sum(index, kind, numbers)

    def set_variance(self, index: int, numbers: Numbers) -> None:
        """The variance of a sum of Pauli strings."""
        self._set_sum(index, lib.KETCH_OBSERVE_VARIANCE, numbers)

    def _set_sum(self, index: int, kind: int, numbers: Numbers) -> None:
        self._set(index, kind, len(numbers[1]))
        one, places = self.array[index], sum_places(numbers)
        one.x_masks, one.masks, one.coefficients = places
        self._kept.append(places)

    def _set(self, index: int, kind: int, count: int) -> None:
        self.array[index].kind, self.array[index].count = kind, count

    def _keep(self, kind: str, values: Sequence[float]) -> Any:
        self._kept.append(ffi.new(kind, values))
        return self._kept[-1]
