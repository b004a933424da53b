"""ketch.run: engines for whoever calls, so that threads do not collide."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ._arena import Arena
from ._circuit import Circuit
from ._engine import Engine
from ._options import RunOptions, takes
from ._result import Result

if TYPE_CHECKING:
    from typing_extensions import Unpack

IDLE_MAX = 4


class Pool:
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
        if len(self._idle) < IDLE_MAX:
            self._idle.append(engine)

    def engine(self) -> Borrowed:
        """An engine for a `with`."""
        return Borrowed(self)


class Borrowed:
    """What Pool.engine gives to `with`."""

    __slots__ = ("_engine", "_pool")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def __enter__(self) -> Engine:
        self._engine = self._pool.take()
        return self._engine

    def __exit__(self, *exception: object) -> None:
        self._pool.give(self._engine)


_pools: list[Pool] = []
os.register_at_fork(after_in_child=_pools.clear)


def pool() -> Pool:
    """This process's pool: a child of fork makes its own."""
    if not _pools:
        _pools[:] = [Pool()]
    return _pools[-1]


@takes(RunOptions)
def run(circuit: Circuit, **options: Unpack[RunOptions]) -> Result:
    """Run a circuit from |0...0> on an engine from a small pool; from several threads at once.

    Parameters
    ----------
    circuit : Circuit
        What to run.
    **options

    Returns
    -------
    Result
        As `Engine.run`.

    Raises
    ------
    RangeError, BadIndexError, OutOfMemoryError
        As `Engine.run`.

    Examples
    --------
    >>> ketch.run(ketch.Circuit(2).x(1)).state.real
    array([0., 0., 1., 0.])
    """
    engines = pool()
    engine = engines.take()
    try:
        return engine.run(circuit, **options)
    finally:
        engines.give(engine)
