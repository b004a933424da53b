"""Texts of circuits: how long they may be, and where they are read from."""

from __future__ import annotations

import os
import stat
from errno import EINVAL

from ._arguments import whole

# No text in memory is longer.
MOST = 2**62
_DEFAULT = 2**30


def check_limit(limit: int | None) -> int:
    """The most bytes that a text may have."""
    return _DEFAULT if limit is None else whole("text_limit", limit, "1..2^62", 1, MOST + 1)


def read(path: str | os.PathLike[str], limit: int) -> bytes:
    """The bytes of a regular file, but no more than one beyond the limit."""

    def open_at_once(name: str, flags: int) -> int:
        return os.open(name, flags | os.O_NONBLOCK)  # a pipe's other end is not waited for

    with open(path, "rb", opener=open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(EINVAL, "Not a regular file; give its text to from_qasm", os.fspath(path))
        return file.read(limit + 1)
