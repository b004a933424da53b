"""Saved runs: from result to file to result, in other processes, on other threads, to the same
bits; and files that are refused."""

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy
import pytest

import ketch
from conftest import figure
from ketch._saved import note_of, read_note

Script = Callable[..., "CompletedProcess[str]"]
QUBITS = 16


def _long(qubits: int = QUBITS, layers: int = 12) -> ketch.Circuit:
    circuit = ketch.Circuit(qubits)
    for layer in range(layers):
        circuit.rx(0.1 + layer, range(qubits)).rzz(0.2, range(qubits - 1), range(1, qubits))
        circuit.cx(range(0, qubits - 1, 2), range(1, qubits, 2))
    return circuit


def _dynamic() -> ketch.Circuit:
    circuit = ketch.Circuit(3, 3).h(0).measure(0, 0).h(0).measure(0, 1)
    with circuit.condition("c", 1):
        circuit.x(1)
    return circuit.cx(0, 2).measure(2, 2)


def _ansatz() -> ketch.Circuit:
    a, b = ketch.Parameter("a"), ketch.Parameter("b")
    return ketch.Circuit(6).ry(2 * a, range(6)).rzz(b, range(5), range(1, 6)).rx(a, range(6))


CASES: dict[str, tuple[Callable[[], ketch.Circuit], dict[str, Any]]] = {
    "plain": (_long, {}),
    "single": (_long, {"precision": "single"}),
    "fences": (_long, {"hook_every": 50}),
    "observed": (_long, {"observe": ["norm", [0, 3], {(0, 1): 0.5, 2: 1}]}),
    "shots": (lambda: _long(10).measure_all(), {"shots": 1000, "seed": 5}),
    "dynamic": (_dynamic, {"shots": 40, "seed": 7}),
    "once": (_dynamic, {"seed": 7}),
    "values": (_ansatz, {"values": [0.3, 0.7]}),
    "text": (
        lambda: ketch.Circuit.from_qasm(
            'OPENQASM 2.0; include "qelib1.inc"; qreg q[3]; creg c[3]; h q; measure q -> c;'
        ),
        {"seed": 1},
    ),
}
for _, _options in CASES.values():
    _options.setdefault("seed", 1)
EACH = pytest.mark.parametrize("name", CASES)


def _outcome(result: ketch.Result) -> tuple[Any, ...]:
    state = b""
    if not (result.shots and result._planned.measures):
        state = result.state.tobytes()
    observed = [numpy.asarray(one).tobytes() for one in result.observed]
    return state, result.bits.tobytes(), result.counts, observed, result.shots, result.seed


@EACH
def test_a_run_that_ended_is_loaded_as_it_was(
    name: str, engine: ketch.Engine, tmp_path: Path
) -> None:
    make, options = CASES[name]
    result = engine.run(make(), **options)
    result.save(tmp_path / "run")
    with ketch.Engine(threads=1) as other:
        again = other.load(tmp_path / "run")
        assert again.status == "OK" and again.position == result.position
        assert _outcome(again) == _outcome(result)
        assert other.resume(again).status == "OK"
        assert _outcome(other.load(tmp_path / "run", make()))[:3] == _outcome(result)[:3]


@EACH
@pytest.mark.parametrize("when", [0, 1, 7])
def test_a_run_that_stopped_goes_on_to_the_same_bits(
    name: str, when: int, engine: ketch.Engine, tmp_path: Path
) -> None:
    make, options = CASES[name]
    straight = engine.run(make(), **options)
    stop, calls = ketch.Stop(), []
    if when == 0:
        stop.set()

    def hook(step: ketch.Step) -> bool:
        calls.append(step.done)
        return len(calls) == when

    options = options | ({"hook_every": options.get("hook_every", 5)} if when else {})
    if when:
        straight = engine.run(make(), **options)
    result = engine.run(make(), **options, stop=stop, hook=hook)
    result.save(tmp_path / "run")
    before = result.position
    with ketch.Engine(threads=3) as other:
        again = other.load(tmp_path / "run")
        assert again.status == result.status and again.position == before
        assert _outcome(other.resume(again)) == _outcome(straight)


def test_a_run_saves_itself_where_it_stops_and_ends(engine: ketch.Engine, tmp_path: Path) -> None:
    path, circuit = tmp_path / "run", _long()
    straight = engine.run(circuit, hook_every=20)
    done: list[int] = []

    def hook(step: ketch.Step) -> bool:
        done.append(step.done)
        return step.fence and len(done) >= 3

    result = engine.run(circuit, hook_every=20, hook=hook, save=path)
    assert result.stopped and ketch.saved(path).done == result.position.done
    assert result.report.saves == 1
    again = engine.resume(engine.load(path), save=str(path))
    assert again.state.tobytes() == straight.state.tobytes()
    seen = ketch.saved(path)
    assert seen.ended and seen.done == seen.total == len(circuit)
    assert engine.load(path).state.tobytes() == straight.state.tobytes()


def test_every_way_to_run_saves(engine: ketch.Engine, tmp_path: Path) -> None:
    import asyncio

    circuit, path = _long(4, 2), tmp_path / "run"
    state = engine.run(circuit).state.tobytes()
    ways: list[Callable[[], object]] = [
        lambda: engine.run(circuit, save=path),
        lambda: engine.prepare(circuit).run(save=path, save_every=1.0),
        lambda: engine.apply(circuit, engine.state(4), save=path),
        lambda: ketch.run(circuit, save=os.fspath(path)),
        lambda: asyncio.run(engine.arun(circuit, save=path)),
    ]
    for way in ways:
        way()
        assert engine.load(path).state.tobytes() == state
        path.unlink()


def test_the_next_run_is_not_saved(engine: ketch.Engine, tmp_path: Path) -> None:
    path = tmp_path / "run"
    engine.run(_long(4), save=path, save_every=10)
    path.unlink()
    engine.run(_long(4))
    assert not path.exists()


def test_an_adopted_state_is_loaded_into_memory_of_its_own(
    engine: ketch.Engine, tmp_path: Path
) -> None:
    array = numpy.zeros(16, complex)
    array[0] = 1
    engine.apply(_long(4, 2), engine.adopt(array), save=tmp_path / "run")
    again = engine.load(tmp_path / "run")
    assert (again.state == array).all()
    array[:] = 0
    assert again.state.any()


def test_saved_tells_what_a_file_is(engine: ketch.Engine, tmp_path: Path) -> None:
    circuit = _long(4, 2)
    engine.run(circuit).save(tmp_path / "run")
    found = ketch.saved(tmp_path / "run")
    assert found.ended and found.done == found.total == len(circuit)
    assert found.library == ketch.__version__
    assert found.bytes == (tmp_path / "run").stat().st_size
    assert found.circuit is not None and len(found.circuit) == len(circuit)
    assert ketch.run(found.circuit).state.tobytes() == ketch.run(circuit).state.tobytes()


def test_a_circuit_that_grew_since_is_saved_as_it_was_run(
    engine: ketch.Engine, tmp_path: Path
) -> None:
    circuit = ketch.Circuit(2, 1).h(0).measure(0, 0)
    result = engine.run(circuit, seed=1)
    circuit.x(1).add_register("more", 2).measure(1, 2).rx(ketch.Parameter("a"), 0)
    result.save(tmp_path / "run")
    again = engine.load(tmp_path / "run")
    assert _outcome(again) == _outcome(result)
    found = ketch.saved(tmp_path / "run").circuit
    assert found is not None and (len(found), found.bits, found.parameters) == (2, 1, ())


# ---- what is refused


def test_files_that_are_none_of_ours_are_refused(engine: ketch.Engine, tmp_path: Path) -> None:
    result = engine.run(ketch.Circuit(2).h(0))
    path = tmp_path / "other"
    path.write_text("a letter to my mother")
    for call in (lambda: result.save(path), lambda: engine.load(path), lambda: ketch.saved(path)):
        with pytest.raises(ketch.FileError) as caught:
            call()
        assert caught.value.status == "FORMAT" and isinstance(caught.value, ValueError)
    assert path.read_text() == "a letter to my mother"
    result.save(path, force=True)
    assert engine.load(path).state.size == 4


def test_files_that_are_not_there_have_their_errno(engine: ketch.Engine, tmp_path: Path) -> None:
    result = engine.run(ketch.Circuit(2).h(0))
    for call in (
        lambda: engine.load(tmp_path / "none"),
        lambda: ketch.saved(tmp_path / "none"),
        lambda: result.save(tmp_path / "none" / "run"),
    ):
        with pytest.raises(OSError) as caught:
            call()
        assert isinstance(caught.value, ketch.FileError)
        assert (caught.value.status, caught.value.errno) == ("IO", errno.ENOENT)


def test_a_run_that_cannot_write_stops_and_can_go_on(engine: ketch.Engine, tmp_path: Path) -> None:
    circuit = _long()
    straight = engine.run(circuit).state.tobytes()
    with pytest.raises(ketch.FileError) as caught:
        engine.run(circuit, save=tmp_path / "none" / "run")
    assert caught.value.errno == errno.ENOENT
    left = engine.interrupted
    if left is not None:
        assert engine.resume(left, save=tmp_path / "run").state.tobytes() == straight
    assert engine.run(circuit).state.tobytes() == straight


@pytest.mark.parametrize("way", ["flip", "cut"])
def test_damaged_files_are_refused(way: str, engine: ketch.Engine, tmp_path: Path) -> None:
    path = tmp_path / "run"
    engine.run(_long(6, 2)).save(path)
    good = path.read_bytes()
    refused = 0
    for place in range(0, len(good), max(1, len(good) // 60)):
        data = bytearray(good)
        if way == "flip":
            data[place] ^= 1 << place % 8
        else:
            del data[place:]
        path.write_bytes(data)
        with pytest.raises(ketch.FileError) as caught:
            engine.load(path)
        assert caught.value.status in ("FORMAT", "VERSION", "CORRUPT"), caught.value
        refused += 1
    assert refused > 50


def test_another_circuit_or_kernel_set_is_refused(engine: ketch.Engine, tmp_path: Path) -> None:
    path = tmp_path / "run"
    engine.run(_long(6, 2)).save(path)
    with pytest.raises(ketch.RangeError) as caught:
        engine.load(path, _long(6, 3))
    assert caught.value.status == "MISMATCH"
    if engine.kernels != "scalar":
        with ketch.Engine(kernels="scalar") as other, pytest.raises(ketch.RangeError) as caught:
            other.load(path)
        assert caught.value.status == "MISMATCH" and "scalar" in str(caught.value)


def test_options_of_saving_are_checked(engine: ketch.Engine, tmp_path: Path) -> None:
    circuit = ketch.Circuit(1)
    cases: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"save": 5}, TypeError, "save of a wrong type"),
        ({"save": ""}, ketch.RangeError, "save"),
        ({"save": "a\0b"}, ketch.RangeError, "save"),
        ({"save_every": 1.0}, ketch.RangeError, "save_every.*None without save"),
        ({"save": tmp_path / "run", "save_every": 0}, ketch.RangeError, "save_every"),
        ({"save": tmp_path / "run", "save_every": "1"}, TypeError, "save_every"),
    ]
    for options, kind, words in cases:
        with pytest.raises(kind, match=words):
            engine.run(circuit, **options)
    assert not (tmp_path / "run").exists()
    with pytest.raises(TypeError, match="path"):
        engine.load(5)  # type: ignore[arg-type]


def test_a_note_keeps_the_circuit_and_refuses_what_it_cannot_read() -> None:
    for make, _ in CASES.values():
        circuit = make()
        note = note_of(circuit._recorded(), 5, 7, [0, 4])
        again = read_note(note)
        assert again.circuit is not None and again[1:] == (5, 7, [0, 4])
        assert again.circuit.__getstate__() == json.loads(json.dumps(circuit.__getstate__()))
    assert read_note(b"").circuit is read_note(b"OPENQASM 2.0;").circuit is None
    for wrong, status in ((b'{"ketch":2}', "VERSION"), (b'{"ketch":1}', "CORRUPT"),
                          (b'{"ketch":1,"circuit":{"format":1},"shots":1}', "CORRUPT"),
                          (b'{"ketch":', "CORRUPT")):  # fmt: skip
        with pytest.raises(ketch.FileError) as caught:
            read_note(wrong)
        assert caught.value.status == status


# ---- another process

PROGRAM = """
import sys
import ketch
circuit = ketch.Circuit(20)
for layer in range(60):
    circuit.rx(0.1 + layer, range(20)).rzz(0.2, range(19), range(1, 20))
    circuit.cx(range(0, 19, 2), range(1, 20, 2))
"""


def _hash(threads: int, what: str) -> str:
    """The hash of a state that a program of its own computes."""
    text = PROGRAM + textwrap.dedent(
        f"""
        import hashlib
        with ketch.Engine(threads={threads}) as engine:
            {what}
            print(hashlib.sha256(result.state.tobytes()).hexdigest())
        """
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_killed_run_goes_on_in_another_process(tmp_path: Path) -> None:
    path = tmp_path / "run"
    straight = _hash(1, "result = engine.run(circuit)")
    text = PROGRAM + f"ketch.Engine(threads=2).run(circuit, save={str(path)!r}, save_every=0.01)\n"
    process = subprocess.Popen([sys.executable, "-c", text])
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    found = ketch.saved(path)
    figure(
        "P30",
        "of a run was done when it was killed and loaded",
        100 * found.done / found.total,
        "%",
    )
    resumed = _hash(3, f"result = engine.resume(engine.load({str(path)!r}))")
    assert resumed == straight
    assert (
        hashlib.sha256(
            ketch.Engine(threads=2).resume(ketch.Engine().load(path)).state.tobytes()
        ).hexdigest()
        == straight
    )


def test_a_run_that_the_command_saved_is_loaded(engine: ketch.Engine, tmp_path: Path) -> None:
    text = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[3]; creg c[3]; h q; measure q -> c;'
    (tmp_path / "circuit.qasm").write_text(text)
    command = [sys.executable, "-m", "ketch", "run", "circuit.qasm", "--shots", "100"]
    command += ["--seed", "5", "--save", "run"]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)
    result = engine.load(tmp_path / "run")
    straight = engine.run(ketch.Circuit.from_qasm(text), shots=100, seed=5)
    assert result.counts == straight.counts and (result.shots, result.seed) == (100, 5)
    straight.save(tmp_path / "run")
    command = [sys.executable, "-m", "ketch", "resume", str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "was saved by a program" in done.stderr


def test_ctrl_c_leaves_a_file(tmp_path: Path, script: Script) -> None:
    path = tmp_path / "run"
    # Long enough that the signal finds it running.
    done = script(
        PROGRAM.replace("range(60)", "range(1500)")
        + textwrap.dedent(
            f"""
            import os, signal, threading, time
            engine = ketch.Engine(threads=2)
            def interrupt():
                while not engine.running: time.sleep(0.001)
                os.kill(os.getpid(), signal.SIGINT)
            threading.Thread(target=interrupt).start()
            try:
                engine.run(circuit, save={str(path)!r})
            except KeyboardInterrupt:
                print(engine.interrupted.position == engine.load({str(path)!r}).position)
            """
        )
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert not ketch.saved(path).ended
