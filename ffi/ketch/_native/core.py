"""The library itself, arenas, engines, stop tokens."""

from __future__ import annotations

from itertools import count, takewhile
from typing import Any

from .._ketch import ffi, lib
from .base import call, fields, places, struct, text
from .handles import NULL, ArenaHandle, EngineHandle, TokenHandle

THREADS_MAX: int = lib.KETCH_THREADS_MAX
DOUBLE: int = lib.KETCH_DOUBLE
SINGLE: int = lib.KETCH_SINGLE


def version() -> str:
    """The version of the C library."""
    return text(lib.ketch_version())


def kernels_name(kernels: int) -> str:
    """The word for a kernel set, as "avx2"; "?" for a number that is none."""
    return text(lib.ketch_kernels_name(kernels))


KERNELS = {kernels_name(i): i for i in takewhile(lambda i: kernels_name(i) != "?", count())}


# ---- arenas

_arena_place = places("arena")


def arena_create(memory: int, clear: bool) -> ArenaHandle:
    """An arena with that budget in bytes; 0: what this process may use. clear: as in Arena."""
    place: ArenaHandle = _arena_place()
    options = struct("ketch_arena_options")
    options.memory, options.clear = memory, clear
    call(lib.ketch_arena_create, place, options)
    return place


def arena_stats(arena: ArenaHandle) -> dict[str, Any]:
    """The fields of ketch_arena_stats, and what each tag uses and used at most."""
    stats = struct("ketch_arena_stats")
    call(lib.ketch_arena_get_stats, stats, arena[0])
    found = fields(stats) | {"tag_used": {}, "tag_peak": {}}
    tag = struct("ketch_arena_tag")
    for index in range(found.pop("tags")):
        call(lib.ketch_arena_get_tag, tag, arena[0], index)
        found["tag_used"][text(tag.name)] = tag.used
        found["tag_peak"][text(tag.name)] = tag.peak
    return found


def arena_trim(arena: ArenaHandle) -> int:
    """Gives unused memory back to the system; how many bytes."""
    return int(lib.ketch_arena_trim(arena[0]))


# ---- engines


_engine_place = places("engine")


def engine_create(
    threads: int, kernels: int, arena: ArenaHandle | None, memory: int
) -> EngineHandle:
    """An engine; zeros and None: C chooses."""
    place: EngineHandle = _engine_place()
    options = struct("ketch_engine_options")
    options.threads, options.kernels, options.memory = threads, kernels, memory
    options.arena = arena[0] if arena else NULL
    call(lib.ketch_engine_create, place, options)
    return place


def engine_info(engine: EngineHandle) -> dict[str, int]:
    """The fields of ketch_engine_info."""
    info = struct("ketch_engine_info")
    call(lib.ketch_engine_get_info, info, engine[0])
    return fields(info)


def engine_stop(engine: EngineHandle) -> None:
    """Asks the run that the engine carries to end."""
    lib.ketch_engine_stop(engine[0])


def engine_arena(engine: EngineHandle) -> ArenaHandle:
    """The engine's arena, with a reference of its own."""
    place: ArenaHandle = _arena_place()
    lib.ketch_py_share_arena(place, lib.ketch_engine_arena(engine[0]))
    return place


# ---- stop tokens


def token_new() -> TokenHandle:
    """A clear stop token."""
    token: TokenHandle = ffi.new("ketch_stop *")
    return token


def token_set(token: TokenHandle) -> None:
    """Asks the run that checks it to end."""
    lib.ketch_stop_set(token)


def token_clear(token: TokenHandle) -> None:
    """Makes it usable again."""
    lib.ketch_stop_clear(token)


def token_read(token: TokenHandle) -> bool:
    """Whether it is set."""
    return bool(lib.ketch_stop_read(token))
