"""What a drawing shows of each instruction, and in which column: the part of a drawing that is the
same for any canvas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import pi
from typing import Any, NamedTuple, Protocol

from ._gate_table import GATES

LABEL_MAX = 28  # characters of a label; longer ones are cut


class Drawable(Protocol):
    """An instruction, as far as a drawing needs it."""

    @property
    def name(self) -> str:
        """The gate's name."""

    @property
    def angles(self) -> Sequence[object]:
        """Numbers or parameters."""

    @property
    def qubits(self) -> Sequence[int]:
        """Its own qubits; of a gate like cx the controls first."""

    @property
    def bits(self) -> Sequence[int]:
        """The bit that a measurement writes."""

    @property
    def letters(self) -> str | None:
        """Of a Pauli rotation."""

    @property
    def controls(self) -> Mapping[int, int]:
        """Further controls and the value of each."""

    @property
    def condition(self) -> tuple[int, int, int] | None:
        """First bit, count, value."""


class Part(NamedTuple):
    """What a condition says of one register: the register's place among them, and a text."""

    register: int
    text: str


class Shape(NamedTuple):
    """What is drawn of an instruction.

    kind: "box"; "flip" (a circled plus); "swap" (crosses); "dots", where the gate is symmetric in
    controls and targets; "measure", "barrier", "fence"; "phase", which has no place. gate: the name
    without controls, by which colours are chosen. detail: a second line, the angles. marks: what
    is written beside each target, where there are several.
    """

    kind: str
    gate: str
    label: str
    detail: str
    targets: tuple[int, ...]
    marks: Sequence[str]
    controls: dict[int, int]
    bits: tuple[int, ...]
    condition: list[Part]

    @property
    def qubits(self) -> list[int]:
        """All of its qubits in rising order."""
        return sorted({*self.targets, *self.controls})


# Other labels are the name with a capital letter.
_LABELS = {
    **{"id": "I", "sdg": "S†", "tdg": "T†", "sx": "√X", "sxdg": "√X†", "iswap": "iSwap"},
    **{
        "pauli_rotation": "R",
        "ecr": "ECR",
        "rccx": "RCCX",
        "rc3x": "RC3X",
        "reset": "|0⟩",
        "fence": "fence",
    },
}
# Gates under controls of their own, and the gate that is controlled. rccx and rc3x are not among
# them: they act on their controls, too.
_UNDER = {
    **{"cx": "x", "cy": "y", "cz": "z", "ch": "h", "cs": "s", "csdg": "sdg", "csx": "sx"},
    **{"crx": "rx", "cry": "ry", "crz": "rz", "cu1": "u1", "cp": "p", "cu3": "u3", "cu": "u"},
    **{"cswap": "swap", "ccx": "x", "ccz": "z", "c3x": "x", "c3sqrtx": "sx", "c4x": "x"},
}
_OWN_CONTROLS = {
    gate.name: sum(qubit.startswith("control") for qubit in gate.qubits)
    for gate in GATES
    if gate.name in _UNDER
}
_SYMMETRIC = {"z": "", "p": "P", "u1": "U1", "gphase": "P"}  # under controls


def shape(instruction: Drawable, qubits: int, registers: Sequence[range]) -> Shape:
    """What is drawn of an instruction, on a circuit of that many qubits and with the bits of these
    registers."""
    name, own = instruction.name, tuple(instruction.qubits)
    count = _OWN_CONTROLS.get(name, 0)
    gate = _UNDER.get(name, name)
    controls = dict.fromkeys(own[:count], 1) | dict(instruction.controls)
    targets = own[count:]
    if name in ("barrier", "fence"):
        targets = targets or tuple(range(qubits))
    kind = _kind(gate, targets, controls)
    condition = instruction.condition
    parts = condition_parts(condition, registers) if condition else []
    texts = _texts(kind, gate, instruction)
    marks = _marks(gate, instruction, len(targets))
    return Shape(kind, gate, *texts, targets, marks, controls, tuple(instruction.bits), parts)


def _kind(gate: str, targets: Sequence[int], controls: Mapping[int, int]) -> str:
    if gate in ("measure", "barrier", "fence", "swap"):
        return gate
    if gate == "x" and controls:
        return "flip"
    if (gate in _SYMMETRIC and controls) or (gate == "rzz" and not controls):
        return "dots"
    return "box" if targets else "phase"


def _texts(kind: str, gate: str, instruction: Drawable) -> tuple[str, str]:
    """The label and the line below it; a shape of dots has one line beside it."""
    angles = ", ".join(angle_text(angle) for angle in instruction.angles)
    if kind == "dots":
        label = "ZZ" if gate == "rzz" else _SYMMETRIC[gate]
        return "", cut(f"{label} ({angles})") if angles else ""
    if kind in ("flip", "swap", "measure", "barrier"):
        return "", ""
    return cut(_LABELS.get(gate) or gate[0].upper() + gate[1:]), cut(angles)


def _marks(gate: str, instruction: Drawable, count: int) -> Sequence[str]:
    """The number of each target; of a Pauli rotation its letters, of a multiplexer t for the target
    and the numbers of the selects."""
    if gate == "pauli_rotation" and instruction.letters:
        return instruction.letters
    numbers = [str(number) for number in range(count)]
    return ["t", *numbers[:-1]] if gate == "multiplexer" else numbers


def cut(text: str) -> str:
    """A text that is not too long."""
    return text if len(text) <= LABEL_MAX else text[: LABEL_MAX - 1] + "…"


# ---- angles


def angle_text(angle: Any) -> str:
    """An angle as a fraction of pi where it is one, to 12 digits; else to four digits. Parameters
    as they print, without spaces around the star."""
    if not isinstance(angle, float | int):
        return re.sub(r"(\d)\.0\b", r"\1", repr(angle)).replace(" * ", "*").replace("+ -", "- ")
    if angle == 0:
        return "0"
    for divisor in (1, 2, 3, 4, 5, 6, 8, 12, 16, 32, 64):
        times = round(angle * divisor / pi)
        if times and abs(times) < 100 and abs(times * pi / divisor / angle - 1) < 1e-12:
            return _fraction(times, divisor)
    return f"{angle:.4g}"


def _fraction(times: int, divisor: int) -> str:
    sign = "-" if times < 0 else ""
    factor = "" if abs(times) == 1 else str(abs(times))
    return f"{sign}{factor}π" + (f"/{divisor}" if divisor > 1 else "")


# ---- places


def columns(spans: Iterable[tuple[int, int]], rows: int) -> list[int]:
    """The column of each shape, given its first and last row: the first one in which these and all
    rows between are free, after the shapes before it."""
    free = [0] * rows
    found = []
    for first, last in spans:
        column = max(free[first : last + 1])
        free[first : last + 1] = [column + 1] * (last + 1 - first)
        found.append(column)
    return found


def runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Rows as runs of neighbours: the first and the last of each."""
    found: list[tuple[int, int]] = []
    for row in sorted(rows):
        if found and found[-1][1] == row - 1:
            found[-1] = found[-1][0], row
        else:
            found.append((row, row))
    return found


def condition_parts(condition: tuple[int, int, int], registers: Sequence[range]) -> list[Part]:
    """The registers that a condition reads, and the value that it wants of each."""
    first, count, value = condition
    found = []
    for place, register in enumerate(registers):
        low, high = max(first, register.start), min(first + count, register.stop)
        if low >= high:
            continue
        wanted = value >> (low - first)
        if high < first + count:  # the rest is of later registers
            wanted &= (1 << (high - low)) - 1
        found.append(Part(place, f"{_bits_text(low, high, register)}= {wanted}"))
    return found


def _bits_text(low: int, high: int, register: range) -> str:
    if high - low == len(register):
        return ""
    one, last = low - register.start, high - 1 - register.start
    return f"[{one}] " if one == last else f"[{one}..{last}] "
