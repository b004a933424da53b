"""What a run leaves."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from threading import Lock
from typing import TYPE_CHECKING, Any

from ._arguments import path_bytes
from ._errors import failed
from ._locks import claim, made_lock
from ._looks import Looks
from ._native import outcomes, saves, states
from ._planned import Planned
from ._ran import Ran
from ._recording import Register
from ._result_data import ResultData, readings_of
from ._saved import note_of

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray


class Result(Ran, Looks):
    """A run that ended, or one that was stopped and that `Engine.resume` carries on.

    A Result pickles, and is copied, as `ResultData`: what can be read of it. A run that is to go on
    elsewhere is kept by `save`.

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
        place: int,
        planned: Planned,
        shots: int,
        seed: int,
        asked: Sequence[int],
        kept: object,
    ) -> None:
        self._exchange(place)
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

    @property
    def _registers(self) -> tuple[Register, ...]:
        return self._planned.recorded.registers

    @property
    def _qubits(self) -> int:
        return self._planned.qubits

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
        the array never changes, and outlives engine and result. `Engine.state` makes a `State` of
        it, which has expectations, variances, reduced density matrices and more.

        RangeError after shots of a circuit that measures, which leave no one state; SuspendedError
        where the run stopped between fences."""
        if self.shots and self._planned.measures:
            given = f"{self.shots} shots of a circuit that measures"
            raise failed("RANGE", "shots", given, "shots=None", "there is no one state after shots")
        with self._claim():
            return states.view(states.of_result(self._handle))

    def save(self, path: str | PathLike[str], *, force: bool = False) -> None:
        """Save it to a file, for `Engine.load`: a run that has ended, or one that stopped.

        The file is replaced as a whole: whatever happens, the old one or the new one is there.

        Parameters
        ----------
        path : str or path
            The file. It may be absent or a saved run.
        force : bool
            Whether to replace any other file.

        Raises
        ------
        FileError
            Where it cannot be written (an OSError with errno), or is another file.
        BusyError
            While the run is on.
        RangeError
            Where it stopped and its state was set anew since.

        Examples
        --------
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "bell.ketch")
        >>> engine = ketch.Engine()
        >>> engine.run(ketch.Circuit(2).h(0).cx(0, 1)).save(path)
        >>> (abs(engine.load(path).state) ** 2).round(3)
        array([0.5, 0. , 0. , 0.5])
        """
        with self._claim():
            saves.save(self._handle, path_bytes("path", path), self._note(), bool(force))

    def _note(self) -> bytes:
        """What is kept with it in a file."""
        return note_of(self._planned.recorded, self.shots or 0, self.seed, self._asked)

    def __reduce__(self) -> tuple[type[ResultData], tuple[dict[str, object]]]:
        """As ResultData: what can be read of it now, and not what it takes to go on."""
        return ResultData, (readings_of(self),)
