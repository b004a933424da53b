"""Programs: circuits planned for a precision and a kernel set."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from .._ketch import ffi, lib
from .base import Pointer, address_of, call, fields, places, struct, whole_text
from .circuits import Draft, Randomness
from .handles import CircuitHandle, CostsHandle, ProgramHandle

_program_place = places("program")


def create(
    draft: Draft,
    precision: int,
    kernels: int,
    fence_every: int,
    costs: tuple[int, CostsHandle | None] = (0, None),
    *,
    arena: int,
    tile_bits: int = 0,
    run_bits: int = 0,
) -> tuple[ProgramHandle, Randomness]:
    """The program of a draft, which ends it, in the arena at that address, and what is
    random in it. costs: C's number, or a table. Tile sizes are for tests; 0: C chooses."""
    place: ProgramHandle = _program_place()
    options = options_of(precision, kernels, fence_every, costs, tile_bits, run_bits)
    return place, draft.plan(address_of(place), options.address, arena)


def new_place() -> ProgramHandle:
    """A place for C to put a program in."""
    place: ProgramHandle = _program_place()
    return place


class Options(NamedTuple):
    """A ketch_program_options without an arena, which nobody changes, its address, and the table
    that it names."""

    pointer: Pointer
    address: int
    table: CostsHandle | None = None


def options_of(
    precision: int,
    kernels: int,
    fence_every: int,
    costs: tuple[int, CostsHandle | None],
    tile_bits: int = 0,
    run_bits: int = 0,
) -> Options:
    """How to plan. costs: C's number, or a table."""
    number, table = costs
    numbers = precision, kernels, fence_every, number, tile_bits, run_bits
    if table is None:
        return _options(*numbers)
    options = _new_options(*numbers)
    options.cost_table = table[0]
    return Options(options, address_of(options), table)


def _new_options(
    precision: int, kernels: int, fence_every: int, costs: int, tile_bits: int, run_bits: int
) -> Pointer:
    """A ketch_program_options without an arena and a table of costs."""
    options = struct("ketch_program_options")
    options.precision, options.kernels, options.fence_every = precision, kernels, fence_every
    options.costs, options.tile_bits, options.run_bits = costs, tile_bits, run_bits
    return options


@lru_cache(maxsize=64)
def _options(*numbers: int) -> Options:
    """The same, with its address."""
    options = _new_options(*numbers)
    return Options(options, address_of(options))


def create_with(circuit: CircuitHandle, options: Pointer) -> ProgramHandle:
    """The circuit's program, with a ketch_program_options."""
    place: ProgramHandle = _program_place()
    call(lib.ketch_program_create, place, circuit[0], options)
    return place


def bind(
    old: ProgramHandle | None, program: ProgramHandle, values: Sequence[float]
) -> ProgramHandle:
    """The program bound to values, in the place of `old`, which nobody else may use then."""
    place: ProgramHandle = old or _program_place()
    numbers = ffi.from_buffer("double[]", array("d", values))
    call(lib.ketch_program_bind, place, program[0], numbers, len(values))
    return place


def info(program: ProgramHandle) -> dict[str, int]:
    """The fields of ketch_program_info."""
    found = struct("ketch_program_info")
    call(lib.ketch_program_get_info, found, program[0])
    return fields(found)


def randomness(program: ProgramHandle) -> Randomness:
    """What is random in it."""
    found = info(program)
    return Randomness(bool(found["measures"]), bool(found["draws"]))


def plan(program: ProgramHandle) -> str:
    """The plan as text for a person."""
    return whole_text(lib.ketch_program_plan, program[0])
