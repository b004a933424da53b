"""Scores of data sets."""

from __future__ import annotations

from math import inf
from typing import TypedDict

from .._engine import Engine
from .._engines import lent
from .._native import glia_scores as native
from .._native import runs
from .._native.handles import TrainerHandle
from .._options import PLAIN, Settings
from .._options import native as native_options
from .._progress import Progress
from .._signals import heeded
from .._stop import Stop
from ._history import EpisodeMetrics
from ._network import Network


class Scores(TypedDict):
    """What `Trainer.evaluate_dataset` gives: the share of right winners, the mean margin, the score
    of each episode, how many were right and how many there are."""

    accuracy: float
    margin: float
    episodes: list[EpisodeMetrics]
    correct: int
    total: int


NONE: Scores = {"accuracy": 0.0, "margin": 0.0, "episodes": [], "correct": 0, "total": 0}


def score(
    network: Network,
    trainer: TrainerHandle,
    evaluation: native.Evaluation,
    default: str,
    engine: Engine | None,
    *,
    stop: Stop | None,
    timeout: float | None,
    progress: Progress,
) -> Scores:
    """Scores a data set. default: the winner's id where nothing wins."""
    asked = Settings(stop=stop, timeout=timeout, progress=progress)
    with lent(engine) as carrier:
        bar, hook, settings = native_options(asked, PLAIN, None, bytes, "episode")
        frame = runs.Frame()
        frame.set(settings)
        frame.hook, frame.look = hook, lambda step: None
        try:
            with heeded(hook is not None) as signals:
                frame.pace(inf if hook is None else 0.0, signals)
                status = native.evaluate(frame, carrier._open(), trainer, evaluation)
            if status < 0:
                frame.fail(status)
            found = _scores_in(frame, network, default)
            if bar:
                bar.show(found["total"], len(evaluation.episodes.array))
            return found
        finally:
            runs.end_result(frame)
            if bar:
                bar.close()


def _scores_in(frame: runs.Frame, network: Network, default: str) -> Scores:
    """Of the episodes that are scored, which are all unless the run was stopped."""
    sums = native.scores(frame)
    scored, rates = native.metrics(frame, sums["total"], sums["outputs"])
    ids, outputs = network._ids(), network.output_ids
    episodes = [
        EpisodeMetrics(
            ids[one["winner"]] if one["winner"] >= 0 else default,
            one["margin"],
            dict(zip(outputs, row, strict=True)),
            one["ticks_run"],
        )
        for one, row in zip(scored, rates.tolist(), strict=True)
        if one["ticks_run"] or sums["episodes"] == sums["total"]
    ]
    return {
        "accuracy": sums["accuracy"],
        "margin": sums["margin"],
        "episodes": episodes,
        "correct": sums["right"],
        "total": sums["episodes"],
    }
