"""The synapses of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import numpy

from .._errors import failed, wrong_type
from .._native import glia
from ._arguments import filled, floats, numbers_in
from ._neurons import Neurons
from ._optional import optional

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self

Weights = TypedDict(
    "Weights",
    {"from": "list[str]", "to": "list[str]", "weights": "NDArray[numpy.float32]"},
)
_WEIGHTS = "from", "to", "weights"


class Rows(NamedTuple):
    """All synapses by source, as compressed rows: those from neuron i, in tick order, are number
    indptr[i] to indptr[i + 1] - 1. The arrays are read-only and never change.

    Attributes
    ----------
    indptr : numpy.ndarray, shape (n + 1,)
        int32, where the synapses of each source begin.
    indices : numpy.ndarray
        int32, their targets, ascending for each source.
    weights : numpy.ndarray
        float32.
    delays : numpy.ndarray or None
        uint8, in ticks; None where all are 1.
    """

    indptr: NDArray[numpy.int32]
    indices: NDArray[numpy.int32]
    weights: NDArray[numpy.float32]
    delays: NDArray[numpy.uint8] | None = None


class Synapses(Neurons):
    """A network's synapses: added, read, set."""

    __slots__ = ()

    def add_synapses(
        self, from_ids: Sequence[str], to_ids: Sequence[str], weights: ArrayLike
    ) -> Self:
        """Add synapses, or set the weights of those that exist: all of them, or none.

        Parameters
        ----------
        from_ids, to_ids : sequence of str
            Their sources and targets.
        weights : array_like
            Of a pair that comes twice the last one counts.

        Returns
        -------
        Network
            This one.

        Raises
        ------
        BadIndexError
            For an id that is no neuron's.
        RangeError
            For weights that are not finite, and sequences of different lengths.
        BusyError
            Where another thread uses the network.
        """
        sources = self._places("from_ids", from_ids)
        targets = self._places("to_ids", to_ids)
        if len(sources) != len(targets):
            what = "sequences of different lengths"
            raise failed("SHAPE", "to_ids", len(targets), len(sources), what)
        glia.add_synapses(self._handle, sources, targets, filled("weights", weights, len(sources)))
        return self

    def get_weights(self) -> Weights:
        """All synapses, as copies.

        Returns
        -------
        dict
            "from" and "to", lists of ids, and "weights", a float32 array: sources in tick order,
            targets of one source sorted as text.
        """
        names = numpy.array(self._ids(), object)
        sources, targets, weights = glia.synapses(self._handle)
        return {
            "from": names[sources].tolist(),
            "to": names[targets].tolist(),
            "weights": weights,
        }

    def view_synapses(self) -> Rows:
        """All synapses, without a copy.

        Returns
        -------
        Rows
            Arrays that SciPy takes for a sparse matrix. They never change, and live on without the
            network: a training that changes weights later does so in other memory.

        Raises
        ------
        BusyError
            Where another thread uses the network.

        Examples
        --------
        >>> import scipy.sparse
        >>> net = glia.Network(1, 2).add_synapses(["S0", "S0"], ["N1", "N0"], [5, 4])
        >>> rows = net.view_synapses()
        >>> matrix = scipy.sparse.csr_array((rows.weights, rows.indices, rows.indptr), shape=(3, 3))
        >>> matrix.toarray()[0]
        array([0., 4., 5.], dtype=float32)
        """
        return Rows(*glia.view_synapses(self._handle))

    def set_weights(
        self,
        weights: Mapping[str, Any] | Sequence[str],
        to_ids: Sequence[str] | None = None,
        values: ArrayLike | None = None,
        *,
        replace: bool = False,
    ) -> None:
        """Set weights, and make synapses that do not exist.

        Parameters
        ----------
        weights : mapping or sequence of str
            As `get_weights` gives them. Or, with the two others, the sources.
        to_ids : sequence of str, optional
            The targets.
        values : array_like, optional
            The weights.
        replace : bool
            Whether synapses that are not named are removed.

        Raises
        ------
        BadIndexError
            For an id that is no neuron's.
        RangeError
            For weights that are not finite, and sequences of different lengths.
        """
        from_ids: Any = weights
        if isinstance(weights, Mapping):
            from_ids, to_ids, values = (_part(weights, name) for name in _WEIGHTS)
        elif to_ids is None or values is None:
            raise wrong_type("weights", weights, "what get_weights gives, or three sequences")
        sources, targets = self._places("from", from_ids), self._places("to", to_ids or ())
        if sources.size != targets.size:
            what = "sequences of different lengths"
            raise failed("SHAPE", "to", targets.size, sources.size, what)
        numbers = floats("weights", () if values is None else values, sources.size)
        if not replace:
            glia.add_synapses(self._handle, sources, targets, numbers)
            return
        before = glia.synapses(self._handle)
        try:
            glia.clear_synapses(self._handle)
            glia.add_synapses(self._handle, sources, targets, numbers)
        except BaseException:
            glia.add_synapses(self._handle, *before)
            raise

    @property
    def weights(self) -> dict[str, Any]:
        """As `get_weights`; the array is also under "values"."""
        found = self.get_weights()
        return {**found, "values": found["weights"]}

    def to_adjacency_matrix(self, dense: bool = False) -> Any:
        """The weights as a matrix in tick order: row i, column j is the synapse from neuron i to
        neuron j.

        Parameters
        ----------
        dense : bool
            Whether to make a NumPy array, in which 0 stands for no synapse.

        Returns
        -------
        scipy.sparse.coo_matrix or numpy.ndarray
            float32, shape (n, n).

        Raises
        ------
        ImportError
            Where SciPy is not installed, unless dense.
        """
        count = len(self._ids())
        sources, targets, weights = glia.synapses(self._handle)
        if dense:
            matrix = numpy.zeros((count, count), numpy.float32)
            matrix[sources, targets] = weights
            return matrix
        sparse = optional("scipy.sparse", "a sparse matrix")
        return sparse.coo_matrix((weights, (sources, targets)), shape=(count, count))


def _part(weights: Mapping[str, Any], name: str) -> Any:
    if name not in weights:
        what = f"weights without {name!r}"
        raise failed("ARITY", "weights", sorted(weights), sorted(_WEIGHTS), what)
    return weights[name]


def elements(weights: Any, count: int) -> tuple[Any, Any, NDArray[numpy.float32]]:
    """Rows, columns and values of a matrix."""
    if hasattr(weights, "tocoo"):
        sparse = weights.tocoo()
        shape, rows, columns, values = sparse.shape, sparse.row, sparse.col, sparse.data
    else:
        dense = numbers_in("weights", weights)
        shape, (rows, columns) = dense.shape, numpy.nonzero(numpy.atleast_2d(dense))
        values = dense[rows, columns] if dense.ndim == 2 else dense
    if shape != (count, count):
        raise failed("SHAPE", "weights", shape, (count, count), "weights of a wrong shape")
    return rows, columns, floats("weights", values)
