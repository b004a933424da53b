"""The command line, written in C."""

import os
from collections.abc import Sequence

from .._ketch import ffi, lib


def main(arguments: Sequence[str]) -> int:
    """Runs it; arguments begin with the program's name. Returns the exit code."""
    words = [ffi.new("char[]", os.fsencode(word)) for word in arguments]
    return int(lib.ketch_cli(len(words), ffi.new("char *[]", [*words, ffi.NULL])))
