"""Digits from spikes, as tests/bench/digits.py measures them: what is promised of each way of
learning, as the mean of three seeds."""

import time

import pytest

import digits

pytest.importorskip("sklearn", reason="scikit-learn, which has the digits, is not installed")

SEEDS = range(3)


@pytest.fixture(scope="module")
def spikes() -> list[digits.Spikes]:
    return [digits.spikes_of(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def logistic(spikes: list[digits.Spikes]) -> float:
    """The accuracy of logistic regression on counts of spikes."""
    return _mean([digits.logistic(spikes[seed], seed) for seed in SEEDS])


def _mean(rows: list[digits.Row]) -> float:
    return sum(row.accuracy for row in rows) / len(rows)


def test_rate_gradients_are_near_logistic_regression(
    spikes: list[digits.Spikes], logistic: float
) -> None:
    rows = [digits.rate_gradient(spikes[seed], seed) for seed in SEEDS]
    assert _mean(rows) >= logistic - 0.10


def test_backpropagation_through_time_is_better(
    spikes: list[digits.Spikes], logistic: float
) -> None:
    begun = time.process_time()
    rows = [digits.fit("bptt", digits.CAREFUL, 1)(spikes[seed], seed) for seed in SEEDS]
    assert _mean(rows) >= logistic + 0.02
    assert (time.process_time() - begun) / len(rows) <= 60
