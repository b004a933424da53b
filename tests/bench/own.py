"""Measures ketch's costs besides computing: hooks, fences, Python. Runs as a process."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import circuits
import ketch
from rivals import Ketch

Pairs = list[tuple[float, float]]


def record(name: str) -> ketch.Circuit:
    """A circuit that was not planned yet."""
    rival = Ketch(circuits.build(name), "double", 1)
    rival.begin("default")
    return rival.ours


def clock(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def in_turn(one: Callable[[], object], other: Callable[[], object], count: int) -> Pairs:
    """Seconds of two calls, measured alternately."""
    one(), other()
    return [(clock(one), clock(other)) for _ in range(count)]


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Python threads that do nothing but compute."""
    over = threading.Event()

    def compute() -> None:
        number = 0
        while not over.is_set():
            number = (number * 5 + 1) % 2**61

    threads = [threading.Thread(target=compute) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def hooks(engine: ketch.Engine, row: str, count: int) -> dict[str, Pairs]:
    """Runs without a hook against runs with one 20 times a second and a stop token, beside so many
    busy Python threads."""
    circuit = record(row)
    stop = ketch.Stop()
    found = {}
    for threads in range(3):
        with busy(threads):
            found[str(threads)] = in_turn(
                lambda: engine.run(circuit),
                lambda: engine.run(circuit, hook=lambda step: None, hook_seconds=0.05, stop=stop),
                count,
            )
    return found


def fences(engine: ketch.Engine, row: str, count: int) -> dict[str, Any]:
    """Runs without fences against runs with one every so many gates, and how many these were."""
    circuit = record(row)
    found = {}
    for every in (100, 10):

        def fenced(every: int = every) -> ketch.Result:
            return engine.run(circuit, hook=lambda step: None, hook_every=every, hook_seconds=None)

        pairs = in_turn(lambda: engine.run(circuit), fenced, count)
        found[str(every)] = {"pairs": pairs, "fences": fenced().report.fences}
    return found


def python(engine: ketch.Engine, row: str, count: int) -> dict[str, Any]:
    """The calls that the C program measures, from Python: a plan, a first run, more runs."""
    circuit = record(row)
    plan = clock(lambda: engine.prepare(circuit))
    first = clock(lambda: engine.run(circuit))
    return {
        "plan": plan,
        "first": first,
        "again": [clock(lambda: engine.run(circuit)) for _ in range(count)],
    }


def main() -> None:
    """Use: own.py PART THREADS COUNT ROW. Prints JSON."""
    part, threads, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with ketch.Engine(threads=threads) as engine:
        measure = {"hooks": hooks, "fences": fences, "python": python}[part]
        found = measure(engine, sys.argv[4], count)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
