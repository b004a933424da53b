"""How a training is carried: with a callback, a bar, a token, a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, TypeAlias

from .._arguments import path_bytes, seconds
from .._engine import Engine
from .._engines import engines
from .._errors import out_of_range, wrong_type
from .._hooks import TICK, answer_of
from .._native import glia_train as native
from .._native import runs
from .._native.handles import EngineHandle
from .._native.runs import Saving, Settings
from .._progress import Bar, Progress, bar_of
from .._signals import heeded
from .._source import Path
from .._stop import Stop, token_of

# Gets the epoch, from 0, its accuracy and its margin; a true answer stops the training.
Callback: TypeAlias = Callable[[int, float, float], object]


@dataclass
class Carrying:
    """How to carry a training, or an evolution: keywords of `Trainer.train`."""

    callback: Callable[..., object] | None
    callback_seconds: float | None
    stop: Stop
    timeout: float | None
    progress: Progress
    save: Path | None
    save_every: float | None
    engine: Engine | None

    def settings(self) -> Settings:
        """For C."""
        limit = 0.0 if self.timeout is None else seconds("timeout", self.timeout)
        return Settings(TICK, limit, token_of(self.stop), None, self._saving())

    def period(self) -> float:
        """Seconds between two calls of the callback at least."""
        if self.callback is None:
            return inf
        given = self.callback_seconds
        return 0.0 if given is None else seconds("callback_seconds", given)

    def _saving(self) -> Saving | None:
        if self.save is None:
            if self.save_every is not None:
                raise out_of_range("save_every", self.save_every, "None without save")
            return None
        period = 0.0 if self.save_every is None else seconds("save_every", self.save_every)
        return Saving(path_bytes("save", self.save), period, b"")


class EpochCall:
    """What C calls: it moves the bar, and calls back once an epoch. first: the first epoch that is
    new."""

    def __init__(self, how: Carrying, bar: Bar | None, first: int) -> None:
        if how.callback is not None and not callable(how.callback):
            raise wrong_type("callback", how.callback, "a callable, or None")
        self._callback = how.callback
        self._bar = bar
        self._next = first

    def __call__(
        self,
        done: int,
        total: int | None,
        fraction: float | None,
        seconds: float,
        phase: str | None,
        number: int,
        epoch: Any,
    ) -> int:
        """Gets what a hook gets, and the numbers of an epoch that has ended; gives C's answer."""
        if self._bar:
            self._bar.show(done, total)
        if epoch is None or epoch["epoch"] < self._next:
            return 0
        self._next = epoch["epoch"] + 1
        if self._callback is None:
            return 0
        given = epoch["epoch"], epoch["accuracy"], epoch["margin"]
        return answer_of(self._callback, self._callback(*given), given)


# Begins or loads a training in a frame's place, with that engine; gives the first new epoch, and
# what carries it, which gives a status.
Begin: TypeAlias = Callable[[runs.Frame, EngineHandle], "tuple[int, Callable[[], int]]"]


def carry(
    begin: Begin, how: Carrying, read: Callable[[runs.Frame], None] | None = None
) -> tuple[list[dict[str, Any]], str, BaseException | None]:
    """Carries a training or a fit, and ends its result. Gives all epochs that have ended, how it
    ended, and what is to be raised. read: reads the result in the frame's place before that, unless
    something is to be raised."""
    settings = how.settings()
    bar = bar_of(how.progress, "episode") if how.progress else None
    frame = runs.Frame()
    frame.set(settings)
    frame.look = native.look_at_epoch
    lent = None
    try:
        if how.engine is None:
            lent = engines().take()
        engine = (lent or how.engine)._open()  # type: ignore[union-attr]
        first, go = begin(frame, engine)
        frame.hook = EpochCall(how, bar, first)
        failure = None
        with heeded(bar is not None) as signals:
            frame.pace(how.period(), signals)
            status = go()
        if status < 0:
            try:
                frame.fail(status)
            except BaseException as error:
                failure = error
        if read and failure is None:
            read(frame)
        epochs = list(native.history(frame))
        return epochs, native.status(frame), failure
    finally:
        runs.end_result(frame)
        if bar:
            bar.close()
        if lent is not None:
            engines().give(lent)
