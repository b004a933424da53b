"""Being a good guest of the process: import, fork, exit."""

import importlib.util
import sysconfig
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from conftest import figure, trials

Script = Callable[..., "CompletedProcess[str]"]
HEAVY = """
import ketch
heavy = ketch.Circuit(20)
for layer in range(300):
    heavy.rx(0.1, range(20)).rzz(0.2, range(19), range(1, 20))
"""


def _good(done: "CompletedProcess[str]") -> None:
    assert (done.stdout.strip(), done.returncode, done.stderr) == ("good", 0, "")


def test_import_changes_nothing(script: Script) -> None:
    _good(
        script(
            """
            import os, signal, sys, threading
            def look():
                return (threading.active_count(), os.listdir("/proc/self/task"),
                        len(os.listdir("/proc/self/fd")), dict(os.environ),
                        [signal.getsignal(s) for s in range(1, 32)])
            before = look()
            import ketch
            assert look() == before
            assert "numpy" not in sys.modules and "tqdm" not in sys.modules
            c = ketch.Circuit(2).h(0)
            engine = ketch.Engine()
            assert look() == before
            print("good")
            """
        )
    )


def test_import_is_quick(script: Script) -> None:
    text = """
    import time
    begun = time.process_time()
    import ketch
    print(time.process_time() - begun)
    """
    best = min(float(script(text).stdout) for _ in range(5))
    figure("P18", "import, at most 50 ms", 1e3 * best, "ms")
    assert best < 0.1  # of a busy machine; the promise is 0.05


def test_import_leaves_a_missing_lock_missing(script: Script) -> None:
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip("this Python has the global lock")
    _good(script("import sys, ketch; assert not sys._is_gil_enabled(); print('good')"))


FORK = (
    HEAVY
    + """
import os, signal, sys, threading, time
small = ketch.Circuit(12, 12).h(range(12)).measure_all()
engine = ketch.Engine(threads=2)
when = "{when}"
if when != "before":
    engine.run(small)
    ketch.run(small)
if when == "during":
    thread = threading.Thread(target=engine.run, args=(heavy,))
    thread.start()
    while not engine.running:
        time.sleep(0.001)
for trial in range({trials}):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        code = 0
        try:
            engine.run(small)
            code = 1
        except ketch.HandleError as error:
            code = 0 if "another process" in str(error) else 2
        seeds = ketch.run(small, shots=50).seed
        with ketch.Engine(threads=2) as fresh:
            fresh.run(heavy, timeout=0.02)
            assert sum(fresh.run(small, shots=50).counts.values()) == 50
        os._exit(code)
    assert os.waitpid(child, 0)[1] == 0, trial
if when == "during":
    engine.stop()
    thread.join()
assert engine.run(small).status == "OK"
print("good")
"""
)


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_a_child_refuses_the_parents_engine_and_makes_its_own(when: str, script: Script) -> None:
    _good(script(FORK.format(when=when, trials=trials(5, 200)), timeout=300))


def test_a_child_never_waits_for_its_parents_memory(script: Script) -> None:
    """Other threads of the parent hold the arena's lock at most of the forks."""
    text = f"""
    import gc, os, random, signal, threading, time
    import ketch
    circuit = ketch.Circuit(8, 8).h(range(8)).measure_all()
    engine = ketch.Engine(threads=1)
    over = False
    def work():
        own = ketch.Engine(threads=1, arena=engine.arena)
        while not over:
            own.run(circuit)
            engine.arena.trim()
    threads = [threading.Thread(target=work) for _ in range(2)]
    [thread.start() for thread in threads]
    kept = [engine.run(circuit, shots=50) for _ in range(5)]
    arena = engine.arena
    for trial in range({trials(12, 300)}):
        time.sleep(random.random() * 0.002)
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            code = sum(kept[0].counts.values()) != 50
            try:
                arena.stats
                code = 2
            except ketch.HandleError:
                pass
            assert repr(arena) == "Arena(of another process)" and arena.trim() == 0
            kept.clear()
            gc.collect()
            os._exit(code)
        assert os.waitpid(child, 0)[1] == 0, trial
    over = True
    [thread.join() for thread in threads]
    print("good")
    """
    _good(script(text, timeout=300))


def test_parent_and_child_draw_different_seeds(script: Script) -> None:
    text = """
    import os, ketch
    circuit = ketch.Circuit(1)
    seeds = [ketch.run(circuit).seed]
    for _ in range(3):
        out, into = os.pipe()
        if os.fork() == 0:
            os.write(into, b"%d" % ketch.run(circuit).seed)
            os._exit(0)
        seeds += [int(os.read(out, 99)), ketch.run(circuit).seed]
    assert len(set(seeds)) == 7, seeds
    print("good")
    """
    _good(script(text))


def test_a_child_can_read_a_result_of_its_parent(script: Script) -> None:
    text = """
    import os, signal, threading, ketch
    from ketch import _locks
    result = ketch.run(ketch.Circuit(1, 1).x(0).measure(0, 0))
    held, forked = threading.Event(), threading.Event()
    def hold():
        with _locks._making[0]:
            held.set()
            forked.wait()
    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        os._exit(result.counts != {"1": 1})
    forked.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
    print("good")
    """
    _good(script(text))


@pytest.mark.parametrize(
    "ending", ["", "raise SystemExit(0)", "import sys; sys.exit()", "del ketch, engine"]
)
def test_the_process_ends_while_a_daemon_thread_runs(ending: str, script: Script) -> None:
    text = HEAVY + (
        "import threading, time\n"
        "engine = ketch.Engine(threads=2)\n"
        "threading.Thread(target=engine.run, args=(heavy,), daemon=True).start()\n"
        "while not engine.running: time.sleep(0.001)\n"
        "print('good', flush=True)\n" + ending
    )
    for _ in range(trials(2, 50)):
        _good(script(text, timeout=20))


def test_the_process_ends_while_a_daemon_thread_is_in_a_hook(script: Script) -> None:
    text = HEAVY + (
        "import threading, time\n"
        "engine = ketch.Engine(threads=2)\n"
        "arguments = dict(hook=lambda step: None, hook_seconds=0.001)\n"
        "run = lambda: engine.run(heavy, **arguments)\n"
        "threading.Thread(target=run, daemon=True).start()\n"
        "while not engine.running: time.sleep(0.001)\n"
        "time.sleep(0.05)\n"
        "print('good', flush=True)\n"
    )
    for _ in range(trials(3, 50)):
        _good(script(text, timeout=20))


def test_the_process_ends_with_arrays_alive(script: Script) -> None:
    _good(
        script(
            """
            import ketch
            psi = ketch.run(ketch.Circuit(16).h(0)).state
            q = ketch.ket("00").H(0)
            a = q.amplitudes
            engine = ketch.Engine(threads=2)
            r = engine.run(ketch.Circuit(16).h(0))
            print("good")
            """
        )
    )


def test_a_subinterpreter_runs_and_ends(script: Script) -> None:
    if importlib.util.find_spec("_xxsubinterpreters") is None:
        pytest.skip("this Python has no module _xxsubinterpreters")
    text = """
    import _xxsubinterpreters as interpreters
    import ketch
    run = "import ketch; assert ketch.run(ketch.Circuit(16).h(range(16))).status == 'OK'"
    for _ in range(3):
        inner = interpreters.create()
        interpreters.run_string(inner, run)
        interpreters.destroy(inner)
        exec(run)
    print("good")
    """
    _good(script(text))


def test_an_uncaught_exception_of_a_hook_ends_the_program(script: Script) -> None:
    done = script(HEAVY + "def hook(step): raise ValueError('mine')\nketch.run(heavy, hook=hook)\n")
    assert done.returncode == 1
    assert done.stderr.strip().endswith("ValueError: mine")


def test_the_command_is_the_c_main(script: Script) -> None:
    done = script(
        """
        import runpy, sys
        sys.argv = ["ketch", "--version"]
        runpy.run_module("ketch", run_name="__main__")
        """
    )
    assert done.returncode == 0, done.stderr
