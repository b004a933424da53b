"""Memory that engines reuse, and may share."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from . import _native
from ._arguments import whole
from ._errors import failed, out_of_range

_UNITS = {"": 1, **{unit: 1024 ** (i + 1) for i, unit in enumerate("KMGTPE")}}
_SIZE = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*([KMGTPE]?)(i?)(B?|bytes)\s*", re.IGNORECASE)


def memory_size(memory: int | str | None) -> int:
    """A size as bytes: a number of them, or text as "4 GiB" or "500 MB"; None is 0."""
    allowed = 'bytes, or text as "4 GiB"'
    if memory is None:
        return 0
    if not isinstance(memory, str):
        return whole("memory", memory, allowed, 1, 2**63)
    found = _SIZE.fullmatch(memory)
    if not found:
        raise out_of_range("memory", memory, allowed)
    number, unit, binary, _ = found.groups()
    thousand = unit and not binary and found[4]
    base = 1000 ** ("KMGTPE".index(unit.upper()) + 1) if thousand else _UNITS[unit.upper()]
    return whole("memory", int(float(number) * base), allowed, 1, 2**63)


class ArenaStats(NamedTuple):
    """In bytes or counts. held: mapped from the system. used: in blocks. maps: calls to the system
    for memory. takes: blocks taken; reuses: of those, from memory already held."""

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
    it, whatever is closed first."""

    def __init__(self, memory: int | str | None = None) -> None:
        self._handle: _native.Handle | None = _native.arena_create(memory_size(memory))

    @classmethod
    def _of(cls, handle: _native.Handle) -> Arena:
        arena = cls.__new__(cls)
        arena._handle = handle
        return arena

    def _open(self) -> _native.Handle:
        if self._handle is None:
            raise failed("HANDLE", "arena", "a closed arena", "an open one", "this arena is closed")
        return self._handle

    @property
    def stats(self) -> ArenaStats:
        """How its memory stands."""
        return ArenaStats(**_native.arena_stats(self._open()))

    def trim(self) -> int:
        """Gives memory that nothing uses back to the system; how many bytes."""
        return _native.arena_trim(self._open())

    def close(self) -> None:
        """Lets it go; engines, states and arrays keep theirs."""
        self._handle = None

    def __enter__(self) -> Arena:
        self._open()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._handle is None:
            return "Arena(closed)"
        stats = self.stats
        return f"Arena({stats.used} bytes used, {stats.held} held, {stats.budget} allowed)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Arena cannot be pickled: make one with the same memory there")
