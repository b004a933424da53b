"""Hooks, stops, time-outs, resumes: what a caller sees while a run is on, and after it."""

import gc
import itertools
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable

import numpy
import pytest

import ketch
from conftest import figure

STEPS = 60


def _long(qubits: int = 14, steps: int = STEPS) -> ketch.Circuit:
    circuit = ketch.Circuit(qubits)
    for i in range(steps):
        circuit.rx(0.1 + i, i % qubits)
    return circuit


def _heavy(qubits: int = 20, layers: int = 400) -> ketch.Circuit:
    """Seconds of work, unless it is stopped."""
    circuit = ketch.Circuit(qubits)
    for layer in range(layers):
        circuit.rx(0.1 + layer, range(qubits)).rzz(0.2, range(qubits - 1), range(1, qubits))
        circuit.cx(range(0, qubits - 1, 2), range(1, qubits, 2)).ry(0.3, range(qubits))
    return circuit


def test_fences_show_the_exact_prefix(engine: ketch.Engine) -> None:
    seen: list[tuple[int, numpy.ndarray]] = []

    def hook(step: ketch.Step) -> None:
        if step.fence:
            assert step.state is not None
            seen.append((step.done, step.state))
            assert 0 < step.done <= step.total == STEPS
            assert 0 <= step.fraction <= 1 and step.seconds >= 0

    r = engine.run(_long(8), hook=hook, hook_every=7)
    dones = [done for done, _ in seen]
    assert dones[:8] == list(range(7, 57, 7))
    assert r.report.fences == len(seen)
    for done, state in seen:  # taken at the fence, looked at after the run: they never change
        expected = engine.run(_long(8, done)).state
        assert abs(state - expected).max() < 1e-13, done


def test_fences_of_the_circuit_call_the_hook(engine: ketch.Engine) -> None:
    seen: list[int] = []
    circuit = ketch.Circuit(2).h(0).fence().x(1).h(0).fence().h(1)
    engine.run(circuit, hook=lambda step: seen.append(step.done) if step.fence else None)
    assert seen == [1, 3]


def test_a_step_tells_the_phase_and_the_number_of_the_shot(engine: ketch.Engine) -> None:
    seen: list[tuple[str | None, int]] = []
    circuit = ketch.Circuit(1, 1).h(0).measure(0, 0).fence().h(0).measure(0, 0)
    r = engine.run(
        circuit, shots=3, hook=lambda step: seen.append((step.phase, step.number)), hook_every=1
    )
    assert {phase for phase, _ in seen} == {"gates"}
    assert {number for _, number in seen} == {0, 1, 2}
    assert r.position.phase == r.report.phase == "gates" and r.position.open == ()


def test_a_step_ends_with_its_hook(engine: ketch.Engine) -> None:
    kept: list[ketch.Step] = []
    engine.run(_long(8), hook=kept.append, hook_every=20)
    fences = [step for step in kept if step.fence]
    assert fences and "fence" in repr(fences[0])
    with pytest.raises(ketch.Error, match="after its hook returned"):
        _ = fences[0].state


def test_ticks_come_as_often_as_asked(engine: ketch.Engine) -> None:
    times: list[float] = []

    def hook(step: ketch.Step) -> bool:
        assert step.state is None
        times.append(step.seconds)
        return len(times) == 4

    circuit = _heavy(20, 1600)
    for options, seconds in (({}, 0.05), ({"hook_seconds": 0.1}, 0.1)):
        times[:] = [0.0]
        assert engine.run(circuit, hook=hook, **options).stopped  # type: ignore[arg-type]
        gaps = [b - a for a, b in itertools.pairwise(times)]
        assert len(gaps) == 3 and min(gaps) < seconds + 0.1, gaps
        assert times[-1] >= 3 * seconds, gaps
    times.clear()
    r = engine.run(circuit, hook=hook, hook_seconds=None, timeout=0.3)
    assert not times and r.report.ticks > 1


def test_ticks_cost_next_to_nothing() -> None:
    circuit = _heavy(16, 20)
    prepared = ketch.Engine(threads=1).prepare(circuit)

    def work(hook: Callable[[ketch.Step], None] | None) -> float:
        begun = time.process_time()
        for _ in range(10):
            prepared.run(hook=hook, hook_seconds=0.05)
        return time.process_time() - begun

    ticking, plain = [work(lambda step: None)], [work(None)]
    while len(plain) < 50 and (len(plain) < 5 or min(ticking) > 1.02 * min(plain)):
        ticking.append(work(lambda step: None))
        plain.append(work(None))
    more = 100 * (min(ticking) / min(plain) - 1)
    figure("P15", "more processor time with a hook at 20 Hz, at most 2 %", more, "%")
    assert more <= 2


@pytest.mark.parametrize("when", [1, 4, STEPS // 7])
def test_a_run_stopped_at_a_fence_resumes_to_the_same_bits(when: int, engine: ketch.Engine) -> None:
    calls = []

    def hook(step: ketch.Step) -> bool:
        if step.fence:
            calls.append(step.done)
        return len(calls) == when

    straight = engine.run(_long()).state
    same = engine.run(_long(), hook_every=7).state
    r = engine.run(_long(), hook=hook, hook_every=7)
    assert r.stopped and r.status == "STOPPED"
    assert r.position.fence and r.position.done == 7 * when
    assert "steps" in repr(r)
    prefix = r.state
    assert abs(prefix - engine.run(_long(steps=7 * when)).state).max() < 1e-13
    before = prefix.copy()
    assert engine.resume(r) is r
    assert not r.stopped and r.position.ended
    assert r.state.tobytes() == same.tobytes()
    assert abs(r.state - straight).max() < 1e-12
    assert (prefix == before).all()


def test_a_run_stopped_between_fences_refuses_its_state_and_resumes(engine: ketch.Engine) -> None:
    stop = ketch.Stop()
    stop.set()
    r = engine.run(_heavy(18, 3), stop=stop)
    assert r.stopped and r.position.done < r.position.total
    if not r.position.fence:
        with pytest.raises(ketch.SuspendedError, match="resume"):
            _ = r.state
    stop.clear()
    assert not stop.is_set()
    engine.resume(r, stop=stop)
    assert r.state.tobytes() == engine.run(_heavy(18, 3)).state.tobytes()


def test_a_run_stopped_again_and_again_ends_in_the_same_bits(engine: ketch.Engine) -> None:
    circuit = _heavy(20, 80)
    straight = engine.run(circuit).state
    r = engine.run(circuit, hook=lambda step: True, hook_seconds=0.005)
    pieces = 1
    while r.stopped:
        engine.resume(r, hook=lambda step: True, hook_seconds=0.005)
        pieces += 1
    assert pieces > 2
    assert r.state.tobytes() == straight.tobytes()


def test_a_timeout_stops_the_run(engine: ketch.Engine) -> None:
    prepared = engine.prepare(_heavy())
    begun = time.process_time()
    r = prepared.run(timeout=0.1)
    assert time.process_time() - begun < 2 * 0.1 + 0.2  # on two threads
    assert r.stopped and r.status == "TIMEOUT"
    r = engine.resume(r, timeout=0.1)
    assert r.status == "TIMEOUT" and r.report.seconds >= 0.2
    assert engine.run(_long()).status == "OK"


def test_bits_of_a_stopped_run_are_of_the_shots_that_happened(engine: ketch.Engine) -> None:
    c = ketch.Circuit(3, 3).h(0).measure(0, 0).h(0).measure(0, 1).cx(0, 2).measure(2, 2)
    full = engine.run(c, shots=300, seed=4)
    r = engine.run(c, shots=300, seed=4, hook=lambda step: step.done > 90, hook_every=1)
    assert r.stopped
    assert len(r.bits) < 300 and (r.bits == full.bits[: len(r.bits)]).all()
    assert sum(r.counts.values()) == len(r.bits)
    engine.resume(r)
    assert (r.bits == full.bits).all() and r.counts == full.counts


class Odd(Exception):
    """An exception of the test's own."""


@pytest.mark.parametrize("when", ["first", "middle", "last"])
@pytest.mark.parametrize("kind", [Odd, ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_exceptions_come_out_unchanged(
    kind: type[BaseException], when: str, engine: ketch.Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    total: list[int] = []
    engine.run(_long(8), hook=lambda step: total.append(step.done), hook_every=7)
    at = {"first": total[0], "middle": total[len(total) // 2], "last": total[-1]}[when]
    exception = kind("mine")

    def hook(step: ketch.Step) -> None:
        if step.fence and step.done == at:
            raise exception

    with pytest.raises(kind) as caught:
        engine.run(_long(8), hook=hook, hook_every=7)
    assert caught.value is exception
    names = [frame.name for frame in traceback.extract_tb(exception.__traceback__)]
    assert "hook" in names and "run" in names
    r = engine.interrupted
    assert r is not None and r.status == "HOOK" and r.position.done == at
    assert abs(r.state - engine.run(_long(8, at)).state).max() < 1e-13
    engine.resume(r)
    assert r.state.tobytes() == engine.run(_long(8), hook_every=7).state.tobytes()
    assert capfd.readouterr().err == ""


def test_an_exception_in_a_tick_comes_out_and_the_run_is_kept(engine: ketch.Engine) -> None:
    def hook(step: ketch.Step) -> None:
        if step.done > 0:
            raise Odd("tick")

    with pytest.raises(Odd, match="tick"):
        engine.run(_heavy(), hook=hook)
    assert engine.interrupted is not None
    assert 0 < engine.interrupted.position.done < engine.interrupted.position.total
    assert engine.run(_long()).status == "OK"


@pytest.mark.parametrize("answer", ["no", [], [1], 1.5, b"", object()])
def test_a_wrong_answer_of_a_hook_is_refused(answer: object, engine: ketch.Engine) -> None:
    def watcher(step: ketch.Step) -> object:
        return answer

    with pytest.raises(TypeError) as caught:
        engine.run(_long(8), hook=watcher, hook_every=10, hook_seconds=None)  # type: ignore[arg-type]
    assert isinstance(caught.value, TypeError)
    assert "watcher" in str(caught.value) and "10 of 60" in str(caught.value)
    assert type(answer).__name__ in str(caught.value)
    assert engine.run(_long(8)).status == "OK"


@pytest.mark.parametrize(
    ("answer", "stops"),
    [(None, False), (False, False), (0, False), (True, True), (1, True), (-1, True),
     (2**40, True), (numpy.bool_(False), False), (numpy.bool_(True), True),
     (numpy.int64(0), False)],
)  # fmt: skip
def test_a_true_answer_of_a_hook_stops_the_run(
    answer: object, stops: bool, engine: ketch.Engine
) -> None:
    r = engine.run(_long(8), hook=lambda step: answer, hook_every=10)  # type: ignore[arg-type]
    assert r.stopped is stops


def test_a_hook_cannot_use_its_own_engine(engine: ketch.Engine) -> None:
    stopped = engine.run(_long(), hook=lambda step: True, hook_every=7)
    calls: list[Callable[[], object]] = [
        lambda: engine.run(_long()),
        lambda: engine.prepare(_long()).run(),
        lambda: engine.resume(stopped),
        lambda: engine.close(),
    ]
    refused: list[str] = []

    def hook(step: ketch.Step) -> None:
        for call in calls:
            with pytest.raises(ketch.BusyError) as caught:
                call()
            refused.append(str(caught.value))

    r = engine.run(_long(8), hook=hook, hook_every=30)
    assert r.status == "OK" and len(refused) >= 4
    assert all("one run at a time" in text for text in refused)
    assert engine.resume(stopped).status == "OK"


def test_a_hook_may_use_other_engines_and_its_own_state(engine: ketch.Engine) -> None:
    def hook(step: ketch.Step) -> None:
        assert ketch.run(ketch.Circuit(2).x(0)).state[1] == 1
        if step.fence:
            assert step.state is not None
            assert abs(numpy.vdot(step.state, step.state) - 1) < 1e-12

    assert engine.run(_long(8), hook=hook, hook_every=9).status == "OK"


def test_a_hook_may_stop_its_engine(engine: ketch.Engine) -> None:
    r = engine.run(_heavy(), hook=lambda step: engine.stop())
    assert r.status == "STOPPED"
    assert engine.run(_long()).status == "OK"


def test_a_stop_does_not_leak_into_the_next_run(engine: ketch.Engine) -> None:
    token = ketch.Stop()
    engine.stop()
    r = engine.run(_long(), stop=token, hook=lambda step: engine.stop(), hook_every=10)
    assert r.status == "STOPPED"
    assert not token.is_set()
    assert engine.run(_long(), stop=token).status == "OK"


@pytest.mark.parametrize("way", ["engine", "token"])
def test_another_thread_stops_a_run(way: str, engine: ketch.Engine) -> None:
    token = ketch.Stop()
    circuit = _heavy()
    engine.prepare(circuit)
    for _ in range(3):
        token.clear()
        ended: list[float] = []

        def work() -> None:
            r = engine.run(circuit, stop=token)
            ended.append(time.process_time())  # noqa: B023
            assert r.status == "STOPPED"

        thread = threading.Thread(target=work)
        thread.start()
        while not engine.running:
            time.sleep(0.001)
        time.sleep(0.05)
        asked = time.process_time()  # others may keep the processors busy
        engine.stop() if way == "engine" else token.set()
        thread.join(20)
        assert ended and ended[0] - asked < 0.3


def test_wrong_options_are_refused_by_name(engine: ketch.Engine) -> None:
    for options in (
        {"hook": 5},
        {"hook_every": 0},
        {"hook_every": True},
        {"hook_seconds": 0},
        {"hook_seconds": -1.0},
        {"hook_seconds": "x"},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"stop": True},
        {"precision": "half"},
        {"shots": 0},
        {"seed": -1},
    ):
        with pytest.raises((TypeError, ValueError)) as caught:
            engine.run(_long(4), **options)  # type: ignore[arg-type]
        assert next(iter(options)) in str(caught.value)


def test_a_hook_is_let_go_after_its_run(engine: ketch.Engine) -> None:
    class Hook:
        def __call__(self, step: ketch.Step) -> None:
            pass

    hook = Hook()
    engine.run(_long(4), hook=hook, hook_every=1)
    watch = weakref.ref(hook)
    del hook
    gc.collect()
    assert watch() is None
    assert sys.getrefcount(engine) < 10
