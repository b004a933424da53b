"""How an engine runs circuits: once, prepared, on a state, resumed, loaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, NoReturn

from ._arguments import path_bytes, shots_number
from ._circuit import Circuit, plan
from ._costs import CostsLike
from ._errors import Error, failed, wrong_type
from ._native import core, programs, runs, saves
from ._native.handles import NULL, EngineHandle
from ._native.runs import SEED, SHOTS, program_run
from ._native.runs import Settings as Native
from ._observe import Observable, observables
from ._options import (
    DEFAULTS,
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
from ._precision import Precision
from ._prepared import Prepared
from ._result import Result
from ._result_data import ResultData
from ._saved import note_of, read_note
from ._seeds import new as new_seeds
from ._seeds import seed_number
from ._state import Start, State

if TYPE_CHECKING:
    from typing_extensions import Unpack


SAVED = "Result: data cannot go on, but a run that Result.save wrote and Engine.load read can"
NOTHING: Observable | Sequence[Observable] = ()


class Runner:
    """The methods of an engine that run."""

    _handle: EngineHandle | None
    _kernels: int
    _memory: int  # the address of the engine's arena, for plans
    _interrupted: Result | None
    _plain: Native  # how it runs where nothing is said

    def _open(self) -> EngineHandle:
        """The engine; HandleError where it is closed."""
        raise NotImplementedError

    @takes(RunOptions)
    def run(self, circuit: Circuit, **options: Unpack[RunOptions]) -> Result:
        """Run a circuit from |0...0>, or from a given state.

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
        BusyError, OutOfMemoryError
            Where the engine runs already, or the budget does not allow the run.
        KeyboardInterrupt
            At Ctrl-C, with the run as its attribute `result`, which `resume` carries on.

        Examples
        --------
        >>> engine = ketch.Engine()
        >>> engine.run(ketch.Circuit(1, 1).x(0).measure_all(), shots=1000).counts
        {'1': 1000}
        >>> engine.run(ketch.Circuit(2).cx(0, 1), state="01").state.real
        array([0., 0., 0., 1.])
        """
        if not options:
            planned = plan(circuit, "double", self._kernels, None, self._memory)
            return self._begin(planned, None, None, options)
        precision = options.pop("precision") if "precision" in options else "double"
        every = options.pop("hook_every") if "hook_every" in options else None
        costs = options.pop("costs") if "costs" in options else None
        values = options.pop("values") if "values" in options else None
        planned = plan(circuit, precision, self._kernels, every, self._memory, costs)
        return self._begin(planned, None, values, options)

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
        """Run a circuit on a state in place: `run` with ``state=`` leaves the given one as it is.

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
        costs = options.pop("costs", None)
        planned = plan(circuit, state.precision, self._kernels, every, self._memory, costs)
        with state._claim():
            return self._begin(planned, state, values, options)  # type: ignore[arg-type]

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
            allowed = "Result" if not isinstance(result, ResultData) else SAVED
            raise wrong_type("result", result, allowed)
        chosen, engine = settings_of(options), self._open()
        bar, hook, settings = native(chosen, self._plain, None, result._note)
        frame = runs.frame_take(hook, settings)
        try:
            with result._claim():
                status = runs.resume(frame, engine, result._handle)
            if bar:
                bar.show(*result.position[:2])
        finally:
            if bar:
                bar.close()
        if status < 0:
            self._fail(frame, status, result)
        runs.frame_give(frame)
        return result

    def prepare(
        self,
        circuit: Circuit,
        *,
        precision: Precision = "double",
        hook_every: int | None = None,
        costs: CostsLike = None,
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
        costs : Costs or str, optional
            What kernels cost, as for `run`.

        Returns
        -------
        Prepared

        Raises
        ------
        RangeError
            For options outside their limits.
        """
        self._open()
        planned = plan(circuit, precision, self._kernels, hook_every, self._memory, costs)
        return Prepared(self._begin, planned)

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
            if "state" in options:
                state = self._started(options.pop("state"), planned)
            shots = options.pop("shots") if "shots" in options else None
            seed = options.pop("seed") if "seed" in options else None
            observe = options.pop("observe") if "observe" in options else NOTHING
        engine = self._handle
        if engine is None:
            engine = self._open()
        bound, program = None, planned.pointer
        if values is not None or planned.parameters:
            bound = planned.bind(values)
            program = bound[0]
        many = 0 if shots is None else shots_number(shots)
        key = next(new_seeds[0]) if seed is None else seed_number(seed)
        asked = None if observe is NOTHING else observables(observe, planned.qubits)
        if many and not planned.measures and asked is None:
            raise nothing_measured(many)
        counts = asked.counts if asked else ()
        bar, hook, settings = None, None, self._plain
        if options or asked is not None:
            note = partial(note_of, planned.recorded, many, key, counts)
            chosen = settings_of(options) if options else DEFAULTS
            bar, hook, settings = native(chosen, settings, asked, note)
        frame = runs.frame_take(hook, settings)
        on = drawn = NULL
        kept = None
        if state is not None:
            on, kept = state._handle[0], state._kept
        if many or planned.draws or asked:
            drawn, numbers = frame.shots, frame.numbers
            numbers[SHOTS], numbers[SEED] = many, key
        try:
            status = program_run(frame.place, engine[0], program, on, drawn, frame.run, frame.error)
            result = Result(frame.address, planned, many, key, counts, kept)
            if bar and result._address:
                bar.show(*result.position[:2])
        finally:
            if bar:
                bar.close()
        if status < 0:
            self._fail(frame, status, result if result._address else None)
        runs.frame_give(frame)
        if bound is not None:
            planned.keep(bound)
        return result

    def _started(self, start: Start | None, planned: Planned) -> State | None:
        """A state of the run's own, of which nobody else knows; None: |0...0>."""
        raise NotImplementedError

    def _fail(self, frame: runs.Frame, status: int, result: Result | None) -> NoReturn:
        """Raises what ended a call. A run that can go on goes along."""
        self._interrupted = result
        try:
            frame.fail(status)
        except (KeyboardInterrupt, Error) as failure:
            failure.result = result  # type: ignore[union-attr]
            raise

    def load(self, path: str | PathLike[str], circuit: Circuit | None = None) -> Result:
        """Load a saved run, on any engine with any number of threads.

        Parameters
        ----------
        path : str or path
            The file that `Result.save` or a run with ``save`` wrote.
        circuit : Circuit, optional
            The circuit that was run. None: the one that Python or the command kept in the file.

        Returns
        -------
        Result
            As it was saved: `resume` carries one that stopped on, to the bits of an undisturbed
            run.

        Raises
        ------
        FileError
            Where the file cannot be read (an OSError with errno), is no saved run, or is damaged.
        RangeError
            Where circuit, kernel set or plan are others than those of the run.
        BusyError
            Where the engine runs.
        """
        engine, name = self._open(), path_bytes("path", path)
        saved = saves.open_saved(name)
        kind = saves.info(saved)["type"]
        if kind != "ketch.circuit":
            what = f"{path} holds a run of another type"
            raise failed("FORMAT", "path", kind, "ketch.circuit; glia loads its own", what)
        note = read_note(saves.note(saved))
        if circuit is None:
            circuit = note.circuit
        if circuit is None:
            what = "the file has no circuit in it"
            raise failed("ARITY", "circuit", "None", "the circuit that was run", what)
        program, values = saves.program(saved, circuit._build(), self._memory)
        randomness = programs.randomness(program)
        planned = Planned(program, randomness, circuit._version, circuit._recorded())
        frame = runs.Frame()
        saves.load(frame, engine, planned.bind(values) if values else program, name)
        return Result(frame.address, planned, note.shots, note.seed, note.asked, None)

    def stop(self) -> None:
        """Ask the run that is on to end; from any thread. Does nothing where no run is on."""
        engine = self._handle
        if engine is not None:
            core.engine_stop(engine)

    @property
    def interrupted(self) -> Result | None:
        """The run that an exception of its hook, or Ctrl-C, took from its caller: to look at or to
        resume. It keeps its memory until the next such run, or `close`. A KeyboardInterrupt and a
        `ketch.Error` have it as their `result`, too."""
        return self._interrupted


def nothing_measured(shots: int) -> Error:
    """The error for shots of a circuit that measures nothing."""
    allowed = "shots=None, a circuit that measures, or observe=[...]"
    what = "shots of a circuit that measures nothing have no outcome"
    return failed("RANGE", "shots", shots, allowed, what)
