"""The rules of GliaGL, ticks and trainers, slow and obvious: float32, one rounding an operation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

F = np.float32
Synapses = dict[tuple[int, int], np.float32]


def exp(x: np.float32) -> np.float32:
    return F(math.exp(float(x)))


class Net:
    """neurons: id -> (threshold, leak, resting), in the order of the file."""

    def __init__(self, neurons: dict[str, tuple[float, float, float]], synapses: Synapses) -> None:
        self.ids = [i for i in neurons if i[0] == "S"] + [i for i in neurons if i[0] != "S"]
        rows = [neurons[i] for i in self.ids]
        self.threshold, self.leak, self.resting = (
            np.array([row[k] for row in rows], F) for k in range(3)
        )
        self.value = self.resting.copy()
        self.delta = np.zeros(len(rows), F)
        self.on_deck = np.zeros(len(rows), F)
        self.fired = np.zeros(len(rows), F)
        self.outputs = [n for n, i in enumerate(self.ids) if i[0] == "O"]
        self.set_synapses(synapses)

    def set_synapses(self, synapses: Synapses) -> None:
        """Sorted by source, and then by the target's id."""
        self.keys = sorted(synapses, key=lambda k: (k[0], self.ids[k[1]].encode()))
        self.weight = np.array([synapses[k] for k in self.keys], F)
        self.source = np.array([k[0] for k in self.keys], int)
        self.target = np.array([k[1] for k in self.keys], int)
        self.rows = [
            [s for s, k in enumerate(self.keys) if k[0] == n] for n in range(len(self.ids))
        ]

    def begin_episode(self) -> None:
        """The state goes on."""

    def inject(self, n: int, amount: np.float32) -> None:
        self.on_deck[n] += amount

    def synapses(self) -> Synapses:
        return {k: self.weight[s] for s, k in enumerate(self.keys)}

    def tick(self) -> None:
        for n in range(len(self.ids)):
            taken = self.delta[n]
            self.delta[n], self.on_deck[n] = self.on_deck[n], 0
            value = max(F(self.leak[n] * self.value[n]) + taken, F(0))
            self.fired[n] = value > self.threshold[n]
            if self.fired[n]:
                value = self.resting[n]
                for s in self.rows[n]:
                    self.on_deck[self.target[s]] += self.weight[s]
            self.value[n] = value


class CleanNet(Net):
    """A clean one. more: id -> (reset, refractory ticks); tau: of both currents; delays: ticks of
    synapses, by their ends, 1 for those that are not there."""

    def __init__(
        self,
        neurons: dict[str, tuple[float, float, float]],
        more: dict[str, tuple[float, int]],
        tau: tuple[float, float],
        delays: dict[tuple[int, int], int],
    ) -> None:
        super().__init__(neurons, {})
        self.reset = np.array([more[i][0] for i in self.ids], F)
        self.refractory = [more[i][1] for i in self.ids]
        self.tau, self.delays = tau, delays
        self.begin_episode()

    def begin_episode(self) -> None:
        count = len(self.ids)
        self.value = self.resting.copy()
        self.input = np.zeros(count, F)
        self.current = np.zeros((2, count), F)
        self.wait = [0] * count
        self.due: list[tuple[int, int, int, int, np.float32]] = []  # tick, tick and source, ...
        self.ticks = 0

    def inject(self, n: int, amount: np.float32) -> None:
        self.input[n] += amount

    def gain(self, leak: np.float32, tau: float) -> np.float32:
        if tau == 0 or leak == 0:
            return leak if tau == 0 else F(0)
        x = -math.log(float(leak)) - 1 / tau
        return F(float(leak) * (math.expm1(x) / x if x else 1))

    def tick(self) -> None:
        self.ticks += 1
        arriving = sorted(d for d in self.due if d[0] == self.ticks)
        self.due = [d for d in self.due if d[0] != self.ticks]
        sums = np.zeros((2, len(self.ids)), F)
        for _, _, _, target, weight in arriving:
            sums[int(np.signbit(weight)), target] += weight
        for n in range(len(self.ids)):
            self.fired[n] = self.tick_one(n, sums)
        for n in np.flatnonzero(self.fired):
            for s in self.rows[n]:
                delay = self.delays.get(self.keys[s], 1)
                arrival = self.ticks + delay, self.ticks, int(n)
                self.due.append((*arrival, int(self.target[s]), self.weight[s]))

    def tick_one(self, n: int, sums: Any) -> bool:
        leak = self.leak[n]
        value = F(leak * self.value[n]) + F((1 - float(leak)) * float(self.resting[n]))
        for c, tau in enumerate(self.tau):
            self.current[c, n] += sums[c, n]
            value = value + F(self.gain(leak, tau) * self.current[c, n])
            self.current[c, n] *= F(math.exp(-1 / tau)) if tau else F(0)
        value = value + self.input[n]
        self.input[n] = 0
        if self.wait[n]:
            self.wait[n] -= 1
            return False
        fires = bool(value > self.threshold[n])
        self.value[n] = self.reset[n] if fires else value
        self.wait[n] = self.refractory[n] if fires else 0
        return fires


def average(rate: Any, alpha: np.float32, fired: Any) -> Any:
    return F(F(1) - alpha) * rate + alpha * fired


def margin_of(scores: list[np.float32]) -> np.float32:
    if len(scores) < 2:
        return F(0)
    ordered = sorted(scores, reverse=True)
    return F(ordered[0] - ordered[1])


class Trainer:
    """What both rules share. An episode is (events by tick, loop, target)."""

    def __init__(self, net: Net, config: dict[str, Any]) -> None:
        self.net = net
        self.c = {k: F(v) if isinstance(v, float) else v for k, v in config.items()}
        self.rate = np.zeros(len(net.ids), F)

    def feed(self, episode: Any) -> Any:
        """Injects before each tick, and makes it."""
        events, loop, _ = episode
        self.net.begin_episode()
        period = max(events) + 1 if events else 0
        for tick in range(self.c["warmup_ticks"] + self.c["decision_window"]):
            at = tick % period if loop and period else tick
            for sensor, amount in sorted(events.get(at, {}).items()):
                self.net.inject(self.net.ids.index(sensor), F(amount))
            self.net.tick()
            yield tick

    def epoch(self, data: list[Any]) -> tuple[float, float]:
        right, margins = 0, 0.0
        size = max(1, self.c["batch_size"])
        for first in range(0, len(data), size):
            batch = data[first : first + size]
            self.begin_batch()
            for episode in batch:
                winner, margin = self.learn(episode)
                right += winner == episode[2]
                margins += float(margin)
            self.update(len(batch))
            self.move_neurons()
        return right / len(data), margins / len(data)

    def move_neurons(self) -> None:
        net, c = self.net, self.c
        if c["eta_theta"]:
            net.threshold = net.threshold + c["eta_theta"] * (self.rate - c["r_target"])
        if c["eta_leak"]:
            moved = net.leak + c["eta_leak"] * (c["r_target"] - self.rate)
            net.leak = np.clip(moved, F(0), F(1))

    def clip(self, weight: np.float32) -> np.float32:
        most = self.c["weight_clip"]
        return min(max(weight, F(-most)), most) if most > 0 else weight

    def begin_batch(self) -> None:
        raise NotImplementedError

    def learn(self, episode: Any) -> tuple[str, np.float32]:
        raise NotImplementedError

    def update(self, size: int) -> None:
        raise NotImplementedError


class Gradient(Trainer):
    def __init__(self, net: Net, config: dict[str, Any]) -> None:
        super().__init__(net, config)
        self.moments: dict[tuple[int, int], tuple[np.float32, np.float32]] = {}
        self.updates = 0

    def begin_batch(self) -> None:
        self.sum = np.zeros(len(self.net.keys), F)

    def learn(self, episode: Any) -> tuple[str, np.float32]:
        net, c = self.net, self.c
        self.rate[:] = 0
        self.trace = np.zeros(len(net.keys), F)
        for _ in self.feed(episode):
            self.rate = average(self.rate, c["rate_alpha"], net.fired)
            self.trace = c["elig_lambda"] * self.trace + self.rate[net.source]
        scores = [self.rate[o] for o in net.outputs]
        self.sum = self.sum + self.gradient(episode[2])
        return net.ids[net.outputs[int(np.argmax(scores))]], margin_of(scores)

    def distances(self) -> dict[int, int]:
        distance = {o: 0 for o in self.net.outputs}
        queue = list(self.net.outputs)
        for target in queue:
            for source, other in self.net.keys:
                if other == target and source not in distance:
                    distance[source] = distance[target] + 1
                    queue.append(source)
        return distance

    def gradient(self, target: str) -> Any:
        net, t = self.net, self.c["temperature"]
        x = [F(self.rate[o] / t) for o in net.outputs]
        powers = [exp(F(a - max(x))) for a in x]
        total = F(0)
        for power in powers:
            total = F(total + power)
        error = np.zeros(len(net.ids), F)
        for o, power in zip(net.outputs, powers, strict=True):
            error[o] = F(F(F(power / total) - F(net.ids[o] == target)) / t)
        c = np.clip(self.rate, F(0.05), F(0.95))
        slope = c * (F(1) - c)
        distance = self.distances()
        for n in sorted(distance, key=lambda n: distance[n]):
            for s in net.rows[n]:
                k = net.target[s]
                if distance[n] and distance.get(k, distance[n]) < distance[n]:
                    error[n] = F(error[n] + F(F(net.weight[s] * slope[k]) * error[k]))
        return F(1) * (error * slope)[net.target] * self.trace

    def update(self, size: int) -> None:
        net, c = self.net, self.c
        gradient = self.sum * F(F(1) / F(size))
        norm = math.sqrt(sum(float(g) ** 2 for g in gradient))
        if 0 < c["clip_grad_norm"] < norm:
            gradient = gradient * F(float(c["clip_grad_norm"]) / norm)
        self.updates += 1
        for s, key in enumerate(net.keys):
            weight = self.step(key, net.weight[s], gradient[s])
            if c["optimizer"] != "adamw":
                weight = F(weight - F(c["weight_decay"] * weight))
            net.weight[s] = self.clip(weight)
        kept = {k: w for k, w in net.synapses().items() if not abs(w) < c["prune_epsilon"]}
        if len(kept) < len(net.keys):
            net.set_synapses(kept)

    def step(self, key: tuple[int, int], weight: np.float32, g: np.float32) -> np.float32:
        c = self.c
        if c["optimizer"] == "sgd":
            return F(weight - F(c["lr"] * g))
        if c["optimizer"] == "adamw":
            weight = F(weight - F(F(c["lr"] * c["weight_decay"]) * weight))
        b1, b2 = c["adam_beta1"], c["adam_beta2"]
        m, v = self.moments.get(key, (F(0), F(0)))
        m = F(F(b1 * m) + F(F(F(1) - b1) * g))
        v = F(F(b2 * v) + F(F(F(1) - b2) * F(g * g)))
        self.moments[key] = m, v
        m_hat = float(m) / (1 - float(b1) ** self.updates)
        v_hat = float(v) / (1 - float(b2) ** self.updates)
        return F(weight - F(c["lr"] * F(m_hat / (math.sqrt(v_hat) + float(c["adam_eps"])))))


class Hebbian(Trainer):
    def __init__(self, net: Net, config: dict[str, Any]) -> None:
        super().__init__(net, config)
        self.baseline = F(0)
        self.low: dict[tuple[int, int], int] = {}
        self.idle = [0] * len(net.ids)

    def begin_batch(self) -> None:
        self.sum = np.zeros(len(self.net.keys), F)
        self.used = np.zeros(len(self.net.keys), F)
        self.rewards = F(0)

    def learn(self, episode: Any) -> tuple[str, np.float32]:
        net, c = self.net, self.c
        score = np.zeros(len(net.ids), F)
        trace = np.zeros(len(net.keys), F)
        for _ in self.feed(episode):
            score = average(score, c["detector_alpha"], net.fired)
            self.rate = average(self.rate, c["rate_alpha"], net.fired)
            post = self.rate if c["elig_post_use_rate"] else net.fired
            trace = c["elig_lambda"] * trace + net.fired[net.source] * post[net.target]
        scores = [score[o] for o in net.outputs]
        best = int(np.argmax(scores))
        is_weak = scores[best] < c["detector_threshold"]
        winner = c["default_id"] if is_weak else net.ids[net.outputs[best]]
        margin = margin_of(scores)
        reward, raw = self.reward(score, winner, margin, episode[2])
        gate = self.gate(winner, episode[2])
        self.rewards = F(self.rewards + raw)
        self.sum = np.where(gate, self.sum + F(c["lr"] * reward) * trace, self.sum)
        self.used = np.where(gate, self.used + trace, self.used)
        return winner, margin

    def gate(self, winner: str, target: str) -> Any:
        chosen = {"none": "", "winner_only": winner, "target_only": target}
        wanted = chosen[self.c["update_gating"]]
        return np.array([not wanted or self.net.ids[t] == wanted for t in self.net.target], bool)

    def reward(
        self, score: Any, winner: str, margin: np.float32, target: str
    ) -> tuple[np.float32, np.float32]:
        net, c = self.net, self.c
        others = [score[o] for o in net.outputs if net.ids[o] != target]
        lead = F(score[net.ids.index(target)] - (max(others) if others else F(0)))
        satisfied = winner == target and margin >= c["margin_delta"]
        if c["reward_mode"] == "binary":
            raw = c["reward_pos"] if satisfied else c["reward_neg"]
        elif c["reward_mode"] == "margin_linear":
            raw = min(max(F(c["reward_gain"] * lead), c["reward_min"]), c["reward_max"])
        else:
            x = F(c["reward_gain"] * F(c["margin_delta"] - lead))
            raw = min(max(F(F(1) / F(F(1) + exp(F(-x)))), c["reward_min"]), c["reward_max"])
        used = raw
        if c["use_advantage_baseline"]:
            beta = c["baseline_beta"]
            used = F(raw - self.baseline)
            self.baseline = F(F(F(F(1) - beta) * self.baseline) + F(beta * raw))
        return (F(0) if c["no_update_if_satisfied"] and satisfied else used), raw

    def update(self, size: int) -> None:
        net, c = self.net, self.c
        share = F(F(1) / F(size))
        boost = F(c["usage_boost_gain"] * F(self.rewards * share))
        for s in range(len(net.keys)):
            weight = F(net.weight[s] + F(self.sum[s] * share))
            weight = self.clip(F(weight - F(c["weight_decay"] * weight)))
            if c["usage_boost_gain"]:
                usage = min(max(F(self.used[s] * share), F(0)), F(1))
                weight = F(weight + F(boost * usage))
            net.weight[s] = weight
        self.prune()

    def prune(self) -> None:
        kept = {}
        for key, weight in self.net.synapses().items():
            is_small = abs(weight) < self.c["prune_epsilon"]
            self.low[key] = self.low.get(key, 0) + 1 if is_small else 0
            if self.low[key] < self.c["prune_patience"]:
                kept[key] = weight
        if len(kept) < len(self.net.keys):
            self.net.set_synapses(kept)

    def move_neurons(self) -> None:
        super().move_neurons()
        gone: set[tuple[int, int]] = set()
        for n in range(len(self.net.ids)):
            is_idle = self.rate[n] < self.c["inactive_rate_threshold"]
            self.idle[n] = self.idle[n] + 1 if is_idle else 0
            if 0 < self.c["inactive_rate_patience"] <= self.idle[n]:
                self.idle[n] = 0
                gone |= self.weakest(n)
        if gone:
            kept = {k: w for k, w in self.net.synapses().items() if k not in gone}
            self.net.set_synapses(kept)

    def weakest(self, neuron: int) -> set[tuple[int, int]]:
        c, found = self.c, set()
        for side, is_on in ((0, c["prune_inactive_out"]), (1, c["prune_inactive_in"])):
            mine = [(abs(w), k) for k, w in self.net.synapses().items() if k[side] == neuron]
            if is_on:
                found |= {k for _, k in sorted(mine)[: c["prune_inactive_max"]]}
        return found
