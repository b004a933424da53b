"""Arguments: what callers give, as the exact Python numbers that C can read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import chain
from math import inf
from operator import index
from typing import Any, Protocol, SupportsFloat, TypeAlias

from ._errors import Error, failed, out_of_range, short, wrong_type


class Array(Protocol):
    """An array of numbers, such as NumPy's."""

    def tolist(self) -> Any:
        """Its numbers as Python's.

        Returns
        -------
        list, or a number
        """


# One qubit or classical bit, or several.
Qubits: TypeAlias = int | Sequence[int] | Array

_INT32 = 2**31
SHOTS_MAX = 2**32

# ---- one number


def whole(
    name: str, value: object, allowed: str, least: int = -_INT32, beyond: int = _INT32
) -> int:
    """An integer that is no bool, within least..beyond-1: by default what C can read, so that the
    rest of the judgement is C's. allowed: for the text."""
    if type(value) is not int:
        if isinstance(value, bool):
            raise wrong_type(name, value, _integer(allowed))
        try:
            value = index(value)  # type: ignore[arg-type]
        except TypeError:
            raise wrong_type(name, value, _integer(allowed)) from None
    if not least <= value < beyond:
        raise out_of_range(name, value, allowed)
    return value


def _integer(allowed: str) -> str:
    return f"int, {allowed}" if allowed else "int"


def real(name: str, value: object) -> float:
    """A number that is no text and no bool."""
    if type(value) is float:
        return value
    if isinstance(value, str | bytes | bool):
        raise wrong_type(name, value, "float")
    try:
        return float(value)  # type: ignore[arg-type]
    except TypeError:
        raise wrong_type(name, value, "float") from None


def seconds(name: str, value: object) -> float:
    """A finite time above 0."""
    if isinstance(value, bool | str) or not isinstance(value, SupportsFloat):
        raise wrong_type(name, value, "float or None")
    number = float(value)
    if not 0.0 < number < inf:
        raise out_of_range(name, value, "seconds above 0, or None")
    return number


def shots_number(shots: object, allowed: str = "1..2^32, or None") -> int:
    """A number of shots. allowed: for the text."""
    if type(shots) is int and 0 < shots <= SHOTS_MAX:
        return shots
    return whole("shots", shots, allowed, 1, SHOTS_MAX + 1)


def path_bytes(name: str, path: str | os.PathLike[str]) -> bytes:
    """A path as the system has it."""
    try:
        found = os.fsencode(path)
    except TypeError:
        raise wrong_type(name, path, "str or path") from None
    if not found or b"\0" in found:
        raise out_of_range(name, path, "a path that is not empty and has no NUL")
    return found


# ---- sequences


def plain(values: Any) -> Any:
    """Python numbers in place of NumPy's."""
    return values.tolist() if hasattr(values, "tolist") else values


def sequence(values: Any) -> Any:
    """One value as a sequence of one."""
    values = plain(values)
    return values if isinstance(values, Sequence) and not isinstance(values, str) else (values,)


def indices(name: str, values: Any, limit: int) -> list[int]:
    """Qubits or bits, of which there are `limit`; whether they are below it, C says."""
    values = plain(values)
    if only(int, values):
        different = set(values)  # mostly few
        if min(different) >= -_INT32 and max(different) < _INT32:
            return list(values)
    return [_index(name, value, limit) for value in values]


def _index(name: str, value: object, limit: int) -> int:
    try:
        return whole(name, value, "")
    except Error:
        pass
    raise failed("INDEX", name, value, f"0..{limit - 1}", f"no such {name}")


def reals(name: str, values: Any) -> list[float]:
    """Numbers, as real."""
    values = plain(values)
    return list(values) if only(float, values) else [real(name, value) for value in values]


def only(kind: type, values: Any) -> bool:
    """Whether it is a sequence of that type and no other: the quick way for long ones."""
    return isinstance(values, Sequence) and set(map(type, values)) == {kind}


# ---- arguments that are one value for many gates, or a value for each


def column(name: str, values: Any, convert: Callable[[str, Any], list[Any]]) -> Any:
    """A list of converted values, or a tuple of one where a single value was given."""
    values = plain(values)
    if isinstance(values, Sequence) and not isinstance(values, str | bytes):
        return convert(name, values)
    return tuple(convert(name, (values,)))


def common_length(columns: Sequence[Sequence[Any]]) -> int:
    """How many gates columns of that many values mean: single values go with any number."""
    lengths = {len(column) for column in columns if isinstance(column, list)}
    if len(lengths) > 1:
        given = " and ".join(map(str, sorted(lengths)))
        what = "sequences of different lengths"
        raise failed("RANGE", "", given, "one length for all", what)
    return lengths.pop() if lengths else 1


def interleave(columns: Sequence[Sequence[Any]], count: int) -> list[Any]:
    """The first of every column, then the second, ..., `count` times."""
    if len(columns) == 1:
        return columns[0] if isinstance(columns[0], list) else [*columns[0]] * count
    full = [column if isinstance(column, list) else [*column] * count for column in columns]
    return list(chain.from_iterable(zip(*full, strict=True)))


# ---- kets


def check_ket(name: str, ket: object) -> str:
    """A text of at least one of 0 1 + -."""
    if not isinstance(ket, str):
        raise wrong_type(name, ket, "str of 0 1 + -")
    if not ket:
        raise out_of_range(name, ket, "at least one of 0 1 + -")
    for position, character in enumerate(ket):
        if character not in "01+-":
            given = f"{character!r} at position {position} of {short(ket)}"
            raise failed("RANGE", name, given, "0 1 + -", "no such character of a ket")
    return ket


# ---- matrices


def complex_pairs(name: str, values: Any, shape: tuple[int, ...]) -> list[float]:
    """Complex numbers as real and imaginary parts in a row."""
    import numpy

    try:
        array = numpy.asarray(values)
    except ValueError:
        what = f"{name} of a wrong shape"
        raise failed("SHAPE", name, "rows of different lengths", shape, what) from None
    if array.dtype.kind not in "iufc":
        raise wrong_type(name, values, "an array of numbers")
    if array.shape != shape:
        raise failed("SHAPE", name, array.shape, shape, f"{name} of a wrong shape")
    wrong = numpy.argwhere(~numpy.isfinite(array))
    if wrong.size:
        place = tuple(wrong[0].tolist())
        what = f"{name}[{', '.join(map(str, place))}] is not finite"
        raise failed("NONFINITE", name, array[place].item(), "finite numbers", what)
    pairs = numpy.ascontiguousarray(array, numpy.complex128).view(numpy.float64)
    return [float(number) for number in pairs.ravel().tolist()]
