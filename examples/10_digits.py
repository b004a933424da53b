"""Handwritten digits as spikes: 64 sensors, 128 hidden neurons, 10 outputs, learnt by
backpropagation through time. The digits are those of scikit-learn."""

import sys

import numpy

from ketch import glia

try:
    from sklearn.datasets import load_digits  # type: ignore
except ImportError:
    print("scikit-learn, which has the digits, is not installed", file=sys.stderr)
    sys.exit(77)

TICKS, HELD_OUT, HIDDEN = 40, 360, 128
SENSORS, OUTPUTS = [f"S{i}" for i in range(64)], [f"O{i}" for i in range(10)]


def network(rng: numpy.random.Generator) -> glia.Network:
    """Two layers of synapses. Outputs add up what arrives, and never fire."""
    ids = [*SENSORS, *(f"H{i}" for i in range(HIDDEN)), *OUTPUTS]
    weights = numpy.zeros((len(ids), len(ids)))
    weights[:64, 64:-10] = rng.normal(0, 2 / 64**0.5, (64, HIDDEN))
    weights[64:-10, -10:] = rng.normal(0, 1 / HIDDEN**0.5, (HIDDEN, 10))
    leaks = [0.0] * 64 + [0.9] * (HIDDEN + 10)
    thresholds = [1.0] * (64 + HIDDEN) + [1e9] * 10
    return glia.Network.from_arrays(ids, weights, thresholds=thresholds, leaks=leaks)


rng = numpy.random.default_rng(0)
digits = load_digits()
spikes = rng.random((len(digits.data), TICKS, 64)) < digits.data[:, None, :] / 16 * 0.5
data = glia.Dataset.from_array(spikes, SENSORS, [OUTPUTS[i] for i in digits.target], amount=2)
learnt, held_out = data[:-HELD_OUT], data[-HELD_OUT:]

config = glia.FitConfig(ticks=TICKS + 2, batch_size=16, width=0.25, smoothing=0.1)
fitter = glia.Fitter(network(rng), config)


def tell(epoch: int, accuracy: float, margin: float) -> None:
    """Called after each epoch."""
    if epoch in (0, 1, 4, 9, 29):
        print(f"epoch {epoch + 1:2d}: {accuracy:.3f} of the training digits")


fitter.fit(learnt, epochs=30, callback=tell)
found = fitter.evaluate(held_out)
print(f"held out: {found['accuracy']:.3f}, {found['correct']} of {found['total']}")
