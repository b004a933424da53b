"""Every class of bad input: the exception, its status, its text; and nothing has changed."""

import pickle
import re
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import ketch
from ketch import Circuit, Engine

QASM = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; '


def _many_shots_of_a_state() -> None:
    with Engine() as engine:
        circuit = Circuit(1, 1).measure(0, 0).h(0).measure(0, 0)
        engine.apply(circuit, engine.state("+"), shots=5)


def _deep() -> str:
    return QASM + "rx(" + "(" * 100000 + "1" + ")" * 100000 + ") q[0];"


def _doubling() -> str:
    gates = "gate g0 a { x a; x a; } "
    gates += " ".join(f"gate g{i} a {{ g{i - 1} a; g{i - 1} a; }}" for i in range(1, 60))
    return QASM + gates + " g59 q[0];"


CASES: list[tuple[str, Callable[[], object], type[Exception], str, list[str]]] = [
    ("qubits 0", lambda: Circuit(0), ValueError, "RANGE", ["0", "1..58"]),
    ("qubits -1", lambda: Circuit(-1), ValueError, "RANGE", ["-1", "1..58"]),
    ("qubits 64", lambda: Circuit(64), ValueError, "RANGE", ["64", "1..58", "index width"]),
    ("qubits 2^31", lambda: Circuit(2**31), ValueError, "RANGE", ["2147483648", "1..58"]),
    ("qubits float", lambda: Circuit(3.0), TypeError, "", ["float", "int"]),
    ("qubits bool", lambda: Circuit(True), TypeError, "", ["bool", "int"]),
    ("qubits text", lambda: Circuit("3"), TypeError, "", ["str", "int"]),
    ("qubits None", lambda: Circuit(None), TypeError, "", ["NoneType"]),
    ("bits -1", lambda: Circuit(1, -1), ValueError, "RANGE", ["-1"]),
    ("index n", lambda: Circuit(3).x(0).x(3), IndexError, "INDEX", ["gate 1", "3", "0..2"]),
    ("index -1", lambda: Circuit(3).h(-1), IndexError, "INDEX", ["gate 0", "-1", "0..2"]),
    ("index 2^32+1", lambda: Circuit(3).x(2**32 + 1), IndexError, "INDEX", ["4294967297", "0..2"]),
    ("index float", lambda: Circuit(3).x(1.0), TypeError, "", ["float"]),
    ("index bool", lambda: Circuit(3).x(True), TypeError, "", ["bool"]),
    ("index numpy bool", lambda: Circuit(3).x(numpy.bool_(1)), TypeError, "", ["bool"]),
    ("twice", lambda: Circuit(3).x(0).cx(1, 1), ValueError, "DUPLICATE", ["gate 1", "qubit 1"]),
    ("twice control", lambda: Circuit(3).controlled("x", 1, controls=[1]), ValueError, "DUPLICATE",
     ["1"]),
    ("too many targets", lambda: Circuit(7).unitary(numpy.eye(128), range(7)), ValueError, "RANGE",
     ["7", "6"]),
    ("gate name", lambda: Circuit(1).gates(["foo"], [0]), ValueError, "GATE", ["foo"]),
    ("gate number", lambda: Circuit(1).gates([9999], [0]), ValueError, "GATE", ["9999"]),
    ("arity", lambda: Circuit(1).controlled("rx", 0, controls=[]), ValueError, "ARITY", ["rx"]),
    ("gate measure", lambda: Circuit(1).gates(["measure"], [0]), ValueError, "GATE",
     ["measure is no plain gate"]),
    ("controlled fence", lambda: Circuit(1).controlled("fence", controls=[]), ValueError, "GATE",
     ["fence"]),
    ("tolerance", lambda: Circuit(1).unitary(numpy.eye(2), 0, tolerance=0), ValueError, "RANGE",
     ["tolerance", "above 0"]),
    ("arena and memory", lambda: Engine(arena=ketch.Arena(), memory="1 GiB"), ValueError,
     "MISMATCH", ["'1 GiB'", "None with an arena"]),
    ("many shots", lambda: ketch.run(Circuit(1, 1).measure(0, 0), shots=2**33), ValueError,
     "RANGE", ["shots", "8589934592", "1..2^32"]),
    ("shots of a state", lambda: _many_shots_of_a_state(), ValueError, "RANGE", ["None or 1"]),
    ("angles of many", lambda: Circuit(1).gates(["rx"], [0]), ValueError, "ARITY", ["angles"]),
    ("observe too much", lambda: ketch.run(Circuit(2), observe=[[0, 1, 0, 1]]), ValueError, "RANGE",
     ["4"]),
    ("nan", lambda: Circuit(1).x(0).rx(float("nan"), 0), ValueError, "NONFINITE",
     ["gate 1", "nan"]),
    ("inf", lambda: Circuit(1).u(0.1, float("inf"), 0.2, 0), ValueError, "NONFINITE",
     ["inf", "phi"]),
    ("angle text", lambda: Circuit(1).rx("1", 0), TypeError, "", ["angle", "str"]),
    ("not unitary", lambda: Circuit(1).unitary([[1, 1], [0, 1]], 0), ValueError, "UNITARY",
     ["1", "1e-10", "tolerance"]),
    ("matrix 3x3", lambda: Circuit(2).unitary(numpy.eye(3), [0, 1]), ValueError, "SHAPE",
     ["(3, 3)", "(4, 4)"]),
    ("matrix text", lambda: Circuit(1).unitary([["a", "b"], ["c", "d"]], 0), TypeError, "", []),
    ("diagonal modulus", lambda: Circuit(1).diagonal([1, 2], 0), ValueError, "UNITARY", ["1"]),
    ("bit", lambda: Circuit(2, 2).measure(0, 2), IndexError, "INDEX", ["2", "0..1"]),
    ("no bits", lambda: Circuit(2).measure(0, 0), IndexError, "INDEX", ["0"]),
    ("shots 0", lambda: ketch.run(Circuit(1), shots=0), ValueError, "RANGE", ["shots", "0"]),
    ("shots -1", lambda: ketch.run(Circuit(1), shots=-1), ValueError, "RANGE", ["shots", "-1"]),
    ("shots 2^63", lambda: ketch.run(Circuit(1), shots=2**63), ValueError, "RANGE", ["shots"]),
    ("shots float", lambda: ketch.run(Circuit(1), shots=1.0), TypeError, "", ["shots"]),
    ("seed -1", lambda: ketch.run(Circuit(1), seed=-1), ValueError, "RANGE", ["seed", "-1"]),
    ("seed 2^64", lambda: ketch.run(Circuit(1), seed=2**64), ValueError, "RANGE", ["seed"]),
    ("seed float", lambda: ketch.run(Circuit(1), seed=0.5), TypeError, "", ["seed"]),
    ("threads 0", lambda: Engine(threads=0), ValueError, "RANGE", ["threads", "0", "64"]),
    ("threads -1", lambda: Engine(threads=-1), ValueError, "RANGE", ["threads", "-1"]),
    ("threads 10^6", lambda: Engine(threads=10**6), ValueError, "RANGE", ["1000000", "64"]),
    ("threads bool", lambda: Engine(threads=True), TypeError, "", ["threads"]),
    ("kernels", lambda: Engine(kernels="sse"), ValueError, "RANGE", ["sse", "avx2", "neon"]),
    ("memory text", lambda: Engine(memory="many"), ValueError, "RANGE", ["many", "4 GiB"]),
    ("memory 0", lambda: Engine(memory=0), ValueError, "RANGE", ["memory", "0"]),
    ("arena", lambda: Engine(arena=3), TypeError, "", ["arena", "int"]),
    ("circuit", lambda: ketch.run("h 0"), TypeError, "", ["circuit", "str"]),
    ("option", lambda: ketch.run(Circuit(1), shot=3), TypeError, "", ["shot"]),
    ("syntax", lambda: Circuit.from_qasm("OPENQASM 2.0;\nqreg q[2]\nx q[0];"), ValueError, "SYNTAX",
     ["3:1", ";"]),
    ("syntax number", lambda: Circuit.from_qasm("OPENQASM 2.0; qreg 5[2];"), ValueError, "SYNTAX",
     ["1:20"]),
    ("syntax NUL", lambda: Circuit.from_qasm(b"OPENQASM 2.0;\0"), ValueError, "SYNTAX", ["1:14"]),
    ("syntax bytes", lambda: Circuit.from_qasm(b"OPENQASM 2.0; \xff\xfe"), ValueError, "SYNTAX",
     ["1:15"]),
    ("syntax end", lambda: Circuit.from_qasm(QASM + "gate f a { x a;"), ValueError, "SYNTAX", []),
    ("text gate", lambda: Circuit.from_qasm(QASM + "hh q[0];"), ValueError, "GATE", ["hh"]),
    ("text index", lambda: Circuit.from_qasm(QASM + "h q[2];"), IndexError, "INDEX", ["2"]),
    ("text literal", lambda: Circuit.from_qasm(QASM + "rx(1e99999999) q[0];"), ValueError,
     "LITERAL", ["1e99999999"]),
    ("text register", lambda: Circuit.from_qasm("OPENQASM 2.0; qreg q[4000000000];"), ValueError,
     "RANGE", ["4000000000"]),
    ("text depth", lambda: Circuit.from_qasm(_deep()), ValueError, "DEPTH", []),
    ("text expansion", lambda: Circuit.from_qasm(_doubling()), ValueError, "LIMIT", []),
    ("text limit", lambda: Circuit.from_qasm(QASM + "x q; x q;", limit=3), ValueError, "LIMIT",
     ["3"]),
    ("text include", lambda: Circuit.from_qasm('OPENQASM 2.0; include "../x";'), ValueError, "OFF",
     ["../x"]),
    ("text type", lambda: Circuit.from_qasm(5), TypeError, "", ["int"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "kind", "status", "words"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_bad_input_is_refused_with_the_given_and_the_allowed(
    call: Callable[[], object], kind: type[Exception], status: str, words: list[str]
) -> None:
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    for word in words:
        assert word in str(error)
    assert error.args == (str(error),)
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__, "two tracebacks for one error"
    assert isinstance(error, ketch.Error) is bool(status)
    if status:
        assert isinstance(error, ketch.Error) and error.status == status
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error) and str(again) == str(error)
        assert (again.given, again.line) == (error.given, error.line)
    if isinstance(error, ketch.QasmError):
        assert error.line and error.column
        assert str(error).startswith(f"{error.line}:{error.column}: ")


CS_WORDS = re.compile(r"ketch_\w+|\bNULL\b|resolver|params|_count\b|fence_every|0 \(for|or 0 for")


@pytest.mark.parametrize("call", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_errors_are_told_in_pythons_words(call: Callable[[], object]) -> None:
    with pytest.raises((ketch.Error, TypeError)) as caught:
        call()
    assert not CS_WORDS.search(str(caught.value))
    assert not CS_WORDS.search(getattr(caught.value, "argument", ""))


def test_a_circuit_too_big_for_memory_names_the_largest_that_fits() -> None:
    with Engine(memory="64 MiB") as engine:
        with pytest.raises(ketch.OutOfMemoryError) as caught:
            engine.run(Circuit(30).h(0))
        text = str(caught.value)
        assert isinstance(caught.value, MemoryError)
        assert "16 GiB" in text and "MiB" in text and "memory budget" in text
        assert "qubits that fits is 21" in text
        assert engine.arena.stats.held < 2**26
        assert engine.run(Circuit(10).x(0)).state[1] == 1
        assert engine.run(Circuit(20)).state[0] == 1


def test_amplitudes_that_are_no_state_are_refused() -> None:
    with Engine(threads=1) as engine:
        for start, kind in (
            ([0, 0], ketch.RangeError),
            ([0.5, 0], ketch.RangeError),
            ([float("nan"), 0], ketch.RangeError),
            ([1, 0, 0], ketch.RangeError),
            (["a", "b"], TypeError),
            ([[1, 0], [0, 1]], TypeError),
            ("0x", ketch.Error),
        ):
            with pytest.raises(kind):
                engine.state(start)
        state = engine.state(3)
        for call in (
            lambda: state.probabilities([3]),
            lambda: state.measure(-1),
            lambda: state.probabilities([0, 0]),
            lambda: state.sample(0),
            lambda: state.inner(engine.state(2)),
            lambda: state.inner(3),
        ):
            with pytest.raises((ketch.Error, TypeError)):
                call()
        assert state.amplitudes()[0] == 1


def test_every_status_has_its_class() -> None:
    from ketch._errors import BY_STATUS
    from ketch._native.base import status_name

    names = {status_name(number) for number in range(-400, 0)} - {"?"}
    assert len(names) >= 23 and names <= set(BY_STATUS)


def test_twelve_classes_that_are_built_in_ones_too() -> None:
    classes = [c for c in vars(ketch).values() if isinstance(c, type) and issubclass(c, Exception)]
    assert len(classes) == 12
    for one in classes:
        assert one is ketch.Error or issubclass(one, ketch.Error)
        above = {two for two in classes if issubclass(one, two)}
        related = {ketch.FileError} if one is ketch.MissingFileError else set()
        assert above == {one, ketch.Error} | related
        built_in = [base for base in one.__mro__ if base.__module__ == "builtins"]
        assert one is ketch.Error or built_in[0] is not Exception


def test_a_status_belongs_to_its_error() -> None:
    for call, status in ((lambda: Circuit(0), "RANGE"), (lambda: Circuit(1).cx(0, 0), "DUPLICATE")):
        with pytest.raises(ketch.RangeError) as caught:
            call()
        assert caught.value.status == status
    assert not hasattr(ketch.RangeError, "status")


def test_a_missing_file_is_a_file_not_found_error(tmp_path: Path) -> None:
    missing = tmp_path / "nofile"
    net, sequence = ketch.glia.Network(1).add_neuron("O0"), ketch.glia.InputSequence()
    calls: list[Callable[[], object]] = [
        lambda: ketch.Engine().load(missing),
        lambda: ketch.saved(missing),
        lambda: ketch.run(Circuit(1)).save(tmp_path / "nofolder" / "file"),
        lambda: net.load_run(missing),
        lambda: net.run(ticks=1).save(tmp_path / "nofolder" / "file"),
        lambda: ketch.glia.Trainer(net).resume(missing, [(sequence, "O0")]),
    ]
    for call in calls:
        with pytest.raises(FileNotFoundError, match=r"nofile|nofolder") as caught:
            call()
        assert isinstance(caught.value, ketch.MissingFileError) and caught.value.errno == 2
        again = pickle.loads(pickle.dumps(caught.value))
        assert (type(again), again.errno, str(again)) == (
            ketch.MissingFileError,
            2,
            str(caught.value),
        )
    plain: list[Callable[[], object]] = [
        lambda: Circuit.from_qasm_file(missing),
        lambda: ketch.glia.Network.from_file(missing),
        lambda: ketch.glia.load_sequence_file(missing),
        lambda: ketch.glia.load_dataset_from_directory(missing),
        lambda: ketch.glia.Dataset.from_files([missing], ["O0"]),
    ]
    for call in plain:
        with pytest.raises(FileNotFoundError):
            call()
    with pytest.raises(ketch.FileError) as other:
        ketch.Engine().load(tmp_path)
    assert not isinstance(other.value, FileNotFoundError)


def test_an_error_of_a_file_is_an_oserror_with_its_number() -> None:
    error = ketch.FileError("no room: given 5 bytes, allowed 0", "IO", errno=28, argument="path")
    again = pickle.loads(pickle.dumps(error))
    for it in (error, again):
        assert isinstance(it, OSError) and isinstance(it, ValueError)
        assert (it.errno, it.status, it.argument) == (28, "IO", "path")
        assert str(it) == "no room: given 5 bytes, allowed 0"
