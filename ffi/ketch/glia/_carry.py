"""How a training is carried: with a callback, a bar, a token, a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from typing import Any, TypeAlias

from .._arguments import path_bytes, seconds
from .._engine import Engine
from .._engines import check_engine, lent
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
from ._config import advice
from ._training_options import DEFAULTS, CarryOptions


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


_NAMES = CarryOptions.__annotations__


def carrying(**options: Any) -> Carrying:
    """What these keywords of CarryOptions say, with a token of their own where none was given;
    refuses others."""
    for name in options:
        if name not in _NAMES:
            raise TypeError(f"unexpected keyword argument {name!r}{advice(name, DEFAULTS)}")
    how = Carrying(**{**{name: DEFAULTS[name] for name in _NAMES}, **options})
    check_engine(how.engine)
    how.stop = Stop() if how.stop is None else how.stop
    return how


class Stops:
    """The tokens of an object's calls that are on: a call that is refused takes none away."""

    def __init__(self) -> None:
        self._on: list[Stop] = []

    @contextmanager
    def during(self, stop: Stop) -> Iterator[None]:
        """While a call with that token is on."""
        self._on.append(stop)
        try:
            yield
        finally:
            self._on.remove(stop)

    def set(self) -> None:
        """Asks all of them to end."""
        for stop in self._on[:]:
            stop.set()


class EndCall:
    """What C calls: it moves the bar, and calls back once at each end of an epoch, or of what else
    has `number` in its numbers. next: the first one that is new."""

    number = "epoch"

    def __init__(self, callback: Callable[..., object] | None, bar: Bar | None, first: int) -> None:
        self._callback = callback
        self._bar = bar
        self.next = first

    def __call__(
        self,
        done: int,
        total: int | None,
        fraction: float | None,
        seconds: float,
        phase: str | None,
        number: int,
        found: Any,
    ) -> int:
        """Gets what a hook gets, and the numbers of what has ended; gives C's answer."""
        if self._bar:
            self._bar.show(done, total)
        if found is None or found[self.number] < self.next:
            return 0
        self.next = found[self.number] + 1
        return 0 if self._callback is None else self.answer(self._callback, found)

    def answer(self, callback: Callable[..., object], found: Any) -> int:
        """Calls back."""
        given = found["epoch"], found["accuracy"], found["margin"]
        return answer_of(callback, callback(*given), given)


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
    if how.callback is not None and not callable(how.callback):
        raise wrong_type("callback", how.callback, "a callable, or None")
    bar = bar_of(how.progress, "episode") if how.progress else None
    frame = runs.Frame()
    frame.set(settings)
    frame.look = native.look_at_epoch
    with lent(how.engine) as engine:
        try:
            first, go = begin(frame, engine._open())
            frame.hook = EndCall(how.callback, bar, first)
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
