"""Trainings and scores that were recorded from GliaGL, an independent implementation, to the bit:
the files of tests/glia, which tell how they were made."""

import struct
from pathlib import Path
from typing import Any

import pytest

from ketch import glia
from ketch.glia._config import GATINGS, OPTIMIZERS, REWARDS

FOLDER = Path(__file__).parent.parent / "glia"
WORDS = {"reward_mode": REWARDS, "update_gating": GATINGS, "optimizer": OPTIMIZERS}
GRAD = "temperature", "adam_beta1", "adam_beta2", "adam_eps", "clip_grad_norm", "optimizer"
TRUTHS = {name for name, value in vars(glia.TrainingConfig()).items() if isinstance(value, bool)}
FIELDS = {"0": "values", "1": "thresholds", "2": "leaks"}


class Recorded:
    """The networks, sequences and runs of a file; a run is its lines, in words."""

    def __init__(self, name: str) -> None:
        self.nets: dict[str, str] = {}
        self.sequences: dict[str, glia.InputSequence] = {}
        self.runs: dict[str, list[list[str]]] = {}
        net, sequence, lines = "", glia.InputSequence(), [["none"]]
        for word, *rest in map(str.split, (FOLDER / name).read_text().splitlines()):
            if word == "net":
                self.nets[net := rest[0]] = ""
            elif word in ("neuron", "synapse"):
                kind = "NEURON" if word == "neuron" else "CONNECTION"
                self.nets[net] += f"{kind} {' '.join(rest)}\n"
            elif word == "sequence":
                sequence = self.sequences[rest[0]] = glia.InputSequence()
                sequence.loop = rest[1] == "1"
            elif word == "events":
                for tick in rest[2:]:
                    sequence.add(int(tick), rest[0], float(rest[1]))
            elif word == "run":
                lines = self.runs[rest[0]] = [rest]
            else:
                lines.append([word, *rest])


FILES = {name: Recorded(f"{name}.txt") for name in ("evaluate", "gradient", "hebbian")}
RUNS = [(name, run) for name, file in FILES.items() for run in file.runs]


def _bits(numbers: Any) -> str:
    return "".join(struct.pack(">f", number).hex() for number in numbers)


def _config(lines: list[list[str]]) -> glia.TrainingConfig:
    """The config that lines "config NAME NUMBER" make."""
    fields: dict[str, Any] = {"grad": {}, "detector": {}}
    for name, text in (line[1:] for line in lines if line[0] == "config"):
        number: Any = float(text)
        if name in WORDS:
            number = WORDS[name][int(text)]
        elif name in TRUTHS:
            number = text == "1"
        elif text.isdigit():
            number = int(text)
        if name in GRAD:
            fields["grad"][name] = number
        elif name.startswith("detector_"):
            fields["detector"][name.removeprefix("detector_")] = number
        else:
            fields[name] = number
    fields["detector"] |= {line[0]: line[1] for line in lines if line[0] == "default_id"}
    return glia.create_config(**fields)


def _check_training(trainer: glia.Trainer, data: list[Any], epochs: list[list[str]]) -> None:
    schedule: Any = "cosine" if len(epochs[0]) > 4 else None
    told: list[tuple[float, float]] = []
    history = trainer.train(
        data, len(epochs), lr_schedule=schedule, callback=lambda _, *each: told.append(each)
    )
    expected = [(float.fromhex(line[1]), float.fromhex(line[2])) for line in epochs]
    assert [*zip(history.accuracy, history.margin, strict=True)] == expected == told
    assert history.synapses == [int(line[3]) for line in epochs]
    if schedule:
        assert [_bits([rate]) for rate in history.lr] == [line[4] for line in epochs]


@pytest.mark.parametrize("file, run", RUNS)
def test_a_recorded_run_is_reproduced(file: str, run: str) -> None:
    (_, rule, net_name, _), *lines = FILES[file].runs[run]
    net = glia.Network.from_text(FILES[file].nets[net_name])
    trainer = glia.Trainer(net, _config(lines), use_gradient=rule == "1")
    chosen = [line[1:] for line in lines if line[0] == "episode"]
    data = [(FILES[file].sequences[name], target) for name, target in chosen]
    epochs = [line for line in lines if line[0] == "epoch"]
    if epochs:
        _check_training(trainer, data, epochs)
        found = net.get_weights()
        rows = zip(found["from"], found["to"], found["weights"], strict=True)
        weights = [["weight", a, b, _bits([w])] for a, b, w in rows]
        assert weights == [line for line in lines if line[0] == "weight"]
    inputs = iter(sequence for sequence, _ in data)
    for word, *rest in lines:
        if word == "field":
            state: Any = net.get_state()
            assert _bits(state[FIELDS[rest[0]]]) == rest[1]
        elif word == "after":
            score = trainer.evaluate(next(inputs))
            none = trainer.config.detector.default_id if rule == "2" else ""
            assert score.winner_id == (none if rest[0] == "-" else rest[0])
            assert _bits([score.margin]) == rest[1]
            assert _bits(score.rates[id] for id in net.output_ids) == "".join(rest[2:])


def test_there_are_runs_of_both_rules_and_a_schedule() -> None:
    assert len(RUNS) >= 14
    lines = [line for file in FILES.values() for run in file.runs.values() for line in run]
    assert ["schedule", "1"] in lines
    assert {"epoch", "weight", "field", "after"} <= {line[0] for line in lines}
