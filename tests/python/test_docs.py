"""Docstrings and the README: examples run, sections are there, types hold."""

import doctest
import inspect
import pydoc
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest

import ketch
from ketch import glia

ROOT = Path(__file__).parent.parent.parent
PUBLIC = {name: getattr(ketch, name) for name in ketch.__all__}
PUBLIC |= {f"glia.{name}": getattr(glia, name) for name in glia.__all__}
PUBLIC |= {f"glia.viz.{name}": getattr(glia.viz, name) for name in glia.viz.__all__}
MODULES = {"ketch": ketch, "glia": glia}
DOCUMENTED = {
    name: thing
    for name, thing in PUBLIC.items()
    if type(thing) is type or inspect.isfunction(thing) or name.endswith("Options")
}


def _members() -> Iterator[tuple[str, object]]:
    """Public functions, and public methods and properties of public classes."""
    for name, thing in DOCUMENTED.items():
        if inspect.isfunction(thing):
            yield name, thing
            continue
        for base in thing.__mro__:
            if base.__module__.startswith("ketch"):
                for member, value in vars(base).items():
                    function = getattr(value, "__func__", value)
                    known = inspect.isfunction(function) or isinstance(function, property)
                    if known and not member.startswith("_"):
                        yield f"{name}.{member}", function


MEMBERS = dict(_members())


@pytest.mark.parametrize("name", [*MODULES, *DOCUMENTED])
def test_examples_run(name: str) -> None:
    thing = MODULES.get(name) or DOCUMENTED[name]
    finder = doctest.DocTestFinder(recurse=name not in MODULES, exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    with numpy.printoptions(legacy=False):
        for test in finder.find(thing, name, module=False, globs=dict(MODULES)):
            runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_there_are_examples() -> None:
    texts = [inspect.getdoc(thing) or "" for thing in [*DOCUMENTED.values(), *MEMBERS.values()]]
    assert sum(">>>" in text for text in texts) >= 20


@pytest.mark.parametrize("name", [*DOCUMENTED, *MEMBERS])
def test_everything_public_is_documented(name: str) -> None:
    thing = DOCUMENTED.get(name) or MEMBERS[name]
    text = inspect.getdoc(thing)
    assert text and text[0].strip(), name
    if inspect.isfunction(thing):
        own = [p for p in inspect.signature(thing).parameters if p != "self" and p != "cls"]
        section = re.search(r"\nParameters\n-{10}\n(.*?)(\n\n[A-Z]\w+\n-+\n|\Z)", text, re.S)
        told = re.findall(r"^\*{0,2}(\w[\w, ]*?)(?: :|$)", section[1], re.M) if section else []
        names = [word for line in told for word in line.split(", ")]
        assert names == own, name


def test_what_returns_and_raises_says_so() -> None:
    for name, thing in MEMBERS.items():
        if inspect.isfunction(thing) and re.search(r"Circuit\.|Engine\.(run|arun|apply|res)", name):
            assert "\nReturns\n-------\n" in (inspect.getdoc(thing) or ""), name
    for name in ("Engine.run", "Engine.state", "Circuit.unitary", "Circuit.measure", "State.inner"):
        assert "\nRaises\n------\n" in (inspect.getdoc(MEMBERS[name]) or ""), name


# ---- help()

# Lines of a page, which is what one screen is taken for.
SCREEN = 66


def _help(thing: object) -> list[str]:
    """The lines that help() prints."""
    return pydoc.plain(pydoc.render_doc(thing)).splitlines()


def test_help_begins_with_a_guide() -> None:
    guide = (ketch.__doc__ or "").splitlines()
    assert 20 <= len(guide) <= 60
    shown = _help(ketch)
    assert "Quantum circuits on state vectors" in shown[3]
    begin = shown.index("DESCRIPTION")
    assert max(shown.index(f"    {line}") for line in guide if "Where to look" in line) - begin < 60


def test_the_guide_names_every_type_that_is_an_alias() -> None:
    """help() of an alias tells of its parts only."""
    aliases = [n for n in PUBLIC if n not in DOCUMENTED and n.split(".")[-1][0].isupper()]
    words = set(re.findall(r"\w+", ketch.__doc__ or ""))
    words |= {f"glia.{name}" for name in re.findall(r"\w+", glia.__doc__ or "")}
    assert len(aliases) >= 10 and set(aliases) - {"Array"} <= words
    assert {name for name in words if hasattr(ketch, name)} >= {"Circuit", "Engine", "RunOptions"}


@pytest.mark.parametrize("name", [*DOCUMENTED, *MEMBERS])
def test_help_is_one_screen(name: str) -> None:
    """All of help() of a function; of a class, what stands before the list of its members."""
    thing = DOCUMENTED.get(name) or MEMBERS[name]
    is_class = isinstance(thing, type) or name.endswith("Options")
    lines = (inspect.getdoc(thing) or "").splitlines() if is_class else _help(thing)
    assert 1 <= len(lines) <= SCREEN
    assert max(map(len, lines[3:]), default=0) <= 100
    assert is_class or "ketch._" not in "".join(_help(thing)[:3])


# ---- the README


def _blocks() -> str:
    """All its Python, as one program."""
    text = (ROOT / "README.md").read_text()
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def test_the_readmes_python_runs() -> None:
    done = subprocess.run([sys.executable, "-c", _blocks()], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "0.707106781186548|00> 0.707106781186548|11>" in done.stdout


def _mypy(program: str, folder: Path) -> str:
    """What mypy --strict says of a program that uses the installed package."""
    pytest.importorskip("mypy", reason="mypy, which checks types, is not installed")
    (folder / "program.py").write_text(program)
    command = [sys.executable, "-m", "mypy", "--strict", str(folder / "program.py")]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout


def test_the_readmes_python_passes_mypy(tmp_path: Path) -> None:
    assert _mypy(_blocks(), tmp_path).startswith("Success"), _mypy(_blocks(), tmp_path)


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.name)
def test_the_examples_pass_mypy(path: Path, tmp_path: Path) -> None:
    assert _mypy(path.read_text(), tmp_path).startswith("Success"), _mypy(
        path.read_text(), tmp_path
    )


def test_mypy_knows_the_options_of_runs(tmp_path: Path) -> None:
    good = """
import numpy
import ketch

def hook(step: ketch.Step) -> bool:
    return step.done > 3

def asked(values: ketch.Values, seed: ketch.Seed) -> ketch.Observable:
    return "norm"

circuit = ketch.Circuit(2).h([0, 1]).rx(ketch.Parameter("a"), 0).controlled("x", 0, controls=[1])
engine = ketch.Engine(threads=1)
result = engine.run(circuit, values={"a": 1.0}, seed=numpy.random.default_rng(), hook=hook)
result = engine.run(circuit, values=[1], precision=numpy.complex64, observe=["norm", [0], {0: 1}])
state: ketch.State = engine.state(2, precision="complex64")
engine.apply(circuit, state, values=[1.0], hook_every=3)
engine.resume(result, timeout=1.0, stop=ketch.Stop())
engine.prepare(circuit).run([0.5], shots=None)
a, w = ketch.Parameter("a"), ketch.Parameters("w", 2)
factor: float = (2 * a - 1).factor
circuit.ry(w, [0, 1]).ry(w[:1], 0).rz(-(w[0] - a) / 2 + 0.1, 1).rx([a, 0.5], [0, 1])
engine.run(circuit, values={a: 1.0, w: [0.1, 0.2]})
engine.run(circuit, values={"a": 1.0, "w": numpy.array([0.1, 0.2])})
engine.run(circuit.bind({w: [0.1, 0.2]}).bind({w[0]: 0.1}), values=numpy.array([0.1]))
register: ketch.ket = ketch.ket("00").RX(theta=0.5, qubit=0).CNOT(0, 1)
amplitudes = numpy.asarray(state)
op: ketch.PauliSum = 2 * ketch.PauliSum({"XZ": 0.5, "ZZ": -1}) @ ketch.PauliSum("IX") + 1
asks: list[ketch.Observable] = [op, ketch.Variance(op), ketch.Probabilities(0), ketch.Norm()]
result = engine.run(circuit, observe=[*asks, {"XX": 1}, {(0, "Y"): 0.5}, "norm", [1]])
mean: float = state.expectation({(0, 1): 0.5}) + state.variance(op) + register.expectation("XX")
terms: list[tuple[ketch.PauliString, complex]] = list(op)
wires, angles = numpy.arange(2), numpy.array([0.1, 0.2])
circuit.h(wires).rx(angles, wires).gates(["rx", "rx"], wires, angles).barrier(wires).barrier([0, 1])
circuit.controlled("x", 0, controls=1).mcx(wires[1:], 0).unitary(numpy.eye(2), 0, controls={1: 0})
circuit.append(circuit, wires).permutation(numpy.array([1, 0]), 0).reset(wires)
engine.run(circuit, values=numpy.array([0.1]), observe=[wires, numpy.array([1])])
engine.run(circuit, values=0.5)
engine.prepare(circuit).run(1)
zs: dict[int, float] = {0: 1.0}
pairs: dict[tuple[int, ...], float] = {(0, 1): 0.5}
labels: dict[str, numpy.float64] = {"XX": numpy.float64(1)}
sparse: dict[tuple[tuple[int, str], ...], complex] = {((0, "X"), (1, "Z")): 1}
engine.run(circuit, observe=[zs, pairs, labels, sparse, {0: 1, (0, 1): 0.5}, {"XX": 1}])
probabilities: float = float(state.probabilities(wires)[0]) + state.expectation(pairs)
many: ketch.Array = angles
one: ketch.Qubits = wires
under: ketch.Controls = {0: 1}
numbers: ketch.Numbers = [1.0]
includes: ketch.Includes = {"a.inc": b""}
ketch.Circuit.from_qasm_file("a.qasm", include_path=["lib"], includes=includes)
"""
    assert _mypy(good, tmp_path).startswith("Success"), _mypy(good, tmp_path)
    bad = """
import ketch
engine, circuit = ketch.Engine(), ketch.Circuit(1)
engine.run(circuit, shot=3)
engine.run(circuit, shots="3")
engine.resume(engine.run(circuit), shots=3)
ketch.run(circuit, hook=3)
ketch.ket("0").RX("a", 0)
circuit.rx(0.5)
"""
    said = _mypy(bad, tmp_path)
    for line in range(4, 10):
        assert f"program.py:{line}: error" in said, said
