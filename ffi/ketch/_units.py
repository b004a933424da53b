"""Numbers with units, as reports print them."""

from __future__ import annotations


def seconds_text(seconds: float) -> str:
    """A time to three digits: "5.19 ms"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{_three(seconds / size)} {unit}"
    return f"{_three(seconds * 1e9)} ns"


def bytes_text(count: int) -> str:
    """A size to three digits: "402 MiB"."""
    size, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB", "PiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{_three(size)} {unit}"


def counted(count: int, word: str) -> str:
    """A count and what it counts: "1 step", "2 steps"."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def _three(number: float) -> str:
    return f"{number:.3g}" if number < 999.5 else f"{number:.0f}"
