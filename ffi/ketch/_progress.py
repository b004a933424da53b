"""The progress bar."""

from __future__ import annotations

from typing import Any


class Bar:
    """A tqdm bar, drawn as steps come: a widget in notebooks, a line of text elsewhere."""

    def __init__(self) -> None:
        from importlib import import_module

        try:
            tqdm = import_module("tqdm.auto").tqdm
        except ImportError:
            tqdm = None
        if tqdm is None:
            raise RuntimeError("progress=True needs tqdm: pip install ketch[progress]")
        self._bar: Any = tqdm(unit="gate", total=0, delay=0.0, leave=True)

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
