"""The bench: its circuits are what their names say, and it makes tables and pictures of what it
measured. No times are tested."""

import copy
import hashlib
import os
import subprocess
from math import sqrt
from pathlib import Path
from typing import Any

import numpy
import pytest

import bench
import circuits
import ketch
import pictures
import process
import reference
import report
import rivals
import worker

FIRST_PARTS = ("first", "planning", "touch", "recording")

RESULTS: dict[str, Any] = {
    "machine": {"cpu": "Abacus", "cores": 2, "memory": 2**34, "date": "2026-01-02"},
    "versions": {"ketch": "0.1.0", "qulacs": "0.6", "qsim": None},
    "options": {"rows": ["ghz-4", "rcz-4-3", "qv-4"], "precisions": ["double"], "threads": [2]},
    "limits": {
        "instructions": "avx2",
        "first_touch": 5.0,
        "threads": {"2": {"fma_double": 1e-3, "fma_single": 2e-3, "stream": {"1": 0.5, "4": 0.25}}},
    },
    "records": [
        {"row": row, "rival": rival, "precision": "double", "threads": 2} | more
        for row, rival, more in (
            ("ghz-4", "qulacs", {"first": [4.0], "again": [0.02, 0.02, 0.04]}),
            (
                "ghz-4",
                "ketch",
                {
                    "first": [1.0, 2.0, 9.0],
                    "again": [3e-3, 4e-3, 6e-3],
                    "facts": {"bytes": 5e5},
                    "peak": 3 << 20,
                },
            ),
            ("rcz-4-3", "qulacs", {"first": [], "again": [], "gap": "not installed"}),
            ("rcz-4-3", "ketch", {"first": [1e-6], "again": [1e-6]}),
            ("rcz-5-20", "qulacs", {"first": [1e-6], "again": [1e-6]}),
        )
    ],
    "first": [
        {"row": "small-4-9", "rival": rival, "precision": "double", "threads": 1, "again": []}
        | more
        for rival, more in (
            (
                "qulacs",
                {"first": [3e-6, 3e-6], "setting": "light", "tuned": {"light": 1, "plain": 2}},
            ),
            ("qsim", {"first": [], "gap": "it died"}),
            ("ketch", {"first": [1e-6, 2e-6, 4e-6], "setting": "default", "tuned": {"default": 1}}),
        )
    ],
    "planning": [
        {
            "row": f"rcz-20-{about}",
            "gates": about,
            "family": "rcz",
            "qubits": 20,
            "about": about,
            "seconds": [1e-6 * about, 3e-6 * about, 2e-6 * about],
            "resident": 3 << 20,
            "program": program,
            "planning": None,
        }
        for about, program in ((1000, 250_000), (10_000, 2_500_000), (100_000, None))
    ],
    "touch": {
        "ghz-4": {
            "bytes": 2e9,
            "rounds": [{"first": 3.0, "second": 0.5, "plan": 0.4, "touch": 1.0}] * 3,
        }
    },
    "recording": {"qulacs": {"add(...)": [1e-7, 3e-7, 2e-7]}},
    "check": [
        {"rival": "ketch", "precision": "double", "worst": 2e-15, "gap": ""},
        {"rival": "qulacs", "precision": "double", "worst": None, "gap": "it died"},
    ],
    "own": {
        "row": "ghz-4",
        "native row": "rcz-4-3",
        "hooks": {"0": [[1.0, 1.01], [2.0, 2.04], [1.0, 1.03]]},
        "fences": {"10": {"pairs": [[1.0, 1.5], [1.0, 1.5]], "fences": 50}},
    },
}
TABLE = """
|  | gates | ketch, first run | ketch, again | of the bound | MiB | qulacs | first | again |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| ghz-4 | 4 | 2.00 s | 4.00 ms ± 19 % | 27 % | 3 | **20.0 ms** ± 25 % | 2.00x | **5.00x** |
| rcz-4-3 | 17 | 1.00 µs | 1.00 µs ± 0 % | - | - | - | - | - |
"""
SHORT = """
|  | gates | ketch, first run | ketch, again | fastest rival, again | first | again |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| ghz-4 | 4 | 2.00 s | 4.00 ms | qulacs 20.0 ms | 2.00x | 5.00x |
| rcz-4-3 | 17 | 1.00 µs | 1.00 µs | - | - | - |
"""
FIRST = """
**First runs, double precision, 1 thread**

|  | gates | circuits | ketch | qulacs | qsim | first |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| small-4-9 | 9 | 3 | 2.00 µs ± 38 % | **3.00 µs** ± 0 % | - | **1.50x** |

Settings: qulacs light (small-4-9 double).

* qsim, small-4-9: it died
"""
PLANNING = """
**Planning in C, µs a gate**

| qubits | gates | rcz |
| --- | ---: | ---: |
| 20 | 1,000 | 2.00 ± 25 % |
| 20 | 10,000 | 2.00 ± 25 % |
| 20 | 100,000 | 2.00 ± 25 % |

**Memory of planning.** The program's and the planner's blocks in the arena, and by how much the \
process grew.

|  | gates | program, bytes a gate | planning, MiB | process, MiB |
| --- | ---: | ---: | ---: | ---: |
| rcz-20-1000 | 1000 | 250 | - | 3.0 |
| rcz-20-100000 | 100000 | - | - | 3.0 |
"""
TOUCH = """
|  | first run | second run | planning | first touch, GB/s | goal | first / goal |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| ghz-4 | 3.00 s ± 0 % | 500 ms ± 0 % | 400 ms | 2.0 | 2.00 s | 1.50 |
"""


@pytest.mark.parametrize(
    ("name", "gates", "digest"),
    [
        ("ghz-5", 5, "c8bf9b50a073"),
        ("qft-5", 17, "a7edd0c1c59a"),
        ("qft-5+prep", 22, "df1563f3f6ca"),
        ("rcz-5-4", 28, "0b3ba0035e86"),
        ("rcx-5-4", 28, "333c1d3fe6e3"),
        ("ansatz-5-2", 30, "0ce3733c66ad"),
        ("ising-5-2", 40, "e0347ba3cdea"),
        ("qv-5", 110, "06a75a3c3424"),
        ("small-4-164", 164, "d59f6a146252"),
        ("small-4-164#7", 164, "e1e126268251"),
        ("qv-5-2", 44, "2ad54063b56d"),
    ],
)
def test_a_name_means_the_same_gates_everywhere(name: str, gates: int, digest: str) -> None:
    circuit = circuits.build(name)
    assert len(circuit.gates) == gates
    assert hashlib.sha256(circuit.qasm().encode()).hexdigest().startswith(digest)
    expected = reference.zero(circuit.qubits)
    for gate in circuit.gates:
        expected = reference.gate(expected, *gate)
    recorded = rivals.Ketch(circuit, "double", 1)
    recorded.begin("default")
    recorded.call()
    text = ketch.run(ketch.Circuit.from_qasm(circuit.qasm())).state
    numpy.testing.assert_allclose(recorded.state(), expected, rtol=0, atol=1e-13)
    numpy.testing.assert_allclose(text, expected, rtol=0, atol=1e-13)


def state(name: str) -> Any:
    return ketch.run(ketch.Circuit.from_qasm(circuits.build(name).qasm())).state


def test_ghz_is_a_ghz_state() -> None:
    expected = numpy.zeros(2**6)
    expected[0] = expected[-1] = sqrt(0.5)
    numpy.testing.assert_allclose(state("ghz-6"), expected, rtol=0, atol=1e-14)


def test_qft_is_a_fourier_transform() -> None:
    whole = circuits.build("qft-6+prep")
    prepared = ketch.Circuit(6)
    for _, angles, qubits in whole.gates[:6]:
        prepared.u3(*angles, *qubits)
    expected = numpy.fft.ifft(ketch.run(prepared).state, norm="ortho")
    numpy.testing.assert_allclose(state("qft-6+prep"), expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("name", "gates"),
    [
        *(("rcz-22-20", 650), ("rcx-22-20", 660), ("ising-22-20", 1760), ("ansatz-22-10", 660)),
        *(("qft-22", 264), ("qft-22+prep", 286), ("qv-20", 2200), ("small-12-300", 300)),
    ],
)
def test_rows_have_as_many_gates_as_the_tables_say(name: str, gates: int) -> None:
    assert name in bench.ROWS
    assert len(circuits.build(name).gates) == gates


@pytest.mark.parametrize(
    "name", ["", "ghz", "ghz-3-4", "rcz-5", "rcz-5-x", "rcz-5-4#", "qv-4-1-1", "cat-4", "qv-4+pre"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no such circuit"):
        circuits.build(name)


def test_numbered_circuits_of_a_name_differ() -> None:
    names = ["rcz-4-2", "rcz-4-2#0", "rcz-4-2#1", "rcz-4-2#1+prep"]
    assert len({circuits.build(name).qasm() for name in names}) == len(names)


@pytest.mark.parametrize(("family", "qubits", "about"), bench.PLANNED[::5])
def test_circuits_of_a_size_have_about_so_many_gates(family: str, qubits: int, about: int) -> None:
    gates = len(circuits.build(circuits.sized(family, qubits, about)).gates)
    assert gates == pytest.approx(about, rel=0.25)


def test_the_circuits_of_first_runs_exist() -> None:
    for row, (turns, count) in bench.FIRST.items():
        assert circuits.build(row).gates
        assert turns * count >= 5
    for row in bench.TOUCHED:
        assert circuits.build(row).gates


def test_rotations_that_follow_each_other_count_once() -> None:
    circuit = circuits.Circuit("own", 2)
    for name, *qubits in ("h", 0), ("t", 0), ("rx", 0), ("cx", 0, 1), ("h", 0), ("rz", 1), ("h", 1):
        circuit.add(name, *qubits)
    assert circuit.rotations() == 3


@pytest.mark.parametrize("name", ["h", "s", "t", "rx", "ry", "rz", "u3"])
def test_matrices_for_rivals_are_the_gates(name: str) -> None:
    angles = [0.3, -1.1, 2.5][: reference.shape(name)[0]]
    expected = reference.GATES[name][1](*angles)
    numpy.testing.assert_allclose(rivals.matrix(name, *angles), expected.ravel(), atol=1e-15)


def test_the_table_shows_medians_and_spreads() -> None:
    assert report.table(RESULTS, "double", 2) == TABLE.strip()


def test_a_slower_ketch_is_told_as_such() -> None:
    results = copy.deepcopy(RESULTS)
    results["records"][0]["again"] = [2e-3]
    assert "**0.50x**" in report.table(results, "double", 2)


def test_gaps_and_costs_are_told() -> None:
    text = report.text(RESULTS)
    assert "qulacs, rcz-4-3: not installed" in text
    assert "all states agree, 1 - fidelity <= 2e-15; qulacs could not be checked: it died." in text
    assert "alone: +2.0 % (+1.5 to +2.5)" in text
    assert "A fence every 10 gates: +50.0 % (+50.0 to +50.0), 10.0 ms a fence." in text
    assert "Abacus, 2 cores, 16 GiB, 2026-01-02; ketch 0.1.0, qulacs 0.6." in text


def test_first_runs_are_told() -> None:
    assert report.first_tables(RESULTS) == FIRST.strip()
    assert report.planning_tables(RESULTS) == PLANNING.strip()
    assert TOUCH.strip() in report.touch_table(RESULTS)
    assert "| qulacs | `add(...)` | 200 ± 25 % |" in report.recording_table(RESULTS)
    for told in report.first_parts(RESULTS):
        assert told in report.text(RESULTS)


def test_first_runs_that_were_not_measured_are_left_out() -> None:
    records = {"records": RESULTS["records"]}
    known = ("machine", "versions", "options")
    assert report.first_parts({name: RESULTS[name] for name in known} | records) == []


def test_a_few_rows_are_in_the_short_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "CHOSEN", ("ghz-4", "rcz-4-3"))
    assert report.short_table(RESULTS, 2) == SHORT.strip()


def test_the_rows_of_the_short_table_are_measured() -> None:
    assert set(report.CHOSEN) <= set(bench.ROWS)


def test_publish_writes_between_its_marks_only(tmp_path: Path) -> None:
    readme, whole = tmp_path / "README.md", tmp_path / "RESULTS.md"
    for file in readme, whole:
        file.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    marks = f"{report.BEGIN_FIRST}\nold\n{report.END_FIRST}\n"
    whole.write_text(marks + whole.read_text())
    report.publish(RESULTS, readme, whole)
    once = [file.read_text() for file in (readme, whole)]
    first, _, rest = once[1].partition(f"\n{report.END_FIRST}\n")
    assert first.startswith(f"{report.BEGIN_FIRST}\n![First runs of many circuits](first.svg)")
    assert PLANNING.strip() in first
    assert first.endswith(report.setup(RESULTS))
    for text in (once[0], rest):
        assert text.startswith(f"before\n{report.BEGIN}\n")
        assert text.endswith(f"\n{report.END}\nafter\n")
        assert "old" not in text
        assert "Abacus, 2 cores" in text
    assert "(tests/bench/ratios.svg)" in once[0]
    assert TABLE.strip() in once[1]
    report.publish(RESULTS, readme, whole)
    assert [file.read_text() for file in (readme, whole)] == once


def test_publish_leaves_what_was_not_measured(tmp_path: Path) -> None:
    readme, whole = tmp_path / "README.md", tmp_path / "RESULTS.md"
    tables, first = (
        f"{begin}\nold\n{end}\n"
        for begin, end in ((report.BEGIN, report.END), (report.BEGIN_FIRST, report.END_FIRST))
    )
    readme.write_text(tables)
    whole.write_text(tables + first)
    report.publish(RESULTS | {"records": []}, readme, whole)
    assert readme.read_text() == tables
    assert whole.read_text().startswith(tables)
    assert FIRST.strip() in whole.read_text()
    whole.write_text(tables + first)
    report.publish(RESULTS | {part: {} for part in FIRST_PARTS}, readme, whole)
    assert readme.read_text() != tables
    assert whole.read_text().endswith(first)


@pytest.mark.parametrize("file", [bench.ROOT / "README.md", bench.HERE / "RESULTS.md"])
def test_published_files_have_the_marks(file: Path) -> None:
    whole = file.read_text()
    assert whole.index(report.BEGIN) < whole.index(report.END)


def test_the_marks_of_first_runs_are_in_the_results() -> None:
    whole = (bench.HERE / "RESULTS.md").read_text()
    assert whole.index(report.BEGIN_FIRST) < whole.index(report.END_FIRST)
    assert " ".join(("bench.sh", *FIRST_PARTS, "publish")) in whole


def test_pictures_are_drawn(tmp_path: Path) -> None:
    pictures.draw(RESULTS, tmp_path)
    for name in (*report.PICTURES, *report.PICTURES_FIRST):
        drawn = (tmp_path / f"{name}.svg").read_text()
        assert ("rcz" if name == "planning" else "qulacs") in drawn
        assert len(drawn) < 150_000


def test_pictures_of_what_was_not_measured_are_not_drawn(tmp_path: Path) -> None:
    pictures.draw(RESULTS | {"records": [], "planning": []}, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["first.svg"]


def test_a_rival_that_is_not_installed_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "version", lambda package: None)
    contestant = bench.Worker("ghz-3", "qulacs", "double", 1)
    contestant.tune(1.0)
    contestant.sample(0.0, 1.0)
    assert contestant.finish()["gap"] == "not installed"


def test_a_rival_that_fails_is_a_gap() -> None:
    contestant = bench.Worker("ghz-0", "ketch", "double", 1)
    contestant.tune(1.0)
    contestant.sample(0.0, 1.0)
    assert "Error" in contestant.finish()["gap"]


def test_a_rival_that_dies_is_a_gap() -> None:
    contestant = bench.Worker("ghz-3", "ketch", "double", 1)
    contestant.hear(60)
    assert contestant.process
    contestant.process.kill()
    assert contestant.ask(60, do="tune", limit=1.0) == {}
    assert contestant.finish()["gap"] == "it died"


def test_a_rival_that_hangs_is_a_gap() -> None:
    contestant = bench.Worker("ghz-3", "ketch", "double", 1)
    contestant.hear(60)
    assert contestant.hear(0.0) == {}
    assert contestant.finish()["gap"] == "more than 0 s"


def test_a_row_is_measured() -> None:
    contestant = bench.Worker("small-3-10", "ketch", "single", 2)
    contestant.tune(1.0)
    for _ in range(2):
        contestant.sample(0.0, 60.0)
    record = contestant.finish()
    assert "gap" not in record
    assert len(record["first"]) == len(record["again"]) == 2
    assert record["setting"] == "default"
    assert record["facts"]["passes"] > 0
    assert record["peak"] > 1 << 20


def test_first_runs_are_measured() -> None:
    contestant = bench.Worker("small-3-10", "ketch", "double", 1)
    contestant.tune(1.0, do="tune first", names=["small-3-10#8", "small-3-10#9"])
    for turn in range(2):
        contestant.sample_first([f"small-3-10#{3 * turn + i}" for i in range(3)], 60.0)
    record = contestant.finish()
    assert "gap" not in record
    assert len(record["first"]) == 6
    assert record["setting"] == "default"


def test_a_new_circuit_is_what_is_run() -> None:
    rival = rivals.Ketch(circuits.build("small-3-10"), "double", 1)
    rival.begin("default")
    rival.call()
    engine = rival.engine
    rival.renew(circuits.build("small-3-10#1"))
    rival.call()
    assert rival.engine is engine
    numpy.testing.assert_allclose(rival.state(), state("small-3-10#1"), rtol=0, atol=1e-14)


def test_all_ways_of_recording_record_the_same() -> None:
    made: dict[str, Any] = {name: way() for name, way in rivals.Ketch.ways().items()}
    expected = ketch.run(ketch.Circuit.from_qasm(rivals.recorded().qasm())).state
    numpy.testing.assert_array_equal(made.pop("ket.H(...)").amplitudes, expected)
    for circuit in made.values():
        numpy.testing.assert_array_equal(ketch.run(circuit).state, expected)


def test_ways_of_recording_are_measured() -> None:
    assert all(seconds > 0 for seconds in process.time_ways(rivals.Ketch).values())


def test_ketch_agrees_with_itself() -> None:
    for worst in process.fidelities(rivals.Ketch, "double", 2).values():
        assert worst < bench.EXACT["double"]


def test_the_command_line_refuses_unknown_words() -> None:
    options = bench.parse(["rows", "--rows", "ghz-3", "--threads", "1"])
    assert (options.parts, options.rows, options.threads) == (["rows"], ["ghz-3"], [1])
    assert "publish" not in bench.parse([]).parts
    for wrong in (["raws"], ["--rows", "cat-3"], ["--rivals", "quill"]):
        with pytest.raises(SystemExit):
            bench.parse(wrong)


def test_a_file_of_results_is_added_to(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    record = {"rival": "ketch", "precision": "double", "threads": 2}
    words = ["rows", "--file", str(file), "--rows"]
    begun = bench.Bench(bench.parse([*words, "ghz-3"]))
    begun.results["records"] += [
        record | {"row": "ghz-3", "again": [0.123456789], "first": [1.0]},
        record | {"row": "ghz-4", "again": [], "gap": bench.INTERRUPTED},
    ]
    begun.results["first"] += begun.results["records"]
    begun.save()
    more = bench.Bench(bench.parse([*words, "ghz-4", "--add"])).results
    records = more["records"]
    assert bench.find(records, "ghz-3", "ketch", "double", 2)["again"] == [0.12346]
    assert not bench.find(records, "ghz-4", "ketch", "double", 2)
    assert more["first"] == records
    assert more["options"]["rows"] == ["ghz-3", "ghz-4"]
    assert bench.Bench(bench.parse([*words, "ghz-4"])).results["records"] == []


def test_the_c_program_measures() -> None:
    if not bench.LIBRARY.exists():
        pytest.skip("build/release has no library")
    runs = bench.native(["run", "2", "3"], ["small-3-10"])
    assert len(runs["pairs"]) == 3
    plans = bench.native(["plan", "4"], ["rcz-4-3", "rcz-4-3#1"])
    assert len(plans["seconds"]) == 8
    assert {"program", "planning", "resident"} < plans.keys()
    touch = bench.native(["touch", "2", "3"], ["ghz-5"])
    assert touch["bytes"] == 2**5 * 16
    assert [sorted(it) for it in touch["rounds"]] == [["first", "plan", "second", "touch"]] * 3


@pytest.mark.parametrize("name", ["generations", "limits", "native"])
def test_the_c_programs_compile_without_a_warning(name: str) -> None:
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-fsyntax-only"]
    command = [*os.environ.get("CC", "cc").split(), *flags, f"-I{bench.ROOT / 'engine'}"]
    subprocess.run([*command, str(bench.HERE / f"{name}.c")], check=True)
