"""The progress bar."""

from __future__ import annotations

from typing import Any


class Bar:
    """A tqdm bar, drawn as steps come."""

    def __init__(self) -> None:
        from importlib import import_module

        try:
            tqdm = import_module("tqdm").tqdm
        except ImportError:
            tqdm = None
        if tqdm is None:
            raise RuntimeError("progress=True needs tqdm: pip install ketch[progress]")
        self._bar: Any = tqdm(unit="gate", total=0, delay=0.0, leave=True)

    def show(self, done: int, total: int | None) -> None:
        """Moves it."""
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Leaves it as it stands."""
        self._bar.close()
