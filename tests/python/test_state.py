"""States by themselves."""

import numpy
import pytest

import ketch


def _random(qubits: int, seed: int) -> numpy.ndarray:
    draw = numpy.random.default_rng(seed)
    psi = draw.normal(size=2**qubits) + 1j * draw.normal(size=2**qubits)
    return psi / numpy.linalg.norm(psi)


def test_beginnings(engine: ketch.Engine) -> None:
    assert engine.state(2).amplitudes().tolist() == [1, 0, 0, 0]
    assert engine.state("10").amplitudes().tolist() == [0, 0, 1, 0]
    assert engine.state("+-").amplitudes() == pytest.approx([0.5, -0.5, 0.5, -0.5])
    psi = _random(4, 1)
    assert (engine.state(psi).amplitudes() == psi).all()
    assert engine.state([0.6, 0.8j]).amplitudes().tolist() == [0.6, 0.8j]
    single = engine.state(psi, precision="single")
    assert single.precision == "single" and single.amplitudes().dtype == numpy.complex64


def test_normalise(engine: ketch.Engine) -> None:
    state = engine.state(1).set_amplitudes([3, 4], normalise=True)
    assert state.amplitudes() == pytest.approx([0.6, 0.8])
    with pytest.raises(ketch.RangeError, match="norm"):
        state.set_amplitudes([3, 4])
    with pytest.raises(ketch.RangeError):
        state.set_amplitudes([0, 0], normalise=True)
    assert state.amplitudes() == pytest.approx([0.6, 0.8])


def test_reductions(engine: ketch.Engine) -> None:
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


def test_reductions_after_the_engine(engine: ketch.Engine) -> None:
    state = engine.state(_random(15, 1))
    norm, sample = state.norm(), state.sample(100, 3)
    engine.close()
    assert state.norm() == norm
    assert (state.sample(100, 3) == sample).all()


def test_sample(engine: ketch.Engine) -> None:
    state = engine.state("+" * 10)
    drawn = state.sample(1000, 9)
    assert drawn.dtype == numpy.uint64 and drawn.max() < 1024
    parts = [state.sample(size, 9, first=first) for first, size in ((0, 1), (1, 499), (500, 500))]
    assert (numpy.concatenate(parts) == drawn).all()
    assert (state.sample(1000, 10) != drawn).any()


def test_measure_collapses(engine: ketch.Engine) -> None:
    state = engine.state("++")
    outcome = state.measure(1, 4)
    assert state.probabilities(1)[outcome] == pytest.approx(1)
    assert [state.measure(1, 4, count=i) for i in range(5)] == [outcome] * 5
    assert state.norm() == pytest.approx(1)


def test_a_view_never_changes(engine: ketch.Engine) -> None:
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


def test_apply_goes_on(engine: ketch.Engine) -> None:
    state = engine.state("0000")
    for _ in range(3):
        engine.apply(ketch.Circuit(4).rx(0.2, range(4)), state)
    expected = engine.run(ketch.Circuit(4).rx(0.6, range(4))).state
    assert state.amplitudes() == pytest.approx(expected)
    with pytest.raises(ketch.RangeError):
        engine.apply(ketch.Circuit(3), state)
