"""Networks of spiking neurons: built, run, trained.

>>> from ketch import glia
>>> net = glia.Network(num_sensory=2, num_neurons=3)
>>> net.inject_dict({"S0": 40.0, "S1": 20.0})
>>> net.step(2)
>>> net.get_firing_neurons()
['S0']

Where to look further
    Network       neurons and synapses; files; ticks; state and weights as arrays
    Neuron        one of its neurons

Types in signatures
    Mode          the rules of a tick
    State         what Network.get_state gives
    Weights       what Network.get_weights gives
"""

from .._names import move
from ._network import Network, State
from ._neuron import Neuron
from ._neurons import Mode
from ._synapses import Weights

__all__ = ["Mode", "Network", "Neuron", "State", "Weights"]

for _name in __all__:
    move(_name, globals()[_name], __name__)
