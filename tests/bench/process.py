"""The process that one rival is measured in. It answers requests, a line of JSON each."""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from math import ceil
from statistics import median
from typing import Any, TextIO

import circuits
import sums
from rivals import PAIRS, RIVALS, Ketch, Rival


def environment(threads: int) -> dict[str, str]:
    """The environment of a rival's process: every variable that sets a number of threads."""
    number = str(threads)
    counts = ("OMP_NUM_THREADS", "QULACS_NUM_THREADS", "RAYON_NUM_THREADS")
    single = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    more = {"OMP_PROC_BIND": "false", "PRISM_AVX512": "1"}
    return os.environ | dict.fromkeys(counts, number) | dict.fromkeys(single, "1") | more


def clock(rival: Rival, calls: int = 1) -> float:
    """Seconds a call takes."""
    begun = time.perf_counter()
    for _ in range(calls):
        rival.call()
    return (time.perf_counter() - begun) / calls


def peak() -> int:
    """The peak memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def tune(rival: Rival, limit: float) -> dict[str, float]:
    """Seconds that a call takes, by setting; short calls are repeated. Settings that exceed the
    limit are left out."""
    found: dict[str, float] = {}
    begun = time.perf_counter()
    for setting in rival.settings:
        rival.begin(setting)
        found[setting] = clock(rival)
        if found[setting] < limit / 20:
            calls = ceil(0.005 / found[setting])
            found[setting] = min(clock(rival, calls) for _ in range(2))
        rival.begin(setting)  # lets its memory go
        if time.perf_counter() - begun > limit / 2:
            break
    return found


def samples(rival: Rival, setting: str, seconds: float) -> dict[str, Any]:
    """A first call, and repeated ones for some seconds. A sample of a short call is of many
    calls, so that the clock's resolution does not matter."""
    rival.begin(setting)
    gc.collect()
    first = clock(rival)
    again = clock(rival)
    calls = ceil(0.005 / again)
    begun = time.perf_counter()
    repeats = [again] if calls == 1 else []
    while not repeats or (time.perf_counter() - begun + again < seconds and len(repeats) < 12):
        repeats.append(clock(rival, calls))
    facts = rival.facts()
    rival.begin(setting)  # lets its memory go: the others have their turn now
    return {"first": first, "again": repeats, "facts": facts}


def first_calls(rival: Rival, names: list[str]) -> list[float]:
    """Seconds of the first call of each circuit, which is made, translated and run in turn, as by a
    user who runs many circuits once: caches are as in that loop."""
    gc.collect()
    found = []
    for name in names:
        rival.renew(circuits.build(name))
        found.append(clock(rival))
    return found


def tune_first(rival: Rival, names: list[str], limit: float) -> dict[str, float]:
    """Seconds that a first call takes, by setting: the median of these circuits. Settings that
    exceed the limit are left out. The best one is left open."""
    found: dict[str, float] = {}
    begun = time.perf_counter()
    for setting in rival.settings:
        rival.begin(setting)
        found[setting] = median(first_calls(rival, names))
        if time.perf_counter() - begun > limit / 2:
            break
    rival.begin(min(found, key=lambda setting: found[setting]))
    first_calls(rival, names)
    return found


def time_ways(rival_class: type[Rival]) -> dict[str, float]:
    """Seconds to record a gate, by way."""
    found = {}
    for name, way in rival_class.ways().items():
        gc.collect()
        begun = time.perf_counter()
        made = way()
        found[name] = (time.perf_counter() - begun) / (3 * len(PAIRS))
        del made
    return found


def fidelities(rival_class: type[Rival], precision: str, threads: int) -> dict[str, float]:
    """By circuit, how far the fidelity with ketch's state and the norm are from 1 at most."""
    import numpy

    found = {}
    for row in SMALL_ROWS:
        circuit = circuits.build(row)
        own = Ketch(circuit, "double", 1)
        own.begin("default")
        own.call()
        expected = own.state()
        rival = rival_class(circuit, precision, threads)
        worst = 0.0
        for setting in rival.settings:
            rival.begin(setting)
            for _ in range(2):
                rival.call()
                state = numpy.asarray(rival.state(), complex)
                overlap = abs(numpy.vdot(expected, state)) ** 2
                worst = max(worst, abs(1 - overlap), abs(1 - numpy.vdot(state, state).real))
                rival.renew(circuit)
        found[row] = worst
    return found


SMALL_ROWS = (
    *("ghz-7", "qft-8", "qft-8+prep", "rcz-8-5", "rcx-9-6", "ansatz-7-3", "ising-7-3", "qv-7"),
    *("small-4-164", "small-8-200", "rcz-15-3+prep", "rcx-15-3+prep"),
)


def serve(order: dict[str, Any], rival_class: type[Rival], spec: dict[str, Any]) -> dict[str, Any]:
    """Answers one request."""
    if order["do"] == "check":
        return {"check": fidelities(rival_class, spec["precision"], spec["threads"])}
    if order["do"] == "tune":
        tuned = tune(spec["rival"], order["limit"])
        return {"tuned": tuned, "value": getattr(spec["rival"], "value", None)}
    if order["do"] == "tune first":
        return {"tuned": tune_first(spec["rival"], order["names"], order["limit"])}
    if order["do"] == "first calls":
        return {"first": first_calls(spec["rival"], order["names"])}
    if order["do"] == "record":
        return {"ways": time_ways(rival_class)}
    return samples(spec["rival"], order["setting"], order["seconds"]) | {"peak": peak()}


def main(argument: str, out: TextIO) -> None:
    """Answers requests, a line of JSON each, until there are no more."""
    spec = json.loads(argument)
    is_sum = spec["row"] in sums.ROWS
    rival_class = sums.OBSERVERS[spec["name"]] if is_sum else RIVALS[spec["name"]]
    try:
        if spec["row"]:
            circuit = sums.build(spec["row"]) if is_sum else circuits.build(spec["row"])
            spec["rival"] = rival_class(circuit, spec["precision"], spec["threads"])
            spec["rival"].begin(rival_class.settings[0])
        answer: dict[str, Any] = {"ready": peak()}
        print(json.dumps(answer), file=out, flush=True)
        for line in sys.stdin:
            print(json.dumps(serve(json.loads(line), rival_class, spec)), file=out, flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), file=out, flush=True)


if __name__ == "__main__":
    # Rivals may print: what they say goes to standard error.
    own = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    main(sys.argv[1], own)
