"""Data sets that are scored, batches, the memory of trainings, and data that threads share."""

from __future__ import annotations

import gc
import threading
import time
import tracemalloc
from typing import Any

import numpy
import pytest

import ketch
from ketch import glia

SENSORS, OUTPUTS, EPISODES = 5, 3, 23
IDS = [f"S{i}" for i in range(SENSORS)] + ["H0", "H1"] + [f"O{i}" for i in range(OUTPUTS)]
MODES = ["compat", "clean"]


def network(mode: Any) -> glia.Network:
    random = numpy.random.default_rng(3)
    weights = random.normal(25, 30, (len(IDS), len(IDS))) * (random.random((len(IDS),) * 2) < 0.6)
    more: dict[str, Any] = {"tau_e": 4.0, "refractory": 1} if mode == "clean" else {}
    thresholds = [60.0] * len(IDS)
    return glia.Network.from_arrays(
        IDS, weights, thresholds=thresholds, leaks=0.9, mode=mode, **more
    )


def dataset(count: int = EPISODES) -> glia.Dataset:
    random = numpy.random.default_rng(4)
    inputs = 200.0 * (random.random((count, 40, SENSORS)) < random.random((count, 1, SENSORS)) / 2)
    sequences = [glia.create_sequence_from_array(each, IDS[:SENSORS]) for each in inputs]
    return glia.Dataset.from_sequences(sequences, [f"O{i % OUTPUTS}" for i in range(count)])


CONFIG = glia.create_config(
    warmup_ticks=5, decision_window=35, lr=0.5, shuffle=False, detector={"default_id": "O1"}
)
DATA = dataset()


def trainer_of(mode: str, use_gradient: bool = True) -> glia.Trainer:
    return glia.Trainer(network(mode), CONFIG, use_gradient)


def weights_of(trainer: glia.Trainer) -> bytes:
    return trainer.network.get_weights()["weights"].tobytes()


@pytest.mark.parametrize("use_gradient", [True, False])
@pytest.mark.parametrize("mode", MODES)
def test_a_data_set_is_scored_as_its_episodes_one_by_one(mode: str, use_gradient: bool) -> None:
    single = trainer_of(mode, use_gradient)
    expected = [single.evaluate(each.seq) for each in DATA]
    correct = [a.winner_id == b.target_id for a, b in zip(expected, DATA, strict=True)]
    assert 0 < sum(correct) < EPISODES
    for threads in (1, 2, 3, 8):
        with ketch.Engine(threads=threads) as engine:
            found = trainer_of(mode, use_gradient).evaluate_dataset(DATA, engine=engine)
        assert found["episodes"] == expected
        assert found["correct"] == sum(correct) and found["total"] == EPISODES
        assert found["accuracy"] == sum(correct) / EPISODES
        assert found["margin"] == pytest.approx(sum(a.margin for a in expected) / EPISODES)


def test_scores_leave_a_clean_network_as_it_is_and_may_be_taken_in_a_callback() -> None:
    trainer, seen = trainer_of("clean"), []

    def callback(*epoch: float) -> None:
        seen.append(trainer.evaluate_dataset(DATA)["accuracy"])

    history = trainer.train(DATA, 4, lr_schedule=None, callback=callback)
    other = trainer_of("clean")
    other.train(DATA, 4, lr_schedule=None)
    assert len(seen) == 4 and history.accuracy == other.history.accuracy
    assert weights_of(trainer) == weights_of(other)
    assert seen[-1] == other.evaluate_dataset(DATA)["accuracy"]
    busy = trainer_of("compat")
    with pytest.raises(ketch.BusyError):
        busy.train(DATA, 2, callback=lambda *epoch: busy.evaluate_dataset(DATA))


@pytest.mark.parametrize("mode", MODES)
def test_stopped_scores_are_those_of_what_was_done(mode: str) -> None:
    stop = ketch.Stop()
    stop.set()
    found = trainer_of(mode).evaluate_dataset(DATA, stop=stop)
    assert found == {"accuracy": 0, "margin": 0, "episodes": [], "correct": 0, "total": 0}
    endless = glia.create_config(decision_window=30_000_000)
    begun = time.monotonic()
    found = trainer_of(mode).evaluate_dataset(DATA, endless, timeout=0.2)
    assert time.monotonic() - begun < 10 and found["total"] < EPISODES
    assert len(found["episodes"]) == found["total"]


def test_scores_draw_a_bar(capsys: Any) -> None:
    trainer_of("clean").evaluate_dataset(DATA, progress="always")
    assert f"{EPISODES}" in capsys.readouterr().err


def test_wrong_scores_are_refused() -> None:
    trainer = trainer_of("clean")
    with pytest.raises(TypeError, match="engine"):
        trainer.evaluate_dataset(DATA, engine=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="config"):
        trainer.evaluate_dataset(DATA, {})  # type: ignore[arg-type]
    with pytest.raises(ketch.RangeError, match="timeout"):
        trainer.evaluate_dataset(DATA, timeout=-1)
    assert trainer.evaluate_dataset([])["total"] == 0
    found = trainer.evaluate_dataset([(DATA[0].seq, "no output")])
    assert (found["correct"], found["total"]) == (0, 1)


# ---- batches and memory


@pytest.mark.parametrize("mode", MODES)
def test_a_batch_is_an_epoch_of_one_update(mode: str) -> None:
    batch, whole = trainer_of(mode), trainer_of(mode)
    mixed = glia.create_config(warmup_ticks=5, decision_window=35, lr=0.5, batch_size=2)
    history = batch.train_batch(DATA[:7], mixed)
    fields: dict[str, Any] = {"batch_size": 7, "shuffle": False}
    config = glia.create_config(warmup_ticks=5, decision_window=35, lr=0.5, **fields)
    assert history.accuracy == whole.train(DATA[:7], 1, config, lr_schedule=None).accuracy
    assert weights_of(batch) == weights_of(whole) != weights_of(trainer_of(mode))
    with pytest.raises(ketch.RangeError):
        batch.train_batch([])


def test_the_memory_of_a_training_is_told() -> None:
    trainer = trainer_of("compat")
    small, large = trainer.memory(DATA[:1], 1), trainer.memory(dataset(500), 1)
    assert 0 < small < large
    assert trainer.memory(DATA, 100_000) > trainer.memory(DATA, 100)
    with ketch.Engine(threads=1) as engine:
        assert trainer.memory(DATA, engine=engine) > 0
    with pytest.raises(ketch.RangeError):
        trainer.memory([])


def test_the_memory_of_an_evolution_is_told() -> None:
    needs = []
    for population in (2, 20):
        evo = glia.create_evo_config(population=population, generations=2)
        evolution = glia.Evolution(network("clean"), DATA, DATA, CONFIG, evo)
        with ketch.Engine(threads=2, memory="1G") as engine:
            needs.append(evolution.memory(engine))
            result = evolution.run(engine=engine)
        with (
            ketch.Engine(threads=2, memory=needs[-1] - 4096) as engine,
            pytest.raises(ketch.OutOfMemoryError),
        ):
            evolution.run(engine=engine)
        with ketch.Engine(threads=2, memory=needs[-1]) as engine:
            assert evolution.run(engine=engine).best_fitness == result.best_fitness
    assert needs[0] < needs[1]


def test_a_thousand_trainings_leave_no_memory() -> None:
    trainer, data = trainer_of("compat"), DATA[:2]

    def use(times: int) -> None:
        for _ in range(times):
            trainer.train(data, 1, engine=engine)
            trainer.evaluate_dataset(data, engine=engine)

    with ketch.Engine(threads=2, memory="1G") as engine:
        use(50)
        before = engine.arena.stats
        tracemalloc.start()
        try:
            use(1000)
            gc.collect()
            taken = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        after = engine.arena.stats
    assert (after.used, after.maps) == (before.used, before.maps)
    assert taken < 200_000  # the history has four numbers for each epoch


# ---- threads


@pytest.mark.parametrize("mode", MODES)
def test_trainers_on_threads_share_a_data_set(mode: str) -> None:
    reference = trainer_of(mode)
    reference.train(DATA, 20, lr_schedule=None)
    trainers = [trainer_of(mode) for _ in range(3)]

    def work(trainer: glia.Trainer) -> None:
        trainer.train(DATA, 20, lr_schedule=None)

    threads = [threading.Thread(target=work, args=(each,)) for each in trainers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {weights_of(each) for each in trainers} == {weights_of(reference)}


@pytest.mark.parametrize("mode", MODES)
def test_a_second_thread_on_one_trainer_is_told_that_it_is_busy(mode: str) -> None:
    """And the first one can still be stopped."""
    trainer = trainer_of(mode)
    on = threading.Event()
    thread = threading.Thread(
        target=lambda: trainer.train(DATA, 2**31 - 1, callback=lambda *epoch: on.set()),
        daemon=True,
    )
    thread.start()
    assert on.wait(20)
    with pytest.raises(ketch.BusyError):
        trainer.train(DATA, 1)
    with pytest.raises(ketch.BusyError):
        for _ in range(100):
            trainer.network.inject("S0", 1.0)
    trainer.stop()
    thread.join(20)
    assert not thread.is_alive()
