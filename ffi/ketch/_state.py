"""States that are not the outcome of a run but its beginning, or neither."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeAlias

from . import _kets
from ._arguments import Qubits, check_ket, indices, sequence, shots_number, whole
from ._errors import RangeError, failed, wrong_type
from ._locks import claim
from ._native import states
from ._native.core import DOUBLE
from ._native.handles import ArenaHandle, EngineHandle, StateHandle
from ._observe import Terms, numbers_of
from ._pauli import PauliSum
from ._precision import precision_name, precision_number
from ._seeds import Seed, seed_number
from ._units import counted

if TYPE_CHECKING:
    import numpy
    from numpy.typing import ArrayLike, DTypeLike, NDArray


# Where a run may begin: a state or amplitudes, which are copied, or a ket of 0 1 + -.
Start: TypeAlias = "State | ArrayLike | str"

REDUCED_QUBITS_MAX = 12


class Workers(Protocol):
    """An engine, as far as a state uses it."""

    _handle: EngineHandle | None


class State:
    """2**n amplitudes in an engine's arena; index bit b is qubit b.

    Made by `Engine.state`, it lives on when the engine is closed. Reductions use the engine's
    threads where it is free. NumPy and libraries that read DLPack take a State as an array, without
    a copy.

    Attributes
    ----------
    qubits : int

    Examples
    --------
    >>> import numpy
    >>> with ketch.Engine() as engine:
    ...     state = engine.state("+0")
    >>> state
    State(2 qubits, double: 0.7071|00> + 0.7071|10>)
    >>> numpy.asarray(state).real.round(3)
    array([0.707, 0.   , 0.707, 0.   ])
    >>> round(state.expectation({0: 1.0}), 12)
    1.0
    """

    def __init__(self, engine: Workers, handle: StateHandle, kept: object = None) -> None:
        self._handle = handle
        self._engine = weakref.ref(engine)
        self._lock = Lock()
        self._kept = kept  # adopted memory
        self.qubits, self._precision = states.shape(handle)

    @property
    def precision(self) -> str:
        """ "single" or "double"."""
        return precision_name(self._precision)

    # ---- setting

    def set_ket(self, ket: str) -> State:
        """Set it from a ket.

        Parameters
        ----------
        ket : str
            One of 0 1 + - a qubit, the leftmost for the highest.

        Returns
        -------
        State
            Itself.

        Raises
        ------
        RangeError
            For another length, or other characters.
        """
        check_ket("ket", ket)
        with self._claim():
            states.set_ket(self._handle, ket)
        return self

    def set_amplitudes(self, amplitudes: ArrayLike, *, normalise: bool = False) -> State:
        """Set it from numbers, which are copied.

        Parameters
        ----------
        amplitudes : array_like, shape (2**n,)
            The amplitudes.
        normalise : bool
            Whether to scale them to norm 1; otherwise a norm off by more than 1e-6 is refused.

        Returns
        -------
        State
            Itself.

        Raises
        ------
        RangeError
            For a wrong count, a wrong norm, or numbers that are not finite.
        """
        import numpy

        values = numpy.asarray(amplitudes)
        if values.dtype.kind not in "iufc" or values.ndim != 1:
            given = f"{values.dtype} of shape {values.shape}"
            raise wrong_type("amplitudes", amplitudes, f"a row of numbers, not {given}")
        kind = numpy.complex128 if self._precision == DOUBLE else numpy.complex64
        numbers = numpy.ascontiguousarray(values, kind)
        with self._claim():
            states.set_amplitudes(self._handle, numbers, self._precision, normalise)
        return self

    def _copy(self, other: State) -> State:
        """Sets it from another one. A norm that rounding let drift beyond what is taken for 1 is
        set to 1."""
        amplitudes = other.amplitudes()
        try:
            return self.set_amplitudes(amplitudes)
        except RangeError as error:
            if error.status != "NORM":
                raise
        return self.set_amplitudes(amplitudes, normalise=True)

    # ---- as an array

    def amplitudes(self) -> NDArray[numpy.complexfloating[Any, Any]]:
        """The amplitudes.

        Returns
        -------
        numpy.ndarray, shape (2**n,)
            Read-only and without a copy. The array never changes: what is done to the state later
            happens in other memory. Of a state in adopted memory, it is a view of that memory.

        Raises
        ------
        SuspendedError
            Where a run of the state stopped between fences.
        """
        with self._claim():
            return states.view(self._handle)

    def __len__(self) -> int:
        """How many amplitudes it has."""
        return 1 << self.qubits

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """The amplitudes for NumPy; a copy only where one is asked for or the dtype needs one."""
        import numpy

        amplitudes = self.amplitudes()
        if dtype is not None and numpy.dtype(dtype) != amplitudes.dtype:
            if copy is False:
                raise ValueError(f"copy=False, but {amplitudes.dtype} is not {dtype}")
            return amplitudes.astype(dtype)
        return amplitudes.copy() if copy else amplitudes

    def __dlpack__(self, **options: Any) -> Any:
        """The amplitudes for another library: read-only, unless it asks for a copy. BufferError for
        a library that does not know read-only arrays; give it ``numpy.array(state)``."""
        amplitudes = self.amplitudes()
        if options.pop("copy", None):
            amplitudes = amplitudes.copy()
        return amplitudes.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        """The CPU."""
        return 1, 0

    # ---- reading

    def norm(self) -> float:
        """The root of the sum of the squared magnitudes: 1 for a state.

        Returns
        -------
        float
        """
        with self._claim():
            return states.norm(self._workers(), self._handle)

    def inner(self, other: State) -> complex:
        """The inner product <self|other>.

        Parameters
        ----------
        other : State
            Of as many qubits, and the same precision.

        Returns
        -------
        complex

        Raises
        ------
        RangeError
            For another size or precision.
        """
        if not isinstance(other, State):
            raise wrong_type("other", other, "State")
        if other is self:
            return complex(self.norm() ** 2)
        one, two = sorted((self, other), key=id)  # the same order in every thread
        with one._claim(), two._claim():
            return states.inner(self._workers(), self._handle, other._handle)

    def probabilities(self, qubits: Qubits | None = None) -> NDArray[numpy.float64]:
        """Probabilities of the outcomes of some qubits.

        Parameters
        ----------
        qubits : int or sequence of int, optional
            Which, the first as the lowest bit of the outcome. None: all.

        Returns
        -------
        numpy.ndarray, shape (2**k,)

        Raises
        ------
        BadIndexError, RangeError
            For qubits that there are not, or one given twice.
        """
        import numpy

        wires = list(range(self.qubits))
        if qubits is not None:
            wires = indices("qubit", sequence(qubits), self.qubits)
        found = numpy.empty(2 ** min(len(wires), self.qubits), numpy.float64)
        with self._claim():
            states.probabilities(self._workers(), self._handle, wires, found)
        return found

    def expectation(self, op: PauliSum | Terms | Iterable[tuple[Any, complex]] | str) -> float:
        """The expectation <O> of a sum of Pauli strings.

        Parameters
        ----------
        op : PauliSum, mapping, iterable of pairs or str
            The sum, whose coefficients must be real: a PauliSum, or what one is made of. A dict
            whose keys have no letters is a sum of products of Z, each by its qubits, with its
            coefficient: {(0, 1): 0.5, 2: -1, (): 3}.

        Returns
        -------
        float

        Raises
        ------
        RangeError
            For labels of another length than the state has qubits (status MISMATCH), coefficients
            that are not real, and what is no sum.
        BadIndexError
            For qubits that there are not.

        Examples
        --------
        >>> engine = ketch.Engine()
        >>> bell = engine.state(engine.run(ketch.Circuit(2).h(0).cx(0, 1)).state)
        >>> round(bell.expectation({"XX": 1, "YY": 0.5}), 12)
        0.5
        """
        numbers = numbers_of(op, self.qubits)
        with self._claim():
            return states.expectation(self._workers(), self._handle, numbers)

    def variance(self, op: PauliSum | Terms | Iterable[tuple[Any, complex]] | str) -> float:
        """The variance <O**2> - <O>**2 of a sum of Pauli strings.

        It is computed as ||O psi||**2 - <O>**2 with one further state in memory.

        Parameters
        ----------
        op : PauliSum, mapping, iterable of pairs or str
            As for `expectation`.

        Returns
        -------
        float

        Raises
        ------
        RangeError, BadIndexError
            As for `expectation`.
        OutOfMemoryError
            Where there is no memory for the further state.

        Examples
        --------
        >>> round(ketch.Engine().state("0+").variance({"XZ": 2, "IX": 3}), 12)
        4.0
        """
        numbers = numbers_of(op, self.qubits)
        with self._claim():
            return states.variance(self._workers(), self._handle, numbers)

    def reduced_density_matrix(self, qubits: Qubits) -> NDArray[numpy.complex128]:
        """The density matrix of some qubits: the partial trace over the others.

        Parameters
        ----------
        qubits : int or sequence of int
            Which, at most 12; the first is the lowest bit of a row's and a column's number.

        Returns
        -------
        numpy.ndarray, shape (2**k, 2**k)
            Exactly Hermitian.

        Raises
        ------
        BadIndexError, RangeError
            For qubits that there are not, one given twice, or too many.

        Examples
        --------
        >>> ketch.Engine().state("10").reduced_density_matrix(1).real
        array([[0., 0.],
               [0., 1.]])
        """
        return self._reduced(indices("qubit", sequence(qubits), self.qubits))

    def _reduced(self, wires: list[int]) -> NDArray[numpy.complex128]:
        import numpy

        side = 2 ** min(len(wires), REDUCED_QUBITS_MAX)  # more are refused by C
        found = numpy.empty((side, side), numpy.complex128)
        with self._claim():
            states.reduced(self._workers(), self._handle, wires, found)
        return found

    def fidelity(self, other: State) -> float:
        """The fidelity |<self|other>|**2.

        Parameters
        ----------
        other : State
            Of as many qubits, and the same precision.

        Returns
        -------
        float

        Raises
        ------
        RangeError
            For another size or precision.

        Examples
        --------
        >>> engine = ketch.Engine()
        >>> round(engine.state("0").fidelity(engine.state("+")), 12)
        0.5
        """
        return abs(self.inner(other)) ** 2

    def entropy(self, qubits: Qubits) -> float:
        """The entanglement of some qubits with the others: the von Neumann entropy of their density
        matrix, in bits.

        It is computed of the smaller side, which may have 12 qubits.

        Parameters
        ----------
        qubits : int or sequence of int
            Which.

        Returns
        -------
        float

        Raises
        ------
        BadIndexError, RangeError
            For qubits that there are not, one given twice, or more than 12 on both sides.

        Examples
        --------
        >>> engine = ketch.Engine()
        >>> bell = engine.state(engine.run(ketch.Circuit(2).h(0).cx(0, 1)).state)
        >>> round(bell.entropy(0), 12)
        1.0
        """
        import numpy

        side = self._smaller_side(indices("qubit", sequence(qubits), self.qubits))
        if not side:
            return 0.0
        weights = numpy.linalg.eigvalsh(self._reduced(side))
        weights = weights[weights > 0] / weights.sum()
        return max(0.0, -float((weights * numpy.log2(weights)).sum()))

    def sample(self, shots: int, seed: Seed = None, *, first: int = 0) -> NDArray[numpy.uint64]:
        """Draw outcomes of all qubits; the state stays as it is.

        Parameters
        ----------
        shots : int
            How many.
        seed : int or numpy.random.Generator, optional
            Of all randomness. None: a new one.
        first : int
            The number of the first shot: shot s depends on the state, the seed and first + s only.

        Returns
        -------
        numpy.ndarray, shape (shots,), dtype uint64
            Indices of basis states.

        Raises
        ------
        RangeError
            For numbers outside their limits.
        """
        import numpy

        found = numpy.empty(shots_number(shots, "1..2^32"), numpy.uint64)
        first = whole("first", first, "0..2^63 - 1", 0, 2**63)
        with self._claim():
            states.sample(self._workers(), self._handle, found, seed_number(seed), first)
        return found

    def measure(self, qubit: int, seed: Seed = None, *, count: int = 0) -> int:
        """Measure one qubit and collapse the state.

        Parameters
        ----------
        qubit : int
            Which.
        seed : int or numpy.random.Generator, optional
            Of all randomness. None: a new one.
        count : int
            How many measurements were made with this seed before.

        Returns
        -------
        int
            0 or 1.

        Raises
        ------
        BadIndexError
            For a qubit that there is not.
        """
        (wire,) = indices("qubit", (qubit,), self.qubits)
        count = whole("count", count, "0..2^63 - 1", 0, 2**63)
        with self._claim():
            return states.measure(self._workers(), self._handle, wire, seed_number(seed), count)

    # ---- looking

    def _title(self) -> str:
        return f"{counted(self.qubits, 'qubit')}, {self.precision}"

    def _told(self) -> _kets.Kets | str:
        """The kets to print, or why there are none."""
        return _kets.told(self.qubits, self.amplitudes)

    def __repr__(self) -> str:
        """Sizes and the largest kets. States of more than 22 qubits are not read for it."""
        return f"State({self._title()}: {_kets.line(self._told())})"

    def _repr_html_(self) -> str:
        """For notebooks: the largest kets with their probabilities."""
        from . import _html

        return _html.page(f"State: {self._title()}", _html.kets_table(self._told()))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a State cannot be pickled: pickle its amplitudes, or the circuit")

    @classmethod
    def _adopt(cls, engine: Workers, arena: ArenaHandle, array: NDArray[Any]) -> State:
        import numpy

        if not isinstance(array, numpy.ndarray):
            raise wrong_type("array", array, "numpy.ndarray")
        flags, size = array.flags, array.size
        if array.dtype not in (numpy.complex64, numpy.complex128) or not array.dtype.isnative:
            raise failed("SHAPE", "array", array.dtype, "complex64 or complex128", "a wrong dtype")
        if not (flags.c_contiguous and flags.writeable) or size < 2 or size & (size - 1):
            given = f"{'' if flags.writeable else 'read-only, '}shape {array.shape}"
            allowed = "a contiguous, writable array of 2^n amplitudes"
            raise failed("SHAPE", "array", given, allowed, "an array that cannot be adopted")
        return cls(engine, states.adopt(arena, array, precision_number(array.dtype)), array)

    def _smaller_side(self, wires: list[int]) -> list[int]:
        """Qubits whose state has the entropy of these: they or the others."""
        if len(set(wires)) < len(wires) or any(not 0 <= wire < self.qubits for wire in wires):
            return wires  # to be refused by C
        others = [wire for wire in range(self.qubits) if wire not in wires]
        return min(wires, others, key=len)

    def _workers(self) -> EngineHandle | None:
        engine = self._engine()
        return engine._handle if engine is not None else None

    def _claim(self) -> Lock:
        return claim(self._lock, "state")
