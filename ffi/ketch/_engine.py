"""Engines: they run circuits on their threads and their memory."""

from __future__ import annotations

import atexit
import itertools
import os
import time
import weakref
from collections.abc import Iterator, Sequence, Sized
from contextlib import suppress
from functools import partial
from math import inf
from typing import TYPE_CHECKING, NoReturn, SupportsFloat

from . import _native
from ._arena import Arena, memory_size
from ._arguments import whole
from ._circuit import Circuit, Compiled
from ._errors import Error, failed, out_of_range, wrong_type
from ._hooks import TICK, Bar, Hook, HookCall
from ._observe import Observable, observables
from ._parameter import Values
from ._result import Result
from ._state import State, precision_number

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Stop:
    """A token that asks a run to end: set it from any thread, a hook or a signal handler. The run
    looks at the token given to it, so one that is set before the run stops it at its beginning."""

    __slots__ = ("_handle",)

    def __init__(self) -> None:
        self._handle = _native.stop_new()

    def set(self) -> None:
        """Asks for the end."""
        _native.stop_set(self._handle)

    def clear(self) -> None:
        """Makes it usable again."""
        _native.stop_clear(self._handle)

    def is_set(self) -> bool:
        """Whether it is set."""
        return _native.stop_read(self._handle)

    def __repr__(self) -> str:
        return f"Stop({'set' if self.is_set() else 'clear'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Stop cannot be pickled: it means a run of this process")


class Engine:
    """Threads, memory and settings. One run at a time: a second call gets BusyError at once.

    threads: the caller's included; None: the cores this process may use. memory: budget as bytes
    or "4 GiB"; None: what this process may use. kernels: "auto", "scalar", "avx2", "avx512" or
    "neon". arena: shared memory in place of its own. Threads start with the first run that needs
    them.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        memory: int | str | None = None,
        kernels: str = "auto",
        arena: Arena | None = None,
    ) -> None:
        if kernels not in _native.KERNELS:
            raise out_of_range("kernels", kernels, ", ".join(_native.KERNELS))
        if arena is not None and not isinstance(arena, Arena):
            raise wrong_type("arena", arena, "Arena or None")
        count = 0 if threads is None else whole("threads", threads, "1..64, or None", 1, 65)
        budget = memory_size(memory)
        shared = arena._open() if arena is not None else None
        self._handle: _native.Handle | None = _native.engine_create(
            count, _native.KERNELS[kernels], shared, budget
        )
        self._arena = _native.engine_arena(self._handle)
        info = _native.engine_info(self._handle)
        self._kernels = info["kernels"]
        self._threads = info["threads"]
        self._interrupted: Result | None = None
        _engines.add(self)

    # ---- running

    def run(
        self,
        circuit: Circuit,
        *,
        values: Values | None = None,
        shots: int | None = None,
        seed: int | None = None,
        precision: str = "double",
        observe: Sequence[Observable] = (),
        hook: Hook | None = None,
        hook_every: int | None = None,
        hook_seconds: float | None = 0.05,
        timeout: float | None = None,
        stop: Stop | None = None,
        progress: bool = False,
    ) -> Result:
        """Runs a circuit from |0...0>.

        values: of its parameters, a mapping from names or a sequence in the order of
        Circuit.parameters; other values later cost no new plan. shots None: once as written,
        measurements collapse. shots N: counts and bits of N shots. seed: of all randomness; None:
        a new one, which the result tells. observe: what is wanted of the final state, in
        result.observed: "norm", qubits for the probabilities of their outcomes, or a sum of
        products of Z as State.expectation takes it; mostly they cost no sweep. hook: called with a
        Step on this thread, every `hook_every` steps (with the state) and every `hook_seconds`; a
        true answer stops the run, an exception comes out of it unchanged. timeout: in seconds.
        stop: a token. A run that was stopped gives a result that `resume` carries on.
        """
        planned = self._compile(circuit, precision, hook_every)
        return self._run(
            planned, None, values, shots, seed, observe, hook, hook_seconds, timeout, stop, progress
        )

    async def arun(
        self,
        circuit: Circuit,
        *,
        values: Values | None = None,
        shots: int | None = None,
        seed: int | None = None,
        precision: str = "double",
        observe: Sequence[Observable] = (),
        hook: Hook | None = None,
        hook_every: int | None = None,
        hook_seconds: float | None = 0.05,
        timeout: float | None = None,
        stop: Stop | None = None,
        progress: bool = False,
    ) -> Result:
        """run for asyncio, on a thread of its executor: hooks are called there. A cancellation sets
        the token and leaves when the run has ended."""
        import asyncio

        token = Stop() if stop is None else stop
        _token(token)
        call = partial(
            self.run,
            circuit,
            values=values,
            shots=shots,
            seed=seed,
            precision=precision,
            observe=observe,
            hook=hook,
            hook_every=hook_every,
            hook_seconds=hook_seconds,
            timeout=timeout,
            stop=token,
            progress=progress,
        )
        work = asyncio.get_running_loop().run_in_executor(None, call)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            token.set()
            while not work.done():
                with suppress(asyncio.CancelledError):  # another one changes nothing
                    await asyncio.wait([work])
            work.exception()  # whatever it is, the cancellation goes before it
            raise

    def prepare(
        self, circuit: Circuit, *, precision: str = "double", hook_every: int | None = None
    ) -> Prepared:
        """Plans a circuit, for many runs."""
        self._open()
        return Prepared(self, self._compile(circuit, precision, hook_every))

    def apply(
        self,
        circuit: Circuit,
        state: State,
        *,
        values: Values | None = None,
        shots: int | None = None,
        seed: int | None = None,
        observe: Sequence[Observable] = (),
        hook: Hook | None = None,
        hook_every: int | None = None,
        hook_seconds: float | None = 0.05,
        timeout: float | None = None,
        stop: Stop | None = None,
        progress: bool = False,
    ) -> Result:
        """Runs a circuit on a state as it is, which it changes. See run."""
        if not isinstance(state, State):
            raise wrong_type("state", state, "State")
        planned = self._compile(circuit, state.precision, hook_every)
        rest = hook, hook_seconds, timeout, stop, progress
        with state._mine():
            return self._run(planned, state, values, shots, seed, observe, *rest)

    def resume(
        self,
        result: Result,
        *,
        hook: Hook | None = None,
        hook_seconds: float | None = 0.05,
        timeout: float | None = None,
        stop: Stop | None = None,
        progress: bool = False,
    ) -> Result:
        """Carries a stopped run to its end, to the bits of an undisturbed one. Returns the same
        result."""
        if not isinstance(result, Result):
            raise wrong_type("result", result, "Result")
        engine = self._open()
        bar = Bar() if progress else None
        frame = _frame(hook, hook_seconds, timeout, stop, None, bar)
        try:
            with result._mine():
                status = _native.resume(frame, engine, result._result)
            if bar:
                bar.show(*result.position[:2])
        finally:
            if bar:
                bar.close()
        if status < 0:
            self._interrupted = result
            frame.fail(status)
        _native.frame_give(frame)
        return result

    def _run(
        self,
        planned: Compiled,
        on: State | None,
        values: Values | None,
        shots: int | None,
        seed: int | None,
        observe: Sequence[Observable],
        hook: Hook | None,
        hook_seconds: float | None,
        timeout: float | None,
        stop: Stop | None,
        progress: bool,
    ) -> Result:
        engine = self._handle or self._open()
        binds = values is not None or planned.parameters
        program = planned.bind(values) if binds else planned.program
        many = 0 if shots is None else shots_number(shots)
        key = next(_seeds) if seed is None else seed_number(seed)
        asked = observables(observe, planned.qubits) if observe != () else None
        if many and not planned.measures and asked is None:
            raise _nothing_to_shoot(many)
        bar = Bar() if progress else None
        frame = _frame(hook, hook_seconds, timeout, stop, asked, bar)
        state = _native.NULL if on is None else on._handle
        try:
            status = _native.run(frame.call, engine, program, state, many, key)
            result = Result(frame, planned, many, key, asked.counts if asked else ())
            if bar and result._result:
                bar.show(*result.position[:2])
        finally:
            if bar:
                bar.close()
        if status < 0:
            self._interrupted = result if result._result else None
            frame.fail(status)
        _native.frame_give(frame)
        if binds:
            planned.keep(program)
        return result

    def _compile(self, circuit: Circuit, precision: str, hook_every: int | None) -> Compiled:
        if not isinstance(circuit, Circuit):
            raise wrong_type("circuit", circuit, "Circuit")
        every = 0 if hook_every is None else whole("hook_every", hook_every, "1..2^62", 1, 2**62)
        return circuit._compile(precision, self._kernels, every)

    # ---- the rest

    def stop(self) -> None:
        """Asks the run that is on to end; from any thread. Nothing happens where no run is on."""
        engine = self._handle
        if engine is not None:
            _native.engine_stop(engine)

    @property
    def interrupted(self) -> Result | None:
        """The run that an exception of its hook, or Ctrl-C, took from its caller: to look at or to
        resume. It keeps its memory until the next such run, or close."""
        return self._interrupted

    @property
    def running(self) -> bool:
        """Whether a run is on."""
        return bool(_native.engine_info(self._open())["running"])

    @property
    def threads(self) -> int:
        """How many threads run, the caller's included."""
        return self._threads

    @property
    def kernels(self) -> str:
        """The kernel set in use."""
        return _native.kernels_name(self._kernels)

    @property
    def memory(self) -> int:
        """The arena's budget in bytes."""
        return _native.engine_info(self._open())["memory"]

    @property
    def arena(self) -> Arena:
        """Its memory."""
        self._open()
        return Arena._of(self._arena)

    def state(self, start: int | str | ArrayLike, *, precision: str = "double") -> State:
        """A state: |0...0> of that many qubits, from a ket of 0 1 + -, or from 2^n amplitudes."""
        self._open()
        number = precision_number(precision)
        if isinstance(start, str):
            made = self._new_state(len(start), number)
            return made.set_ket(start)
        if not isinstance(start, Sized):
            return self._new_state(start, number)
        made = self._new_state(max(len(start) - 1, 1).bit_length(), number)
        return made.set_amplitudes(start)

    def _new_state(self, qubits: object, precision: int) -> State:
        count = whole("qubits", qubits, f"1..{_native.QUBITS_MAX}")
        return State(self, _native.state_create(self._arena, count, precision))

    def _open(self) -> _native.Handle:
        handle = self._handle
        if handle is None:
            raise failed(
                "HANDLE", "engine", "a closed engine", "an open one", "this engine is closed"
            )
        return handle

    def close(self) -> None:
        """Ends it; BusyError while a run is on. Results, states and arrays live on."""
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


class Prepared:
    """A circuit planned for an engine."""

    __slots__ = ("_compiled", "_engine")

    def __init__(self, engine: Engine, compiled: Compiled) -> None:
        self._engine = engine
        self._compiled = compiled

    def run(
        self,
        values: Values | None = None,
        *,
        shots: int | None = None,
        seed: int | None = None,
        observe: Sequence[Observable] = (),
        hook: Hook | None = None,
        hook_seconds: float | None = 0.05,
        timeout: float | None = None,
        stop: Stop | None = None,
        progress: bool = False,
    ) -> Result:
        """Runs it from |0...0>, with values for its parameters. See Engine.run."""
        planned = self._compiled
        return self._engine._run(
            planned, None, values, shots, seed, observe, hook, hook_seconds, timeout, stop, progress
        )

    @property
    def plan(self) -> str:
        """The plan as text for a person."""
        return _native.program_plan(self._compiled.program)

    @property
    def info(self) -> dict[str, int | str | bool]:
        """Sizes and choices of the plan."""
        info: dict[str, int | str | bool] = dict(_native.program_info(self._compiled.program))
        info["precision"] = "single" if info["precision"] == _native.SINGLE else "double"
        info["kernels"] = _native.kernels_name(int(info["kernels"]))
        return info | {name: bool(info[name]) for name in ("measures", "sampled")}

    def __repr__(self) -> str:
        return f"Prepared({self._compiled.qubits} qubits on {self._engine!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Prepared cannot be pickled: pickle the circuit, and prepare it there")


# ---- options


SHOTS_MAX = 2**32  # C's


def shots_number(shots: object) -> int:
    """A number of shots."""
    if type(shots) is int and 0 < shots <= SHOTS_MAX:
        return shots
    return whole("shots", shots, "1..2^32, or None", 1, SHOTS_MAX + 1)


def _nothing_to_shoot(shots: int) -> Error:
    allowed = "shots=None, a circuit that measures, or observe=[...]"
    what = "shots of a circuit that measures nothing have no outcome"
    return failed("RANGE", "shots", shots, allowed, what)


def seed_number(seed: object) -> int:
    """A seed; None: a new one."""
    if seed is None:
        return next(_seeds)
    if type(seed) is int and 0 <= seed < 2**64:
        return seed
    return whole("seed", seed, "0..2^64 - 1, or None", 0, 2**64)


def _begin_seeds() -> None:
    """From the system's randomness, in steps: who counts on from one of them meets no other."""
    global _seeds
    _seeds = itertools.count(int.from_bytes(os.urandom(8), "little") >> 2, 1000)


_seeds: Iterator[int]
_begin_seeds()
os.register_at_fork(after_in_child=_begin_seeds)


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool | str) or not isinstance(value, SupportsFloat):
        raise wrong_type(name, value, "float or None")
    seconds = float(value)
    if not 0.0 < seconds < inf:
        raise out_of_range(name, value, "seconds above 0, or None")
    return seconds


def _timeout(timeout: float | None) -> float:
    return 0.0 if timeout is None else _seconds("timeout", timeout)


def _token(stop: Stop | None) -> _native.Handle:
    if stop is None:
        return _native.NULL
    if not isinstance(stop, Stop):
        raise wrong_type("stop", stop, "Stop or None")
    return stop._handle


_PLAIN: _native.Settings = TICK, 0.0, _native.NULL, None


def _frame(
    hook: Hook | None,
    hook_seconds: float | None,
    timeout: float | None,
    stop: Stop | None,
    asked: _native.Observables | None,
    bar: Bar | None,
) -> _native.Frame:
    """What C needs for a run with these options. Ticks are always on: through them Ctrl-C comes."""
    plain = hook is None and timeout is None and stop is None and asked is None and bar is None
    if plain and hook_seconds == TICK:
        call, settings = None, _PLAIN
    else:
        call, tick = _hook_call(hook, hook_seconds, bar)
        settings = tick, _timeout(timeout), _token(stop), asked
    try:
        frame = _native.frames.pop()
    except IndexError:
        frame = _native.Frame()
    frame.hook = call
    if frame.settings is not settings:
        frame.set(settings)
    return frame


def _hook_call(
    hook: Hook | None, hook_seconds: float | None, bar: Bar | None
) -> tuple[HookCall | None, float]:
    """The hook for C, and the time between ticks."""
    period = None if hook_seconds is None else _seconds("hook_seconds", hook_seconds)
    if hook is not None and not callable(hook):
        raise wrong_type("hook", hook, "a callable, or None")
    tick = TICK if period is None or hook is None else min(period, TICK)
    if hook is None and bar is None:
        return None, tick
    return HookCall(hook, period, bar), tick


# ---- the end of the process

_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def _stop_all() -> None:
    """Stops the runs of daemon threads, and waits for them a little: they compute in memory that
    the end of the process takes away."""
    deadline = time.monotonic() + 0.8
    for engine in list(_engines):
        while engine._handle is not None and engine.running and time.monotonic() < deadline:
            engine.stop()
            time.sleep(0.002)


atexit.register(_stop_all)
