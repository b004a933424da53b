"""Observables: what is asked of a state, or of the final state of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ._arguments import Qubits, indices, real, sequence
from ._errors import short, wrong_type
from ._native.circuits import QUBITS_MAX
from ._native.observables import Observables
from ._pauli import PauliSum, real_strings
from ._pauli_text import has_letters, z_mask

if TYPE_CHECKING:
    from ._native.observables import Numbers

# A sum of Pauli strings as a dict from each string to its coefficient: of products of Z by their
# qubits, {(0, 1): 0.5, 2: -1, (): 3}, or of what PauliSum takes. Type checkers infer no type for
# keys of both kinds.
Terms: TypeAlias = Mapping[Any, complex]


class _Constant:
    """What has the fields that it was made with, and never changes."""

    __slots__: tuple[str, ...] = ()

    def _set(self, *fields: object) -> None:
        for name, value in zip(self.__slots__, fields, strict=True):
            object.__setattr__(self, name, value)

    def _fields(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} never changes")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash((type(self), self._fields()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._fields()))})"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self._fields()


class Norm(_Constant):
    """The norm of the state, as an observable; "norm" is the same.

    Examples
    --------
    >>> ketch.run(ketch.Circuit(1).x(0), observe=[ketch.Norm()]).observed
    [1.0]
    """

    __slots__ = ()


class Probabilities(_Constant):
    """Probabilities of the outcomes of some qubits, as an observable; a list of the qubits is the
    same.

    Parameters
    ----------
    qubits : int or sequence of int
        Which, the first as the lowest bit of the outcome.

    Attributes
    ----------
    qubits : tuple of int

    Examples
    --------
    >>> ketch.run(ketch.Circuit(2).x(1), observe=[ketch.Probabilities([1])]).observed
    [array([0., 1.])]
    """

    __slots__ = ("qubits",)
    qubits: tuple[int, ...]

    def __init__(self, qubits: Qubits) -> None:
        self._set(tuple(indices("qubit", sequence(qubits), QUBITS_MAX)))


class Variance(_Constant):
    """The variance <O**2> - <O>**2 of a sum of Pauli strings, as an observable.

    Parameters
    ----------
    op : PauliSum or mapping
        The sum, as `State.variance` takes it.

    Attributes
    ----------
    op : PauliSum

    Examples
    --------
    >>> ketch.run(ketch.Circuit(1).x(0), observe=[ketch.Variance({"X": 2})]).observed
    [4.0]
    """

    __slots__ = ("op",)
    op: PauliSum

    def __init__(self, op: PauliSum | Terms | Iterable[tuple[Any, complex]] | str) -> None:
        self._set(pauli_sum(op))


# What a run can be asked for: "norm" or Norm; qubits or Probabilities; a sum of Pauli strings, for
# its expectation; Variance.
Observable: TypeAlias = (
    Literal["norm"] | Qubits | Terms | PauliSum | Norm | Probabilities | Variance
)

# ---- for C


def pauli_sum(op: Any) -> PauliSum:
    """The sum that an argument is."""
    if isinstance(op, PauliSum):
        return op
    if not isinstance(op, Iterable):
        raise wrong_type("op", op, "a PauliSum, a label, a mapping, or pairs")
    if isinstance(op, Mapping) and not has_letters(op):
        return PauliSum.from_z(op)
    return PauliSum(op)


def numbers_of(op: Any, qubits: int) -> Numbers:
    """The masks and coefficients of a sum, for a state of that many qubits."""
    if isinstance(op, Mapping) and not has_letters(op):
        masks = [z_mask(key, qubits) for key in op]
        return None, masks, [real("coefficient", coefficient) for coefficient in op.values()]
    return real_strings(pauli_sum(op), qubits)


# What cannot be a list of observables.
_ONE = str, Mapping, PauliSum, Norm, Probabilities, Variance, Integral


def observables(observe: Observable | Sequence[Observable], qubits: int) -> Observables | None:
    """The list for C; None where nothing is asked."""
    if isinstance(observe, _ONE):
        observe = [observe]
    if not isinstance(observe, Sequence):
        raise wrong_type("observe", observe, "an observable, or a list of observables")
    if not observe:
        return None
    made = Observables(len(observe))
    for index, one in enumerate(observe):
        add = _ADDERS.get(type(one)) or _adder(one)
        add(made, index, one, qubits)
    return made


def _add_norm(made: Observables, index: int, one: Any, qubits: int) -> None:
    if isinstance(one, str) and one != "norm":
        allowed = '"norm", qubits, or a sum of Pauli strings, such as {"ZZ": 1.0}'
        raise TypeError(f"observe[{index}]: given {short(one)}, allowed {allowed}")
    made.set_norm(index)


def _add_expectation(made: Observables, index: int, one: Any, qubits: int) -> None:
    made.set_expectation(index, numbers_of(one, qubits))


def _add_variance(made: Observables, index: int, one: Any, qubits: int) -> None:
    made.set_variance(index, real_strings(one.op, qubits))


def _add_probabilities(made: Observables, index: int, one: Any, qubits: int) -> None:
    asked = one.qubits if isinstance(one, Probabilities) else one
    made.set_probabilities(index, indices("qubit", sequence(asked), qubits))


_ADDERS: dict[type[Any], Callable[[Observables, int, Any, int], None]] = {
    str: _add_norm,
    Norm: _add_norm,
    dict: _add_expectation,
    Mapping: _add_expectation,
    PauliSum: _add_expectation,
    Variance: _add_variance,
    list: _add_probabilities,
    object: _add_probabilities,
}


def _adder(one: object) -> Callable[[Observables, int, Any, int], None]:
    """By a base of its type; the last row is for any."""
    return next(add for kind, add in _ADDERS.items() if isinstance(one, kind))
