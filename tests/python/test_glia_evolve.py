"""Evolutions: what they leave, callbacks, stops, files, fitness functions, populations, CMA-ES."""

import copy
import json
import pickle
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy
import pytest

import ketch
from ketch import glia

# Three sensors, each to all outputs with the same weight, so that nothing is told apart at first.
NET = """
NEURON S0 100 1 0
NEURON S1 100 1 0
NEURON S2 100 1 0
NEURON O0 50 .9 0
NEURON O1 50 .9 0
NEURON O2 50 .9 0
""" + "".join(f"CONNECTION S{i} O{j} 35\n" for i in range(3) for j in range(3))


def _net() -> glia.Network:
    return glia.Network.from_text(NET)


SEQUENCES = [glia.create_sequence_from_array([[200.0]] * 60, [f"S{i}"]) for i in range(3)]
DATA = glia.Dataset.from_sequences(SEQUENCES, ["O0", "O1", "O2"])
TRAINING = glia.create_config(warmup_ticks=10, decision_window=50, lr=0.5, shuffle=True)
FIELDS: dict[str, Any] = {"population": 6, "generations": 5, "train_epochs": 2, "sigma_w": 3.0}
CONFIG = glia.EvolutionConfig(**FIELDS, sigma_leak=0.05, sigma_thr=1.0)


def _evolution(config: glia.EvolutionConfig = CONFIG, **more: Any) -> glia.Evolution:
    return glia.Evolution(_net(), DATA, DATA, TRAINING, config, **more)


def _config(**fields: Any) -> glia.EvolutionConfig:
    return glia.EvolutionConfig(**{**FIELDS, "train_epochs": 0, **fields})


def _bits(net: glia.Network) -> bytes:
    state, weights = net.get_state(), net.get_weights()
    names = "".join(weights["from"] + weights["to"]).encode()
    arrays = weights["weights"], state["thresholds"], state["leaks"], state["values"]
    return names + b"".join(array.tobytes() for array in arrays)


def _left(result: glia.EvolutionResult) -> tuple[Any, ...]:
    """All that an evolution leaves."""
    return result.lineage, result.generations, _bits(result.best), _bits(result.last_best)


def _weight(candidate: glia.Candidate) -> float:
    return float(candidate.network.get_weights()["weights"].sum())


# ---- what it leaves


def test_the_bits_do_not_depend_on_threads() -> None:
    left = []
    for threads in (1, 2, 3):
        with ketch.Engine(threads=threads) as engine:
            left.append(_left(_evolution().run(engine=engine)))
    assert left[0] == left[1] == left[2]
    assert left[0] != _left(_evolution(glia.EvolutionConfig(**FIELDS, seed=1)).run())


def test_generations_and_lineage_agree() -> None:
    result = _evolution().run()
    assert (result.status, result.stopped) == ("OK", False)
    lineage = result.lineage
    assert [each.id for each in lineage] == list(range(6 * 6))
    assert [each.generation for each in lineage] == [i // 6 for i in range(6 * 6)]
    assert all(each.parent == -1 for each in lineage[:6])
    assert all(lineage[each.parent].generation == each.generation - 1 for each in lineage[6:])
    assert all(each.fitness == -1e9 for each in lineage[30:])
    for number, generation in enumerate(result.generations):
        several = lineage[6 * number : 6 * number + 6]
        best = max(several, key=lambda each: (each.fitness, -each.id))
        assert generation[:-1] == (
            number,
            best.id,
            best.fitness,
            best.accuracy,
            best.margin,
            best.synapses,
        )
        mean = sum(each.fitness for each in several) / 6
        assert generation.mean_fitness == pytest.approx(mean, abs=1e-12)
    assert result.best_fitness == [each.fitness for each in result.generations]
    assert result.best_fitness == result.best_fitness_hist
    assert result.best_accuracy == result.best_acc_hist
    assert result.best_margin == result.best_margin_hist
    assert "5 generations" in repr(result) and "6 individuals" in repr(result.evolution)


def test_the_network_stays_as_it_is() -> None:
    evolution = _evolution()
    before = _bits(evolution.network)
    result = evolution.run()
    assert _bits(evolution.network) == before and evolution.network.ticks == 0
    assert _left(result) == _left(evolution.run())
    assert evolution.result is not result and evolution.config is CONFIG


def test_the_usual_fitness_is_that_of_the_config() -> None:
    config = glia.EvolutionConfig(**FIELDS, w_acc=2.0, w_margin=0.25, w_sparsity=0.5)

    def usual(candidate: glia.Candidate) -> float:
        gain = 2.0 * candidate.accuracy + 0.25 * candidate.margin
        return gain - 0.5 * (candidate.synapses / 9)

    assert _left(_evolution(config).run()) == _left(_evolution(config, fitness=usual).run())


def test_what_is_learnt_is_inherited_or_not() -> None:
    for lamarckian in (False, True):
        config = _config(sigma_w=0.0, train_epochs=2, lamarckian=lamarckian)
        result = _evolution(config).run()
        assert (_bits(result.best) != _bits(_net())) == lamarckian


def test_the_best_of_all_is_not_that_of_the_last_generation() -> None:
    """A fitness that falls with each generation."""
    result = glia.evolve(
        _net(),
        (),
        (),
        evo=_config(),
        fitness=lambda candidate: _weight(candidate) - 1e6 * candidate.generation,
    )
    assert result.best_fitness == sorted(result.best_fitness, reverse=True)
    weights = [float(net.get_weights()["weights"].sum()) for net in (result.best, result.last_best)]
    assert weights[0] == result.best_fitness[0]
    assert weights[1] == pytest.approx(result.best_fitness[-1] + 4e6, abs=1e-6)
    for place in (_net(), result.evolution.network):
        found = glia.Evolution.load_best_genome(place, result)
        assert _bits(found) == _bits(result.last_best)
    with pytest.raises(ketch.BadIndexError):
        glia.Evolution.load_best_genome(glia.Network(2, 2), result)


def test_the_best_is_written_and_read_to_the_same_bits(tmp_path: Path) -> None:
    result = _evolution().run()
    result.save_best(tmp_path / "best.net")
    assert _bits(glia.Network.from_file(tmp_path / "best.net")) == _bits(result.best)


def test_the_lineage_is_written(tmp_path: Path) -> None:
    config = copy.copy(CONFIG)
    config.lineage_json = str(tmp_path / "lineage.json")
    result = _evolution(config).run()
    assert (tmp_path / "lineage.json").read_text() == result.lineage_json()
    nodes = json.loads(result.lineage_json())["nodes"]
    assert [node["parent"] for node in nodes] == [each.parent for each in result.lineage]
    assert [node["fitness"] for node in nodes] == pytest.approx(
        [each.fitness for each in result.lineage], rel=1e-5
    )


def test_data_frames_have_a_row_for_each() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    result = _evolution().run()
    generations, lineage = result.to_dataframe(), result.lineage_dataframe()
    assert list(generations["fitness"]) == result.best_fitness
    assert list(lineage["parent"]) == [each.parent for each in result.lineage]


def test_the_names_of_gliagl_are_there(tmp_path: Path, pyplot: Any) -> None:
    path, picture = tmp_path / "baseline.net", tmp_path / "history.png"
    _net().save(path)
    config = glia.create_evo_config(population=6, generations=4, elite=2, train_epochs=1)
    config.sigma_w, config.w_sparsity, config.lamarckian = 0.1, 0.01, True
    evolution = glia.Evolution(
        network_path=str(path),
        train_data=DATA.episodes,
        val_data=DATA.episodes,
        train_config=TRAINING,
        evo_config=config,
    )
    result = evolution.run(on_generation=None, verbose=False)
    assert len(result.best_fitness_hist) == len(result.best_acc_hist) == 4
    assert len(result.best_margin_hist) == 4 and evolution.config is config
    best = glia.Evolution.load_best_genome(str(path), result)
    assert _bits(best) == _bits(result.last_best)
    glia.plot_evolution_result(result, save_path=str(picture))
    assert picture.stat().st_size > 1000


# ---- callbacks and stops


def test_each_generation_is_told_once() -> None:
    told: list[tuple[int, glia.Generation]] = []
    result = _evolution().run(lambda *each: told.append(each))
    assert told == list(enumerate(result.generations))


@pytest.mark.parametrize("last", [0, 2, 4])
def test_a_callback_stops_it_and_it_goes_on(last: int) -> None:
    told: list[int] = []

    def stop(number: int, _: glia.Generation) -> bool:
        told.append(number)
        return number == last

    result = _evolution().run(stop)
    assert (result.status, len(result.generations)) == ("STOPPED", last + 1)
    assert result.resume(stop) is result
    assert told == list(range(5)) and result.status == "OK"
    assert _left(result) == _left(_evolution().run())


def test_an_exception_of_a_callback_comes_out() -> None:
    evolution = _evolution()

    def fail(number: int, _: glia.Generation) -> None:
        if number == 1:
            raise ZeroDivisionError("in the callback")

    with pytest.raises(ZeroDivisionError, match="in the callback"):
        evolution.run(fail)
    assert evolution.result is not None and evolution.result.status == "HOOK"
    assert _left(evolution.result.resume(fail)) == _left(_evolution().run())


def test_an_answer_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match="None, bool or int"):
        _evolution().run(lambda *_: "go on")


LONG = glia.EvolutionConfig(**{**FIELDS, "generations": 10**6})


SAVED = glia.EvolutionConfig(**{**FIELDS, "generations": 10**5})


def _stopped_by(end: Callable[[glia.Evolution], object], **more: Any) -> glia.EvolutionResult:
    evolution = _evolution(LONG)
    timer = threading.Timer(0.1, end, [evolution])
    timer.start()
    begun = time.monotonic()
    try:
        return evolution.run(**more)
    finally:
        assert time.monotonic() - begun < 5
        timer.join()


def test_it_is_stopped_from_another_thread() -> None:
    assert _stopped_by(lambda evolution: evolution.stop()).status == "STOPPED"
    token = ketch.Stop()
    result = _stopped_by(lambda _: token.set(), stop=token)
    assert result.stopped and 0 < len(result.generations) < 10**6


def test_its_time_is_limited() -> None:
    assert _evolution(LONG).run(timeout=0.05).status == "TIMEOUT"


def test_an_interrupt_leaves_a_result() -> None:
    main = threading.main_thread().ident or 0
    for _ in range(3):  # generations are short: it must not take a fence for it
        with pytest.raises(KeyboardInterrupt) as raised:
            _stopped_by(lambda _: signal.pthread_kill(main, signal.SIGINT))
    result = raised.value.result  # type: ignore[attr-defined]
    count = len(result.generations)
    result.resume(lambda number, _: number == count + 1)
    assert len(result.generations) == count + 2


def test_rules_end_it() -> None:
    def rising(candidate: glia.Candidate) -> float:
        return min(candidate.generation, 2) + candidate.individual / 100

    fields: dict[str, Any] = {"generations": 20}
    for more, count in (
        ({"target_fitness": 1.0}, 2),
        ({"patience": 3}, 6),
        ({"evaluations": 13}, 3),
        ({"target_fitness": 2.0, "patience": 1}, 3),
        ({}, 20),
    ):
        result = glia.evolve(_net(), (), (), evo=_config(**fields, **more), fitness=rising)
        assert (len(result.generations), result.status) == (count, "OK"), more


def test_progress_counts_individuals(capsys: pytest.CaptureFixture[str]) -> None:
    _evolution().run(progress="always")
    assert "30/30" in capsys.readouterr().err
    _evolution().run(verbose=True)
    assert capsys.readouterr().out == ""


def test_the_lock_is_free_meanwhile() -> None:
    turns = 0
    ended = threading.Event()

    def run() -> None:
        _evolution(LONG).run(timeout=0.3)
        ended.set()

    threading.Thread(target=run).start()
    while not ended.is_set():
        turns += 1
        time.sleep(0.001)
    assert turns > 30


# ---- files


def test_a_saved_evolution_ends_in_the_same_bits(tmp_path: Path) -> None:
    path, expected, count = tmp_path / "run", _left(_evolution().run()), 0
    result = _evolution().run(timeout=1e-5, save=path)
    while result.stopped:
        count += 1
        result = _evolution().load(path).resume(timeout=3e-5, save=path)
    assert count > 0 and _left(result) == expected
    assert _left(_evolution().load(path)) == expected


def test_resuming_a_file_tells_later_generations(tmp_path: Path) -> None:
    path, told = tmp_path / "run", []
    stopped = _evolution().run(lambda number, _: number == 1)
    stopped.save(path)
    result = _evolution().resume(path, lambda number, _: told.append(number))
    assert told == [2, 3, 4] and _left(result) == _left(_evolution().run())


def test_a_file_of_another_evolution_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run"
    _evolution().run().save(path)
    with pytest.raises(ketch.RangeError) as raised:
        glia.Evolution(_net(), DATA, DATA[:2], TRAINING, CONFIG).load(path)
    assert raised.value.status == "MISMATCH"
    with pytest.raises(ketch.RangeError):
        _evolution(fitness=_weight).load(path)
    with pytest.raises(OSError):
        _evolution().load(tmp_path / "none")
    path.write_bytes(b"no run at all")
    with pytest.raises(ketch.FileError):
        _evolution().load(path)


def test_a_killed_evolution_goes_on_to_the_same_bits(script: Any, tmp_path: Path) -> None:
    """It loses what came after the last save."""
    path = tmp_path / "run"
    program = f"""
    import os, signal, sys, threading, time
    sys.path.insert(0, {str(Path(__file__).parent)!r})
    import test_glia_evolve as test
    from pathlib import Path

    path = Path({str(path)!r})

    def kill():
        while not path.exists():
            time.sleep(0.001)
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=kill).start()
    test._evolution(test.SAVED).run(save=path, save_every=0.02)
    """
    assert script(program).returncode == -signal.SIGKILL
    saved = _evolution(SAVED).load(path)
    count = len(saved.generations)
    assert 0 < count < SAVED.generations
    saved.resume(lambda number, _: number == count + 20)
    whole = _evolution(SAVED).run(lambda number, _: number == count + 20)
    assert _left(saved) == _left(whole)


def test_two_evolutions_run_at_once() -> None:
    left: list[Any] = []
    several = [
        threading.Thread(target=lambda: left.append(_left(_evolution().run()))) for _ in "ab"
    ]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join()
    assert left == [_left(_evolution().run())] * 2


# ---- a fitness in Python


def test_a_fitness_is_asked_in_order_on_this_thread() -> None:
    asked: list[tuple[int, int, int]] = []

    def fitness(candidate: glia.Candidate) -> float:
        asked.append((candidate.generation, candidate.individual, threading.get_ident()))
        return _weight(candidate)

    result = glia.evolve(_net(), (), (), evo=_config(), fitness=fitness)
    here = threading.get_ident()
    assert asked == [(i // 6, i % 6, here) for i in range(30)]
    assert result.best_fitness == sorted(result.best_fitness)  # the best pass unchanged
    assert result.best_fitness[-1] > result.best_fitness[0]


def test_a_candidate_has_a_network_of_its_own() -> None:
    kept: list[glia.Network] = []

    def spoil(candidate: glia.Candidate) -> float:
        found = _weight(candidate)
        net = candidate.network
        assert net.num_neurons == 6 and net.num_connections == candidate.synapses
        net.add_neuron("S9").set_weights({"from": ["S9"], "to": ["O0"], "weights": [1.0]})
        net.step(3)
        kept.append(net)
        return found

    spoilt = glia.evolve(_net(), (), (), evo=_config(), fitness=spoil)
    assert _left(spoilt) == _left(glia.evolve(_net(), (), (), evo=_config(), fitness=_weight))
    del spoilt
    assert len(kept) == 30 and all(net.num_neurons == 7 for net in kept)
    kept[7].step(10)


def test_a_fitness_may_run_and_train_networks() -> None:
    config = glia.create_config(warmup_ticks=10, decision_window=50)

    def scored(candidate: glia.Candidate) -> float:
        scores = glia.Trainer(candidate.network, config).evaluate_dataset(DATA)
        spikes = candidate.network.run(SEQUENCES[0], 20)
        return scores["accuracy"] + int(spikes.counts.sum()) / 1000 + _weight(candidate) / 1000

    result = glia.evolve(_net(), (), (), evo=_config(), fitness=scored)
    assert result.best_fitness[-1] > result.best_fitness[0] > 0.3


def test_a_fitness_that_raises_is_asked_again() -> None:
    calls = 0

    def fitness(candidate: glia.Candidate) -> float:
        nonlocal calls
        calls += 1
        if calls == 9:
            raise LookupError("in the fitness")
        return _weight(candidate)

    evolution = glia.Evolution(_net(), (), (), evo_config=_config(), fitness=fitness)
    with pytest.raises(LookupError, match="in the fitness"):
        evolution.run()
    assert evolution.result is not None and len(evolution.result.generations) == 1
    evolution.result.resume()
    assert calls == 31
    whole = glia.evolve(_net(), (), (), evo=_config(), fitness=_weight)
    assert _left(evolution.result) == _left(whole)


def test_an_interrupt_in_a_fitness_comes_out() -> None:
    def interrupted(candidate: glia.Candidate) -> float:
        signal.raise_signal(signal.SIGINT)
        return 0.0

    with pytest.raises(KeyboardInterrupt) as raised:
        glia.evolve(_net(), (), (), evo=_config(), fitness=interrupted)
    assert raised.value.result.generations == []  # type: ignore[attr-defined]


def test_a_fitness_is_saved_and_carried_on(tmp_path: Path) -> None:
    path = tmp_path / "run"

    def evolution() -> glia.Evolution:
        return glia.Evolution(_net(), DATA, (), TRAINING, CONFIG, fitness=_weight)

    evolution().run(lambda number, _: number == 2, save=path)
    assert _left(evolution().resume(path)) == _left(evolution().run())


@pytest.mark.parametrize(
    "answer, kind, words",
    [
        (float("nan"), ketch.RangeError, "finite"),
        (float("inf"), ketch.RangeError, "finite"),
        ("1", TypeError, "float"),
        (None, TypeError, "float"),
    ],
)
def test_a_fitness_that_is_no_number_is_refused(
    answer: Any, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match="fitness.*" + words):
        glia.evolve(_net(), (), (), evo=_config(), fitness=lambda _: answer)


# ---- configs


def test_configs_are_checked() -> None:
    assert (glia.EvolutionConfig().population, glia.EvolutionConfig().generations) == (8, 10)
    made = glia.create_evo_config(sigma_w=1)
    assert (made.population, made.generations, made.elite, made.train_epochs) == (10, 20, 2, 5)
    makers: list[Callable[..., object]] = [glia.create_evo_config, glia.EvolutionConfig]
    for make in makers:
        with pytest.raises(TypeError, match="'sigma_w'"):
            make(sigma_v=1)
    with pytest.raises(AttributeError, match="'population'"):
        made.popluation = 3
    wrong: list[tuple[str, Any]] = [
        ("population", 0),
        ("population", 2**20 + 1),
        ("generations", 0),
        ("elite", -1),
        ("sigma_w", -0.1),
        ("sigma_leak", float("nan")),
        ("seed", 2**64),
        ("target_fitness", float("inf")),
        ("patience", 0),
        ("evaluations", 0),
    ]
    for name, value in wrong:
        with pytest.raises(ketch.RangeError, match=name):
            setattr(made, name, value)
    for name, value in (("population", 2.5), ("lamarckian", 1), ("lineage_json", None)):
        with pytest.raises(TypeError, match=name):
            setattr(made, name, value)


def test_configs_are_pickled_and_copied() -> None:
    config = glia.create_evo_config(target_fitness=0.5, sigma_w=2)
    for other in (pickle.loads(pickle.dumps(config)), copy.copy(config), copy.deepcopy(config)):
        assert other == config and other is not config
    for thing in (_evolution(), _evolution().run(), glia.Population(_net())):
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(thing)


# ---- errors


@pytest.mark.parametrize(
    "make, status, words",
    [
        (lambda: glia.evolve(_net(), DATA, ()), "RANGE", "val_data"),
        (lambda: glia.evolve(_net(), (), DATA), "RANGE", "train_data"),
        (lambda: glia.evolve(_net(), [(SEQUENCES[0], "O9")], DATA), "MISMATCH", "O9"),
        (lambda: glia.evolve(_net(), DATA, [(SEQUENCES[0], "S0")]), "MISMATCH", "S0"),
        (lambda: glia.evolve(glia.Network(), DATA, DATA), "MISMATCH", "neurons"),
        (lambda: glia.Population(glia.Network()), "MISMATCH", "neurons"),
    ],
)
def test_wrong_calls_are_told(make: Callable[[], object], status: str, words: str) -> None:
    with pytest.raises(ketch.RangeError, match=words) as raised:
        make()
    assert raised.value.status == status


def test_wrong_types_are_told() -> None:
    wrong: Any = 3
    for make, words in (
        (lambda: glia.Evolution(_net(), DATA, DATA, wrong), "train_config"),
        (lambda: glia.Evolution(_net(), DATA, DATA, TRAINING, wrong), "evo_config"),
        (lambda: glia.Evolution(_net(), wrong, DATA), "episodes"),
        (lambda: _evolution(fitness=wrong), "fitness"),
        (lambda: _evolution().run(wrong), "on_generation"),
        (lambda: _evolution().run(engine=wrong), "engine"),
        (lambda: _evolution().run(stop=wrong), "stop"),
        (lambda: glia.Population(wrong), "network"),
        (lambda: glia.Population(_net(), wrong), "config"),
    ):
        with pytest.raises(TypeError, match=words):
            make()
    with pytest.raises(FileNotFoundError):
        glia.Evolution("no such file", DATA, DATA)


def test_a_network_in_use_is_busy() -> None:
    net, stop = _net(), ketch.Stop()
    other = threading.Thread(target=net.run, kwargs={"ticks": 2**60, "record": False, "stop": stop})
    other.start()
    deadline = time.monotonic() + 30
    with pytest.raises(ketch.BusyError):
        while time.monotonic() < deadline:
            glia.evolve(net, DATA, DATA, TRAINING, CONFIG)
    stop.set()
    other.join()


# ---- populations


def test_a_population_evolves_as_an_evolution_does() -> None:
    config = _config(sigma_leak=0.1, sigma_thr=2.0)
    result = glia.evolve(_net(), (), (), evo=config, fitness=_weight)
    population = glia.Population(_net(), config)
    for number in range(config.generations):
        networks = population.ask()
        assert [net.num_neurons for net in networks] == [6] * 6
        told = population.tell([net.get_weights()["weights"].sum() for net in networks])
        assert told.generation == number
    assert [each.fitness for each in population.generations] == result.best_fitness
    assert [each.best for each in population.generations] == [
        each.best for each in result.generations
    ]
    assert _bits(population.best) == _bits(result.best)
    assert _bits(population.last_best) == _bits(result.last_best)


def _sum(net: glia.Network) -> float:
    return float(net.get_weights()["weights"].sum())


def test_a_population_runs_in_a_loop(capsys: pytest.CaptureFixture[str]) -> None:
    population, told = glia.Population(_net(), _config()), []
    several = population.run(_sum, on_generation=lambda *each: told.append(each), progress="always")
    assert told == list(enumerate(several)) and len(several) == 5
    assert "30/30" in capsys.readouterr().err and "5 generations" in repr(population)
    assert len(population.run(_sum, 100, lambda number, _: number == 6)) == 2
    assert len(population.generations) == 7
    stop = ketch.Stop()
    stop.set()
    assert population.run(_sum, stop=stop) == [] == population.run(_sum, timeout=1e-9)


def test_individuals_are_scored_on_several_threads() -> None:
    def margin(net: glia.Network) -> float:
        return glia.Trainer(net, TRAINING).evaluate_dataset(DATA)["margin"]

    one, many = (glia.Population(_net(), _config()) for _ in range(2))
    one.run(margin)
    with ThreadPoolExecutor(3) as threads:
        for _ in range(5):
            many.tell(list(threads.map(margin, many.ask())))
    assert one.generations == many.generations and _bits(one.best) == _bits(many.best)


def test_a_loop_that_is_left_tells_nothing() -> None:
    population = glia.Population(_net(), _config())
    asked: list[bytes] = []

    def fail(net: glia.Network) -> float:
        asked.append(_bits(net))
        if len(asked) == 4:
            raise ArithmeticError
        return _sum(net)

    with pytest.raises(ArithmeticError):
        population.run(fail)
    assert population.generations == []
    assert [_bits(net) for net in population.ask()][:4] == asked


def _delayed() -> glia.Network:
    delays = [[1, 3, 5], [1, 1, 7], [1, 1, 1]]
    weights = [[0, 60, 60], [0, 0, 60], [0, 0, 0]]
    return glia.Network.from_arrays(["S0", "O0", "O1"], weights, thresholds=50, delays=delays)


def _latest(net: glia.Network) -> int:
    """When the last spike is, after one injection."""
    net.inject("S0", 200.0)
    ticks, _ = net.run(ticks=20).spikes
    return int(ticks.max(initial=0))


def _check_delays(search: Any) -> None:
    """The spike that comes by way of O0 is in tick 0 + 3 + 7."""
    for _ in range(3):
        assert [_latest(each) for each in search.ask()] == [10] * 6
        search.tell(range(6))


def test_delays_are_inherited() -> None:
    _check_delays(glia.Population(_delayed(), _config(sigma_w=0.01)))


def test_a_fitness_for_each_individual_is_told() -> None:
    population = glia.Population(_net(), _config())
    for wrong in ([1.0] * 5, [[1.0] * 6], 1.0):
        with pytest.raises(ketch.RangeError, match="fitness"):
            population.tell(wrong)
    with pytest.raises(ketch.RangeError, match=r"fitness\[2\]"):
        population.tell([0, 0, numpy.nan, 0, 0, 0])
    with pytest.raises(ketch.BadIndexError):
        _ = population.best
    assert population.generations == [] and len(population.ask()) == 6


# ---- CMA-ES


@pytest.fixture
def cma() -> Any:
    return pytest.importorskip("cma", reason="cma is not installed")


def _closeness(net: glia.Network) -> float:
    """Best where weights are 0, 1, ..., 8 and leaks 0.5."""
    weights, leaks = net.get_weights()["weights"], net.get_state()["leaks"]
    return -float(((weights - numpy.arange(9)) ** 2).sum() + ((leaks - 0.5) ** 2).sum())


def test_cma_finds_weights_and_leaks(cma: Any) -> None:
    config = glia.EvolutionConfig(population=12, generations=500, sigma_w=5, sigma_leak=0.2, seed=3)
    search = glia.CMAES(_net(), config)
    before = numpy.random.get_state()[1].copy()  # type: ignore[index]
    several = search.run(_closeness)
    assert several[-1].fitness > -1e-3 and len(several) <= 500
    assert _closeness(search.best) == max(each.fitness for each in several)
    assert abs(search.best.get_weights()["weights"] - numpy.arange(9)).max() < 0.05
    assert abs(search.mean.get_state()["leaks"] - 0.5).max() < 0.05
    assert (search.best.get_state()["thresholds"] == _net().get_state()["thresholds"]).all()
    assert (numpy.random.get_state()[1] == before).all()  # type: ignore[index]


def test_cma_is_repeatable(cma: Any) -> None:
    config = glia.EvolutionConfig(population=8, generations=10, sigma_w=5, sigma_thr=1, seed=4)
    one, two = (glia.CMAES(_net(), config) for _ in range(2))
    assert one.run(_closeness) == two.run(_closeness)
    assert _bits(one.last_best) == _bits(two.last_best)
    config.seed = 5
    assert glia.CMAES(_net(), config).run(_closeness) != one.generations


def test_leaks_stay_in_their_limits(cma: Any) -> None:
    search = glia.CMAES(_net(), glia.EvolutionConfig(sigma_w=0, sigma_leak=1))
    for net in search.ask():
        leaks = net.get_state()["leaks"]
        assert (leaks >= 0).all() and (leaks <= 1).all()
        assert (net.get_weights()["weights"] == 35).all()


def test_cma_says_what_is_wrong(cma: Any) -> None:
    with pytest.raises(ketch.RangeError, match="sigma"):
        glia.CMAES(_net(), glia.EvolutionConfig(sigma_w=0))
    search = glia.CMAES(_net(), _config())
    for name in ("best", "last_best"):
        with pytest.raises(ketch.BadIndexError):
            getattr(search, name)
    with pytest.raises(ketch.RangeError, match="ask"):
        search.tell([0.0] * 6)
    search.ask()
    with pytest.raises(ketch.RangeError, match="fitness"):
        search.tell([0.0] * 5)
    assert search.tell([0.0] * 6).generation == 0


def test_cma_keeps_delays(cma: Any) -> None:
    _check_delays(glia.CMAES(_delayed(), _config(sigma_w=0.01)))


def test_cma_ends_by_itself(cma: Any) -> None:
    search = glia.CMAES(_net(), _config(generations=10000))
    assert len(search.run(lambda _: 1.0)) < 10000 and search.reasons
