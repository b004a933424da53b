"""The fluent register: its gates, its text, its arithmetic, its measurements."""

import threading
from collections.abc import Callable

import numpy
import pytest

import ketch
from ketch import ket

R = 0.5**0.5


def test_a_register_prints_its_terms() -> None:
    q = ket("000").H(0).CNOT(0, 1).CNOT(1, 2)
    assert str(q) == repr(q) == "0.707106781186548|000> 0.707106781186548|111>"
    assert q.terms() == ["0.707106781186548|000>", "0.707106781186548|111>"]
    assert q.terms(1) == ["0.707106781186548|000>"]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("0", [1, 0]),
        ("1", [0, 1]),
        ("+", [R, R]),
        ("-", [R, -R]),
        ("01", [0, 1, 0, 0]),
        ("++", [0.5] * 4),
        ("--", [0.5, -0.5, -0.5, 0.5]),
    ],
)
def test_a_register_begins_as_its_text_says(start: str, expected: list[float]) -> None:
    assert ket(start).amplitudes == pytest.approx(expected)
    assert ket(start).isclose(expected)
    assert ket().isclose([1, 0])


@pytest.mark.parametrize(
    ("start", "gate", "text"),
    [
        ("0", "X", "1.0|1>"),
        ("0", "Y", "0.0+1.0i|1>"),
        ("1", "Y", "0.0-1.0i|0>"),
        ("1", "Z", "-1.0|1>"),
        ("1", "S", "0.0+1.0i|1>"),
        ("0", "H", "0.707106781186548|0> 0.707106781186548|1>"),
        ("+", "H", "1.0|0>"),
        ("-", "H", "1.0|1>"),
        ("-", "X", "-0.707106781186548|0> 0.707106781186548|1>"),
        ("1", "T", "0.707106781186548+0.707106781186548i|1>"),
        ("1", "Tdg", "0.707106781186548-0.707106781186548i|1>"),
    ],
)
def test_one_gate_changes_the_text(start: str, gate: str, text: str) -> None:
    assert str(getattr(ket(start), gate)(0)) == text


@pytest.mark.parametrize("gate", ["X", "Y", "Z", "H"])
@pytest.mark.parametrize("start", "01+-")
def test_a_gate_applied_twice_changes_nothing(gate: str, start: str) -> None:
    q = ket(start)
    assert getattr(q, gate)(0) is q
    assert getattr(q, gate)(0).isclose(ket(start))


@pytest.mark.parametrize(
    ("before", "after"), [("00", "00"), ("01", "11"), ("10", "10"), ("11", "01")]
)
def test_cnot_flips_under_its_control(before: str, after: str) -> None:
    assert str(ket(before).CNOT(0, 1)) == f"1.0|{after}>"
    assert str(ket(before).CPHASE(0, 1)) == ("-1.0|11>" if before == "11" else f"1.0|{before}>")


def test_a_register_agrees_with_a_circuit() -> None:
    q = ket("000").RX(0.3, 0).RY(0.2, 1).RZ(0.1, 2).P(0.4, 0).U(0.1, 0.2, 0.3, 1).SX(2)
    q.CZ(0, 1).CP(0.3, 1, 2).SWAP(0, 2).CCX(0, 1, 2).Sdg(0).Tdg(1).SXdg(2).RZZ(0.2, 0, 1)
    c = ketch.Circuit(3).rx(0.3, 0).ry(0.2, 1).rz(0.1, 2).p(0.4, 0).u(0.1, 0.2, 0.3, 1).sx(2)
    c.cz(0, 1).cp(0.3, 1, 2).swap(0, 2).ccx(0, 1, 2).sdg(0).tdg(1).sxdg(2).rzz(0.2, 0, 1)
    assert abs(q.amplitudes - ketch.run(c).state).max() < 1e-14
    assert q.isclose(ketch.run(c).state.tolist())


def test_gates_are_recorded_until_they_are_asked_for_and_arrays_never_change() -> None:
    q = ket("00").X(0)
    first = q.amplitudes
    assert q.amplitudes.ctypes.data == first.ctypes.data
    q.X(1).H(0)
    assert len(q._gates) == 8
    second = q.amplitudes
    assert len(q._gates) == 0
    assert first.tolist() == [0, 1, 0, 0]
    assert second == pytest.approx([0, 0, R, -R])
    with pytest.raises(ValueError):
        second[0] = 1
    q.M(0)
    assert second == pytest.approx([0, 0, R, -R])


def test_registers_add_subtract_and_multiply() -> None:
    zero, one = ket("0"), ket("1")
    assert (zero + one).isclose(ket("+"))
    assert (zero - one).isclose(ket("-"))
    assert str(ket("1") * ket("00")) == "1.0|100>"
    assert (ket("+") * ket("-")).isclose(ket("+-"))
    assert (ket("0").RY(1.8545904360032244, 0)).isclose([0.6, 0.8])
    assert str(zero) == "1.0|0>"
    with pytest.raises(ketch.RangeError, match="zero"):
        _ = zero - ket("0")
    with pytest.raises(ketch.RangeError):
        _ = zero + ket("00")
    with pytest.raises(TypeError):
        _ = zero + 1  # type: ignore[operator]
    with pytest.raises(TypeError):
        _ = zero * 2  # type: ignore[operator]


def test_isclose_allows_a_hundred_thousandth() -> None:
    assert ket("0").isclose([1 + 9e-6, 0])
    assert not ket("0").isclose([1 + 2e-5, 0])
    assert not ket("0").isclose([-1, 0])
    assert not ket("0").isclose([1, 0, 0, 0])
    assert not ket("0").isclose([])
    assert not ket("0").isclose(ket("00"))
    assert not ket("0").isclose([float("nan"), 0])
    for other in ("0", 1, None, ["a", "b"], {1: 2}):
        with pytest.raises((TypeError, ValueError)):
            ket("0").isclose(other)  # type: ignore[arg-type]


def test_a_register_knows_its_size_and_norm() -> None:
    q = ket("0+1")
    assert q.n == 3
    assert q.H([0, 1][0]).norm == pytest.approx(1, abs=1e-14)


def test_measurement_collapses_and_repeats() -> None:
    q = ket("++", seed=5)
    first = q.M(0, 4)
    assert len(first) == 4 and set(first) in ({0}, {1})
    assert q.M(0) == first[:1]
    assert ket("++", seed=5).M(0, 4) == first
    assert q.norm == pytest.approx(1)
    outcomes = [ket("+", seed=seed).M(0)[0] for seed in range(200)]
    assert 60 < sum(outcomes) < 140
    assert len({tuple(ket("++").M(0) + ket("+").M(0)) for _ in range(60)}) > 1


@pytest.mark.parametrize(
    ("start", "least", "most"), [("0", 0, 0), ("1", 100, 100), ("+", 30, 70), ("-", 30, 70)]
)
def test_a_state_is_teleported(start: str, least: int, most: int) -> None:
    ones = 0
    for seed in range(100):
        q = ket("00" + start, seed=seed).H(1).CNOT(1, 2).CNOT(0, 1).H(0)
        if q.M(1)[0]:
            q.X(2)
        if q.M(0)[0]:
            q.Z(2)
        ones += q.M(2)[0]
    assert least <= ones <= most


def test_bell_outcomes_agree() -> None:
    for seed in range(20):
        q = ket("000", seed=seed).H(0).CNOT(0, 1).CNOT(1, 2)
        assert q.M(0) == q.M(1) == q.M(2)


def test_text_of_large_registers_stops() -> None:
    text = str(ket("+" * 10))
    assert text.endswith(" ... and 960 more terms") and text.count(">") == 64
    assert len(ket("+" * 10).terms()) == 1024


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1.0"), (0.5, "0.5"), (-1, "-1.0"), (1e-7, "1.0e-07"), (1j, "0.0+1.0i"), (-1j, "0.0-1.0i"),
     (0.6 - 0.8j, "0.6-0.8i"), (1 + 9e-9j, "1.0"), (1 / 3, "0.333333333333333"),
     (1.25e-7, "1.25e-07")],
)  # fmt: skip
def test_coefficients_are_written_with_fifteen_digits(value: complex, text: str) -> None:
    assert ketch._ket_text.coefficient(complex(value)) == text


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: ket(""), ValueError, "at least one"),
        (lambda: ket("0a1"), ValueError, "'a' at position 1"),
        (lambda: ket(3), TypeError, "int"),
        (lambda: ket("0").X(1), IndexError, "0..0"),
        (lambda: ket("000").X(-1), IndexError, "0..2"),
        (lambda: ket("00").CNOT(1, 1), ValueError, "twice"),
        (lambda: ket("00").M(2), IndexError, "0..1"),
        (lambda: ket("00").M(0, 0), ValueError, "ntimes"),
        (lambda: ket("00").M(True), TypeError, "bool"),
        (lambda: ket("00").RX(float("inf"), 0), ValueError, "inf"),
        (lambda: ket("0", seed=-1), ValueError, "seed"),
    ],
)
def test_wrong_arguments_of_a_register_are_refused(
    call: Callable[[], object], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words.replace(".", r"\.")) as caught:
        call()
    assert isinstance(caught.value, ketch.Error) is (kind is not TypeError)


@pytest.mark.parametrize("angle", [ketch.Parameter("a"), [ketch.Parameter("a"), 0.5]])
def test_a_parameter_is_refused_and_not_dropped(angle: object) -> None:
    q = ket("00").H(0)
    for call in (lambda: q.RX(angle, 0), lambda: q.RX(theta=angle, qubit=0)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"Parameter.*allowed numbers.*Circuit"):
            call()
    assert q.isclose([R, R, 0, 0])


def test_a_refused_gate_changes_nothing() -> None:
    q = ket("00").H(0)
    with pytest.raises(IndexError):
        q.CNOT(0, 7)
    assert q.isclose(numpy.array([R, R, 0, 0]))


def test_gates_of_a_run_that_failed_run_with_the_next_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    q = ket("0").H(0)

    def fail(*arguments: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(ketch.Engine, "apply", fail)
        for _ in range(2):
            with pytest.raises(MemoryError):
                _ = q.amplitudes
            q.T(0).H(0)
    wanted = ketch.Circuit(1).h(0).t(0).h(0).t(0).h(0)
    assert abs(q.amplitudes - ketch.run(wanted).state).max() < 1e-14


def test_no_gate_is_lost_or_done_twice_while_other_threads_read() -> None:
    q, gates, threads = ket("0"), 3000, 3
    angle = 1.0 / (gates * threads)

    def add() -> None:
        for i in range(gates):
            if i % 100:
                q.RX(angle, 0)
            else:
                q.RX([angle], [0])

    adding = [threading.Thread(target=add) for _ in range(threads)]
    for thread in adding:
        thread.start()
    while any(thread.is_alive() for thread in adding):
        _ = q.amplitudes
    assert q.amplitudes == pytest.approx(ketch.run(ketch.Circuit(1).rx(1.0, 0)).state, abs=1e-9)
