"""One neuron of a network."""

from __future__ import annotations

import numpy

from .._errors import RangeError, failed
from .._native import glia
from ._arguments import single
from ._neurons import Neurons


class Neuron:
    """One neuron, made by `Network.get_neuron`. It keeps its network alive, and reads and sets it.

    Attributes
    ----------
    id : str
        Its id.

    Examples
    --------
    >>> neuron = glia.Network(1).get_neuron("S0")
    >>> neuron.threshold = 90
    >>> neuron.get_threshold(), neuron.value, neuron.did_fire()
    (90.0, 70.0, False)
    """

    __slots__ = ("_network", "id")

    def __init__(self, network: Neurons, id: str) -> None:
        self._network = network
        self.id = id

    def _get(self, field: int) -> float:
        number = self._network._number(self.id)
        return float(glia.get_field(self._network._handle, field, number, 1)[0])

    def _set(self, name: str, field: int, value: float) -> None:
        number = self._network._number(self.id)
        values = numpy.array([single(name, value)], numpy.float32)
        try:
            glia.set_field(self._network._handle, field, number, values)
        except RangeError as error:
            what = f"{name} out of range"
            raise failed(error.status, name, value, error.allowed, what) from None

    @property
    def value(self) -> float:
        """The voltage."""
        return self._get(glia.VALUE)

    @property
    def threshold(self) -> float:
        """It fires when its voltage exceeds this."""
        return self._get(glia.THRESHOLD)

    @threshold.setter
    def threshold(self, threshold: float) -> None:
        self._set("threshold", glia.THRESHOLD, threshold)

    @property
    def leak(self) -> float:
        """The factor that the voltage keeps in a tick."""
        return self._get(glia.LEAK)

    @leak.setter
    def leak(self, leak: float) -> None:
        self._set("leak", glia.LEAK, leak)

    @property
    def resting(self) -> float:
        """The voltage after a spike. Setting it sets the voltage, too."""
        return self._get(glia.RESTING)

    @resting.setter
    def resting(self, resting: float) -> None:
        self._set("resting", glia.RESTING, resting)

    def get_id(self) -> str:
        """Its id.

        Returns
        -------
        str
        """
        return self.id

    def get_value(self) -> float:
        """The voltage.

        Returns
        -------
        float
        """
        return self.value

    def get_threshold(self) -> float:
        """The threshold.

        Returns
        -------
        float
        """
        return self.threshold

    def get_leak(self) -> float:
        """The factor that the voltage keeps in a tick.

        Returns
        -------
        float
        """
        return self.leak

    def get_resting(self) -> float:
        """The voltage after a spike.

        Returns
        -------
        float
        """
        return self.resting

    def set_threshold(self, threshold: float) -> None:
        """Set the threshold.

        Parameters
        ----------
        threshold : float
            It fires when its voltage exceeds this.
        """
        self.threshold = threshold

    def set_leak(self, leak: float) -> None:
        """Set the leak.

        Parameters
        ----------
        leak : float
            The factor that the voltage keeps in a tick.
        """
        self.leak = leak

    def set_resting(self, resting: float) -> None:
        """Set the resting value, and the voltage with it.

        Parameters
        ----------
        resting : float
            The voltage after a spike.
        """
        self.resting = resting

    def did_fire(self) -> bool:
        """Whether it fired in the last tick.

        Returns
        -------
        bool
        """
        network = self._network
        return network._number(self.id) in glia.fired(network._handle, len(network._ids()))

    def __repr__(self) -> str:
        numbers = f"threshold {self.threshold:g}, leak {self.leak:g}, resting {self.resting:g}"
        return f"Neuron({self.id!r}, value {self.value:g}, {numbers})"
