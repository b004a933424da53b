"""Precisions, by name or as NumPy writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ._errors import out_of_range, wrong_type
from ._native.core import DOUBLE, SINGLE

if TYPE_CHECKING:
    import numpy

# "double" or "single", "complex128" or "complex64", or one of these as a NumPy type or dtype.
Precision: TypeAlias = "str | numpy.dtype[Any] | type[Any]"

_ALLOWED = '"double" (complex128) or "single" (complex64)'
_NUMBERS: dict[str, int] = {
    "double": DOUBLE,
    "complex128": DOUBLE,
    "complex": DOUBLE,
    "single": SINGLE,
    "complex64": SINGLE,
}


def precision_number(precision: object) -> int:
    """C's number for a precision."""
    word = precision
    if not isinstance(precision, str):
        word = getattr(precision, "name", None) or getattr(precision, "__name__", None)
    if not isinstance(word, str):
        raise wrong_type("precision", precision, _ALLOWED)
    number = _NUMBERS.get(word)
    if number is None:
        raise out_of_range("precision", precision, _ALLOWED)
    return number


def precision_name(number: int) -> str:
    """The name for C's number."""
    return "single" if number == SINGLE else "double"
