"""Wrong calls on networks, sequences, data sets and configs: class, status and text."""

import os
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

import ketch
from ketch import glia

TEXT = "NEURON S0 100 1 0\nNEURON O0 50 1 0\nNEURON O1 50 1 0\nCONNECTION S0 O0 60\n"
NET = glia.Network.from_text(TEXT)
SEQUENCE = glia.create_sequence_from_array([[200.0]] * 5, ["S0"])
NAN = float("nan")
ANY: Any = None


def _weights(**parts: Any) -> dict[str, Any]:
    return {"from": ["S0"], "to": ["O0"], "weights": [1.0], **parts}


def _arrays(*arguments: Any, **more: Any) -> glia.Network:
    return glia.Network.from_arrays(*arguments, **{"mode": "compat", **more})


# What each call is told by: the call, the class, the status ("" for Python's own), and words of the
# text.
CALLS: dict[str, tuple[Callable[[], object], type[Exception], str, str]] = {
    "Network(-1)": (lambda: glia.Network(-1), ketch.RangeError, "RANGE", "0..67108864"),
    "Network(1.5)": (lambda: glia.Network(ANY or 1.5), TypeError, "", "num_sensory"),  # type: ignore[arg-type]
    "a mode": (lambda: _arrays([], [], mode="odd"), ketch.RangeError, "RANGE", "'compat'"),
    "an id twice": (
        lambda: _arrays(["S0", "O0", "S0"], numpy.eye(3)),
        ketch.RangeError,
        "DUPLICATE",
        "'S0'",
    ),
    "a matrix of a wrong shape": (
        lambda: _arrays(["S0", "O0"], numpy.eye(3)),
        ketch.RangeError,
        "SHAPE",
        "(2, 2)",
    ),
    "a weight that is nan": (
        lambda: _arrays(["S0", "O0"], [[0, NAN], [0, 0]]),
        ketch.RangeError,
        "NONFINITE",
        "weights[0]",
    ),
    "an empty id": (lambda: glia.Network().add_neuron(""), ketch.RangeError, "RANGE", "1..255"),
    "an id with a blank": (
        lambda: glia.Network().add_neuron("S 0"),
        ketch.RangeError,
        "RANGE",
        "white space",
    ),
    "an id with a NUL": (
        lambda: glia.Network().add_neuron("S\0"),
        ketch.RangeError,
        "RANGE",
        "NUL",
    ),
    "an id that is too long": (
        lambda: glia.Network().add_neuron("S" * 256),
        ketch.RangeError,
        "RANGE",
        "255",
    ),
    "an id that is a number": (
        lambda: glia.Network().add_neuron(3),  # type: ignore[arg-type]
        TypeError,
        "",
        "given int",
    ),
    "a threshold that is nan": (
        lambda: NET.add_neuron("O0", NAN),
        ketch.RangeError,
        "NONFINITE",
        "finite",
    ),
    "a threshold beyond float32": (
        lambda: NET.add_neuron("O0", 1e39),
        ketch.RangeError,
        "NONFINITE",
        "finite",
    ),
    "an unknown source": (
        lambda: NET.add_synapses(["S0", "X"], ["O0", "O1"], [1, 2]),
        ketch.BadIndexError,
        "INDEX",
        "'X'",
    ),
    "an unknown target": (
        lambda: NET.set_weights(_weights(to=["X"])),
        ketch.BadIndexError,
        "INDEX",
        "'X'",
    ),
    "synapses of two lengths": (
        lambda: NET.add_synapses(["S0"], ["O0", "O1"], 1.0),
        ketch.RangeError,
        "SHAPE",
        "different lengths",
    ),
    "weights of another length": (
        lambda: NET.set_weights(_weights(weights=[1, 2])),
        ketch.RangeError,
        "SHAPE",
        "(1,)",
    ),
    "weights without a part": (
        lambda: NET.set_weights({"from": [], "to": []}),
        ketch.RangeError,
        "ARITY",
        "'weights'",
    ),
    "weights of texts": (
        lambda: NET.set_weights(_weights(weights=["1"])),
        TypeError,
        "",
        "numbers",
    ),
    "an unknown neuron": (lambda: NET.get_neuron("X"), ketch.BadIndexError, "INDEX", "3 neurons"),
    "a leak that is inf": (
        lambda: NET.set_state(["O0"], [1], [float("inf")]),
        ketch.RangeError,
        "NONFINITE",
        "leaks[0]",
    ),
    "too many thresholds": (
        lambda: NET.set_state(["O0"], [1, 2], [1]),
        ketch.RangeError,
        "SHAPE",
        "thresholds",
    ),
    "an amount that is nan": (
        lambda: NET.inject("S0", NAN),
        ketch.RangeError,
        "NONFINITE",
        "finite",
    ),
    "an amount that is a text": (
        lambda: NET.inject("S0", "1"),  # type: ignore[arg-type]
        TypeError,
        "",
        "amount",
    ),
    "amounts for other neurons": (
        lambda: NET.inject_array([1, 2]),
        ketch.RangeError,
        "SHAPE",
        "(1,)",
    ),
    "steps below 0": (lambda: NET.step(-1), ketch.RangeError, "RANGE", "0..2^62"),
    "ticks below 0": (lambda: NET.run(ticks=-1), ketch.RangeError, "RANGE", "ticks"),
    "a sequence of another type": (
        lambda: NET.run([1]),  # type: ignore[arg-type]
        TypeError,
        "",
        "InputSequence",
    ),
    "an unknown keyword of a run": (
        lambda: NET.run(tmeout=1),  # type: ignore[call-arg]
        TypeError,
        "",
        "did you mean 'timeout'?",
    ),
    # texts
    "a threshold that is no number": (
        lambda: glia.Network.from_text("NEURON S0 x 1 0"),
        ketch.TextError,
        "SYNTAX",
        "1:11: found 'x', expected a threshold",
    ),
    "a missing field": (
        lambda: glia.Network.from_text("\nNEURON S0 1\n"),
        ketch.TextError,
        "SYNTAX",
        "2:12: found the end of the line",
    ),
    "a number that is too large": (
        lambda: glia.Network.from_text("NEURON S0 1e99 1 0"),
        ketch.TextError,
        "LITERAL",
        "1e99",
    ),
    "strict: an unknown word": (
        lambda: glia.Network.from_text("junk", strict=True),
        ketch.TextError,
        "SYNTAX",
        "1:1",
    ),
    "strict: an edge to a missing neuron": (
        lambda: glia.Network.from_text("CONNECTION S0 O0 1", strict=True),
        ketch.BadIndexError,
        "INDEX",
        "1:12",
    ),
    "strict: a repeated neuron": (
        lambda: glia.Network.from_text(TEXT + "NEURON S0 1 1 1\n", strict=True),
        ketch.RangeError,
        "DUPLICATE",
        "5:8",
    ),
    "strict: a leak": (
        lambda: glia.Network.from_text("NEURON S0 1 2 0", strict=True),
        ketch.RangeError,
        "RANGE",
        "0..1",
    ),
    "a text with a NUL": (
        lambda: glia.Network.from_text("NEURON S0 1 1 0\n\0"),
        ketch.TextError,
        "SYNTAX",
        "2:1",
    ),
    "a tick beyond 2^31": (
        lambda: glia.InputSequence.from_text("2147483648 S0 1"),
        ketch.TextError,
        "LITERAL",
        "2147483647",
    ),
    "a number for a text": (
        lambda: glia.Network.from_text(3),  # type: ignore[arg-type]
        TypeError,
        "",
        "str or bytes",
    ),
    "a seed below 0": (
        lambda: glia.Network.from_text("", seed=-1),
        ketch.RangeError,
        "RANGE",
        "2^64",
    ),
    # sequences and data sets
    "a tick below 0": (
        lambda: SEQUENCE.add(-1, "S0", 1),
        ketch.RangeError,
        "RANGE",
        "0..2147483647",
    ),
    "a tick of 2^31": (lambda: SEQUENCE.add(2**31, "S0", 1), ketch.RangeError, "RANGE", "tick"),
    "an event that is nan": (
        lambda: SEQUENCE.add(0, "S0", NAN),
        ketch.RangeError,
        "NONFINITE",
        "finite",
    ),
    "an array of one dimension": (
        lambda: glia.create_sequence_from_array([1, 2], ["S0"]),
        ketch.RangeError,
        "SHAPE",
        "(ticks, 1)",
    ),
    "an episode of three": (
        lambda: glia.Dataset([(SEQUENCE, "O0", 1)]),  # type: ignore[list-item]
        TypeError,
        "",
        "pair",
    ),
    "an episode without a sequence": (
        lambda: glia.Dataset([("x", "O0")]),  # type: ignore[list-item]
        TypeError,
        "",
        "InputSequence",
    ),
    "a share above 1": (
        lambda: glia.Dataset([]).split(1.5),
        ketch.RangeError,
        "RANGE",
        "0..1",
    ),
    # configs
    "an unknown field": (
        lambda: glia.create_config(warmup=3),
        TypeError,
        "",
        "did you mean 'warmup_ticks'?",
    ),
    "an unknown field of grad": (
        lambda: glia.create_config(grad={"optimiser": "adam"}),
        TypeError,
        "",
        "did you mean 'optimizer'?",
    ),
    "an unknown optimizer": (
        lambda: glia.create_config(optimizer="adma"),
        ketch.RangeError,
        "RANGE",
        "'adamw'",
    ),
    "a learning rate that is nan": (
        lambda: glia.TrainingConfig(lr=NAN),
        ketch.RangeError,
        "NONFINITE",
        "lr",
    ),
    "a warm-up below 0": (
        lambda: glia.TrainingConfig(warmup_ticks=-1),
        ketch.RangeError,
        "RANGE",
        "warmup_ticks",
    ),
    "a text for a truth": (
        lambda: glia.TrainingConfig(shuffle="yes"),  # type: ignore[arg-type]
        TypeError,
        "",
        "bool",
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_call_says_what_is_wrong(name: str) -> None:
    call, kind, status, words = CALLS[name]
    before = pickle.dumps((NET, SEQUENCE))
    with pytest.raises(kind) as caught:
        call()
    assert words in str(caught.value)
    assert type(caught.value) is kind
    if isinstance(caught.value, ketch.Error):
        assert caught.value.status == status
    assert pickle.dumps((NET, SEQUENCE)) == before


def test_setting_an_unknown_field_says_the_nearest_one() -> None:
    config = glia.create_config()
    with pytest.raises(AttributeError, match=r"did you mean 'warmup_ticks'\?"):
        config.warmup = 3  # type: ignore[attr-defined]
    with pytest.raises(ketch.RangeError):
        config.grad.optimizer = "adma"
    assert config == glia.create_config()


def test_a_file_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    missing = tmp_path / "none.net"
    for call in (
        lambda: glia.Network.from_file(missing),
        lambda: glia.Network().load(missing),
        lambda: glia.load_sequence_file(missing),
        lambda: NET.save(tmp_path / "no" / "such.net"),
    ):
        with pytest.raises(FileNotFoundError) as caught:
            call()
        assert str(tmp_path) in str(caught.value)
    with pytest.raises(OSError, match=r"Not a regular file|directory"):
        glia.Network.from_file(tmp_path)
    os.mkfifo(tmp_path / "pipe.net")
    with pytest.raises(OSError, match="Not a regular file"):
        glia.Network.from_file(tmp_path / "pipe.net")
    with pytest.raises(ketch.RangeError):
        glia.load_dataset_from_directory(tmp_path)


def test_an_error_in_a_file_begins_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "wrong.net"
    path.write_text(TEXT + "NEURON N0 1 1\n")
    net = glia.Network(1)
    with pytest.raises(ketch.TextError) as caught:
        net.load(path)
    assert str(caught.value).startswith(f"{path}:5:14: found the end of the line")
    assert (caught.value.line, caught.value.column) == (5, 14)
    assert net.neuron_ids == ["S0"] and net.num_connections == 0


def test_what_lenient_reading_leaves_out_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "odd.net"
    path.write_text(TEXT + "what is this\nCONNECTION S0 X 5\nNEURON N0 1 1 odd\n")
    net = glia.Network.from_file(path)
    assert [(each.line, each.column) for each in net.skipped] == [(5, 1), (6, 15), (7, 15)]
    assert net.num_neurons == 4 and net.get_neuron("N0").resting == 0
    with pytest.raises(ketch.TextError, match=r"odd\.net:5:1:"):
        glia.Network.from_file(path, strict=True)


def test_a_network_in_use_is_busy() -> None:
    net = glia.Network(20, 20)
    begun, stop = threading.Event(), ketch.Stop()

    def hook(step: ketch.Step) -> None:
        begun.set()

    thread = threading.Thread(
        target=lambda: net.run(ticks=2**60, record=False, stop=stop, hook=hook)
    )
    thread.start()
    try:
        assert begun.wait(20)
        for call in (
            net.step,
            net.get_weights,
            lambda: net.add_neuron("O9"),
            lambda: net.inject("S0", 1),
            lambda: net.run(ticks=1),
            net.copy,
            net.get_firing_neurons,
        ):
            with pytest.raises(ketch.BusyError):
                call()
    finally:
        stop.set()
        thread.join()
    assert net.num_neurons == 40


def test_threads_on_networks_of_their_own_do_not_meet() -> None:
    def work(net: glia.Network) -> None:
        for _ in range(200):
            net.inject("S0", 50)
            net.step(3)
            net.get_state()

    nets = [glia.Network(3, 3) for _ in range(4)]
    threads = [threading.Thread(target=work, args=(net,)) for net in nets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [net.ticks for net in nets] == [600] * 4
    assert len({net.state["values"].tobytes() for net in nets}) == 1


def test_one_network_from_many_threads_is_busy_and_never_wrong() -> None:
    net, done = glia.Network(50, 200), []

    def work() -> None:
        for _ in range(300):
            try:
                net.step()
                done.append(1)
            except ketch.BusyError:
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert net.ticks == len(done)
