"""Sequences of injections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy

from .._arguments import real, whole
from .._errors import failed, wrong_type
from .._native import glia_runs as native
from .._native import glia_texts
from .._native.glia import decode
from .._source import Path, read_regular
from .._units import counted
from ._arguments import floats, name_bytes, names_list, numbers_in
from ._files import Skipped, reading, text_bytes, write_file

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from typing_extensions import Self

TICK_MAX = 2**31 - 1
_TICKS = f"0..{TICK_MAX}"


class InputSequence:
    """Injections by tick and id: what a network is fed with. It belongs to no network, and threads
    may share one that nobody changes.

    Attributes
    ----------
    skipped : list of Skipped
        Lines of the last text that were not read.

    Examples
    --------
    >>> sequence = glia.InputSequence()
    >>> sequence.add_timestep({"S0": 200.0, "S1": 50.0})
    >>> sequence.add(7, "S0", 200.0)
    >>> sequence, sequence.events[-1]
    (InputSequence(3 events, last tick 7), (7, 'S0', 200.0))
    """

    __slots__ = ("__weakref__", "_handle", "skipped")

    def __init__(self) -> None:
        self._handle = native.sequence_create()
        self.skipped: list[Skipped] = []

    def add(self, tick: int, id: str, amount: float) -> None:
        """Add an injection; a second one of the same tick and id replaces the first.

        Parameters
        ----------
        tick : int
            From 0.
        id : str
            The neuron.
        amount : float
            How much.

        Raises
        ------
        RangeError
            For a tick below 0 or beyond 2**31 - 1, a wrong id, an amount that is not finite.
        """
        when = whole("tick", tick, _TICKS, 0, TICK_MAX + 1)
        native.sequence_add(self._handle, when, name_bytes("id", id), real("amount", amount))

    def add_timestep(self, inputs: Mapping[str, float]) -> None:
        """Add injections one tick after the last one; 0 at first.

        Parameters
        ----------
        inputs : mapping
            Amounts by ids. An empty one adds nothing, so a silent tick is none.
        """
        if not isinstance(inputs, Mapping):
            raise wrong_type("inputs", inputs, "a mapping from ids to amounts")
        info = native.sequence_info(self._handle)
        tick = info["last_tick"] + 1 if info["events"] else 0
        for id, amount in inputs.items():
            self.add(tick, id, amount)

    def load_from_file(self, path: Path, *, strict: bool = False) -> None:
        """Replace the injections by those of a .seq file. Whether it loops stays where the file
        does not say.

        Parameters
        ----------
        path : str or path
            The file.
        strict : bool
            Whether what lenient reading leaves out is an error; else `skipped` lists it.

        Raises
        ------
        OSError
            Where the file cannot be read.
        TextError, RangeError
            Where it says something wrong; the text begins with file, line and column.
        """
        self._read(read_regular(path), reading(strict, path))

    @classmethod
    def from_text(cls, text: str | bytes, *, strict: bool = False) -> Self:
        """Read a sequence from a text in the format .seq.

        Parameters
        ----------
        text : str or bytes
            The text.
        strict : bool
            As for `load_from_file`.

        Returns
        -------
        InputSequence

        Raises
        ------
        TextError, RangeError
            As `load_from_file`.
        """
        made = cls()
        made._read(text_bytes(text), reading(strict, None))
        return made

    def _read(self, data: bytes, how: glia_texts.Reading) -> None:
        found = glia_texts.sequence_read(self._handle, data, how)
        self.skipped = [Skipped(*each) for each in found]

    def to_text(self, *, exact: bool = False) -> str:
        """Write it as a text in the format .seq.

        Parameters
        ----------
        exact : bool
            Whether numbers have as many digits as they need to be read back the same. Else six.

        Returns
        -------
        str
        """
        return decode(glia_texts.sequence_write(self._handle, bool(exact)))

    def save(self, path: Path, *, exact: bool = False) -> None:
        """Write it to a .seq file, which is replaced as a whole.

        Parameters
        ----------
        path : str or path
            The file.
        exact : bool
            As for `to_text`.

        Raises
        ------
        OSError
            Where it cannot be written.
        """
        write_file(path, glia_texts.sequence_write(self._handle, bool(exact)))

    def clear(self) -> None:
        """Remove all injections; whether it loops stays."""
        native.sequence_clear(self._handle)

    def is_empty(self) -> bool:
        """Whether there are no injections.

        Returns
        -------
        bool
        """
        return not native.sequence_info(self._handle)["events"]

    @property
    def events(self) -> list[tuple[int, str, float]]:
        """Ticks, ids and amounts, sorted by tick and then by id as text."""
        return native.sequence_events(self._handle)

    @property
    def loop(self) -> bool:
        """Whether it begins again after its last injection."""
        return bool(native.sequence_info(self._handle)["loop"])

    @loop.setter
    def loop(self, loop: bool) -> None:
        native.sequence_set_loop(self._handle, bool(loop))

    @property
    def duration(self) -> int:
        """How many ticks it is meant for, as its file says; nothing depends on it but what
        `Network.run` takes for the number of ticks."""
        return native.sequence_info(self._handle)["duration"]

    @duration.setter
    def duration(self, duration: int) -> None:
        ticks = whole("duration", duration, f"0..{TICK_MAX + 1}", 0, TICK_MAX + 2)
        native.sequence_set_duration(self._handle, ticks)

    @property
    def last_tick(self) -> int:
        """The tick of the last injection; 0 where there are none."""
        return native.sequence_info(self._handle)["last_tick"]

    def __len__(self) -> int:
        return native.sequence_info(self._handle)["events"]

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, InputSequence):
            return NotImplemented
        return self.__getstate__() == other.__getstate__()

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> dict[str, Any]:
        return {"events": self.events, "loop": self.loop, "duration": self.duration}

    def __setstate__(self, stored: Mapping[str, Any]) -> None:
        self.__init__()  # type: ignore[misc]
        for tick, id, amount in stored["events"]:
            native.sequence_add(self._handle, tick, name_bytes("id", id), amount)
        self.loop, self.duration = stored["loop"], stored["duration"]

    def __repr__(self) -> str:
        info = native.sequence_info(self._handle)
        loops = ", loops" if info["loop"] else ""
        events = counted(info["events"], "event")
        return f"InputSequence({events}, last tick {info['last_tick']}{loops})"


def load_sequence_file(path: Path, *, strict: bool = False) -> InputSequence:
    """Read a sequence from a .seq file.

    Parameters
    ----------
    path : str or path
        The file.
    strict : bool
        Whether what lenient reading leaves out is an error; else `InputSequence.skipped` lists it.

    Returns
    -------
    InputSequence

    Raises
    ------
    OSError
        Where the file cannot be read.
    TextError, RangeError
        Where it says something wrong; the text begins with file, line and column.
    """
    sequence = InputSequence()
    sequence.load_from_file(path, strict=strict)
    return sequence


def create_sequence_from_array(inputs: ArrayLike, neuron_ids: Iterable[str]) -> InputSequence:
    """Make a sequence of an array.

    Parameters
    ----------
    inputs : array_like, shape (ticks, n)
        Row t is injected at tick t, zeros too.
    neuron_ids : sequence of str
        The n neurons.

    Returns
    -------
    InputSequence

    Raises
    ------
    RangeError
        For an array of another shape, or with numbers that are not finite.

    Examples
    --------
    >>> glia.create_sequence_from_array([[200, 0], [0, 200]], ["S0", "S1"]).events
    [(0, 'S0', 200.0), (0, 'S1', 0.0), (1, 'S0', 0.0), (1, 'S1', 200.0)]
    """
    names = names_list("neuron_ids", neuron_ids)
    array = numbers_in("inputs", inputs)
    if array.ndim != 2 or array.shape[1] != len(names):
        what = "inputs of a wrong shape"
        raise failed("SHAPE", "inputs", array.shape, f"(ticks, {len(names)})", what)
    sequence = InputSequence()
    for tick, row in enumerate(array.tolist()):
        for id, amount in zip(names, row, strict=True):
            sequence.add(tick, id, amount)
    return sequence


def sequences_of_array(
    inputs: ArrayLike, neuron_ids: Iterable[str], amount: float
) -> list[InputSequence]:
    """A sequence of the elements that are not 0 of each matrix of an array, times an amount."""
    names = [name_bytes("neuron_ids", name) for name in names_list("neuron_ids", neuron_ids)]
    array = numbers_in("inputs", inputs)
    if array.ndim != 3 or array.shape[2] != len(names):
        what = "inputs of a wrong shape"
        raise failed("SHAPE", "inputs", array.shape, f"(episodes, ticks, {len(names)})", what)
    ends = numpy.cumsum([0] + [len(name) + 1 for name in names]).astype(numpy.uint32)
    text = b"".join(name + b"\0" for name in names)
    made = []
    for matrix in array:
        ticks, columns = numpy.nonzero(matrix)
        amounts = floats("inputs", matrix[ticks, columns] * amount)
        sequence = InputSequence()
        places = ticks.astype(numpy.uint32), text, ends[columns], amounts
        native.sequence_add_all(sequence._handle, *places)
        made.append(sequence)
    return made


def check_sequence(sequence: object) -> InputSequence:
    """TypeError for anything else."""
    if not isinstance(sequence, InputSequence):
        raise wrong_type("sequence", sequence, "InputSequence")
    return sequence
