"""Fits of clean networks: run, loaded, read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy

from .._ketch import ffi, lib
from .base import call, fields, struct
from .glia import floats_of
from .glia_train import Episodes
from .handles import EngineHandle, NetHandle
from .runs import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHODS = {
    "bptt": int(lib.KETCH_GLIA_BPTT),
    "eprop": int(lib.KETCH_GLIA_EPROP),
    "score": int(lib.KETCH_GLIA_SCORE),
}


class Fit:
    """A fit for C, with what it points to. numbers: of its other fields, by name."""

    __slots__ = ("episodes", "struct")

    def __init__(self, episodes: Episodes, numbers: Mapping[str, Any]) -> None:
        self.episodes = episodes
        self.struct = struct("ketch_glia_fit")
        self.struct.episodes, self.struct.count = episodes.array, len(episodes.array)
        for name, value in numbers.items():
            setattr(self.struct, name, value)


def run(frame: Frame, engine: EngineHandle, net: NetHandle, fit: Fit) -> int:
    """Fits; gives the status."""
    arguments = engine[0], net[0], fit.struct, frame.run, frame.error
    return int(lib.ketch_py_glia_fit(frame.place, *arguments))


def load(frame: Frame, engine: EngineHandle, net: NetHandle, fit: Fit, path: bytes) -> None:
    """Loads a saved fit into a frame's place."""
    call(lib.ketch_glia_fit_load, frame.place, engine[0], net[0], fit.struct, path)


def scores(
    frame: Frame, episodes: int, outputs: int
) -> tuple[NDArray[numpy.int64], NDArray[numpy.float32]]:
    """The winners of all episodes of the fit in a frame's place, and the scores of all outputs."""
    winners = numpy.empty(episodes, numpy.int64)
    found = numpy.empty((episodes, outputs), numpy.float32)
    places = ffi.from_buffer("int64_t[]", winners), floats_of(found)
    call(lib.ketch_glia_get_fit_scores, *places, found.size, 0, episodes, frame.place[0])
    return winners, found


def defaults() -> dict[str, Any]:
    """The defaults of all fields."""
    fit = struct("ketch_glia_fit")
    call(lib.ketch_glia_fit_default, fit)
    return fields(fit)
