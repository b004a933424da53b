"""ketch.run and ketch.arun: runs without an engine of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._circuit import Circuit
from ._engines import engines
from ._options import RunOptions, takes
from ._result import Result

if TYPE_CHECKING:
    from typing_extensions import Unpack


@takes(RunOptions)
def run(circuit: Circuit, **options: Unpack[RunOptions]) -> Result:
    """Run a circuit from |0...0>, or from a given state, on an engine from a small pool; from
    several threads at once.

    Parameters
    ----------
    circuit : Circuit
        What to run.
    **options

    Returns
    -------
    Result
        As `Engine.run`. Where it was stopped, any `Engine` resumes it.

    Raises
    ------
    RangeError, BadIndexError, OutOfMemoryError
        As `Engine.run`.
    KeyboardInterrupt
        With the run as its attribute `result`, as `Engine.run`.

    Examples
    --------
    >>> ketch.run(ketch.Circuit(2).x(1)).state.real
    array([0., 0., 1., 0.])
    """
    idle = engines()
    engine = idle.take()
    try:
        return engine.run(circuit, **options)
    finally:
        idle.give(engine)


@takes(RunOptions)
async def arun(circuit: Circuit, **options: Unpack[RunOptions]) -> Result:
    """Run a circuit for asyncio, as `run`, on a thread of the loop's executor.

    Hooks are called on that thread. A cancellation sets the token, and comes out when the run has
    ended.

    Parameters
    ----------
    circuit : Circuit
        What to run.
    **options

    Returns
    -------
    Result
        As `run`.

    Raises
    ------
    RangeError, BadIndexError, OutOfMemoryError
        As `run`.

    Examples
    --------
    >>> import asyncio
    >>> circuits = [ketch.Circuit(1).x(0), ketch.Circuit(1)]
    >>> async def all_at_once():
    ...     return await asyncio.gather(*map(ketch.arun, circuits))
    >>> [result.state.real for result in asyncio.run(all_at_once())]
    [array([0., 1.]), array([1., 0.])]
    """
    from ._async import run_in_executor

    return await run_in_executor(run, circuit, options)
