"""What a run leaves."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from . import _native
from ._errors import failed
from ._state import free

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from ._circuit import Compiled


class Position(NamedTuple):
    """Where a run is. fence: exactly `done` steps have happened and the state is readable;
    otherwise it is inside pass number `sweep`, of whose `tiles` the first `tile` are done."""

    done: int
    total: int
    sweep: int
    tile: int
    tiles: int
    fence: bool
    finished: bool


class Report(NamedTuple):
    """What a run cost. seconds: computing, hooks included, resumes added up. passes: sweeps of the
    state. bytes: of it read and written. memory: in use in the arena at the end. maps: calls to the
    system for memory. ticks, fences: hook calls."""

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


class Result(_native.Run):
    """A run that ended, or one that was stopped and that Engine.resume carries on."""

    __slots__ = ("_asked", "_bits", "_compiled", "_lock", "seed", "shots")

    def __init__(
        self,
        frame: _native.Frame,
        compiled: Compiled,
        shots: int,
        seed: int,
        asked: Sequence[int] = (),
    ) -> None:
        self._own(frame)
        self._compiled = compiled
        self._asked = asked
        self._lock: threading.Lock | None = None
        self._bits: NDArray[numpy.uint8] | None = None
        self.shots: int | None = shots or None
        self.seed = seed

    def _mine(self) -> threading.Lock:
        """A lock for one use of it, made for the first one: most results have none."""
        if not self._lock:
            with _locks:
                self._lock = self._lock or threading.Lock()
        return free(self._lock, "result")

    @property
    def status(self) -> str:
        """ "OK", "STOPPED", "TIMEOUT", or "HOOK" where a hook raised."""
        return _native.result_status(self._result)

    @property
    def stopped(self) -> bool:
        """Whether it ended before its end; Engine.resume goes on."""
        return self.status != "OK"

    @property
    def position(self) -> Position:
        """Where it is."""
        p = _native.result_position(self._result)
        flags = bool(p["fence"]), bool(p["finished"])
        return Position(p["done"], p["total"], p["pass"], p["tile"], p["tiles"], *flags)

    @property
    def report(self) -> Report:
        """What it cost."""
        report = _native.result_report(self._result)
        report["kernels"] = _native.kernels_name(report["kernels"])
        return Report(**report)

    @property
    def bits(self) -> NDArray[numpy.uint8]:
        """The classical bits: a row a shot (one row without shots), column b is bit b. Shots that
        did not happen yet are left out. Read-only, without a copy."""
        if self._bits is not None:
            return self._bits
        with self._mine():
            bits = _native.result_bits(self._result)
        if not self.stopped:
            self._bits = bits
        return bits

    @property
    def counts(self) -> dict[str, int]:
        """How often each outcome came: classical bit 0 rightmost, registers separated by a space,
        later ones to the left."""
        rows = self.bits
        with self._mine():
            found = _native.result_counts(self._result)
        return {self._word(rows[example].tobytes()): count for example, count in found}

    def _word(self, row: bytes) -> str:
        digits = row.translate(_DIGITS).decode()
        spans = reversed(self._compiled.registers)
        return " ".join(digits[first : first + size][::-1] for _, first, size in spans)

    @property
    def observed(self) -> list[float | NDArray[numpy.float64]]:
        """What `observe` asked for, in its order: numbers, and arrays of probabilities. They are of
        the state that the run left; with shots, of the state before the final measurements.
        SuspendedError while the run has not ended."""
        found: list[float | NDArray[numpy.float64]] = []
        with self._mine():
            for index, count in enumerate(self._asked):
                numbers = _native.result_observed(self._result, index, count or 1)
                found.append(numbers if count else float(numbers[0]))
        return found

    @property
    def state(self) -> NDArray[numpy.complexfloating[Any, Any]]:
        """The amplitudes, index bit b is qubit b: read-only and without a copy. The array never
        changes and outlives engine and result. With shots there is a state only where nothing was
        measured; between fences it raises SuspendedError."""
        if self.shots and self._compiled.measures:
            given = f"{self.shots} shots of a circuit that measures"
            raise failed("RANGE", "shots", given, "shots=None", "there is no one state after shots")
        with self._mine():
            return _native.state_view(_native.result_state(self._result))

    def __repr__(self) -> str:
        shots = f"{self.shots} shots, " if self.shots else ""
        done = f"{self.position.done} of {self.position.total} steps" if self.stopped else "done"
        return f"Result({self._compiled.qubits} qubits, {shots}seed {self.seed}, {done})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Result cannot be pickled: pickle its counts, bits or state")


_locks = threading.RLock()  # a signal handler may look at a result, too
_DIGITS = bytes.maketrans(b"\0\1", b"01")


def _renew_locks() -> None:
    """In a child: the thread that held it at the fork is not there to give it back."""
    global _locks
    _locks = threading.RLock()


os.register_at_fork(after_in_child=_renew_locks)
