"""Arguments: what callers give, as the exact Python numbers that C can read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from operator import index
from typing import Any

from ._errors import Error, failed, out_of_range, wrong_type

_INT32 = 2**31


def whole(
    name: str, value: object, allowed: str, least: int = -_INT32, beyond: int = _INT32
) -> int:
    """An integer that is no bool, within least..beyond-1: by default what C can read, so that the
    rest of the judgement is C's. allowed: for the text."""
    if type(value) is not int:
        if isinstance(value, bool):
            raise wrong_type(name, value, "int")
        try:
            value = index(value)  # type: ignore[arg-type]
        except TypeError:
            raise wrong_type(name, value, "int") from None
    if not least <= value < beyond:
        raise out_of_range(name, value, allowed)
    return value


def _index(name: str, value: object, limit: int) -> int:
    """As whole, for one of `limit` qubits or bits."""
    try:
        return whole(name, value, f"0..{limit - 1}")
    except Error:
        pass
    raise failed("INDEX", name, value, f"0..{limit - 1}", f"no such {name}")


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


def plain(values: Any) -> Any:
    """Python numbers in place of NumPy's."""
    return values.tolist() if hasattr(values, "tolist") else values


def sequence(values: Any) -> Any:
    """One value as a sequence of one."""
    values = plain(values)
    return values if isinstance(values, Sequence) and not isinstance(values, str) else (values,)


def indices(name: str, values: Any, limit: int) -> list[int]:
    """Qubits or bits, of which there are `limit`."""
    values = plain(values)
    if _only(int, values) and min(values) >= -_INT32 and max(values) < _INT32:
        return list(values)
    return [_index(name, value, limit) for value in values]


def reals(name: str, values: Any) -> list[float]:
    """Numbers, as real."""
    values = plain(values)
    return list(values) if _only(float, values) else [real(name, value) for value in values]


def _only(kind: type, values: Any) -> bool:
    """Whether it is a sequence of that type and no other: the quick way for long ones."""
    return isinstance(values, Sequence) and set(map(type, values)) == {kind}


def column(name: str, values: Any, convert: Callable[[str, Any], list[Any]]) -> Any:
    """A list of converted values, or a tuple of one where a single value was given."""
    values = plain(values)
    if isinstance(values, Sequence) and not isinstance(values, str | bytes):
        return convert(name, values)
    return tuple(convert(name, (values,)))


def weave(columns: Sequence[Sequence[Any]], count: int) -> list[Any]:
    """The first of every column, then the second, ..., `count` times."""
    if len(columns) == 1 and isinstance(columns[0], list):
        return columns[0]
    full = [column if isinstance(column, list) else [*column] * count for column in columns]
    return list(chain.from_iterable(zip(*full, strict=True)))


def complex_bytes(name: str, values: Any, shape: tuple[int, ...]) -> bytes:
    """Numbers as complex doubles in a row."""
    import numpy

    array = numpy.asarray(values)
    if array.dtype.kind not in "iufc":
        raise wrong_type(name, values, "an array of numbers")
    if array.shape != shape:
        raise failed("SHAPE", name, array.shape, shape, f"{name} of a wrong shape")
    return array.astype(numpy.complex128).tobytes()
