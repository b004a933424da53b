#!/usr/bin/env python3
"""Measures ketch beside its rivals, each in a process of its own and in its best setting, in turn.

Parts: check (all compute the same states), limits (what this machine can do at most), rows (the
circuits of the table), scaling (over qubits and gates), own (hooks, fences, C against Python),
first (first runs of many circuits on one thread), planning (in C), touch (first touch of large
states), recording (adding gates), observables (sums of Pauli strings), publish (writes what was
measured into README.md and RESULTS.md, and the pictures). Without a part: all but publish. Ctrl-C
ends it and keeps what was measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

import circuits
import networks
import sums
from rivals import RIVALS, version
from worker import INTERRUPTED, Record, Worker

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "build" / "bench"
LIBRARY = ROOT / "build" / "release" / ".libs" / "libketch.a"
ROWS = (
    *("ghz-20", "ghz-22", "ghz-24", "qft-22", "qft-24", "qft-22+prep", "rcz-22-20", "rcz-24-20"),
    *("rcx-22-20", "ansatz-22-10", "ising-22-20", "qv-20"),
    *("small-4-164", "small-8-200", "small-12-300"),
)
OVER_QUBITS = tuple(f"rcz-{qubits}-20" for qubits in range(4, 27, 2))
OVER_GATES = tuple(f"rcz-20-{layers}" for layers in (1, 3, 10, 30, 100, 300))
# Different circuits of a name are run once each: turns that everybody gets, and circuits in a turn.
FIRST = {
    **dict.fromkeys(("small-4-50", "small-8-200", "small-10-200", "small-12-300"), (10, 10)),
    **{"small-14-200": (10, 10), "rcz-16-10": (10, 2), "ansatz-16-4": (10, 2), "rcz-20-20": (5, 1)},
}
TRIED = 5  # further circuits, which settings for first runs are tried on
PLANNED = tuple(
    (family, qubits, gates)
    for family in ("rcz", "rcx", "ansatz", "small", "qv")
    for qubits in (4, 8, 10, 14, 16, 20, 26)
    for gates in ((100, 1_000, 10_000, 100_000) if qubits == 20 else (1_000, 100_000))
)
TOUCHED = ("qft-24", "ghz-22")
OBSERVED_ROUNDS, OBSERVED_LIMIT = 3, 2.0  # so that the part takes less than 3 minutes
# How far a fidelity may be from 1, and an expectation value from ketch's by its sum's weight.
EXACT = {"double": 1e-10, "single": 1e-4}


class Bench:
    """A measurement, and the file that it is kept in."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.results: dict[str, Any] = {"records": [], "first": [], "observables": []}
        if options.file.exists() and (options.add or options.parts == ["publish"]):
            self.go_on()
        else:
            self.results |= {"machine": machine(), "options": described(options)}
            self.results["versions"] = {name: version(its.package) for name, its in RIVALS.items()}
            self.results["timed"] = {name: its.timed for name, its in RIVALS.items()}

    def go_on(self) -> None:
        """Reads the file, without measurements that were interrupted."""
        self.results = json.loads(self.options.file.read_text())
        for part in "records", "first", "observables":
            known = self.results.get(part, [])
            self.results[part] = [it for it in known if it.get("gap") != INTERRUPTED]
        if self.options.add:
            for name in ("rows", "threads", "precisions"):
                known = self.results["options"][name]
                known += [it for it in getattr(self.options, name) if it not in known]

    def save(self) -> None:
        """Writes the file, whole or not at all."""
        self.options.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.options.file.with_suffix(".part")
        part.write_text(json.dumps(rounded(self.results), indent=1) + "\n")
        part.replace(self.options.file)

    def run(self, part: str) -> None:
        """Measures a part."""
        getattr(self, part)()

    def contestants(self) -> list[tuple[str, str]]:
        """Rivals by precision, ketch after them."""
        names = [*self.options.rivals, "ketch"]
        precisions = self.options.precisions
        return [(name, p) for p in precisions for name in names if p in RIVALS[name].precisions]

    def check(self) -> None:
        """Computes fidelities with ketch's states."""
        self.results["check"] = found = []
        for name, precision in tqdm(self.contestants(), "check", unit="rival"):
            worker = Worker("", name, precision, max(self.options.threads))
            try:
                worker.hear(120)
                answer = worker.ask(300, do="check").get("check", {})
            finally:
                worker.close()
            worst = max(answer.values(), default=None)
            found.append({"rival": name, "precision": precision, "worst": worst, "gap": worker.gap})
            if worst is not None and worst > EXACT[precision]:
                raise SystemExit(f"{name} computes something else: {precision}, {answer}")

    def limits(self) -> None:
        """Measures the machine's limits."""
        program = compiled("limits", ["-O2", "-ffp-contract=fast", "-pthread"])
        said = output([str(program), str(max(self.options.threads))])
        self.results["limits"] = said

    def rows(self) -> None:
        """Measures the table's rows."""
        everyone = self.contestants()
        places = [(row, threads) for threads in self.options.threads for row in self.options.rows]
        with tqdm(places, "rows", unit="row") as bar:
            for row, threads in bar:
                self.row(row, threads, everyone, self.options.rounds, bar)

    def scaling(self) -> None:
        """Measures rows of growing size. A rival that is too slow for one gets no later one."""
        threads = self.options.threads[0]
        for name, rows in ("over qubits", OVER_QUBITS), ("over gates", OVER_GATES):
            left = self.contestants()
            with tqdm(rows, name, unit="row") as bar:
                for row in bar:
                    self.row(row, threads, left, min(3, self.options.rounds), bar)
                    left = [who for who in left if not self.is_slow(row, threads, *who)]

    def is_slow(self, row: str, threads: int, name: str, precision: str) -> bool:
        """True if one call on a row four times as large would exceed the time limit."""
        record = find(self.results["records"], row, name, precision, threads)
        return not record.get("again") or 4 * median(record["again"]) > self.options.limit

    def row(
        self,
        row: str,
        threads: int,
        who: list[tuple[str, str]],
        rounds: int,
        bar: tqdm[Any],
        known: list[Record] | None = None,
        limit: float | None = None,
    ) -> None:
        """Measures one row, in rounds, with all rivals that have no measurement of it."""
        known = self.results["records"] if known is None else known
        limit = limit or self.options.limit
        missing = [it for it in who if not find(known, row, *it, threads)]
        workers = [Worker(row, *it, threads) for it in missing]
        try:
            for worker in workers:
                show(bar, f"{row}, {threads} threads, {worker.name} tries settings")
                worker.tune(limit)
            for number in range(rounds):
                for worker in workers:
                    show(bar, f"{row}, {threads} threads, {worker.name}, round {number + 1}")
                    worker.sample(min(self.options.seconds, limit / 8), limit)
        finally:
            known += [worker.finish() for worker in workers]
            self.save()

    def own(self) -> None:
        """Measures ketch's costs besides computing."""
        threads, count = str(self.options.threads[0]), str(4 * self.options.rounds)
        found = self.results["own"] = {"row": "rcz-22-20", "native row": "rcz-20-20"}
        bar = tqdm(["hooks", "fences", "python", "native"], "own", unit="part")
        for part in bar:
            show(bar, part)
            row = found["native row" if part in ("python", "native") else "row"]
            if part == "native":
                found[part] = {
                    it: native(["run", threads, count], [it]) for it in sorted({row, found["row"]})
                }
            else:
                found[part] = output(
                    [sys.executable, str(HERE / "own.py"), part, threads, count, row]
                )

    def first(self) -> None:
        """Measures first runs."""
        with tqdm(FIRST.items(), "first", unit="row") as bar:
            for row, (turns, count) in bar:
                self.first_row(row, turns, count, bar)

    def first_row(self, row: str, turns: int, count: int, bar: tqdm[Any]) -> None:
        """Runs new circuits, in turns, with all rivals that have no measurement of the row."""
        names = [f"{row}#{number}" for number in range(turns * count + TRIED)]
        known = self.results["first"]
        missing = [it for it in self.contestants() if not find(known, row, *it, 1)]
        workers = [Worker(row, *it, 1) for it in missing]
        try:
            for worker in workers:
                show(bar, f"{row}, {worker.name} tries settings")
                worker.tune(self.options.limit, do="tune first", names=names[-TRIED:])
            for turn in range(turns):
                show(bar, f"{row}, turn {turn + 1}")
                for worker in workers:
                    mine = names[turn * count : (turn + 1) * count]
                    worker.sample_first(mine, self.options.limit)
        finally:
            known += [worker.finish() for worker in workers]
            self.save()

    def planning(self) -> None:
        """Measures planning in C, over qubits and gates."""
        found = self.results["planning"] = []
        with tqdm(PLANNED, "planning", unit="circuit") as bar:
            for family, qubits, about in bar:
                name = circuits.sized(family, qubits, about)
                show(bar, name)
                found.append(planned(name) | {"family": family, "qubits": qubits, "about": about})

    def touch(self) -> None:
        """Measures what first runs of large states take beyond second ones."""
        threads, rounds = str(self.options.threads[0]), str(2 * self.options.rounds)
        self.results["touch"] = {
            row: native(["touch", threads, rounds], [row]) for row in tqdm(TOUCHED, "touch")
        }

    def recording(self) -> None:
        """Measures the adding of gates from Python, in rounds."""
        found = self.results["recording"] = {}
        workers = [Worker("", name, "double", 1) for name in ["ketch", *self.options.rivals]]
        try:
            for worker in workers:
                worker.hear(120)
            for _ in tqdm(range(4 * self.options.rounds), "recording", unit="round"):
                for worker in workers:
                    ways = found.setdefault(worker.name, {})
                    for way, seconds in worker.ask(120, do="record").get("ways", {}).items():
                        ways.setdefault(way, []).append(seconds)
        finally:
            for worker in workers:
                worker.close()

    def observables(self) -> None:
        """Measures expectation values of sums of Pauli strings, which must all agree."""
        known = self.results["observables"]
        places = [(row, threads) for threads in self.options.threads for row in sums.ROWS]
        with tqdm(places, "observables", unit="row") as bar:
            for row, threads in bar:
                who = [it for it in self.contestants() if it[0] in sums.OBSERVERS]
                self.row(row, threads, who, OBSERVED_ROUNDS, bar, known, OBSERVED_LIMIT)
        for record in known:
            own = find(known, record["row"], "ketch", record["precision"], record["threads"])
            both = record.get("value"), own.get("value")
            most = EXACT[record["precision"]] * sums.build(record["row"]).weight()
            if None not in both and abs(both[0] - both[1]) > most:
                raise SystemExit(f"{record['rival']} computes something else: {record}")

    def networks(self) -> None:
        """Measures spiking networks: the programs of this folder, and their rivals in turn."""
        with tqdm(total=1, desc="networks", unit="part") as bar:
            found = networks.measure(self.options.rounds, lambda what: show(bar, what))
            found["generations"] = [generations(self.options.rounds) for _ in range(networks.TURNS)]
            bar.update()
        self.results["networks"] = found

    def publish(self) -> None:
        """Writes the tables and the pictures."""
        import pictures
        import report

        pictures.draw(self.results, HERE)
        report.publish(self.results, ROOT / "README.md", HERE / "RESULTS.md")
        networks.publish(self.results, HERE / "RESULTS.md")


def show(bar: tqdm[Any], what: str) -> None:
    """Shows beside a bar what is being done; in a log only the bar's own lines are printed."""
    bar.set_postfix_str(what, refresh=sys.stderr.isatty())


def find(records: list[Record], row: str, rival: str, precision: str, threads: int) -> Record:
    """The record of a rival on a row; {} if it was not measured."""
    key = {"row": row, "rival": rival, "precision": precision, "threads": threads}.items()
    return next((record for record in records if key <= record.items()), {})


def native(words: list[str], names: list[str]) -> dict[str, Any]:
    """Measures circuits from C: what the words say."""
    flags = ["-O2", "-pthread", f"-I{ROOT / 'engine'}", str(LIBRARY), "-lm"]
    program = compiled("native", flags, LIBRARY)
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{name}.qasm" for name in names]
        for name, file in zip(names, files, strict=True):
            file.write_text(circuits.build(name).qasm())
        return output([str(program), *words, *map(str, files)])


def generations(rounds: int) -> list[dict[str, Any]]:
    """Measures evolutions on one thread and on two."""
    flags = ["-O2", "-pthread", f"-I{ROOT / 'engine'}", str(LIBRARY), "-lm"]
    program = compiled("generations", flags, LIBRARY)
    return [output([str(program), str(threads), str(rounds)]) for threads in (1, 2)]


def planned(name: str) -> dict[str, Any]:
    """Measures planning: of ten different circuits in turn, or of one where it is long."""
    gates = len(circuits.build(name).gates)
    names = [f"{name}#{number}" for number in range(10)] if gates < 5_000 else [name]
    rounds = "10" if gates < 50_000 else "3"
    return {"row": name, "gates": gates} | native(["plan", rounds], names)


def compiled(name: str, flags: list[str], *needs: Path) -> Path:
    """Compiles a C program of this folder if it is older than its sources; returns its path."""
    source, program = HERE / f"{name}.c", WORK / name
    newest = max(path.stat().st_mtime for path in (source, *HERE.glob("*.h"), *needs))
    if not program.exists() or program.stat().st_mtime < newest:
        WORK.mkdir(parents=True, exist_ok=True)
        compiler = os.environ.get("CC", "cc")
        command = [compiler, "-std=c11", str(source), *flags, "-o", str(program)]
        subprocess.run(command, check=True)
    return program


def output(command: list[str]) -> dict[str, Any]:
    """Runs a command and reads the JSON that it prints."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def machine() -> dict[str, Any]:
    """The machine that this runs on."""
    cpu = platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.split(":")[1].strip() for line in lines if "model name" in line), cpu)
    return {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "load": os.getloadavg()[0],
    }


def described(options: argparse.Namespace) -> dict[str, Any]:
    """The options in types that JSON has."""
    return {name: value for name, value in vars(options).items() if name not in ("file", "add")}


def rounded(value: Any) -> Any:
    """A copy with numbers of five digits, which is more than a clock resolves."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list | tuple) else value


PARTS = (
    *("check", "limits", "rows", "scaling", "own"),
    *("first", "planning", "touch", "recording", "observables", "networks", "publish"),
)


def parse(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    others = [name for name in RIVALS if name != "ketch"]
    add = parser.add_argument
    add("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    add("--rows", nargs="+", default=list(ROWS), metavar="ROW", help="names in circuits.py")
    add("--rivals", nargs="*", default=others, choices=others, help="default: all")
    add("--precisions", nargs="+", default=list(EXACT), choices=list(EXACT))
    add("--threads", nargs="+", type=int, default=[2, 1], help="default: 2 1")
    add("--rounds", type=int, default=5, help="turns that everybody gets on a row (default: 5)")
    add("--seconds", type=float, default=0.5, help="of repeated calls in a turn (default: 0.5)")
    add(
        "--limit",
        type=float,
        default=20,
        help="seconds that a rival has for a row: what is slow gets fewer turns (default: 20)",
    )
    add("--add", action="store_true", help="go on with the file, keeping what is in it")
    add("--file", type=Path, default=WORK / "results.json", help="(default: %(default)s)")
    options = parser.parse_args(words)
    options.parts = options.parts or [part for part in PARTS if part != "publish"]
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"no part {part}: allowed {', '.join(PARTS)}")
    try:
        for row in options.rows:
            circuits.build(row)
    except ValueError as error:
        parser.error(str(error))
    return options


def main() -> int:
    """Measures, and shows the table."""
    bench = Bench(parse())
    import report

    code = 0
    try:
        for part in bench.options.parts:
            try:
                bench.run(part)
            except (OSError, subprocess.CalledProcessError) as error:
                print(f"{part}: {error}", file=sys.stderr)
                code = 1
            bench.save()
    except KeyboardInterrupt:
        print("\ninterrupted: what was measured is kept", file=sys.stderr)
        code = 130
    bench.save()
    print(report.join([report.text(bench.results), networks.tables(bench.results)]))
    return code


if __name__ == "__main__":
    sys.exit(main())
