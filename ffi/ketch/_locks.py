"""Locks that nobody waits for: an object in use says so at once."""

from __future__ import annotations

import os
from threading import Lock, RLock
from typing import Protocol

from ._errors import failed


def claim(lock: Lock, what: str) -> Lock:
    """The lock of an object, for `with`; a caller that finds it taken gets BusyError at once.

    `with` on the lock itself, not acquire: no signal comes between taking it and being bound to
    give it back.
    """
    if lock.locked():
        raise failed("BUSY", what, "a second call", "one at a time", f"this {what} is in use")
    return lock


class Locked(Protocol):
    """An object with a lock that is made when it is first needed: most results never have one."""

    _lock: Lock | None


def made_lock(owner: Locked) -> Lock:
    """The lock of an object; the first call makes it."""
    with _making[0]:
        lock = owner._lock = owner._lock or Lock()
    return lock


def _renew() -> None:
    """In a child: the thread that held the lock at the fork is not there to give it back."""
    _making[:] = [RLock()]  # a signal handler may read a result, too


_making: list[RLock] = []
_renew()
os.register_at_fork(after_in_child=_renew)
