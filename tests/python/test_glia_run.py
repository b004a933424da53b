"""Runs of networks: fed by sequences, stopped, resumed, saved, with hooks."""

import pickle
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketch
from ketch import glia


def _net(seed: int = 1, neurons: int = 20, synapses: int = 150) -> glia.Network:
    generator = numpy.random.default_rng(seed)
    net = glia.Network(5, neurons - 5)
    ids = net.neuron_ids
    net.set_state(ids, generator.uniform(60, 110, neurons), generator.uniform(0.7, 1, neurons))
    ends = [[ids[i] for i in generator.integers(0, neurons, synapses)] for _ in range(2)]
    return net.add_synapses(*ends, generator.uniform(-60, 90, synapses))


def _input(seed: int = 2, ticks: int = 200) -> glia.InputSequence:
    generator = numpy.random.default_rng(seed)
    array = 200 * (generator.random((ticks, 5)) < 0.3)
    return glia.create_sequence_from_array(array, [f"S{i}" for i in range(5)])


def _by_steps(net: glia.Network, sequence: glia.InputSequence, ticks: int) -> list[list[str]]:
    """The neurons that fire in each tick, by single calls."""
    found = []
    events = sequence.events
    period = sequence.last_tick + 1 if sequence.loop and events else 2**62
    for tick in range(ticks):
        for when, id, amount in events:
            if when == tick % period:
                net.inject(id, amount)
        net.step()
        found.append(net.get_firing_neurons())
    return found


def _fired(result: glia.RunResult) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in range(result.ticks)]
    ids = result.network.neuron_ids
    for tick, neuron in zip(*result.spikes, strict=True):
        found[tick].append(ids[neuron])
    return found


events = st.lists(
    st.tuples(
        st.integers(0, 25),
        st.sampled_from(["S0", "S1", "S10", "S2", "N0", "nobody"]),
        st.floats(-100, 300, width=32),
    ),
    max_size=30,
)


@given(events=events, loop=st.booleans(), ticks=st.integers(0, 60))
@settings(deadline=None, max_examples=60)
def test_a_run_is_injections_and_steps(events: Any, loop: bool, ticks: int) -> None:
    sequence = glia.InputSequence()
    for event in events:
        sequence.add(*event)
    sequence.loop = loop
    net = _net(3)
    other = net.copy()
    result = net.run(sequence, ticks)
    assert _fired(result) == _by_steps(other, sequence, ticks)
    assert net.state["values"].tobytes() == other.state["values"].tobytes()
    assert result.status == "OK" and result.ticks == ticks and net.ticks == ticks


def test_what_a_run_tells() -> None:
    pytest.importorskip("scipy.sparse", reason="SciPy is not installed")
    net, sequence = _net(), _input()
    result = net.run(sequence)
    ticks, neurons = result.spikes
    assert result.ticks == 200 and result.left_out == 0 and not result.stopped
    assert ticks.size > 100 and (numpy.diff(ticks.astype(int)) >= 0).all()
    assert (numpy.bincount(neurons, minlength=20) == result.counts).all()
    raster = result.raster()
    assert raster.shape == (200, 20) and raster.sum() == ticks.size
    assert repr(result) == f"RunResult(OK, 200 ticks, {ticks.size} spikes)"
    assert result.position.done == 200 and result.report.seconds >= 0
    counted = _net().run(sequence, record=False)
    assert (counted.counts == result.counts).all() and counted.spikes[0].size == 0


def test_a_stopped_run_goes_on_and_is_saved_and_loaded(tmp_path: Path) -> None:
    sequence, whole = _input(), _net()
    expected = whole.run(sequence)
    net = _net()

    def hook(step: ketch.Step) -> bool:
        assert step.state is None
        if step.fence and step.done == 70:
            seen.append(net.get_firing_neurons())
            return True
        return False

    seen: list[list[str]] = []
    result = net.run(sequence, hook=hook, hook_every=10)
    assert result.status == "STOPPED" and result.ticks == 70
    assert seen == [_fired(expected)[69]] and net.get_firing_neurons() == seen[0]
    result.save(tmp_path / "run.ketch")
    other = _net()
    loaded = other.load_run(tmp_path / "run.ketch")
    for each in (result, loaded):
        assert each.resume().status == "OK"
        assert _fired(each) == _fired(expected)
        assert each.network.state["values"].tobytes() == whole.state["values"].tobytes()
    with pytest.raises(ketch.RangeError):
        _net(7).load_run(tmp_path / "run.ketch")


def test_what_a_hook_raises_comes_out_and_the_run_goes_on() -> None:
    net, sequence = _net(), _input()

    class Odd(Exception):
        pass

    def hook(step: ketch.Step) -> None:
        raise Odd

    with pytest.raises(Odd):
        net.run(sequence, hook=hook, hook_every=50)
    assert net.ticks == 50
    assert net.run(ticks=3).status == "OK"


def test_a_timeout_and_a_token_end_a_run() -> None:
    net = _net()
    result = net.run(ticks=2**60, record=False, timeout=0.05)
    assert result.status == "TIMEOUT" and 0 < result.ticks < 2**60
    stop = ketch.Stop()
    stop.set()
    assert net.run(ticks=10, stop=stop).status == "STOPPED"


def test_ctrl_c_ends_a_run(script: Any) -> None:
    done = script(
        """
        import os, signal, threading
        from ketch import glia
        net = glia.Network(5, 5)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            net.run(ticks=2**60, record=False)
        except KeyboardInterrupt as error:
            assert error.result.status == "HOOK" and error.result.ticks > 0
            print("ended", net.run(ticks=5).status)
        """
    )
    assert done.stdout == "ended OK\n", done.stderr


def test_a_strict_run_refuses_what_others_leave_out() -> None:
    sequence = glia.InputSequence()
    sequence.add(1, "nobody", 5)
    net = _net()
    assert net.run(sequence).left_out == 1
    with pytest.raises(ketch.BadIndexError):
        net.run(sequence, strict=True)


# ---- sequences


def test_events_are_sorted_and_the_last_of_equals_counts() -> None:
    sequence = glia.InputSequence()
    for event in [(4, "S0", 1), (0, "S2", 2), (0, "S10", 3), (4, "S0", 4)]:
        sequence.add(*event)
    assert sequence.events == [(0, "S10", 3), (0, "S2", 2), (4, "S0", 4)]
    assert len(sequence) == 3 and sequence.last_tick == 4 and not sequence.is_empty()
    again = pickle.loads(pickle.dumps(sequence))
    assert again == sequence and again is not sequence
    sequence.clear()
    assert sequence.is_empty() and sequence != again


def test_timesteps_are_appended() -> None:
    sequence = glia.InputSequence()
    sequence.add_timestep({})
    sequence.add_timestep({"S0": 1})
    sequence.add_timestep({})
    sequence.add_timestep({"S1": 2, "S0": 3})
    assert sequence.events == [(0, "S0", 1), (1, "S0", 3), (1, "S1", 2)]


def test_a_data_set_splits_shuffles_and_pickles() -> None:
    data = glia.Dataset([(glia.InputSequence(), f"O{i}") for i in range(10)])
    targets = [episode.target_id for episode in data]
    first, second = data.split(train_fraction=0.7, shuffle=False)
    assert [e.target_id for e in first] == targets[:7] and len(second) == 3
    mixed = data.shuffle(seed=42)
    assert sorted(e.target_id for e in mixed) == targets != [e.target_id for e in mixed]
    assert [e.target_id for e in data.shuffle(seed=42)] == [e.target_id for e in mixed]
    assert isinstance(data[2], glia.EpisodeData) and isinstance(data[1:3], glia.Dataset)
    again = pickle.loads(pickle.dumps(data))
    assert [e.target_id for e in again] == targets
    old = glia.EpisodeData()
    old.seq, old.target_id = glia.InputSequence(), "O1"
    assert glia.Dataset([old])[0] is old
