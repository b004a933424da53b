"""Simulators of spiking networks, on what ketch is measured with.

Use: network_rivals.py NAME ROUNDS. It runs in the environment of rivals, where ketch need not be,
and prints a line of JSON: the version, and the seconds of each round on one thread.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from tempfile import TemporaryDirectory
from typing import Any

# What cuba.c and fits.c have, too.
NEURONS, EXCITATORY, SHARE = 4000, 3200, 0.02
LAYERS, TICKS, BATCH, BATCHES = (64, 128, 10), 40, 32, 10
EQUATIONS = """
dv/dt = (ge + gi - (v + 49*mV)) / (20*ms) : volt (unless refractory)
dge/dt = -ge / (5*ms) : volt
dgi/dt = -gi / (10*ms) : volt
"""


def brian2(rounds: int) -> dict[str, Any]:
    """The CUBA network of Brian2's example, for 2 s in steps of 0.1 ms. The compiled program times
    itself: its loop over the steps, without building and loading. It records nothing."""
    b: Any = import_module("brian2")
    with TemporaryDirectory() as folder:
        b.prefs.devices.cpp_standalone.openmp_threads = 0
        b.set_device("cpp_standalone", directory=folder, build_on_run=False)
        b.defaultclock.dt = 0.1 * b.ms
        b.seed(1)
        neurons = b.NeuronGroup(
            NEURONS,
            EQUATIONS,
            threshold="v > -50*mV",
            reset="v = -60*mV",
            refractory=5 * b.ms,
            method="exact",
        )
        neurons.v = "-60*mV + rand() * 10*mV"
        excite = b.Synapses(neurons[:EXCITATORY], neurons, on_pre="ge += 1.62*mV")
        inhibit = b.Synapses(neurons[EXCITATORY:], neurons, on_pre="gi -= 9*mV")
        excite.connect(p=SHARE)
        inhibit.connect(p=SHARE)
        b.Network(neurons, excite, inhibit).run(2 * b.second)
        b.device.build(directory=folder, compile=True, run=False)
        seconds = []
        for _ in range(rounds):
            b.device.run(directory=folder, with_output=False, run_args=[])
            seconds.append(b.device._last_run_time)
    return {"version": b.__version__, "seconds": seconds}


def snntorch(rounds: int) -> dict[str, Any]:
    """Batches of a network of leaky neurons, learnt by backpropagation through time with Adam:
    seconds an episode."""
    snn: Any = import_module("snntorch")
    torch: Any = import_module("torch")
    torch.set_num_threads(1)
    torch.manual_seed(1)
    first, second = (torch.nn.Linear(a, b) for a, b in pairwise(LAYERS))
    hidden, output = snn.Leaky(beta=0.9), snn.Leaky(beta=0.9)
    learner = torch.optim.Adam([*first.parameters(), *second.parameters()], lr=1e-3)
    loss_of = torch.nn.CrossEntropyLoss()
    inputs = (torch.rand(TICKS, BATCH, LAYERS[0]) < 0.14).float()
    targets = torch.arange(BATCH) % LAYERS[-1]

    def learn() -> None:
        one, two = hidden.init_leaky(), output.init_leaky()
        counts = torch.zeros(BATCH, LAYERS[-1])
        for given in inputs:
            fired, one = hidden(first(given), one)
            fired, two = output(second(fired), two)
            counts = counts + fired
        learner.zero_grad()
        loss_of(counts, targets).backward()
        learner.step()

    seconds = [clock(learn) for _ in range(rounds + 1)][1:]
    return {"version": snn.__version__, "seconds": seconds}


def clock(learn: Callable[[], None]) -> float:
    """Seconds an episode."""
    begun = time.perf_counter()
    for _ in range(BATCHES):
        learn()
    return (time.perf_counter() - begun) / (BATCHES * BATCH)


RIVALS: dict[str, Callable[[int], dict[str, Any]]] = {"Brian2": brian2, "snnTorch": snntorch}


def main(name: str, rounds: int) -> None:
    """Prints what a rival took. What it says itself goes to standard error."""
    own = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    found = RIVALS[name](rounds)
    print(json.dumps(found), file=own, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
