"""Recorded traces of tests/glia/traces.txt, which tells its own form."""

import struct
from pathlib import Path

PATH = Path(__file__).parent.parent / "glia" / "traces.txt"


def number(digits: str) -> float:
    """A float32 by its bits."""
    (found,) = struct.unpack(">f", bytes.fromhex(digits))
    return float(found)


def traces() -> dict[str, list[list[str]]]:
    """The lines of each network, in words."""
    found: dict[str, list[list[str]]] = {}
    lines: list[list[str]] = []
    for line in PATH.read_text().splitlines():
        words = line.split()
        if line.startswith("net "):
            lines = found[words[1]] = []
        elif words and not line.startswith("#"):
            lines.append(words)
    return found
