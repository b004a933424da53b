"""Networks: the rules of a tick, what they are built of, what is read and set of them."""

import copy
import pickle
import zlib
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketch
from glia_model import Model
from glia_traces import number, traces
from ketch import glia

# ---- ticks, against the model

IDS = ["S0", "S1", "S10", "S2", "O0", "O1", "H0", "H1", "N0", "x"]
numbers = st.floats(-300, 300, width=32)
neurons = st.tuples(
    st.sampled_from(IDS),
    st.floats(-5, 120, width=32),
    st.one_of(st.sampled_from([0.0, 1.0]), st.floats(-0.5, 1.5, width=32)),
    st.floats(-20, 20, width=32),
)
pairs = st.tuples(st.integers(0, 99), st.integers(0, 99), numbers)
injections = st.tuples(st.integers(0, 30), st.sampled_from([*IDS, "nobody"]), numbers)


@given(
    cells=st.lists(neurons, min_size=1, max_size=12),
    synapses=st.lists(pairs, max_size=40),
    inputs=st.lists(injections, max_size=40),
)
@settings(deadline=None, max_examples=200)
def test_ticks_are_those_of_the_model(cells: Any, synapses: Any, inputs: Any) -> None:
    model, net = Model(), glia.Network()
    for id, threshold, leak, resting in cells:
        model.add_neuron(id, threshold, leak, resting)
        net.add_neuron(id, threshold, leak, resting)
    ids = [cell.id for cell in model.cells]
    named = [(ids[a % len(ids)], ids[b % len(ids)], weight) for a, b, weight in synapses]
    for source, target, weight in named:
        model.add_synapse(source, target, weight)
    net.add_synapses([a for a, _, _ in named], [b for _, b, _ in named], [w for _, _, w in named])
    assert net.neuron_ids == ids
    for tick in range(32):
        for when, id, amount in inputs:
            if when == tick:
                model.inject(id, amount)
                net.inject(id, amount)
        model.step()
        net.step()
        assert net.get_firing_neurons() == model.fired()
        assert net.get_state()["values"].tobytes() == model.values()


TRACES = traces()


@pytest.mark.parametrize("name", TRACES)
def test_ticks_are_those_recorded_from_gliagl(name: str) -> None:
    net = glia.Network()
    lines = TRACES[name]
    for word, *rest in lines:
        if word == "neuron":
            net.add_neuron(rest[0], *map(number, rest[1:]))
    ends = [rest for word, *rest in lines if word == "synapse"]
    net.add_synapses([e[0] for e in ends], [e[1] for e in ends], [number(e[2]) for e in ends])
    ids = net.neuron_ids
    assert ids == [rest[0] for word, *rest in lines if word == "neuron"]
    for word, *rest in lines:
        if word == "inject":
            net.inject(rest[0], number(rest[1]))
        elif word == "tick":
            net.step()
            assert net.get_firing_neurons() == [ids[int(index)] for index in rest[1:]]
            volts = net.get_state()["values"].astype("<f4").tobytes()
            assert f"{zlib.crc32(volts):08x}" == rest[0]
    assert len(TRACES) == 12 and net.ticks >= 50


@pytest.mark.parametrize(
    "chain, fired",
    [
        (["S0", "N0"], {"S0": 2, "N0": 3}),
        (["S0", "N0", "N1"], {"S0": 2, "N0": 3, "N1": 4}),
        (["S0", "N1", "N0"], {"S0": 2, "N1": 3, "N0": 5}),
    ],
)
def test_a_synapse_against_tick_order_takes_two_ticks(
    chain: list[str], fired: dict[str, int]
) -> None:
    net = glia.Network().add_neuron("S0", 100)
    for id in sorted(chain[1:]):
        net.add_neuron(id, 50)
    net.add_synapses(chain[:-1], chain[1:], 60.0)
    net.inject("S0", 200)
    found: dict[str, int] = {}
    for tick in range(1, 8):
        net.step()
        found |= {id: tick for id in net.get_firing_neurons() if id not in found}
    assert found == fired


def test_many_steps_are_as_single_ones() -> None:
    nets = [glia.Network(5, 10) for _ in range(2)]
    generator = numpy.random.default_rng(1)
    ids = nets[0].neuron_ids
    weights = generator.uniform(-40, 90, 60)
    ends = [[ids[i] for i in generator.integers(0, 15, 60)] for _ in range(2)]
    for net in nets:
        net.add_synapses(*ends, weights)
        net.inject_dict({f"S{i}": 50.0 for i in range(5)})
    nets[0].step(300)
    for _ in range(300):
        nets[1].step()
    assert nets[0].ticks == nets[1].ticks == 300
    assert nets[0].get_state()["values"].tobytes() == nets[1].get_state()["values"].tobytes()
    assert nets[0].get_firing_neurons() == nets[1].get_firing_neurons()


# ---- building


def test_a_new_network_has_the_old_ones_neurons() -> None:
    net = glia.Network(num_sensory=2, num_neurons=3)
    assert net.neuron_ids == ["S0", "S1", "N0", "N1", "N2"]
    assert (net.num_neurons, net.num_connections, net.mode) == (5, 0, "compat")
    state = net.state
    assert state["values"].tolist() == [70] * 5
    assert state["thresholds"].tolist() == [100] * 5
    assert state["leaks"].tolist() == [1] * 5
    assert all(state[name].dtype == numpy.float32 for name in ("values", "thresholds", "leaks"))


def test_sensory_ids_are_sorted_as_text() -> None:
    net = glia.Network(12, 0).add_neuron("O1").add_neuron("S")
    assert net.sensory_ids == ["S", "S0", "S1", "S10", "S11", *(f"S{i}" for i in range(2, 10))]
    assert net.output_ids == ["O1"]
    net.inject_array(numpy.arange(13) * 20.0)
    net.step(2)
    voltages = dict(zip(net.state["ids"], net.state["values"].tolist(), strict=True))
    assert voltages["S"] == 0 and voltages["S0"] == 90 and voltages["S10"] == 70  # fired at 130
    assert net.get_firing_neurons() == ["S1", *(f"S{i}" for i in range(2, 12))]


def test_a_network_of_arrays() -> None:
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy is not installed")
    ids = ["O0", "S1", "S0", "N0"]
    matrix = numpy.array([[0, 0, 0, 1], [2, 0, 0, 0], [3, 4, 0, 0], [0, 0, 5, 6]], numpy.float32)
    thresholds = [10, 20, 30, 40]
    made = [
        glia.Network.from_arrays(ids, weights, thresholds=thresholds, leaks=0.5, mode="compat")
        for weights in (
            matrix,
            matrix.tolist(),
            sparse.csr_matrix(matrix),
            sparse.coo_array(matrix),
        )
    ]
    for net in made:
        assert net.neuron_ids == ["S1", "S0", "O0", "N0"]
        assert net.state["thresholds"].tolist() == [20, 30, 10, 40]
        assert net.state["leaks"].tolist() == [0.5] * 4
        order = [1, 2, 0, 3]
        assert (net.to_adjacency_matrix(dense=True) == matrix[numpy.ix_(order, order)]).all()
        assert (net.to_adjacency_matrix().toarray() == matrix[numpy.ix_(order, order)]).all()
        assert net.to_adjacency_matrix().dtype == numpy.float32


def test_weights_come_by_source_and_by_target_as_text() -> None:
    net = glia.Network(1, 12)
    targets = ["N2", "N10", "S0", "N1"]
    net.add_synapses(["N0"] * 4, targets, [2, 10, 0, 1])
    net.add_synapses(["S0"], ["N3"], [3])
    found = net.get_weights()
    assert found["from"] == ["S0", *["N0"] * 4]
    assert found["to"] == ["N3", "N1", "N10", "N2", "S0"]
    assert found["weights"].tolist() == [3, 1, 10, 2, 0] and found["weights"].dtype == numpy.float32
    assert net.weights["values"].tolist() == [3, 1, 10, 2, 0]


def test_weights_are_set_added_and_replaced() -> None:
    net = glia.Network(1, 2).add_synapses(["S0", "N0"], ["N0", "N1"], [1, 2])
    net.set_weights({"from": ["S0", "N1"], "to": ["N0", "N1"], "weights": [5, 6]})
    assert net.get_weights()["weights"].tolist() == [5, 2, 6]
    net.set_weights(["N0"], ["N1"], numpy.array([7.0]))
    assert net.get_weights()["weights"].tolist() == [5, 7, 6]
    net.set_weights({"from": ["N1"], "to": ["S0"], "weights": [8]}, replace=True)
    assert net.get_weights()["from"] == ["N1"] and net.num_connections == 1
    with pytest.raises(ketch.RangeError):
        net.set_weights({"from": ["N1"], "to": ["N0"], "weights": [numpy.nan]}, replace=True)
    assert net.get_weights()["to"] == ["S0"]
    net.set_weights({"from": [], "to": [], "weights": []}, replace=True)
    assert net.num_connections == 0


def test_set_state_sets_thresholds_and_leaks_and_no_voltage() -> None:
    net = glia.Network(1, 2)
    net.set_state(["N1", "S0"], [5, 6], [0.5, 0.25])
    state = net.get_state()
    assert state["thresholds"].tolist() == [6, 100, 5]
    assert state["leaks"].tolist() == [0.25, 1, 0.5] and state["values"].tolist() == [70] * 3


def test_a_neuron_has_the_old_getters_and_setters() -> None:
    net = glia.Network(1, 1)
    neuron = net.get_neuron("N0")
    neuron.set_threshold(50)
    neuron.set_leak(0.5)
    assert (neuron.get_id(), neuron.get_value(), neuron.get_threshold()) == ("N0", 70, 50)
    assert (neuron.get_leak(), neuron.get_resting()) == (0.5, 70)
    neuron.set_resting(10)
    assert (neuron.get_value(), neuron.get_resting()) == (10, 10)
    net.add_neuron("S1")  # moves N0's number
    assert neuron.value == 10 and not neuron.did_fire()
    neuron.set_threshold(1)
    net.step()
    assert neuron.did_fire() and neuron.value == 10


def test_unknown_and_other_neurons_get_no_injection() -> None:
    net = glia.Network(1, 1)
    net.inject("N0", 500)
    net.inject("nobody", 500)
    net.inject_dict({"nobody": 1, "S0": 20, "N0": 3})
    net.step(2)
    assert net.state["values"].tolist() == [90, 70]
    with pytest.raises(ketch.RangeError):
        net.inject("N0", 1, strict=True)
    with pytest.raises(ketch.BadIndexError):
        net.inject("nobody", 1, strict=True)


def test_reset_resets_nothing() -> None:
    net = glia.Network(1)
    net.inject("S0", 10)
    net.step(2)
    net.reset()
    assert net.state["values"].tolist() == [80]


# ---- copies and pickles


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, glia.Network.copy])
def test_a_copy_goes_on_alone(copied: Any) -> None:
    net = glia.Network(2, 2).add_synapses(["S0"], ["N0"], [50])
    net.inject("S0", 100)
    net.step()
    other = copied(net)
    net.inject("S0", 1000)
    net.step(3)
    other.step()
    assert other.get_firing_neurons() == ["S0"] and other.ticks == 2
    assert other.num_connections == 1


def test_a_pickle_keeps_what_is_under_way() -> None:
    net = glia.Network(2, 3).add_synapses(["S0", "S1", "N1"], ["N1", "S0", "N0"], [40, 80, 90])
    net.get_neuron("N0").resting = -3
    net.inject_dict({"S0": 100, "S1": 55})
    net.step(3)
    again = pickle.loads(pickle.dumps(net))
    assert again.get_weights()["to"] == net.get_weights()["to"]
    for _ in range(10):
        net.step()
        again.step()
        assert again.get_firing_neurons() == net.get_firing_neurons()
        assert again.state["values"].tobytes() == net.state["values"].tobytes()
    assert b"ketch.glia" in pickle.dumps(net) and b"_network" not in pickle.dumps(net)


def test_what_is_shown() -> None:
    net = glia.Network(1, 2).add_neuron("O0").add_synapses(["S0"], ["O0"], [1])
    assert repr(net) == "Network(4 neurons: 1 sensory, 1 output; 1 synapse, compat)"
    assert "synapses" in net._repr_html_()
    shown = "Neuron('S0', value 70, threshold 100, leak 1, resting 70)"
    assert repr(net.get_neuron("S0")) == shown


def test_importing_ketch_leaves_glia_alone(script: Any) -> None:
    done = script(
        """
        import sys, ketch
        assert "ketch.glia" not in sys.modules
        assert ketch.glia.Network(1).num_neurons == 1
        """
    )
    assert done.returncode == 0, done.stderr
