"""Engines: they run circuits on their threads and their memory."""

from __future__ import annotations

from collections.abc import Sized
from typing import TYPE_CHECKING, Any, NoReturn

from ._arena import Arena, memory_size
from ._arguments import check_ket, whole
from ._errors import failed, out_of_range, wrong_type
from ._native import circuits, core, programs, states
from ._native.base import address_of
from ._native.handles import EngineHandle
from ._options import PLAIN
from ._planned import Planned
from ._precision import Precision, precision_number
from ._result import Result
from ._runner import Runner
from ._state import Start, State

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Engine(Runner):
    """Threads, memory and settings. It carries one run at a time: a second call gets BusyError at
    once.

    Parameters
    ----------
    threads : int, optional
        How many, the caller's included, from 1 to 64. None: one for each core that this process may
        use. They start with the first run that needs them.
    memory : int or str, optional
        The budget as bytes, or as text such as "4 GiB". None: what this process may use.
    kernels : str
        The kernel set: "auto", "scalar", "avx2", "avx512" or "neon".
    arena : Arena, optional
        Memory to share, in place of its own.
    clear : bool
        Whether its own memory is zeroed before it is used again: see `Arena`.

    Raises
    ------
    RangeError
        For numbers outside their limits, and a kernel set that this machine does not run.

    Examples
    --------
    >>> with ketch.Engine(threads=2) as engine:
    ...     result = engine.run(ketch.Circuit(2).h(0).cx(0, 1))
    >>> (abs(result.state) ** 2).round(3)
    array([0.5, 0. , 0. , 0.5])
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        memory: int | str | None = None,
        kernels: str = "auto",
        arena: Arena | None = None,
        clear: bool = False,
    ) -> None:
        if kernels not in core.KERNELS:
            raise out_of_range("kernels", kernels, ", ".join(core.KERNELS))
        if arena is not None and not isinstance(arena, Arena):
            raise wrong_type("arena", arena, "Arena or None")
        most, allowed = core.THREADS_MAX, f"1..{core.THREADS_MAX}, or None"
        count = 0 if threads is None else whole("threads", threads, allowed, 1, most + 1)
        budget = memory_size(memory)
        if arena is not None and budget:
            what = "a shared arena has a budget of its own"
            raise failed("MISMATCH", "memory", repr(memory), "None with an arena", what)
        if arena is not None and clear:
            what = "a shared arena was made with clear, or without"
            raise failed("MISMATCH", "clear", "True", "False with an arena", what)
        if clear:
            arena, budget = Arena(memory, clear=True), 0
        shared = arena._open() if arena is not None else None
        self._handle: EngineHandle | None = core.engine_create(
            count, core.KERNELS[kernels], shared, budget
        )
        self._arena = core.engine_arena(self._handle)
        self._memory = address_of(self._arena[0])
        info = core.engine_info(self._handle)
        self._kernels = info["kernels"]
        self._threads = info["threads"]
        self._interrupted: Result | None = None
        self._plain = PLAIN

    # ---- states

    def state(self, start: int | str | ArrayLike, *, precision: Precision = "double") -> State:
        """Make a state.

        Parameters
        ----------
        start : int, str or array_like
            How many qubits, for |0...0>; or a ket of 0 1 + -, the leftmost for the highest qubit;
            or 2**n amplitudes, which are copied.
        precision : str or dtype
            "double" or "single", as for `run`.

        Returns
        -------
        State

        Raises
        ------
        RangeError
            For amplitudes that are no state, or a ket of other characters.
        OutOfMemoryError
            Where the budget does not allow it.

        Examples
        --------
        >>> engine = ketch.Engine()
        >>> engine.state(3), engine.state("+0", precision="complex64")
        (State(3 qubits, double: 1|000>), State(2 qubits, single: 0.7071|00> + 0.7071|10>))
        >>> engine.state([0.6, 0.8j]).amplitudes()
        array([0.6+0.j , 0. +0.8j])
        """
        self._open()
        number = precision_number(precision)
        if isinstance(start, str):
            return self._new_state(len(check_ket("start", start)), number).set_ket(start)
        if not isinstance(start, Sized):
            return self._new_state(start, number)
        made = self._new_state(max(len(start) - 1, 1).bit_length(), number)
        return made.set_amplitudes(start)

    def adopt(self, array: NDArray[Any]) -> State:
        """Make a state in the caller's own memory, without a copy.

        Runs and measurements of the state write into the array. The state keeps it alive.

        Parameters
        ----------
        array : numpy.ndarray, dtype complex64 or complex128
            2**n amplitudes of norm 1, contiguous and writable.

        Returns
        -------
        State

        Raises
        ------
        RangeError
            For an array that cannot be used as it is, or that is no state.

        Examples
        --------
        >>> import numpy
        >>> array = numpy.array([1, 0, 0, 0], complex)
        >>> engine = ketch.Engine()
        >>> _ = engine.apply(ketch.Circuit(2).x(1), engine.adopt(array))
        >>> array.real
        array([0., 0., 1., 0.])
        """
        self._open()
        return State._adopt(self, self._arena, array)

    def _new_state(self, qubits: object, precision: int) -> State:
        count = whole("qubits", qubits, f"1..{circuits.QUBITS_MAX}")
        return State(self, states.create(self._arena, count, precision))

    def _started(self, start: Start | None, planned: Planned) -> State | None:
        if start is None:
            return None
        made = self._new_state(planned.qubits, programs.info(planned.program)["precision"])
        if isinstance(start, str):
            return made.set_ket(start)
        if isinstance(start, State):
            return made._copy(start)
        if not isinstance(start, Sized):
            raise wrong_type("state", start, "State, amplitudes, or str of 0 1 + -")
        return made.set_amplitudes(start)

    # ---- the engine itself

    @property
    def running(self) -> bool:
        """Whether a run is on."""
        return bool(core.engine_info(self._open())["running"])

    @property
    def threads(self) -> int:
        """How many threads run, the caller's included."""
        return self._threads

    @property
    def kernels(self) -> str:
        """The kernel set in use."""
        return core.kernels_name(self._kernels)

    @property
    def memory(self) -> int:
        """The arena's budget in bytes."""
        return core.engine_info(self._open())["memory"]

    @property
    def arena(self) -> Arena:
        """Its memory."""
        self._open()
        return Arena._of(self._arena)

    def _open(self) -> EngineHandle:
        handle = self._handle
        if handle is None:
            what = "this engine is closed"
            raise failed("HANDLE", "engine", "a closed engine", "an open one", what)
        return handle

    def close(self) -> None:
        """End it; BusyError while a run is on. Results, states and arrays live on."""
        if self._handle is None:
            return
        if self.running:
            raise failed("BUSY", "engine", "close", "one run at a time an engine", "a run is on")
        self._interrupted = None
        self._handle = None

    def __enter__(self) -> Engine:
        self._open()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._handle is None:
            return "Engine(closed)"
        return f"Engine({self.threads} threads, {self.kernels}, {self.memory} bytes allowed)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Engine cannot be pickled: pickle circuits and options, make one there")
