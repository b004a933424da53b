"""What evolutions leave, and how they are carried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from .._engine import Engine
from .._engines import lent
from .._errors import Error, wrong_type
from .._hooks import answer_of
from .._native import glia_evolve as native
from .._native import runs
from .._native.handles import EngineHandle
from .._progress import Progress, bar_of
from .._signals import heeded
from .._source import Path
from .._stop import Stop
from .._units import counted
from ._carry import Carrying, EndCall, Stops, carrying
from ._claimed import Claimed
from ._evolution_config import EvolutionConfig
from ._files import write_file
from ._generations import Generation, Individual, OnGeneration, data_frame, network_of
from ._network import Network


class Carried:
    """What an evolution and its results share: the config, what ends runs that are on, and what the
    last run left."""

    config: EvolutionConfig
    _stops: Stops
    result: EvolutionResult | None


class EvolutionResult(Claimed):
    """What an evolution left, made by `Evolution.run`. One that was stopped can be carried on.

    Attributes
    ----------
    evolution : Evolution
        What made it.

    Examples
    --------
    >>> net = glia.Network.from_arrays(["S0", "O0"], [[0, 60], [0, 0]], mode="compat")
    >>> config = glia.EvolutionConfig(generations=3, train_epochs=0, sigma_w=5)
    >>> def weight(candidate: glia.Candidate) -> float:
    ...     return float(candidate.network.get_weights()["weights"][0])
    >>> result = glia.evolve(net, (), (), evo=config, fitness=weight)
    >>> len(result.best_fitness), result.best_fitness[-1] > 60
    (3, True)
    >>> len(result.lineage), result.lineage[0].fitness
    (32, 60.0)
    """

    __slots__ = ("_scorer", "_told", "evolution")

    def __init__(self, evolution: Carried, frame: runs.Frame, scorer: native.Scorer | None) -> None:
        super().__init__(frame)
        self._scorer = scorer
        self._told = 0
        self.evolution = evolution

    # ---- numbers

    @property
    def generations(self) -> list[Generation]:
        """All generations that have been scored."""
        with self._claim():
            return [Generation(**found) for found in native.history(self._handle)]

    @property
    def best_fitness(self) -> list[float]:
        """The best fitness of each generation."""
        return [each.fitness for each in self.generations]

    @property
    def best_accuracy(self) -> list[float]:
        """The accuracy of each generation's best individual."""
        return [each.accuracy for each in self.generations]

    @property
    def best_margin(self) -> list[float]:
        """The mean margin of each generation's best individual."""
        return [each.margin for each in self.generations]

    @property
    def best_fitness_hist(self) -> list[float]:
        """As `best_fitness`."""
        return self.best_fitness

    @property
    def best_acc_hist(self) -> list[float]:
        """As `best_accuracy`."""
        return self.best_accuracy

    @property
    def best_margin_hist(self) -> list[float]:
        """As `best_margin`."""
        return self.best_margin

    @property
    def lineage(self) -> list[Individual]:
        """All individuals, those that were bred after the last generation, too."""
        with self._claim():
            return [Individual(**found) for found in native.lineage(self._handle)]

    def lineage_json(self) -> str:
        """The lineage as GliaGL writes it.

        Returns
        -------
        str
            JSON, numbers with 6 digits.
        """
        with self._claim():
            return native.lineage_json(self._handle)

    def to_dataframe(self) -> Any:
        """A pandas.DataFrame with a row for each generation.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        ImportError
            Where pandas is not installed.
        """
        return data_frame(self.generations, Generation)

    def lineage_dataframe(self) -> Any:
        """A pandas.DataFrame with a row for each individual.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        ImportError
            Where pandas is not installed.
        """
        return data_frame(self.lineage, Individual)

    # ---- networks

    def _best(self, which: int) -> Network:
        with self._claim():
            return network_of(native.evolved_net(self._handle, which))

    @property
    def best(self) -> Network:
        """A new network: the best individual of all generations, the earliest among equals, in the
        state in which individuals begin. It is as training left it, if that is inherited."""
        return self._best(native.BEST_OF_ALL)

    @property
    def last_best(self) -> Network:
        """As `best`, of the last generation: what GliaGL takes for the best."""
        return self._best(native.BEST_OF_LAST)

    def save_best(self, path: Path, *, exact: bool = True) -> None:
        """Write the best network of all generations to a .net file.

        Parameters
        ----------
        path : str or path
            The file, which is replaced as a whole.
        exact : bool
            As for `Network.save`.

        Raises
        ------
        OSError
            Where it cannot be written.
        """
        self.best.save(path, exact=exact)

    # ---- going on

    def resume(
        self,
        on_generation: OnGeneration | None = None,
        *,
        stop: Stop | None = None,
        timeout: float | None = None,
        progress: Progress = False,
        save: Path | None = None,
        save_every: float | None = None,
        engine: Engine | None = None,
    ) -> EvolutionResult:
        """Carry a stopped evolution to its end, to the bits of an undisturbed one.

        Parameters
        ----------
        on_generation, stop, timeout, progress, save, save_every, engine
            As for `Evolution.run`.

        Returns
        -------
        EvolutionResult
            This one.

        Raises
        ------
        BusyError
            Where result or engine are in use.
        """
        how = carrying(
            callback=on_generation,
            stop=stop,
            timeout=timeout,
            progress=progress,
            save=save,
            save_every=save_every,
            engine=engine,
        )
        return carry(self.evolution, how, self._go_on, self._scorer, self)

    def __repr__(self) -> str:
        try:
            several = self.generations
        except Error as error:
            return f"EvolutionResult({error.status})"
        best = f", best fitness {max(each.fitness for each in several):.6g}" if several else ""
        return f"EvolutionResult({counted(len(several), 'generation')}{best}, {self.status})"

    def __reduce__(self) -> Any:
        raise TypeError("an EvolutionResult cannot be pickled: save it, or pickle its networks")


# ---- carrying


class GenerationCall(EndCall):
    """The same for generations."""

    number = "generation"

    def answer(self, callback: OnGeneration, found: Any) -> int:
        """Calls back."""
        best = Generation(**found)
        return answer_of(callback, callback(best.generation, best), best)


# Evolves in a frame's place, or what is in a result; gives the status.
Go: TypeAlias = Callable[[runs.Frame, EngineHandle], int]


def carry(
    evolution: Carried,
    how: Carrying,
    go: Go,
    scorer: native.Scorer | None,
    result: EvolutionResult | None = None,
) -> EvolutionResult:
    """Evolves, and raises what ended the run. result: what is carried on; None: there is a new
    one."""
    settings = how.settings()
    if how.callback is not None and not callable(how.callback):
        raise wrong_type("on_generation", how.callback, "a callable, or None")
    bar = bar_of(how.progress, "individual") if how.progress else None
    frame = runs.Frame()
    frame.set(settings)
    frame.look = native.look_at_generation
    frame.hook = call = GenerationCall(how.callback, bar, result._told if result else 0)
    if scorer is not None:
        scorer.frame = frame
    with lent(how.engine) as engine, evolution._stops.during(how.stop):
        try:
            with heeded(bar is not None) as signals:
                frame.pace(how.period(), signals)
                status = go(frame, engine._open())
            made = result if result is not None else EvolutionResult(evolution, frame, scorer)
            made._told = call.next
            if bar and made._address:
                bar.show(*made.position[:2])
        finally:
            if bar:
                bar.close()
    if made._address:
        evolution.result = made
    if status < 0:
        _fail(frame, status, made if made._address else None)
    if evolution.config.lineage_json:
        write_file(evolution.config.lineage_json, made.lineage_json().encode())
    return made


def _fail(frame: runs.Frame, status: int, result: EvolutionResult | None) -> NoReturn:
    try:
        frame.fail(status)
    except (KeyboardInterrupt, Error) as failure:
        failure.result = result  # type: ignore[union-attr]
        raise
