"""The keywords of trainings and fits. Their names and types are typed out here, once; what they
mean is told in TrainingOptions, and from there in the docstrings of all methods that take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypedDict

from .._arguments import real, whole
from .._engine import Engine
from .._options import Function, Guide, takes
from .._progress import Progress
from .._source import Path
from .._stop import Stop

# Gets the epoch, from 0, its accuracy and its margin; a true answer stops the training.
Callback: TypeAlias = Callable[[int, float, float], object]


class CarryOptions(TypedDict, total=False):
    """Keywords of `Trainer.resume` and `Fitter.resume`; `TrainingOptions` says what they mean."""

    callback: Callback | None
    callback_seconds: float | None
    stop: Stop | None
    timeout: float | None
    progress: Progress
    save: Path | None
    save_every: float | None
    engine: Engine | None


class TrainingOptions(CarryOptions, total=False):
    """Keywords of `Trainer.train` and `Fitter.fit`.

    Attributes
    ----------
    target_accuracy : float, optional
        Ends after an epoch of that accuracy.
    patience : int, optional
        Ends after so many epochs without a better one.
    callback : callable, optional
        Called once after each epoch with its number from 0, accuracy and margin; a true answer
        stops the training. An exception comes out of the call.
    callback_seconds : float, optional
        At least so many seconds between two calls: with the newest epoch.
    stop : Stop, optional
        A token that ends the training when it is set.
    timeout : float, optional
        In seconds. None: none.
    progress : bool or "always"
        Whether to draw a progress bar, of episodes. `ketch.RunOptions` says where.
    save : str or path, optional
        A file that the training is saved to where it stops and where it ends, for `resume`. It may
        be absent or a saved run.
    save_every : float, optional
        Time between further saves, in seconds.
    engine : Engine, optional
        What carries it. None: one of the process's.
    """

    target_accuracy: float | None
    patience: int | None


DEFAULTS: dict[str, Any] = {
    "target_accuracy": None,
    "patience": None,
    "callback": None,
    "callback_seconds": None,
    "stop": None,
    "timeout": None,
    "progress": False,
    "save": None,
    "save_every": None,
    "engine": None,
}

_GUIDE = Guide(TrainingOptions, DEFAULTS)


def learns(keywords: type) -> Callable[[Function], Function]:
    """Decorates a method whose **options are these keywords, as `takes` does."""
    return takes(keywords, _GUIDE)


def ends_of(options: TrainingOptions) -> tuple[float, int]:
    """Takes the accuracy and the patience that end a training out of the options; 0: none."""
    target, patience = options.pop("target_accuracy", None), options.pop("patience", None)
    return (
        0.0 if target is None else real("target_accuracy", target),
        0 if patience is None else whole("patience", patience, "1..2^31 - 1, or None", 1),
    )
