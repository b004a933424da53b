"""Ctrl-C: KeyboardInterrupt within 100 ms, hook or no hook, here or stopped elsewhere."""

import json
import statistics
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from conftest import trials

Script = Callable[..., "CompletedProcess[str]"]

# Interrupts itself at random times, TRIALS times; prints the times to KeyboardInterrupt in seconds.
PROGRAM = """
import json, os, random, signal, threading, time
import ketch

TRIALS, QUBITS, WAY = {trials}, {qubits}, "{way}"
sent = 0.0

def interrupt(after):
    global sent
    time.sleep(after)
    sent = time.monotonic()
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
    timer = threading.Thread(target=interrupt, args=(random.uniform(0.05, 0.4),))
    ended = threading.Event()
    worker = threading.Thread(target=lambda: (prepared.run(), ended.set()))
    timer.start()
    try:
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
        times.append(time.monotonic() - sent)
    timer.join()
    assert not engine.running
    assert engine.run(ketch.Circuit(3).x(0)).status == "OK"
print(json.dumps(times))
"""


@pytest.mark.parametrize("way", ["plain", "hook", "thread"])
@pytest.mark.parametrize("qubits", [20, 24])
def test_ctrl_c(way: str, qubits: int, script: Script) -> None:
    count = trials(20, 200)
    done = script(PROGRAM.format(trials=count, qubits=qubits, way=way), timeout=count * 5 + 60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    times = sorted(json.loads(done.stdout))
    median, worst = statistics.median(times), times[-1]
    print(f"\n{way}, {qubits} qubits: median {1e3 * median:.1f} ms, worst {1e3 * worst:.1f} ms")
    assert len(times) == count
    assert median <= 0.1
    assert worst <= 0.5  # of a busy machine; the promise is 0.1 on idle cores


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
