"""Populations whose individuals the caller scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, NoReturn

import numpy

from .._arguments import real, seconds, whole
from .._errors import failed, wrong_type
from .._hooks import answer_of
from .._native import glia_evolve as native
from .._progress import Progress, bar_of
from .._stop import Stop, token_of
from .._units import counted
from ._evolution_config import EvolutionConfig
from ._for_c import evolution_for_c
from ._generations import Generation, OnGeneration, network_of
from ._network import Network

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Asked:
    """What is asked for networks and told their fitness, generation by generation."""

    def __init__(self, network: Network, config: EvolutionConfig | None) -> None:
        if not isinstance(network, Network):
            raise wrong_type("network", network, "Network")
        if config is not None and not isinstance(config, EvolutionConfig):
            raise wrong_type("config", config, "EvolutionConfig or None")
        self.config = config if config is not None else EvolutionConfig()
        self.generations: list[Generation] = []

    def ask(self) -> list[Network]:
        """The individuals of the present generation, as new networks. They share nothing, so that
        several threads may score them.

        Returns
        -------
        list of Network
            As many as the population has.
        """
        raise NotImplementedError

    def tell(self, fitness: ArrayLike) -> Generation:
        """Take the fitness of each individual of the present generation, and go on to the next one.

        Parameters
        ----------
        fitness : array_like
            A finite number for each, the more the better.

        Returns
        -------
        Generation
            What became of it.

        Raises
        ------
        RangeError
            For numbers that are not finite, and another number of them.
        """
        raise NotImplementedError

    @property
    def _has_converged(self) -> bool:
        return False

    def run(
        self,
        fitness: Callable[[Network], float],
        generations: int | None = None,
        on_generation: OnGeneration | None = None,
        *,
        stop: Stop | None = None,
        timeout: float | None = None,
        progress: Progress = False,
    ) -> list[Generation]:
        """Ask, score and tell in a loop, on this thread. Ctrl-C ends it; the generation that is
        being scored is then as before.

        Parameters
        ----------
        fitness : callable
            Gets a network, which is its own; gives a finite number, the more the better.
        generations : int, optional
            How many. None: the config's.
        on_generation : callable, optional
            Called after each with its number and a `Generation`. A true answer ends the loop.
        stop, timeout, progress
            As `ketch.RunOptions` says, by individuals.

        Returns
        -------
        list of Generation
            Those of this call.

        Raises
        ------
        RangeError
            For a fitness that is not finite.
        """
        most = _generations(generations, self.config)
        limit = inf if timeout is None else monotonic() + seconds("timeout", timeout)
        token_of(stop)
        size, first = self.config.population, len(self.generations)
        bar = bar_of(progress, "individual") if progress else None

        def scored(networks: list[Network]) -> Iterator[float]:
            for number, network in enumerate(networks, (len(self.generations) - first) * size):
                if (stop and stop.is_set()) or monotonic() > limit:
                    return
                yield real("fitness", fitness(network))
                if bar:
                    bar.show(number + 1, most * size)

        try:
            while len(self.generations) < first + most and not self._has_converged:
                told = list(scored(networks := self.ask()))
                if len(told) < len(networks) or _is_stopped(on_generation, self.tell(told)):
                    break
        finally:
            if bar:
                bar.close()
        return self.generations[first:]

    def __repr__(self) -> str:
        told = counted(len(self.generations), "generation")
        size = counted(self.config.population, "individual")
        best = ""
        if self.generations:
            best = f", best fitness {max(each.fitness for each in self.generations):.6g}"
        return f"{type(self).__name__}({size}, {told}{best})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be pickled: pickle its networks")


def _generations(given: int | None, config: EvolutionConfig) -> int:
    """As many as are given, else the config's."""
    if given is None:
        return config.generations
    return whole("generations", given, "0..2^31 - 1, or None", 0)


def _is_stopped(on_generation: OnGeneration | None, best: Generation) -> bool:
    """Whether the callback says so."""
    if not on_generation:
        return False
    return bool(answer_of(on_generation, on_generation(best.generation, best), best))


def fitness_of(values: ArrayLike, count: int) -> NDArray[numpy.float64]:
    """A finite number for each individual."""
    numbers = numpy.ascontiguousarray(values, numpy.float64)
    if numbers.shape != (count,):
        what = "there is not one fitness for each individual"
        raise failed("SHAPE", "fitness", numbers.shape, (count,), what)
    wrong = numpy.flatnonzero(~numpy.isfinite(numbers))
    if wrong.size:
        what = f"fitness[{wrong[0]}] is not finite"
        raise failed("NONFINITE", "fitness", numbers[wrong[0]], "finite numbers", what)
    return numbers


class Population(Asked):
    """A population whose individuals the caller scores: selection and mutation as in `Evolution`,
    without training.

    One call at a time may use it; a second thread gets BusyError at once.

    Parameters
    ----------
    network : Network
        The first individual, which is copied.
    config : EvolutionConfig, optional
        Of it population, elite, parents_pool, the sigmas, seed and, for `run`, generations count.

    Attributes
    ----------
    config : EvolutionConfig
        As given.
    generations : list of Generation
        Those that have been told. Accuracy and margin are 0.

    Examples
    --------
    >>> net = glia.Network.from_arrays(["S0", "O0"], [[0, 60], [0, 0]], mode="compat")
    >>> population = glia.Population(net, glia.EvolutionConfig(population=10, sigma_w=5))
    >>> for generation in range(20):
    ...     networks = population.ask()
    ...     weights = [float(each.get_weights()["weights"][0]) for each in networks]
    ...     best = population.tell([-abs(weight - 42) for weight in weights])
    >>> abs(population.best.get_weights()["weights"][0] - 42) < 1
    np.True_
    """

    def __init__(self, network: Network, config: EvolutionConfig | None = None) -> None:
        super().__init__(network, config)
        numbers = evolution_for_c(self.config)
        self._handle = native.population_create(network._handle, numbers)

    def ask(self) -> list[Network]:
        several = range(self.config.population)
        return [network_of(native.population_ask(self._handle, i)) for i in several]

    def tell(self, fitness: ArrayLike) -> Generation:
        numbers = fitness_of(fitness, self.config.population)
        self.generations.append(Generation(**native.population_tell(self._handle, numbers)))
        return self.generations[-1]

    @property
    def best(self) -> Network:
        """A new network: the best individual of all generations."""
        return network_of(native.population_best(self._handle, native.BEST_OF_ALL))

    @property
    def last_best(self) -> Network:
        """As `best`, of the last generation that was told."""
        return network_of(native.population_best(self._handle, native.BEST_OF_LAST))
