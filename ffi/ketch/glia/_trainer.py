"""Trainers: they score episodes and make a network learn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias

from .._arguments import path_bytes, whole
from .._engine import Engine
from .._engines import lent
from .._errors import out_of_range, wrong_type
from .._native import glia_scores, runs
from .._native import glia_train as native
from .._native.handles import EngineHandle, TrainerHandle
from .._progress import Progress
from .._source import Path
from .._stop import Stop
from ._carry import Carrying, carrying
from ._config import TrainingConfig
from ._dataset import Episode, episodes_of
from ._for_c import config_for_c, episodes_for_c
from ._history import EpisodeMetrics, History
from ._learner import Learner
from ._network import Network
from ._scores import NONE, Scores, score
from ._sequence import InputSequence, check_sequence
from ._training_options import Callback, CarryOptions, TrainingOptions, ends_of, learns

if TYPE_CHECKING:
    from typing_extensions import Unpack

# How the learning rate goes down in a training.
Schedule: TypeAlias = Literal["cosine", "step"]


class Trainer(Learner):
    """Scores episodes and makes a network learn.

    In a compat network voltages and what is under way carry over from one episode to the next, from
    trainings to scores, too; a clean network is reset before each. While a training is on, network
    and trainer are in use: another thread gets BusyError at once.

    Parameters
    ----------
    network : Network
        What is to learn. The trainer keeps it alive.
    config : TrainingConfig, optional
        For calls without one.
    use_gradient : bool
        Whether it follows a gradient; else spikes and reward: reward-modulated Hebbian learning.

    Attributes
    ----------
    network : Network
        As given.
    config : TrainingConfig
        For calls without one.

    Examples
    --------
    >>> text = "NEURON S0 100 1 0\\nNEURON S1 100 1 0\\nNEURON O0 50 .9 0\\nNEURON O1 50 .9 0\\n"
    >>> edges = "".join(f"CONNECTION S{i} O{j} 20\\n" for i in (0, 1) for j in (0, 1))
    >>> net = glia.Network.from_text(text + edges)
    >>> steady = [glia.create_sequence_from_array([[200]] * 100, [f"S{i}"]) for i in (0, 1)]
    >>> data = glia.Dataset.from_sequences(steady, ["O0", "O1"])
    >>> trainer = glia.Trainer(net, glia.create_config(lr=5, shuffle=False, batch_size=2))
    >>> history = trainer.train(data, epochs=20, lr_schedule=None)
    >>> history.accuracy[0], history.accuracy[-1], trainer.evaluate(steady[1]).winner_id
    (0.5, 1.0, 'O1')
    """

    def __init__(
        self, network: Network, config: TrainingConfig | None = None, use_gradient: bool = True
    ) -> None:
        if not isinstance(network, Network):
            raise wrong_type("network", network, "Network")
        super().__init__()
        self.network = network
        self.config = _config(config) if config is not None else TrainingConfig()
        self._gradient = bool(use_gradient)
        rule = native.GRADIENT if use_gradient else native.HEBBIAN
        self._handle = native.create(network._handle, rule)
        self._seed: int | None = None

    # ---- scores

    def evaluate(
        self, sequence: InputSequence, config: TrainingConfig | None = None
    ) -> EpisodeMetrics:
        """Run one episode without learning, and score it.

        Parameters
        ----------
        sequence : InputSequence
            What the network is fed with.
        config : TrainingConfig, optional
            None: the trainer's.

        Returns
        -------
        EpisodeMetrics

        Raises
        ------
        RangeError
            For a config out of range.
        BusyError
            Where network or trainer are in use.
        """
        return self._score(check_sequence(sequence), self._for_c(config))

    def _score(self, sequence: InputSequence, config: native.Config) -> EpisodeMetrics:
        names = self.network.output_ids
        found, rates = native.evaluate(self._handle, sequence._handle, config, len(names))
        winner = "" if self._gradient else config.default
        if found["winner"] >= 0:
            winner = self.network._ids()[found["winner"]]
        scored = dict(zip(names, rates.tolist(), strict=True))
        return EpisodeMetrics(winner, found["margin"], scored, found["ticks_run"])

    def evaluate_dataset(
        self,
        dataset: Iterable[Episode],
        config: TrainingConfig | None = None,
        *,
        stop: Stop | None = None,
        timeout: float | None = None,
        progress: Progress = False,
        engine: Engine | None = None,
    ) -> Scores:
        """Score each episode of a data set, without Python's lock. Ctrl-C ends it.

        Those of a compat network follow one another on the network. Those of a clean network are
        shared by the engine's threads, to the same bits on any number of them, and the network
        stays as it is.

        Parameters
        ----------
        dataset : Dataset, or iterable of EpisodeData or pairs
            The episodes.
        config : TrainingConfig, optional
            None: the trainer's.
        stop, timeout
            As `ketch.RunOptions` says. Where one of them ends the scores, those are of fewer
            episodes: "total".
        progress
            As `ketch.RunOptions` says.
        engine : Engine, optional
            What carries it. None: one of the process's.

        Returns
        -------
        dict
            "accuracy" and "margin", its mean; "episodes", a list of EpisodeMetrics; "correct" and
            "total", counts.

        Raises
        ------
        RangeError, BusyError
            As `evaluate`.
        """
        episodes, numbers = episodes_for_c(dataset), self._for_c(config)
        if not episodes:
            return {**NONE, "episodes": []}
        evaluation = glia_scores.Evaluation(episodes, numbers)
        default = "" if self._gradient else numbers.default
        how: Any = {"stop": stop, "timeout": timeout, "progress": progress}
        return score(self.network, self._handle, evaluation, default, engine, **how)

    # ---- trainings

    @learns(TrainingOptions)
    def train(
        self,
        dataset: Iterable[Episode],
        epochs: int = 10,
        config: TrainingConfig | None = None,
        on_epoch: Callback | None = None,
        verbose: bool = False,
        lr_schedule: Schedule | None = "cosine",
        **options: Unpack[TrainingOptions],
    ) -> History:
        """Train the network, without Python's lock but for callbacks. Ctrl-C ends it.

        Parameters
        ----------
        dataset : Dataset, or iterable of EpisodeData or pairs
            The episodes.
        epochs : int
            How often they are gone through.
        config : TrainingConfig, optional
            None: the trainer's.
        on_epoch : callable, optional
            As callback.
        verbose : bool
            As progress.
        lr_schedule : str, optional
            How the learning rate goes down: "cosine", "step", or None for not at all.
        **options

        Returns
        -------
        History
            The numbers of each epoch of this call.

        Raises
        ------
        RangeError
            For a config out of range, no episodes, a target that is no output.
        BusyError
            Where network or trainer are in use.
        """
        ends = ends_of(options)
        how = _carrying(on_epoch, verbose, options)
        training = native.Training(
            self._episodes(dataset),
            whole("epochs", epochs, "0..2^31 - 1", 0),
            self._for_c(config),
            schedule_of(lr_schedule),
            *ends,
        )
        return self._carried(partial(_begin, self._handle, training), how)

    def train_fast(
        self,
        dataset: Iterable[Episode],
        epochs: int = 10,
        config: TrainingConfig | None = None,
    ) -> History:
        """Train with a constant learning rate and no callback: `train` does the same.

        Parameters
        ----------
        dataset, epochs, config
            As for `train`.

        Returns
        -------
        History
        """
        return self.train(dataset, epochs, config, lr_schedule=None)

    train_epoch = train_fast

    def train_batch(
        self, batch: Iterable[Episode], config: TrainingConfig | None = None
    ) -> History:
        """Train with one update for all of these episodes, in their order.

        Parameters
        ----------
        batch : Dataset, or iterable of EpisodeData or pairs
            The episodes.
        config : TrainingConfig, optional
            None: the trainer's. Its batch_size and shuffle are not read.

        Returns
        -------
        History
            Of one epoch.
        """
        episodes = episodes_of(batch)
        chosen = self.config if config is None else _config(config)
        alone = replace(chosen, batch_size=max(1, len(episodes)), shuffle=False)
        return self.train(episodes, 1, alone, lr_schedule=None)

    def memory(
        self,
        dataset: Iterable[Episode],
        epochs: int = 10,
        config: TrainingConfig | None = None,
        engine: Engine | None = None,
    ) -> int:
        """The memory that `train` would take, with that of network and trainer where the engine has
        it. Synapses that grow are not counted.

        Parameters
        ----------
        dataset, epochs, config
            As for `train`.
        engine : Engine, optional
            What would carry it. None: one of the process's.

        Returns
        -------
        int
            Bytes.
        """
        count = whole("epochs", epochs, "0..2^31 - 1", 0)
        training = native.Training(self._episodes(dataset), count, self._for_c(config), 0, 0.0, 0)
        with lent(engine) as carrier:
            return glia_scores.training_memory(carrier._open(), self._handle, training)

    def train_with_callback(
        self,
        dataset: Iterable[Episode],
        epochs: int = 10,
        config: TrainingConfig | None = None,
        callback: Callback | None = None,
        **options: Any,
    ) -> History:
        """Train with a callback: `train` does the same.

        Parameters
        ----------
        dataset, epochs, config, callback
            As for `train`.
        **options
            Further keywords of `train`.

        Returns
        -------
        History
        """
        return self.train(dataset, epochs, config, callback=callback, **options)

    @learns(CarryOptions)
    def resume(
        self, path: Path, dataset: Iterable[Episode], **options: Unpack[CarryOptions]
    ) -> History:
        """Load a saved training into this trainer and its network, and carry it to its end, to the
        bits of an undisturbed one.

        Parameters
        ----------
        path : str or path
            The file that `train` with ``save`` wrote.
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
            Where it was saved for another network, rule or data set.
        BusyError
            Where network or trainer are in use.
        """
        how = carrying(**options)
        numbers = self._for_c(None)
        training = native.Training(self._episodes(dataset), 1, numbers, 0, 0.0, 0)
        name = path_bytes("path", path)
        return self._carried(partial(_load, self._handle, training, name), how)

    # ---- what it remembers

    def revert_checkpoint(self) -> bool:
        """Put back thresholds, leaks and synapses as they were after an epoch: the first call after
        a training those of its last epoch, each further one an epoch before.

        Returns
        -------
        bool
            False where nothing is left to put back.

        Raises
        ------
        BusyError
            Where network or trainer are in use.
        """
        return native.revert(self._handle)

    @property
    def epoch_accuracy(self) -> list[float]:
        """The accuracy of each epoch of this trainer."""
        return self._history.accuracy

    @property
    def epoch_margin(self) -> list[float]:
        """The margin of each epoch of this trainer."""
        return self._history.margin

    def get_epoch_acc_history(self) -> list[float]:
        """The accuracy of each epoch of this trainer.

        Returns
        -------
        list of float
        """
        return list(self._history.accuracy)

    def get_epoch_margin_history(self) -> list[float]:
        """The margin of each epoch of this trainer.

        Returns
        -------
        list of float
        """
        return list(self._history.margin)

    def set_seed(self, seed: int) -> None:
        """Set the seed of all random choices, in place of the config's.

        Parameters
        ----------
        seed : int
            From 0 to 2**64 - 1.
        """
        self._seed = whole("seed", seed, "0..2^64 - 1", 0, 2**64)

    reseed = set_seed

    # ---- for C

    def _for_c(self, config: TrainingConfig | None) -> native.Config:
        return config_for_c(self.config if config is None else _config(config), self._seed)

    def _episodes(self, dataset: Iterable[Episode]) -> Any:
        return episodes_for_c(dataset)

    def __repr__(self) -> str:
        rule = "gradient" if self._gradient else "Hebbian"
        return f"Trainer({rule}, {self.network!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Trainer cannot be pickled: pickle its network, config and data set")


def _begin(
    trainer: TrainerHandle, training: native.Training, frame: runs.Frame, engine: EngineHandle
) -> tuple[int, Callable[[], int]]:
    """As Begin says: a training from its first epoch."""
    return 0, partial(native.train, frame, engine, trainer, training)


def _load(
    trainer: TrainerHandle,
    training: native.Training,
    path: bytes,
    frame: runs.Frame,
    engine: EngineHandle,
) -> tuple[int, Callable[[], int]]:
    """As Begin says: a saved training."""
    native.load(frame, engine, trainer, training, path)
    return len(native.history(frame)), partial(native.resume, frame, engine)


def schedule_of(given: Schedule | None) -> int:
    """A schedule's number."""
    if given not in native.SCHEDULES:
        raise out_of_range("lr_schedule", given, '"cosine", "step" or None')
    return native.SCHEDULES[given]


def _carrying(on_epoch: Callback | None, verbose: bool, options: Any) -> Carrying:
    """How to carry a training, with the old names of two keywords."""
    callback = options.get("callback")
    if on_epoch is not None and callback is not None:
        raise TypeError("on_epoch and callback are two names of one argument")
    progress = options.get("progress", False) or bool(verbose)
    return carrying(**{**options, "callback": callback or on_epoch, "progress": progress})


def _config(config: object) -> TrainingConfig:
    if not isinstance(config, TrainingConfig):
        raise wrong_type("config", config, "TrainingConfig")
    return config


def train_with_callback(
    trainer: Trainer,
    dataset: Iterable[Episode],
    epochs: int = 10,
    config: TrainingConfig | None = None,
    callback: Callback | None = None,
    **options: Any,
) -> History:
    """Train with a callback: `Trainer.train` does the same.

    Parameters
    ----------
    trainer : Trainer
        What trains.
    dataset, epochs, config, callback
        As for `Trainer.train`.
    **options
        Further keywords of `Trainer.train`.

    Returns
    -------
    History
    """
    return trainer.train(dataset, epochs, config, callback=callback, **options)
