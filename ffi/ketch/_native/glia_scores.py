"""Data sets that are scored, and the memory that trainings take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy

from .._ketch import ffi, lib
from .base import call, fields, struct
from .glia_train import Config, Episodes, Training
from .handles import EngineHandle, SequenceHandle, TrainerHandle
from .runs import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Evaluation:
    """What is scored, for C, with what it points to."""

    __slots__ = ("config", "episodes", "struct")

    def __init__(self, episodes: Iterable[tuple[SequenceHandle, bytes]], config: Config) -> None:
        self.config, self.episodes = config, Episodes(episodes)
        self.struct = struct("ketch_glia_evaluation")
        self.struct.episodes, self.struct.count = self.episodes.array, len(self.episodes.array)
        self.struct.config = config.struct


def evaluate(
    frame: Frame, engine: EngineHandle, trainer: TrainerHandle, evaluation: Evaluation
) -> int:
    """Scores a data set; gives the status."""
    arguments = engine[0], trainer[0], evaluation.struct, frame.run, frame.error
    return int(lib.ketch_py_glia_evaluate(frame.place, *arguments))


def scores(frame: Frame) -> dict[str, Any]:
    """The fields of ketch_glia_scores of the run in a frame's place."""
    place = struct("ketch_glia_scores")
    call(lib.ketch_glia_get_scores, place, frame.place[0])
    return fields(place)


def metrics(
    frame: Frame, count: int, outputs: int
) -> tuple[list[dict[str, Any]], NDArray[numpy.float32]]:
    """The fields of ketch_glia_metrics of all episodes, and their rates, shape (count, outputs)."""
    found = ffi.new("ketch_glia_metrics[]", count)
    found[0].size = ffi.sizeof("ketch_glia_metrics")
    call(lib.ketch_glia_get_metrics, found, 0, count, frame.place[0])
    rates = numpy.empty((count, outputs), numpy.float32)
    call(lib.ketch_glia_get_rates, ffi.from_buffer("float[]", rates), 0, count, frame.place[0])
    names = "winner", "margin", "ticks_run"
    return [{name: getattr(each, name) for name in names} for each in found], rates


def training_memory(engine: EngineHandle, trainer: TrainerHandle, training: Training) -> int:
    """Bytes that a training takes."""
    need = struct("ketch_need")
    call(lib.ketch_glia_train_need, need, engine[0], trainer[0], training.struct)
    return int(need.bytes)
