"""Runs of networks, and what they leave."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy

from .._arguments import path_bytes, whole
from .._engine import Engine
from .._engines import check_engine, lent
from .._errors import Error
from .._native import glia_runs as native
from .._native import runs
from .._native.handles import EngineHandle
from .._options import PLAIN, ResumeOptions, settings_of, takes
from .._options import native as native_options
from .._signals import heeded
from .._units import counted
from ._claimed import Claimed
from ._neurons import Neurons
from ._optional import optional
from ._sequence import TICK_MAX, InputSequence, check_sequence

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from typing_extensions import Unpack


class RunData:
    """What a `RunResult` pickles as: all that could be read of it then. It cannot be carried on:
    a run that was saved can.

    Attributes
    ----------
    status : str
        "OK", "STOPPED", "TIMEOUT", or "HOOK" where a hook raised.
    ticks, left_out : int
        How many ticks it had made, and how many injections were left out.
    counts : numpy.ndarray
        How often each neuron fired, in tick order.
    spikes : tuple of numpy.ndarray
        The ticks of recorded spikes, and the numbers of the neurons.

    Examples
    --------
    >>> import pickle
    >>> result = glia.Network(1, 1).run(ticks=9)
    >>> pickle.loads(pickle.dumps(result))
    RunData(OK, 9 ticks, 0 spikes)
    """

    __slots__ = ("counts", "left_out", "spikes", "status", "ticks")

    def __init__(
        self,
        status: str,
        ticks: int,
        left_out: int,
        counts: NDArray[numpy.uint64],
        spikes: tuple[NDArray[numpy.uint32], NDArray[numpy.uint32]],
    ) -> None:
        self.status = status
        self.ticks = ticks
        self.left_out = left_out
        self.counts = counts
        self.spikes = spikes

    @property
    def stopped(self) -> bool:
        """Whether it had stopped before its end."""
        return self.status != "OK"

    def raster(self) -> Any:
        """As `RunResult.raster`.

        Returns
        -------
        scipy.sparse.csr_matrix
        """
        sparse = optional("scipy.sparse", "a raster")
        ticks, neurons = self.spikes
        shape, ones = (self.ticks, self.counts.size), numpy.ones(ticks.size, numpy.uint8)
        return sparse.csr_matrix((ones, (ticks, neurons)), shape=shape)

    def __reduce__(self) -> tuple[type[RunData], tuple[Any, ...]]:
        return RunData, tuple(getattr(self, name) for name in _READ)

    def __repr__(self) -> str:
        told = f"{counted(self.ticks, 'tick')}, {counted(int(self.counts.sum()), 'spike')}"
        return f"RunData({self.status}, {told})"


_READ = "status", "ticks", "left_out", "counts", "spikes"


class RunResult(Claimed):
    """What a run of a network left, made by `Network.run`. A run that was stopped can be carried
    on; the network can be read meanwhile.

    Attributes
    ----------
    network : Network
        The network.

    Examples
    --------
    >>> net = glia.Network(num_sensory=3)
    >>> result = net.run(glia.create_sequence_from_array([[40, 0, 90]] * 5, ["S0", "S1", "S2"]))
    >>> result.counts, result.spikes[0]
    (array([4, 0, 4], dtype=uint64), array([1, 1, 2, 2, 3, 3, 4, 4], dtype=uint32))
    """

    __slots__ = ("network",)

    def __init__(self, network: Neurons, frame: runs.Frame) -> None:
        super().__init__(frame)
        self.network = network

    def _info(self) -> dict[str, int]:
        with self._claim():
            return native.result_info(self._handle)

    @property
    def ticks(self) -> int:
        """How many ticks it has made."""
        return self._info()["ticks"]

    @property
    def left_out(self) -> int:
        """How many injections were left out, as there is no sensory neuron of their id."""
        return self._info()["left_out"]

    @property
    def counts(self) -> NDArray[numpy.uint64]:
        """How often each neuron fired, in tick order."""
        with self._claim():
            return native.result_counts(self._handle)

    @property
    def spikes(self) -> tuple[NDArray[numpy.uint32], NDArray[numpy.uint32]]:
        """The ticks of all recorded spikes, from 0, and the numbers of the neurons in tick order:
        sorted by tick and then by neuron."""
        with self._claim():
            found = native.result_spikes(self._handle)
        return found[:, 0].copy(), found[:, 1].copy()

    def raster(self) -> Any:
        """The recorded spikes as a matrix: a row for each tick, a column for each neuron.

        Returns
        -------
        scipy.sparse.csr_matrix
            1 where a neuron fired, uint8.

        Raises
        ------
        ImportError
            Where SciPy is not installed.
        """
        return self.data().raster()

    def data(self) -> RunData:
        """What can be read of it, without the run itself: it pickles as that.

        Returns
        -------
        RunData
        """
        with self._claim():
            info, counts = native.result_info(self._handle), native.result_counts(self._handle)
            spikes = native.result_spikes(self._handle)
        pair = spikes[:, 0].copy(), spikes[:, 1].copy()
        return RunData(self.status, info["ticks"], info["left_out"], counts, pair)

    @takes(ResumeOptions)
    def resume(self, engine: Engine | None = None, **options: Unpack[ResumeOptions]) -> RunResult:
        """Carry a stopped run to its end, to the bits of an undisturbed one.

        Parameters
        ----------
        engine : Engine, optional
            What carries it. None: one of the process's.
        **options

        Returns
        -------
        RunResult
            This one.

        Raises
        ------
        RangeError
            For options outside their limits, and where the network was changed since.
        BusyError
            Where engine, network or result are in use.
        """
        return carry(self.network, engine, options, self._go_on, self)

    def __repr__(self) -> str:
        try:
            info = self._info()
        except Error as error:
            return f"RunResult({error.status})"
        told = f"{counted(info['ticks'], 'tick')}, {counted(info['spikes'], 'spike')}"
        return f"RunResult({self.status}, {told})"

    def __reduce__(self) -> tuple[type[RunData], tuple[Any, ...]]:
        return self.data().__reduce__()


# Runs in a frame's place, or what is in a result; gives the status.
Go = Callable[[runs.Frame, EngineHandle], int]


def carry(
    network: Neurons,
    engine: Engine | None,
    options: ResumeOptions,
    go: Go,
    result: RunResult | None = None,
) -> RunResult:
    """Runs, and raises what ended the run. result: what is carried on; None: there is a new one."""
    check_engine(engine)
    bar, hook, settings = native_options(settings_of(options), PLAIN, None, bytes, "tick")
    frame = runs.Frame()
    frame.set(settings)
    frame.hook, frame.look = hook, native.look_at_net
    with lent(engine) as carrier:
        try:
            with heeded(hook is not None) as signals:
                frame.pace(inf if hook is None else 0.0, signals)
                status = go(frame, carrier._open())
            made = result if result is not None else RunResult(network, frame)
            if bar and made._address:
                bar.show(*made.position[:2])
        finally:
            if bar:
                bar.close()
    if status < 0:
        _fail(frame, status, made if made._address else None)
    return made


def _fail(frame: runs.Frame, status: int, result: RunResult | None) -> None:
    try:
        frame.fail(status)
    except (KeyboardInterrupt, Error) as failure:
        failure.result = result  # type: ignore[union-attr]
        raise


def begin(
    network: Neurons,
    sequence: InputSequence | None,
    ticks: int | None,
    record: bool,
    strict: bool,
    hook_every: int | None,
    engine: Engine | None,
    options: ResumeOptions,
) -> RunResult:
    """As Network.run."""
    count = _ticks(sequence, ticks)
    every = (
        0 if hook_every is None else whole("hook_every", hook_every, "1..2^62, or None", 1, 2**62)
    )
    handle = sequence._handle if sequence is not None else None
    feed = native.feed(handle, count, bool(record), bool(strict), every)
    return carry(network, engine, options, partial(native.run, network._handle, feed))


def double(
    network: Neurons, sequence: InputSequence | None, ticks: int | None
) -> tuple[NDArray[numpy.float64], NDArray[numpy.uint64]]:
    """As Network.run_double."""
    count = _ticks(sequence, ticks)
    handle = sequence._handle if sequence is not None else None
    return native.run_double(network._handle, handle, count, network.num_neurons)


def _ticks(sequence: InputSequence | None, ticks: int | None) -> int:
    """How many ticks are meant."""
    if sequence is not None:
        check_sequence(sequence)
    if ticks is None:
        ticks = 0 if sequence is None else sequence.duration or _length(sequence)
    return whole("ticks", ticks, "0..2^64 - 2", 0, 2**64 - 1)


def _length(sequence: InputSequence) -> int:
    """A tick more than the last one that has an injection, so that it is made."""
    return min(sequence.last_tick + 1, TICK_MAX + 1) if len(sequence) else 0


def load(network: Neurons, path: str | PathLike[str], engine: Engine | None) -> RunResult:
    """As Network.load_run."""
    name, frame = path_bytes("path", path), runs.Frame()
    with lent(engine) as carrier:
        native.load(frame, carrier._open(), network._handle, name)
    return RunResult(network, frame)
