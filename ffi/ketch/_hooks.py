"""What runs between C's hook and the caller's: steps, rates, answers, the progress bar."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from operator import index
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _native
from ._errors import failed

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray


class Step:
    """What a hook sees. `done` of `total` steps have been retired: gates, times shots where each
    shot is a run of its own. At a fence exactly these have happened, and `state` shows the
    amplitudes, as long as the hook has not returned; an array taken from it stays as it is."""

    __slots__ = ("_view", "done", "fence", "fraction", "seconds", "total")

    def __init__(
        self, done: int, total: int, fraction: float, seconds: float, view: _native.Handle | None
    ) -> None:
        self.done = done
        self.total = total
        self.fraction = fraction
        self.seconds = seconds
        self.fence = view is not None
        self._view = view

    @property
    def state(self) -> NDArray[numpy.complexfloating[Any, Any]] | None:
        """The amplitudes at a fence, read-only and without a copy; None in a tick."""
        if not self.fence:
            return None
        if self._view is None:
            raise failed(
                "HANDLE", "step", "after its hook returned", "until then", "the state of a step"
            )
        return _native.state_view(_native.state_share(self._view))

    def __repr__(self) -> str:
        place = "fence" if self.fence else "tick"
        return f"Step({self.done} of {self.total}, {self.seconds:.3f} s, {place})"


Hook: TypeAlias = Callable[[Step], "bool | int | None"]


class Bar:
    """A tqdm bar, drawn as steps come."""

    def __init__(self) -> None:
        try:
            tqdm = import_module("tqdm").tqdm
        except ImportError:
            message = "progress=True needs tqdm: pip install ketch[progress]"
            raise RuntimeError(message) from None
        self._bar: Any = tqdm(unit="gate", total=0, delay=0.0, leave=True)

    def show(self, done: int, total: int) -> None:
        """Moves it."""
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Leaves it as it stands."""
        self._bar.close()


class HookCall:
    """The caller's hook as C calls it. period: seconds between its ticks, None for fences only."""

    def __init__(self, hook: Hook | None, period: float | None, bar: Bar | None) -> None:
        self._hook = hook
        self._period = period
        self._due = 0.0 if period is None or period <= TICK else period
        self._bar = bar

    def __call__(
        self, done: int, total: int, fraction: float, seconds: float, view: _native.Handle
    ) -> int:
        fence = view != _native.NULL
        if self._bar:
            self._bar.show(done, total)
        if self._hook is None or not (fence or self._is_due(seconds)):
            return 0
        step = Step(done, total, fraction, seconds, view if fence else None)
        try:
            return _answer(self._hook, self._hook(step), step)
        finally:
            step._view = None

    def _is_due(self, seconds: float) -> bool:
        """Whether a tick is the hook's: C's ticks are never rarer than Ctrl-C needs them."""
        if self._period is None or seconds < self._due:
            return False
        if self._period > TICK:
            self._due = seconds + self._period
        return True


TICK = 0.05  # seconds between C's ticks: through them Ctrl-C comes


def _answer(hook: Hook, answer: object, step: Step) -> int:
    if answer is None or answer is False:
        return 0
    if answer is True:
        return 1
    if getattr(getattr(answer, "dtype", None), "kind", "") == "b":
        return int(bool(answer))
    try:
        number = index(answer)  # type: ignore[arg-type]
    except TypeError:
        name = getattr(hook, "__qualname__", type(hook).__qualname__)
        kind = type(answer).__name__
        allowed = "None, bool or int; true stops the run"
        message = f"hook {name} at {step!r} returned a wrong type: given {kind}, allowed {allowed}"
        raise TypeError(message) from None
    return number if 0 <= number < 2**31 else 1
