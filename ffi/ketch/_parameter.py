"""Parameters: numbers that a circuit leaves open, what can be computed of them, and the values
given to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from ._arguments import Array, only, plain, real, reals, sequence, whole
from ._errors import Error, failed, nonfinite, out_of_range, wrong_type
from ._native.circuits import PARAMETERS_MAX, Turn

if TYPE_CHECKING:
    from typing_extensions import Self


class ParameterExpression:
    """A linear combination of parameters, which can be an angle.

    Sums, differences and multiples of parameters make them, and so do numbers that are added.
    A parameter that an expression was made of stays in it, with the factor 0 where it cancels:
    ``p - p`` and ``0 * p`` are ``0.0 * p``, which needs a value of p. So the parameters of a
    circuit do not depend on the numbers in it. An expression never changes.

    Parameters
    ----------
    terms : mapping
        The factor of each parameter, by its name; at least one.
    offset : float
        What is added to the terms.

    Attributes
    ----------
    offset : float

    Raises
    ------
    RangeError
        For no terms, and for numbers that are not finite.

    Examples
    --------
    >>> a, b = ketch.Parameter("a"), ketch.Parameter("b")
    >>> a - b / 2 + 0.1
    a - 0.5 * b + 0.1
    >>> (a + b).terms
    {'a': 1.0, 'b': 1.0}
    >>> circuit = ketch.Circuit(1).ry(a + b, 0)
    >>> ketch.run(circuit, values={a: 1.0, b: -1.0}).state.real
    array([1., 0.])
    """

    __slots__ = ("_terms", "offset")
    _terms: tuple[tuple[str, float], ...]
    offset: float

    def __init__(self, terms: Mapping[str, float], offset: float = 0.0) -> None:
        if not isinstance(terms, Mapping):
            raise wrong_type("terms", terms, "a mapping from names to factors")
        if not terms:
            raise out_of_range("terms", {}, "at least one parameter")
        found = tuple((_name("terms", name), real("factor", f)) for name, f in terms.items())
        self._fill(found, real("offset", offset))

    def _fill(self, terms: tuple[tuple[str, float], ...], offset: float) -> None:
        for _, factor in terms:
            if not isfinite(factor):
                raise nonfinite("factor", factor)
        if not isfinite(offset):
            raise nonfinite("offset", offset)
        object.__setattr__(self, "_terms", terms)
        object.__setattr__(self, "offset", offset)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} never changes")

    @property
    def terms(self) -> dict[str, float]:
        """The factor of each parameter, by its name."""
        return dict(self._terms)

    # ---- arithmetic

    def _with(self, terms: tuple[tuple[str, float], ...], offset: float) -> Self:
        """An expression in the same parameters."""
        made = type(self).__new__(type(self))
        made._fill(terms, offset)
        return made

    def _each(self, change: Callable[[float], float]) -> Self:
        """The same with all numbers changed."""
        return self._with(tuple([(n, change(f)) for n, f in self._terms]), change(self.offset))

    def __mul__(self, other: object) -> Self:
        number = _number(other)
        return NotImplemented if number is None else self._each(lambda own: own * number)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Self:
        number = _number(other)
        return NotImplemented if number is None else self._each(lambda own: own / number)

    def __neg__(self) -> Self:
        return self._each(lambda own: -own)

    @overload
    def __add__(self, other: float) -> Self: ...
    @overload
    def __add__(self, other: ParameterExpression) -> ParameterExpression: ...
    def __add__(self, other: object) -> ParameterExpression:
        if not isinstance(other, ParameterExpression):
            return self._with(self._terms, self.offset + real("number", other))
        terms = self.terms
        for name, factor in other._terms:
            terms[name] = terms.get(name, 0.0) + factor
        return _expression(terms, self.offset + other.offset)

    def __radd__(self, other: float) -> Self:
        return self + other

    @overload
    def __sub__(self, other: float) -> Self: ...
    @overload
    def __sub__(self, other: ParameterExpression) -> ParameterExpression: ...
    def __sub__(self, other: Any) -> ParameterExpression:
        return self + -(other if isinstance(other, ParameterExpression) else real("number", other))

    def __rsub__(self, other: float) -> Self:
        return -self + other

    # ---- what it is

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParameterExpression) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[frozenset[tuple[str, float]], float]:
        return frozenset(self._terms), self.offset

    def __repr__(self) -> str:
        text = "".join(
            _signed(factor) + ("" if abs(factor) == 1 else f"{abs(factor)!r} * ") + name
            for name, factor in self._terms
        )
        if self.offset:
            text += f"{_signed(self.offset)}{abs(self.offset)!r}"
        return text[3:] if text.startswith(" + ") else "-" + text[3:]

    def __reduce__(self) -> tuple[Any, ...]:
        return ParameterExpression, (self.terms, self.offset)


class Parameter(ParameterExpression):
    """A number that a circuit leaves open, or a linear function of one.

    Where a gate takes an angle it also takes ``theta``, ``2 * theta + 0.1``, ``-theta`` or
    ``theta / 3``, and sums of several: `ParameterExpression`. Two parameters of one name are the
    same. A Parameter never changes.

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

    __slots__ = ()

    def __init__(self, name: str, factor: float = 1.0, offset: float = 0.0) -> None:
        self._fill(((_name("name", name), real("factor", factor)),), real("offset", offset))

    @property
    def name(self) -> str:
        """The name under which values are given."""
        return self._terms[0][0]

    @property
    def factor(self) -> float:
        """What the value is multiplied by."""
        return self._terms[0][1]

    def __reduce__(self) -> tuple[Any, ...]:
        return Parameter, (self.name, self.factor, self.offset)


class Parameters(Sequence[Parameter]):
    """A vector of parameters, which are named ``w[0]``, ``w[1]`` and so on.

    A gate that is given all of them or a slice, and as many qubits, is added for each. Values of
    all are given at once, by the object or its name: ``{w: array}`` or ``{"w": array}``.

    Parameters
    ----------
    name : str
        The name of the vector.
    count : int
        How many parameters it has, from 1 to 1048576.

    Attributes
    ----------
    name : str

    Raises
    ------
    RangeError
        For a count outside its limits.

    Examples
    --------
    >>> w = ketch.Parameters("w", 3)
    >>> w[0], w[-1], w[:2]
    (w[0], w[2], (w[0], w[1]))
    >>> circuit = ketch.Circuit(3).ry(w, range(3)).rz(w[0] + w[1], 0)
    >>> ketch.run(circuit, values={w: [0.0, 0.0, 0.0]}).state[0]
    np.complex128(1+0j)
    """

    __slots__ = ("_count", "name")
    name: str
    _count: int

    def __init__(self, name: str, count: int) -> None:
        allowed = f"1..{PARAMETERS_MAX}"
        object.__setattr__(self, "name", _name("name", name))
        object.__setattr__(self, "_count", whole("count", count, allowed, 1, PARAMETERS_MAX + 1))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Parameters never changes")

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Parameter: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Parameter, ...]: ...
    def __getitem__(self, index: int | slice) -> Parameter | tuple[Parameter, ...]:
        places = range(self._count)
        if isinstance(index, slice):
            return tuple(self._at(place) for place in places[index])
        try:
            return self._at(places[index])
        except IndexError:
            pass
        allowed = f"-{self._count}..{self._count - 1}"
        raise failed("INDEX", "index", index, allowed, f"no such parameter of {self.name}")

    def __iter__(self) -> Iterator[Parameter]:
        return map(self._at, range(self._count))

    def _at(self, place: int) -> Parameter:
        return Parameter(f"{self.name}[{place}]")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parameters) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, int]:
        return self.name, self._count

    def __repr__(self) -> str:
        return f"Parameters({self.name!r}, {self._count})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Parameters, self._key()


def _name(argument: str, name: object) -> str:
    if not isinstance(name, str):
        raise wrong_type(argument, name, "str")
    return name


def _signed(number: float) -> str:
    return " - " if number < 0 else " + "


def _number(value: object) -> float | None:
    """A factor; None for what is none, such as a second parameter."""
    return None if isinstance(value, ParameterExpression) else real("number", value)


def _expression(terms: dict[str, float], offset: float) -> ParameterExpression:
    """The expression, which is a Parameter where there is only one."""
    if len(terms) > 1:
        return ParameterExpression(terms, offset)
    [(name, factor)] = terms.items()
    return Parameter(name, factor, offset)


# ---- angles


def angles(name: str, values: Any) -> list[Any]:
    """As reals, with expressions among them."""
    values = plain(values)
    if only(float, values):
        return list(values)
    return [v if isinstance(v, ParameterExpression) else real(name, v) for v in values]


def has_parameter(values: object) -> bool:
    """Whether it is an expression, or a sequence with one."""
    if isinstance(values, list | tuple | Parameters):
        return any(isinstance(value, ParameterExpression) for value in values)
    return isinstance(values, ParameterExpression)


def turn_of(angle: ParameterExpression | float, numbering: dict[str, int]) -> Turn:
    """The angle as C gets it. numbering: of the parameters by name; new ones are numbered on."""
    if not isinstance(angle, ParameterExpression):
        return -1, 0.0, angle
    terms = [(numbering.setdefault(name, len(numbering)), f) for name, f in angle._terms]
    return _turn(terms, angle.offset)


def angle_from(turn: Turn, names: Sequence[str]) -> ParameterExpression | float:
    """The angle that C gets so. names: of the parameters by number."""
    terms: dict[str, float] = {}
    for index, factor in terms_of(turn):
        terms[names[index]] = terms.get(names[index], 0.0) + factor
    return _expression(terms, turn[2]) if terms else turn[2]


def renumbered(turn: Turn, numbering: Sequence[int] | Mapping[int, int]) -> Turn:
    """The angle with other numbers of its parameters."""
    return _turn([(numbering[index], factor) for index, factor in terms_of(turn)], turn[2])


def bound_turn(turn: Turn, numbers: Sequence[float | None], numbering: Sequence[int]) -> Turn:
    """The angle with numbers in place of parameters. Those that have None stay, under the numbers
    of `numbering`. Computed in the order in which C does it."""
    offset, left = turn[2], []
    for index, factor in terms_of(turn):
        number = numbers[index]
        if number is None:
            left.append((numbering[index], factor))
        else:
            offset = factor * number + offset
    if not isfinite(offset):
        raise nonfinite("angle", offset)
    return _turn(left, offset)


def terms_of(turn: Turn) -> list[tuple[int, float]]:
    """Its parameters by number, each with a factor."""
    index, factor, _, *more = turn
    own = [(index, factor)] if index >= 0 else []
    return [*own, *more[0]] if more else own


def _turn(terms: list[tuple[int, float]], offset: float) -> Turn:
    if not terms:
        return -1, 0.0, offset
    (index, factor), *more = terms
    return (index, factor, offset, tuple(more)) if more else (index, factor, offset)


# ---- values


# Of one parameter, or of a vector.
Numbers: TypeAlias = float | Sequence[float] | Array

# Of a circuit's parameters: in the order of Circuit.parameters, or by name, by Parameter or by
# Parameters; of one parameter, a number.
# Mappings have keys of any type for mypy, which else infers none for a literal with mixed keys.
Values: TypeAlias = Mapping[Any, Numbers] | float | Sequence[float] | Array


def numbers_of(names: Sequence[str], values: Any) -> list[float]:
    """The values of the parameters of these names, in their order; a number is that of one."""
    if isinstance(values, Mapping):
        given = _look_up(names, values)
        if len(given) != len(names):
            raise _other_values(_listed(given), _listed(names))
        values = [given[name] for name in names]
    if isinstance(values, str | bytes):
        raise wrong_type("values", values, "numbers, or a mapping from names to numbers")
    numbers = reals("values", sequence(values))
    if len(numbers) != len(names):
        allowed = f"{len(names)}, for {_listed(names)}" if names else "none: it has no parameters"
        what = "number of values for the circuit's parameters"
        raise failed("ARITY", "values", len(numbers), allowed, what)
    return numbers


def some_numbers_of(names: Sequence[str], values: Any) -> list[float | None]:
    """As numbers_of, with None for what a mapping lacks."""
    if not isinstance(values, Mapping):
        return [*numbers_of(names, values)]
    given = _look_up(names, values)
    return [real("values", given[name]) if name in given else None for name in names]


def _look_up(names: Sequence[str], values: Mapping[Any, Any]) -> dict[str, Any]:
    """The values by name, vectors taken apart; each is of one of these names."""
    known, given = set(names), dict[str, Any]()
    for key, value in values.items():
        for name, number in _spread(key, value, known):
            if name not in known:
                raise _other_values(_listed([*given, name]), _listed(names))
            if name in given:
                raise failed("DUPLICATE", "values", f"{name} twice", "each once", "values")
            given[name] = number
    return given


def _spread(key: object, value: Any, known: set[str]) -> Sequence[tuple[str, Any]]:
    """What an item of a mapping says: a name and a value, or many of a vector. The parts of a
    Parameters that the circuit does not use are left out, unless it uses none."""
    if isinstance(key, str) and key in known:
        return [(key, value)]
    if isinstance(key, Parameters):
        numbers = _vector(key.name, value, len(key))
        pairs = [(f"{key.name}[{i}]", number) for i, number in enumerate(numbers)]
        return [pair for pair in pairs if pair[0] in known] or pairs
    name = _name_of(key)
    if isinstance(key, Parameter) or not _is_vector(value):
        return [(name, value)]
    places = [int(one[len(name) + 1 : -1]) for one in known if _is_part(one, name)]
    size = max(places, default=-1) + 1
    if not size:
        return [(name, value)]
    numbers = _vector(name, value, size)
    return [(f"{name}[{place}]", numbers[place]) for place in sorted(places)]


def _vector(name: str, value: Any, size: int) -> list[float]:
    """The values of a vector of that size."""
    if not _is_vector(value):
        raise wrong_type(f"values of {name}", value, "a sequence of float")
    numbers = reals(f"values of {name}", value)
    if len(numbers) != size:
        raise failed("ARITY", "values", len(numbers), size, f"number of values of {name}")
    return numbers


def _is_vector(value: Any) -> bool:
    value = plain(value)
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_part(name: str, vector: str) -> bool:
    """Whether it is the name of a parameter of that vector."""
    place = name[len(vector) + 1 : -1]
    return name == f"{vector}[{place}]" and place.isascii() and place.isdecimal()


def _name_of(key: object) -> str:
    if isinstance(key, str):
        return key
    if not isinstance(key, Parameter) or key.factor != 1 or key.offset:
        allowed = "a name, a Parameter as it was made, or a Parameters"
        raise TypeError(f"a key of values of a wrong form: given {key!r}, allowed {allowed}")
    return key.name


def _listed(names: Sequence[str] | Mapping[str, Any]) -> str:
    text = ", ".join(names) or "none"
    return text if len(text) <= 90 else text[:87] + "..."


def _other_values(given: str, allowed: str) -> Error:
    what = "names of values that are not those of the circuit's parameters"
    return failed("ARITY", "values", given, allowed, what)
