"""Sums of Pauli strings as arrays, and their algebra.

Bit q of a string's x mask is set for X or Y on qubit q, of its z mask for Z or Y. So a string is
i^|x & z| X^x Z^z, where |m| is the number of bits of m.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ._errors import failed
from ._units import counted

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Words: TypeAlias = NDArray[numpy.uint64]

ROUNDING = 1e-12  # of the largest coefficient: what is below it is rounding
_I_POWERS = (1, 1j, -1, -1j)


class Strings(NamedTuple):
    """Strings and the coefficient of each: three arrays of one length."""

    x: Words
    z: Words
    coefficients: NDArray[numpy.complex128]


def bit_counts(words: Words) -> Words:
    """How many bits of each word are set."""
    found: Any = words - ((words >> 1) & 0x5555555555555555)
    found = (found & 0x3333333333333333) + ((found >> 2) & 0x3333333333333333)
    found = (found + (found >> 4)) & 0x0F0F0F0F0F0F0F0F
    counts: Words = (found * 0x0101010101010101) >> 56
    return counts


def sums(strings: Strings) -> Strings:
    """Each string once, where it came first, with the sum of its coefficients."""
    import numpy

    x, z, coefficients = strings
    if not len(x):
        return strings
    order = numpy.lexsort((z, x))  # stable: equal strings stay in order
    found = numpy.diff(x[order]).astype(bool) | numpy.diff(z[order]).astype(bool)
    starts = numpy.flatnonzero(numpy.concatenate(([True], found)))
    totals = numpy.add.reduceat(coefficients[order], starts)
    rank = numpy.argsort(order[starts])
    first = order[starts][rank]
    return Strings(x[first], z[first], totals[rank])


def select(strings: Strings, chosen: Any) -> Strings:
    """Those that a mask, indices or a slice choose."""
    return Strings(strings.x[chosen], strings.z[chosen], strings.coefficients[chosen])


def join(a: Strings, b: Strings) -> Strings:
    """Those of a, then those of b."""
    import numpy

    x, z = numpy.concatenate((a.x, b.x)), numpy.concatenate((a.z, b.z))
    return Strings(x, z, numpy.concatenate((a.coefficients, b.coefficients)))


def identity(number: complex) -> Strings:
    """A multiple of the identity."""
    import numpy

    mask = numpy.zeros(1, numpy.uint64)
    return Strings(mask, mask, numpy.array([number], numpy.complex128))


def simplified(strings: Strings, tolerance: float = 0.0) -> Strings:
    """Equal strings added, and those up to the tolerance left out."""
    added = sums(strings)
    return select(added, abs(added.coefficients) > tolerance)


def imaginary(strings: Strings) -> NDArray[numpy.bool_]:
    """Which coefficients have an imaginary part that is no rounding error."""
    largest = abs(strings.coefficients).max(initial=0.0)
    found: NDArray[numpy.bool_] = abs(strings.coefficients.imag) > ROUNDING * largest
    return found


def width(strings: Strings) -> int:
    """The smallest number of qubits that has those of the strings."""
    import numpy

    return int(numpy.bitwise_or.reduce(strings.x | strings.z)).bit_length()


def check_fits(strings: Strings, length: int | None, qubits: int) -> None:
    """Refuses strings for other qubits. length: of their labels."""
    if length is None:
        highest = width(strings) - 1
        if highest >= qubits:
            raise failed("INDEX", "qubit", highest, f"0..{qubits - 1}", "no such qubit")
    elif length != qubits:
        given, allowed = f"labels of {counted(length, 'letter')}", f"{qubits}, one for each qubit"
        raise failed("MISMATCH", "op", given, allowed, "a PauliSum for another number of qubits")


def product(a: Strings, b: Strings) -> Strings:
    """Each of a times each of b; a's number changes slowest."""
    import numpy

    x, z = a.x[:, None] ^ b.x, a.z[:, None] ^ b.z
    turns = bit_counts(a.x & a.z)[:, None] + bit_counts(b.x & b.z) - bit_counts(x & z)
    turns += 2 * bit_counts(a.z[:, None] & b.x)  # Z^z X^x = (-1)^|z & x| X^x Z^z
    factors = numpy.array(_I_POWERS)[turns & 3]
    coefficients = numpy.multiply.outer(a.coefficients, b.coefficients) * factors
    return Strings(x.ravel(), z.ravel(), coefficients.ravel())


def commute(a: Strings, b: Strings) -> bool:
    """Whether the sums commute, up to rounding."""
    import numpy

    crossed = bit_counts(a.x[:, None] & b.z) + bit_counts(a.z[:, None] & b.x)
    x, z, coefficients = select(product(a, b), (crossed & 1).astype(bool).ravel())
    sizes = numpy.abs(coefficients).astype(numpy.complex128)
    left, added = sums(Strings(x, z, coefficients)), sums(Strings(x, z, sizes))
    bound = ROUNDING * added.coefficients.real
    return bool((numpy.abs(left.coefficients) <= bound).all())


def matrix(strings: Strings, qubits: int) -> NDArray[numpy.complex128]:
    """The dense matrix; row and column bit q is qubit q."""
    import numpy

    column = numpy.arange(2**qubits, dtype=numpy.uint64)
    dense = numpy.zeros((2**qubits, 2**qubits), numpy.complex128)
    factors = numpy.array(_I_POWERS)[bit_counts(strings.x & strings.z) & 3]
    for x, z, number in zip(strings.x, strings.z, strings.coefficients * factors, strict=True):
        dense[column ^ x, column] += number * numpy.where(bit_counts(column & z) & 1, -1, 1)
    return dense
