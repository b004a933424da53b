"""Runs and their results: options, state, bits, counts, reports, lifetimes."""

import gc
import pickle

import numpy
import pytest

import ketch
from ketch._native.core import KERNELS


def _ghz(qubits: int, bits: int = 0) -> ketch.Circuit:
    circuit = ketch.Circuit(qubits, bits).h(0)
    return circuit.cx(range(qubits - 1), range(1, qubits))


def test_a_run_with_shots_gives_counts_bits_and_a_report() -> None:
    c = ketch.Circuit(3, 3).h(0).cx(0, 1).rz(0.3, 2).measure([0, 1, 2], [0, 1, 2])
    with ketch.Engine(threads=2, memory="1 GiB") as engine:
        r = engine.run(c, shots=1000, seed=7)
        assert set(r.counts) == {"000", "011"}
        assert sum(r.counts.values()) == 1000
        assert r.bits.shape == (1000, 3) and r.bits.dtype == numpy.uint8
        assert (r.bits[:, 0] == r.bits[:, 1]).all() and not r.bits[:, 2].any()
        assert r.counts["011"] == r.bits[:, 0].sum()
        assert not r.stopped and r.status == "OK"
        assert r.position.done == r.position.total == len(c) and r.position.ended
        assert r.report.threads == 2 and r.report.kernels == engine.kernels
        assert r.report.steps == len(c) and r.report.seconds > 0
        assert "1000 shots" in repr(r)


def test_without_shots_there_is_one_outcome_and_a_state(engine: ketch.Engine) -> None:
    r = engine.run(ketch.Circuit(2, 2).h(0).cx(0, 1).measure_all(), seed=3)
    assert r.bits.shape == (1, 2)
    assert r.bits[0, 0] == r.bits[0, 1]
    assert abs(r.state[3 * int(r.bits[0, 0])]) == pytest.approx(1)
    assert sum(r.counts.values()) == 1


def test_shots_of_a_circuit_that_measures_leave_no_one_state(engine: ketch.Engine) -> None:
    r = engine.run(ketch.Circuit(1, 1).x(0).measure(0, 0), shots=3)
    with pytest.raises(ketch.RangeError, match="shots=None"):
        _ = r.state
    r = engine.run(ketch.Circuit(1, 1).x(0), shots=3, observe=["norm"])
    assert r.state.tolist() == [0, 1] and r.observed == [1]


def test_shots_of_a_circuit_that_measures_nothing_are_refused(engine: ketch.Engine) -> None:
    circuit = ketch.Circuit(1, 1).x(0)
    calls = (
        lambda: engine.run(circuit, shots=3),
        lambda: engine.prepare(circuit).run(shots=3),
        lambda: engine.apply(circuit, engine.state(1), shots=3),
        lambda: ketch.run(circuit, shots=3),
    )
    for call in calls:
        with pytest.raises(ketch.RangeError, match=r"measures nothing.*observe=") as caught:
            call()
        assert (caught.value.status, caught.value.argument) == ("RANGE", "shots")


def test_the_same_seed_gives_the_same_bits(engine: ketch.Engine) -> None:
    c = ketch.Circuit(4).h(range(4)).measure_all()
    a, b = engine.run(c, shots=500, seed=11), engine.run(c, shots=500, seed=11)
    assert (a.bits == b.bits).all()
    free = engine.run(c, shots=500)
    assert (free.bits != a.bits).any()
    assert (engine.run(c, shots=500, seed=free.seed).bits == free.bits).all()
    assert engine.run(c, shots=500).seed != free.seed


def test_each_shot_of_a_circuit_that_measures_in_the_middle_is_its_own(
    engine: ketch.Engine,
) -> None:
    c = ketch.Circuit(2, 2).h(0).measure(0, 0)
    with c.condition(0, 1):
        c.x(1)
    c.measure(1, 1)
    counts = engine.run(c, shots=400, seed=1).counts
    assert set(counts) == {"00", "11"} and min(counts.values()) > 130


def test_precision_is_the_dtype_of_the_state(engine: ketch.Engine) -> None:
    c = _ghz(5)
    single, double = (engine.run(c, precision=p).state for p in ("single", "double"))
    assert (single.dtype, double.dtype) == (numpy.complex64, numpy.complex128)
    assert abs(single - double).max() < 1e-6


def test_a_results_state_is_read_only_and_not_copied(engine: ketch.Engine) -> None:
    r = engine.run(_ghz(10, 1))
    a, b = r.state, r.state
    assert a.ctypes.data == b.ctypes.data
    assert not a.flags.owndata and a.size == 1024
    with pytest.raises(ValueError):
        a[0] = 1
    with pytest.raises(ValueError):
        a.flags.writeable = True
    with pytest.raises(ValueError):
        r.bits.flags.writeable = True


def test_a_state_outlives_engine_and_result() -> None:
    engine = ketch.Engine(threads=2)
    psi = engine.run(_ghz(16)).state[:: 2**16 - 1]
    engine.close()
    del engine
    gc.collect()
    other = ketch.Engine(threads=1)
    keep = [other.run(ketch.Circuit(16).x(range(16))) for _ in range(3)]
    assert abs(psi) == pytest.approx([0.5**0.5, 0.5**0.5])
    assert keep


def test_memory_of_a_dropped_array_is_used_again(engine: ketch.Engine) -> None:
    for _ in range(3):
        psi = engine.run(_ghz(18)).state
    assert engine.arena.stats.tag_used["state"] >= 2**22
    assert psi.size
    del psi
    gc.collect()
    assert engine.arena.stats.tag_used["state"] < 2**22
    before = engine.arena.stats.maps
    for _ in range(5):
        assert engine.run(_ghz(18)).report.maps == 0
    assert engine.arena.stats.maps == before
    assert engine.arena.trim() >= 2**22


def _layers(seed: float) -> ketch.Circuit:
    """Circuits of one shape, with angles of their own."""
    c = _ghz(10)
    for layer in range(8):
        c.rx(seed + layer, range(10)).rzz(seed / (1 + layer), range(9), range(1, 10))
    return c


def test_programs_lie_in_the_arena_of_the_engine(engine: ketch.Engine) -> None:
    circuit = _layers(0.3)
    result = engine.run(circuit)
    stats = engine.arena.stats
    assert stats.tag_used["program"] > 0
    assert stats.tag_used["planning"] == 0 < stats.tag_peak["planning"]
    prepared = engine.prepare(_layers(0.4))
    assert engine.arena.stats.tag_used["program"] > stats.tag_used["program"]
    del circuit, result, prepared
    gc.collect()
    assert engine.arena.stats.tag_used["program"] == engine.arena.stats.used == 0


def test_a_circuit_like_one_that_was_deleted_maps_nothing(engine: ketch.Engine) -> None:
    engine.run(_layers(0.3))
    gc.collect()
    before = engine.arena.stats
    for i in range(5):
        engine.run(_layers(0.4 + i))
        gc.collect()
    after = engine.arena.stats
    assert after.maps == before.maps and after.takes == 6 * before.takes


def test_a_circuit_outlives_the_engine_that_planned_it() -> None:
    circuit = _layers(0.3)
    first, second = ketch.Engine(threads=1), ketch.Engine(threads=2)
    expected = first.run(circuit).state.tobytes()
    assert second.run(circuit).state.tobytes() == expected
    first.close()
    del first
    gc.collect()
    assert second.run(circuit).state.tobytes() == expected
    with ketch.Engine(threads=1) as third:
        assert third.run(circuit).state.tobytes() == expected
    second.close()
    with pytest.raises(ketch.HandleError, match="closed engine"):
        second.run(circuit)


def test_many_runs_leave_nothing_behind(engine: ketch.Engine) -> None:
    c = _ghz(4, 4).measure_all()
    counted = []
    for _ in range(3):
        for _ in range(200):
            engine.run(c, shots=10, hook=lambda step: None)
        gc.collect()
        counted.append((len(gc.get_objects()), engine.arena.stats.used))
    assert counted[2][1] == counted[1][1]
    assert counted[2][0] - counted[1][0] < 50


def test_a_prepared_circuit_tells_its_plan(engine: ketch.Engine) -> None:
    p = engine.prepare(_ghz(4, 4).measure_all())
    assert set(p.run(shots=100, seed=1).counts) == {"0000", "1111"}
    assert p.info["qubits"] == 4 and p.info["measures"] is True
    assert p.info["precision"] == "double"
    assert "pass" in p.plan or "segment" in p.plan
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(p)


def test_a_closed_engine_refuses_every_call(engine: ketch.Engine) -> None:
    engine.close()
    engine.close()
    for call in (
        lambda: engine.run(_ghz(2)),
        lambda: engine.prepare(_ghz(2)),
        lambda: engine.state(2),
        lambda: engine.memory,
        lambda: engine.__enter__(),
    ):
        with pytest.raises(ketch.HandleError, match="closed engine") as caught:
            call()
        assert isinstance(caught.value, ValueError)
    engine.stop()
    assert repr(engine) == "Engine(closed)"


def test_a_prepared_circuit_outlives_a_busy_close(engine: ketch.Engine) -> None:
    p = engine.prepare(_ghz(2))
    engine.close()
    with pytest.raises(ketch.HandleError):
        p.run()


def test_handles_refuse_to_be_pickled(engine: ketch.Engine) -> None:
    for thing in (engine, engine.arena, engine.state(2), ketch.Stop(), ketch.ket("0")):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(thing)


@pytest.mark.parametrize("kernel_engine", KERNELS, indirect=True)
def test_an_engine_made_with_a_kernel_set_runs_it_and_says_so(
    kernel_engine: ketch.Engine, request: pytest.FixtureRequest
) -> None:
    given = request.node.callspec.params["kernel_engine"]
    prepared = kernel_engine.prepare(_ghz(6).rx(0.3, range(6)))
    r = prepared.run()
    assert prepared.info["kernels"] == r.report.kernels == kernel_engine.kernels
    assert given in ("auto", kernel_engine.kernels)
    with ketch.Engine(kernels="scalar") as scalar:
        expected = scalar.run(_ghz(6).rx(0.3, range(6))).state
    assert abs(r.state - expected).max() < 1e-14


def test_a_kernel_set_of_another_machine_is_refused() -> None:
    with ketch.Engine() as engine:
        other = "avx2" if engine.kernels == "neon" else "neon"
    with pytest.raises(ketch.RangeError, match=f"does not run.*given {other}, allowed scalar"):
        ketch.Engine(kernels=other)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_bits_are_the_same_at_any_thread_count(threads: int) -> None:
    c = _ghz(17).rx(0.3, range(17)).rzz(0.2, range(16), range(1, 17)).measure_all()
    with ketch.Engine(threads=1) as one, ketch.Engine(threads=threads) as many:
        assert (one.run(c, shots=99, seed=2).bits == many.run(c, shots=99, seed=2).bits).all()
        a, b = one.run(c, seed=5), many.run(c, seed=5)
        assert a.state.tobytes() == b.state.tobytes()


def test_engines_that_share_an_arena_share_its_memory() -> None:
    arena = ketch.Arena("256 MiB")
    with ketch.Engine(arena=arena) as a, ketch.Engine(arena=arena) as b:
        psi = a.run(_ghz(16)).state
        del psi
        gc.collect()
        assert b.run(_ghz(16)).report.maps == 0 or arena.stats.reuses > 0
        assert a.memory == b.memory == arena.stats.budget == 256 * 2**20
    arena.close()
    with pytest.raises(ketch.HandleError, match="closed arena"):
        _ = arena.stats
    assert repr(arena) == "Arena(closed)"


def _first_after_another(engine: ketch.Engine) -> bytes:
    """What a state that is only made and read shows of the memory's earlier owner."""
    engine.state("+" * 12)
    gc.collect()
    reused = engine.arena.stats.reuses
    state = engine.state(12)
    assert engine.arena.stats.reuses > reused
    return state.amplitudes().tobytes()


def test_cleared_memory_gives_the_same_states() -> None:
    with ketch.Engine(clear=True) as clear, ketch.Engine() as plain:
        assert _first_after_another(clear) == _first_after_another(plain)
        c = _ghz(12)
        for _ in range(3):
            assert clear.run(c).state.tobytes() == plain.run(c).state.tobytes()
    with ketch.Arena("64 MiB", clear=True) as arena:
        with pytest.raises(ketch.Error, match="made with clear"):
            ketch.Engine(arena=arena, clear=True)
        with ketch.Engine(arena=arena) as engine:
            assert engine.memory == 64 * 2**20
    with ketch.Engine(memory="64 MiB", clear=True) as engine:
        assert engine.memory == 64 * 2**20


def test_run_without_an_engine_uses_the_pool() -> None:
    assert set(ketch.run(_ghz(3).measure_all(), shots=50).counts) <= {"000", "111"}
    assert ketch.run(ketch.Circuit(2).x(1)).state.tolist() == [0, 0, 1, 0]


def test_a_progress_bar_ends_full(engine: ketch.Engine, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm", reason="tqdm, which draws the bar, is not installed")
    engine.run(_ghz(12), progress=True)
    assert "12/12" in capsys.readouterr().err


def test_reprs_tell_sizes(engine: ketch.Engine) -> None:
    assert repr(engine).startswith(f"Engine(2 threads, {engine.kernels}, ")
    assert "bytes used" in repr(engine.arena)
    assert repr(engine.state(3)) == "State(3 qubits, double: 1|000>)"
    assert repr(ketch.Stop()) == "Stop(clear)"
    assert ketch.__version__.count(".") == 2
