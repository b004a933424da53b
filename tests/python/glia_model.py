"""The rules of a tick, written as plainly as they are told: what networks are compared with."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy

F = numpy.float32
ZERO = F(0)


@dataclass
class Cell:
    """A neuron. Every number is a float32, and every operation rounds to one."""

    id: str
    threshold: F
    leak: F
    resting: F
    value: F
    delta: F = ZERO
    on_deck: F = ZERO
    fired: bool = False
    targets: dict[str, F] = field(default_factory=dict)


class Model:
    """A network."""

    def __init__(self) -> None:
        self.sensory: list[Cell] = []
        self.others: list[Cell] = []

    @property
    def cells(self) -> list[Cell]:
        """All of them in tick order."""
        return self.sensory + self.others

    def find(self, id: str) -> Cell | None:
        """The neuron of that id."""
        return next((cell for cell in self.cells if cell.id == id), None)

    def add_neuron(self, id: str, threshold: float, leak: float, resting: float) -> None:
        """Adds a neuron, or sets one."""
        cell = self.find(id)
        if cell is None:
            cell = Cell(id, F(threshold), F(leak), F(resting), F(resting))
            (self.sensory if id.startswith("S") else self.others).append(cell)
        cell.threshold, cell.leak, cell.resting = F(threshold), F(leak), F(resting)
        cell.value = cell.resting

    def add_synapse(self, source: str, target: str, weight: float) -> None:
        """Adds a synapse, or sets one."""
        cell = self.find(source)
        assert cell is not None and self.find(target) is not None
        cell.targets[target] = F(weight)

    def inject(self, id: str, amount: float) -> None:
        """Injects into a sensory neuron."""
        cell = self.find(id)
        if cell in self.sensory:
            cell.on_deck = F(cell.on_deck + F(amount))

    def step(self) -> None:
        """One tick."""
        with numpy.errstate(all="ignore"):
            for cell in self.cells:
                self._tick(cell)

    def _tick(self, cell: Cell) -> None:
        cell.fired = False
        incoming, cell.delta, cell.on_deck = cell.delta, cell.on_deck, F(0)
        kept = F(cell.leak * cell.value)
        cell.value = F(kept + incoming)
        if cell.value < 0:
            cell.value = F(0)
        if cell.value > cell.threshold:
            cell.fired, cell.value = True, cell.resting
            for id, weight in cell.targets.items():
                target = self.find(id)
                assert target is not None
                target.on_deck = F(target.on_deck + weight)

    def fired(self) -> list[str]:
        """The ids of those that fired in the last tick."""
        return [cell.id for cell in self.cells if cell.fired]

    def values(self) -> bytes:
        """The bits of all voltages."""
        return numpy.array([cell.value for cell in self.cells], F).tobytes()
