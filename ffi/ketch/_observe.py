"""Observables: what is asked of a state, or of the final state of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from ._arguments import indices, real, sequence
from ._errors import failed, wrong_type
from ._native.observables import Observables

# A sum of products of Z, each by its qubits (an int or a tuple of them) with its coefficient:
# {(0, 1): 0.5, 2: -1, (): 3}. Type checkers infer no type for keys of both kinds.
Terms: TypeAlias = Mapping[Any, float]
# "norm"; probabilities of the outcomes of some qubits; the expectation of such a sum.
Observable: TypeAlias = Literal["norm"] | Sequence[int] | Terms


def masks_and_coefficients(terms: Terms, qubits: int) -> tuple[list[int], list[float]]:
    """A sum of products of Z for C."""
    if not isinstance(terms, Mapping):
        raise wrong_type("terms", terms, "a dict from qubits to coefficients")
    masks = [_mask(key, qubits) for key in terms]
    return masks, [real("coefficient", coefficient) for coefficient in terms.values()]


def _mask(key: object, qubits: int) -> int:
    mask = 0
    for wire in indices("qubit", sequence(key), qubits):
        if not 0 <= wire < qubits:
            raise failed("INDEX", "qubit", wire, f"0..{qubits - 1}", "no such qubit")
        if mask >> wire & 1:
            what = f"qubit {wire} comes twice in a product"
            raise failed("DUPLICATE", "qubit", key, "each qubit once", what)
        mask |= 1 << wire
    return mask


def observables(observe: Sequence[Observable], qubits: int) -> Observables | None:
    """The list for C; None where nothing is asked."""
    if isinstance(observe, str | Mapping) or not isinstance(observe, Sequence):
        raise wrong_type("observe", observe, "a list of observables")
    if not observe:
        return None
    made = Observables(len(observe))
    for index, one in enumerate(observe):
        if isinstance(one, Mapping):
            made.set_terms(index, *masks_and_coefficients(one, qubits))
        elif isinstance(one, str):
            if one != "norm":
                raise wrong_type("observe", one, '"norm", qubits, or a dict of products of Z')
            made.set_norm(index)
        else:
            made.set_probabilities(index, indices("qubit", sequence(one), qubits))
    return made
