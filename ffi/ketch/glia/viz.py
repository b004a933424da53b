"""Pictures of networks, spikes and trainings, by matplotlib: it is imported for the first one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy

from .._arguments import whole
from .._errors import out_of_range
from .._names import move
from .._plot import figure
from .._source import Path
from .._units import counted
from ._evolution_result import EvolutionResult
from ._generations import Individual
from ._network import Network
from ._run import RunResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = [
    "plot_evolution_result",
    "plot_lineage",
    "plot_network_graph",
    "plot_neuron_activity",
    "plot_raster",
    "plot_training_history",
    "plot_weight_distribution",
]

# Where neurons are drawn: sensory ones, others and outputs in columns or in rings, or all in one.
Layout: TypeAlias = Literal["columns", "shell", "circular"]
Points: TypeAlias = "NDArray[numpy.float64]"

KINDS = ("sensory", "#4c72b0"), ("others", "#8c8c8c"), ("outputs", "#c44e52")
POSITIVE, NEGATIVE = "#55a868", "#c44e52"
LABELS_MAX = 60  # neurons that get their ids
SYNAPSES_MAX = 3000  # the strongest ones are drawn


def _kinds(ids: Sequence[str]) -> NDArray[numpy.int64]:
    """0 for sensory neurons, 2 for outputs, 1 for all others."""
    return numpy.array([{"S": 0, "O": 2}.get(id[:1], 1) for id in ids], int)


def _columns(kinds: NDArray[numpy.int64]) -> Points:
    points = numpy.zeros((kinds.size, 2))
    for kind in range(3):
        (found,) = numpy.nonzero(kinds == kind)
        points[found, 0] = kind
        points[found, 1] = -(numpy.arange(found.size) + 0.5) / max(found.size, 1)
    return points


def _ring(count: int, radius: float) -> Points:
    angles = numpy.pi / 2 - 2 * numpy.pi * numpy.arange(count) / max(count, 1)
    return radius * numpy.column_stack([numpy.cos(angles), numpy.sin(angles)])


def _shells(kinds: NDArray[numpy.int64]) -> Points:
    points = numpy.zeros((kinds.size, 2))
    for kind in range(3):
        (found,) = numpy.nonzero(kinds == kind)
        points[found] = _ring(found.size, 3.0 - kind)
    return points


def _points(layout: str, kinds: NDArray[numpy.int64]) -> Points:
    if layout == "columns":
        return _columns(kinds)
    if layout == "shell":
        return _shells(kinds)
    if layout == "circular":
        return _ring(kinds.size, 1.0)
    raise out_of_range("layout", layout, "'columns', 'shell', 'circular'")


def plot_network_graph(
    network: Network,
    layout: Layout = "columns",
    node_size: int = 120,
    save_path: Path | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw neurons and synapses. Positive weights are green, negative ones red, and the larger a
    weight the wider its line; of very many, the strongest 3,000 are drawn.

    Parameters
    ----------
    network : Network
        The network.
    layout : str
        "columns": sensory neurons, others, outputs from left to right; "shell": in rings from the
        outside; "circular": all in one ring.
    node_size : int
        The size of a neuron in square points.
    save_path : str or path, optional
        A picture file to write.
    ax : matplotlib.axes.Axes, optional
        Where to draw. None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ids, axes = network.neuron_ids, _axes(ax, 7.0, 5.0)
    kinds = _kinds(ids)
    points = _points(layout, kinds)
    _draw_synapses(axes, network, points)
    size = whole("node_size", node_size, "1..10000", 1, 10001)
    for kind, (name, colour) in enumerate(KINDS):
        (found,) = numpy.nonzero(kinds == kind)
        if found.size:
            x, y = points[found].T
            axes.scatter(x, y, s=size, color=colour, label=name, zorder=3)
    if len(ids) <= LABELS_MAX:
        beside = (3 + size**0.5 / 2, 0)
        for id, (x, y) in zip(ids, points.tolist(), strict=True):
            place = {"xytext": beside, "textcoords": "offset points", "va": "center"}
            axes.annotate(id, (x, y), fontsize=7, **place)  # type: ignore[arg-type]
    axes.set_axis_off()
    axes.margins(0.08)
    told = f"{counted(len(ids), 'neuron')}, {counted(network.num_connections, 'synapse')}"
    axes.set_title(told, fontsize=10)
    if ids:
        axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return _saved(axes, save_path)


def _draw_synapses(axes: Axes, network: Network, points: Points) -> None:
    from matplotlib.collections import LineCollection

    matrix = network.to_adjacency_matrix(dense=False) if network.num_connections else None
    if matrix is None:
        return
    strongest = numpy.argsort(-abs(matrix.data), kind="stable")[:SYNAPSES_MAX]
    rows, columns, weights = matrix.row[strongest], matrix.col[strongest], matrix.data[strongest]
    itself = rows == columns
    x, y = points[rows[itself]].T
    axes.scatter(x, y, s=260, facecolors="none", edgecolors="#8c8c8c", zorder=2)
    lines = numpy.stack([points[rows], points[columns]], axis=1)[~itself]
    share = abs(weights[~itself]) / max(abs(weights).max(), 1e-30)
    colours = [POSITIVE if weight > 0 else NEGATIVE for weight in weights[~itself]]
    drawn = LineCollection(list(lines), colors=colours, linewidths=0.3 + 1.7 * share, alpha=0.5)
    axes.add_collection(drawn)


def plot_weight_distribution(
    network: Network, bins: int = 50, save_path: Path | None = None, ax: Axes | None = None
) -> Axes:
    """Draw a histogram of the weights.

    Parameters
    ----------
    network : Network
        The network.
    bins : int
        How many bars.
    save_path, ax
        As for `plot_network_graph`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    weights, axes = network.get_weights()["weights"], _axes(ax, 5.5, 3.2)
    most = whole("bins", bins, "1..10000", 1, 10001)
    edges = numpy.histogram_bin_edges(weights if weights.size else [0.0], most)
    for chosen, colour, name in (
        (weights[weights >= 0], POSITIVE, "excitatory"),
        (weights[weights < 0], NEGATIVE, "inhibitory"),
    ):
        axes.hist(chosen, bins=list(edges), color=colour, label=f"{name}: {chosen.size}")
    axes.set_xlabel("weight")
    axes.set_ylabel("synapses")
    axes.legend(fontsize=8, frameon=False)
    return _saved(axes, save_path)


def plot_training_history(
    history: Mapping[str, Sequence[float]], save_path: Path | None = None, ax: Axes | None = None
) -> Axes:
    """Draw accuracy and margin by epoch.

    Parameters
    ----------
    history : History, or mapping of its lists
        What `Trainer.train` gave, or `Trainer.history`.
    save_path, ax
        As for `plot_network_graph`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes = _axes(ax, 5.5, 3.2)
    for name, colour in (("accuracy", KINDS[0][1]), ("margin", POSITIVE)):
        values = history[name]
        marker = "o" if len(values) < 3 else None
        axes.plot(range(len(values)), values, color=colour, label=name, marker=marker)
    axes.set_xlabel("epoch")
    axes.set_ylim(-0.02, 1.02)
    axes.legend(fontsize=8, frameon=False)
    return _saved(axes, save_path)


def plot_evolution_result(
    result: EvolutionResult, save_path: Path | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the fitness of the best and the mean of all individuals, and the best one's accuracy and
    margin, by generation.

    Parameters
    ----------
    result : EvolutionResult
        What `Evolution.run` gave.
    save_path, ax
        As for `plot_network_graph`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes, generations = _axes(ax, 5.5, 3.2), result.generations
    marker = "o" if len(generations) < 3 else None
    for name, colour, field in (
        ("best fitness", KINDS[2][1], "fitness"),
        ("mean fitness", KINDS[1][1], "mean_fitness"),
        ("accuracy of the best", KINDS[0][1], "accuracy"),
        ("margin of the best", POSITIVE, "margin"),
    ):
        values = [getattr(each, field) for each in generations]
        axes.plot(range(len(values)), values, color=colour, label=name, marker=marker)
    _by_generation(axes)
    axes.legend(fontsize=8, frameon=False)
    return _saved(axes, save_path)


def _by_generation(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel("generation")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def plot_lineage(
    result: EvolutionResult, save_path: Path | None = None, ax: Axes | None = None
) -> Axes:
    """Draw all individuals that were scored, by generation and fitness, and lines from parents to
    children. The ancestors of the best of all generations are marked.

    Parameters
    ----------
    result : EvolutionResult
        What `Evolution.run` gave.
    save_path, ax
        As for `plot_network_graph`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    count = len(result.generations)
    scored = [each for each in result.lineage if each.generation < count]
    axes = _axes(ax, min(4.0 + 0.3 * count, 14.0), 4.5)
    ancestors = _ancestors(scored)
    others = {each.id for each in scored} - ancestors
    _draw_individuals(axes, scored, others, "others", ("#d0d0d0", KINDS[0][1]))
    _draw_individuals(axes, scored, ancestors, "the best and its ancestors", (KINDS[2][1],) * 2)
    _by_generation(axes)
    axes.set_ylabel("fitness")
    if scored:
        axes.legend(fontsize=8, frameon=False)
    return _saved(axes, save_path)


def _draw_individuals(
    axes: Axes,
    individuals: Sequence[Individual],
    chosen: set[int],
    name: str,
    colours: tuple[str, str],
) -> None:
    """Those that are chosen, and the lines from their parents. colours: of lines and of marks."""
    from matplotlib.collections import LineCollection

    points = {each.id: (each.generation, each.fitness) for each in individuals}
    shown = [each for each in individuals if each.id in chosen]
    lines = [(points[each.parent], points[each.id]) for each in shown if each.parent >= 0]
    order = 2 if name == "others" else 4
    axes.add_collection(LineCollection(lines, colors=colours[0], linewidths=0.8, zorder=order))
    if shown:
        x, y = numpy.array([points[each.id] for each in shown]).T
        axes.scatter(x, y, s=14, color=colours[1], label=name, zorder=order + 1)


def _ancestors(individuals: Sequence[Individual]) -> set[int]:
    """The earliest of the best, and all from which it comes."""
    known = {each.id: each for each in individuals}
    best = max(individuals, key=lambda each: (each.fitness, -each.id), default=None)
    found = set()
    while best is not None:
        found.add(best.id)
        best = known.get(best.parent)
    return found


def plot_raster(
    result: RunResult,
    neuron_ids: Iterable[str] | None = None,
    save_path: Path | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the recorded spikes of a run: a row for each neuron, a mark for each spike.

    Parameters
    ----------
    result : RunResult
        What `Network.run` gave.
    neuron_ids : sequence of str, optional
        Which neurons. None: all.
    save_path, ax
        As for `plot_network_graph`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ticks, neurons = result.spikes
    found = zip(ticks.tolist(), neurons.tolist(), strict=True)
    return _raster(result.network.neuron_ids, list(found), neuron_ids, save_path, ax)


def plot_neuron_activity(
    network: Network,
    simulation_steps: int = 100,
    input_pattern: Mapping[str, float] | None = None,
    neuron_ids: Iterable[str] | None = None,
    save_path: Path | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Make ticks with the same injections before each, and draw the spikes.

    Parameters
    ----------
    network : Network
        The network, which goes on.
    simulation_steps : int
        How many ticks.
    input_pattern : mapping, optional
        Amounts by ids.
    neuron_ids : sequence of str, optional
        Which neurons. None: all.
    save_path, ax
        As for `plot_network_graph`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ids, found = network.neuron_ids, []
    numbers = {id: number for number, id in enumerate(ids)}
    for tick in range(whole("simulation_steps", simulation_steps, "0..2^31 - 1", 0)):
        network.inject_dict(input_pattern or {})
        network.step()
        found += [(tick, numbers[id]) for id in network.get_firing_neurons()]
    return _raster(ids, found, neuron_ids, save_path, ax)


def _raster(
    ids: Sequence[str],
    spikes: Sequence[tuple[int, int]],
    chosen: Iterable[str] | None,
    save_path: Path | None,
    ax: Axes | None,
) -> Axes:
    shown = list(ids if chosen is None else chosen)
    rows = {id: row for row, id in enumerate(shown)}
    axes = _axes(ax, 7.0, min(2.0 + 0.12 * len(shown), 9.0))
    for kind, (name, colour) in enumerate(KINDS):
        marks = [(tick, rows[ids[n]]) for tick, n in spikes if ids[n] in rows]
        marks = [(tick, row) for tick, row in marks if _kinds([shown[row]])[0] == kind]
        if marks:
            x, y = numpy.array(marks).T
            axes.scatter(x, y, marker="|", s=30, color=colour, label=name)
    axes.set_xlabel("tick")
    axes.set_ylim(len(shown) - 0.5, -0.5)
    if len(shown) <= LABELS_MAX:
        axes.set_yticks(range(len(shown)), shown, fontsize=7)
    else:
        axes.set_ylabel("neuron")
    return _saved(axes, save_path)


def _axes(ax: Axes | None, width: float, height: float) -> Axes:
    return figure(width, height, layout="constrained").add_subplot() if ax is None else ax


def _saved(axes: Axes, path: Path | None) -> Axes:
    if path is not None:
        whole_figure: Any = axes.figure
        whole_figure.savefig(path, dpi=150)
    return axes


for _name in __all__:
    move(_name, globals()[_name], __name__)
