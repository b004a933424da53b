"""Objects end by C functions: an interrupt or a lack of memory at their end loses nothing."""

import ast
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from conftest import trials

Script = Callable[..., "CompletedProcess[str]"]

# Makers of objects of every kind, and what shows that all of them have ended.
KINDS = """
import gc, os, random, signal, sys, tempfile, time
import numpy
import ketch
from ketch import glia
from ketch._engines import engines
path = os.path.join(tempfile.mkdtemp(), "run.ketch")
circuit = ketch.Circuit(12, 12).h(range(12)).cx(range(11), range(1, 12)).measure_all()
angle = ketch.Circuit(8).rx(ketch.Parameter("a"), range(8))
arena = ketch.Arena("1 GiB")
shared = ketch.Engine(threads=2, arena=arena)
shared.run(circuit, shots=10).save(path)

net = glia.Network(3, 3).add_neuron("O0").add_synapses(["S0"], ["O0"], [50.0])
steady = glia.create_sequence_from_array([[200.0]] * 9, ["S0"])
config = glia.create_config(warmup_ticks=3, decision_window=5)
lent = ketch.Arena._of(engines().arena())

def engine():
    made = ketch.Engine(threads=2)
    made.run(circuit, shots=10)
    return made

def adopted():
    array = numpy.zeros(256, complex)
    array[0] = 1
    return shared.adopt(array)

def hooked():
    seen = []
    shared.run(ketch.Circuit(4).x(0).fence().x(0), hook=lambda step: seen.append(step.state))
    return seen

KINDS = {
    "engine": engine,
    "arena": lambda: ketch.Arena("1 MiB"),
    "circuit": lambda: ketch.Circuit.from_qasm("OPENQASM 2.0; qreg q[2];"),
    "program": lambda: shared.prepare(angle.copy()),
    "bound": lambda: shared.run(angle.copy(), values=[0.1]),
    "state": lambda: shared.state(12),
    "adopted": adopted,
    "result": lambda: shared.run(circuit, shots=10),
    "array": lambda: shared.run(circuit).state,
    "bits": lambda: shared.run(circuit, shots=10).bits,
    "hooked": hooked,
    "loaded": lambda: shared.load(path),
    "saved": lambda: ketch.saved(path),
    "stop": ketch.Stop,
    "network": lambda: glia.Network(5, 5),
    "sequence": lambda: glia.create_sequence_from_array([[1.0]], ["S0"]),
    "trainer": lambda: glia.Trainer(net.copy()),
    "net run": lambda: net.copy().run(steady, 5),
    "training": lambda: glia.Trainer(net.copy(), config).train([(steady, "O0")], 2),
}

def left():
    gc.collect()
    maps = sum("ketch]" in line for line in open("/proc/self/maps"))
    threads, files = (len(os.listdir(f"/proc/self/{name}")) for name in ("task", "fd"))
    return threads, files, maps, arena.stats.used, lent.stats.used

for make in KINDS.values():
    make()
    make()
before = left()
"""

# A signal whose handler raises.
ALARM = (
    KINDS
    + """
class Bang(BaseException):
    pass

fired = caught = 0

def handler(number, frame):
    global fired
    fired += 1
    raise Bang

signal.signal(signal.SIGALRM, handler)
kinds = list(KINDS.values())
"""
)

# One signal in each turn, mostly while an object of the kind ends.
INTERRUPTS = (
    ALARM
    + """
for turn in range(TURNS):
    made = kinds[turn % len(kinds)]()
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, 6e-5))
        made = None
        while fired == turn:
            pass
    except Bang:
        caught += 1
made = None  # the last signal may have come before
time.sleep(0.05)
assert left() == before, (left(), before)
print(fired, caught)
"""
)


def test_no_interrupt_is_lost_in_a_finalizer(script: Script) -> None:
    turns = trials(300, 14000)
    done = script(f"TURNS = {turns}\n{INTERRUPTS}", timeout=600)
    assert done.stderr == "" and done.returncode == 0, done.stderr[-2000:]
    fired, caught = map(int, done.stdout.split())
    print(f"\n{fired} interrupts, {fired - caught} lost")
    assert fired == caught == turns


# Interrupts at any time of an object's life: nothing stays behind.
ANYWHERE = (
    ALARM
    + """
for turn in range(TURNS):
    make = kinds[turn % len(kinds)]
    begun = time.monotonic()
    make()
    took = time.monotonic() - begun
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, took))
        make()
        while fired == turn:
            pass
    except Bang:
        caught += 1
assert shared.run(circuit, shots=10).status == "OK"
shared._interrupted = None
time.sleep(0.05)
assert left() == before, (left(), before)
print(fired, caught)
"""
)


def test_an_interrupt_at_any_time_leaves_nothing_behind(script: Script) -> None:
    turns = trials(300, 14000)
    done = script(f"TURNS = {turns}\n{ANYWHERE}", timeout=600)
    assert done.stderr == "" and done.returncode == 0, done.stderr[-2000:]
    print(f"\n{turns} interrupts")
    assert done.stdout.split() == [str(turns)] * 2


# Every request for memory fails while an object ends.
NO_MEMORY = (
    KINDS
    + """
import _testcapi
for name, make in KINDS.items():
    for turn in range(TURNS):
        made = make()
        _testcapi.set_nomemory(0)
        made = None
        _testcapi.remove_mem_hooks()
time.sleep(0.05)
assert left() == before, (left(), before)
print("good")
"""
)


# A few requests for memory in a row fail, at every place of an object's life. Python 3.11 itself
# loops for ever where all further ones fail, and CFFI prints an exception of a hook that a second
# failure keeps from being stored.
FAILING = (
    KINDS
    + """
import _testcapi
failures = 0
for name, make in KINDS.items():
    for k in range(MOST):
        for burst in (1,) if name == "hooked" else (1, 8):
            try:
                _testcapi.set_nomemory(k, k + burst)
                make()
                _testcapi.remove_mem_hooks()
            except MemoryError:
                _testcapi.remove_mem_hooks()
                failures += 1
            except RuntimeError as error:
                _testcapi.remove_mem_hooks()
                assert str(error) == "can't allocate lock", error
                failures += 1
            assert shared.run(circuit, shots=10).status == "OK", (name, k)
shared._interrupted = None
time.sleep(0.05)
assert left() == before, (left(), before)
print("good", failures)
"""
)


def _need_testcapi() -> None:
    pytest.importorskip("_testcapi", reason="this Python has no _testcapi, which refuses memory")


def test_objects_end_without_memory(script: Script) -> None:
    _need_testcapi()
    done = script(f"TURNS = {trials(5, 100)}\n{NO_MEMORY}", timeout=300)
    assert (done.stdout, done.returncode, done.stderr) == ("good\n", 0, "")


def test_failing_requests_for_memory_leave_nothing_behind(script: Script) -> None:
    _need_testcapi()
    done = script(f"MOST = {trials(60, 400)}\n{FAILING}", timeout=600)
    assert done.returncode == 0 and done.stderr == "", done.stderr[-2000:]
    word, failures = done.stdout.split()
    print(f"\n{failures} failures")
    assert word == "good" and int(failures) > 300


SOURCES = sorted((Path(__file__).parents[2] / "ffi" / "ketch").rglob("*.py"))
CALLED_BACK = {"__del__", "finalize", "WeakSet", "WeakMethod", "WeakKeyDictionary"}
CALLED_BACK |= {"WeakValueDictionary"}


def _finalizers(tree: ast.AST) -> list[str]:
    """What Python calls when an object ends."""
    found = []
    for node in ast.walk(tree):
        name = getattr(node, "name", getattr(node, "attr", getattr(node, "id", "")))
        if name in CALLED_BACK:
            found.append(name)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("ref", "weakref.ref"):
            found += [ast.unparse(node)] if len(node.args) > 1 or node.keywords else []
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "ffi.gc":
            found.append(ast.unparse(node))
    return found


def test_no_python_code_runs_in_finalizers() -> None:
    found = {path.name: _finalizers(ast.parse(path.read_text())) for path in SOURCES}
    assert found.pop("base.py") == ["ffi.gc(ffi.new(pointer), end)"]
    assert found.pop("bundles.py") == ["ffi.gc(made, lib.ketch_py_end_bundle)"]
    assert found.pop("states.py") == ["ffi.gc(ffi.cast('char *', data), (block,).__contains__)"]
    assert not any(found.values()), found
    from ketch._ketch import ffi, lib

    ends = [name for name in dir(lib) if name.startswith("ketch_py_end_")]
    assert len(ends) == 14
    for name in ends:
        assert ffi.typeof(getattr(lib, name)).result is ffi.typeof("void")
