"""Circuits that were planned: their programs, and what results need to know of them."""

from __future__ import annotations

from ._native import programs
from ._native.base import address_of
from ._native.circuits import RANDOMNESS, Randomness
from ._native.handles import ProgramHandle
from ._parameter import Values, numbers_of
from ._recording import Recorded


class Planned:
    """A circuit's program, and the circuit as it stood. version: of the circuit, which changes with
    every addition. pointer: the program's, for C; address: of its place. The place may be empty
    until `complete`."""

    __slots__ = (
        "address",
        "draws",
        "measures",
        "parameters",
        "pointer",
        "program",
        "recorded",
        "spares",
        "version",
    )

    def __init__(
        self, program: ProgramHandle, randomness: Randomness, version: int, recorded: Recorded
    ) -> None:
        self.program = program
        self.pointer = program[0]
        self.address = address_of(program)
        self.version = version
        self.recorded = recorded
        self.parameters = recorded.parameters
        self.measures, self.draws = randomness
        self.spares: list[ProgramHandle] = []  # programs that were bound before, the oldest first

    @property
    def qubits(self) -> int:
        """How many qubits the circuit has."""
        return self.recorded.shape[0]

    @property
    def random(self) -> int:
        """What is random in it, for C."""
        return self.draws + 2 * self.measures

    def complete(self, random: int) -> bool:
        """Says that C has filled the place, or that it has failed to; gives which of the two."""
        self.pointer = self.program[0]
        self.measures, self.draws = RANDOMNESS[random]
        return bool(self.pointer)

    def bind(self, values: Values | None) -> ProgramHandle:
        """The program with these values, in the memory of one bound before where nothing holds it:
        the last result mostly still holds the last one."""
        numbers = numbers_of(self.parameters, () if values is None else values)
        try:
            spare = self.spares.pop(0) if len(self.spares) > 1 else None
        except IndexError:
            spare = None
        return programs.bind(spare, self.program, numbers)

    def keep(self, bound: ProgramHandle) -> None:
        """Keeps a bound program for the next bind."""
        if len(self.spares) < 4:
            self.spares.append(bound)
