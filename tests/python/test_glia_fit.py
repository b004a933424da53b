"""Fitters: what they learn, callbacks, stops, files, scores, errors."""

import pickle
import threading
from pathlib import Path
from typing import Any

import numpy
import pytest
from numpy.typing import NDArray

import ketch
from ketch import glia
from ketch.glia import _fit_config

IDS = ["S0", "S1", *(f"H{i}" for i in range(12)), "O0", "O1"]
TICKS = 24


def _net(recurrent: bool = False, seed: int = 5, **more: Any) -> glia.Network:
    """Two sensors, twelve hidden neurons, two outputs. recurrent: a ring of hidden ones."""
    rng = numpy.random.default_rng(seed)
    weights = numpy.zeros((16, 16))
    weights[:2, 2:14] = rng.normal(0.2, 0.5, (2, 12))
    weights[2:14, 14:] = rng.normal(0, 0.3, (12, 2))
    if recurrent:
        weights[2:14, 2:14] = numpy.roll(numpy.diag(rng.normal(0.4, 0.4, 12)), 1, axis=1)
    leaks = [0.0] * 2 + [0.9] * 14
    return glia.Network.from_arrays(IDS, weights, thresholds=1, leaks=leaks, **more)


def _trains(seed: int, count: int) -> tuple[NDArray[numpy.bool_], list[str]]:
    """Noisy XOR: a sensor is on in most ticks or in few."""
    rng = numpy.random.default_rng(seed)
    is_on = rng.integers(0, 2, (count, 2))
    spikes = rng.random((count, 20, 2)) < numpy.where(is_on, 0.9, 0.05)[:, None, :]
    return spikes, [f"O{k}" for k in is_on[:, 0] ^ is_on[:, 1]]


def _data(seed: int = 1, count: int = 64) -> glia.Dataset:
    spikes, targets = _trains(seed, count)
    return glia.Dataset.from_array(spikes, IDS[:2], targets, amount=2)


DATA = _data()
CONFIG = glia.FitConfig(ticks=TICKS, lr=0.02, batch_size=20)


def _fitter(**fields: Any) -> glia.Fitter:
    given = {name: getattr(CONFIG, name) for name in _fit_config.FitConfig.__annotations__}
    return glia.Fitter(_net(), glia.FitConfig(**{**given, **fields}))


def _bits(net: glia.Network) -> bytes:
    return net.get_weights()["weights"].tobytes()


# ---- what is learnt


@pytest.mark.parametrize("method", ["bptt", "eprop"])
def test_noisy_xor_is_learnt_and_holds_for_other_noise(method: str) -> None:
    fitter = _fitter(method=method)
    other = _data(2, 200)
    assert fitter.evaluate(other)["accuracy"] < 0.7
    history = fitter.fit(_data(1, 300), 40)
    assert history.accuracy[-1] >= 0.95 and history.loss[-1] < history.loss[0] / 3
    assert fitter.evaluate(other)["accuracy"] >= 0.95


def test_threads_and_kernel_sets_change_no_bit() -> None:
    found = set()
    for options in ({"threads": 1}, {"threads": 2}, {"threads": 3}, {"kernels": "scalar"}):
        fitter = _fitter(batch_size=50)
        with ketch.Engine(**options) as engine:
            history = fitter.fit(DATA, 3, engine=engine)
        found.add((_bits(fitter.network), *history.loss))
    assert len(found) == 1


def test_the_methods_agree_where_hidden_neurons_reach_outputs_alone() -> None:
    for recurrent in (False, True):
        nets = []
        for method in ("bptt", "eprop"):
            net = _net(recurrent)
            glia.Fitter(net, glia.FitConfig(ticks=TICKS, method=method)).fit(DATA, 1)
            nets.append(net)
        same = _bits(nets[0]) == _bits(nets[1])
        assert same == (not recurrent)


def test_a_seed_decides_the_order() -> None:
    def fitted(**fields: Any) -> bytes:
        fitter = _fitter(**fields)
        fitter.fit(DATA, 2)
        return _bits(fitter.network)

    assert fitted(seed=1) == fitted(seed=1) != fitted(seed=2)
    assert fitted(seed=1, shuffle=False) == fitted(seed=2, shuffle=False)


@pytest.mark.parametrize(
    "fields",
    [
        {"surrogate": "triangle", "width": 1.0},
        {"surrogate": "arctan"},
        {"readout": "spikes"},
        {"optimizer": "sgd", "lr": 0.5},
        {"optimizer": "adamw", "weight_decay": 0.01},
        {"smoothing": 0.1},
        {"temperature": 0.5},
    ],
)
def test_each_choice_counts_and_learns(fields: dict[str, Any]) -> None:
    plain, fitter = _fitter(), _fitter(**fields)
    plain.fit(DATA, 1)
    fitter.fit(DATA, 1)
    assert _bits(plain.network) != _bits(fitter.network)
    assert fitter.fit(DATA, 40).accuracy[-1] >= 0.9


# ---- scores


def test_scores_are_those_of_the_network_s_own_ticks() -> None:
    spikes, targets = _trains(3, 20)
    data = glia.Dataset.from_array(spikes, IDS[:2], targets, amount=2)
    fitter = _fitter(readout="spikes")
    fitter.fit(DATA, 10)
    found = fitter.evaluate(data)
    net = fitter.network.copy()
    for episode, winner, scores in zip(data, found["winners"], found["scores"], strict=True):
        net.reset()
        counts = net.run(episode.seq, TICKS).counts
        expected = counts[-2:].tolist()
        assert scores.tolist() == expected
        assert winner == f"O{int(expected[1] > expected[0])}"
    right = [w == t for w, t in zip(found["winners"], targets, strict=True)]
    assert found["correct"] == sum(right) and found["total"] == 20
    assert found["accuracy"] == sum(right) / 20
    high = found["scores"].max(axis=1) - found["scores"].min(axis=1)
    assert found["margin"] == pytest.approx(high.mean())
    assert fitter.predict(data) == fitter.predict(e.seq for e in data) == found["winners"]


def test_a_score_changes_nothing() -> None:
    fitter = _fitter()
    net = fitter.network
    net.inject("S0", 2)
    net.step(3)
    before = _bits(net), net.get_state()["values"].tolist(), net.get_firing_neurons()
    scores = fitter.evaluate(DATA)
    assert (_bits(net), net.get_state()["values"].tolist(), net.get_firing_neurons()) == before
    again = fitter.evaluate(list(DATA))
    assert scores["scores"].dtype == numpy.float32 and scores["scores"].shape == (64, 2)
    assert numpy.array_equal(scores["scores"], again["scores"]) and fitter.history.accuracy == []
    assert scores["loss"] == again["loss"] > 0


def test_a_fit_leaves_the_network_s_state_alone() -> None:
    fitter = _fitter()
    net = fitter.network
    net.inject("S0", 2)
    net.step(3)
    before = net.get_state()["values"].tolist()
    assert any(before[2:])
    fitter.fit(DATA, 1)
    assert net.get_state()["values"].tolist() == before


def test_a_score_that_is_stopped_says_so() -> None:
    stop = ketch.Stop()
    stop.set()
    scores = _fitter().evaluate(DATA, stop=stop)
    assert scores["winners"] == [""] * 64 and not scores["scores"].any()
    assert all(numpy.isnan(scores[name]) for name in ("accuracy", "margin", "loss"))


# ---- callbacks and stops


def test_a_callback_comes_once_an_epoch() -> None:
    fitter, seen = _fitter(), []
    history = fitter.fit(DATA, 5, callback=lambda *epoch: seen.append(epoch))
    assert seen == [*zip(range(5), history.accuracy, history.margin, strict=True)]
    assert history.lr == sorted(history.lr, reverse=True) and history.synapses == [48] * 5
    assert len(history.loss) == 5 and history.status == "OK"
    assert fitter.fit(DATA, 2, lr_schedule=None).lr == [numpy.float32(0.02)] * 2
    assert len(fitter.history.accuracy) == len(fitter.history.loss) == 7


def test_a_history_becomes_a_data_frame() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = _fitter().fit(DATA, 3).to_dataframe()
    assert [*frame.columns] == ["accuracy", "margin", "lr", "synapses", "loss"]
    assert len(frame) == 3 and "loss" not in glia.History().to_dataframe().columns


def test_a_true_answer_stops() -> None:
    fitter, other = _fitter(), _fitter()
    history = fitter.fit(DATA, 100, None, callback=lambda epoch, *_: epoch == 4)
    assert history.status == "STOPPED" and len(history.accuracy) == 5
    other.fit(DATA, 5, None)
    assert _bits(fitter.network) == _bits(other.network)


def test_what_a_callback_raises_comes_out() -> None:
    fitter, raised = _fitter(), ValueError("mine")

    def callback(epoch: int, accuracy: float, margin: float) -> None:
        raise raised

    with pytest.raises(ValueError) as caught:
        fitter.fit(DATA, 3, callback=callback)
    assert caught.value is raised and len(fitter.history.accuracy) == 1
    fitter.network.inject("S0", 1)
    assert len(fitter.fit(DATA, 2).accuracy) == 2
    with pytest.raises(TypeError, match="None, bool or int"):
        fitter.fit(DATA, 2, callback=lambda *epoch: "yes")


def test_stop_ends_a_fit_from_another_thread_and_python_goes_on() -> None:
    fitter = _fitter()
    threading.Timer(0.2, fitter.stop).start()
    history = fitter.fit(DATA, 2**31 - 1, None)
    assert history.status == "STOPPED" and 0 < len(history.accuracy) < 2**31 - 1
    assert len(fitter.fit(DATA, 2).accuracy) == 2


def test_stop_ends_a_fit_though_another_call_was_refused_meanwhile() -> None:
    fitter = _fitter()

    def refused(*epoch: object) -> None:
        with pytest.raises(ketch.BusyError):
            fitter.fit(DATA, 1)
        fitter.stop()

    history = fitter.fit(DATA, 50, callback=refused)
    assert history.status == "STOPPED" and len(history.accuracy) == 1


def test_the_network_is_busy_meanwhile() -> None:
    fitter = _fitter()
    with pytest.raises(ketch.BusyError):
        fitter.fit(DATA, 2, callback=lambda *epoch: fitter.network.step())
    with pytest.raises(ketch.BusyError):
        fitter.fit(DATA, 2, callback=lambda *epoch: fitter.fit(DATA, 1) and None)
    seen = []
    fitter.fit(DATA, 2, callback=lambda *epoch: seen.append(_bits(fitter.network)))
    assert len(set(seen)) == 2


def test_timeouts_targets_and_patience_end_a_fit() -> None:
    assert _fitter().fit(DATA, 2**31 - 1, timeout=0.1).status == "TIMEOUT"
    history = _fitter().fit(DATA, 1000, None, target_accuracy=0.9)
    assert history.accuracy[-1] >= 0.9 > max(history.accuracy[:-1]) and history.status == "OK"
    still = _fitter(lr=0.0, optimizer="sgd").fit(DATA, 1000, None, patience=3)
    assert len(still.accuracy) == 4


def test_callbacks_are_at_most_so_often() -> None:
    seen: list[int] = []

    def callback(epoch: int, accuracy: float, margin: float) -> bool:
        seen.append(epoch)
        return len(seen) == 3

    history = _fitter().fit(DATA, 2**31 - 1, callback=callback, callback_seconds=0.1)
    assert len(history.accuracy) == seen[-1] + 1 > 3


def test_a_bar_shows_episodes(capfd: pytest.CaptureFixture[str]) -> None:
    _fitter().fit(DATA, 3, progress="always")
    shown = capfd.readouterr().err
    assert "episode" in shown and "192" in shown


def test_two_fitters_share_a_data_set_on_two_threads() -> None:
    reference = _fitter()
    reference.fit(DATA, 20)
    fitters = [_fitter() for _ in range(3)]
    threads = [threading.Thread(target=fitter.fit, args=(DATA, 20)) for fitter in fitters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {_bits(fitter.network) for fitter in fitters} == {_bits(reference.network)}


def test_ctrl_c_ends_a_fit(script: Any) -> None:
    done = script(
        """
        import os, signal, threading, numpy
        from ketch import glia
        net = glia.Network.from_arrays(["S0", "O0"], [[0, 1], [0, 0]], thresholds=1)
        data = glia.Dataset.from_array(numpy.ones((32, 40, 1)), ["S0"], ["O0"] * 32, amount=2)
        fitter = glia.Fitter(net)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            fitter.fit(data, 2**31 - 1)
        except KeyboardInterrupt:
            print("ended", len(fitter.history.accuracy) > 0, fitter.fit(data, 3).status)
        """
    )
    assert done.stdout == "ended True OK\n", done.stderr


# ---- files


def test_a_saved_fit_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    path, seen = tmp_path / "fit.ketch", []
    whole, stopped, other = (_fitter(optimizer="adamw", weight_decay=0.01) for _ in range(3))
    expected = whole.fit(DATA, 12)
    stopped.fit(DATA, 12, save=path, callback=lambda epoch, *_: epoch == 4)
    history = other.resume(path, DATA, callback=lambda epoch, *_: seen.append(epoch))
    assert seen == list(range(5, 12)) and history == expected
    assert _bits(other.network) == _bits(whole.network)
    with pytest.raises(ketch.RangeError):
        glia.Fitter(_net(recurrent=True)).resume(path, DATA)
    with pytest.raises(ketch.RangeError):
        _fitter().resume(path, _data(2))
    with pytest.raises(ketch.FileError):
        _fitter().resume(tmp_path / "none", DATA)


def test_a_fit_that_is_saved_within_an_epoch_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    path, data = tmp_path / "fit.ketch", _data(1, 640)
    for trial in range(200):
        _fitter().fit(data, 10**6, save=path, timeout=0.05 + 0.0007 * trial)
        done = ketch.saved(path).done
        if done % 640:
            break
    assert done % 640
    epochs = done // 640 + 3
    other, whole = _fitter(), _fitter()
    resumed = other.resume(path, data, callback=lambda epoch, *_: epoch == epochs)
    straight = whole.fit(data, 10**6, callback=lambda epoch, *_: epoch == epochs)
    assert resumed == straight and _bits(other.network) == _bits(whole.network)


# ---- data sets of arrays


def test_an_array_becomes_the_sequences_of_its_elements() -> None:
    inputs = numpy.zeros((2, 3, 2))
    inputs[0, 2, 1], inputs[1, 0, 0] = 4, -1.5
    data = glia.Dataset.from_array(inputs, ["S0", "Sensor1"], ["O0", "O1"], amount=0.5)
    assert [e.seq.events for e in data] == [[(2, "Sensor1", 2.0)], [(0, "S0", -0.75)]]
    assert [e.target_id for e in data] == ["O0", "O1"]
    assert len(glia.Dataset.from_array(numpy.zeros((0, 3, 2)), ["S0", "S1"], [])) == 0
    for wrong in (numpy.zeros((3, 2)), numpy.zeros((2, 3, 1))):
        with pytest.raises(ketch.RangeError, match="inputs of a wrong shape"):
            glia.Dataset.from_array(wrong, ["S0", "S1"], ["O0", "O1"])
    with pytest.raises(ketch.RangeError, match="not finite"):
        glia.Dataset.from_array(numpy.full((1, 1, 1), numpy.nan), ["S0"], ["O0"])
    with pytest.raises(ketch.RangeError):
        glia.Dataset.from_array(numpy.ones((1, 1, 1)), ["S 0"], ["O0"])


# ---- configs and errors


def test_a_config_has_the_defaults_of_c() -> None:
    from ketch._native import glia_fit

    theirs = glia_fit.defaults()
    del theirs["episodes"], theirs["epochs"]
    ours = glia.Fitter(_net())._for_c([]).struct
    assert {name: getattr(ours, name) for name in theirs} == theirs


def test_fields_are_checked() -> None:
    with pytest.raises(TypeError, match="no field 'methods'; did you mean 'method'"):
        glia.FitConfig(methods="bptt")  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match="no field 'batch'; did you mean 'batch_size'"):
        CONFIG.batch = 3
    for name, value in [("method", "rtrl"), ("readout", "rate"), ("surrogate", "none")]:
        with pytest.raises(ketch.RangeError, match=name):
            setattr(glia.FitConfig(), name, value)
    with pytest.raises(TypeError, match="ticks"):
        glia.FitConfig(ticks=1.5)  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(CONFIG)) == CONFIG


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "ticks": ({"ticks": 0}, "ticks"),
    "batch": ({"batch_size": 0}, "batch_size"),
    "width": ({"width": 0.0}, "width"),
    "temperature": ({"temperature": 0.0}, "temperature"),
    "smoothing": ({"smoothing": 1.5}, "smoothing"),
    "beta": ({"adam_beta1": 1.5}, "adam_beta1"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_config_out_of_range_is_refused(name: str) -> None:
    fields, argument = BAD[name]
    fitter = _fitter(**fields)
    before = _bits(fitter.network)
    with pytest.raises(ketch.RangeError) as caught:
        fitter.fit(DATA, 1)
    assert caught.value.argument == argument and argument in str(caught.value)
    assert _bits(fitter.network) == before


def test_what_cannot_be_fitted_is_refused() -> None:
    fitter = _fitter()
    with pytest.raises(ketch.RangeError, match="compat"):
        glia.Fitter(glia.Network(2, 2)).fit(DATA, 1)
    with pytest.raises(ketch.RangeError, match="output"):
        fitter.fit([(DATA[0].seq, "H3")], 1)
    with pytest.raises(ketch.RangeError):
        fitter.fit([], 1)
    with pytest.raises(ketch.RangeError):
        fitter.evaluate([])
    with pytest.raises(ketch.RangeError, match="lr_schedule"):
        fitter.fit(DATA, 1, "linear")  # type: ignore[arg-type]
    for wrong in ({"epochs": -1}, {"patience": 0}, {"save_every": 1.0}):
        with pytest.raises(ketch.RangeError):
            fitter.fit(DATA, **wrong)
    with pytest.raises(TypeError, match="network"):
        glia.Fitter("net")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="config"):
        glia.Fitter(_net(), glia.TrainingConfig())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="engine"):
        fitter.fit(DATA, 1, engine=2)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="episode"):
        fitter.predict([3])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(fitter)
    assert repr(fitter).startswith("Fitter(bptt, Network(16 neurons")
