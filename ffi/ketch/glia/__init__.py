"""Networks of spiking neurons: built, run, trained.

>>> from ketch import glia
>>> net = glia.Network(num_sensory=2, num_neurons=3)
>>> net.inject_dict({"S0": 40.0, "S1": 20.0})
>>> net.step(2)
>>> net.get_firing_neurons()
['S0']

Where to look further::

    Network         neurons and synapses; files; ticks; state and weights as arrays
    Neuron          one of its neurons
    RunResult       what Network.run leaves: spikes, counts; it can be saved and carried on
    InputSequence   injections by tick and id; load_sequence_file, create_sequence_from_array
    Dataset         episodes: sequences and the outputs that are to win; EpisodeData is one,
                    load_dataset_from_directory reads a folder
    create_config   how a trainer learns: TrainingConfig, with GradConfig, OutputDetectorConfig
    Trainer         scores episodes (EpisodeMetrics), and trains, with callbacks; History
    Fitter          fits a clean network by gradients through time: FitConfig, FitScores
    Evolution       evolves copies of a network, by EvolutionConfig (create_evo_config makes one);
                    evolve is one call for it; EvolutionResult
    Population      one whose individuals you score: ask and tell; CMAES is another, by the package
                    cma
    viz             pictures: the network, its weights, spikes, a training, an evolution;
                    plot_evolution_result is one of them

Types in signatures::

    Mode, State, Weights, Rows, Skipped see Network
    RunData                             what a RunResult pickles as
    Targets                             see load_dataset_from_directory
    Callback, Schedule, Scores          see Trainer
    TrainingOptions, CarryOptions       every keyword of Trainer.train and Fitter.fit
    Episode                             EpisodeData, or a pair of a sequence and a target
    Candidate, Fitness, Generation, Individual, OnGeneration    see Evolution
"""

from .._names import move
from . import viz as viz
from ._cma import CMAES
from ._config import GradConfig, OutputDetectorConfig, TrainingConfig, create_config
from ._dataset import Dataset, Episode, EpisodeData
from ._evolution import Evolution, evolve
from ._evolution_config import EvolutionConfig, create_evo_config
from ._evolution_result import EvolutionResult
from ._files import Skipped
from ._fit_config import FitConfig
from ._fitter import FitScores, Fitter
from ._folders import Targets, load_dataset_from_directory
from ._generations import Candidate, Fitness, Generation, Individual, OnGeneration
from ._history import EpisodeMetrics, History
from ._network import Network, State
from ._neuron import Neuron
from ._neurons import Mode
from ._population import Population
from ._run import RunData, RunResult
from ._scores import Scores
from ._sequence import InputSequence, create_sequence_from_array, load_sequence_file
from ._synapses import Rows, Weights
from ._trainer import Schedule, Trainer, train_with_callback
from ._training_options import Callback, CarryOptions, TrainingOptions
from .viz import plot_evolution_result

__all__ = [
    "CMAES",
    "Callback",
    "Candidate",
    "CarryOptions",
    "Dataset",
    "Episode",
    "EpisodeData",
    "EpisodeMetrics",
    "Evolution",
    "EvolutionConfig",
    "EvolutionResult",
    "FitConfig",
    "FitScores",
    "Fitness",
    "Fitter",
    "Generation",
    "GradConfig",
    "History",
    "Individual",
    "InputSequence",
    "Mode",
    "Network",
    "Neuron",
    "OnGeneration",
    "OutputDetectorConfig",
    "Population",
    "Rows",
    "RunData",
    "RunResult",
    "Schedule",
    "Scores",
    "Skipped",
    "State",
    "Targets",
    "Trainer",
    "TrainingConfig",
    "TrainingOptions",
    "Weights",
    "create_config",
    "create_evo_config",
    "create_sequence_from_array",
    "evolve",
    "load_dataset_from_directory",
    "load_sequence_file",
    "plot_evolution_result",
    "train_with_callback",
]

for _name in __all__:
    move(_name, globals()[_name], __name__)
