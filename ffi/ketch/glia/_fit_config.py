"""How clean networks are fitted: fields that are checked when they are set."""

from __future__ import annotations

from dataclasses import dataclass

from ._config import Checked, advising


@advising
@dataclass
class FitConfig(Checked):
    """How a `Fitter` learns and scores. Fields are checked when they are set; numbers count as
    float32.

    Attributes
    ----------
    ticks : int
        Of an episode.
    method : str
        "bptt", backpropagation through time (Neftci, Mostafa and Zenke, IEEE Signal Processing
        Magazine 36, 2019), or "eprop" (Bellec et al., Nature Communications 11, 2020), which leaves
        out what a spike does to neurons that are no outputs.
    readout : str
        An output's score: "voltage", the mean of its voltage, or "spikes", how often it fired. An
        output whose threshold is out of reach adds up what arrives.
    surrogate : str
        In place of the derivative of a spike by the voltage: "fast_sigmoid" (Zenke and Ganguli,
        Neural Computation 30, 2018), "triangle" (Bellec et al. 2020) or "arctan" (Fang et al., ICCV
        2021).
    width : float
        Of the surrogate, in parts of the way from reset to threshold.
    temperature : float
        The loss is the cross-entropy of the softmax of scores divided by it.
    smoothing : float
        This share of the target is spread over all outputs (Szegedy et al., CVPR 2016), so that the
        loss does not end at certainty.
    batch_size, shuffle, seed
        Episodes of an update; whether their order is drawn; the seed of that.
    optimizer : str
        "sgd", "adam" or "adamw".
    lr, weight_decay : float
        The learning rate; with "adamw" weights lose lr * weight_decay of themselves in an update,
        else weight_decay times the weight is added to its gradient.
    adam_beta1, adam_beta2, adam_eps : float
        Adam's constants.
    """

    ticks: int = 40
    method: str = "bptt"
    readout: str = "voltage"
    surrogate: str = "fast_sigmoid"
    width: float = 0.5
    temperature: float = 1.0
    smoothing: float = 0.0
    batch_size: int = 32
    shuffle: bool = True
    seed: int = 123456
    optimizer: str = "adam"
    lr: float = 0.01
    weight_decay: float = 0.0
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    adam_eps: float = 1e-8
