"""Where a run is."""

from __future__ import annotations

from typing import NamedTuple


class Position(NamedTuple):
    """Where a run is.

    Attributes
    ----------
    done : int
        Steps that were retired.
    total : int or None
        All of them; None: unknown.
    phase, number : str or None, int
        What is going on, and a number that goes with it.
    stage : int
        The stage of the job, as a saved run knows it.
    sweeps : int
        Passes over the state that are done.
    indices, next, finished : int
        Of the pass that is open: its tiles, those that were begun, and those that are done.
        indices 0: none is open.
    open : tuple of int
        The tiles that were begun and are not done.
    fence : bool
        Whether exactly `done` steps have happened, so that the state can be read.
    ended : bool
        Whether the run has ended.
    """

    done: int
    total: int | None
    phase: str | None
    number: int
    stage: int
    sweeps: int
    indices: int
    next: int
    finished: int
    open: tuple[int, ...]
    fence: bool
    ended: bool
