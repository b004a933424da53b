"""Digits from spikes: what each way of learning reaches on the same spikes, and how long it takes.
Use: python tests/bench/digits.py [SEEDS], in an environment with ketch, scikit-learn and, for
snnTorch, torch and snntorch. Prints a table in Markdown.

The digits are scikit-learn's, 8 by 8. A pixel is a spike with probability pixel / 16 * 0.5 in each
of 40 ticks; the last 360 digits are held out. A seed decides spikes, first weights and order."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray

from ketch import Engine, glia

TICKS, HELD_OUT, HIDDEN, EPOCHS = 40, 360, 128, 20
SENSORS, OUTPUTS = [f"S{i}" for i in range(64)], [f"O{i}" for i in range(10)]


class Spikes(NamedTuple):
    """Spikes by episode, tick and pixel, and the digits: to learn from, and held out."""

    learnt: NDArray[numpy.bool_]
    digits: NDArray[numpy.int64]
    held_out: NDArray[numpy.bool_]
    answers: NDArray[numpy.int64]


class Row(NamedTuple):
    """The accuracy on what is held out; of learning: seconds, those of processors, episodes."""

    accuracy: float
    seconds: float
    processor: float
    episodes: int


class Clock:
    """Seconds since it was made, and those of the process's threads."""

    def __init__(self) -> None:
        self._begun = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._begun[0], time.process_time() - self._begun[1]


def spikes_of(seed: int) -> Spikes:
    digits = import_module("sklearn.datasets").load_digits()
    chance = digits.data[:, None, :] / 16 * 0.5
    spikes = numpy.random.default_rng(seed).random((len(chance), TICKS, 64)) < chance
    cut = len(chance) - HELD_OUT
    return Spikes(spikes[:cut], digits.target[:cut], spikes[cut:], digits.target[cut:])


def data_of(spikes: NDArray[numpy.bool_], digits: NDArray[numpy.int64]) -> glia.Dataset:
    return glia.Dataset.from_array(spikes, SENSORS, [OUTPUTS[i] for i in digits], amount=200)


# ---- ways of learning: each gets spikes and a seed


def logistic(spikes: Spikes, seed: int) -> Row:
    """On counts, with the best of four penalties."""
    regression: Any = import_module("sklearn.linear_model")
    clock, best = Clock(), 0.0
    for penalty in (0.01, 0.1, 1.0, 10.0):
        model = regression.LogisticRegression(C=penalty, max_iter=5000)
        model.fit(spikes.learnt.sum(axis=1), spikes.digits)
        best = max(best, model.score(spikes.held_out.sum(axis=1), spikes.answers))
    return Row(best, *clock.read(), 4 * len(spikes.learnt))


def rate_gradient(spikes: Spikes, seed: int) -> Row:
    """The trainer of compat networks, without hidden neurons."""
    net = glia.Network()
    for name in SENSORS:
        net.add_neuron(name, threshold=100, leak=0)
    for name in OUTPUTS:
        net.add_neuron(name, threshold=50, leak=0.9)
    weights = numpy.random.default_rng(seed).normal(4, 1, 640)
    net.add_synapses(numpy.repeat(SENSORS, 10).tolist(), OUTPUTS * 64, weights)
    config = glia.create_config(
        warmup_ticks=0, decision_window=TICKS + 2, lr=0.5, batch_size=32, optimizer="adam",
        grad={"temperature": 0.1}, weight_decay=0, prune_epsilon=0, seed=seed,
    )  # fmt: skip
    trainer = glia.Trainer(net, config)
    learnt = data_of(spikes.learnt, spikes.digits)
    clock = Clock()
    trainer.train(learnt, epochs=10)
    taken = clock.read()
    scores = trainer.evaluate_dataset(data_of(spikes.held_out, spikes.answers))
    return Row(scores["accuracy"], *taken, 10 * len(learnt))


class Pace(NamedTuple):
    """How a fit goes: the size of its batches, its epochs and learning rate."""

    batch: int
    epochs: int
    lr: float


CAREFUL, QUICK = Pace(16, 30, 0.01), Pace(32, EPOCHS, 0.02)


def fit(method: str, pace: Pace, threads: int) -> Callable[[Spikes, int], Row]:
    """A fit of 64-128-10. Outputs add up what arrives, and never fire."""

    def learn(spikes: Spikes, seed: int) -> Row:
        rng = numpy.random.default_rng(seed)
        ids = [*SENSORS, *(f"H{i}" for i in range(HIDDEN)), *OUTPUTS]
        weights = numpy.zeros((len(ids), len(ids)))
        weights[:64, 64:-10] = rng.normal(0, 2 / 64**0.5, (64, HIDDEN))
        weights[64:-10, -10:] = rng.normal(0, 1 / HIDDEN**0.5, (HIDDEN, 10))
        leaks = [0.0] * 64 + [0.9] * (HIDDEN + 10)
        thresholds = [1.0] * (64 + HIDDEN) + [1e9] * 10
        net = glia.Network.from_arrays(ids, weights, thresholds=thresholds, leaks=leaks)
        config = glia.FitConfig(
            ticks=TICKS + 2, method=method, batch_size=pace.batch, lr=pace.lr, width=0.25,
            smoothing=0.1, seed=seed,
        )  # fmt: skip
        fitter = glia.Fitter(net, config)
        learnt = data_of(spikes.learnt, spikes.digits)
        with Engine(threads=threads) as engine:
            clock = Clock()
            fitter.fit(learnt, pace.epochs, engine=engine)
            taken = clock.read()
        accuracy = fitter.evaluate(data_of(spikes.held_out, spikes.answers))["accuracy"]
        return Row(accuracy, *taken, pace.epochs * len(learnt))

    return learn


def snntorch(threads: int, loss: str, lr: float) -> Callable[[Spikes, int], Row]:
    """snnTorch's leaky neurons, 64-128-10, in batches of 32: its most used surrogate with its slope
    of 25, one of its losses on spike counts, Adam."""
    torch: Any = import_module("torch")
    snn: Any = import_module("snntorch")
    functional: Any = import_module("snntorch.functional")
    surrogate: Any = import_module("snntorch.surrogate")

    def learn(spikes: Spikes, seed: int) -> Row:
        torch.set_num_threads(threads)
        torch.manual_seed(seed)
        layers = torch.nn.Linear(64, HIDDEN), torch.nn.Linear(HIDDEN, 10)
        neurons = [snn.Leaky(beta=0.9, spike_grad=surrogate.fast_sigmoid(slope=25)) for _ in layers]
        losses = {
            "ce_count": functional.ce_count_loss,
            "ce_rate": functional.ce_rate_loss,
            "mse_count": lambda: functional.mse_count_loss(correct_rate=0.8, incorrect_rate=0.2),
        }
        loss_of = losses[loss]()

        def forward(inputs: Any) -> Any:
            membranes, found = [neuron.init_leaky() for neuron in neurons], []
            for now in inputs:
                for i, layer in enumerate(layers):
                    now, membranes[i] = neurons[i](layer(now), membranes[i])
                found.append(now)
            return torch.stack(found)

        learnt, held_out = (
            torch.tensor(some).float().transpose(0, 1).contiguous()
            for some in (spikes.learnt, spikes.held_out)
        )
        digits = torch.tensor(spikes.digits)
        optimizer = torch.optim.Adam([p for layer in layers for p in layer.parameters()], lr=lr)
        clock = Clock()
        for _ in range(EPOCHS):
            for batch in torch.randperm(len(digits)).split(32):
                optimizer.zero_grad()
                loss_of(forward(learnt[:, batch]), digits[batch]).backward()
                optimizer.step()
        taken = clock.read()
        with torch.no_grad():
            counts = forward(held_out).sum(dim=0)
        accuracy = (counts.argmax(dim=1).numpy() == spikes.answers).mean()
        return Row(float(accuracy), *taken, EPOCHS * len(digits))

    return learn


# ---- the table


def rivals() -> dict[str, Callable[[Spikes, int], Row]]:
    """snnTorch with the best learning rate of a few for each loss, where it is installed."""
    try:
        return {
            "snnTorch, ce_rate, lr 0.003": snntorch(1, "ce_rate", 0.003),
            "snnTorch, ce_count, lr 0.002": snntorch(1, "ce_count", 0.002),
            "snnTorch, mse_count, lr 0.005": snntorch(1, "mse_count", 0.005),
            "snnTorch, mse_count, lr 0.005, 2 threads": snntorch(2, "mse_count", 0.005),
        }
    except ImportError:
        print("torch and snntorch are not installed: rows of snnTorch are left out")
        return {}


def main(seeds: int) -> None:
    ways = {
        "logistic regression on counts": logistic,
        "rate gradient, no hidden neurons": rate_gradient,
        "e-prop, batches of 16": fit("eprop", CAREFUL, 1),
        "BPTT, batches of 16": fit("bptt", CAREFUL, 1),
        "BPTT, batches of 32": fit("bptt", QUICK, 1),
        "BPTT, batches of 32, 2 threads": fit("bptt", QUICK, 2),
        **rivals(),
    }
    print("|  | accuracy | of each seed | seconds | of processors | episodes a second |")
    print("| --- | ---: | --- | ---: | ---: | ---: |")
    for name, learn in ways.items():
        rows = [learn(spikes_of(seed), seed) for seed in range(seeds)]
        mean = sum(row.accuracy for row in rows) / seeds
        each = " ".join(f"{row.accuracy:.3f}" for row in rows)
        seconds, processor = (sum(column) / seeds for column in list(zip(*rows, strict=True))[1:3])
        print(f"| {name} | {mean:.4f} | {each} | {seconds:.2f} | {processor:.2f} | ", end="")
        print(f"{rows[0].episodes / seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
