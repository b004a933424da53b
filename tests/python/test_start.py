"""Runs from given states, which stay as they are; interrupted runs that go on."""

import os
import pickle
import signal
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import ketch


def _circuit() -> ketch.Circuit:
    return ketch.Circuit(3).h(0).cx(0, 1).rz(0.3, 1).rx(0.7, 2)


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("start", ["010", "1+-", "amplitudes", "list", "State", "other precision"])
def test_a_run_from_a_state_is_apply_on_a_copy(
    engine: ketch.Engine, start: str, precision: Any
) -> None:
    amplitudes = engine.run(_circuit().inverse(), precision=precision).state
    other = {"double": "single", "single": "double"}[precision]
    starts: dict[str, Any] = {
        "amplitudes": amplitudes,
        "list": amplitudes.tolist(),
        "State": engine.state(amplitudes, precision=precision),
        "other precision": engine.state(amplitudes, precision=other),
    }
    given = starts.get(start, start)
    before = numpy.array(given) if start in starts else None
    r = engine.run(_circuit(), state=given, precision=precision)
    own = numpy.asarray(given) if start == "other precision" else given
    state = engine.state(own, precision=precision)
    engine.apply(_circuit(), state)
    assert r.state.tobytes() == state.amplitudes().tobytes()
    assert before is None or numpy.array(given).tobytes() == before.tobytes()
    assert engine.prepare(_circuit(), precision=precision).run(state=given).state.tolist() == (
        r.state.tolist()
    )
    assert ketch.run(_circuit(), state=given, precision=precision).state.tolist() == (
        r.state.tolist()
    )


def test_two_runs_from_one_state_and_its_own_run_are_apart(engine: ketch.Engine) -> None:
    state = engine.state("000")
    one = engine.run(_circuit(), state=state)
    engine.apply(ketch.Circuit(3).x(range(3)), state)
    two = engine.run(ketch.Circuit(3), state=state)
    assert state.amplitudes()[7] == two.state[7] == 1
    assert one.state.tobytes() == engine.run(_circuit()).state.tobytes()


def test_a_state_in_the_callers_memory_is_copied(engine: ketch.Engine) -> None:
    array = numpy.array([0, 1], complex)
    r = engine.run(ketch.Circuit(1).x(0), state=engine.adopt(array))
    assert array.tolist() == [0, 1] and r.state.tolist() == [1, 0]


def test_a_state_whose_norm_has_drifted_is_a_start(engine: ketch.Engine) -> None:
    array = numpy.array([0.6, 0.8j], complex)
    state = engine.adopt(array)
    array *= 1.0001
    r = engine.run(ketch.Circuit(1).x(0), state=state)
    assert numpy.allclose(r.state, [0.8j, 0.6], atol=1e-12)


def test_shots_and_observables_are_those_of_the_start(engine: ketch.Engine) -> None:
    measured = ketch.Circuit(2, 2).cx(0, 1).measure_all()
    assert engine.run(measured, state="01", shots=9).counts == {"11": 9}
    assert engine.run(ketch.Circuit(2).cx(0, 1), state="01", observe=[{1: 1.0}]).observed == [-1.0]
    midway = ketch.Circuit(2, 2).measure(0, 0).x(0).measure(0, 1)
    assert engine.run(midway, state="01", shots=9).counts == {"01": 9}


def test_a_start_of_none_is_all_zero(engine: ketch.Engine) -> None:
    r = engine.run(_circuit(), state=None)
    assert r.state.tobytes() == engine.run(_circuit()).state.tobytes()


def test_starts_that_are_no_states_are_refused(engine: ketch.Engine) -> None:
    wrong: list[tuple[Any, type[Exception], str]] = [
        ("0", ValueError, "one character a qubit"),
        ("0a1", ValueError, "position 1"),
        ([1, 0], ketch.RangeError, "2\\^3 amplitudes"),
        ([1] * 8, ketch.RangeError, "norm"),
        ([float("nan")] * 8, ketch.RangeError, "finite"),
        (numpy.eye(8), TypeError, "row of numbers"),
        (3, TypeError, "state of a wrong type"),
        (engine.state(2), ketch.RangeError, "2\\^3 amplitudes"),
    ]
    for given, kind, words in wrong:
        with pytest.raises(kind, match=words):
            engine.run(_circuit(), state=given)
    midway = ketch.Circuit(1, 2).measure(0, 0).x(0).measure(0, 1)
    with pytest.raises(ketch.RangeError, match="basis state"):
        engine.run(midway, state="+", shots=9)
    assert engine.run(_circuit()).status == "OK"


# ---- interrupts


def _raise_interrupt(step: ketch.Step) -> None:
    raise KeyboardInterrupt


def _fenced() -> ketch.Circuit:
    return ketch.Circuit(3).h(range(3)).fence().rx(0.3, range(3)).fence().cx(0, 1)


WAYS: dict[str, Callable[[ketch.Engine, dict[str, Any]], ketch.Result]] = {
    "Engine.run": lambda engine, options: engine.run(_fenced(), **options),
    "Prepared.run": lambda engine, options: engine.prepare(_fenced()).run(**options),
    "Engine.apply": lambda engine, options: engine.apply(_fenced(), engine.state(3), **options),
    "run": lambda engine, options: ketch.run(_fenced(), **options),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_interrupt_carries_its_run_which_goes_on(engine: ketch.Engine, way: str) -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        WAYS[way](engine, {"hook": _raise_interrupt})
    r = caught.value.result  # type: ignore[attr-defined]
    assert isinstance(r, ketch.Result) and r.status == "HOOK"
    with pytest.raises(KeyboardInterrupt) as again:  # of a resumed run, too
        engine.resume(r, hook=lambda step: _raise_interrupt(step))
    assert again.value.result is r  # type: ignore[attr-defined]
    assert engine.resume(r) is r and r.status == "OK"
    assert r.state.tobytes() == engine.run(_fenced()).state.tobytes()


def test_a_real_ctrl_c_carries_its_run(engine: ketch.Engine) -> None:
    circuit = ketch.Circuit(16)
    for _ in range(200):
        circuit.rx(0.1, range(16)).rzz(0.2, range(15), range(1, 16))
    expected = engine.run(circuit).state.tobytes()

    def hook(step: ketch.Step) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        ketch.run(circuit, hook=hook, hook_seconds=0.001)
    r = caught.value.result  # type: ignore[attr-defined]
    assert 0 < r.position.done <= r.position.total
    assert engine.resume(r).state.tobytes() == expected


def test_an_error_of_ketch_in_a_run_carries_it_too(engine: ketch.Engine, tmp_path: Any) -> None:
    (tmp_path / "other").write_text("no run")
    with pytest.raises(ketch.FileError) as caught:
        ketch.run(_fenced(), save=tmp_path / "other")
    r = caught.value.result
    assert r is None or engine.resume(r).status == "OK"

    def hook(step: ketch.Step) -> None:
        ketch.Circuit(1).h(5)

    with pytest.raises(ketch.BadIndexError) as failed:
        ketch.run(_fenced(), hook=hook)
    assert failed.value.result is not None
    assert engine.resume(failed.value.result).status == "OK"
    with pytest.raises(ketch.RangeError) as early:
        ketch.run(_fenced(), shots=3)
    assert early.value.result is None
    assert pickle.loads(pickle.dumps(early.value)).result is None


def test_other_exceptions_of_hooks_stay_as_they_are(engine: ketch.Engine) -> None:
    class Slotted(Exception):
        __slots__ = ()

    mine = Slotted("mine")

    def hook(step: ketch.Step) -> None:
        raise mine

    with pytest.raises(Slotted) as caught:
        engine.run(_fenced(), hook=hook)
    assert caught.value is mine and not hasattr(mine, "result")
    assert engine.interrupted is not None and engine.resume(engine.interrupted).status == "OK"
