"""Trainers against a slow model of their rules, on random networks with random configurations."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glia_rules import CleanNet, F, Gradient, Hebbian, Net
from ketch import glia

CHOICES: dict[str, list[Any]] = {
    "batch_size": [1, 2, 3, 5],
    "decision_window": [10, 25],
    "warmup_ticks": [0, 5],
    "lr": [0.05, 0.5, 3.0],
    "weight_decay": [0.0, 1e-4, 0.01],
    "weight_clip": [0.0, 40.0],
    "prune_epsilon": [0.0, 1e-4, 5.0],
    "prune_patience": [1, 2, 3],
    "eta_theta": [0.0, 0.3],
    "eta_leak": [0.0, 0.02],
    "r_target": [0.05, 0.2],
    "rate_alpha": [0.05, 0.2],
    "elig_lambda": [0.95, 0.6],
    "elig_post_use_rate": [True, False],
    "margin_delta": [0.05, 0.3],
    "reward_mode": ["binary", "margin_linear", "softplus_margin"],
    "reward_gain": [1.0, 3.0],
    "use_advantage_baseline": [True, False],
    "no_update_if_satisfied": [True, False],
    "update_gating": ["none", "winner_only", "target_only"],
    "usage_boost_gain": [0.0, 0.4],
    "inactive_rate_threshold": [0.0, 0.1],
    "inactive_rate_patience": [0, 2],
    "prune_inactive_max": [0, 1, 2],
    "prune_inactive_in": [True, False],
    "prune_inactive_out": [True, False],
}
GRAD: dict[str, list[Any]] = {
    "temperature": [1.0, 0.25, 2.0],
    "optimizer": ["sgd", "adam", "adamw"],
    "clip_grad_norm": [0.0, 0.02],
}
DETECTOR: dict[str, list[Any]] = {
    "alpha": [0.05, 0.2],
    "threshold": [0.01, 0.1],
    "default_id": ["", "O0", "nobody"],
}
FIXED = {
    "reward_pos": 1.2,
    "reward_neg": -0.8,
    "reward_min": -1.0,
    "reward_max": 1.0,
    "baseline_beta": 0.1,
    "adam_beta1": 0.9,
    "adam_beta2": 0.999,
    "adam_eps": 1e-8,
}


def draw(r: random.Random, choices: dict[str, list[Any]]) -> dict[str, Any]:
    return {k: r.choice(v) for k, v in choices.items()}


def random_ids(r: random.Random) -> list[str]:
    kinds = {"S": r.randint(1, 4), "H": r.randint(0, 5), "O": r.randint(1, 12)}
    ids = [f"{kind}{n}" for kind, count in kinds.items() for n in range(count)]
    r.shuffle(ids)
    return ids


def random_neurons(r: random.Random, ids: list[str]) -> dict[str, tuple[float, float, float]]:
    return {
        i: (
            100.0 if i[0] == "S" else r.choice([20, 35.5, 50]),
            r.choice([1, 0.9, 0.83, 0]),
            r.choice([0, 0, 1.5]),
        )
        for i in ids
    }


def random_compat(r: random.Random) -> tuple[glia.Network, Net]:
    ids = random_ids(r)
    neurons = random_neurons(r, ids)
    named = {(a, b): round(r.gauss(15, 25), 2) for a in ids for b in ids if r.random() < 0.35}
    text = "".join(f"NEURON {i} {t} {k} {v}\n" for i, (t, k, v) in neurons.items())
    text += "".join(f"CONNECTION {a} {b} {w}\n" for (a, b), w in named.items())
    net = Net(neurons, {})
    at = {i: n for n, i in enumerate(net.ids)}
    net.set_synapses({(at[a], at[b]): F(w) for (a, b), w in named.items()})
    return glia.Network.from_text(text), net


def random_clean(r: random.Random) -> tuple[glia.Network, Net]:
    """With currents, refractory ticks and, in some, delays."""
    ids = random_ids(r)
    neurons = random_neurons(r, ids)
    more = {i: (r.choice([0.0, -4.5]), r.choice([0, 0, 2])) for i in ids}
    tau, most = (r.choice([0.0, 3.0]), r.choice([0.0, 7.5])), r.choice([1, 5])
    model = CleanNet(neurons, more, tau, {})
    count = len(ids)
    pairs = [(a, b) for a in range(count) for b in range(count) if r.random() < 0.35]
    weights, delays = np.zeros((count, count)), np.ones((count, count))
    for pair in pairs:
        weights[pair] = round(r.gauss(15, 25), 2) or 1
        delays[pair] = r.randint(1, most)
    model.delays = {pair: int(delays[pair]) for pair in pairs}
    model.set_synapses({pair: F(weights[pair]) for pair in pairs})
    rows = [(neurons[i], more[i]) for i in model.ids]
    net = glia.Network.from_arrays(
        model.ids, weights, thresholds=[a[0] for a, _ in rows], leaks=[a[1] for a, _ in rows],
        restings=[a[2] for a, _ in rows], resets=[b[0] for _, b in rows],
        refractory=[b[1] for _, b in rows], tau_e=tau[0], tau_i=tau[1], delays=delays,
    )  # fmt: skip
    return net, model


def random_events(r: random.Random, ids: list[str]) -> dict[int, dict[str, float]]:
    sensors = [i for i in ids if i[0] == "S"]
    events = {
        tick: {s: r.choice([200, 120, 101.5]) for s in sensors if r.random() < 0.4}
        for tick in range(r.choice([3, 25]))
    }
    return {tick: inputs for tick, inputs in events.items() if inputs}


def sequence(path: Path, events: dict[int, dict[str, float]], loop: bool) -> glia.InputSequence:
    lines = [f"{t} {s} {x}" for t, inputs in events.items() for s, x in inputs.items()]
    path.write_text("\n".join([f"LOOP {'true' if loop else 'false'}", *lines]))
    return glia.load_sequence_file(str(path))


@pytest.mark.parametrize("mode", ["compat", "clean"])
@pytest.mark.parametrize("seed", range(60))
def test_a_trainer_learns_other_bits_than_its_rules(seed: int, mode: str, tmp_path: Path) -> None:
    r = random.Random(seed)
    net, model = (random_compat if mode == "compat" else random_clean)(r)
    ids = model.ids
    outputs = [i for i in ids if i[0] == "O"]
    config, grad, detector = draw(r, CHOICES), draw(r, GRAD), draw(r, DETECTOR)
    rule: Any = r.choice([Gradient, Hebbian])
    flat = config | grad | FIXED | {f"detector_{k}": v for k, v in detector.items()}
    slow = rule(model, flat | {"default_id": detector["default_id"]})
    episodes = [
        (random_events(r, ids), r.random() < 0.5, r.choice(outputs)) for _ in range(r.randint(1, 6))
    ]
    fields = config | {"grad": grad, "detector": detector, "shuffle": False}
    trainer = glia.Trainer(net, config=glia.create_config(**fields), use_gradient=rule is Gradient)
    data = glia.Dataset(
        [
            (sequence(tmp_path / f"{n}.seq", events, loop), target)
            for n, (events, loop, target) in enumerate(episodes)
        ]
    )
    for _ in range(3):
        history = trainer.train(
            data, epochs=1, config=trainer.config, verbose=False, lr_schedule=None
        )
        assert (history.accuracy[-1], history.margin[-1]) == slow.epoch(episodes)
        weights = net.get_weights()
        assert [tuple(k) for k in zip(weights["from"], weights["to"], strict=True)] == [
            (model.ids[a], model.ids[b]) for a, b in model.keys
        ]
        state = net.get_state()
        for mine, expected in (
            (weights["weights"], model.weight),
            (state["values"], model.value),
            (state["thresholds"], model.threshold),
            (state["leaks"], model.leak),
        ):
            assert np.asarray(mine).tobytes() == expected.astype(np.float32).tobytes()
