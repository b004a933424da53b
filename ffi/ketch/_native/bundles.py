"""Bundles: runs that one call into C carries out."""

from __future__ import annotations

from struct import Struct

from .._ketch import ffi, lib
from .base import Pointer, address_of, struct
from .handles import EngineHandle, TokenHandle
from .observables import Observables
from .programs import Options
from .runs import Frame

# The status of a run with shots, of which there is nothing to draw.
UNMEASURED: int = lib.KETCH_PY_UNMEASURED

# A ketch_py_bundled without a result: the addresses of the places of program and circuit (0: it is
# planned), of the values and how many they are, the address of the shots, the seed, what is
# random in the circuit. The caller keeps alive what the addresses are of.
row = Struct("=7Q8x").pack

_bundle = ffi.typeof("ketch_py_bundle *")
_RUNS = ffi.offsetof("ketch_py_bundle", "runs")
_SIZE = ffi.sizeof("ketch_py_bundled")
_RESULT = _RUNS + ffi.offsetof("ketch_py_bundled", "result")


def shots(count: int, asked: Observables | None) -> tuple[Pointer, int]:
    """So many shots, 0 for none, and what is asked of the final state, which the caller keeps
    alive: as C reads it, and its address."""
    made = struct("ketch_shots")
    made.shots = count
    if asked is not None:
        made.observables, made.observable_count = asked.array, len(asked.counts)
    return made, address_of(made)


class Bundle:
    """Runs in order. rows: all of them. options, arena: those of the runs that are planned."""

    __slots__ = ("_address", "_kept", "_pointer")

    def __init__(self, rows: bytearray, options: Options | None, arena: int) -> None:
        count = len(rows) // _SIZE
        made = ffi.new(_bundle, {"count": count, "runs": count})
        ffi.buffer(made, _RUNS + len(rows))[_RUNS:] = rows
        made.arena = ffi.cast("ketch_arena *", arena)
        if options is not None:
            made.options = options.pointer
        self._kept = options
        self._address = address_of(made)
        self._pointer: Pointer = ffi.gc(made, lib.ketch_py_end_bundle)

    @property
    def done(self) -> int:
        """How many have run."""
        return int(self._pointer.done)

    @property
    def seconds(self) -> float:
        """The time that these took."""
        return float(self._pointer.seconds)

    def carry(self, engine: EngineHandle, token: TokenHandle, frame: Frame) -> int:
        """Carries out those that were not done; gives the status."""
        run, error = frame.run, frame.error
        return int(lib.ketch_py_run_bundle(self._pointer, engine[0], token, run, error))

    def skip(self) -> None:
        """Leaves out the run that failed."""
        self._pointer.done += 1

    def random(self, index: int) -> int:
        """What is random in that circuit, as `RANDOMNESS` has it; of one that was planned."""
        return int(self._pointer.runs[index].random)

    def result(self, index: int) -> int:
        """The address of the place of that result."""
        return int(self._address + _RESULT + index * _SIZE)
