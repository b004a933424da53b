"""What is told of results, those of runs and those that were unpickled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _kets
from ._arguments import whole
from ._errors import Error
from ._recording import Register
from ._units import counted, seconds_text

if TYPE_CHECKING:
    import numpy
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ._position import Position
    from ._report import Report


class Counts(NamedTuple):
    """The most frequent outcomes, how many more there are, and the sum of all counts."""

    shown: list[tuple[str, int]]
    more: int
    total: int


class Looks:
    """A result: its readings, which are a subclass's, and what is told of them."""

    __slots__ = ()

    shots: int | None
    seed: int

    @property
    def status(self) -> str:
        """ "OK", "STOPPED", "TIMEOUT", or "HOOK" where a hook raised."""
        raise NotImplementedError

    @property
    def stopped(self) -> bool:
        """Whether it stopped before its end; `Engine.resume` goes on."""
        return self.status != "OK"

    @property
    def position(self) -> Position:
        """Where it is."""
        raise NotImplementedError

    @property
    def report(self) -> Report:
        """What it cost."""
        raise NotImplementedError

    @property
    def bits(self) -> NDArray[numpy.uint8]:
        """The classical bits."""
        raise NotImplementedError

    @property
    def counts(self) -> dict[str, int]:
        """How often each outcome came."""
        raise NotImplementedError

    @property
    def observed(self) -> list[float | NDArray[numpy.float64]]:
        """What `observe` asked for."""
        raise NotImplementedError

    @property
    def state(self) -> NDArray[numpy.complexfloating[Any, Any]]:
        """The amplitudes."""
        raise NotImplementedError

    @property
    def _qubits(self) -> int:
        raise NotImplementedError

    @property
    def _registers(self) -> Sequence[Register]:
        raise NotImplementedError

    @property
    def _width(self) -> int:
        """How many classical bits there are."""
        return sum(size for _, _, size in self._registers)

    def _word(self, row: bytes) -> str:
        """The outcome that a row of bits is, as text."""
        digits = row.translate(_DIGITS).decode()
        spans = reversed(self._registers)
        return " ".join(digits[first : first + size][::-1] for _, first, size in spans)

    def plot(self, *, most: int = 32, ax: Axes | None = None) -> Axes:
        """Draw a histogram of the counts; without counts, of the state's probabilities.

        Parameters
        ----------
        most : int
            The most bars: the most frequent outcomes get one, and a text tells of the others.
        ax : matplotlib.axes.Axes, optional
            Where to draw. None: a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ImportError
            Where matplotlib is not installed: ``pip install ketch[plot]``.
        SuspendedError
            Where the run stopped between fences and its state was to be drawn.

        Examples
        --------
        >>> result = ketch.run(ketch.Circuit(2, 2).h(0).cx(0, 1).measure_all(), shots=100)
        >>> axes = result.plot()                         # doctest: +SKIP
        """
        from . import _plot

        most = whole("most", most, "1..1000", 1, 1001)
        if self._has_counts:
            return _plot.counts(self.counts, most, ax)
        kets = _kets.largest(self.state, most)
        return _plot.probabilities(kets, ax)

    @property
    def _has_counts(self) -> bool:
        """Whether shots drew classical bits; else the state tells the outcome."""
        return bool(self.shots and self._width)

    def _title(self) -> str:
        shots = [counted(self.shots, "shot")] if self.shots else []
        words = [self.status, counted(self._qubits, "qubit"), *shots, f"seed {self.seed}"]
        return ", ".join(words)

    def _place(self) -> str:
        """Where a run stopped."""
        position = self.position
        total = "" if position.total is None else f" of {position.total}"
        return f"{position.done}{total} steps"

    def _told_counts(self) -> Counts | str:
        """The most frequent outcomes, or why they are not told."""
        if (self.shots or 0) * self._width > _COUNTED_MAX:
            return "counts not told, as there are many"
        found = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        total = sum(count for _, count in found)
        return Counts(found[: _kets.SHOWN], len(found[_kets.SHOWN :]), total)

    def _told(self) -> str:
        """What came out, in a line; where it stopped; or why neither can be read."""
        try:
            if self.stopped:
                return self._place()
            if not self._has_counts:
                return _kets.line(_kets.told(self._qubits, lambda: self.state))
            told = self._told_counts()
        except Error as error:
            return _kets.reason(error)
        if isinstance(told, str):
            return told
        more = f" and {told.more} more" if told.more else ""
        return f"{dict(told.shown)}{more}"

    def __repr__(self) -> str:
        """The status, sizes, and what came out: counts, or the largest kets."""
        return f"Result({self._title()}: {self._told()})"

    def _repr_html_(self) -> str:
        """For notebooks: status, time, and a table of counts or of the largest kets."""
        from . import _html

        try:
            return _html.page(f"Result: {self._title()}", *self._html_parts())
        except Error as error:
            return _html.page(f"Result: {self._title()}", _html.note(_kets.reason(error)))

    def _html_parts(self) -> list[str]:
        from . import _html

        time = _html.note(seconds_text(self.report.seconds))
        if self.stopped:
            return [time, _html.note(self._place())]
        if not self._has_counts:
            kets = _kets.told(self._qubits, lambda: self.state)
            return [time, _html.kets_table(kets)]
        told = self._told_counts()
        if isinstance(told, str):
            return [time, _html.note(told)]
        return [time, _html.counts_table(told.shown, told.total, told.more)]


_COUNTED_MAX = 2**24  # bits of outcomes that are counted only to be printed
_DIGITS = bytes.maketrans(b"\0\1", b"01")
