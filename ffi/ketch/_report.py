"""What a run cost."""

from __future__ import annotations

from typing import NamedTuple

from ._units import bytes_text, counted, seconds_text


class Report(NamedTuple):
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

    def __repr__(self) -> str:
        """The numbers with their units; counts that are 0 are left out."""
        counts = {"step": self.steps, "sweep": self.sweeps, "tile": self.indices}
        counts |= {"thread": self.threads, "tick": self.ticks, "fence": self.fences}
        counts |= {"file": self.saves, "call": self.maps}
        words = [counted(count, word) for word, count in counts.items() if count]
        memory = [f"{bytes_text(self.bytes)} moved", f"{bytes_text(self.memory)} in use"]
        kernels = [f"kernels {self.kernels}"] if self.kernels else []
        return f"Report({', '.join([seconds_text(self.seconds), *words, *memory, *kernels])})"

    def _repr_html_(self) -> str:
        """For notebooks: a table of the fields."""
        from . import _html

        shown: dict[str, object] = self._asdict()
        shown["seconds"] = seconds_text(self.seconds)
        shown |= {"bytes": bytes_text(self.bytes), "memory": bytes_text(self.memory)}
        return _html.page("Report", _html.table((), shown.items()))
