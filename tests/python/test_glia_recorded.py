"""Trainings and scores that were recorded from GliaGL, an independent implementation, to the bit:
the files of tests/glia, which tell how they were made."""

import re
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


# ---- an evolution without noise, of which nothing but the parents depends on random numbers


def _evolution(lines: list[list[str]]) -> glia.EvolutionConfig:
    """The config that lines "evolution NAME NUMBER" make."""
    fields = {line[1]: float(line[2]) for line in lines if line[0] == "evolution"}
    kinds = {name: type(value) for name, value in vars(glia.EvolutionConfig()).items()}
    return glia.create_evo_config(**{name: kinds[name](value) for name, value in fields.items()})


def _without_parents(text: str) -> list[str]:
    return [re.sub(r'"parent": -?\d+', "", line).strip() for line in text.splitlines()]


def test_a_recorded_evolution_is_reproduced(tmp_path: Path) -> None:
    file = Recorded("evolution.txt")
    (_, *lines) = next(iter(file.runs.values()))
    path, written = tmp_path / "first.net", tmp_path / "lineage.json"
    path.write_text(next(iter(file.nets.values())))
    train, check = (
        [(file.sequences[line[1]], line[2]) for line in lines if line[0] == word]
        for word in ("episode", "validation")
    )
    config = _evolution(lines)
    config.lineage_json = str(written)
    evolution = glia.Evolution(str(path), train, check, _config(lines), config)
    result = evolution.run(verbose=False)
    individuals = [line[1:] for line in lines if line[0] == "individual"]
    found = [
        [str(each.id), each.accuracy, each.margin, each.fitness, str(each.synapses)]
        for each in result.lineage[: len(individuals)]
    ]
    assert found == [[id, *map(float.fromhex, rest[1:4]), rest[4]] for id, *rest in individuals]
    bests = [found[i] for i in range(0, len(found), config.population)]
    assert result.best_accuracy == [best[1] for best in bests]
    assert result.best_margin == [best[2] for best in bests]
    assert result.best_fitness == [best[3] for best in bests]
    trained = [line[1] for line in lines if line[0] == "trained"]
    for net, bits in (
        (result.best, trained[0]),
        (result.last_best, trained[-1]),
        (glia.Evolution.load_best_genome(path, result), trained[-1]),
    ):
        assert _bits(net.get_weights()["weights"]) == bits
    lineage = "\n".join(" ".join(line[1:]) for line in lines if line[0] == "lineage")
    for text in (result.lineage_json(), written.read_text()):
        assert _without_parents(text) == _without_parents(lineage)
