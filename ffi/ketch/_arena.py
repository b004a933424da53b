"""Memory that engines reuse, and may share."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from ._arguments import whole
from ._errors import HandleError, failed, out_of_range
from ._native import core
from ._native.handles import ArenaHandle

_UNITS = {"": 1, **{unit: 1024 ** (i + 1) for i, unit in enumerate("KMGTPE")}}
_SIZE = r"\s*([0-9]*\.?[0-9]+)\s*([KMGTPE]?)(i?)(B?|bytes)\s*"


def memory_size(memory: int | str | None) -> int:
    """A size as bytes: a number of them, or text as "4 GiB" or "500 MB"; None is 0."""
    allowed = 'bytes, or text as "4 GiB"'
    if memory is None:
        return 0
    if not isinstance(memory, str):
        return whole("memory", memory, allowed, 1, 2**63)
    found = re.fullmatch(_SIZE, memory, re.IGNORECASE)
    if not found:
        raise out_of_range("memory", memory, allowed)
    number, unit, binary, _ = found.groups()
    thousand = unit and not binary and found[4]
    base = 1000 ** ("KMGTPE".index(unit.upper()) + 1) if thousand else _UNITS[unit.upper()]
    return whole("memory", int(float(number) * base), allowed, 1, 2**63)


class ArenaStats(NamedTuple):
    """How an arena's memory stands.

    Attributes
    ----------
    budget, held, used : int
        Bytes: allowed; mapped from the system; of those, in blocks.
    peak_held, peak_used : int
        The largest that these were.
    maps : int
        Calls to the system for memory.
    takes, reuses : int
        Blocks taken; of those, from memory that was held already.
    tag_used, tag_peak : dict
        Bytes by what they are used for.
    """

    budget: int
    held: int
    used: int
    peak_held: int
    peak_used: int
    maps: int
    takes: int
    reuses: int
    tag_used: dict[str, int]
    tag_peak: dict[str, int]


class Arena:
    """Reusable memory with a budget, for several engines on any threads. What was made in it keeps
    it, whatever is closed first.

    Parameters
    ----------
    memory : int or str, optional
        The budget as bytes, or as text such as "4 GiB". None: what this process may use.
    clear : bool
        Whether memory that is used again is zeroed first, so that a state or an array never shows
        what lay there before. It costs one write of that memory, on one thread.

    Examples
    --------
    >>> with ketch.Arena("256 MiB") as arena, ketch.Engine(arena=arena) as engine:
    ...     _ = engine.run(ketch.Circuit(10))
    ...     arena.stats.budget
    268435456
    """

    def __init__(self, memory: int | str | None = None, *, clear: bool = False) -> None:
        self._handle: ArenaHandle | None = core.arena_create(memory_size(memory), bool(clear))

    @classmethod
    def _of(cls, handle: ArenaHandle) -> Arena:
        arena = cls.__new__(cls)
        arena._handle = handle
        return arena

    def _open(self) -> ArenaHandle:
        if self._handle is None:
            raise failed("HANDLE", "arena", "a closed arena", "an open one", "this arena is closed")
        return self._handle

    @property
    def stats(self) -> ArenaStats:
        """How its memory stands."""
        return ArenaStats(**core.arena_stats(self._open()))

    def trim(self) -> int:
        """Give memory that nothing uses back to the system.

        Returns
        -------
        int
            How many bytes.
        """
        return core.arena_trim(self._open())

    def close(self) -> None:
        """Let it go; engines, states and arrays keep theirs."""
        self._handle = None

    def __enter__(self) -> Arena:
        self._open()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._handle is None:
            return "Arena(closed)"
        try:
            stats = self.stats
        except HandleError:
            return "Arena(of another process)"
        return f"Arena({stats.used} bytes used, {stats.held} held, {stats.budget} allowed)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Arena cannot be pickled: make one with the same memory there")
