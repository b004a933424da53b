"""XOR of two noisy sensors, learnt from scratch by backpropagation through time and by e-prop.
Where hidden neurons have synapses to outputs alone, as here, both are the same to the bit."""

import numpy

from ketch import glia

HIDDEN, TICKS = 16, 30
SENSORS, OUTPUTS = ["S0", "S1"], ["O0", "O1"]


def network(rng: numpy.random.Generator) -> glia.Network:
    """Two sensors, a hidden layer, two outputs that add up what arrives."""
    ids = [*SENSORS, *(f"H{i}" for i in range(HIDDEN)), *OUTPUTS]
    weights = numpy.zeros((len(ids), len(ids)))
    weights[:2, 2:-2] = rng.normal(0.2, 0.5, (2, HIDDEN))
    weights[2:-2, -2:] = rng.normal(0, 0.25, (HIDDEN, 2))
    leaks = [0.0] * 2 + [0.9] * (HIDDEN + 2)
    return glia.Network.from_arrays(ids, weights, thresholds=1, leaks=leaks)


def episodes(rng: numpy.random.Generator, count: int) -> glia.Dataset:
    """A sensor that is on fires in 80 % of the ticks, one that is off in 10 %."""
    on = rng.integers(0, 2, (count, 2))
    spikes = rng.random((count, TICKS, 2)) < numpy.where(on, 0.8, 0.1)[:, None, :]
    targets = [OUTPUTS[a ^ b] for a, b in on.tolist()]
    return glia.Dataset.from_array(spikes, SENSORS, targets, amount=2)


for method in ("bptt", "eprop"):
    rng = numpy.random.default_rng(1)
    learnt, held_out = episodes(rng, 320), episodes(rng, 500)
    config = glia.FitConfig(method=method, ticks=TICKS + 2, lr=0.02)
    fitter = glia.Fitter(network(rng), config)
    print(f"{method}: before {fitter.evaluate(held_out)['accuracy']:.2f}", end="")
    fitter.fit(learnt, epochs=30)
    print(f", after {fitter.evaluate(held_out)['accuracy']:.2f} of noisy episodes not seen before")
