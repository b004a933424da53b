"""What any result of a run tells."""

from __future__ import annotations

from ._native import core, runs
from ._position import Position
from ._report import Report


class Ran(runs.Run):
    """A run's handle, ended with the object, and how the run stands."""

    __slots__ = ()

    @property
    def status(self) -> str:
        """ "OK", "STOPPED", "TIMEOUT", or "HOOK" where a hook raised."""
        return runs.status(self._handle)

    @property
    def position(self) -> Position:
        """Where it is."""
        found = runs.position(self._handle)
        flags = {name: bool(found[name]) for name in ("fence", "ended")}
        return Position(**found | flags)

    @property
    def report(self) -> Report:
        """What it cost."""
        report = runs.report(self._handle)
        kernels = report["kernels"]
        report["kernels"] = core.kernels_name(kernels) if kernels else None
        if not report["measured_seconds"]:
            report |= {"cpu_seconds": None, "cores_busy": None}
        return Report(**report)
