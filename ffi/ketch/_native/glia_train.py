"""Trainers: scores of episodes, trainings and their histories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from .._ketch import ffi, lib
from .base import Pointer, call, fields, places, status_name, struct
from .glia import decode, floats_of
from .handles import NULL, EngineHandle, NetHandle, SequenceHandle, TrainerHandle
from .runs import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRADIENT: int = lib.KETCH_GLIA_GRADIENT
HEBBIAN: int = lib.KETCH_GLIA_HEBBIAN
SCHEDULES = {
    None: int(lib.KETCH_GLIA_CONSTANT),
    "cosine": int(lib.KETCH_GLIA_COSINE),
    "step": int(lib.KETCH_GLIA_STEP),
}

_trainer_place = places("glia_trainer")
_CONFIG = [name for name, _ in ffi.typeof("ketch_glia_config").fields if name != "size"]


def create(net: NetHandle, rule: int) -> TrainerHandle:
    """A trainer of a network."""
    place: TrainerHandle = _trainer_place()
    call(lib.ketch_glia_trainer_create, place, net[0], rule)
    return place


class Config:
    """A config for C, with the text that it points to."""

    __slots__ = ("default", "struct", "text")

    def __init__(self, numbers: Mapping[str, Any], default_id: bytes) -> None:
        self.default = decode(default_id)
        self.text: Pointer = ffi.new("char[]", default_id)
        self.struct = struct("ketch_glia_config")
        self.struct.default_id = self.text
        for name in _CONFIG:
            if name != "default_id":
                setattr(self.struct, name, numbers[name])


def evaluate(
    trainer: TrainerHandle, sequence: SequenceHandle, config: Config, outputs: int
) -> tuple[dict[str, Any], NDArray[numpy.float32]]:
    """The fields of ketch_glia_metrics, and the rates of that many outputs."""
    metrics, rates = struct("ketch_glia_metrics"), numpy.empty(outputs, numpy.float32)
    pointer = floats_of(rates) if outputs else NULL
    call(lib.ketch_glia_evaluate, metrics, pointer, outputs, trainer[0], sequence[0], config.struct)
    return fields(metrics), rates


class Episodes:
    """Episodes for C, with what they point to: sequences and the ids of outputs."""

    __slots__ = ("array", "sequences", "targets")

    def __init__(self, episodes: Iterable[tuple[SequenceHandle, bytes]]) -> None:
        several = list(episodes)
        self.sequences = [sequence for sequence, _ in several]
        self.targets = [ffi.new("char[]", target) for _, target in several]
        self.array = ffi.new("ketch_glia_episode[]", len(several))
        parts = zip(self.array, self.sequences, self.targets, strict=True)
        for place, sequence, target in parts:
            place.size = _EPISODE
            place.sequence, place.target = sequence[0], target


_EPISODE = ffi.sizeof("ketch_glia_episode")


class Training:
    """A training for C, with what it points to."""

    __slots__ = ("config", "episodes", "struct")

    def __init__(
        self,
        episodes: Iterable[tuple[SequenceHandle, bytes]],
        epochs: int,
        config: Config,
        schedule: int,
        target_accuracy: float,
        patience: int,
    ) -> None:
        self.config = config
        self.episodes = Episodes(episodes)
        self.struct = struct("ketch_glia_training")
        self.struct.episodes, self.struct.count = self.episodes.array, len(self.episodes.array)
        self.struct.epochs, self.struct.config = epochs, config.struct
        self.struct.schedule, self.struct.target_accuracy = schedule, target_accuracy
        self.struct.patience = patience


def train(frame: Frame, engine: EngineHandle, trainer: TrainerHandle, training: Training) -> int:
    """Trains; gives the status."""
    arguments = engine[0], trainer[0], training.struct, frame.run, frame.error
    return int(lib.ketch_py_glia_train(frame.place, *arguments))


def load(
    frame: Frame, engine: EngineHandle, trainer: TrainerHandle, training: Training, path: bytes
) -> None:
    """Loads a saved training into a frame's place."""
    arguments = engine[0], trainer[0], training.struct, path
    call(lib.ketch_glia_train_load, frame.place, *arguments)


def resume(frame: Frame, engine: EngineHandle) -> int:
    """Carries the training in a frame's place on; gives the status."""
    return int(lib.ketch_py_resume(engine[0], frame.place[0], frame.run, frame.error))


def look_at_epoch(step: Pointer) -> dict[str, Any] | None:
    """The epoch that has ended; None: a tick."""
    if not step.view:
        return None
    epoch = struct("ketch_glia_epoch")
    if lib.ketch_glia_get_epoch(epoch, step, NULL) < 0:
        return None
    return fields(epoch)


def history(frame: Frame, first: int = 0) -> Sequence[dict[str, Any]]:
    """The epochs of a training or a fit that have ended, from number `first` on. Those of trainings
    have no loss."""
    if not frame.place[0]:
        return []
    count = ffi.new("uint64_t *")
    call(lib.ketch_glia_get_epochs, count, frame.place[0])
    if count[0] <= first:
        return []
    epochs = ffi.new("ketch_glia_epoch[]", count[0] - first)
    epochs[0].size = ffi.sizeof("ketch_glia_epoch")
    call(lib.ketch_glia_get_history, epochs, first, len(epochs), frame.place[0])
    is_fit = lib.ketch_result_type(frame.place[0]) == lib.ketch_glia_fit_type()
    unread = ("size",) if is_fit else ("size", "loss")
    names = [name for name, _ in ffi.typeof("ketch_glia_epoch").fields if name not in unread]
    return [{name: getattr(epoch, name) for name in names} for epoch in epochs]


def status(frame: Frame) -> str:
    """How the training in a frame's place stands; "" where there is none."""
    return status_name(lib.ketch_result_status(frame.place[0])) if frame.place[0] else ""


def revert(trainer: TrainerHandle) -> bool:
    """Puts back what was kept last; False: nothing is left."""
    reverted = ffi.new("int32_t *")
    call(lib.ketch_glia_trainer_revert, reverted, trainer[0])
    return bool(reverted[0])
