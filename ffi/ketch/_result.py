"""What a run leaves."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from ._errors import failed
from ._locks import claim, made_lock
from ._native import core, outcomes, runs, states
from ._native.handles import NULL
from ._planned import Planned

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray


class Position(NamedTuple):
    """Where a run is.

    Attributes
    ----------
    done, total : int
        Steps that were retired, and all of them.
    sweep : int
        The number of the pass over the state that is going on.
    tile, tiles : int
        Of its tiles, the first `tile` of `tiles` are done.
    fence : bool
        Whether exactly `done` steps have happened, so that the state can be read.
    finished : bool
        Whether the run has ended.
    """

    done: int
    total: int
    sweep: int
    tile: int
    tiles: int
    fence: bool
    finished: bool


class Report(NamedTuple):
    """What a run cost.

    Attributes
    ----------
    seconds : float
        Of computing, hooks included, resumes added up.
    passes, tiles : int
        Sweeps of the state, and tiles in them.
    steps : int
        Steps retired.
    bytes : int
        Of the state, read and written.
    memory : int
        Bytes in use in the arena at the end.
    maps : int
        Calls to the system for memory.
    ticks, fences : int
        Calls of the hook by time and at fences.
    threads : int
        Threads of the engine.
    kernels : str
        The kernel set.
    """

    seconds: float
    passes: int
    tiles: int
    steps: int
    bytes: int
    memory: int
    maps: int
    ticks: int
    fences: int
    threads: int
    kernels: str


class Result(runs.Run):
    """A run that ended, or one that was stopped and that `Engine.resume` carries on.

    Attributes
    ----------
    shots : int or None
        As asked for.
    seed : int
        The seed of all randomness in it.

    Examples
    --------
    >>> result = ketch.run(ketch.Circuit(2, 2).x(1).measure_all(), shots=10)
    >>> result.counts
    {'10': 10}
    >>> result.status, result.stopped
    ('OK', False)
    """

    __slots__ = ("_asked", "_bits", "_kept", "_lock", "_planned", "seed", "shots")

    def __init__(
        self,
        frame: runs.Frame,
        planned: Planned,
        shots: int,
        seed: int,
        asked: Sequence[int],
        kept: object,
    ) -> None:
        call = frame.call  # from here on no calls, so that no interrupt comes between
        self._handle = call.result
        call.result = NULL
        self._planned = planned
        self._asked = asked
        self._kept = kept  # adopted memory of the state
        self._lock: Lock | None = None
        self._bits: NDArray[numpy.uint8] | None = None
        self.shots: int | None = shots or None
        self.seed = seed

    def _claim(self) -> Lock:
        return claim(self._lock or made_lock(self), "result")

    @property
    def status(self) -> str:
        """ "OK", "STOPPED", "TIMEOUT", or "HOOK" where a hook raised."""
        return runs.status(self._handle)

    @property
    def stopped(self) -> bool:
        """Whether it stopped before its end; `Engine.resume` goes on."""
        return self.status != "OK"

    @property
    def position(self) -> Position:
        """Where it is."""
        p = runs.position(self._handle)
        flags = bool(p["fence"]), bool(p["finished"])
        return Position(p["done"], p["total"], p["pass"], p["tile"], p["tiles"], *flags)

    @property
    def report(self) -> Report:
        """What it cost."""
        report = runs.report(self._handle)
        report["kernels"] = core.kernels_name(report["kernels"])
        return Report(**report)

    @property
    def bits(self) -> NDArray[numpy.uint8]:
        """The classical bits, shape (shots, bits), or (1, bits) without shots: column b is bit b.
        Shots that did not happen yet are left out. Read-only, without a copy."""
        if self._bits is not None:
            return self._bits
        with self._claim():
            bits = outcomes.bits(self._handle)
        if not self.stopped:
            self._bits = bits
        return bits

    @property
    def counts(self) -> dict[str, int]:
        """How often each outcome came: classical bit 0 rightmost, registers separated by a space,
        later ones to the left."""
        rows = self.bits
        with self._claim():
            found = outcomes.counts(self._handle)
        return {self._word(rows[example].tobytes()): count for example, count in found}

    def _word(self, row: bytes) -> str:
        digits = row.translate(_DIGITS).decode()
        spans = reversed(self._planned.registers)
        return " ".join(digits[first : first + size][::-1] for _, first, size in spans)

    @property
    def observed(self) -> list[float | NDArray[numpy.float64]]:
        """What `observe` asked for, in its order: numbers, and arrays of 2**k probabilities. They
        are of the state that the run left; with shots, of the state before the final measurements.
        SuspendedError while the run has not ended."""
        found: list[float | NDArray[numpy.float64]] = []
        with self._claim():
            for index, count in enumerate(self._asked):
                numbers = outcomes.observed(self._handle, index, count or 1)
                found.append(numbers if count else float(numbers[0]))
        return found

    @property
    def state(self) -> NDArray[numpy.complexfloating[Any, Any]]:
        """The amplitudes, shape (2**qubits,): index bit b is qubit b. Read-only and without a copy;
        the array never changes, and outlives engine and result.

        RangeError after shots of a circuit that measures, which leave no one state; SuspendedError
        where the run stopped between fences."""
        if self.shots and self._planned.measures:
            given = f"{self.shots} shots of a circuit that measures"
            raise failed("RANGE", "shots", given, "shots=None", "there is no one state after shots")
        with self._claim():
            return states.view(states.of_result(self._handle))

    def __repr__(self) -> str:
        shots = f"{self.shots} shots, " if self.shots else ""
        done = f"{self.position.done} of {self.position.total} steps" if self.stopped else "done"
        return f"Result({self._planned.qubits} qubits, {shots}seed {self.seed}, {done})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Result cannot be pickled: pickle its counts, bits or state")


_DIGITS = bytes.maketrans(b"\0\1", b"01")
