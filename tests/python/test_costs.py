"""Tables of costs: read, refused, planned with, kept in saved runs."""

import errno
import pickle
from pathlib import Path

import numpy
import pytest

import ketch

FILE = Path(__file__).parent.parent / "bench" / "intel_avx512.costs"
TEXT = FILE.read_text()

pytestmark = pytest.mark.skipif(
    ketch.Engine().kernels not in ("avx2", "avx512"), reason="the table is of AVX2 and AVX-512"
)


def _circuit(qubits: int = 17) -> ketch.Circuit:
    circuit = ketch.Circuit(qubits)
    for layer in range(4):
        circuit.ry(0.1 + layer, range(qubits)).cx(range(0, qubits - 1, 2), range(1, qubits, 2))
        circuit.cz(range(1, qubits - 1, 2), range(2, qubits, 2))
    return circuit


def test_a_table_is_read_and_written() -> None:
    costs = ketch.Costs(FILE)
    assert costs.text == TEXT
    assert costs.family == "intel_avx512"
    assert repr(costs) == "Costs(intel_avx512)"
    for same in (ketch.Costs.parse(TEXT), ketch.Costs.parse(TEXT.encode()), ketch.Costs(str(FILE))):
        assert same == costs
        assert hash(same) == hash(costs)
    assert pickle.loads(pickle.dumps(costs)) == costs
    assert costs != ketch.Costs.parse(TEXT.replace("family intel_avx512", "family zen4"))
    assert costs != "zen4"


def test_wrong_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ketch.FileError, match="given call, allowed prepare") as caught:
        ketch.Costs.parse(TEXT.replace("prepare", "call", 1))
    assert (caught.value.status, caught.value.line, caught.value.column) == ("FORMAT", 38, 1)
    with pytest.raises(ketch.FileError, match="given 7, allowed up to 1") as caught:
        ketch.Costs.parse(TEXT.replace("costs 1", "costs 7"))
    assert caught.value.status == "VERSION"
    with pytest.raises(ketch.MissingFileError, match="no-file cannot be read") as caught:
        ketch.Costs(tmp_path / "no-file")
    assert caught.value.errno == errno.ENOENT
    with pytest.raises(TypeError, match="text of a wrong type"):
        ketch.Costs.parse(7)  # type: ignore[arg-type]


def test_plans_tell_their_costs(engine: ketch.Engine) -> None:
    circuit, costs = _circuit(), ketch.Costs(FILE)
    told = {
        "several families": None,
        "zen5": "zen5",
        "zen4": "zen4",
        "intel_avx512 (a given table)": costs,
    }
    for words, given in told.items():
        assert f"by costs of {words}" in engine.prepare(circuit, costs=given).plan
    assert "by costs of " in engine.prepare(circuit, costs="here").plan


def test_runs_take_costs(engine: ketch.Engine) -> None:
    circuit, costs = _circuit(), ketch.Costs(FILE)
    state = numpy.array(engine.run(circuit, costs=costs).state)
    assert numpy.array_equal(state, engine.prepare(circuit, costs=costs).run().state)
    applied = engine.state(17)
    engine.apply(circuit, applied, costs=costs)
    assert numpy.allclose(applied.amplitudes(), state, atol=1e-14)
    assert numpy.allclose(ketch.run(circuit).state, state, atol=1e-14)
    assert numpy.array_equal(ketch.run(circuit, costs=ketch.Costs.parse(TEXT)).state, state)


def test_other_costs_are_refused(engine: ketch.Engine) -> None:
    circuit = _circuit(3)
    for wrong in ("zen9", "default", ""):
        with pytest.raises(ketch.RangeError, match=r"costs out of range.*zen5.*here"):
            engine.run(circuit, costs=wrong)
    kinds: list[object] = [5, b"zen4", [], {}]
    for kind in kinds:
        with pytest.raises(TypeError, match="costs of a wrong type"):
            engine.prepare(circuit, costs=kind)  # type: ignore[arg-type]
    with pytest.raises(ketch.RangeError, match="no costs of the kernel set") as caught:
        engine.run(circuit, costs="zen3")
    assert (caught.value.status, caught.value.argument) == ("MISMATCH", "costs")


def test_saved_runs_keep_their_table(engine: ketch.Engine, tmp_path: Path) -> None:
    circuit, costs, stop = _circuit(), ketch.Costs(FILE), ketch.Stop()
    whole = numpy.array(engine.run(circuit, costs=costs).state)
    stop.set()
    engine.run(circuit, costs=costs, stop=stop, save=tmp_path / "run")
    result = engine.load(tmp_path / "run")
    assert numpy.array_equal(engine.resume(result).state, whole)
