"""The package's own laws: what imports what, who touches C, what is public."""

import ast
import inspect
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import ketch

PACKAGE = Path(ketch.__file__).parent
FILES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}


def _imports(name: str) -> Iterator[str]:
    """Modules of the package that a module imports, at any place in it: functions and blocks for
    the type checker count, too."""
    home = name.split(".") if name.endswith("_native") else name.split(".")[:-1]
    for node in ast.walk(ast.parse(FILES[name].read_text())):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        start = home[: len(home) - node.level + 1]
        module = [*start, node.module] if node.module else start
        for alias in node.names:
            whole = ".".join([*module, alias.name])
            yield whole if whole in FILES else ".".join(module)


GRAPH = {name: set(_imports(name)) - {name} for name in FILES}


def test_the_graph_is_not_empty() -> None:
    assert {"_errors", "_native.base"} <= GRAPH["_native.core"] | {"_errors"}
    assert sum(map(len, GRAPH.values())) > 100


def test_no_module_imports_itself_by_way_of_others() -> None:
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join([*above[above.index(name) :], name])
        if name not in done:
            for other in sorted(GRAPH.get(name, ())):
                visit(other, (*above, name))
            done.add(name)

    for name in GRAPH:
        visit(name, ())


def test_only_native_touches_ffi_and_lib() -> None:
    for name, others in GRAPH.items():
        if not name.startswith("_native"):
            assert "_ketch" not in others, name


# What an import of ketch may load beside NumPy: dataclasses brings inspect and its tools,
# which some versions of NumPy have loaded.
LOADED = {"__future__", "array", "atexit", "bisect", "copy", "errno", "threading", "weakref"}
LOADED |= {"dataclasses", "dis", "importlib", "inspect", "linecache", "opcode", "token", "tokenize"}


def test_import_loads_little_beside_numpy(script: Callable[..., Any]) -> None:
    done = script(
        """
        import sys, numpy
        before = set(sys.modules)
        import ketch
        print(*{name.partition(".")[0] for name in set(sys.modules) - before})
        """
    )
    loaded = {name for name in done.stdout.split() if not name.startswith("_") or name in LOADED}
    assert done.stderr == "" and "ketch" in loaded
    assert loaded - {"ketch"} <= LOADED


def test_public_names_live_in_ketch() -> None:
    for name in ketch.__all__:
        thing = getattr(ketch, name)
        if type(thing) is type or inspect.isfunction(thing):
            assert thing.__module__ == "ketch", name
            assert thing.__qualname__ == name


def test_nothing_else_is_public() -> None:
    for name, thing in vars(ketch).items():
        if not name.startswith("_") and not isinstance(thing, ModuleType):
            assert name in ketch.__all__, name
    assert sorted(ketch.__all__) == sorted(set(ketch.__all__))


MADE_BY_USERS = {ketch.Arena, ketch.Circuit, ketch.Engine, ketch.Pool, ketch.Stop, ketch.ket}
MADE_BY_USERS |= {ketch.Parameter, ketch.ParameterExpression, ketch.Parameters}
MADE_BY_USERS |= {ketch.PauliSum, ketch.Norm, ketch.Probabilities, ketch.Variance}


def _annotations(thing: object) -> Iterator[tuple[str, str]]:
    """Names of functions and the annotations that they show."""
    members = vars(thing).items() if inspect.isclass(thing) else [("", thing)]
    for name, member in members:
        function = member.fget if isinstance(member, property) else member
        function = getattr(function, "__func__", function)
        made = name == "__init__" and thing in MADE_BY_USERS
        if inspect.isfunction(function) and (made or not name.startswith("_")):
            for annotation in function.__annotations__.values():
                yield f"{thing}.{name}", str(annotation)


KNOWN = set(ketch.__all__) | {
    *(
        "Any",
        "ArrayLike",
        "Axes",
        "DTypeLike",
        "Future",
        "Iterable",
        "Iterator",
        "Mapping",
        "NDArray",
        "None",
        "NoReturn",
    ),
    *("PathLike", "Self", "Sequence", "Unpack", "bool", "bytes", "complex", "dict", "float"),
    *("int", "list", "numpy", "object", "range", "str", "tuple", "Figure", "Literal", "SubFigure"),
}


@pytest.mark.parametrize("name", [n for n in ketch.__all__ if not n.endswith("Options")])
def test_types_in_public_signatures_are_public(name: str) -> None:
    for where, annotation in _annotations(getattr(ketch, name)):
        tree = ast.parse(annotation, mode="eval")
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                assert node.id in KNOWN, where


def test_the_compiled_module_exports_its_initialiser_alone() -> None:
    from ketch import _ketch

    listed = ["nm", "-D", "--defined-only", "--format=posix", str(_ketch.__file__)]
    lines = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["PyInit__ketch"]
