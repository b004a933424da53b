"""Files of texts, and what lenient reading leaves out."""

from __future__ import annotations

import os
import secrets
import stat
from typing import NamedTuple

from .._arguments import path_bytes, whole
from .._errors import wrong_type
from .._native.glia import encode
from .._native.glia_texts import Reading
from .._source import Path


class Skipped(NamedTuple):
    """A part of a text that lenient reading left out, or took for another.

    Attributes
    ----------
    line, column : int
        Its place, from 1, the column in bytes.
    found, why : str
        What is there, and what was done.
    """

    line: int
    column: int
    found: str
    why: str


def reading(strict: bool, path: Path | None, seed: int = 0) -> Reading:
    """How a text is read."""
    name = None if path is None else path_bytes("path", path)
    return Reading(bool(strict), name, whole("seed", seed, "0..2^64 - 1", 0, 2**64), 0)


def text_bytes(text: str | bytes) -> bytes:
    """A text for C."""
    if isinstance(text, bytes):
        return text
    if not isinstance(text, str):
        raise wrong_type("text", text, "str or bytes")
    return encode(text)


def write_file(path: Path, data: bytes) -> None:
    """Replaces a file as a whole: whatever happens, the old one or the new one is there."""
    path_bytes("path", path)
    place = os.path.realpath(path)
    if os.path.exists(place) and not os.path.isfile(place):
        with open(place, "wb") as device:
            device.write(data)
        return
    made = f"{place}.{os.getpid()}-{secrets.token_hex(4)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with open(made, "wb", opener=lambda name, _: os.open(name, flags, 0o666)) as file:
            file.write(data)
            file.flush()
            if os.path.exists(place):
                os.fchmod(file.fileno(), stat.S_IMODE(os.stat(place).st_mode))
            os.fsync(file.fileno())
        os.replace(made, place)
    except BaseException as error:
        if isinstance(error, OSError):
            error.filename = os.fspath(path)
        if os.path.exists(made):
            os.unlink(made)
        raise
