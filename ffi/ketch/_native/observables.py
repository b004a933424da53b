"""What is asked of a run's final state, as C reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._ketch import ffi, lib
from .base import Pointer


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

    def set_terms(self, index: int, masks: Sequence[int], coefficients: Sequence[float]) -> None:
        """The expectation of a sum of products of Z."""
        self._set(index, lib.KETCH_OBSERVE_Z, len(masks))
        self.array[index].masks = self._keep("uint64_t[]", masks)
        self.array[index].coefficients = self._keep("double[]", coefficients)

    def _set(self, index: int, kind: int, count: int) -> None:
        self.array[index].kind, self.array[index].count = kind, count

    def _keep(self, kind: str, values: Sequence[float]) -> Any:
        self._kept.append(ffi.new(kind, values))
        return self._kept[-1]
