"""ketch.run: engines for whoever calls, so that threads do not collide."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ._arena import Arena
from ._circuit import Circuit
from ._engine import Engine, Stop
from ._hooks import Hook
from ._result import Result

IDLE_MAX = 4


class Pool:
    """Idle engines that share one arena. Taking and giving are atomic; engines that are lost to an
    exception between the two are only garbage."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._arena = Arena()
        self._idle: list[Engine] = []

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """An engine for one call."""
        try:
            engine = self._idle.pop()
        except IndexError:
            engine = Engine(arena=self._arena)
        try:
            yield engine
        finally:
            if len(self._idle) < IDLE_MAX:
                self._idle.append(engine)


_pools: list[Pool] = []


def pool() -> Pool:
    """This process's pool: a child of fork makes its own."""
    if not _pools or _pools[-1]._pid != os.getpid():
        _pools[:] = [Pool()]
    return _pools[-1]


def run(
    circuit: Circuit,
    *,
    shots: int | None = None,
    seed: int | None = None,
    precision: str = "double",
    hook: Hook | None = None,
    hook_every: int | None = None,
    hook_seconds: float | None = 0.05,
    timeout: float | None = None,
    stop: Stop | None = None,
    progress: bool = False,
) -> Result:
    """Engine.run on an engine from a small pool; from several threads at once."""
    with pool().engine() as engine:
        return engine.run(
            circuit,
            shots=shots,
            seed=seed,
            precision=precision,
            hook=hook,
            hook_every=hook_every,
            hook_seconds=hook_seconds,
            timeout=timeout,
            stop=stop,
            progress=progress,
        )
