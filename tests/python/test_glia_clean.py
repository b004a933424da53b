"""Clean networks in Python: their equations, times and options, and Brian2 as an oracle."""

import math
from typing import Any

import numpy
import pytest

import ketch
from ketch import glia


def voltages(net: Any, ticks: int) -> Any:
    found = []
    for _ in range(ticks):
        net.step()
        found.append(net.get_state()["values"].copy())
    return numpy.array(found)


def test_networks_of_arrays_are_clean() -> None:
    net = glia.Network.from_arrays(["a", "b"], numpy.zeros((2, 2)))
    assert net.mode == "clean"
    assert glia.Network.from_arrays(["a"], [[0]], mode="compat").mode == "compat"


def test_voltages_leak_exponentially() -> None:
    net = glia.Network.from_arrays(
        ["a", "b"], numpy.zeros((2, 2)), thresholds=1e9, restings=[1.0, -3.0], taus=[2.0, 20.0],
        dt=0.1,
    )  # fmt: skip
    net.inject_dict({"a": 4.0, "b": 4.0})
    found = voltages(net, 300)
    ticks = numpy.arange(300)
    for i, (rest, tau) in enumerate(((1.0, 20), (-3.0, 200))):
        assert numpy.abs(found[:, i] - (rest + 4 * numpy.exp(-ticks / tau))).max() < 1e-5 * 4


def test_delays_and_refractory_times_are_converted() -> None:
    net = glia.Network.from_arrays(
        ["a", "b"], [[0, 2], [0, 0]], thresholds=1, delays=0.7, refractory=0.3, dt=0.1
    )
    fired = []
    for _ in range(12):
        net.inject("a", 5)
        net.step()
        fired.append("".join(net.get_firing_neurons()))
    assert fired == ["a", "", "", "", "a", "", "", "b", "a", "", "", "b"]


def test_a_reset_brings_back_the_beginning() -> None:
    net = glia.Network.from_arrays(
        ["a", "b"], [[0, 2], [1, 0]], thresholds=1, restings=-1, taus=9, tau_e=3, delays=5
    )
    runs = []
    for _ in range(2):
        net.inject("a", 5)
        runs.append(voltages(net, 30))
        net.reset()
    assert numpy.array_equal(*runs)
    assert net.ticks == 0


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"dt": 0}, "dt"),
        ({"taus": -1.0}, "taus"),
        ({"taus": 1.0, "leaks": 0.5}, "taus"),
        ({"leaks": 1.5}, "leak"),
        ({"delays": 256}, "delays"),
        ({"delays": 0}, "delays"),
        ({"delays": numpy.ones((2, 3))}, "delays"),
        ({"refractory": -1}, "refractory"),
        ({"tau_e": -1.0, "dt": 0.1}, r"tau_e out of range: given -1\.0"),
        ({"tau_i": numpy.inf}, "tau_i"),
        ({"dt": numpy.nan}, "dt"),
        ({"refractory": 1e9}, "refractory"),
        ({"delays": 2, "mode": "compat"}, "clean"),
    ],
)
def test_wrong_options_are_refused(options: Any, argument: str) -> None:
    with pytest.raises(ketch.RangeError, match=argument):
        glia.Network.from_arrays(["a", "b"], [[0, 1], [0, 0]], **options)


def test_unknown_options_and_neurons_are_refused() -> None:
    with pytest.raises(TypeError, match="did you mean 'delays'"):
        glia.Network.from_arrays(["a"], [[0]], delay=2)  # type: ignore[call-arg]
    net = glia.Network.from_arrays(["a"], [[0]])
    with pytest.raises(ketch.BadIndexError):
        net.inject("nobody", 1)


# ---- double precision

TAUS, COUNT_OF_MODEL, TICKS = (4.0, 9.0), 12, 120


def drawn(seed: int) -> tuple[dict[str, Any], Any, Any]:
    """Float32 numbers and delays of a network, and its injections."""
    draw = numpy.random.default_rng(seed)
    n = COUNT_OF_MODEL
    numbers = {
        "weights": draw.normal(0.1, 0.4, (n, n)) * (draw.random((n, n)) < 0.4),
        "leaks": draw.uniform(0.5, 0.99, n),
        "thresholds": draw.uniform(0.5, 1.5, n),
        "restings": draw.uniform(-0.1, 0.1, n),
        "resets": draw.uniform(-0.3, 0.3, n),
        "drives": draw.uniform(0, 0.02, n),
    }
    single = {name: x.astype(numpy.float32) for name, x in numbers.items()}
    events = draw.uniform(0, 1, (TICKS, n)) * (draw.random((TICKS, n)) < 0.2)
    single["refractory"] = draw.integers(0, 3, n)
    return single, draw.integers(1, 6, (n, n)), events.astype(numpy.float32)


def model(numbers: Any, delays: Any, events: Any) -> tuple[list[float], list[int]]:
    """The equations of clean networks, neuron by neuron, in Python's numbers."""
    n, inf = COUNT_OF_MODEL, {name: x.tolist() for name, x in numbers.items()}
    value, wait, counts = list(inf["restings"]), [0] * n, [0] * n
    current = [[0.0] * n, [0.0] * n]
    due = numpy.zeros((TICKS + 6, 2, n))
    for tick in range(TICKS):
        fired = []
        for i in range(n):
            leak = inf["leaks"][i]
            rate = -math.log(leak)
            new = leak * value[i] + (1 - leak) * inf["restings"][i]
            new += inf["drives"][i] * (1 - leak) / rate
            for c, tau in enumerate(TAUS):
                current[c][i] += due[tick, c, i]
                new += leak * math.expm1(rate - 1 / tau) / (rate - 1 / tau) * current[c][i]
                current[c][i] *= math.exp(-1 / tau)
            new += float(events[tick, i])
            if wait[i]:
                wait[i] -= 1
            elif new > inf["thresholds"][i]:
                value[i], wait[i] = inf["resets"][i], inf["refractory"][i]
                fired.append(i)
            else:
                value[i] = new
        for i in fired:
            counts[i] += 1
            for j in range(n):
                weight = inf["weights"][i][j]
                due[tick + delays[i, j], int(weight < 0), j] += weight
    return value, counts


@pytest.mark.parametrize("seed", range(6))
def test_double_precision_is_the_equations(seed: int) -> None:
    numbers, delays, events = drawn(seed)
    ids = [f"n{i}" for i in range(COUNT_OF_MODEL)]
    net = glia.Network.from_arrays(ids, delays=delays, tau_e=TAUS[0], tau_i=TAUS[1], **numbers)
    sequence = glia.InputSequence()
    for tick, i in zip(*events.nonzero(), strict=True):
        sequence.add(int(tick), ids[i], float(events[tick, i]))
    values, counts = net.run_double(sequence, TICKS)
    expected, spikes = model(numbers, delays, events)
    assert counts.tolist() == spikes and sum(spikes) > 30
    assert numpy.abs(values - expected).max() < 1e-12
    assert net.ticks == 0


def test_double_precision_goes_on_from_the_state_and_stays_near_single() -> None:
    numbers, delays, events = drawn(7)
    ids = [f"n{i}" for i in range(COUNT_OF_MODEL)]
    net = glia.Network.from_arrays(ids, delays=delays, tau_e=TAUS[0], tau_i=TAUS[1], **numbers)
    for tick in range(40):
        net.inject_dict(dict(zip(ids, map(float, events[tick]), strict=True)))
        net.step()
        net.inject("n3", 0.25)
        values, counts = net.run_double(ticks=3)
        copy = net.copy()
        copy.step(3)
        assert numpy.abs(values - copy.get_state()["values"]).max() < 1e-4
        assert counts.sum() >= len(copy.get_firing_neurons())


def test_double_precision_is_refused_for_compat_networks() -> None:
    net = glia.Network(1, 1)
    with pytest.raises(ketch.RangeError, match="float32"):
        net.run_double(ticks=1)
    with pytest.raises(ketch.RangeError, match="ticks"):
        net.run_double(ticks=-1)


# ---- Brian2


def import_brian() -> Any:
    """Brian2 2.9 does not begin with NumPy 2.4, so what it raises is no ImportError alone."""
    try:
        return __import__("brian2")
    except Exception as error:
        pytest.skip(f"no Brian2: {error!r}")


COUNT, EXCITATORY, SECONDS = 4000, 3200, 0.5


def cuba() -> tuple[Any, Any, Any]:
    """Sources, targets and first voltages of the network of Vogels and Abbott (2005)."""
    random = numpy.random.default_rng(1)
    sources, targets = numpy.nonzero(random.random((COUNT, COUNT)) < 0.02)
    return sources, targets, -60 + 10 * random.random(COUNT)


def brian_count(brian: Any, sources: Any, targets: Any, first: Any) -> int:
    brian.prefs.codegen.target = "numpy"
    brian.defaultclock.dt = 0.1 * brian.ms
    cells = brian.NeuronGroup(
        COUNT,
        """dv/dt = (ge + gi - (v + 49)) / (20*ms) : 1 (unless refractory)
        dge/dt = -ge / (5*ms) : 1
        dgi/dt = -gi / (10*ms) : 1""",
        threshold="v > -50", reset="v = -60", refractory=5 * brian.ms, method="exact",
    )  # fmt: skip
    cells.v = first
    parts = []
    for chosen, action in (
        (sources < EXCITATORY, "ge += 1.62"),
        (sources >= EXCITATORY, "gi -= 9"),
    ):
        parts.append(brian.Synapses(cells, cells, on_pre=action))
        parts[-1].connect(i=sources[chosen], j=targets[chosen])
    monitor = brian.SpikeMonitor(cells)
    brian.Network(cells, monitor, *parts).run(SECONDS * brian.second)
    return int(monitor.num_spikes)


def own_count(sources: Any, targets: Any, first: Any) -> int:
    sparse = pytest.importorskip("scipy.sparse")
    weights = numpy.where(sources < EXCITATORY, 1.62, -9) / 200
    matrix = sparse.coo_matrix((weights, (sources, targets)), shape=(COUNT, COUNT))
    net = glia.Network.from_arrays(
        [f"N{i}" for i in range(COUNT)], matrix, thresholds=-50, restings=-49, resets=-60,
        taus=20, tau_e=5, tau_i=10, refractory=4.9, dt=0.1,
    )  # fmt: skip
    net.inject_dict({f"N{i}": value + 49 for i, value in enumerate(first)})
    return int(net.run(ticks=int(SECONDS * 10000)).counts.sum())


def test_cuba_fires_as_in_brian2() -> None:
    brian = import_brian()
    network = cuba()
    own, others = own_count(*network), brian_count(brian, *network)
    assert own > COUNT
    assert own == pytest.approx(others, rel=0.05)


def test_the_leak_is_that_of_brian2() -> None:
    brian = import_brian()
    brian.prefs.codegen.target = "numpy"
    brian.defaultclock.dt = 0.1 * brian.ms
    cells = brian.NeuronGroup(1, "dv/dt = -(v + 49) / (20*ms) : 1", method="exact")
    cells.v = -60
    monitor = brian.StateMonitor(cells, "v", record=True, when="end")
    brian.Network(cells, monitor).run(100 * brian.ms)
    net = glia.Network.from_arrays(
        ["a"], [[0]], thresholds=1e9, restings=-49, taus=20, dt=0.1, resets=-60
    )
    net.inject("a", -11)
    own = voltages(net, 1001)[1:, 0]
    assert numpy.abs(own - monitor.v[0][:1000]).max() < 1e-5 * 60
