"""The end of the process: runs of daemon threads are stopped before their memory goes."""

from __future__ import annotations

import atexit
import time
import weakref
from typing import Protocol


class Runner(Protocol):
    """An engine, as far as its end needs it."""

    @property
    def _handle(self) -> object: ...

    @property
    def running(self) -> bool:
        """Whether a run is on."""

    def stop(self) -> None:
        """Asks it to end."""


_runners: weakref.WeakSet[Runner] = weakref.WeakSet()


def stop_at_exit(runner: Runner) -> None:
    """Stops its run when the process ends."""
    _runners.add(runner)


def _stop_all() -> None:
    """Stops the runs of daemon threads, and waits for them a little."""
    deadline = time.monotonic() + 0.8
    for runner in list(_runners):
        while runner._handle is not None and runner.running and time.monotonic() < deadline:
            runner.stop()
            time.sleep(0.002)


atexit.register(_stop_all)
