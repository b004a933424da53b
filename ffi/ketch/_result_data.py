"""What a result is in another process: data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._errors import RangeError, SuspendedError
from ._looks import Looks

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from ._position import Position
    from ._recording import Register
    from ._report import Report


class ResultData(Looks):
    """What a `Result` pickles as: all that could be read of it then, without the run itself.

    It has the readings of a Result, and its looks. A reading that was refused, such as the state of
    a run that stopped between fences, is refused here with the same error. `Engine.resume` does not
    carry it on: that takes a Result, or one that was saved with `Result.save` and loaded. The state
    is part of it, 16 bytes an amplitude in double precision, where there is one state to read.

    Attributes
    ----------
    shots : int or None
        As asked for.
    seed : int
        The seed of all randomness in it.

    Examples
    --------
    >>> import pickle
    >>> result = ketch.run(ketch.Circuit(2, 2).x(1).measure_all(), shots=10)
    >>> data = pickle.loads(pickle.dumps(result))
    >>> data.status, data.counts
    ('OK', {'10': 10})
    """

    __slots__ = ("_found", "seed", "shots")

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._found = found
        self.shots = found["shots"]
        self.seed = found["seed"]
        for array in (found["bits"], found["state"]):
            if hasattr(array, "flags"):
                array.flags.writeable = False

    def _read(self, name: str) -> Any:
        found = self._found[name]
        if isinstance(found, Exception):
            raise found.with_traceback(None)
        return found

    @property
    def status(self) -> str:
        """As `Result.status`."""
        return str(self._read("status"))

    @property
    def position(self) -> Position:
        """As `Result.position`."""
        found: Position = self._read("position")
        return found

    @property
    def report(self) -> Report:
        """As `Result.report`."""
        found: Report = self._read("report")
        return found

    @property
    def bits(self) -> NDArray[numpy.uint8]:
        """As `Result.bits`."""
        found: NDArray[numpy.uint8] = self._read("bits")
        return found

    @property
    def counts(self) -> dict[str, int]:
        """As `Result.counts`."""
        import numpy

        highest_first = self.bits[:, ::-1]
        rows, counts = numpy.unique(highest_first, axis=0, return_counts=True)
        lowest_first = numpy.ascontiguousarray(rows[:, ::-1])
        pairs = zip(lowest_first, counts.tolist(), strict=True)
        return {self._word(row.tobytes()): count for row, count in pairs}

    @property
    def observed(self) -> list[float | NDArray[numpy.float64]]:
        """As `Result.observed`."""
        return list(self._read("observed"))

    @property
    def state(self) -> NDArray[numpy.complexfloating[Any, Any]]:
        """As `Result.state`."""
        found: NDArray[numpy.complexfloating[Any, Any]] = self._read("state")
        return found

    @property
    def _qubits(self) -> int:
        return int(self._read("qubits"))

    @property
    def _registers(self) -> tuple[Register, ...]:
        found: tuple[Register, ...] = self._read("registers")
        return found

    def __reduce__(self) -> tuple[type[ResultData], tuple[dict[str, object]]]:
        return ResultData, (dict(self._found),)


NAMES = ("status", "position", "report", "shots", "seed", "bits", "observed", "state")


def readings_of(result: Looks) -> dict[str, object]:
    """All readings of a result by name; in place of those that are refused, why."""
    found: dict[str, object] = {"qubits": result._qubits, "registers": result._registers}
    for name in NAMES:
        try:
            found[name] = getattr(result, name)
        except (RangeError, SuspendedError) as error:
            found[name] = error
    return found
