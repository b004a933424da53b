"""Covariance matrix adaptation, by the package cma."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy

from .._errors import failed
from .._native import glia
from ._evolution_config import EvolutionConfig
from ._generations import Generation
from ._network import Network
from ._population import Asked, fitness_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class CMAES(Asked):
    """CMA-ES (Hansen and Ostermeier, 2001) on the weights of a network, and on thresholds and leaks
    where their sigmas are not 0. The package cma does it: extra ``cma``.

    Parameters
    ----------
    network : Network
        Where it begins, which is copied.
    config : EvolutionConfig, optional
        Of it population, the sigmas, seed and, for `run`, generations count. The sigmas are the
        first standard deviations; 0: what it is of stays. Leaks stay in 0..1.

    Attributes
    ----------
    config : EvolutionConfig
        As given.
    generations : list of Generation
        Those that have been told. Accuracy and margin are 0.
    reasons : dict
        Why it has ended by itself, as cma says it; empty: it has not.

    Raises
    ------
    ImportError
        Where cma is not installed.
    """

    def __init__(self, network: Network, config: EvolutionConfig | None = None) -> None:
        super().__init__(network, config)
        self._network = network.copy()
        self._synapses = glia.synapses(self._network._handle)
        self._delays = None
        if self._network.mode == "clean":
            self._delays = glia.delays_of(self._network._handle, *self._synapses[:2])
        parts = {
            "weights": (self._synapses[2], self.config.sigma_w),
            "thresholds": (self._network._get(glia.THRESHOLD), self.config.sigma_thr),
            "leaks": (self._network._get(glia.LEAK), self.config.sigma_leak),
        }
        self._parts = {name: part for name, part in parts.items() if part[1] and part[0].size}
        if not self._parts:
            allowed = "a sigma above 0, of something that the network has"
            raise failed("RANGE", "config", self.config, allowed, "nothing would change")
        self._search = self._begin()
        self._asked: list[Any] = []
        self._best: tuple[float, Any] | None = None
        self._last: Any = None

    def _begin(self) -> Any:
        from importlib import import_module

        cma: Any = import_module("cma")
        random = numpy.random.default_rng(self.config.seed)
        values, sigmas, limits = (
            numpy.concatenate(each) for each in zip(*self._starts(), strict=True)
        )
        options = {
            "popsize": self.config.population,
            "CMA_stds": sigmas,
            "bounds": limits.T.tolist(),
            "seed": numpy.nan,  # the random numbers of all of NumPy are left alone
            "randn": lambda *shape: random.standard_normal(shape),
            "verbose": -9,
        }
        return cma.CMAEvolutionStrategy(values, 1.0, options)

    def _starts(self) -> Iterator[tuple[Any, Any, Any]]:
        """Of each part: where it begins, standard deviations, limits."""
        for name, (part, sigma) in self._parts.items():
            limits = (0.0, 1.0) if name == "leaks" else (-numpy.inf, numpy.inf)
            yield (
                part.astype(float),
                numpy.full(part.size, sigma),
                numpy.tile(limits, (part.size, 1)),
            )

    def _network_of(self, values: NDArray[numpy.float64]) -> Network:
        made, first, found = self._network.copy(), 0, {}
        for name, (part, _) in self._parts.items():
            found[name] = values[first : first + part.size].astype(numpy.float32)
            first += part.size
        if "weights" in found:
            self._weigh(made, found["weights"])
        if "thresholds" in found:
            glia.set_field(made._handle, glia.THRESHOLD, 0, found["thresholds"])
        if "leaks" in found:
            glia.set_field(made._handle, glia.LEAK, 0, found["leaks"])
        return made

    def _weigh(self, network: Network, weights: NDArray[numpy.float32]) -> None:
        """Sets weights; delays stay."""
        sources, targets, _ = self._synapses
        if self._delays is None:
            glia.add_synapses(network._handle, sources, targets, weights)
        else:
            glia.add_delayed(network._handle, sources, targets, weights, self._delays)

    def ask(self) -> list[Network]:
        if not self._asked:
            self._asked = self._search.ask()
        return [self._network_of(each) for each in self._asked]

    def tell(self, fitness: ArrayLike) -> Generation:
        numbers = fitness_of(fitness, self.config.population)
        if not self._asked:
            raise failed("RANGE", "fitness", "a fitness", "ask() before it", "nothing was asked")
        self._search.tell(self._asked, (-numbers).tolist())
        place = int(numbers.argmax())
        best, self._last = float(numbers[place]), self._asked[place]
        if self._best is None or best > self._best[0]:
            self._best = best, self._last
        self._asked = []
        number, count = len(self.generations), self._synapses[2].size
        told = number, number * numbers.size + place, best, 0.0, 0.0, count, float(numbers.mean())
        self.generations.append(Generation(*told))
        return self.generations[-1]

    @property
    def best(self) -> Network:
        """A new network: the best individual of all generations."""
        return self._network_of(self._told(self._best and self._best[1]))

    @property
    def last_best(self) -> Network:
        """As `best`, of the last generation that was told."""
        return self._network_of(self._told(self._last))

    @property
    def mean(self) -> Network:
        """A new network: the centre of the search, which noise in the fitness misleads less than it
        does `best`."""
        return self._network_of(self._search.result.xfavorite)

    @property
    def reasons(self) -> dict[str, Any]:
        """Why it has ended by itself, as cma says it; empty: it has not."""
        return dict(self._search.stop())

    @property
    def _has_converged(self) -> bool:
        return bool(self.generations and self._search.stop())

    def _told(self, values: Any) -> Any:
        if values is None:
            what = "no generation has been told"
            raise failed("INDEX", "best", "0 generations", "1 or more", what)
        return values
