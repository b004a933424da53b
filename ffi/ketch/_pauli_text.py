"""What Pauli strings are written as: labels, pairs of qubit and letter, and products of Z."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._arguments import indices, plain, sequence
from ._errors import Error, failed, nonfinite, out_of_range, wrong_type
from ._native.circuits import QUBITS_MAX
from ._pauli_masks import Strings

if TYPE_CHECKING:
    import numpy
    from numpy.typing import ArrayLike, NDArray

    from ._pauli_masks import Words

LETTERS = "IXZY"  # by the bit of the x mask, plus twice the bit of the z mask
_LETTERED = str, tuple  # how a tuple with letters ends

# ---- reading


def read(terms: Any) -> tuple[Strings, int | None]:
    """The strings and coefficients of what PauliSum takes, and the length of its labels, None where
    there are no labels."""
    import numpy

    keys, numbers = _keys_and_numbers(terms)
    x, z = numpy.zeros((2, len(keys)), numpy.uint64)
    length = None
    labels = [index for index, key in enumerate(keys) if isinstance(key, str)]
    if labels:
        x[labels], z[labels], length = _read_labels([keys[index] for index in labels])
    if len(labels) < len(keys):
        limit = QUBITS_MAX if length is None else length
        for index, key in enumerate(keys):
            if not isinstance(key, str):
                x[index], z[index] = _read_pairs(key, limit)
    return Strings(x, z, complex_numbers(numbers)), length


def _keys_and_numbers(terms: Any) -> tuple[list[Any], list[Any]]:
    if isinstance(terms, str):
        return [terms], [1.0]
    if isinstance(terms, Mapping):
        return list(terms), list(terms.values())
    allowed = "a dict from strings to coefficients, or (string, coefficient) pairs"
    if not isinstance(terms, Iterable):
        raise wrong_type("terms", terms, allowed)
    pairs = list(terms)
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise wrong_type("term", pair, "a (string, coefficient) pair")
    return [key for key, _ in pairs], [number for _, number in pairs]


def complex_numbers(values: Any) -> NDArray[numpy.complex128]:
    """Coefficients."""
    import numpy

    values = plain(values)
    if not set(map(type, values)) <= {float, complex}:
        values = [complex_number(value) for value in values]
    return numpy.array(values, numpy.complex128)


def complex_number(value: Any) -> complex:
    """A coefficient."""
    if isinstance(value, str | bytes | bool):
        raise wrong_type("coefficient", value, "a number")
    try:
        return complex(value)
    except TypeError:
        raise wrong_type("coefficient", value, "a number") from None
    except OverflowError:
        raise nonfinite("coefficient", float("inf")) from None


def _read_labels(labels: Sequence[str]) -> tuple[Words, Words, int]:
    """The masks of labels, and their length. The rightmost letter is qubit 0."""
    import numpy

    length = len(labels[0])
    for label in labels:
        if len(label) != length:
            given = f"{labels[0]!r} and {label!r}"
            what = "labels of different lengths"
            raise failed("MISMATCH", "label", given, "labels of one length", what)
    if not 1 <= length <= QUBITS_MAX:
        raise out_of_range("label", labels[0], f"1..{QUBITS_MAX} letters")
    text = "".join(labels).encode("latin-1", "replace")
    known = numpy.full(256, len(LETTERS), numpy.uint64)
    known[list(LETTERS.encode())] = range(len(LETTERS))
    codes = known[numpy.frombuffer(text, numpy.uint8)].reshape(-1, length)
    if codes.max() == len(LETTERS):
        row, column = divmod(int(codes.argmax()), length)
        raise _wrong_letter(labels[row][column], f"at position {column} of {labels[row]!r}")
    shifts = numpy.arange(length, dtype=numpy.uint64)[::-1]
    return ((codes & 1) << shifts).sum(1), ((codes >> 1) << shifts).sum(1), length


def _wrong_letter(letter: object, place: str) -> Error:
    return failed("RANGE", "letter", f"{letter!r} {place}", "I, X, Y, Z", "no such Pauli matrix")


def _read_pairs(key: Any, limit: int) -> tuple[int, int]:
    """The masks of (qubit, letter) pairs, or of one."""
    x = z = seen = 0
    for pair in (key,) if _is_pair(key) else _pairs(key):
        if not _is_pair(pair):
            raise _wrong_key(key)
        (qubit,) = indices("qubit", pair[:1], limit)
        letter = LETTERS.find(pair[1]) if len(pair[1]) == 1 else -1
        if letter < 0:
            raise _wrong_letter(pair[1], f"on qubit {qubit}")
        _check_qubit(qubit, limit, seen, key)
        seen |= 1 << qubit
        x |= (letter & 1) << qubit
        z |= (letter >> 1) << qubit
    return x, z


def _is_pair(key: object) -> bool:
    return isinstance(key, tuple | list) and len(key) == 2 and isinstance(key[1], str)


def _pairs(key: Any) -> Any:
    if not isinstance(key, tuple | list):
        raise _wrong_key(key)
    return key


def _wrong_key(key: object) -> Error | TypeError:
    allowed = '"XZ", ((0, "X"), (1, "Z")) or (0, "X"); for products of Z: PauliSum.from_z'
    return TypeError(f"a string of a wrong form: given {key!r}, allowed {allowed}")


def _check_qubit(qubit: int, limit: int, seen: int, key: object) -> None:
    if not 0 <= qubit < limit:
        raise failed("INDEX", "qubit", qubit, f"0..{limit - 1}", "no such qubit")
    if seen >> qubit & 1:
        what = f"qubit {qubit} comes twice in a product"
        raise failed("DUPLICATE", "qubit", key, "each qubit once", what)


def has_letters(terms: Mapping[Any, Any]) -> bool:
    """Whether any of its strings is written with letters: otherwise all are products of Z."""
    for key in terms:
        if isinstance(key, tuple):
            if key and isinstance(key[-1], _LETTERED):
                return True
        elif isinstance(key, str):
            return True
    return False


def z_mask(key: object, limit: int) -> int:
    """The z mask of a product of Z by its qubits."""
    mask = 0
    for qubit in indices("qubit", sequence(key), limit):
        if not 0 <= qubit < limit or mask >> qubit & 1:
            _check_qubit(qubit, limit, mask, key)
        mask |= 1 << qubit
    return mask


def words(name: str, values: ArrayLike) -> Words:
    """Masks of qubits."""
    import numpy

    found = numpy.asarray(values)
    if found.size and found.dtype.kind not in "iu":
        raise wrong_type(name, values, "a row of int")
    if found.size and found.min() < 0:
        raise out_of_range(name, int(found.min()), "masks of qubits, 0 or more")
    return numpy.array(found, numpy.uint64)


# ---- writing


def labels(strings: Strings, qubits: int) -> list[str]:
    """The labels of strings."""
    import numpy

    shifts = numpy.arange(qubits, dtype=numpy.uint64)[::-1]
    codes = (strings.x[:, None] >> shifts & 1) + 2 * (strings.z[:, None] >> shifts & 1)
    letters = numpy.frombuffer(LETTERS.encode(), numpy.uint8)[codes].tobytes().decode()
    return [letters[i : i + qubits] for i in range(0, len(letters), qubits)]


def pairs(strings: Strings) -> list[tuple[tuple[int, str], ...]]:
    """Strings as (qubit, letter) pairs, lower qubits first."""
    return [_pairs_of(x, z) for x, z in zip(strings.x.tolist(), strings.z.tolist(), strict=True)]


def _pairs_of(x: int, z: int) -> tuple[tuple[int, str], ...]:
    codes = ((q, (x >> q & 1) + 2 * (z >> q & 1)) for q in range((x | z).bit_length()))
    return tuple((qubit, LETTERS[code]) for qubit, code in codes if code)
