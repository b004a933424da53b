"""The end of the process: threads that run circuits neither crash it nor hold it up."""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from subprocess import CompletedProcess, Popen

import pytest

from conftest import trials

Script = Callable[..., "CompletedProcess[str]"]

# Daemon threads run circuits one after the other; the process ends at a random time of that.
LOOPS = """
import random, sys, threading, time
import ketch
circuit = ketch.Circuit(20)
for layer in range(30):
    circuit.rx(0.1, range(20)).cx(range(19), range(1, 20))
def hook(step):
    pass
def work():
    engine = ketch.Engine(threads=2)
    while True:
        engine.run(circuit, {keywords})
for _ in range({threads}):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.3 * random.random())
print(time.monotonic(), flush=True)
{end}
"""
# How a program ends: the code, and the last line of standard error.
ENDS = {
    "": (0, ""),
    "sys.exit(3)": (3, ""),
    "raise ValueError('mine')": (1, "ValueError: mine"),
    "raise KeyboardInterrupt": (-signal.SIGINT, "KeyboardInterrupt"),
}
KEYWORDS = ["", "hook=hook, hook_seconds=0.0002", "timeout=30"]


@pytest.fixture
def load() -> Iterator[None]:
    """Other processes that want every core."""
    busy = [sys.executable, "-c", "import os\nos.nice(5)\nwhile True: pass"]
    others = [Popen(busy) for _ in range(os.cpu_count() or 1)]
    yield
    for other in others:
        other.kill()
        other.wait()


def _seconds_to_exit(trial: int) -> float:
    """Runs a program to its end; how long the end took."""
    end = list(ENDS)[trial % len(ENDS)]
    keywords = KEYWORDS[trial % len(KEYWORDS)]
    text = LOOPS.format(keywords=keywords, threads=1 + trial % 3, end=end)
    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, timeout=30, text=True)
    ended = time.monotonic()
    last = done.stderr.strip().rpartition("\n")[2]
    case = f"trial {trial}: {end!r}, {keywords!r}"
    assert (done.returncode, last) == ENDS[end], f"{case}: {done.stderr}"
    assert "Exception in" not in done.stderr, f"{case}: {done.stderr}"
    assert begun < float(done.stdout) < ended, case
    return ended - float(done.stdout)


def test_looping_threads_do_not_crash_the_end(load: None) -> None:
    times = [_seconds_to_exit(trial) for trial in range(trials(12, 500))]
    print(
        f"\n{len(times)} exits: median {statistics.median(times):.3f} s, worst {max(times):.3f} s"
    )
    assert max(times) <= 1


# Prints what threads did after the handler that ketch has registered: `late` runs after it.
LATE = """
import atexit, threading, time
def late():
    before = len(calls)
    time.sleep(0.3)
    status = ketch.run(ketch.Circuit(2).x(0).fence().x(1), hook=lambda step: calls.append(0)).status
    print(len(calls) - before, status)
atexit.register(late)
import ketch
calls = []
heavy = ketch.Circuit(20)
for layer in range(300):
    heavy.rx(0.1, range(20)).rzz(0.2, range(19), range(1, 20))
def work():
    engine = ketch.Engine(threads=2)
    while True:
        engine.run(heavy, hook=lambda step: calls.append(1), hook_seconds=0.001)
threading.Thread(target=work, daemon=True).start()
while not calls:
    time.sleep(0.001)
"""


def test_no_hook_of_another_thread_is_called_after_ketchs_end(script: Script) -> None:
    done = script(LATE)
    assert (done.stdout, done.returncode, done.stderr) == ("1 OK\n", 0, "")


def test_a_thread_that_begins_a_run_too_late_is_refused(script: Script) -> None:
    text = """
    import atexit, threading
    def late():
        errors = []
        def work():
            try:
                ketch.run(ketch.Circuit(1))
            except ketch.HandleError as error:
                errors.append(str(error))
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join()
        print(errors)
    atexit.register(late)
    import ketch
    """
    done = script(text)
    assert "Python ends" in done.stdout and done.returncode == 0, done.stderr


def test_a_hook_that_does_not_return_does_not_hold_up_the_end(script: Script) -> None:
    text = """
    import threading, time
    import ketch
    entered = threading.Event()
    def hook(step):
        entered.set()
        time.sleep(60)
    circuit = ketch.Circuit(1).x(0).fence().x(0)
    run = lambda: ketch.run(circuit, hook=hook)
    threading.Thread(target=run, daemon=True).start()
    entered.wait()
    print("good", flush=True)
    """
    done = script(text, timeout=20)
    assert (done.stdout, done.returncode, done.stderr) == ("good\n", 0, "")


def test_a_run_that_the_end_stops_is_saved(script: Script, tmp_path: "os.PathLike[str]") -> None:
    path = os.path.join(tmp_path, "run.ketch")
    text = f"""
    import threading, time
    import ketch
    heavy = ketch.Circuit(20)
    for layer in range(2000):
        heavy.rx(0.1, range(20)).rzz(0.2, range(19), range(1, 20))
    engine = ketch.Engine(threads=2)
    arguments = dict(save={path!r})
    threading.Thread(target=engine.run, args=(heavy,), kwargs=arguments, daemon=True).start()
    while not engine.running:
        time.sleep(0.001)
    time.sleep(0.1)
    """
    done = script(text)
    assert (done.returncode, done.stderr) == (0, "")
    load = f"import ketch; print(ketch.Engine().load({path!r}).status)"
    assert script(load).stdout == "STOPPED\n"


def test_a_child_does_not_wait_for_runs_of_its_parent(script: Script) -> None:
    text = """
    import os, threading, time
    import ketch
    from ketch._ketch import lib
    entered, done = threading.Event(), threading.Event()
    def hook(step):
        entered.set()
        done.wait()
    circuit = ketch.Circuit(1).x(0).fence().x(0)
    thread = threading.Thread(target=lambda: ketch.run(circuit, hook=hook))
    thread.start()
    entered.wait()
    child = os.fork()
    if child == 0:
        begun = time.monotonic()
        lib.ketch_py_end(20.0)
        os._exit(time.monotonic() - begun > 10)
    done.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
    print("good")
    """
    done = script(text)
    assert (done.stdout, done.returncode, done.stderr) == ("good\n", 0, "")
