"""Sums of Pauli strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from numbers import Complex
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from . import _pauli_masks as masks
from . import _pauli_text as texts
from ._arguments import real, whole
from ._errors import failed, nonfinite, wrong_type
from ._native.circuits import QUBITS_MAX
from ._pauli_masks import Strings

if TYPE_CHECKING:
    import numpy
    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from ._pauli_masks import Words

    # x masks, z masks, coefficients
    RealStrings: TypeAlias = tuple[Words, Words, NDArray[numpy.float64]]

MATRIX_QUBITS_MAX = 12
_SHOWN = 6  # strings in the text of a sum

# A string as iteration gives it: a label, or (qubit, letter) pairs.
PauliString: TypeAlias = str | tuple[tuple[int, str], ...]


class PauliSum:
    """A sum of Pauli strings with coefficients. It never changes.

    Strings are written as labels with a letter I, X, Y or Z for each qubit, the rightmost for qubit
    0, all of one length; or sparsely, as (qubit, letter) pairs. A sum of labels is for states of as
    many qubits as a label has letters; a sparse one for any state that has its qubits.

    Sums are added, subtracted, multiplied with each other (``*`` or ``@``) and with numbers, and
    raised to powers. A number that is added is a multiple of the identity. Sums keep their strings
    in order, with equal ones apart until `simplify`; a product has each string once.

    Parameters
    ----------
    terms : mapping, iterable of pairs, str or PauliSum
        The coefficient of each string, as a dict or as (string, coefficient) pairs. A string is a
        label, such as "XZIY"; (qubit, letter) pairs, such as ((0, "Y"), (3, "X")); one such pair;
        or (), the identity. A label alone has the coefficient 1.
    qubits : int, optional
        For how many qubits it is. None: as many as labels have letters, or, where all strings are
        sparse, any that there are in them.

    Raises
    ------
    RangeError
        For letters that there are not, labels of different lengths, a qubit twice in a string, or
        coefficients that are not finite.
    BadIndexError
        For a qubit that there is not.

    Examples
    --------
    >>> energy = ketch.PauliSum({"XZIY": 0.5, "ZZII": -1})
    >>> energy + 2 * ketch.PauliSum({((0, "Y"), (3, "X")): 0.5})
    PauliSum({'XZIY': 0.5, 'ZZII': -1.0, 'XIIY': 1.0})
    >>> ketch.PauliSum("X") * ketch.PauliSum("Y")
    PauliSum({'Z': 1j})
    >>> engine = ketch.Engine()
    >>> round(engine.state("++").expectation(ketch.PauliSum({"XX": 0.5, "ZZ": -1})), 12)
    0.5
    >>> ketch.run(ketch.Circuit(2).h(0).cx(0, 1), observe=[{"XX": 1, "YY": 1}]).observed
    [0.0]
    """

    __slots__ = ("_qubits", "_real", "_strings")
    _strings: Strings
    _qubits: int | None
    _real: RealStrings | None  # what C is given, once it was asked for

    # So that a NumPy number on the left of an operator leaves the operation to this class.
    __array_ufunc__ = None

    def __init__(
        self,
        terms: PauliSum | Mapping[Any, complex] | Iterable[tuple[Any, complex]] | str,
        *,
        qubits: int | None = None,
    ) -> None:
        if isinstance(terms, PauliSum):
            strings, length = terms._strings, terms._qubits
        else:
            strings, length = texts.read(terms)
        if qubits is not None:
            whole("qubits", qubits, f"1..{QUBITS_MAX}", 1, QUBITS_MAX + 1)
            masks.check_fits(strings, length, qubits)
            length = int(qubits)
        self._set(strings, length)

    def _set(self, strings: Strings, qubits: int | None) -> None:
        import numpy

        wrong = ~numpy.isfinite(strings.coefficients)
        if wrong.any():
            raise nonfinite("coefficient", _number(strings.coefficients[wrong][0]))
        for part in strings:
            part.flags.writeable = False
        object.__setattr__(self, "_strings", strings)
        object.__setattr__(self, "_qubits", qubits)
        object.__setattr__(self, "_real", None)

    @classmethod
    def _made(cls, strings: Strings, qubits: int | None) -> PauliSum:
        made = cls.__new__(cls)
        made._set(strings, qubits)
        return made

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a PauliSum never changes")

    # ---- other forms to make it of

    @classmethod
    def from_list(cls, pairs: Iterable[tuple[str, complex]]) -> PauliSum:
        """Make it of (label, coefficient) pairs, as Qiskit's ``SparsePauliOp.to_list`` gives them.

        Parameters
        ----------
        pairs : iterable of (str, number)
            A label may come more than once.

        Returns
        -------
        PauliSum

        Raises
        ------
        RangeError
            As for a PauliSum.

        Examples
        --------
        >>> ketch.PauliSum.from_list([("XX", 1), ("ZI", 0.5)])
        PauliSum({'XX': 1.0, 'ZI': 0.5})
        """
        return cls(pairs)

    @classmethod
    def from_z(cls, terms: Mapping[Any, complex]) -> PauliSum:
        """Make it of products of Z, each by its qubits.

        Parameters
        ----------
        terms : mapping
            The coefficient of each product: {(0, 1): 0.5, 2: -1, (): 3}.

        Returns
        -------
        PauliSum
            A sparse one.

        Raises
        ------
        BadIndexError, RangeError
            For qubits that there are not, or one twice in a product.

        Examples
        --------
        >>> ketch.PauliSum.from_z({(0, 1): 0.5, 2: -1})
        PauliSum({((0, 'Z'), (1, 'Z')): 0.5, ((2, 'Z'),): -1.0})
        """
        import numpy

        if not isinstance(terms, Mapping):
            raise wrong_type("terms", terms, "a dict from qubits to coefficients")
        z = numpy.array([texts.z_mask(key, QUBITS_MAX) for key in terms], numpy.uint64)
        numbers = texts.complex_numbers(list(terms.values()))
        return cls._made(Strings(numpy.zeros_like(z), z, numbers), None)

    @classmethod
    def from_masks(
        cls,
        x_masks: ArrayLike,
        z_masks: ArrayLike,
        coefficients: ArrayLike,
        qubits: int | None = None,
    ) -> PauliSum:
        """Make it of masks.

        Parameters
        ----------
        x_masks, z_masks : array_like of int, shape (n,)
            For each string the qubits with X or Y, and those with Z or Y, as bits. A bit in both is
            Y, with the coefficient of Y itself.
        coefficients : array_like, shape (n,)
            Of the strings.
        qubits : int, optional
            For how many qubits it is. None: any that there are.

        Returns
        -------
        PauliSum

        Raises
        ------
        RangeError
            For arrays of different shapes, or coefficients that are not finite.
        BadIndexError
            For a bit whose qubit there is not.

        Examples
        --------
        >>> ketch.PauliSum.from_masks([0b0011], [0b1001], [0.5], qubits=4)
        PauliSum({'ZIXY': 0.5})
        """
        x, z = texts.words("x_masks", x_masks), texts.words("z_masks", z_masks)
        numbers = texts.complex_numbers(coefficients)
        if not x.shape == z.shape == numbers.shape or x.ndim != 1:
            given = f"{x.shape}, {z.shape}, {numbers.shape}"
            raise failed("SHAPE", "x_masks", given, "three rows of one length", "wrong shapes")
        strings = Strings(x, z, numbers)
        masks.check_fits(strings, None, QUBITS_MAX)
        return cls(cls._made(strings, None), qubits=qubits)

    # ---- what it has

    @property
    def qubits(self) -> int | None:
        """For how many qubits it is: the length of its labels. None: sparse, for any state that has
        its qubits."""
        return self._qubits

    @property
    def x_masks(self) -> NDArray[numpy.uint64]:
        """For each string, the qubits with X or Y as bits: read-only, shape (len(self),)."""
        return self._strings.x

    @property
    def z_masks(self) -> NDArray[numpy.uint64]:
        """For each string, the qubits with Z or Y as bits: read-only, shape (len(self),)."""
        return self._strings.z

    @property
    def coefficients(self) -> NDArray[numpy.complex128]:
        """The coefficient of each string: read-only, shape (len(self),)."""
        return self._strings.coefficients

    def __len__(self) -> int:
        """How many strings it has."""
        return len(self._strings.x)

    def __iter__(self) -> Iterator[tuple[PauliString, complex]]:
        """(string, coefficient) pairs; strings as labels, in a sparse sum as pairs."""
        return iter(self._pairs(len(self)))

    def _pairs(self, most: int) -> list[tuple[PauliString, complex]]:
        """The first ones."""
        strings = masks.select(self._strings, slice(most))
        written: Iterable[PauliString] = (
            texts.pairs(strings) if self._qubits is None else texts.labels(strings, self._qubits)
        )
        return list(zip(written, strings.coefficients.tolist(), strict=True))

    def to_dict(self) -> dict[PauliString, complex]:
        """The coefficient of each string, with equal strings added.

        Returns
        -------
        dict

        Examples
        --------
        >>> ketch.PauliSum([("XX", 1), ("ZI", 2), ("XX", 0.5)]).to_dict()
        {'XX': (1.5+0j), 'ZI': (2+0j)}
        """
        return dict(PauliSum._made(masks.sums(self._strings), self._qubits))

    def to_matrix(self) -> NDArray[numpy.complex128]:
        """The dense matrix.

        Returns
        -------
        numpy.ndarray, shape (2**n, 2**n)
            Bit q of a row's and a column's number is qubit q. n is `qubits`; of a sparse sum the
            smallest that has its qubits.

        Raises
        ------
        RangeError
            For more than 12 qubits.

        Examples
        --------
        >>> ketch.PauliSum({"X": 1, "Z": 2}).to_matrix().real
        array([[ 2.,  1.],
               [ 1., -2.]])
        """
        qubits = self._qubits or max(1, masks.width(self._strings))
        if qubits > MATRIX_QUBITS_MAX:
            what = "a matrix that is too large"
            raise failed("RANGE", "qubits", qubits, f"1..{MATRIX_QUBITS_MAX}", what)
        return masks.matrix(self._strings, qubits)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """The dense matrix for NumPy."""
        if copy is False:
            raise ValueError("copy=False, but the matrix of a PauliSum is made anew")
        dense = self.to_matrix()
        return dense if dtype is None else dense.astype(dtype, copy=False)

    # ---- algebra

    def simplify(self, tolerance: float = 0.0) -> PauliSum:
        """Add equal strings, and leave out those whose coefficient is zero.

        Parameters
        ----------
        tolerance : float
            Coefficients up to this magnitude are zero.

        Returns
        -------
        PauliSum
            The strings in the order in which each came first.

        Raises
        ------
        RangeError
            For a tolerance that is negative or nan.

        Examples
        --------
        >>> ketch.PauliSum([("X", 1), ("Z", 1e-17), ("Y", 2), ("X", 3)]).simplify(1e-12)
        PauliSum({'X': 4.0, 'Y': 2.0})
        """
        limit = real("tolerance", tolerance)
        if not limit >= 0:
            raise failed("RANGE", "tolerance", tolerance, "0 or more", "tolerance out of range")
        return PauliSum._made(masks.simplified(self._strings, limit), self._qubits)

    def adjoint(self) -> PauliSum:
        """The adjoint, which has the conjugate coefficients; `dagger` is the same.

        Returns
        -------
        PauliSum

        Examples
        --------
        >>> ketch.PauliSum({"X": 2j}).adjoint()
        PauliSum({'X': -2j})
        """
        x, z, coefficients = self._strings
        return PauliSum._made(Strings(x, z, coefficients.conj()), self._qubits)

    dagger = adjoint

    @property
    def is_hermitian(self) -> bool:
        """Whether, with equal strings added, all coefficients are real, up to 1e-12 of the largest
        one. Only such a sum has expectations that are real numbers."""
        return not masks.imaginary(masks.sums(self._strings)).any()

    def commutes(self, other: PauliSum) -> bool:
        """Whether it commutes with another sum, up to rounding.

        Parameters
        ----------
        other : PauliSum

        Returns
        -------
        bool

        Raises
        ------
        RangeError
            For a sum for another number of qubits.

        Examples
        --------
        >>> ketch.PauliSum("XX").commutes(ketch.PauliSum("ZZ"))
        True
        """
        if not isinstance(other, PauliSum):
            raise wrong_type("other", other, "PauliSum")
        self._common_qubits(other)
        return masks.commute(masks.simplified(self._strings), masks.simplified(other._strings))

    def __add__(self, other: object) -> PauliSum:
        right = _operand(other)
        if right is None:
            return NotImplemented
        qubits = self._common_qubits(right)
        return PauliSum._made(masks.join(self._strings, right._strings), qubits)

    def __radd__(self, other: object) -> PauliSum:
        left = _operand(other)
        return NotImplemented if left is None else left + self

    def __sub__(self, other: object) -> PauliSum:
        right = _operand(other)
        return NotImplemented if right is None else self + -right

    def __rsub__(self, other: object) -> PauliSum:
        left = _operand(other)
        return NotImplemented if left is None else left - self

    def __neg__(self) -> PauliSum:
        return self._with(-self._strings.coefficients)

    def __pos__(self) -> PauliSum:
        return self

    def __mul__(self, other: object) -> PauliSum:
        if isinstance(other, PauliSum):
            return self @ other
        if not _is_number(other):
            return NotImplemented
        return self._with(self._strings.coefficients * texts.complex_number(other))

    def __rmul__(self, other: object) -> PauliSum:
        return self * other if _is_number(other) else NotImplemented

    def __matmul__(self, other: object) -> PauliSum:
        if not isinstance(other, PauliSum):
            return NotImplemented
        qubits = self._common_qubits(other)
        return PauliSum._made(
            masks.simplified(masks.product(self._strings, other._strings)), qubits
        )

    def __truediv__(self, other: object) -> PauliSum:
        import numpy

        if not _is_number(other):
            return NotImplemented
        number = texts.complex_number(other)
        if not number:
            raise ZeroDivisionError("a PauliSum divided by zero")
        coefficients = self._strings.coefficients
        if number.imag:
            return self._with(coefficients / number)
        # By a real number each part is divided, which rounds once.
        parts = coefficients.view(numpy.float64) / number.real
        return self._with(parts.view(numpy.complex128))

    def __pow__(self, exponent: int) -> PauliSum:
        left = whole("exponent", exponent, "0..2^31 - 1", 0)
        power, square = PauliSum._made(masks.identity(1), self._qubits), self
        while left:
            if left & 1:
                power = power @ square
            left >>= 1
            if left:
                square = square @ square
        return power

    def __eq__(self, other: object) -> bool:
        """Whether both have the same coefficients once they are simplified, for as many qubits."""
        return isinstance(other, PauliSum) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        import numpy

        simple = masks.simplified(self._strings)
        x, z, coefficients = masks.select(simple, numpy.lexsort((simple.z, simple.x)))
        return self._qubits, x.tobytes(), z.tobytes(), (coefficients + 0.0).tobytes()

    def _with(self, coefficients: NDArray[numpy.complex128]) -> PauliSum:
        return PauliSum._made(self._strings._replace(coefficients=coefficients), self._qubits)

    def _common_qubits(self, other: PauliSum) -> int | None:
        """For how many qubits both are; refuses sums that do not fit each other."""
        if self._qubits is None and other._qubits is None:
            return None
        qubits = self._qubits or other._qubits
        assert qubits is not None
        masks.check_fits(self._strings, self._qubits, qubits)
        masks.check_fits(other._strings, other._qubits, qubits)
        return qubits

    # ---- text

    def __repr__(self) -> str:
        shown = [(repr(string), repr(_number(number))) for string, number in self._pairs(_SHOWN)]
        if len(dict(shown)) == len(shown):
            form, words = "PauliSum({%s})", [f"{string}: {number}" for string, number in shown]
        else:
            form, words = "PauliSum([%s])", [f"({string}, {number})" for string, number in shown]
        rest = len(self) - len(shown)
        return form % ", ".join([*words, f"... and {rest} more"] if rest else words)

    def __reduce__(self) -> tuple[object, ...]:
        return PauliSum.from_masks, (*(part.tolist() for part in self._strings), self._qubits)


# ---- helpers


def _is_number(value: object) -> TypeGuard[complex]:
    return isinstance(value, Complex) and not isinstance(value, bool)


def _operand(value: object) -> PauliSum | None:
    """A sum, or a number as a multiple of the identity; None for what is neither."""
    if isinstance(value, PauliSum):
        return value
    if not _is_number(value):
        return None
    if not value:
        return PauliSum(())
    return PauliSum._made(masks.identity(texts.complex_number(value)), None)


def _number(value: Any) -> complex:
    """A coefficient for texts: one that is real as a float."""
    return complex(value) if value.imag else float(value.real)


# ---- for C


def real_strings(op: PauliSum, qubits: int) -> RealStrings:
    """What C computes an expectation in a state of that many qubits of: each string once."""
    masks.check_fits(op._strings, op._qubits, qubits)
    found = op._real
    if found is None:
        found = _real(op)
        object.__setattr__(op, "_real", found)
    return found


def _real(op: PauliSum) -> RealStrings:
    import numpy

    added = masks.sums(op._strings)
    wrong = masks.imaginary(added)
    if wrong.any():
        ((string, number), *_) = PauliSum._made(masks.select(added, wrong), op._qubits)
        given = f"{number!r} of {string!r}"
        raise failed("RANGE", "op", given, "real coefficients", "a PauliSum that is not real")
    x, z, coefficients = masks.select(added, added.coefficients.real != 0)
    return x, z, numpy.ascontiguousarray(coefficients.real)
