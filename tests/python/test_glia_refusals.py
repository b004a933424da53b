"""Every class of bad input for networks, sequences, trainings and their files: the exception, its
status, what it names, and that all is as before."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ketch
from ketch import glia

NAN, INF = float("nan"), float("inf")
TEXT = "NEURON S0 100 1 0\nNEURON O0 50 1 0\nNEURON O1 50 1 0\nCONNECTION S0 O0 60\n"
NET, CLEAN = glia.Network.from_text(TEXT), glia.Network.from_arrays(["A", "B"], [[0, 1], [0, 0]])
SEQUENCE = glia.create_sequence_from_array([[200.0]] * 5, ["S0"])
DATA: Any = [(SEQUENCE, "O0")]
TRAINER = glia.Trainer(NET)


def train(*arguments: Any, **options: Any) -> glia.History:
    return TRAINER.train(DATA, *arguments, **options)


def config(**fields: Any) -> glia.History:
    return train(1, glia.create_config(**fields))


def arrays(weights: Any = ((1,),), **more: Any) -> glia.Network:
    ids = [f"A{i}" for i in range(len(weights))]
    return glia.Network.from_arrays(ids, weights, **more)


# ---- texts: the status, the place, and what is said

TEXTS = {
    "NEURON S0 100\n": ("SYNTAX", 1, 14, "expected a leak"),
    "NEURON S0 1 \0 1\n": ("SYNTAX", 1, 13, "NUL"),
    "\nNEURO S0 1 1 1\n": ("SYNTAX", 2, 1, "NEURON, CONNECTION or NEWNET"),
    "NEURON S0 abc 1 0\n": ("SYNTAX", 1, 11, "a threshold"),
    "NEURON S0 1 1 x\n": ("SYNTAX", 1, 15, "a resting value"),
    "NEURON S0 1 1 nan\n": ("SYNTAX", 1, 15, "a resting value"),
    "NEURON S0 1e99999 1 0\n": ("LITERAL", 1, 11, "3.4e38"),
    "NEURON S0 1 1 0\nCONNECTION S0 O9 1\n": ("INDEX", 2, 15, "'O9'"),
    "NEURON S0 1 1 0\nCONNECTION S0 S0 nan\n": ("SYNTAX", 2, 18, "a weight"),
    "NEURON S0 1 1 0\nNEURON S0 2 1 0\n": ("DUPLICATE", 2, 8, "'S0'"),
    "NEURON S0 1 1.5 0\n": ("RANGE", 1, 13, "0..1"),
    "NEURON " + "S" * 256 + " 1 1 0\n": ("RANGE", 1, 8, "255"),
    "NEWNET S=99999999999 O=1\n": ("LITERAL", 1, 10, "67108864"),
    "NEWNET S=2 O=1\nDENSITY S->O 2\n": ("RANGE", 2, 14, "0..1"),
    "NEWNET S=60000 H=60000 O=1\n": ("LIMIT", 1, 1, "2147483647"),
}
SEQUENCES = {
    "99999999999 S0 1\n": ("LITERAL", 1, 1, "2147483647"),
    "2147483648 S0 1\n": ("LITERAL", 1, 1, "2147483647"),
    "-1 S0 1\n": ("SYNTAX", 1, 1, "a tick"),
    "1 S0 x\n": ("SYNTAX", 1, 6, "an amount"),
    "1 S0\n": ("SYNTAX", 1, 5, "an amount"),
    "DURATION 99999999999\n": ("LITERAL", 1, 10, "2147483648"),
    "LOOP 7\n": ("SYNTAX", 1, 6, "true"),
    "EVENTS 1 S0 3\n": ("SYNTAX", 1, 1, "EVENT"),
}
CLASSES = {
    "INDEX": ketch.BadIndexError,
    "DUPLICATE": ketch.RangeError,
    "RANGE": ketch.RangeError,
}


@pytest.mark.parametrize("text", [*TEXTS, *SEQUENCES])
def test_a_wrong_text_says_where_and_what(text: str, tmp_path: Path) -> None:
    is_net = text in TEXTS
    status, line, column, words = (TEXTS if is_net else SEQUENCES)[text]
    path = tmp_path / "some.text"
    path.write_text(text)
    net, sequence = glia.Network(0, 2), pickle.loads(pickle.dumps(SEQUENCE))
    with pytest.raises(CLASSES.get(status, ketch.TextError)) as caught:
        net.load(path, strict=True) if is_net else sequence.load_from_file(path, strict=True)
    error: Any = caught.value
    assert (error.status, error.line, error.column) == (status, line, column)
    assert str(error).startswith(f"{path}:{line}:{column}: ") and words in str(error)
    assert net.neuron_ids == ["N0", "N1"] and sequence == SEQUENCE


# ---- calls: the class, the status ("" for Python's own) and words

RANGE, INDEX = ketch.RangeError, ketch.BadIndexError
CALLS: dict[str, tuple[Callable[[], object], type[Exception], str, str]] = {
    # networks
    "neurons beyond the limit": (lambda: glia.Network(2**31), RANGE, "RANGE", "0..67108864"),
    "a bool for a number": (lambda: glia.Network(True), TypeError, "", "given bool"),
    "rows of two lengths": (lambda: arrays([[1], [1, 2]]), RANGE, "SHAPE", "weights"),
    "weights that are texts": (lambda: arrays([["x"]]), TypeError, "", "list of str"),
    "weights that are complex": (lambda: arrays([[1j]]), TypeError, "", "list of complex128"),
    "a weight beyond float32": (lambda: arrays([[1e39]]), RANGE, "NONFINITE", "1e+39"),
    "a time constant that is a text": (lambda: arrays(taus="x"), TypeError, "", "taus"),
    "a clean leak above 1": (lambda: arrays(leaks=1.5), RANGE, "RANGE", "0..1"),
    "a drive that is nan": (lambda: arrays(drives=NAN), RANGE, "NONFINITE", "drives[0]"),
    "a delay that is nan": (lambda: arrays(delays=NAN), RANGE, "NONFINITE", "delays[0]"),
    "a source that is a number": (
        lambda: NET.add_synapses([0], ["O0"], 1),  # type: ignore[list-item]
        TypeError, "", "from_ids",
    ),
    "a clean neuron's leak of 2": (
        lambda: setattr(CLEAN.get_neuron("A"), "leak", 2), RANGE, "RANGE", "leak out of range",
    ),
    "a neuron's threshold that is nan": (
        lambda: setattr(NET.get_neuron("O0"), "threshold", NAN), RANGE, "NONFINITE", "threshold is",
    ),
    "an id that is a number": (
        lambda: NET.inject(3, 1),  # type: ignore[arg-type]
        TypeError, "", "id of a wrong type",
    ),
    "a clean network's unknown neuron": (lambda: CLEAN.inject("Z", 1), INDEX, "INDEX", "'Z'"),
    "half a step": (lambda: NET.step(1.5), TypeError, "", "n_steps"),  # type: ignore[arg-type]
    "a true step": (lambda: NET.step(True), TypeError, "", "given bool"),
    # runs
    "ticks below 0": (lambda: NET.run(SEQUENCE, -1), RANGE, "RANGE", "ticks"),
    "more ticks than are recorded": (lambda: NET.run(SEQUENCE, 2**33), RANGE, "RANGE", "2949672"),
    "a path for a sequence": (
        lambda: NET.run("x.seq"),  # type: ignore[arg-type]
        TypeError, "", "InputSequence",
    ),
    "an option of a run": (
        lambda: NET.run(SEQUENCE, 5, hok=print),  # type: ignore[call-arg]
        TypeError, "", "did you mean 'hook'?",
    ),
    "an unknown id, strictly": (
        lambda: NET.run(glia.InputSequence.from_text("1 X 3\n"), 5, strict=True),
        INDEX, "INDEX", "X at tick 1",
    ),
    # trainings
    "no episodes": (lambda: TRAINER.train([], 3), RANGE, "RANGE", "given 0"),
    "a target that is not there": (
        lambda: TRAINER.train([(SEQUENCE, "O9")], 3), RANGE, "MISMATCH", "O9 in episode 0",
    ),
    "a target that is no output": (
        lambda: TRAINER.train([(SEQUENCE, "S0")], 3), RANGE, "MISMATCH", "2 outputs",
    ),
    "epochs below 0": (lambda: train(-1), RANGE, "RANGE", "epochs"),
    "an unknown schedule": (lambda: train(1, lr_schedule="cos"), RANGE, "RANGE", '"cosine"'),
    "an accuracy of 2": (lambda: train(1, target_accuracy=2), RANGE, "RANGE", "target_accuracy"),
    "no patience": (lambda: train(1, patience=0), RANGE, "RANGE", "patience"),
    "a time that is nan": (
        lambda: train(1, callback=print, callback_seconds=NAN), RANGE, "RANGE", "callback_seconds",
    ),
    "a period without a file": (lambda: train(1, save_every=3), RANGE, "RANGE", "without save"),
    "two callbacks": (
        lambda: train(1, callback=print, on_epoch=print), TypeError, "", "two names",
    ),
    "an answer that is a text": (
        lambda: train(1, callback=lambda *_: "no"), TypeError, "", "None, bool or int",
    ),
    "a config that is a dict": (lambda: TRAINER.evaluate(SEQUENCE, {}), TypeError, "", "config"),  # type: ignore[arg-type]
    "a learning rate below 0": (lambda: config(lr=-1), RANGE, "RANGE", "lr"),
    "a learning rate beyond float32": (lambda: config(lr=1e39), RANGE, "NONFINITE", "lr"),
    "a rate of 2": (lambda: config(rate_alpha=2), RANGE, "RANGE", "rate_alpha"),
    "a detector's rate of 2": (
        lambda: config(detector={"alpha": 2}), RANGE, "RANGE", "detector.alpha",
    ),
    "no temperature": (lambda: config(grad={"temperature": 0}), RANGE, "RANGE", "grad.temperature"),
    "too many epochs kept": (lambda: config(ckpt_l0=5000), RANGE, "RANGE", "0..1000"),
    "too long an episode": (
        lambda: config(warmup_ticks=2**31 - 1, decision_window=2**31 - 1),
        RANGE, "RANGE", "decision_window",
    ),
    "a field of detector": (
        lambda: glia.create_config(detector={"alfa": 1}), TypeError, "", "did you mean 'alpha'?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_call_says_what_is_wrong_and_changes_nothing(name: str) -> None:
    call, kind, status, words = CALLS[name]
    before = pickle.dumps(SEQUENCE)
    weights = [net.get_weights()["weights"].tobytes() for net in (NET, CLEAN)]
    with pytest.raises(kind) as caught:
        call()
    assert words in str(caught.value)
    assert getattr(caught.value, "status", "") == status
    if name != "an answer that is a text":  # which comes after an epoch
        assert [net.get_weights()["weights"].tobytes() for net in (NET, CLEAN)] == weights
    assert pickle.dumps(SEQUENCE) == before


# ---- in use, and of something else


def test_a_callback_reads_the_network_and_changes_nothing(tmp_path: Path) -> None:
    net = glia.Network.from_text(TEXT)
    trainer, path = glia.Trainer(net), tmp_path / "epoch.net"
    reads: list[Callable[[], object]] = [
        net.view, net.view_synapses, net.get_state, net.get_weights, net.copy, net.to_text,
        net.get_firing_neurons, lambda: net.num_connections, lambda: net.save(path),
        lambda: pickle.dumps(net), lambda: net.get_neuron("O0").threshold,
    ]  # fmt: skip
    writes: list[Callable[[], object]] = [
        net.step, lambda: net.inject("S0", 1), lambda: net.set("values", 3),
        lambda: net.add_neuron("O7"), lambda: net.load(path), lambda: net.run(ticks=1),
        lambda: net.load_run(path), lambda: net.set_state(["O0"], [1], [1]),
        lambda: net.set_weights(net.get_weights()), lambda: trainer.train(DATA, 1),
        lambda: trainer.evaluate(SEQUENCE), trainer.revert_checkpoint,
        lambda: glia.Trainer(net, use_gradient=False).train(DATA, 1),
    ]  # fmt: skip
    epochs = []

    def look(epoch: int, accuracy: float, margin: float) -> None:
        for read in reads:
            read()
        for write in writes:
            with pytest.raises(ketch.BusyError, match="a run of the network is on"):
                write()
        epochs.append(epoch)

    trainer.train(DATA, 2, callback=look)
    assert epochs == [0, 1] and glia.Network.from_file(path).neuron_ids == net.neuron_ids
    net.step()


def test_files_of_something_else_are_refused(tmp_path: Path) -> None:
    net, other = glia.Network.from_text(TEXT), glia.Network.from_text(TEXT + "NEURON X 1 1 1\n")
    trainer = glia.Trainer(net)
    run, training, circuit, junk = (tmp_path / name for name in ("run", "train", "circuit", "junk"))
    net.run(SEQUENCE, 50).save(run)
    trainer.train(DATA, 2, save=training)
    ketch.run(ketch.Circuit(1), save=circuit)
    junk.write_text("hello")
    flipped, cut = tmp_path / "flipped", tmp_path / "cut"
    whole = run.read_bytes()
    flipped.write_bytes(whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:])
    cut.write_bytes(whole[: len(whole) // 2])
    hebbian = glia.Trainer(net, use_gradient=False)
    calls: list[tuple[Callable[[], object], type[Exception], str, str]] = [
        (lambda: other.load_run(run), ketch.RangeError, "MISMATCH", "another number of neurons"),
        (lambda: net.load_run(training), ketch.FileError, "FORMAT", "allowed glia.run"),
        (lambda: net.load_run(circuit), ketch.FileError, "FORMAT", "allowed glia.run"),
        (lambda: ketch.Engine().load(run), ketch.FileError, "FORMAT", "given glia.run"),
        (lambda: net.load_run(junk), ketch.FileError, "FORMAT", "not written by ketch"),
        (lambda: net.load_run(flipped), ketch.FileError, "CORRUPT", "checksum"),
        (lambda: net.load_run(cut), ketch.FileError, "CORRUPT", "bytes"),
        (lambda: trainer.resume(run, DATA), ketch.FileError, "FORMAT", "allowed glia.train"),
        (lambda: trainer.resume(training, DATA * 2), ketch.RangeError, "MISMATCH", "episodes"),
        (lambda: hebbian.resume(training, DATA), ketch.RangeError, "MISMATCH", "another rule"),
        (
            lambda: glia.Trainer(other).resume(training, DATA),
            ketch.RangeError, "MISMATCH", "other neurons",
        ),
        (lambda: net.run(ticks=1).save(junk), ketch.FileError, "FORMAT", "overwritten"),
    ]  # fmt: skip
    before = [pickle.dumps(each.get_state()) for each in (net, other)]
    for call, kind, status, words in calls[:-1]:
        with pytest.raises(kind, match=words) as caught:
            call()
        assert getattr(caught.value, "status", "") == status
    assert [pickle.dumps(each.get_state()) for each in (net, other)] == before
    with pytest.raises(ketch.FileError, match="overwritten"):
        calls[-1][0]()
    assert junk.read_text() == "hello"


def test_a_run_of_a_network_that_was_changed_does_not_go_on() -> None:
    net = glia.Network.from_text(TEXT)
    result = net.run(SEQUENCE, 50, hook_every=10, hook=lambda step: step.fence)
    assert result.stopped and result.ticks == 10
    net.step()
    with pytest.raises(ketch.RangeError, match="was changed") as caught:
        result.resume()
    assert caught.value.status == "MISMATCH" and net.ticks == 11
