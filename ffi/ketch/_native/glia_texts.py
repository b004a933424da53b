"""Texts of networks and sequences: read and written."""

from __future__ import annotations

from typing import Any, NamedTuple

from .._ketch import ffi, lib
from .base import Pointer, call, struct, text
from .glia import decode
from .handles import NULL, NetHandle, SequenceHandle


class Reading(NamedTuple):
    """How a text is read: whether strictly, the name for messages, the seed, the most parts."""

    strict: bool
    path: bytes | None
    seed: int
    limit: int


class _Told:
    """What a reading left out, and what an interrupt left behind."""

    def __init__(self) -> None:
        self.skipped: list[tuple[int, int, str, str]] = []
        self.failure: BaseException | None = None


def _interrupted(kind: object, exception: BaseException, traceback: Any) -> None:
    user = traceback.tb_frame.f_locals.get("user") if traceback is not None else None
    if user is not None:
        ffi.from_handle(user).failure = exception


@ffi.def_extern(name="ketch_py_skipped", onerror=_interrupted)  # type: ignore[untyped-decorator]
def _skipped(line: int, column: int, found: Pointer, why: Pointer, user: Pointer) -> None:
    told: _Told = ffi.from_handle(user)
    told.skipped.append((line, column, decode(ffi.string(found)), text(why)))


def _read(function: Any, thing: Pointer, data: bytes, how: Reading) -> _Told:
    options, told = struct("ketch_glia_read_options"), _Told()
    user, path = ffi.new_handle(told), NULL
    if how.path is not None:
        path = ffi.new("char[]", how.path)
    options.strict, options.path, options.seed, options.limit = (
        how.strict,
        path,
        how.seed,
        how.limit,
    )
    options.skipped, options.user = ffi.addressof(lib, "ketch_py_call_skipped"), user
    call(function, thing, data, len(data), options)
    if told.failure is not None:
        raise told.failure
    return told


def net_read(net: NetHandle, data: bytes, how: Reading) -> list[tuple[int, int, str, str]]:
    """Adds a text to a network; what was left out: line, column, what was found, why."""
    return _read(lib.ketch_py_glia_read, net[0], data, how).skipped


def sequence_read(
    sequence: SequenceHandle, data: bytes, how: Reading
) -> list[tuple[int, int, str, str]]:
    """Replaces a sequence's events by a text's; what was left out."""
    return _read(lib.ketch_py_glia_sequence_read, sequence[0], data, how).skipped


def _write(function: Any, thing: Pointer, exact: bool) -> bytes:
    written, capacity = ffi.new("size_t *"), 4096
    while True:
        buffer = ffi.new("char[]", capacity)
        call(function, buffer, capacity, written, thing, int(exact))
        if written[0] < capacity:
            return bytes(ffi.buffer(buffer, written[0]))
        capacity = written[0] + 1


def net_write(net: NetHandle, exact: bool) -> bytes:
    """A network's text."""
    return _write(lib.ketch_glia_write, net[0], exact)


def sequence_write(sequence: SequenceHandle, exact: bool) -> bytes:
    """A sequence's text."""
    return _write(lib.ketch_glia_sequence_write, sequence[0], exact)
