"""The fluent register: gates are recorded, and run in one call when an amplitude is asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from . import _ket_text
from ._arguments import check_ket, indices, whole
from ._circuit import Circuit
from ._engine import Engine
from ._engines import engines
from ._errors import failed, wrong_type
from ._gates import KetGates
from ._observe import Terms
from ._parameter import has_parameter
from ._pauli import PauliSum
from ._seeds import Seed, seed_number
from ._state import State

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

CLOSE = 1e-5  # isclose's tolerance
ZERO = 1e-10  # sums whose norm is not above it are no state


class ket(KetGates):
    """A register of qubits with a method for every gate.

    Gates act in place and return the register, so that calls chain. They are recorded, and run when
    an amplitude, a text or a measurement is asked for. One register may be used from several
    threads. Angles are numbers; parameters are for `Circuit`.

    Parameters
    ----------
    s : str
        One of 0 1 + - a qubit, the leftmost for the highest.
    seed : int or numpy.random.Generator, optional
        Of all measurements. None: a new one.

    Raises
    ------
    RangeError
        For other characters, or none.

    Examples
    --------
    >>> ketch.ket("00").H(0).CNOT(0, 1)
    0.707106781186548|00> 0.707106781186548|11>
    >>> ketch.ket("10").M(1)
    [1]
    """

    def __init__(self, s: str = "0", *, seed: Seed = None) -> None:
        Circuit(len(check_ket("s", s)))  # refuses too many qubits
        self._set(len(s), s, seed)

    def _set(self, qubits: int, start: str | State, seed: Seed) -> None:
        self._record(qubits, bytearray(), bytearray(), bytearray())
        self._taken: list[tuple[bytearray, bytearray, bytearray]] = []  # records to run, in order
        self._start = start
        self._seed = seed_number(seed)
        self._measured = 0
        self._lock = threading.RLock()

    @classmethod
    def _from(cls, amplitudes: NDArray[Any]) -> ket:
        """A register with these amplitudes, normalised."""
        with engines().engine() as engine:
            state = engine.state(amplitudes.size.bit_length() - 1)
        state.set_amplitudes(amplitudes, normalise=True)
        register = cls.__new__(cls)
        register._set(state.qubits, state, None)
        return register

    def _state(self, engine: Engine) -> State:
        """The state with all gates done; under the lock."""
        if isinstance(self._start, str):
            self._start = engine.state(self._start)
        if self._gates:
            self._take(self._taken)
        while self._taken:
            engine.apply(self._circuit(*self._taken[0]), self._start)
            del self._taken[0]
        return self._start

    def _circuit(self, gates: bytearray, wires: bytearray, angles: bytearray) -> Circuit:
        """A circuit that shares a record."""
        circuit = Circuit(self._qubits)
        circuit._record(self._qubits, gates, wires, angles)
        return circuit

    def _add_each(self, gate: int, angles: Sequence[Any], qubits: Sequence[Any]) -> None:
        """Records a gate that the C function did not: as a circuit that shares the record does."""
        for value in (*angles, *qubits):
            if has_parameter(value):
                allowed = "numbers; parameters are for Circuit, whose runs take values"
                raise TypeError(f"a ket takes no Parameter: given {value}, allowed {allowed}")
        with self._lock:  # so that the record is not taken meanwhile
            circuit = self._circuit(self._gates, self._wires, self._angles)
            circuit._add_each(gate, angles, qubits)

    # ---- reading

    @property
    def n(self) -> int:
        """How many qubits it has."""
        return self._qubits

    @property
    def amplitudes(self) -> NDArray[numpy.complexfloating[Any, Any]]:
        """The amplitudes, shape (2**n,), read-only and without a copy; an array that was taken
        never changes."""
        with self._lock, engines().engine() as engine:
            return self._state(engine).amplitudes()

    @property
    def norm(self) -> float:
        """The root of the sum of the squared magnitudes."""
        with self._lock, engines().engine() as engine:
            return self._state(engine).norm()

    def expectation(self, op: PauliSum | Terms | Iterable[tuple[Any, complex]] | str) -> float:
        """The expectation of a sum of Pauli strings; the register stays as it is.

        Parameters
        ----------
        op : PauliSum, mapping, iterable of pairs or str
            The sum, as `State.expectation` takes it.

        Returns
        -------
        float

        Raises
        ------
        RangeError, BadIndexError
            As for `State.expectation`.

        Examples
        --------
        >>> round(ketch.ket("00").H(0).CNOT(0, 1).expectation("XX"), 12)
        1.0
        """
        with self._lock, engines().engine() as engine:
            return self._state(engine).expectation(op)

    def M(self, i: int, ntimes: int = 1) -> list[int]:
        """Measure a qubit, which collapses the register.

        Parameters
        ----------
        i : int
            The qubit.
        ntimes : int
            How often; outcomes after the first repeat it.

        Returns
        -------
        list of int
            0 or 1, `ntimes` times.

        Raises
        ------
        BadIndexError
            For a qubit that there is not.
        """
        (qubit,) = indices("qubit", (i,), self.n)
        if not 0 <= qubit < self.n:
            raise failed("INDEX", "i", i, f"0..{self.n - 1}", "no such qubit")
        times = whole("ntimes", ntimes, "1..2^31 - 1", 1)
        with self._lock, engines().engine() as engine:
            state = self._state(engine)
            outcome = state.measure(qubit, self._seed, count=self._measured)
            self._measured += 1
        return [outcome] * times

    def isclose(self, other: ket | list[float] | list[complex]) -> bool:
        """Whether every amplitude is within 1e-5 of the other's; no tolerance for a global phase.

        Parameters
        ----------
        other : ket or list of numbers

        Returns
        -------
        bool
        """
        import numpy

        if isinstance(other, ket):
            theirs: NDArray[Any] = other.amplitudes
        elif isinstance(other, list | tuple | numpy.ndarray):
            theirs = numpy.asarray(other)
        else:
            raise wrong_type("other", other, "ket or a list of numbers")
        if theirs.dtype.kind not in "iufc":
            raise wrong_type("other", theirs.flat[0], "ket or a list of numbers")
        mine = self.amplitudes
        return theirs.shape == mine.shape and bool((abs(mine - theirs) <= CLOSE).all())

    # ---- arithmetic

    def __add__(self, other: ket) -> ket:
        return self._combine(other, 1)

    def __sub__(self, other: ket) -> ket:
        return self._combine(other, -1)

    def __mul__(self, other: ket) -> ket:
        """The tensor product; this register gets the higher qubits."""
        import numpy

        if not isinstance(other, ket):
            return NotImplemented
        return ket._from(numpy.kron(self.amplitudes, other.amplitudes))

    def _combine(self, other: ket, sign: int) -> ket:
        if not isinstance(other, ket):
            return NotImplemented
        if self.n != other.n:
            raise failed("MISMATCH", "other", other.n, self.n, "registers of different size")
        combined = (self.amplitudes + sign * other.amplitudes) / 2**0.5
        norm = float((abs(combined) ** 2).sum() ** 0.5)
        if norm <= ZERO:
            raise failed("NORM", "other", f"norm {norm!r}", f"above {ZERO!r}", "the result is zero")
        return ket._from(combined)

    # ---- text

    def terms(self, limit: int | None = None) -> list[str]:
        """The terms of the text form.

        Parameters
        ----------
        limit : int, optional
            How many at most. None: all.

        Returns
        -------
        list of str
            ``coefficient|bits>`` for every amplitude above 1e-8, in the order of the index.

        Examples
        --------
        >>> ketch.ket("1-").terms()
        ['0.707106781186548|10>', '-0.707106781186548|11>']
        """
        most = None if limit is None else whole("limit", limit, "0..2^31 - 1", 0)
        return _ket_text.terms(self.amplitudes, most)

    def __str__(self) -> str:
        return _ket_text.text(self.amplitudes)

    __repr__ = __str__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a ket cannot be pickled: pickle its amplitudes, or a Circuit")
