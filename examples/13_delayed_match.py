"""Delayed match to sample: a sample, a delay without input, a test; were they the same? The network
must keep the sample in its activity. It learns that from scratch, with noise all the time."""

import numpy

from ketch import glia

HIDDEN, TICKS = 48, 44
SENSORS, OUTPUTS = ["S0", "S1"], ["O_differ", "O_match"]


def network(rng: numpy.random.Generator) -> glia.Network:
    """Hidden neurons have synapses to each other, and leak at different speeds."""
    ids = [*SENSORS, *(f"H{i}" for i in range(HIDDEN)), *OUTPUTS]
    weights = numpy.zeros((len(ids), len(ids)))
    weights[:2, 2:-2] = rng.normal(0, 1, (2, HIDDEN))
    weights[2:-2, 2:-2] = rng.normal(0, 0.8, (HIDDEN, HIDDEN)) / HIDDEN**0.5
    weights[2:-2, -2:] = rng.normal(0, 1, (HIDDEN, 2)) / HIDDEN**0.5
    taus = [0.0] * 2 + numpy.geomspace(4, 60, HIDDEN).tolist() + [30.0] * 2
    return glia.Network.from_arrays(ids, weights, thresholds=1, taus=taus)


def episodes(rng: numpy.random.Generator, count: int) -> glia.Dataset:
    """A sensor bursts in ticks 2 to 8, a second time in ticks 24 to 30, or the other one does; both
    fire in 2 % of all ticks besides, and miss 10 % of their bursts."""
    sample, test = rng.integers(0, 2, (2, count))
    chance = numpy.full((count, TICKS, 2), 0.02)
    chance[numpy.arange(count), 2:9, sample] = 0.9
    chance[numpy.arange(count), 24:31, test] = 0.9
    targets = [OUTPUTS[int(a == b)] for a, b in zip(sample, test, strict=True)]
    return glia.Dataset.from_array(rng.random(chance.shape) < chance, SENSORS, targets, amount=2)


for method in ("bptt", "eprop"):
    rng = numpy.random.default_rng(3)
    learnt, held_out = episodes(rng, 960), episodes(rng, 500)
    fitter = glia.Fitter(network(rng), glia.FitConfig(method=method, ticks=TICKS))
    print(f"{method}: before {fitter.evaluate(held_out)['accuracy']:.2f}", end="")
    fitter.fit(learnt, epochs=40)
    print(f", after {fitter.evaluate(held_out)['accuracy']:.2f} of noisy episodes not seen before")
