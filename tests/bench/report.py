"""Tables of the measurements."""

from __future__ import annotations

from pathlib import Path
from statistics import median, quantiles
from typing import Any

import circuits
import sums

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
BEGIN_FIRST, END_FIRST = "<!-- first runs: begin -->", "<!-- first runs: end -->"
BEGIN_SUMS, END_SUMS = "<!-- observables: begin -->", "<!-- observables: end -->"
GAP = "-"
PICTURES = {"ratios": "Times of rivals over ketch's", "scaling": "Time over qubits and over gates"}
PICTURES_FIRST = {"first": "First runs of many circuits", "planning": "Planning, time a gate"}
# The rows of README's short table, in double precision.
CHOSEN = ("ghz-22", "qft-22", "rcz-22-20", "ansatz-22-10", "qv-20", "small-4-164", "small-8-200")
Results = dict[str, Any]


class Cell:
    """The measurements of a rival on a row. `gap` says why there are none; "" if there are."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record
        self.gap: str = record.get("gap", "") if record else "not measured"
        self.first = median(record["first"]) if not self.gap else 0.0
        self.again = median(record["again"] or [0.0]) if not self.gap else 0.0

    def text(self, best: bool = False, kind: str = "again") -> str:
        """The repeated call, or the first one, with its spread."""
        return GAP if self.gap else middle(self.record[kind], best)


def middle(several: list[float], best: bool = False) -> str:
    """The median with its spread. The best one is bold."""
    time = duration(median(several))
    return f"{f'**{time}**' if best else time} {spread(several)}"


def spread(several: list[float]) -> str:
    """Half of the range between the quartiles."""
    if len(several) < 2:
        return "± 0 %"
    low, _, high = quantiles(several, n=4, method="inclusive")
    return f"± {50 * (high - low) / median(several):.0f} %"


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


def fastest(found: dict[str, Cell], kind: str = "again") -> str:
    """The fastest rival of a row; "" if none was measured."""
    others = [name for name, cell in found.items() if name != "ketch" and not cell.gap]
    return min(others, key=lambda name: float(getattr(found[name], kind)), default="")


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


# ---- first runs, planning, recording


def first_view(results: Results) -> Results:
    """The measurements of first runs, as if they were all there are."""
    records = results.get("first", [])
    rows = list(dict.fromkeys(record["row"] for record in records))
    return results | {"records": records, "options": results["options"] | {"rows": rows}}


def first_line(view: Results, row: str, precision: str) -> list[str]:
    """A row of the table of first runs."""
    found = cells(view, row, precision, 1)
    own, best = found.pop("ketch"), fastest(found, "first")
    text = [row, str(len(circuits.build(row).gates)), str(len(own.record.get("first", [])))]
    text += [own.text(kind="first")]
    text += [cell.text(name == best, "first") for name, cell in found.items()]
    much = GAP if own.gap or not best else f"**{ratio(found[best].first / own.first)}**"
    return [*text, much]


def first_tables(results: Results) -> str:
    """First runs of many circuits, by precision."""
    view, parts = first_view(results), []
    for precision in results["options"]["precisions"]:
        names = rivals(view, precision)
        if "ketch" in names:
            head = ["", "gates", "circuits", *names, "first"]
            lines = [first_line(view, row, precision) for row in rows(view)]
            title = f"**First runs, {precision} precision, 1 thread**"
            parts.append(f"{title}\n\n{markdown([head, *lines])}")
    return join([*parts, settings(view), gaps(view)])


def settings(view: Results) -> str:
    """The settings that were taken of rivals that have several."""
    found: dict[str, list[str]] = {}
    for record in view["records"]:
        if len(record.get("tuned", ())) > 1:
            name = f"{record['rival']} {record['setting']}"
            found.setdefault(name, []).append(f"{record['row']} {record['precision']}")
    several = [f"{name} ({', '.join(rows)})" for name, rows in sorted(found.items())]
    return f"Settings: {'; '.join(several)}." if several else ""


def planning_tables(results: Results) -> str:
    """Planning in C: time a gate over qubits and gates, and memory."""
    found = results.get("planning", [])
    if not found:
        return ""
    head = ["qubits", "gates", *dict.fromkeys(it["family"] for it in found)]
    sizes = sorted({(it["about"], it["qubits"]) for it in found})
    lines = [
        [str(qubits), f"{about:,}", *(time_a_gate(found, it, qubits, about) for it in head[2:])]
        for about, qubits in sizes
    ]
    table = markdown([head, *lines])
    return f"**Planning in C, µs a gate**\n\n{table}\n\n{planning_memory(found)}"


def time_a_gate(found: list[dict[str, Any]], family: str, qubits: int, about: int) -> str:
    """Microseconds a gate of one circuit, with their spread."""
    key = {"family": family, "qubits": qubits, "about": about}.items()
    one = next((it for it in found if key <= it.items()), None)
    if not one:
        return GAP
    return f"{1e6 * median(one['seconds']) / one['gates']:.2f} {spread(one['seconds'])}"


def planning_memory(found: list[dict[str, Any]]) -> str:
    """The memory that programs and their planning take."""
    head = ["", "gates", "program, bytes a gate", "planning, MiB", "process, MiB"]
    lines = [
        [it["row"], str(it["gates"]), *memory_cells(it)]
        for it in found
        if it["qubits"] == 20 and it["about"] in (1_000, 100_000)
    ]
    return (
        "**Memory of planning.** The program's and the planner's blocks in the arena, and by how "
        f"much the process grew.\n\n{markdown([head, *lines])}"
    )


def memory_cells(one: dict[str, Any]) -> list[str]:
    """What is not known is a gap."""
    program, others = one["program"], (one["planning"], one["resident"])
    text = [GAP if program is None else f"{program / one['gates']:.0f}"]
    return text + [GAP if it is None else f"{it / 2**20:.1f}" for it in others]


def touch_table(results: Results) -> str:
    """What first runs of large states take, and what their pages and planning let expect."""
    found = results.get("touch", {})
    if not found:
        return ""
    head = ["", "first run", "second run", "planning", "first touch, GB/s", "goal", "first / goal"]
    threads = results["options"]["threads"][0]
    return (
        f"**First touch, in C, {threads} threads.** The goal is the second run, 1.1 times the "
        "first touch of as many bytes as the state has by as many threads, and planning.\n\n"
        + markdown([head, *(touch_line(row, it) for row, it in found.items())])
    )


def touch_line(row: str, found: dict[str, Any]) -> list[str]:
    """A row of the table of first touch."""
    first, second, plan, touch = (
        [it[kind] for it in found["rounds"]] for kind in ("first", "second", "plan", "touch")
    )
    goal = median(second) + 1.1 * median(touch) + median(plan)
    text = [row, middle(first), middle(second), duration(median(plan))]
    text += [f"{1e-9 * found['bytes'] / median(touch):.1f}", duration(goal)]
    return [*text, f"{median(first) / goal:.2f}"]


def recording_table(results: Results) -> str:
    """What adding a gate takes, by way."""
    lines = [
        [rival, f"`{way}`", f"{1e9 * median(several):.0f} {spread(several)}"]
        for rival, ways in results.get("recording", {}).items()
        for way, several in ways.items()
    ]
    if not lines:
        return ""
    title = "**Recording from Python, ns a gate** (h, rz and cx in turn, on 20 qubits)"
    return f"{title}\n\n{markdown([['', 'way', 'ns a gate'], *lines])}"


def first_parts(results: Results) -> list[str]:
    """The tables of first runs; none if nothing of them was measured."""
    about = (first_tables, planning_tables, touch_table, recording_table)
    return [part for part in (table(results) for table in about) if part]


# ---- observables


def sum_bound(results: Results, record: dict[str, Any]) -> str:
    """The share of the least time: one read of the state, and the operations at the peak rate."""
    limits = results.get("limits", {}).get("threads", {}).get(str(record.get("threads")))
    if not limits or not record.get("again"):
        return GAP
    made, precision = sums.build(record["row"]), record["precision"]
    mib = 2**made.qubits * (16 if precision == "double" else 8) / 2**20
    rate = next(rate for size, rate in limits["stream"].items() if int(size) >= mib)
    least = mib * 2**20 / rate + sums.operations(made) / limits["fma_" + precision]
    return f"{100e-9 * least / median(record['again']):.0f} %"


def sums_line(view: Results, row: str, precision: str, threads: int) -> list[str]:
    """A row of the table of observables."""
    found = cells(view, row, precision, threads)
    own, best = found.pop("ketch"), fastest(found)
    text = [row, str(len(sums.build(row).terms)), own.text(), sum_bound(view, own.record)]
    text += [cell.text(name == best) for name, cell in found.items()]
    much = GAP if own.gap or not best else f"**{ratio(found[best].again / own.again)}**"
    return [*text, much]


def sums_tables(results: Results) -> str:
    """Expectation values, by precision and threads."""
    options = results["options"] | {"rows": sums.ROWS}
    view = results | {"records": results.get("observables", []), "options": options}
    parts = []
    for precision in results["options"]["precisions"]:
        names = rivals(view, precision)
        for threads in results["options"]["threads"] if "ketch" in names else ():
            head = ["", "terms", "ketch", "of the bound", *names[1:], "fastest / ketch"]
            lines = [sums_line(view, row, precision, threads) for row in sums.ROWS]
            title = f"**Expectation values, {precision} precision, {threads} threads**"
            parts.append(f"{title}\n\n{markdown([head, *lines])}")
    return join([*parts, gaps(view)]) if parts else ""


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
    return join([*parts, *first_parts(results), sums_tables(results), *remarks(results)])


def replace(file: Path, body: str, begin: str = BEGIN, end: str = END) -> None:
    """Writes the section between two marks of a file anew."""
    whole = file.read_text()
    before, rest = whole.split(begin)
    _, after = rest.split(end)
    file.write_text(f"{before}{begin}\n{body}\n{end}{after}")


def join(parts: list[str]) -> str:
    """Joins paragraphs; empty ones are left out."""
    return "\n\n".join(part.strip() for part in parts if part)


def links(pictures: dict[str, str], folder: str) -> list[str]:
    """Pictures in a text."""
    return [f"![{title}]({folder}{name}.svg)" for name, title in pictures.items()]


def publish(results: Results, readme: Path, whole: Path) -> None:
    """Writes the pictures and a short table into README, and all tables into the other file. What
    was not measured stays as it is."""
    if rows(results):
        threads = results["options"]["threads"][0]
        title = f"Double precision, {threads} threads. {setup(results)}"
        pictures = links(PICTURES, "tests/bench/")
        replace(readme, join([*pictures, short_table(results, threads), title]))
        replace(whole, join([tables(results, threads), *remarks(results)]))
    if parts := first_parts(results):
        drawn = {name: PICTURES_FIRST[name] for name in PICTURES_FIRST if results.get(name)}
        replace(whole, join([*links(drawn, ""), *parts, setup(results)]), BEGIN_FIRST, END_FIRST)
    if measured := sums_tables(results):
        replace(whole, join([measured, setup(results)]), BEGIN_SUMS, END_SUMS)
