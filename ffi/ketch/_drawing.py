"""Circuits drawn as text."""

from __future__ import annotations

import sys

from ._arguments import whole


class Drawing(str):
    """A picture in characters, which an interactive session shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def columns(width: int | None) -> int:
    """How many columns a picture may have; None: as many as the terminal has."""
    if width is None:
        import shutil

        return shutil.get_terminal_size().columns
    return whole("width", width, "1..2^31 - 1, 0 for no folding, or None", 0)


def shows_boxes() -> bool:
    """Whether standard output can show box-drawing characters."""
    try:
        "\u250c\u2588\u03c0".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
