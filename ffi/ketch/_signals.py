"""How a run's ticks find out that a signal waits for Python, without taking its lock: where another
thread computes in Python, that takes 5 ms."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread

from ._native.runs import ALL_TICKS, NO_TICKS

_pipes: dict[int, tuple[int, int]] = {}  # by process: a child has its own


def _pipe() -> tuple[int, int]:
    """A pipe that a signal writes to, made when it is first asked for."""
    process = os.getpid()
    if process not in _pipes:
        _pipes[process] = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    return _pipes[process]


@contextmanager
def heeded(all_ticks: bool) -> Iterator[int]:
    """Which ticks enter Python while a run is on, for `Frame.pace`. all_ticks: all do something
    there; else they enter for signals only, which come to the main thread alone."""
    if all_ticks or current_thread() is not main_thread():
        yield ALL_TICKS if all_ticks else NO_TICKS
        return
    reader, writer = _pipe()
    try:
        before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    except ValueError:  # in another interpreter than the first one
        yield ALL_TICKS
        return
    try:
        if before in (-1, writer):
            yield reader
        else:  # an event loop's
            signal.set_wakeup_fd(before)
            yield ALL_TICKS
    finally:
        signal.set_wakeup_fd(before)
