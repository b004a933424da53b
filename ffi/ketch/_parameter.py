"""Parameters: numbers that a circuit leaves open, and the values given to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, TypeAlias

from ._arguments import only, plain, real, reals
from ._errors import Error, failed, nonfinite, wrong_type


class Parameter:
    """A number that a circuit leaves open, or a linear function of one.

    Where a gate takes an angle it also takes ``theta``, ``2 * theta + 0.1``, ``-theta`` or
    ``theta / 3``. Two parameters of one name are the same. A Parameter never changes.

    Parameters
    ----------
    name : str
        The name under which values are given.
    factor, offset : float
        The angle is ``factor * value + offset``.

    Attributes
    ----------
    name : str
    factor, offset : float

    Raises
    ------
    RangeError
        For a factor or an offset that is not finite.

    Examples
    --------
    >>> theta = ketch.Parameter("theta")
    >>> 2 * theta + 0.5
    2.0 * theta + 0.5
    >>> circuit = ketch.Circuit(1).ry(2 * theta, 0)
    >>> ketch.run(circuit, values={"theta": 0.0}).state.real
    array([1., 0.])
    """

    __slots__ = ("factor", "name", "offset")
    name: str
    factor: float
    offset: float

    def __init__(self, name: str, factor: float = 1.0, offset: float = 0.0) -> None:
        if not isinstance(name, str):
            raise wrong_type("name", name, "str")
        parts = {"factor": real("factor", factor), "offset": real("offset", offset)}
        for part, number in parts.items():
            if not isfinite(number):
                raise nonfinite(part, number)
            object.__setattr__(self, part, number)
        object.__setattr__(self, "name", name)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Parameter never changes")

    def __mul__(self, other: object) -> Parameter:
        number = _number(other)
        if number is None:
            return NotImplemented
        return Parameter(self.name, self.factor * number, self.offset * number)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Parameter:
        number = _number(other)
        if number is None:
            return NotImplemented
        return Parameter(self.name, self.factor / number, self.offset / number)

    def __add__(self, other: object) -> Parameter:
        number = _number(other)
        if number is None:
            return NotImplemented
        return Parameter(self.name, self.factor, self.offset + number)

    __radd__ = __add__

    def __sub__(self, other: object) -> Parameter:
        number = _number(other)
        return NotImplemented if number is None else self + -number

    def __rsub__(self, other: object) -> Parameter:
        return -self + other

    def __neg__(self) -> Parameter:
        return Parameter(self.name, -self.factor, -self.offset)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parameter) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, float, float]:
        return self.name, self.factor, self.offset

    def __repr__(self) -> str:
        factor = "" if self.factor == 1 else f"{self.factor!r} * "
        offset = f" + {self.offset!r}" if self.offset else ""
        return f"{factor}{self.name}{offset}"

    def __reduce__(self) -> tuple[type[Parameter], tuple[str, float, float]]:
        return Parameter, self._key()


# Of a circuit's parameters: by name, or in the order of Circuit.parameters.
Values: TypeAlias = Mapping[str | Parameter, float] | Mapping[str, float] | Sequence[float]


def _number(value: object) -> float | None:
    """A factor or an offset; None for what is none, such as a second parameter."""
    return None if isinstance(value, Parameter) else real("number", value)


# ---- angles


def angles(name: str, values: Any) -> list[Any]:
    """As reals, with parameters among them."""
    values = plain(values)
    if only(float, values):
        return list(values)
    return [v if isinstance(v, Parameter) else real(name, v) for v in values]


def has_parameter(values: object) -> bool:
    """Whether it is a parameter, or a sequence with one."""
    if isinstance(values, list | tuple):
        return any(isinstance(value, Parameter) for value in values)
    return isinstance(values, Parameter)


def angle_of(angle: Sequence[float], numbers: Sequence[float]) -> float:
    """The number that an angle is: of number of the parameter or -1, factor, offset."""
    index, factor, offset = angle
    number = offset if index < 0 else factor * numbers[int(index)] + offset
    if not isfinite(number):
        raise nonfinite("angle", number)
    return number


# ---- values


def numbers_of(names: Sequence[str], values: Any) -> list[float]:
    """The values of the parameters of these names, in their order."""
    if isinstance(values, Mapping):
        values = _look_up(names, values)
    numbers = reals("values", values)
    if len(numbers) != len(names):
        raise _other_values(f"{len(numbers)} values", f"{len(names)}: {', '.join(names)}")
    return numbers


def _look_up(names: Sequence[str], values: Mapping[Any, Any]) -> list[Any]:
    given = {_name_of(key): value for key, value in values.items()}
    unknown = [name for name in given if name not in names]
    if unknown or len(given) != len(names):
        raise _other_values(", ".join(given) or "none", ", ".join(names) or "none")
    return [given[name] for name in names]


def _name_of(key: object) -> str:
    if isinstance(key, str):
        return key
    if not isinstance(key, Parameter) or key.factor != 1 or key.offset:
        raise wrong_type("values", key, "names of parameters, or parameters")
    return key.name


def _other_values(given: str, allowed: str) -> Error:
    what = "values for other parameters than the circuit has"
    return failed("ARITY", "values", given, allowed, what)
