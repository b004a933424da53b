"""What a network's methods share: its handle, its ids, its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy

from .._engines import engines
from .._errors import RangeError, failed, out_of_range, short, wrong_type
from .._locks import claim
from .._native import glia
from .._units import counted
from ._arguments import filled, names_list
from ._config import advice
from ._files import Skipped

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# The rules of a tick: those of GliaGL, to the bit, or those of leaky neurons with currents.
Mode: TypeAlias = Literal["compat", "clean"]
_MODES: tuple[Mode, ...] = ("compat", "clean")


def _has(mode: Mode, field: int) -> bool:
    return field != glia.DELTA if mode == "clean" else field <= glia.ON_DECK


class Neurons:
    """A network's neurons: their ids and their numbers in tick order."""

    __slots__ = ("__weakref__", "_handle", "_lock", "_names", "_numbers", "skipped")

    def _begin(self, mode: str, tau_e: float = 0.0, tau_i: float = 0.0) -> None:
        """Makes it a network without neurons. tau_e, tau_i: in ticks."""
        if mode not in glia.MODES:
            raise out_of_range("mode", mode, ", ".join(map(repr, glia.MODES)))
        self._handle = glia.net_create(engines().arena(), glia.MODES[mode], tau_e, tau_i)
        self._become()

    def _become(self) -> None:
        self._lock = Lock()
        self._names: list[str] | None = None
        self._numbers: dict[str, int] | None = None
        self.skipped: list[Skipped] = []

    def _known(self) -> dict[str, int]:
        """The number of each id. A caller must not change it."""
        numbers = self._numbers
        if numbers is None:
            with claim(self._lock, "network"):
                self._names = glia.ids(self._handle)
                numbers = self._numbers = {name: i for i, name in enumerate(self._names)}
        return numbers

    def _ids(self) -> list[str]:
        """All ids in tick order. A caller must not change it."""
        self._known()
        return self._names or []

    def _number(self, name: str, argument: str = "id") -> int:
        """The number of a neuron that must exist."""
        number = self._known().get(name)
        if number is not None:
            return number
        if not isinstance(name, str):
            raise wrong_type(argument, name, "str")
        allowed = f"ids of this network's {counted(len(self._known()), 'neuron')}"
        raise failed("INDEX", argument, short(name), allowed, "no such neuron")

    def _places(self, argument: str, names: Iterable[str]) -> NDArray[numpy.uint32]:
        """The numbers of neurons that must exist."""
        known = self._known()
        several = names_list(argument, names)
        try:
            return numpy.array([*map(known.__getitem__, several)], numpy.uint32)
        except KeyError:
            pass
        for name in several:
            self._number(name, argument)
        raise failed("BUSY", argument, "ids", "ids that stay", "neurons were added meanwhile")

    @property
    def neuron_ids(self) -> list[str]:
        """All ids in tick order."""
        return list(self._ids())

    @property
    def sensory_ids(self) -> list[str]:
        """The ids of sensory neurons, sorted as text: S10 before S2."""
        return sorted((name for name in self._ids() if name[:1] == "S"), key=glia.encode)

    @property
    def output_ids(self) -> list[str]:
        """The ids of outputs, in tick order."""
        return [name for name in self._ids() if name[:1] == "O"]

    @property
    def num_neurons(self) -> int:
        """How many neurons there are."""
        return glia.net_info(self._handle)["neurons"]

    @property
    def num_connections(self) -> int:
        """How many synapses there are."""
        return glia.net_info(self._handle)["synapses"]

    @property
    def mode(self) -> Mode:
        """The rules of a tick."""
        number = glia.net_info(self._handle)["mode"]
        return next(word for word in _MODES if glia.MODES[word] == number)

    @property
    def ticks(self) -> int:
        """How many ticks it has made."""
        return glia.net_info(self._handle)["ticks"]

    # ---- numbers of all neurons

    def view(self, name: str = "values") -> NDArray[numpy.float32]:
        """A number of all neurons, without a copy.

        Parameters
        ----------
        name : str
            Which: "values", "thresholds", "leaks" or "restings"; "on_deck", what acts in the next
            tick (compat: in the one after it, "delta" in the next one); of clean networks also
            "resets", "refractory" (ticks after a spike), "drives", "excitation", "inhibition" (the
            currents), "wait" (refractory ticks to come).

        Returns
        -------
        numpy.ndarray, shape (n,)
            float32, in tick order, read-only. The array never changes, and lives on without the
            network: what is done to the network later happens in other memory. The first tick after
            a view therefore costs a copy of the neurons; in a loop over ticks `get_state` is
            cheaper.

        Raises
        ------
        RangeError
            For a number that there is not.
        BusyError
            Where another thread uses the network.

        Examples
        --------
        >>> net = glia.Network(2)
        >>> before = net.view()
        >>> net.inject("S1", 20)
        >>> net.step(2)
        >>> before, net.view()
        (array([70., 70.], dtype=float32), array([70., 90.], dtype=float32))
        """
        try:
            return glia.view_field(self._handle, glia.FIELDS[name])
        except (KeyError, TypeError, RangeError):
            self._field(name)  # says more
            raise

    def set(self, name: str, numbers: ArrayLike) -> None:
        """Set a number of all neurons.

        Parameters
        ----------
        name : str
            As for `view`. Setting "restings" sets "values", too.
        numbers : array_like
            In tick order, or one for all.

        Raises
        ------
        RangeError
            For a number that there is not, another count, and what is not finite or not allowed.
        BusyError
            Where another thread uses the network.

        Examples
        --------
        >>> net = glia.Network.from_arrays(["A", "B"], [[0, 0], [0, 0]], thresholds=10)
        >>> net.set("drives", [1, 6])
        >>> net.step(2)
        >>> net.get_firing_neurons()
        ['B']
        """
        glia.set_field(
            self._handle, self._field(name), 0, filled("numbers", numbers, self.num_neurons)
        )

    def _field(self, name: str) -> int:
        """The number of a field that the network has."""
        if not isinstance(name, str):
            raise wrong_type("name", name, "str")
        known = self._fields()
        if name not in known:
            what = f"no such number of a neuron of a {self.mode} network"
            raise failed("RANGE", "name", short(name), ", ".join(known) + advice(name, known), what)
        return known[name]

    def _fields(self) -> dict[str, int]:
        """The numbers that the network's neurons have, by name."""
        mode = self.mode
        return {word: field for word, field in glia.FIELDS.items() if _has(mode, field)}

    def _get(self, field: int) -> NDArray[numpy.float32]:
        return glia.get_field(self._handle, field, 0, len(self._ids()))
