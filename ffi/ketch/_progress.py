"""Progress bars: tqdm's where it is installed, else a plain one."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any, Literal, Protocol, TextIO, TypeAlias

from ._errors import out_of_range
from ._units import seconds_text

# Whether a bar is drawn; "always": a plain one also where standard error is no terminal.
Progress: TypeAlias = 'bool | Literal["always"]'


class Bar(Protocol):
    """What a run shows its progress on."""

    def show(self, done: int, total: int | None) -> None:
        """Moves it."""

    def close(self) -> None:
        """Leaves it as it stands."""


def bar_of(progress: Progress, unit: str) -> Bar:
    """A bar that counts these units."""
    if isinstance(progress, str) and progress != "always":
        raise out_of_range("progress", progress, 'True, False or "always"')
    from importlib import import_module

    try:
        tqdm = import_module("tqdm.auto").tqdm
    except ImportError:
        return PlainBar(unit, sys.stderr, progress == "always")
    return TqdmBar(unit, tqdm)


class TqdmBar:
    """A tqdm bar, drawn as steps come: a widget in notebooks, a line of text elsewhere."""

    def __init__(self, unit: str, tqdm: Callable[..., Any]) -> None:
        self._bar: Any = tqdm(unit=unit, total=0, delay=0.0, leave=True)

    def show(self, done: int, total: int | None) -> None:
        """Moves it."""
        if total != self._bar.total:
            self._set_total(total)
        self._bar.update(done - self._bar.n)

    def _set_total(self, total: int | None) -> None:
        """A widget learns the total by a reset alone, which also sets the clock to 0."""
        if hasattr(self._bar, "container"):
            began = self._bar.start_t
            self._bar.reset(total)
            self._bar.start_t = began
        self._bar.total = total

    def close(self) -> None:
        """Leaves it as it stands."""
        self._bar.close()


BAR_WIDTH = 40
WIDTH = 80  # of a line, where the file does not tell
PERIODS = {True: 0.05, False: 1.0}  # seconds between lines, on terminals and elsewhere


class PlainBar:
    """A line of text that fits the terminal and is drawn over itself. A file that cannot be written
    ends the drawing and not the run."""

    def __init__(self, unit: str, file: TextIO | None, always: bool) -> None:
        terminal = file is not None and not file.closed and file.isatty()
        self._file = file if terminal or always else None
        self._unit = unit
        self._period = PERIODS[terminal]
        self._begun = time.monotonic()
        self._due = self._begun
        self._place: tuple[int, int | None] = 0, None
        self._drawn = ""

    def show(self, done: int, total: int | None) -> None:
        """Draws it, once a period."""
        self._place = done, total
        now = time.monotonic()
        if self._file is not None and now >= self._due:
            self._due = now + self._period
            self._draw(now)

    def close(self) -> None:
        """Draws how it stands, and ends the line."""
        if self._file is not None:
            self._draw(time.monotonic())
            self._write("\n")

    def _draw(self, now: float) -> None:
        line = line_of(*self._place, self._unit, now - self._begun, self._columns() - 1)
        self._write("\r" + line.ljust(len(self._drawn)))
        self._drawn = line

    def _write(self, text: str) -> None:
        try:
            if self._file is not None:
                self._file.write(text)
                self._file.flush()
        except (OSError, ValueError):
            self._file = None

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._file.fileno()).columns or WIDTH  # type: ignore[union-attr]
        except (OSError, ValueError, AttributeError):
            return WIDTH


def line_of(done: int, total: int | None, unit: str, seconds: float, width: int) -> str:
    """A bar of at most that many characters."""
    if not total:
        return f"{done} {unit}s  {seconds_text(seconds)}"[:width]
    fraction = min(done / total, 1.0)
    told = f"{int(100 * fraction):3d} %  {done}/{total} {unit}s  {seconds_text(seconds)}"
    if 0 < fraction < 1:
        told += f", left {seconds_text(seconds / fraction - seconds)}"
    room = min(width - len(told) - 4, BAR_WIDTH)
    if room < 4:
        return told[:width]
    full = int(room * fraction)
    return f"[{'#' * full}{'.' * (room - full)}]  {told}"
