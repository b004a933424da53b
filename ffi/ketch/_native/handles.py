"""Handles: a type for each kind, so that the type checker tells them apart. All but results,
tokens and views are places that hold C's pointer: `handle[0]`."""

from typing import Any, NewType

from .._ketch import ffi

BlockHandle = NewType("BlockHandle", ffi.CData)
ArenaHandle = NewType("ArenaHandle", ffi.CData)
EngineHandle = NewType("EngineHandle", ffi.CData)
CircuitHandle = NewType("CircuitHandle", ffi.CData)
ProgramHandle = NewType("ProgramHandle", ffi.CData)
StateHandle = NewType("StateHandle", ffi.CData)
ResultHandle = NewType("ResultHandle", ffi.CData)
TokenHandle = NewType("TokenHandle", ffi.CData)
SavedHandle = NewType("SavedHandle", ffi.CData)
CostsHandle = NewType("CostsHandle", ffi.CData)
ViewHandle = NewType("ViewHandle", ffi.CData)
NetHandle = NewType("NetHandle", ffi.CData)
SequenceHandle = NewType("SequenceHandle", ffi.CData)
TrainerHandle = NewType("TrainerHandle", ffi.CData)
PopulationHandle = NewType("PopulationHandle", ffi.CData)

NULL: Any = ffi.NULL
