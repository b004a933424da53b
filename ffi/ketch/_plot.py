"""Plots, by matplotlib, which is imported when the first one is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._kets import Kets
from ._units import counted, seconds_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOUR = "#4c72b0"
_VALUES_MAX = 16  # bars that get their number written above them
_UPRIGHT_MAX = 40  # characters of all labels together that are written without turning them


def pyplot() -> Any:
    """matplotlib's pyplot; ImportError that says how to install it where it is missing."""
    try:
        from matplotlib import pyplot as found
    except ImportError:
        raise ImportError(
            "plots need matplotlib: pip install ketch[plot]", name="matplotlib"
        ) from None
    return found


def figure(width: float, height: float, **how: Any) -> Figure:
    """A new figure of that size in inches."""
    made: Figure = pyplot().figure(figsize=(width, height), **how)
    return made


def counts(found: Mapping[str, int], most: int, ax: Axes | None) -> Axes:
    """A histogram of counts, in the order of the outcomes."""
    frequent = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    more = len(frequent) - most
    rest = sum(count for _, count in frequent[most:])
    told = f"\n{counted(more, 'more outcome')}: {rest} of {sum(found.values())}" if rest else ""
    return _bars(sorted(frequent[:most]), ("outcome" + told, "count"), ax)


def probabilities(kets: Kets, ax: Axes | None) -> Axes:
    """The probabilities of the largest kets, in the order of the kets."""
    shown = sorted((ket.digits, ket.probability) for ket in kets.shown)
    rest = max(0.0, 1.0 - sum(value for _, value in shown))
    told = f"\n{counted(kets.more, 'more ket')}: {rest:.4g} together" if kets.more else ""
    return _bars(shown, ("ket" + told, "probability"), ax)


def durations(
    seconds: Mapping[str, float], limit: float | None, axis_label: str, ax: Axes | None
) -> Axes:
    """A bar for each duration, with its text, and a line at the limit."""
    if ax is None:
        ax = figure(5.5, 2.2, layout="constrained").add_subplot()
    drawn = ax.barh(list(seconds), list(seconds.values()), color=COLOUR, height=0.6)
    ax.bar_label(drawn, [seconds_text(value) for value in seconds.values()], padding=4)
    if limit is not None:
        ax.axvline(limit, color="#888888", linestyle="--")
    ax.set_xlabel(axis_label)
    ax.margins(x=0.2)
    ax.invert_yaxis()
    return ax


def _bars(bars: Sequence[tuple[str, float]], axis_labels: tuple[str, str], ax: Axes | None) -> Axes:
    """A bar for each label."""
    if ax is None:
        width = max(4.0, min(16.0, 1.5 + 0.45 * len(bars)))
        ax = figure(width, 4.0, layout="constrained").add_subplot()
    labels = [label for label, _ in bars]
    drawn = ax.bar(range(len(bars)), [height for _, height in bars], color=COLOUR)
    turned = len(" ".join(labels)) > _UPRIGHT_MAX
    ax.set_xticks(range(len(bars)), labels, rotation=90 if turned else 0)
    ax.set_xlim(-0.75, len(bars) - 0.25)
    ax.margins(y=0.12)
    if len(bars) <= _VALUES_MAX:
        ax.bar_label(drawn, fmt="%.4g")
    ax.set_xlabel(axis_labels[0])
    ax.set_ylabel(axis_labels[1])
    return ax
