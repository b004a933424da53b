"""Networks of spiking neurons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

import numpy

from .. import _html
from .._arguments import real, whole
from .._engine import Engine
from .._errors import Error, failed, short, wrong_type
from .._locks import claim
from .._native import glia
from .._options import ResumeOptions, takes
from .._source import Path
from .._units import counted
from . import _run
from ._arguments import check_different, filled, floats, name_bytes, names_list
from ._clean import CleanOptions, Times
from ._neuron import Neuron
from ._neurons import Mode
from ._run import RunResult
from ._sequence import InputSequence
from ._synapses import elements
from ._texts import Texts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self, Unpack


class State(TypedDict):
    """What `Network.get_state` gives: ids in tick order, and numbers of these neurons."""

    ids: list[str]
    values: NDArray[numpy.float32]
    thresholds: NDArray[numpy.float32]
    leaks: NDArray[numpy.float32]


FORMAT = 2  # of pickles
ADDED = "thresholds", "leaks", "restings"  # what a neuron is added with
SLICE = 2**22  # neurons and synapses of all ticks between two looks for Ctrl-C


class Network(Texts):
    """Neurons and the synapses between them, in ticks.

    Neurons are named by ids. Those whose ids begin with S are sensory: injections go to them. Those
    that begin with O are outputs. In a tick the sensory neurons come first, in the order in which
    they were added, then all others: tick order. A synapse to a neuron that is later in tick order
    acts one tick later, one to an earlier neuron or to itself two; an injection acts in the tick
    after the next one. A neuron fires when its voltage exceeds its threshold.

    One call at a time may use a network; a second thread gets BusyError at once. Different networks
    run on different threads, without Python's lock.

    Parameters
    ----------
    num_sensory, num_neurons : int
        How many neurons to begin with: S0, S1, ... and N0, N1, ..., each with threshold 100, leak 1
        and resting value 70.

    Attributes
    ----------
    skipped : list of Skipped
        What lenient reading left out of the text that was read last.

    Examples
    --------
    >>> net = glia.Network()
    >>> net.add_neuron("S0", threshold=100).add_neuron("O0", threshold=50)
    Network(2 neurons: 1 sensory, 1 output; 0 synapses, compat)
    >>> net.add_synapses(["S0"], ["O0"], [60.0])
    Network(2 neurons: 1 sensory, 1 output; 1 synapse, compat)
    >>> net.inject("S0", 200.0)
    >>> for tick in (1, 2, 3):
    ...     net.step()
    ...     print(tick, net.get_firing_neurons())
    1 []
    2 ['S0']
    3 ['O0']
    """

    __slots__ = ()

    def __init__(self, num_sensory: int = 0, num_neurons: int = 0) -> None:
        most = 2**26
        allowed = f"0..{most}"
        sensory = whole("num_sensory", num_sensory, allowed, 0, most + 1)
        others = whole("num_neurons", num_neurons, allowed, 0, most + 1)
        self._begin("compat")
        if sensory or others:
            names = [f"S{i}" for i in range(sensory)] + [f"N{i}" for i in range(others)]
            self._add(names, 100.0, 1.0, 70.0)

    # ---- building

    @classmethod
    def from_arrays(
        cls,
        ids: Iterable[str],
        weights: Any,
        *,
        thresholds: ArrayLike = 100.0,
        leaks: ArrayLike | None = None,
        restings: ArrayLike = 0.0,
        mode: Mode = "clean",
        **clean: Unpack[CleanOptions],
    ) -> Self:
        """Make a network of arrays.

        Parameters
        ----------
        ids : sequence of str
            The neurons, n of them.
        weights : array_like or scipy.sparse matrix or array, shape (n, n)
            Element i, j is the weight from neuron ids[i] to neuron ids[j]. Zeros of a dense array
            are no synapses; of a sparse one, all stored elements are.
        thresholds, leaks, restings : array_like
            One number for all neurons, or n. Leaks: 1 unless given. Voltages begin as restings.
        mode : str
            The rules of a tick: "clean" or "compat".
        **clean
            For a clean network: `CleanOptions`.

        Returns
        -------
        Network

        Raises
        ------
        RangeError
            For arrays of a wrong shape, numbers that are not finite, ids that are given twice, are
            empty, too long or have white space.

        Examples
        --------
        >>> glia.Network.from_arrays(["S0", "O0"], [[0, 60], [0, 0]], thresholds=50, mode="compat")
        Network(2 neurons: 1 sensory, 1 output; 1 synapse, compat)
        """
        names = names_list("ids", ids)
        net = cls.__new__(cls)
        times = Times(mode, clean)
        net._begin(mode, times.tau_e, times.tau_i)
        check_different("ids", names)
        net._add(names, thresholds, times.leaks(leaks), restings)
        rows, columns, values = elements(weights, len(names))
        known = net._known()
        places = numpy.array([known[name] for name in names], numpy.uint32)
        order = numpy.argsort(places)
        for field, numbers in times.numbers(len(names)).items():
            glia.set_field(net._handle, field, 0, numbers[order])
        ends = places[rows], places[columns], values
        if times.has_delays:
            glia.add_delayed(net._handle, *ends, times.delays(rows, columns, len(names)))
        else:
            glia.add_synapses(net._handle, *ends)
        return net

    def _add(
        self, names: list[str], thresholds: ArrayLike, leaks: ArrayLike, restings: ArrayLike
    ) -> None:
        encoded = [name_bytes("ids", name) for name in names]
        numbers = (
            filled("thresholds", thresholds, len(names)),
            filled("leaks", leaks, len(names)),
            filled("restings", restings, len(names)),
        )
        with claim(self._lock, "network"):
            self._names = self._numbers = None
            glia.add_neurons(self._handle, encoded, *numbers)

    def add_neuron(
        self, id: str, threshold: float = 100.0, leak: float = 1.0, resting: float = 0.0
    ) -> Self:
        """Add a neuron, or set the numbers of the one with that id, whose synapses stay.

        Parameters
        ----------
        id : str
            1 to 255 bytes without white space. S at its beginning: sensory; O: an output.
        threshold : float
            The neuron fires when its voltage exceeds it.
        leak : float
            The factor that the voltage keeps in a tick.
        resting : float
            The voltage at first, and after a spike.

        Returns
        -------
        Network
            This one.

        Raises
        ------
        RangeError
            For another id, and numbers that are not finite.
        BusyError
            Where another thread uses the network.
        """
        numbers = real("threshold", threshold), real("leak", leak), real("resting", resting)
        with claim(self._lock, "network"):
            self._names = self._numbers = None
            glia.add_neuron(self._handle, name_bytes("id", id), *numbers)
        return self

    def get_neuron(self, id: str) -> Neuron:
        """One neuron, to look at and to set.

        Parameters
        ----------
        id : str
            Its id.

        Returns
        -------
        Neuron

        Raises
        ------
        BadIndexError
            Where there is none.
        """
        self._number(id)
        return Neuron(self, id)

    # ---- ticks

    def inject(self, id: str, amount: float, *, strict: bool = False) -> None:
        """Add to what acts on a sensory neuron in the tick after the next one.

        Parameters
        ----------
        id : str
            The neuron.
        amount : float
            How much; it may be negative.
        strict : bool
            Whether an id that is no sensory neuron's is an error; else it is ignored.

        Raises
        ------
        RangeError
            For an amount that is not finite, and, if strict, a neuron that is not sensory.
        BadIndexError
            If strict, for an id that is no neuron's.
        BusyError
            Where another thread uses the network.
        """
        self._inject(((id, amount),), strict)

    def inject_dict(self, inputs: Mapping[str, float], *, strict: bool = False) -> None:
        """Inject into several neurons, in the order of the mapping: all of it, or nothing.

        Parameters
        ----------
        inputs : mapping
            Amounts by ids.
        strict : bool
            As for `inject`.
        """
        if not isinstance(inputs, Mapping):
            raise wrong_type("inputs", inputs, "a mapping from ids to amounts")
        self._inject(inputs.items(), strict)

    def inject_array(self, values: ArrayLike) -> None:
        """Inject an amount into each sensory neuron.

        Parameters
        ----------
        values : array_like
            As many as there are sensory neurons, in the order of `sensory_ids`: sorted as text.

        Raises
        ------
        RangeError
            For another number of values, and values that are not finite.
        """
        names = self.sensory_ids
        amounts = floats("values", values, len(names))
        glia.inject(self._handle, self._places("values", names).tolist(), amounts.tolist())

    def _inject(self, pairs: Iterable[tuple[str, float]], strict: bool) -> None:
        known = self._known()
        is_clean = self.mode == "clean"
        neurons, amounts = [], []
        for name, amount in pairs:
            number = known.get(name)
            if number is None and not isinstance(name, str):
                raise wrong_type("id", name, "str")
            if (strict or is_clean) and (number is None or not (is_clean or name[0] == "S")):
                self._number(name)
                what = "an injection into a neuron that is not sensory"
                raise failed("RANGE", "id", short(name), "ids that begin with S", what)
            if number is not None:
                neurons.append(number)
                amounts.append(real("amount", amount))
        if neurons:
            glia.inject(self._handle, neurons, amounts)

    def step(self, n_steps: int = 1) -> None:
        """Make ticks. Ctrl-C ends it between two ticks.

        Parameters
        ----------
        n_steps : int
            How many, 0 or more.

        Raises
        ------
        RangeError
            For a number below 0.
        BusyError
            Where another thread uses the network.
        """
        if type(n_steps) is int and n_steps == 1:
            glia.step(self._handle, 1)
            return
        left = whole("n_steps", n_steps, "0..2^62", 0, 2**62 + 1)
        info = glia.net_info(self._handle)
        slice_ticks = max(1, SLICE // (info["neurons"] + info["synapses"] + 1))
        while left:
            ticks = min(left, slice_ticks)
            glia.step(self._handle, ticks)
            left -= ticks

    @takes(ResumeOptions)
    def run(
        self,
        sequence: InputSequence | None = None,
        ticks: int | None = None,
        record: bool = True,
        strict: bool = False,
        hook_every: int | None = None,
        engine: Engine | None = None,
        **options: Unpack[ResumeOptions],
    ) -> RunResult:
        """Make ticks, fed by a sequence: before each tick its injections of that tick are made.

        A hook may read the network at fences. The sequence begins at its tick 0.

        Parameters
        ----------
        sequence : InputSequence, optional
            What the network is fed with. None: nothing.
        ticks : int, optional
            How many. None: the sequence's duration, or all ticks that have injections.
        record : bool
            Whether spikes are recorded; else they are counted only.
        strict : bool
            Whether an id that is no sensory neuron's is an error; else it is left out.
        hook_every : int, optional
            Ticks between fences. None: none.
        engine : Engine, optional
            What carries it. None: one of the process's.
        **options

        Returns
        -------
        RunResult

        Raises
        ------
        RangeError, BadIndexError, BusyError, OutOfMemoryError
            For options outside their limits; if strict, other ids; a network or engine in use.
        """
        return _run.begin(self, sequence, ticks, record, strict, hook_every, engine, options)

    def run_double(
        self, sequence: InputSequence | None = None, ticks: int | None = None
    ) -> tuple[NDArray[numpy.float64], NDArray[numpy.uint64]]:
        """Compute ticks of a clean network in float64, to compare with: its equations from its
        present state, without changing it.

        It takes some 10 ns for each neuron and tick, and nothing stops it.

        Parameters
        ----------
        sequence, ticks
            As for `run`.

        Returns
        -------
        values : numpy.ndarray of float64
            Voltages after the ticks, in tick order.
        counts : numpy.ndarray of uint64
            How often each neuron fired.

        Raises
        ------
        RangeError, BusyError, OutOfMemoryError
            For a compat network, whose rules are those of float32; a network in use.

        Examples
        --------
        >>> net = glia.Network.from_arrays(["a"], [[0]], leaks=0.1, restings=1.0)
        >>> net.inject("a", 1.0)
        >>> net.run_double(ticks=1)[0]
        array([2.])
        """
        return _run.double(self, sequence, ticks)

    def load_run(self, path: Path, engine: Engine | None = None) -> RunResult:
        """Load a saved run of this network, which gets the saved state.

        Parameters
        ----------
        path : str or path
            The file that `RunResult.save` or a run with ``save`` wrote.
        engine : Engine, optional
            What loads it. None: one of the process's.

        Returns
        -------
        RunResult

        Raises
        ------
        FileError
            Where the file cannot be read, is no saved run, or is damaged.
        RangeError
            Where it was saved for a network of other neurons or synapses.
        """
        return _run.load(self, path, engine)

    def get_firing_neurons(self) -> list[str]:
        """The ids of the neurons that fired in the last tick.

        Returns
        -------
        list of str
            In tick order.
        """
        names = self._ids()
        return [names[number] for number in glia.fired(self._handle, len(names))]

    def reset(self) -> None:
        """Bring a clean network to its beginning: voltages at rest, nothing under way.

        In compat mode it does nothing, as in GliaGL: voltages and what is under way stay.
        """
        if self.mode == "clean":
            glia.reset(self._handle)

    # ---- numbers

    def get_state(self) -> State:
        """What neurons are, as copies.

        Returns
        -------
        dict
            "ids", a list in tick order, and float32 arrays in that order: "values" (voltages),
            "thresholds" and "leaks".
        """
        return {
            "ids": self.neuron_ids,
            "values": self._get(glia.VALUE),
            "thresholds": self._get(glia.THRESHOLD),
            "leaks": self._get(glia.LEAK),
        }

    def set_state(self, ids: Iterable[str], thresholds: ArrayLike, leaks: ArrayLike) -> None:
        """Set thresholds and leaks of some neurons; voltages stay.

        Parameters
        ----------
        ids : sequence of str
            Which neurons.
        thresholds, leaks : array_like
            A number for each.

        Raises
        ------
        BadIndexError
            For an id that is no neuron's.
        RangeError
            For numbers that are not finite, and another number of them.
        """
        places = self._places("ids", ids)
        numbers = {
            glia.THRESHOLD: floats("thresholds", thresholds, places.size),
            glia.LEAK: floats("leaks", leaks, places.size),
        }
        for field, values in numbers.items():
            all_values = self._get(field)
            all_values[places] = values
            glia.set_field(self._handle, field, 0, all_values)

    @property
    def state(self) -> State:
        """As `get_state`."""
        return self.get_state()

    # ---- copies, pickles, looks

    def copy(self) -> Self:
        """Make a copy, its state included.

        Returns
        -------
        Network
        """
        made = type(self).__new__(type(self))
        made._handle = glia.net_copy(self._handle)
        made._become()
        made.skipped = list(self.skipped)
        return made

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: object) -> Self:
        return self.copy()

    def __getstate__(self) -> dict[str, Any]:
        """All but which neurons fired last, and the number of ticks."""
        now = self.copy()  # at one time, whatever other threads do
        found = {
            "format": FORMAT,
            "mode": now.mode,
            "ids": now.neuron_ids,
            "numbers": {name: now._get(field) for name, field in now._fields().items()},
            "synapses": glia.synapses(now._handle),
            "skipped": self.skipped,
        }
        return found | (now._clean_state() if now.mode == "clean" else {})

    def _clean_state(self) -> dict[str, Any]:
        info = glia.net_info(self._handle)
        sources, targets, _ = glia.synapses(self._handle)
        return {
            "taus": (info["tau_e"], info["tau_i"]),
            "delays": glia.delays_of(self._handle, sources, targets),
            "due": glia.due(self._handle, info["delay_max"], info["neurons"]),
        }

    def __setstate__(self, stored: Mapping[str, Any]) -> None:
        if stored["format"] != FORMAT:
            what = "a pickled network in a form that this version does not know"
            raise failed("VERSION", "state", stored["format"], FORMAT, what)
        numbers = dict(stored["numbers"])
        self._begin(stored["mode"], *stored.get("taus", ()))
        self._add(stored["ids"], *(numbers.pop(name) for name in ADDED))
        for name, values in numbers.items():
            glia.set_field(self._handle, glia.FIELDS[name], 0, values)
        if "taus" in stored:
            self._connect(stored)
        else:
            glia.add_synapses(self._handle, *stored["synapses"])
        self.skipped = stored["skipped"]

    def _connect(self, stored: Mapping[str, Any]) -> None:
        """Adds the synapses of a clean network and what is under way, which may have been sent with
        a longer delay than any synapse has now."""
        (sources, targets, weights), delays, due = (
            stored[name] for name in ("synapses", "delays", "due")
        )
        if len(due) > delays.max(initial=1):
            none = numpy.zeros(1, numpy.uint32)
            longest = numpy.array([len(due)], numpy.uint8)
            glia.add_delayed(self._handle, none, none, numpy.zeros(1, numpy.float32), longest)
            glia.clear_synapses(self._handle)
        glia.add_delayed(self._handle, sources, targets, weights, delays)
        if due.size:
            glia.set_due(self._handle, due)

    def _counts(self) -> list[str]:
        info = glia.net_info(self._handle)
        parts = f"{info['sensory']} sensory, {counted(info['outputs'], 'output')}"
        return [
            f"{counted(info['neurons'], 'neuron')}: {parts}",
            counted(info["synapses"], "synapse"),
        ]

    def __repr__(self) -> str:
        try:
            return f"Network({'; '.join(self._counts())}, {self.mode})"
        except Error as error:
            return f"Network({error.status})"

    def _repr_html_(self) -> str:
        info = glia.net_info(self._handle)
        rows = [(name, info[name]) for name in ("neurons", "sensory", "outputs", "synapses")]
        rows += [("ticks made", info["ticks"]), ("bytes", info["bytes"])]
        return _html.page(f"Network, {self.mode}", _html.table((), rows))
