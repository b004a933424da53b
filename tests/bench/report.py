"""Tables of the measurements."""

from __future__ import annotations

from pathlib import Path
from statistics import median, quantiles
from typing import Any

import circuits

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
GAP = "-"
PICTURES = {"ratios": "Times of rivals over ketch's", "scaling": "Time over qubits and over gates"}
# The rows of README's short table, in double precision.
CHOSEN = ("ghz-22", "qft-22", "rcz-22-20", "ansatz-22-10", "qv-20", "small-4-164", "small-8-200")
Results = dict[str, Any]


class Cell:
    """The measurements of a rival on a row. `gap` says why there are none; "" if there are."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record
        self.gap: str = record.get("gap", "") if record else "not measured"
        self.first = median(record["first"]) if not self.gap else 0.0
        self.again = median(record["again"]) if not self.gap else 0.0

    def spread(self) -> float:
        """Half of the range between the quartiles."""
        several = self.record["again"]
        if len(several) < 2:
            return 0.0
        low, _, high = quantiles(several, n=4, method="inclusive")
        return float(high - low) / 2

    def text(self, best: bool = False) -> str:
        """The repeated call with its spread."""
        if self.gap:
            return GAP
        time = f"**{duration(self.again)}**" if best else duration(self.again)
        return f"{time} ± {100 * self.spread() / self.again:.0f} %"


def duration(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, size in ("s", 1.0), ("ms", 1e-3), ("µs", 1e-6):
        if seconds >= size or unit == "µs":
            value = seconds / size
            break
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f} {unit}"


def ratio(value: float) -> str:
    """A factor as text."""
    return f"{value:.2f}x" if value < 10 else f"{value:.1f}x" if value < 100 else f"{value:.0f}x"


def cells(results: Results, row: str, precision: str, threads: int) -> dict[str, Cell]:
    """All rivals on a row, ketch included. A rival without a record is a gap."""
    found = {name: Cell({}) for name in rivals(results, precision)}
    for record in results["records"]:
        if (record["row"], record["precision"], record["threads"]) == (row, precision, threads):
            found[record["rival"]] = Cell(record)
    return found


def rivals(results: Results, precision: str) -> list[str]:
    """The rivals that were measured in a precision, ketch first."""
    names = {r["rival"]: 0 for r in results["records"] if r["precision"] == precision}
    return sorted(names, key=lambda name: name != "ketch")


def rows(results: Results) -> list[str]:
    """The rows of the table that were measured."""
    measured = {record["row"] for record in results["records"]}
    return [row for row in results["options"]["rows"] if row in measured]


def fastest(found: dict[str, Cell]) -> str:
    """The fastest rival of a row; "" if none was measured."""
    others = {name: cell.again for name, cell in found.items() if name != "ketch" and not cell.gap}
    return min(others, key=lambda name: others[name], default="")


def bound(results: Results, cell: Cell) -> float:
    """Seconds that the machine needs at least: a rotation is two fused multiply-adds an amplitude,
    and the bytes that the plan's passes move go at the speed of streaming. Phases and permutations
    count as free. 0: not known."""
    limits = results.get("limits", {}).get("threads", {}).get(str(cell.record.get("threads")))
    if cell.gap or not limits or "facts" not in cell.record:
        return 0.0
    circuit = circuits.build(cell.record["row"])
    operations = 4 * circuit.rotations() * 2.0**circuit.qubits
    size = 2**circuit.qubits * (16 if cell.record["precision"] == "double" else 8)
    rates = sorted((int(mib), rate) for mib, rate in limits["stream"].items())
    rate = next((rate for mib, rate in rates if mib << 20 >= size), rates[-1][1])
    peak = limits["fma_" + cell.record["precision"]]
    return 1e-9 * float(operations / peak + cell.record["facts"]["bytes"] / rate)


def alone(results: Results, threads: int) -> bool:
    """True if a table has a column for one thread, too."""
    return threads > 1 and 1 in results["options"]["threads"]


def again(found: dict[str, Cell]) -> str:
    """The time of the fastest rival's repeated calls over that of ketch's."""
    best, own = fastest(found), found["ketch"]
    return GAP if own.gap or not best else ratio(found[best].again / own.again)


def line(results: Results, row: str, precision: str, threads: int) -> list[str]:
    """A row of the table."""
    found = cells(results, row, precision, threads)
    own = found.pop("ketch")
    text = [row, str(len(circuits.build(row).gates))]
    text += [GAP if own.gap else duration(own.first), own.text()]
    least = bound(results, own)
    text += [f"{100 * least / own.again:.0f} %" if least else GAP]
    text += [f"{own.record['peak'] / 2**20:.0f}" if own.record.get("peak") else GAP]
    best = fastest(found)
    text += [cell.text(name == best) for name, cell in found.items()]
    text += [GAP if own.gap or not best else ratio(found[best].first / own.first)]
    much = again(cells(results, row, precision, threads))
    text += [much if much == GAP else f"**{much}**"]
    if alone(results, threads):
        text += [again(cells(results, row, precision, 1))]
    return text


def table(results: Results, precision: str, threads: int) -> str:
    """A table of all rivals' repeated calls, with the ratios of the fastest one to ketch."""
    head = ["", "gates", "ketch, first run", "ketch, again", "of the bound", "MiB"]
    head += [*rivals(results, precision)[1:], "first", "again"]
    head += ["1 thread"] if alone(results, threads) else []
    lines = [line(results, row, precision, threads) for row in rows(results)]
    return markdown([head, *lines])


def short_line(results: Results, row: str, threads: int) -> list[str]:
    """A row of the short table."""
    found = cells(results, row, "double", threads)
    own, best = found["ketch"], fastest(found)
    text = [row, str(len(circuits.build(row).gates))]
    text += [GAP if own.gap else duration(seconds) for seconds in (own.first, own.again)]
    text += [f"{best} {duration(found[best].again)}" if best else GAP]
    text += [GAP if own.gap or not best else ratio(found[best].first / own.first)]
    return [*text, again(found)]


def short_table(results: Results, threads: int) -> str:
    """A table of a few rows in double precision: ketch and the fastest rival."""
    head = ["", "gates", "ketch, first run", "ketch, again"]
    head += ["fastest rival, again", "first", "again"]
    chosen = [row for row in rows(results) if row in CHOSEN]
    return markdown([head, *(short_line(results, row, threads) for row in chosen)])


def markdown(lines: list[list[str]]) -> str:
    """Lines as a table."""
    rule = ["---"] + ["---:"] * (len(lines[0]) - 1)
    return "\n".join(f"| {' | '.join(words)} |" for words in (lines[0], rule, *lines[1:]))


# ---- the text below the tables


def gaps(results: Results) -> str:
    """The reasons of gaps."""
    found: dict[tuple[str, str], set[str]] = {}
    for record in results["records"]:
        if record.get("gap") and record["row"] in rows(results):
            found.setdefault((record["rival"], record["gap"]), set()).add(record["row"])
    return "".join(
        f"\n* {rival}, {', '.join(sorted(which))}: {gap}"
        for (rival, gap), which in sorted(found.items())
    )


def checked(results: Results) -> str:
    """How well all states agree."""
    parts = []
    for precision in results["options"]["precisions"]:
        found = [it for it in results.get("check", []) if it["precision"] == precision]
        worst = [it["worst"] for it in found if it["worst"] is not None]
        if worst:
            parts.append(
                f"{precision} precision: all states agree, 1 - fidelity <= {max(worst):.0e}"
            )
        parts += [
            f"{it['rival']} could not be checked: {it['gap']}"
            for it in found
            if it["worst"] is None
        ]
    return "Before: " + "; ".join(parts) + "." if parts else ""


def setup(results: Results) -> str:
    """Machine and versions."""
    machine = results["machine"]
    versions = [f"{name} {number}" for name, number in results["versions"].items() if number]
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory'] / 2**30:.0f} GiB, "
        f"{machine['date']}; {', '.join(versions)}."
    )


def machine_limits(results: Results) -> str:
    """The machine's limits."""
    found = results.get("limits")
    if not found:
        return ""
    lines = [["threads", "double", "single", *(f"{mib} MiB" for mib in _sizes(found))]]
    for threads, limits in found["threads"].items():
        rates = [f"{limits['stream'][mib]:.0f}" for mib in _sizes(found)]
        peaks = [f"{limits['fma_' + precision]:.0f}" for precision in ("double", "single")]
        lines.append([threads, *peaks, *rates])
    return (
        f"The machine's limits ({found['instructions']}): fused multiply-adds in GFLOP/s by "
        f"precision, reading and writing in place in GB/s by size; new memory is first touched at "
        f"{found['first_touch']:.0f} GB/s.\n\n{markdown(lines)}"
    )


def _sizes(limits: dict[str, Any]) -> list[str]:
    return sorted(next(iter(limits["threads"].values()))["stream"], key=int)


def change(pairs: list[list[float]]) -> str:
    """By how many percent the second of each pair is slower: the median and the quartiles."""
    several = [100 * (other / one - 1) for one, other in pairs]
    low, middle, high = quantiles(several, n=4, method="inclusive")
    return f"{middle:+.1f} % ({low:+.1f} to {high:+.1f})"


def own_costs(results: Results) -> str:
    """ketch's costs besides computing, as a list."""
    own = results.get("own", {})
    lines = []
    if "native" in own:
        pairs = own["native"][own["row"]]["pairs"]
        lines.append(f"Ticks at 20 Hz and a stop token, {own['row']} in C: {change(pairs)}.")
    names = ("alone", "beside a busy Python thread", "beside two")
    for name, pairs in zip(names, own.get("hooks", {}).values(), strict=False):
        lines.append(f"A Python hook at 20 Hz and a stop token, {name}: {change(pairs)}.")
    for every, found in own.get("fences", {}).items():
        more = median(fenced - plain for plain, fenced in found["pairs"]) / found["fences"]
        lines.append(
            f"A fence every {every} gates: {change(found['pairs'])}, {duration(more)} a fence."
        )
    if "native" in own and "python" in own:
        lines.append(versus(own))
    if "planning" in own:
        lines.append(f"Planning, µs a gate: {plans(own['planning'])}.")
    return "\n".join(f"* {line}" for line in lines)


def versus(own: dict[str, Any]) -> str:
    """C against Python."""
    native, python = own["native"][own["native row"]], own["python"]
    plain = median(one for one, _ in native["pairs"])
    return (
        f"C against Python, {own['native row']}: plan {duration(native['plan'])} and "
        f"{duration(python['plan'])}, run {duration(plain)} and "
        f"{duration(median(python['again']))}."
    )


def plans(planning: dict[str, Any]) -> str:
    """Microseconds a gate, by circuit."""
    return ", ".join(
        f"{1e6 * median(found['seconds']) / found['gates']:.1f} ({name}, {found['gates']} gates)"
        for name, found in planning.items()
    )


# ---- where the report is written


def tables(results: Results, threads: int) -> str:
    """Both precisions."""
    parts = [
        f"**{precision.capitalize()} precision, {threads} threads**\n\n"
        + table(results, precision, threads)
        for precision in results["options"]["precisions"]
        if "ketch" in rivals(results, precision)
    ]
    return "\n\n".join(parts)


def remarks(results: Results) -> list[str]:
    """The text below the tables."""
    about = (gaps, checked, machine_limits, own_costs, setup)
    return [remark(results) for remark in about]


def text(results: Results) -> str:
    """All measurements, for the terminal."""
    parts = [tables(results, threads) for threads in results["options"]["threads"]]
    parts += remarks(results)
    return join(parts)


def replace(file: Path, body: str) -> None:
    """Writes the section between the two marks of a file anew."""
    whole = file.read_text()
    before, rest = whole.split(BEGIN)
    _, after = rest.split(END)
    file.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}")


def join(parts: list[str]) -> str:
    """Joins paragraphs; empty ones are left out."""
    return "\n\n".join(part.strip() for part in parts if part)


def publish(results: Results, readme: Path, whole: Path) -> None:
    """Writes the pictures and a short table into README, and all tables into the other file."""
    threads = results["options"]["threads"][0]
    pictures = [f"![{title}](tests/bench/{name}.svg)" for name, title in PICTURES.items()]
    title = f"Double precision, {threads} threads. {setup(results)}"
    replace(readme, join([*pictures, short_table(results, threads), title]))
    replace(whole, join([tables(results, threads), *remarks(results)]))
