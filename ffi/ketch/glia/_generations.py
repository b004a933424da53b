"""What an evolution tells: generations, individuals, candidates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from .._native.handles import NetHandle
from ._network import Network
from ._optional import optional


class Generation(NamedTuple):
    """A generation that has been scored.

    Attributes
    ----------
    generation : int
        Its number, from 0.
    best : int
        The number of its best individual, in the lineage.
    fitness, accuracy, margin, synapses
        Of that one.
    mean_fitness : float
        Of all individuals.
    """

    generation: int
    best: int
    fitness: float
    accuracy: float
    margin: float
    synapses: int
    mean_fitness: float


class Individual(NamedTuple):
    """An individual in the lineage.

    Attributes
    ----------
    id, parent : int
        Its number, and that of its parent; -1: the first network.
    generation : int
        From 0.
    fitness : float
        -1e9, and the rest 0, if it was not scored, such as those bred after the last generation.
    accuracy, margin, synapses
        On the validation set, after training.
    """

    id: int
    parent: int
    generation: int
    fitness: float
    accuracy: float
    margin: float
    synapses: int


@dataclass(frozen=True)
class Candidate:
    """An individual that is to be scored.

    Attributes
    ----------
    generation, individual : int
        Which one.
    accuracy, margin : float
        On the validation set, after training; 0 where there is none.
    synapses : int
        How many it has.
    network : Network
        A copy of the network as training and validation left it: the function may change it, and
        keep it.
    """

    generation: int
    individual: int
    accuracy: float
    margin: float
    synapses: int
    network: Network


# Gives the fitness of a candidate: a finite number, the more the better.
Fitness: TypeAlias = Callable[[Candidate], float]

# Gets the number of a generation that has been scored, and what there is to say of it; a true
# answer stops the evolution.
OnGeneration: TypeAlias = Callable[[int, Generation], object]


def network_of(handle: NetHandle) -> Network:
    """The network that a reference is to."""
    made = Network.__new__(Network)
    made._handle = handle
    made._become()
    return made


def data_frame(rows: Sequence[Any], kind: type[Any]) -> Any:
    """A pandas.DataFrame with a row for each of these tuples of one kind."""
    pandas = optional("pandas", "a DataFrame")
    return pandas.DataFrame(list(rows), columns=list(kind._fields))
