"""States by themselves."""

import gc
import weakref
from typing import Any

import numpy
import pytest

import ketch


def _random(qubits: int, seed: int) -> numpy.ndarray:
    draw = numpy.random.default_rng(seed)
    psi = draw.normal(size=2**qubits) + 1j * draw.normal(size=2**qubits)
    return psi / numpy.linalg.norm(psi)


def test_a_state_begins_from_a_number_a_ket_or_amplitudes(engine: ketch.Engine) -> None:
    assert engine.state(2).amplitudes().tolist() == [1, 0, 0, 0]
    assert engine.state("10").amplitudes().tolist() == [0, 0, 1, 0]
    assert engine.state("+-").amplitudes() == pytest.approx([0.5, -0.5, 0.5, -0.5])
    psi = _random(4, 1)
    assert (engine.state(psi).amplitudes() == psi).all()
    assert engine.state([0.6, 0.8j]).amplitudes().tolist() == [0.6, 0.8j]
    single = engine.state(psi, precision="single")
    assert single.precision == "single" and single.amplitudes().dtype == numpy.complex64


def test_amplitudes_are_normalised_only_where_asked(engine: ketch.Engine) -> None:
    state = engine.state(1).set_amplitudes([3, 4], normalise=True)
    assert state.amplitudes() == pytest.approx([0.6, 0.8])
    with pytest.raises(ketch.RangeError, match="norm"):
        state.set_amplitudes([3, 4])
    with pytest.raises(ketch.RangeError):
        state.set_amplitudes([0, 0], normalise=True)
    assert state.amplitudes() == pytest.approx([0.6, 0.8])


def test_reductions_agree_with_numpy(engine: ketch.Engine) -> None:
    a, b = _random(15, 1), _random(15, 2)
    one, two = engine.state(a), engine.state(b)
    assert one.norm() == pytest.approx(1, abs=1e-13)
    assert one.inner(two) == pytest.approx(numpy.vdot(a, b), abs=1e-13)
    assert one.inner(one) == pytest.approx(1, abs=1e-13)
    index = numpy.arange(2**15)
    place = ((index >> 14) & 1) | (((index >> 2) & 1) << 1) | (((index >> 7) & 1) << 2)
    expected = numpy.bincount(place, abs(a) ** 2)
    assert one.probabilities([14, 2, 7]) == pytest.approx(expected, abs=1e-14)
    assert one.probabilities() == pytest.approx(abs(a) ** 2, abs=1e-15)
    assert one.probabilities(3).sum() == pytest.approx(1)


def test_a_state_is_read_after_its_engine_was_closed(engine: ketch.Engine) -> None:
    state = engine.state(_random(15, 1))
    norm, sample = state.norm(), state.sample(100, 3)
    engine.close()
    assert state.norm() == norm
    assert (state.sample(100, 3) == sample).all()


def test_a_shot_depends_on_seed_and_number_alone(engine: ketch.Engine) -> None:
    state = engine.state("+" * 10)
    drawn = state.sample(1000, 9)
    assert drawn.dtype == numpy.uint64 and drawn.max() < 1024
    parts = [state.sample(size, 9, first=first) for first, size in ((0, 1), (1, 499), (500, 500))]
    assert (numpy.concatenate(parts) == drawn).all()
    assert (state.sample(1000, 10) != drawn).any()


def test_a_measurement_collapses_the_state(engine: ketch.Engine) -> None:
    state = engine.state("++")
    outcome = state.measure(1, 4)
    assert state.probabilities(1)[outcome] == pytest.approx(1)
    assert [state.measure(1, 4, count=i) for i in range(5)] == [outcome] * 5
    assert state.norm() == pytest.approx(1)


def test_an_array_never_changes(engine: ketch.Engine) -> None:
    state = engine.state("00")
    first = state.amplitudes()
    engine.apply(ketch.Circuit(2).x(0), state)
    second = state.amplitudes()
    state.set_ket("11")
    third = state.amplitudes()
    state.measure(0, 1)
    state.set_amplitudes([0, 0, 1, 0])
    assert first.tolist() == [1, 0, 0, 0]
    assert second.tolist() == [0, 1, 0, 0]
    assert third.tolist() == [0, 0, 0, 1]
    assert state.amplitudes().tolist() == [0, 0, 1, 0]


def test_numpy_takes_a_state_as_an_array(engine: ketch.Engine) -> None:
    state = engine.state(_random(6, 1))
    view = numpy.asarray(state)
    assert len(state) == view.size == 64 and view.dtype == numpy.complex128
    assert view.ctypes.data == state.amplitudes().ctypes.data and not view.flags.writeable
    copied = numpy.array(state)
    assert copied.flags.writeable and copied.ctypes.data != view.ctypes.data
    assert numpy.asarray(state, numpy.complex64).dtype == numpy.complex64
    assert numpy.vdot(state, state) == pytest.approx(1)  # type: ignore[call-overload]
    assert state.__array__(copy=True).flags.writeable
    assert state.__array__(numpy.complex128, copy=False).ctypes.data == view.ctypes.data
    with pytest.raises(ValueError, match="copy"):
        state.__array__(numpy.complex64, copy=False)


def test_dlpack_gives_the_same_memory(engine: ketch.Engine) -> None:
    state = engine.state(_random(6, 1), precision="single")
    assert state.__dlpack_device__() == (1, 0)
    if not hasattr(numpy, "from_dlpack") or numpy.lib.NumpyVersion(numpy.__version__) < "2.1.0":
        pytest.skip("this NumPy exports no read-only arrays")
    view = numpy.from_dlpack(state)  # type: ignore[arg-type]
    assert view.ctypes.data == state.amplitudes().ctypes.data
    assert not view.flags.writeable and (view == state.amplitudes()).all()
    copied = numpy.from_dlpack(state, copy=True)  # type: ignore[arg-type]
    assert copied.ctypes.data != view.ctypes.data and copied.flags.writeable


@pytest.mark.parametrize(
    ("precision", "name"),
    [
        *(("double", "double"), ("complex128", "double"), (numpy.complex128, "double")),
        *((complex, "double"), (numpy.dtype("complex128"), "double"), ("single", "single")),
        *(("complex64", "single"), (numpy.complex64, "single"), (numpy.dtype("c8"), "single")),
    ],
)
def test_precision_is_taken_by_any_of_its_names(
    precision: Any, name: str, engine: ketch.Engine
) -> None:
    circuit = ketch.Circuit(2).h(0)
    dtype = numpy.complex64 if name == "single" else numpy.complex128
    assert engine.state(2, precision=precision).precision == name
    assert engine.run(circuit, precision=precision).state.dtype == dtype
    assert engine.prepare(circuit, precision=precision).info["precision"] == name


@pytest.mark.parametrize("precision", ["half", "float64", numpy.float64, 1, None, [], b"double"])
def test_other_precisions_are_refused(precision: Any, engine: ketch.Engine) -> None:
    circuit = ketch.Circuit(2).h(0)
    engine.run(circuit)
    for call in (
        lambda: engine.run(circuit, precision=precision),
        lambda: engine.prepare(circuit, precision=precision),
        lambda: engine.state(2, precision=precision),
    ):
        with pytest.raises((ketch.RangeError, TypeError), match=r"precision.*complex128"):
            call()


def test_a_generator_gives_the_seed(engine: ketch.Engine) -> None:
    circuit = ketch.Circuit(4).h(range(4)).measure_all()
    first, again = (engine.run(circuit, seed=numpy.random.default_rng(3)).seed for _ in range(2))
    draw = numpy.random.default_rng(3)
    assert first == again != engine.run(circuit, seed=draw).seed + 1
    seeds = {engine.run(circuit, seed=draw).seed for _ in range(5)}
    assert len(seeds) == 5 and max(seeds) > 2**32
    state = engine.state("++++")
    draws = [numpy.random.default_rng(1) for _ in range(2)]
    assert (state.sample(50, draws[0]) == state.sample(50, draws[1])).all()
    assert state.measure(0, draws[0]) == engine.state("++++").measure(0, draws[1])
    assert ketch.ket("+", seed=numpy.random.default_rng(1)).M(0)[0] in (0, 1)


def test_an_adopted_array_is_written_in_place(engine: ketch.Engine) -> None:
    for dtype in (numpy.complex128, numpy.complex64):
        array = numpy.zeros(2**15, dtype)
        array[0] = 1
        state = engine.adopt(array)
        r = engine.apply(ketch.Circuit(15).x(3).h(14), state)
        assert abs(array[8]) == pytest.approx(0.5**0.5)
        for view in (state.amplitudes(), r.state, numpy.asarray(state)):
            assert view.ctypes.data == array.ctypes.data and not view.flags.writeable
        state.set_ket("1" * 15)
        assert array[-1] == 1 and array[:-1].any() == False  # noqa: E712
        assert state.precision == ("double" if dtype is numpy.complex128 else "single")


def test_an_adopted_array_lives_as_long_as_it_is_used(engine: ketch.Engine) -> None:
    array = numpy.zeros(2**12, complex)
    array[0] = 1
    alive = weakref.ref(array)
    state = engine.adopt(array)
    del array
    result = engine.apply(ketch.Circuit(12).x(0), state)
    del state
    gc.collect()
    assert alive() is not None and result.state[1] == 1
    view = result.state
    del result
    gc.collect()
    assert alive() is not None and view[1] == 1
    del view
    gc.collect()
    assert alive() is None


def test_a_hook_sees_an_adopted_array(engine: ketch.Engine) -> None:
    array = numpy.array([1, 0], complex)
    seen = []
    circuit = ketch.Circuit(1).x(0).fence().x(0)
    engine.apply(circuit, engine.adopt(array), hook=lambda step: seen.append(step.state is None))
    assert False in seen and array[0] == 1


def test_arrays_that_cannot_be_adopted_are_refused(engine: ketch.Engine) -> None:
    good = numpy.array([1, 0, 0, 0], complex)
    fixed = good.copy()
    fixed.flags.writeable = False
    for array in (
        *(good[:3], good[::2], good[:1], good.real.copy(), good.astype(">c16"), fixed),
        *(numpy.zeros(4, complex), numpy.array([1, 1], complex), numpy.zeros(0, complex)),
    ):
        with pytest.raises(ketch.RangeError):
            engine.adopt(array)
    with pytest.raises(TypeError):
        engine.adopt([1, 0])  # type: ignore[arg-type]
    assert engine.adopt(good.reshape(2, 2)).qubits == 2


def test_apply_goes_on_from_the_state(engine: ketch.Engine) -> None:
    state = engine.state("0000")
    for _ in range(3):
        engine.apply(ketch.Circuit(4).rx(0.2, range(4)), state)
    expected = engine.run(ketch.Circuit(4).rx(0.6, range(4))).state
    assert state.amplitudes() == pytest.approx(expected)
    with pytest.raises(ketch.RangeError):
        engine.apply(ketch.Circuit(3), state)
