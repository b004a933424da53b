"""Engines for whoever calls, so that threads do not collide."""

from __future__ import annotations

import os

from ._arena import Arena
from ._engine import Engine

IDLE_MAX = 4


class Engines:
    """Idle engines that share one arena. Taking and giving are atomic; engines that are lost to an
    exception between the two are only garbage."""

    def __init__(self) -> None:
        self._arena = Arena()
        self._idle: list[Engine] = []

    def take(self) -> Engine:
        """An engine for one call, or a few."""
        try:
            return self._idle.pop()
        except IndexError:
            return Engine(arena=self._arena)

    def give(self, engine: Engine) -> None:
        """Keeps it for the next."""
        engine._interrupted = None  # nobody can ask this engine for it
        if len(self._idle) < IDLE_MAX:
            self._idle.append(engine)

    def engine(self) -> Borrowed:
        """An engine for a `with`."""
        return Borrowed(self)


class Borrowed:
    """What Engines.engine gives to `with`."""

    __slots__ = ("_engine", "_engines")

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def __enter__(self) -> Engine:
        self._engine = self._engines.take()
        return self._engine

    def __exit__(self, *exception: object) -> None:
        self._engines.give(self._engine)


_all: list[Engines] = []
os.register_at_fork(after_in_child=_all.clear)


def engines() -> Engines:
    """This process's engines: a child of fork makes its own."""
    if not _all:
        _all[:] = [Engines()]
    return _all[-1]
