"""Seeds: what callers give, and new ones from the system's randomness."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from ._arguments import whole

if TYPE_CHECKING:
    import numpy

# Of all randomness of a call: a number, a generator to draw one from, or None for a new one.
Seed: TypeAlias = "int | numpy.random.Generator | None"


def seed_number(seed: object) -> int:
    """A seed of 64 bits."""
    if seed is None:
        return next(new[0])
    if type(seed) is int and 0 <= seed < 2**64:
        return seed
    if hasattr(seed, "bit_generator"):
        return _draw(seed)  # type: ignore[arg-type]
    return whole("seed", seed, "0..2^64 - 1, a numpy.random.Generator, or None", 0, 2**64)


def _draw(generator: numpy.random.Generator) -> int:
    import numpy

    return int(generator.integers(0, 2**64, dtype=numpy.uint64))


def _begin() -> None:
    """Takes a first new seed from the system; the others follow in steps of 1000, so that callers
    who count on from one of them do not meet the next. They stay below 2**53, which JSON and
    arrays of double keep."""
    new[:] = [itertools.count(int.from_bytes(os.urandom(8), "little") >> 12, 1000)]


new: list[Iterator[int]] = []  # new seeds, for `next`
_begin()
os.register_at_fork(after_in_child=_begin)
