"""The 22-qubit circuit from Python: a hook shows the progress, and another thread goes on counting,
which it could not if the run held the interpreter lock; a second run reuses the memory."""

import threading
import time
from pathlib import Path

import ketch

FILE = Path(__file__).parent / "brickwork22.qasm"
SHOTS = 100_000


class Counter(threading.Thread):
    """Counts until it is told to stop, in plain Python."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.count = 0
        self.going = True

    def run(self) -> None:
        while self.going:
            self.count += 1


def show(step: ketch.Step) -> None:
    """The hook, ten times a second; an answer of True would stop the run."""
    print(f"  {step.fraction or 0:4.0%} after {step.seconds:.2f} s")


def timed_run(engine: ketch.Engine, circuit: ketch.Circuit) -> dict[str, int]:
    maps = engine.arena.stats.maps
    counter = Counter()
    counter.start()
    begun = time.perf_counter()
    result = engine.run(circuit, shots=SHOTS, seed=7, hook=show, hook_seconds=0.1)
    seconds = time.perf_counter() - begun
    counter.going = False
    report, stats = result.report, engine.arena.stats
    print(f"{len(circuit)} gates and {SHOTS} shots in {seconds:.2f} s, {report.sweeps} sweeps;")
    print(f"meanwhile the other thread counted to {counter.count:,};")
    print(f"{report.memory / 2**20:.0f} MiB in use, {stats.maps - maps} pieces new from the system")
    return result.counts


def main() -> None:
    circuit = ketch.Circuit.from_qasm_file(FILE)
    with ketch.Engine() as engine:
        print("first run")
        first = timed_run(engine, circuit)
        print("second run, in the memory of the first")
        second = timed_run(engine, circuit)
    print("same counts in both runs:", "yes" if first == second else "no")
    for bits, count in sorted(first.items(), key=lambda item: (-item[1], item[0]))[:3]:
        print(f"  {bits}  {count}")


if __name__ == "__main__":
    main()
