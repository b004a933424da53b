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
    viz             pictures: the network, its weights, spikes, a training

Types in signatures::

    Mode, State, Weights, Skipped       see Network
    Targets                             see load_dataset_from_directory
    Callback, Schedule, Scores          see Trainer
    Episode                             EpisodeData, or a pair of a sequence and a target
"""

from .._names import move
from . import viz as viz
from ._carry import Callback
from ._config import GradConfig, OutputDetectorConfig, TrainingConfig, create_config
from ._dataset import Dataset, Episode, EpisodeData
from ._files import Skipped
from ._folders import Targets, load_dataset_from_directory
from ._history import EpisodeMetrics, History
from ._network import Network, State
from ._neuron import Neuron
from ._neurons import Mode
from ._run import RunResult
from ._sequence import InputSequence, create_sequence_from_array, load_sequence_file
from ._synapses import Weights
from ._trainer import Schedule, Scores, Trainer, train_with_callback

__all__ = [
    "Callback",
    "Dataset",
    "Episode",
    "EpisodeData",
    "EpisodeMetrics",
    "GradConfig",
    "History",
    "InputSequence",
    "Mode",
    "Network",
    "Neuron",
    "OutputDetectorConfig",
    "RunResult",
    "Schedule",
    "Scores",
    "Skipped",
    "State",
    "Targets",
    "Trainer",
    "TrainingConfig",
    "Weights",
    "create_config",
    "create_sequence_from_array",
    "load_dataset_from_directory",
    "load_sequence_file",
    "train_with_callback",
]

for _name in __all__:
    move(_name, globals()[_name], __name__)
