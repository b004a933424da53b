"""Trainers: what they learn, callbacks, stops, files, errors."""

import copy
import pickle
import threading
import time
from pathlib import Path
from typing import Any

import numpy
import pytest

import ketch
from ketch import glia

# ---- XOR, whose numbers are known: 200 into the sensors of each case in every tick

XOR = """
NEURON S0 100 1 0
NEURON S1 100 1 0
NEURON N0 90 0 0
NEURON O1 50 1 0
NEURON O0 60 1 0
CONNECTION S0 O1 40
CONNECTION S1 O1 40
CONNECTION S0 N0 60
CONNECTION S1 N0 60
CONNECTION N0 O1 -40
CONNECTION N0 O0 40
"""


def _steady(*ids: str) -> glia.InputSequence:
    sequence = glia.InputSequence()
    for tick in range(100):
        for id in ids:
            sequence.add(tick, id, 200)
    return sequence


CASES = [_steady(), _steady("S1"), _steady("S0"), _steady("S0", "S1")]
DATA = glia.Dataset.from_sequences(CASES, ["O0", "O1", "O1", "O0"])
FIELDS: dict[str, Any] = {
    "warmup_ticks": 20,
    "decision_window": 80,
    "batch_size": 4,
    "shuffle": False,
}
GRADIENT = glia.create_config(**FIELDS, lr=1, weight_decay=0)


def _hebbian(lr: float, default: str) -> glia.TrainingConfig:
    more = {"reward_mode": "binary", "detector": {"default_id": default}}
    return glia.create_config(**FIELDS, lr=lr, **more)


def _trainer(config: glia.TrainingConfig = GRADIENT, use_gradient: bool = True) -> glia.Trainer:
    return glia.Trainer(glia.Network.from_text(XOR), config, use_gradient)


def _weights(net: glia.Network) -> dict[tuple[str, str], float]:
    found = net.get_weights()
    pairs = zip(found["from"], found["to"], strict=True)
    return dict(zip(pairs, found["weights"].tolist(), strict=True))


def _bits(net: glia.Network) -> bytes:
    state, weights = net.get_state(), net.get_weights()
    arrays = weights["weights"], state["values"], state["thresholds"], state["leaks"]
    return b"".join(array.tobytes() for array in arrays)


def test_xor_is_scored_as_known() -> None:
    trainer = _trainer()
    before = trainer.evaluate_dataset(DATA)
    assert (before["correct"], before["total"], before["accuracy"]) == (2, 4, 0.5)
    assert before["margin"] == pytest.approx(0.25498, abs=5e-6)
    for _ in range(2):
        after = trainer.evaluate_dataset(DATA)
        assert after["correct"] == 3 and after["margin"] == pytest.approx(0.25506, abs=5e-6)
    score = after["episodes"][3]
    assert isinstance(score, glia.EpisodeMetrics) and set(score.rates) == {"O0", "O1"}
    assert score.ticks_run == 100 and score.winner_id in score.rates
    assert all(numpy.float32(rate) == rate for rate in [score.margin, *score.rates.values()])


def test_gradient_descent_learns_xor_as_known() -> None:
    trainer = _trainer()
    trainer.evaluate_dataset(DATA)
    history = trainer.train(DATA, epochs=18, lr_schedule=None)
    assert history.accuracy == [0.75] * 17 + [1.0]
    assert history.margin[17] == pytest.approx(0.29298, abs=5e-6)


def test_adam_learns_xor_as_known() -> None:
    fields: dict[str, Any] = {**FIELDS, "weight_decay": 0}
    trainer = _trainer(glia.create_config(**fields, lr=0.5, optimizer="adam"))
    trainer.evaluate_dataset(DATA)
    history = trainer.train(DATA, epochs=20, lr_schedule=None)
    assert history.accuracy == [0.75] * 10 + [1.0] * 10
    assert history.margin[19] == pytest.approx(0.31216, abs=5e-6)
    weights = _weights(trainer.network)
    assert weights["S0", "O1"] == pytest.approx(31.4615, abs=5e-5)
    assert weights["N0", "O0"] == pytest.approx(49.9220, abs=5e-5)


@pytest.mark.parametrize(
    "lr, default, begin, end",
    [(0.01, "O0", 0.75, 0.75), (0.01, "", 0.5, 0.5), (0.5, "O0", 0.75, 1), (0.5, "", 0.5, 0.75)],
)
def test_hebbian_learning_of_xor_is_as_known(
    lr: float, default: str, begin: float, end: float
) -> None:
    trainer = _trainer(_hebbian(lr, default), use_gradient=False)
    trainer.evaluate_dataset(DATA)
    history = trainer.train(DATA, epochs=20, lr_schedule=None)
    assert history.accuracy == [begin] * 4 + [end] * 16


def test_no_winner_is_empty_or_the_default() -> None:
    for default in ("", "nobody"):
        trainer = _trainer(_hebbian(0.5, default), use_gradient=False)
        assert trainer.evaluate(CASES[0]).winner_id == default
    assert _trainer().evaluate(CASES[0]).winner_id == "O1"  # the first of equals


def test_a_network_without_outputs_is_scored() -> None:
    net = glia.Network(2, 2)
    for use_gradient, winner in ((True, ""), (False, "none")):
        config = glia.create_config(detector={"default_id": "none"})
        score = glia.Trainer(net, config, use_gradient).evaluate(_steady("S0"))
        assert score == glia.EpisodeMetrics(winner, 0.0, {}, 100)


# ---- histories and schedules


@pytest.mark.parametrize("schedule, last", [("cosine", 0.01 + 0.99 * 0.095492), ("step", 0.25)])
def test_the_learning_rate_goes_down(schedule: Any, last: float) -> None:
    trainer = _trainer()
    history = trainer.train(DATA, epochs=5, lr_schedule=schedule)
    assert history.lr[0] == 1 and history.lr[-1] <= last + 1e-5
    assert history.lr == sorted(history.lr, reverse=True)
    assert GRADIENT.lr == 1
    default = _trainer().train(DATA, epochs=5)
    assert default.lr == _trainer().train(DATA, epochs=5, lr_schedule="cosine").lr


def test_epochs_one_by_one_are_the_same_bits() -> None:
    whole, single = _trainer(), _trainer()
    history = whole.train(DATA, 6, lr_schedule=None)
    parts = [single.train(DATA, 1, lr_schedule=None) for _ in range(6)]
    assert history.accuracy == [part.accuracy[0] for part in parts] == single.history.accuracy
    assert history.margin == single.get_epoch_margin_history() == single.epoch_margin
    assert _bits(whole.network) == _bits(single.network)
    assert isinstance(single.history, dict) and single.history["loss"] == []
    assert history.synapses == [6] * 6


OLD_CALLS: dict[str, Any] = {
    "train_fast": lambda t, seen: t.train_fast(DATA, 3, GRADIENT),
    "train_epoch": lambda t, seen: t.train_epoch(DATA.episodes, 3, GRADIENT),
    "on_epoch": lambda t, seen: t.train(DATA, 3, GRADIENT, seen, lr_schedule=None),
    "callback": lambda t, seen: t.train(DATA, 3, GRADIENT, callback=seen, lr_schedule=None),
    "its train_with_callback": lambda t, seen: t.train_with_callback(
        DATA, 3, GRADIENT, seen, lr_schedule=None
    ),
    "train_with_callback": lambda t, seen: glia.train_with_callback(
        t, DATA, 3, GRADIENT, seen, lr_schedule=None
    ),
    "a list": lambda t, seen: t.train(list(DATA), 3, lr_schedule=None),
    "pairs": lambda t, seen: t.train([tuple(e) for e in DATA], 3, lr_schedule=None),
}


@pytest.mark.parametrize("name", OLD_CALLS)
def test_all_old_names_train_the_same(name: str) -> None:
    reference, trainer, seen = _trainer(), _trainer(), []
    reference.train(DATA, 3, lr_schedule=None)
    OLD_CALLS[name](trainer, lambda *epoch: seen.append(epoch))
    assert _bits(trainer.network) == _bits(reference.network)
    told = reference.history
    expected = [*zip(range(3), told.accuracy, told.margin, strict=True)]
    assert seen == (expected if "callback" in name or name == "on_epoch" else [])


def test_a_seed_decides_the_order() -> None:
    mixed = copy.deepcopy(GRADIENT)
    mixed.shuffle, mixed.batch_size = True, 1

    def trained(seed: int | None, in_config: int) -> bytes:
        mixed.seed = in_config
        trainer = _trainer(mixed)
        if seed is not None:
            trainer.set_seed(seed)
        trainer.train(DATA, 5)
        return _bits(trainer.network)

    assert trained(None, 1) == trained(1, 2) == trained(None, 1)
    assert len({trained(None, seed) for seed in range(4)}) > 1


def test_a_revert_goes_back_an_epoch_at_a_time() -> None:
    trainer, kept = _trainer(), []
    trainer.train(DATA, 3, lr_schedule=None, callback=lambda *epoch: kept.append(trainer))
    states = []
    other = _trainer()
    for _ in range(3):
        other.train(DATA, 1, lr_schedule=None)
        states.append(_weights(other.network))
    for expected in reversed(states):
        assert trainer.revert_checkpoint()
        assert _weights(trainer.network) == expected
    assert not trainer.revert_checkpoint()
    assert len(kept) == 3


# ---- callbacks and stops


def test_a_true_answer_stops() -> None:
    trainer, seen = _trainer(), []

    def callback(epoch: int, accuracy: float, margin: float) -> bool:
        seen.append(epoch)
        return epoch == 4

    history = trainer.train(DATA, 100, lr_schedule=None, callback=callback)
    assert seen == [0, 1, 2, 3, 4] and history.status == "STOPPED" and len(history.accuracy) == 5
    other = _trainer()
    other.train(DATA, 5, lr_schedule=None)
    assert _bits(trainer.network) == _bits(other.network)
    assert trainer.train(DATA, 2).status == "OK" and len(trainer.history.accuracy) == 7


def test_what_a_callback_raises_comes_out_and_the_trainer_goes_on() -> None:
    trainer = _trainer()
    raised = ValueError("mine")

    def callback(epoch: int, accuracy: float, margin: float) -> None:
        if epoch == 2:
            raise raised

    with pytest.raises(ValueError) as caught:
        trainer.train(DATA, 10, lr_schedule=None, callback=callback)
    assert caught.value is raised
    assert len(trainer.history.accuracy) == 3
    assert trainer.evaluate(CASES[0]).ticks_run == 100
    trainer.network.inject("S0", 1)
    assert len(trainer.train(DATA, 2).accuracy) == 2


def test_a_wrong_answer_of_a_callback_is_refused() -> None:
    with pytest.raises(TypeError, match="None, bool or int"):
        _trainer().train(DATA, 2, callback=lambda *epoch: "yes")


def test_stop_ends_a_training_from_another_thread() -> None:
    trainer = _trainer()
    threading.Timer(0.1, trainer.stop).start()
    history = trainer.train(DATA, 2**31 - 1, lr_schedule=None)
    assert history.status == "STOPPED" and 0 < len(history.accuracy) < 2**31 - 1
    assert len(trainer.train(DATA, 2).accuracy) == 2
    stop = ketch.Stop()
    stop.set()
    assert trainer.train(DATA, 2, stop=stop).accuracy == []


def test_timeouts_targets_and_patience_end_a_training() -> None:
    assert _trainer().train(DATA, 2**31 - 1, timeout=0.1).status == "TIMEOUT"
    trainer = _trainer()
    history = trainer.train(DATA, 1000, lr_schedule=None, target_accuracy=1.0)
    assert history.accuracy[-1] == 1 and max(history.accuracy[:-1]) < 1 and history.status == "OK"
    still = glia.create_config(**FIELDS, lr=0, weight_decay=0)
    assert len(_trainer(still).train(DATA, 1000, lr_schedule=None, patience=7).accuracy) <= 12


def test_ctrl_c_ends_a_training(script: Any) -> None:
    done = script(
        f"""
        import os, signal, threading, time
        from ketch import glia
        net = glia.Network.from_text({XOR!r})
        data = [(glia.create_sequence_from_array([[200.0, 0]] * 50, ["S0", "S1"]), "O1")]
        trainer = glia.Trainer(net)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        begun = time.monotonic()
        try:
            trainer.train(data, 2**31 - 1)
        except KeyboardInterrupt:
            soon = time.monotonic() - begun < 5
            print("ended", len(trainer.history.accuracy) > 0, trainer.train(data, 3).status, soon)
        """
    )
    assert done.stdout == "ended True OK True\n", done.stderr


def test_callbacks_are_at_most_so_often() -> None:
    trainer, seen = _trainer(), []

    def callback(epoch: int, accuracy: float, margin: float) -> bool:
        seen.append((time.monotonic(), epoch))
        return len(seen) == 4

    history = trainer.train(
        DATA, 2**31 - 1, lr_schedule=None, callback=callback, callback_seconds=0.05
    )
    times, epochs = zip(*seen, strict=True)
    assert numpy.diff(times).min() > 0.045
    assert len(history.accuracy) == epochs[-1] + 1 > 4


def test_python_goes_on_while_a_training_is_on() -> None:
    trainer, counted = _trainer(), []
    thread = threading.Thread(target=lambda: trainer.train(DATA, 2**31 - 1, lr_schedule=None))
    thread.start()
    for _ in range(20):
        time.sleep(0.005)
        counted.append(1)
    with pytest.raises(ketch.BusyError):
        for _ in range(100):
            trainer.network.get_weights()
            trainer.evaluate(CASES[0])
    trainer.stop()
    thread.join(20)
    assert not thread.is_alive() and len(counted) == 20


def test_two_trainers_share_a_data_set_on_two_threads() -> None:
    reference = _trainer()
    reference.train(DATA, 30)
    trainers = [_trainer() for _ in range(3)]
    threads = [threading.Thread(target=trainer.train, args=(DATA, 30)) for trainer in trainers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {_bits(trainer.network) for trainer in trainers} == {_bits(reference.network)}


# ---- files


def test_a_saved_training_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    mixed = copy.deepcopy(GRADIENT)
    mixed.shuffle, mixed.batch_size, mixed.grad = True, 3, {"optimizer": "adamw"}  # type: ignore[assignment]
    whole = _trainer(mixed)
    expected = whole.train(DATA, 12)
    path, seen = tmp_path / "training.ketch", []
    stopped = _trainer(mixed)
    stopped.train(DATA, 12, save=path, callback=lambda epoch, *_: epoch == 4)
    other = _trainer(mixed)
    history = other.resume(path, DATA, callback=lambda epoch, *_: seen.append(epoch))
    assert seen == list(range(5, 12))
    assert history.accuracy == expected.accuracy and history.margin == expected.margin
    assert _bits(other.network) == _bits(whole.network)
    with pytest.raises(ketch.RangeError):
        _trainer(mixed, use_gradient=False).resume(path, DATA)
    with pytest.raises(ketch.RangeError):
        _trainer(mixed).resume(path, DATA[:3])
    with pytest.raises(ketch.FileError):
        _trainer(mixed).resume(tmp_path / "none", DATA)


def test_a_training_that_is_saved_within_an_epoch_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    path = tmp_path / "training.ketch"
    for trial in range(200):
        _trainer().train(DATA, 10**6, save=path, timeout=0.02 + 0.0007 * trial)
        done = ketch.saved(path).done
        if done % 4 and done > 4 * 128:
            break
    epochs = done // 4 + 40
    other, whole = _trainer(), _trainer()
    cleared = ketch.Engine(clear=True)  # what is not written reads as 0
    resumed = other.resume(path, DATA, callback=lambda epoch, *_: epoch == epochs, engine=cleared)
    straight = whole.train(DATA, 10**6, callback=lambda epoch, *_: epoch == epochs)
    assert done % 4
    assert resumed.accuracy == straight.accuracy and resumed.margin == straight.margin
    assert _bits(other.network) == _bits(whole.network)


def test_a_killed_training_loses_at_most_a_period(script: Any, tmp_path: Path) -> None:
    path = tmp_path / "training.ketch"
    prelude = f"""
        import os, signal, threading, hashlib
        from ketch import glia
        net = glia.Network.from_text({XOR!r})
        steady = lambda row: glia.create_sequence_from_array([row] * 50, ["S0", "S1"])
        data = [(steady([200.0, 0]), "O1"), (steady([200, 200]), "O0")]
        trainer = glia.Trainer(net, glia.create_config(lr=0.5))
        bits = lambda: hashlib.sha256(net.get_weights()["weights"].tobytes()).hexdigest()
        """
    killed = script(
        prelude
        + f"""
        threading.Timer(0.6, os.kill, (os.getpid(), signal.SIGKILL)).start()
        trainer.train(data, 10**6, save={str(path)!r}, save_every=0.1)
        """
    )
    assert killed.returncode == -9
    ends = script(
        prelude
        + f"""
        import ketch
        done = ketch.saved({str(path)!r}).done
        assert done > 0
        epochs = done // 2 + 50
        stop = lambda epoch, *_: epoch == epochs
        history = trainer.resume({str(path)!r}, data, callback=stop)
        resumed = bits()
        net.__setstate__(glia.Network.from_text({XOR!r}).__getstate__())
        other = glia.Trainer(net, glia.create_config(lr=0.5))
        # as the killed one, which had a schedule of 10**6 epochs
        straight = other.train(data, 10**6, callback=stop)
        print(resumed == bits(), straight.accuracy == history.accuracy)
        """
    )
    assert ends.stdout == "True True\n", ends.stderr


# ---- errors


@pytest.mark.parametrize(
    "fields, word",
    [
        ({"warmup_ticks": 2**31 - 1, "decision_window": 2**31 - 1}, "decision_window"),
        ({"rate_alpha": 1.5}, "rate_alpha"),
        ({"lr": 1e39}, "lr"),
        ({"grad": {"temperature": 0}}, "temperature"),
        ({"detector": {"alpha": -1}}, r"detector\.alpha"),
    ],
)
def test_a_config_out_of_range_is_refused(fields: dict[str, Any], word: str) -> None:
    trainer = _trainer()
    before = _bits(trainer.network)
    config = glia.create_config(**fields)
    for call in (
        lambda: trainer.train(DATA, 1, config),
        lambda: trainer.evaluate(CASES[0], config),
    ):
        with pytest.raises(ketch.RangeError, match=word):
            call()
    assert _bits(trainer.network) == before


def test_wrong_data_sets_are_refused() -> None:
    trainer = _trainer()
    before = _bits(trainer.network)
    with pytest.raises(ketch.RangeError, match="N0"):
        trainer.train([(CASES[0], "N0")])
    with pytest.raises(ketch.RangeError, match="nobody"):
        trainer.train([(CASES[0], "O0"), (CASES[0], "nobody")])
    with pytest.raises(ketch.RangeError):
        trainer.train([])
    with pytest.raises(TypeError):
        trainer.train(DATA, config={"lr": 1})  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        trainer.train(DATA, on_epoch=print, callback=print)
    with pytest.raises(ketch.RangeError, match="cosine"):
        trainer.train(DATA, lr_schedule="linear")  # type: ignore[arg-type]
    with pytest.raises(ketch.RangeError):
        trainer.train(DATA, epochs=-1)
    assert _bits(trainer.network) == before
    assert trainer.evaluate_dataset([])["total"] == 0


def test_what_is_shown_and_kept() -> None:
    trainer = _trainer()
    assert repr(trainer).startswith("Trainer(gradient, Network(5 neurons")
    trainer.config.lr = 0.02
    assert trainer.config.lr == 0.02
    trainer.config.lr = 1
    history = trainer.train(DATA, 2)
    assert repr(history).startswith("History(2 epochs, accuracy ")
    with pytest.raises(TypeError, match="pickle its network"):
        pickle.dumps(trainer)
    for each in (GRADIENT, DATA[0], history):
        assert pickle.loads(pickle.dumps(each)) == each
    assert pickle.loads(pickle.dumps(history)).status == "OK"


def test_a_history_is_a_data_frame() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = _trainer().train(DATA, 3).to_dataframe()
    assert list(frame.columns) == ["accuracy", "margin", "lr", "synapses"] and len(frame) == 3
