"""Results as data: what is pickled, in this process and in others."""

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy
import pytest

import ketch

READINGS = ("status", "stopped", "position", "report", "shots", "seed", "counts")


def _circuit() -> ketch.Circuit:
    circuit = ketch.Circuit(3, {"a": 1, "b": 2})
    return circuit.h([0, 1]).cx(1, 2).rz(0.3, 2).h(2)


def _dynamic() -> ketch.Circuit:
    return _circuit().measure(0, 0).h(0).measure([0, 1], [1, 2])


Make = Callable[[ketch.Engine], ketch.Result]
RESULTS: dict[str, Make] = {
    "state": lambda engine: engine.run(_circuit()),
    "single": lambda engine: engine.run(_circuit(), precision="single"),
    "shots": lambda engine: engine.run(_circuit().measure_all(), shots=100),
    "dynamic": lambda engine: engine.run(_dynamic(), shots=100),
    "collapsed": lambda engine: engine.run(_dynamic(), seed=3),
    "no bits": lambda engine: engine.run(ketch.Circuit(2).h(0), shots=4, observe=["norm"]),
    "observed": lambda engine: engine.run(_circuit(), observe=["norm", [0, 2], {"XZY": 0.5}]),
    "stopped at a fence": lambda engine: engine.run(
        _circuit().fence().x(0), hook=lambda step: step.fence
    ),
}


def _same(one: object, other: object) -> bool:
    if isinstance(one, numpy.ndarray) and isinstance(other, numpy.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    return one == other


def _assert_same(data: Any, r: ketch.Result) -> None:
    assert type(data) is ketch.ResultData
    for name in READINGS:
        assert getattr(data, name) == getattr(r, name), name
    assert list(data.counts) == list(r.counts)
    assert _same(data.bits, r.bits) and data.bits.shape == r.bits.shape
    assert not data.bits.flags.writeable
    assert (repr(data), data._repr_html_()) == (repr(r), r._repr_html_())
    for name in ("state", "observed"):
        try:
            expected = getattr(r, name)
        except ketch.Error as error:
            for _ in range(2):
                with pytest.raises(type(error)) as caught:
                    getattr(data, name)
                assert str(caught.value) == str(error)
            continue
        found = getattr(data, name)
        if name == "state":
            assert _same(found, expected) and not found.flags.writeable
        else:
            assert all(map(_same, found, expected)) and len(found) == len(expected)


@pytest.mark.parametrize("name", RESULTS)
def test_unpickled_results_read_as_the_results(engine: ketch.Engine, name: str) -> None:
    r = RESULTS[name](engine)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.loads(pickle.dumps(r, protocol))
        _assert_same(data, r)
        _assert_same(pickle.loads(pickle.dumps(data, protocol)), r)
    _assert_same(copy.copy(r), r)
    _assert_same(copy.deepcopy(r), r)


def test_a_pickle_names_public_classes_alone(engine: ketch.Engine) -> None:
    assert b"ketch._" not in pickle.dumps(engine.run(_circuit(), observe=["norm"]), 2)


def _heavy() -> ketch.Circuit:
    circuit = ketch.Circuit(18)
    for _ in range(400):
        circuit.rx(0.1, range(18)).rzz(0.2, range(17), range(1, 18))
    return circuit


def test_a_run_between_fences_pickles_what_can_be_read(engine: ketch.Engine) -> None:
    r = engine.run(_heavy(), timeout=0.02)
    data = pickle.loads(pickle.dumps(r))
    assert (data.status, data.position) == ("TIMEOUT", r.position)
    with pytest.raises(ketch.SuspendedError):
        _ = data.state
    with pytest.raises(ketch.SuspendedError):
        _ = engine.run(_heavy(), timeout=0.02, observe=["norm"]).observed
    with pytest.raises(TypeError, match=r"Result.save wrote"):
        engine.resume(data)
    with pytest.raises(TypeError, match=r"allowed Result$"):
        engine.resume(5)  # type: ignore[arg-type]


def test_a_result_in_use_is_not_pickled(engine: ketch.Engine) -> None:
    r = engine.run(_heavy(), timeout=0.02)
    refused: list[BaseException] = []

    def hook(step: ketch.Step) -> bool:
        try:
            pickle.dumps(r)
        except ketch.BusyError as error:
            refused.append(error)
        return True

    engine.resume(r, hook=hook)
    assert len(refused) == 1


def _work(seed: int) -> ketch.Result:
    return ketch.run(_circuit().measure_all(), shots=50, seed=seed)


def test_results_come_from_other_processes() -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        for seed, data in enumerate(pool.map(_work, range(4))):
            assert data.counts == _work(seed).counts and data.seed == seed


def test_an_interrupt_with_its_run_is_pickled() -> None:
    def hook(step: ketch.Step) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        ketch.run(ketch.Circuit(1).x(0).fence().x(0), hook=hook)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.result.state.tolist() == [0, 1]
