"""Engines: they run circuits on their threads and their memory."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import TYPE_CHECKING, Any, NoReturn

from ._arena import Arena, memory_size
from ._arguments import shots_number, whole
from ._circuit import Circuit, plan
from ._errors import Error, failed, out_of_range, wrong_type
from ._exit import stop_at_exit
from ._native import circuits, core, runs, states
from ._native.handles import NULL, EngineHandle
from ._native.runs import SEED, SHOTS, frames, program_run
from ._observe import Observable, observables
from ._options import (
    DEFAULTS,
    PLAIN,
    ApplyOptions,
    PreparedOptions,
    ResumeOptions,
    RunOptions,
    native,
    settings_of,
    takes,
)
from ._parameter import Values
from ._planned import Planned
from ._precision import Precision, precision_number
from ._prepared import Prepared
from ._progress import Bar
from ._result import Result
from ._seeds import new as new_seeds
from ._seeds import seed_number
from ._state import State

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Unpack

NOTHING: Sequence[Observable] = ()


class Engine:
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
    ) -> None:
        if kernels not in core.KERNELS:
            raise out_of_range("kernels", kernels, ", ".join(core.KERNELS))
        if arena is not None and not isinstance(arena, Arena):
            raise wrong_type("arena", arena, "Arena or None")
        most, allowed = core.THREADS_MAX, f"1..{core.THREADS_MAX}, or None"
        count = 0 if threads is None else whole("threads", threads, allowed, 1, most + 1)
        budget = memory_size(memory)
        shared = arena._open() if arena is not None else None
        self._handle: EngineHandle | None = core.engine_create(
            count, core.KERNELS[kernels], shared, budget
        )
        self._arena = core.engine_arena(self._handle)
        info = core.engine_info(self._handle)
        self._kernels = info["kernels"]
        self._threads = info["threads"]
        self._interrupted: Result | None = None
        stop_at_exit(self)

    # ---- running

    @takes(RunOptions)
    def run(self, circuit: Circuit, **options: Unpack[RunOptions]) -> Result:
        """Run a circuit from |0...0>.

        Parameters
        ----------
        circuit : Circuit
            What to run. It is planned by the first run, and again when something was added.
        **options

        Returns
        -------
        Result
            What the run left. Where it was stopped, `resume` carries it on.

        Raises
        ------
        RangeError, BadIndexError
            For options outside their limits.
        BusyError
            Where the engine runs already.
        OutOfMemoryError
            Where the budget does not allow the run.

        Examples
        --------
        >>> engine = ketch.Engine()
        >>> circuit = ketch.Circuit(3, 3).h(0).cx(0, 1).cx(1, 2).measure_all()
        >>> sorted(engine.run(circuit, shots=1000, seed=7).counts)
        ['000', '111']
        >>> engine.run(ketch.Circuit(1).x(0), observe=["norm", {0: 1.0}]).observed
        [1.0, -1.0]
        """
        if not options:
            return self._begin(plan(circuit, "double", self._kernels, None), None, None, options)
        precision = options.pop("precision") if "precision" in options else "double"
        every = options.pop("hook_every") if "hook_every" in options else None
        values = options.pop("values") if "values" in options else None
        return self._begin(plan(circuit, precision, self._kernels, every), None, values, options)

    @takes(RunOptions)
    async def arun(self, circuit: Circuit, **options: Unpack[RunOptions]) -> Result:
        """Run a circuit for asyncio, on a thread of the loop's executor.

        Hooks are called on that thread. A cancellation sets the token, and comes out when the run
        has ended.

        Parameters
        ----------
        circuit : Circuit
            What to run.
        **options

        Returns
        -------
        Result
            As `run`.

        Raises
        ------
        RangeError, BadIndexError, BusyError, OutOfMemoryError
            As `run`.
        """
        from ._async import run_in_executor

        return await run_in_executor(self.run, circuit, options)

    @takes(ApplyOptions)
    def apply(self, circuit: Circuit, state: State, **options: Unpack[ApplyOptions]) -> Result:
        """Run a circuit on a state as it is, which it changes.

        Parameters
        ----------
        circuit : Circuit
            What to run.
        state : State
            Of as many qubits; its precision is the run's.
        **options

        Returns
        -------
        Result
            As `run`.

        Raises
        ------
        RangeError, BadIndexError, BusyError, OutOfMemoryError
            As `run`.

        Examples
        --------
        >>> engine = ketch.Engine()
        >>> state = engine.state("01")
        >>> _ = engine.apply(ketch.Circuit(2).cx(0, 1), state)
        >>> state.amplitudes().real
        array([0., 0., 0., 1.])
        """
        if not isinstance(state, State):
            raise wrong_type("state", state, "State")
        every, values = options.pop("hook_every", None), options.pop("values", None)
        planned = plan(circuit, state.precision, self._kernels, every)
        with state._claim():
            return self._begin(planned, state, values, options)

    @takes(ResumeOptions)
    def resume(self, result: Result, **options: Unpack[ResumeOptions]) -> Result:
        """Carry a stopped run to its end, to the bits of an undisturbed one.

        Parameters
        ----------
        result : Result
            Of a run that stopped, on this engine or another one.
        **options

        Returns
        -------
        Result
            The same result.

        Raises
        ------
        RangeError
            For options outside their limits.
        BusyError
            Where the engine runs already, or another thread resumes the result.

        Examples
        --------
        >>> engine, stop = ketch.Engine(), ketch.Stop()
        >>> stop.set()
        >>> result = engine.run(ketch.Circuit(3).h([0, 1, 2]), stop=stop)
        >>> engine.resume(result).status
        'OK'
        """
        if not isinstance(result, Result):
            raise wrong_type("result", result, "Result")
        settings, engine = settings_of(options), self._open()
        bar = Bar() if settings.progress else None
        frame = runs.frame_take(*native(settings, None, bar))
        try:
            with result._claim():
                status = runs.resume(frame, engine, result._handle)
            if bar:
                bar.show(*result.position[:2])
        finally:
            if bar:
                bar.close()
        if status < 0:
            self._interrupted = result
            frame.fail(status)
        runs.frame_give(frame)
        return result

    def prepare(
        self, circuit: Circuit, *, precision: Precision = "double", hook_every: int | None = None
    ) -> Prepared:
        """Plan a circuit, for many runs.

        Parameters
        ----------
        circuit : Circuit
            What to plan.
        precision : str or dtype
            "double" or "single", as for `run`.
        hook_every : int, optional
            Steps between fences. None: fences only where the circuit has them.

        Returns
        -------
        Prepared

        Raises
        ------
        RangeError
            For options outside their limits.
        """
        self._open()
        return Prepared(self._begin, plan(circuit, precision, self._kernels, hook_every))

    def _begin(
        self,
        planned: Planned,
        state: State | None,
        values: Values | None,
        options: PreparedOptions,
    ) -> Result:
        """Runs what was planned on a state or, without one, from |0...0>. It empties options: that
        is quicker than a call with keywords."""
        shots, seed, observe = None, None, NOTHING
        if options:
            shots = options.pop("shots") if "shots" in options else None
            seed = options.pop("seed") if "seed" in options else None
            observe = options.pop("observe") if "observe" in options else NOTHING
        engine = self._handle or self._open()
        binds = values is not None or planned.parameters
        program = planned.bind(values) if binds else planned.program
        many = 0 if shots is None else shots_number(shots)
        key = next(new_seeds[0]) if seed is None else seed_number(seed)
        asked = None if observe is NOTHING else observables(observe, planned.qubits)
        if many and not planned.measures and asked is None:
            raise _nothing_measured(many)
        bar, hook, settings = None, None, PLAIN
        if options or asked is not None:
            chosen = settings_of(options) if options else DEFAULTS
            bar = Bar() if chosen.progress else None
            hook, settings = native(chosen, asked, bar)
        try:
            frame = frames.pop()
        except IndexError:
            frame = runs.Frame()
        frame.hook = hook
        if frame.settings is not settings:
            frame.set(settings)
        on, kept = (NULL, None) if state is None else (state._handle[0], state._kept)
        drawn = NULL
        if many or planned.measures or asked:
            drawn, numbers = frame.shots, frame.numbers
            numbers[SHOTS], numbers[SEED] = many, key
        try:
            status = program_run(
                frame.place, engine[0], program[0], on, drawn, frame.run, frame.error
            )
            result = Result(frame, planned, many, key, asked.counts if asked else (), kept)
            if bar and result._handle:
                bar.show(*result.position[:2])
        finally:
            if bar:
                bar.close()
        if status < 0:
            self._interrupted = result if result._handle else None
            frame.fail(status)
        frame.hook = None
        frames.append(frame)
        if binds:
            planned.keep(program)
        return result

    def stop(self) -> None:
        """Ask the run that is on to end; from any thread. Does nothing where no run is on."""
        engine = self._handle
        if engine is not None:
            core.engine_stop(engine)

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
        (State(3 qubits, double), State(2 qubits, single))
        >>> engine.state([0.6, 0.8j]).amplitudes()
        array([0.6+0.j , 0. +0.8j])
        """
        self._open()
        number = precision_number(precision)
        if isinstance(start, str):
            return self._new_state(len(start), number).set_ket(start)
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

    # ---- the engine itself

    @property
    def interrupted(self) -> Result | None:
        """The run that an exception of its hook, or Ctrl-C, took from its caller: to look at or to
        resume. It keeps its memory until the next such run, or `close`."""
        return self._interrupted

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


def _nothing_measured(shots: int) -> Error:
    allowed = "shots=None, a circuit that measures, or observe=[...]"
    what = "shots of a circuit that measures nothing have no outcome"
    return failed("RANGE", "shots", shots, allowed, what)
