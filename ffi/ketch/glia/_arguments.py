"""Arguments of this package: ids, numbers and arrays as C can read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy

from .._arguments import real
from .._errors import failed, short, wrong_type
from .._native import glia

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[numpy.float32]

ID_MAX = 255


def name_bytes(argument: str, name: object) -> bytes:
    """An id for C, which judges the rest."""
    if not isinstance(name, str):
        raise wrong_type(argument, name, "str")
    if "\0" in name:
        what = "an id with a NUL"
        raise failed("RANGE", argument, short(name), "1..255 bytes without white space", what)
    return glia.encode(name)


def names_list(argument: str, names: Iterable[str]) -> list[str]:
    """Several ids."""
    if isinstance(names, str):
        raise wrong_type(argument, names, "a sequence of str")
    plain = names.tolist() if isinstance(names, numpy.ndarray) else names
    return list(plain)


def check_different(argument: str, names: list[str]) -> None:
    """DUPLICATE for an id given twice."""
    if len(set(names)) < len(names):
        seen: set[str] = set()
        twice = next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise failed("DUPLICATE", argument, short(twice), "different ids", "an id given twice")


def numbers_in(argument: str, values: ArrayLike) -> NDArray[Any]:
    """An array of numbers of any shape."""
    try:
        array = numpy.asarray(values)
    except ValueError:
        what = f"{argument} of a wrong shape"
        raise failed("SHAPE", argument, "rows of different lengths", "equal ones", what) from None
    if array.dtype.kind not in "iufb" and array.size:
        kind = type(values).__name__
        given = f"{kind} of {array.dtype.type.__name__.rstrip('_')}" if array.ndim else kind
        raise TypeError(f"{argument} of a wrong type: given {given}, allowed an array of numbers")
    return array


def single(argument: str, value: object) -> float:
    """A number that is finite as a float32."""
    number = real(argument, value)
    with numpy.errstate(over="ignore"):
        if not numpy.isfinite(numpy.float32(number)):
            raise failed(
                "NONFINITE", argument, number, "finite float32 numbers", f"{argument} is not finite"
            )
    return number


def floats(argument: str, values: ArrayLike, count: int | None = None) -> Floats:
    """Finite numbers in one dimension, as a contiguous float32 array. count: how many these must
    be."""
    array = numbers_in(argument, values)
    shape = f"({'n' if count is None else count},)"
    if array.ndim != 1 or count not in (None, array.size):
        raise failed("SHAPE", argument, array.shape, shape, f"{argument} of a wrong shape")
    with numpy.errstate(over="ignore"):
        numbers = numpy.ascontiguousarray(array, numpy.float32)
    wrong = numpy.flatnonzero(~numpy.isfinite(numbers))
    if wrong.size:
        what = f"{argument}[{wrong[0]}] is not finite"
        raise failed("NONFINITE", argument, array[wrong[0]], "finite float32 numbers", what)
    return numbers


def filled(argument: str, values: ArrayLike, count: int) -> Floats:
    """As floats; one number stands for all."""
    if numpy.ndim(values) == 0:
        values = numpy.full(count, values)
    return floats(argument, values, count)


def lists_of(pairs: Iterable[tuple[Any, Any]]) -> tuple[Sequence[Any], Sequence[Any]]:
    """The first and the second parts of pairs."""
    several = list(pairs)
    return [first for first, _ in several], [second for _, second in several]
