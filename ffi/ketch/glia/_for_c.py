"""Configs and episodes as C takes them."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

from .._native import glia_evolve
from .._native import glia_train as native
from .._native.base import Pointer
from .._native.handles import SequenceHandle
from ._arguments import name_bytes
from ._config import GATINGS, METRICS, OPTIMIZERS, REWARDS, TrainingConfig
from ._dataset import Episode, episodes_of
from ._evolution_config import EvolutionConfig

_WORDS = {
    "optimizer": OPTIMIZERS,
    "reward_mode": REWARDS,
    "update_gating": GATINGS,
    "revert_metric": METRICS,
}


def config_for_c(config: TrainingConfig, seed: int | None = None) -> native.Config:
    """A config. seed: in place of its own; None: its own."""
    numbers: dict[str, Any] = {**vars(config), **vars(config.grad)}
    numbers["detector_alpha"] = config.detector.alpha
    numbers["detector_threshold"] = config.detector.threshold
    for name, words in _WORDS.items():
        numbers[name] = words.index(numbers[name])
    numbers["batch_size"] = max(1, numbers["batch_size"])
    if seed is not None:
        numbers["seed"] = seed
    return native.Config(numbers, name_bytes("default_id", config.detector.default_id))


_NONE = {"target_fitness": inf, "patience": 0, "evaluations": 0}


def evolution_for_c(config: EvolutionConfig) -> Pointer:
    """A config of an evolution."""
    numbers = vars(config)
    none = {name: none for name, none in _NONE.items() if numbers[name] is None}
    return glia_evolve.evolution_config(numbers | none)


def episodes_for_c(dataset: Iterable[Episode]) -> list[tuple[SequenceHandle, bytes]]:
    """Episodes: sequences and targets."""
    return [
        (each.seq._handle, name_bytes("target", each.target_id)) for each in episodes_of(dataset)
    ]
