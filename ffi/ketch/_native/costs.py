"""Costs of kernels: names of the library's own, and tables of the user's."""

from __future__ import annotations

from itertools import count, takewhile

from .._ketch import lib
from .base import call, places, text, whole_text
from .handles import CostsHandle

_table_place = places("cost_table")


def _name(costs: int) -> str:
    return text(lib.ketch_costs_name(costs))


# C's numbers by name: families of processors, and this machine's.
NAMES = {_name(i): i for i in takewhile(lambda i: _name(i) != "?", count(1))}
NAMES[_name(lib.KETCH_COSTS_HERE)] = lib.KETCH_COSTS_HERE


def parse(source: bytes) -> CostsHandle:
    """The table that a text describes."""
    place: CostsHandle = _table_place()
    call(lib.ketch_cost_table_parse, place, source, len(source))
    return place


def write(table: CostsHandle) -> str:
    """The table as a text."""
    return whole_text(lib.ketch_cost_table_text, table[0])
