"""What clean networks have beside others, and its conversion to ticks."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Any, TypedDict

import numpy

from .._arguments import real
from .._errors import failed, out_of_range
from .._native import glia
from ._arguments import filled, floats, numbers_in
from ._config import advice

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class CleanOptions(TypedDict, total=False):
    """Of a clean network; times in the unit of dt, which is a tick: 1 unless given.

    taus: time constants of voltages, in place of leaks; infinite ones do not leak. resets: voltages
    after a spike, restings unless given. refractory: times in which a neuron does not fire again.
    drives: what voltages gain in a tick. delays: one for all synapses, or a matrix like weights.
    tau_e, tau_i: time constants of the currents of weights >= 0 and of others; 0: no current.
    """

    dt: float
    taus: ArrayLike
    resets: ArrayLike
    refractory: ArrayLike
    drives: ArrayLike
    delays: ArrayLike
    tau_e: float
    tau_i: float


class Times:
    """The options, checked, in ticks."""

    def __init__(self, mode: str, options: Mapping[str, Any]) -> None:
        unknown = sorted(options.keys() - CleanOptions.__annotations__.keys())
        if unknown:
            near = advice(unknown[0], CleanOptions.__annotations__)
            raise TypeError(f"from_arrays() got an unexpected keyword {unknown[0]!r}{near}")
        if options and mode != "clean":
            what = "an option of clean networks"
            raise failed("RANGE", next(iter(options)), mode, "mode='clean'", what)
        self._options = options
        self._dt = real("dt", options.get("dt", 1.0))
        if not 0 < self._dt < inf:
            raise out_of_range("dt", self._dt, "a finite number above 0")
        self.tau_e, self.tau_i = self._constant("tau_e"), self._constant("tau_i")
        self.has_delays = "delays" in options

    def _constant(self, name: str) -> float:
        """The time constant of currents, in ticks."""
        given = real(name, self._options.get(name, 0.0))
        if not 0 <= given < inf:
            raise out_of_range(name, given, "a finite number of 0 or more")
        return given / self._dt

    def leaks(self, given: ArrayLike | None) -> ArrayLike:
        """What voltages keep in a tick."""
        taus = self._options.get("taus")
        if taus is None:
            return 1.0 if given is None else given
        if given is not None:
            raise failed("RANGE", "taus", "taus and leaks", "one of them", "both say the same")
        values = numbers_in("taus", taus).astype(float)
        if not (values >= 0).all():
            raise out_of_range("taus", taus, "numbers of 0 or more")
        with numpy.errstate(divide="ignore"):
            kept: NDArray[numpy.float64] = numpy.exp(-self._dt / values)
        return kept

    def numbers(self, count: int) -> dict[int, NDArray[numpy.float32]]:
        """Numbers of all neurons, by field."""
        options = self._options
        found = {}
        if "resets" in options:
            found[glia.RESET] = filled("resets", options["resets"], count)
        if "refractory" in options:
            times = filled("refractory", options["refractory"], count).astype(float)
            ticks = numpy.rint(times / self._dt)
            if ticks.size and not (ticks.min() >= 0 and ticks.max() <= 2**24):
                raise out_of_range("refractory", options["refractory"], "0..16777216 ticks")
            found[glia.REFRACTORY] = ticks.astype(numpy.float32)
        if "drives" in options:
            found[glia.DRIVE] = filled("drives", options["drives"], count)
        return found

    def delays(self, rows: Any, columns: Any, count: int) -> NDArray[numpy.uint8]:
        """Of the synapses in these rows and columns."""
        given: Any = self._options["delays"]
        if hasattr(given, "tocsr"):
            given = numpy.asarray(given.tocsr()[rows, columns]).ravel()
        elif numpy.ndim(given) == 2:
            if numpy.shape(given) != (count, count):
                what = "delays of a wrong shape"
                raise failed("SHAPE", "delays", numpy.shape(given), (count, count), what)
            given = numpy.asarray(given)[rows, columns]
        times = (
            filled("delays", given, len(rows))
            if numpy.ndim(given) == 0
            else floats("delays", given, len(rows))
        )
        ticks = numpy.rint(times.astype(float) / self._dt)
        if ticks.size and not (ticks.min() >= 1 and ticks.max() <= 255):
            raise out_of_range("delays", given, "1..255 ticks")
        return ticks.astype(numpy.uint8)
