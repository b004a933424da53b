"""Pictures of networks: that all is drawn that there is."""

from pathlib import Path
from typing import Any

import numpy
import pytest

import ketch
from ketch import glia

TEXT = """
NEURON S0 100 1 0
NEURON S1 100 1 0
NEURON N0 40 0.8 0
NEURON O0 50 1 0
CONNECTION S0 N0 60
CONNECTION S1 O0 55
CONNECTION N0 O0 -30
CONNECTION N0 N0 5
"""


@pytest.fixture
def net() -> glia.Network:
    return glia.Network.from_text(TEXT)


@pytest.mark.parametrize("layout", ["columns", "shell", "circular"])
def test_a_graph_has_all_neurons_and_synapses(
    pyplot: Any, net: glia.Network, layout: Any, tmp_path: Path
) -> None:
    pytest.importorskip("scipy.sparse", reason="SciPy is not installed")
    ax = glia.viz.plot_network_graph(net, layout, save_path=tmp_path / "graph.png")
    lines, *points = ax.collections[1:] if ax.collections[0].get_zorder() == 2 else ax.collections
    assert len(lines.get_segments()) == 3  # the fourth goes to its own neuron
    assert sum(len(each.get_offsets()) for each in points) == 4
    assert {text.get_text() for text in ax.texts} == {"S0", "S1", "N0", "O0"}
    assert (tmp_path / "graph.png").stat().st_size > 1000
    with pytest.raises(ketch.RangeError):
        glia.viz.plot_network_graph(net, "odd")  # type: ignore[arg-type]


def test_a_network_without_anything_is_drawn(pyplot: Any) -> None:
    glia.viz.plot_network_graph(glia.Network())
    glia.viz.plot_weight_distribution(glia.Network(2))
    glia.viz.plot_training_history(glia.History())
    glia.viz.plot_raster(glia.Network(2).run(ticks=3))


def test_a_histogram_counts_all_weights(pyplot: Any, net: glia.Network) -> None:
    ax = glia.viz.plot_weight_distribution(net, bins=7)
    assert sum(bar.get_height() for bar in ax.patches) == 4


def test_a_raster_has_a_mark_for_each_spike(pyplot: Any, net: glia.Network) -> None:
    sequence = glia.create_sequence_from_array([[200.0, 110.0]] * 30, ["S0", "S1"])
    other = net.copy()
    result = net.run(sequence)
    marks = sum(len(each.get_offsets()) for each in glia.viz.plot_raster(result).collections)
    assert marks == result.spikes[0].size > 50
    ax = glia.viz.plot_neuron_activity(other, 30, {"S0": 200.0, "S1": 110.0})
    assert sum(len(each.get_offsets()) for each in ax.collections) == marks
    some = glia.viz.plot_raster(result, ["O0"])
    assert [label.get_text() for label in some.get_yticklabels()] == ["O0"]
    drawn = sum(len(each.get_offsets()) for each in some.collections)
    assert drawn == result.counts[net.neuron_ids.index("O0")]


def test_a_history_is_two_curves(pyplot: Any) -> None:
    history = glia.History()
    for accuracy in numpy.linspace(0, 1, 5):
        history.add({"accuracy": accuracy, "margin": accuracy / 2, "lr": 1, "synapses": 3})
    ax = glia.viz.plot_training_history(history)
    curves = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert curves == {"accuracy": history.accuracy, "margin": history.margin}


def _fall(candidate: glia.Candidate) -> float:
    """Better in generation 1 than before and after it."""
    share = float(candidate.network.get_weights()["weights"].sum())
    return share - 1e3 * abs(candidate.generation - 1)


def test_a_lineage_has_a_mark_for_each_individual_that_was_scored(
    pyplot: Any, net: glia.Network, tmp_path: Path
) -> None:
    config = glia.EvolutionConfig(population=5, generations=4, train_epochs=0, sigma_w=2)
    result = glia.evolve(net, (), (), evo=config, fitness=_fall)
    ax = glia.viz.plot_lineage(result, save_path=tmp_path / "lineage.png")
    grey, others, red, ancestors = ax.collections
    marks = [tuple(place) for each in (others, ancestors) for place in each.get_offsets()]
    scored = [(each.generation, each.fitness) for each in result.lineage[:20]]
    assert sorted(marks) == sorted(scored)
    best = result.lineage[result.generations[1].best]
    chain = [result.lineage[best.parent], best]
    assert [*map(tuple, ancestors.get_offsets())] == [(x.generation, x.fitness) for x in chain]
    assert len(red.get_segments()) == 1 and len(grey.get_segments()) == 14
    assert (tmp_path / "lineage.png").stat().st_size > 1000


def test_an_evolution_is_four_curves(pyplot: Any, net: glia.Network) -> None:
    config = glia.EvolutionConfig(population=5, generations=4, train_epochs=0, sigma_w=2)
    result = glia.evolve(net, (), (), evo=config, fitness=_fall)
    ax = glia.plot_evolution_result(result)
    curves = {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}
    assert curves["best fitness"] == result.best_fitness
    assert curves["accuracy of the best"] == [0.0] * 4 == curves["margin of the best"]
    assert curves["mean fitness"] == [each.mean_fitness for each in result.generations]
    stopped = glia.evolve(net, (), (), evo=config, fitness=_fall, timeout=1e-9)
    if not stopped.generations:
        assert glia.viz.plot_lineage(stopped).get_xlabel() == "generation"
