"""Engines that share one arena: those that ketch.run and ket borrow, and those of a pool."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext

from ._arena import Arena
from ._engine import Engine
from ._errors import wrong_type
from ._native.handles import ArenaHandle

IDLE_MAX = 4


class Engines:
    """Engines that share one arena and have as many threads each. Those that are idle are kept.
    Taking and giving are atomic; engines that are lost to an exception between the two are only
    garbage."""

    def __init__(self, arena: Arena, threads: int | None = None) -> None:
        self._arena = arena
        self._threads = threads
        self._idle: list[Engine] = []

    def take(self) -> Engine:
        """An engine, for one call or for as long as a pool lives."""
        try:
            return self._idle.pop()
        except IndexError:
            return Engine(arena=self._arena, threads=self._threads)

    def give(self, engine: Engine) -> None:
        """Keeps it for the next."""
        engine._interrupted = None  # nobody can ask this engine for it
        if len(self._idle) < IDLE_MAX:
            self._idle.append(engine)

    def arena(self) -> ArenaHandle:
        """Their arena, for what is made without an engine."""
        return self._arena._open()

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
    """The process's own, for calls that name no engine: a child of fork makes its own."""
    if not _all:
        _all[:] = [Engines(Arena())]
    return _all[-1]


def lent(engine: Engine | None) -> AbstractContextManager[Engine]:
    """That engine, or one of the process's, for a `with`."""
    check_engine(engine)
    return engines().engine() if engine is None else nullcontext(engine)


def check_engine(engine: object) -> None:
    """Refuses what is no engine, nor None."""
    if engine is not None and not isinstance(engine, Engine):
        raise wrong_type("engine", engine, "Engine or None")
