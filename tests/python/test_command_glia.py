"""`ketch glia train`: it learns what Python's trainer learns; a kill loses little."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from subprocess import CompletedProcess, Popen

import pytest

from ketch import glia

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NET = EXAMPLES / "xor_untrained.net"
CLEAN = EXAMPLES / "xor_clean.net"
DATA = EXAMPLES / "xor.data"
PERIOD = 0.1


def _train(*words: object, cwd: Path) -> "CompletedProcess[bytes]":
    return subprocess.run(
        _command("glia", "train", *words), cwd=cwd, capture_output=True, timeout=60
    )


def _command(*words: object) -> list[str]:
    return [sys.executable, "-m", "ketch", *map(str, words)]


def _dataset() -> glia.Dataset:
    rows = [line.split() for line in DATA.read_text().splitlines() if not line.startswith("#")]
    return glia.Dataset(
        [(glia.load_sequence_file(str(EXAMPLES / name)), target) for name, target in rows]
    )


def _fields(rule: str) -> "tuple[list[object], dict[str, object]]":
    """A training's options of the command and in Python."""
    words: list[object] = ["--lr", 0.5, "--batch", 2, "--warmup", 10, "--window", 40, "--seed", 11]
    fields: dict[str, object] = {
        **{"lr": 0.5, "batch_size": 2, "warmup_ticks": 10, "decision_window": 40, "seed": 11}
    }
    if rule == "gradient":
        return [*words, "--optimizer", "adamw"], {**fields, "optimizer": "adamw"}
    return [*words, "--rule", "hebbian"], fields


@pytest.mark.parametrize("rule", ["gradient", "hebbian"])
def test_it_learns_what_python_learns(rule: str, tmp_path: Path) -> None:
    words, fields = _fields(rule)
    done = _train(
        *[NET, DATA, *words, "--epochs", 12, "--out", "command.net", "--json"], cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    net = glia.Network.from_file(str(NET), verbose=False)
    trainer = glia.Trainer(net, glia.create_config(**fields), use_gradient=rule == "gradient")
    history = trainer.train(_dataset(), epochs=12, lr_schedule=None)
    net.save(str(tmp_path / "python.net"), exact=True)
    assert (tmp_path / "command.net").read_text() == (tmp_path / "python.net").read_text()
    assert told["accuracy"] == list(history.accuracy) and told["margin"] == list(history.margin)
    assert (told["rule"], told["episodes"], told["epochs"]) == (rule, 3, 12)


@pytest.mark.parametrize("rule", ["bptt", "eprop"])
def test_it_fits_what_python_fits(rule: str, tmp_path: Path) -> None:
    net = glia.Network.from_file(str(CLEAN), mode="clean")
    config = glia.FitConfig(
        method=rule, lr=0.1, batch_size=2, ticks=30, seed=11, optimizer="adamw", readout="spikes"
    )
    done = _train(
        *[CLEAN, DATA, "--rule", rule, "--lr", 0.1, "--batch", 2, "--ticks", 30, "--seed", 11],
        *["--optimizer", "adamw", "--readout", "spikes", "--epochs", 12],
        *["--out", "command.net", "--json"],
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    history = glia.Fitter(net, config).fit(_dataset(), epochs=12, lr_schedule=None)
    net.save(str(tmp_path / "python.net"), exact=True)
    assert (tmp_path / "command.net").read_text() == (tmp_path / "python.net").read_text()
    assert told["accuracy"] == list(history.accuracy) and told["margin"] == list(history.margin)
    assert told["loss"] == list(history.loss)
    assert (told["rule"], told["mode"], told["epochs"]) == (rule, "clean", 12)


def _stop_on_the_way(words: list[object], cwd: Path) -> int:
    """Trains for more epochs or seconds until time is up after some epochs; returns all epochs."""
    epochs, seconds = 20000, 0.5
    for _ in range(12):
        done = _train(*words, "--epochs", epochs, "--timeout", seconds, "--json", cwd=cwd)
        told = json.loads(done.stdout)
        if done.returncode == 0:
            epochs *= 4
        elif told.get("epochs", 0) == 0:
            seconds *= 2
        else:
            assert done.returncode == 124 and told["status"] == "TIMEOUT"
            assert told["epochs"] < epochs
            return epochs
    raise AssertionError(f"{epochs} epochs, {seconds} s")


def test_python_goes_on_with_what_the_command_saved(tmp_path: Path) -> None:
    words, _ = _fields("gradient")
    epochs = _stop_on_the_way([NET, DATA, *words, "--save", "run.ketch"], tmp_path)
    net = glia.Network.from_file(str(NET), verbose=False)
    history = glia.Trainer(net).resume(str(tmp_path / "run.ketch"), _dataset())
    command = _command("resume", "run.ketch", "--out", "command.net")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60).returncode == 0
    net.save(str(tmp_path / "python.net"), exact=True)
    assert len(history.accuracy) == epochs
    assert (tmp_path / "command.net").read_text() == (tmp_path / "python.net").read_text()


def _position(saved: Path) -> int:
    """Epochs of a saved training, which is loaded and stopped at once."""
    command = _command(
        "resume", saved, "--timeout", 0.5, "--save", saved.with_suffix(".at"), "--json"
    )
    return int(
        json.loads(subprocess.run(command, capture_output=True, timeout=60).stdout)["epochs"]
    )


def test_a_kill_loses_at_most_one_period(tmp_path: Path) -> None:
    """The file is younger than a period and what one save and a loaded machine may take."""
    words, _ = _fields("gradient")
    saved = tmp_path / "run.ketch"
    command = _command(
        *["glia", "train", NET, DATA, *words, "--epochs", 2**31, "--save", saved],
        *["--save-every", PERIOD],
    )
    with Popen(command, stdout=subprocess.PIPE) as process:
        first = _wait_for(saved, 20 * PERIOD)
        process.kill()
        lost = time.time() - os.stat(saved).st_mtime
    assert first < os.stat(saved).st_mtime
    assert lost < 10 * PERIOD
    assert _position(saved) > 0


def _wait_for(saved: Path, seconds: float) -> float:
    """Waits for the file, and then so long; when it was written first."""
    end = time.monotonic() + 30
    while not saved.exists() and time.monotonic() < end:
        time.sleep(0.01)
    first = os.stat(saved).st_mtime
    time.sleep(seconds)
    return first


def test_a_target_has_its_place_in_the_object(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("# none\nnone.seq S0\n")
    done = _train(NET, "data", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"]) == (2, "SYNTAX")
    assert (told["line"], told["column"], told["given"]) == (2, 10, "'S0'")
    assert done.stderr.startswith(b"data:2:10: found 'S0', expected a target")
