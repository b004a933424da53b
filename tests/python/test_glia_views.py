"""Views of networks: arrays without a copy that never change; and pickles of all that networks
have, that runs leave and trainings read."""

import contextlib
import copy
import gc
import pickle
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy
import pytest

import ketch
from ketch import glia
from ketch._native.glia import FIELDS

COMPAT = "values", "thresholds", "leaks", "restings", "delta", "on_deck"
CLEAN = tuple(name for name in FIELDS if name != "delta")


def compat_net() -> glia.Network:
    generator = numpy.random.default_rng(3)
    net = glia.Network(6, 10)
    ids = net.neuron_ids
    sources, targets = ([ids[i] for i in generator.integers(0, 16, 80)] for _ in range(2))
    net.add_synapses(sources, targets, generator.uniform(-40, 90, 80))
    net.inject_dict({f"S{i}": 50.0 for i in range(6)})
    net.step(5)
    return net


def clean_net(delays: Any = 12, seed: int = 4) -> glia.Network:
    """It fires by itself."""
    generator = numpy.random.default_rng(seed)
    matrix = generator.uniform(-4, 12, (16, 16)) * (generator.random((16, 16)) < 0.4)
    net = glia.Network.from_arrays(
        [f"N{i}" for i in range(16)], matrix, thresholds=generator.uniform(5, 10, 16),
        restings=generator.uniform(-1, 1, 16), resets=-2, refractory=3, taus=9.5,
        tau_e=2.5, tau_i=4, drives=generator.uniform(0, 3, 16), delays=delays,
    )  # fmt: skip
    net.inject("N3", 7.0)
    net.step(37)
    net.inject("N5", 6.0)
    return net


NETS = pytest.mark.parametrize(("make", "names"), [(compat_net, COMPAT), (clean_net, CLEAN)])
Make = Callable[[], glia.Network]


def all_views(net: glia.Network, names: tuple[str, ...]) -> list[Any]:
    found: list[Any] = [net.view(name) for name in names]
    return found + [each for each in net.view_synapses() if each is not None]


def expect_same_future(one: glia.Network, two: glia.Network, ticks: int = 60) -> None:
    assert one.get_weights()["to"] == two.get_weights()["to"]
    assert one.view_synapses().weights.tobytes() == two.view_synapses().weights.tobytes()
    fired = 0
    for _ in range(ticks):
        one.step()
        two.step()
        assert one.get_firing_neurons() == two.get_firing_neurons()
        assert one.view().tobytes() == two.view().tobytes()
        fired += len(one.get_firing_neurons())
    assert fired > 10


# ---- views


@NETS
def test_views_are_what_the_network_has(make: Make, names: tuple[str, ...]) -> None:
    net = make()
    state, weights = net.get_state(), net.get_weights()
    for name in ("values", "thresholds", "leaks"):
        assert net.view(name).tobytes() == state[name].tobytes()
    rows, ids = net.view_synapses(), net.neuron_ids
    sources = numpy.repeat(numpy.arange(16), numpy.diff(rows.indptr))
    pairs = zip(sources, rows.indices, rows.weights, strict=True)
    found = {(ids[a], ids[b]): w for a, b, w in pairs}
    expected = zip(weights["from"], weights["to"], weights["weights"], strict=True)
    assert found == {(a, b): w for a, b, w in expected}
    assert (rows.delays is None) == (net.mode == "compat")
    for view in all_views(net, names):
        assert not view.flags.writeable and not view.flags.owndata
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 1


@NETS
def test_views_never_change_and_networks_go_on(make: Make, names: tuple[str, ...]) -> None:
    net, plain = make(), make()
    views = all_views(net, names)
    copies = [view.copy() for view in views]
    for each in (net, plain):
        each.step(3)
        each.inject(each.neuron_ids[0], 90)
        each.set("thresholds", 6)
        each.add_neuron("X", 1)
        each.step(5)
    net.set_weights({"from": [], "to": [], "weights": []}, replace=True)
    plain.set_weights({"from": [], "to": [], "weights": []}, replace=True)
    assert net.get_state()["values"].tobytes() == plain.get_state()["values"].tobytes()
    del net
    gc.collect()
    others = [make() for _ in range(4)]  # may take memory that was given back
    assert all((a == b).all() for a, b in zip(views, copies, strict=True))
    assert len(others) == 4


def test_a_view_of_a_callback_stays_while_weights_learn() -> None:
    text = "NEURON S0 100 1 0\nNEURON S1 100 1 0\nNEURON O0 50 .9 0\nNEURON O1 50 .9 0\n"
    edges = "".join(f"CONNECTION S{i} O{j} 20\n" for i in (0, 1) for j in (0, 1))
    steady = [glia.create_sequence_from_array([[200]] * 100, [f"S{i}"]) for i in (0, 1)]
    data = glia.Dataset.from_sequences(steady, ["O0", "O1"])
    config = glia.create_config(lr=5, shuffle=False)
    trained = []
    views: list[Any] | None
    for views in ([], None):
        net = glia.Network.from_text(text + edges)
        seen: list[Any] = []

        def look(
            epoch: int, accuracy: float, margin: float, net: Any = net, seen: Any = seen,
            views: Any = views,
        ) -> None:  # fmt: skip
            if views is not None:
                views.append(net.view_synapses().weights)
                seen.append(views[-1].tolist())

        glia.Trainer(net).train(data, 5, config, callback=look)
        kept: list[Any] = views or []
        assert [each.tolist() for each in kept] == seen
        assert views is None or (len(seen) == 5 and seen[0] != seen[4])
        trained.append(net.get_weights()["weights"].tobytes())
    assert trained[0] == trained[1]


def test_a_view_of_a_hook_stays_while_the_run_goes_on() -> None:
    net, seen = clean_net(), []
    net.run(
        ticks=40, hook_every=10, hook=lambda step: seen.append(net.view()) if step.fence else None
    )
    assert len(seen) == 4 and len({view.tobytes() for view in seen}) == 4


def test_views_while_another_thread_makes_ticks() -> None:
    net = clean_net()

    def look() -> int:
        busy = 0
        for _ in range(300):
            try:
                assert net.view().size == 16
            except ketch.BusyError:
                busy += 1
        return busy

    def tick() -> int:
        busy = 0
        for _ in range(300):
            try:
                net.step()
            except ketch.BusyError:
                busy += 1
        return 300 - busy

    before = net.ticks
    with ThreadPoolExecutor(2) as pool:
        looking, made = pool.submit(look), pool.submit(tick)
    assert looking.result() < 300 and net.ticks == before + made.result()


def test_a_network_without_neurons_has_empty_views() -> None:
    for net in (glia.Network(), glia.Network.from_arrays([], numpy.zeros((0, 0)))):
        assert net.view().shape == (0,) and net.view_synapses().indptr.tolist() == [0]
    rows = glia.Network(2).view_synapses()
    assert rows.indptr.tolist() == [0, 0, 0] and rows.weights.shape == (0,) and rows.delays is None


def test_numbers_are_set() -> None:
    net = clean_net()
    for i, name in enumerate(CLEAN):
        values = numpy.full(16, 0.5) if name == "leaks" else numpy.arange(16) + i
        net.set(name, values)
        assert net.view(name).tolist() == values.tolist()
    net.set("restings", 4)
    assert net.view("values").tolist() == [4] * 16


@pytest.mark.parametrize(
    ("make", "name", "numbers", "kind", "text"),
    [
        (compat_net, "value", 1, ketch.RangeError, "did you mean 'values'"),
        (compat_net, "drives", 1, ketch.RangeError, "compat network"),
        (clean_net, "delta", 1, ketch.RangeError, "clean network"),
        (compat_net, "values", [1, 2], ketch.RangeError, r"given \(2,\), allowed \(16,\)"),
        (compat_net, "values", numpy.nan, ketch.RangeError, "finite"),
        (clean_net, "leaks", 1.5, ketch.RangeError, r"0\.\.1"),
        (clean_net, "wait", 0.5, ketch.RangeError, "whole numbers"),
        (compat_net, "values", "many", TypeError, "array of numbers"),
        (compat_net, 3, 1, TypeError, "name"),
    ],
)
def test_wrong_numbers_are_refused(
    make: Make, name: Any, numbers: Any, kind: type[Exception], text: str
) -> None:
    net = make()
    before = net.get_state()["values"].tobytes()
    with pytest.raises(kind, match=text):
        net.set(name, numbers)
    assert net.get_state()["values"].tobytes() == before


# ---- pickles


@pytest.mark.parametrize("make", [compat_net, clean_net])
@pytest.mark.parametrize(
    "copied",
    [lambda net: pickle.loads(pickle.dumps(net)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)
def test_copies_have_the_same_future(make: Make, copied: Any) -> None:
    net = make()
    expect_same_future(net, copied(net))


def test_a_pickle_keeps_spikes_sent_with_delays_that_are_gone() -> None:
    net = glia.Network.from_arrays(
        ["A", "B"], [[0, 9], [0, 0]], thresholds=5, delays=20, refractory=100
    )
    net.inject("A", 9)
    net.step()
    net.set_weights({"from": [], "to": [], "weights": []}, replace=True)
    again = pickle.loads(pickle.dumps(net))
    for each in (net, again):
        each.step(20)
        assert each.get_firing_neurons() == ["B"]


def test_a_pickle_is_of_one_time_while_another_thread_makes_ticks() -> None:
    net, plain = compat_net(), compat_net()
    with ThreadPoolExecutor(1) as pool:
        stepping = pool.submit(net.run, ticks=20000)
        found = []
        while not stepping.done():
            with contextlib.suppress(ketch.BusyError):
                found.append(pickle.loads(pickle.dumps(net)))
    states = {plain.view().tobytes()}
    for _ in range(2000):
        plain.step()
        states.add(plain.view().tobytes())
    assert all(each.view().tobytes() in states for each in found)


def test_a_clean_network_without_neurons_is_pickled() -> None:
    net = pickle.loads(pickle.dumps(glia.Network.from_arrays([], numpy.zeros((0, 0)), tau_e=3)))
    assert (net.num_neurons, net.mode) == (0, "clean")


def test_data_sets_and_configs_are_pickled() -> None:
    sequence = glia.InputSequence.from_text("DURATION 9\nLOOP 1\n3 S0 1.5\n4 S1 2\n")
    data = glia.Dataset([(sequence, "O0"), (sequence, "O1")])
    again = pickle.loads(pickle.dumps(data))
    assert again.episodes == data.episodes and again[0].seq is again[1].seq
    assert (again[0].seq.loop, again[0].seq.duration, again[0].seq.last_tick) == (True, 9, 4)
    for copied in (copy.copy(sequence), copy.deepcopy(sequence)):
        copied.add(1, "S0", 1)
        assert len(copied) == 3 and len(sequence) == 2
    config = glia.create_config(lr=0.5, optimizer="adam", detector={"alpha": 0.1}, log_every=3)
    for made in (pickle.loads(pickle.dumps(config)), copy.deepcopy(config), copy.copy(config)):
        assert made == config
        made.grad.temperature = 3
        with pytest.raises(AttributeError, match="did you mean 'lr'"):
            made.lrr = 1
    for network in (b"_dataset", b"_config", b"_sequence", b"_run"):
        assert network not in pickle.dumps((data, config, glia.Network(1).run(ticks=3)))


def test_results_and_histories_are_pickled() -> None:
    result = clean_net().run(glia.InputSequence.from_text("1 nobody 3\n"), 40)
    data = pickle.loads(pickle.dumps(result))
    assert isinstance(data, glia.RunData) and not data.stopped and data.status == "OK"
    assert (data.ticks, data.left_out) == (40, 1) == (result.ticks, result.left_out)
    assert (data.counts == result.counts).all() and data.counts.sum() > 10
    assert all((a == b).all() for a, b in zip(data.spikes, result.spikes, strict=True))
    assert pickle.loads(pickle.dumps(data)).ticks == 40
    history = glia.History([{"accuracy": 1.0, "margin": 0.5, "lr": 0.1, "synapses": 3}], "STOPPED")
    again = pickle.loads(pickle.dumps(history))
    assert again == history and again.status == "STOPPED" and again.margin == [0.5]
    metrics = glia.EpisodeMetrics("O0", 0.5, {"O0": 0.5}, 3)
    assert pickle.loads(pickle.dumps(metrics)) == metrics


def test_a_missing_package_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    net = glia.Network(1)
    for package, calls in {
        "scipy": (net.to_adjacency_matrix, net.run(ticks=1).raster),
        "pandas": (glia.History().to_dataframe,),
    }.items():
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(sys, "meta_path", [Without(package), *sys.meta_path])
        for call in calls:
            with pytest.raises(
                ModuleNotFoundError, match=f"needs {package}: pip install"
            ) as caught:
                call()
            assert caught.value.name == package


class Without:
    """Finds that a package is not there."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == self._package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=self._package)


def test_synapses_and_delays_may_be_sparse() -> None:
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy is not installed")
    weights = sparse.random_array((9, 9), density=0.3, random_state=numpy.random.default_rng(1))
    delays = weights.copy()
    delays.data = numpy.arange(1.0, delays.nnz + 1)
    ids = [f"N{i}" for i in range(9)]
    for kind in (sparse.csr_array, sparse.csc_matrix, sparse.coo_array, sparse.lil_array):
        net = glia.Network.from_arrays(ids, kind(weights), delays=kind(delays))
        rows = net.view_synapses()
        found = sparse.csr_array((rows.weights, rows.indices, rows.indptr), shape=(9, 9))
        times = sparse.csr_array((rows.delays, rows.indices, rows.indptr), shape=(9, 9))
        assert (found.toarray() == weights.toarray().astype(numpy.float32)).all()
        assert (times.toarray() == delays.toarray()).all()
        assert (net.to_adjacency_matrix().toarray() == found.toarray()).all()


def test_rasters_are_sparse_matrices() -> None:
    pytest.importorskip("scipy.sparse", reason="SciPy is not installed")
    result = clean_net().run(ticks=40)
    raster = result.raster()
    assert raster.shape == (40, 16) and (raster.sum(axis=0) == result.counts).all()
    assert (pickle.loads(pickle.dumps(result)).raster() != raster).nnz == 0
