"""What runs between C's hook and the caller's: steps, rates, answers."""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import TYPE_CHECKING, Any, TypeAlias

from ._errors import failed, wrong_type
from ._native import states
from ._native.runs import FENCE
from ._progress import Bar

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

TICK = 0.05  # seconds between C's ticks: through them Ctrl-C comes


class Step:
    """What a hook sees.

    Attributes
    ----------
    done : int
        Steps that were retired: gates, measurements and resets, times shots where each shot is a
        run of its own.
    total : int or None
        All of them; None: unknown.
    fraction : float or None
        From 0 to 1; None: unknown.
    seconds : float
        Since the run began or was resumed.
    phase, number : str or None, int
        What is going on, such as "shots", and a number that goes with it.
    fence : bool
        Whether exactly `done` steps have happened. Otherwise the hook is called by time, and the
        workers go on meanwhile.
    """

    __slots__ = ("_view", "done", "fence", "fraction", "number", "phase", "seconds", "total")

    def __init__(
        self,
        done: int,
        total: int | None,
        fraction: float | None,
        seconds: float,
        phase: str | None,
        number: int,
        view: Any,
    ) -> None:
        self.done = done
        self.total = total
        self.fraction = fraction
        self.seconds = seconds
        self.phase = phase
        self.number = number
        self.fence = view is not None
        self._view = view

    @property
    def state(self) -> NDArray[numpy.complexfloating[Any, Any]] | None:
        """The amplitudes at a fence, shape (2**qubits,), read-only and without a copy; None between
        fences, and in runs of networks. It can be taken until the hook returns; the array stays as
        it is."""
        if not self.fence or self._view is FENCE:
            return None
        if self._view is None:
            allowed = "until its hook returns"
            raise failed("HANDLE", "step", "after its hook returned", allowed, "a step's state")
        return states.view(states.share(self._view))

    def __repr__(self) -> str:
        place = "fence" if self.fence else "tick"
        total = "" if self.total is None else f" of {self.total}"
        return f"Step({self.done}{total}, {self.seconds:.3f} s, {place})"


# Called on the thread that runs; a true answer stops the run.
Hook: TypeAlias = Callable[[Step], "bool | int | None"]


class HookCall:
    """The caller's hook as C calls it. period: seconds between its ticks, None for fences only."""

    def __init__(self, hook: Hook | None, period: float | None, bar: Bar | None) -> None:
        if hook is not None and not callable(hook):
            raise wrong_type("hook", hook, "a callable, or None")
        self._hook = hook
        self._period = period
        self._due = 0.0 if period is None or period <= TICK else period
        self._bar = bar

    def __call__(
        self,
        done: int,
        total: int | None,
        fraction: float | None,
        seconds: float,
        phase: str | None,
        number: int,
        view: Any,
    ) -> int:
        """What a Step gets; gives C's answer."""
        if self._bar:
            self._bar.show(done, total)
        if self._hook is None or not (view is not None or self._is_due(seconds)):
            return 0
        step = Step(done, total, fraction, seconds, phase, number, view)
        try:
            return answer_of(self._hook, self._hook(step), step)
        finally:
            step._view = None

    def _is_due(self, seconds: float) -> bool:
        """Whether a tick is the hook's, too."""
        if self._period is None or seconds < self._due:
            return False
        if self._period > TICK:
            self._due = seconds + self._period
        return True


def answer_of(hook: Callable[..., object], answer: object, step: object) -> int:
    """What C is told of a hook's answer. step: what the hook got, for the text of an error."""
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
        allowed = "None, bool or int; true stops the run"
        raise wrong_type(f"answer of hook {name} at {step!r}", answer, allowed) from None
    return number if 0 <= number < 2**31 else 1
