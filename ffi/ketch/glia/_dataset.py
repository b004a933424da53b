"""Data sets: sequences and the outputs that are to win."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy

from .._arguments import real
from .._errors import failed, out_of_range, wrong_type
from .._source import Path
from ._sequence import InputSequence, load_sequence_file, sequences_of_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from typing_extensions import Self


@dataclass
class EpisodeData:
    """A sequence and the id of the output that is to win.

    Attributes
    ----------
    seq : InputSequence
        What the network is fed with.
    target_id : str
        The output.
    """

    seq: InputSequence = field(default_factory=InputSequence)
    target_id: str = ""

    def __iter__(self) -> Iterator[Any]:
        return iter((self.seq, self.target_id))


Episode: TypeAlias = "EpisodeData | tuple[InputSequence, str]"


class Dataset:
    """Episodes, in order.

    Parameters
    ----------
    episodes : iterable
        Of `EpisodeData`, or of pairs of a sequence and a target.

    Attributes
    ----------
    episodes : list of EpisodeData
        All of them.

    Examples
    --------
    >>> data = glia.Dataset([(glia.InputSequence(), f"O{i % 2}") for i in range(10)])
    >>> train, validation = data.split(0.7, shuffle=False)
    >>> len(train), len(validation), data[9].target_id, data[:4]
    (7, 3, 'O1', Dataset(4 episodes))
    """

    def __init__(self, episodes: Iterable[Episode] = ()) -> None:
        self.episodes = episodes_of(episodes)

    @classmethod
    def from_sequences(cls, sequences: Sequence[InputSequence], targets: Sequence[str]) -> Self:
        """Make a data set of sequences and as many targets.

        Parameters
        ----------
        sequences : sequence of InputSequence
            The inputs.
        targets : sequence of str
            The outputs that are to win.

        Returns
        -------
        Dataset

        Raises
        ------
        RangeError
            Where there are more of one than of the other.
        """
        if len(sequences) != len(targets):
            what = "sequences and targets of different lengths"
            raise failed("SHAPE", "targets", len(targets), len(sequences), what)
        return cls(zip(sequences, targets, strict=True))

    @classmethod
    def from_files(
        cls, seq_files: Sequence[Path], targets: Sequence[str], *, strict: bool = False
    ) -> Self:
        """Make a data set of .seq files and as many targets.

        Parameters
        ----------
        seq_files : sequence of str or path
            The inputs.
        targets : sequence of str
            The outputs that are to win.
        strict : bool
            As for `load_sequence_file`.

        Returns
        -------
        Dataset

        Raises
        ------
        RangeError, OSError, TextError
            As `from_sequences` and `load_sequence_file`.
        """
        sequences = [load_sequence_file(path, strict=strict) for path in seq_files]
        return cls.from_sequences(sequences, targets)

    @classmethod
    def from_array(
        cls,
        inputs: ArrayLike,
        neuron_ids: Iterable[str],
        targets: Sequence[str],
        *,
        amount: float = 1.0,
    ) -> Self:
        """Make a data set of an array, as of spikes.

        Parameters
        ----------
        inputs : array_like, shape (episodes, ticks, n)
            Element i, t, j times the amount is injected in episode i at tick t into neuron j; where
            it is 0, nothing.
        neuron_ids : sequence of str
            The n neurons.
        targets : sequence of str
            Of each episode the output that is to win.
        amount : float
            What all elements are multiplied by.

        Returns
        -------
        Dataset

        Raises
        ------
        RangeError
            For arrays of another shape, or with numbers that are not finite.

        Examples
        --------
        >>> spikes = [[[True, False], [False, False], [False, True]]]
        >>> glia.Dataset.from_array(spikes, ["S0", "S1"], ["O0"], amount=200)[0].seq.events
        [(0, 'S0', 200.0), (2, 'S1', 200.0)]
        """
        sequences = sequences_of_array(inputs, neuron_ids, real("amount", amount))
        return cls.from_sequences(sequences, targets)

    def split(
        self, train_fraction: float = 0.8, shuffle: bool = True, seed: int | None = None
    ) -> tuple[Self, Self]:
        """Split it in two.

        Parameters
        ----------
        train_fraction : float
            The share of the first, from 0 to 1.
        shuffle : bool
            Whether the order is drawn.
        seed : int, optional
            For that. None: a new one.

        Returns
        -------
        tuple of Dataset
        """
        share = real("train_fraction", train_fraction)
        if not 0 <= share <= 1:
            raise out_of_range("train_fraction", train_fraction, "0..1")
        episodes = self.shuffle(seed).episodes if shuffle else self.episodes
        first = int(len(episodes) * share)
        return type(self)(episodes[:first]), type(self)(episodes[first:])

    def shuffle(self, seed: int | None = None) -> Self:
        """A new data set in an order that is drawn.

        Parameters
        ----------
        seed : int, optional
            For that. None: a new one.

        Returns
        -------
        Dataset
        """
        order = numpy.random.default_rng(seed).permutation(len(self.episodes))
        return type(self)([self.episodes[i] for i in order.tolist()])

    def __len__(self) -> int:
        return len(self.episodes)

    def __iter__(self) -> Iterator[EpisodeData]:
        return iter(self.episodes)

    @overload
    def __getitem__(self, index: int) -> EpisodeData: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: int | slice) -> EpisodeData | Self:
        if isinstance(index, slice):
            return type(self)(self.episodes[index])
        return self.episodes[index]

    def __repr__(self) -> str:
        count = len(self.episodes)
        return f"Dataset({count} episode{'' if count == 1 else 's'})"


def episodes_of(episodes: Iterable[Episode]) -> list[EpisodeData]:
    """Episodes, some of which may be pairs."""
    if isinstance(episodes, Dataset):
        return list(episodes.episodes)
    if isinstance(episodes, str) or not isinstance(episodes, Iterable):
        raise wrong_type("episodes", episodes, "EpisodeData, or pairs (sequence, target)")
    return [_episode(each) for each in episodes]


def _episode(given: object) -> EpisodeData:
    if not isinstance(given, EpisodeData):
        if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != 2:
            raise wrong_type("an episode", given, "EpisodeData, or a pair (sequence, target)")
        given = EpisodeData(*given)
    if not isinstance(given.seq, InputSequence):
        raise wrong_type("an episode's sequence", given.seq, "InputSequence")
    if not isinstance(given.target_id, str):
        raise wrong_type("an episode's target", given.target_id, "str")
    return given
