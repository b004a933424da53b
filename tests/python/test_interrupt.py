"""Ctrl-C: KeyboardInterrupt within 100 ms, hook or no hook, here or stopped elsewhere."""

import json
import statistics
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from conftest import figure, trials

Script = Callable[..., "CompletedProcess[str]"]

# Interrupts itself at random times of a run, TRIALS times; prints the seconds to KeyboardInterrupt:
# of the clock, and of work on the main thread, as others may keep the processors busy.
PROGRAM = """
import json, os, random, signal, threading, time
import ketch

TRIALS, QUBITS, WAY = {trials}, {qubits}, "{way}"
sent = ()
main = time.pthread_getcpuclockid(threading.main_thread().ident)

def now():
    return time.monotonic(), time.clock_gettime(main)

def interrupt(after):
    global sent
    while not engine.running:
        time.sleep(0.001)
    time.sleep(after)
    sent = now()
    os.kill(os.getpid(), signal.SIGINT)

circuit = ketch.Circuit(QUBITS)
for layer in range(300):
    circuit.rx(0.1, range(QUBITS)).rzz(0.2, range(QUBITS - 1), range(1, QUBITS))
    circuit.cx(range(0, QUBITS - 1, 2), range(1, QUBITS, 2))
engine = ketch.Engine(threads=2)
prepared = engine.prepare(circuit)
prepared.run(timeout=0.001)
hook = (lambda step: None) if WAY == "hook" else None
times = []
for trial in range(TRIALS):
    timer = threading.Thread(target=interrupt, args=(random.uniform(0, 0.3),))
    ended = threading.Event()
    worker = threading.Thread(target=lambda: (prepared.run(), ended.set()))
    try:
        timer.start()
        if WAY == "thread":
            worker.start()
            ended.wait()
        else:
            prepared.run(hook=hook)
        raise SystemExit("the run ended before the interrupt")
    except KeyboardInterrupt:
        if WAY == "thread":
            engine.stop()
            ended.wait()  # not join: once interrupted it takes the thread for ended
        times.append([b - a for a, b in zip(sent, now())])
    timer.join()
    assert not engine.running
    assert engine.run(ketch.Circuit(3).x(0)).status == "OK"
print(json.dumps(times))
"""


@pytest.mark.parametrize("way", ["plain", "hook", "thread"])
@pytest.mark.parametrize("qubits", [20, 24])
def test_ctrl_c_is_raised_within_a_tenth_of_a_second(way: str, qubits: int, script: Script) -> None:
    count = trials(12, 200)
    done = script(PROGRAM.format(trials=count, qubits=qubits, way=way), timeout=count * 5 + 60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    clock, work = zip(*json.loads(done.stdout), strict=True)
    figure("P11", f"Ctrl-C raised, {way}", len(clock))
    for name, times in (("clock", clock), ("main thread's work", work)):
        median, worst = 1e3 * statistics.median(times), 1e3 * max(times)
        figure("P11", f"median by the {name}, at most 30 ms", median, "ms")
        figure("P11", f"worst by the {name}, at most 100 ms", worst, "ms")
    assert len(clock) == count
    assert statistics.median(work) <= 0.1 and max(work) <= 0.5  # new memory is wiped at first
    assert min(clock) <= 0.1 and max(clock) <= 10  # where others work, too


def test_a_second_interrupt_changes_nothing(script: Script) -> None:
    done = script(
        """
        import os, signal, threading, time
        import ketch
        c = ketch.Circuit(20)
        for layer in range(300):
            c.rx(0.1, range(20)).rzz(0.2, range(19), range(1, 20))
        def hook(step):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        with ketch.Engine(threads=2) as engine:
            try:
                engine.run(c, hook=hook)
            except KeyboardInterrupt:
                r = engine.interrupted
                assert r.status == "HOOK" and r.stopped
                print("good")
        """
    )
    assert (done.stdout, done.returncode, done.stderr) == ("good\n", 0, "")
