"""Measurements of spiking networks, and their tables.

The C programs of this folder that networks are measured with are built by make, as most see the
library's inside; generations.c sees the public header alone. Rivals run in an environment of their
own.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import report

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RELEASE = ROOT / "build" / "release"
PYTHON = ROOT / "build" / "bench" / "rivals" / "bin" / "python"
BEGIN, END = "<!-- networks: begin -->", "<!-- networks: end -->"
RIVALS = ("Brian2", "snnTorch")
SETS = {"scalar": "scalar", "avx2": "AVX2", "avx512": "AVX-512", "neon": "NEON"}
NAMES = {
    "small": "small: `S=64 O=10 POOL=1`",
    "middle": "middle: `S=64 H=128 O=10 POOL=1`",
    "large": "large: random",
    "silent": "large, without input",
}
TURNS = 3  # of each program and each rival
Row = dict[str, Any]


# ---- measuring


def measure(rounds: int, tell: Callable[[str], None]) -> Row:
    """Measures in turns: programs and rivals come one after the other, and then again."""
    programs = made(("ticks", "shared_ticks", "episodes", "cuba", "fits"))
    found: Row = {name: [] for name in programs}
    rivals: Row = {name: {"seconds": []} for name in RIVALS}
    for turn in range(TURNS):
        for name, program in programs.items():
            tell(f"{name}, turn {turn + 1}")
            found[name].append(lines([str(program), str(rounds)]))
        for name, record in rivals.items():
            tell(f"{name}, turn {turn + 1}")
            ask(record, name, rounds)
    return found | {"rivals": rivals}


def made(names: tuple[str, ...]) -> dict[str, Path]:
    """Builds the programs whose sources there are."""
    there = [name for name in names if (HERE / f"{name}.c").exists()]
    goals = [f"tests/bench/{name}" for name in there]
    subprocess.run(["make", "-s", "-C", str(RELEASE), *goals], check=True)
    return {name: RELEASE / "tests" / "bench" / name for name in there}


def lines(command: list[str]) -> list[Row]:
    """Runs a command and reads the lines of JSON that it prints."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ask(record: Row, name: str, rounds: int) -> None:
    """Adds a rival's turn to its record, or says why it has none; then there is no other turn."""
    if "gap" in record:
        return
    command = [str(PYTHON), str(HERE / "network_rivals.py"), name, str(rounds)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        record["gap"] = "not installed" if isinstance(error, FileNotFoundError) else "over 300 s"
        return
    if done.returncode:
        record["gap"] = (done.stderr.strip().splitlines() or ["it died"])[-1]
        return
    answer = json.loads(done.stdout)
    record["version"] = answer["version"]
    record["seconds"] += answer["seconds"]


# ---- tables


def joined(turns: list[list[Row]]) -> list[tuple[Row, list[Row]]]:
    """Each line of a program with those of all turns: lines are in the same order in each."""
    return [(several[0], list(several)) for several in zip(*turns, strict=True)]


def nanoseconds(value: float) -> str:
    """A time a tick or less."""
    return f"{value:.3g} ns" if value < 1000 else report.duration(1e-9 * value)


def ticks_table(turns: list[list[Row]]) -> str:
    """A row for each network, a column for each kernel set."""
    found = [(one, median(it["ns"] for it in all_)) for one, all_ in joined(turns)]
    sets = list(dict.fromkeys(one["kernels"] for one, _ in found))
    head = ["", "neurons", "synapses", "spikes", "events", *(SETS[it] for it in sets)]
    rows = [tick_line(name, [it for it in found if it[0]["network"] == name]) for name in NAMES]
    head = [*head, "an event", "a neuron"]
    return f"**Ticks, 1 thread**\n\n{report.markdown([head, *rows])}"


def tick_line(name: str, found: list[tuple[Row, float]]) -> list[str]:
    """One network. What an event and a neuron take is the whole tick of the last kernel set."""
    one, last = found[-1]
    text = [NAMES[name], str(one["neurons"]), str(one["synapses"])]
    text += [f"{one['spikes']:.0f}", f"{one['events']:.0f}"]
    text += [nanoseconds(value) for _, value in found]
    text += [nanoseconds(last / one["events"]) if one["events"] else report.GAP]
    return [*text, nanoseconds(last / one["neurons"])]


def shared_table(turns: list[list[Row]]) -> str:
    """Large networks on one thread and on two; the ratio is the median of the rounds'."""
    rows = []
    for one, several in joined(turns):
        alone, both = ([us for it in several for us in it["us"][e]] for e in (0, 1))
        ratio = median(a / b for a, b in zip(alone, both, strict=True))
        times = [report.middle([1e-6 * us for us in it]) for it in (alone, both)]
        counts = [str(one["neurons"]), str(one["synapses"]), f"{one['events']:.0f}"]
        rows.append([*counts, *times, f"**{report.ratio(ratio)}**"])
    head = ["neurons", "synapses", "events", "1 thread", "2 threads", "1 / 2"]
    return f"**Ticks of one network on two threads**\n\n{report.markdown([head, *rows])}"


def training_lines(found: Row) -> list[list[str]]:
    """Trainings, and fits with the rival that has them, too."""
    rows = []
    for one, several in joined(found.get("episodes", [])):
        seconds = [1e-9 * it["ns_episode"] for it in several]
        rows.append([one["network"], one["rule"], *episode_cells(seconds), report.GAP, report.GAP])
    for one, several in joined(found.get("fits", [])):
        seconds = [1e-9 * it["ns_episode"] for it in several]
        rival = found["rivals"]["snnTorch"] if one["method"] == "BPTT" else {}
        rows.append(
            [one["network"], one["method"], *episode_cells(seconds), *beside(seconds, rival)]
        )
    return rows


def episode_cells(seconds: list[float]) -> list[str]:
    """What an episode takes, and how many there are a second."""
    return [report.middle(seconds), f"{1 / median(seconds):,.0f}"]


def beside(own: list[float], rival: Row) -> list[str]:
    """A rival's time, and that over ketch's."""
    if not rival.get("seconds"):
        return [report.GAP, report.GAP]
    much = report.ratio(median(rival["seconds"]) / median(own))
    return [report.middle(rival["seconds"]), f"**{much}**"]


def training_table(found: Row) -> str:
    """Episodes of 40 ticks."""
    head = ["", "rule", "an episode", "episodes a second", "snnTorch", "snnTorch / ketch"]
    title = "**Trainings, episodes of 40 ticks, 1 thread**"
    return f"{title}\n\n{report.markdown([head, *training_lines(found)])}"


def cuba_table(found: Row) -> str:
    """The CUBA network by kernel set."""
    rival = found["rivals"]["Brian2"]
    rows: list[list[str]] = []
    for one, several in joined(found["cuba"]):
        seconds = [it["seconds"] for it in several]
        cells = [SETS[one["kernels"]], report.middle(seconds), f"{one['hertz']:.1f}"]
        rows.append([*cells, *beside(seconds, rival)])
    head = ["kernel set", "2 s", "spikes a neuron and second", "Brian2, compiled", "Brian2 / ketch"]
    title = "**CUBA, 4,000 neurons, 20,000 steps of 0.1 ms, 1 thread**"
    return f"{title}\n\n{report.markdown([head, *rows])}"


def evolution_table(turns: list[list[Row]]) -> str:
    """Generations a second by threads."""
    rows = []
    for one, several in joined(turns):
        seconds = [it / one["generations"] for line in several for it in line["seconds"]]
        rows.append([str(one["threads"]), report.middle(seconds), f"{1 / median(seconds):,.0f}"])
    head = ["threads", "a generation", "generations a second"]
    return f"**Evolution, 8 individuals of 7 neurons**\n\n{report.markdown([head, *rows])}"


def tables(results: Row) -> str:
    """All tables; "" if nothing was measured."""
    found = results.get("networks", {})
    if not found:
        return ""
    gaps = [f"* {it}: {record['gap']}" for it, record in found["rivals"].items() if "gap" in record]
    versions = [f"{it} {one['version']}" for it, one in found["rivals"].items() if "version" in one]
    alone = results | {"versions": {"ketch": results["versions"].get("ketch")}}
    setup = ", ".join([report.setup(alone).removesuffix("."), *versions]) + "."
    parts = [ticks_table(found["ticks"]), shared_table(found["shared_ticks"])]
    parts += [
        training_table(found),
        cuba_table(found),
        evolution_table(found["generations"]),
        "\n".join(gaps),
        setup,
    ]
    return report.join(parts)


def publish(results: Row, whole: Path) -> None:
    """Writes the tables between their marks, if there are any."""
    if measured := tables(results):
        report.replace(whole, measured, BEGIN, END)
