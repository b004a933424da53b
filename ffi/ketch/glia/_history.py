"""What a training tells: scores of episodes, numbers of each epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._optional import optional


@dataclass
class EpisodeMetrics:
    """The score of one episode.

    Attributes
    ----------
    winner_id : str
        The output that won; "" or the detector's default_id where none did.
    margin : float
        The highest rate of an output less the second one; 0 with fewer than two outputs.
    rates : dict
        The rates of all outputs by id. They and the margin are float32 numbers.
    ticks_run : int
        How many ticks the episode had.
    """

    winner_id: str = ""
    margin: float = 0.0
    rates: dict[str, float] = field(default_factory=dict)
    ticks_run: int = 0


NUMBERS = "accuracy", "margin", "lr", "synapses"


class History(dict[str, list[Any]]):
    """The numbers of each epoch: lists by name, which are attributes, too.

    Attributes
    ----------
    accuracy : list of float
        The share of episodes whose winner was the target, each before the update that followed.
    margin : list of float
        The mean margin of these episodes.
    lr : list of float
        The learning rate.
    synapses : list of int
        How many synapses there were at the end.
    loss : list of float
        Of a fit, the mean loss of these episodes; of a training it is empty.
    status : str
        "OK", or why the training ended before its time: "STOPPED" or "TIMEOUT".

    Examples
    --------
    >>> history = glia.History()
    >>> history.accuracy is history["accuracy"], history.status
    (True, 'OK')
    """

    def __init__(self, epochs: Iterable[Mapping[str, Any]] = (), status: str = "OK") -> None:
        super().__init__({name: [] for name in (*NUMBERS, "loss")})
        self.status = status
        for epoch in epochs:
            self.add(epoch)

    def add(self, epoch: Mapping[str, Any]) -> None:
        """Add an epoch.

        Parameters
        ----------
        epoch : mapping
            Its numbers by name.
        """
        for name in NUMBERS:
            self[name].append(epoch[name])
        if "loss" in epoch:
            self.loss.append(epoch["loss"])

    @property
    def accuracy(self) -> list[float]:
        """The accuracy of each epoch."""
        return self["accuracy"]

    @property
    def margin(self) -> list[float]:
        """The margin of each epoch."""
        return self["margin"]

    @property
    def lr(self) -> list[float]:
        """The learning rate of each epoch."""
        return self["lr"]

    @property
    def synapses(self) -> list[int]:
        """How many synapses there were at the end of each epoch."""
        return self["synapses"]

    @property
    def loss(self) -> list[float]:
        """The mean loss of each epoch of a fit; empty for a training."""
        return self["loss"]

    def to_dataframe(self) -> Any:
        """A pandas.DataFrame with a row for each epoch.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        ImportError
            Where pandas is not installed.
        """
        pandas = optional("pandas", "a DataFrame")
        names = (*NUMBERS, "loss") if self.loss else NUMBERS
        return pandas.DataFrame({name: self[name] for name in names})

    def __repr__(self) -> str:
        count = len(self.accuracy)
        last = f", accuracy {self.accuracy[-1]:.4g}, margin {self.margin[-1]:.4g}" if count else ""
        return f"History({count} epoch{'' if count == 1 else 's'}{last}, {self.status})"
