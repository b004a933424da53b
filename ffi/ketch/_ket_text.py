"""The text form of amplitudes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

TERMS_MAX = 64  # terms in the text of a register
SMALL = 1e-8  # amplitudes and parts of them below it are not shown


def terms(amplitudes: NDArray[Any], most: int | None) -> list[str]:
    """The first terms of the text form; None: all."""
    return list(islice(_terms(amplitudes, _shown(amplitudes)), most))


def text(amplitudes: NDArray[Any]) -> str:
    """The text form, cut off after some terms."""
    shown = _shown(amplitudes)
    words = list(islice(_terms(amplitudes, shown), TERMS_MAX))
    rest = len(shown) - len(words)
    return " ".join([*words, f"... and {rest} more terms"] if rest else words)


def _shown(amplitudes: NDArray[Any]) -> NDArray[Any]:
    """The indices of the amplitudes that are shown."""
    import numpy

    return numpy.flatnonzero(abs(amplitudes) > SMALL)


def _terms(amplitudes: NDArray[Any], shown: NDArray[Any]) -> Iterator[str]:
    digits = len(amplitudes).bit_length() - 1
    for index in shown:
        yield f"{coefficient(complex(amplitudes[index]))}|{int(index):0{digits}b}>"


def coefficient(value: complex) -> str:
    """A number as in a term."""
    if abs(value.imag) < SMALL:
        return _decimal(value.real)
    sign = "-" if value.imag < 0 else "+"
    return f"{_decimal(value.real)}{sign}{_decimal(abs(value.imag))}i"


def _decimal(value: float) -> str:
    """15 significant digits, always with a decimal point."""
    text = f"{value if abs(value) >= SMALL else 0.0:.15g}"
    digits, exponent, power = text.partition("e")
    return text if "." in text else f"{digits}.0{exponent}{power}"
