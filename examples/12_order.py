"""Temporal order: was it S0 and then S1, or the other way round? A network with loops learns it
from scratch, with noise all the time."""

import numpy

from ketch import glia

HIDDEN, TICKS = 32, 40
SENSORS, OUTPUTS = ["S0", "S1"], ["O_AB", "O_BA"]


def network(rng: numpy.random.Generator) -> glia.Network:
    """Hidden neurons have synapses to each other, of delays from 1 to 8 ticks."""
    ids = [*SENSORS, *(f"H{i}" for i in range(HIDDEN)), *OUTPUTS]
    weights = numpy.zeros((len(ids), len(ids)))
    weights[:2, 2:-2] = rng.normal(0, 1, (2, HIDDEN))
    weights[2:-2, 2:-2] = rng.normal(0, 0.5, (HIDDEN, HIDDEN)) / HIDDEN**0.5
    weights[2:-2, -2:] = rng.normal(0, 1, (HIDDEN, 2)) / HIDDEN**0.5
    delays = numpy.ones(weights.shape)
    delays[2:-2, 2:-2] = rng.integers(1, 9, (HIDDEN, HIDDEN))
    leaks = [0.0] * 2 + [0.9] * HIDDEN + [0.98] * 2
    return glia.Network.from_arrays(ids, weights, thresholds=1, leaks=leaks, delays=delays)


def episodes(rng: numpy.random.Generator, count: int) -> glia.Dataset:
    """One sensor bursts for 4 ticks, the other one 4 to 12 ticks later; both fire in 3 % of all
    ticks besides."""
    is_ba = rng.integers(0, 2, count)
    spikes = rng.random((count, TICKS, 2)) < 0.03
    for episode, first in zip(spikes, is_ba.tolist(), strict=True):
        begin, gap = rng.integers(2, 10), rng.integers(4, 13)
        episode[begin : begin + 4, first] = True
        episode[begin + 4 + gap : begin + 8 + gap, 1 - first] = True
    return glia.Dataset.from_array(spikes, SENSORS, [OUTPUTS[i] for i in is_ba], amount=2)


rng = numpy.random.default_rng(2)
learnt, held_out = episodes(rng, 640), episodes(rng, 500)
fitter = glia.Fitter(network(rng), glia.FitConfig(ticks=TICKS + 2, lr=0.02))
print(f"before: {fitter.evaluate(held_out)['accuracy']:.2f}")
fitter.fit(learnt, epochs=30)
print(f"after: {fitter.evaluate(held_out)['accuracy']:.2f} of noisy episodes not seen before")
