"""How trainers learn: fields that are checked when they are set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from functools import wraps
from math import isfinite
from typing import Any, TypeVar

from .._arguments import real, whole
from .._errors import nonfinite, out_of_range, wrong_type

Config = TypeVar("Config", bound="Checked")

_INT = 2**31


def _integer(name: str, value: object) -> int:
    return whole(name, value, "0..2^31 - 1", 0, _INT)


def _batch(name: str, value: object) -> int:
    return whole(name, value, "-2^31..2^31 - 1; below 1 acts as 1")


def _seed(name: str, value: object) -> int:
    return whole(name, value, "0..2^64 - 1", 0, 2**64)


def _number(name: str, value: object) -> float:
    number = real(name, value)
    if not isfinite(number):
        raise nonfinite(name, number)
    return number


def _size(name: str, value: object) -> float:
    number = _number(name, value)
    if number < 0:
        raise out_of_range(name, value, "numbers of at least 0")
    return number


def _optional(check: Callable[[str, object], Any]) -> Callable[[str, object], Any]:
    """A check for None, too."""
    return lambda name, value: None if value is None else check(name, value)


def _count(name: str, value: object) -> int:
    return whole(name, value, "1..2^31 - 1", 1, _INT)


def _population(name: str, value: object) -> int:
    return whole(name, value, "1..2^20", 1, 2**20 + 1)


def _truth(name: str, value: object) -> bool:
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return bool(value)
    raise wrong_type(name, value, "bool")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise wrong_type(name, value, "str")
    return value


def _word(*words: str) -> Callable[[str, object], str]:
    """A check for one of these words."""

    def check(name: str, value: object) -> str:
        if _text(name, value) not in words:
            raise out_of_range(name, value, ", ".join(map(repr, words)))
        return str(value)

    return check


OPTIMIZERS = "sgd", "adam", "adamw"
REWARDS = "binary", "margin_linear", "softplus_margin"
GATINGS = "none", "winner_only", "target_only"
METRICS = "accuracy", "margin"
METHODS = "bptt", "eprop"
READOUTS = "spikes", "voltage"
SURROGATES = "fast_sigmoid", "triangle", "arctan"

_CHECKS: dict[str, Callable[[str, object], Any]] = {
    "int": _integer,
    "float": _number,
    "bool": _truth,
    "str": _text,
    "float | None": _optional(_number),
    "int | None": _optional(_count),
    "batch_size": _batch,
    "seed": _seed,
    "optimizer": _word(*OPTIMIZERS),
    "reward_mode": _word(*REWARDS),
    "update_gating": _word(*GATINGS),
    "revert_metric": _word(*METRICS),
    "population": _population,
    "generations": _count,
    "sigma_w": _size,
    "sigma_thr": _size,
    "sigma_leak": _size,
    "method": _word(*METHODS),
    "readout": _word(*READOUTS),
    "surrogate": _word(*SURROGATES),
}


class Checked:
    """A dataclass whose fields are checked whenever they are set."""

    def __setattr__(self, name: str, value: object) -> None:
        kinds = {each.name: str(each.type) for each in fields(self)}  # type: ignore[arg-type]
        if name not in kinds:
            raise AttributeError(
                f"{type(self).__name__} has no field {name!r}{advice(name, kinds)}"
            )
        check = _CHECKS.get(name) or _CHECKS.get(kinds[name]) or self._part
        object.__setattr__(self, name, check(name, value))

    def _part(self, name: str, value: object) -> object:
        """A field that is a config itself: one, or a mapping of some of its fields."""
        kind = PARTS[name]
        if isinstance(value, Mapping):
            refuse_unknown(kind, value)
            return replace(getattr(self, name, None) or kind(), **value)
        if not isinstance(value, kind):
            raise wrong_type(name, value, f"{kind.__name__}, or a mapping of its fields")
        return value


def advice(name: str, names: Any) -> str:
    """What may have been meant."""
    near = get_close_matches(name, list(names))
    return f"; did you mean {near[0]!r}?" if near else ""


def refuse_unknown(kind: type[Checked], given: Mapping[str, object]) -> None:
    """TypeError for names that are no fields."""
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    for name in given:
        if name not in names:
            raise TypeError(f"{kind.__name__} has no field {name!r}{advice(str(name), names)}")


def advising(kind: type[Config]) -> type[Config]:
    """Makes a constructor tell what may have been meant by an unknown field."""
    begin = kind.__init__

    @wraps(begin)
    def init(self: Checked, *values: Any, **given: Any) -> None:
        refuse_unknown(type(self), given)
        begin(self, *values, **given)

    kind.__init__ = init  # type: ignore[assignment, method-assign]
    return kind


@advising
@dataclass
class GradConfig(Checked):
    """The gradient trainer's own part of a `TrainingConfig`.

    Attributes
    ----------
    optimizer : str
        "sgd", "adam" or "adamw".
    temperature : float
        The softmax is of rates divided by it.
    adam_beta1, adam_beta2, adam_eps : float
        Adam's constants.
    clip_grad_norm : float
        The largest norm of a batch's gradient; 0: none.
    loss, momentum
        Kept, and not used.
    """

    loss: str = "softmax_xent"
    temperature: float = 1.0
    optimizer: str = "sgd"
    momentum: float = 0.9
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    adam_eps: float = 1e-8
    clip_grad_norm: float = 0.0


@advising
@dataclass
class OutputDetectorConfig(Checked):
    """How the Hebbian trainer chooses a winner: a part of a `TrainingConfig`.

    Attributes
    ----------
    alpha : float
        Of its averages of spikes.
    threshold : float
        With a highest rate below it there is no winner.
    default_id : str
        What stands for no winner.
    type : str
        Kept, and not used.
    """

    type: str = "ema"
    alpha: float = 0.05
    threshold: float = 0.01
    default_id: str = ""


@advising
@dataclass
class TrainingConfig(Checked):
    """How a trainer learns and scores. Fields are checked when they are set; numbers count as
    float32.

    Attributes
    ----------
    warmup_ticks, decision_window : int
        An episode's ticks are their sum.
    lr, weight_decay, weight_clip, weight_jitter_std : float
        The learning rate; what weights lose in an update; their largest size, 0: none; the noise
        on them when a training begins.
    batch_size, shuffle, seed
        Episodes of an update; whether their order is drawn; the seed of all random choices.
    rate_alpha, elig_lambda, margin_delta : float
        Of averages of spikes; what an eligibility keeps in a tick; the margin that is enough.
    grad, detector
        A `GradConfig` and an `OutputDetectorConfig`, or mappings of some of their fields.
    reward_mode, reward_pos, reward_neg, reward_gain, reward_min, reward_max
        Hebbian: "binary", "margin_linear" or "softplus_margin", and its constants.
    elig_post_use_rate, no_update_if_satisfied, use_advantage_baseline, baseline_beta
        Hebbian: rates or spikes of targets; no reward where all is right; the mean reward is
        subtracted.
    update_gating, usage_boost_gain
        Hebbian: "none", "winner_only" or "target_only"; a gain by use.
    prune_epsilon, prune_patience, grow_edges, init_weight
        Synapses that are removed and made.
    inactive_rate_threshold, inactive_rate_patience
        Hebbian: which neurons do not fire.
    prune_inactive_max, prune_inactive_in, prune_inactive_out
        Hebbian: how many of their weakest synapses are removed in an update, to and from them.
    eta_theta, eta_leak, r_target : float
        How thresholds and leaks follow rates.
    checkpoints_enable, ckpt_l0, ckpt_l1, ckpt_l2
        What is kept after each epoch.
    revert_enable, revert_metric, revert_window, revert_drop
        When it is put back.
    verbose, log_every
        Kept, and not used.
    """

    warmup_ticks: int = 20
    decision_window: int = 50
    lr: float = 0.01
    batch_size: int = 1
    shuffle: bool = True
    seed: int = 123456
    weight_decay: float = 1e-4
    weight_clip: float = 0.0
    weight_jitter_std: float = 0.0
    rate_alpha: float = 0.05
    elig_lambda: float = 0.95
    elig_post_use_rate: bool = True
    reward_mode: str = "softplus_margin"
    reward_pos: float = 1.2
    reward_neg: float = -0.8
    reward_gain: float = 1.0
    reward_min: float = -1.0
    reward_max: float = 1.0
    margin_delta: float = 0.05
    no_update_if_satisfied: bool = True
    use_advantage_baseline: bool = True
    baseline_beta: float = 0.1
    update_gating: str = "none"
    usage_boost_gain: float = 0.0
    eta_theta: float = 0.0
    eta_leak: float = 0.0
    r_target: float = 0.05
    prune_epsilon: float = 1e-4
    prune_patience: int = 3
    grow_edges: int = 0
    init_weight: float = 0.01
    inactive_rate_threshold: float = 0.0
    inactive_rate_patience: int = 0
    prune_inactive_max: int = 0
    prune_inactive_in: bool = False
    prune_inactive_out: bool = True
    checkpoints_enable: bool = True
    ckpt_l0: int = 4
    ckpt_l1: int = 2
    ckpt_l2: int = 1
    revert_enable: bool = False
    revert_metric: str = "accuracy"
    revert_window: int = 1
    revert_drop: float = 0.2
    verbose: bool = False
    log_every: int = 1
    grad: GradConfig = field(default_factory=GradConfig)
    detector: OutputDetectorConfig = field(default_factory=OutputDetectorConfig)


PARTS: dict[str, type[Any]] = {"grad": GradConfig, "detector": OutputDetectorConfig}
_FLAT = "optimizer", "adam_beta1", "adam_beta2", "adam_eps"


def create_config(**fields: Any) -> TrainingConfig:
    """Make a config, with 50 ticks of warm-up unless told otherwise.

    Parameters
    ----------
    **fields
        Of `TrainingConfig`, by name; ``grad`` and ``detector`` may be mappings of some of their
        fields. ``optimizer``, ``adam_beta1``, ``adam_beta2`` and ``adam_eps`` stand for the fields
        of ``grad``.

    Returns
    -------
    TrainingConfig

    Raises
    ------
    TypeError
        For a name that is no field; the text tells the nearest one.
    RangeError
        For a value that is not allowed.

    Examples
    --------
    >>> config = glia.create_config(lr=0.5, optimizer="adam", grad={"clip_grad_norm": 1.0})
    >>> config.warmup_ticks, config.grad.optimizer, config.grad.clip_grad_norm
    (50, 'adam', 1.0)
    """
    flat = {name: fields.pop(name) for name in _FLAT if name in fields}
    grad = GradConfig(**flat)
    given = fields.pop("grad", {})
    made = TrainingConfig(**{"warmup_ticks": 50, **fields})
    made.grad = grad
    made.grad = given
    return made
