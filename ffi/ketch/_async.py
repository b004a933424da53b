"""Runs for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from ._result import Result
from ._stop import Stop, token_of


async def run_in_executor(
    run: Callable[..., Result], what: object, options: Mapping[str, Any]
) -> Result:
    """Runs on a thread of the loop's executor: a circuit, or what was prepared with these values. A
    cancellation sets the token, and comes out when the run has ended."""
    given = options.get("stop")
    stop = Stop() if given is None else given
    token_of(stop)  # refuses what is no token
    call = partial(run, what, **{**options, "stop": stop})
    work = asyncio.get_running_loop().run_in_executor(None, call)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        while not work.done():
            with suppress(asyncio.CancelledError):  # another one changes nothing
                await asyncio.wait([work])
        work.exception()  # whatever it is, the cancellation goes before it
        raise
