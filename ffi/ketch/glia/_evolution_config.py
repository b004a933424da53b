"""How populations evolve: fields that are checked when they are set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ._config import Checked, advising


@advising
@dataclass
class EvolutionConfig(Checked):
    """How a population evolves. Fields are checked when they are set.

    Attributes
    ----------
    population, generations : int
        How many individuals a generation has, and how many generations there are.
    elite, parents_pool : int
        How many of the best pass to the next generation unchanged; among how many the parents of
        the others are drawn, at least elite and 1. More than population counts as that.
    train_epochs : int
        Epochs of an individual's training, with the Hebbian rule; 0: it is only scored.
    sigma_w, sigma_thr, sigma_leak : float
        Standard deviations of the noise on weights, thresholds and leaks of a child. Leaks stay in
        0..1.
    w_acc, w_margin, w_sparsity : float
        The fitness is ``w_acc * accuracy + w_margin * margin - w_sparsity * synapses / those of the
        first network``.
    seed : int
        Of all random choices.
    lamarckian : bool
        Whether what training has made of an individual is inherited; else only its fitness counts.
    lineage_json : str
        A file that the lineage is written to when a run returns; "": none.
    target_fitness : float, optional
        The evolution ends after a generation whose best fitness is that or more.
    patience : int, optional
        It ends when so many generations have passed since the best fitness of all.
    evaluations : int, optional
        It ends when so many individuals have been scored.

    Examples
    --------
    >>> config = glia.EvolutionConfig(population=20, sigma_w=0.5)
    >>> config.generations, config.elite
    (10, 2)
    """

    population: int = 8
    generations: int = 10
    elite: int = 2
    parents_pool: int = 4
    train_epochs: int = 3
    sigma_w: float = 0.05
    sigma_thr: float = 0.0
    sigma_leak: float = 0.0
    w_acc: float = 1.0
    w_margin: float = 0.5
    w_sparsity: float = 0.0
    seed: int = 123456
    lamarckian: bool = True
    lineage_json: str = ""
    target_fitness: float | None = None
    patience: int | None = None
    evaluations: int | None = None


def create_evo_config(
    population: int = 10,
    generations: int = 20,
    elite: int = 2,
    train_epochs: int = 5,
    **fields: Any,
) -> EvolutionConfig:
    """Make a config of an evolution, with more individuals, generations and epochs than
    `EvolutionConfig` has unless told otherwise.

    Parameters
    ----------
    population, generations, elite, train_epochs : int
        As in `EvolutionConfig`.
    **fields
        Further ones, by name.

    Returns
    -------
    EvolutionConfig

    Raises
    ------
    TypeError
        For a name that is no field; the text tells the nearest one.
    RangeError
        For a value that is not allowed.

    Examples
    --------
    >>> glia.create_evo_config(elite=3, sigma_w=0.1).generations
    20
    """
    return EvolutionConfig(
        population=population,
        generations=generations,
        elite=elite,
        train_epochs=train_epochs,
        **fields,
    )
