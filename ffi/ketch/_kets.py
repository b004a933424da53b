"""The largest amplitudes of a state, and how they are printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ._errors import Error

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

SHOWN = 8  # kets in a line
QUBITS_MAX = 22  # larger states are not read to be printed: it would take 100 ms and more
_SMALL = 1e-8  # amplitudes not above it count as zero
_CHUNK_BITS = 14  # of amplitudes, so that the work on a chunk stays in the cache
_ROUNDED = 7  # low bits of a float32 that do not count in the order of kets


class Ket(NamedTuple):
    """A basis state by its digits, the highest qubit's first, and its amplitude."""

    digits: str
    amplitude: complex

    @property
    def probability(self) -> float:
        """The amplitude's squared magnitude."""
        return self.amplitude.real**2 + self.amplitude.imag**2


class Kets(NamedTuple):
    """The largest kets of a state, in falling order, and how many more are not zero."""

    shown: list[Ket]
    more: int


def largest(amplitudes: NDArray[Any], most: int) -> Kets:
    """The largest kets; of those that are equal to four digits, the ones with the lowest indices.
    One sweep in chunks, without a copy of the state."""
    chunk = 1 << _CHUNK_BITS
    kept: list[tuple[int, int]] = []  # -grade and index, the largest amplitude first
    count = 0
    for first in range(0, amplitudes.size, chunk):
        grades, nonzero = _graded(amplitudes[first : first + chunk])
        count += nonzero
        floor = -kept[-1][0] if len(kept) == most else 0
        if nonzero and int(grades.max()) > floor:
            kept += ((-grade, first + at) for grade, at in _candidates(grades, floor, most))
            kept = sorted(kept)[:most]
    width = amplitudes.size.bit_length() - 1
    kets = [Ket(f"{index:0{width}b}", complex(amplitudes[index])) for _, index in kept]
    return Kets(kets, count - len(kets))


def _graded(chunk: NDArray[Any]) -> tuple[NDArray[numpy.int32], int]:
    """Whole numbers that grow with the magnitude of amplitudes (0: counts as zero), equal where
    only rounding differs; and how many are not 0."""
    import numpy

    parts = chunk.view(chunk.real.dtype)
    squares = parts * parts
    weights = (squares[0::2] + squares[1::2]).astype(numpy.float32)
    grades = (weights.view(numpy.int32) + (1 << _ROUNDED >> 1)) >> _ROUNDED
    grades[~(weights > _SMALL**2)] = 0
    return grades, int(numpy.count_nonzero(grades))


def _candidates(grades: NDArray[Any], floor: int, most: int) -> list[tuple[int, int]]:
    """Grade and place of the largest grades above floor, at most so many."""
    import numpy

    places = numpy.flatnonzero(grades > floor)
    # The low bits fall with the place: keys are different, and among equal grades the first wins.
    last = (1 << _CHUNK_BITS) - 1
    keys = (grades[places].astype(numpy.int64) << _CHUNK_BITS) | (last - places)
    if keys.size > most:
        keys = numpy.partition(keys, keys.size - most)[-most:]
    return [(key >> _CHUNK_BITS, last - (key & last)) for key in keys.tolist()]


# ---- text


def told(qubits: int, read: Callable[[], NDArray[Any]]) -> Kets | str:
    """The kets to print of a state that `read` gives, or why there are none: it is too large to be
    read for that, in use, or suspended. Never raises for a state that cannot be read."""
    if qubits > QUBITS_MAX:
        return f"2^{qubits} amplitudes"
    try:
        amplitudes = read()
    except Error as error:
        return reason(error)
    return largest(amplitudes, SHOWN)


def reason(error: Error) -> str:
    """Why something cannot be read, in a few words."""
    return {"BUSY": "in use", "SUSPENDED": "suspended"}.get(error.status, "cannot be read")


def line(kets: Kets | str) -> str:
    """Kets as a sum, or the reason why there are none."""
    if isinstance(kets, str):
        return kets
    words: list[str] = []
    for ket in kets.shown:
        word = f"{number(ket.amplitude)}|{ket.digits}>"
        negative = word.startswith("-")
        sign = "- " if negative else "+ "
        words.append(sign + word.removeprefix("-") if words else word)
    more = f" + {kets.more} more" if kets.more else ""
    return (" ".join(words) or "0") + more


def number(value: complex) -> str:
    """A complex number to four digits; in brackets where it has two parts."""
    real, imag = f"{value.real:.4g}", f"{value.imag:+.4g}i"
    size = abs(value)
    if abs(value.imag) <= 1e-5 * size:
        return real
    if abs(value.real) <= 1e-5 * size:
        return imag.removeprefix("+")
    return f"({real}{imag})"
