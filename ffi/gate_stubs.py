"""Writes ketch/_gates.pyi, which tells type checkers of the gate methods, from the table of gates.

Use: python ffi/gate_stubs.py
"""

from collections.abc import Iterator
from pathlib import Path

TABLE = Path(__file__).parent / "ketch" / "_gate_table.py"
STUB = TABLE.with_name("_gates.pyi")
HEAD = '''"""Written by ffi/gate_stubs.py from _gate_table.py."""

from typing_extensions import Self

from ._arguments import Qubits
from ._gate_methods import Angles
from ._native.circuits import Recorder

'''


def method(name: str, meaning: str, arguments: list[str]) -> str:
    """The stub of a method; arguments as "name: type"."""
    return f'{head(name, ["self", *arguments])}        """{meaning}"""\n\n'


def head(name: str, arguments: list[str]) -> str:
    """Its first lines, as the formatter breaks them."""
    line = ", ".join(arguments)
    for start, end in (("", ""), ("\n        ", "\n    ")):
        text = f"    def {name}({start}{line}{end}) -> Self:\n"
        if max(map(len, text.splitlines())) <= 100:
            return text
    each = "".join(f"        {one},\n" for one in arguments)
    return f"    def {name}(\n{each}    ) -> Self:\n"


def stub() -> str:
    """The whole file."""
    table: dict[str, object] = {"__name__": "table"}
    exec(compile(TABLE.read_text(), TABLE, "exec"), table)
    return "".join(parts(table["GATES"], table["CIRCUIT_ALIASES"], table["KET_ALIASES"]))


def parts(gates: object, aliases: object, ket_aliases: object) -> Iterator[str]:
    """Its pieces, in order."""
    yield HEAD + "class CircuitGates(Recorder):\n"
    for gate in gates:  # type: ignore[attr-defined]
        angles = [f"{name}: Angles" for name in gate.angles]
        qubits = [f"{name}: Qubits" for name in gate.qubits]
        yield method(gate.name, gate.meaning, angles + qubits)
    yield from same(aliases)
    yield "\nclass KetGates(Recorder):\n"
    for gate in gates:  # type: ignore[attr-defined]
        angles = [f"{name}: float" for name in gate.angles]
        qubits = [f"{name}: int" for name in gate.qubits]
        yield method(gate.ket_name, gate.meaning, angles + qubits)
    yield from same(ket_aliases)


def same(aliases: object) -> Iterator[str]:
    """Further names of methods."""
    for alias, name in aliases.items():  # type: ignore[attr-defined]
        yield f"    {alias} = {name}\n"


if __name__ == "__main__":
    STUB.write_text(stub())
