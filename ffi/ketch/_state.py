"""States that are not the outcome of a run but its beginning, or neither."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from . import _native
from ._arguments import indices, sequence, whole
from ._errors import failed, out_of_range, wrong_type
from ._observe import Terms
from ._observe import terms as z_terms

if TYPE_CHECKING:
    import numpy
    from numpy.typing import ArrayLike, NDArray

    from ._engine import Engine


def precision_number(precision: object) -> int:
    """C's number for "single" or "double"."""
    number = _native.PRECISIONS.get(precision) if isinstance(precision, str) else None
    if number is None:
        raise out_of_range("precision", precision, '"single" or "double"')
    return number


class State:
    """2^n amplitudes in an engine's arena; index bit b is qubit b. Made by Engine.state, it lives
    on when the engine is closed. Reductions use the engine's threads where it is free."""

    def __init__(self, engine: Engine, handle: _native.Handle) -> None:
        self._handle = handle
        self._engine = weakref.ref(engine)
        self._lock = threading.Lock()
        self.qubits, self._precision = _native.state_shape(handle)

    @property
    def precision(self) -> str:
        """ "single" or "double"."""
        return "single" if self._precision == _native.SINGLE else "double"

    def set_ket(self, ket: str) -> State:
        """Sets it from one of 0 1 + - a qubit, the leftmost for the highest."""
        if not isinstance(ket, str):
            raise wrong_type("ket", ket, "str of 0 1 + -")
        with self._mine():
            _native.state_set_ket(self._handle, ket)
        return self

    def set_amplitudes(self, amplitudes: ArrayLike, *, normalise: bool = False) -> State:
        """Sets it from 2^n numbers, copied; normalise scales them to norm 1, otherwise a norm off
        by more than 1e-6 is refused."""
        import numpy

        values = numpy.asarray(amplitudes)
        if values.dtype.kind not in "iufc" or values.ndim != 1:
            given = f"{values.dtype} of shape {values.shape}"
            raise wrong_type("amplitudes", amplitudes, f"a row of numbers, not {given}")
        single = self._precision == _native.SINGLE
        numbers = numpy.ascontiguousarray(values, numpy.complex64 if single else numpy.complex128)
        with self._mine():
            _native.state_set_amplitudes(self._handle, numbers, self._precision, normalise)
        return self

    def amplitudes(self) -> NDArray[numpy.complexfloating[Any, Any]]:
        """The amplitudes, read-only and without a copy. The array never changes: what is done to
        the state later happens in other memory."""
        with self._mine():
            return _native.state_view(self._handle)

    def norm(self) -> float:
        """The root of the sum of |amplitude|^2."""
        with self._mine():
            return _native.state_norm(self._workers(), self._handle)

    def inner(self, other: State) -> complex:
        """<self|other>."""
        if not isinstance(other, State):
            raise wrong_type("other", other, "State")
        if other is self:
            return complex(self.norm() ** 2)
        one, two = sorted((self, other), key=id)  # the same order in every thread
        with one._mine(), two._mine():
            return _native.state_inner(self._workers(), self._handle, other._handle)

    def probabilities(self, qubits: int | Sequence[int] | None = None) -> NDArray[numpy.float64]:
        """Probabilities of the 2^k outcomes of these qubits (None: all), qubits[0] the lowest
        bit."""
        import numpy

        wires = list(range(self.qubits))
        if qubits is not None:
            wires = indices("qubit", sequence(qubits), self.qubits)
        found = numpy.empty(2 ** min(len(wires), self.qubits), numpy.float64)
        with self._mine():
            _native.state_probabilities(self._workers(), self._handle, wires, found)
        return found

    def expectation(self, terms: Terms) -> float:
        """The expectation of a sum of products of Z, each by its qubits with its coefficient:
        {(0, 1): 0.5, 2: -1, (): 3}."""
        masks, coefficients = z_terms(terms, self.qubits)
        with self._mine():
            return _native.state_expectation(self._workers(), self._handle, masks, coefficients)

    def sample(
        self, shots: int, seed: int | None = None, *, first: int = 0
    ) -> NDArray[numpy.uint64]:
        """Basis-state indices; the state stays as it is. Shot s depends on the state, the seed and
        first + s only."""
        import numpy

        from ._engine import seed_number, shots_number

        found = numpy.empty(shots_number(shots), numpy.uint64)
        first = whole("first", first, "0..2^63 - 1", 0, 2**63)
        with self._mine():
            _native.state_sample(self._workers(), self._handle, found, seed_number(seed), first)
        return found

    def measure(self, qubit: int, seed: int | None = None, *, count: int = 0) -> int:
        """Measures one qubit and collapses the state. count: how many measurements were made with
        this seed before."""
        from ._engine import seed_number

        (wire,) = indices("qubit", (qubit,), self.qubits)
        count = whole("count", count, "0..2^63 - 1", 0, 2**63)
        with self._mine():
            return _native.state_measure(
                self._workers(), self._handle, wire, seed_number(seed), count
            )

    def __repr__(self) -> str:
        return f"State({self.qubits} qubits, {self.precision})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a State cannot be pickled: pickle its amplitudes, or the circuit")

    def _workers(self) -> _native.Handle | None:
        engine = self._engine()
        return engine._handle if engine is not None else None

    def _mine(self) -> threading.Lock:
        return free(self._lock, "state")


def free(lock: threading.Lock, what: str) -> threading.Lock:
    """The lock of an object, for `with`; whoever finds it taken gets BusyError at once.

    `with` on the lock itself, not acquire: no signal comes between taking it and being bound to
    give it back.
    """
    if lock.locked():
        raise failed("BUSY", what, "a second call", "one at a time", f"this {what} is in use")
    return lock
