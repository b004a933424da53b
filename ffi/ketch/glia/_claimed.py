"""Results that one call at a time may use."""

from __future__ import annotations

from os import PathLike
from threading import Lock

from .._arguments import path_bytes
from .._locks import claim, made_lock
from .._native import runs, saves
from .._native.handles import EngineHandle
from .._ran import Ran


class Claimed(Ran):
    """What a run in a frame left: it can be carried on and saved."""

    __slots__ = ("_lock",)

    def __init__(self, frame: runs.Frame) -> None:
        self._exchange(frame.address)
        self._lock: Lock | None = None

    def _claim(self) -> Lock:
        return claim(self._lock or made_lock(self), "result")

    @property
    def stopped(self) -> bool:
        """Whether it stopped before its end; `resume` goes on."""
        return self.status != "OK"

    def _go_on(self, frame: runs.Frame, engine: EngineHandle) -> int:
        with self._claim():
            return runs.resume(frame, engine, self._handle)

    def save(self, path: str | PathLike[str], *, force: bool = False) -> None:
        """Save the run to a file, for `Network.load_run` or `Evolution.load`: one that has ended,
        or one that stopped.

        Parameters
        ----------
        path : str or path
            The file, which is replaced as a whole. It may be absent or a saved run.
        force : bool
            Whether to replace any other file.

        Raises
        ------
        FileError
            Where it cannot be written (an OSError with errno), or is another file.
        BusyError
            While the run is on.
        """
        with self._claim():
            saves.save(self._handle, path_bytes("path", path), b"", bool(force))
