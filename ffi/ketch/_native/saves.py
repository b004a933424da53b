"""Saved runs: written by results and by runs, looked at, loaded."""

from __future__ import annotations

from typing import Any

from .._ketch import ffi, lib
from .base import call, fields, places, struct, text
from .handles import (
    NULL,
    CircuitHandle,
    CostsHandle,
    EngineHandle,
    ProgramHandle,
    ResultHandle,
    SavedHandle,
)
from .programs import create_with
from .runs import UNKNOWN, Frame

_saved_place = places("saved")
_table_place = places("cost_table")


def save(result: ResultHandle, path: bytes, note: bytes, force: bool) -> None:
    """Writes a result to a file, with a note."""
    call(lib.ketch_result_save, result, path, note, len(note), int(force))


def open_saved(path: bytes) -> SavedHandle:
    """A saved run, to be looked at."""
    place: SavedHandle = _saved_place()
    call(lib.ketch_saved_open, place, path)
    return place


def info(saved: SavedHandle) -> dict[str, Any]:
    """The fields of ketch_saved_info."""
    place = struct("ketch_saved_info")
    call(lib.ketch_saved_get_info, place, saved[0])
    found = fields(place)
    total = None if found["total"] == UNKNOWN else found["total"]
    return found | {"type": text(place.type), "library": text(place.library), "total": total}


def note(saved: SavedHandle) -> bytes:
    """The note; empty where there is none."""
    pointer, size = lib.ketch_saved_note(saved[0]), info(saved)["note_size"]
    return bytes(ffi.buffer(pointer, size)) if pointer else b""


def program(
    saved: SavedHandle, circuit: CircuitHandle, arena: int
) -> tuple[ProgramHandle, list[float]]:
    """The program of a saved run, made of its circuit in the arena at that address, and the values
    that it was bound to."""
    options, count = struct("ketch_program_options"), ffi.new("uint64_t *")
    call(lib.ketch_circuit_saved, options, NULL, 0, count, saved[0])
    table: CostsHandle = _table_place()
    call(lib.ketch_circuit_saved_costs, table, saved[0])
    options.cost_table = table[0]
    values = ffi.new("double[]", count[0])
    call(lib.ketch_circuit_saved, NULL, values, len(values), NULL, saved[0])
    options.arena = ffi.cast("ketch_arena *", arena)
    return create_with(circuit, options), list(values)


def load(frame: Frame, engine: EngineHandle, program: ProgramHandle, path: bytes) -> None:
    """Loads a saved run of that program into a frame's place."""
    call(lib.ketch_circuit_load, frame.place, engine[0], program[0], path)
