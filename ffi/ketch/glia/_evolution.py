"""Evolutions of networks."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, NoReturn

from .._arguments import path_bytes, real
from .._engine import Engine
from .._engines import lent
from .._errors import wrong_type
from .._native import glia_evolve as native
from .._native import runs
from .._native.handles import EngineHandle, NetHandle
from .._progress import Progress
from .._source import Path
from .._stop import Stop
from .._units import counted
from ._carry import Stops, carrying
from ._config import TrainingConfig
from ._dataset import Episode
from ._evolution_config import EvolutionConfig
from ._evolution_result import Carried, EvolutionResult, carry
from ._for_c import config_for_c, episodes_for_c, evolution_for_c
from ._generations import Candidate, Fitness, OnGeneration, network_of
from ._network import Network


class Evolution(Carried):
    """Evolves copies of a network: they are trained by the Hebbian rule, scored, selected and
    mutated, on all threads of the engine. The bits are the same on any number of threads.

    An individual begins in the network's state with the thresholds, leaks and synapses that it
    inherits. The network itself is not changed.

    Parameters
    ----------
    network_path : str, path or Network
        The first individual.
    train_data, val_data : Dataset, or iterable of EpisodeData or pairs
        What individuals are trained and scored with. The first may be empty with ``train_epochs``
        0, the second with a fitness function.
    train_config : TrainingConfig, optional
        Of the training. Its seed, checkpoints and revert are not read.
    evo_config : EvolutionConfig, optional
        Of the evolution.
    fitness : callable, optional
        Called with each `Candidate` for its fitness, in the order of individuals, on the thread of
        the run, when all of a generation are trained. An exception ends the run. None: as
        `EvolutionConfig` says.

    Attributes
    ----------
    network : Network
        The first individual, as read or given.
    config : EvolutionConfig
        Of the evolution.
    train_config : TrainingConfig
        Of the training.
    result : EvolutionResult or None
        What the last run left, also where it raised something.

    Examples
    --------
    >>> text = "NEURON S0 100 1 0\\nNEURON O0 50 .9 0\\nNEURON O1 50 .9 0\\n"
    >>> net = glia.Network.from_text(text + "CONNECTION S0 O0 20\\nCONNECTION S0 O1 20\\n")
    >>> data = [(glia.create_sequence_from_array([[200]] * 70, ["S0"]), "O1")]
    >>> config = glia.EvolutionConfig(sigma_w=3, train_epochs=1, target_fitness=1)
    >>> result = glia.Evolution(net, data, data, evo_config=config).run()
    >>> result.best_accuracy[-1], result.best.num_connections
    (1.0, 2)
    """

    def __init__(
        self,
        network_path: Path | Network,
        train_data: Iterable[Episode],
        val_data: Iterable[Episode],
        train_config: TrainingConfig | None = None,
        evo_config: EvolutionConfig | None = None,
        *,
        fitness: Fitness | None = None,
    ) -> None:
        self.network = _network_at(network_path)
        self._train = episodes_for_c(train_data)
        self._validation = episodes_for_c(val_data)
        self.train_config = _checked("train_config", train_config, TrainingConfig)
        self.config = _checked("evo_config", evo_config, EvolutionConfig)
        if fitness is not None and not callable(fitness):
            raise wrong_type("fitness", fitness, "a callable, or None")
        self._fitness = fitness
        self._stops = Stops()
        self.result: EvolutionResult | None = None

    def run(
        self,
        on_generation: OnGeneration | None = None,
        verbose: bool = False,
        *,
        stop: Stop | None = None,
        timeout: float | None = None,
        progress: Progress = False,
        save: Path | None = None,
        save_every: float | None = None,
        engine: Engine | None = None,
    ) -> EvolutionResult:
        """Evolve, without Python's lock but for callbacks. Ctrl-C ends it: KeyboardInterrupt has
        the run as its `result`.

        Parameters
        ----------
        on_generation : callable, optional
            Called once after each generation with its number from 0 and a `Generation`. A true
            answer stops the evolution; an exception comes out of the call.
        verbose : bool
            As progress.
        stop, timeout
            As `ketch.RunOptions` says.
        progress
            As `ketch.RunOptions` says, by individuals.
        save, save_every
            As `ketch.RunOptions` says; `load` and `resume` carry a saved evolution on. It is saved
            anywhere, also within trainings.
        engine : Engine, optional
            What carries it. None: one of the process's.

        Returns
        -------
        EvolutionResult

        Raises
        ------
        RangeError
            For a config out of range, no episodes, a target that is no output.
        BusyError
            Where network or engine are in use.
        """
        bar = progress or bool(verbose)
        how = carrying(
            callback=on_generation,
            stop=stop,
            timeout=timeout,
            progress=bar,
            save=save,
            save_every=save_every,
            engine=engine,
        )
        evolving = self._evolving()
        go = partial(_begin, self.network._handle, evolving)
        return carry(self, how, go, evolving.scorer)

    def stop(self) -> None:
        """Ask the run that is on to end; from any thread. Where none is on it does nothing."""
        self._stops.set()

    def load(self, path: Path, engine: Engine | None = None) -> EvolutionResult:
        """Load a saved evolution of this network and these episodes. Configs are in the file, and
        those given here do not count.

        Parameters
        ----------
        path : str or path
            The file that `run` with ``save`` or `EvolutionResult.save` wrote.
        engine : Engine, optional
            What loads it. None: one of the process's.

        Returns
        -------
        EvolutionResult

        Raises
        ------
        FileError
            Where the file cannot be read, is no saved run, or is damaged.
        RangeError
            Where it was saved for another network or other episodes.
        """
        name, frame, evolving = path_bytes("path", path), runs.Frame(), self._evolving()
        with lent(engine) as carrier:
            native.load(frame, carrier._open(), self.network._handle, evolving, name)
        self.result = EvolutionResult(self, frame, evolving.scorer)
        self.result._told = len(self.result.generations)
        return self.result

    def resume(
        self, path: Path, on_generation: OnGeneration | None = None, **options: Any
    ) -> EvolutionResult:
        """Load a saved evolution, and carry it to its end, to the bits of an undisturbed one.

        Parameters
        ----------
        path : str or path
            As for `load`.
        on_generation : callable, optional
            As for `run`; it is called for generations that were not scored yet.
        **options
            Further keywords of `EvolutionResult.resume`.

        Returns
        -------
        EvolutionResult
        """
        return self.load(path).resume(on_generation, **options)

    def memory(self, engine: Engine | None = None) -> int:
        """The memory that `run` would take, with that of the network where the engine has it.
        Synapses that grow, and generations beyond the 64th, are not counted.

        Parameters
        ----------
        engine : Engine, optional
            What would carry it. None: one of the process's.

        Returns
        -------
        int
            Bytes.
        """
        with lent(engine) as carrier:
            return native.memory(carrier._open(), self.network._handle, self._evolving())

    def _evolving(self) -> native.Evolving:
        return native.Evolving(
            self._train,
            self._validation,
            config_for_c(self.train_config),
            evolution_for_c(self.config),
            None if self._fitness is None else native.Scorer(partial(_score, self._fitness)),
        )

    @staticmethod
    def load_best_genome(network_path: Path | Network, result: EvolutionResult) -> Network:
        """Read a network, and give it the thresholds, leaks and synapses of the best individual of
        the last generation. `EvolutionResult.best` is the best one of all generations.

        Parameters
        ----------
        network_path : str, path or Network
            The file that the evolution began with; a network is copied.
        result : EvolutionResult
            What the evolution left.

        Returns
        -------
        Network

        Raises
        ------
        BadIndexError
            Where it does not have the evolution's neurons.
        """
        net, best = _network_at(network_path).copy(), result.last_best
        state = best.get_state()
        net.set_state(state["ids"], state["thresholds"], state["leaks"])
        net.set_weights(best.get_weights(), replace=True)
        return net

    def __repr__(self) -> str:
        size, most = self.config.population, self.config.generations
        told = f"{counted(size, 'individual')}, {counted(most, 'generation')}"
        return f"Evolution({told}, {self.network!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Evolution cannot be pickled: pickle its network, configs and data sets")


def evolve(
    network: Path | Network,
    train: Iterable[Episode],
    validation: Iterable[Episode],
    config: TrainingConfig | None = None,
    evo: EvolutionConfig | None = None,
    *,
    fitness: Fitness | None = None,
    **options: Any,
) -> EvolutionResult:
    """Evolve copies of a network: `Evolution` and its `run` in one call.

    Parameters
    ----------
    network : Network, str or path
        The first individual.
    train, validation : Dataset, or iterable of EpisodeData or pairs
        What individuals are trained and scored with.
    config, evo : TrainingConfig and EvolutionConfig, optional
        Of the training and of the evolution.
    fitness : callable, optional
        As for `Evolution`.
    **options
        Keywords of `Evolution.run`, such as ``on_generation``.

    Returns
    -------
    EvolutionResult

    Raises
    ------
    RangeError, BusyError
        As `Evolution.run`.
    """
    return Evolution(network, train, validation, config, evo, fitness=fitness).run(**options)


def _network_at(place: Path | Network) -> Network:
    return place if isinstance(place, Network) else Network.from_file(place)


def _checked(name: str, config: Any, kind: type[Any]) -> Any:
    if config is None:
        return kind()
    if not isinstance(config, kind):
        raise wrong_type(name, config, kind.__name__)
    return config


def _score(fitness: Fitness, numbers: dict[str, Any], net: NetHandle) -> float:
    return real("fitness", fitness(Candidate(**numbers, network=network_of(net))))


def _begin(
    network: NetHandle, evolving: native.Evolving, frame: runs.Frame, engine: EngineHandle
) -> int:
    return native.evolve(frame, engine, network, evolving)
