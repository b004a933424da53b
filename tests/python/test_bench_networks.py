"""The bench of spiking networks: its tables, and rivals that are not there. No times are tested."""

import stat
from pathlib import Path
from typing import Any

import pytest

import bench
import networks

TICK: dict[str, Any] = {"neurons": 75, "synapses": 422, "spikes": 20.3, "events": 50}
SILENT: dict[str, Any] = {"neurons": 3000, "synapses": 9, "spikes": 0, "events": 0}
SHARED: dict[str, Any] = {"neurons": 9, "synapses": 80, "events": 4e4, "us": [[30, 20], [10, 10]]}
FIT: dict[str, Any] = {"network": "64-128-10", "method": "BPTT"}


def _ticks(factor: float) -> list[dict[str, Any]]:
    return [
        {"network": name, "kernels": kernels, "ns": factor * ns, **about}
        for name, about in (("small", TICK), ("middle", TICK), ("large", TICK), ("silent", SILENT))
        for kernels, ns in (("scalar", 200), ("avx2", 100))
    ]


FOUND: dict[str, Any] = {
    "ticks": [_ticks(3), _ticks(1), _ticks(1)],
    "shared_ticks": [[SHARED]] * 3,
    "episodes": [[{"network": "small", "rule": "gradient", "ns_episode": 5000}]] * 3,
    "fits": [[FIT | {"ns_episode": ns}] for ns in (1e5, 2e5, 4e5)],
    "cuba": [[{"kernels": "avx2", "hertz": 5.7, "seconds": 0.1}]] * 3,
    "generations": [[{"threads": 2, "generations": 1000, "seconds": [0.5, 0.4]}]] * 3,
    "rivals": {
        "Brian2": {"version": "2.9", "seconds": [0.25, 0.35, 0.25]},
        "snnTorch": {"seconds": [], "gap": "not installed"},
    },
}
MACHINE: dict[str, Any] = {"cpu": "Abacus", "cores": 2, "memory": 2**34, "date": "2026-01-02"}
RESULTS: dict[str, Any] = {
    "machine": MACHINE,
    "versions": {"ketch": "0.1.0", "qulacs": "0.6"},
    "networks": FOUND,
}


def test_a_table_divides_the_last_kernel_set_by_events_and_neurons() -> None:
    table = networks.ticks_table(FOUND["ticks"])
    assert "| events | scalar | AVX2 | an event | a neuron |" in table
    assert "| 75 | 422 | 20 | 50 | 200 ns | 100 ns | 2 ns | 1.33 ns |" in table
    assert "| 3000 | 9 | 0 | 0 | 200 ns | 100 ns | - | 0.0333 ns |" in table


def test_rivals_stand_beside_what_they_have_too() -> None:
    tables = networks.tables(RESULTS)
    assert "| small | gradient | 5.00 µs ± 0 % | 200,000 | - | - |" in tables
    assert "| 64-128-10 | BPTT | 200 µs ± 38 % | 5,000 | - | - |" in tables
    assert "| AVX2 | 100 ms ± 0 % | 5.7 | 250 ms ± 10 % | **2.50x** |" in tables
    assert "| 9 | 80 | 40000 | 25.0 µs ± 20 % | 10.0 µs ± 0 % | **2.50x** |" in tables
    assert "| 2 | 450 µs ± 11 % | 2,222 |" in tables
    assert "* snnTorch: not installed" in tables
    assert tables.endswith("2026-01-02; ketch 0.1.0, Brian2 2.9.")


def test_what_was_not_measured_is_not_published(tmp_path: Path) -> None:
    whole = tmp_path / "RESULTS.md"
    whole.write_text(f"before\n{networks.BEGIN}\nold\n{networks.END}\nbehind\n")
    networks.publish(RESULTS | {"networks": {}}, whole)
    assert "old" in whole.read_text()
    networks.publish(RESULTS, whole)
    assert whole.read_text() == (
        f"before\n{networks.BEGIN}\n{networks.tables(RESULTS)}\n{networks.END}\nbehind\n"
    )


def test_the_results_have_the_marks() -> None:
    whole = (bench.HERE / "RESULTS.md").read_text()
    assert whole.index(networks.BEGIN) < whole.index(networks.END)
    assert "bench.sh networks publish" in whole


@pytest.mark.parametrize(
    ("text", "gap"),
    [("echo 'no module' >&2; exit 1", "no module"), ("exit 3", "it died"), (None, "not installed")],
)
def test_a_rival_that_fails_is_a_gap(
    text: str | None, gap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    if text:
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(networks, "PYTHON", program)
    record: dict[str, Any] = {"seconds": []}
    networks.ask(record, "Brian2", 1)
    networks.ask(record, "Brian2", 1)
    assert record == {"seconds": [], "gap": gap}


def test_a_rival_adds_its_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python"
    program.write_text("""#!/bin/sh\necho '{"version": "1", "seconds": [0.5, 0.25]}'\n""")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(networks, "PYTHON", program)
    record: dict[str, Any] = {"seconds": []}
    networks.ask(record, "Brian2", 2)
    networks.ask(record, "Brian2", 2)
    assert record == {"version": "1", "seconds": [0.5, 0.25] * 2}


def test_evolutions_are_measured() -> None:
    if not bench.LIBRARY.exists():
        pytest.skip("build/release has no library")
    one, two = bench.generations(1)
    assert (one["threads"], two["threads"], one["generations"]) == (1, 2, 1000)
    assert len(one["seconds"]) == len(two["seconds"]) == 1
