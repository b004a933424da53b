"""What a run cost."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from ._units import bytes_text, counted, seconds_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True, repr=False)
class Report:
    """What a run cost.

    Attributes
    ----------
    seconds : float
        Of computing, hooks included, resumes added up.
    sweeps, indices : int
        Passes over the state, and tiles in them.
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
    saves : int
        Files written.
    threads : int
        Threads of the engine.
    kernels : str or None
        The kernel set that ran; None: none was needed.
    phase, number : str or None, int
        What went on last, and a number that goes with it.
    cpu_seconds : float or None
        Processor time of the run's threads; those that sleep or wait do not count. None: not
        measured, as the run was too short.
    measured_seconds : float
        The part of `seconds` that `cpu_seconds` is about.
    cores_busy : float or None
        Cores that were kept busy: `cpu_seconds` by `measured_seconds`.
    bytes_per_second : float
        `bytes` by `seconds`.
    """

    seconds: float
    sweeps: int
    indices: int
    steps: int
    bytes: int
    memory: int
    maps: int
    ticks: int
    fences: int
    saves: int
    threads: int
    kernels: str | None
    phase: str | None
    number: int
    cpu_seconds: float | None
    measured_seconds: float
    cores_busy: float | None
    bytes_per_second: float

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw bars of the time and the processor time.

        The title has the cores that were busy and the bytes moved a second. A line marks the
        processor time if all threads had been busy.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw. None: a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ImportError
            Where matplotlib is not installed: ``pip install ketch[plot]``.
        """
        from . import _plot

        seconds = {"time": self.seconds}
        limit, axis_label = None, "seconds"
        busy = counted(self.threads, "thread")
        if self.cpu_seconds is not None:
            seconds["CPU time"] = self.cpu_seconds
            limit = self.threads * self.measured_seconds
            axis_label = f"seconds; the line: {busy} busy all the time"
        if self.cores_busy is not None:
            busy = f"{self.cores_busy:.2f} of {counted(self.threads, 'core')} busy"
        ax = _plot.durations(seconds, limit, axis_label, ax)
        ax.set_title(f"{busy}, {bytes_text(round(self.bytes_per_second))} a second")
        return ax

    def __repr__(self) -> str:
        """The numbers with their units; counts that are 0 are left out."""
        counts = {"step": self.steps, "sweep": self.sweeps, "tile": self.indices}
        counts |= {"thread": self.threads, "tick": self.ticks, "fence": self.fences}
        counts |= {"file": self.saves, "call": self.maps}
        words = [counted(count, word) for word, count in counts.items() if count]
        memory = [f"{bytes_text(self.bytes)} moved", f"{bytes_text(self.memory)} in use"]
        kernels = [f"kernels {self.kernels}"] if self.kernels else []
        cores = [] if self.cores_busy is None else [f"{self.cores_busy:.2f} cores busy"]
        told = [seconds_text(self.seconds), *words, *memory, *cores, *kernels]
        return f"Report({', '.join(told)})"

    def _repr_html_(self) -> str:
        """For notebooks: a table of the fields."""
        from . import _html

        shown: dict[str, object] = dict(dataclasses.asdict(self))
        shown |= {"seconds": seconds_text(self.seconds), "bytes": bytes_text(self.bytes)}
        shown |= {"memory": bytes_text(self.memory)}
        shown["measured_seconds"] = seconds_text(self.measured_seconds)
        if self.cpu_seconds is not None and self.cores_busy is not None:
            shown["cpu_seconds"] = seconds_text(self.cpu_seconds)
            shown["cores_busy"] = f"{self.cores_busy:.2f}"
        shown["bytes_per_second"] = bytes_text(round(self.bytes_per_second))
        return _html.page("Report", _html.table((), shown.items()))
