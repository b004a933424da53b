"""Fitters: clean networks learn from gradients through time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, TypedDict

from .._arguments import path_bytes, whole
from .._engine import Engine
from .._errors import wrong_type
from .._native import glia_fit as native
from .._native import runs
from .._native.glia_train import Episodes, history, resume
from .._native.handles import EngineHandle, NetHandle
from .._progress import Progress
from .._source import Path
from .._stop import Stop
from ._arguments import name_bytes
from ._carry import carry, carrying
from ._config import OPTIMIZERS, READOUTS, SURROGATES
from ._dataset import Episode, EpisodeData, episodes_of
from ._fit_config import FitConfig
from ._history import History
from ._learner import Learner
from ._network import Network
from ._sequence import InputSequence
from ._trainer import Schedule, schedule_of
from ._training_options import CarryOptions, TrainingOptions, ends_of, learns

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from typing_extensions import Unpack


class FitScores(TypedDict):
    """What `Fitter.evaluate` gives: the share of right winners, the mean margin and loss, how many
    were right and how many there are; of each episode the winner's id and the scores of the
    outputs, in tick order."""

    accuracy: float
    margin: float
    loss: float
    correct: int
    total: int
    winners: list[str]
    scores: NDArray[numpy.float32]


class Fitter(Learner):
    """Fits the weights of a clean network to episodes, by gradients through time.

    Any graph may be fitted, with its delays, currents and refractory ticks; neurons, synapses and
    delays stay. Each episode begins in the state of `Network.reset`, and has the ticks of
    `Network.run`, to the bit; the network's own state is not touched. Episodes of a batch are
    computed side by side, on the threads of the engine, whose number changes no bit.

    The winner of an episode is the output of the highest score, the first one among equals. While a
    fit is on the network is in use: another thread gets BusyError at once.

    Parameters
    ----------
    network : Network
        What is to learn. The fitter keeps it alive.
    config : FitConfig, optional
        None: its defaults.

    Attributes
    ----------
    network : Network
        As given.
    config : FitConfig
        It may be changed between two calls.

    Examples
    --------
    >>> weights = [[0, 0, 0.3, 0.3], [0, 0, 0.3, 0.3], [0] * 4, [0] * 4]
    >>> ids, leaks = ["S0", "S1", "O0", "O1"], [0, 0, 0.9, 0.9]
    >>> net = glia.Network.from_arrays(ids, weights, thresholds=1, leaks=leaks)
    >>> inputs = [[[2, 0]] * 20, [[0, 2]] * 20]
    >>> data = glia.Dataset.from_array(inputs, ids[:2], ids[2:])
    >>> fitter = glia.Fitter(net, glia.FitConfig(ticks=22))
    >>> history = fitter.fit(data, epochs=20)
    >>> history.accuracy[0], history.accuracy[-1], fitter.predict(data)
    (0.5, 1.0, ['O0', 'O1'])
    """

    def __init__(self, network: Network, config: FitConfig | None = None) -> None:
        if not isinstance(network, Network):
            raise wrong_type("network", network, "Network")
        if config is not None and not isinstance(config, FitConfig):
            raise wrong_type("config", config, "FitConfig")
        super().__init__()
        self.network = network
        self.config = FitConfig() if config is None else config

    # ---- fits

    @learns(TrainingOptions)
    def fit(
        self,
        dataset: Iterable[Episode],
        epochs: int = 10,
        lr_schedule: Schedule | None = "cosine",
        **options: Unpack[TrainingOptions],
    ) -> History:
        """Fit the network, without Python's lock but for callbacks. Ctrl-C ends it.

        Adam's moments begin anew with each call.

        Parameters
        ----------
        dataset, epochs, lr_schedule
            As for `Trainer.train`.
        **options

        Returns
        -------
        History
            The numbers of each epoch of this call: accuracy, margin and loss of its episodes, each
            before the update that followed.

        Raises
        ------
        RangeError
            For a config out of range, no episodes, a target that is no output, a compat network.
        BusyError
            Where the network is in use.
        """
        target, patience = ends_of(options)
        how = carrying(**options)
        fit = self._for_c(
            episodes_of(dataset),
            epochs=whole("epochs", epochs, "0..2^31 - 1", 0),
            schedule=schedule_of(lr_schedule),
            target_accuracy=target,
            patience=patience,
        )
        return self._carried(partial(_begin, self.network._handle, fit), how)

    @learns(CarryOptions)
    def resume(
        self, path: Path, dataset: Iterable[Episode], **options: Unpack[CarryOptions]
    ) -> History:
        """Load a saved fit into this network, and carry it to its end, to the bits of an
        undisturbed one. The config is in the file.

        Parameters
        ----------
        path : str or path
            The file that `fit` with ``save`` wrote.
        dataset : Dataset, or iterable of EpisodeData or pairs
            The same episodes.
        **options

        Returns
        -------
        History
            The numbers of each epoch from the first one on.

        Raises
        ------
        FileError
            Where the file cannot be read, is no saved run, or is damaged.
        RangeError
            Where it was saved for another network or data set.
        BusyError
            Where the network is in use.
        """
        how = carrying(**options)
        fit = self._for_c(episodes_of(dataset))
        name = path_bytes("path", path)
        return self._carried(partial(_load, self.network._handle, fit, name), how)

    # ---- scores

    def evaluate(
        self,
        dataset: Iterable[Episode],
        *,
        stop: Stop | None = None,
        timeout: float | None = None,
        progress: Progress = False,
        engine: Engine | None = None,
    ) -> FitScores:
        """Score episodes, many at a time; nothing is learnt.

        Parameters
        ----------
        dataset : Dataset, or iterable of EpisodeData or pairs
            The episodes.
        stop, timeout, progress, engine
            As for `fit`. Where it was stopped, episodes that were not scored have winner "" and
            scores 0, and nothing is known of accuracy, margin and loss: they are nan.

        Returns
        -------
        FitScores

        Raises
        ------
        RangeError, BusyError
            As for `fit`.
        """
        episodes = episodes_of(dataset)
        how = carrying(stop=stop, timeout=timeout, progress=progress, engine=engine)
        ids = self.network._ids()
        outputs = sum(name[:1] == "O" for name in ids)
        fit = self._for_c(episodes, method=native.METHODS["score"], epochs=1, shuffle=False)
        found: list[Any] = []

        def read(frame: runs.Frame) -> None:
            found.extend(native.scores(frame, len(episodes), outputs))

        with self._stops.during(how.stop):
            epochs, _, failure = carry(partial(_begin, self.network._handle, fit), how, read)
        if failure is not None:
            raise failure
        numbers = epochs[0] if epochs else dict.fromkeys(("accuracy", "margin", "loss"), math.nan)
        winners = [ids[number] if number >= 0 else "" for number in found[0].tolist()]
        pairs = zip(winners, episodes, strict=True)
        return {
            "accuracy": numbers["accuracy"],
            "margin": numbers["margin"],
            "loss": numbers["loss"],
            "correct": sum(winner == episode.target_id for winner, episode in pairs),
            "total": len(episodes),
            "winners": winners,
            "scores": found[1],
        }

    def predict(self, inputs: Iterable[Episode | InputSequence]) -> list[str]:
        """The winner of each episode. Ctrl-C ends it.

        Parameters
        ----------
        inputs : Dataset, or iterable of InputSequence, EpisodeData or pairs
            What the network is fed with; targets are not read.

        Returns
        -------
        list of str
            Ids of outputs.

        Raises
        ------
        RangeError, BusyError
            As for `fit`; also for a network without outputs.
        """
        some = next(iter(self.network.output_ids), "")
        return self.evaluate([EpisodeData(_sequence(each), some) for each in inputs])["winners"]

    # ---- for C

    def _for_c(self, episodes: list[EpisodeData], **more: Any) -> native.Fit:
        numbers = dict(vars(self.config))
        numbers["batch"] = numbers.pop("batch_size")
        numbers["method"] = native.METHODS[numbers["method"]]
        for name, words in _WORDS.items():
            numbers[name] = words.index(numbers[name])
        pairs = ((each.seq._handle, name_bytes("target", each.target_id)) for each in episodes)
        return native.Fit(Episodes(pairs), numbers | more)

    def __repr__(self) -> str:
        return f"Fitter({self.config.method}, {self.network!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Fitter cannot be pickled: pickle its network, config and data set")


_WORDS = {"optimizer": OPTIMIZERS, "readout": READOUTS, "surrogate": SURROGATES}


def _begin(
    net: NetHandle, fit: native.Fit, frame: runs.Frame, engine: EngineHandle
) -> tuple[int, Callable[[], int]]:
    """As Begin says: a fit from its first epoch."""
    return 0, partial(native.run, frame, engine, net, fit)


def _load(
    net: NetHandle, fit: native.Fit, path: bytes, frame: runs.Frame, engine: EngineHandle
) -> tuple[int, Callable[[], int]]:
    """As Begin says: a saved fit."""
    native.load(frame, engine, net, fit, path)
    return len(history(frame)), partial(resume, frame, engine)


def _sequence(given: object) -> InputSequence:
    if isinstance(given, InputSequence):
        return given
    (episode,) = episodes_of([given])  # type: ignore[list-item]
    return episode.seq
